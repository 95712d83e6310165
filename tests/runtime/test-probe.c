/*
 * What the runtime says about itself: exact sequences for small programs, and for large ones that
 * the model finds no contradiction in what they say, and everything accounted for at the end.
 */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/model/model.h"
#include "tracer/model/order.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(Question, (text, text))
ACT_MESSAGE(Carry, (handle, who), (token, answer), (u64, value))
ACT_MESSAGE(Friend, (handle, who))
ACT_SIGNAL(Tick)

/* --- reading back --------------------------------------------------------------------------- */

/* "spawn a | start b | ...", in the order of the one worker's ring, without definitions. Actors are
 * lettered in order of appearance; the outside is "-". */
static char *story_of(const struct recording *recording)
{
	static char story[16384];
	uint64_t letters[26] = {0};
	size_t length = 0;

	story[0] = '\0';
	for (size_t i = 0; i < recording->count; i++) {
		const struct trc_event *event = &recording->events[i].event;
		const char *what = "";
		char who = '-';

		if (event->kind == TRC_DEF_KIND || event->kind == TRC_DEF_TYPE ||
		    event->kind == TRC_DEF_SITE)
			continue;
		for (int letter = 0; event->actor && letter < 26; letter++) {
			if (!letters[letter])
				letters[letter] = event->actor;
			if (letters[letter] == event->actor) {
				who = (char)('a' + letter);
				break;
			}
		}
		if (event->kind == TRC_WAIT)
			what = trc_what_name(event->type);
		else if (event->kind == TRC_WAKE)
			what = (const char *[]){"?", "met", "deadline", "cancelled"}[event->type];
		else if (event->kind == TRC_END)
			what = (const char *[]){"?", "stopped", "unreachable", "failed",
						"shutdown"}[event->type];
		else if (event->kind == TRC_REFUSED)
			what = (const char *[]){"?", "full", "ended", "deadline",
						"cancelled"}[event->arg];
		else if (event->flags & TRC_F_LATE)
			what = "late";
		else if (event->flags & TRC_F_TRY)
			what = "try";
		else if (event->flags & TRC_F_TIMER)
			what = "timer";
		else if (event->flags & TRC_F_DEADLINE)
			what = "within";
		length += (size_t)snprintf(story + length, sizeof(story) - length, "%s%c %s%s%s",
					   length ? " | " : "", who, trc_kind_name(event->kind),
					   *what ? " " : "", what);
		assert_true(length < sizeof(story));
	}
	return story;
}

static const struct act_options alone = {.workers = 1};

/* Runs a body on one worker and checks its story from the body's start on, without its end. */
static void check_story(void (*body)(struct act_self *self), const char *expected)
{
	struct recording recording = recording_of(&alone, body);
	char *story = story_of(&recording), *begin;

	begin = strstr(story, "a start | ");
	assert_non_null(begin);
	begin += strlen("a start | ");
	if (strncmp(begin, expected, strlen(expected)) != 0)
		fail_msg("expected %s\n     got %s", expected, begin);
	recording_free(&recording);
}

/* --- stories -------------------------------------------------------------------------------- */

static void answer(struct act_self *self, void *state, struct act_message *message)
{
	if (act_as(message, Question))
		act_reply(self, message, Number, .value = 42);
}

static const struct act_kind oracle_kind = {.name = "oracle", .mailbox = 1, .handle = answer};

static void ask_once(struct act_self *self)
{
	struct act_handle oracle = act_spawn(self, &oracle_kind, "oracle");
	struct act_message *reply;

	expect(act_ask(self, oracle, &reply, Question, .text = "why") == 0);
	act_release(self, reply);
	act_drop(self, &oracle);
}

static void test_an_ask(void **state)
{
	check_story(ask_once, "a spawn | a send | a wait reply | b start | b done | b receive | "
			      "b reply | b done | a wake met | a handle-drop | ");
}

static void ask_into_full_mailbox(struct act_self *self)
{
	struct act_handle oracle = act_spawn(self, &oracle_kind, "oracle");
	struct act_message *reply;

	expect(act_send(self, oracle, Number, .value = 1) == 0);
	expect(act_try_send(self, oracle, Number, .value = 1) == ACT_EFULL);
	expect(act_ask(self, oracle, &reply, Question, .text = "why") == 0);
	act_release(self, reply);
	act_drop(self, &oracle);
}

static void test_an_ask_into_a_full_mailbox_waits_twice(void **state)
{
	check_story(
		ask_into_full_mailbox,
		"a spawn | a send | a refused full | a sending | a wait space | b start | b done | "
		"b receive | b done | a wake met | a send | a wait reply | b receive | "
		"b reply | b done | a wake met | a handle-drop | ");
}

static void drop_question(struct act_self *self, void *state, struct act_message *message)
{
}

static const struct act_kind rude_kind = {.name = "rude", .handle = drop_question};

