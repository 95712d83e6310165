/* Several questions at once: all answers, the first one, failures, deadlines, and what comes late.
 */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdatomic.h>

#include <cmocka.h>

ACT_MESSAGE(Temper, (u64, delay), (i64, error))
ACT_MESSAGE(Question, (u64, number), (handle, luggage))
ACT_MESSAGE(Answer, (u64, number), (handle, who))
ACT_SIGNAL(Kick)

static const struct act_options seeded = {.seed = 7};
static atomic_int done, late;

static void run_seeded(void (*body)(struct act_self *self))
{
	done = late = 0;
	run_body(&seeded, body);
	assert_int_equal(done, 1);
}

/* Answers after a while, in the way it was told: error 0 by a reply, ACT_EDROPPED by dropping the
 * token, else by that error. */
struct server {
	struct Temper temper;
};

static int begin_serving(struct act_self *self, void *state, struct act_message *init)
{
	((struct server *)state)->temper = *act_as(init, Temper);
	return 0;
}

static void serve(struct act_self *self, void *state, struct act_message *message)
{
	struct server *server = state;
	struct Question *question = act_as(message, Question);
	struct act_token token = act_token_of(message);
	int r;

	if (server->temper.delay)
		act_sleep(self, server->temper.delay);
	if (!question || server->temper.error == ACT_EDROPPED) {
		act_drop_token(self, &token);
	} else if (server->temper.error) {
		act_fail(self, &token, (int)server->temper.error);
	} else {
		r = act_answer(self, &token, Answer, .number = question->number + 1,
			       .who = act_me(self));
		expect(r == 0 || r == ACT_EGONE || r == ACT_ESTALE);
		late += r == ACT_EGONE;
	}
}

static const struct act_kind server_kind = {.name = "server",
					    .state_size = sizeof(struct server),
					    .mailbox = 1,
					    .start = begin_serving,
					    .handle = serve};

static struct act_handle server(struct act_self *self, uint64_t delay, int error)
{
	return act_spawn_with(self, &server_kind, NULL, Temper, .delay = delay, .error = error);
}

/* --- all ------------------------------------------------------------------------------------ */

static void ask_all(struct act_self *self)
{
	struct act_question questions[20];
	struct act_handle servers[20];

	for (unsigned i = 0; i < 20; i++) {
		servers[i] = server(self, (i * 7 % 20) * ACT_MILLISECOND, 0);
		questions[i] = ACT_QUESTION(self, servers[i], Question, .number = i,
					    .luggage = act_clone(self, servers[0]));
	}
	expect(act_ask_all(self, questions, 20) == 0);
	for (unsigned i = 0; i < 20; i++) {
		expect(questions[i].error == 0);
		expect(act_as(questions[i].reply, Answer)->number == i + 1);
		expect(act_same(act_as(questions[i].reply, Answer)->who, servers[i]));
		act_release(self, questions[i].reply);
		act_drop(self, &servers[i]);
	}
	expect(act_now(self) < 25 * ACT_MILLISECOND); /* all at the same time */
	expect(act_ask_all(self, questions, 0) == 0);
	done++;
}

static void test_all_answer(void **state)
{
	run_seeded(ask_all);
	assert_int_equal(late, 0);
}

