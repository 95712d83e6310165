/*
 * Everything that the query side answers, against the plain way of finding it out.
 */
#include "tests/support/trace-file.h"

#include "tracer/query/trace-private.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

static char path[] = "/tmp/test-trace-XXXXXX";
static struct tb tb;
static struct trc_trace *trace;
static size_t chapter_events = TRC_CHAPTER_EVENTS;
static uint64_t client, servers[5];

static struct trc_trace *open_trace(void)
{
	struct trc_trace_error error = {""};
	struct trc_trace *opened = NULL;

	if (trc__trace_open(path, chapter_events, NULL, NULL, &opened, &error) < 0)
		fail_msg("%s", error.text);
	return opened;
}

/* Asks and sends between a client and some servers, by lot. */
static void work(int turns)
{
	for (int i = 0; i < turns; i++) {
		uint64_t to = servers[rand() % 5], other = servers[rand() % 5], ask;

		tb.ring = (unsigned)rand() % 3;
		ask = tb_ask_and_wait(&tb, client, to, "Question");
		tb.ring = (unsigned)rand() % 3;
		while (trc_model_actor(tb.model, to)->oldest->id != ask) {
			tb_receive_next(&tb, to);
			tb_done(&tb, to);
		}
		tb_receive_next(&tb, to);
		tb_at(&tb, "server.c", "serve", 10);
		tb_send(&tb, to, other, "Note");
		if (rand() % 10 == 0)
			tb_drop_token(&tb, to, tb_token(ask));
		else
			tb_reply(&tb, to, tb_token(ask));
		tb_done(&tb, to);
		tb.ring = (unsigned)rand() % 3;
		tb_wake(&tb, client, TRC_WAKE_MET);
	}
}

static void build(int turns)
{
	srand(7);
	tb_init(&tb);
	client = tb_spawn_starting(&tb, 0, "client", "client", 10);
	for (int i = 0; i < 5; i++)
		servers[i] = tb_spawn(&tb, client, "server", "", 1000);
	work(turns);
}

