/*
 * test-command.c - actorscope-viewer from a terminal: pictures, and what it says when it cannot
 *
 * Arguments: the viewer's program.
 */
#include "tests/viewer/sample-trace.h"

#include <gdk/gdk.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *viewer;
static char *folder, *hang, *calm;

struct run {
	int status;
	char *errors; /* what it printed there */
};

static struct run run_viewer(GSubprocessFlags flags, bool display, const char *first, ...)
{
	g_autoptr(GPtrArray) arguments = g_ptr_array_new();
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(flags | G_SUBPROCESS_FLAGS_STDERR_PIPE);
	g_autoptr(GSubprocess) process = NULL;
	struct run run = {0};
	va_list more;

	g_ptr_array_add(arguments, (char *)viewer);
	va_start(more, first);
	for (const char *next = first; next; next = va_arg(more, const char *))
		g_ptr_array_add(arguments, (char *)next);
	va_end(more);
	g_ptr_array_add(arguments, NULL);
	if (!display) {
		g_subprocess_launcher_unsetenv(launcher, "DISPLAY");
		g_subprocess_launcher_setenv(launcher, "GDK_BACKEND", "x11", TRUE);
	}
	process =
		g_subprocess_launcher_spawnv(launcher, (const char *const *)arguments->pdata, NULL);
	assert_non_null(process);
	assert_true(g_subprocess_communicate_utf8(process, NULL, NULL, NULL, &run.errors, NULL));
	assert_true(g_subprocess_get_if_exited(process));
	run.status = g_subprocess_get_exit_status(process);
	return run;
}

#define RUN(...) run_viewer(G_SUBPROCESS_FLAGS_NONE, true, __VA_ARGS__, NULL)

static void assert_run(struct run run, int status, const char *says)
{
	if (run.status != status || !strstr(run.errors, says) || (!says[0] && run.errors[0]))
		fail_msg("exit status %d, not %d; it said: %s", run.status, status, run.errors);
	g_free(run.errors);
}

static char *in_folder(const char *name)
{
	return g_build_filename(folder, name, NULL);
}

/* The colours of a picture; a blank one has one. */
static size_t count_colours(const char *path, int width, int height)
{
	g_autoptr(GdkTexture) texture = gdk_texture_new_from_filename(path, NULL);
	g_autoptr(GHashTable) colours = g_hash_table_new(NULL, NULL);
	g_autofree guint32 *pixels = NULL;

	assert_non_null(texture);
	assert_int_equal(gdk_texture_get_width(texture), width);
	assert_int_equal(gdk_texture_get_height(texture), height);
	pixels = g_new(guint32, (size_t)width * (size_t)height);
	gdk_texture_download(texture, (guchar *)pixels, (size_t)width * sizeof *pixels);
	for (size_t i = 0; i < (size_t)width * (size_t)height; i++)
		g_hash_table_add(colours, GUINT_TO_POINTER(pixels[i]));
	return g_hash_table_size(colours);
}

static bool same_bytes(const char *left, const char *right)
{
	g_autofree char *a = NULL, *b = NULL;
	gsize a_size, b_size;

	assert_true(g_file_get_contents(left, &a, &a_size, NULL));
	assert_true(g_file_get_contents(right, &b, &b_size, NULL));
	return a_size == b_size && memcmp(a, b, a_size) == 0;
}

static void test_draws_the_window(void **state)
{
	g_autofree char *first = in_folder("first.png"), *again = in_folder("again.png");

	assert_run(RUN("--screenshot", first, "--size", "1200x760", hang), 0, "");
	assert_true(count_colours(first, 1200, 760) > 200);
	assert_run(RUN("--screenshot", again, "--size", "1200x760", "--select", "1", hang), 0, "");
	assert_true(same_bytes(first, again)); /* it opens on its first finding */
}

static void test_draws_other_times(void **state)
{
	g_autofree char *early = in_folder("early.png"), *late = in_folder("late.png");

	assert_run(RUN("--screenshot", early, "--size", "1200x640", "--at", "1.01ms", calm), 0, "");
	assert_run(RUN("--screenshot", late, "--size", "1200x640", "--at", "1.1 ms", calm), 0, "");
	assert_true(count_colours(early, 1200, 640) > 100);
	assert_false(same_bytes(early, late));
}

static void test_draws_parts(void **state)
{
	g_autofree char *waits = in_folder("waits.png"), *asks = in_folder("asks.png");
	g_autofree char *message = in_folder("message.png"), *whole = in_folder("whole.png");

	assert_run(RUN("--screenshot", waits, "--only", "graph", hang), 0, "");
	assert_run(RUN("--screenshot", asks, "--only", "graph", "--panel", "asks", hang), 0, "");
	assert_false(same_bytes(waits, asks));
	assert_run(RUN("--screenshot", whole, "--size", "1200x760", hang), 0, "");
	assert_run(RUN("--screenshot", message, "--size", "1200x760", "--message", "9001", hang), 0,
		   "");
	assert_false(same_bytes(whole, message));
}

