/*
 * test-window-bad-files.c - the whole window on a display: what is no trace, what was one, and what
 * is taken away while it is looked at. Whatever the file, nothing crashes, nothing warns (a warning
 * is fatal here), and what cannot be shown is said.
 */
#include "tests/viewer/window-driver.h"

#include "tests/viewer/sample-trace.h"

#include <glib/gstdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { NOBODY = 65534, FLIPPED = 16, CUT = 6 };

static char *in_folder(const char *name)
{
	return g_build_filename(on.folder, name, NULL);
}

/* The window says that the file cannot be opened, which one, and why. */
static void assert_refused(const char *path, const char *why)
{
	open_trace(path);
	assert_int_equal(trv_session_state(on.session), TRV_FAILED);
	assert_true(shows(GTK_WIDGET(on.window), "This Trace Cannot Be Opened"));
	assert_true(shows(GTK_WIDGET(on.window), trv_session_error(on.session)));
	assert_non_null(strstr(trv_session_error(on.session), path));
	if (!strstr(trv_session_error(on.session), why))
		fail_msg("\"%s\" does not say \"%s\"", trv_session_error(on.session), why);
}

/* All of it, its parts, and other times. */
static void look_around(void)
{
	const struct trc_trace_info *info = trv_session_info(on.session);
	int64_t first = (int64_t)info->first_time, length = (int64_t)info->last_time - first;

	trv_session_fit(on.session);
	for (int i = 0; i <= 4; i++) {
		trv_session_set_time(on.session, first + length / 4 * i);
		trv_session_zoom(on.session, 3, first + length / 4 * i);
		trv_session_step(on.session, 0, i % 2);
		wait_for_frames();
	}
}

/* --- what is no trace --------------------------------------------------------------------------
 */

static void test_what_is_no_regular_file(void **state)
{
	g_autofree char *fifo = in_folder("fifo"), *none = in_folder("none");

	assert_refused(on.folder, "is a directory");
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_refused(fifo, "not a regular file");
	assert_refused(none, "No such file");
	assert_refused("/dev/zero", "not a regular file");
}

static void test_what_may_not_be_read(void **state)
{
	bool root = geteuid() == 0;

	assert_int_equal(chmod(on.calm, 0), 0);
	if (root)
		assert_int_equal(seteuid(NOBODY), 0);
	assert_refused(on.calm, "Permission denied");
	if (root)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(chmod(on.calm, 0600), 0);
	open_trace(on.calm);
	assert_int_equal(trv_session_state(on.session), TRV_READY);
}

static void test_what_is_empty(void **state)
{
	g_autofree char *path = in_folder("empty.db");

	assert_true(g_file_set_contents(path, "", 0, NULL));
	assert_refused(path, "empty");
}

static void test_a_trace_without_events(void **state)
{
	static const char *const keys[] = {"0",     "f", "comma", "period", "n", "c",
					   "space", "w", "d",     "m",      NULL};
	g_autofree char *path = in_folder("no-events.db");

	sample_end(sample_new(path), true);
	open_trace(path);
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	assert_int_equal(trv_session_info(on.session)->events, 0);
	for (size_t i = 0; keys[i]; i++)
		press(keys[i]);
	look_around();
	assert_int_equal(trv_session_state(on.session), TRV_READY);
}

/* --- what was one ------------------------------------------------------------------------------
 */

static void open_damaged(const char *path, const char *bytes, gsize size)
{
	assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
	open_trace(path);
	if (trv_session_state(on.session) == TRV_READY) {
		look_around();
		return;
	}
	assert_true(shows(GTK_WIDGET(on.window), "This Trace Cannot Be Opened"));
	assert_true(strlen(trv_session_error(on.session)) > 20);
}

static void test_damaged_traces(void **state)
{
	g_autofree char *path = in_folder("damaged.db"), *whole = NULL;
	gsize size;

	assert_true(g_file_get_contents(on.hang, &whole, &size, NULL));
	srand(11);
	for (int i = 0; i < FLIPPED; i++) {
		g_autofree char *bytes = g_memdup2(whole, size);

		for (int k = 0; k < 40; k++)
			bytes[(gsize)rand() % size] ^= (char)(1 << rand() % 8);
		open_damaged(path, bytes, size);
	}
	for (gsize i = 1; i <= CUT; i++)
		open_damaged(path, whole, size * i / (CUT + 1));
	open_trace(on.hang); /* after all of this */
	assert_int_equal(trv_session_state(on.session), TRV_READY);
}

