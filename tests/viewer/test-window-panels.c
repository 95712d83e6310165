/*
 * test-window-panels.c - the whole window on a display: lanes, lists, tables, graphs and the find
 * bar
 */
#include "tests/viewer/window-driver.h"

#include "viewer/actor-list.h"
#include "viewer/finding-list.h"
#include "viewer/inspector.h"
#include "viewer/metrics.h"
#include "viewer/range-view.h"
#include "viewer/sql-view.h"
#include "viewer/timeline-layout.h"
#include "viewer/wait-graph-view.h"

#include <string.h>

static void test_walks_through_actors(void **state)
{
	open_trace(on.calm);
	trv_session_select_none(on.session);
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == driver_row(0));
	press("j");
	WAIT_FOR(trv_session_selected_actor(on.session) == driver_row(1));
	press("k");
	WAIT_FOR(trv_session_selected_actor(on.session) == driver_row(0));
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
	second = driver_row(1);
	trv_session_go_to_actor(on.session, second);
	press("t");
	WAIT_FOR(driver_row(0) == second);
	press("t");
	WAIT_FOR(driver_row(1) == second);
	press("alt+Down");
	WAIT_FOR(driver_row(2) == second);
	assert_int_equal(trv_session_sorting(on.session), TRV_SORT_HAND);
	press("shift+k");
	WAIT_FOR(driver_row(1) == second);
	press("Delete");
	WAIT_FOR(trv_session_row_of(on.session, second) == -1);
	assert_int_equal(trv_session_rows(on.session)->hidden, 1);
	press("shift+Delete");
	WAIT_FOR(trv_session_row_of(on.session, second) == 1);
	/* with the pointer: by its name, to the place of the first */
	timeline = GTK_WIDGET(trv_window_timeline(on.window));
	drag(timeline, 60, 1.5 * trv_metrics()->lane, 60, 0.4 * trv_metrics()->lane);
	WAIT_FOR(driver_row(0) == second);
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), "win.sort", "s", "spawn"));
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), "win.group", "s", "kind"));
	WAIT_FOR(driver_row(1) == 0); /* below the lonely room, the connections' heading */
	assert_false(trv_session_rows(on.session)->items[1].folded);
	click(timeline, 60, trv_metrics()->lane + trv_metrics()->group / 2.0);
	WAIT_FOR(trv_session_rows(on.session)->items[1].folded);
	wait_for_frames();
	assert_int_equal(trv_session_row_of(on.session, 2), 1);
	press("e");
	WAIT_FOR(trv_session_row_of(on.session, 2) == 2);
	press("h");
	WAIT_FOR(trv_session_sorting(on.session) == TRV_SORT_DEPTH);
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
	GtkScrolledWindow *scrolled;
	GtkAdjustment *across;

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
	scrolled = GTK_SCROLLED_WINDOW(find(GTK_WIDGET(range), GTK_TYPE_SCROLLED_WINDOW));
	across = gtk_scrolled_window_get_hadjustment(scrolled);
	assert_true(gtk_adjustment_get_upper(across) <= gtk_adjustment_get_page_size(across));
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

static void test_inspector_hides(void **state)
{
	open_trace(on.hang);
	assert_true(shows(GTK_WIDGET(on.window), "In words"));
	press("F9");
	WAIT_FOR(!shows(GTK_WIDGET(on.window), "In words"));
	press("F9");
	WAIT_FOR(shows(GTK_WIDGET(on.window), "In words"));
}

static bool has_inspector(void)
{
	gboolean shown;

	g_object_get(on.window, "inspector", &shown, NULL);
	return shown;
}

/* It holds as many words a line whatever the size of text; where that is too much for the window it
 * goes, and lies over the lanes when it is wanted. */
