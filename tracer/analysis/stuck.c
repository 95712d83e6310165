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
 * An idle actor is live as a party when somebody can wake it: the outside (TRC_F_SOURCE), or
 * somebody live with a handle to it. Handles in queued messages count for the mailbox's owner; the
 * outside's handles, and handles that we cannot place, count as live. An idle actor without any
 * handle is about to end, and that is something, too.
 *
 * The computation: `need` of a node says how many of its parties have to come alive before it does
 * (1 for "any", and for idle actors). Live nodes go onto a stack; taking one off lowers the need of
 * all that depend on it. Each node and target is touched once.
 *
 * Cores. Among the stuck, a strongly connected set that would stay stuck even if all the others
 * were freed is the fault itself; the others are its victims, or orphans, whose wait ends at
 * nobody. A set that depends on no other is a core or an orphan, so there always is one or the
 * other.
 */
#include "tracer/analysis/stuck.h"

#include "tracer/analysis/components.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <assert.h>
#include <stdlib.h>

enum { NONE = TRC__NO_COMPONENT };

struct node {
	const struct trc_actor *actor;
	bool live;
	uint32_t need;       /* parties that have to come alive; 0 for live nodes */
	uint32_t accounted;  /* idle actors: handles to it whose holder we know */
	uint32_t dependents; /* first link of those who wait for it, or NONE */
	uint32_t index, low; /* of Tarjan's algorithm, from 1; 0: not visited */
	bool on_stack;
	uint32_t component; /* number of its core candidate, or NONE */
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
		search->nodes[search->count] =
			(struct node){.actor = actor, .dependents = NONE, .component = NONE};
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

static bool is_stuck(const struct search *search, uint32_t place)
{
	return place != NONE && !search->nodes[place].live &&
	       search->nodes[place].actor->state == TRC_WAITING;
}

/* The stuck actor that this unmet target is for, or NONE. */
static uint32_t stuck_party(const struct search *search, const struct trc_target *target)
{
	uint32_t party;

	if (outside_meets(search->model, target))
		return NONE;
	party = place_of(search, trc_model_target_party(search->model, target));
	return is_stuck(search, party) ? party : NONE;
}

/* --- cores --------------------------------------------------------------------------------------
 */

/* Numbers the strongly connected sets that hold a cycle. */
static uint32_t find_components(struct search *search)
{
	uint32_t *first = trc_zalloc(search->count + 1, sizeof *first);
	uint32_t *component = trc_alloc(search->count * sizeof *component);
	uint32_t *parties = NULL;
	size_t party_count = 0, room = 0;
	uint32_t count;

	for (uint32_t i = 0; i < search->count; i++) {
		const struct trc_wait *wait = &search->nodes[i].actor->wait;

		for (unsigned t = 0; is_stuck(search, i) && t < wait->target_count; t++) {
			uint32_t party = stuck_party(search, &wait->targets[t]);

			if (party == NONE)
				continue;
			parties = trc_grow(parties, &room, party_count + 1, sizeof *parties);
			parties[party_count++] = party;
		}
		first[i + 1] = (uint32_t)party_count;
	}
	count = trc__components((uint32_t)search->count, first, parties, component);
	for (uint32_t i = 0; i < search->count; i++)
		search->nodes[i].component = component[i];
	free(first);
	free(component);
	free(parties);
	return count;
}

/* Whether the member stays stuck when all the stuck who are not in its component are freed. Targets
 * that no one is left to meet free nobody. */
static bool stuck_by_its_own(const struct search *search, uint32_t place)
{
	const struct node *node = &search->nodes[place];
	const struct trc_wait *wait = &node->actor->wait;
	bool any_inside = false;

	for (unsigned i = 0; i < wait->target_count; i++) {
		uint32_t party = stuck_party(search, &wait->targets[i]);
		bool inside = party != NONE && search->nodes[party].component == node->component;

		if (wait->any && party != NONE && !inside)
			return false;
		any_inside |= inside;
	}
	return any_inside;
}

/* Members that somebody outside could free leave their component, until none can. */
static void free_members(struct search *search, const uint32_t *members, size_t count)
{
	bool changed = true;

	while (changed) {
		changed = false;
		for (size_t i = 0; i < count; i++) {
			if (search->nodes[members[i]].component == NONE ||
			    stuck_by_its_own(search, members[i]))
				continue;
			search->nodes[members[i]].component = NONE;
			changed = true;
		}
	}
}

/* Follows the waits from the member spawned first, so that a simple ring comes out in its order. */
static void put_in_order(const struct search *search, const uint32_t *members, size_t count,
			 struct trc_stuck_core *core)
{
	struct trc_table taken = {0};
	uint32_t at = NONE;

