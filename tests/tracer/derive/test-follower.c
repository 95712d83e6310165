#include "tracer/derive/follower.h"

#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tests/support/trace-file.h"
#include "tracer/derive/rows.h"

enum {
	ASKS = 10000,
	BATCH = 1000,
	PATIENCE_MS = 60000,
	KILL_STEP_NS = 4000000,
};

static char directory[32];
static char path[48];
static struct tb tb;
static uint64_t expected; /* digest of what follows from the trace */

/* Two who ask a third, whose answers come late. */
static void build(void)
{
	uint64_t askers[2], answerer, asked[2];

	tb_init(&tb);
	answerer = tb_spawn(&tb, 0, "clerk", "clara", 100);
	askers[0] = tb_spawn(&tb, 0, "guest", "ann", 100);
	askers[1] = tb_spawn(&tb, 0, "guest", "ben", 100);
	for (int i = 0; i < ASKS; i++) {
		for (int k = 0; k < 2; k++) {
			asked[k] = tb_ask(&tb, askers[k], answerer, "Question");
			tb_wait_reply(&tb, askers[k], tb_token(asked[k]));
		}
		for (int k = 0; k < 2; k++) {
			tb_receive(&tb, answerer, asked[k]);
			tb_done(&tb, answerer);
		}
		for (int k = 0; k < 2; k++) {
			tb_reply(&tb, answerer, tb_token(asked[k]));
			tb_wake(&tb, askers[k], TRC_WAKE_MET);
		}
	}
	/* The last question is never received. */
	tb_ask_and_wait(&tb, askers[0], answerer, "Question");
}

static uint64_t digest_of(sqlite3 *db, const char *sql, uint64_t digest)
{
	sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(statement) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const uint8_t *bytes = sqlite3_column_blob(statement, i);

			for (int k = 0; k < sqlite3_column_bytes(statement, i); k++)
				digest = (digest ^ bytes[k]) * UINT64_C(1099511628211);
			digest = (digest ^ 0x100) * UINT64_C(1099511628211);
		}
	sqlite3_finalize(statement);
	return digest;
}

/* Of all rows that are derived. */
static uint64_t digest(void)
{
	static const char *const tables[] = {
		"SELECT * FROM kind ORDER BY id",
		"SELECT * FROM type ORDER BY id",
		"SELECT * FROM site ORDER BY id",
		"SELECT * FROM actor_row ORDER BY id",
		"SELECT * FROM message_row ORDER BY id",
		"SELECT * FROM wait_row ORDER BY id, target",
		"SELECT * FROM keyframe ORDER BY 1",
		"SELECT * FROM summary ORDER BY 1, 2",
		"SELECT * FROM derived ORDER BY name",
		"SELECT value FROM meta WHERE key = 'rows_behind'",
	};
	uint64_t sum = UINT64_C(14695981039346656037);
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		sum = digest_of(db, tables[i], sum);
	sqlite3_close(db);
	return sum;
}

static struct trc_follower *follow(struct trc_store *store)
{
	const struct trc_deriver_options options = {.alarm = NULL};
	struct trc_error error;
	struct trc_follower *follower = trc_follower_new(store, &options, &error);

	if (!follower)
		fail_msg("%s", error.text);
	return follower;
}

static void end(struct trc_follower *follower)
{
	struct trc_follower_state state;

	trc_follower_end(follower);
	assert_true(trc_follower_wait(follower, PATIENCE_MS));
	trc_follower_state(follower, &state);
	assert_int_equal(state.done.events, tb.count);
	assert_int_equal(state.written.events, tb.count);
	assert_int_equal(state.actors, 3);
	assert_int_equal(state.rows_left, 0);
	assert_false(state.failing || state.broken);
	trc_follower_free(follower);
}

/* Adds the events from `first` on, and gives each batch to the follower. */
static void record(struct trc_store *store, struct trc_follower *follower, size_t first)
{
	for (; first < tb.count; first += BATCH) {
		size_t last = first + BATCH < tb.count ? first + BATCH : tb.count;

		tf_add(store, &tb, first, last, BATCH);
		trc_follower_give(follower, trc_store_take_batch(store));
	}
}

static int set_up(void **state)
{
	strcpy(directory, "/tmp/test-follower-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/t.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

/* --- as it is recorded ------------------------------------------------------------------------ */

static void what_is_given_is_derived(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);

	record(store, follower, 0);
	end(follower);
	tf_close(store, &tb, true, true);
	expected = digest();
}

static void what_was_missed_is_read_from_the_file(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower;

	tf_add(store, &tb, 0, 20 * BATCH, BATCH);
	trc_batch_free(trc_store_take_batch(store));
	follower = follow(store);
	record(store, follower, 20 * BATCH);
	end(follower);
	tf_close(store, &tb, true, true);
	assert_true(digest() == expected);
}

static void a_follower_rests_while_it_is_told_to(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);
	struct trc_follower_state before, after;

	trc_follower_rest(follower, true);
	record(store, follower, 0);
	trc_follower_state(follower, &before);
	assert_false(trc_follower_wait(follower, 20));
	trc_follower_state(follower, &after);
	/* A batch that was begun may be completed. */
	assert_true(after.done.batch <= before.done.batch + 1);
	assert_int_equal(after.given.events, tb.count);
	trc_follower_rest(follower, false);
	end(follower);
	tf_close(store, &tb, true, true);
	assert_true(digest() == expected);
}

