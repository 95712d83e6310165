/*
 * Small programs whose asks are split by hand. Every event is a microsecond after the last; the
 * times of those that matter are kept as they are written.
 */
#include "tests/support/random-events.h"
#include "tests/support/trace-builder.h"

#include "tracer/stats/asks.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct run {
	struct tb tb;
	struct trc_asks *asks;
	uint64_t ann, bob, cid;
};

static void on_before(const struct trc_event *event, void *context)
{
	trc_asks_before(context, event);
}

static void on_after(const struct trc_event *event, void *context)
{
	trc_asks_after(context, event);
}

static void begin(struct run *run, uint64_t from, uint64_t to)
{
	const struct trc_asks_options options = {.from = from, .to = to, .slowest = 3};
	struct tb *tb = &run->tb;

	tb_init(tb);
	run->asks = trc_asks_new(tb->model, &options);
	tb->before = on_before;
	tb->after = on_after;
	tb->context = run->asks;
	run->ann = tb_spawn(tb, 0, "user", "ann", 1);
	run->bob = tb_spawn(tb, 0, "room", "bob", 1);
	run->cid = tb_spawn(tb, 0, "base", "cid", 1);
	tb_send(tb, 0, run->ann, "Go");
	tb_receive_next(tb, run->ann);
}

static int set_up(void **state)
{
	struct run *run = calloc(1, sizeof *run);

	begin(run, 0, UINT64_MAX);
	*state = run;
	return 0;
}

static int tear_down(void **state)
{
	struct run *run = *state;

	trc_asks_free(run->asks);
	tb_fini(&run->tb);
	free(run);
	return 0;
}

static uint64_t whole(const struct trc_split *split)
{
	uint64_t sum = 0;

	for (int i = 0; i < TRC_PLACE_COUNT; i++)
		sum += split->places[i];
	return sum;
}

static void assert_place(const struct trc_ask *ask, enum trc_place place, uint64_t time)
{
	if (ask->split.places[place] != time)
		fail_msg("%s: %llu, not %llu", trc_place_name(place),
			 (unsigned long long)ask->split.places[place], (unsigned long long)time);
}

/* The ask that took longest, the only one unless said otherwise. */
static const struct trc_ask *slowest(const struct run *run)
{
	const struct trc_ask *ask;

	assert_true(trc_asks_slowest_count(run->asks) > 0);
	ask = trc_asks_slowest(run->asks, 0);
	assert_int_equal(whole(&ask->split), ask->duration);
	return ask;
}

/* --- one ask ------------------------------------------------------------------------------------
 */

static void an_ask_is_in_a_mailbox_then_in_a_handler(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t sent, received, message;
	const struct trc_ask *ask;

	message = tb_ask(tb, run->ann, run->bob, "Ask");
	sent = tb->now;
	tb_wait_reply(tb, run->ann, tb_token(message));
	tb_send(tb, 0, run->cid, "Else");
	tb_receive_next(tb, run->bob);
	received = tb->now;
	tb_send(tb, 0, run->ann, "Else");
	tb_reply(tb, run->bob, tb_token(message));
	ask = slowest(run);
	assert_int_equal(ask->began, sent);
	assert_int_equal(ask->duration, tb->now - sent);
	assert_int_equal(ask->asker, run->ann);
	assert_int_equal(ask->replier, run->bob);
	assert_place(ask, TRC_PLACE_MAILBOX, received - sent);
	assert_place(ask, TRC_PLACE_HANDLER, tb->now - received);
	assert_int_equal(ask->split.nested, 0);
	assert_int_equal(trc_asks_open(run->asks), 0);
}