static void ask_all_and_some_fail(struct act_self *self)
{
	struct act_handle good = server(self, ACT_MILLISECOND, 0);
	struct act_handle rude = server(self, 0, ACT_EDROPPED);
	struct act_handle sorry = server(self, 0, ACT_EPROTOCOL);
	struct act_handle dead = server(self, 0, 0), dying = server(self, 0, 0);
	struct act_question questions[6];

	act_stop(self, dead);
	expect(act_join(self, dead) == 0);
	questions[0] = ACT_QUESTION(self, good, Question, .number = 1);
	questions[1] = ACT_QUESTION(self, rude, Question);
	questions[2] = ACT_QUESTION(self, sorry, Question);
	questions[3] = ACT_QUESTION(self, dead, Question, .luggage = act_me(self));
	questions[4] = ACT_QUESTION(self, dying, Question);
	/* Its mailbox is full then. */
	questions[5] = ACT_QUESTION(self, good, Question, .number = 2);
	expect(act_send(self, good, Kick) == 0);
	act_stop(self, dying);
	expect(act_ask_all(self, questions, 6) == 0);
	expect(act_as(questions[0].reply, Answer)->number == 2 && questions[0].error == 0);
	expect(!questions[1].reply && questions[1].error == ACT_EDROPPED);
	expect(!questions[2].reply && questions[2].error == ACT_EPROTOCOL);
	expect(!questions[3].reply && questions[3].error == ACT_EGONE);
	expect(!questions[4].reply && questions[4].error == ACT_EGONE);
	expect(act_as(questions[5].reply, Answer)->number == 3 && questions[5].error == 0);
	act_release(self, questions[0].reply);
	act_release(self, questions[5].reply);
	act_drop(self, &good);
	act_drop(self, &rude);
	act_drop(self, &sorry);
	act_drop(self, &dead);
	act_drop(self, &dying);
	done++;
}

static void test_each_fails_for_itself(void **state)
{
	run_seeded(ask_all_and_some_fail);
}

static void ask_all_in_a_hurry(struct act_self *self)
{
	struct act_handle quick = server(self, ACT_MILLISECOND, 0);
	struct act_handle slow = server(self, ACT_SECOND, 0);
	struct act_question questions[] = {
		ACT_QUESTION(self, slow, Question, .number = 1),
		ACT_QUESTION(self, quick, Question, .number = 2),
		ACT_QUESTION(self, slow, Question, .number = 3),
		ACT_QUESTION(self, slow, Question, .luggage = act_me(self)), /* no space in time */
		ACT_QUESTION(self, quick, Question, .number = 4),            /* nor asked */
	};

	expect(act_ask_all_within(self, questions, 5, 10 * ACT_MILLISECOND) == ACT_EDEADLINE);
	for (unsigned i = 0; i < 5; i++)
		expect(i == 1 ? act_as(questions[i].reply, Answer)->number == 3
			      : !questions[i].reply && questions[i].error == ACT_EDEADLINE);
	act_release(self, questions[1].reply);
	/* What comes late is thrown away, with the handle in it. */
	expect(act_sleep(self, 3 * ACT_SECOND) == 0);
	act_drop(self, &quick);
	act_drop(self, &slow);
	done++;
}

static void test_a_deadline_for_all(void **state)
{
	run_seeded(ask_all_in_a_hurry);
	assert_int_equal(late, 2);
}

/* --- any ------------------------------------------------------------------------------------ */

static void ask_any(struct act_self *self)
{
	struct act_handle slow = server(self, ACT_SECOND, 0);
	struct act_handle quick = server(self, 2 * ACT_MILLISECOND, 0);
	struct act_handle rude = server(self, 0, ACT_EDROPPED);
	struct act_question questions[] = {
		ACT_QUESTION(self, rude, Question),
		ACT_QUESTION(self, slow, Question, .number = 1),
		ACT_QUESTION(self, quick, Question, .number = 2),
		ACT_QUESTION(self, slow, Question, .number = 3),
	};
	size_t index = 99;

	expect(act_ask_any(self, questions, 4, &index) == 0);
	expect(index == 2 && act_as(questions[2].reply, Answer)->number == 3);
	expect(questions[0].error == ACT_EDROPPED && !questions[0].reply);
	expect(!questions[1].reply && !questions[1].error);
	expect(!questions[3].reply && !questions[3].error);
	act_release(self, questions[2].reply);

	questions[0] = ACT_QUESTION(self, slow, Question);
	expect(act_ask_any_within(self, questions, 1, &index, ACT_MILLISECOND) == ACT_EDEADLINE);
	expect(questions[0].error == ACT_EDEADLINE && index == 2);

	questions[0] = ACT_QUESTION(self, rude, Question);
	questions[1] = ACT_QUESTION(self, ACT_NOBODY, Question);
	expect(act_ask_any(self, questions, 2, &index) == ACT_ESTALE);
	expect(questions[0].error == ACT_EDROPPED && index == 2);
	act_drop(self, &slow);
	act_drop(self, &quick);
	act_drop(self, &rude);
	done++;
}

