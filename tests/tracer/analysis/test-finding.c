#include "tests/support/trace-builder.h"

#include "tracer/analysis/check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void codes_have_stable_names(void **state)
{
	static const char *const names[] = {"deadlock",       "orphan-wait", "potential-deadlock",
					    "deadline-cycle", "stall",       "handle-cycle",
					    "kind-cycle",     "refuted"};

	for (unsigned i = 0; i < TRC_CODE_COUNT; i++) {
		assert_string_equal(trc_code_name(i), names[i]);
		assert_int_equal(trc_code_from_name(names[i]), i);
	}
	assert_int_equal(trc_code_from_name("nonsense"), TRC_CODE_COUNT);
	assert_string_equal(trc_code_verdict(TRC_CODE_DEADLOCK), "certain");
	assert_string_equal(trc_code_verdict(TRC_CODE_POTENTIAL_DEADLOCK), "predicted");
	assert_string_equal(trc_code_verdict(TRC_CODE_DEADLINE_CYCLE), "hazard");
}

static struct trc_finding finding_of(const struct tb *tb)
{
	struct trc_check *check = trc_check_new(tb->model);
	struct trc_findings findings;
	struct trc_finding finding;

	trc_check_finish(check, true, &findings);
	assert_int_equal(findings.count, 1);
	trc_finding_copy(&findings.items[0], &finding);
	trc_findings_clear(&findings);
	trc_check_free(check);
	return finding;
}

/* Two actors fill each other's mailboxes of two; others may have lived before. */
static void build_ring(struct tb *tb, unsigned others, const char *name, const char *function,
		       uint32_t line)
{
	uint64_t room, connection, victim;

	tb_init(tb);
	while (others-- > 0)
		tb_spawn(tb, 0, "other", "", 10);
	connection = tb_spawn(tb, 0, "connection", name, 2);
	room = tb_spawn(tb, 0, "room", "lobby", 2);
	victim = tb_spawn(tb, 0, "reader", "", 2);
	tb_send(tb, 0, room, "Say");
	tb_send(tb, 0, connection, "HungUp");
	tb_send(tb, 0, victim, "Text");
	tb_receive_next(tb, room);
	tb_receive_next(tb, connection);
	tb_receive_next(tb, victim);
	tb_fill(tb, 0, room, 2);
	tb_fill(tb, 0, connection, 1);
	tb_at(tb, "../src/room.c", "broadcast", 41);
	tb_send(tb, room, connection, "Frame");
	tb_wait_space(tb, room, connection);
	tb_at(tb, "../src/connection.c", function, line);
	tb_wait_space(tb, connection, room);
	tb_at(tb, "../src/reader.c", "pass_on", 7);
	tb_wait_space(tb, victim, room);
}

static void assert_story(const struct tb *tb, const char *expected)
{
	struct trc_finding finding = finding_of(tb);
	char *text = trc_finding_text(&finding);
	char *fingerprint = strchr(text, '[');

	/* Its value is another test's business. */
	assert_non_null(fingerprint);
	memset(fingerprint + 1, '#', 16);
	assert_string_equal(text, expected);
	free(text);
	trc_finding_clear(&finding);
}

static void tells_a_deadlock(void **state)
{
	struct tb tb;

	build_ring(&tb, 0, "slow", "leave", 52);
	assert_story(
		&tb,
		"deadlock  certain  connection \"slow\" and room \"lobby\" wait for each other  "
		"[################]\n"
		"  since 31.000 us it could not be avoided any more\n"
		"  connection \"slow\"  waits for space in room \"lobby\"'s mailbox (2 of 2)       "
		"since 31.000 us  connection.c:52 in leave()\n"
		"                     while it handles HungUp{n:5}\n"
		"  room \"lobby\"       waits for space in connection \"slow\"'s mailbox (2 of 2)  "
		"since 29.000 us  room.c:41 in broadcast()\n"
		"                     to send Frame, while it handles Say{n:4}\n"
		"  first room \"lobby\" waited (29.000 us), and at 31.000 us connection \"slow\" "
		"closed the ring\n"
		"  also stuck because of it: 1 actor (reader-3)\n"
		"  cure: let one of them never wait: act_try_send(), and drop or remove a receiver "
		"that is too slow; or do not send back, waiting, to whoever sends to you. Larger "
		"mailboxes only make it rarer\n");
	tb_fini(&tb);
}

/* Though nothing was ever sent from that line, and with the fields of this very message. */
static void tells_what_a_sender_waits_to_send(void **state)
{
	struct trc_finding finding;
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "room", "lobby", 1);
	tb_send(&tb, 0, a, "Say");
	tb_at(&tb, "room.c", "start", 9);
	tb_sending(&tb, a, a, "Leave");
	tb_wait_space(&tb, a, a);
	finding = finding_of(&tb);
	assert_string_equal(finding.edges[0].sending, "Leave");
	assert_string_equal(finding.edges[0].sending_text, "Leave{n:3}");
	trc_finding_clear(&finding);
	assert_story(&tb, "deadlock  certain  room \"lobby\" waits for itself  "
			  "[################]\n"
			  "  since 9.000 us it could not be avoided any more\n"
			  "  room \"lobby\"  waits for space in room \"lobby\"'s mailbox (1 of 1)  "
			  "since 9.000 us  room.c:9 in start()\n"
			  "                to send Leave{n:3}, in its start handler\n"
			  "  cure: an actor must not wait for space in its own mailbox: use "
			  "act_try_send(), or handle it in place of sending\n");
	tb_fini(&tb);
}

