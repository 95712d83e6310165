/*
 * test-pictures.c - what the canvases draw, against pictures that somebody has looked at
 *
 * The trace is the builder's; size, font and its smoothing are fixed; and what draws is cairo, into
 * memory. What another machine may draw otherwise is for picture.h to say.
 *
 * Arguments: the folder of the reference pictures, one for the pictures of what failed, and the
 * scheme: light, dark, contrast or contrast-dark. With RENEW_PICTURES in the environment the
 * references are written instead of compared.
 */
#include "tests/viewer/picture.h"
#include "tests/viewer/sample-trace.h"
#include "viewer/app.h"
#include "viewer/compare-marks.h"
#include "viewer/export.h"
#include "viewer/metrics.h"
#include "viewer/overview.h"
#include "viewer/palette.h"
#include "viewer/time-ruler.h"
#include "viewer/timeline.h"
#include "viewer/wait-graph-place.h"
#include "viewer/wait-graph-view.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

enum {
	WIDTH = 640,
	LANES = 250,  /* pixels high */
	ROUNDS = 3,   /* of talk in the trace */
	FRAMES = 4,   /* until all is laid out and drawn */
	LIMIT_S = 60, /* a busy machine is slow */
};

static const char *references, *failures, *scheme;
static char *folder, *hung, *calm;
static TrvApp *app;
static TrvSession *session;
static TrvPair *pair;
static GtkWidget *window, *overview, *lanes, *timeline, *graph, *both;

/* --- waiting -----------------------------------------------------------------------------------
 */

static gboolean give_up(gpointer data)
{
	g_error("what should be drawn is not there after %d s", LIMIT_S);
	return G_SOURCE_REMOVE;
}

static gboolean count_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	gtk_widget_queue_draw(widget);
	return ++*(int *)data < FRAMES ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static bool is_read(TrvSession *which)
{
	return trv_session_state(which) == TRV_READY && trv_session_survey_share(which) >= 1 &&
	       trv_session_is_settled(which);
}

/* Until the traces have been searched through, and everything is drawn. */
static void settle(void)
{
	guint timer = g_timeout_add_seconds(LIMIT_S, give_up, NULL);
	int frames = 0;

	while (!is_read(session) || trv_pair_state(pair) != TRV_READY ||
	       !trv_session_is_settled(trv_pair_session(pair, TRC_RUN_A)) ||
	       !trv_session_is_settled(trv_pair_session(pair, TRC_RUN_B)))
		g_main_context_iteration(NULL, TRUE);
	gtk_widget_add_tick_callback(window, count_frame, &frames, NULL);
	while (frames < FRAMES)
		g_main_context_iteration(NULL, TRUE);
	g_source_remove(timer);
}

/* --- pictures ----------------------------------------------------------------------------------
 */

/* "failures/lanes-dark.png", with an ending before the dot that may be "". */
static char *picture_path(const char *where, const char *name, const char *ending)
{
	return g_strdup_printf("%s/%s-%s%s.png", where, name, scheme, ending);
}

static void draw(GtkWidget *widget, const char *path)
{
	g_autoptr(GError) error = trv_export_widget(widget, path);

	if (error)
		fail_msg("%s", error->message);
}

static struct picture load(const char *path)
{
	g_autoptr(GError) error = NULL;
	struct picture picture = {0};

	if (!picture_load(path, &picture, &error))
		fail_msg("cannot read the picture %s: %s", path, error->message);
	return picture;
}

/* As it would be saved, of the whole widget. */
static struct picture drawn(GtkWidget *widget)
{
	g_autofree char *path = picture_path(failures, "now", "");
	struct picture picture;

	draw(widget, path);
	picture = load(path);
	g_unlink(path);
	return picture;
}

static void tell(const char *name, const struct picture_difference *difference,
		 const struct picture *marks)
{
	g_autofree char *reference = picture_path(references, name, "");
	g_autofree char *got = picture_path(failures, name, "");
	g_autofree char *where = picture_path(failures, name, "-difference");

	picture_save(marks, where);
	fail_msg("%s does not look like %s: %zu of %zu squares differ, up to %zu of %zu side by "
		 "side, red in %s. If it should look so from now on: "
		 "RENEW_PICTURES=1 meson test -C build --suite pictures",
		 got, reference, difference->squares, difference->of_squares, difference->close,
		 difference->of_close, where);
}

