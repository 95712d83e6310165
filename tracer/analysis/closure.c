/*
 * closure.c - a sync-preserving closure
 *
 * All that must have happened for the waits to be open is gathered: the causes of each request, and
 * the causes of those. Where two stretches of one actor are in it, the earlier must be in it up to
 * its end, since an actor handles one message at a time and we keep the order of this run. Messages
 * of one mailbox stay in order when their sends are ordered by cause. Done in the order of the
 * trace, what was gathered is a schedule; and if what ends one of the waits was not gathered, they
 * are all open at the end of it. (The lock version of this is known as sync-preserving deadlock
 * prediction: mailboxes take the place of locks, handlers that of critical sections.)
 *
 * What does not hold in this way may still hold when stretches may change places; then some actor
 * has to handle its messages in another order, and might do something else because of it. But one
 * at a time it handles them also then: of the stretches of one actor all but one have to end.
 *
 * A lock (locks.h) that is free gives itself to whoever asks: that it was not free in this run, and
 * was given later because of the message that gave it back, is no cause. What has to be is that the
 * question was received, and that no one else has it.
 *
 * Each node remembers for which other it was needed. When one of the waits has to end, the way from
 * there to the request that needs it is the proof.
 */
#include "tracer/analysis/closure.h"

#include "tracer/analysis/patterns.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

void trc__marks_init(struct trc__marks *marks, const struct trc__causes *causes)
{
	*marks = (struct trc__marks){trc_zalloc(causes->node_count, sizeof(uint32_t)), 0};
}

void trc__marks_clear(struct trc__marks *marks)
{
	free(marks->marks);
	*marks = (struct trc__marks){0};
}

/* An empty set in place of that one. */
static struct trc__marks *empty(const struct trc__causes *causes, struct trc__marks *marks)
{
	if (++marks->number == 0) {
		memset(marks->marks, 0, causes->node_count * sizeof *marks->marks);
		marks->number = 1;
	}
	return marks;
}

bool trc__closure_has(const struct trc__closure *closure, uint32_t node)
{
	return closure->nodes->marks[node] == closure->nodes->number;
}

void trc__closure_add(struct trc__closure *closure, uint32_t node)
{
	if (!node || trc__closure_has(closure, node))
		return;
	if (trc_table_find(&closure->never, node))
		closure->ended = node;
	closure->nodes->marks[node] = closure->nodes->number;
	closure->members = trc_grow(closure->members, &closure->room, closure->count + 1,
				    sizeof *closure->members);
	closure->needed_by = trc_grow(closure->needed_by, &closure->by_room, closure->count + 1,
				      sizeof *closure->needed_by);
	closure->needed_by[closure->count] = (uint32_t)closure->at;
	closure->members[closure->count++] = node;
}

void trc__closure_clear(struct trc__closure *closure)
{
	free(closure->members);
	free(closure->needed_by);
	free(closure->opened);
	trc_table_clear(&closure->never);
	trc_table_clear(&closure->pinned);
	trc_table_clear(&closure->open);
}

/* A stretch has its actor to itself as a hold has its lock; numbers of holds come after those of
 * stretches. */
static uint32_t number_of_hold(const struct trc__causes *causes, uint32_t hold)
{
	return (uint32_t)causes->stretch_count + hold;
}

uint32_t trc__closure_first(const struct trc__causes *causes, uint32_t number)
{
	return number < causes->stretch_count
		       ? causes->stretches[number].first
		       : causes->locks.holds[number - causes->stretch_count].begin;
}

static uint32_t last_of(const struct trc__causes *causes, uint32_t number)
{
	return number < causes->stretch_count
		       ? causes->stretches[number].last
		       : causes->locks.holds[number - causes->stretch_count].end;
}

void trc__closure_begin(struct trc__closure *closure, const struct trc__causes *causes,
			struct trc__marks *nodes, struct trc__marks *past, const uint32_t *awaits,
			unsigned count, uint64_t *steps)
{
	*closure = (struct trc__closure){
		.causes = causes, .nodes = empty(causes, nodes), .past = past, .steps = steps};
	for (unsigned i = 0; i < count; i++) {
		struct trc__held held[TRC__HELD_MAX];
		unsigned held_count = trc__held(causes, awaits[i], held);

		if (causes->awaits[awaits[i]].grant)
			trc_table_put(&closure->never, causes->awaits[awaits[i]].grant, closure);
		for (unsigned h = 0; h < held_count; h++)
			trc_table_put(&closure->pinned,
				      held[h].hold ? number_of_hold(causes, held[h].hold - 1)
						   : causes->awaits[held[h].await].stretch,
				      closure);
	}
	for (unsigned i = 0; i < count; i++) {
		closure->at = closure->count;
		trc__closure_add(closure, causes->awaits[awaits[i]].request);
	}
}

static bool is_of(const struct trc__causes *causes, uint32_t node, uint64_t actor)
{
	return causes->stretches[causes->nodes[node].stretch].actor == actor;
}

/* The end of the stretch that begins with `receive`. When it has none, it was the last. */
static void add_end(struct trc__closure *closure, uint32_t receive)
{
	uint32_t last = closure->causes->stretches[closure->causes->nodes[receive].stretch].last;

	trc__closure_add(closure, receive);
	if (last)
		trc__closure_add(closure, last);
	else
		closure->ended = receive;
}

/* Messages that were sent to the same mailbox before `send` and because of which it was sent, or by
 * the same handler, have been handled before. Those before these are looked for when it is their
 * turn: each is received, and so comes here, too. */
