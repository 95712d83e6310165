/*
 * Deadlocks of asks and joins that did not happen: those that another order reaches, and those that
 * none does.
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
static uint64_t a, b;

static void after(const struct trc_event *event, void *context)
{
	trc_check_event(check, event);
}

static int begin(void **state)
{
	tb_init(&tb);
	check = trc_check_new(tb.model);
	tb.after = after;
	a = tb_spawn(&tb, 0, "a", "A", 1);
	b = tb_spawn(&tb, 0, "b", "B", 2);
	return 0;
}

static int end(void **state)
{
	trc_findings_clear(&findings);
	trc_check_free(check);
	tb_fini(&tb);
	return 0;
}

/* The only finding about replies and ends; others say that mailboxes cannot fill. */
static const struct trc_finding *finish(void)
{
	const struct trc_finding *found = NULL;

	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.cut_count, 0);
	for (size_t i = 0; i < findings.count; i++) {
		if (findings.items[i].edges[0].what == TRC_WHAT_SPACE) {
			assert_int_equal(findings.items[i].code, TRC_CODE_REFUTED);
			continue;
		}
		assert_null(found);
		found = &findings.items[i];
	}
	assert_non_null(found);
	return found;
}

static void assert_likely(unsigned length)
{
	const struct trc_finding *finding = finish();

	assert_int_equal(finding->code, TRC_CODE_POTENTIAL_DEADLOCK);
	assert_true(finding->likely);
	assert_int_equal(finding->core_edge_count, length);
}

static void assert_refuted(const char *reason)
{
	const struct trc_finding *finding = finish();

	assert_int_equal(finding->code, TRC_CODE_REFUTED);
	assert_non_null(strstr(finding->reason, reason));
}

/* The events that prove it, one after the other. */
static void assert_proofs(const char *const *says, unsigned count)
{
	const struct trc_finding *finding = NULL;

	for (size_t i = 0; i < findings.count && !finding; i++)
		if (findings.items[i].edges[0].what != TRC_WHAT_SPACE)
			finding = &findings.items[i];
	assert_non_null(finding);
	assert_int_equal(finding->proof_count, count);
	for (unsigned i = 0; i < count; i++) {
		assert_string_equal(finding->proofs[i].says, says[i]);
		assert_int_not_equal(finding->proofs[i].time, 0);
	}
}

static void answer(uint64_t actor, uint64_t ask)
{
	tb_receive(&tb, actor, ask);
	tb_reply(&tb, actor, tb_token(ask));
	tb_done(&tb, actor);
}

/* `first` asks `second` while it handles the question, and then answers that. */
static void relay(uint64_t go, uint64_t first, uint64_t second)
{
	tb_receive(&tb, first, go);
	answer(second, tb_ask_and_wait(&tb, first, second, "Ping"));
	tb_wake(&tb, first, TRC_WAKE_MET);
	tb_reply(&tb, first, tb_token(go));
	tb_done(&tb, first);
}

static uint64_t client(void)
{
	return tb_spawn_starting(&tb, 0, "client", "client", 1);
}

static void ask_through(uint64_t asker, uint64_t first, uint64_t second)
{
	relay(tb_ask_and_wait(&tb, asker, first, "Go"), first, second);
	tb_wake(&tb, asker, TRC_WAKE_MET);
}

static void two_clients_may_cross(void **state)
{
	ask_through(client(), a, b);
	ask_through(client(), b, a);
	assert_likely(2);
}

/* They stay idle at the end, and so never end: that is another matter. */
static void handles_that_keep_them_alive_hide_nothing(void **state)
{
	tb_clone(&tb, a, b);
	tb_clone(&tb, b, a);
	tb_drop(&tb, 0, a);
	tb_drop(&tb, 0, b);
	ask_through(client(), a, b);
	ask_through(client(), b, a);
	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.items[0].code, TRC_CODE_POTENTIAL_DEADLOCK);
	assert_int_equal(findings.items[1].code, TRC_CODE_HANDLE_CYCLE);
}

static void three_may_close_a_ring(void **state)
{
	uint64_t c = tb_spawn(&tb, 0, "c", "C", 2);

	ask_through(client(), a, b);
	ask_through(client(), b, c);
	ask_through(client(), c, a);
	assert_likely(3);
}

static void one_client_is_a_gate(void **state)
{
	uint64_t x = client();

	ask_through(x, a, b);
	ask_through(x, b, a);
	assert_refuted("hold up client");
	assert_proofs((const char *const[]){"client sent Go to a \"A\"", "a \"A\" answered client",
					    "client sent Go to b \"B\"", "b \"B\" answered client"},
		      4);
}

