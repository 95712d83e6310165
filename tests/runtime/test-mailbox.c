/* Full mailboxes: who waits, in which order they get space, and what else can end their wait. */
#include "runtime/mailbox.h"

#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Go, (handle, to), (u64, number))
ACT_MESSAGE(Number, (u64, number))
ACT_SIGNAL(Nap)

static char heard[256];
static int result;

/* Writes down the numbers it hears; anything else keeps it busy for a while. */
static void gate(struct act_self *self, void *state, struct act_message *message)
{
	struct Number *number = act_as(message, Number);
	size_t length = strlen(heard);

	if (number)
		snprintf(heard + length, sizeof(heard) - length, "%d ", (int)number->number);
	else
		act_sleep(self, 20 * ACT_MILLISECOND);
}

static const struct act_kind gate_kind = {.name = "gate", .mailbox = 2, .handle = gate};

static void send_number(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	result = act_send(self, go->to, Number, .number = go->number);
}

static const struct act_kind sender_kind = {.name = "sender", .handle = send_number};

static struct act_handle closed_gate(struct act_self *self)
{
	struct act_handle to = act_spawn(self, &gate_kind, "gate");

	heard[0] = '\0';
	expect(act_send(self, to, Nap) == 0);
	expect(act_sleep(self, ACT_MILLISECOND) == 0); /* it has taken it and sleeps now */
	expect(act_try_send(self, to, Number, .number = 1) == 0);
	expect(act_try_send(self, to, Number, .number = 2) == 0);
	return to;
}

static void fill_and_queue(struct act_self *self)
{
	struct act_handle to = closed_gate(self);

	expect(act_try_send(self, to, Number, .number = 99) == ACT_EFULL);
	for (uint64_t i = 3; i < 9; i++) {
		struct act_handle sender = act_spawn(self, &sender_kind, NULL);

		expect(act_send(self, sender, Go, .to = act_clone(self, to), .number = i) == 0);
		expect(act_sleep(self, ACT_MILLISECOND) == 0);
		act_drop(self, &sender);
	}
	expect(act_send(self, to, Number, .number = 9) == 0);
	act_drop(self, &to);
}

static const struct act_options seeded = {.seed = 7};

static void test_space_is_given_in_the_order_of_waiting(void **state)
{
	run_alone(fill_and_queue);
	assert_string_equal(heard, "1 2 3 4 5 6 7 8 9 ");
}

static void give_up(struct act_self *self)
{
	struct act_handle to = closed_gate(self);

	expect(act_send_within(self, to, 0, Number, .number = 3) == ACT_EDEADLINE);
	expect(act_send_within(self, to, 5 * ACT_MILLISECOND, Number, .number = 4) ==
	       ACT_EDEADLINE);
	expect(act_send_within(self, to, ACT_SECOND, Number, .number = 5) == 0);
	act_drop(self, &to);
}

static void test_a_deadline_ends_the_wait_for_space(void **state)
{
	run_body(&seeded, give_up);
	assert_string_equal(heard, "1 2 5 ");
}

static void stop_receiver(struct act_self *self)
{
	struct act_handle to = closed_gate(self);
	struct act_handle sender = act_spawn(self, &sender_kind, NULL);

	expect(act_send(self, sender, Go, .to = act_clone(self, to), .number = 3) == 0);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_stop(self, to);
	expect(act_join(self, to) == 0);
	act_drop(self, &to);
	act_drop(self, &sender);
}

static void test_a_waiting_sender_learns_that_the_receiver_ended(void **state)
{
	result = 0;
	run_body(&seeded, stop_receiver);
	assert_int_equal(result, ACT_EGONE);
	assert_string_equal(heard, "");
}

static void stop_sender(struct act_self *self)
{
	struct act_handle to = closed_gate(self);
	struct act_handle sender = act_spawn(self, &sender_kind, NULL);

	expect(act_send(self, sender, Go, .to = act_clone(self, to), .number = 3) == 0);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_stop(self, sender);
	expect(act_join(self, sender) == 0);
	act_drop(self, &to);
	act_drop(self, &sender);
}

static void test_a_waiting_sender_can_be_stopped(void **state)
{
	result = 0;
	run_body(&seeded, stop_sender);
	assert_int_equal(result, ACT_ECANCELLED);
	assert_string_equal(heard, "1 2 ");
}

/* --- places that are given back ------------------------------------------------------------- */

static void give_place_back(struct act_self *self)
{
	struct act_handle stopped = act_spawn(self, &gate_kind, NULL);
	struct act_handle unreachable = act_spawn(self, &gate_kind, NULL);
	struct act_handle watched = act_clone(self, unreachable);

	expect(act_sleep(self, 1) == 0);
	expect(act__mailbox_reserve(stopped, NULL) == 0);
	expect(act__mailbox_reserve(unreachable, NULL) == 0);
	act_stop(self, stopped);
	act_drop(self, &unreachable);
	expect(act_sleep(self, 1) == 0);
	expect(act_alive(stopped) && act_send(self, stopped, Nap) == ACT_EGONE);
	act__mailbox_return_place(self, stopped.actor);
	expect(act_join(self, stopped) == 0);
	act_drop(self, &stopped);
	/* Its last handle goes while the place is still taken. */
	unreachable = watched;
	act_drop(self, &watched);
	expect(act_sleep(self, 1) == 0);
	expect(act_alive(unreachable));
	act__mailbox_return_place(self, unreachable.actor);
	expect(act_sleep(self, 1) == 0);
	expect(!act_alive(unreachable));
	result = 1;
}

static void test_an_end_waits_for_places_that_are_taken(void **state)
{
	result = 0;
	run_body(&seeded, give_place_back);
	assert_int_equal(result, 1);
}

/* --- exactly so many ------------------------------------------------------------------------ */

/* Refills its own mailbox: there is room for exactly one message whenever one was received, also
 * while others have left the senders' sight, and beyond what 32 bits can count. */
static void refill(struct act_self *self, void *state, struct act_message *message)
{
	uint64_t left = act_as(message, Number)->number;
	struct act_handle me = act_me(self);

	result++;
	if (left == 0) {
		act_stop_self(self);
	} else {
		expect(act_try_send(self, me, Number, .number = left - 1) == 0);
		expect(act_try_send(self, me, Number, .number = 99) == ACT_EFULL);
	}
	act_drop(self, &me);
}

static const struct act_kind refill_kind = {.name = "refill", .mailbox = 3, .handle = refill};

static void count_far(struct act_self *self)
{
	struct act_handle to = act_spawn(self, &refill_kind, NULL);
	uint32_t far = UINT32_MAX - 5;

	to.actor->sent = far;
	atomic_store(&to.actor->received, far);
	to.actor->limit = far + 3;
	for (int i = 0; i < 3; i++)
		expect(act_send(self, to, Number, .number = 10) == 0);
	expect(act_join(self, to) == 0);
	expect(to.actor->sent < far);
	act_drop(self, &to);
}

static void test_a_message_received_makes_room_for_exactly_one(void **state)
{
	result = 0;
	run_alone(count_far);
	assert_int_equal(result, 31);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_space_is_given_in_the_order_of_waiting),
		cmocka_unit_test(test_a_deadline_ends_the_wait_for_space),
		cmocka_unit_test(test_a_waiting_sender_learns_that_the_receiver_ended),
		cmocka_unit_test(test_a_waiting_sender_can_be_stopped),
		cmocka_unit_test(test_an_end_waits_for_places_that_are_taken),
		cmocka_unit_test(test_a_message_received_makes_room_for_exactly_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
