/*
 * A trace that has let go of its beginning tells the rest as the whole trace does: the state at any
 * time, names, and what comes; it can be gone on with, and goes on being looked at.
 */
#include "tests/support/trace-file.h"

#include "tracer/derive/begin.h"
#include "tracer/derive/fill.h"
#include "tracer/derive/follower.h"
#include "tracer/derive/window.h"
#include "tracer/model/memory.h"
#include "tracer/model/snapshot.h"
#include "tracer/query/trace-private.h"
#include "tracer/store/sql.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum {
	TURNS = 20000,
	BATCH = 3000,
	MOVE_BATCHES = 10,
	PATIENCE_MS = 60000,
	RINGS = 3,
	STEP_BYTES = 50000
};

static char directory[32], whole[64], path[64];
static struct tb tb;
static uint64_t hall, sleeper; /* who have not had an event since the beginning */
static uint64_t askers[8], clerk;

static void at_ring(void)
{
	tb.ring = (unsigned)rand() % RINGS;
}

/* Somebody comes, asks, is told, and leaves; the clerk keeps some of the tokens for a while. */
static void turn(int number)
{
	uint64_t guest, ask, *asker = &askers[number % 8];

	at_ring();
	guest = tb_spawn(&tb, hall, "guest", number % 100 ? "" : "named", 5);
	ask = tb_ask_and_wait(&tb, *asker, clerk, number % 2 ? "Question" : "Query");
	at_ring();
	tb_send(&tb, guest, clerk, "Note");
	tb_receive_next(&tb, clerk);
	tb_done(&tb, clerk);
	at_ring();
	tb_reply(&tb, clerk, tb_token(ask));
	tb_receive_next(&tb, clerk);
	tb_done(&tb, clerk);
	tb_end(&tb, guest, TRC_END_STOPPED);
	tb_drop(&tb, hall, guest);
	at_ring();
	tb_wake(&tb, *asker, TRC_WAKE_MET);
}

static void build(void)
{
	srand(4);
	tb_init(&tb);
	hall = tb_spawn(&tb, 0, "hall", "grand", 10);
	sleeper = tb_spawn(&tb, hall, "guest", "sleepy", 10);
	clerk = tb_spawn(&tb, hall, "clerk", "clara", 1000);
	for (int i = 0; i < 8; i++)
		askers[i] = tb_spawn(&tb, hall, "asker", "", 10);
	/* Two wait for each other from the beginning on. */
	tb_ask_and_wait(&tb, hall, sleeper, "Wake");
	tb_receive_next(&tb, sleeper);
	tb_ask_and_wait(&tb, sleeper, hall, "Sleep");
	for (int i = 0; i < TURNS; i++)
		turn(i);
}

/* --- recording ----------------------------------------------------------------------------------
 */

static struct trc_follower *follow(struct trc_store *store)
{
	const struct trc_deriver_options options = {.no_rows = true};
	struct trc_error error;
	struct trc_follower *follower = trc_follower_new(store, &options, &error);

	if (!follower)
		fail_msg("%s", error.text);
	return follower;
}

static void put_rings(struct trc_store *store)
{
	struct trc_error error;

	assert_int_equal(trc_store_begin(store, &error), 0);
	for (unsigned number = 0; number < RINGS; number++) {
		struct trc_store_ring ring = {.number = number};

		for (size_t i = 0; i < tb.count; i++)
			ring.written += tb.events[i].ring == number;
		ring.stored = ring.written;
		assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	}
	assert_int_equal(trc_store_commit(store, &error), 0);
}

/* Adds events in batches, derives what follows, and now and then lets go of `bytes`, if any. */
static void record(struct trc_store *store, struct trc_follower *follower, size_t first, size_t end,
		   uint64_t bytes)
{
	struct trc_error error;

	for (size_t batch = 1; first < end; first += BATCH, batch++) {
		size_t last = first + BATCH < end ? first + BATCH : end;

		tf_add(store, &tb, first, last, BATCH);
		trc_follower_give(follower, trc_store_take_batch(store));
		if (batch % MOVE_BATCHES != 0 && last < end)
			continue;
		assert_true(trc_follower_wait(follower, PATIENCE_MS));
		if (bytes && trc_window_move(store, bytes, &error) < 0)
			fail_msg("%s", error.text);
	}
}

