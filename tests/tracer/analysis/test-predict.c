/*
 * What a run that passed, or hung, says of rings of mailboxes: those that can fill and their traps,
 * side by side.
 */
#include "tests/tracer/analysis/check-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

/* Receives the oldest message of `actor`, sends `count` messages to `to` while it handles it. */
static void pass_on(uint64_t actor, uint64_t to, unsigned count)
{
	tb_receive_next(&cf.tb, actor);
	while (count-- > 0)
		tb_send(&cf.tb, actor, to, "Ball");
	tb_done(&cf.tb, actor);
}

static void take(uint64_t actor)
{
	tb_receive_next(&cf.tb, actor);
	tb_done(&cf.tb, actor);
}

/* --- the chat room ------------------------------------------------------------------------------
 */

struct chat {
	uint64_t socket, room, members[3];
};

static void open_chat(struct chat *chat)
{
	chat->socket = tb_spawn_source(&cf.tb, 0, "socket", "s", 100);
	chat->room = tb_spawn(&cf.tb, 0, "room", "lobby", 100);
	for (int i = 0; i < 3; i++)
		chat->members[i] = tb_spawn(&cf.tb, 0, "connection",
					    (const char *[]){"ann", "bob", "carol"}[i], 100);
}

/* A text comes in for a member, goes to the room and from there to all members. */
static void say(const struct chat *chat, int member, unsigned room_flags)
{
	tb_send(&cf.tb, chat->socket, chat->members[member], "Text");
	tb_at(&cf.tb, "src/connection.c", "on_text", 44);
	pass_on(chat->members[member], chat->room, 1);
	tb_at(&cf.tb, "src/room.c", "broadcast", 41);
	tb_receive_next(&cf.tb, chat->room);
	for (int i = 0; i < 3; i++) {
		cf.tb.send_flags = room_flags;
		tb_send(&cf.tb, chat->room, chat->members[i], "Frame");
	}
	tb_done(&cf.tb, chat->room);
	for (int i = 0; i < 3; i++)
		take(chat->members[i]);
}

static void a_friendly_chat_could_deadlock(void **state)
{
	const struct trc_finding *finding;
	struct chat chat;

	open_chat(&chat);
	say(&chat, 0, 0);
	say(&chat, 1, 0);
	say(&chat, 2, 0);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	finding = cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK);
	assert_int_equal(finding->instances, 3);
	assert_int_equal(finding->needed, 202);
	assert_int_equal(finding->peak, 2);
	assert_int_equal(finding->core_edge_count, 2);
	assert_int_equal(finding->edges[0].what, TRC_WHAT_SPACE);
	assert_string_equal(finding->edges[0].from_kind, "room");
	assert_string_equal(finding->edges[0].sending, "Frame");
	assert_int_equal(finding->edges[0].line, 41);
	assert_int_equal(finding->edges[1].line, 44);
	/* Asking again changes nothing. */
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_int_equal(cf.findings.items[0].instances, 3);
}

/* Bob's mailbox was the fullest, but the program ended before he left: ann's lines say more. */
static void a_ring_of_sends_is_told_rather_than_one_of_questions(void **state)
{
	const struct trc_finding *finding;
	struct chat chat;

	open_chat(&chat);
	for (int i = 0; i < 2; i++) {
		tb_at(&cf.tb, "src/connection.c", "join", 36);
		tb_ask(&cf.tb, chat.members[i], chat.room, "Join");
		take(chat.room);
	}
	tb_send(&cf.tb, chat.socket, chat.room, "Text");
	tb_at(&cf.tb, "src/room.c", "broadcast", 41);
	tb_receive_next(&cf.tb, chat.room);
	for (int i = 0; i < 2; i++)
		for (int frame = 0; frame <= i; frame++)
			tb_send(&cf.tb, chat.room, chat.members[i], "Frame");
	tb_done(&cf.tb, chat.room);
	tb_at(&cf.tb, "src/connection.c", "leave", 52);
	pass_on(chat.members[0], chat.room, 1);
	cf_finish();
	finding = cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK);
	assert_int_equal(finding->instances, 2);
	assert_int_equal(finding->edges[0].line, 41);
	assert_int_equal(finding->edges[1].line, 52);
	assert_string_equal(finding->edges[1].from_name, "ann");
}

static void the_cured_chat_cannot(void **state)
{
	const struct trc_finding *finding;
	struct chat chat;

	open_chat(&chat);
	say(&chat, 0, TRC_F_TRY);
	say(&chat, 1, TRC_F_TRY);
	say(&chat, 2, TRC_F_TRY);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	finding = cf_first_of(TRC_CODE_REFUTED);
	assert_string_equal(finding->reason,
			    "room never waits for connection: act_try_send() at room.c:41");
	assert_int_equal(finding->instances, 3);
	assert_false(finding->lowered);
}

