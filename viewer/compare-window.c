#include "viewer/compare-window.h"

#include "viewer/compare-marks.h"
#include "viewer/difference-list.h"
#include "viewer/time-ruler.h"
#include "viewer/words.h"

struct _TrvCompareWindow {
	AdwApplicationWindow parent_instance;

	TrvPair *pair;
	AdwWindowTitle *title;
	GtkStack *pages;
	AdwStatusPage *loading_page, *failed_page;
	GtkProgressBar *progress;
	GtkLabel *name_a, *name_b;
	TrvTimeRuler *ruler_a, *ruler_b;
	GtkOverlay *lanes_a, *lanes_b;
	TrvTimeline *timeline_a, *timeline_b;
	GtkScrollbar *scrollbar_a, *scrollbar_b;
	bool scrolling; /* one of them follows the other */
	GtkPaned *rows;
	GtkPaned *sides;
	TrvDifferenceList *differences;
};

G_DEFINE_FINAL_TYPE(TrvCompareWindow, trv_compare_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- showing the pair --------------------------------------------------------------------------
 */

static char *name_of(TrvPair *pair, enum trc_run run)
{
	const char *path = trv_pair_path(pair, run);

	return path ? g_filename_display_basename(path) : g_strdup("");
}

static char *summary(TrvPair *pair)
{
	const struct trc_comparison *comparison = trv_pair_comparison(pair);
	const char *ignoring =
		trv_pair_ignores_payload(pair) ? " · what is in messages is ignored" : "";
	size_t first = trc_comparison_first_count(comparison);
	size_t serious = trc_comparison_serious_count(comparison);
	struct trc_comparison_totals totals = trc_comparison_totals(comparison);
	g_autofree char *equal = trv_words_counted(totals.equal, "equal step", "equal steps");
	g_autofree char *firsts = trv_words_counted(first, "first difference", "first differences");

	if (serious == 0)
		return g_strdup_printf("No difference · %s%s", equal, ignoring);
	return g_strdup_printf("%s · %zu more follow · %s%s", firsts, serious - first, equal,
			       ignoring);
}

static void show_name(TrvCompareWindow *window, enum trc_run run, GtkLabel *label)
{
	const struct trc_comparison *comparison = trv_pair_comparison(window->pair);
	struct trc_comparison_totals totals = trc_comparison_totals(comparison);
	g_autofree char *name = name_of(window->pair, run), *text = NULL;
	GString *words = g_string_new(NULL);

	g_string_append_printf(words, "%s  %s", trc_run_name(run), name);
	if (totals.only[run] > 0)
		g_string_append_printf(words, " · %zu actors only here", totals.only[run]);
	if (totals.lost[run] > 0)
		g_string_append(words, " · events were lost");
	if (totals.live[run])
		g_string_append(words, " · still recording, or cut off: compared up to where it "
				       "was");
	text = g_string_free(words, FALSE);
	gtk_label_set_text(label, text);
}

static void show_title(TrvCompareWindow *window)
{
	const struct trc_comparison *comparison = trv_pair_comparison(window->pair);
	g_autofree char *a = name_of(window->pair, TRC_RUN_A);
	g_autofree char *b = name_of(window->pair, TRC_RUN_B);
	g_autofree char *both = g_strdup_printf("%s and %s", a, b);
	g_autofree char *window_title = g_strdup_printf("%s – Actorscope", both);
	g_autofree char *subtitle = comparison ? summary(window->pair) : g_strdup("");

	adw_window_title_set_title(window->title, both);
	adw_window_title_set_subtitle(window->title, subtitle);
	gtk_window_set_title(GTK_WINDOW(window), window_title);
	adw_status_page_set_description(window->loading_page, both);
	if (comparison) {
		show_name(window, TRC_RUN_A, window->name_a);
		show_name(window, TRC_RUN_B, window->name_b);
	}
}

static void show_state(TrvCompareWindow *window)
{
	static const char *const pages[] = {"cancelled", "loading", "runs", "failed"};
	enum trv_state state = trv_pair_state(window->pair);

	if (state == TRV_FAILED) {
		g_autofree char *text = g_markup_escape_text(trv_pair_error(window->pair), -1);

		adw_status_page_set_description(window->failed_page, text);
	}
	gtk_stack_set_visible_child_name(window->pages, pages[state]);
	gtk_progress_bar_set_fraction(window->progress, trv_pair_progress(window->pair));
	show_title(window);
}

static void enable_actions(TrvCompareWindow *window)
{
	static const char *const names[] = {"win.next-difference", "win.previous-difference",
					    "win.linked",          "win.zoom-in",
					    "win.zoom-out",        "win.earlier",
					    "win.later",           "win.fit",
					    "win.step-on",         "win.step-back"};
	bool ready = trv_pair_state(window->pair) == TRV_READY;

	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.cancel",
				      trv_pair_state(window->pair) == TRV_LOADING);
	for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
		gtk_widget_action_set_enabled(GTK_WIDGET(window), names[i], ready);
}

