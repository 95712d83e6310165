/*
 * locks.c - which actors are locks, and who had them when
 *
 * That an actor is a lock is nowhere said; it shows when a question is kept and answered only
 * because of a message of whoever was answered last. Such a question and such a message make a
 * candidate: a kind of actor, the type of the question that takes it, the type of the message that
 * gives it back. All of the run is then played through, for each actor of the kind: nobody may be
 * given it who is not the only one, nobody may be kept waiting when it is free, and nobody may give
 * back what he has not. One step that does not fit, and the kind is none.
 */
#include "tracer/analysis/locks.h"

#include "tracer/analysis/causes.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { NEVER_FREED_MAX = 64 /* holds that are looked through for those that last */ };

struct protocol {
	uint32_t kind;
	uint16_t take, give;
	bool broken;
};

enum step_kind { STEP_ASKED, STEP_GIVEN, STEP_GIVEN_BACK };

/* Something that happened to an actor that may be a lock. */
struct step {
	struct protocol *protocol;
	uint64_t actor, other; /* who asked, has it now, gave it back */
	uint32_t node;
	uint32_t send; /* given back: the message */
	enum step_kind kind;
	bool kept;      /* asked, given: not at once */
	uint32_t asked; /* given: where the question was received */
};

struct learning {
	const struct trc__causes *causes;
	struct trc_table takes,
		gives; /* struct protocol, by kind and type; those of `takes` owned */
	struct step *steps;
	size_t step_count, step_room;
	struct trc__hold *holds;
	struct protocol **by; /* of each hold */
	size_t hold_count, hold_room, by_room;
};

static uint32_t kind_of(const struct trc__causes *causes, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(causes->model, id);

	return actor ? actor->kind : 0;
}

static uint64_t key_of(uint32_t kind, uint16_t type)
{
	return trc_mix(kind, type) | 1;
}

/* --- candidates ---------------------------------------------------------------------------------
 */

static bool is_question(const struct trc__causes *causes, const struct trc__await *await)
{
	return causes->ways[await->way]->what == TRC_WHAT_REPLY && await->grant;
}

/* Answered by whom it was asked of. */
static bool is_answered(const struct trc__causes *causes, const struct trc__await *await)
{
	struct trc__fact fact = trc__facts_at(&causes->facts, await->closed);

	return await->closed && fact.kind == TRC_REPLY && fact.actor == await->party;
}

static bool is_kept(const struct trc__causes *causes, const struct trc__await *await)
{
	return !await->closed ||
	       causes->nodes[await->closed].stretch != causes->nodes[await->grant].stretch;
}

/* The message in whose handling the question was answered; 0 when there was none. */
static uint32_t answered_on(const struct trc__causes *causes, const struct trc__await *await)
{
	uint32_t stretch = causes->nodes[await->closed].stretch;
	uint32_t send = stretch ? causes->nodes[causes->stretches[stretch].first].other : 0;

	return send && trc__facts_at(&causes->facts, send).kind == TRC_SEND ? send : 0;
}

static void note_candidate(struct learning *learning, const struct trc__await *await)
{
	const struct trc__causes *causes = learning->causes;
	uint32_t kind = kind_of(causes, await->party), send = answered_on(causes, await);
	uint16_t take = trc__facts_at(&causes->facts, await->request).type;
	struct trc__fact back = trc__facts_at(&causes->facts, send);
	uint16_t give = back.type;
	struct protocol *protocol = trc_table_find(&learning->takes, key_of(kind, take));

	if (!send || !back.actor || give == take)
		return;
	if (protocol) {
		protocol->broken |= protocol->give != give;
		return;
	}
	protocol = trc_alloc(sizeof *protocol);
	*protocol = (struct protocol){.kind = kind, .take = take, .give = give};
	trc_table_put(&learning->takes, key_of(kind, take), protocol);
	/* Two questions for one thing, as for reading and for writing: not known here. */
	if (trc_table_find(&learning->gives, key_of(kind, give)))
		protocol->broken = true;
	else
		trc_table_put(&learning->gives, key_of(kind, give), protocol);
}

static void find_candidates(struct learning *learning)
{
	const struct trc__causes *causes = learning->causes;

	for (size_t i = 1; i < causes->await_count; i++) {
		const struct trc__await *await = &causes->awaits[i];

		if (is_question(causes, await) && is_kept(causes, await) &&
		    is_answered(causes, await))
			note_candidate(learning, await);
	}
}

/* --- playing it through -------------------------------------------------------------------------
 */