static void finish(struct trc_store *store, struct trc_follower *follower)
{
	put_rings(store);
	trc_follower_end(follower);
	assert_true(trc_follower_wait(follower, PATIENCE_MS));
	trc_follower_free(follower);
	tf_close(store, &tb, true, true);
}

static void write_whole(void)
{
	struct trc_store *store = tf_create(whole);
	struct trc_follower *follower = follow(store);

	record(store, follower, 0, tb.count, 0);
	finish(store, follower);
}

/* The last part of it, as it is left when it was recorded bit by bit. */
static void write_end(void)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);
	struct trc_error error;

	record(store, follower, 0, tb.count, 0);
	while (trc_window_move(store, STEP_BYTES, &error) > 0)
		;
	finish(store, follower);
}

static struct trc_trace *open_trace(const char *file)
{
	struct trc_trace_error error = {""};
	struct trc_trace *trace = NULL;

	if (trc_trace_open(file, NULL, NULL, &trace, &error) < 0)
		fail_msg("%s", error.text);
	return trace;
}

static int set_up(void **state)
{
	strcpy(directory, "/tmp/test-window-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof path, "%s/t.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	char command[96];

	snprintf(command, sizeof command, "rm -f %s/*; rmdir %s", directory, directory);
	return system(command);
}

static int set_up_all(void **state)
{
	char first[32];

	build();
	strcpy(first, "/tmp/test-whole-XXXXXX");
	if (!mkdtemp(first))
		return -1;
	snprintf(whole, sizeof whole, "%.30s/t.db", first);
	write_whole();
	return 0;
}

static int tear_down_all(void **state)
{
	unlink(whole);
	*strrchr(whole, '/') = '\0';
	tb_fini(&tb);
	return rmdir(whole);
}

/* --- the same states ----------------------------------------------------------------------------
 */

/* Anomalies are counted from the beginning; nothing else is told apart. */
static void same_state(const struct trc_model *a, const struct trc_model *b)
{
	struct trc_bytes x = {0}, y = {0};

	trc_snapshot_encode(a, &x);
	trc_snapshot_encode(b, &y);
	assert_int_equal(x.size, y.size);
	assert_memory_equal(x.data, y.data, x.size);
	for (size_t i = 0; i < trc_model_actor_count(a); i++) {
		const struct trc_actor *actor = trc_model_actor_at(a, i);
		const struct trc_actor *other = trc_model_actor(b, actor->id);

		assert_non_null(other);
		assert_string_equal(actor->name, other->name);
	}
	free(x.data);
	free(y.data);
}

static void states_are_those_of_the_whole(void **state)
{
	struct trc_trace *all, *end;
	struct trc_trace_info info;

	write_end();
	all = open_trace(whole);
	end = open_trace(path);
	trc_trace_info(end, &info);
	assert_true(info.let_go > tb.count / 2);
	assert_int_equal(info.events, tb.count);
	same_state(trc_trace_model(end), trc_trace_model(all));
	for (uint64_t i = 0; i <= 40; i++) {
		uint64_t time = info.first_time + (info.last_time - info.first_time) * i / 40;

		same_state(trc_trace_state_at(end, time), trc_trace_state_at(all, time));
	}
	/* Before its beginning it is as it was then. */
	same_state(trc_trace_state_at(end, 1), trc_trace_state_at(all, info.first_time));
	trc_trace_close(end);
	trc_trace_close(all);
}

static void those_who_slept_are_known(void **state)
{
	const struct trc_actor *actor;
	struct trc_trace *trace;

	write_end();
	trace = open_trace(path);
	actor = trc_model_actor(trc_trace_state_at(trace, 0), sleeper);
	assert_string_equal(actor->name, "sleepy");
	assert_int_equal(actor->parent, hall);
	assert_int_equal(actor->state, TRC_WAITING);
	assert_int_equal(actor->wait.since, trc_model_actor(tb.model, sleeper)->wait.since);
	/* Guests who left long ago are not. */
	assert_true(trc_model_actor_count(trc_trace_model(trace)) < TURNS / 2);
	trc_trace_close(trace);
}

static bool count(const struct trc_model *model, const struct trc_event *event, void *context)
{
	++*(uint64_t *)context;
	return true;
}

static void the_events_that_are_left_come(void **state)
{
	struct trc_trace_error error;
	struct trc_trace_info info;
	struct trc_trace *trace;
	uint64_t events = 0;

	write_end();
	trace = open_trace(path);
	trc_trace_info(trace, &info);
	assert_int_equal(trc_trace_each_event(trace, 0, UINT64_MAX, NULL, count, &events, &error),
			 0);
	/* What had come up to the keyframe is there, but has been applied. */
	assert_true(events <= info.events - info.let_go);
	assert_true(events + 2 * BATCH * 16 > info.events - info.let_go);
	trc_trace_close(trace);
}

static void spans_and_messages_begin_before(void **state)
{
	struct trc_message_info messages[10];
	struct trc_trace_info info;
	struct trc_trace *trace;
	struct trc_span spans[2];

	write_end();
	trace = open_trace(path);
	trc_trace_info(trace, &info);
	assert_int_equal(trc_trace_spans(trace, sleeper, info.first_time, info.last_time, spans, 2),
			 2);
	assert_int_equal(spans[0].kind, TRC_SPAN_HANDLER);
	assert_int_equal(spans[0].begin, trc_model_actor(tb.model, sleeper)->handler_since);
	assert_int_equal(spans[1].kind, TRC_SPAN_WAIT);
	assert_int_equal(spans[1].begin, trc_model_actor(tb.model, sleeper)->wait.since);
	assert_int_equal(spans[1].end, UINT64_MAX);
	assert_true(trc_trace_messages(trace, info.last_time - 1000, info.last_time, messages, 10) >
		    0);
	assert_true(trc_trace_step(trace, 0, 0, true) >= info.first_time);
	trc_trace_close(trace);
}

/* --- as rows ------------------------------------------------------------------------------------
 */

static bool take_number(bool names, const struct trc_sql_value *values, unsigned columns,
			void *context)
{
	if (!names)
		*(int64_t *)context = values[0].integer;
	return true;
}

static int64_t ask_sql(const char *file, const char *question)
{
	struct trc_error error = {""};
	struct trc_store *store = NULL;
	struct trc_sql *sql = NULL;
	int64_t number = -1;

	if (trc_store_open(file, &store, &error) < 0 ||
	    trc_sql_open(store, trc_rows_fill, &sql, &error) < 0 ||
	    trc_sql_run(sql, question, take_number, &number, &error) < 0)
		fail_msg("%s", error.text);
	trc_sql_close(sql);
	trc_store_close(store);
	return number;
}

static void sql_knows_what_was_under_way(void **state)
{
	static const char *const same[] = {
		"SELECT count(*) FROM wait WHERE outcome = 'open'",
		"SELECT begin_ns FROM wait WHERE actor = 'sleepy'",
		"SELECT count(*) FROM ask WHERE outcome = 'open'",
		"SELECT count(*) FROM actor WHERE kind = 'asker'",
		"SELECT max(seq) FROM event WHERE ring = 0",
		"SELECT max(seq) FROM event WHERE ring = 2",
		"SELECT max(done_ns) FROM message WHERE type = 'Note'",
	};

	write_end();
	for (size_t i = 0; i < sizeof same / sizeof same[0]; i++)
		assert_int_equal(ask_sql(path, same[i]), ask_sql(whole, same[i]));
	assert_true(ask_sql(path, "SELECT min(seq) FROM event WHERE ring = 1") > 0);
}

/* --- going on -----------------------------------------------------------------------------------
 */

static void it_is_gone_on_with(void **state)
{
	const struct trc_store_info info = {.wall_start = tf_wall_start};
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);
	struct trc_trace *all, *end;
	struct trc_error error;
	size_t half = tb.count / 2 / BATCH * BATCH;

	record(store, follower, 0, half, 2 * STEP_BYTES);
	trc_follower_free(follower);
	tf_close(store, &tb, false, false);
	for (size_t first = half; first < tb.count; first += 20 * BATCH) {
		size_t last = first + 20 * BATCH < tb.count ? first + 20 * BATCH : tb.count;

		if (trc_store_resume(path, info.wall_start, &store, &error) < 0)
			fail_msg("%s", error.text);
		follower = follow(store);
		record(store, follower, first, last, 2 * STEP_BYTES);
		if (last == tb.count) {
			finish(store, follower);
		} else {
			trc_follower_free(follower);
			tf_close(store, &tb, false, false);
		}
	}
	all = open_trace(whole);
	end = open_trace(path);
	assert_null(end->own); /* all of it is in the file */
	same_state(trc_trace_model(end), trc_trace_model(all));
	trc_trace_close(end);
	trc_trace_close(all);
}

