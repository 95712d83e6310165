/*
 * What `check` says about whole runs.
 */
#include "tests/tracer/analysis/check-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void a_ring_that_a_deadline_broke_is_a_hazard(void **state)
{
	uint64_t a = tb_spawn_starting(&cf.tb, 0, "a", "A", 10);
	uint64_t b = tb_spawn_starting(&cf.tb, 0, "b", "B", 10);

	for (int i = 0; i < 2; i++) {
		cf.tb.deadline = cf.tb.now + 5000000;
		tb_wait_reply(&cf.tb, a, tb_token(tb_ask(&cf.tb, a, b, "Ping")));
		tb_ask_and_wait(&cf.tb, b, a, "Ping");
		tb_wake(&cf.tb, a, TRC_WAKE_DEADLINE);
		tb_wake(&cf.tb, b, TRC_WAKE_CANCELLED);
	}
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 0);
	assert_int_equal(cf_count_of(TRC_CODE_DEADLINE_CYCLE), 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLINE_CYCLE)->instances, 2);
}

static void a_kept_token_is_an_orphan_wait(void **state)
{
	uint64_t a = tb_spawn_starting(&cf.tb, 0, "a", "A", 10),
		 b = tb_spawn(&cf.tb, a, "b", "B", 10);
	const struct trc_finding *finding;

	tb_receive(&cf.tb, b, tb_ask_and_wait(&cf.tb, a, b, "Ping"));
	tb_done(&cf.tb, b);
	cf_finish();
	finding = cf_first_of(TRC_CODE_ORPHAN_WAIT);
	assert_int_equal(cf.findings.count, 1);
	assert_string_equal(
		finding->title,
		"a \"A\" waits for a reply that b \"B\" keeps, and nobody will wake it");
	assert_int_equal(finding->edges[0].what, TRC_WHAT_REPLY);
	assert_int_equal(finding->time, cf.tb.now);
}

static void who_keeps_a_token_is_told_with_the_place(void **state)
{
	uint64_t a = tb_spawn_starting(&cf.tb, 0, "a", "A", 10),
		 b = tb_spawn(&cf.tb, a, "b", "B", 10);
	uint64_t ask = tb_ask_and_wait(&cf.tb, a, b, "Ping");

	tb_receive(&cf.tb, b, ask);
	tb_at(&cf.tb, "src/b.c", "park", 17);
	tb_add(&cf.tb, (struct trc_event){
			       .kind = TRC_TOKEN_KEEP, .actor = b, .id = ask, .site = cf.tb.site});
	tb_done(&cf.tb, b);
	cf_finish();
	assert_non_null(
		strstr(cf_first_of(TRC_CODE_ORPHAN_WAIT)->reason,
		       "b \"B\" kept the token of Ping to answer later (b.c:17 in park(), "));
	assert_non_null(strstr(cf_first_of(TRC_CODE_ORPHAN_WAIT)->reason,
			       "; it is idle, and only a \"A\", which is stuck itself, has a "
			       "handle to it"));
}

/* Between its last message and its end it looks as if it would keep the token for ever; and another
 * deadlock begins just then, so that somebody looks. */
static void who_stops_itself_keeps_nobody_waiting(void **state)
{
	uint64_t keeper = tb_spawn(&cf.tb, 0, "keeper", "K", 10), asker, other, ask;

	asker = tb_spawn_starting(&cf.tb, 0, "asker", "A", 10);
	other = tb_spawn_starting(&cf.tb, 0, "other", "O", 10);
	tb_clone(&cf.tb, asker, keeper);
	tb_drop(&cf.tb, 0, keeper);
	ask = tb_ask_and_wait(&cf.tb, asker, keeper, "Ping");
	tb_receive(&cf.tb, keeper, ask);
	tb_done(&cf.tb, keeper);
	tb_ask_and_wait(&cf.tb, other, other, "Ping");
	tb_drop_token(&cf.tb, keeper, tb_token(ask));
	tb_end(&cf.tb, keeper, TRC_END_STOPPED);
	tb_wake(&cf.tb, asker, TRC_WAKE_MET);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_ORPHAN_WAIT), 0);
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->victim_count, 0);
}

static void orphans_at_one_place_are_one_finding(void **state)
{
	uint64_t a = tb_spawn_starting(&cf.tb, 0, "a", "A", 10),
		 b = tb_spawn(&cf.tb, a, "b", "B", 10), c;

	for (int i = 0; i < 3; i++) {
		c = tb_spawn_starting(&cf.tb, 0, "c", "", 10);
		tb_at(&cf.tb, "c.c", "ask", 3);
		tb_receive(&cf.tb, b, tb_ask_and_wait(&cf.tb, c, b, "Ping"));
		tb_done(&cf.tb, b);
	}
	tb_receive(&cf.tb, b, tb_ask_and_wait(&cf.tb, a, b, "Ping"));
	tb_done(&cf.tb, b);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_ORPHAN_WAIT), 1);
	assert_int_equal(cf_first_of(TRC_CODE_ORPHAN_WAIT)->actor_count, 4);
}

