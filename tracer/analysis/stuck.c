/*
 * stuck.c - who can never go on again
 *
 * The wait table is a system of and/or formulas. An actor is *live* when it will or may still do
 * something: it runs, it has a message to handle, its wait has a deadline, is for time or for the
 * outside, or is for something that a live actor can still bring about. Liveness is the least set
 * closed under these rules; everybody else who waits is stuck, and stays so whatever the live ones
 * do. "There is a cycle" would be neither needed (a wait can end nowhere) nor enough (a wait for
 * any of several can have another way out).
 *
 * A target is brought about by one party: the present holder of the token (the owner of the mailbox
 * when the token lies in one), the owner of the full mailbox, the actor that is to end.
 *
 * An idle actor waits, too: for a message of anybody who has a handle to it. So it is live when
 * somebody can wake it: the outside (TRC_F_SOURCE), or somebody live with a handle. Handles in
 * queued messages count for the mailbox's owner; the outside's handles, and handles that we cannot
 * place, count as live. An idle actor without any handle is about to end, and that is something,
 * too. One that is not live *sleeps* for ever; that alone is no fault, unless somebody waits for
 * it.
 *
 * The computation: `need` of a node says how many of its parties have to come alive before it does
 * (1 for "any", and for idle actors). Live nodes go onto a stack; taking one off lowers the need of
 * all that depend on it. Each node and target is touched once.
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
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>
#include <string.h>

enum { NONE = TRC__NO_COMPONENT, SEVERAL = NONE - 1 };

struct node {
	const struct trc_actor *actor;
	bool live;
	uint32_t need;       /* parties that have to come alive; 0 for live nodes */
	uint32_t accounted;  /* idle actors: handles to it whose holder we know */
	uint32_t dependents; /* first link of those who wait for it, or NONE */
};

struct link {
	uint32_t dependent;
	uint32_t next;
};

struct search {
	const struct trc_model *model;
	struct node *nodes;
	size_t count;
	struct trc_table places; /* actor to 1 + place in nodes */
	struct link *links;
	size_t link_count, link_room;
	uint32_t *stack;
	size_t depth;
	uint32_t *first, *to; /* whom each of the dead needs, see cores.h */
	bool *any;
	uint32_t *core; /* number of its core, or NONE */
	bool *taken;    /* stands in a deadlock */
	bool *behind;   /* stands in one, or waits for who does; then: for an orphan */
};

static uint32_t place_of(const struct search *search, uint64_t actor)
{
	uintptr_t place = (uintptr_t)trc_table_find(&search->places, actor);

	return place ? (uint32_t)(place - 1) : NONE;
}

/* --- who is live --------------------------------------------------------------------------------
 */

static void come_alive(struct search *search, uint32_t place)
{
	if (search->nodes[place].live)
		return;
	search->nodes[place].live = true;
	search->stack[search->depth++] = place;
}

static void depend(struct search *search, uint32_t dependent, uint32_t party)
{
	search->links = trc_grow(search->links, &search->link_room, search->link_count + 1,
				 sizeof *search->links);
	search->links[search->link_count] =
		(struct link){dependent, search->nodes[party].dependents};
	search->nodes[party].dependents = (uint32_t)search->link_count++;
}

/* What the world outside of the actors brings about, or what has been. */
static bool outside_meets(const struct trc_model *model, const struct trc_target *target)
{
	if (target->what == TRC_WHAT_REPLY || target->what == TRC_WHAT_SPACE ||
	    target->what == TRC_WHAT_END)
		return trc_model_target_met(model, target) ||
		       trc_model_target_party(model, target) == 0;
	return true;
}

