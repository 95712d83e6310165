/*
 * schedule.c - a sync-preserving closure
 *
 * All that must have happened for the waits to be open is gathered: the causes of each request, and
 * the causes of those. Where two stretches of one actor are in it, the earlier must be in it up to
 * its end, since an actor handles one message at a time and we keep the order of this run. Messages
 * of one mailbox stay in order when their sends are ordered by cause. Done in the order of the
 * trace, what was gathered is a schedule; and if what ends one of the waits was not gathered, they
 * are all open at the end of it. (The lock version of this is known as sync-preserving deadlock
 * prediction: mailboxes take the place of locks, handlers that of critical sections.)
 *
 * What does not hold in this way may still hold without the rule for stretches; then some actor has
 * to handle its messages in another order, and might do something else because of it.
 */
#include "tracer/analysis/schedule.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

struct closure {
	const struct trc__causes *causes;
	struct trc_table nodes;  /* that are in it */
	struct trc_table latest; /* 1 + stretch, by actor */
	uint32_t *todo;
	size_t todo_count, todo_room;
	uint64_t *steps;
	bool preserving;
};

static void add(struct closure *closure, uint32_t node)
{
	if (!node || trc_table_find(&closure->nodes, node))
		return;
	trc_table_put(&closure->nodes, node, closure);
	closure->todo = trc_grow(closure->todo, &closure->todo_room, closure->todo_count + 1,
				 sizeof *closure->todo);
	closure->todo[closure->todo_count++] = node;
}

/* False when the stretch never ended. */
static bool add_end(struct closure *closure, uint32_t stretch)
{
	uint32_t last = closure->causes->stretches[stretch].last;

	add(closure, last);
	return last != 0;
}

/* False when an earlier stretch of the same actor would have to end, but never did. */
static bool add_stretch(struct closure *closure, uint32_t stretch)
{
	uint64_t actor = closure->causes->stretches[stretch].actor;
	uint32_t other = (uint32_t)(uintptr_t)trc_table_find(&closure->latest, actor);

	if (other == stretch)
		return true;
	if (stretch > other)
		trc_table_put(&closure->latest, actor, (void *)(uintptr_t)stretch);
	return other == 0 || add_end(closure, stretch > other ? other : stretch);
}

/* Messages that were sent to the same mailbox before `send` and because of which it was sent, or by
 * the same handler, are received before. */
static void add_older(struct closure *closure, uint32_t send)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t receive = nodes[send].receive;
	uint64_t mailbox = closure->causes->stretches[nodes[receive].stretch].actor;
	struct closure past = {.causes = closure->causes, .steps = closure->steps};

	add(&past, nodes[send].before);
	add(&past, nodes[send].other);
	while (past.todo_count && *closure->steps) {
		const struct trc__cause *node = &nodes[past.todo[--past.todo_count]];

		--*closure->steps;
		if (node->receive &&
		    closure->causes->stretches[nodes[node->receive].stretch].actor == mailbox)
			add(closure, node->receive);
		add(&past, node->before);
		add(&past, node->other);
	}
	free(past.todo);
	trc_table_clear(&past.nodes);
}

/* False when it cannot be done. */
static bool fill(struct closure *closure)
{
	const struct trc__cause *nodes = closure->causes->nodes;

	while (closure->todo_count && *closure->steps) {
		uint32_t number = closure->todo[--closure->todo_count];
		const struct trc__cause *node = &nodes[number];

		--*closure->steps;
		add(closure, node->before);
		add(closure, node->other);
		if (nodes[node->other].receive == number && node->other)
			add_older(closure, node->other);
		if (closure->preserving && node->stretch && !add_stretch(closure, node->stretch))
			return false;
	}
	return true;
}

/* Whether no wait has ended where all have begun. */
static bool all_open(const struct trc__causes *causes, const uint32_t *awaits, unsigned count,
		     bool preserving, uint64_t *steps, uint32_t *ret_why)
{
	struct closure closure = {.causes = causes, .preserving = preserving, .steps = steps};
	bool open;

	for (unsigned i = 0; i < count; i++)
		add(&closure, causes->awaits[awaits[i]].request);
	*ret_why = 0;
	open = fill(&closure);
	for (unsigned i = 0; i < count; i++)
		if (trc_table_find(&closure.nodes, causes->awaits[awaits[i]].grant)) {
			*ret_why = awaits[i];
			open = false;
		}
	free(closure.todo);
	trc_table_clear(&closure.nodes);
	trc_table_clear(&closure.latest);
	return open;
}

enum trc__order trc__schedule(const struct trc__causes *causes, const uint32_t *awaits,
			      unsigned count, uint64_t *steps, uint32_t *ret_why)
{
	uint32_t why;

	if (all_open(causes, awaits, count, true, steps, &why))
		return *steps ? TRC__ORDER_FREE : TRC__ORDER_OPEN;
	if (all_open(causes, awaits, count, false, steps, ret_why))
		return *steps ? TRC__ORDER_REVERSED : TRC__ORDER_OPEN;
	return *steps ? TRC__ORDER_FIXED : TRC__ORDER_OPEN;
}
