/*
 * What `check` says about whole runs: deadlocks and their traps side by side.
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

/* Receives the oldest message of `actor`, sends `count` messages to `to` while it handles it. */
static void pass_on(uint64_t actor, uint64_t to, unsigned count)
{
	tb_receive_next(&tb, actor);
	while (count-- > 0)
		tb_send(&tb, actor, to, "Ball");
	tb_done(&tb, actor);
}

static void take(uint64_t actor)
{
	tb_receive_next(&tb, actor);
	tb_done(&tb, actor);
}

/* --- the chat room ------------------------------------------------------------------------------
 */

struct chat {
	uint64_t socket, room, members[3];
};

static void open_chat(struct chat *chat)
{
	chat->socket = tb_spawn_source(&tb, 0, "socket", "s", 100);
	chat->room = tb_spawn(&tb, 0, "room", "lobby", 100);
	for (int i = 0; i < 3; i++)
		chat->members[i] = tb_spawn(&tb, 0, "connection",
					    (const char *[]){"ann", "bob", "carol"}[i], 100);
}

/* A text comes in for a member, goes to the room and from there to all members. */
static void say(const struct chat *chat, int member, unsigned room_flags)
{
	tb_send(&tb, chat->socket, chat->members[member], "Text");
	tb_at(&tb, "src/connection.c", "on_text", 44);
	pass_on(chat->members[member], chat->room, 1);
	tb_at(&tb, "src/room.c", "broadcast", 41);
	tb_receive_next(&tb, chat->room);
	for (int i = 0; i < 3; i++) {
		tb.send_flags = room_flags;
		tb_send(&tb, chat->room, chat->members[i], "Frame");
	}
	tb_done(&tb, chat->room);
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
	finish();
	assert_int_equal(findings.count, 1);
	finding = first_of(TRC_CODE_POTENTIAL_DEADLOCK);
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
	finish();
	assert_int_equal(findings.count, 1);
	assert_int_equal(findings.items[0].instances, 3);
}

/* Bob's mailbox was the fullest, but the program ended before he left: ann's lines say more. */
static void a_ring_of_sends_is_told_rather_than_one_of_questions(void **state)
{
	const struct trc_finding *finding;
	struct chat chat;

	open_chat(&chat);
	for (int i = 0; i < 2; i++) {
		tb_at(&tb, "src/connection.c", "join", 36);
		tb_ask(&tb, chat.members[i], chat.room, "Join");
		take(chat.room);
	}
	tb_send(&tb, chat.socket, chat.room, "Text");
	tb_at(&tb, "src/room.c", "broadcast", 41);
	tb_receive_next(&tb, chat.room);
	for (int i = 0; i < 2; i++)
		for (int frame = 0; frame <= i; frame++)
			tb_send(&tb, chat.room, chat.members[i], "Frame");
	tb_done(&tb, chat.room);
	tb_at(&tb, "src/connection.c", "leave", 52);
	pass_on(chat.members[0], chat.room, 1);
	finish();
	finding = first_of(TRC_CODE_POTENTIAL_DEADLOCK);
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
	finish();
	assert_int_equal(findings.count, 1);
	finding = first_of(TRC_CODE_REFUTED);
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
	finish();
	assert_int_equal(findings.count, 1);
	assert_string_equal(first_of(TRC_CODE_REFUTED)->reason,
			    "room does not wait for connection for ever: its sends have a deadline "
			    "at room.c:41");
}

/* The room waits for ann, who waits for the room; bob waits behind them. */
static void hang(const struct chat *chat)
{
	tb_fill(&tb, 0, chat->room, 101);
	tb_fill(&tb, 0, chat->members[0], 101);
	tb_receive_next(&tb, chat->room);
	tb_at(&tb, "src/room.c", "broadcast", 41);
	tb_wait_space(&tb, chat->room, chat->members[0]);
	tb_receive_next(&tb, chat->members[0]);
	tb_fill(&tb, 0, chat->room, 1);
	tb_fill(&tb, 0, chat->members[0], 1);
	tb_at(&tb, "src/connection.c", "leave", 52);
	tb_wait_space(&tb, chat->members[0], chat->room);
}

static void assert_hung(const struct chat *chat, uint64_t closed)
{
	const struct trc_finding *finding = first_of(TRC_CODE_DEADLOCK);

	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
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
	closed = tb.now;
	tb_receive(&tb, chat.members[1], tb_send(&tb, chat.socket, chat.members[1], "Text"));
	tb_wait_space(&tb, chat.members[1], chat.room);
	finish();
	assert_hung(&chat, closed);
}

