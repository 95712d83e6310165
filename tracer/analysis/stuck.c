/*
 * stuck.c - who can never go on again
 *
 * Whoever waits and is not live (life.h) is stuck. "There is a cycle" would be neither needed (a
 * wait can end nowhere) nor enough (a wait for any of several can have another way out). An idle
 * actor that is not live *sleeps* for ever; that alone is no fault, unless somebody waits for it.
 *
 * What is left over is a graph of arrows from each to those it needs (cores.h). A core of it is a
 * deadlock; its sleepers are part of the ring (the forks of five hungry philosophers). But when all
 * rings of a core lead through one sleeper, that one is the cause: it keeps what it owes, and who
 * waits for it is an orphan. So is who waits for somebody gone, or for a sleeper
 * without a deadlock behind it. Everybody else is a victim of one of these: follow the arrows, and
 * they end in nothing else.
 */
#include "tracer/analysis/stuck.h"

#include "tracer/analysis/cores.h"
#include "tracer/analysis/orphans.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { SEVERAL = TRC__NOBODY - 1 };

/* --- the graph of the dead ----------------------------------------------------------------------
 */

static void count_holders(const struct trc__dead *dead, const struct trc_holding *holdings,
			  unsigned count, uint32_t *counts)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = trc__life_place(&dead->life, holdings[i].target);

		if (trc__is_dead(&dead->life, place) && !trc__is_waiting(&dead->life, place))
			counts[place]++;
	}
}

/* Arrows from sleepers to who holds handles to them: counted with `to` NULL, else put there. */
static void list_holders(const struct trc__dead *dead, uint32_t holder,
			 const struct trc_holding *holdings, unsigned count, uint32_t *next,
			 uint32_t *to)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = trc__life_place(&dead->life, holdings[i].target);

		if (trc__is_dead(&dead->life, place) && !trc__is_waiting(&dead->life, place))
			to[next[place]++] = holder;
	}
}

static uint32_t list_targets(const struct trc__dead *dead, uint32_t place, uint32_t *to)
{
	const struct trc_wait *wait = &dead->life.nodes[place].actor->wait;
	uint32_t count = 0;

	for (unsigned i = 0; i < wait->target_count; i++) {
		uint32_t party;

		if (trc__outside_meets(dead->life.model, &wait->targets[i]))
			continue;
		party = trc__life_place(
			&dead->life, trc_model_target_party(dead->life.model, &wait->targets[i]));
		if (!trc__is_dead(&dead->life, party))
			continue;
		if (to)
			to[count] = party;
		count++;
	}
	return count;
}

static void make_graph(struct trc__dead *dead)
{
	uint32_t count = (uint32_t)dead->life.count;
	uint32_t *first = trc_zalloc(count + 1ul, sizeof *first), *next, *to;

	for (uint32_t n = 0; n < count; n++) {
		const struct trc_actor *actor = dead->life.nodes[n].actor;

		if (!trc__is_dead(&dead->life, n))
			continue;
		if (trc__is_waiting(&dead->life, n))
			first[n + 1] += list_targets(dead, n, NULL);
		count_holders(dead, actor->holdings, actor->holding_count, first + 1);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			count_holders(dead, m->holdings, m->holding_count, first + 1);
	}
	for (uint32_t n = 0; n < count; n++)
		first[n + 1] += first[n];
	to = trc_alloc((first[count] + 1ul) * sizeof *to);
	next = trc_copy(first, count * sizeof *next);
	dead->any = trc_zalloc(count, sizeof *dead->any);
	for (uint32_t n = 0; n < count; n++) {
		const struct trc_actor *actor = dead->life.nodes[n].actor;

		if (!trc__is_dead(&dead->life, n))
			continue;
		dead->any[n] = !trc__is_waiting(&dead->life, n) || actor->wait.any;
		if (trc__is_waiting(&dead->life, n))
			list_targets(dead, n, to + first[n]);
		list_holders(dead, n, actor->holdings, actor->holding_count, next, to);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			list_holders(dead, n, m->holdings, m->holding_count, next, to);
	}
	free(next);
	dead->first = first;
	dead->to = to;
}

/* --- cores --------------------------------------------------------------------------------------
 */