static void one_client_that_asks_both_at_once_is_none(void **state)
{
	uint64_t x = client(), go[2], ping;

	go[0] = tb_ask(&tb, x, a, "Go");
	tb_receive(&tb, a, go[0]);
	ping = tb_ask_and_wait(&tb, a, b, "Ping");
	tb_receive(&tb, b, ping);
	go[1] = tb_ask(&tb, x, b, "Go");
	tb_wait_many(&tb, x, false,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(go[0]), a},
					   {TRC_WHAT_REPLY, tb_token(go[1]), b}},
		     2);
	tb_reply(&tb, b, tb_token(ping));
	tb_done(&tb, b);
	tb_wake(&tb, a, TRC_WAKE_MET);
	tb_reply(&tb, a, tb_token(go[0]));
	tb_done(&tb, a);
	relay(go[1], b, a);
	tb_wake(&tb, x, TRC_WAKE_MET);
	assert_likely(2);
}

static void what_is_told_only_afterwards_is_ordered(void **state)
{
	uint64_t starting = client();

	answer(b, tb_ask_and_wait(&tb, starting, b, "Hello"));
	tb_wake(&tb, starting, TRC_WAKE_MET);
	tb_receive(&tb, b, tb_send(&tb, starting, b, "HereIAm"));
	tb_done(&tb, starting);
	answer(starting, tb_ask_and_wait(&tb, b, starting, "Ping"));
	tb_wake(&tb, b, TRC_WAKE_MET);
	tb_done(&tb, b);
	assert_refuted("ordered by cause");
	assert_proofs((const char *const[]){"client sent Hello to b \"B\"",
					    "b \"B\" received Hello of client",
					    "b \"B\" received HereIAm of client",
					    "b \"B\" sent Ping to client"},
		      4);
}

/* A asks B and C, and goes on with the first answer. */
static void ask_any(uint64_t c)
{
	uint64_t x = client(), go = tb_ask_and_wait(&tb, x, a, "Go"), asks[2];

	tb_receive(&tb, a, go);
	asks[0] = tb_ask(&tb, a, b, "Ping");
	asks[1] = tb_ask(&tb, a, c, "Ping");
	tb_wait_many(&tb, a, true,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(asks[0]), b},
					   {TRC_WHAT_REPLY, tb_token(asks[1]), c}},
		     2);
	answer(b, asks[0]);
	tb_wake(&tb, a, TRC_WAKE_MET);
	answer(c, asks[1]);
	tb_reply(&tb, a, tb_token(go));
	tb_done(&tb, a);
	tb_wake(&tb, x, TRC_WAKE_MET);
}

static void any_of_several_is_a_way_out(void **state)
{
	uint64_t c = tb_spawn(&tb, 0, "c", "C", 2);

	ask_any(c);
	ask_through(client(), b, a);
	assert_refuted("any one of several answers");
	assert_proofs(
		(const char *const[]){"a \"A\" sent Ping to c \"C\"", "c \"C\" answered a \"A\""},
		2);
}

static void any_of_several_is_none_when_all_wait_for_it(void **state)
{
	uint64_t c = tb_spawn(&tb, 0, "c", "C", 2);

	ask_any(c);
	ask_through(client(), b, a);
	ask_through(client(), c, a);
	assert_likely(4);
	assert_int_equal(findings.items[0].actor_count, 3);
}

/* --- locks --- */

static uint64_t forks[2];

static void lay_forks(void)
{
	forks[0] = tb_spawn(&tb, 0, "fork", "left", 10);
	forks[1] = tb_spawn(&tb, 0, "fork", "right", 10);
}

/* A fork that is free answers at once. */
static void pick_up(uint64_t actor, uint64_t fork)
{
	answer(fork, tb_ask_and_wait(&tb, actor, fork, "PickUp"));
	tb_wake(&tb, actor, TRC_WAKE_MET);
}

static void put_down(uint64_t actor, uint64_t fork)
{
	tb_receive(&tb, fork, tb_send(&tb, actor, fork, "PutDown"));
	tb_done(&tb, fork);
}

/* Asks for a fork that `other` has, and is given it when that puts it down. */
static void pick_up_after(uint64_t actor, uint64_t fork, uint64_t other)
{
	uint64_t ask = tb_ask_and_wait(&tb, actor, fork, "PickUp");

	tb_receive(&tb, fork, ask);
	tb_done(&tb, fork);
	tb_receive(&tb, fork, tb_send(&tb, other, fork, "PutDown"));
	tb_reply(&tb, fork, tb_token(ask));
	tb_done(&tb, fork);
	tb_wake(&tb, actor, TRC_WAKE_MET);
}

/* Both eat, one fork after the other in their hands; the second has to wait for one of them once.
 */