static void accounts_count_what_was_let_go(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);
	struct trc_error error;

	record(store, follower, 0, tb.count, STEP_BYTES);
	put_rings(store);
	assert_int_equal(trc_store_agrees(store, &error), 1);
	finish(store, follower);
}

/* --- looking on ---------------------------------------------------------------------------------
 */

static void it_is_followed_while_it_moves(void **state)
{
	struct trc_store *store = tf_create(path);
	struct trc_follower *follower = follow(store);
	struct trc_trace_error error = {""};
	struct trc_trace_info info;
	struct trc_trace *trace = NULL;
	uint64_t begin = 0;
	unsigned moves = 0;

	for (size_t first = 0; first < tb.count; first += MOVE_BATCHES * BATCH) {
		size_t last = first + MOVE_BATCHES * BATCH < tb.count ? first + MOVE_BATCHES * BATCH
								      : tb.count;

		record(store, follower, first, last, STEP_BYTES);
		if (!trace)
			trace = open_trace(path);
		else if (trc_trace_refresh(trace, &error) < 0)
			fail_msg("%s", error.text);
		trc_trace_info(trace, &info);
		assert_true(info.first_time >= begin);
		moves += info.first_time > begin && info.let_go > 0;
		begin = info.first_time;
		assert_string_equal(trc_model_actor_name(trc_trace_model(trace), sleeper),
				    "sleepy");
		assert_non_null(trc_trace_state_at(trace, begin));
		assert_non_null(trc_trace_state_at(trace, (begin + info.last_time) / 2));
	}
	assert_true(moves > 4);
	finish(store, follower);
	assert_int_equal(trc_trace_refresh(trace, &error), 1);
	same_state(trc_trace_model(trace), tb.model);
	trc_trace_close(trace);
}

