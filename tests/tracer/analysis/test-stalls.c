/*
 * Who held others up, and who did not.
 */
#include "tests/support/trace-builder.h"

#include "tracer/analysis/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct tb tb;
static struct trc_check *check;
static struct trc_findings findings;

static void before(const struct trc_event *event, void *context)
{
	trc_check_before(check, event);
}

static void after(const struct trc_event *event, void *context)
{
	trc_check_event(check, event);
}

static int begin(void **state)
{
	tb_init(&tb);
	check = trc_check_new(tb.model);
	tb.before = before;
	tb.after = after;
	return 0;
}

static int end(void **state)
{
	trc_findings_clear(&findings);
	trc_check_free(check);
	tb_fini(&tb);
	return 0;
}

static void finish(void)
{
	trc_findings_clear(&findings);
	trc_check_finish(check, true, &findings);
}

static unsigned count_of(enum trc_code code)
{
	unsigned count = 0;

	for (size_t i = 0; i < findings.count; i++)
		count += findings.items[i].code == code;
	return count;
}

static const struct trc_finding *first_of(enum trc_code code)
{
	for (size_t i = 0; i < findings.count; i++)
		if (findings.items[i].code == code)
			return &findings.items[i];
	fail_msg("there is no %s", trc_code_name(code));
	return NULL;
}

enum { SECOND = 1000000000 };

struct desk {
	uint64_t server, served, next;
};

static void open_desk(struct desk *desk)
{
	desk->server = tb_spawn(&tb, 0, "server", "s", 10);
	desk->served = tb_spawn(&tb, 0, "client", "served", 10);
	desk->next = tb_spawn(&tb, 0, "client", "next", 10);
}

static uint64_t ask_server(const struct desk *desk, uint64_t client)
{
	tb_send(&tb, 0, client, "Go");
	tb_receive_next(&tb, client);
	tb_at(&tb, "src/client.c", "go", 7);
	return tb_ask_and_wait(&tb, client, desk->server, "Ask");
}

static void answer(const struct desk *desk, uint64_t client, uint64_t ask)
{
	tb_reply(&tb, desk->server, tb_token(ask));
	tb_wake(&tb, client, TRC_WAKE_MET);
	tb_done(&tb, desk->server);
	tb_done(&tb, client);
}

/* Two ask; the server sleeps for one of them. */
static void serve_two(const struct desk *desk, uint64_t pause)
{
	uint64_t first = ask_server(desk, desk->served), second = ask_server(desk, desk->next);

	tb_receive(&tb, desk->server, first);
	tb_at(&tb, "src/server.c", "serve", 19);
	tb_wait_timer(&tb, desk->server);
	tb.now += pause;
	tb_wake(&tb, desk->server, TRC_WAKE_MET);
	answer(desk, desk->served, first);
	tb_receive(&tb, desk->server, second);
	answer(desk, desk->next, second);
}

static void sleeping_while_others_wait_for_a_reply_is_a_stall(void **state)
{
	const struct trc_finding *finding;
	struct desk desk;

	open_desk(&desk);
	serve_two(&desk, SECOND);
	serve_two(&desk, UINT64_C(3) * SECOND);
	serve_two(&desk, SECOND);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
	finding = first_of(TRC_CODE_STALL);
	assert_int_equal(finding->instances, 3);
	assert_in_range(finding->held, UINT64_C(3) * SECOND, UINT64_C(3) * SECOND + 10000);
	assert_int_equal(finding->actors[0], desk.server);
	assert_int_equal(finding->victims[0], desk.next);
	assert_int_equal(finding->edges[0].line, 19);
	assert_int_equal(finding->edges[1].line, 7);
	assert_string_equal(finding->edges[1].to_name, "s");
}

static void a_short_sleep_is_none(void **state)
{
	struct desk desk;

	open_desk(&desk);
	serve_two(&desk, SECOND / 2);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 0);
}

static void who_asks_for_what_takes_long_is_not_held_up(void **state)
{
	struct desk desk;
	uint64_t ask;

	open_desk(&desk);
	ask = ask_server(&desk, desk.served);
	tb_receive(&tb, desk.server, ask);
	tb_wait_timer(&tb, desk.server);
	tb.now += UINT64_C(5) * SECOND;
	tb_wake(&tb, desk.server, TRC_WAKE_MET);
	answer(&desk, desk.served, ask);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 0);
}