static void dine(unsigned first_of_second)
{
	uint64_t x = client(), y = client();

	lay_forks();
	pick_up(x, forks[0]);
	pick_up(x, forks[1]);
	put_down(x, forks[!first_of_second]);
	pick_up_after(y, forks[first_of_second], x);
	pick_up(y, forks[!first_of_second]);
	put_down(y, forks[0]);
	put_down(y, forks[1]);
}

static void forks_taken_in_another_order_may_lock_up(void **state)
{
	const struct trc_finding *finding;

	dine(1);
	assert_likely(4);
	finding = &findings.items[0];
	assert_string_equal(finding->title, "client and client can wait for each other");
	for (unsigned i = 0; i < 4; i++)
		assert_int_equal(finding->edges[i].what,
				 finding->edges[i].from == forks[0] ||
						 finding->edges[i].from == forks[1]
					 ? TRC_WHAT_MESSAGE
					 : TRC_WHAT_REPLY);
}

static void forks_taken_in_one_order_cannot(void **state)
{
	dine(0);
	trc_check_finish(check, true, &findings);
	for (size_t i = 0; i < findings.count; i++)
		assert_int_equal(findings.items[i].code, TRC_CODE_REFUTED);
}

/* Who is given back by somebody else gives himself to more than one. */
static void what_several_can_have_at_once_is_no_lock(void **state)
{
	uint64_t z = client();

	dine(1);
	pick_up(z, forks[0]);
	pick_up(client(), forks[0]);
	trc_check_finish(check, true, &findings);
	for (size_t i = 0; i < findings.count; i++)
		assert_int_equal(findings.items[i].code, TRC_CODE_REFUTED);
}

/* B asks A only when a monitor has told it of the end of C; while C lived it was asked by A, which
 * asked B then. */
static void hear_of_an_end(bool told)
{
	uint64_t c = tb_spawn(&tb, 0, "c", "C", 2), news;

	ask_through(c, a, b);
	tb_done(&tb, c);
	tb_end(&tb, c, TRC_END_STOPPED);
	tb.send_flags = TRC_F_TIMER;
	news = tb_send(&tb, 0, b, "ActorEnded");
	tb.send_flags = 0;
	if (told)
		tb_add(&tb, (struct trc_event){.kind = TRC_TOLD, .id = news, .peer = c});
	tb_receive(&tb, b, news);
	answer(a, tb_ask_and_wait(&tb, b, a, "Ping"));
	tb_wake(&tb, b, TRC_WAKE_MET);
	tb_done(&tb, b);
}

static void what_comes_after_an_end_is_ordered(void **state)
{
	hear_of_an_end(true);
	assert_refuted("ordered by cause");
}

static void news_of_nobody_orders_nothing(void **state)
{
	hear_of_an_end(false);
	assert_likely(2);
}

static void a_deadline_makes_it_a_hazard(void **state)
{
	uint64_t go = tb_ask(&tb, 0, a, "Go");

	tb.deadline = 1000000000;
	relay(go, a, b);
	tb.deadline = 0;
	ask_through(client(), b, a);
	assert_int_equal(finish()->code, TRC_CODE_DEADLINE_CYCLE);
	assert_false(findings.items[0].likely);
}

static void a_deadline_of_who_only_asked_for_it_changes_nothing(void **state)
{
	uint64_t x = client();

	tb.deadline = 1000000000;
	ask_through(x, a, b);
	tb.deadline = 0;
	ask_through(client(), b, a);
	assert_likely(2);
}

static void who_waits_for_the_end_can_be_asked_before(void **state)
{
	uint64_t work = tb_send(&tb, 0, b, "Work"), stop;

	tb_receive(&tb, b, work);
	answer(a, tb_ask_and_wait(&tb, b, a, "Ping"));
	tb_wake(&tb, b, TRC_WAKE_MET);
	stop = tb_send(&tb, 0, a, "Stop");
	tb_receive(&tb, a, stop);
	tb_wait_end(&tb, a, b);
	tb_done(&tb, b);
	tb_end(&tb, b, TRC_END_STOPPED);
	tb_wake(&tb, a, TRC_WAKE_MET);
	tb_done(&tb, a);
	assert_likely(2);
}

/* B sends its asker A a note, while `others` notes from elsewhere are on their way. */
static void note_back(uint64_t asker, unsigned others)
{
	uint64_t go = tb_ask_and_wait(&tb, asker, b, "Go"), note;

	tb_receive(&tb, b, go);
	note = tb_send(&tb, b, asker, "Note");
	tb_reply(&tb, b, tb_token(go));
	tb_done(&tb, b);
	tb_wake(&tb, asker, TRC_WAKE_MET);
	tb_done(&tb, asker);
	tb_receive(&tb, asker, note);
	tb_done(&tb, asker);
	for (unsigned i = 0; i < others; i++) {
		tb_receive(&tb, asker, tb_send(&tb, 0, asker, "Note"));
		tb_done(&tb, asker);
	}
}