static void add_older(struct trc__closure *closure, uint32_t send)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t receive = nodes[send].receive;
	uint64_t mailbox = closure->causes->stretches[nodes[receive].stretch].actor;
	struct trc__closure past = {.causes = closure->causes,
				    .nodes = empty(closure->causes, closure->past)};

	trc__closure_add(&past, nodes[send].before);
	trc__closure_add(&past, nodes[send].other);
	while (past.done < past.count && *closure->steps) {
		const struct trc__cause *node = &nodes[past.members[past.done++]];

		--*closure->steps;
		if (node->receive && is_of(closure->causes, node->receive, mailbox)) {
			add_end(closure, node->receive);
			continue;
		}
		trc__closure_add(&past, node->before);
		trc__closure_add(&past, node->other);
	}
	trc__closure_clear(&past);
}

/* The hold that the node begins, or NULL. */
static const struct trc__hold *hold_at(const struct trc__closure *closure, uint32_t node)
{
	const struct trc__locks *locks = &closure->causes->locks;
	uintptr_t number = locks->count ? (uintptr_t)trc_table_find(&locks->numbers, node) : 0;

	return number ? &locks->holds[number - 1] : NULL;
}

/* Gathers the causes of all that is in it. */
static void fill(struct trc__closure *closure)
{
	const struct trc__cause *nodes = closure->causes->nodes;

	while (closure->done < closure->count && *closure->steps && !closure->ended) {
		uint32_t number = closure->members[closure->done];
		const struct trc__cause *node = &nodes[number];
		const struct trc__hold *hold;

		closure->at = closure->done++;
		--*closure->steps;
		hold = hold_at(closure, number);
		if (hold && hold->asked) {
			trc__closure_add(closure, hold->asked);
			continue;
		}
		trc__closure_add(closure, node->before);
		trc__closure_add(closure, node->other);
		if (node->other && nodes[node->other].receive == number)
			add_older(closure, node->other);
	}
}

/* --- one thing at a time ------------------------------------------------------------------------
 */

static bool has_ended(const struct trc__closure *closure, uint32_t number)
{
	uint32_t last = last_of(closure->causes, number);

	return last && trc__closure_has(closure, last);
}

/* Which of two stretches of an actor has to end: in the order of this run the earlier; else the one
 * that is not to stay open. 0: it cannot be. */
static uint32_t which_ends(const struct trc__closure *closure, uint32_t a, uint32_t b,
			   bool in_order)
{
	bool a_pinned = trc_table_find(&closure->pinned, a) != NULL;
	bool b_pinned = trc_table_find(&closure->pinned, b) != NULL;

	if (!in_order && a_pinned && b_pinned)
		return 0;
	if (!in_order && a_pinned != b_pinned)
		return a_pinned ? b : a;
	return a < b ? a : b;
}

static void note_open(struct trc__closure *closure, uint64_t actor, uint32_t before,
		      uint32_t stretch)
{
	closure->opened = trc_grow(closure->opened, &closure->opened_room,
				   closure->opened_count + 1, sizeof *closure->opened);
	closure->opened[closure->opened_count++] = (struct trc__opened){actor, before};
	trc_table_put(&closure->open, actor, (void *)(uintptr_t)stretch);
}

/* Ends what else has the actor or lock to itself, or this one. */
static bool settle_one(struct trc__closure *closure, uint64_t place, uint32_t number, bool in_order)
{
	uint32_t before = (uint32_t)(uintptr_t)trc_table_find(&closure->open, place);
	uint32_t other = before, ends;

	if (has_ended(closure, number) || other == number)
		return true;
	if (!other || has_ended(closure, other)) {
		/* In order, what has ended already must not be later. */
		if (in_order && other > number)
			other = number;
		else
			other = 0;
	}
	ends = other == number ? number : other ? which_ends(closure, number, other, in_order) : 0;
	if (other && (!ends || !last_of(closure->causes, ends))) {
		closure->clash[0] = number;
		closure->clash[1] = other;
		return false;
	}
	if (ends) {
		closure->at = closure->settled - 1;
		trc__closure_add(closure, last_of(closure->causes, ends));
		fill(closure);
	}
	if (ends != number)
		note_open(closure, place, before, number);
	return true;
}

bool trc__closure_settle(struct trc__closure *closure, bool in_order)
{
	const struct trc__causes *causes = closure->causes;

	fill(closure);
	while (closure->settled < closure->count && *closure->steps && !closure->ended) {
		uint32_t node = closure->members[closure->settled++];
		uint32_t stretch = causes->nodes[node].stretch;

		const struct trc__hold *hold = hold_at(closure, node);

		--*closure->steps;
		if (stretch && !(hold && hold->asked) &&
		    !settle_one(closure, causes->stretches[stretch].actor, stretch, in_order))
			return false;
		if (hold &&
		    !settle_one(closure, hold->lock,
				number_of_hold(causes, (uint32_t)(hold - causes->locks.holds)),
				in_order))
			return false;
	}
	return !closure->ended;
}

void trc__closure_undo(struct trc__closure *closure, size_t count, size_t opened_count)
{
	while (closure->count > count)
		closure->nodes->marks[closure->members[--closure->count]] = 0;
	while (closure->opened_count > opened_count) {
		const struct trc__opened *last = &closure->opened[--closure->opened_count];

		if (last->before)
			trc_table_put(&closure->open, last->actor, (void *)(uintptr_t)last->before);
		else
			trc_table_take(&closure->open, last->actor);
	}
	closure->done = closure->settled = count;
	closure->ended = 0;
}

size_t trc__closure_path(const struct trc__closure *closure, uint32_t node, uint32_t *ret_path,
			 size_t room)
{
	size_t place = 0, count = 0;

	while (place < closure->count && closure->members[place] != node)
		place++;
	while (place < closure->count) {
		if (count < room)
			ret_path[count] = closure->members[place];
		count++;
		if (closure->needed_by[place] == place)
			break;
		place = closure->needed_by[place];
	}
	return count;
}