/* Nodes by core, in order of spawn, by counting: ends[c] is where core c ends. */
static uint32_t *sort_by_core(const struct trc__dead *dead, uint32_t count, size_t *ends)
{
	uint32_t *members = trc_zalloc(dead->life.count, sizeof *members);

	for (uint32_t i = 0; i < dead->life.count; i++)
		if (dead->core[i] != TRC__NOBODY)
			ends[dead->core[i] + 1]++;
	for (uint32_t c = 0; c < count; c++)
		ends[c + 1] += ends[c];
	for (uint32_t i = 0; i < dead->life.count; i++)
		if (dead->core[i] != TRC__NOBODY)
			members[ends[dead->core[i]]++] = i;
	return members;
}

/* The one sleeper that members of each core wait for; SEVERAL; or TRC__NOBODY. */
static uint32_t *find_keepers(const struct trc__dead *dead, uint32_t count)
{
	uint32_t *keepers = trc_alloc((count + 1ul) * sizeof *keepers);

	memset(keepers, 0xff, (count + 1ul) * sizeof *keepers);
	for (uint32_t n = 0; n < dead->life.count; n++) {
		uint32_t core = dead->core[n];

		for (uint32_t k = dead->first[n]; core != TRC__NOBODY && k < dead->first[n + 1];
		     k++)
			if (trc__is_waiting(&dead->life, n) && dead->core[dead->to[k]] == core &&
			    !trc__is_waiting(&dead->life, dead->to[k]) &&
			    keepers[core] != dead->to[k])
				keepers[core] =
					keepers[core] == TRC__NOBODY ? dead->to[k] : SEVERAL;
	}
	return keepers;
}

/* Marks the cores in which there are rings that do not lead through that one sleeper. */
static void find_rings(const struct trc__dead *dead, uint32_t count, bool *rings)
{
	uint32_t *keepers = find_keepers(dead, count);
	uint32_t *first = trc_alloc((dead->life.count + 1) * sizeof *first), arrows = 0;
	uint32_t *to = trc_alloc((dead->first[dead->life.count] + 1ul) * sizeof *to);
	uint32_t *ring = trc_alloc((dead->life.count + 1) * sizeof *ring);

	for (uint32_t n = 0; n < dead->life.count; n++) {
		uint32_t core = dead->core[n];

		first[n] = arrows;
		for (uint32_t k = dead->first[n]; core != TRC__NOBODY && k < dead->first[n + 1];
		     k++)
			if (dead->core[dead->to[k]] == core && keepers[core] != dead->to[k])
				to[arrows++] = dead->to[k];
	}
	first[dead->life.count] = arrows;
	trc__components((uint32_t)dead->life.count, first, to, ring);
	for (uint32_t n = 0; n < dead->life.count; n++)
		if (ring[n] != TRC__NOBODY)
			rings[dead->core[n]] = true;
	free(keepers);
	free(first);
	free(to);
	free(ring);
}

/* Whether only one waits in the core, and not for itself. */
static bool is_alone(const struct trc__dead *dead, const uint32_t *members, size_t count)
{
	uint32_t waiting = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t n = members[i];

		if (!trc__is_waiting(&dead->life, n))
			continue;
		waiting++;
		for (uint32_t k = dead->first[n]; k < dead->first[n + 1]; k++)
			if (dead->to[k] == n)
				return false;
	}
	return waiting < 2;
}

/* Follows the arrows from the waiting member spawned first, so that a simple ring comes out in its
 * order. */
static void put_in_order(const struct trc__dead *dead, const uint32_t *members, size_t count,
			 struct trc_stuck_core *core)
{
	bool *taken = dead->taken;

	core->actors = trc_alloc(count * sizeof *core->actors);
	for (int sleepers = 0; sleepers < 2; sleepers++)
		for (size_t i = 0; i < count; i++) {
			uint32_t at = members[i];

			if (trc__is_waiting(&dead->life, at) == sleepers)
				continue;
			while (at != TRC__NOBODY && !taken[at]) {
				uint32_t next = TRC__NOBODY;

				taken[at] = true;
				core->actors[core->count++] = dead->life.nodes[at].actor->id;
				for (uint32_t k = dead->first[at];
				     k < dead->first[at + 1] && next == TRC__NOBODY; k++)
					if (dead->core[dead->to[k]] == dead->core[at] &&
					    !taken[dead->to[k]])
						next = dead->to[k];
				at = next;
			}
		}
}