static void an_ask_waits_for_space_first(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t began, sent, message;
	const struct trc_ask *ask;

	tb_send(tb, 0, run->bob, "Full");
	tb_wait_space(tb, run->ann, run->bob);
	began = tb->now;
	tb_receive_next(tb, run->bob);
	tb_wake(tb, run->ann, TRC_WAKE_MET);
	message = tb_ask(tb, run->ann, run->bob, "Ask");
	sent = tb->now;
	tb_wait_reply(tb, run->ann, tb_token(message));
	tb_done(tb, run->bob);
	tb_receive_next(tb, run->bob);
	tb_reply(tb, run->bob, tb_token(message));
	ask = slowest(run);
	assert_int_equal(ask->began, began);
	assert_place(ask, TRC_PLACE_SPACE, sent - began);
	assert_place(ask, TRC_PLACE_MAILBOX, 3000);
	assert_place(ask, TRC_PLACE_HANDLER, 1000);
}

static void a_handler_may_sleep(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t message = tb_ask_and_wait(tb, run->ann, run->bob, "Ask");

	tb_receive_next(tb, run->bob);
	tb_wait_timer(tb, run->bob);
	tb->now += 50000;
	tb_wake(tb, run->bob, TRC_WAKE_MET);
	tb_reply(tb, run->bob, tb_token(message));
	assert_place(slowest(run), TRC_PLACE_ASLEEP, 51000);
	assert_place(slowest(run), TRC_PLACE_HANDLER, 2000);
}

/* Bob keeps the token; in a later handling he answers. */
static void a_token_may_be_kept(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t message = tb_ask_and_wait(tb, run->ann, run->bob, "Ask"), done;

	tb_receive_next(tb, run->bob);
	tb_done(tb, run->bob);
	done = tb->now;
	tb_send(tb, 0, run->bob, "Tick");
	tb_receive_next(tb, run->bob);
	tb_reply(tb, run->bob, tb_token(message));
	assert_place(slowest(run), TRC_PLACE_HANDLER, 1000);
	assert_place(slowest(run), TRC_PLACE_KEPT, tb->now - done);
}

/* Bob passes the token on to Cid. */
static void a_token_may_be_passed_on(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t message = tb_ask_and_wait(tb, run->ann, run->bob, "Ask"), asked, moved, received;

	asked = tb->now - 1000;
	tb_receive_next(tb, run->bob);
	tb_move_token(tb, run->bob, tb_token(message), tb_next_message(tb));
	moved = tb->now;
	tb_send(tb, run->bob, run->cid, "Forward");
	tb_done(tb, run->bob);
	tb_receive_next(tb, run->cid);
	received = tb->now;
	tb_reply(tb, run->cid, tb_token(message));
	assert_int_equal(slowest(run)->duration, tb->now - asked);
	assert_int_equal(slowest(run)->receiver, run->bob);
	assert_int_equal(slowest(run)->replier, run->cid);
	assert_place(slowest(run), TRC_PLACE_MAILBOX, 2000 + received - moved);
	assert_place(slowest(run), TRC_PLACE_HANDLER, 1000 + tb->now - received);
}

static void a_dropped_token_is_an_answer(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t message = tb_ask_and_wait(tb, run->ann, run->bob, "Ask");

	tb_receive_next(tb, run->bob);
	tb_drop_token(tb, run->bob, tb_token(message));
	assert_true(slowest(run)->dropped);
}

/* --- asks within asks ---------------------------------------------------------------------------
 */

static void a_nested_ask_is_on_the_path(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t outer, inner, received, waits, replied, woken;
	const struct trc_ask *ask;

	outer = tb_ask_and_wait(tb, run->ann, run->bob, "Outer");
	tb_receive_next(tb, run->bob); /* 2 us in the mailbox */
	received = tb->now;
	inner = tb_ask(tb, run->bob, run->cid, "Inner");
	tb_wait_reply(tb, run->bob, tb_token(inner));
	waits = tb->now;
	tb_receive_next(tb, run->cid); /* 2 us in the mailbox, 1 of them in the wait */
	tb->now += 9000;
	tb_reply(tb, run->cid, tb_token(inner)); /* 10 us in its handler */
	replied = tb->now;
	tb->now += 4000;
	tb_wake(tb, run->bob, TRC_WAKE_MET);
	woken = tb->now;
	tb_reply(tb, run->bob, tb_token(outer)); /* 1 us */
	ask = slowest(run);
	assert_place(ask, TRC_PLACE_MAILBOX, 2000 + 1000);
	assert_place(ask, TRC_PLACE_HANDLER, waits - received + 10000 + 1000);
	assert_place(ask, TRC_PLACE_WAKING, woken - replied);
	assert_int_equal(ask->split.nested, woken - waits);
	assert_int_equal(ask->nested_count, 1);
	assert_non_null(ask->nested);
	assert_int_equal(ask->nested->message, inner);
	assert_place(ask->nested, TRC_PLACE_MAILBOX, 2000);
	assert_place(ask->nested, TRC_PLACE_HANDLER, 10000);
	assert_int_equal(trc_asks_slowest_count(run->asks), 2);
}