static void a_note_to_who_waits_may_find_no_space(void **state)
{
	note_back(tb_spawn_starting(&tb, 0, "asker", "asker", 2), 2);
	trc_check_finish(check, true, &findings);
	assert_true(findings.count > 0);
	assert_int_equal(findings.items[0].code, TRC_CODE_POTENTIAL_DEADLOCK);
	assert_false(findings.items[0].likely);
	assert_int_equal(findings.items[0].core_edge_count, 2);
}

static void a_note_finds_space_when_too_few_are_on_their_way(void **state)
{
	note_back(tb_spawn_starting(&tb, 0, "asker", "asker", 2), 1);
	trc_check_finish(check, true, &findings);
	for (size_t i = 0; i < findings.count; i++)
		assert_int_equal(findings.items[i].code, TRC_CODE_REFUTED);
}

/* One message that goes to and fro is decided without giving up, however long it does. */
static void a_ball_in_play_for_long_is_decided(void **state)
{
	uint64_t players[2] = {a, b}, ball = tb_send(&tb, 0, a, "Ball");

	for (unsigned throw = 0; throw < 2000; throw ++) {
		tb_receive(&tb, players[0], ball);
		ball = tb_send(&tb, players[0], players[1], "Ball");
		tb_done(&tb, players[0]);
		players[0] = players[1];
		players[1] = players[0] == a ? b : a;
	}
	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.cut_count, 0);
	for (size_t i = 0; i < findings.count; i++)
		assert_int_equal(findings.items[i].code, TRC_CODE_REFUTED);
}

/* A ring of more actors than are searched is not found, and that is said. */
static void long_rings_are_said_to_be_left_out(void **state)
{
	enum { LENGTH = 8 };
	uint64_t ring[LENGTH] = {a, b};

	for (unsigned i = 2; i < LENGTH; i++)
		ring[i] = tb_spawn(&tb, 0, "more", "", 2);
	for (unsigned i = 0; i < LENGTH; i++)
		ask_through(client(), ring[i], ring[(i + 1) % LENGTH]);
	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.cut_count, 1);
	assert_string_equal(trc_limit_name(findings.cuts[0].limit), "length");
	assert_string_equal(findings.cuts[0].text, "rings of more than 6 waits were not searched");
}

/* Four in a ring, the first of which waits only in its start handler; and the others again and
 * again, so that there are more orders than are tried. */
static void who_was_left_undecided_is_named(void **state)
{
	uint64_t starting = client(), c = tb_spawn(&tb, 0, "c", "C", 2), notice, go;

	answer(a, tb_ask_and_wait(&tb, starting, a, "Hello"));
	tb_wake(&tb, starting, TRC_WAKE_MET);
	notice = tb_send(&tb, starting, a, "HereIAm");
	tb_done(&tb, starting);
	tb_receive(&tb, a, notice);
	tb_done(&tb, a);
	for (unsigned i = 0; i < 16; i++) {
		ask_through(client(), a, b);
		ask_through(client(), b, c);
		go = tb_ask_and_wait(&tb, client(), c, "Go");
		relay(go, c, starting);
	}
	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.cut_count, 1);
	assert_string_equal(trc_limit_name(findings.cuts[0].limit), "orders");
	assert_non_null(strstr(findings.cuts[0].text,
			       "left undecided: whether client, a \"A\", b \"B\" and c \"C\" can "
			       "wait for each other"));
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(two_clients_may_cross),
		T(handles_that_keep_them_alive_hide_nothing),
		T(three_may_close_a_ring),
		T(one_client_is_a_gate),
		T(one_client_that_asks_both_at_once_is_none),
		T(what_is_told_only_afterwards_is_ordered),
		T(any_of_several_is_a_way_out),
		T(any_of_several_is_none_when_all_wait_for_it),
		T(forks_taken_in_another_order_may_lock_up),
		T(forks_taken_in_one_order_cannot),
		T(what_several_can_have_at_once_is_no_lock),
		T(what_comes_after_an_end_is_ordered),
		T(news_of_nobody_orders_nothing),
		T(a_deadline_makes_it_a_hazard),
		T(a_deadline_of_who_only_asked_for_it_changes_nothing),
		T(who_waits_for_the_end_can_be_asked_before),
		T(a_note_to_who_waits_may_find_no_space),
		T(a_note_finds_space_when_too_few_are_on_their_way),
		T(a_ball_in_play_for_long_is_decided),
		T(long_rings_are_said_to_be_left_out),
		T(who_was_left_undecided_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
