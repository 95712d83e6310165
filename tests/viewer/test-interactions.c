/*
 * test-interactions.c - the ten things that one does with the viewer, done to the real program with
 * keys and the pointer, and judged by what a screen reader is told and by what is seen
 *
 * Arguments: the viewer, the recorder, the chat's rehearsal. The trace is a recording of the chat
 * that hangs.
 */
#include "tests/viewer/sample-trace.h"
#include "tests/viewer/screen-reader.h"

#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

static const char *viewer, *recorder, *rehearsal;
static char *folder, *hang, *home;

/* As for the first time: what was pinned, marked or sorted in another test is not remembered. */
static void open_viewer(const char *trace)
{
	g_autofree char *template = g_build_filename(folder, "home-XXXXXX", NULL);

	assert_non_null(g_mkdtemp(template));
	home = g_steal_pointer(&template);
	reader_open(viewer, trace, home);
}

static AtspiAccessible *playhead(void)
{
	return reader_find(ATSPI_ROLE_LABEL, "Time at the playhead");
}

/* "12.5 ms" in seconds. */
static double seconds(double number, const char *unit)
{
	static const char *const units[] = {"ns", "µs", "ms"};
	static const double scales[] = {1e-9, 1e-6, 1e-3};

	for (size_t i = 0; i < G_N_ELEMENTS(units); i++) {
		if (g_str_equal(unit, units[i]))
			return number * scales[i];
	}
	assert_string_equal(unit, "s");
	return number;
}

static double now(AtspiAccessible *label)
{
	double number;
	char unit[8];

	assert_int_equal(sscanf(reader_name(label), "%lf %7s", &number, unit), 2);
	return seconds(number, unit);
}

static AtspiAccessible *timeline(void)
{
	return reader_find(ATSPI_ROLE_IMAGE, "Timeline");
}

static bool says(AtspiAccessible *canvas, const char *words)
{
	return strstr(reader_description(canvas), words) != NULL;
}

/* What the timeline says is in sight: "43 actors from 1.2 s to 3 s, playhead at ..." */
static void in_sight(AtspiAccessible *lanes, double *ret_from, double *ret_to)
{
	const char *words = reader_description(lanes), *from = strstr(words, " from ");
	char units[2][8];

	assert_non_null(from);
	assert_int_equal(
		sscanf(from, " from %lf %7s to %lf %7[^,]", ret_from, units[0], ret_to, units[1]),
		4);
	*ret_from = seconds(*ret_from, units[0]);
	*ret_to = seconds(*ret_to, units[1]);
}

static double length_in_sight(AtspiAccessible *lanes)
{
	double from, to;

	in_sight(lanes, &from, &to);
	return to - from;
}

static double start_in_sight(AtspiAccessible *lanes)
{
	double from, to;

	in_sight(lanes, &from, &to);
	return from;
}

/* Returns how long all is. It may be in sight already, and is left first: so it is seen to come. */
static double see_all(AtspiAccessible *lanes)
{
	double length = length_in_sight(lanes);

	reader_press("w");
	READER_WAIT(length_in_sight(lanes) < length);
	reader_press("0");
	READER_WAIT(length_in_sight(lanes) >= length);
	return length_in_sight(lanes);
}

/* With the pointer, on the ruler. */
static void to_the_beginning(void)
{
	AtspiAccessible *ruler = reader_find(ATSPI_ROLE_IMAGE, "Time ruler");
	AtspiAccessible *label = playhead();
	int width, height;

	reader_press("0");
	READER_WAIT(start_in_sight(timeline()) < 1e-6);
	reader_size(ruler, &width, &height);
	reader_drag(ruler, width / 2, height / 2, 210, height / 2, NULL);
	READER_WAIT(now(label) < 0.2);
}

static AtspiAccessible *lane_rows(void)
{
	AtspiAccessible *tab = reader_find(ATSPI_ROLE_PAGE_TAB, "Actors");

	reader_click(tab, 20, 10);
	return reader_find(ATSPI_ROLE_LIST, "Actors");
}

/* --- the ten -----------------------------------------------------------------------------------
 */

