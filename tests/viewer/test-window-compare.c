/*
 * test-window-compare.c - two runs in one window, on a display
 */
#include "tests/viewer/action-audit.h"

#include "tests/viewer/sample-trace.h"
#include "viewer/compare-window.h"
#include "viewer/difference-list.h"
#include "viewer/timeline-scene.h"

#include <stdlib.h>

static TrvCompareWindow *window;
static TrvPair *pair;
static TrvSession *sessions[TRC_RUNS];

static int open_window(void **state)
{
	window = trv_compare_window_new(GTK_APPLICATION(on.app));
	pair = trv_compare_window_pair(window);
	for (int run = 0; run < TRC_RUNS; run++)
		sessions[run] = trv_pair_session(pair, (enum trc_run)run);
	gtk_window_set_default_size(GTK_WINDOW(window), 1300, 800);
	gtk_window_present(GTK_WINDOW(window));
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(window)));
	on.xid = gdk_x11_surface_get_xid(gtk_native_get_surface(GTK_NATIVE(window)));
	return 0;
}

static int close_window(void **state)
{
	gtk_window_destroy(GTK_WINDOW(window));
	return 0;
}

static gboolean count_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	return ++*(int *)data < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

static void wait_until_drawn(void)
{
	int frames = 0;

	gtk_widget_add_tick_callback(GTK_WIDGET(window), count_frame, &frames, NULL);
	WAIT_FOR(frames >= 3);
}

static void open_both(const char *a, const char *b)
{
	trv_compare_window_open(window, a, b);
	WAIT_FOR(trv_pair_state(pair) >= TRV_READY);
	wait_until_drawn();
}

static void do_action(const char *name)
{
	assert_true(gtk_widget_activate_action(GTK_WIDGET(window), name, NULL));
}

static const struct trc_difference *difference(size_t index)
{
	const struct trc_comparison *comparison = trv_pair_comparison(pair);

	assert_non_null(comparison);
	assert_true(index < trc_comparison_count(comparison));
	return trc_comparison_difference(comparison, index);
}