static void test_the_first_reply_wins(void **state)
{
	run_seeded(ask_any);
	assert_true(late >= 2);
}

static void ask_any_until_one_answers(struct act_self *self)
{
	struct act_handle quick = server(self, 0, 0), slow = server(self, ACT_SECOND, 0);
	struct act_question questions[] = {
		ACT_QUESTION(self, quick, Question, .number = 1),
		ACT_QUESTION(self, slow, Question, .number = 2),
		ACT_QUESTION(self, slow, Question, .number = 3), /* waits for space meanwhile */
		ACT_QUESTION(self, slow, Question, .luggage = act_me(self)),
	};
	size_t index;

	expect(act_send(self, slow, Kick) == 0);
	expect(act_ask_any(self, questions, 4, &index) == 0);
	expect(index == 0 && !questions[3].reply && !questions[3].error);
	act_release(self, questions[0].reply);
	act_drop(self, &quick);
	act_drop(self, &slow);
	done++;
}

static void test_no_more_is_asked_once_there_is_a_reply(void **state)
{
	run_seeded(ask_any_until_one_answers);
	assert_true(late <= 2);
}

/* --- being stopped -------------------------------------------------------------------------- */

static int ask_for_ever(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle slow = server(self, ACT_SECOND, 0), other = server(self, 0, 0);
	struct act_question questions[] = {
		ACT_QUESTION(self, slow, Question),
		ACT_QUESTION(self, other, Question),
	};

	expect(act_ask_all(self, questions, 2) == ACT_ECANCELLED);
	expect(questions[0].error == ACT_ECANCELLED && questions[1].reply);
	act_release(self, questions[1].reply);
	questions[0] = ACT_QUESTION(self, slow, Question, .luggage = act_me(self));
	expect(act_ask_all(self, questions, 1) == ACT_ECANCELLED);
	expect(questions[0].error == ACT_ECANCELLED);
	act_drop(self, &slow);
	act_drop(self, &other);
	done++;
	return 0;
}

static const struct act_kind asker_kind = {.name = "asker", .start = ask_for_ever};

static void stop_an_asker(struct act_self *self)
{
	struct act_handle asker = act_spawn(self, &asker_kind, NULL);

	expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_stop(self, asker);
	expect(act_join(self, asker) == 0);
	act_drop(self, &asker);
}

static void test_an_asker_is_stopped(void **state)
{
	run_seeded(stop_an_asker);
}

/* --- on all cores, and on record ------------------------------------------------------------ */

enum { CROWD = 8, ROUNDS = 60 };

static int ask_the_crowd(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle crowd[CROWD];
	struct act_question questions[CROWD];
	size_t index;
	int r;

	for (unsigned i = 0; i < CROWD; i++)
		crowd[i] =
			server(self, i % 3 ? 0 : ACT_MILLISECOND / 10, i == 5 ? ACT_EDROPPED : 0);
	for (unsigned round = 0; round < ROUNDS; round++) {
		uint64_t patience = act_random(self) % (ACT_MILLISECOND / 2);

		for (unsigned i = 0; i < CROWD; i++)
			questions[i] = ACT_QUESTION(self, crowd[i], Question, .number = i,
						    .luggage = act_me(self));
		if (round % 2)
			r = act_ask_all_within(self, questions, CROWD, patience);
		else
			r = act_ask_any_within(self, questions, CROWD, &index, patience);
		expect(r == 0 || r == ACT_EDEADLINE);
		for (unsigned i = 0; i < CROWD; i++) {
			if (questions[i].reply)
				expect(act_as(questions[i].reply, Answer)->number == i + 1);
			act_release(self, questions[i].reply);
		}
	}
	for (unsigned i = 0; i < CROWD; i++)
		act_drop(self, &crowd[i]);
	done++;
	return 0;
}