static void test_1_scrubbing_moves_everything(void **state)
{
	AtspiAccessible *label = playhead(), *lanes = timeline(), *ruler, *graph, *rows, *row;
	g_autofree char *before = NULL, *state_before = NULL, *graph_before = NULL;

	ruler = reader_find(ATSPI_ROLE_IMAGE, "Time ruler");
	graph = reader_find(ATSPI_ROLE_IMAGE, "Graph of actors");
	rows = lane_rows();
	row = reader_child(rows, 1);
	READER_WAIT(strstr(reader_name(row), "waits for space"));
	before = g_strdup(reader_name(label));
	graph_before = g_strdup(reader_description(graph));
	reader_press("comma");
	READER_WAIT(strcmp(reader_name(label), before) != 0 ||
		    strcmp(reader_description(graph), graph_before) != 0);
	reader_press("period");
	READER_WAIT(strcmp(reader_description(graph), graph_before) == 0);
	/* with the pointer, on the ruler, to its beginning: nobody waits there */
	state_before = g_strdup(reader_name(row));
	to_the_beginning();
	READER_WAIT(strcmp(reader_name(row), state_before) != 0);
	READER_WAIT(strcmp(reader_description(graph), graph_before) != 0);
	g_free(before);
	before = g_strdup_printf("playhead at %s", reader_description(ruler));
	READER_WAIT(says(lanes, before));
}

static void test_2_zoom_and_pan(void **state)
{
	AtspiAccessible *lanes = timeline();
	double all, length, start;
	int width, height;
	unsigned picture;

	all = see_all(lanes);
	picture = reader_picture(lanes);
	reader_press("w");
	READER_WAIT(length_in_sight(lanes) < all);
	READER_WAIT(reader_picture(lanes) != picture);
	length = length_in_sight(lanes);
	start = start_in_sight(lanes);
	reader_press("d");
	READER_WAIT(start_in_sight(lanes) > start);
	reader_press("a");
	READER_WAIT(start_in_sight(lanes) < start + length / 1000);
	reader_size(lanes, &width, &height);
	reader_wheel(lanes, width / 2, 40, "4", "ctrl");
	READER_WAIT(length_in_sight(lanes) < length * 0.99);
	start = start_in_sight(lanes);
	reader_wheel(lanes, width / 2, 40, "5", "shift");
	READER_WAIT(start_in_sight(lanes) > start);
	start = start_in_sight(lanes);
	reader_drag(lanes, width / 2, 40, width / 2 + 100, 40, NULL);
	READER_WAIT(start_in_sight(lanes) < start);
	reader_press("0");
	READER_WAIT(length_in_sight(lanes) == all);
	reader_press("f");
	READER_WAIT(length_in_sight(lanes) < all);
	reader_press("alt+Left");
	READER_WAIT(length_in_sight(lanes) == all);
	reader_press("alt+Right");
	READER_WAIT(length_in_sight(lanes) < all);
	length = length_in_sight(lanes);
	reader_press("s");
	READER_WAIT(length_in_sight(lanes) > length);
	/* from A to B, marked with the pointer */
	length = length_in_sight(lanes);
	reader_drag(lanes, width / 2, 60, width / 2 + 200, 60, "shift");
	READER_WAIT(reader_reads("B − A"));
	reader_press("z");
	READER_WAIT(length_in_sight(lanes) < length);
}

/* Types into the find bar, and goes to the first message found. */
static AtspiAccessible *find_message(const char *text)
{
	AtspiAccessible *count;

	reader_press("slash");
	reader_find(ATSPI_ROLE_ENTRY, "Find messages");
	reader_type(text);
	READER_WAIT(says(reader_find(ATSPI_ROLE_IMAGE, "Overview"), "found: "));
	count = reader_find(ATSPI_ROLE_PUSH_BUTTON, "Next one found");
	reader_press("Return");
	READER_WAIT(says(timeline(), "Selected: message"));
	return count;
}

/* Keys mean themselves until it is gone. */
static void leave_find_bar(void)
{
	AtspiAccessible *overview = reader_find(ATSPI_ROLE_IMAGE, "Overview");

	reader_press("Escape");
	READER_WAIT(!says(overview, "found"));
	READER_WAIT(reader_look(ATSPI_ROLE_ENTRY, "Find messages") == NULL);
}

/* Once what was done before has been drawn. */
static unsigned picture_at_rest(AtspiAccessible *thing)
{
	unsigned picture = reader_picture(thing), before;

	do {
		before = picture;
		for (int i = 0; i < 15; i++)
			reader_pause();
		picture = reader_picture(thing);
	} while (picture != before);
	return picture;
}

