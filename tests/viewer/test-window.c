/*
 * test-window.c - the whole window on a display, driven by keys and clicks of an X client
 *
 * Every wait is for a condition, with a generous limit; nothing sleeps for a fixed time.
 */
#include "viewer/actor-list.h"
#include "viewer/app.h"
#include "viewer/finding-list.h"
#include "viewer/time-ruler.h"
#include "viewer/timeline-scene.h"
#include "viewer/window.h"

#include "tests/viewer/sample-trace.h"

#include <gdk/x11/gdkx.h>
#include <glib/gstdio.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { LIMIT_S = 30, ROUNDS = 20 };

static struct {
	char *folder;
	char *hang, *calm, *broken; /* traces */
	TrvApp *app;
	TrvWindow *window;
	TrvSession *session;
	Window xid;
} on;

/* --- waiting -----------------------------------------------------------------------------------
 */

static gboolean set_flag(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

/* Runs the main loop until `condition` holds. */
#define WAIT_FOR(condition)                                                      \
	do {                                                                     \
		bool late_ = false;                                              \
		guint timer_ = g_timeout_add_seconds(LIMIT_S, set_flag, &late_); \
		while (!(condition) && !late_)                                   \
			g_main_context_iteration(NULL, TRUE);                    \
		if (!late_)                                                      \
			g_source_remove(timer_);                                 \
		assert_true(condition);                                          \
	} while (0)

static gboolean count_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	return ++*(int *)data < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* Until what has changed is also laid out and drawn. */
static void wait_for_frames(void)
{
	int frames = 0;

	gtk_widget_add_tick_callback(GTK_WIDGET(on.window), count_frame, &frames, NULL);
	WAIT_FOR(frames >= 3);
}

/* --- input -------------------------------------------------------------------------------------
 */

static void xdotool(const char *const *arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_NONE, &error);

	if (!process)
		fail_msg("xdotool: %s", error->message);
	assert_true(g_subprocess_wait_check(process, NULL, &error));
}

static void press(const char *key)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);

	xdotool((const char *const[]){"xdotool", "windowfocus", "--sync", window, "key", key,
				      NULL});
}

/* From a widget's to its X window's coordinates. */
static void locate(GtkWidget *widget, double x, double y, char text[2][16])
{
	double left, top, dx, dy;
	GtkNative *native = gtk_widget_get_native(widget);

	assert_true(
		gtk_widget_translate_coordinates(widget, GTK_WIDGET(native), x, y, &left, &top));
	gtk_native_get_surface_transform(native, &dx, &dy);
	g_snprintf(text[0], 16, "%d", (int)lround(left + dx));
	g_snprintf(text[1], 16, "%d", (int)lround(top + dy));
}

static void click(GtkWidget *widget, double x, double y)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char at[2][16];

	locate(widget, x, y, at);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, at[0], at[1],
				      "click", "1", NULL});
}

static void drag(GtkWidget *widget, double x, double y, double to_x, double to_y)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char from[2][16], to[2][16];

	locate(widget, x, y, from);
	locate(widget, to_x, to_y, to);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, from[0], from[1],
				      "mousedown", "1", "mousemove", "--window", window, to[0],
				      to[1], "mouseup", "1", NULL});
}

/* Button 4 is the wheel turned away from one. */
static void turn_wheel(GtkWidget *widget, double x, double y, const char *button, const char *key)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char at[2][16];

	locate(widget, x, y, at);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, at[0], at[1],
				      "keydown", key, "click", button, "keyup", key, NULL});
}

static GtkWidget *find(GtkWidget *widget, GType type)
{
	if (G_TYPE_CHECK_INSTANCE_TYPE(widget, type))
		return widget;
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child)) {
		GtkWidget *found = find(child, type);

		if (found)
			return found;
	}
	return NULL;
}

static GtkWidget *find_named(GType (*type)(void))
{
	GtkWidget *widget = find(GTK_WIDGET(on.window), type());

	assert_non_null(widget);
	return widget;
}