static void add_waiting(struct search *search, uint32_t place)
{
	struct node *node = &search->nodes[place];
	const struct trc_wait *wait = &node->actor->wait;
	uint32_t need = 0;

	if (wait->deadline) {
		come_alive(search, place);
		return;
	}
	for (unsigned i = 0; i < wait->target_count; i++) {
		uint32_t party;

		if (outside_meets(search->model, &wait->targets[i])) {
			if (!wait->any)
				continue;
			come_alive(search, place);
			return;
		}
		need++;
		party = place_of(search, trc_model_target_party(search->model, &wait->targets[i]));
		if (party != NONE)
			depend(search, place, party);
	}
	node->need = wait->any ? 1 : need;
	if (need == 0)
		come_alive(search, place);
}

static void account(struct search *search, const struct trc_holding *holdings, unsigned count,
		    uint32_t holder)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = place_of(search, holdings[i].target);

		if (place == NONE || search->nodes[place].actor->state != TRC_IDLE)
			continue;
		search->nodes[place].accounted += holdings[i].count;
		depend(search, place, holder);
	}
}

static void add_holders(struct search *search)
{
	for (uint32_t i = 0; i < search->count; i++) {
		const struct trc_actor *actor = search->nodes[i].actor;

		account(search, actor->holdings, actor->holding_count, i);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			account(search, m->holdings, m->holding_count, i);
	}
}

static void add_idle(struct search *search, uint32_t place)
{
	struct node *node = &search->nodes[place];
	const struct trc_actor *actor = node->actor;

	node->need = 1;
	/* Handles not accounted for are the outside's, or on their way into a message. */
	if ((actor->flags & TRC_F_SOURCE) || actor->handle_count == 0 ||
	    actor->handle_count > node->accounted)
		come_alive(search, place);
}

static void spread_life(struct search *search)
{
	while (search->depth > 0) {
		uint32_t place = search->stack[--search->depth];

		for (uint32_t i = search->nodes[place].dependents; i != NONE;
		     i = search->links[i].next) {
			struct node *dependent = &search->nodes[search->links[i].dependent];

			if (!dependent->live && --dependent->need == 0)
				come_alive(search, search->links[i].dependent);
		}
	}
}

static void find_live(struct search *search)
{
	size_t count = trc_model_actor_count(search->model);

	search->nodes = trc_zalloc(count, sizeof *search->nodes);
	search->stack = trc_zalloc(count, sizeof *search->stack);
	for (size_t i = 0; i < count && search->count < NONE; i++) {
		const struct trc_actor *actor = trc_model_actor_at(search->model, i);

		if (actor->state == TRC_ENDED)
			continue;
		search->nodes[search->count] = (struct node){.actor = actor, .dependents = NONE};
		search->count++;
		trc_table_put(&search->places, actor->id, (void *)(uintptr_t)search->count);
	}
	add_holders(search);
	for (uint32_t i = 0; i < search->count; i++) {
		switch (search->nodes[i].actor->state) {
		case TRC_WAITING:
			add_waiting(search, i);
			break;
		case TRC_IDLE:
			add_idle(search, i);
			break;
		default:
			come_alive(search, i);
			break;
		}
	}
	spread_life(search);
}

static bool is_dead(const struct search *search, uint32_t place)
{
	return place != NONE && !search->nodes[place].live;
}

static bool is_waiting(const struct search *search, uint32_t place)
{
	return search->nodes[place].actor->state == TRC_WAITING;
}

/* --- the graph of the dead ----------------------------------------------------------------------
 */

static void count_holders(const struct search *search, const struct trc_holding *holdings,
			  unsigned count, uint32_t *counts)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = place_of(search, holdings[i].target);

		if (is_dead(search, place) && !is_waiting(search, place))
			counts[place]++;
	}
}

/* Arrows from sleepers to who holds handles to them: counted with `to` NULL, else put there. */
static void list_holders(const struct search *search, uint32_t holder,
			 const struct trc_holding *holdings, unsigned count, uint32_t *next,
			 uint32_t *to)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = place_of(search, holdings[i].target);

		if (is_dead(search, place) && !is_waiting(search, place))
			to[next[place]++] = holder;
	}
}