/* Where the other run's playhead belongs. */
static int64_t counterpart(enum trc_run run)
{
	const struct trc_trace_info *other = trv_session_info(sessions[!run]);
	uint64_t time = trc_comparison_time(trv_pair_comparison(pair), run,
					    (uint64_t)trv_session_time(sessions[run]),
					    trv_session_selected_actor(sessions[run]));

	return (int64_t)CLAMP(time, other->first_time, other->last_time);
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void test_opens_on_the_first_difference(void **state)
{
	const struct trc_difference *first;

	open_both(on.calm, on.hang);
	first = difference(0);
	assert_true(first->first);
	assert_int_equal(trv_pair_current(pair), 0);
	for (int run = 0; run < TRC_RUNS; run++) {
		struct trv_span view = trv_session_view(sessions[run]);

		assert_int_equal(trv_session_time(sessions[run]), first->times[run]);
		assert_true(view.from <= (int64_t)first->times[run]);
		assert_true(view.to >= (int64_t)first->times[run]);
		assert_int_equal(trv_session_selected_actor(sessions[run]), first->actors[run]);
	}
	assert_true(shows(GTK_WIDGET(window), first->title));
	assert_true(shows(GTK_WIDGET(window), "First difference"));
	assert_true(shows(GTK_WIDGET(window), "A  calm.db"));
	assert_true(shows(GTK_WIDGET(window), "B  hang.db"));
}

static void test_lanes_stand_in_the_same_order(void **state)
{
	const struct trv_rows *a, *b;

	open_both(on.calm, on.hang);
	a = trv_session_rows(sessions[0]);
	b = trv_session_rows(sessions[1]);
	assert_int_equal(a->items[0].actor, difference(0)->actors[0]);
	for (size_t i = 0; i < a->count && i < b->count; i++) {
		uint64_t like = trc_comparison_like(trv_pair_comparison(pair), TRC_RUN_A,
						    a->items[i].actor);

		if (like)
			assert_int_equal(b->items[i].actor, like);
	}
}

static void test_a_click_on_a_diamond_goes_to_its_difference(void **state)
{
	TrvTimeline *timeline;
	double x, y;

	open_both(on.calm, on.hang);
	timeline = TRV_TIMELINE(find(GTK_WIDGET(window), TRV_TYPE_TIMELINE));
	assert_int_not_equal(difference(1)->actors[0], difference(0)->actors[0]);
	trv_session_fit(sessions[0]);
	wait_until_drawn();
	assert_true(trv_timeline_point(timeline, difference(1)->actors[0],
				       (int64_t)difference(1)->times[0], &x, &y));
	point_at(GTK_WIDGET(timeline), x, y);
	WAIT_FOR(gtk_widget_get_cursor(GTK_WIDGET(timeline)) &&
		 g_str_equal(gdk_cursor_get_name(gtk_widget_get_cursor(GTK_WIDGET(timeline))),
			     "pointer"));
	point_at(GTK_WIDGET(timeline), x, gtk_widget_get_height(GTK_WIDGET(timeline)) - 12);
	WAIT_FOR(!gtk_widget_get_cursor(GTK_WIDGET(timeline)));
	click(GTK_WIDGET(timeline), x, y);
	WAIT_FOR(trv_pair_current(pair) == 1);
	assert_int_equal(trv_session_time(sessions[0]), difference(1)->times[0]);
}

static void test_keys_walk_through_the_differences(void **state)
{
	size_t count;

	open_both(on.calm, on.hang);
	count = trc_comparison_count(trv_pair_comparison(pair));
	assert_true(count >= 2);
	press("F7");
	WAIT_FOR(trv_pair_current(pair) == 1);
	for (int run = 0; run < TRC_RUNS; run++)
		assert_int_equal(trv_session_time(sessions[run]), difference(1)->times[run]);
	wait_until_drawn();
	assert_true(shows(GTK_WIDGET(window), difference(1)->title));
	press("shift+F7");
	WAIT_FOR(trv_pair_current(pair) == 0);
	press("shift+F7"); /* there is none before it */
	wait_until_drawn();
	assert_int_equal(trv_pair_current(pair), 0);
	trv_pair_go_to(pair, count - 1);
	assert_false(trv_pair_go_to_neighbour(pair, 1));
}

static void test_the_list_goes_to_what_is_chosen(void **state)
{
	GtkWidget *list, *rows;

	open_both(on.calm, on.hang);
	list = find(GTK_WIDGET(window), TRV_TYPE_DIFFERENCE_LIST);
	rows = find(list, GTK_TYPE_LIST_VIEW);
	gtk_widget_grab_focus(rows);
	press("Down");
	WAIT_FOR(trv_pair_current(pair) == 1);
	press("Up");
	WAIT_FOR(trv_pair_current(pair) == 0);
	trv_session_set_time(sessions[0], 0);
	press("Return"); /* also the one that is chosen already */
	WAIT_FOR(trv_session_time(sessions[0]) == (int64_t)difference(0)->times[0]);
}

static void test_one_playhead_moves_the_other(void **state)
{
	struct trv_span limits;
	GtkWidget *timeline;
	int64_t before;

	open_both(on.calm, on.hang);
	timeline = GTK_WIDGET(trv_compare_window_timeline(window, TRC_RUN_A));
	trv_session_select_none(sessions[0]);
	limits = trv_session_limits(sessions[0]);
	for (int i = 1; i < 8; i++) {
		trv_session_set_time(sessions[0], limits.from + (limits.to - limits.from) * i / 8);
		assert_int_equal(trv_session_time(sessions[1]), counterpart(TRC_RUN_A));
	}
	/* by hand, and the other way round */
	before = trv_session_time(sessions[0]);
	click(timeline, 900, 40);
	WAIT_FOR(trv_session_time(sessions[0]) != before);
	trv_session_set_time(sessions[1], (int64_t)difference(0)->times[1] - 1);
	assert_int_equal(trv_session_time(sessions[0]), counterpart(TRC_RUN_B));
	/* not when they are let go */
	do_action("win.linked");
	assert_false(trv_pair_is_linked(pair));
	trv_session_set_time(sessions[1], (int64_t)difference(0)->times[1]);
	trv_session_set_time(sessions[0], limits.to / 2);
	assert_int_equal(trv_session_time(sessions[1]), difference(0)->times[1]);
	do_action("win.linked");
	assert_int_not_equal(trv_session_time(sessions[1]), difference(0)->times[1]);
}

static void test_zoom_and_selection_go_together(void **state)
{
	struct trv_span before, after;
	uint64_t actor;

	open_both(on.calm, on.hang);
	press("0");
	WAIT_FOR(trv_session_view(sessions[0]).from == trv_session_limits(sessions[0]).from);
	before = trv_session_view(sessions[1]);
	press("w");
	WAIT_FOR(trv_session_view(sessions[0]).from > trv_session_limits(sessions[0]).from);
	after = trv_session_view(sessions[1]);
	assert_true(after.to - after.from < before.to - before.from);
	actor = trv_session_rows(sessions[1])->items[1].actor;
	trv_session_go_to_actor(sessions[1], actor);
	assert_int_equal(trv_session_selected_actor(sessions[0]),
			 trc_comparison_like(trv_pair_comparison(pair), TRC_RUN_B, actor));
}

static void test_lanes_scroll_together(void **state)
{
	GtkAdjustment *a, *b;

	gtk_window_set_default_size(GTK_WINDOW(window), 1300, 500);
	open_both(on.calm, on.hang);
	a = trv_timeline_vadjustment(trv_compare_window_timeline(window, TRC_RUN_A));
	b = trv_timeline_vadjustment(trv_compare_window_timeline(window, TRC_RUN_B));
	assert_true(gtk_adjustment_get_upper(b) > gtk_adjustment_get_page_size(b) + 20);
	gtk_adjustment_set_value(a, 20);
	assert_int_equal((int)gtk_adjustment_get_value(b), 20);
	gtk_adjustment_set_value(b, 0);
	assert_int_equal((int)gtk_adjustment_get_value(a), 0);
}

static char *write_rooms(const char *name, unsigned count)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f",
					    "g", "h", "i", "j", "k", "l"};
	char *path = g_build_filename(on.folder, name, NULL);
	struct sample *sample = sample_new(path);
	struct builder *builder = sample_builder(sample);

	build_definitions(builder);
	for (unsigned i = 0; i < count; i++)
		build_spawn(builder, 0, i + 1, KIND_ROOM, names[i], 2);
	sample_commit(sample);
	sample_end(sample, true);
	return path;
}