static int begin(void **state)
{
	int fd;

	strcpy(path + sizeof path - 7, "XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		return -1;
	close(fd);
	build(4000);
	tf_write(path, &tb, 777);
	trace = open_trace();
	return 0;
}

static int end(void **state)
{
	char side[sizeof path + 8];

	trc_trace_close(trace);
	tb_fini(&tb);
	unlink(path);
	snprintf(side, sizeof side, "%s-wal", path);
	unlink(side);
	snprintf(side, sizeof side, "%s-shm", path);
	unlink(side);
	return 0;
}

static void says_what_the_file_holds(void **state)
{
	struct trc_trace_info info;

	trc_trace_info(trace, &info);
	assert_string_equal(info.path, path);
	assert_string_equal(info.program, "./program");
	assert_int_equal(info.events, tb.count);
	assert_int_equal(info.last_time, tb.now);
	assert_int_equal(info.messages, 8000);
	assert_false(info.live);
	assert_true(info.complete);
	assert_int_equal(trc_model_anomalies(trc_trace_model(trace)), 0);
	assert_int_equal(trc_model_events(trc_trace_model(trace)), tb.count);
}

static void assert_same_state(const struct trc_model *x, const struct trc_model *y)
{
	assert_int_equal(trc_model_events(x), trc_model_events(y));
	assert_int_equal(trc_model_actor_count(x), trc_model_actor_count(y));
	for (size_t i = 0; i < trc_model_actor_count(x); i++) {
		const struct trc_actor *a = trc_model_actor_at(x, i);
		const struct trc_actor *b = trc_model_actor_at(y, i);

		assert_int_equal(a->id, b->id);
		assert_int_equal(a->state, b->state);
		assert_int_equal(a->state_since, b->state_since);
		assert_int_equal(a->depth, b->depth);
		assert_int_equal(a->current ? a->current->id : 0, b->current ? b->current->id : 0);
		assert_int_equal(a->oldest ? a->oldest->id : 0, b->oldest ? b->oldest->id : 0);
	}
}

static void assert_state_at(uint64_t time)
{
	struct trc_model *model = trc_model_new();

	for (size_t i = 0; i < tb.count && tb.events[i].event.time <= time; i++)
		trc_model_apply(model, &tb.events[i].event);
	assert_same_state(trc_trace_state_at(trace, time), model);
	trc_model_free(model);
}

static void knows_the_state_at_any_time(void **state)
{
	assert_state_at(0);
	assert_state_at(UINT64_MAX);
	for (int i = 0; i < 40; i++)
		assert_state_at((uint64_t)rand() % (tb.now + 2000));
	/* Step by step, forwards and backwards. */
	for (uint64_t t = tb.now / 2; t < tb.now / 2 + 30000; t += 500)
		assert_state_at(t);
	for (uint64_t t = tb.now / 3; t > tb.now / 3 - 5000; t -= 1000)
		assert_state_at(t);
}

struct walk {
	size_t next, end, limit;
};

static void before(const struct trc_model *model, const struct trc_event *event, void *context)
{
	const struct walk *walk = context;

	assert_int_equal(trc_model_events(model), walk->next);
	assert_int_equal(event->time, tb.events[walk->next].event.time);
}

static bool visit(const struct trc_model *model, const struct trc_event *event, void *context)
{
	const struct trc_event *expected;
	struct walk *walk = context;

	assert_true(walk->next < walk->end);
	expected = &tb.events[walk->next++].event;
	assert_int_equal(event->kind, expected->kind);
	assert_int_equal(event->time, expected->time);
	assert_int_equal(event->actor, expected->actor);
	assert_int_equal(event->id, expected->id);
	assert_int_equal(event->payload_size, expected->payload_size);
	assert_int_equal(trc_model_events(model), walk->next);
	return walk->next < walk->limit;
}

static void walks_all_events_in_order(void **state)
{
	struct trc_trace_error error = {""};
	struct walk walk = {0, tb.count, SIZE_MAX};

	assert_int_equal(trc_trace_each_event(trace, 0, UINT64_MAX, before, visit, &walk, &error),
			 0);
	assert_int_equal(walk.next, tb.count);
	/* Events are a microsecond apart, from 1 us on. */
	walk = (struct walk){999, 2000, SIZE_MAX};
	assert_int_equal(
		trc_trace_each_event(trace, 1000000, 2000000, before, visit, &walk, &error), 0);
	assert_int_equal(walk.next, 2000);
	walk = (struct walk){999, 2000, 1200};
	assert_int_equal(
		trc_trace_each_event(trace, 1000000, 2000000, before, visit, &walk, &error), 0);
	assert_int_equal(walk.next, 1200);
}

/* The spans of an actor, found the plain way. */
static size_t plain_spans(uint64_t actor, uint64_t from, uint64_t to, struct trc_span *spans)
{
	size_t count = 0, kept = 0;
	struct trc_span *handler = NULL, *wait = NULL;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		if (event->actor != actor)
			continue;
		if (event->kind == TRC_START || event->kind == TRC_RECEIVE) {
			handler = &spans[count++];
			*handler = (struct trc_span){.kind = TRC_SPAN_HANDLER,
						     .begin = event->time,
						     .end = UINT64_MAX,
						     .message = event->id};
		} else if (event->kind == TRC_WAIT) {
			wait = &spans[count++];
			*wait = (struct trc_span){.kind = TRC_SPAN_WAIT,
						  .begin = event->time,
						  .end = UINT64_MAX,
						  .object = event->id};
		} else if (event->kind == TRC_DONE) {
			handler->end = event->time;
		} else if (event->kind == TRC_WAKE) {
			wait->end = event->time;
		}
	}
	for (size_t i = 0; i < count; i++)
		if (spans[i].begin <= to && spans[i].end >= from)
			spans[kept++] = spans[i];
	return kept;
}

static void shows_the_spans_of_an_actor(void **state)
{
	struct trc_span *found = calloc(tb.count, sizeof *found);
	struct trc_span *plain = calloc(tb.count, sizeof *plain);

	for (int i = 0; i < 60; i++) {
		uint64_t actor = i % 3 ? servers[i % 5] : client;
		uint64_t from = (uint64_t)rand() % tb.now, to = from + (uint64_t)rand() % 3000000;
		size_t count = trc_trace_spans(trace, actor, from, to, found, tb.count);

		assert_int_equal(count, plain_spans(actor, from, to, plain));
		for (size_t k = 0; k < count; k++) {
			assert_int_equal(found[k].kind, plain[k].kind);
			assert_int_equal(found[k].begin, plain[k].begin);
			assert_int_equal(found[k].end, plain[k].end);
			assert_int_equal(found[k].object, plain[k].object);
			if (found[k].kind == TRC_SPAN_HANDLER)
				assert_int_equal(found[k].message, plain[k].message);
		}
	}
	assert_int_equal(trc_trace_spans(trace, 4711, 0, UINT64_MAX, found, 10), 0);
	free(found);
	free(plain);
}