/* Whether a visible label of the window holds `text`. */
static bool shows(GtkWidget *widget, const char *text)
{
	if (!gtk_widget_get_mapped(widget))
		return false;
	if (GTK_IS_LABEL(widget) && strstr(gtk_label_get_text(GTK_LABEL(widget)), text))
		return true;
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child)) {
		if (shows(child, text))
			return true;
	}
	return false;
}

static void activate(const char *action)
{
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), action, NULL));
}

/* --- set-up ------------------------------------------------------------------------------------
 */

static int open_window(void **state)
{
	on.window = trv_window_new(GTK_APPLICATION(on.app));
	on.session = trv_window_session(on.window);
	gtk_window_set_default_size(GTK_WINDOW(on.window), 1300, 800);
	gtk_window_present(GTK_WINDOW(on.window));
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(on.window)));
	on.xid = gdk_x11_surface_get_xid(gtk_native_get_surface(GTK_NATIVE(on.window)));
	wait_for_frames();
	return 0;
}

static int close_window(void **state)
{
	gtk_window_destroy(GTK_WINDOW(on.window));
	return 0;
}

static void open_trace(const char *path)
{
	trv_window_open(on.window, path);
	WAIT_FOR(trv_session_state(on.session) >= TRV_READY);
	wait_for_frames();
}

static const struct trc_finding *finding(size_t index)
{
	const struct trc_findings *findings = &trv_session_survey(on.session)->findings;

	assert_true(index < findings->count);
	return &findings->items[index];
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void test_starts_empty(void **state)
{
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
	assert_true(shows(GTK_WIDGET(on.window), "Open a Trace"));
	press("n"); /* keys of a trace do nothing without one */
	wait_for_frames();
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
}

static void test_opens_on_the_deadlock(void **state)
{
	const struct trc_finding *deadlock;
	struct trv_span view;

	open_trace(on.hang);
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	deadlock = finding(0);
	assert_int_equal(deadlock->code, TRC_CODE_DEADLOCK);
	assert_int_equal(deadlock->actor_count, 2);
	assert_ptr_equal(trv_session_focus(on.session), deadlock);
	assert_int_equal(trv_session_selection(on.session)->kind, TRV_SELECTED_FINDING);
	/* its actors at the top, its instant at the playhead and in sight */
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(trv_session_lane(on.session, i), deadlock->actors[i]);
	assert_int_equal(trv_session_lane_count(on.session), 5);
	assert_int_equal(trv_session_time(on.session), trv_finding_instant(deadlock));
	view = trv_session_view(on.session);
	for (unsigned i = 0; i < deadlock->core_edge_count; i++) {
		assert_true((int64_t)deadlock->edges[i].since > view.from);
		assert_true((int64_t)deadlock->edges[i].since < view.to);
	}
	/* its words in the list and in the inspector */
	assert_true(shows(find_named(gtk_list_box_get_type), deadlock->title));
	assert_true(shows(GTK_WIDGET(on.window), "In Words"));
	assert_int_equal(trv_session_waits(on.session)->count, 3);
}

static void test_steps_and_returns_to_the_finding(void **state)
{
	int64_t instant, before;

	open_trace(on.hang);
	instant = trv_session_time(on.session);
	press("comma");
	WAIT_FOR(trv_session_time(on.session) < instant);
	before = trv_session_time(on.session);
	press("comma");
	WAIT_FOR(trv_session_time(on.session) < before);
	press("period");
	WAIT_FOR(trv_session_time(on.session) == before);
	press("period");
	WAIT_FOR(trv_session_time(on.session) == instant);
	/* one event before the ring closed, not all waits were there */
	press("comma");
	WAIT_FOR(trv_session_time(on.session) == before);
	assert_int_equal(trv_session_waits(on.session)->count, 2);
	press("f");
	WAIT_FOR(trv_session_time(on.session) == instant);
	assert_int_equal(trv_session_waits(on.session)->count, 3);
}

static void test_zooms_pans_and_fits(void **state)
{
	struct trv_span limits, view, closer;

	open_trace(on.calm);
	press("0");
	limits = trv_session_limits(on.session);
	WAIT_FOR(trv_session_view(on.session).from == limits.from);
	view = trv_session_view(on.session);
	assert_int_equal(view.to, limits.to);
	press("w");
	WAIT_FOR(trv_session_view(on.session).to - trv_session_view(on.session).from <
		 view.to - view.from);
	closer = trv_session_view(on.session);
	press("a");
	WAIT_FOR(trv_session_view(on.session).from < closer.from);
	press("d");
	WAIT_FOR(trv_session_view(on.session).from == closer.from);
	press("s");
	press("s");
	WAIT_FOR(trv_session_view(on.session).to - trv_session_view(on.session).from ==
		 view.to - view.from);
}

static void test_click_selects_the_wait_and_moves_the_playhead(void **state)
{
	GtkWidget *timeline;
	const struct trc_finding *deadlock;
	const struct trc_edge *edge;
	double x, y;

	open_trace(on.hang);
	timeline = GTK_WIDGET(trv_window_timeline(on.window));
	deadlock = finding(0);
	edge = &deadlock->edges[0];
	if (deadlock->edges[1].since < edge->since)
		edge = &deadlock->edges[1];
	/* the one who waited first is in its wait before the ring closes */
	assert_true(trv_timeline_point(TRV_TIMELINE(timeline), edge->from,
				       ((int64_t)edge->since + trv_session_time(on.session)) / 2,
				       &x, &y));
	click(timeline, x, y);
	WAIT_FOR(trv_session_selection(on.session)->kind == TRV_SELECTED_WAIT);
	assert_int_equal(trv_session_selection(on.session)->actor, edge->from);
	assert_true(trv_session_time(on.session) < trv_finding_instant(deadlock));
	WAIT_FOR(shows(GTK_WIDGET(on.window), "still waiting"));
	assert_ptr_equal(trv_session_focus(on.session), deadlock); /* still in focus */
	press("Escape");
	WAIT_FOR(trv_session_selection(on.session)->kind == TRV_SELECTED_NONE);
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(on.window), "chat-server --port 6789"));
}