static void add_step(struct learning *learning, const struct step *step)
{
	learning->steps = trc_grow(learning->steps, &learning->step_room, learning->step_count + 1,
				   sizeof *learning->steps);
	learning->steps[learning->step_count++] = *step;
}

static void list_questions(struct learning *learning)
{
	const struct trc__causes *causes = learning->causes;

	for (size_t i = 1; i < causes->await_count; i++) {
		const struct trc__await *await = &causes->awaits[i];
		struct step step = {.actor = await->party};

		if (!is_question(causes, await))
			continue;
		step.protocol =
			trc_table_find(&learning->takes,
				       key_of(kind_of(causes, await->party),
					      trc__facts_at(&causes->facts, await->request).type));
		if (!step.protocol)
			continue;
		step.other = causes->stretches[await->stretch].actor;
		step.kind = STEP_ASKED;
		step.node = await->grant;
		step.kept = is_kept(causes, await);
		add_step(learning, &step);
		if (!await->closed)
			continue;
		/* Who did not wait for it may not know that he has it. */
		step.protocol->broken |= !is_answered(causes, await) || !await->waited;
		step.kind = STEP_GIVEN;
		step.asked = await->grant;
		step.node = await->closed;
		add_step(learning, &step);
	}
}

static void list_returns(struct learning *learning)
{
	const struct trc__causes *causes = learning->causes;
	struct trc__facts_reader reader = {.facts = &causes->facts};

	while (trc__facts_next(&reader)) {
		const struct trc__fact *fact = &reader.fact;
		uint32_t n = reader.next - 1;
		struct step step = {.actor = fact->peer, .other = fact->actor, .send = n};

		if (fact->kind != TRC_SEND || !causes->nodes[n].receive)
			continue;
		step.protocol = trc_table_find(&learning->gives,
					       key_of(kind_of(causes, fact->peer), fact->type));
		if (!step.protocol)
			continue;
		step.kind = STEP_GIVEN_BACK;
		step.node = causes->nodes[n].receive;
		add_step(learning, &step);
	}
}

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->protocol != y->protocol) {
		if (x->protocol->kind != y->protocol->kind)
			return x->protocol->kind < y->protocol->kind ? -1 : 1;
		return x->protocol->take < y->protocol->take ? -1 : 1;
	}
	if (x->actor != y->actor)
		return x->actor < y->actor ? -1 : 1;
	if (x->node != y->node)
		return x->node < y->node ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static void add_hold(struct learning *learning, const struct step *step)
{
	learning->holds = trc_grow(learning->holds, &learning->hold_room, learning->hold_count + 1,
				   sizeof *learning->holds);
	learning->by = trc_grow(learning->by, &learning->by_room, learning->hold_count + 1,
				sizeof *learning->by);
	learning->by[learning->hold_count] = step->protocol;
	learning->holds[learning->hold_count++] = (struct trc__hold){
		.lock = step->actor | TRC__LOCK,
		.holder = step->other,
		.asked = step->kept ? step->asked : 0,
		.begin = step->node,
	};
}

/* Takes one step of an actor that is free, or that whoever was given it last has. Whether it fits.
 */
static bool play_step(struct learning *learning, const struct step *step, bool *taken)
{
	struct trc__hold *last = *taken ? &learning->holds[learning->hold_count - 1] : NULL;

	switch (step->kind) {
	case STEP_ASKED:
		return !step->kept || *taken;
	case STEP_GIVEN:
		if (*taken)
			return false;
		*taken = true;
		add_hold(learning, step);
		return true;
	default:
		if (!*taken || last->holder != step->other)
			return false;
		last->release = step->send;
		last->end = step->node;
		*taken = false;
		return true;
	}
}

static void play(struct learning *learning)
{
	bool taken = false;

	if (learning->step_count)
		qsort(learning->steps, learning->step_count, sizeof *learning->steps,
		      compare_steps);
	for (size_t i = 0; i < learning->step_count; i++) {
		const struct step *step = &learning->steps[i];

		if (i == 0 || step[-1].actor != step->actor || step[-1].protocol != step->protocol)
			taken = false;
		if (!step->protocol->broken)
			step->protocol->broken = !play_step(learning, step, &taken);
	}
}

/* --- the locks ----------------------------------------------------------------------------------
 */

static int compare_holds(const void *a, const void *b)
{
	const struct trc__hold *x = a, *y = b;

	return (x->begin > y->begin) - (x->begin < y->begin);
}

static int compare_by_holder(const void *a, const void *b, void *context)
{
	const struct trc__hold *holds = context;
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	if (holds[x].holder != holds[y].holder)
		return holds[x].holder < holds[y].holder ? -1 : 1;
	return (x > y) - (x < y);
}

