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
 * What does not hold in this way may still hold when stretches may change places; then some actor
 * has to handle its messages in another order, and might do something else because of it. But one
 * at a time it handles them also then: of the stretches of one actor all but one have to end.
 *
 * A wait for space is open only while the mailbox is full. So as many messages as it takes have to
 * be found that can be sent by then and need not have been received: their causes are gathered,
 * too, as long as these do not ask for the end of one of the waits. That is not tried in the order
 * of this run: which messages come first is what is different then.
 */
#include "tracer/analysis/schedule.h"

#include "tracer/analysis/patterns.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct opened {
	uint64_t actor;
	uint32_t before; /* the stretch that stood there, or 0 */
};

struct closure {
	struct trc__scheduler *scheduler;
	const struct trc__causes *causes;
	struct trc__marks *nodes; /* that are in it */
	uint32_t *members;        /* the same, as they came */
	size_t count, room;
	size_t done;             /* members whose causes are in it, too */
	struct trc_table never;  /* nodes that end one of the waits */
	uint32_t ended;          /* one of them that had to be taken in, or 0 */
	struct trc_table pinned; /* stretches that are open while the waits are */
	struct trc_table open;   /* a stretch that has not ended, by actor */
	struct opened *opened;   /* how `open` came to be, to take it back */
	size_t opened_count, opened_room;
	size_t settled; /* members whose stretches were looked at */
	uint64_t *steps;
};

/* An empty set in place of that one. */
static struct trc__marks *empty(const struct trc__scheduler *scheduler, struct trc__marks *marks)
{
	if (++marks->number == 0) {
		memset(marks->marks, 0, scheduler->causes->node_count * sizeof *marks->marks);
		marks->number = 1;
	}
	return marks;
}

static bool is_in(const struct closure *closure, uint32_t node)
{
	return closure->nodes->marks[node] == closure->nodes->number;
}

static void add(struct closure *closure, uint32_t node)
{
	if (!node || is_in(closure, node))
		return;
	if (trc_table_find(&closure->never, node))
		closure->ended = node;
	closure->nodes->marks[node] = closure->nodes->number;
	closure->members = trc_grow(closure->members, &closure->room, closure->count + 1,
				    sizeof *closure->members);
	closure->members[closure->count++] = node;
}

static void clear(struct closure *closure)
{
	free(closure->members);
	free(closure->opened);
	trc_table_clear(&closure->never);
	trc_table_clear(&closure->pinned);
	trc_table_clear(&closure->open);
}

/* The waits, and what must have happened before they are open. */
static void begin(struct closure *closure, struct trc__scheduler *scheduler, const uint32_t *awaits,
		  unsigned count, uint64_t *steps)
{
	const struct trc__causes *causes = scheduler->causes;

	*closure = (struct closure){.scheduler = scheduler,
				    .causes = causes,
				    .nodes = empty(scheduler, &scheduler->nodes),
				    .steps = steps};
	for (unsigned i = 0; i < count; i++) {
		struct trc__held held[TRC__HELD_MAX];
		unsigned held_count = trc__held(causes, awaits[i], held);

		if (causes->awaits[awaits[i]].grant)
			trc_table_put(&closure->never, causes->awaits[awaits[i]].grant, closure);
		for (unsigned h = 0; h < held_count; h++)
			trc_table_put(&closure->pinned, causes->awaits[held[h].await].stretch,
				      closure);
	}
	for (unsigned i = 0; i < count; i++)
		add(closure, causes->awaits[awaits[i]].request);
}

static bool is_of(const struct trc__causes *causes, uint32_t node, uint64_t actor)
{
	return causes->stretches[causes->nodes[node].stretch].actor == actor;
}

/* The end of the stretch that begins with `receive`. When it has none, it was the last. */
static void add_end(struct closure *closure, uint32_t receive)
{
	uint32_t last = closure->causes->stretches[closure->causes->nodes[receive].stretch].last;

	add(closure, receive);
	if (last)
		add(closure, last);
	else
		closure->ended = receive;
}

