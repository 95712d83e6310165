/*
 * test-window-replay.c - the whole window on a display: the playhead, the view of time, causes and
 * effects
 */
#include "tests/viewer/window-driver.h"

#include "viewer/finding-list.h"
#include "viewer/playback-bar.h"
#include "viewer/time-ruler.h"
#include "viewer/timeline-scene.h"

#include <stdlib.h>

static void test_opens_on_the_deadlock(void **state)
{
	const struct trc_finding *deadlock;
	struct trv_span view;

	open_trace(on.hang);
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	deadlock = driver_finding(0);
	assert_int_equal(deadlock->code, TRC_CODE_DEADLOCK);
	assert_int_equal(deadlock->actor_count, 2);
	assert_ptr_equal(trv_session_focus(on.session), deadlock);
	assert_int_equal(trv_session_selection(on.session)->kind, TRV_SELECTED_FINDING);
	/* its actors at the top, its instant at the playhead and in sight */
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(trv_session_rows(on.session)->items[i].actor, deadlock->actors[i]);
	assert_int_equal(trv_session_actor_count(on.session), 5);
	assert_int_equal(trv_session_time(on.session), trv_finding_instant(deadlock));
	view = trv_session_view(on.session);
	for (unsigned i = 0; i < deadlock->core_edge_count; i++) {
		assert_true((int64_t)deadlock->edges[i].since > view.from);
		assert_true((int64_t)deadlock->edges[i].since < view.to);
	}
	/* its words in the list and in the inspector */
	assert_true(shows(find_named(trv_finding_list_get_type), deadlock->title));
	assert_true(shows(GTK_WIDGET(on.window), "In words"));
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
	WAIT_FOR(trv_session_waits(on.session)->count == 2);
	press("f");
	WAIT_FOR(trv_session_time(on.session) == instant);
	WAIT_FOR(trv_session_waits(on.session)->count == 3);
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
	deadlock = driver_finding(0);
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
	drag(ruler, width - 20, 10, trv_metrics()->header + (width - trv_metrics()->header) / 2,
	     10);
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

static void test_plays_backwards_and_steps_by_message(void **state)
{
	int64_t first, time;
	GtkWidget *step;

	open_trace(on.calm);
	first = (int64_t)trv_session_info(on.session)->first_time;
	trv_session_set_time(on.session, (int64_t)trv_session_info(on.session)->last_time);
	for (int i = 0; i < 12; i++)
		activate("win.faster");
	press("shift+space");
	WAIT_FOR(trv_session_time(on.session) == first);
	step = gtk_widget_get_last_child(find_named(trv_playback_bar_get_type));
	while (step && !GTK_IS_DROP_DOWN(step))
		step = GTK_IS_CENTER_BOX(step)
			       ? gtk_widget_get_first_child(
					 gtk_center_box_get_end_widget(GTK_CENTER_BOX(step)))
			       : gtk_widget_get_first_child(step);
	assert_non_null(step);
	gtk_drop_down_set_selected(GTK_DROP_DOWN(step), 1);
	press("period");
	WAIT_FOR(trv_session_selection(on.session)->message == 100);
	press("period");
	WAIT_FOR(trv_session_selection(on.session)->message == 101);
	time = trv_session_time(on.session);
	press("comma");
	WAIT_FOR(trv_session_selection(on.session)->message == 100);
	assert_true(trv_session_time(on.session) < time);
}

/* The whole keeps 2 % free before its first event; a near view no more of what it shows itself. */
static void test_near_views_begin_at_the_first_event(void **state)
{
	struct trv_span view;
	int64_t first;

	open_trace(on.calm);
	first = (int64_t)trv_session_info(on.session)->first_time;
	trv_session_set_view(on.session, (struct trv_span){first - 1000, first + 1000});
	view = trv_session_view(on.session);
	assert_int_equal(view.from, first - 40);
	assert_int_equal(view.to, first + 1960);
	trv_session_fit(on.session);
	assert_int_equal(trv_session_view(on.session).from, trv_session_limits(on.session).from);
}

static void test_same_kind_and_chain(void **state)
{
	open_trace(on.calm);
	trv_session_go_to_message(on.session, 1000); /* a Say of ann's */
	press("n");
	WAIT_FOR(trv_session_selection(on.session)->message == 1001); /* another Say */
	press("p");
	WAIT_FOR(trv_session_selection(on.session)->message == 1000);
	press("shift+n");
	WAIT_FOR(trv_session_selection(on.session)->message == 1010); /* ann's next */
	press("shift+p");
	WAIT_FOR(trv_session_selection(on.session)->message == 1000);
	assert_int_equal(trv_session_chain_depth(on.session), 1);
	press("braceright");
	WAIT_FOR(trv_session_chain_depth(on.session) == 2);
	press("braceleft");
	press("braceleft"); /* not below one */
	wait_for_frames();
	assert_int_equal(trv_session_chain_depth(on.session), 1);
}

static void test_walks_along_long_waits(void **state)
{
	open_trace(on.hang);
	trv_session_fit(on.session);
	trv_session_set_time(on.session, 0);
	trv_session_go_to_actor(on.session, 1);
	press("i");
	WAIT_FOR(trv_session_selection(on.session)->kind == TRV_SELECTED_WAIT);
	assert_int_equal(trv_session_selection(on.session)->wait.type, TRC_WHAT_SPACE);
	press("i"); /* there is no further one */
	WAIT_FOR(shows(GTK_WIDGET(on.window), "no further one"));
}

static void test_markers_bookmarks_and_the_way_back(void **state)
{
	GtkWidget *timeline, *dialog;
	int64_t first, last, before;
	struct trv_span range;

	open_trace(on.calm);
	first = (int64_t)trv_session_info(on.session)->first_time;
	last = (int64_t)trv_session_info(on.session)->last_time;
	trv_session_go_to_time(on.session, first);
	press("shift+a");
	WAIT_FOR(trv_session_markers(on.session)->a_set);
	trv_session_go_to_time(on.session, last);
	press("shift+b");
	WAIT_FOR(trv_session_markers(on.session)->b_set);
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(on.window), "B − A"));
	press("z");
	WAIT_FOR(trv_session_view(on.session).from == first);
	press("shift+b"); /* off again */
	WAIT_FOR(!trv_session_markers(on.session)->b_set);
	/* the same by dragging with Shift */
	timeline = GTK_WIDGET(trv_window_timeline(on.window));
	drag_with(timeline, 400, 60, 500, 60, "shift");
	WAIT_FOR(trv_session_markers(on.session)->b_set);
	range = trv_session_range(on.session);
	assert_true(range.from > first && range.to < last && range.from < range.to);
	/* the way back */
	before = trv_session_time(on.session);
	trv_session_go_to_message(on.session, 1000);
	WAIT_FOR(trv_session_time(on.session) != before);
	press("alt+Left");
	WAIT_FOR(trv_session_time(on.session) == before);
	press("alt+Right");
	WAIT_FOR(trv_session_time(on.session) != before);
	/* a bookmark with a note */
	trv_session_set_time(on.session, first + 5000);
	press("m");
	WAIT_FOR((dialog = driver_dialog()) != NULL);
	gtk_editable_set_text(
		GTK_EDITABLE(adw_message_dialog_get_extra_child(ADW_MESSAGE_DIALOG(dialog))),
		"here it begins");
	adw_message_dialog_response(ADW_MESSAGE_DIALOG(dialog), "add");
	gtk_window_close(GTK_WINDOW(dialog));
	WAIT_FOR(!driver_dialog());
	WAIT_FOR(trv_session_bookmark_count(on.session) == 1);
	assert_string_equal(trv_session_bookmark(on.session, 0)->note, "here it begins");
	trv_session_set_time(on.session, last);
	press("quotedbl");
	WAIT_FOR(trv_session_time(on.session) == first + 5000);
	trv_session_remove_bookmark(on.session, 0);
	assert_int_equal(trv_session_bookmark_count(on.session), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_opens_on_the_deadlock),
		WINDOW_TEST(test_steps_and_returns_to_the_finding),
		WINDOW_TEST(test_zooms_pans_and_fits),
		WINDOW_TEST(test_click_selects_the_wait_and_moves_the_playhead),
		WINDOW_TEST(test_dragging_and_the_wheel),
		WINDOW_TEST(test_cause_and_effect),
		WINDOW_TEST(test_asks_show_their_reply),
		WINDOW_TEST(test_plays_to_the_end_and_again),
		WINDOW_TEST(test_plays_backwards_and_steps_by_message),
		WINDOW_TEST(test_near_views_begin_at_the_first_event),
		WINDOW_TEST(test_same_kind_and_chain),
		WINDOW_TEST(test_walks_along_long_waits),
		WINDOW_TEST(test_markers_bookmarks_and_the_way_back),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
