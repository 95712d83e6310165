/* Ready actors: in which order they come out, and which of them others may take. */
#include "runtime/queue.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>

#include <cmocka.h>

enum { ACTORS = 300 };

static struct act__actor actors[ACTORS];
static struct act__world real;

static void push(struct act__queue *queue, int from, int to)
{
	for (int i = from; i < to; i++)
		act__queue_push(queue, &actors[i]);
}

static void expect_loot(const struct act__loot *loot, int from, int to)
{
	struct act__actor *actor = loot->first;

	assert_int_equal(loot->count, to - from);
	for (int i = from; i < to; i++) {
		assert_ptr_equal(actor, &actors[i]);
		assert_true((actor == loot->last) == (i == to - 1));
		actor = actor->run_next;
	}
}

static void expect_rest(struct act__queue *queue, int from, int to)
{
	assert_int_equal(act__queue_count(queue), to - from);
	for (int i = from; i < to; i++)
		assert_ptr_equal(act__queue_pop(queue, &real), &actors[i]);
	assert_null(act__queue_pop(queue, &real));
	assert_int_equal(act__queue_count(queue), 0);
}

static void test_the_oldest_comes_first(void **state)
{
	struct act__queue queue = {0};
	struct act__loot loot = {&actors[2], &actors[3], 2};

	assert_null(act__queue_pop(&queue, &real));
	push(&queue, 0, 2);
	actors[2].run_next = &actors[3];
	act__queue_append(&queue, &loot);
	push(&queue, 4, 6);
	expect_rest(&queue, 0, 6);
	push(&queue, 0, 1);
	expect_rest(&queue, 0, 1);
}

static void test_others_take_half_of_what_is_old(void **state)
{
	struct act__queue queue = {0};
	struct act__loot loot;

	push(&queue, 0, 5);
	assert_false(act__queue_rob(&queue, 1000, &loot));
	push(&queue, 5, 50);
	assert_false(act__queue_rob(&queue, 1000 + ACT__QUEUE_AGE - 1, &loot));
	assert_true(act__queue_rob(&queue, 1000 + ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 0, 3);
	assert_true(act__queue_rob(&queue, 1000 + ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 3, 4);
	assert_true(act__queue_rob(&queue, 1000 + ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 4, 5);
	/* What is left may be as young as this look at it. */
	assert_false(act__queue_rob(&queue, 1000 + 2 * ACT__QUEUE_AGE, &loot));
	expect_rest(&queue, 5, 50);
}

static void test_what_the_owner_took_meanwhile_does_not_count(void **state)
{
	struct act__queue queue = {0};
	struct act__loot loot;

	push(&queue, 0, 5);
	assert_false(act__queue_rob(&queue, 0, &loot));
	for (int i = 0; i < 4; i++)
		act__queue_pop(&queue, &real);
	push(&queue, 5, 20);
	assert_true(act__queue_rob(&queue, ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 4, 5);
	act__queue_pop(&queue, &real);
	/* The mark was passed: a new one. */
	assert_false(act__queue_rob(&queue, 2 * ACT__QUEUE_AGE, &loot));
	assert_true(act__queue_rob(&queue, 3 * ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 6, 13);
	expect_rest(&queue, 13, 20);
}

static void test_others_take_only_so_many_at_once(void **state)
{
	struct act__queue queue = {0};
	struct act__loot loot;

	push(&queue, 0, ACTORS);
	assert_false(act__queue_rob(&queue, 0, &loot));
	assert_true(act__queue_rob(&queue, ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 0, 64);
	assert_true(act__queue_rob(&queue, ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 64, 128);
	expect_rest(&queue, 128, ACTORS);
}

static void test_counters_may_wrap(void **state)
{
	unsigned far = (unsigned)-3;
	struct act__queue queue = {.pushed = far, .popped = far};
	struct act__loot loot;

	push(&queue, 0, 10);
	assert_int_equal(act__queue_count(&queue), 10);
	queue.mark = far - 1;
	assert_false(act__queue_rob(&queue, ACT__QUEUE_AGE, &loot));
	assert_true(act__queue_rob(&queue, 2 * ACT__QUEUE_AGE, &loot));
	expect_loot(&loot, 0, 5);
	expect_rest(&queue, 5, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_oldest_comes_first),
		cmocka_unit_test(test_others_take_half_of_what_is_old),
		cmocka_unit_test(test_what_the_owner_took_meanwhile_does_not_count),
		cmocka_unit_test(test_others_take_only_so_many_at_once),
		cmocka_unit_test(test_counters_may_wrap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
