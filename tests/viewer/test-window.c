/*
 * test-window.c - the whole window on a display, driven by keys and clicks of an X client
 *
 * Every wait is for a condition, with a generous limit; nothing sleeps for a fixed time.
 */
#include "tests/viewer/window-driver.h"

#include "tests/viewer/sample-trace.h"
#include "viewer/actor-list.h"
#include "viewer/finding-list.h"
#include "viewer/playback-bar.h"
#include "viewer/range-view.h"
#include "viewer/sql-view.h"
#include "viewer/time-ruler.h"
#include "viewer/timeline-scene.h"
#include "viewer/wait-graph-view.h"

#include <stdlib.h>
#include <string.h>

static const struct trc_finding *finding(size_t index)
{
	const struct trc_findings *findings = &trv_session_survey(on.session)->findings;

	assert_true(index < findings->count);
	return &findings->items[index];
}

static uint64_t row_actor(size_t row)
{
	const struct trv_rows *rows = trv_session_rows(on.session);

	assert_true(row < rows->count);
	return rows->items[row].actor;
}

/* --- tests -------------------------------------------------------------------------------------
 */

static void test_starts_empty(void **state)
{
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
	assert_true(shows(GTK_WIDGET(on.window), "Open a Trace"));
	press("c"); /* keys of a trace do nothing without one */
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

static void test_walks_through_actors(void **state)
{
	open_trace(on.calm);
	trv_session_select_none(on.session);
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == row_actor(0));
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == row_actor(1));
	press("k");
	WAIT_FOR(trv_session_selected_actor(on.session) == row_actor(0));
	wait_for_frames();
	WAIT_FOR(shows(GTK_WIDGET(on.window), "Mailbox: "));
}

static void test_lanes_are_pinned_moved_hidden_and_grouped(void **state)
{
	GtkWidget *timeline;
	uint64_t second;

	open_trace(on.calm);
	press("Escape");
	press("Escape");
	WAIT_FOR(!trv_session_focus(on.session));
	second = row_actor(1);
	trv_session_go_to_actor(on.session, second);
	press("t");
	WAIT_FOR(row_actor(0) == second);
	press("t");
	WAIT_FOR(row_actor(1) == second);
	press("alt+Down");
	WAIT_FOR(row_actor(2) == second);
	assert_int_equal(trv_session_sorting(on.session), TRV_SORT_HAND);
	press("shift+k");
	WAIT_FOR(row_actor(1) == second);
	press("Delete");
	WAIT_FOR(trv_session_row_of(on.session, second) == -1);
	assert_int_equal(trv_session_rows(on.session)->hidden, 1);
	press("shift+Delete");
	WAIT_FOR(trv_session_row_of(on.session, second) == 1);
	/* with the pointer: by its name, to the place of the first */
	timeline = GTK_WIDGET(trv_window_timeline(on.window));
	drag(timeline, 60, 1.5 * TRV_LANE_HEIGHT, 60, 0.4 * TRV_LANE_HEIGHT);
	WAIT_FOR(row_actor(0) == second);
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), "win.sort", "s", "spawn"));
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), "win.group", "s", "kind"));
	WAIT_FOR(row_actor(1) == 0); /* below the lonely room, the connections' heading */
	assert_false(trv_session_rows(on.session)->items[1].folded);
	click(timeline, 60, TRV_LANE_HEIGHT + TRV_GROUP_HEIGHT / 2.0);
	WAIT_FOR(trv_session_rows(on.session)->items[1].folded);
	wait_for_frames();
	assert_int_equal(trv_session_row_of(on.session, 2), 1);
	press("e");
	WAIT_FOR(trv_session_row_of(on.session, 2) == 2);
	press("h");
	WAIT_FOR(trv_session_sorting(on.session) == TRV_SORT_DEPTH);
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