static void a_deadline_refutes_too(void **state)
{
	struct chat chat;

	open_chat(&chat);
	for (int i = 0; i < 3; i++)
		say(&chat, i, TRC_F_DEADLINE);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_string_equal(cf_first_of(TRC_CODE_REFUTED)->reason,
			    "room does not wait for connection for ever: its sends have a deadline "
			    "at room.c:41");
}

/* The room waits for ann, who waits for the room; bob waits behind them. */
static void hang(const struct chat *chat)
{
	tb_fill(&cf.tb, 0, chat->room, 101);
	tb_fill(&cf.tb, 0, chat->members[0], 101);
	tb_receive_next(&cf.tb, chat->room);
	tb_at(&cf.tb, "src/room.c", "broadcast", 41);
	tb_wait_space(&cf.tb, chat->room, chat->members[0]);
	tb_receive_next(&cf.tb, chat->members[0]);
	tb_fill(&cf.tb, 0, chat->room, 1);
	tb_fill(&cf.tb, 0, chat->members[0], 1);
	tb_at(&cf.tb, "src/connection.c", "leave", 52);
	tb_wait_space(&cf.tb, chat->members[0], chat->room);
}

static void assert_hung(const struct chat *chat, uint64_t closed)
{
	const struct trc_finding *finding = cf_first_of(TRC_CODE_DEADLOCK);

	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
	assert_int_equal(finding->actor_count, 2);
	assert_int_equal(finding->actors[0], chat->room);
	assert_int_equal(finding->actors[1], chat->members[0]);
	assert_int_equal(finding->time, closed);
	assert_int_equal(finding->edges[0].line, 41);
	assert_int_equal(finding->edges[1].line, 52);
	assert_int_equal(finding->victim_count, 1);
	assert_int_equal(finding->victims[0], chat->members[1]);
}

static void a_hung_chat_is_one_deadlock_and_nothing_else(void **state)
{
	struct chat chat;
	uint64_t closed;

	open_chat(&chat);
	for (int i = 0; i < 3; i++)
		say(&chat, i, 0);
	hang(&chat);
	closed = cf.tb.now;
	tb_receive(&cf.tb, chat.members[1], tb_send(&cf.tb, chat.socket, chat.members[1], "Text"));
	tb_wait_space(&cf.tb, chat.members[1], chat.room);
	cf_finish();
	assert_hung(&chat, closed);
}

static void stopping_the_program_does_not_undo_a_deadlock(void **state)
{
	struct chat chat;
	uint64_t closed;

	open_chat(&chat);
	hang(&chat);
	closed = cf.tb.now;
	tb_receive(&cf.tb, chat.members[1], tb_send(&cf.tb, chat.socket, chat.members[1], "Text"));
	tb_wait_space(&cf.tb, chat.members[1], chat.room);
	tb_wake(&cf.tb, chat.members[1], TRC_WAKE_CANCELLED);
	tb_done(&cf.tb, chat.members[1]);
	tb_wake(&cf.tb, chat.room, TRC_WAKE_CANCELLED);
	tb_done(&cf.tb, chat.room);
	tb_end(&cf.tb, chat.members[1], TRC_END_SHUTDOWN);
	tb_end(&cf.tb, chat.room, TRC_END_SHUTDOWN);
	cf_finish();
	assert_hung(&chat, closed);
}

/* --- rings that come and go ---------------------------------------------------------------------
 */

static void ping_pong_with_one_ball_cannot(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 10), b = tb_spawn(&cf.tb, 0, "b", "B", 10);

	tb_send(&cf.tb, 0, a, "Go");
	for (int i = 0; i < 50; i++) {
		pass_on(a, b, 1);
		pass_on(b, a, 1);
	}
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_non_null(strstr(cf_first_of(TRC_CODE_REFUTED)->reason, "under way at once can be"));
}

static void two_for_one_can(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 100), b = tb_spawn(&cf.tb, 0, "b", "B", 100);

	tb_send(&cf.tb, 0, a, "Go");
	pass_on(a, b, 2);
	pass_on(b, a, 2);
	pass_on(b, a, 2);
	pass_on(a, b, 2);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_int_equal(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->needed, 202);
}