/* It slept long, but not while this one waited. */
static void who_came_after_the_sleep_was_not_held_up(void **state)
{
	uint64_t client = tb_spawn(&tb, 0, "client", "c", 10);
	uint64_t server = tb_spawn(&tb, 0, "server", "s", 10), ask;

	tb_send(&tb, 0, server, "Go");
	tb_receive_next(&tb, server);
	tb_wait_timer(&tb, server);
	tb.now += UINT64_C(5) * SECOND;
	tb_wake(&tb, server, TRC_WAKE_MET);
	tb_done(&tb, server);
	tb_send(&tb, 0, client, "Go");
	tb_receive_next(&tb, client);
	ask = tb_ask_and_wait(&tb, client, server, "Ask");
	tb_receive(&tb, server, ask);
	tb_done(&tb, server);
	tb.now += UINT64_C(5) * SECOND;
	tb_reply(&tb, server, tb_token(ask));
	tb_wake(&tb, client, TRC_WAKE_MET);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 0);
}

static void a_handler_that_runs_long_while_others_wait_for_space_is_a_stall(void **state)
{
	uint64_t writer = tb_spawn(&tb, 0, "writer", "w", 10);
	uint64_t reader = tb_spawn(&tb, 0, "reader", "r", 2);

	tb_send(&tb, 0, writer, "Go");
	tb_receive_next(&tb, writer);
	tb_fill(&tb, 0, reader, 2);
	tb_receive_next(&tb, reader);
	tb_fill(&tb, 0, reader, 1);
	tb_wait_space(&tb, writer, reader);
	tb.now += UINT64_C(2) * SECOND;
	tb_done(&tb, reader);
	tb_receive_next(&tb, reader);
	tb_wake(&tb, writer, TRC_WAKE_MET);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
	assert_false(first_of(TRC_CODE_STALL)->edges[0].waits);
	assert_int_equal(first_of(TRC_CODE_STALL)->edges[1].what, TRC_WHAT_SPACE);
}

static void a_wait_that_is_open_at_the_end_counts(void **state)
{
	struct desk desk;
	uint64_t first;

	open_desk(&desk);
	first = ask_server(&desk, desk.served);
	ask_server(&desk, desk.next);
	tb_receive(&tb, desk.server, first);
	tb_wait_timer(&tb, desk.server);
	tb.now += UINT64_C(2) * SECOND;
	tb_send(&tb, 0, tb_spawn(&tb, 0, "other", "o", 10), "Go");
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
	assert_int_equal(first_of(TRC_CODE_STALL)->actors[0], desk.server);
	assert_int_equal(first_of(TRC_CODE_STALL)->victims[0], desk.next);
}

static void so_does_one_that_only_the_stop_ended(void **state)
{
	struct desk desk;
	uint64_t first;

	open_desk(&desk);
	first = ask_server(&desk, desk.served);
	ask_server(&desk, desk.next);
	tb_receive(&tb, desk.server, first);
	tb_wait_timer(&tb, desk.server);
	tb.now += UINT64_C(2) * SECOND;
	tb_wake(&tb, desk.server, TRC_WAKE_CANCELLED);
	tb_wake(&tb, desk.next, TRC_WAKE_CANCELLED);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
}

/* A relay asks the server, which sleeps for another; and somebody asks the relay. */
static void ask_relay(const struct desk *desk, uint64_t relay, bool go_on)
{
	uint64_t first = ask_server(desk, desk->served), go, second;

	go = tb_send(&tb, 0, desk->next, "Go");
	tb_receive(&tb, desk->next, go);
	go = tb_ask_and_wait(&tb, desk->next, relay, "Relay");
	tb_receive(&tb, relay, go);
	second = tb_ask_and_wait(&tb, relay, desk->server, "Ask");
	tb_receive(&tb, desk->server, first);
	tb_wait_timer(&tb, desk->server);
	tb.now += UINT64_C(2) * SECOND;
	tb_wake(&tb, desk->server, TRC_WAKE_MET);
	if (!go_on)
		return;
	answer(desk, desk->served, first);
	tb_receive(&tb, desk->server, second);
	tb_reply(&tb, desk->server, tb_token(second));
	tb_wake(&tb, relay, TRC_WAKE_MET);
	tb_reply(&tb, relay, tb_token(go));
	tb_wake(&tb, desk->next, TRC_WAKE_MET);
}

static void assert_relay_is_held_up(bool go_on)
{
	struct desk desk;

	open_desk(&desk);
	ask_relay(&desk, tb_spawn(&tb, 0, "relay", "r", 10), go_on);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
	assert_int_equal(first_of(TRC_CODE_STALL)->instances, 2);
	assert_string_equal(first_of(TRC_CODE_STALL)->edges[0].from_name, "s");
}

static void who_waits_for_who_is_held_up_is_held_up_too(void **state)
{
	assert_relay_is_held_up(true);
}

static void so_is_who_still_waits_at_the_end(void **state)
{
	assert_relay_is_held_up(false);
}