static void assert_looks(GtkWidget *widget, const char *name)
{
	g_autofree char *reference = picture_path(references, name, "");
	g_autofree char *path = picture_path(failures, name, "");
	struct picture expected, got, marks;
	struct picture_difference difference;

	if (g_getenv("RENEW_PICTURES")) {
		draw(widget, reference);
		return;
	}
	draw(widget, path);
	expected = load(reference);
	got = load(path);
	if (got.width != expected.width || got.height != expected.height)
		fail_msg("%s is %dx%d pixels, and %s %dx%d", path, got.width, got.height, reference,
			 expected.width, expected.height);
	difference = picture_compare(&expected, &got, &marks);
	if (picture_differs(&difference))
		tell(name, &difference, &marks);
	g_unlink(path);
	picture_clear(&expected);
	picture_clear(&got);
	picture_clear(&marks);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void test_overview(void **state)
{
	assert_looks(overview, "overview");
}

static void test_lanes(void **state)
{
	assert_looks(lanes, "lanes");
}

static void look_at_graph(enum trv_graph_mode mode, const char *name)
{
	trv_wait_graph_view_set_mode(TRV_WAIT_GRAPH_VIEW(graph), mode);
	settle();
	assert_looks(graph, name);
}

static void test_waits(void **state)
{
	look_at_graph(TRV_GRAPH_WAITS, "waits");
}

static void test_handles(void **state)
{
	look_at_graph(TRV_GRAPH_HANDLES, "handles");
}

static void test_asks(void **state)
{
	look_at_graph(TRV_GRAPH_ASKS, "asks");
}

/* Far more actors than there is room for, in pairs or in groups of six. */
static void fit_many(bool pairs, double width, double height)
{
	struct trv_graph_painter painter = {
		.session = session,
		.mode = TRV_GRAPH_ASKS,
		.edges = g_array_new(FALSE, FALSE, sizeof(struct trv_graph_edge)),
		.text = trv_text_cache_new(graph),
		.placing = {1, 0, 0},
	};
	struct trv_link links[40];
	struct trv_graph_layout layout;

	for (uint64_t i = 0; i < G_N_ELEMENTS(links); i++) {
		struct trv_graph_edge edge = {.from = 100 + 2 * i,
					      .to = pairs ? 101 + 2 * i : 101 + i / 5 * 2};

		links[i] = (struct trv_link){edge.from, edge.to, 1};
		g_array_append_val((GArray *)painter.edges, edge);
	}
	trv_graph_layout_build(NULL, 0, links, G_N_ELEMENTS(links), &layout);
	painter.layout = &layout;
	painter.placing = trv_graph_fit(&painter, width, height);
	assert_true(painter.placing.scale * trv__graph_growth(&painter) > 0.84);
	assert_true(trv_graph_is_cut(&painter, width, height));
	assert_in_range(layout.places[0].x * painter.placing.scale + painter.placing.dx, 0, width);
	assert_in_range(layout.places[0].y * painter.placing.scale + painter.placing.dy, 0, height);
	g_array_unref((GArray *)painter.edges);
	trv_graph_layout_clear(&layout);
	trv_text_cache_free(painter.text);
}

static void test_many_actors_can_be_read(void **state)
{
	fit_many(true, 200, 100);
	fit_many(false, 200, 100);
}

static void test_two_runs(void **state)
{
	assert_looks(both, "compare");
}

static void assert_colour(GdkRGBA a, GdkRGBA b)
{
	assert_true(gdk_rgba_equal(&a, &b));
}

/* What the theme gives is what the palette's test knows of. */
static void test_palette_is_the_themes(void **state)
{
	struct trv_palette known, read;

	trv_palette_make(g_str_has_suffix(scheme, "dark"), g_str_has_prefix(scheme, "contrast"),
			 &known);
	trv_palette_read(timeline, &read);
	assert_int_equal(read.dark, known.dark);
	assert_int_equal(read.contrast, known.contrast);
	assert_colour(read.fg, known.fg);
	assert_colour(read.dim, known.dim);
	assert_colour(read.window, known.window);
	assert_colour(read.view, known.view);
	assert_colour(read.accent, known.accent);
	assert_colour(read.error, known.error);
	assert_colour(read.warning, known.warning);
}

/* --- the comparison itself: were it to let anything pass, all of the above would ----------------
 */

static bool look_different(const struct picture *a, const struct picture *b)
{
	struct picture_difference difference = picture_compare(a, b, NULL);

	return picture_differs(&difference);
}

/* What is drawn after `change` is another picture, and is the first one again after `back`. */
static void assert_seen(GtkWidget *widget, void (*change)(bool back))
{
	struct picture before = drawn(widget), changed, after;

	change(false);
	settle();
	changed = drawn(widget);
	change(true);
	settle();
	after = drawn(widget);
	assert_true(look_different(&before, &changed));
	assert_false(look_different(&before, &after));
	picture_clear(&before);
	picture_clear(&changed);
	picture_clear(&after);
}

static void move_playhead(bool back)
{
	struct trv_span whole = trv_session_limits(session);

	trv_session_set_time(session, trv_session_time(session) +
					      (back ? 1 : -1) * (whole.to - whole.from) / 100);
}

static void select_actor(bool back)
{
	trv_session_select_actor(session, back ? 0 : 2);
}

static void recolour(bool back)
{
	static GtkCssProvider *provider;
	GdkDisplay *display = gtk_widget_get_display(window);

	if (back) {
		gtk_style_context_remove_provider_for_display(display,
							      GTK_STYLE_PROVIDER(provider));
		g_clear_object(&provider);
		return;
	}
	provider = gtk_css_provider_new();
	gtk_css_provider_load_from_data(provider, "@define-color error_color #26a269;", -1);
	gtk_style_context_add_provider_for_display(display, GTK_STYLE_PROVIDER(provider),
						   GTK_STYLE_PROVIDER_PRIORITY_USER);
}

static GSettings *desktop; /* its wishes, as kept in memory for the test */

static void ask_for_contrast(bool back)
{
	g_settings_set_boolean(desktop, "high-contrast", !back);
}

static void test_follows_the_desktop_into_high_contrast(void **state)
{
	const char *name = "org.gnome.desktop.a11y.interface";
	GSettingsSchemaSource *source = g_settings_schema_source_get_default();
	g_autoptr(GSettingsSchema) schema =
		source ? g_settings_schema_source_lookup(source, name, TRUE) : NULL;

	if (!schema || g_str_has_prefix(scheme, "contrast"))
		skip();
	desktop = g_settings_new(name);
	assert_seen(lanes, ask_for_contrast);
	assert_seen(graph, ask_for_contrast);
	g_clear_object(&desktop);
}

static void enlarge(bool back)
{
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", (back ? 96 : 192) * PANGO_SCALE,
		     NULL);
}