	core->actors = trc_alloc(count * sizeof *core->actors);
	for (size_t i = 0; i < count; i++) {
		uint32_t component = search->nodes[members[i]].component;

		if (component != NONE)
			at = members[i];
		while (component != NONE && at != NONE) {
			const struct trc_actor *actor = search->nodes[at].actor;
			uint32_t next = NONE;

			if (trc_table_find(&taken, actor->id))
				break;
			trc_table_put(&taken, actor->id, core);
			core->actors[core->count++] = actor->id;
			for (unsigned t = 0; t < actor->wait.target_count && next == NONE; t++) {
				next = stuck_party(search, &actor->wait.targets[t]);
				if (next != NONE &&
				    (search->nodes[next].component != component ||
				     trc_table_find(&taken, search->nodes[next].actor->id)))
					next = NONE;
			}
			at = next;
		}
	}
	trc_table_clear(&taken);
}

static void find_cores(struct search *search, struct trc_stuck *stuck)
{
	uint32_t count = find_components(search);
	size_t *ends = trc_zalloc((size_t)count + 1, sizeof *ends);
	uint32_t *members = trc_zalloc(search->count, sizeof *members);
	size_t first = 0;

	/* Members by component, in order of spawn, by counting. */
	for (uint32_t i = 0; i < search->count; i++)
		if (search->nodes[i].component != NONE)
			ends[search->nodes[i].component + 1]++;
	for (uint32_t c = 0; c < count; c++)
		ends[c + 1] += ends[c];
	for (uint32_t i = 0; i < search->count; i++)
		if (search->nodes[i].component != NONE)
			members[ends[search->nodes[i].component]++] = i;

	stuck->cores = trc_zalloc(count, sizeof *stuck->cores);
	for (uint32_t c = 0; c < count; first = ends[c++]) {
		struct trc_stuck_core *core = &stuck->cores[stuck->core_count];

		free_members(search, members + first, ends[c] - first);
		put_in_order(search, members + first, ends[c] - first, core);
		if (core->count)
			stuck->core_count++;
		else
			free(core->actors);
	}
	free(members);
	free(ends);
}

/* --- orphans ------------------------------------------------------------------------------------
 */

static bool is_orphan(const struct search *search, uint32_t place)
{
	const struct node *node = &search->nodes[place];
	const struct trc_wait *wait = &node->actor->wait;

	if (node->component != NONE)
		return false;
	for (unsigned i = 0; i < wait->target_count; i++) {
		const struct trc_target *target = &wait->targets[i];
		uint32_t party;
		bool nobody;

		if (outside_meets(search->model, target))
			continue;
		party = place_of(search, trc_model_target_party(search->model, target));
		/* Idle, and no one wakes it; or gone. */
		nobody = party == NONE || (!search->nodes[party].live && !is_stuck(search, party));
		if (nobody != wait->any)
			return nobody;
	}
	return wait->any;
}

void trc_stuck_find(const struct trc_model *model, struct trc_stuck *ret_stuck)
{
	struct search search = {.model = model};
	struct trc_stuck stuck = {0};

	find_live(&search);
	for (uint32_t i = 0; i < search.count; i++)
		stuck.stuck_count += is_stuck(&search, i);
	if (stuck.stuck_count) {
		unsigned count = 0;

		stuck.stuck = trc_zalloc(stuck.stuck_count, sizeof *stuck.stuck);
		stuck.orphans = trc_zalloc(stuck.stuck_count, sizeof *stuck.orphans);
		find_cores(&search, &stuck);
		for (uint32_t i = 0; i < search.count; i++) {
			if (!is_stuck(&search, i))
				continue;
			stuck.stuck[count++] = search.nodes[i].actor->id;
			if (is_orphan(&search, i))
				stuck.orphans[stuck.orphan_count++] = search.nodes[i].actor->id;
		}
	}
	trc_table_clear(&search.places);
	free(search.nodes);
	free(search.links);
	free(search.stack);
	*ret_stuck = stuck;
}

void trc_stuck_clear(struct trc_stuck *stuck)
{
	for (unsigned i = 0; i < stuck->core_count; i++)
		free(stuck->cores[i].actors);
	free(stuck->cores);
	free(stuck->stuck);
	free(stuck->orphans);
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