/* Bob asks Cid and Ann's friend at once; the last to answer is on the path. */
static void of_all_the_last_counts(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t dan = tb_spawn(tb, 0, "base", "dan", 1), outer, first, second;
	struct trc_target targets[2];
	const struct trc_ask *ask;

	outer = tb_ask_and_wait(tb, run->ann, run->bob, "Outer");
	tb_receive_next(tb, run->bob);
	first = tb_ask(tb, run->bob, run->cid, "First");
	second = tb_ask(tb, run->bob, dan, "Second");
	targets[0] = (struct trc_target){TRC_WHAT_REPLY, tb_token(first), run->cid};
	targets[1] = (struct trc_target){TRC_WHAT_REPLY, tb_token(second), dan};
	tb_wait_many(tb, run->bob, false, targets, 2);
	tb_receive_next(tb, dan);
	tb_receive_next(tb, run->cid);
	tb_reply(tb, dan, tb_token(second));
	tb_reply(tb, run->cid, tb_token(first));
	tb_wake(tb, run->bob, TRC_WAKE_MET);
	tb_reply(tb, run->bob, tb_token(outer));
	ask = slowest(run);
	assert_int_equal(ask->nested_count, 1);
	assert_int_equal(ask->nested->message, first);
}

static void of_any_the_first_counts(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t dan = tb_spawn(tb, 0, "base", "dan", 1), outer, first, second;
	struct trc_target targets[2];

	outer = tb_ask_and_wait(tb, run->ann, run->bob, "Outer");
	tb_receive_next(tb, run->bob);
	first = tb_ask(tb, run->bob, run->cid, "First");
	second = tb_ask(tb, run->bob, dan, "Second");
	targets[0] = (struct trc_target){TRC_WHAT_REPLY, tb_token(first), run->cid};
	targets[1] = (struct trc_target){TRC_WHAT_REPLY, tb_token(second), dan};
	tb_wait_many(tb, run->bob, true, targets, 2);
	tb_receive_next(tb, dan);
	tb_receive_next(tb, run->cid);
	tb_reply(tb, dan, tb_token(second));
	tb_reply(tb, run->cid, tb_token(first));
	tb_wake(tb, run->bob, TRC_WAKE_MET);
	tb_reply(tb, run->bob, tb_token(outer));
	assert_int_equal(slowest(run)->nested->message, second);
	assert_place(slowest(run), TRC_PLACE_WAKING, 2000);
}

/* On two processors the reply can be there before the asker waits. */
static void a_reply_may_come_before_the_wait(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t outer, inner;

	outer = tb_ask_and_wait(tb, run->ann, run->bob, "Outer");
	tb_receive_next(tb, run->bob);
	inner = tb_ask(tb, run->bob, run->cid, "Inner");
	tb_receive_next(tb, run->cid);
	tb_reply(tb, run->cid, tb_token(inner));
	tb_wait_reply(tb, run->bob, tb_token(inner));
	tb_wake(tb, run->bob, TRC_WAKE_MET);
	tb_reply(tb, run->bob, tb_token(outer));
	assert_int_equal(slowest(run)->nested_count, 1);
	assert_place(slowest(run), TRC_PLACE_UNANSWERED, 0);
	assert_place(slowest(run), TRC_PLACE_WAKING, 1000);
}