/* While it runs: lanes, ruler, overview and graph are as large as their text. */
static void test_follows_the_size_of_text(void **state)
{
	int lane = trv_metrics()->lane, ruler = gtk_widget_get_height(lanes) - LANES;
	int strip = gtk_widget_get_height(overview);
	struct picture before = drawn(lanes), after;

	enlarge(false);
	settle();
	assert_true(trv_metrics()->lane > 3 * lane / 2);
	assert_true(trv_session_rows(session)->items[1].y == trv_metrics()->lane);
	assert_true(gtk_widget_get_height(lanes) - LANES > 3 * ruler / 2);
	assert_true(gtk_widget_get_height(overview) > 3 * strip / 2);
	assert_looks(lanes, "large-lanes");
	assert_looks(graph, "large-graph");
	enlarge(true);
	settle();
	assert_int_equal(trv_metrics()->lane, lane);
	after = drawn(lanes);
	assert_false(look_different(&before, &after));
	picture_clear(&before);
	picture_clear(&after);
}

static void test_sees_a_playhead_elsewhere(void **state)
{
	assert_seen(lanes, move_playhead);
	assert_seen(overview, move_playhead);
}

static void test_sees_a_selection(void **state)
{
	assert_seen(lanes, select_actor);
}

static void test_sees_another_colour(void **state)
{
	assert_seen(lanes, recolour);
	trv_wait_graph_view_set_mode(TRV_WAIT_GRAPH_VIEW(graph), TRV_GRAPH_WAITS);
	settle();
	assert_seen(graph, recolour);
}

