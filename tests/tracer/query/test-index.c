/*
 * A trace with keyframes and summaries in its file is opened by them, and answers as one without;
 * what is missing of them or damaged is made anew.
 */
#include "tests/support/trace-file.h"

#include "tracer/derive/derive.h"
#include "tracer/query/trace-private.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

enum { TURNS = 20000, BATCH = 30000 };

static char path[] = "/tmp/test-index-XXXXXX";
static struct tb tb;
static uint64_t client, servers[8];

static void work(int turns, int alive)
{
	for (int i = 0; i < turns; i++) {
		uint64_t to = servers[rand() % alive], ask;

		tb.ring = (unsigned)rand() % 3;
		ask = tb_ask_and_wait(&tb, client, to, "Question");
		tb.ring = (unsigned)rand() % 3;
		tb_receive_next(&tb, to);
		tb_reply(&tb, to, tb_token(ask));
		tb_done(&tb, to);
		tb.ring = (unsigned)rand() % 3;
		tb_wake(&tb, client, TRC_WAKE_MET);
	}
}

static void derive(struct trc_store *store, struct trc_deriver *deriver)
{
	struct trc_batch *batch = trc_store_take_batch(store);
	struct trc_error error;

	for (size_t i = 0; i < batch->count; i++) {
		struct trc_segment segment;
		unsigned ring;

		assert_int_equal(trc_batch_load(batch, i, &ring, &segment, &error), 0);
		trc_deriver_add(deriver, ring, &segment);
		trc_segment_clear(&segment);
	}
	trc_deriver_end_batch(deriver, batch->number);
	trc_batch_free(batch);
}

/* What is derived is put into the file until `derived` events, the rest is not. */
static void write_file(bool close, size_t derived)
{
	const struct trc_deriver_options options = {.no_rows = true};
	struct trc_deriver *deriver = trc_deriver_new(&options);
	struct trc_store *store = tf_create(path);
	struct trc_error error;

	for (size_t first = 0; first < tb.count; first += BATCH) {
		size_t end = first + BATCH < tb.count ? first + BATCH : tb.count;

		tf_add(store, &tb, first, end, BATCH);
		derive(store, deriver);
		if (end <= derived)
			assert_int_equal(trc_deriver_put(deriver, store, 1 << 30, &error), 0);
	}
	trc_deriver_end(deriver);
	if (derived >= tb.count)
		assert_int_equal(trc_deriver_put(deriver, store, 1 << 30, &error), 0);
	trc_deriver_free(deriver);
	tf_close(store, &tb, close, true);
}

static int begin(void **state)
{
	int fd = mkstemp(path);

	if (fd < 0)
		return -1;
	close(fd);
	srand(9);
	tb_init(&tb);
	tb_at(&tb, "client.c", "ask", 7);
	client = tb_spawn_starting(&tb, 0, "client", "client", 10);
	for (int i = 0; i < 8; i++)
		servers[i] = tb_spawn(&tb, client, "server", "", 100);
	work(TURNS, 8);
	tb_end(&tb, servers[7], TRC_END_STOPPED);
	work(100, 7);
	return 0;
}

static int end(void **state)
{
	static const char *const endings[] = {"", "-wal", "-shm"};

	for (int i = 0; i < 3; i++) {
		char side[sizeof path + 8];

		snprintf(side, sizeof side, "%s%s", path, endings[i]);
		unlink(side);
	}
	tb_fini(&tb);
	return 0;
}

static struct trc_trace *open_trace(void)
{
	struct trc_trace_error error = {""};
	struct trc_trace *trace = NULL;

	if (trc_trace_open(path, NULL, NULL, &trace, &error) < 0)
		fail_msg("%s", error.text);
	return trace;
}

static void assert_state_at(struct trc_trace *trace, size_t position)
{
	uint64_t time = tb.events[position].event.time;
	const struct trc_model *found = trc_trace_state_at(trace, time);
	struct trc_model *model = trc_model_new();

	for (size_t i = 0; i <= position; i++)
		trc_model_apply(model, &tb.events[i].event);
	assert_int_equal(trc_model_events(found), trc_model_events(model));
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *expected = trc_model_actor_at(model, i);
		const struct trc_actor *actor = trc_model_actor(found, expected->id);

		assert_non_null(actor);
		assert_int_equal(actor->state, expected->state);
		assert_int_equal(actor->state_since, expected->state_since);
		assert_int_equal(actor->depth, expected->depth);
		assert_int_equal(actor->aseq, expected->aseq);
		assert_string_equal(actor->name, expected->name);
	}
	trc_model_free(model);
}