static void keep_holds(struct learning *learning, struct trc__locks *locks)
{
	uint32_t count = 0;

	for (size_t i = 0; i < learning->hold_count; i++)
		if (!learning->by[i]->broken)
			learning->holds[count++] = learning->holds[i];
	if (count == 0)
		return;
	locks->holds = trc_copy(learning->holds, count * sizeof *locks->holds);
	locks->count = count;
	qsort(locks->holds, count, sizeof *locks->holds, compare_holds);
	locks->by_holder = trc_alloc(count * sizeof *locks->by_holder);
	for (uint32_t i = 0; i < count; i++) {
		locks->by_holder[i] = i;
		trc_table_put(&locks->numbers, locks->holds[i].begin, (void *)(uintptr_t)(1 + i));
	}
	qsort_r(locks->by_holder, count, sizeof *locks->by_holder, compare_by_holder, locks->holds);
}

/* A question for the lock beside each question for its actor. */
static void add_waits(struct trc__causes *causes, const struct trc__way *way)
{
	struct trc__way *copy = NULL;

	for (unsigned i = 0; i < way->kept; i++) {
		struct trc__await await = causes->awaits[way->awaits[i]];

		if (!await.closed || !trc_table_find(&causes->locks.numbers, await.closed))
			continue;
		if (!copy) {
			copy = trc_copy(way, sizeof *way);
			copy->to = way->to | TRC__LOCK;
			copy->number = (uint32_t)causes->way_count;
			copy->doing = trc_strdup(way->doing);
			copy->awaits = NULL;
			copy->kept = 0;
			copy->room = 0;
			causes->ways = trc_grow(causes->ways, &causes->way_room,
						causes->way_count + 1, sizeof(copy));
			causes->ways[causes->way_count++] = copy;
		}
		await.party = copy->to;
		await.grant = await.closed;
		await.way = copy->number;
		copy->awaits =
			trc_grow(copy->awaits, &copy->room, copy->kept + 1, sizeof *copy->awaits);
		copy->awaits[copy->kept++] = (uint32_t)causes->await_count;
		causes->awaits = trc_grow(causes->awaits, &causes->await_room,
					  causes->await_count + 1, sizeof *causes->awaits);
		causes->awaits[causes->await_count++] = await;
	}
}

void trc__locks_learn(struct trc__causes *causes)
{
	struct learning learning = {.causes = causes};
	struct protocol *protocol;
	size_t at = 0;

	causes->locks = (struct trc__locks){.way_count = causes->way_count,
					    .await_count = causes->await_count};
	find_candidates(&learning);
	if (learning.takes.count) {
		list_questions(&learning);
		list_returns(&learning);
		play(&learning);
		keep_holds(&learning, &causes->locks);
	}
	for (size_t w = 0; causes->locks.count && w < causes->locks.way_count; w++)
		if (causes->ways[w]->what == TRC_WHAT_REPLY)
			add_waits(causes, causes->ways[w]);
	while ((protocol = trc_table_next(&learning.takes, &at)))
		free(protocol);
	trc_table_clear(&learning.takes);
	trc_table_clear(&learning.gives);
	free(learning.steps);
	free(learning.holds);
	free(learning.by);
}

void trc__locks_forget(struct trc__causes *causes)
{
	struct trc__locks *locks = &causes->locks;

	while (causes->way_count > locks->way_count) {
		struct trc__way *way = causes->ways[--causes->way_count];

		free(way->doing);
		free(way->awaits);
		free(way);
	}
	causes->await_count = locks->await_count;
	free(locks->holds);
	free(locks->by_holder);
	trc_table_clear(&locks->numbers);
	*locks = (struct trc__locks){0};
}

/* The place in by_holder after the holder's last hold that began before the node. */
static uint32_t place_after(const struct trc__locks *locks, uint64_t holder, uint32_t node)
{
	uint32_t low = 0, high = locks->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		const struct trc__hold *hold = &locks->holds[locks->by_holder[middle]];

		if (hold->holder < holder || (hold->holder == holder && hold->begin < node))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

unsigned trc__locks_held(const struct trc__locks *locks, uint64_t holder, uint32_t node,
			 uint32_t *ret_holds, unsigned room)
{
	uint32_t place = place_after(locks, holder, node);
	unsigned count = 0;

	for (unsigned i = 0; i < NEVER_FREED_MAX && place > 0 && count < room; i++) {
		uint32_t number = locks->by_holder[--place];
		const struct trc__hold *hold = &locks->holds[number];

		if (hold->holder != holder)
			break;
		if (!hold->release || hold->release > node)
			ret_holds[count++] = number;
	}
	return count;
}