static void on_changed(TrvPair *pair, TrvCompareWindow *window)
{
	show_state(window);
	enable_actions(window);
	g_object_notify(G_OBJECT(window), "linked");
	g_object_notify(G_OBJECT(window), "ignore-payload");
}

/* --- actions -----------------------------------------------------------------------------------
 */

/* The run whose lanes have the focus; the other one follows. */
static TrvSession *leader(TrvCompareWindow *window)
{
	GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));
	bool b = focus &&
		 (focus == GTK_WIDGET(window->timeline_b) || focus == GTK_WIDGET(window->ruler_b));

	return trv_pair_session(window->pair, b ? TRC_RUN_B : TRC_RUN_A);
}

static void move_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvSession *session = leader(TRV_COMPARE_WINDOW(widget));

	if (g_str_equal(name, "win.zoom-in"))
		trv_session_zoom(session, 1.5, trv_session_time(session));
	else if (g_str_equal(name, "win.zoom-out"))
		trv_session_zoom(session, 1 / 1.5, trv_session_time(session));
	else if (g_str_equal(name, "win.earlier"))
		trv_session_pan(session, -0.15);
	else if (g_str_equal(name, "win.later"))
		trv_session_pan(session, 0.15);
	else if (g_str_equal(name, "win.fit"))
		trv_session_fit(session);
	else
		trv_session_step(session, trv_session_selected_actor(session),
				 g_str_equal(name, "win.step-on"));
}

static void difference_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	if (!trv_pair_go_to_neighbour(TRV_COMPARE_WINDOW(widget)->pair,
				      g_str_equal(name, "win.next-difference") ? 1 : -1))
		gtk_widget_error_bell(widget);
}

static void load_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvPair *pair = TRV_COMPARE_WINDOW(widget)->pair;

	if (g_str_equal(name, "win.cancel"))
		trv_pair_cancel(pair);
	else if (g_str_equal(name, "win.swap"))
		trv_pair_open(pair, trv_pair_path(pair, TRC_RUN_B), trv_pair_path(pair, TRC_RUN_A));
	else
		trv_pair_reload(pair);
}

static void open_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	enum trc_run run = g_str_equal(name, "win.open-a") ? TRC_RUN_A : TRC_RUN_B;
	const char *path = trv_pair_path(TRV_COMPARE_WINDOW(widget)->pair, run);
	g_autoptr(GFile) file = path ? g_file_new_for_path(path) : NULL;

	if (file)
		g_application_open(g_application_get_default(), &file, 1, "");
}

static void install_actions(GtkWidgetClass *class)
{
	static const char *const moves[] = {"win.zoom-in",  "win.zoom-out", "win.earlier",
					    "win.later",    "win.fit",      "win.step-on",
					    "win.step-back"};

	for (size_t i = 0; i < G_N_ELEMENTS(moves); i++)
		gtk_widget_class_install_action(class, moves[i], NULL, move_action);
	gtk_widget_class_install_action(class, "win.next-difference", NULL, difference_action);
	gtk_widget_class_install_action(class, "win.previous-difference", NULL, difference_action);
	gtk_widget_class_install_action(class, "win.reload", NULL, load_action);
	gtk_widget_class_install_action(class, "win.cancel", NULL, load_action);
	gtk_widget_class_install_action(class, "win.swap", NULL, load_action);
	gtk_widget_class_install_action(class, "win.open-a", NULL, open_action);
	gtk_widget_class_install_action(class, "win.open-b", NULL, open_action);
	gtk_widget_class_install_property_action(class, "win.linked", "linked");
	gtk_widget_class_install_property_action(class, "win.ignore-payload", "ignore-payload");
}