static void test_3_cause_and_effect(void **state)
{
	AtspiAccessible *lanes = timeline();
	g_autofree char *message = NULL;
	unsigned picture;

	find_message("type:Say from:from*");
	leave_find_bar();
	message = g_strdup(strstr(reader_description(lanes), "Selected"));
	READER_WAIT(reader_look(ATSPI_ROLE_PUSH_BUTTON, "Effect") != NULL);
	reader_press("bracketright");
	READER_WAIT(!says(lanes, message) && says(lanes, " Frame from "));
	reader_press("bracketleft");
	READER_WAIT(says(lanes, message));
	reader_press("bracketleft");
	READER_WAIT(!says(lanes, message));
	/* the chain is longer, and that is seen; what is said of it is gone too soon to wait for */
	picture = picture_at_rest(lanes);
	reader_press("braceright");
	READER_WAIT(reader_picture(lanes) != picture);
	reader_press("braceleft");
	READER_WAIT(reader_picture(lanes) == picture);
}

static void test_4_enter_on_a_finding(void **state)
{
	AtspiAccessible *lanes = timeline(), *label = playhead(), *findings, *rows;
	g_autofree char *instant = g_strdup(reader_name(label));
	double all;

	all = see_all(lanes);
	reader_press("Escape");
	reader_press("Escape");
	reader_press("comma");
	READER_WAIT(!says(lanes, "Selected"));
	findings = reader_find(ATSPI_ROLE_LIST, "Findings");
	reader_click(reader_child(findings, 0), 100, 20);
	READER_WAIT(says(lanes, "Selected: finding room \"lobby\" and connection \"slow\""));
	reader_press("0");
	READER_WAIT(length_in_sight(lanes) == all);
	reader_press("Return");
	READER_WAIT(length_in_sight(lanes) < all);
	assert_string_equal(reader_name(label), instant);
	READER_WAIT(reader_reads("In words"));
	/* the two are together at the top */
	rows = lane_rows();
	READER_WAIT(g_str_has_prefix(reader_name(reader_child(rows, 0)), "lobby, room"));
	READER_WAIT(g_str_has_prefix(reader_name(reader_child(rows, 1)), "slow, connection"));
}

static void test_5_the_graph_at_the_playhead(void **state)
{
	AtspiAccessible *graph = reader_find(ATSPI_ROLE_IMAGE, "Graph of actors");
	AtspiAccessible *label = playhead();
	unsigned picture = reader_picture(graph);
	g_autofree char *instant = g_strdup(reader_name(label));

	READER_WAIT(says(graph, "10\u00a0actors wait"));
	reader_press("c");
	READER_WAIT(strcmp(reader_name(label), instant) != 0);
	READER_WAIT(reader_picture(graph) != picture);
	reader_press("shift+c");
	READER_WAIT(strcmp(reader_name(label), instant) == 0);
	READER_WAIT(reader_picture(graph) == picture);
	reader_press("g");
	READER_WAIT(says(graph, "Handles") || says(graph, "handle"));
	READER_WAIT(reader_picture(graph) != picture);
	reader_press("g");
	READER_WAIT(says(graph, "Ask") || says(graph, "ask"));
}

/* The names of the first lanes. */
static char *order(AtspiAccessible *rows)
{
	GString *text = g_string_new(NULL);

	for (int i = 0; i < 30; i++)
		g_string_append_printf(text, "%s\n", reader_name(reader_child(rows, i)));
	return g_string_free(text, FALSE);
}

static bool has_order(AtspiAccessible *rows, const char *names)
{
	g_autofree char *text = order(rows);

	return g_str_equal(text, names);
}

static void test_6_the_mailbox_at_the_playhead(void **state)
{
	AtspiAccessible *lanes = timeline(), *rows = lane_rows();
	g_autofree char *first = NULL;

	reader_click(reader_child(rows, 0), 40, 10);
	READER_WAIT(says(lanes, "Selected: actor lobby"));
	READER_WAIT(reader_reads("Mailbox: 100 of 100"));
	reader_press("Escape");
	reader_press("Escape");
	READER_WAIT(!says(lanes, "Selected"));
	first = order(rows);
	reader_press("h");
	READER_WAIT(!has_order(rows, first));
}