static void an_ask_may_give_up(void **state)
{
	struct run *run = *state;
	struct tb *tb = &run->tb;
	uint64_t outer = tb_ask_and_wait(tb, run->ann, run->bob, "Outer");

	tb_receive_next(tb, run->bob);
	tb_ask_and_wait(tb, run->bob, run->cid, "Inner");
	tb->now += 7000;
	tb_wake(tb, run->bob, TRC_WAKE_DEADLINE);
	tb_reply(tb, run->bob, tb_token(outer));
	assert_place(slowest(run), TRC_PLACE_UNANSWERED, 8000);
	assert_int_equal(trc_asks_open(run->asks), 1);
}

/* --- many asks ----------------------------------------------------------------------------------
 */

static void ask(struct run *run, const char *type, uint64_t extra)
{
	struct tb *tb = &run->tb;
	uint64_t message = tb_ask_and_wait(tb, run->ann, run->bob, type);

	tb_receive_next(tb, run->bob);
	tb->now += extra;
	tb_reply(tb, run->bob, tb_token(message));
	tb_wake(tb, run->ann, TRC_WAKE_MET);
	tb_done(tb, run->bob);
}

static void types_are_summed_up(void **state)
{
	struct run *run = *state;
	struct trc_ask_group **groups;
	size_t count;

	for (uint64_t i = 0; i < 10; i++) {
		ask(run, "Quick", 0);
		ask(run, "Slow", i * 10000);
	}
	groups = trc_asks_groups(run->asks, &count);
	assert_int_equal(count, 2);
	assert_string_equal(trc_model_type_name(run->tb.model, groups[0]->type), "Slow");
	assert_int_equal(groups[0]->durations.total, 10);
	assert_int_equal(groups[0]->durations.sum, 10 * 3000 + 450000);
	assert_int_equal(groups[0]->split.places[TRC_PLACE_HANDLER], 10 * 1000 + 450000);
	assert_int_equal(groups[1]->durations.longest, 3000);
	free(groups);
	assert_int_equal(trc_asks_slowest_count(run->asks), 3);
	assert_int_equal(trc_asks_slowest(run->asks, 2)->duration, 73000);
}

static void only_the_range_counts(void **state)
{
	struct run *run = calloc(1, sizeof *run);
	struct trc_ask_group **groups;
	size_t count;

	begin(run, 100000, 200000);
	ask(run, "Early", 0);
	run->tb.now = 150000;
	ask(run, "Right", 0);
	run->tb.now = 250000;
	ask(run, "Late", 0);
	groups = trc_asks_groups(run->asks, &count);
	assert_int_equal(count, 1);
	assert_string_equal(trc_model_type_name(run->tb.model, groups[0]->type), "Right");
	free(groups);
	tear_down((void **)&run);
}

/* Whatever the events say, each nanosecond of an ask has one place. */
static void odd_events_keep_the_sum(void **state)
{
	for (unsigned seed = 1; seed <= 300; seed++) {
		struct run *run = calloc(1, sizeof *run);
		uint8_t payload[60];

		srand(seed);
		begin(run, 0, UINT64_MAX);
		for (int i = 0; i < 400; i++)
			tb_add(&run->tb, random_event(payload, sizeof payload));
		for (size_t i = 0; i < trc_asks_slowest_count(run->asks); i++) {
			const struct trc_ask *one = trc_asks_slowest(run->asks, i);

			assert_int_equal(whole(&one->split), one->duration);
		}
		tear_down((void **)&run);
	}
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(an_ask_is_in_a_mailbox_then_in_a_handler),
		TEST(an_ask_waits_for_space_first),
		TEST(a_handler_may_sleep),
		TEST(a_token_may_be_kept),
		TEST(a_token_may_be_passed_on),
		TEST(a_dropped_token_is_an_answer),
		TEST(a_nested_ask_is_on_the_path),
		TEST(of_all_the_last_counts),
		TEST(of_any_the_first_counts),
		TEST(a_reply_may_come_before_the_wait),
		TEST(an_ask_may_give_up),
		TEST(types_are_summed_up),
		cmocka_unit_test(only_the_range_counts),
		cmocka_unit_test(odd_events_keep_the_sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
