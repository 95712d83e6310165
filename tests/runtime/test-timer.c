/* The heap of timers by itself, and messages that come after a while. */
#include "runtime/timer.h"

#include "runtime/world.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

enum { MANY = 2000 };

/* --- the heap ------------------------------------------------------------------------------- */

static uint64_t next_random(uint64_t *seed)
{
	*seed = *seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
	return *seed >> 33;
}

static void test_the_heap_gives_the_earliest_first(void **state)
{
	static struct act__timer timers[MANY];
	struct act__timers heap = {0};
	uint64_t seed = 1, last = 0;
	unsigned left = MANY;

	assert_int_equal(act__timers_next(&heap), ACT__NEVER);
	for (int i = 0; i < MANY; i++) {
		timers[i].at = next_random(&seed) % 500;
		act__timer_set(&heap, &timers[i]);
	}
	for (int i = 0; i < MANY; i += 3) {
		assert_true(act__timer_clear(&timers[i]));
		assert_false(act__timer_clear(&timers[i]));
		left--;
	}
	while (heap.first) {
		struct act__timer *first = heap.first;

		assert_int_equal(act__timers_next(&heap), first->at);
		assert_true(first->at >= last);
		last = first->at;
		assert_true(act__timer_clear(first));
		left--;
	}
	assert_int_equal(left, 0);
}

static void test_equal_times_keep_their_order(void **state)
{
	struct act__timer timers[20] = {0};
	struct act__timers heap = {0};

	for (int i = 0; i < 20; i++) {
		timers[i].at = 5;
		act__timer_set(&heap, &timers[i]);
	}
	for (int i = 0; i < 20; i++) {
		assert_ptr_equal(heap.first, &timers[i]);
		act__timer_clear(&timers[i]);
	}
}

/* --- act_after ------------------------------------------------------------------------------ */

ACT_MESSAGE(Tick, (u64, number))
ACT_MESSAGE(Gift, (handle, who))

static const struct act_options seeded = {.seed = 5};
static char heard[128];

static void hear(struct act_self *self, void *state, struct act_message *message)
{
	struct Tick *tick = act_as(message, Tick);
	size_t length = strlen(heard);

	if (!tick)
		return;
	snprintf(heard + length, sizeof(heard) - length, "%d@%d ", (int)tick->number,
		 (int)(act_now(self) / ACT_SECOND));
	if (tick->number == 0)
		act_sleep(self, 10 * ACT_SECOND);
}

static int set_timers(struct act_self *self, void *state, struct act_message *init)
{
	uint64_t third;

	expect(act_after(self, 3 * ACT_SECOND, Tick, .number = 3));
	expect(act_after(self, 1 * ACT_SECOND, Tick, .number = 1));
	third = act_after(self, 2 * ACT_SECOND, Gift, .who = act_me(self));
	expect(act_after(self, 2 * ACT_SECOND, Tick, .number = 2));
	act_cancel_timer(self, third);
	act_cancel_timer(self, third);
	act_cancel_timer(self, 12345);
	return 0;
}

static const struct act_kind hear_kind = {
	.name = "hear", .mailbox = 1, .start = set_timers, .handle = hear};

static void spawn_hearer(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &hear_kind, NULL);

	act_drop(self, &actor);
}

static void test_timers_keep_their_actor_alive_and_come_in_time(void **state)
{
	heard[0] = '\0';
	run_body(&seeded, spawn_hearer);
	assert_string_equal(heard, "1@1 2@2 3@3 ");
}

static void keep_hearer_busy(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &hear_kind, NULL);

	expect(act_send(self, actor, Tick, .number = 0) == 0);
	act_drop(self, &actor);
}

static void test_a_timer_waits_for_space(void **state)
{
	heard[0] = '\0';
	run_body(&seeded, keep_hearer_busy);
	assert_string_equal(heard, "0@0 1@10 2@10 3@10 ");
}

static void stop_hearer(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &hear_kind, NULL);

	expect(act_send(self, actor, Tick, .number = 0) == 0);
	/* By then one timer is in the mailbox, one in line, one still set. */
	expect(act_sleep(self, 2 * ACT_SECOND + 1) == 0);
	act_stop(self, actor);
	expect(act_join(self, actor) == 0);
	act_drop(self, &actor);
}

static void test_an_end_cancels_timers_wherever_they_are(void **state)
{
	heard[0] = '\0';
	run_body(&seeded, stop_hearer);
	assert_string_equal(heard, "0@0 ");
}

static void sleep_a_little(struct act_self *self)
{
	uint64_t begin = act_now(self);

	expect(act_sleep(self, 3 * ACT_MILLISECOND) == 0);
	expect(act_now(self) - begin >= 3 * ACT_MILLISECOND);
	heard[0]++;
}

static void test_nothing_wakes_early_by_the_real_clock(void **state)
{
	heard[0] = 'a';
	run_body(NULL, sleep_a_little);
	assert_int_equal(heard[0], 'b');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_heap_gives_the_earliest_first),
		cmocka_unit_test(test_equal_times_keep_their_order),
		cmocka_unit_test(test_timers_keep_their_actor_alive_and_come_in_time),
		cmocka_unit_test(test_a_timer_waits_for_space),
		cmocka_unit_test(test_an_end_cancels_timers_wherever_they_are),
		cmocka_unit_test(test_nothing_wakes_early_by_the_real_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