/* An arrow as thick as the timeline's, over what the timeline has drawn. */
static void draw_arrow(struct picture *picture, double x)
{
	cairo_surface_t *surface = cairo_image_surface_create_for_data(
		(guchar *)picture->pixels, CAIRO_FORMAT_ARGB32, picture->width, picture->height,
		picture->width * 4);
	cairo_t *cairo = cairo_create(surface);

	cairo_set_source_rgb(cairo, 0.21, 0.52, 0.89);
	cairo_set_line_width(cairo, 1.2);
	cairo_move_to(cairo, x, picture->height / 4.0);
	cairo_line_to(cairo, x + 6, picture->height / 2.0);
	cairo_stroke(cairo);
	cairo_destroy(cairo);
	cairo_surface_destroy(surface);
}

static void test_sees_an_arrow_elsewhere(void **state)
{
	struct picture ground = drawn(lanes);
	struct picture here = picture_part(&ground, 0, 0, ground.width, ground.height);
	struct picture beside = picture_part(&ground, 0, 0, ground.width, ground.height);
	struct picture nearly = picture_part(&ground, 0, 0, ground.width, ground.height);

	draw_arrow(&here, WIDTH / 2.0);
	draw_arrow(&beside, WIDTH / 2.0 + 3);
	draw_arrow(&nearly, WIDTH / 2.0 + 0.2);
	assert_true(look_different(&here, &beside));
	assert_true(look_different(&here, &ground));
	assert_false(look_different(&here, &nearly));
	picture_clear(&ground);
	picture_clear(&here);
	picture_clear(&beside);
	picture_clear(&nearly);
}

/* As everything does when one thing above it is a pixel higher. */
static void test_sees_what_moved_by_two_pixels(void **state)
{
	struct picture whole = drawn(lanes);
	struct picture upper = picture_part(&whole, 0, 0, whole.width, whole.height - 2);
	struct picture lower = picture_part(&whole, 0, 2, whole.width, whole.height - 2);

	assert_true(look_different(&upper, &lower));
	picture_clear(&whole);
	picture_clear(&upper);
	picture_clear(&lower);
}