static void stopping_the_program_does_not_undo_a_deadlock(void **state)
{
	struct chat chat;
	uint64_t closed;

	open_chat(&chat);
	hang(&chat);
	closed = tb.now;
	tb_receive(&tb, chat.members[1], tb_send(&tb, chat.socket, chat.members[1], "Text"));
	tb_wait_space(&tb, chat.members[1], chat.room);
	tb_wake(&tb, chat.members[1], TRC_WAKE_CANCELLED);
	tb_done(&tb, chat.members[1]);
	tb_wake(&tb, chat.room, TRC_WAKE_CANCELLED);
	tb_done(&tb, chat.room);
	tb_end(&tb, chat.members[1], TRC_END_SHUTDOWN);
	tb_end(&tb, chat.room, TRC_END_SHUTDOWN);
	finish();
	assert_hung(&chat, closed);
}

/* --- rings that come and go ---------------------------------------------------------------------
 */

static void ping_pong_with_one_ball_cannot(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, 0, "b", "B", 10);

	tb_send(&tb, 0, a, "Go");
	for (int i = 0; i < 50; i++) {
		pass_on(a, b, 1);
		pass_on(b, a, 1);
	}
	finish();
	assert_int_equal(findings.count, 1);
	assert_non_null(strstr(first_of(TRC_CODE_REFUTED)->reason, "under way at once can be"));
}

static void two_for_one_can(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 100), b = tb_spawn(&tb, 0, "b", "B", 100);

	tb_send(&tb, 0, a, "Go");
	pass_on(a, b, 2);
	pass_on(b, a, 2);
	pass_on(b, a, 2);
	pass_on(a, b, 2);
	finish();
	assert_int_equal(findings.count, 1);
	assert_int_equal(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->needed, 202);
}

static void a_ring_with_credits_cannot(void **state)
{
	uint64_t c = tb_spawn_starting(&tb, 0, "c", "C", 2), a = tb_spawn(&tb, 0, "a", "A", 2),
		 b = tb_spawn(&tb, 0, "b", "B", 2);

	tb_send(&tb, c, a, "Ball");
	tb_send(&tb, c, a, "Ball");
	tb_done(&tb, c);
	for (int i = 0; i < 20; i++) {
		pass_on(a, b, 1);
		pass_on(b, c, 1);
		pass_on(c, a, 1);
	}
	finish();
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
	assert_int_equal(count_of(TRC_CODE_REFUTED), 1);
	assert_int_equal(first_of(TRC_CODE_REFUTED)->needed, 9);
	assert_int_equal(first_of(TRC_CODE_REFUTED)->fitting, 1);
	assert_int_equal(first_of(TRC_CODE_REFUTED)->proof_count, 1);
	assert_non_null(strstr(first_of(TRC_CODE_REFUTED)->proofs[0].says,
			       "and then 2 messages lay in the mailbox of a"));
}

static void a_ring_that_timers_feed_can(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, 0, "b", "B", 10);

	for (int i = 0; i < 3; i++) {
		tb.send_flags = TRC_F_TIMER;
		tb_send(&tb, 0, a, "Tick");
		pass_on(a, b, 1);
		pass_on(b, a, 1);
		take(a);
	}
	finish();
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
}

static void a_chain_has_no_ring(void **state)
{
	uint64_t nodes[4];

	for (int i = 0; i < 4; i++)
		nodes[i] = tb_spawn(&tb, i ? nodes[i - 1] : 0, "node", "", 10);
	for (int n = 0; n < 5; n++) {
		tb_send(&tb, 0, nodes[0], "Go");
		for (int i = 0; i < 3; i++)
			pass_on(nodes[i], nodes[i + 1], 3);
	}
	finish();
	assert_int_equal(findings.count, 0);
}

static void a_parent_that_feeds_its_children_has_no_ring(void **state)
{
	uint64_t parent = tb_spawn_starting(&tb, 0, "parent", "", 10), child;

	for (int i = 0; i < 5; i++) {
		child = tb_spawn(&tb, parent, "child", "", 10);
		tb_send(&tb, parent, child, "Work");
		take(child);
	}
	finish();
	assert_int_equal(findings.count, 0);
}