static void test_dragging_and_the_wheel(void **state)
{
	GtkWidget *ruler, *timeline;
	struct trv_span view;
	int64_t middle, time;
	double width;

	open_trace(on.calm);
	activate("win.fit");
	activate("win.zoom-in");
	wait_for_frames();
	ruler = find_named(trv_time_ruler_get_type);
	timeline = GTK_WIDGET(trv_window_timeline(on.window));
	width = gtk_widget_get_width(timeline);
	view = trv_session_view(on.session);
	middle = view.from + (view.to - view.from) / 2;
	/* on the ruler, the playhead goes along */
	drag(ruler, width - 20, 10, TRV_HEADER_WIDTH + (width - TRV_HEADER_WIDTH) / 2, 10);
	WAIT_FOR(llabs(trv_session_time(on.session) - middle) < (view.to - view.from) / 200);
	/* on the lanes, the view does, and the playhead stays */
	time = trv_session_time(on.session);
	drag(timeline, width - 300, 30, width - 100, 30);
	WAIT_FOR(trv_session_view(on.session).from < view.from);
	assert_int_equal(trv_session_view(on.session).to - trv_session_view(on.session).from,
			 view.to - view.from);
	assert_int_equal(trv_session_time(on.session), time);
	view = trv_session_view(on.session);
	turn_wheel(timeline, width / 2, 30, "4", "ctrl");
	WAIT_FOR(trv_session_view(on.session).to - trv_session_view(on.session).from <
		 view.to - view.from);
	view = trv_session_view(on.session);
	turn_wheel(timeline, width / 2, 30, "5", "shift");
	WAIT_FOR(trv_session_view(on.session).from > view.from);
}

static void test_cause_and_effect(void **state)
{
	open_trace(on.calm);
	trv_session_go_to_message(on.session, 1000); /* ann says, the room tells bob */
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(on.window), "Say{text:\"hi\"}"));
	assert_true(shows(GTK_WIDGET(on.window), "connection.c:41 in leave"));
	press("bracketright");
	WAIT_FOR(trv_session_selection(on.session)->message == 1001);
	assert_int_equal(trv_session_selection(on.session)->actor, 3);
	press("bracketleft");
	WAIT_FOR(trv_session_selection(on.session)->message == 1000);
	press("bracketleft"); /* nothing known caused it: nothing happens */
	wait_for_frames();
	assert_int_equal(trv_session_selection(on.session)->message, 1000);
}