/* Messages that were sent to the same mailbox before `send` and because of which it was sent, or by
 * the same handler, have been handled before. Those before these are looked for when it is their
 * turn: each is received, and so comes here, too. */
static void add_older(struct closure *closure, uint32_t send)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t receive = nodes[send].receive;
	uint64_t mailbox = closure->causes->stretches[nodes[receive].stretch].actor;
	struct closure past = {.causes = closure->causes,
			       .nodes = empty(closure->scheduler, &closure->scheduler->past)};

	add(&past, nodes[send].before);
	add(&past, nodes[send].other);
	while (past.done < past.count && *closure->steps) {
		const struct trc__cause *node = &nodes[past.members[past.done++]];

		--*closure->steps;
		if (node->receive && is_of(closure->causes, node->receive, mailbox)) {
			add_end(closure, node->receive);
			continue;
		}
		add(&past, node->before);
		add(&past, node->other);
	}
	clear(&past);
}

/* Gathers the causes of all that is in it. */
static void fill(struct closure *closure)
{
	const struct trc__cause *nodes = closure->causes->nodes;

	while (closure->done < closure->count && *closure->steps && !closure->ended) {
		uint32_t number = closure->members[closure->done++];
		const struct trc__cause *node = &nodes[number];

		--*closure->steps;
		add(closure, node->before);
		add(closure, node->other);
		if (node->other && nodes[node->other].receive == number)
			add_older(closure, node->other);
	}
}

/* --- one thing at a time ------------------------------------------------------------------------
 */

static bool has_ended(const struct closure *closure, uint32_t stretch)
{
	uint32_t last = closure->causes->stretches[stretch].last;

	return last && is_in(closure, last);
}

/* Which of two stretches of an actor has to end: in the order of this run the earlier; else the one
 * that is not to stay open. 0: it cannot be. */
static uint32_t which_ends(const struct closure *closure, uint32_t a, uint32_t b, bool in_order)
{
	bool a_pinned = trc_table_find(&closure->pinned, a) != NULL;
	bool b_pinned = trc_table_find(&closure->pinned, b) != NULL;

	if (!in_order && a_pinned && b_pinned)
		return 0;
	if (!in_order && a_pinned != b_pinned)
		return a_pinned ? b : a;
	return a < b ? a : b;
}

static void note_open(struct closure *closure, uint64_t actor, uint32_t before, uint32_t stretch)
{
	closure->opened = trc_grow(closure->opened, &closure->opened_room,
				   closure->opened_count + 1, sizeof *closure->opened);
	closure->opened[closure->opened_count++] = (struct opened){actor, before};
	trc_table_put(&closure->open, actor, (void *)(uintptr_t)stretch);
}

/* Ends stretches until there is no more than one open of each actor. False when that cannot be. */
static bool settle(struct closure *closure, bool in_order)
{
	const struct trc__stretch *stretches = closure->causes->stretches;

	fill(closure);
	while (closure->settled < closure->count && *closure->steps && !closure->ended) {
		uint32_t stretch =
			closure->causes->nodes[closure->members[closure->settled++]].stretch;
		uint64_t actor = stretches[stretch].actor;
		uint32_t other, before, ends;

		--*closure->steps;
		if (!stretch || has_ended(closure, stretch))
			continue;
		other = before = (uint32_t)(uintptr_t)trc_table_find(&closure->open, actor);
		if (other == stretch)
			continue;
		if (!other || has_ended(closure, other)) {
			/* In order, what has ended already must not be later. */
			if (in_order && other > stretch)
				other = stretch;
			else
				other = 0;
		}
		ends = other == stretch ? stretch
		       : other          ? which_ends(closure, stretch, other, in_order)
					: 0;
		if (other && (!ends || !stretches[ends].last))
			return false;
		if (ends) {
			add(closure, stretches[ends].last);
			fill(closure);
		}
		if (ends != stretch)
			note_open(closure, actor, before, stretch);
	}
	return !closure->ended;
}