static void test_a_trace_is_remembered_apart_from_it(void **state)
{
	g_autofree char *folder = g_build_filename(on.folder, "state", NULL);
	g_autofree char *before = NULL, *after = NULL;
	gsize size, size_after;
	uint64_t pinned;

	assert_true(g_file_get_contents(on.calm, &before, &size, NULL));
	trv_session_remember_in(on.session, folder);
	open_trace(on.calm);
	trv_session_select_none(on.session);
	trv_session_select_none(on.session);
	pinned = row_actor(2);
	trv_session_set_pinned(on.session, pinned, true);
	trv_session_set_sorting(on.session, TRV_SORT_TRAFFIC);
	trv_session_add_bookmark(on.session, 12345, "odd = [here]; #1");
	trv_session_set_marker(on.session, false, 777);
	trv_session_keep_filter(on.session, "type:Say from:a;b");
	open_trace(on.hang); /* another trace: it has nothing of that */
	assert_int_equal(trv_session_bookmark_count(on.session), 0);
	assert_false(trv_session_markers(on.session)->a_set);
	open_trace(on.calm);
	assert_true(trv_session_is_pinned(on.session, pinned));
	assert_int_equal(trv_session_sorting(on.session), TRV_SORT_TRAFFIC);
	assert_int_equal(trv_session_bookmark_count(on.session), 1);
	assert_string_equal(trv_session_bookmark(on.session, 0)->note, "odd = [here]; #1");
	assert_int_equal(trv_session_markers(on.session)->a, 777);
	assert_string_equal(g_ptr_array_index(trv_session_filters(on.session), 0),
			    "type:Say from:a;b");
	assert_true(g_file_get_contents(on.calm, &after, &size_after, NULL));
	assert_int_equal(size, size_after);
	assert_memory_equal(before, after, size);
	/* where nothing can be written, that is said, once */
	trv_session_remember_in(on.session, "/proc/nowhere");
	trv_session_set_marker(on.session, false, 778);
	WAIT_FOR(shows(GTK_WIDGET(on.window), "cannot be remembered"));
}

static void test_graphs_of_handles_and_asks_and_their_files(void **state)
{
	TrvWaitGraphView *graph;
	static const char *const suffixes[] = {"svg", "pdf", "png", "dot"};
	static const char *const starts[] = {"<?xml", "%PDF", "\x89PNG", "digraph"};

	open_trace(on.hang);
	graph = TRV_WAIT_GRAPH_VIEW(find_named(trv_wait_graph_view_get_type));
	assert_int_equal(trv_wait_graph_view_mode(graph), TRV_GRAPH_WAITS);
	press("g");
	WAIT_FOR(trv_wait_graph_view_mode(graph) == TRV_GRAPH_HANDLES);
	wait_for_frames();
	press("g");
	WAIT_FOR(trv_wait_graph_view_mode(graph) == TRV_GRAPH_ASKS);
	wait_for_frames();
	for (int view = 0; view < 2; view++) {
		for (size_t i = 0; i < G_N_ELEMENTS(suffixes) - (view ? 1 : 0); i++) {
			g_autofree char *name = g_strdup_printf("picture.%s", suffixes[i]);
			g_autofree char *path = g_build_filename(on.folder, name, NULL);
			g_autofree char *content = NULL;

			trv_window_export(on.window, !view, path);
			assert_true(g_file_get_contents(path, &content, NULL, NULL));
			assert_memory_equal(content, starts[i], strlen(starts[i]));
			/* the deadlock is in the graph of asks, and red */
			if (!view && g_str_equal(suffixes[i], "dot")) {
				assert_non_null(strstr(content, "bob"));
				assert_non_null(strstr(content, "waited for space"));
				assert_non_null(strstr(content, "style=bold"));
			}
		}
	}
	trv_window_export(on.window, true, "/nowhere/graph.dot");
	WAIT_FOR(shows(GTK_WIDGET(on.window), "/nowhere/graph.dot"));
}

static void test_a_range_is_summed_up(void **state)
{
	TrvRangeView *range;

	open_trace(on.calm);
	press("x");
	range = TRV_RANGE_VIEW(find_named(trv_range_view_get_type));
	WAIT_FOR(trv_range_view_is_done(range));
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(range), "Say"));
	assert_true(shows(GTK_WIDGET(range), "that are visible"));
	trv_session_set_range(on.session, (int64_t)trv_session_info(on.session)->first_time,
			      (int64_t)trv_session_info(on.session)->last_time);
	WAIT_FOR(trv_range_view_is_done(range));
	wait_for_frames();
	/* two joins: a Say and an ask each; twenty rounds of two */
	assert_true(shows(GTK_WIDGET(range), "44"));
	assert_true(shows(GTK_WIDGET(range), "from A to B"));
	press("g");
	WAIT_FOR(!shows(GTK_WIDGET(range), "44"));
}