static void a_ring_with_credits_cannot(void **state)
{
	uint64_t c = tb_spawn_starting(&cf.tb, 0, "c", "C", 2),
		 a = tb_spawn(&cf.tb, 0, "a", "A", 2), b = tb_spawn(&cf.tb, 0, "b", "B", 2);

	tb_send(&cf.tb, c, a, "Ball");
	tb_send(&cf.tb, c, a, "Ball");
	tb_done(&cf.tb, c);
	for (int i = 0; i < 20; i++) {
		pass_on(a, b, 1);
		pass_on(b, c, 1);
		pass_on(c, a, 1);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
	assert_int_equal(cf_count_of(TRC_CODE_REFUTED), 1);
	assert_int_equal(cf_first_of(TRC_CODE_REFUTED)->needed, 9);
	assert_int_equal(cf_first_of(TRC_CODE_REFUTED)->fitting, 1);
	assert_int_equal(cf_first_of(TRC_CODE_REFUTED)->proof_count, 1);
	assert_non_null(strstr(cf_first_of(TRC_CODE_REFUTED)->proofs[0].says,
			       "and then 2 messages lay in the mailbox of a"));
}

static void a_ring_that_timers_feed_can(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 10), b = tb_spawn(&cf.tb, 0, "b", "B", 10);

	for (int i = 0; i < 3; i++) {
		cf.tb.send_flags = TRC_F_TIMER;
		tb_send(&cf.tb, 0, a, "Tick");
		pass_on(a, b, 1);
		pass_on(b, a, 1);
		take(a);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
}

static void a_chain_has_no_ring(void **state)
{
	uint64_t nodes[4];

	for (int i = 0; i < 4; i++)
		nodes[i] = tb_spawn(&cf.tb, i ? nodes[i - 1] : 0, "node", "", 10);
	for (int n = 0; n < 5; n++) {
		tb_send(&cf.tb, 0, nodes[0], "Go");
		for (int i = 0; i < 3; i++)
			pass_on(nodes[i], nodes[i + 1], 3);
	}
	cf_finish();
	assert_int_equal(cf.findings.count, 0);
}

static void a_parent_that_feeds_its_children_has_no_ring(void **state)
{
	uint64_t parent = tb_spawn_starting(&cf.tb, 0, "parent", "", 10), child;

	for (int i = 0; i < 5; i++) {
		child = tb_spawn(&cf.tb, parent, "child", "", 10);
		tb_send(&cf.tb, parent, child, "Work");
		take(child);
	}
	cf_finish();
	assert_int_equal(cf.findings.count, 0);
}

static void questions_that_may_cross_are_a_likely_deadlock(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 100), b = tb_spawn(&cf.tb, 0, "b", "B", 100),
		 ask;

	/* Each asks the other, at different times and never at once. */
	for (int i = 0; i < 3; i++) {
		tb_receive(&cf.tb, a, tb_ask(&cf.tb, 0, a, "Go"));
		ask = tb_ask_and_wait(&cf.tb, a, b, "Ping");
		tb_receive(&cf.tb, b, ask);
		tb_reply(&cf.tb, b, tb_token(ask));
		tb_done(&cf.tb, b);
		tb_wake(&cf.tb, a, TRC_WAKE_MET);
		tb_done(&cf.tb, a);
		tb_receive(&cf.tb, b, tb_ask(&cf.tb, 0, b, "Go"));
		ask = tb_ask_and_wait(&cf.tb, b, a, "Ping");
		tb_receive(&cf.tb, a, ask);
		tb_reply(&cf.tb, a, tb_token(ask));
		tb_done(&cf.tb, a);
		tb_wake(&cf.tb, b, TRC_WAKE_MET);
		tb_done(&cf.tb, b);
	}
	cf_finish();
	/* Not because of their mailboxes, but because both may have begun before either is asked.
	 */
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
	assert_true(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->likely);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->edges[i].what,
				 TRC_WHAT_REPLY);
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 0);
}

static void a_server_that_answers_by_sending_to_sockets_has_no_ring(void **state)
{
	uint64_t socket = tb_spawn_source(&cf.tb, 0, "socket", "s", 10);
	uint64_t server = tb_spawn(&cf.tb, 0, "server", "S", 10);

	for (int i = 0; i < 5; i++) {
		tb_send(&cf.tb, socket, server, "Request");
		pass_on(server, socket, 2);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
	assert_int_equal(cf_count_of(TRC_CODE_REFUTED), 1);
	assert_non_null(
		strstr(cf_first_of(TRC_CODE_REFUTED)->reason, "socket never waits for server"));
	assert_string_equal(cf_first_of(TRC_CODE_REFUTED)->proofs[0].says,
			    "socket \"s\" last sent Request to server \"S\", and handled on");
}

static void sending_to_oneself_can(void **state)
{
	uint64_t socket = tb_spawn_source(&cf.tb, 0, "socket", "s", 10);
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 10);

	for (int i = 0; i < 3; i++) {
		tb_send(&cf.tb, socket, a, "Text");
		pass_on(a, a, 1);
		take(a);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
	assert_int_equal(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->needed, 11);
	assert_int_equal(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->core_edge_count, 1);
}

static void of_rings_that_share_an_arrow_the_shortest_is_told(void **state)
{
	uint64_t socket = tb_spawn_source(&cf.tb, 0, "socket", "s", 10);
	uint64_t a = tb_spawn(&cf.tb, 0, "a", "A", 10), b = tb_spawn(&cf.tb, 0, "b", "B", 10),
		 c = tb_spawn(&cf.tb, 0, "c", "C", 10);

	tb_send(&cf.tb, socket, a, "Text");
	pass_on(a, b, 1);
	pass_on(b, a, 1);
	take(a);
	tb_send(&cf.tb, socket, b, "Text");
	pass_on(b, c, 1);
	pass_on(c, a, 1);
	pass_on(a, b, 1);
	cf_finish();
	assert_int_equal(cf.findings.count, 1);
	assert_int_equal(cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK)->core_edge_count, 2);
}