/* Whoever holds the trace reads it to its end, and it is let go nevertheless. */
static void held_it_stays(void **state)
{
	struct trc_store *store = tf_create(path), *reader;
	struct trc_follower *follower = follow(store);
	struct trc_segment segment;
	struct trc_error error;

	record(store, follower, 0, tb.count, 0);
	assert_int_equal(trc_store_open(path, &reader, &error), 0);
	assert_int_equal(trc_store_hold(reader, &error), 0);
	assert_int_equal(trc_window_move(store, STEP_BYTES, &error), 1);
	for (size_t i = 0; i < trc_store_segment_count(reader); i++) {
		assert_int_equal(trc_store_segment_load(reader, i, &segment, &error), 0);
		trc_segment_clear(&segment);
	}
	trc_store_release(reader);
	assert_true(trc_store_segment_load(reader, 0, &segment, &error) < 0);
	assert_true(trc_store_refresh(reader, &error) > 0);
	assert_int_equal(trc_store_segment_load(reader, 0, &segment, &error), 0);
	trc_segment_clear(&segment);
	trc_store_close(reader);
	finish(store, follower);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(states_are_those_of_the_whole),
		TEST(those_who_slept_are_known),
		TEST(the_events_that_are_left_come),
		TEST(spans_and_messages_begin_before),
		TEST(sql_knows_what_was_under_way),
		TEST(it_is_gone_on_with),
		TEST(accounts_count_what_was_let_go),
		TEST(it_is_followed_while_it_moves),
		TEST(held_it_stays),
	};

	return cmocka_run_group_tests(tests, set_up_all, tear_down_all);
}