static void test_asks_in_sql(void **state)
{
	TrvSqlView *sql;

	open_trace(on.calm);
	press("ctrl+e");
	sql = TRV_SQL_VIEW(find_named(trv_sql_view_get_type));
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(sql)));
	type_text("select count(*) as n from message");
	press("Return");
	WAIT_FOR(trv_sql_view_is_busy(sql));
	WAIT_FOR(!trv_sql_view_is_busy(sql));
	assert_true(g_str_has_prefix(trv_sql_view_status(sql), "1"));
	wait_for_frames();
	assert_true(shows(GTK_WIDGET(sql), "44"));
	/* nothing can be changed, and mistakes are said */
	trv_sql_view_ask(sql, "delete from message");
	WAIT_FOR(!trv_sql_view_is_busy(sql));
	assert_non_null(strstr(trv_sql_view_status(sql), "not"));
	trv_sql_view_ask(sql, "select nonsense");
	WAIT_FOR(!trv_sql_view_is_busy(sql));
	assert_non_null(strstr(trv_sql_view_status(sql), "nonsense"));
}

static void test_the_find_bar_completes_hides_and_keeps(void **state)
{
	GtkWidget *entry;

	open_trace(on.calm);
	press("ctrl+f");
	entry = find_named(gtk_search_entry_get_type);
	WAIT_FOR(gtk_widget_get_mapped(entry));
	type_text("fr");
	WAIT_FOR(g_str_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "fr"));
	press("Tab");
	WAIT_FOR(g_str_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "from:"));
	type_text("a");
	WAIT_FOR(g_str_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "from:a"));
	press("Tab");
	WAIT_FOR(g_str_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "from:ann "));
	WAIT_FOR(trv_session_hits(on.session).active && !trv_session_hits(on.session).searching);
	assert_int_equal(trv_session_hits(on.session).total, 21);
	press("ctrl+Return");
	WAIT_FOR(trv_session_hides_misses(on.session));
	press("ctrl+Return");
	WAIT_FOR(!trv_session_hides_misses(on.session));
	press("ctrl+d");
	WAIT_FOR(trv_session_filters(on.session)->len == 1);
	press("Escape");
	WAIT_FOR(!trv_session_hits(on.session).active);
}

static void test_records_a_program(void **state)
{
	g_autofree char *file = g_build_filename(on.folder, "recorded.db", NULL);

	trv_window_record(on.window, "chat-rehearsal friendly --seed 3", file, true, false);
	WAIT_FOR(trv_session_state(on.session) == TRV_READY);
	WAIT_FOR(!trv_session_is_live(on.session) && trv_session_actor_count(on.session) > 10);
	WAIT_FOR(shows(GTK_WIDGET(on.window), "The recording has ended") ||
		 trv_session_info(on.session)->complete);
}

static void test_says_why_nothing_was_recorded(void **state)
{
	g_autofree char *file = g_build_filename(on.folder, "nothing.db", NULL);
	GtkWidget *dialog;

	trv_window_record(on.window, "there-is-no-such-program", file, false, true);
	WAIT_FOR((dialog = driver_dialog()) != NULL);
	assert_non_null(strstr(adw_message_dialog_get_body(ADW_MESSAGE_DIALOG(dialog)),
			       "there-is-no-such-program"));
	gtk_window_destroy(GTK_WINDOW(dialog));
	trv_window_record(on.window, "an \"open quote", file, false, false);
	WAIT_FOR((dialog = driver_dialog()) != NULL);
	gtk_window_destroy(GTK_WINDOW(dialog));
}

/* However it ends, and whether its trace has been opened or loaded by then. */
static void test_a_program_that_fails_is_recorded(void **state)
{
	g_autofree char *file = g_build_filename(on.folder, "fails.db", NULL);

	trv_window_record(on.window, "sh -c 'chat-rehearsal friendly --seed 3; exit 3'", file,
			  false, false);
	WAIT_FOR(driver_dialog() != NULL ||
		 (g_strcmp0(trv_session_path(on.session), file) == 0 &&
		  trv_session_state(on.session) == TRV_READY && !trv_session_is_live(on.session) &&
		  trv_session_actor_count(on.session) > 10));
	WAIT_FOR(driver_dialog() != NULL || !shows(GTK_WIDGET(on.window), "Stop Recording"));
	assert_null(driver_dialog());
}

