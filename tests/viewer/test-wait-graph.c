#include "viewer/wait-graph.h"

#include "tests/viewer/system-builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void apply(const struct trc_event *event, void *context)
{
	trc_model_apply(context, event);
}

static const struct trv_wait_edge *edge_from(const struct trv_wait_graph *graph, uint64_t actor)
{
	for (size_t i = 0; i < graph->count; i++) {
		if (graph->edges[i].from == actor)
			return &graph->edges[i];
	}
	return NULL;
}

static void test_nobody_waits(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};
	struct trv_wait_graph graph;

	build_chat(&builder, 2, false);
	trv_wait_graph_build(model, &graph);
	assert_int_equal(graph.count, 0);
	assert_int_equal(graph.waiting, 0);
	trv_wait_graph_clear(&graph);
	trc_model_free(model);
}

static void test_ring_and_victim(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};
	struct trv_wait_graph graph;
	const struct trv_wait_edge *room, *bob, *cleo;

	build_chat(&builder, 2, true);
	trv_wait_graph_build(model, &graph);
	assert_int_equal(graph.count, 3);
	assert_int_equal(graph.waiting, 3);
	assert_int_equal(graph.elsewhere, 0);
	room = edge_from(&graph, 1);
	bob = edge_from(&graph, 3);
	cleo = edge_from(&graph, 5);
	assert_non_null(room);
	assert_non_null(bob);
	assert_non_null(cleo);
	assert_int_equal(room->to, 3);
	assert_int_equal(room->what, TRC_WHAT_SPACE);
	assert_true(room->stuck && room->core);
	assert_int_equal(bob->to, 1);
	assert_true(bob->stuck && bob->core);
	assert_int_equal(cleo->to, 1);
	assert_int_equal(cleo->what, TRC_WHAT_REPLY);
	assert_true(cleo->stuck && !cleo->core);
	assert_int_equal(cleo->type, TYPE_JOIN);
	assert_int_equal(bob->type, TYPE_JOIN); /* what was last sent from that line */
	assert_true(room->since < bob->since);
	trv_wait_graph_clear(&graph);
	trc_model_free(model);
}

static void test_timers_are_elsewhere(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};
	struct trv_wait_graph graph;

	build_chat(&builder, 0, false);
	build_send(&builder, 0, 2, 700, TYPE_LEAVE, 0, "");
	build_receive(&builder, 2, 700);
	build_wait(&builder, 2, TRC_WHAT_TIMER, 0, 0, 1);
	trv_wait_graph_build(model, &graph);
	assert_int_equal(graph.count, 0);
	assert_int_equal(graph.waiting, 1);
	assert_int_equal(graph.elsewhere, 1);
	trv_wait_graph_clear(&graph);
	trc_model_free(model);
}

static void test_a_met_wait_is_none(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};
	struct trv_wait_graph graph;

	build_chat(&builder, 0, false);
	build_send(&builder, 0, 2, 700, TYPE_LEAVE, 0, "");
	build_receive(&builder, 2, 700);
	build_send(&builder, 2, 1, 701, TYPE_JOIN, 801, "");
	build_wait(&builder, 2, TRC_WHAT_REPLY, 801, 1, 2);
	trv_wait_graph_build(model, &graph);
	assert_int_equal(graph.count, 1);
	trv_wait_graph_clear(&graph);
	build_receive(&builder, 1, 701);
	build_reply(&builder, 1, 801, 2, TYPE_SAY, "welcome");
	trv_wait_graph_build(model, &graph); /* answered, though it has not woken yet */
	assert_int_equal(graph.count, 0);
	assert_int_equal(graph.waiting, 0);
	trv_wait_graph_clear(&graph);
	trc_model_free(model);
}

/* The ask was received and handled, its token put by: the source line still tells what it was. */
static void test_type_of_an_ask_put_by(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};
	struct trv_wait_graph graph;

	build_chat(&builder, 0, false);
	build_send(&builder, 0, 2, 700, TYPE_LEAVE, 0, "");
	build_receive(&builder, 2, 700);
	build_send(&builder, 2, 1, 701, TYPE_JOIN, 801, "");
	build_wait(&builder, 2, TRC_WHAT_REPLY, 801, 1, 2);
	assert_int_equal(trv_ask_type(model, 2, 701), TYPE_JOIN);
	build_receive(&builder, 1, 701);
	build_done(&builder, 1, 701);
	assert_null(trc_model_message(model, 701));
	trv_wait_graph_build(model, &graph);
	assert_int_equal(graph.count, 1);
	assert_int_equal(graph.edges[0].type, TYPE_JOIN);
	assert_int_equal(trv_ask_type(model, 2, 999), 0);
	trv_wait_graph_clear(&graph);
	trc_model_free(model);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nobody_waits),
		cmocka_unit_test(test_ring_and_victim),
		cmocka_unit_test(test_timers_are_elsewhere),
		cmocka_unit_test(test_a_met_wait_is_none),
		cmocka_unit_test(test_type_of_an_ask_put_by),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