static uint32_t list_targets(const struct search *search, uint32_t place, uint32_t *to)
{
	const struct trc_wait *wait = &search->nodes[place].actor->wait;
	uint32_t count = 0;

	for (unsigned i = 0; i < wait->target_count; i++) {
		uint32_t party;

		if (outside_meets(search->model, &wait->targets[i]))
			continue;
		party = place_of(search, trc_model_target_party(search->model, &wait->targets[i]));
		if (!is_dead(search, party))
			continue;
		if (to)
			to[count] = party;
		count++;
	}
	return count;
}

static void make_graph(struct search *search)
{
	uint32_t count = (uint32_t)search->count;
	uint32_t *first = trc_zalloc(count + 1ul, sizeof *first), *next, *to;

	for (uint32_t n = 0; n < count; n++) {
		const struct trc_actor *actor = search->nodes[n].actor;

		if (!is_dead(search, n))
			continue;
		if (is_waiting(search, n))
			first[n + 1] += list_targets(search, n, NULL);
		count_holders(search, actor->holdings, actor->holding_count, first + 1);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			count_holders(search, m->holdings, m->holding_count, first + 1);
	}
	for (uint32_t n = 0; n < count; n++)
		first[n + 1] += first[n];
	to = trc_alloc((first[count] + 1ul) * sizeof *to);
	next = trc_copy(first, count * sizeof *next);
	search->any = trc_zalloc(count, sizeof *search->any);
	for (uint32_t n = 0; n < count; n++) {
		const struct trc_actor *actor = search->nodes[n].actor;

		if (!is_dead(search, n))
			continue;
		search->any[n] = !is_waiting(search, n) || actor->wait.any;
		if (is_waiting(search, n))
			list_targets(search, n, to + first[n]);
		list_holders(search, n, actor->holdings, actor->holding_count, next, to);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			list_holders(search, n, m->holdings, m->holding_count, next, to);
	}
	free(next);
	search->first = first;
	search->to = to;
}

/* --- cores --------------------------------------------------------------------------------------
 */

/* Nodes by core, in order of spawn, by counting: ends[c] is where core c ends. */
static uint32_t *sort_by_core(const struct search *search, uint32_t count, size_t *ends)
{
	uint32_t *members = trc_zalloc(search->count, sizeof *members);

	for (uint32_t i = 0; i < search->count; i++)
		if (search->core[i] != NONE)
			ends[search->core[i] + 1]++;
	for (uint32_t c = 0; c < count; c++)
		ends[c + 1] += ends[c];
	for (uint32_t i = 0; i < search->count; i++)
		if (search->core[i] != NONE)
			members[ends[search->core[i]]++] = i;
	return members;
}

/* The one sleeper that members of each core wait for; SEVERAL; or NONE. */
static uint32_t *find_keepers(const struct search *search, uint32_t count)
{
	uint32_t *keepers = trc_alloc((count + 1ul) * sizeof *keepers);

	memset(keepers, 0xff, (count + 1ul) * sizeof *keepers);
	for (uint32_t n = 0; n < search->count; n++) {
		uint32_t core = search->core[n];

		for (uint32_t k = search->first[n]; core != NONE && k < search->first[n + 1]; k++)
			if (is_waiting(search, n) && search->core[search->to[k]] == core &&
			    !is_waiting(search, search->to[k]) && keepers[core] != search->to[k])
				keepers[core] = keepers[core] == NONE ? search->to[k] : SEVERAL;
	}
	return keepers;
}