static void keeps_the_longest_spans_when_there_are_too_many(void **state)
{
	struct trc_span all[5000], few[100];
	size_t total = trc_trace_spans(trace, servers[0], 0, UINT64_MAX, all, 5000);
	uint64_t shortest = UINT64_MAX;
	size_t longer = 0;

	assert_in_range(total, 101, 5000);
	assert_int_equal(trc_trace_spans(trace, servers[0], 0, UINT64_MAX, few, 100), total);
	for (int i = 0; i < 100; i++) {
		if (few[i].end - few[i].begin < shortest)
			shortest = few[i].end - few[i].begin;
		assert_true(i == 0 || few[i].begin >= few[i - 1].begin);
	}
	for (size_t i = 0; i < total; i++)
		longer += all[i].end - all[i].begin > shortest;
	assert_true(longer < 100);
}

static uint32_t plain_depth(uint64_t actor, uint64_t time)
{
	uint32_t depth = 0;

	for (size_t i = 0; i < tb.count && tb.events[i].event.time <= time; i++) {
		const struct trc_event *event = &tb.events[i].event;

		depth += event->kind == TRC_SEND && event->peer == actor;
		depth -= event->kind == TRC_RECEIVE && event->actor == actor;
	}
	return depth;
}

static void shows_the_depth_of_a_mailbox(void **state)
{
	struct trc_depth *steps = calloc(tb.count, sizeof *steps), few[50];
	uint64_t from = tb.now / 4, to = tb.now / 4 + 100000;
	size_t count = trc_trace_depths(trace, servers[1], from, to, steps, tb.count);
	uint32_t deepest = 0, kept = 0;

	assert_true(count > 1);
	assert_true(steps[0].time <= from);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(steps[i].depth, plain_depth(servers[1], steps[i].time));
		assert_true(i == 0 || steps[i].time > steps[i - 1].time);
	}
	count = trc_trace_depths(trace, servers[1], 0, UINT64_MAX, steps, tb.count);
	assert_int_equal(trc_trace_depths(trace, servers[1], 0, UINT64_MAX, few, 50), count);
	for (size_t i = 0; i < count; i++)
		deepest = steps[i].depth > deepest ? steps[i].depth : deepest;
	for (int i = 0; i < 50; i++)
		kept = few[i].depth > kept ? few[i].depth : kept;
	assert_int_equal(kept, deepest);
	assert_int_equal(trc_trace_depths(trace, 4711, 0, UINT64_MAX, few, 50), 0);
	free(steps);
}

/* Messages between sent and received in [from, to], counted the plain way. */
static size_t plain_messages(uint64_t from, uint64_t to)
{
	size_t count = 0;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *send = &tb.events[i].event;
		uint64_t received = UINT64_MAX;

		if (send->kind != TRC_SEND || send->time > to)
			continue;
		for (size_t k = i + 1; k < tb.count && received == UINT64_MAX; k++)
			if (tb.events[k].event.kind == TRC_RECEIVE &&
			    tb.events[k].event.id == send->id)
				received = tb.events[k].event.time;
		count += received >= from;
	}
	return count;
}

static void lists_the_messages_under_way(void **state)
{
	struct trc_message_info *found = calloc(10000, sizeof *found);

	for (int i = 0; i < 6; i++) {
		uint64_t from = (uint64_t)rand() % tb.now, to = from + (uint64_t)rand() % 300000;
		size_t count = trc_trace_messages(trace, from, to, found, 10000);

		assert_int_equal(count, plain_messages(from, to));
		for (size_t k = 0; k < count; k++) {
			assert_true(found[k].sent <= to);
			assert_true(found[k].received == 0 || found[k].received >= from);
			assert_true(k == 0 || found[k].sent >= found[k - 1].sent);
		}
		assert_int_equal(trc_trace_messages(trace, from, to, found, 1), count);
		to = from + tb.now / 2;
		assert_int_equal(trc_trace_messages(trace, from, to, NULL, 0),
				 trc_trace_messages(trace, from, to, found, 10000));
	}
	assert_int_equal(trc_trace_messages(trace, 0, UINT64_MAX, NULL, 0), 8000);
	free(found);
}