static void test_asks_show_their_reply(void **state)
{
	open_trace(on.calm);
	trv_session_go_to_message(on.session, 101);
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(on.window), "Say{text:\"welcome\"}"));
	assert_true(shows(GTK_WIDGET(on.window), "Until reply"));
}

static void test_plays_to_the_end_and_again(void **state)
{
	int64_t end;

	open_trace(on.calm);
	end = (int64_t)trv_session_info(on.session)->last_time;
	trv_session_set_time(on.session, end);
	press("space"); /* at the end, playing begins anew */
	WAIT_FOR(trv_session_time(on.session) < end);
	for (int i = 0; i < 12; i++)
		activate("win.faster");
	WAIT_FOR(trv_session_time(on.session) == end);
}

static void test_walks_through_actors(void **state)
{
	open_trace(on.calm);
	trv_session_select_none(on.session);
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == trv_session_lane(on.session, 0));
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == trv_session_lane(on.session, 1));
	press("k");
	WAIT_FOR(trv_session_selected_actor(on.session) == trv_session_lane(on.session, 0));
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(on.window), "Mailbox: 0 of 2"));
}

static void test_inspector_hides(void **state)
{
	open_trace(on.hang);
	assert_true(shows(GTK_WIDGET(on.window), "In Words"));
	press("F9");
	WAIT_FOR(!shows(GTK_WIDGET(on.window), "In Words"));
	press("F9");
	WAIT_FOR(shows(GTK_WIDGET(on.window), "In Words"));
}

static void test_list_goes_to_findings_with_enter(void **state)
{
	GtkWidget *list, *row;

	open_trace(on.hang);
	trv_session_set_time(on.session, 0);
	trv_session_fit(on.session);
	wait_for_frames();
	list = find_named(gtk_list_box_get_type);
	row = GTK_WIDGET(gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), 0));
	assert_true(gtk_widget_grab_focus(row));
	press("Return");
	WAIT_FOR(trv_session_time(on.session) == trv_finding_instant(finding(0)));
}

static void test_the_actor_list_is_the_same_selection(void **state)
{
	GtkWidget *lists, *actors;

	open_trace(on.hang);
	lists = gtk_widget_get_ancestor(find_named(trv_finding_list_get_type), GTK_TYPE_STACK);
	gtk_stack_set_visible_child_name(GTK_STACK(lists), "actors");
	wait_for_frames();
	actors = find_named(trv_actor_list_get_type);
	assert_true(shows(actors, "lounge"));
	assert_true(shows(actors, "waits for space in bob’s mailbox"));
	press("comma"); /* before bob waits */
	WAIT_FOR(shows(actors, "handles Leave"));
	assert_true(gtk_widget_grab_focus(find(actors, GTK_TYPE_LIST_VIEW)));
	press("Down");
	WAIT_FOR(trv_session_selection(on.session)->kind == TRV_SELECTED_ACTOR);
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == trv_session_lane(on.session, 2) ||
		 trv_session_selected_actor(on.session) == trv_session_lane(on.session, 1));
}

static void test_what_cannot_be_opened_is_said(void **state)
{
	open_trace(on.broken);
	assert_int_equal(trv_session_state(on.session), TRV_FAILED);
	assert_true(shows(GTK_WIDGET(on.window), "This Trace Cannot Be Opened"));
	assert_true(shows(GTK_WIDGET(on.window), trv_session_error(on.session)));
	assert_non_null(strstr(trv_session_error(on.session), on.broken));
	open_trace(on.calm); /* and another one opens after it */
	assert_int_equal(trv_session_state(on.session), TRV_READY);
}