static void *begin_and_commit(void *store)
{
	struct trc_error error;

	return trc_store_begin(store, &error) == 0 && trc_store_commit(store, &error) == 0 ? store
											   : NULL;
}

/* A batch need not wait for more than a few of them. */
static void rows_give_way_to_a_batch(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_model *model = trc_model_new();
	struct trc_rows *rows = trc_rows_new(model);
	struct trc_error error;
	pthread_t recorder;
	void *result;
	size_t changed;
	int put;

	for (size_t i = 0; i < tb.count; i++) {
		trc_model_apply(model, &tb.events[i].event);
		trc_rows_event(rows, &tb.events[i].event);
	}
	changed = trc_rows_changed(rows);
	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	assert_int_equal(pthread_create(&recorder, NULL, begin_and_commit, store), 0);
	while (!trc_store_is_wanted(store))
		sched_yield();
	put = trc_rows_put(rows, store, changed, &error);
	assert_in_range(put, 1, 100);
	assert_int_equal(trc_store_commit(store, &error), 0);
	trc_rows_committed(rows);
	pthread_join(recorder, &result);
	assert_ptr_equal(result, store);
	assert_int_equal(trc_rows_changed(rows), changed - (size_t)put);
	/* Nobody waits now. */
	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	assert_int_equal(trc_rows_put(rows, store, changed, &error), changed - (size_t)put);
	assert_int_equal(trc_store_commit(store, &error), 0);
	trc_rows_free(rows);
	trc_model_free(model);
	trc_store_close(store);
}

/* --- stopped and killed ----------------------------------------------------------------------- */

static void another_follower_goes_on(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);

	for (size_t first = 0; first < tb.count; first += BATCH) {
		tf_add(store, &tb, first, first + BATCH < tb.count ? first + BATCH : tb.count,
		       BATCH);
		trc_follower_give(follower, trc_store_take_batch(store));
		if (first / BATCH % 7 == 3) {
			trc_follower_free(follower);
			follower = follow(store);
		}
	}
	end(follower);
	tf_close(store, &tb, true, true);
	assert_true(digest() == expected);
}

/* Derives all that is missing, in a process that is killed after a while. True when it was not. */
static bool derive_until_killed(uint64_t nanoseconds)
{
	const struct timespec moment = {.tv_nsec = (long)nanoseconds};
	struct trc_store_info info;
	struct trc_store *store;
	struct trc_error error;
	pid_t child = fork();
	int status;

	assert_true(child >= 0);
	if (child == 0) {
		if (trc_store_open_rows(path, &info, &store, &error) < 0)
			_exit(2);
		end(follow(store));
		_exit(0);
	}
	nanosleep(&moment, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) || WEXITSTATUS(status) == 0);
	return WIFEXITED(status);
}

static void killed_anywhere_nothing_is_missing_or_there_twice(void **state)
{
	struct trc_store *store = tf_create(path);
	uint64_t moment = 0;

	tf_add(store, &tb, 0, tb.count, BATCH);
	tf_close(store, &tb, true, true);
	while (!derive_until_killed(moment))
		moment += KILL_STEP_NS;
	assert_true(digest() == expected);
}

/* --- */

static void nothing_is_derived_of_a_damaged_segment(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower_state now;
	struct trc_follower *follower;
	sqlite3 *db;

	tf_add(store, &tb, 0, 3 * BATCH, BATCH);
	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, "UPDATE segment SET data = x'0102' WHERE id = 2", NULL,
				      NULL, NULL),
			 SQLITE_OK);
	sqlite3_close(db);
	follower = follow(store);
	trc_follower_end(follower);
	assert_false(trc_follower_wait(follower, PATIENCE_MS));
	trc_follower_state(follower, &now);
	assert_true(now.broken && now.failing);
	assert_non_null(strstr(now.error.text, "damaged"));
	assert_int_equal(now.done.batch, 1);
	trc_follower_free(follower);
	tf_close(store, &tb, false, false);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_given_is_derived),
		TEST(what_was_missed_is_read_from_the_file),
		TEST(a_follower_rests_while_it_is_told_to),
		TEST(rows_give_way_to_a_batch),
		TEST(another_follower_goes_on),
		TEST(killed_anywhere_nothing_is_missing_or_there_twice),
		TEST(nothing_is_derived_of_a_damaged_segment),
	};
	int failed;

	build();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	tb_fini(&tb);
	return failed;
}
