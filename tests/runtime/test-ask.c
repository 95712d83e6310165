/* One-shot replies: given, kept, handed on, dropped, refused, and too late. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Question, (u64, number))
ACT_MESSAGE(Answer, (u64, number), (handle, who), (text, text))
ACT_MESSAGE(HandedOn, (token, token), (u64, number))
ACT_MESSAGE(Colleague, (handle, who))
ACT_SIGNAL(Now)

static const struct act_options seeded = {.seed = 3};
static int done;

static void run_seeded(void (*body)(struct act_self *self))
{
	done = 0;
	run_body(&seeded, body);
	assert_int_equal(done, 1);
}

/* --- at once -------------------------------------------------------------------------------- */

static void answer(struct act_self *self, void *state, struct act_message *message)
{
	struct Question *question = act_as(message, Question);
	struct act_token token;

	if (!question) {
		expect(act_reply(self, message, Answer, .number = 0) == ACT_ESTALE);
		expect(!act_token_of(message).ask);
		return;
	}
	expect(act_reply(self, message, Answer, .number = question->number + 1, .who = act_me(self),
			 .text = "well") == 0);
	expect(act_reply(self, message, Answer) == ACT_ESTALE);
	token = act_token_of(message);
	expect(!token.ask && act_answer(self, &token, Answer) == ACT_ESTALE);
}

static const struct act_kind answer_kind = {.name = "answer", .handle = answer};

static void ask_at_once(struct act_self *self)
{
	struct act_handle to = act_spawn(self, &answer_kind, NULL);
	struct act_message *reply;

	expect(act_send(self, to, Now) == 0);
	expect(act_ask(self, to, &reply, Question, .number = 41) == 0);
	expect(act_as(reply, Answer)->number == 42);
	expect(act_same(act_as(reply, Answer)->who, to));
	expect(strcmp(act_as(reply, Answer)->text, "well") == 0);
	act_release(self, reply);
	act_release(self, NULL);
	act_drop(self, &to);
	done++;
}

static void test_a_reply_is_given_once(void **state)
{
	run_seeded(ask_at_once);
}

/* --- later, by another ---------------------------------------------------------------------- */

static void answer_handed_on(struct act_self *self, void *state, struct act_message *message)
{
	struct HandedOn *handed = act_as(message, HandedOn);
	struct act_token copy = handed->token;

	expect(act_answer(self, &handed->token, Answer, .number = handed->number) == 0);
	expect(!handed->token.ask);
	expect(act_answer(self, &copy, Answer) == ACT_ESTALE);
	expect(!copy.ask);
}

static const struct act_kind expert_kind = {.name = "expert", .handle = answer_handed_on};

struct desk {
	struct act_handle expert;
	struct act_token kept;
};

static void keep_then_hand_on(struct act_self *self, void *state, struct act_message *message)
{
	struct desk *desk = state;
	struct Colleague *colleague = act_as(message, Colleague);

	if (colleague)
		desk->expert = act_take(&colleague->who);
	else if (act_as(message, Question))
		desk->kept = act_token_of(message);
	else
		expect(act_send(self, desk->expert, HandedOn, .token = act_take_token(&desk->kept),
				.number = 7) == 0);
}

static void clear_desk(struct act_self *self, void *state)
{
	struct desk *desk = state;

	act_drop(self, &desk->expert);
	act_drop_token(self, &desk->kept);
}

static const struct act_kind desk_kind = {.name = "desk",
					  .state_size = sizeof(struct desk),
					  .handle = keep_then_hand_on,
					  .stop = clear_desk};

static int remind(struct act_self *self, void *state, struct act_message *init)
{
	expect(act_sleep(self, ACT_SECOND) == 0);
	expect(act_send(self, act_as(init, Colleague)->who, Now) == 0);
	return 0;
}

static const struct act_kind clock_kind = {
	.name = "clock", .start = remind, .handle = ignore_message};

static void ask_the_desk(struct act_self *self)
{
	struct act_handle desk = act_spawn(self, &desk_kind, NULL);
	struct act_handle clock =
		act_spawn_with(self, &clock_kind, NULL, Colleague, .who = act_clone(self, desk));
	struct act_message *reply;
	uint64_t before = act_now(self);

	expect(act_send(self, desk, Colleague, .who = act_spawn(self, &expert_kind, NULL)) == 0);
	expect(act_ask(self, desk, &reply, Question) == 0);
	expect(act_as(reply, Answer)->number == 7);
	expect(act_now(self) - before >= ACT_SECOND);
	act_release(self, reply);
	act_drop(self, &desk);
	act_drop(self, &clock);
	done++;
}

static void test_a_token_is_kept_and_handed_on(void **state)
{
	run_seeded(ask_the_desk);
}

