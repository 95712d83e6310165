/*
 * Who is stuck: small programs, each at the moment when nothing more can happen in them, or when
 * something still can.
 */
#include "tests/support/trace-builder.h"

#include "tracer/analysis/stuck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static struct tb tb;
static struct trc_stuck stuck;

static int begin(void **state)
{
	tb_init(&tb);
	return 0;
}

static int end(void **state)
{
	trc_stuck_clear(&stuck);
	tb_fini(&tb);
	return 0;
}

static void look(void)
{
	trc_stuck_clear(&stuck);
	trc_stuck_find(tb.model, &stuck);
}

static bool contains(const uint64_t *actors, unsigned count, uint64_t actor)
{
	for (unsigned i = 0; i < count; i++)
		if (actors[i] == actor)
			return true;
	return false;
}

static void assert_core(const uint64_t *actors, unsigned count)
{
	assert_int_equal(stuck.core_count, 1);
	assert_int_equal(stuck.cores[0].count, count);
	for (unsigned i = 0; i < count; i++)
		assert_int_equal(stuck.cores[0].actors[i], actors[i]);
}

/* An actor of its own kind, in the middle of a message from outside. */
static uint64_t busy(const char *name, uint64_t capacity)
{
	uint64_t actor = tb_spawn(&tb, 0, name, name, capacity);

	tb_receive(&tb, actor, tb_send(&tb, 0, actor, "Go"));
	return actor;
}

static void asks_itself(void **state)
{
	uint64_t a = busy("A", 100);

	tb_ask_and_wait(&tb, a, a, "Ping");
	assert_true(trc_stuck_suspected(tb.model, a));
	look();
	assert_core(&a, 1);
	assert_int_equal(stuck.stuck_count, 1);
	assert_int_equal(stuck.orphan_count, 0);
}

static void asks_back_on_the_same_chain(void **state)
{
	uint64_t x = busy("x", 100), a = tb_spawn(&tb, 0, "A", "A", 100),
		 b = tb_spawn(&tb, 0, "B", "B", 100), ask;

	tb_receive(&tb, a, tb_ask_and_wait(&tb, x, a, "Go"));
	ask = tb_ask_and_wait(&tb, a, b, "Go");
	assert_false(trc_stuck_suspected(tb.model, a));
	look();
	assert_int_equal(stuck.stuck_count, 0);
	tb_receive(&tb, b, ask);
	tb_ask_and_wait(&tb, b, a, "Ping");
	assert_true(trc_stuck_suspected(tb.model, b));
	look();
	assert_core((uint64_t[]){a, b}, 2);
	/* x is stuck, too, but not the fault. */
	assert_int_equal(stuck.stuck_count, 3);
	assert_true(contains(stuck.stuck, stuck.stuck_count, x));
}

static void a_reply_frees_before_its_asker_runs(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), ask;

	ask = tb_ask_and_wait(&tb, a, b, "Ping");
	tb_done(&tb, b);
	tb_receive(&tb, b, ask);
	tb_reply(&tb, b, tb_token(ask));
	/* A has not woken yet; that B waits for it now is no ring. */
	tb_ask_and_wait(&tb, b, a, "Ping");
	assert_false(trc_stuck_suspected(tb.model, b));
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static struct trc_target reply_of(uint64_t message, uint64_t actor)
{
	return (struct trc_target){TRC_WHAT_REPLY, tb_token(message), actor};
}

static void any_of_two_has_a_way_out(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), c = busy("C", 100), to_b, to_c;

	to_b = tb_ask(&tb, a, b, "Go");
	to_c = tb_ask(&tb, a, c, "Go");
	tb_done(&tb, b);
	tb_receive(&tb, b, to_b);
	tb_wait_many(&tb, a, true, (struct trc_target[]){reply_of(to_b, b), reply_of(to_c, c)}, 2);
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void all_of_two_has_none(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), c = busy("C", 100), to_b, to_c;

	to_b = tb_ask(&tb, a, b, "Go");
	to_c = tb_ask(&tb, a, c, "Go");
	tb_done(&tb, b);
	tb_receive(&tb, b, to_b);
	tb_wait_many(&tb, a, false, (struct trc_target[]){reply_of(to_b, b), reply_of(to_c, c)}, 2);
	assert_true(trc_stuck_suspected(tb.model, a));
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_core((uint64_t[]){a, b}, 2);
	assert_false(contains(stuck.stuck, stuck.stuck_count, c));
}