static void ask_rudely(struct act_self *self)
{
	struct act_handle rude = act_spawn(self, &rude_kind, NULL);
	struct act_message *reply;

	expect(act_ask(self, rude, &reply, Question) == ACT_EDROPPED);
	expect(reply == NULL);
	act_drop(self, &rude);
}

static void test_a_dropped_token(void **state)
{
	check_story(ask_rudely, "a spawn | a send | a wait reply | b start | b done | b receive | "
				"b token-drop | b done | a wake met | a handle-drop | ");
}

struct later {
	struct act_token token;
};

static void answer_later(struct act_self *self, void *state, struct act_message *message)
{
	struct later *later = state;

	if (act_as(message, Question))
		later->token = act_token_of(message);
	else
		act_answer(self, &later->token, Number, .value = 42);
}

static const struct act_kind later_kind = {
	.name = "later", .state_size = sizeof(struct later), .handle = answer_later};

static void ask_for_later(struct act_self *self)
{
	struct act_handle later = act_spawn(self, &later_kind, NULL);
	struct act_message *reply;

	expect(act_ask_within(self, later, &reply, 5, Question) == ACT_EDEADLINE);
	expect(act_send(self, later, Number) == 0);
	act_drop(self, &later);
}

static void test_a_kept_token(void **state)
{
	check_story(ask_for_later,
		    "a spawn | a send within | a wait reply | b start | b done | "
		    "b receive | b token-keep | b done | a wake deadline | a send | ");
}

static void watch_an_end(struct act_self *self)
{
	struct act_handle rude = act_spawn(self, &rude_kind, NULL);

	expect(act_monitor(self, rude) != 0);
	act_drop(self, &rude);
	expect(act_sleep(self, 1) == 0);
}

static void test_news_of_an_end(void **state)
{
	check_story(watch_an_end,
		    "a spawn | - handle-clone | a handle-drop | a wait timer | b start | "
		    "b done | b end unreachable | - send timer | - told | ");
}

static void send_in_each_way(struct act_self *self)
{
	struct act_handle oracle = act_spawn(self, &rude_kind, NULL);
	struct act_message *reply;

	expect(act_send(self, oracle, Number) == 0);
	expect(act_try_send(self, oracle, Number) == 0);
	expect(act_send_within(self, oracle, ACT_SECOND, Number) == 0);
	expect(act_ask_within(self, oracle, &reply, ACT_SECOND, Number) == ACT_EDROPPED);
	act_drop(self, &oracle);
}

static void test_sends_say_how_they_would_have_waited(void **state)
{
	check_story(send_in_each_way, "a spawn | a send | a send try | a send within | "
				      "a send within | a wait reply | ");
}

static void set_timers(struct act_self *self)
{
	uint64_t timer = act_after(self, ACT_SECOND, Tick);

	act_cancel_timer(self, timer);
	expect(act_after(self, 0, Tick) != 0);
	expect(act_sleep(self, ACT_MILLISECOND) == 0);
}

static void test_timers_are_handles_of_the_outside(void **state)
{
	check_story(set_timers, "- handle-clone | - handle-drop | - handle-clone | a wait timer | "
				"- send timer | - handle-drop | a wake met | a done | a receive | "
				"a done | a end unreachable");
}

static void stop_while_asking(struct act_self *self)
{
	struct act_handle me = act_me(self);
	struct act_message *reply;

	act_stop(self, me);
	expect(act_ask(self, me, &reply, Question) == ACT_ECANCELLED);
	expect(act_sleep(self, 1) == ACT_ECANCELLED);
	act_drop(self, &me);
}

static void test_what_is_stopped_does_not_wait(void **state)
{
	check_story(stop_while_asking, "a handle-clone | a refused cancelled | a handle-drop | "
				       "a done | a end stopped");
}

/* --- payloads ------------------------------------------------------------------------------- */

static void send_long_texts(struct act_self *self)
{
	struct act_handle rude = act_spawn(self, &rude_kind, NULL);
	char text[5001];

	memset(text, 'x', sizeof(text));
	text[1500] = '\0';
	expect(act_send(self, rude, Question, .text = text) == 0);
	text[1500] = 'x';
	text[5000] = '\0';
	expect(act_send(self, rude, Question, .text = text) == 0);
	expect(act_send(self, rude, Question) == 0);
	act_drop(self, &rude);
}

static void test_long_payloads_are_kept_up_to_the_limit(void **state)
{
	/* In front of a text stand the bytes kept and the bytes there were. */
	static const uint32_t kept[] = {1500, 1992, 0}, there_were[] = {1500, 5000, 0};
	struct recording recording = recording_of(&alone, send_long_texts);
	unsigned seen = 0;

	for (size_t i = 0; i < recording.count; i++) {
		const struct trc_event *event = &recording.events[i].event;
		uint32_t sizes[2];

		if (event->kind != TRC_SEND)
			continue;
		assert_true(seen < 3);
		assert_int_equal(event->payload_size, kept[seen] + sizeof(sizes));
		memcpy(sizes, event->payload, sizeof(sizes));
		assert_int_equal(sizes[0], kept[seen]);
		assert_int_equal(sizes[1], there_were[seen]);
		assert_int_equal((event->flags & TRC_F_CUT) != 0, seen == 1);
		seen++;
	}
	assert_int_equal(seen, 3);
	recording_free(&recording);
}