static void questions_that_may_cross_are_a_likely_deadlock(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 100), b = tb_spawn(&tb, 0, "b", "B", 100), ask;

	/* Each asks the other, at different times and never at once. */
	for (int i = 0; i < 3; i++) {
		tb_receive(&tb, a, tb_ask(&tb, 0, a, "Go"));
		ask = tb_ask_and_wait(&tb, a, b, "Ping");
		tb_receive(&tb, b, ask);
		tb_reply(&tb, b, tb_token(ask));
		tb_done(&tb, b);
		tb_wake(&tb, a, TRC_WAKE_MET);
		tb_done(&tb, a);
		tb_receive(&tb, b, tb_ask(&tb, 0, b, "Go"));
		ask = tb_ask_and_wait(&tb, b, a, "Ping");
		tb_receive(&tb, a, ask);
		tb_reply(&tb, a, tb_token(ask));
		tb_done(&tb, a);
		tb_wake(&tb, b, TRC_WAKE_MET);
		tb_done(&tb, b);
	}
	finish();
	/* Not because of their mailboxes, but because both may have begun before either is asked.
	 */
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
	assert_true(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->likely);
	for (unsigned i = 0; i < 2; i++)
		assert_int_equal(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->edges[i].what,
				 TRC_WHAT_REPLY);
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 0);
}

static void a_server_that_answers_by_sending_to_sockets_has_no_ring(void **state)
{
	uint64_t socket = tb_spawn_source(&tb, 0, "socket", "s", 10);
	uint64_t server = tb_spawn(&tb, 0, "server", "S", 10);

	for (int i = 0; i < 5; i++) {
		tb_send(&tb, socket, server, "Request");
		pass_on(server, socket, 2);
	}
	finish();
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 0);
	assert_int_equal(count_of(TRC_CODE_REFUTED), 1);
	assert_non_null(
		strstr(first_of(TRC_CODE_REFUTED)->reason, "socket never waits for server"));
	assert_string_equal(first_of(TRC_CODE_REFUTED)->proofs[0].says,
			    "socket \"s\" last sent Request to server \"S\", and handled on");
}

static void sending_to_oneself_can(void **state)
{
	uint64_t socket = tb_spawn_source(&tb, 0, "socket", "s", 10);
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 10);

	for (int i = 0; i < 3; i++) {
		tb_send(&tb, socket, a, "Text");
		pass_on(a, a, 1);
		take(a);
	}
	finish();
	assert_int_equal(count_of(TRC_CODE_POTENTIAL_DEADLOCK), 1);
	assert_int_equal(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->needed, 11);
	assert_int_equal(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->core_edge_count, 1);
}

static void of_rings_that_share_an_arrow_the_shortest_is_told(void **state)
{
	uint64_t socket = tb_spawn_source(&tb, 0, "socket", "s", 10);
	uint64_t a = tb_spawn(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, 0, "b", "B", 10),
		 c = tb_spawn(&tb, 0, "c", "C", 10);

	tb_send(&tb, socket, a, "Text");
	pass_on(a, b, 1);
	pass_on(b, a, 1);
	take(a);
	tb_send(&tb, socket, b, "Text");
	pass_on(b, c, 1);
	pass_on(c, a, 1);
	pass_on(a, b, 1);
	finish();
	assert_int_equal(findings.count, 1);
	assert_int_equal(first_of(TRC_CODE_POTENTIAL_DEADLOCK)->core_edge_count, 2);
}

/* --- others -------------------------------------------------------------------------------------
 */

static void a_ring_that_a_deadline_broke_is_a_hazard(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	uint64_t b = tb_spawn_starting(&tb, 0, "b", "B", 10);

	for (int i = 0; i < 2; i++) {
		tb.deadline = tb.now + 5000000;
		tb_wait_reply(&tb, a, tb_token(tb_ask(&tb, a, b, "Ping")));
		tb_ask_and_wait(&tb, b, a, "Ping");
		tb_wake(&tb, a, TRC_WAKE_DEADLINE);
		tb_wake(&tb, b, TRC_WAKE_CANCELLED);
	}
	finish();
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 0);
	assert_int_equal(count_of(TRC_CODE_DEADLINE_CYCLE), 1);
	assert_int_equal(first_of(TRC_CODE_DEADLINE_CYCLE)->instances, 2);
}