static const struct act_kind crowd_kind = {.name = "crowd", .start = ask_the_crowd};

static void ask_from_all_sides(struct act_self *self)
{
	for (unsigned i = 0; i < 4; i++) {
		struct act_handle asker = act_spawn(self, &crowd_kind, NULL);

		act_drop(self, &asker);
	}
}

static void test_answers_from_all_cores_fit_together(void **state)
{
	static const struct act_options options = {.workers = 3};

	done = 0;
	run_checked(&options, ask_from_all_sides);
	assert_int_equal(done, 4);
}

static void ask_two(struct act_self *self)
{
	struct act_handle slow = server(self, 2, 0), rude = server(self, 1, ACT_EDROPPED);
	struct act_question questions[] = {
		ACT_QUESTION(self, slow, Question),
		ACT_QUESTION(self, rude, Question),
	};
	size_t index;

	expect(act_ask_any(self, questions, 2, &index) == 0 && index == 0);
	act_release(self, questions[0].reply);
	questions[0] = ACT_QUESTION(self, slow, Question);
	questions[1] = ACT_QUESTION(self, rude, Question);
	expect(act_ask_all(self, questions, 2) == 0);
	act_release(self, questions[0].reply);
	act_drop(self, &slow);
	act_drop(self, &rude);
}

static void test_waits_name_what_is_waited_for(void **state)
{
	/* any of two; the one that is left after the other failed; both */
	static const unsigned targets[] = {2, 1, 2};
	static const unsigned flags[] = {TRC_F_ANY, TRC_F_ANY, 0};
	uint64_t asks[4] = {0}, me = 0;
	unsigned waits = 0, wakes = 0, asked = 0;
	struct recording recording = recording_of(&seeded, ask_two);

	recording_check(&recording);
	for (size_t i = 0; i < recording.count; i++) {
		const struct trc_event *event = &recording.events[i].event;

		if (event->kind == TRC_SEND && event->arg) {
			asks[asked++] = event->arg;
			me = event->actor;
		} else if (event->kind == TRC_WAIT && event->actor == me) {
			const struct trc_target *further = (const void *)event->payload;

			assert_true(waits < 3);
			assert_int_equal(event->type, TRC_WHAT_REPLY);
			assert_int_equal(event->flags, flags[waits]);
			assert_int_equal(event->payload_size / sizeof(*further),
					 targets[waits] - 1);
			assert_int_equal(event->id, asks[waits == 2 ? 2 : 0]);
			if (targets[waits] == 2)
				assert_int_equal(further->object, asks[waits + 1]);
			waits++;
		} else if (event->kind == TRC_WAKE && event->actor == me) {
			assert_int_equal(event->type, TRC_WAKE_MET);
			assert_int_equal(event->id, wakes == 0   ? asks[1]
						    : wakes == 1 ? asks[0]
								 : 0);
			wakes++;
		}
	}
	assert_int_equal(waits, 3);
	assert_int_equal(wakes, 3);
	recording_free(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_answer),
		cmocka_unit_test(test_each_fails_for_itself),
		cmocka_unit_test(test_a_deadline_for_all),
		cmocka_unit_test(test_the_first_reply_wins),
		cmocka_unit_test(test_no_more_is_asked_once_there_is_a_reply),
		cmocka_unit_test(test_an_asker_is_stopped),
		cmocka_unit_test(test_answers_from_all_cores_fit_together),
		cmocka_unit_test(test_waits_name_what_is_waited_for),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