static void follows_a_question_to_its_end(void **state)
{
	struct trc_message_info question, note;
	uint64_t effects[4], id = 0, reply_time = 0, drop = 0;
	char *text;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		if (event->kind == TRC_REPLY && id == 0) {
			id = event->id - tb_token(0);
			reply_time = event->time;
		}
		if (event->kind == TRC_TOKEN_DROP && drop == 0)
			drop = event->id - tb_token(0);
	}
	assert_true(trc_trace_message(trace, id, &question));
	assert_int_equal(question.sender, client);
	assert_int_equal(question.token, tb_token(id));
	assert_true(question.sent < question.received);
	assert_true(question.received < question.done);
	assert_int_equal(question.replied, reply_time);
	assert_int_equal(question.replier, question.receiver);
	assert_false(question.dropped);
	assert_int_equal(trc_trace_effects(trace, id, effects, 4), 1);
	assert_true(trc_trace_message(trace, effects[0], &note));
	assert_int_equal(note.cause, id);
	assert_int_equal(note.sender, question.receiver);
	assert_string_equal(trc_model_type_name(trc_trace_model(trace), note.type), "Note");
	text = trc_trace_message_text(trace, id, false);
	assert_non_null(strstr(text, "Question{n:"));
	free(text);
	text = trc_trace_message_text(trace, effects[0], true);
	assert_string_equal(text, "");
	free(text);
	assert_true(trc_trace_message(trace, drop, &question));
	assert_true(question.dropped);
	assert_false(trc_trace_message(trace, 47110815, &question));
	assert_int_equal(trc_trace_effects(trace, 47110815, effects, 4), 0);
}

static void steps_from_event_to_event(void **state)
{
	uint64_t t = tb.now / 2, next = UINT64_MAX, last = 0;

	for (size_t i = 0; i < tb.count; i++) {
		const struct trc_event *event = &tb.events[i].event;

		if (event->actor != servers[2])
			continue;
		if (event->time > t && next == UINT64_MAX)
			next = event->time;
		if (event->time < t)
			last = event->time;
	}
	assert_int_equal(trc_trace_step(trace, t, servers[2], true), next);
	assert_int_equal(trc_trace_step(trace, t, servers[2], false), last);
	assert_int_equal(trc_trace_step(trace, tb.now, 0, true), tb.now);
	assert_int_equal(trc_trace_step(trace, tb.now, 0, false), tb.now - 1000);
	assert_int_equal(trc_trace_step(trace, 0, 0, false), 0);
	assert_int_equal(trc_trace_step(trace, 5, 4711, true), 5);
}

static void follows_a_recording_that_grows(void **state)
{
	struct trc_trace_error error = {""};
	struct trc_trace_info info;
	struct trc_store *store;
	size_t half = tb.count / 2;

	trc_trace_close(trace);
	store = tf_create(path);
	tf_add(store, &tb, 0, half, 500);
	trace = open_trace();
	trc_trace_info(trace, &info);
	assert_true(info.live);
	assert_false(info.complete);
	assert_in_range(info.events, half - 500, half);
	assert_int_equal(trc_trace_refresh(trace, &error), 0);
	tf_add(store, &tb, half, tb.count, 500);
	assert_int_equal(trc_trace_refresh(trace, &error), 1);
	assert_state_at(tb.now / 3);
	tf_close(store, &tb, true, true);
	assert_int_equal(trc_trace_refresh(trace, &error), 1);
	trc_trace_info(trace, &info);
	assert_false(info.live);
	assert_int_equal(info.events, tb.count);
	assert_state_at(UINT64_MAX);
	assert_int_equal(trc_trace_refresh(trace, &error), 0);
}

static bool cancel(double share, void *context)
{
	assert_true(share >= 0 && share <= 1);
	return ++*(int *)context < 3;
}

static void says_why_it_cannot_open(void **state)
{
	struct trc_trace_error error = {""};
	struct trc_trace *opened;
	int calls = 0;

	assert_int_equal(trc_trace_open("/nonexistent/x.db", NULL, NULL, &opened, &error), -ENOENT);
	assert_non_null(strstr(error.text, "/nonexistent/x.db"));
	assert_true(trc_trace_open("/dev/null", NULL, NULL, &opened, &error) < 0);
	assert_int_equal(trc_trace_open(path, cancel, &calls, &opened, &error), -ECANCELED);
	assert_int_equal(calls, 3);
}

#define T(name) cmocka_unit_test(name)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(says_what_the_file_holds),
		T(knows_the_state_at_any_time),
		T(walks_all_events_in_order),
		T(shows_the_spans_of_an_actor),
		T(keeps_the_longest_spans_when_there_are_too_many),
		T(shows_the_depth_of_a_mailbox),
		T(lists_the_messages_under_way),
		T(follows_a_question_to_its_end),
		T(steps_from_event_to_event),
		T(says_why_it_cannot_open),
		T(follows_a_recording_that_grows), /* last: it replaces the file */
	};

	/* All in one chapter; then in many, of which few are kept. */
	if (cmocka_run_group_tests_name("one chapter", tests, begin, end) != 0)
		return 1;
	chapter_events = 700;
	return cmocka_run_group_tests_name("many chapters", tests, begin, end);
}