static void any_of_two_is_a_knot(void **state)
{
	uint64_t x = busy("x", 100), a = tb_spawn(&tb, 0, "A", "A", 100), b = busy("B", 100),
		 c = busy("C", 100), to_b, to_c;

	tb_receive(&tb, a, tb_ask_and_wait(&tb, x, a, "Go"));
	to_b = tb_ask(&tb, a, b, "Go");
	to_c = tb_ask(&tb, a, c, "Go");
	tb_done(&tb, b);
	tb_receive(&tb, b, to_b);
	tb_done(&tb, c);
	tb_receive(&tb, c, to_c);
	tb_wait_many(&tb, a, true, (struct trc_target[]){reply_of(to_b, b), reply_of(to_c, c)}, 2);
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 0);
	tb_ask_and_wait(&tb, c, a, "Ping");
	look();
	assert_int_equal(stuck.core_count, 1);
	assert_int_equal(stuck.cores[0].count, 3);
	assert_int_equal(stuck.stuck_count, 4);
	assert_false(contains(stuck.cores[0].actors, 3, x));
}

static void the_holder_is_gone(void **state)
{
	uint64_t x = busy("x", 100), b = tb_spawn(&tb, 0, "B", "B", 100), ask;

	ask = tb_ask_and_wait(&tb, x, b, "Go");
	tb_receive(&tb, b, ask);
	tb_done(&tb, b);
	look();
	assert_int_equal(stuck.stuck_count, 0); /* main may still wake B */
	tb_end(&tb, b, TRC_END_STOPPED);
	look();
	assert_int_equal(stuck.orphan_count, 1);
	assert_int_equal(stuck.orphans[0], x);
	assert_int_equal(stuck.core_count, 0);
}

static void a_dropped_token_is_an_answer(void **state)
{
	uint64_t x = busy("x", 100), b = tb_spawn(&tb, 0, "B", "B", 100), ask;

	ask = tb_ask_and_wait(&tb, x, b, "Go");
	tb_receive(&tb, b, ask);
	tb_drop_token(&tb, b, tb_token(ask));
	tb_end(&tb, b, TRC_END_STOPPED);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void whoever_has_the_token_is_waited_for(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, 0, "B", "B", 100), c = busy("C", 100), ask,
		 carrier;

	ask = tb_ask_and_wait(&tb, a, b, "Go");
	tb_receive(&tb, b, ask);
	carrier = tb_next_message(&tb);
	tb_move_token(&tb, b, tb_token(ask), carrier);
	tb_send(&tb, b, c, "Forward");
	tb_done(&tb, b);
	tb_done(&tb, c);
	tb_receive(&tb, c, carrier);
	tb_ask_and_wait(&tb, c, a, "Ping");
	look();
	assert_core((uint64_t[]){a, c}, 2);
	assert_int_equal(stuck.stuck_count, 2);
}

static void a_token_in_a_mailbox_is_its_owners(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, 0, "B", "B", 100), c = busy("C", 100), ask;

	ask = tb_ask_and_wait(&tb, a, b, "Go");
	tb_receive(&tb, b, ask);
	/* C waits for A already, and will never receive the token. */
	tb_ask_and_wait(&tb, c, a, "Ping");
	tb_move_token(&tb, b, tb_token(ask), tb_next_message(&tb));
	tb_send(&tb, b, c, "Forward");
	look();
	assert_core((uint64_t[]){a, c}, 2);
}

/* B parks A's question until "flush", which only A could send. */
static uint64_t park(uint64_t a, uint64_t b)
{
	uint64_t ask = tb_ask_and_wait(&tb, a, b, "Go");

	tb_receive(&tb, b, ask);
	tb_done(&tb, b);
	return ask;
}