static void a_kept_token_is_an_orphan_wait(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, a, "b", "B", 10);
	const struct trc_finding *finding;

	tb_receive(&tb, b, tb_ask_and_wait(&tb, a, b, "Ping"));
	tb_done(&tb, b);
	finish();
	finding = first_of(TRC_CODE_ORPHAN_WAIT);
	assert_int_equal(findings.count, 1);
	assert_string_equal(
		finding->title,
		"a \"A\" waits for a reply that b \"B\" keeps, and nobody will wake it");
	assert_int_equal(finding->edges[0].what, TRC_WHAT_REPLY);
	assert_int_equal(finding->time, tb.now);
}

static void who_keeps_a_token_is_told_with_the_place(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, a, "b", "B", 10);
	uint64_t ask = tb_ask_and_wait(&tb, a, b, "Ping");

	tb_receive(&tb, b, ask);
	tb_at(&tb, "src/b.c", "park", 17);
	tb_add(&tb,
	       (struct trc_event){.kind = TRC_TOKEN_KEEP, .actor = b, .id = ask, .site = tb.site});
	tb_done(&tb, b);
	finish();
	assert_non_null(
		strstr(first_of(TRC_CODE_ORPHAN_WAIT)->reason,
		       "b \"B\" kept the token of Ping to answer later (b.c:17 in park(), "));
	assert_non_null(strstr(first_of(TRC_CODE_ORPHAN_WAIT)->reason,
			       "; it is idle, and only a \"A\", which is stuck itself, has a "
			       "handle to it"));
}

/* Between its last message and its end it looks as if it would keep the token for ever; and another
 * deadlock begins just then, so that somebody looks. */
static void who_stops_itself_keeps_nobody_waiting(void **state)
{
	uint64_t keeper = tb_spawn(&tb, 0, "keeper", "K", 10), asker, other, ask;

	asker = tb_spawn_starting(&tb, 0, "asker", "A", 10);
	other = tb_spawn_starting(&tb, 0, "other", "O", 10);
	tb_clone(&tb, asker, keeper);
	tb_drop(&tb, 0, keeper);
	ask = tb_ask_and_wait(&tb, asker, keeper, "Ping");
	tb_receive(&tb, keeper, ask);
	tb_done(&tb, keeper);
	tb_ask_and_wait(&tb, other, other, "Ping");
	tb_drop_token(&tb, keeper, tb_token(ask));
	tb_end(&tb, keeper, TRC_END_STOPPED);
	tb_wake(&tb, asker, TRC_WAKE_MET);
	finish();
	assert_int_equal(count_of(TRC_CODE_ORPHAN_WAIT), 0);
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->victim_count, 0);
}

static void orphans_at_one_place_are_one_finding(void **state)
{
	uint64_t a = tb_spawn_starting(&tb, 0, "a", "A", 10), b = tb_spawn(&tb, a, "b", "B", 10), c;

	for (int i = 0; i < 3; i++) {
		c = tb_spawn_starting(&tb, 0, "c", "", 10);
		tb_at(&tb, "c.c", "ask", 3);
		tb_receive(&tb, b, tb_ask_and_wait(&tb, c, b, "Ping"));
		tb_done(&tb, b);
	}
	tb_receive(&tb, b, tb_ask_and_wait(&tb, a, b, "Ping"));
	tb_done(&tb, b);
	finish();
	assert_int_equal(count_of(TRC_CODE_ORPHAN_WAIT), 1);
	assert_int_equal(first_of(TRC_CODE_ORPHAN_WAIT)->actor_count, 4);
}

static void waiting_for_the_next_job_when_the_program_stops_is_none(void **state)
{
	uint64_t queue = tb_spawn(&tb, 0, "queue", "queue", 10);
	uint64_t worker = tb_spawn_starting(&tb, 0, "worker", "worker", 10), ask;

	tb_clone(&tb, worker, queue);
	ask = tb_ask_and_wait(&tb, worker, queue, "Next");
	tb_receive(&tb, queue, ask);
	tb_done(&tb, queue);
	tb.now += 1000000000;
	tb_drop(&tb, 0, queue);
	tb_wake(&tb, worker, TRC_WAKE_CANCELLED);
	tb_done(&tb, worker);
	tb_drop_token(&tb, queue, tb_token(ask));
	tb_end(&tb, queue, TRC_END_SHUTDOWN);
	finish();
	assert_int_equal(findings.count, 0);
}