static void waiting_for_the_next_job_when_the_program_stops_is_none(void **state)
{
	uint64_t queue = tb_spawn(&cf.tb, 0, "queue", "queue", 10);
	uint64_t worker = tb_spawn_starting(&cf.tb, 0, "worker", "worker", 10), ask;

	tb_clone(&cf.tb, worker, queue);
	ask = tb_ask_and_wait(&cf.tb, worker, queue, "Next");
	tb_receive(&cf.tb, queue, ask);
	tb_done(&cf.tb, queue);
	cf.tb.now += 1000000000;
	tb_drop(&cf.tb, 0, queue);
	tb_wake(&cf.tb, worker, TRC_WAKE_CANCELLED);
	tb_done(&cf.tb, worker);
	tb_drop_token(&cf.tb, queue, tb_token(ask));
	tb_end(&cf.tb, queue, TRC_END_SHUTDOWN);
	cf_finish();
	assert_int_equal(cf.findings.count, 0);
}

static void an_empty_run_has_no_findings(void **state)
{
	cf_finish();
	assert_int_equal(cf.findings.count, 0);
}

/* A waits for B and itself; B joins the ring later. */
static void who_joins_a_deadlock_later_is_its_victim(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "A", "A", 100), b = tb_spawn(&cf.tb, 0, "B", "B", 100);
	struct trc_target targets[2];

	tb_send(&cf.tb, 0, a, "Go");
	tb_send(&cf.tb, 0, b, "Go");
	tb_receive_next(&cf.tb, a);
	tb_receive_next(&cf.tb, b);
	for (unsigned i = 0; i < 2; i++)
		targets[i] = (struct trc_target){TRC_WHAT_REPLY,
						 tb_token(tb_ask(&cf.tb, a, i ? a : b, "Ask")), 0};
	tb_wait_many(&cf.tb, a, false, targets, 2);
	tb_ask_and_wait(&cf.tb, b, a, "Ask");
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->actor_count, 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->actors[0], a);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->victim_count, 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->victims[0], b);
}

/* A waits for B and C. The place in A's mailbox for which B waits was promised to D; D's message
 * takes it and closes the ring with B. Only then does C begin to wait for A. */
static void who_joins_after_the_send_that_closed_the_ring_is_its_victim(void **state)
{
	uint64_t a = tb_spawn(&cf.tb, 0, "A", "A", 1), b = tb_spawn(&cf.tb, 0, "B", "B", 100),
		 c = tb_spawn(&cf.tb, 0, "C", "C", 100), d = tb_spawn(&cf.tb, 0, "D", "D", 100);
	uint64_t all[] = {a, b, c, d}, ask_b, ask_c;

	for (unsigned i = 0; i < 4; i++)
		tb_receive(&cf.tb, all[i], tb_send(&cf.tb, 0, all[i], "Go"));
	tb_send(&cf.tb, 0, a, "More");
	tb_wait_space(&cf.tb, d, a);
	ask_b = tb_ask(&cf.tb, a, b, "Ask");
	ask_c = tb_ask(&cf.tb, a, c, "Ask");
	tb_done(&cf.tb, a);
	tb_receive_next(&cf.tb, a);
	tb_done(&cf.tb, b);
	tb_receive(&cf.tb, b, ask_b);
	tb_wait_many(&cf.tb, a, false,
		     (struct trc_target[]){{TRC_WHAT_REPLY, tb_token(ask_b), b},
					   {TRC_WHAT_REPLY, tb_token(ask_c), c}},
		     2);
	tb_wait_space(&cf.tb, b, a); /* the place is free, but D's */
	tb_wake(&cf.tb, d, TRC_WAKE_MET);
	tb_send(&cf.tb, d, a, "Note");
	tb_done(&cf.tb, c);
	tb_receive(&cf.tb, c, ask_c);
	tb_wait_space(&cf.tb, c, a);
	cf_finish();
	assert_int_equal(cf_count_of(TRC_CODE_DEADLOCK), 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->actor_count, 2);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->actors[0], a);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->actors[1], b);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->victim_count, 1);
	assert_int_equal(cf_first_of(TRC_CODE_DEADLOCK)->victims[0], c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		CF_TEST(a_ring_that_a_deadline_broke_is_a_hazard),
		CF_TEST(a_kept_token_is_an_orphan_wait),
		CF_TEST(who_keeps_a_token_is_told_with_the_place),
		CF_TEST(who_stops_itself_keeps_nobody_waiting),
		CF_TEST(orphans_at_one_place_are_one_finding),
		CF_TEST(waiting_for_the_next_job_when_the_program_stops_is_none),
		CF_TEST(an_empty_run_has_no_findings),
		CF_TEST(who_joins_a_deadlock_later_is_its_victim),
		CF_TEST(who_joins_after_the_send_that_closed_the_ring_is_its_victim),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