/* Marks the cores in which there are rings that do not lead through that one sleeper. */
static void find_rings(const struct search *search, uint32_t count, bool *rings)
{
	uint32_t *keepers = find_keepers(search, count);
	uint32_t *first = trc_alloc((search->count + 1) * sizeof *first), arrows = 0;
	uint32_t *to = trc_alloc((search->first[search->count] + 1ul) * sizeof *to);
	uint32_t *ring = trc_alloc((search->count + 1) * sizeof *ring);

	for (uint32_t n = 0; n < search->count; n++) {
		uint32_t core = search->core[n];

		first[n] = arrows;
		for (uint32_t k = search->first[n]; core != NONE && k < search->first[n + 1]; k++)
			if (search->core[search->to[k]] == core && keepers[core] != search->to[k])
				to[arrows++] = search->to[k];
	}
	first[search->count] = arrows;
	trc__components((uint32_t)search->count, first, to, ring);
	for (uint32_t n = 0; n < search->count; n++)
		if (ring[n] != NONE)
			rings[search->core[n]] = true;
	free(keepers);
	free(first);
	free(to);
	free(ring);
}

/* Whether only one waits in the core, and not for itself. */
static bool is_alone(const struct search *search, const uint32_t *members, size_t count)
{
	uint32_t waiting = 0;

	for (size_t i = 0; i < count; i++) {
		uint32_t n = members[i];

		if (!is_waiting(search, n))
			continue;
		waiting++;
		for (uint32_t k = search->first[n]; k < search->first[n + 1]; k++)
			if (search->to[k] == n)
				return false;
	}
	return waiting < 2;
}

/* Follows the arrows from the waiting member spawned first, so that a simple ring comes out in its
 * order. */
static void put_in_order(const struct search *search, const uint32_t *members, size_t count,
			 struct trc_stuck_core *core)
{
	bool *taken = search->taken;

	core->actors = trc_alloc(count * sizeof *core->actors);
	for (int sleepers = 0; sleepers < 2; sleepers++)
		for (size_t i = 0; i < count; i++) {
			uint32_t at = members[i];

			if (is_waiting(search, at) == sleepers)
				continue;
			while (at != NONE && !taken[at]) {
				uint32_t next = NONE;

				taken[at] = true;
				core->actors[core->count++] = search->nodes[at].actor->id;
				for (uint32_t k = search->first[at];
				     k < search->first[at + 1] && next == NONE; k++)
					if (search->core[search->to[k]] == search->core[at] &&
					    !taken[search->to[k]])
						next = search->to[k];
				at = next;
			}
		}
}

static void find_cores(struct search *search, struct trc_stuck *stuck)
{
	struct trc__needs needs = {(uint32_t)search->count, search->first, search->to, search->any};
	uint32_t count, *members;
	size_t *ends, first = 0;
	bool *rings;

	search->core = trc_alloc((search->count + 1) * sizeof *search->core);
	search->taken = trc_zalloc(search->count, sizeof *search->taken);
	count = trc__cores(&needs, search->core);
	ends = trc_zalloc(count + 1ul, sizeof *ends);
	members = sort_by_core(search, count, ends);
	rings = trc_zalloc(count, sizeof *rings);
	find_rings(search, count, rings);
	stuck->cores = trc_zalloc(count, sizeof *stuck->cores);
	for (uint32_t c = 0; c < count; first = ends[c++]) {
		if (!rings[c] || is_alone(search, members + first, ends[c] - first))
			continue;
		put_in_order(search, members + first, ends[c] - first,
			     &stuck->cores[stuck->core_count++]);
	}
	free(members);
	free(ends);
	free(rings);
}

/* --- orphans ------------------------------------------------------------------------------------
 */

/* Whether there is no one left to meet this: gone, or asleep. */
static bool nobody_meets(const struct search *search, const struct trc_target *target)
{
	uint32_t party = place_of(search, trc_model_target_party(search->model, target));

	return party == NONE || (is_dead(search, party) && !is_waiting(search, party));
}

/* Whether somebody who waits could not end the wait either; with `all` not even the last way out of
 * several. */
static bool is_orphan(const struct search *search, uint32_t place, bool all)
{
	const struct trc_wait *wait = &search->nodes[place].actor->wait;

	for (unsigned i = 0; i < wait->target_count; i++) {
		bool nobody;

		if (outside_meets(search->model, &wait->targets[i]))
			continue;
		nobody = nobody_meets(search, &wait->targets[i]);
		if (nobody != (wait->any && all))
			return nobody;
	}
	return wait->any && all;
}

