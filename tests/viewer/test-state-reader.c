/*
 * test-state-reader.c - states are read by another thread: the latest that was asked for arrives,
 * of a trace that grows, too, and not of another one. No display; runs under the thread sanitizer.
 */
#include "viewer/state-reader.h"

#include "tests/viewer/sample-trace.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

enum { ROUNDS = 200, LIMIT_MS = 30000 };

static char *path;

static uint64_t wall_start(void)
{
	struct trc_trace_error error;
	struct trc_trace_info info;
	struct trc_trace *trace;

	assert_int_equal(trc_trace_open(path, NULL, NULL, &trace, &error), 0);
	trc_trace_info(trace, &info);
	trc_trace_close(trace);
	return info.wall_start;
}

/* The next answer. */
static enum trv_state_answer await(struct trv_state_reader *reader, const struct trc_model **model,
				   uint64_t *time)
{
	struct pollfd answer = {.fd = trv_state_reader_fd(reader), .events = POLLIN};
	enum trv_state_answer result = TRV_STATE_NONE;

	while (result == TRV_STATE_NONE) {
		assert_int_equal(poll(&answer, 1, LIMIT_MS), 1);
		result = trv_state_reader_take(reader, model, time);
	}
	return result;
}

/* The answers up to the one about `time`. */
static const struct trc_model *await_time(struct trv_state_reader *reader, uint64_t time)
{
	const struct trc_model *model = NULL;
	uint64_t got = UINT64_MAX;

	while (got != time)
		assert_int_equal(await(reader, &model, &got), TRV_STATE_READ);
	return model;
}

/* Reads all of it, as panels do. */
static uint64_t look_at(const struct trc_model *model)
{
	uint64_t sum = trc_model_events(model);

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		sum = sum * 31 + actor->id + actor->depth + actor->wait.target_count +
		      strlen(actor->name);
	}
	return sum;
}

static void test_what_was_asked_last_arrives(void **state)
{
	struct trv_state_reader *reader;
	const struct trc_model *model;
	struct trc_trace_error error;
	struct trc_trace *trace;
	uint64_t last = 0;

	sample_chat(path, ROUNDS, true);
	reader = trv_state_reader_new(path, wall_start());
	assert_non_null(reader);
	assert_int_equal(trc_trace_open(path, NULL, NULL, &trace, &error), 0);
	for (uint64_t i = 0; i < 100; i++) {
		last = i * 7919 % 900 * 1000;
		trv_state_reader_ask(reader, last, 0);
		/* Now and then all answers are taken, mostly some are passed over. */
		if (i % 10 == 0)
			assert_true(look_at(await_time(reader, last)) ==
				    look_at(trc_trace_state_at(trace, last)));
	}
	model = await_time(reader, last);
	assert_true(look_at(model) == look_at(trc_trace_state_at(trace, last)));
	trc_trace_close(trace);
	trv_state_reader_free(reader);
}

/* The one that was taken stays as it is while the next is read. */
static void test_what_was_taken_stays(void **state)
{
	struct trv_state_reader *reader;
	const struct trc_model *model;
	uint64_t before;

	sample_chat(path, ROUNDS, true);
	reader = trv_state_reader_new(path, wall_start());
	trv_state_reader_ask(reader, 300000, 0);
	model = await_time(reader, 300000);
	before = look_at(model);
	for (uint64_t time = 0; time < 500000; time += 10000) {
		trv_state_reader_ask(reader, time, 0);
		assert_true(look_at(model) == before);
	}
	await_time(reader, 490000);
	trv_state_reader_free(reader);
}

static void test_a_trace_grows(void **state)
{
	struct sample *sample = sample_new(path);
	struct trv_state_reader *reader;
	uint64_t first;

	build_chat(sample_builder(sample), 3, false);
	sample_commit(sample);
	reader = trv_state_reader_new(path, wall_start());
	trv_state_reader_ask(reader, INT64_MAX, 0);
	first = trc_model_events(await_time(reader, INT64_MAX));
	build_send(sample_builder(sample), 2, 1, 5000, TYPE_SAY, 0, "more");
	sample_commit(sample);
	trv_state_reader_ask(reader, INT64_MAX - 1, 1);
	assert_int_equal(trc_model_events(await_time(reader, INT64_MAX - 1)), first + 1);
	sample_end(sample, true);
	trv_state_reader_free(reader);
}

static void test_a_trace_that_is_gone_or_another_is_not_read(void **state)
{
	const struct trc_model *model = NULL;
	struct trv_state_reader *reader;
	uint64_t time, began;

	sample_chat(path, 3, false);
	began = wall_start();
	reader = trv_state_reader_new(path, began + 1);
	trv_state_reader_ask(reader, 1000, 0);
	assert_int_equal(await(reader, &model, &time), TRV_STATE_FAILED);
	assert_null(model);
	trv_state_reader_free(reader);
	assert_int_equal(g_unlink(path), 0);
	reader = trv_state_reader_new(path, began);
	assert_int_equal(await(reader, &model, &time), TRV_STATE_FAILED);
	trv_state_reader_free(reader);
}

static void test_it_can_be_freed_at_any_time(void **state)
{
	sample_chat(path, ROUNDS, true);
	for (uint64_t i = 0; i < 20; i++) {
		struct trv_state_reader *reader = trv_state_reader_new(path, wall_start());

		if (i % 2)
			trv_state_reader_ask(reader, i * 10000, 0);
		trv_state_reader_free(reader);
	}
	trv_state_reader_free(NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_asked_last_arrives),
		cmocka_unit_test(test_what_was_taken_stays),
		cmocka_unit_test(test_a_trace_grows),
		cmocka_unit_test(test_a_trace_that_is_gone_or_another_is_not_read),
		cmocka_unit_test(test_it_can_be_freed_at_any_time),
	};
	g_autofree char *folder = g_dir_make_tmp("state-reader-XXXXXX", NULL);
	int failed;

	path = g_build_filename(folder, "trace.db", NULL);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	g_unlink(path);
	g_rmdir(folder);
	g_free(path);
	return failed;
}
