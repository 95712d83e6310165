/* Many actors on all workers: nothing is lost, nothing hangs, nothing is left behind. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdatomic.h>
#include <unistd.h>

#include <cmocka.h>

enum { FEWEST_WORKERS = 4 };

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(Square, (u64, value))
ACT_MESSAGE(Target, (handle, to), (u64, count))
ACT_MESSAGE(Pass, (handle, origin), (u64, hops), (text, baggage))
ACT_SIGNAL(Sum)

static struct act_options all_workers; /* one for each core, at least a few */

/* --- many to one ---------------------------------------------------------------------------- */

struct adder {
	uint64_t sum;
	uint64_t count;
};

static _Atomic uint64_t total, received;

static void add(struct act_self *self, void *state, struct act_message *message)
{
	struct adder *adder = state;
	struct Number *number = act_as(message, Number);

	if (number) {
		adder->sum += number->value;
		adder->count++;
	}
}

static void report(struct act_self *self, void *state)
{
	struct adder *adder = state;

	total = adder->sum;
	received = adder->count;
}

static const struct act_kind adder_kind = {.name = "adder",
					   .state_size = sizeof(struct adder),
					   .mailbox = 3,
					   .handle = add,
					   .stop = report};

static int send_numbers(struct act_self *self, void *state, struct act_message *init)
{
	struct Target *target = act_as(init, Target);

	for (uint64_t i = 1; i <= target->count; i++)
		expect(act_send(self, target->to, Number, .value = i) == 0);
	return 0;
}

static const struct act_kind sender_kind = {
	.name = "sender", .start = send_numbers, .handle = ignore_message};

static void many_to_one(struct act_self *self)
{
	struct act_handle adder = act_spawn(self, &adder_kind, NULL);

	for (int i = 0; i < 20; i++) {
		struct act_handle sender =
			act_spawn_with(self, &sender_kind, NULL, Target,
				       .to = act_clone(self, adder), .count = 1000);
		act_drop(self, &sender);
	}
	act_drop(self, &adder);
}

static void test_many_senders_wait_for_space_in_one_mailbox(void **state)
{
	total = received = 0;
	run_body(&all_workers, many_to_one);
	assert_int_equal(received, 20000);
	assert_int_equal(total, 20 * 500500);
}

/* --- asks ----------------------------------------------------------------------------------- */

static void square(struct act_self *self, void *state, struct act_message *message)
{
	struct Square *question = act_as(message, Square);

	expect(question);
	act_reply(self, message, Number, .value = question->value * question->value);
}

static const struct act_kind square_kind = {.name = "square", .handle = square};

static int ask_squares(struct act_self *self, void *state, struct act_message *init)
{
	struct Target *target = act_as(init, Target);

	for (uint64_t i = 0; i < target->count; i++) {
		struct act_message *reply;

		expect(act_ask(self, target->to, &reply, Square, .value = i) == 0);
		expect(act_as(reply, Number)->value == i * i);
		act_release(self, reply);
		received++;
	}
	return 0;
}

static const struct act_kind asker_kind = {
	.name = "asker", .start = ask_squares, .handle = ignore_message};

static void many_askers(struct act_self *self)
{
	struct act_handle squares[3];

	for (int i = 0; i < 3; i++)
		squares[i] = act_spawn(self, &square_kind, NULL);
	for (int i = 0; i < 30; i++) {
		struct act_handle asker =
			act_spawn_with(self, &asker_kind, NULL, Target,
				       .to = act_clone(self, squares[i % 3]), .count = 500);
		act_drop(self, &asker);
	}
	for (int i = 0; i < 3; i++)
		act_drop(self, &squares[i]);
}

static void test_every_ask_gets_its_own_reply(void **state)
{
	received = 0;
	run_body(&all_workers, many_askers);
	assert_int_equal(received, 15000);
}

/* --- deadlines that race with replies ------------------------------------------------------- */

static void answer_late(struct act_self *self, void *state, struct act_message *message)
{
	if (act_random(self) % 4 == 0)
		act_sleep(self, ACT_MILLISECOND);
	if (act_random(self) % 8 != 0)
		act_reply(self, message, Number, .value = 1);
}

static const struct act_kind late_kind = {.name = "late", .mailbox = 2, .handle = answer_late};

static int ask_impatiently(struct act_self *self, void *state, struct act_message *init)
{
	struct Target *target = act_as(init, Target);

	for (uint64_t i = 0; i < target->count; i++) {
		struct act_message *reply;
		int r = act_ask_within(self, target->to, &reply,
				       act_random(self) % (2 * ACT_MILLISECOND), Square,
				       .value = i);

		expect(r == 0 || r == ACT_EDEADLINE || r == ACT_EDROPPED);
		expect((r == 0) == (reply != NULL));
		act_release(self, reply);
		received++;
	}
	return 0;
}