/* Somebody asks the relay, which asks the server for what takes long; and somebody else asks the
 * relay meanwhile. */
static void only_who_did_not_ask_for_it_is_held_up_by_a_chain(void **state)
{
	uint64_t relay = tb_spawn(&tb, 0, "relay", "r", 10), go, ask;
	const struct trc_finding *finding;
	struct desk desk;

	open_desk(&desk);
	tb_receive(&tb, desk.served, tb_send(&tb, 0, desk.served, "Go"));
	go = tb_ask_and_wait(&tb, desk.served, relay, "Relay");
	tb_receive(&tb, relay, go);
	ask = tb_ask_and_wait(&tb, relay, desk.server, "Ask");
	tb_receive(&tb, desk.next, tb_send(&tb, 0, desk.next, "Go"));
	tb_ask_and_wait(&tb, desk.next, relay, "Relay");
	tb_receive(&tb, desk.server, ask);
	tb_wait_timer(&tb, desk.server);
	tb.now += UINT64_C(2) * SECOND;
	tb_wake(&tb, desk.server, TRC_WAKE_MET);
	finish();
	finding = first_of(TRC_CODE_STALL);
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
	assert_int_equal(finding->instances, 1);
	assert_int_equal(finding->actors[0], desk.server);
	assert_int_equal(finding->victims[0], desk.next);
	assert_string_equal(finding->edges[1].to_name, "r");
}

/* The server runs while the client waits; `others` run or have a message, too; and then nobody
 * does anything for two seconds. */
static void be_silent(unsigned others)
{
	struct desk desk;
	uint64_t ask;

	open_desk(&desk);
	ask = ask_server(&desk, desk.served);
	tb_receive(&tb, desk.server, ask);
	ask_server(&desk, desk.next);
	for (unsigned i = 0; i < others; i++) {
		uint64_t other = tb_spawn(&tb, 0, "other", "", 10);

		tb_receive(&tb, other, tb_send(&tb, 0, other, "Go"));
	}
	tb.now += UINT64_C(2) * SECOND;
	tb_reply(&tb, desk.server, tb_token(ask));
	tb_done(&tb, desk.server);
	finish();
}

static void one_that_computes_in_the_silence_of_others_is_a_stall(void **state)
{
	be_silent(0);
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
}

static void a_program_that_was_stopped_is_none(void **state)
{
	be_silent(1);
	assert_int_equal(count_of(TRC_CODE_STALL), 0);
}

/* It wanted to sleep for less than a second, and then the program was stopped. */
static void a_sleep_that_was_prolonged_from_outside_is_none(void **state)
{
	struct desk desk;
	uint64_t first;

	open_desk(&desk);
	first = ask_server(&desk, desk.served);
	ask_server(&desk, desk.next);
	tb_receive(&tb, desk.server, first);
	tb.deadline = tb.now + SECOND / 2;
	tb_wait_timer(&tb, desk.server);
	tb.deadline = 0;
	tb.now += UINT64_C(5) * SECOND;
	tb_wake(&tb, desk.server, TRC_WAKE_MET);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 0);
}

static void a_sleep_as_long_as_it_wanted_is_one(void **state)
{
	struct desk desk;
	uint64_t first;

	open_desk(&desk);
	first = ask_server(&desk, desk.served);
	ask_server(&desk, desk.next);
	tb_receive(&tb, desk.server, first);
	tb.deadline = tb.now + UINT64_C(5) * SECOND;
	tb_wait_timer(&tb, desk.server);
	tb.deadline = 0;
	tb.now += UINT64_C(5) * SECOND;
	tb_wake(&tb, desk.server, TRC_WAKE_MET);
	finish();
	assert_int_equal(count_of(TRC_CODE_STALL), 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(sleeping_while_others_wait_for_a_reply_is_a_stall),
		T(a_short_sleep_is_none),
		T(who_asks_for_what_takes_long_is_not_held_up),
		T(who_came_after_the_sleep_was_not_held_up),
		T(a_handler_that_runs_long_while_others_wait_for_space_is_a_stall),
		T(a_wait_that_is_open_at_the_end_counts),
		T(so_does_one_that_only_the_stop_ended),
		T(who_waits_for_who_is_held_up_is_held_up_too),
		T(so_is_who_still_waits_at_the_end),
		T(only_who_did_not_ask_for_it_is_held_up_by_a_chain),
		T(one_that_computes_in_the_silence_of_others_is_a_stall),
		T(a_program_that_was_stopped_is_none),
		T(a_sleep_that_was_prolonged_from_outside_is_none),
		T(a_sleep_as_long_as_it_wanted_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