/* B has nine actors more: they are told, stand below, and can be scrolled to. */
static void test_actors_of_one_run_are_shown(void **state)
{
	g_autofree char *few = write_rooms("few.db", 3), *many = write_rooms("many.db", 12);
	GtkAdjustment *a, *b;
	double bottom, y;

	gtk_window_set_default_size(GTK_WINDOW(window), 1300, 500);
	open_both(few, many);
	assert_true(shows(GTK_WIDGET(window), "B  many.db · 9 actors only here"));
	assert_int_equal(difference(0)->kind, TRC_DIFFERENT_ACTORS);
	assert_true(shows(GTK_WIDGET(window), "A: has no such actor"));
	a = trv_timeline_vadjustment(trv_compare_window_timeline(window, TRC_RUN_A));
	b = trv_timeline_vadjustment(trv_compare_window_timeline(window, TRC_RUN_B));
	/* the difference it opens on is in sight, where A has no lane any more */
	y = trv_session_rows(sessions[1])
		    ->items[trv_session_row_of(sessions[1], difference(0)->actors[1])]
		    .y;
	assert_true(y >= gtk_adjustment_get_value(b));
	assert_true(y < gtk_adjustment_get_value(b) + gtk_adjustment_get_page_size(b) -
				trv_metrics()->band);
	bottom = gtk_adjustment_get_upper(b) - gtk_adjustment_get_page_size(b);
	gtk_adjustment_set_value(b, bottom);
	assert_true(gtk_adjustment_get_value(b) == bottom);
	assert_true(gtk_adjustment_get_value(a) < bottom);
	gtk_adjustment_set_value(b, 0);
	assert_true(gtk_adjustment_get_value(a) == 0);
}

