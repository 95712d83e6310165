/* Nobody keeps a worker for themselves: each of these ends only if the others get their turns. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <sched.h>

#include <cmocka.h>

ACT_MESSAGE(Peer, (handle, to))
ACT_SIGNAL(Ping)
ACT_SIGNAL(Stop)

static uint64_t turns;

static void stop_system(struct act_self *self, void *state, struct act_message *message)
{
	turns++;
	act_system_stop(act_system_of(self));
}

static const struct act_kind stopper_kind = {.name = "stopper", .handle = stop_system};

static void be_asked(struct act_self *self, void *state, struct act_message *message)
{
	act_reply(self, message, Ping);
}

static const struct act_kind echo_kind = {.name = "echo", .handle = be_asked};

/* Asks without end, so that there is always somebody who was woken last. */
static int ask_for_ever(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply;

	while (act_ask(self, act_as(init, Peer)->to, &reply, Ping) == 0)
		act_release(self, reply);
	return 0;
}

static const struct act_kind asker_kind = {
	.name = "asker", .start = ask_for_ever, .handle = ignore_message};

/* Keeps its own mailbox filled. */
static void flood_oneself(struct act_self *self, void *state, struct act_message *message)
{
	struct act_handle me = act_me(self);

	act_try_send(self, me, Ping);
	act_drop(self, &me);
}

static const struct act_kind flood_kind = {.name = "flood", .handle = flood_oneself};

static void start_busy_pair(struct act_self *self)
{
	struct act_handle asker = act_spawn_with(self, &asker_kind, NULL, Peer,
						 .to = act_spawn(self, &echo_kind, NULL));

	act_drop(self, &asker);
}

static void start_flood(struct act_self *self)
{
	struct act_handle flood = act_spawn(self, &flood_kind, NULL);

	for (int i = 0; i < 10; i++)
		act_send(self, flood, Ping);
	act_drop(self, &flood);
}

static void pair_and_another(struct act_self *self)
{
	struct act_handle stopper;

	start_busy_pair(self);
	stopper = act_spawn(self, &stopper_kind, NULL);
	act_send(self, stopper, Stop);
	act_drop(self, &stopper);
}

static void test_a_busy_pair_leaves_turns_to_others(void **state)
{
	turns = 0;
	run_alone(pair_and_another);
	assert_int_equal(turns, 1);
}

static void pair_and_timer(struct act_self *self)
{
	start_busy_pair(self);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	turns++;
	act_system_stop(act_system_of(self));
}

static void test_a_busy_pair_leaves_time_for_timers(void **state)
{
	turns = 0;
	run_alone(pair_and_timer);
	assert_int_equal(turns, 1);
}

static void flood_and_others(struct act_self *self)
{
	struct act_handle stopper;

	start_flood(self);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	stopper = act_spawn(self, &stopper_kind, NULL);
	act_send(self, stopper, Stop);
	act_drop(self, &stopper);
}

static void test_a_flood_leaves_turns_and_time_to_others(void **state)
{
	turns = 0;
	run_alone(flood_and_others);
	assert_int_equal(turns, 1);
}

/* --- many stacks ---------------------------------------------------------------------------- */

enum { SLEEPERS = 3000 };

static int sleep_once(struct act_self *self, void *state, struct act_message *init)
{
	char on_the_stack[1000];

	for (size_t i = 0; i < sizeof(on_the_stack); i++)
		on_the_stack[i] = (char)(turns + i);
	act_sleep(self, 30 * ACT_MILLISECOND);
	for (size_t i = 1; i < sizeof(on_the_stack); i++)
		expect((char)(on_the_stack[i] - on_the_stack[i - 1]) == 1);
	return -1;
}

static void count_stop(struct act_self *self, void *state)
{
	turns++;
}

static const struct act_kind sleeper_kind = {
	.name = "sleeper", .start = sleep_once, .handle = ignore_message, .stop = count_stop};

static void start_sleepers(struct act_self *self)
{
	for (int i = 0; i < SLEEPERS; i++) {
		struct act_handle sleeper = act_spawn(self, &sleeper_kind, NULL);

		expect(sleeper.actor);
		act_drop(self, &sleeper);
	}
}

static void test_thousands_wait_at_once(void **state)
{
	turns = 0;
	run_alone(start_sleepers);
	assert_int_equal(turns, SLEEPERS);
}

/* --- workers without work ------------------------------------------------------------------- */

enum { ROUNDS = 200 };

static _Atomic bool helped;

static int help(struct act_self *self, void *state, struct act_message *init)
{
	helped = true;
	return -1;
}

static int keep_the_worker_until_helped(struct act_self *self, void *state,
					struct act_message *init)
{
	while (!helped)
		sched_yield();
	return -1;
}

static const struct act_kind helper_kind = {.name = "helper", .start = help};
static const struct act_kind keeper_kind = {.name = "keeper",
					    .start = keep_the_worker_until_helped};

/* The keeper is woken last and so goes first. The helper, behind it, is for the other worker, which
 * sleeps at first and later looks, naps, or has just woken up. */
static void need_help(struct act_self *self)
{
	for (int i = 0; i < ROUNDS; i++) {
		struct act_handle helper, keeper;

		helped = false;
		helper = act_spawn(self, &helper_kind, NULL);
		keeper = act_spawn(self, &keeper_kind, NULL);
		act_drop(self, &helper);
		expect(act_join(self, keeper) == 0);
		act_drop(self, &keeper);
		turns++;
	}
}

static void test_what_waits_for_long_is_taken_by_others(void **state)
{
	static const struct act_options two = {.workers = 2};

	turns = 0;
	run_body(&two, need_help);
	assert_int_equal(turns, ROUNDS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_busy_pair_leaves_turns_to_others),
		cmocka_unit_test(test_a_busy_pair_leaves_time_for_timers),
		cmocka_unit_test(test_a_flood_leaves_turns_and_time_to_others),
		cmocka_unit_test(test_thousands_wait_at_once),
		cmocka_unit_test(test_what_waits_for_long_is_taken_by_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
