/*
 * test-critical-path.c - where the time of asks went, in trace files
 */
#include "viewer/critical-path.h"

#include "tests/viewer/sample-trace.h"

#include <glib.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static char *path;

static struct trc_trace *open_trace(uint64_t *ret_now)
{
	struct trc_trace_error error;
	struct trc_trace_info info;
	struct trc_trace *trace;

	assert_int_equal(trc_trace_open(path, NULL, NULL, &trace, &error), 0);
	trc_trace_info(trace, &info);
	*ret_now = info.last_time;
	return trace;
}

/* Every instant is told once, and in order. */
static void assert_whole(const struct trv_path *found)
{
	uint64_t at = found->begin, sum = 0;

	for (size_t i = 0; i < found->count; i++) {
		assert_int_equal(found->items[i].begin, at);
		assert_true(found->items[i].end > at);
		at = found->items[i].end;
	}
	assert_int_equal(at, found->end);
	for (int kind = 0; kind < TRV_STRETCHES; kind++)
		sum += trv_path_sum(found, (enum trv_stretch_kind)kind);
	assert_int_equal(sum, found->end - found->begin);
}

static void test_an_ask_answered_by_its_receiver(void **state)
{
	static struct trv_path found;
	struct trc_trace *trace;
	uint64_t now;

	sample_chat(path, 3, false);
	trace = open_trace(&now);
	assert_true(trv_path_find(trace, 101, now, &found));
	assert_false(found.open);
	assert_whole(&found);
	assert_int_equal(found.items[0].kind, TRV_STRETCH_QUEUE);
	assert_int_equal(found.items[0].actor, 1);
	assert_int_equal(found.items[found.count - 1].kind, TRV_STRETCH_HANDLER);
	assert_int_equal(found.items[found.count - 1].actor, 1);
	/* what is no ask has no path */
	assert_false(trv_path_find(trace, 1000, now, &found));
	assert_false(trv_path_find(trace, 424242, now, &found));
	trc_trace_close(trace);
}

static void test_an_ask_without_an_answer_goes_to_the_end(void **state)
{
	static struct trv_path found;
	struct trc_trace *trace;
	uint64_t now;

	sample_chat(path, 3, true);
	trace = open_trace(&now);
	assert_true(trv_path_find(trace, 9006, now, &found));
	assert_true(found.open);
	assert_int_equal(found.end, now);
	assert_whole(&found);
	/* it never left the room's mailbox */
	assert_int_equal(found.count, 1);
	assert_int_equal(found.items[0].kind, TRV_STRETCH_QUEUE);
	trc_trace_close(trace);
}

/* Cleo asks the room, which asks bob before it answers; bob hands over to ann, who answers. */
static void test_asks_inside_asks_and_handing_on(void **state)
{
	static struct trv_path found;
	struct sample *sample = sample_new(path);
	struct builder *builder = sample_builder(sample);
	struct trc_trace *trace;
	uint64_t now;
	bool ann = false;

	build_chat(builder, 1, false);
	build_send(builder, 0, 5, 50, TYPE_SAY, 0, "go");
	build_receive(builder, 5, 50);
	build_send(builder, 5, 1, 51, TYPE_JOIN, 551, "");
	build_wait(builder, 5, TRC_WHAT_REPLY, 551, 1, 2);
	build_receive(builder, 1, 51);
	build_send(builder, 1, 3, 52, TYPE_JOIN, 552, "");
	build_wait(builder, 1, TRC_WHAT_REPLY, 552, 3, 1);
	build_receive(builder, 3, 52);
	build_send(builder, 3, 2, 53, TYPE_SAY, 0, "you");
	build_done(builder, 3, 52);
	build_receive(builder, 2, 53);
	build_reply(builder, 2, 552, 1, TYPE_SAY, "yes");
	build_wake(builder, 1, TRC_WAKE_MET);
	build_reply(builder, 1, 551, 5, TYPE_SAY, "done");
	build_wake(builder, 5, TRC_WAKE_MET);
	sample_end(sample, true);
	trace = open_trace(&now);
	assert_true(trv_path_find(trace, 51, now, &found));
	for (size_t i = 0; i < found.count; i++)
		ann |= found.items[i].actor == 2 && found.items[i].depth == 1 &&
		       found.items[i].kind == TRV_STRETCH_HANDLER;
	assert_true(ann);
	assert_int_equal(found.items[found.count - 1].actor, 1);
	assert_int_equal(found.items[found.count - 1].depth, 0);
	assert_whole(&found);
	trc_trace_close(trace);
}

static int set_up(void **state)
{
	int file = g_file_open_tmp("actorscope-path-XXXXXX.db", &path, NULL);

	assert_true(file >= 0);
	g_close(file, NULL);
	return 0;
}

static int tear_down(void **state)
{
	g_unlink(path);
	g_free(path);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_ask_answered_by_its_receiver),
		cmocka_unit_test(test_an_ask_without_an_answer_goes_to_the_end),
		cmocka_unit_test(test_asks_inside_asks_and_handing_on),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