/* Everybody who needs `place`, directly or not. */
static void mark_behind(struct search *search, uint32_t place)
{
	search->stack[search->depth++] = place;
	search->behind[place] = true;
	while (search->depth > 0) {
		uint32_t at = search->stack[--search->depth];

		for (uint32_t i = search->nodes[at].dependents; i != NONE;
		     i = search->links[i].next) {
			uint32_t dependent = search->links[i].dependent;

			if (!is_dead(search, dependent) || search->behind[dependent])
				continue;
			search->behind[dependent] = true;
			search->stack[search->depth++] = dependent;
		}
	}
}

/* The second time takes those who have several ways out, none of them a way: left over are only
 * they, and who waits for them. */
static void find_orphans(struct search *search, struct trc_stuck *stuck)
{
	search->behind = trc_zalloc(search->count, sizeof *search->behind);
	for (uint32_t i = 0; i < search->count; i++)
		if (search->taken[i] && !search->behind[i])
			mark_behind(search, i);
	for (int all = 1; all >= 0; all--) {
		unsigned first = stuck->orphan_count;

		for (uint32_t i = 0; i < search->count; i++)
			if (is_dead(search, i) && is_waiting(search, i) && !search->behind[i] &&
			    is_orphan(search, i, all))
				stuck->orphans[stuck->orphan_count++] = search->nodes[i].actor->id;
		for (unsigned i = first; i < stuck->orphan_count; i++)
			mark_behind(search, place_of(search, stuck->orphans[i]));
	}
}

static int compare_arrows(const void *a, const void *b)
{
	const struct trc_stuck_arrow *x = a, *y = b;

	if (x->to != y->to)
		return x->to < y->to ? -1 : 1;
	return (x->from > y->from) - (x->from < y->from);
}

static void list_arrows(const struct search *search, struct trc_stuck *stuck)
{
	stuck->arrows = trc_alloc((search->first[search->count] + 1ul) * sizeof *stuck->arrows);
	for (uint32_t n = 0; n < search->count; n++)
		for (uint32_t k = search->first[n]; k < search->first[n + 1]; k++)
			stuck->arrows[stuck->arrow_count++] = (struct trc_stuck_arrow){
				search->nodes[search->to[k]].actor->id, search->nodes[n].actor->id};
	if (stuck->arrow_count)
		qsort(stuck->arrows, stuck->arrow_count, sizeof *stuck->arrows, compare_arrows);
}

void trc_stuck_find(const struct trc_model *model, struct trc_stuck *ret_stuck)
{
	struct search search = {.model = model};
	struct trc_stuck stuck = {0};

	find_live(&search);
	for (uint32_t i = 0; i < search.count; i++)
		stuck.stuck_count += is_dead(&search, i) && is_waiting(&search, i);
	if (stuck.stuck_count) {
		unsigned count = 0;

		stuck.stuck = trc_zalloc(stuck.stuck_count, sizeof *stuck.stuck);
		stuck.orphans = trc_zalloc(stuck.stuck_count, sizeof *stuck.orphans);
		make_graph(&search);
		find_cores(&search, &stuck);
		for (uint32_t i = 0; i < search.count; i++)
			if (is_dead(&search, i) && is_waiting(&search, i))
				stuck.stuck[count++] = search.nodes[i].actor->id;
		find_orphans(&search, &stuck);
		list_arrows(&search, &stuck);
	}
	trc_table_clear(&search.places);
	free(search.nodes);
	free(search.links);
	free(search.stack);
	free(search.first);
	free(search.to);
	free(search.any);
	free(search.core);
	free(search.taken);
	free(search.behind);
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
		if (outside_meets(model, &at->wait.targets[0]))
			return false;
		party = trc_model_target_party(model, &at->wait.targets[0]);
		if (party == actor)
			return true;
		at = trc_model_actor(model, party);
	}
	return true;
}