/* The other keys are those of the same actions in the main window. */
static void set_accels(GtkApplication *application)
{
	static const struct {
		const char *name, *keys[2];
	} actions[] = {
		{"win.next-difference", {"F7"}},       {"win.previous-difference", {"<Shift>F7"}},
		{"win.linked", {"<Control>l"}},        {"win.ignore-payload", {"<Control>i"}},
		{"win.swap", {"<Control><Shift>x"}},   {"win.open-a", {"<Control><Shift>a"}},
		{"win.open-b", {"<Control><Shift>b"}},
	};

	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
		gtk_application_set_accels_for_action(application, actions[i].name,
						      actions[i].keys);
}

/* --- lanes -------------------------------------------------------------------------------------
 */

/* The one with more lanes goes further than the other, which does not call it back from there. */
static void on_scrolled(GtkAdjustment *from, TrvCompareWindow *window)
{
	GtkAdjustment *a = trv_timeline_vadjustment(window->timeline_a);
	GtkAdjustment *b = trv_timeline_vadjustment(window->timeline_b);
	GtkAdjustment *to = from == a ? b : a;
	double value = gtk_adjustment_get_value(from);
	double end = gtk_adjustment_get_upper(from) - gtk_adjustment_get_page_size(from);

	if (window->scrolling || (value >= end && gtk_adjustment_get_value(to) > value))
		return;
	window->scrolling = true;
	gtk_adjustment_set_value(to, value);
	window->scrolling = false;
}

static void set_label(GtkWidget *widget, const char *label)
{
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL, label,
				       -1);
}

static void join_lanes(TrvCompareWindow *window)
{
	GtkAdjustment *a = trv_timeline_vadjustment(window->timeline_a);
	GtkAdjustment *b = trv_timeline_vadjustment(window->timeline_b);

	gtk_scrollbar_set_adjustment(window->scrollbar_a, a);
	gtk_scrollbar_set_adjustment(window->scrollbar_b, b);
	g_signal_connect_object(a, "value-changed", G_CALLBACK(on_scrolled), window, 0);
	g_signal_connect_object(b, "value-changed", G_CALLBACK(on_scrolled), window, 0);
	gtk_overlay_add_overlay(window->lanes_a,
				trv_compare_marks_new(window->pair, TRC_RUN_A, window->timeline_a));
	gtk_overlay_add_overlay(window->lanes_b,
				trv_compare_marks_new(window->pair, TRC_RUN_B, window->timeline_b));
	set_label(GTK_WIDGET(window->timeline_a), "Timeline of A");
	set_label(GTK_WIDGET(window->timeline_b), "Timeline of B");
	set_label(GTK_WIDGET(window->ruler_a), "Time ruler of A");
	set_label(GTK_WIDGET(window->ruler_b), "Time ruler of B");
}

/* The lanes get most of the height that is there at first, in halves; later the user moves it. */
static void on_resized(GtkPaned *paned, GParamSpec *spec, TrvCompareWindow *window)
{
	int height = gtk_widget_get_height(GTK_WIDGET(paned));

	if (height <= 0)
		return;
	g_signal_handlers_disconnect_by_func(paned, on_resized, window);
	gtk_paned_set_position(paned, paned == window->rows ? height * 7 / 10 : height / 2);
}

/* --- life --------------------------------------------------------------------------------------
 */

enum { PROPERTY_LINKED = 1, PROPERTY_IGNORE_PAYLOAD };

static void trv_compare_window_get_property(GObject *object, guint id, GValue *value,
					    GParamSpec *spec)
{
	TrvPair *pair = TRV_COMPARE_WINDOW(object)->pair;

	g_value_set_boolean(value, id == PROPERTY_LINKED ? trv_pair_is_linked(pair)
							 : trv_pair_ignores_payload(pair));
}

static void trv_compare_window_set_property(GObject *object, guint id, const GValue *value,
					    GParamSpec *spec)
{
	TrvPair *pair = TRV_COMPARE_WINDOW(object)->pair;

	if (id == PROPERTY_LINKED)
		trv_pair_set_linked(pair, g_value_get_boolean(value));
	else
		trv_pair_set_ignore_payload(pair, g_value_get_boolean(value));
}