/* --- accounts ------------------------------------------------------------------------------- */

/* A bit of everything, at random: asks that are answered, handed on, dropped or run into their
 * deadline; sends into small mailboxes; handles in messages; timers; joins; stops. */

static void carry(struct act_self *self, void *state, struct act_message *message)
{
	struct Carry *load = act_as(message, Carry);
	struct Question *question = act_as(message, Question);
	struct act_token token;

	if (question && act_random(self) % 2 == 0) {
		act_reply(self, message, Friend, .who = act_me(self));
	} else if (load) {
		if (act_random(self) % 3 == 0)
			act_sleep(self, act_random(self) % ACT_MILLISECOND);
		token = act_take_token(&load->answer);
		if (act_random(self) % 4 == 0)
			act_drop_token(self, &token);
		else if (act_random(self) % 4 == 0)
			act_fail(self, &token, ACT_EPROTOCOL);
		else
			act_answer(self, &token, Friend, .who = act_take(&load->who));
	} else if (act_as(message, Tick) && act_random(self) % 4 == 0) {
		act_stop_self(self);
	}
}

static const struct act_kind porter_kind = {.name = "porter", .mailbox = 2, .handle = carry};

/* Hands every question on to its friend. */
struct clerk {
	struct act_handle porter;
};

static int hire(struct act_self *self, void *state, struct act_message *init)
{
	struct clerk *clerk = state;

	clerk->porter = act_take(&act_as(init, Friend)->who);
	act_after(self, ACT_MILLISECOND, Tick);
	return 0;
}

static void hand_on(struct act_self *self, void *state, struct act_message *message)
{
	struct clerk *clerk = state;

	if (act_as(message, Question))
		act_send_within(self, clerk->porter, ACT_MILLISECOND, Carry, .who = act_me(self),
				.answer = act_token_of(message), .value = act_random(self));
}

static void retire(struct act_self *self, void *state)
{
	struct clerk *clerk = state;

	act_drop(self, &clerk->porter);
}

static const struct act_kind clerk_kind = {.name = "clerk",
					   .state_size = sizeof(struct clerk),
					   .mailbox = 3,
					   .start = hire,
					   .handle = hand_on,
					   .stop = retire};

static int visit(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle clerk = act_take(&act_as(init, Friend)->who);
	struct act_message *reply;

	for (int i = 0; i < 30; i++) {
		act_ask_within(self, clerk, &reply, act_random(self) % (3 * ACT_MILLISECOND),
			       Question, .text = "why not");
		act_release(self, reply);
		act_try_send(self, clerk, Friend, .who = act_clone(self, clerk));
	}
	act_drop(self, &clerk);
	return 0;
}

static const struct act_kind visitor_kind = {
	.name = "visitor", .start = visit, .handle = ignore_message};

static void do_everything(struct act_self *self)
{
	struct act_handle porter = act_spawn(self, &porter_kind, NULL);
	struct act_handle visitors[10];

	for (int i = 0; i < 10; i++) {
		struct act_handle clerk = act_spawn_with(self, &clerk_kind, NULL, Friend,
							 .who = act_clone(self, porter));
		visitors[i] = act_spawn_with(self, &visitor_kind, NULL, Friend,
					     .who = act_clone(self, clerk));
		act_drop(self, &clerk);
	}
	for (int i = 0; i < 50; i++)
		act_send_within(self, porter, ACT_MILLISECOND, Tick);
	for (int i = 0; i < 10; i++) {
		if (i == 7)
			act_stop(self, visitors[i]);
		act_join_within(self, visitors[i], i * ACT_MILLISECOND);
		act_log(self, "visitor %d is gone", i);
		act_drop(self, &visitors[i]);
	}
	act_drop(self, &porter);
}

static void test_everything_said_fits_together(void **state)
{
	static const struct act_options options = {.workers = 3};

	for (int i = 0; i < 10; i++)
		run_checked(&options, do_everything);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_ask),
		cmocka_unit_test(test_an_ask_into_a_full_mailbox_waits_twice),
		cmocka_unit_test(test_a_dropped_token),
		cmocka_unit_test(test_a_kept_token),
		cmocka_unit_test(test_news_of_an_end),
		cmocka_unit_test(test_sends_say_how_they_would_have_waited),
		cmocka_unit_test(test_timers_are_handles_of_the_outside),
		cmocka_unit_test(test_what_is_stopped_does_not_wait),
		cmocka_unit_test(test_long_payloads_are_kept_up_to_the_limit),
		cmocka_unit_test(test_everything_said_fits_together),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