static void stop_the_desk(struct act_self *self)
{
	struct act_handle desk = act_spawn(self, &desk_kind, NULL);
	struct act_message *reply;

	expect(act_ask_within(self, desk, &reply, ACT_SECOND, Question) == ACT_EDEADLINE);
	expect(!reply);
	act_stop(self, desk); /* it drops the kept token, for which nobody waits */
	expect(act_join(self, desk) == 0);
	expect(act_ask(self, desk, &reply, Question) == ACT_EGONE);
	act_drop(self, &desk);
	done++;
}

static void test_an_asker_that_gave_up_is_not_disturbed(void **state)
{
	run_seeded(stop_the_desk);
}

/* --- no reply ------------------------------------------------------------------------------- */

static void refuse(struct act_self *self, void *state, struct act_message *message)
{
	struct Question *question = act_as(message, Question);
	struct act_token token;

	if (question->number == 0) {
		expect(act_reply_error(self, message, -ENOENT) == 0);
		expect(act_reply_error(self, message, -ENOENT) == ACT_ESTALE);
	}
	token = act_token_of(message);
	if (question->number == 0) {
		expect(!token.ask && act_fail(self, &token, -ENOENT) == ACT_ESTALE);
	} else if (question->number == 1) {
		expect(act_fail(self, &token, ACT_EPROTOCOL) == 0);
		expect(!token.ask && act_fail(self, &token, ACT_EPROTOCOL) == ACT_ESTALE);
	} else if (question->number == 2) {
		act_drop_token(self, &token);
		act_drop_token(self, &token);
	} else if (question->number == 3) {
		expect(act_sleep(self, 2 * ACT_SECOND) == 0);
		expect(act_answer(self, &token, Answer, .who = act_me(self)) == ACT_EGONE);
	} else {
		expect(act_sleep(self, ACT_FOREVER) == ACT_ECANCELLED);
		act_drop_token(self, &token);
	}
}

static const struct act_kind refuse_kind = {.name = "refuse", .handle = refuse};

static int ask_behind(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply = (void *)self;

	expect(act_ask(self, act_as(init, Colleague)->who, &reply, Question) == ACT_EGONE);
	expect(!reply);
	done++;
	return -1; /* has nothing else to do */
}

static const struct act_kind behind_kind = {
	.name = "behind", .start = ask_behind, .handle = ignore_message};

static void be_refused(struct act_self *self)
{
	struct act_handle to = act_spawn(self, &refuse_kind, NULL), behind;
	struct act_message *reply;

	expect(act_ask(self, to, &reply, Question, .number = 0) == -ENOENT && !reply);
	expect(act_ask(self, to, &reply, Question, .number = 1) == ACT_EPROTOCOL && !reply);
	expect(act_ask(self, to, &reply, Question, .number = 2) == ACT_EDROPPED && !reply);
	expect(act_ask_within(self, to, &reply, ACT_SECOND, Question, .number = 3) ==
	       ACT_EDEADLINE);
	expect(!reply);
	/* One is being handled when it ends, one is still in the mailbox. */
	expect(act_ask_within(self, to, &reply, 2 * ACT_SECOND, Question, .number = 4) ==
	       ACT_EDEADLINE);
	behind = act_spawn_with(self, &behind_kind, NULL, Colleague, .who = act_clone(self, to));
	expect(act_sleep(self, ACT_SECOND) == 0);
	act_stop(self, to);
	expect(act_join(self, behind) == 0);
	act_drop(self, &to);
	act_drop(self, &behind);
}

static void test_the_asker_learns_why_there_is_no_reply(void **state)
{
	run_seeded(be_refused);
}

/* --- being stopped -------------------------------------------------------------------------- */

static int ask_until_stopped(struct act_self *self, void *state, struct act_message *init)
{
	struct act_message *reply;

	expect(act_ask(self, act_as(init, Colleague)->who, &reply, Question) == ACT_ECANCELLED);
	expect(act_ask(self, act_as(init, Colleague)->who, &reply, Question) == ACT_ECANCELLED);
	done++;
	return 0;
}

static const struct act_kind until_kind = {
	.name = "until", .start = ask_until_stopped, .handle = ignore_message};

static void stop_the_asker(struct act_self *self)
{
	struct act_handle desk = act_spawn(self, &desk_kind, NULL);
	struct act_handle until =
		act_spawn_with(self, &until_kind, NULL, Colleague, .who = act_clone(self, desk));

	expect(act_sleep(self, ACT_SECOND) == 0);
	act_stop(self, until);
	act_stop(self, until);
	expect(act_join(self, until) == 0);
	act_drop(self, &until);
	act_drop(self, &desk);
}

static void test_an_asker_can_be_stopped(void **state)
{
	run_seeded(stop_the_asker);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_reply_is_given_once),
		cmocka_unit_test(test_a_token_is_kept_and_handed_on),
		cmocka_unit_test(test_an_asker_that_gave_up_is_not_disturbed),
		cmocka_unit_test(test_the_asker_learns_why_there_is_no_reply),
		cmocka_unit_test(test_an_asker_can_be_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