static void trv_compare_window_dispose(GObject *object)
{
	TrvCompareWindow *window = TRV_COMPARE_WINDOW(object);

	trv_pair_cancel(window->pair);
	gtk_widget_dispose_template(GTK_WIDGET(window), TRV_TYPE_COMPARE_WINDOW);
	G_OBJECT_CLASS(trv_compare_window_parent_class)->dispose(object);
}

static void trv_compare_window_finalize(GObject *object)
{
	g_object_unref(TRV_COMPARE_WINDOW(object)->pair);
	G_OBJECT_CLASS(trv_compare_window_parent_class)->finalize(object);
}

static void bind_children(GtkWidgetClass *class)
{
	gtk_widget_class_set_template_from_resource(class,
						    "/org/actorscope/Viewer/compare-window.ui");
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, title);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, pages);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, loading_page);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, failed_page);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, progress);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, name_a);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, name_b);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, ruler_a);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, ruler_b);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, lanes_a);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, lanes_b);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, timeline_a);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, timeline_b);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, scrollbar_a);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, scrollbar_b);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, rows);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, sides);
	gtk_widget_class_bind_template_child(class, TrvCompareWindow, differences);
}

static void trv_compare_window_class_init(TrvCompareWindowClass *class)
{
	GObjectClass *object_class = G_OBJECT_CLASS(class);

	object_class->dispose = trv_compare_window_dispose;
	object_class->finalize = trv_compare_window_finalize;
	object_class->get_property = trv_compare_window_get_property;
	object_class->set_property = trv_compare_window_set_property;
	g_object_class_install_property(
		object_class, PROPERTY_LINKED,
		g_param_spec_boolean("linked", NULL, NULL, TRUE, G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_IGNORE_PAYLOAD,
		g_param_spec_boolean("ignore-payload", NULL, NULL, FALSE, G_PARAM_READWRITE));
	g_type_ensure(TRV_TYPE_TIMELINE);
	g_type_ensure(TRV_TYPE_TIME_RULER);
	g_type_ensure(TRV_TYPE_DIFFERENCE_LIST);
	bind_children(GTK_WIDGET_CLASS(class));
	install_actions(GTK_WIDGET_CLASS(class));
}

static void trv_compare_window_init(TrvCompareWindow *window)
{
	TrvSession *a, *b;

	window->pair = trv_pair_new();
	a = trv_pair_session(window->pair, TRC_RUN_A);
	b = trv_pair_session(window->pair, TRC_RUN_B);
	gtk_widget_init_template(GTK_WIDGET(window));
	trv_time_ruler_set_session(window->ruler_a, a);
	trv_time_ruler_set_session(window->ruler_b, b);
	trv_timeline_set_session(window->timeline_a, a);
	trv_timeline_set_session(window->timeline_b, b);
	trv_difference_list_set_pair(window->differences, window->pair);
	join_lanes(window);
	g_signal_connect_object(window->pair, "changed", G_CALLBACK(on_changed), window, 0);
	g_signal_connect(window->rows, "notify::max-position", G_CALLBACK(on_resized), window);
	g_signal_connect(window->sides, "notify::max-position", G_CALLBACK(on_resized), window);
}

TrvCompareWindow *trv_compare_window_new(GtkApplication *application)
{
	g_autoptr(GtkBuilder) keys = NULL;
	TrvCompareWindow *window =
		g_object_new(TRV_TYPE_COMPARE_WINDOW, "application", application, NULL);

	keys = gtk_builder_new_from_resource("/org/actorscope/Viewer/compare-keys.ui");
	gtk_application_window_set_help_overlay(
		GTK_APPLICATION_WINDOW(window),
		GTK_SHORTCUTS_WINDOW(gtk_builder_get_object(keys, "sheet")));
	set_accels(application);
	return window;
}

void trv_compare_window_open(TrvCompareWindow *window, const char *a, const char *b)
{
	trv_pair_open(window->pair, a, b);
}

TrvPair *trv_compare_window_pair(TrvCompareWindow *window)
{
	return window->pair;
}

TrvTimeline *trv_compare_window_timeline(TrvCompareWindow *window, enum trc_run run)
{
	return run == TRC_RUN_A ? window->timeline_a : window->timeline_b;
}
