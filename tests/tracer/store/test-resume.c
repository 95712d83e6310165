/* Going on with a trace whose recorder is gone. */
#include "tracer/store/store.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/test-resume-XXXXXX";
static char path[64];

static const struct trc_store_info info = {.program = (char *)"p",
					   .tool_version = (char *)"t",
					   .wall_start = 12345,
					   .exit_status = -1};

static int set_up(void **state)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	snprintf(path, sizeof(path), "%s/t.db", mkdtemp(directory));
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

/* A batch of messages `from` .. `from + count - 1`, with the account of its ring. */
static void add_batch(struct trc_store *store, uint64_t from, uint64_t count)
{
	const struct trc_store_ring ring = {.number = 3,
					    .pid = 7,
					    .tid = 8,
					    .written = from + count,
					    .stored = from + count - 1,
					    .lost = 2,
					    .corrupt = 1,
					    .position = 7 * from};
	struct trc_error error = {""};

	for (uint64_t number = from; number < from + count; number++)
		assert_int_equal(
			trc_store_add(
				store, 3,
				&(struct trc_event){.kind = TRC_SEND, .id = number, .time = number},
				&error),
			0);
	if (trc_store_begin(store, &error) < 0 || trc_store_put_ring(store, &ring, &error) < 0 ||
	    trc_store_commit(store, &error) < 0)
		fail_msg("%s", error.text);
}

/* A trace of two batches, left as by a killed recorder, or closed. */
static void make_trace(bool closed)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_create(path, false, &info, &store, &error) < 0)
		fail_msg("%s", error.text);
	add_batch(store, 1, 10);
	add_batch(store, 11, 10);
	if (closed)
		assert_int_equal(trc_store_finish(store, &info, &error), 0);
	trc_store_close(store);
}

static struct trc_store *resume(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_resume(path, info.wall_start, &store, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

/* The file has messages 1 .. count, each once, in batches numbered upwards. */
static void assert_whole(uint64_t count, bool closed)
{
	struct trc_store_info found;
	struct trc_store *store;
	struct trc_error error = {""};
	uint64_t next = 1, batch = 0;

	if (trc_store_open(path, &store, &error) < 0)
		fail_msg("%s", error.text);
	for (size_t i = 0; i < trc_store_segment_count(store); i++) {
		struct trc_segment segment;

		assert_true(trc_store_segment_info(store, i).batch > batch);
		batch = trc_store_segment_info(store, i).batch;
		assert_int_equal(trc_store_segment_load(store, i, &segment, &error), 0);
		for (size_t j = 0; j < segment.count; j++)
			assert_true(segment.events[j].id == next++);
		trc_segment_clear(&segment);
	}
	assert_true(next == count + 1);
	trc_store_info(store, &found);
	assert_int_equal(found.events, count);
	assert_int_equal(found.messages, count);
	assert_int_equal(found.first_time, 1);
	assert_int_equal(found.last_time, count);
	assert_int_equal(found.closed, closed);
	trc_store_close(store);
}

static void goes_on(bool closed)
{
	struct trc_store_written written;
	struct trc_store *store;
	struct trc_error error = {""};

	make_trace(closed);
	store = resume();
	trc_store_written(store, &written);
	assert_true(written.batch == 2 && written.events == 20 && written.messages == 20);
	assert_whole(20, false);
	add_batch(store, 21, 5);
	assert_whole(25, false);
	assert_int_equal(trc_store_finish(store, &info, &error), 0);
	trc_store_close(store);
	assert_whole(25, true);
}

static void after_a_kill_it_goes_on(void **state)
{
	goes_on(false);
}

static void a_closed_trace_is_opened_again(void **state)
{
	goes_on(true);
}

static void the_accounts_come_back(void **state)
{
	struct trc_store_cursor cursor;
	struct trc_store_ring ring;
	struct trc_error error = {""};
	struct trc_store *store;

	make_trace(false);
	store = resume();
	assert_int_equal(trc_store_get_ring(store, 0, &ring, &error), 0);
	assert_int_equal(trc_store_get_ring(store, 3, &ring, &error), 1);
	assert_true(ring.number == 3 && ring.pid == 7 && ring.tid == 8 && ring.written == 21);
	assert_true(ring.stored == 20 && ring.lost == 2 && ring.corrupt == 1);
	assert_true(ring.position == 77 && !ring.closed);
	assert_int_equal(trc_store_get_cursor(store, "rows", &cursor, &error), 0);
	assert_true(cursor.batch == 0 && cursor.events == 0);
	trc_store_close(store);
}

/* The end of a trace counts as a batch, once rows have been made of it. It is not the end then. */
static void the_end_that_rows_know_is_forgotten(void **state)
{
	const struct trc_store_cursor end = {.batch = 3, .events = 20};
	struct trc_store_cursor cursor;
	struct trc_error error = {""};
	struct trc_store *store;

	make_trace(false);
	store = resume();
	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	assert_int_equal(trc_store_put_cursor(store, TRC_STORE_ROWS, &end, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	trc_store_close(store);
	store = resume();
	assert_int_equal(trc_store_get_cursor(store, TRC_STORE_ROWS, &cursor, &error), 0);
	assert_true(cursor.batch == 2 && cursor.events == 20);
	add_batch(store, 21, 1);
	trc_store_close(store);
	assert_whole(21, false);
}

static void another_runs_trace_is_refused(void **state)
{
	struct trc_error error = {""};
	struct trc_store *store;

	make_trace(false);
	assert_int_equal(trc_store_resume(path, 54321, &store, &error), -EINVAL);
	assert_non_null(strstr(error.text, "another run"));
	unlink(path);
	assert_int_equal(trc_store_resume(path, 12345, &store, &error), -ENOENT);
	assert_non_null(strstr(error.text, path));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

/* Complete is what the accounts say and the segments have. */
static void accounts_are_read_again(void **state)
{
	struct trc_store_ring ring = {.number = 3, .written = 20, .stored = 20};
	struct trc_store *store;
	struct trc_error error;

	make_trace(false); /* its account has losses */
	store = resume();
	assert_int_equal(trc_store_agrees(store, &error), 0);
	assert_int_equal(trc_store_begin(store, &error), 0);
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_int_equal(trc_store_agrees(store, &error), 1);
	ring.written = ring.stored = 21; /* one that is in no segment */
	assert_int_equal(trc_store_begin(store, &error), 0);
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_int_equal(trc_store_agrees(store, &error), 0);
	trc_store_close(store);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(after_a_kill_it_goes_on),       TEST(a_closed_trace_is_opened_again),
		TEST(the_accounts_come_back),        TEST(the_end_that_rows_know_is_forgotten),
		TEST(another_runs_trace_is_refused), TEST(accounts_are_read_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