static void test_7_the_next_of_its_kind(void **state)
{
	AtspiAccessible *lanes = timeline(), *rows;
	g_autofree char *first = NULL;

	/* the room's wait began before the deadlock, the connection's with it */
	rows = lane_rows();
	reader_click(reader_child(rows, 0), 40, 10);
	READER_WAIT(says(lanes, "Selected: actor lobby"));
	reader_press("shift+i");
	READER_WAIT(says(lanes, "Selected: wait of "));
	reader_click(reader_child(rows, 1), 40, 10);
	READER_WAIT(says(lanes, "Selected: actor slow"));
	reader_press("i");
	READER_WAIT(says(lanes, "Selected: wait of "));
	to_the_beginning();
	find_message("type:Say");
	leave_find_bar();
	first = g_strdup(strstr(reader_description(lanes), "Selected"));
	reader_press("n");
	READER_WAIT(!says(lanes, first) && says(lanes, " Say from "));
	reader_press("p");
	READER_WAIT(says(lanes, first));
	reader_press("shift+n");
	READER_WAIT(!says(lanes, first) && says(lanes, " Say from "));
}

static void test_8_filter_dims_and_counts(void **state)
{
	AtspiAccessible *lanes = timeline(), *overview, *entry;
	unsigned plain, dimmed;

	overview = reader_find(ATSPI_ROLE_IMAGE, "Overview");
	reader_press("slash");
	entry = reader_find(ATSPI_ROLE_ENTRY, "Find messages");
	assert_non_null(entry);
	READER_WAIT(says(overview, "findings"));
	plain = reader_picture(lanes);
	reader_type("type:Join");
	READER_WAIT(reader_reads("6\u00a0messages"));
	READER_WAIT(says(overview, "found: 6\u00a0messages"));
	READER_WAIT(reader_picture(lanes) != plain);
	dimmed = reader_picture(lanes);
	reader_press("ctrl+Return");
	READER_WAIT(reader_picture(lanes) != dimmed);
	reader_press("Return"); /* the next one after the playhead, and round */
	READER_WAIT(reader_reads("6 of 6"));
	reader_press("Return");
	READER_WAIT(reader_reads("1 of 6"));
	reader_press("shift+Return");
	READER_WAIT(reader_reads("6 of 6"));
	READER_WAIT(says(lanes, " Join from "));
	reader_press("Escape");
	READER_WAIT(!says(overview, "found"));
}

static void test_9_a_range_and_a_bookmark(void **state)
{
	AtspiAccessible *lanes = timeline(), *table;
	int width, height;

	reader_press("0");
	reader_size(lanes, &width, &height);
	reader_drag(lanes, 220, 60, width - 20, 60, "shift");
	READER_WAIT(reader_reads("B − A"));
	reader_press("x");
	table = reader_find(ATSPI_ROLE_TREE_TABLE, "Messages from A to B");
	READER_WAIT(reader_reads("from A to B"));
	READER_WAIT(reader_look_in(table, ATSPI_ROLE_LABEL, "WsSend") != NULL);
	reader_press("m");
	reader_find(ATSPI_ROLE_LABEL, "Bookmark");
	reader_press("h");
	reader_type("ere it hangs");
	reader_press("Return");
	reader_click(reader_find(ATSPI_ROLE_PAGE_TAB, "Notes (1)"), 20, 10);
	READER_WAIT(reader_reads("here it hangs"));
}