static void test_the_demo_opens_on_its_deadlock(void **state)
{
	activate("win.demo");
	WAIT_FOR(trv_session_state(on.session) == TRV_READY);
	WAIT_FOR(trv_session_focus(on.session) != NULL);
	assert_int_equal(trv_session_focus(on.session)->code, TRC_CODE_DEADLOCK);
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
	list = find(find_named(trv_finding_list_get_type), GTK_TYPE_LIST_BOX);
	row = GTK_WIDGET(gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), 0));
	assert_true(gtk_widget_grab_focus(row));
	press("Return");
	WAIT_FOR(trv_session_time(on.session) == trv_finding_instant(finding(0)));
}

static int visible_rows(GtkWidget *list)
{
	int count = 0;

	while (gtk_list_box_get_row_at_index(GTK_LIST_BOX(list), count))
		count++;
	return count;
}

static void test_refuted_findings_show_on_request(void **state)
{
	size_t all, refuted;

	open_trace(on.hang);
	all = trv_session_survey(on.session)->findings.count;
	/* as if check had said so */
	trv_session_survey(on.session)->findings.items[all - 1].code = TRC_CODE_REFUTED;
	g_signal_emit_by_name(on.session, "changed", TRV_CHANGED_FINDINGS);
	refuted = trv_session_refuted_count(on.session);
	assert_int_equal(refuted, 1);
	assert_int_equal(trv_session_finding_count(on.session), all - refuted);
	assert_int_equal(
		visible_rows(find(find_named(trv_finding_list_get_type), GTK_TYPE_LIST_BOX)),
		(int)(all - refuted));
	press("r");
	WAIT_FOR(trv_session_finding_count(on.session) == all);
	assert_int_equal(
		visible_rows(find(find_named(trv_finding_list_get_type), GTK_TYPE_LIST_BOX)),
		(int)all);
	/* the one in focus goes with the others */
	trv_session_go_to_finding(on.session, all - 1);
	press("r");
	WAIT_FOR(trv_session_finding_count(on.session) == all - refuted);
	assert_null(trv_session_focus(on.session));
	assert_int_equal(trv_session_selection(on.session)->kind, TRV_SELECTED_NONE);
	/* who goes to one sees them */
	trv_session_go_to_finding(on.session, all - 1);
	assert_true(trv_session_shows_refuted(on.session));
}

static void find_text(const char *text)
{
	GtkWidget *entry = find_named(gtk_search_entry_get_type);

	activate("win.find");
	gtk_editable_set_text(GTK_EDITABLE(entry), "");
	WAIT_FOR(!trv_session_hits(on.session).active);
	gtk_editable_set_text(GTK_EDITABLE(entry), text);
	WAIT_FOR(trv_session_hits(on.session).active && !trv_session_hits(on.session).searching);
}

static void test_finds_and_walks_messages(void **state)
{
	struct trv_hits hits;
	size_t says;

	open_trace(on.calm);
	find_text("type:Say");
	hits = trv_session_hits(on.session);
	assert_int_equal(hits.total, hits.count);
	says = hits.total;
	assert_true(says > 1);
	for (size_t i = 1; i < hits.count; i++)
		assert_true(hits.items[i - 1].time <= hits.items[i].time);
	/* letters go into the entry, Enter to the next one */
	press("Return");
	WAIT_FOR(trv_session_hit_index(on.session, trv_session_selection(on.session)->message) !=
		 SIZE_MAX);
	trv_session_go_to_message(on.session, hits.items[0].message);
	wait_for_frames();
	press("Return");
	WAIT_FOR(trv_session_selection(on.session)->message == hits.items[1].message);
	press("shift+Return");
	WAIT_FOR(trv_session_selection(on.session)->message == hits.items[0].message);
	press("shift+Return"); /* in a circle */
	WAIT_FOR(trv_session_selection(on.session)->message == hits.items[says - 1].message);
	/* a filter that lets less through, one that makes no sense, and none */
	find_text("type:Say -to:lounge");
	assert_true(trv_session_hits(on.session).total < says);
	gtk_editable_set_text(GTK_EDITABLE(find_named(gtk_search_entry_get_type)), "wait>soon");
	WAIT_FOR(!trv_session_hits(on.session).active);
	WAIT_FOR(shows(GTK_WIDGET(on.window), "wait>50ms"));
	press("Escape");
	WAIT_FOR(!gtk_search_bar_get_search_mode(
		GTK_SEARCH_BAR(find_named(gtk_search_bar_get_type))));
	WAIT_FOR(gtk_editable_get_text(GTK_EDITABLE(find_named(gtk_search_entry_get_type)))[0] ==
		 '\0');
	assert_false(trv_session_shows_refuted(on.session));
	press("r"); /* letters are keys again */
	WAIT_FOR(trv_session_shows_refuted(on.session));
}