/* Fuzzing found each of them: they end up in the middle of a good trace. */
static void test_hostile_traces(void **state)
{
	const char *corpus = g_getenv("HOSTILE_CORPUS");
	g_autofree char *path = in_folder("hostile.db"), *whole = NULL;
	g_autoptr(GDir) folder = g_dir_open(corpus, 0, NULL);
	const char *name;
	gsize size, count = 0;

	assert_non_null(folder);
	assert_true(g_file_get_contents(on.hang, &whole, &size, NULL));
	while ((name = g_dir_read_name(folder))) {
		g_autofree char *file = g_build_filename(corpus, name, NULL), *part = NULL;
		g_autofree char *bytes = g_memdup2(whole, size);
		gsize length;

		assert_true(g_file_get_contents(file, &part, &length, NULL));
		if (length < 4 || count++ % 4 != 0) /* a quarter of them: each takes a while */
			continue;
		for (gsize at = 4096 * (1 + count % 5); at + length < size; at += 3 * 4096)
			memcpy(bytes + at, part, length);
		open_damaged(path, bytes, size);
	}
	assert_true(count > 8);
}

/* --- what is taken away ------------------------------------------------------------------------
 */

static char *copy_of(const char *trace, const char *name)
{
	char *path = in_folder(name);
	g_autofree char *bytes = NULL;
	gsize size;

	assert_true(g_file_get_contents(trace, &bytes, &size, NULL));
	assert_true(g_file_set_contents(path, bytes, (gssize)size, NULL));
	return path;
}

static void test_a_trace_is_deleted(void **state)
{
	g_autofree char *path = copy_of(on.hang, "deleted.db");

	open_trace(path);
	assert_int_equal(g_unlink(path), 0);
	look_around(); /* what is open stays open */
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	assert_refused(path, "No such file");
}

static void test_a_trace_is_replaced(void **state)
{
	g_autofree char *path = copy_of(on.hang, "replaced.db");
	g_autofree char *other = in_folder("other.db");
	struct sample *sample = sample_new(other);
	uint64_t events;

	build_definitions(sample_builder(sample));
	build_spawn(sample_builder(sample), 0, 1, KIND_ROOM, "another", 2);
	sample_end(sample, true);
	open_trace(path);
	events = trv_session_info(on.session)->events;
	assert_int_equal(g_rename(other, path), 0);
	look_around(); /* still the one that was opened */
	assert_int_equal(trv_session_info(on.session)->events, events);
	assert_int_equal(trc_model_actor_count(trv_session_model(on.session)), 5);
	open_trace(path); /* the other one, when it is asked for */
	assert_int_equal(trv_session_actor_count(on.session), 1);
}

static void test_a_trace_is_cut_short(void **state)
{
	g_autofree char *path = copy_of(on.hang, "cut.db");

	open_trace(path);
	assert_int_equal(truncate(path, 6000), 0);
	look_around();
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	assert_int_equal(truncate(path, 0), 0);
	look_around();
	assert_refused(path, "empty");
}

/* A recording that goes on is looked at again and again. What was read stays; to open it again says
 * what has become of it. */
static void test_a_recording_is_cut_short(void **state)
{
	g_autofree char *path = in_folder("live-cut.db");
	g_autofree char *log = g_strconcat(path, "-wal", NULL);
	struct sample *sample = sample_new(path);

	build_chat(sample_builder(sample), 50, false);
	sample_commit(sample);
	open_trace(path);
	assert_true(trv_session_is_live(on.session));
	assert_int_equal(truncate(path, 3000), 0);
	assert_int_equal(truncate(log, 100), 0);
	look_around();
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	assert_int_equal(trv_session_actor_count(on.session), 5);
	assert_refused(path, "");
	sample_end(sample, false);
}

static void test_a_recording_is_deleted(void **state)
{
	g_autofree char *path = in_folder("live-deleted.db");
	struct sample *sample = sample_new(path);

	build_chat(sample_builder(sample), 50, false);
	sample_commit(sample);
	open_trace(path);
	assert_true(trv_session_is_live(on.session));
	assert_int_equal(g_unlink(path), 0);
	look_around();
	assert_int_equal(trv_session_state(on.session), TRV_READY);
	sample_end(sample, false);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_what_is_no_regular_file),
		WINDOW_TEST(test_what_may_not_be_read),
		WINDOW_TEST(test_what_is_empty),
		WINDOW_TEST(test_a_trace_without_events),
		WINDOW_TEST(test_damaged_traces),
		WINDOW_TEST(test_hostile_traces),
		WINDOW_TEST(test_a_trace_is_deleted),
		WINDOW_TEST(test_a_trace_is_replaced),
		WINDOW_TEST(test_a_trace_is_cut_short),
		WINDOW_TEST(test_a_recording_is_cut_short),
		WINDOW_TEST(test_a_recording_is_deleted),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