static void test_inspector_widens_with_the_text(void **state)
{
	GtkWidget *inspector = find_named(trv_inspector_get_type);
	int usual, large;

	open_trace(on.hang);
	assert_true(has_inspector());
	gtk_widget_measure(inspector, GTK_ORIENTATION_HORIZONTAL, -1, &usual, NULL, NULL, NULL);
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", 192 * PANGO_SCALE, NULL);
	WAIT_FOR(!has_inspector());
	gtk_widget_measure(inspector, GTK_ORIENTATION_HORIZONTAL, -1, &large, NULL, NULL, NULL);
	assert_true(large > 3 * usual / 2);
	press("F9");
	WAIT_FOR(has_inspector());
	press("F9");
	WAIT_FOR(!has_inspector());
	g_object_set(gtk_settings_get_default(), "gtk-xft-dpi", 96 * PANGO_SCALE, NULL);
	WAIT_FOR(has_inspector());
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
	WAIT_FOR(trv_session_time(on.session) == trv_finding_instant(driver_finding(0)));
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

/* The button in the inspector with a label that says `text`. */
static GtkWidget *card_that_says(GtkWidget *widget, const char *text)
{
	GtkWidget *found = NULL;

	if (GTK_IS_BUTTON(widget) && shows(widget, text))
		return widget;
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child && !found;
	     child = gtk_widget_get_next_sibling(child))
		found = card_that_says(child, text);
	return found;
}

static void test_a_refuted_finding_leads_to_its_proofs(void **state)
{
	GtkWidget *inspector, *card;
	struct trc_finding *finding;
	size_t last;

	open_trace(on.hang);
	last = trv_session_survey(on.session)->findings.count - 1;
	finding = &trv_session_survey(on.session)->findings.items[last];
	/* as if check had said so */
	finding->code = TRC_CODE_REFUTED;
	finding->proof_count = 1;
	free(finding->proofs);
	finding->proofs = calloc(1, sizeof *finding->proofs);
	finding->proofs[0] = (struct trc_proof){
		.time = finding->time - 3,
		.actor = driver_row(0),
		.says = strdup("lobby never waits"),
		.file = strdup("src/room.c"),
		.function = strdup("deliver"),
		.line = 41,
	};
	finding->edges[0].waits = false; /* and nobody began to wait then */
	finding->edges[0].since = finding->time - 1;
	trv_session_go_to_finding(on.session, last);
	inspector = find_named(trv_inspector_get_type);
	WAIT_FOR((card = card_that_says(inspector, "Lobby never waits")));
	assert_true(shows(card, "room.c:41 in deliver"));
	g_signal_emit_by_name(card, "clicked");
	assert_int_equal(trv_session_time(on.session), driver_finding(0)->time - 3);
	assert_int_equal(trv_session_revealed(on.session), driver_row(0));
	/* the finding stays where one reads it, and a wait that never was leads to its instant */
	wait_for_frames();
	assert_true(card_that_says(inspector, "Lobby never waits") == card);
	WAIT_FOR((card = card_that_says(inspector, finding->edges[0].from_name)));
	g_signal_emit_by_name(card, "clicked");
	assert_int_equal(trv_session_time(on.session), finding->time - 1);
	assert_int_equal(trv_session_selection(on.session)->kind, TRV_SELECTED_FINDING);
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
	WAIT_FOR(trv_session_selected_actor(on.session) == driver_row(2) ||
		 trv_session_selected_actor(on.session) == driver_row(1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_walks_through_actors),
		WINDOW_TEST(test_lanes_are_pinned_moved_hidden_and_grouped),
		WINDOW_TEST(test_graphs_of_handles_and_asks_and_their_files),
		WINDOW_TEST(test_a_range_is_summed_up),
		WINDOW_TEST(test_asks_in_sql),
		WINDOW_TEST(test_the_find_bar_completes_hides_and_keeps),
		WINDOW_TEST(test_inspector_hides),
		WINDOW_TEST(test_inspector_widens_with_the_text),
		WINDOW_TEST(test_list_goes_to_findings_with_enter),
		WINDOW_TEST(test_refuted_findings_show_on_request),
		WINDOW_TEST(test_a_refuted_finding_leads_to_its_proofs),
		WINDOW_TEST(test_finds_and_walks_messages),
		WINDOW_TEST(test_typing_is_not_pressing_keys),
		WINDOW_TEST(test_goes_to_what_is_typed),
		WINDOW_TEST(test_the_actor_list_is_the_same_selection),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
