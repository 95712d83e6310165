/*
 * Random wait tables: who is stuck, against the plainest way of computing it.
 */
#include "tests/support/trace-builder.h"

#include "tracer/analysis/stuck.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

enum { ACTORS = 9, SEEDS = 3000 };

static struct tb tb;
static uint64_t actors[ACTORS];

/* --- a random moment of a random program --------------------------------------------------------
 */

static uint64_t any_actor(void)
{
	return actors[rand() % ACTORS];
}

static void spawn_all(void)
{
	for (int i = 0; i < ACTORS; i++) {
		uint64_t parent = i && rand() % 3 ? actors[rand() % i] : 0;

		actors[i] = rand() % 8 ? tb_spawn(&tb, parent, "actor", "", 2)
				       : tb_spawn_source(&tb, parent, "socket", "", 2);
	}
	for (int i = 0; i < ACTORS / 2; i++)
		tb_clone(&tb, rand() % 6 ? any_actor() : 0, any_actor());
}

/* A question of `from`; its token with whoever was asked, or somebody else. */
static struct trc_target ask(uint64_t from)
{
	uint64_t to = any_actor(), id = tb_ask(&tb, from, to, "Question");
	const struct trc_actor *receiver = trc_model_actor(tb.model, to);

	if (rand() % 2 && receiver->state == TRC_READY && receiver->depth == 1) {
		tb_receive(&tb, to, id);
		if (rand() % 4 == 0)
			tb_reply(&tb, to, tb_token(id));
		else if (rand() % 3 == 0) {
			tb_move_token(&tb, to, tb_token(id), tb_next_message(&tb));
			tb_send(&tb, to, any_actor(), "Forward");
		}
		tb_done(&tb, to);
	}
	return (struct trc_target){TRC_WHAT_REPLY, tb_token(id), to};
}

static void wait_somehow(uint64_t actor)
{
	struct trc_target targets[3];
	size_t count = 1 + (size_t)rand() % 3;

	for (size_t i = 0; i < count; i++) {
		switch (rand() % 8) {
		case 0:
			targets[i] = (struct trc_target){TRC_WHAT_END, any_actor(), 0};
			break;
		case 1:
		case 2:
			targets[i] = (struct trc_target){TRC_WHAT_SPACE, any_actor(), 0};
			break;
		case 3:
			targets[i] = (struct trc_target){
				rand() % 6 ? TRC_WHAT_REPLY : TRC_WHAT_TIMER, 0, 0};
			if (targets[i].what == TRC_WHAT_TIMER)
				break;
			/* fall through */
		default:
			targets[i] = ask(actor);
			break;
		}
	}
	if (rand() % 12 == 0)
		tb.deadline = tb.now + 1000000;
	tb_wait_many(&tb, actor, rand() % 2, targets, count);
}

static void build(unsigned seed)
{
	srand(seed);
	tb_init(&tb);
	spawn_all();
	for (int i = 0; i < ACTORS; i++) {
		const struct trc_actor *actor = trc_model_actor(tb.model, actors[i]);

		if (rand() % 6 == 0)
			continue;
		if (actor->depth == 0)
			tb_send(&tb, 0, actors[i], "Go");
		tb_receive_next(&tb, actors[i]);
	}
	for (int i = 0; i < ACTORS; i++)
		if (trc_model_actor(tb.model, actors[i])->state == TRC_RUNNING && rand() % 8)
			wait_somehow(actors[i]);
	for (int i = 0; i < 3; i++)
		if (trc_model_actor(tb.model, actors[i])->state == TRC_IDLE && rand() % 4 == 0)
			tb_end(&tb, actors[i], TRC_END_STOPPED);
}

/* --- the plainest way ---------------------------------------------------------------------------
 */

static bool live[ACTORS];

static bool is_live(uint64_t id)
{
	for (int i = 0; i < ACTORS; i++)
		if (actors[i] == id)
			return live[i];
	return id == 0;
}