static void test_10_follows_a_live_recording(void **state)
{
	g_autofree char *path = g_build_filename(folder, "live.db", NULL);
	struct sample *sample = sample_new(path);
	AtspiAccessible *label, *toast, *show, *lanes, *live;
	g_autofree char *time = NULL;
	double closing;

	build_chat(sample_builder(sample), 3, false);
	sample_commit(sample);
	open_viewer(path);
	live = reader_find(ATSPI_ROLE_PUSH_BUTTON, "Live");
	label = playhead();
	lanes = timeline();
	READER_WAIT(says(lanes, "Selected: finding")); /* what could go wrong in it */
	reader_press("l");
	READER_WAIT(reader_is_on(live));
	time = g_strdup(reader_name(label));
	build_send(sample_builder(sample), 2, 1, 5000, TYPE_SAY, 0, "more");
	build_receive(sample_builder(sample), 1, 5000);
	build_done(sample_builder(sample), 1, 5000);
	sample_commit(sample);
	READER_WAIT(strcmp(reader_name(label), time) != 0);
	/* a step lets go of the end; what locks up meanwhile is told, and can be gone to */
	reader_press("comma");
	READER_WAIT(!reader_is_on(live));
	g_free(time);
	time = g_strdup(reader_name(label));
	build_hang(sample_builder(sample));
	closing = 1e-9 * (double)(sample_builder(sample)->time - 1000); /* of the last event */
	sample_commit(sample);
	/* the toast's: the graph's tools show something, too */
	toast = reader_find(ATSPI_ROLE_FILLER, "AdwToastWidget");
	READER_WAIT((show = reader_look_in(toast, ATSPI_ROLE_PUSH_BUTTON, "Show")) != NULL);
	assert_string_equal(reader_name(label), time);
	reader_activate(show);
	READER_WAIT(says(lanes, "wait for each other"));
	/* to the instant at which the last one began to wait, and that has a place in the frame */
	READER_WAIT(fabs(now(label) - closing) < 5e-7);
	READER_WAIT(start_in_sight(lanes) < closing &&
		    start_in_sight(lanes) + length_in_sight(lanes) > closing);
	reader_press("l");
	build_send(sample_builder(sample), 2, 1, 5001, TYPE_SAY, 0, "again");
	sample_end(sample, true);
	READER_WAIT(reader_look(ATSPI_ROLE_PUSH_BUTTON, "Live") == NULL);
}

static void test_everything_shown_has_a_name(void **state)
{
	assert_int_equal(reader_count_nameless(), 0);
	lane_rows();
	reader_press("slash");
	reader_find(ATSPI_ROLE_ENTRY, "Find messages");
	assert_int_equal(reader_count_nameless(), 0);
	reader_press("Escape");
	reader_press("x");
	reader_find(ATSPI_ROLE_TREE_TABLE, "Messages from A to B");
	assert_int_equal(reader_count_nameless(), 0);
}

/* --- all ---------------------------------------------------------------------------------------
 */

static int open_hang(void **state)
{
	open_viewer(hang);
	/* It opens on its deadlock; until then things still move about. */
	READER_WAIT(reader_look(ATSPI_ROLE_LIST_ITEM, "room \"lobby\"") != NULL);
	READER_WAIT(says(timeline(), "Selected: finding"));
	return 0;
}

static int close_it(void **state)
{
	reader_close();
	g_clear_pointer(&home, g_free);
	return 0;
}

static int set_up(void **state)
{
	g_autoptr(GSubprocess) process = NULL;

	folder = g_dir_make_tmp("actorscope-reader-XXXXXX", NULL);
	assert_non_null(folder);
	hang = g_build_filename(folder, "hang.db", NULL);
	process = g_subprocess_new(
		G_SUBPROCESS_FLAGS_STDOUT_SILENCE | G_SUBPROCESS_FLAGS_STDERR_SILENCE, NULL,
		recorder, "record", "-o", hang, "--", rehearsal, "hang", "--seed", "3", NULL);
	assert_non_null(process);
	assert_true(g_subprocess_wait_check(process, NULL, NULL));
	return 0;
}

static int tear_down(void **state)
{
	g_autoptr(GSubprocess) process =
		g_subprocess_new(G_SUBPROCESS_FLAGS_NONE, NULL, "rm", "-r", folder, NULL);

	g_subprocess_wait(process, NULL, NULL);
	g_free(folder);
	g_free(hang);
	return 0;
}

#define READER_TEST(function) cmocka_unit_test_setup_teardown(function, open_hang, close_it)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		READER_TEST(test_1_scrubbing_moves_everything),
		READER_TEST(test_2_zoom_and_pan),
		READER_TEST(test_3_cause_and_effect),
		READER_TEST(test_4_enter_on_a_finding),
		READER_TEST(test_5_the_graph_at_the_playhead),
		READER_TEST(test_6_the_mailbox_at_the_playhead),
		READER_TEST(test_7_the_next_of_its_kind),
		READER_TEST(test_8_filter_dims_and_counts),
		READER_TEST(test_9_a_range_and_a_bookmark),
		cmocka_unit_test_teardown(test_10_follows_a_live_recording, close_it),
		READER_TEST(test_everything_shown_has_a_name),
	};

	if (argc < 4)
		return 2;
	viewer = argv[1];
	recorder = argv[2];
	rehearsal = argv[3];
	if (!reader_init())
		return 77;
	if (argc > 4)
		cmocka_set_test_filter(argv[4]);
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