/* --- handles --------------------------------------------------------------------------------- */

/* Each has a handle to the other, and the main program to neither. */
static void make_pair(uint64_t *a, uint64_t *b)
{
	*a = tb_spawn(&tb, 0, "tree", "", 10);
	*b = tb_spawn(&tb, 0, "leaf", "", 10);
	tb_clone(&tb, *a, *b);
	tb_clone(&tb, *b, *a);
	tb_drop(&tb, 0, *a);
	tb_drop(&tb, 0, *b);
}

static void idle_actors_that_hold_each_other_do_not_end(void **state)
{
	const struct trc_finding *finding;
	uint64_t a, b;

	for (int i = 0; i < 3; i++)
		make_pair(&a, &b);
	finish();
	assert_int_equal(findings.count, 1);
	finding = first_of(TRC_CODE_HANDLE_CYCLE);
	assert_int_equal(finding->instances, 3);
	assert_int_equal(finding->actor_count, 2);
	assert_int_equal(finding->core_edge_count, 2);
	assert_int_equal(finding->edges[0].what, TRC_WHAT_MESSAGE);
	assert_false(finding->lowered);
}

/* It is a chain: the first ends, then the next. */
static void a_chain_of_handles_ends(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "a", "", 10), b = tb_spawn(&tb, 0, "b", "", 10);

	tb_clone(&tb, a, b);
	tb_drop(&tb, 0, a);
	tb_drop(&tb, 0, b);
	finish();
	assert_int_equal(findings.count, 0);
}

static void who_can_still_be_woken_is_no_leak(void **state)
{
	uint64_t a, b;

	make_pair(&a, &b);
	tb_clone(&tb, 0, b);
	finish();
	assert_int_equal(findings.count, 1);
	assert_non_null(strstr(first_of(TRC_CODE_REFUTED)->reason, "the outside has a handle to"));
	tb_drop(&tb, 0, b);
	finish();
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 1);
	assert_int_equal(first_of(TRC_CODE_HANDLE_CYCLE)->time, trc_model_time(tb.model));
}

static void a_busy_holder_refutes_a_handle_cycle(void **state)
{
	uint64_t worker = tb_spawn_starting(&tb, 0, "worker", "w", 10), a, b;

	make_pair(&a, &b);
	tb_clone(&tb, worker, a);
	finish();
	assert_string_equal(first_of(TRC_CODE_REFUTED)->reason,
			    "worker \"w\" has a handle to tree-2, too, and may go on");
	tb_done(&tb, worker);
	finish();
	/* The main program has one to the worker. */
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 0);
	tb_drop(&tb, 0, worker);
	finish();
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 0);
	tb_drop(&tb, worker, a);
	finish();
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 1);
}

static void a_handle_cycle_behind_a_deadlock_is_left_to_it(void **state)
{
	uint64_t x = tb_spawn(&tb, 0, "x", "", 10), y = tb_spawn(&tb, 0, "y", "", 10), a, b;

	make_pair(&a, &b);
	tb_clone(&tb, x, a);
	tb_send(&tb, 0, x, "Go");
	tb_send(&tb, 0, y, "Go");
	tb_receive_next(&tb, x);
	tb_receive_next(&tb, y);
	tb_ask_and_wait(&tb, x, y, "Ask");
	tb_ask_and_wait(&tb, y, x, "Ask");
	finish();
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 0);
}

static void stop_after(uint64_t pause)
{
	uint64_t a, b;

	make_pair(&a, &b);
	tb.now += pause;
	tb_spawn(&tb, 0, "last", "", 10);
	tb_end(&tb, a, TRC_END_SHUTDOWN);
	tb_end(&tb, b, TRC_END_SHUTDOWN);
	finish();
}

static void a_handle_cycle_that_only_the_stop_ended_is_told(void **state)
{
	stop_after(1000000000);
	assert_int_equal(count_of(TRC_CODE_HANDLE_CYCLE), 1);
}

static void letting_go_and_stopping_is_no_handle_cycle(void **state)
{
	stop_after(1000);
	assert_int_equal(findings.count, 0);
}

