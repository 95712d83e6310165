#include "tests/tracer/analysis/check-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Each has a handle to the other, and the main program to neither. */
static void make_pair(uint64_t *a, uint64_t *b)
{
	*a = tb_spawn(&cf.tb, 0, "tree", "", 10);
	*b = tb_spawn(&cf.tb, 0, "leaf", "", 10);
	tb_clone(&cf.tb, *a, *b);
	tb_clone(&cf.tb, *b, *a);
	tb_drop(&cf.tb, 0, *a);
	tb_drop(&cf.tb, 0, *b);
}

static void idle_actors_that_hold_each_other_do_not_end(void **state)
{
	const struct trc_finding *finding;
	uint64_t a, b;

	for (int i = 0; i < 3; i++)
		make_pair(&a, &b);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	finding = cf_first_of(TRC_CODE_HANDLE_CYCLE);
	assert_int_equal(finding->instances, 3);
	assert_int_equal(finding->actor_count, 2);
	assert_int_equal(finding->core_edge_count, 2);
	assert_int_equal(finding->edges[0].what, TRC_WHAT_MESSAGE);
	assert_false(finding->lowered);
}

/* It is a chain: the first ends, then the next. */
static void a_chain_of_handles_ends(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "", 10), b = tb_spawn(&cf.tb, 0, "b", "", 10);

	tb_clone(&cf.tb, a, b);
	tb_drop(&cf.tb, 0, a);
	tb_drop(&cf.tb, 0, b);
	cf_finish();
	assert_int_equal(cf.findings.count, 0);
}

static void who_can_still_be_woken_is_no_leak(void **state)
{
	uint64_t a, b;

	make_pair(&a, &b);
	tb_clone(&cf.tb, 0, b);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_non_null(
		strstr(cf_first_of(TRC_CODE_REFUTED)->reason, "the outside has a handle to"));
	tb_drop(&cf.tb, 0, b);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 1);
	assert_int_equal(cf_first_of(TRC_CODE_HANDLE_CYCLE)->time, trc_model_time(cf.tb.model));
}

static void a_busy_holder_refutes_a_handle_cycle(void **state)
{
	uint64_t worker = tb_spawn_starting(&cf.tb, 0, "worker", "w", 10), a, b;

	make_pair(&a, &b);
	tb_clone(&cf.tb, worker, a);
	cf_finish();
	assert_string_equal(cf_first_of(TRC_CODE_REFUTED)->reason,
			    "worker \"w\" has a handle to tree-2, too, and may go on");
	tb_done(&cf.tb, worker);
	cf_finish();
	/* The main program has one to the worker. */
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 0);
	tb_drop(&cf.tb, 0, worker);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 0);
	tb_drop(&cf.tb, worker, a);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 1);
}

static void a_handle_cycle_behind_a_deadlock_is_left_to_it(void **state)
{
	uint64_t x = tb_spawn(&cf.tb, 0, "x", "", 10), y = tb_spawn(&cf.tb, 0, "y", "", 10), a, b;

	make_pair(&a, &b);
	tb_clone(&cf.tb, x, a);
	tb_send(&cf.tb, 0, x, "Go");
	tb_send(&cf.tb, 0, y, "Go");
	tb_receive_next(&cf.tb, x);
	tb_receive_next(&cf.tb, y);
	tb_ask_and_wait(&cf.tb, x, y, "Ask");
	tb_ask_and_wait(&cf.tb, y, x, "Ask");
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 0);
}

static void stop_after(uint64_t pause)
{
	uint64_t a, b;

	make_pair(&a, &b);
	cf.tb.now += pause;
	tb_spawn(&cf.tb, 0, "last", "", 10);
	tb_end(&cf.tb, a, TRC_END_SHUTDOWN);
	tb_end(&cf.tb, b, TRC_END_SHUTDOWN);
	cf_finish();
}

static void a_handle_cycle_that_only_the_stop_ended_is_told(void **state)
{
	stop_after(1000000000);
	assert_int_equal(cf_count_of(TRC_CODE_HANDLE_CYCLE), 1);
}

static void letting_go_and_stopping_is_no_handle_cycle(void **state)
{
	stop_after(1000);
	assert_int_equal(cf.findings.count, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CF_TEST(idle_actors_that_hold_each_other_do_not_end),
		CF_TEST(a_chain_of_handles_ends),
		CF_TEST(who_can_still_be_woken_is_no_leak),
		CF_TEST(a_busy_holder_refutes_a_handle_cycle),
		CF_TEST(a_handle_cycle_behind_a_deadlock_is_left_to_it),
		CF_TEST(a_handle_cycle_that_only_the_stop_ended_is_told),
		CF_TEST(letting_go_and_stopping_is_no_handle_cycle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