static bool is_dead(uint64_t id)
{
	return id != 0 && !is_live(id) && trc_model_actor(tb.model, id)->state != TRC_ENDED;
}

static bool can_be_met(const struct trc_target *target)
{
	const struct trc_actor *party;

	if (trc_model_target_met(tb.model, target) || target->what == TRC_WHAT_TIMER)
		return true;
	party = trc_model_actor(tb.model, trc_model_target_party(tb.model, target));
	return !party || (party->state != TRC_ENDED && is_live(party->id));
}

static uint32_t handles(const struct trc_holding *holdings, unsigned count, uint64_t target)
{
	for (unsigned i = 0; i < count; i++)
		if (holdings[i].target == target)
			return holdings[i].count;
	return 0;
}

static bool somebody_live_knows(const struct trc_actor *actor)
{
	const struct trc_actor *outside = trc_model_outside(tb.model);

	if (handles(outside->holdings, outside->holding_count, actor->id))
		return true;
	for (int i = 0; i < ACTORS; i++) {
		const struct trc_actor *holder = trc_model_actor(tb.model, actors[i]);

		if (live[i] && handles(holder->holdings, holder->holding_count, actor->id))
			return true;
	}
	return false;
}

static bool becomes_live(const struct trc_actor *actor)
{
	const struct trc_wait *wait = &actor->wait;
	unsigned can = 0;

	switch (actor->state) {
	case TRC_ENDED:
		return false;
	case TRC_IDLE:
		return (actor->flags & TRC_F_SOURCE) || actor->handle_count == 0 ||
		       somebody_live_knows(actor);
	case TRC_WAITING:
		for (unsigned t = 0; t < wait->target_count; t++)
			can += can_be_met(&wait->targets[t]);
		return wait->deadline || (wait->any ? can > 0 : can == wait->target_count);
	default:
		return true;
	}
}

static void find_live(void)
{
	bool changed = true;

	for (int i = 0; i < ACTORS; i++)
		live[i] = false;
	while (changed) {
		changed = false;
		for (int i = 0; i < ACTORS; i++) {
			if (live[i] || !becomes_live(trc_model_actor(tb.model, actors[i])))
				continue;
			live[i] = changed = true;
		}
	}
}

static bool contains(const uint64_t *list, unsigned count, uint64_t actor)
{
	for (unsigned i = 0; i < count; i++)
		if (list[i] == actor)
			return true;
	return false;
}

static void finds_exactly_those_who_are_stuck(void **state)
{
	unsigned with_core = 0, with_orphan = 0, without = 0;

	for (unsigned seed = 1; seed <= SEEDS; seed++) {
		struct trc_stuck stuck;

		build(seed);
		find_live();
		trc_stuck_find(tb.model, &stuck);
		for (int i = 0; i < ACTORS; i++) {
			const struct trc_actor *actor = trc_model_actor(tb.model, actors[i]);
			bool expected = actor->state == TRC_WAITING && !live[i];

			assert_int_equal(contains(stuck.stuck, stuck.stuck_count, actors[i]),
					 expected);
		}
		/* Whoever is stuck is so because of a core or an orphan. */
		assert_true(stuck.stuck_count == 0 || stuck.core_count + stuck.orphan_count > 0);
		for (unsigned c = 0; c < stuck.core_count; c++)
			for (unsigned i = 0; i < stuck.cores[c].count; i++)
				assert_true(is_dead(stuck.cores[c].actors[i]));
		with_core += stuck.core_count > 0;
		with_orphan += stuck.orphan_count > 0;
		without += stuck.stuck_count == 0;
		trc_stuck_clear(&stuck);
		tb_fini(&tb);
	}
	/* The lots must have drawn something of each. */
	assert_true(with_core > SEEDS / 20);
	assert_true(with_orphan > SEEDS / 100);
	assert_true(without > SEEDS / 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_exactly_those_who_are_stuck),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