/* Clients that write to each of many servers are more pairs than are kept; two servers that write
 * to each other, later, are a flow of their own. */
static void many_pairs_do_not_crowd_out_few(void **state)
{
	enum { CLIENTS = 401, SERVERS = 500, CAPACITY = 100 };
	uint64_t servers[SERVERS], client;
	const struct trc_finding *finding;

	for (int i = 0; i < SERVERS; i++)
		servers[i] = tb_spawn(&cf.tb, 0, "server", "s", CAPACITY);
	for (int i = 0; i < CLIENTS; i++) {
		client = tb_spawn(&cf.tb, 0, "client", "c", CAPACITY);
		for (int j = 0; j < SERVERS; j++) {
			tb_send(&cf.tb, client, servers[j], "Note");
			take(servers[j]);
		}
	}
	tb_send(&cf.tb, client, servers[0], "Note");
	pass_on(servers[0], servers[1], 1);
	pass_on(servers[1], servers[0], 1);
	take(servers[0]);
	cf_finish();
	finding = cf_first_of(TRC_CODE_POTENTIAL_DEADLOCK);
	assert_int_equal(finding->core_edge_count, 2);
	assert_string_equal(finding->edges[0].from_kind, "server");
	assert_int_equal(cf.findings.cut_count, 1);
	assert_string_equal(trc_limit_name(cf.findings.cuts[0].limit), "sends");
	assert_non_null(strstr(cf.findings.cuts[0].text, "only the first 200 000 different ones"));
}

/* Two rooms that send to each other a little, and a crowd that fills them, once more senders than
 * are kept: nobody may say that a room gets too few messages to be full. */
static void what_is_not_counted_refutes_nothing(void **state)
{
	enum { SENDERS = 200010, CAPACITY = 8 };
	uint64_t rooms[2];

	for (int i = 0; i < 2; i++)
		rooms[i] = tb_spawn(&cf.tb, 0, "room", "r", CAPACITY);
	for (int i = 0; i < SENDERS; i++) {
		uint64_t sender = tb_spawn(&cf.tb, 0, "user", "u", 1);
		uint64_t room = rooms[i < 200000 ? 0 : i % 2];

		tb_send(&cf.tb, sender, room, "Say");
		if (i < 200000)
			take(rooms[0]);
		else
			pass_on(room, rooms[(i + 1) % 2], 1), take(rooms[(i + 1) % 2]);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_REFUTED), 0);
	assert_int_equal(cf_count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CF_TEST(a_friendly_chat_could_deadlock),
		CF_TEST(a_ring_of_sends_is_told_rather_than_one_of_questions),
		CF_TEST(the_cured_chat_cannot),
		CF_TEST(a_deadline_refutes_too),
		CF_TEST(a_hung_chat_is_one_deadlock_and_nothing_else),
		CF_TEST(stopping_the_program_does_not_undo_a_deadlock),
		CF_TEST(ping_pong_with_one_ball_cannot),
		CF_TEST(two_for_one_can),
		CF_TEST(a_ring_with_credits_cannot),
		CF_TEST(a_ring_that_timers_feed_can),
		CF_TEST(a_chain_has_no_ring),
		CF_TEST(a_parent_that_feeds_its_children_has_no_ring),
		CF_TEST(questions_that_may_cross_are_a_likely_deadlock),
		CF_TEST(a_server_that_answers_by_sending_to_sockets_has_no_ring),
		CF_TEST(sending_to_oneself_can),
		CF_TEST(of_rings_that_share_an_arrow_the_shortest_is_told),
		CF_TEST(many_pairs_do_not_crowd_out_few),
		CF_TEST(what_is_not_counted_refutes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