static void test_typing_is_not_pressing_keys(void **state)
{
	struct trv_span view;
	GtkWidget *entry;

	open_trace(on.calm);
	view = trv_session_view(on.session);
	entry = find_named(gtk_search_entry_get_type);
	press("slash");
	WAIT_FOR(gtk_widget_has_focus(gtk_window_get_focus(GTK_WINDOW(on.window))) &&
		 gtk_widget_is_ancestor(gtk_window_get_focus(GTK_WINDOW(on.window)), entry));
	press("w");
	press("a");
	WAIT_FOR(g_str_equal(gtk_editable_get_text(GTK_EDITABLE(entry)), "wa"));
	assert_int_equal(trv_session_view(on.session).from, view.from);
	assert_int_equal(trv_session_view(on.session).to, view.to);
}

static void test_goes_to_what_is_typed(void **state)
{
	GtkWidget *dialog = NULL, *entry;

	open_trace(on.calm);
	activate("win.go-to");
	WAIT_FOR((dialog = driver_dialog()) != NULL);
	entry = adw_message_dialog_get_extra_child(ADW_MESSAGE_DIALOG(dialog));
	gtk_editable_set_text(GTK_EDITABLE(entry), "soon");
	assert_false(adw_message_dialog_get_response_enabled(ADW_MESSAGE_DIALOG(dialog), "go"));
	gtk_editable_set_text(GTK_EDITABLE(entry), "#1001");
	assert_true(adw_message_dialog_get_response_enabled(ADW_MESSAGE_DIALOG(dialog), "go"));
	adw_message_dialog_response(ADW_MESSAGE_DIALOG(dialog), "go");
	WAIT_FOR(trv_session_selection(on.session)->message == 1001);
	gtk_window_destroy(GTK_WINDOW(dialog));
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
	WAIT_FOR(trv_session_selected_actor(on.session) == row_actor(2) ||
		 trv_session_selected_actor(on.session) == row_actor(1));
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

#define WINDOW_TEST(function) \
	cmocka_unit_test_setup_teardown(function, driver_open_window, driver_close_window)

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
		WINDOW_TEST(test_plays_backwards_and_steps_by_message),
		WINDOW_TEST(test_same_kind_and_chain),
		WINDOW_TEST(test_walks_along_long_waits),
		WINDOW_TEST(test_walks_through_actors),
		WINDOW_TEST(test_lanes_are_pinned_moved_hidden_and_grouped),
		WINDOW_TEST(test_markers_bookmarks_and_the_way_back),
		WINDOW_TEST(test_a_trace_is_remembered_apart_from_it),
		WINDOW_TEST(test_graphs_of_handles_and_asks_and_their_files),
		WINDOW_TEST(test_a_range_is_summed_up),
		WINDOW_TEST(test_asks_in_sql),
		WINDOW_TEST(test_the_find_bar_completes_hides_and_keeps),
		WINDOW_TEST(test_records_a_program),
		WINDOW_TEST(test_says_why_nothing_was_recorded),
		WINDOW_TEST(test_a_program_that_fails_is_recorded),
		WINDOW_TEST(test_the_demo_opens_on_its_deadlock),
		WINDOW_TEST(test_inspector_hides),
		WINDOW_TEST(test_list_goes_to_findings_with_enter),
		WINDOW_TEST(test_refuted_findings_show_on_request),
		WINDOW_TEST(test_finds_and_walks_messages),
		WINDOW_TEST(test_typing_is_not_pressing_keys),
		WINDOW_TEST(test_goes_to_what_is_typed),
		WINDOW_TEST(test_the_actor_list_is_the_same_selection),
		WINDOW_TEST(test_what_cannot_be_opened_is_said),
		WINDOW_TEST(test_follows_a_live_recording),
		WINDOW_TEST(test_opening_again_and_closing_midway),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
