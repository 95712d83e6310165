/*
 * test-window-files.c - the whole window on a display: traces that are opened, recorded, followed,
 * remembered, or no traces at all
 */
#include "tests/viewer/window-driver.h"

#include "tests/viewer/sample-trace.h"

#include <string.h>

static void test_starts_empty(void **state)
{
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
	assert_true(shows(GTK_WIDGET(on.window), "Open a Trace"));
	press("c"); /* keys of a trace do nothing without one */
	wait_for_frames();
	assert_int_equal(trv_session_state(on.session), TRV_EMPTY);
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
	pinned = driver_row(2);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_starts_empty),
		WINDOW_TEST(test_a_trace_is_remembered_apart_from_it),
		WINDOW_TEST(test_records_a_program),
		WINDOW_TEST(test_says_why_nothing_was_recorded),
		WINDOW_TEST(test_a_program_that_fails_is_recorded),
		WINDOW_TEST(test_the_demo_opens_on_its_deadlock),
		WINDOW_TEST(test_what_cannot_be_opened_is_said),
		WINDOW_TEST(test_follows_a_live_recording),
		WINDOW_TEST(test_opening_again_and_closing_midway),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