static const struct act_kind impatient_kind = {
	.name = "impatient", .start = ask_impatiently, .handle = ignore_message};

static void impatient_askers(struct act_self *self)
{
	struct act_handle late = act_spawn(self, &late_kind, NULL);

	for (int i = 0; i < 10; i++) {
		struct act_handle asker = act_spawn_with(self, &impatient_kind, NULL, Target,
							 .to = act_clone(self, late), .count = 40);
		act_drop(self, &asker);
	}
	act_drop(self, &late);
}

static void test_deadlines_race_with_replies_and_drops(void **state)
{
	received = 0;
	run_body(&all_workers, impatient_askers);
	assert_int_equal(received, 400);
}

/* --- actors that come and go ---------------------------------------------------------------- */

static _Atomic uint64_t born, died;

static int be_born(struct act_self *self, void *state, struct act_message *init)
{
	born++;
	return 0;
}

static void die(struct act_self *self, void *state)
{
	died++;
}

static void pass_on(struct act_self *self, void *state, struct act_message *message)
{
	struct Pass *pass = act_as(message, Pass);
	struct act_handle next;
	extern const struct act_kind mortal_kind;

	if (!pass || pass->hops == 0)
		return;
	next = act_spawn(self, &mortal_kind, NULL);
	expect(act_send(self, next, Pass, .origin = act_take(&pass->origin), .hops = pass->hops - 1,
			.baggage = pass->baggage) == 0);
	act_drop(self, &next);
}

const struct act_kind mortal_kind = {
	.name = "mortal", .start = be_born, .handle = pass_on, .stop = die};

static void chains(struct act_self *self)
{
	for (int i = 0; i < 50; i++) {
		struct act_handle first = act_spawn(self, &mortal_kind, NULL);

		expect(act_send(self, first, Pass, .origin = act_me(self), .hops = 99,
				.baggage = "a text that travels along") == 0);
		act_drop(self, &first);
	}
}

static void test_chains_of_short_lives_end_by_themselves(void **state)
{
	born = died = 0;
	run_body(&all_workers, chains);
	assert_int_equal(born, 5000);
	assert_int_equal(died, 5000);
}

/* --- stopping in the middle ----------------------------------------------------------------- */

static int ask_for_ever(struct act_self *self, void *state, struct act_message *init)
{
	struct Target *target = act_as(init, Target);
	struct act_message *reply;
	int r;

	born++;
	do {
		r = act_ask(self, target->to, &reply, Square, .value = 1);
		expect(r == 0 || r == ACT_ECANCELLED || r == ACT_EGONE);
		act_release(self, reply);
	} while (r == 0);
	return 0;
}

static void count_death(struct act_self *self, void *state)
{
	died++;
}

static const struct act_kind tireless_kind = {
	.name = "tireless", .start = ask_for_ever, .handle = ignore_message, .stop = count_death};

static void stop_all(struct act_self *self)
{
	struct act_handle square_actor = act_spawn(self, &square_kind, NULL);

	for (int i = 0; i < 30; i++) {
		struct act_handle asker = act_spawn_with(self, &tireless_kind, NULL, Target,
							 .to = act_clone(self, square_actor));
		act_drop(self, &asker);
	}
	act_drop(self, &square_actor);
	while (born < 30)
		expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_system_stop(act_system_of(self));
	expect(act_sleep(self, ACT_FOREVER) == ACT_ECANCELLED);
}

static void test_the_system_stops_in_the_middle_of_everything(void **state)
{
	for (int i = 0; i < 20; i++) {
		born = died = 0;
		run_body(&all_workers, stop_all);
		assert_int_equal(died, 30);
	}
}

static int count_cores(void **state)
{
	long cores = sysconf(_SC_NPROCESSORS_ONLN);

	all_workers.workers = cores > FEWEST_WORKERS ? (unsigned)cores : FEWEST_WORKERS;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_many_senders_wait_for_space_in_one_mailbox),
		cmocka_unit_test(test_every_ask_gets_its_own_reply),
		cmocka_unit_test(test_deadlines_race_with_replies_and_drops),
		cmocka_unit_test(test_chains_of_short_lives_end_by_themselves),
		cmocka_unit_test(test_the_system_stops_in_the_middle_of_everything),
	};

	return cmocka_run_group_tests(tests, count_cores, NULL);
}