/* Letters of another FreeType, or of another taste, are no difference. */
static void test_bears_letters_smoothed_otherwise(void **state)
{
	GtkSettings *settings = gtk_settings_get_default();
	struct picture before = drawn(lanes), after;

	g_object_set(settings, "gtk-xft-hinting", 1, "gtk-xft-hintstyle", "hintslight", NULL);
	settle();
	after = drawn(lanes);
	assert_true(memcmp(before.pixels, after.pixels,
			   (size_t)before.width * (size_t)before.height * 4) != 0);
	assert_false(look_different(&before, &after));
	g_object_set(settings, "gtk-xft-hinting", 0, NULL);
	settle();
	picture_clear(&before);
	picture_clear(&after);
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static void write_trace(const char *path, bool hang)
{
	struct sample *sample = sample_new(path);
	struct builder *builder = sample_builder(sample);

	build_chat(builder, ROUNDS, false);
	build_clone(builder, 1, 2);
	build_clone(builder, 1, 3);
	build_clone(builder, 2, 1);
	build_clone(builder, 3, 1);
	build_clone(builder, 3, 1);
	build_log(builder, 1, "three are here");
	if (hang)
		build_hang(builder);
	sample_end(sample, true);
}

/* Nothing of the machine's taste. */
static void fix_the_look(void)
{
	g_object_set(gtk_settings_get_default(), "gtk-font-name", "DejaVu Sans 10",
		     "gtk-xft-antialias", 1, "gtk-xft-hinting", 0, "gtk-xft-rgba", "none",
		     "gtk-xft-dpi", 96 * PANGO_SCALE, "gtk-enable-animations", FALSE, NULL);
	adw_style_manager_set_color_scheme(adw_style_manager_get_default(),
					   g_str_has_suffix(scheme, "dark")
						   ? ADW_COLOR_SCHEME_FORCE_DARK
						   : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

static GtkWidget *new_box(GtkOrientation orientation)
{
	GtkWidget *box = gtk_box_new(orientation, 0);

	gtk_widget_set_halign(box, GTK_ALIGN_START);
	gtk_widget_set_valign(box, GTK_ALIGN_START);
	return box;
}

static GtkWidget *add(GtkWidget *box, GType type, int height)
{
	GtkWidget *widget = g_object_new(type, "width-request", WIDTH, "height-request", height,
					 "hexpand", FALSE, "vexpand", FALSE, NULL);

	gtk_box_append(GTK_BOX(box), widget);
	return widget;
}

static GtkWidget *add_lanes(GtkWidget *box, TrvSession *of, int height)
{
	trv_time_ruler_set_session(TRV_TIME_RULER(add(box, TRV_TYPE_TIME_RULER, -1)), of);
	return add(box, TRV_TYPE_TIMELINE, height);
}

static GtkWidget *new_run(enum trc_run run)
{
	GtkWidget *overlay = gtk_overlay_new(), *box = new_box(GTK_ORIENTATION_VERTICAL);
	TrvTimeline *of = TRV_TIMELINE(add_lanes(box, trv_pair_session(pair, run), LANES));

	trv_timeline_set_session(of, trv_pair_session(pair, run));
	g_object_ref(of);
	gtk_box_remove(GTK_BOX(box), GTK_WIDGET(of));
	gtk_overlay_set_child(GTK_OVERLAY(overlay), GTK_WIDGET(of));
	g_object_unref(of);
	gtk_overlay_add_overlay(GTK_OVERLAY(overlay), trv_compare_marks_new(pair, run, of));
	gtk_box_append(GTK_BOX(box), overlay);
	return box;
}

static void open_window(void)
{
	GtkWidget *columns = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 0);
	GtkWidget *left = new_box(GTK_ORIENTATION_VERTICAL);

	both = new_box(GTK_ORIENTATION_VERTICAL);
	gtk_box_append(GTK_BOX(columns), left);
	gtk_box_append(GTK_BOX(columns), both);
	session = trv_session_new();
	overview = add(left, TRV_TYPE_OVERVIEW, -1);
	lanes = new_box(GTK_ORIENTATION_VERTICAL);
	gtk_box_append(GTK_BOX(left), lanes);
	timeline = add_lanes(lanes, session, LANES);
	graph = add(left, TRV_TYPE_WAIT_GRAPH_VIEW, LANES);
	trv_overview_set_session(TRV_OVERVIEW(overview), session);
	trv_timeline_set_session(TRV_TIMELINE(timeline), session);
	trv_wait_graph_view_set_session(TRV_WAIT_GRAPH_VIEW(graph), session);
	pair = trv_pair_new();
	gtk_box_append(GTK_BOX(both), new_run(TRC_RUN_A));
	gtk_box_append(GTK_BOX(both), new_run(TRC_RUN_B));
	window = gtk_application_window_new(GTK_APPLICATION(app));
	gtk_window_set_child(GTK_WINDOW(window), columns);
	gtk_window_present(GTK_WINDOW(window));
}

static int set_up(void **state)
{
	folder = g_dir_make_tmp("actorscope-viewer-XXXXXX", NULL);
	assert_non_null(folder);
	hung = g_build_filename(folder, "hung.db", NULL);
	calm = g_build_filename(folder, "calm.db", NULL);
	write_trace(hung, true);
	write_trace(calm, false);
	assert_int_equal(g_mkdir_with_parents(failures, 0777), 0);
	app = trv_app_new();
	assert_true(g_application_register(G_APPLICATION(app), NULL, NULL));
	fix_the_look();
	open_window();
	trv_session_open(session, hung);
	trv_pair_open(pair, calm, hung);
	settle();
	return 0;
}

static int tear_down(void **state)
{
	gtk_window_destroy(GTK_WINDOW(window));
	g_object_unref(session);
	g_object_unref(pair);
	g_object_unref(app);
	g_unlink(hung);
	g_unlink(calm);
	g_rmdir(folder);
	g_free(hung);
	g_free(calm);
	g_free(folder);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_overview),
		cmocka_unit_test(test_lanes),
		cmocka_unit_test(test_waits),
		cmocka_unit_test(test_handles),
		cmocka_unit_test(test_asks),
		cmocka_unit_test(test_many_actors_can_be_read),
		cmocka_unit_test(test_two_runs),
		cmocka_unit_test(test_palette_is_the_themes),
		cmocka_unit_test(test_follows_the_desktop_into_high_contrast),
		cmocka_unit_test(test_follows_the_size_of_text),
		cmocka_unit_test(test_sees_a_playhead_elsewhere),
		cmocka_unit_test(test_sees_a_selection),
		cmocka_unit_test(test_sees_another_colour),
		cmocka_unit_test(test_sees_an_arrow_elsewhere),
		cmocka_unit_test(test_sees_what_moved_by_two_pixels),
		cmocka_unit_test(test_bears_letters_smoothed_otherwise),
	};

	if (argc != 4)
		return 2;
	references = argv[1];
	failures = argv[2];
	scheme = argv[3];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