static void tells_an_actor_that_asks_itself(void **state)
{
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "room", "lobby", 10);
	tb_at(&tb, "room.c", "start", 9);
	tb_ask_and_wait(&tb, a, a, "Ping");
	assert_story(&tb,
		     "deadlock  certain  room \"lobby\" waits for itself  [################]\n"
		     "  since 7.000 us it could not be avoided any more\n"
		     "  room \"lobby\"  waits for the reply of room \"lobby\"  since 7.000 us  "
		     "room.c:9 in start()\n"
		     "                asked Ping{n:2}, in its start handler\n"
		     "  cure: an actor that waits cannot answer itself: call the function in place "
		     "of asking\n");
	tb_fini(&tb);
}

/* One row for the wait, and one for each further way out of it. */
static void tells_all_ways_out_of_a_wait(void **state)
{
	struct tb tb;
	uint64_t a, b, asks[2];

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "a", "A", 10);
	b = tb_spawn_starting(&tb, 0, "b", "B", 10);
	tb_at(&tb, "a.c", "either", 9);
	asks[0] = tb_ask(&tb, a, a, "Ping");
	asks[1] = tb_ask(&tb, a, b, "Ping");
	tb_wait_many(&tb, a, true,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(asks[0]), a},
					   {TRC_WHAT_REPLY, tb_token(asks[1]), b}},
		     2);
	tb_at(&tb, "b.c", "back", 3);
	tb_ask_and_wait(&tb, b, a, "Ping");
	assert_story(&tb, "deadlock  certain  a \"A\" and b \"B\" wait for each other  "
			  "[################]\n"
			  "  since 14.000 us it could not be avoided any more\n"
			  "  a \"A\"  waits for the reply of a \"A\"     since 11.000 us  a.c:9 in "
			  "either()\n"
			  "         asked Ping{n:3}, in its start handler\n"
			  "         or waits for the reply of b \"B\"\n"
			  "  b \"B\"  waits for the reply of a \"A\"     since 14.000 us  b.c:3 in "
			  "back()\n"
			  "         asked Ping{n:5}, in its start handler\n"
			  "  first a \"A\" waited (11.000 us), and at 14.000 us b \"B\" closed the "
			  "ring\n"
			  "  cure: do not ask back whoever asks you: put what is needed into the "
			  "question, or send, keep the token (act_token_of) and answer later\n");
	tb_fini(&tb);
}

static void tells_an_orphan(void **state)
{
	struct tb tb;
	uint64_t a, b;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "client", "c", 10);
	b = tb_spawn(&tb, a, "server", "", 10);
	tb_receive(&tb, b, tb_ask_and_wait(&tb, a, b, "Job"));
	tb_done(&tb, b);
	assert_story(
		&tb,
		"orphan-wait  certain  client \"c\" waits for a reply that server-2 keeps, "
		"and nobody will wake it  [################]\n"
		"  since 12.000 us no one is left to end this wait\n"
		"  client \"c\"  waits for the reply of server-2  since 10.000 us\n"
		"              in its start handler\n"
		"  server-2 has had the token since 11.000 us and has not answered; it is idle, "
		"and only client \"c\", which is stuck itself, has a handle to it\n"
		"  cure: answer or drop every reply token on every path (an asker learns of a "
		"drop at once), or ask with act_ask_within()\n");
	tb_fini(&tb);
}

/* Whoever joins has a handle, and with that in hand an idle actor does not end. */
static void tells_a_join_that_cannot_end(void **state)
{
	struct tb tb;
	uint64_t boss, worker;

	tb_init(&tb);
	boss = tb_spawn_starting(&tb, 0, "boss", "b", 10);
	worker = tb_spawn(&tb, boss, "worker", "w", 10);
	tb_at(&tb, "boss.c", "begin", 9);
	tb_wait_end(&tb, boss, worker);
	assert_story(
		&tb,
		"orphan-wait  certain  boss \"b\" waits for the end of worker \"w\", which is "
		"idle and which nobody will wake  [################]\n"
		"  since 9.000 us no one is left to end this wait\n"
		"  boss \"b\"  waits for the end of worker \"w\"  since 9.000 us  boss.c:9 in "
		"begin()\n"
		"            in its start handler\n"
		"  worker \"w\" is idle, and only boss \"b\", which is stuck itself, has a handle "
		"to it\n"
		"  cure: an idle actor does not end while anybody has a handle to it, and who "
		"joins it has one: act_stop() it first, let it end itself (act_stop_self()), or "
		"drop the handle and be told by act_monitor()\n");
	tb_fini(&tb);
}