static void test_follows_a_live_recording(void **state)
{
	g_autofree char *path = g_build_filename(on.folder, "live.db", NULL);
	struct sample *sample = sample_new(path);
	int64_t time;
	uint64_t events;

	build_chat(sample_builder(sample), 3, false);
	sample_commit(sample);
	open_trace(path);
	assert_true(trv_session_is_live(on.session));
	if (trv_session_focus(on.session)) /* it opened on a finding: follow now */
		activate("win.live");
	assert_true(trv_session_follows(on.session));
	time = trv_session_time(on.session);
	build_send(sample_builder(sample), 2, 1, 5000, TYPE_SAY, 0, "more");
	build_receive(sample_builder(sample), 1, 5000);
	build_done(sample_builder(sample), 1, 5000);
	sample_commit(sample);
	WAIT_FOR(trv_session_time(on.session) > time);
	assert_true(trv_session_follows(on.session));
	/* moving by hand lets go of the end; the trace still grows */
	press("comma");
	WAIT_FOR(!trv_session_follows(on.session));
	time = trv_session_time(on.session);
	events = trv_session_info(on.session)->events;
	build_send(sample_builder(sample), 2, 1, 5001, TYPE_SAY, 0, "again");
	sample_end(sample, true);
	WAIT_FOR(trv_session_info(on.session)->events > events);
	assert_int_equal(trv_session_time(on.session), time);
	WAIT_FOR(!trv_session_is_live(on.session));
}

static void test_opening_again_and_closing_midway(void **state)
{
	trv_window_open(on.window, on.hang);
	trv_window_open(on.window, on.calm); /* the first is given up */
	WAIT_FOR(trv_session_state(on.session) == TRV_READY);
	assert_string_equal(trv_session_info(on.session)->path, on.calm);
	trv_window_open(on.window, on.hang);
	activate("win.cancel");
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
	trv_window_open(on.window, on.hang); /* the window is closed while it loads */
}

/* --- all ---------------------------------------------------------------------------------------
 */

static int set_up(void **state)
{
	g_autoptr(GError) error = NULL;

	on.folder = g_dir_make_tmp("actorscope-viewer-XXXXXX", &error);
	assert_non_null(on.folder);
	on.hang = g_build_filename(on.folder, "hang.db", NULL);
	on.calm = g_build_filename(on.folder, "calm.db", NULL);
	on.broken = g_build_filename(on.folder, "broken.db", NULL);
	sample_chat(on.hang, ROUNDS, true);
	sample_chat(on.calm, ROUNDS, false);
	assert_true(g_file_set_contents(on.broken, "this is no trace", -1, &error));
	on.app = trv_app_new();
	assert_true(g_application_register(G_APPLICATION(on.app), NULL, &error));
	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
	return 0;
}

static int tear_down(void **state)
{
	g_autoptr(GDir) folder = g_dir_open(on.folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *path = g_build_filename(on.folder, name, NULL);

		g_unlink(path);
	}
	g_rmdir(on.folder);
	g_object_unref(on.app);
	g_free(on.hang);
	g_free(on.calm);
	g_free(on.broken);
	g_free(on.folder);
	return 0;
}

#define WINDOW_TEST(function) cmocka_unit_test_setup_teardown(function, open_window, close_window)

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_starts_empty),
		WINDOW_TEST(test_opens_on_the_deadlock),
		WINDOW_TEST(test_steps_and_returns_to_the_finding),
		WINDOW_TEST(test_zooms_pans_and_fits),
		WINDOW_TEST(test_click_selects_the_wait_and_moves_the_playhead),
		WINDOW_TEST(test_dragging_and_the_wheel),
		WINDOW_TEST(test_cause_and_effect),
		WINDOW_TEST(test_asks_show_their_reply),
		WINDOW_TEST(test_plays_to_the_end_and_again),
		WINDOW_TEST(test_walks_through_actors),
		WINDOW_TEST(test_inspector_hides),
		WINDOW_TEST(test_list_goes_to_findings_with_enter),
		WINDOW_TEST(test_the_actor_list_is_the_same_selection),
		WINDOW_TEST(test_what_cannot_be_opened_is_said),
		WINDOW_TEST(test_follows_a_live_recording),
		WINDOW_TEST(test_opening_again_and_closing_midway),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