static void find_cores(struct trc__dead *dead, struct trc_stuck *stuck)
{
	struct trc__needs needs = {(uint32_t)dead->life.count, dead->first, dead->to, dead->any};
	uint32_t count, *members;
	size_t *ends, first = 0;
	bool *rings;

	dead->core = trc_alloc((dead->life.count + 1) * sizeof *dead->core);
	dead->taken = trc_zalloc(dead->life.count, sizeof *dead->taken);
	count = trc__cores(&needs, dead->core);
	ends = trc_zalloc(count + 1ul, sizeof *ends);
	members = sort_by_core(dead, count, ends);
	rings = trc_zalloc(count, sizeof *rings);
	find_rings(dead, count, rings);
	stuck->cores = trc_zalloc(count, sizeof *stuck->cores);
	for (uint32_t c = 0; c < count; first = ends[c++]) {
		if (!rings[c] || is_alone(dead, members + first, ends[c] - first))
			continue;
		put_in_order(dead, members + first, ends[c] - first,
			     &stuck->cores[stuck->core_count++]);
	}
	free(members);
	free(ends);
	free(rings);
}

static int compare_arrows(const void *a, const void *b)
{
	const struct trc_stuck_arrow *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static void list_arrows(const struct trc__dead *dead, struct trc_stuck *stuck)
{
	stuck->arrows = trc_alloc((dead->first[dead->life.count] + 1ul) * sizeof *stuck->arrows);
	for (uint32_t n = 0; n < dead->life.count; n++)
		for (uint32_t k = dead->first[n]; k < dead->first[n + 1]; k++)
			stuck->arrows[stuck->arrow_count++] =
				(struct trc_stuck_arrow){dead->life.nodes[dead->to[k]].actor->id,
							 dead->life.nodes[n].actor->id};
	if (stuck->arrow_count)
		qsort(stuck->arrows, stuck->arrow_count, sizeof *stuck->arrows, compare_arrows);
}

void trc_stuck_find(const struct trc_model *model, struct trc_stuck *ret_stuck)
{
	struct trc__dead dead = {0};
	struct trc_stuck stuck = {0};

	trc__life_find(model, &dead.life);
	for (uint32_t i = 0; i < dead.life.count; i++)
		stuck.stuck_count += trc__is_dead(&dead.life, i) && trc__is_waiting(&dead.life, i);
	if (stuck.stuck_count) {
		unsigned count = 0;

		stuck.stuck = trc_zalloc(stuck.stuck_count, sizeof *stuck.stuck);
		stuck.orphans = trc_zalloc(stuck.stuck_count, sizeof *stuck.orphans);
		make_graph(&dead);
		find_cores(&dead, &stuck);
		for (uint32_t i = 0; i < dead.life.count; i++)
			if (trc__is_dead(&dead.life, i) && trc__is_waiting(&dead.life, i))
				stuck.stuck[count++] = dead.life.nodes[i].actor->id;
		trc__orphans(&dead, &stuck);
		list_arrows(&dead, &stuck);
	}
	trc__life_clear(&dead.life);
	free(dead.first);
	free(dead.to);
	free(dead.any);
	free(dead.core);
	free(dead.taken);
	free(dead.behind);
	*ret_stuck = stuck;
}

void trc_stuck_clear(struct trc_stuck *stuck)
{
	for (unsigned i = 0; i < stuck->core_count; i++)
		free(stuck->cores[i].actors);
	free(stuck->cores);
	free(stuck->stuck);
	free(stuck->orphans);
	free(stuck->arrows);
	*stuck = (struct trc_stuck){0};
}

bool trc_stuck_suspected(const struct trc_model *model, uint64_t actor)
{
	enum { CHASE_MAX = 64 };
	const struct trc_actor *at = trc_model_actor(model, actor);

	for (int i = 0; i < CHASE_MAX; i++) {
		uint64_t party;

		if (!at || at->state != TRC_WAITING || at->wait.deadline)
			return false;
		if (at->wait.target_count > 1)
			return true;
		if (trc__outside_meets(model, &at->wait.targets[0]))
			return false;
		party = trc_model_target_party(model, &at->wait.targets[0]);
		if (party == actor)
			return true;
		at = trc_model_actor(model, party);
	}
	return true;
}