static void tells_an_actor_that_joins_itself(void **state)
{
	struct tb tb;
	uint64_t a;

	tb_init(&tb);
	a = tb_spawn_starting(&tb, 0, "room", "lobby", 10);
	tb_at(&tb, "room.c", "start", 9);
	tb_wait_end(&tb, a, a);
	assert_story(
		&tb,
		"deadlock  certain  room \"lobby\" waits for itself  [################]\n"
		"  since 5.000 us it could not be avoided any more\n"
		"  room \"lobby\"  waits for the end of room \"lobby\"  since 5.000 us  "
		"room.c:9 in start()\n"
		"                in its start handler\n"
		"  cure: an actor cannot end while it waits for that: call act_stop_self() and "
		"return\n");
	tb_fini(&tb);
}

/* The desk has handles to all its clerks, they to it, and nobody else to any of them. */
static void tells_what_many_handles_keep_alive_in_one_row(void **state)
{
	uint64_t desk, clerks[5];
	struct tb tb;

	tb_init(&tb);
	desk = tb_spawn(&tb, 0, "desk", "d", 10);
	for (int i = 0; i < 5; i++) {
		clerks[i] = tb_spawn(&tb, desk, "clerk", "", 10);
		tb_clone(&tb, clerks[i], desk);
	}
	tb_drop(&tb, 0, desk);
	assert_story(
		&tb,
		"handle-cycle  hazard  desk \"d\", clerk-2, clerk-3 and 3 more hold each other's "
		"handles and so do not end  [################]\n"
		"  since 24.000 us nobody else can wake them or let them go\n"
		"  desk \"d\"  is idle, and does not end while clerk-2, clerk-3, clerk-4 and 2 "
		"more "
		"have handles to it  since 4.000 us\n"
		"  clerk-2   is idle, and does not end while desk \"d\" has a handle to it"
		"                              since 8.000 us\n"
		"  clerk-3   is idle, and does not end while desk \"d\" has a handle to it"
		"                              since 12.000 us\n"
		"  clerk-4   is idle, and does not end while desk \"d\" has a handle to it"
		"                              since 16.000 us\n"
		"  clerk-5   is idle, and does not end while desk \"d\" has a handle to it"
		"                              since 20.000 us\n"
		"  clerk-6   is idle, and does not end while desk \"d\" has a handle to it"
		"                              since 24.000 us\n"
		"  cure: let one side hold no handle: act_register() and act_whereis() when it is "
		"needed, act_reply() in place of sending back; or end them when their work is "
		"done (act_stop(), act_stop_self(), act_link())\n");
	tb_fini(&tb);
}

static void fingerprint_of(const struct tb *tb, char *fingerprint)
{
	struct trc_finding finding = finding_of(tb);

	strcpy(fingerprint, finding.fingerprint);
	assert_int_equal(strspn(fingerprint, "0123456789abcdef"), 16);
	trc_finding_clear(&finding);
}

static void a_fingerprint_is_of_the_fault_not_of_the_run(void **state)
{
	char first[17], again[17], elsewhere[17];
	struct tb tb;

	build_ring(&tb, 0, "slow", "leave", 52);
	fingerprint_of(&tb, first);
	tb_fini(&tb);
	build_ring(&tb, 5, "ann", "leave", 67);
	fingerprint_of(&tb, again);
	tb_fini(&tb);
	build_ring(&tb, 0, "slow", "part", 52);
	fingerprint_of(&tb, elsewhere);
	tb_fini(&tb);
	assert_string_equal(first, again);
	assert_string_not_equal(first, elsewhere);
}

static void a_copy_is_deep(void **state)
{
	struct trc_finding finding, copy;
	struct tb tb;
	char *texts[2];

	build_ring(&tb, 0, "slow", "leave", 52);
	finding = finding_of(&tb);
	trc_finding_copy(&finding, &copy);
	texts[0] = trc_finding_text(&finding);
	trc_finding_clear(&finding);
	texts[1] = trc_finding_text(&copy);
	assert_string_equal(texts[0], texts[1]);
	free(texts[0]);
	free(texts[1]);
	trc_finding_clear(&copy);
	tb_fini(&tb);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_have_stable_names),
		cmocka_unit_test(tells_a_deadlock),
		cmocka_unit_test(tells_what_a_sender_waits_to_send),
		cmocka_unit_test(tells_an_actor_that_asks_itself),
		cmocka_unit_test(tells_all_ways_out_of_a_wait),
		cmocka_unit_test(tells_an_orphan),
		cmocka_unit_test(tells_a_join_that_cannot_end),
		cmocka_unit_test(tells_an_actor_that_joins_itself),
		cmocka_unit_test(tells_what_many_handles_keep_alive_in_one_row),
		cmocka_unit_test(a_fingerprint_is_of_the_fault_not_of_the_run),
		cmocka_unit_test(a_copy_is_deep),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