static void an_empty_run_has_no_findings(void **state)
{
	finish();
	assert_int_equal(findings.count, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

/* A waits for B and itself; B joins the ring later. */
static void who_joins_a_deadlock_later_is_its_victim(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "A", "A", 100), b = tb_spawn(&tb, 0, "B", "B", 100);
	struct trc_target targets[2];

	tb_send(&tb, 0, a, "Go");
	tb_send(&tb, 0, b, "Go");
	tb_receive_next(&tb, a);
	tb_receive_next(&tb, b);
	for (unsigned i = 0; i < 2; i++)
		targets[i] = (struct trc_target){TRC_WHAT_REPLY,
						 tb_token(tb_ask(&tb, a, i ? a : b, "Ask")), 0};
	tb_wait_many(&tb, a, false, targets, 2);
	tb_ask_and_wait(&tb, b, a, "Ask");
	finish();
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->actor_count, 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->actors[0], a);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->victim_count, 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->victims[0], b);
}

/* A waits for B and C. The place in A's mailbox for which B waits was promised to D; D's message
 * takes it and closes the ring with B. Only then does C begin to wait for A. */
static void who_joins_after_the_send_that_closed_the_ring_is_its_victim(void **state)
{
	uint64_t a = tb_spawn(&tb, 0, "A", "A", 1), b = tb_spawn(&tb, 0, "B", "B", 100),
		 c = tb_spawn(&tb, 0, "C", "C", 100), d = tb_spawn(&tb, 0, "D", "D", 100);
	uint64_t all[] = {a, b, c, d}, ask_b, ask_c;

	for (unsigned i = 0; i < 4; i++)
		tb_receive(&tb, all[i], tb_send(&tb, 0, all[i], "Go"));
	tb_send(&tb, 0, a, "More");
	tb_wait_space(&tb, d, a);
	ask_b = tb_ask(&tb, a, b, "Ask");
	ask_c = tb_ask(&tb, a, c, "Ask");
	tb_done(&tb, a);
	tb_receive_next(&tb, a);
	tb_done(&tb, b);
	tb_receive(&tb, b, ask_b);
	tb_wait_many(&tb, a, false,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(ask_b), b},
					   {TRC_WHAT_REPLY, tb_token(ask_c), c}},
		     2);
	tb_wait_space(&tb, b, a); /* the place is free, but D's */
	tb_wake(&tb, d, TRC_WAKE_MET);
	tb_send(&tb, d, a, "Note");
	tb_done(&tb, c);
	tb_receive(&tb, c, ask_c);
	tb_wait_space(&tb, c, a);
	finish();
	assert_int_equal(count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->actor_count, 2);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->actors[0], a);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->actors[1], b);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->victim_count, 1);
	assert_int_equal(first_of(TRC_CODE_DEADLOCK)->victims[0], c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(who_joins_a_deadlock_later_is_its_victim, begin,
						end),
		T(who_joins_after_the_send_that_closed_the_ring_is_its_victim),
		T(a_friendly_chat_could_deadlock),
		T(a_ring_of_sends_is_told_rather_than_one_of_questions),
		T(the_cured_chat_cannot),
		T(a_deadline_refutes_too),
		T(a_hung_chat_is_one_deadlock_and_nothing_else),
		T(stopping_the_program_does_not_undo_a_deadlock),
		T(ping_pong_with_one_ball_cannot),
		T(two_for_one_can),
		T(a_ring_with_credits_cannot),
		T(a_ring_that_timers_feed_can),
		T(a_chain_has_no_ring),
		T(a_parent_that_feeds_its_children_has_no_ring),
		T(questions_that_may_cross_are_a_likely_deadlock),
		T(a_server_that_answers_by_sending_to_sockets_has_no_ring),
		T(sending_to_oneself_can),
		T(of_rings_that_share_an_arrow_the_shortest_is_told),
		T(a_ring_that_a_deadline_broke_is_a_hazard),
		T(a_kept_token_is_an_orphan_wait),
		T(who_keeps_a_token_is_told_with_the_place),
		T(who_stops_itself_keeps_nobody_waiting),
		T(orphans_at_one_place_are_one_finding),
		T(waiting_for_the_next_job_when_the_program_stops_is_none),
		T(idle_actors_that_hold_each_other_do_not_end),
		T(a_chain_of_handles_ends),
		T(who_can_still_be_woken_is_no_leak),
		T(a_busy_holder_refutes_a_handle_cycle),
		T(a_handle_cycle_behind_a_deadlock_is_left_to_it),
		T(a_handle_cycle_that_only_the_stop_ended_is_told),
		T(letting_go_and_stopping_is_no_handle_cycle),
		T(an_empty_run_has_no_findings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