static void test_messages_can_be_ignored(void **state)
{
	open_both(on.calm, on.hang);
	do_action("win.ignore-payload");
	assert_true(trv_pair_ignores_payload(pair));
	assert_int_equal(trv_pair_state(pair), TRV_LOADING);
	WAIT_FOR(trv_pair_state(pair) == TRV_READY);
	for (size_t i = 0; i < trc_comparison_count(trv_pair_comparison(pair)); i++)
		assert_int_not_equal(difference(i)->kind, TRC_DIFFERENT_PAYLOAD);
}

static void test_equal_runs_say_so(void **state)
{
	open_both(on.calm, on.calm);
	assert_int_equal(trc_comparison_count(trv_pair_comparison(pair)), 0);
	assert_int_equal(trv_pair_current(pair), SIZE_MAX);
	assert_true(shows(GTK_WIDGET(window), "No Difference"));
	press("F7");
	wait_until_drawn();
	assert_int_equal(trv_pair_current(pair), SIZE_MAX);
}

static void test_what_cannot_be_read_is_told(void **state)
{
	open_both(on.calm, on.broken);
	assert_int_equal(trv_pair_state(pair), TRV_FAILED);
	assert_null(trv_pair_comparison(pair));
	assert_true(shows(GTK_WIDGET(window), "These Runs Cannot Be Compared"));
	assert_true(shows(GTK_WIDGET(window), "broken.db"));
	open_both(on.calm, on.hang); /* and one can go on */
	assert_int_equal(trv_pair_state(pair), TRV_READY);
	do_action("win.swap");
	WAIT_FOR(trv_pair_state(pair) == TRV_READY);
	assert_string_equal(trv_pair_path(pair, TRC_RUN_A), on.hang);
}

static void test_it_can_be_cancelled(void **state)
{
	trv_compare_window_open(window, on.calm, on.hang);
	assert_int_equal(trv_pair_state(pair), TRV_LOADING);
	assert_true(shows(GTK_WIDGET(window), "Comparing"));
	do_action("win.cancel");
	assert_int_equal(trv_pair_state(pair), TRV_EMPTY);
	wait_until_drawn();
	assert_true(shows(GTK_WIDGET(window), "Not Compared"));
	do_action("win.reload");
	WAIT_FOR(trv_pair_state(pair) == TRV_READY);
	assert_int_equal(trv_pair_current(pair), 0);
}

static void test_all_is_named_offered_and_has_a_key(void **state)
{
	audit_actions(GTK_APPLICATION_WINDOW(window));
	press("ctrl+question");
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(
		gtk_application_window_get_help_overlay(GTK_APPLICATION_WINDOW(window)))));
	wait_until_drawn();
}

int main(void)
{
#define SHOWN(name) cmocka_unit_test_setup_teardown(name, open_window, close_window)
	const struct CMUnitTest tests[] = {
		SHOWN(test_opens_on_the_first_difference),
		SHOWN(test_lanes_stand_in_the_same_order),
		SHOWN(test_a_click_on_a_diamond_goes_to_its_difference),
		SHOWN(test_keys_walk_through_the_differences),
		SHOWN(test_the_list_goes_to_what_is_chosen),
		SHOWN(test_one_playhead_moves_the_other),
		SHOWN(test_zoom_and_selection_go_together),
		SHOWN(test_lanes_scroll_together),
		SHOWN(test_actors_of_one_run_are_shown),
		SHOWN(test_messages_can_be_ignored),
		SHOWN(test_equal_runs_say_so),
		SHOWN(test_what_cannot_be_read_is_told),
		SHOWN(test_it_can_be_cancelled),
		SHOWN(test_all_is_named_offered_and_has_a_key),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