static void nobody_will_wake_the_holder(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100);

	park(a, b);
	look();
	assert_int_equal(stuck.orphan_count, 1);
	assert_int_equal(stuck.orphans[0], a);
	/* Once somebody else has a handle to B, B may be woken. */
	tb_clone(&tb, 0, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void an_idle_holder_is_alive_by_a_set_timer(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100), ask;

	ask = tb_ask_and_wait(&tb, a, b, "Go");
	tb_receive(&tb, b, ask);
	tb_clone(&tb, 0, b);
	tb_done(&tb, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void an_idle_holder_is_alive_by_a_socket(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn_source(&tb, a, "socket", "s", 100);

	park(a, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void an_idle_holder_is_alive_by_a_handle_in_a_mailbox(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100),
		 c = tb_spawn(&tb, 0, "C", "C", 100);

	tb_clone(&tb, a, b);
	tb_move(&tb, a, b, tb_next_message(&tb));
	tb_send(&tb, a, c, "Take");
	park(a, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
	tb_receive_next(&tb, c);
	tb_drop(&tb, c, b);
	tb_done(&tb, c);
	look();
	assert_int_equal(stuck.orphan_count, 1);
}

/* Something that filters have left out may be in its mailbox. */
static void an_idle_holder_is_alive_by_what_was_left_out(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100);

	tb_unseen(&tb, a, b, true);
	park(a, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

/* A waits for space with B, of whose mailbox not all is known, and B for A. */
static uint64_t unseen_ring(bool grants, uint64_t *ret_b)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, 0, "B", "B", 2);

	tb_unseen(&tb, a, b, grants);
	tb_wait_space(&tb, a, b);
	tb_receive_unseen(&tb, b);
	*ret_b = b;
	return a;
}

static void who_waits_for_space_that_nobody_counts_is_stuck_until_it_is_given(void **state)
{
	uint64_t b, a = unseen_ring(true, &b);

	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_core((uint64_t[]){a, b}, 2);
	assert_int_equal(trc_model_anomalies(tb.model), 0);
}

static void a_place_that_was_given_is_a_way_out(void **state)
{
	uint64_t b, a = unseen_ring(true, &b);

	tb_grant(&tb, b, a, b);
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

/* Who gets the place may run behind with saying that they waited for it. */
static void a_place_may_be_given_before_the_wait_is_seen(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, 0, "B", "B", 2);

	tb_unseen(&tb, a, b, true);
	tb_receive_unseen(&tb, b);
	tb_grant(&tb, b, a, b);
	tb_ask_and_wait(&tb, b, a, "Ping");
	tb_wait_space(&tb, a, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
	tb_wake(&tb, a, TRC_WAKE_MET);
	tb_wait_space(&tb, a, b);
	look();
	assert_core((uint64_t[]){a, b}, 2);
}

static void where_places_are_not_told_nobody_is_stuck_for_one(void **state)
{
	uint64_t b, a = unseen_ring(false, &b);

	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void an_idle_holder_is_not_alive_by_a_stuck_one(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100), c = busy("C", 100);

	/* C has B's handle, but waits for A, which waits for B. */
	tb_clone(&tb, c, b);
	park(a, b);
	tb_ask_and_wait(&tb, c, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 2);
	assert_int_equal(stuck.orphan_count, 1);
	assert_int_equal(stuck.orphans[0], a);
}

/* Two hungry philosophers, two forks that are idle and keep a token each. */
static void idle_actors_can_be_part_of_a_ring(void **state)
{
	uint64_t p = busy("P", 100), q = busy("Q", 100), f = tb_spawn(&tb, p, "F", "F", 100),
		 g = tb_spawn(&tb, q, "G", "G", 100), guest = busy("guest", 100);

	tb_clone(&tb, q, f);
	tb_clone(&tb, p, g);
	park(p, g);
	look();
	assert_int_equal(stuck.stuck_count, 0);
	park(q, f);
	look();
	assert_int_equal(stuck.stuck_count, 2);
	assert_int_equal(stuck.orphan_count, 0);
	assert_int_equal(stuck.core_count, 1);
	assert_int_equal(stuck.cores[0].count, 4);
	assert_int_equal(stuck.cores[0].actors[0], p);
	assert_int_equal(stuck.cores[0].actors[1], g);
	/* Whoever else waits for a fork is a victim. */
	tb_clone(&tb, guest, f);
	park(guest, f);
	look();
	assert_int_equal(stuck.core_count, 1);
	assert_int_equal(stuck.orphan_count, 0);
	assert_int_equal(stuck.stuck_count, 3);
}

/* B is kept asleep by D, which nobody can wake, and by who waits for B. */
static void orphans_are_found_behind_idle_actors_that_hold_each_other(void **state)
{
	uint64_t c = busy("C", 100), b = tb_spawn(&tb, c, "B", "B", 100),
		 d = tb_spawn(&tb, 0, "D", "D", 100);

	tb_clone(&tb, d, d);
	tb_clone(&tb, d, b);
	tb_drop(&tb, 0, d);
	tb_wait_end(&tb, c, b);
	look();
	assert_int_equal(stuck.stuck_count, 1);
	assert_int_equal(stuck.core_count, 0);
	assert_int_equal(stuck.orphan_count, 1);
	assert_int_equal(stuck.orphans[0], c);
}

static void large_rings_and_crowds_are_no_trouble(void **state)
{
	enum { RING = 10000, CROWD = 100000 };
	uint64_t *ring = malloc(RING * sizeof *ring);

	for (int i = 0; i < RING; i++)
		ring[i] = busy("ring", 100);
	for (int i = 0; i < RING; i++)
		tb_ask_and_wait(&tb, ring[i], ring[(i + 1) % RING], "Ask");
	for (int i = 0; i < CROWD; i++)
		tb_wait_end(&tb, busy("crowd", 1), ring[i % RING]);
	look();
	assert_int_equal(stuck.core_count, 1);
	assert_int_equal(stuck.cores[0].count, RING);
	for (int i = 0; i < RING; i++)
		assert_int_equal(stuck.cores[0].actors[i], ring[i]);
	assert_int_equal(stuck.stuck_count, RING + CROWD);
	assert_int_equal(stuck.orphan_count, 0);
	free(ring);
}

static void an_idle_actor_without_handles_is_about_to_end(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100), ask;

	ask = tb_ask_and_wait(&tb, a, b, "Go");
	tb_receive(&tb, b, ask);
	tb_drop(&tb, a, b);
	tb_done(&tb, b);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void joining_who_will_never_end(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100);

	tb_wait_end(&tb, a, b);
	look();
	assert_int_equal(stuck.orphan_count, 1);
	assert_int_equal(stuck.orphans[0], a);
}

static void joining_each_other(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100);

	tb_wait_end(&tb, a, b);
	tb_wait_end(&tb, b, a);
	look();
	assert_core((uint64_t[]){a, b}, 2);
}

static void full_mailboxes_in_a_ring(void **state)
{
	uint64_t a = busy("A", 2), b = busy("B", 3), c = busy("C", 1), v = busy("victim", 1);

	tb_fill(&tb, 0, a, 2);
	tb_fill(&tb, 0, b, 3);
	tb_wait_space(&tb, a, b);
	tb_wait_space(&tb, b, c);
	look();
	assert_int_equal(stuck.stuck_count, 0); /* C has space */
	tb_fill(&tb, 0, c, 1);
	tb_wait_space(&tb, c, a);
	tb_wait_space(&tb, v, b);
	assert_true(trc_stuck_suspected(tb.model, c));
	look();
	assert_core((uint64_t[]){a, b, c}, 3);
	assert_int_equal(stuck.stuck_count, 4);
}

static void space_in_the_mailbox_is_a_way_out(void **state)
{
	uint64_t a = busy("A", 2), b = busy("B", 3);

	tb_fill(&tb, 0, a, 1);
	tb_fill(&tb, 0, b, 3);
	tb_wait_space(&tb, a, b);
	tb_wait_space(&tb, b, a);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void ones_own_full_mailbox(void **state)
{
	uint64_t a = busy("A", 1);

	tb_fill(&tb, 0, a, 1);
	tb_wait_space(&tb, a, a);
	look();
	assert_core(&a, 1);
}

static void mixed_ring_of_reply_and_space(void **state)
{
	uint64_t a = busy("A", 1), b = tb_spawn(&tb, 0, "B", "B", 100), ask;

	tb_fill(&tb, 0, a, 1);
	ask = tb_ask_and_wait(&tb, a, b, "Go");
	tb_receive(&tb, b, ask);
	tb_wait_space(&tb, b, a);
	look();
	assert_core((uint64_t[]){a, b}, 2);
}

static void a_deadline_in_the_ring_is_a_way_out(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100);

	tb_ask_and_wait(&tb, a, b, "Ping");
	tb.deadline = tb.now + 1000000;
	tb_ask_and_wait(&tb, b, a, "Ping");
	assert_false(trc_stuck_suspected(tb.model, b));
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void time_and_the_outside_are_ways_out(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), ask;

	ask = tb_ask(&tb, a, b, "Ping");
	tb_wait_many(&tb, a, true, (struct trc_target[]){reply_of(ask, b), {TRC_WHAT_TIMER, 0, 0}},
		     2);
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void all_of_a_timer_and_a_ring_is_stuck(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), ask;

	ask = tb_ask(&tb, a, b, "Ping");
	tb_wait_many(&tb, a, false, (struct trc_target[]){{TRC_WHAT_TIMER, 0, 0}, reply_of(ask, b)},
		     2);
	tb_ask_and_wait(&tb, b, a, "Ping");
	look();
	assert_core((uint64_t[]){a, b}, 2);
}

static void a_token_outside_may_still_be_answered(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100), ask;

	ask = tb_ask_and_wait(&tb, a, b, "Ping");
	tb_receive(&tb, b, ask);
	tb_move_token(&tb, b, tb_token(ask), 0);
	tb_done(&tb, b);
	assert_int_equal(trc_model_token(tb.model, tb_token(ask))->holder, 0);
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void two_rings_are_two_cores(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), c = busy("C", 100), d = busy("D", 100);

	tb_ask_and_wait(&tb, a, b, "Ping");
	tb_ask_and_wait(&tb, b, a, "Ping");
	tb_ask_and_wait(&tb, c, d, "Ping");
	tb_ask_and_wait(&tb, d, c, "Ping");
	look();
	assert_int_equal(stuck.core_count, 2);
	assert_int_equal(stuck.stuck_count, 4);
}

static void a_wait_for_any_of_a_ring_is_its_victim(void **state)
{
	uint64_t a = busy("A", 100), b = busy("B", 100), c = busy("C", 100), to_a, to_c;

	/* A and B wait for each other; C waits for any of A and itself: freed once A is. */
	tb_ask_and_wait(&tb, a, b, "Ping");
	tb_ask_and_wait(&tb, b, a, "Ping");
	to_a = tb_ask(&tb, c, a, "Ping");
	to_c = tb_ask(&tb, c, c, "Ping");
	tb_wait_many(&tb, c, true, (struct trc_target[]){reply_of(to_a, a), reply_of(to_c, c)}, 2);
	look();
	assert_core((uint64_t[]){a, b}, 2);
	assert_int_equal(stuck.stuck_count, 3);
	assert_int_equal(stuck.orphan_count, 0);
}

static void a_message_in_its_mailbox_makes_an_actor_live(void **state)
{
	uint64_t a = busy("A", 100), b = tb_spawn(&tb, a, "B", "B", 100);

	park(a, b);
	tb_send(&tb, 0, b, "Flush");
	look();
	assert_int_equal(stuck.stuck_count, 0);
}

static void ten_thousand_in_a_ring(void **state)
{
	enum { MANY = 10000 };
	static uint64_t actors[MANY];

	for (int i = 0; i < MANY; i++)
		actors[i] = tb_spawn_starting(&tb, 0, "node", "", 10);
	for (int i = 0; i < MANY; i++)
		tb_ask_and_wait(&tb, actors[i], actors[(i + 1) % MANY], "Ping");
	look();
	assert_core(actors, MANY);
}

#define T(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(asks_itself),
		T(asks_back_on_the_same_chain),
		T(a_reply_frees_before_its_asker_runs),
		T(any_of_two_has_a_way_out),
		T(all_of_two_has_none),
		T(any_of_two_is_a_knot),
		T(the_holder_is_gone),
		T(a_dropped_token_is_an_answer),
		T(whoever_has_the_token_is_waited_for),
		T(a_token_in_a_mailbox_is_its_owners),
		T(nobody_will_wake_the_holder),
		T(an_idle_holder_is_alive_by_a_set_timer),
		T(an_idle_holder_is_alive_by_a_socket),
		T(an_idle_holder_is_alive_by_a_handle_in_a_mailbox),
		T(an_idle_holder_is_alive_by_what_was_left_out),
		T(who_waits_for_space_that_nobody_counts_is_stuck_until_it_is_given),
		T(a_place_that_was_given_is_a_way_out),
		T(a_place_may_be_given_before_the_wait_is_seen),
		T(where_places_are_not_told_nobody_is_stuck_for_one),
		T(an_idle_holder_is_not_alive_by_a_stuck_one),
		T(idle_actors_can_be_part_of_a_ring),
		T(large_rings_and_crowds_are_no_trouble),
		T(orphans_are_found_behind_idle_actors_that_hold_each_other),
		T(an_idle_actor_without_handles_is_about_to_end),
		T(joining_who_will_never_end),
		T(joining_each_other),
		T(full_mailboxes_in_a_ring),
		T(space_in_the_mailbox_is_a_way_out),
		T(ones_own_full_mailbox),
		T(mixed_ring_of_reply_and_space),
		T(a_deadline_in_the_ring_is_a_way_out),
		T(time_and_the_outside_are_ways_out),
		T(all_of_a_timer_and_a_ring_is_stuck),
		T(a_token_outside_may_still_be_answered),
		T(two_rings_are_two_cores),
		T(a_wait_for_any_of_a_ring_is_its_victim),
		T(a_message_in_its_mailbox_makes_an_actor_live),
		T(ten_thousand_in_a_ring),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