/* Whether no wait has ended where all have begun. */
static bool all_open(struct trc__scheduler *scheduler, const uint32_t *awaits, unsigned count,
		     bool in_order, uint64_t *steps, uint32_t *ret_why)
{
	const struct trc__causes *causes = scheduler->causes;
	struct closure closure;
	bool open;

	begin(&closure, scheduler, awaits, count, steps);
	open = settle(&closure, in_order);
	*ret_why = 0;
	for (unsigned i = 0; i < count; i++)
		if (closure.ended && causes->awaits[awaits[i]].grant == closure.ended)
			*ret_why = awaits[i];
	clear(&closure);
	return open;
}

/* The causes of what comes late in a long run can reach back to its beginning. */
enum { ATTEMPT_MAX = 40000 };

/* What one attempt may spend of *steps, which is taken off; the rest is given back. */
static uint64_t allow(uint64_t *steps)
{
	uint64_t allowed = *steps < ATTEMPT_MAX ? *steps : ATTEMPT_MAX;

	*steps -= allowed;
	return allowed;
}

enum trc__order trc__schedule(struct trc__scheduler *scheduler, const uint32_t *awaits,
			      unsigned count, uint32_t *ret_why)
{
	uint64_t left = allow(&scheduler->steps);
	enum trc__order order = TRC__ORDER_FIXED;
	uint32_t why;

	if (all_open(scheduler, awaits, count, true, &left, &why))
		order = TRC__ORDER_FREE;
	else if (all_open(scheduler, awaits, count, false, &left, ret_why))
		order = TRC__ORDER_REVERSED;
	scheduler->steps += left;
	return left ? order : TRC__ORDER_OPEN;
}

/* --- full mailboxes -----------------------------------------------------------------------------
 */

static int compare_deliveries(const void *a, const void *b)
{
	const struct trc__delivery *x = a, *y = b;

	if (x->mailbox != y->mailbox)
		return x->mailbox < y->mailbox ? -1 : 1;
	return (x->send > y->send) - (x->send < y->send);
}

void trc__scheduler_init(struct trc__scheduler *scheduler, const struct trc__causes *causes,
			 const struct trc_table *endless, uint64_t steps)
{
	size_t room = 0;

	*scheduler = (struct trc__scheduler){.causes = causes, .endless = endless, .steps = steps};
	scheduler->nodes.marks = trc_zalloc(causes->node_count, sizeof(uint32_t));
	scheduler->past.marks = trc_zalloc(causes->node_count, sizeof(uint32_t));
	for (uint32_t n = 1; n < causes->node_count; n++) {
		uint32_t receive = causes->nodes[n].receive;

		if (!receive)
			continue;
		scheduler->deliveries =
			trc_grow(scheduler->deliveries, &room, scheduler->delivery_count + 1,
				 sizeof *scheduler->deliveries);
		scheduler->deliveries[scheduler->delivery_count++] = (struct trc__delivery){
			causes->stretches[causes->nodes[receive].stretch].actor, n};
	}
	if (scheduler->delivery_count)
		qsort(scheduler->deliveries, scheduler->delivery_count,
		      sizeof *scheduler->deliveries, compare_deliveries);
}

void trc__scheduler_clear(struct trc__scheduler *scheduler)
{
	free(scheduler->deliveries);
	free(scheduler->nodes.marks);
	free(scheduler->past.marks);
	*scheduler = (struct trc__scheduler){0};
}

/* Where the mailbox's messages begin. */
static size_t first_delivery(const struct trc__scheduler *scheduler, uint64_t mailbox)
{
	size_t low = 0, high = scheduler->delivery_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (scheduler->deliveries[middle].mailbox < mailbox)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Messages that were sent in the closure and not received. */
static uint32_t count_unread(const struct closure *closure, const struct trc__scheduler *scheduler,
			     uint64_t mailbox)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t count = 0;
	uint64_t looked = 0;

	for (size_t i = first_delivery(scheduler, mailbox);
	     i < scheduler->delivery_count && scheduler->deliveries[i].mailbox == mailbox; i++) {
		looked++;
		count += is_in(closure, scheduler->deliveries[i].send) &&
			 !is_in(closure, nodes[scheduler->deliveries[i].send].receive);
	}
	/* That is work, too. */
	*closure->steps -= looked / 8 < *closure->steps ? looked / 8 : *closure->steps;
	return count;
}