/* The time the client waited, by cells over all of the trace. */
static void assert_cells(const struct trc_trace *trace)
{
	struct trc_cell *cells = calloc(2000, sizeof *cells);
	size_t count = trc_trace_cells(trace, client, 0, tb.now, cells, 2000);
	uint64_t waited = 0, plain = 0, since = 0, events = 0, plain_events = 0;

	assert_in_range(count, 20, 2000);
	for (size_t i = 0; i < count; i++) {
		waited += cells[i].waiting[TRC_WHAT_REPLY];
		events += cells[i].events;
		assert_true(i == 0 || cells[i].begin >= cells[i - 1].end);
	}
	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		plain_events += event->actor == client;
		if (event->actor != client || (event->kind != TRC_WAIT && event->kind != TRC_WAKE))
			continue;
		plain += event->kind == TRC_WAKE ? event->time - since : 0;
		since = event->time;
	}
	assert_int_equal(events, plain_events);
	assert_true((double)waited > (double)plain * 0.98 && (double)waited < (double)plain * 1.02);
	free(cells);
}

static void assert_answers(struct trc_trace *trace)
{
	struct trc_trace_info info;
	struct trc_message_info message;
	struct trc_density density[16];
	double events = 0;
	uint64_t first = 0, id = 0;

	trc_trace_info(trace, &info);
	assert_int_equal(info.events, tb.count);
	assert_int_equal(info.messages, TURNS + 100);
	assert_int_equal(info.last_time, tb.now);
	assert_int_equal(trc_model_actor_count(trc_trace_model(trace)),
			 trc_model_actor_count(tb.model));
	assert_int_equal(trc_model_actor(trc_trace_model(trace), servers[7])->state, TRC_ENDED);
	for (int i = 0; i < 12; i++)
		assert_state_at(trace, (size_t)rand() % tb.count);
	/* Onwards from the last one, then with its chapter kept, then back. */
	for (size_t i = 0; i < 8; i++)
		assert_state_at(trace, 40000 + i * 1500);
	trc_trace_spans(trace, servers[0], tb.events[52000].event.time, tb.events[52000].event.time,
			NULL, 0);
	assert_state_at(trace, 52000);
	assert_state_at(trace, 41000);
	assert_cells(trace);
	trc_trace_density(trace, 0, tb.now, density, 16);
	for (int i = 0; i < 16; i++)
		events += density[i].events;
	assert_true(events > (double)tb.count * 0.99 && events < (double)tb.count * 1.01);
	for (size_t i = 70000; id == 0; i++)
		if (tb.events[i].event.kind == TRC_SEND) {
			id = tb.events[i].event.id;
			first = tb.events[i].event.time;
		}
	assert_true(trc_trace_message(trace, id, &message));
	assert_int_equal(message.sent, first);
	assert_true(message.received > first && message.done > message.received);
	assert_int_equal(trc_model_site_type(trc_trace_model(trace), message.site), message.type);
	/* Somebody who ended early had his last event there. */
	assert_int_equal(trc_trace_step(trace, tb.now, servers[7], false),
			 trc_model_actor(tb.model, servers[7])->ended);
	assert_int_equal(trc_trace_step(trace, 0, servers[7], true),
			 trc_model_actor(tb.model, servers[7])->spawned + 1000);
}

static void is_opened_by_its_index(void **state)
{
	struct trc_trace *trace;

	write_file(true, SIZE_MAX);
	trace = open_trace();
	assert_in_range(trace->file_keyframes, 2, 10);
	assert_null(trace->own);
	assert_int_equal(trace->file_events, tb.count);
	assert_answers(trace);
	trc_trace_close(trace);
}

static void makes_what_a_killed_recorder_did_not(void **state)
{
	struct trc_trace *trace;

	write_file(false, 100000);
	trace = open_trace();
	assert_in_range(trace->file_keyframes, 1, 3);
	assert_answers(trace);
	trc_trace_close(trace);
	write_file(true, 0);
	trace = open_trace();
	assert_int_equal(trace->file_keyframes, 0);
	assert_answers(trace);
	trc_trace_close(trace);
}

static void change(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void does_not_need_an_index_that_is_damaged(void **state)
{
	static const char *const changes[] = {
		"UPDATE keyframe SET state = substr(state, 1, 50)",
		"UPDATE keyframe SET news = x'0102'",
		"UPDATE keyframe SET sent = x''",
		"UPDATE keyframe SET time_ns = -time_ns",
		"UPDATE keyframe SET batch = 1 << 40",
		"UPDATE summary SET events = -5",
		"DELETE FROM summary",
		"DROP TABLE summary",
	};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		struct trc_trace *trace;

		write_file(true, SIZE_MAX);
		change(changes[i]);
		trace = open_trace();
		assert_answers(trace);
		trc_trace_close(trace);
	}
	/* One in the middle is only met when it is asked for. */
	write_file(true, SIZE_MAX);
	change("UPDATE keyframe SET state = x'01' WHERE id < 70000;"
	       "UPDATE summary SET data = x'01' WHERE level = 0");
	{
		struct trc_trace *trace = open_trace();

		trc_trace_state_at(trace, tb.events[70000].event.time);
		trc_trace_cells(trace, client, 0, tb.now, NULL, 0);
		trc_trace_spans(trace, client, 0, tb.now, NULL, 0);
		trc_trace_close(trace);
	}
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(is_opened_by_its_index),
		T(makes_what_a_killed_recorder_did_not),
		T(does_not_need_an_index_that_is_damaged),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