static void test_draws_two_runs(void **state)
{
	g_autofree char *first = in_folder("both.png"), *again = in_folder("both-again.png");
	g_autofree char *second = in_folder("both-second.png");

	assert_run(RUN("--screenshot", first, "--size", "1200x760", calm, "--compare", hang), 0,
		   "");
	assert_true(count_colours(first, 1200, 760) > 200);
	assert_run(RUN("--screenshot", again, "--size", "1200x760", "--select", "1", "--compare",
		       hang, calm),
		   0, "");
	assert_true(same_bytes(first, again)); /* it opens on the first difference */
	assert_run(RUN("--screenshot", second, "--size", "1200x760", "--select", "2", "--compare",
		       hang, calm),
		   0, "");
	assert_false(same_bytes(first, second));
	assert_run(RUN("--screenshot", again, "--select", "999", "--compare", hang, calm), 2,
		   "no difference 999");
	assert_run(RUN("--compare", hang), 2, "needs the trace");
	assert_run(RUN("--compare", hang, calm, calm), 2, "one trace");
	assert_run(RUN("--screenshot", again, calm, "--compare", "/no/such/trace.db"), 2,
		   "/no/such/trace.db");
}

static void test_says_what_is_wrong(void **state)
{
	g_autofree char *picture = in_folder("never.png"), *broken = in_folder("broken.db");
	g_autofree char *nowhere = in_folder("no/such/folder.png");

	assert_true(g_file_set_contents(broken, "this is no trace", -1, NULL));
	assert_run(RUN("--screenshot", picture, broken), 2, broken);
	assert_run(RUN("--screenshot", picture, "/no/such/trace.db"), 2, "/no/such/trace.db");
	assert_run(RUN("--screenshot", picture, "--select", "99", hang), 2, "no finding 99");
	assert_run(RUN("--screenshot", picture), 2, "needs the trace");
	assert_run(RUN("--screenshot", picture, hang, calm), 2, "one trace");
	assert_run(RUN("--screenshot", picture, "--size", "10x10", hang), 2, "--size=10x10");
	assert_run(RUN("--screenshot", picture, "--at", "noon", hang), 2, "--at=noon");
	assert_run(RUN("--screenshot", picture, "--select", "0", hang), 2, "from 1");
	assert_run(RUN("--screenshot", picture, "--message", "x", hang), 2, "--message=x");
	assert_run(RUN("--screenshot", picture, "--message", "99999", hang), 2, "no message 99999");
	assert_run(RUN("--screenshot", picture, "--panel", "wall", hang), 2, "no panel \"wall\"");
	assert_run(RUN("--screenshot", picture, "--only", "menu", hang), 2, "no part \"menu\"");
	assert_run(RUN("--at", "1s", hang), 2, "--screenshot");
	assert_run(RUN("--panel", "asks", hang), 2, "--screenshot");
	assert_false(g_file_test(picture, G_FILE_TEST_EXISTS));
	assert_run(RUN("--screenshot", nowhere, hang), 2, nowhere);
}

static void test_needs_a_display(void **state)
{
	assert_run(run_viewer(G_SUBPROCESS_FLAGS_NONE, false, hang, NULL), 3, "no display");
}

static void test_prints_its_version(void **state)
{
	struct run run = run_viewer(G_SUBPROCESS_FLAGS_STDOUT_SILENCE, false, "--version", NULL);

	assert_run(run, 0, "");
}

static int set_up(void **state)
{
	folder = g_dir_make_tmp("actorscope-viewer-XXXXXX", NULL);
	assert_non_null(folder);
	hang = in_folder("hang.db");
	calm = in_folder("calm.db");
	sample_chat(hang, 10, true);
	sample_chat(calm, 10, false);
	return 0;
}

static int tear_down(void **state)
{
	g_autoptr(GDir) files = g_dir_open(folder, 0, NULL);
	const char *name;

	while ((name = g_dir_read_name(files)) != NULL) {
		g_autofree char *path = in_folder(name);

		g_unlink(path);
	}
	g_rmdir(folder);
	g_free(folder);
	g_free(hang);
	g_free(calm);
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_draws_the_window),   cmocka_unit_test(test_draws_other_times),
		cmocka_unit_test(test_draws_parts),        cmocka_unit_test(test_draws_two_runs),
		cmocka_unit_test(test_says_what_is_wrong), cmocka_unit_test(test_needs_a_display),
		cmocka_unit_test(test_prints_its_version),
	};

	if (argc != 2)
		return 2;
	viewer = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