/* Takes out what came after the first `count`, which were settled. */
static void undo(struct closure *closure, size_t count, size_t opened_count)
{
	while (closure->count > count)
		closure->nodes->marks[closure->members[--closure->count]] = 0;
	while (closure->opened_count > opened_count) {
		const struct opened *last = &closure->opened[--closure->opened_count];

		if (last->before)
			trc_table_put(&closure->open, last->actor, (void *)(uintptr_t)last->before);
		else
			trc_table_take(&closure->open, last->actor);
	}
	closure->done = closure->settled = count;
	closure->ended = 0;
}

/* How many messages have to be found. Where one can come of those that come again and again, as
 * many can as one likes. */
static uint32_t enough_for(const struct trc__scheduler *scheduler, uint64_t mailbox)
{
	const struct trc_actor *actor = trc_model_actor(scheduler->causes->model, mailbox);
	uint32_t capacity = actor ? actor->capacity : 0;

	return capacity > 1 && trc_table_find(scheduler->endless, mailbox) ? 1 : capacity;
}

/* Sends into the mailbox what can be sent, until it is full. What cannot be never can, since the
 * closure only grows; so the next ones need not be followed further back than to that. */
static bool fill_mailbox(struct closure *closure, const struct trc__scheduler *scheduler,
			 uint64_t mailbox)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t enough = enough_for(scheduler, mailbox);
	uint32_t count = count_unread(closure, scheduler, mailbox);

	for (size_t i = first_delivery(scheduler, mailbox);
	     count < enough && i < scheduler->delivery_count &&
	     scheduler->deliveries[i].mailbox == mailbox && *closure->steps;
	     i++) {
		uint32_t send = scheduler->deliveries[i].send;
		size_t before = closure->count, opened = closure->opened_count;

		--*closure->steps;
		if (is_in(closure, nodes[send].receive) || is_in(closure, send))
			continue;
		add(closure, send);
		if (settle(closure, false)) {
			count = count_unread(closure, scheduler, mailbox);
			continue;
		}
		undo(closure, before, opened);
		if (*closure->steps)
			trc_table_put(&closure->never, send, closure);
	}
	return count >= enough;
}

static bool all_full(struct closure *closure, const struct trc__scheduler *scheduler,
		     const uint32_t *awaits, unsigned count, bool fill_them, uint32_t *ret_why)
{
	const struct trc__causes *causes = closure->causes;

	for (unsigned i = 0; i < count; i++) {
		const struct trc__await *await = &causes->awaits[awaits[i]];
		uint64_t mailbox = await->party;
		bool full;

		if (causes->ways[await->way]->what != TRC_WHAT_SPACE)
			continue;
		if (fill_them)
			full = fill_mailbox(closure, scheduler, mailbox);
		else
			full = count_unread(closure, scheduler, mailbox) >=
			       enough_for(scheduler, mailbox);
		if (full)
			continue;
		*ret_why = awaits[i];
		return false;
	}
	return true;
}

enum trc__order trc__schedule_full(struct trc__scheduler *scheduler, const uint32_t *awaits,
				   unsigned count, uint32_t *ret_why)
{
	const struct trc__causes *causes = scheduler->causes;
	uint64_t left = allow(&scheduler->steps);
	struct closure closure;
	bool can;

	begin(&closure, scheduler, awaits, count, &left);
	can = settle(&closure, false);
	*ret_why = 0;
	for (unsigned i = 0; i < count; i++)
		if (closure.ended && causes->awaits[awaits[i]].grant == closure.ended)
			*ret_why = awaits[i];
	/* What fills one mailbox may have emptied another. */
	can = can && all_full(&closure, scheduler, awaits, count, true, ret_why) &&
	      all_full(&closure, scheduler, awaits, count, false, ret_why);
	clear(&closure);
	scheduler->steps += left;
	if (left == 0)
		return TRC__ORDER_OPEN;
	return can ? TRC__ORDER_REVERSED : TRC__ORDER_FIXED;
}
