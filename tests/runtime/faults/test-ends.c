/* Ends and deadlines at the worst moments: whoever asked is told, and told the truth. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdatomic.h>

#include <cmocka.h>

ACT_MESSAGE(Target, (handle, to))
ACT_MESSAGE(Question, (u64, number))
ACT_MESSAGE(Answer, (u64, number))

static const struct act_options all_workers = {.workers = 4};
static _Atomic unsigned answered, dropped, gone, late, cancelled;

static void count_outcome(int r)
{
	switch (r) {
	case 0:
		answered++;
		break;
	case ACT_EDROPPED:
		dropped++;
		break;
	case ACT_EGONE:
		gone++;
		break;
	case ACT_EDEADLINE:
		late++;
		break;
	case ACT_ECANCELLED:
		cancelled++;
		break;
	default:
		expect(!"an outcome that was promised");
	}
}

static void reset_outcomes(void)
{
	answered = dropped = gone = late = cancelled = 0;
}

static int ask_once(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply;
	int r = act_ask(self, act_as(init, Target)->to, &reply, Question, .number = 1);

	expect((r == 0) == (reply != NULL));
	act_release(self, reply);
	count_outcome(r);
	return -1;
}

static const struct act_kind asker_kind = {.name = "asker", .start = ask_once};

static void spawn_asker(struct act_self *self, struct act_handle to)
{
	struct act_handle asker =
		act_spawn_with(self, &asker_kind, NULL, Target, .to = act_clone(self, to));

	act_drop(self, &asker);
}

/* --- thousands of actors end while they are asked ------------------------------------------- */

enum { MORTALS = 3000, ASKERS_EACH = 3 };

/* Ends in every way there is, with questions in its hands and in its mailbox. */
static void end_somehow(struct act_self *self, void *state, struct act_message *message)
{
	switch (act_random(self) % 4) {
	case 0:
		act_reply(self, message, Answer, .number = 1);
		break;
	case 1:
		act_stop_self(self);
		break;
	case 2:
		act_stop_self(self);
		act_reply(self, message, Answer, .number = 1);
		break;
	default:
		break;
	}
}

static const struct act_kind mortal_kind = {.name = "mortal", .mailbox = 2, .handle = end_somehow};

static void ask_mortals(struct act_self *self)
{
	for (int i = 0; i < MORTALS; i++) {
		struct act_handle mortal = act_spawn(self, &mortal_kind, NULL);

		for (int j = 0; j < ASKERS_EACH; j++)
			spawn_asker(self, mortal);
		if (i % 3 == 0)
			act_stop(self, mortal);
		act_drop(self, &mortal);
	}
}

static void test_thousands_end_while_they_are_asked(void **state)
{
	reset_outcomes();
	run_body(&all_workers, ask_mortals);
	assert_int_equal(answered + dropped + gone, MORTALS * ASKERS_EACH);
	assert_true(answered > 0 && dropped > 0 && gone > 0);
	assert_int_equal(late + cancelled, 0);
}

/* --- tokens that are dropped during shutdown ------------------------------------------------ */

enum { KEEPERS = 100, KEPT = 4 };

struct keeper {
	struct act_token tokens[KEPT];
	int count;
};

static _Atomic unsigned kept;

/* Keeps some questions, and has the others lie in its mailbox while it is busy. */
static void keep_token(struct act_self *self, void *state, struct act_message *message)
{
	struct keeper *keeper = state;

	keeper->tokens[keeper->count++] = act_token_of(message);
	kept++;
	if (keeper->count == KEPT)
		expect(act_sleep(self, ACT_FOREVER) == ACT_ECANCELLED);
}

static void give_tokens_up(struct act_self *self, void *state)
{
	struct keeper *keeper = state;

	for (int i = 0; i < keeper->count; i++)
		act_drop_token(self, &keeper->tokens[i]);
}

static const struct act_kind keeper_kind = {.name = "keeper",
					    .state_size = sizeof(struct keeper),
					    .handle = keep_token,
					    .stop = give_tokens_up};

static void stop_with_tokens(struct act_self *self)
{
	for (int i = 0; i < KEEPERS; i++) {
		struct act_handle keeper = act_spawn(self, &keeper_kind, NULL);

		for (int j = 0; j < KEPT + 2; j++)
			spawn_asker(self, keeper);
		act_drop(self, &keeper);
	}
	while (kept < KEEPERS * KEPT)
		act_sleep(self, ACT_MILLISECOND);
	act_system_stop(act_system_of(self));
}

static void test_tokens_are_dropped_during_shutdown(void **state)
{
	for (int i = 0; i < 10; i++) {
		reset_outcomes();
		kept = 0;
		run_body(&all_workers, stop_with_tokens);
		/* Whether the asker or the keeper is told first is a matter of chance. What had not
		 * started by then never asked. */
		assert_int_equal(answered + late, 0);
		assert_true(dropped + gone + cancelled >= KEEPERS * KEPT);
		assert_true(dropped + gone + cancelled <= KEEPERS * (KEPT + 2));
	}
}

/* --- a deadline and a reply at about the same instant --------------------------------------- */

static void answer_in_a_second(struct act_self *self, void *state, struct act_message *message)
{
	act_sleep(self, ACT_SECOND - 1 + act_random(self) % 3);
	count_outcome(act_reply(self, message, Answer, .number = 1));
}

static const struct act_kind punctual_kind = {.name = "punctual", .handle = answer_in_a_second};

static void ask_for_a_second(struct act_self *self)
{
	struct act_handle punctual = act_spawn(self, &punctual_kind, NULL);
	struct act_message *reply;
	int r = act_ask_within(self, punctual, &reply, ACT_SECOND, Question, .number = 1);

	expect((r == 0) == (reply != NULL));
	act_release(self, reply);
	count_outcome(r);
	act_drop(self, &punctual);
}

static void test_a_deadline_races_with_a_reply(void **state)
{
	unsigned in_time = 0, too_late = 0;

	for (uint64_t seed = 1; seed <= 300; seed++) {
		struct act_options options = {.seed = seed};

		reset_outcomes();
		run_body(&options, ask_for_a_second);
		/* Both sides are told how it went, and are told the same. */
		if (answered == 2) {
			in_time++;
		} else {
			assert_int_equal(late, 1);
			assert_int_equal(gone, 1);
			too_late++;
		}
	}
	assert_true(in_time > 0 && too_late > 0);
	assert_int_equal(in_time + too_late, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_thousands_end_while_they_are_asked),
		cmocka_unit_test(test_tokens_are_dropped_during_shutdown),
		cmocka_unit_test(test_a_deadline_races_with_a_reply),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
