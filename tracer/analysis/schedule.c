/*
 * schedule.c - whether some waits can all be open at once
 *
 * They can when the closure of their requests (closure.c) holds none of their ends: kept in the
 * order of this run first, then with the messages of some actor the other way round.
 *
 * A wait for space is open only while the mailbox is full. So as many messages as it takes have to
 * be found that can be sent by then and need not have been received: their causes are gathered,
 * too, as long as these do not ask for the end of one of the waits. That is not tried in the order
 * of this run: which messages come first is what is different then.
 */
#include "tracer/analysis/schedule.h"

#include "tracer/analysis/closure.h"
#include "tracer/analysis/limits.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

static void begin(struct trc__closure *closure, struct trc__scheduler *scheduler,
		  const uint32_t *awaits, unsigned count, uint64_t *steps)
{
	trc__closure_begin(closure, scheduler->causes, &scheduler->nodes, &scheduler->past, awaits,
			   count, steps);
}

/* Tells, unless `obstacle` is NULL, why the closure could not be settled. */
static void explain(const struct trc__closure *closure, const uint32_t *awaits, unsigned count,
		    struct trc__obstacle *obstacle)
{
	if (!obstacle || obstacle->nodes)
		return;
	for (unsigned i = 0; i < count; i++)
		if (closure->ended && closure->causes->awaits[awaits[i]].grant == closure->ended)
			obstacle->await = awaits[i];
	if (closure->ended) {
		obstacle->nodes = trc_alloc(closure->count * sizeof *obstacle->nodes);
		obstacle->count =
			trc__closure_path(closure, closure->ended, obstacle->nodes, closure->count);
	} else {
		obstacle->clash[0] = closure->clash[0];
		obstacle->clash[1] = closure->clash[1];
	}
}

/* Whether no wait has ended where all have begun. */
static bool all_open(struct trc__scheduler *scheduler, const uint32_t *awaits, unsigned count,
		     bool in_order, uint64_t *steps, struct trc__obstacle *obstacle)
{
	struct trc__closure closure;
	bool open;

	begin(&closure, scheduler, awaits, count, steps);
	open = trc__closure_settle(&closure, in_order);
	if (!open)
		explain(&closure, awaits, count, obstacle);
	trc__closure_clear(&closure);
	return open;
}

/* What one attempt may spend of *steps, which is taken off; the rest is given back. The causes of
 * what comes late in a long run can reach back to its beginning. */
static uint64_t allow(uint64_t *steps)
{
	uint64_t allowed = *steps < TRC__ORDER_STEPS_MAX ? *steps : TRC__ORDER_STEPS_MAX;

	*steps -= allowed;
	return allowed;
}

enum trc__order trc__schedule(struct trc__scheduler *scheduler, const uint32_t *awaits,
			      unsigned count)
{
	uint64_t left = allow(&scheduler->steps);
	enum trc__order order = TRC__ORDER_FIXED;

	if (all_open(scheduler, awaits, count, true, &left, NULL))
		order = TRC__ORDER_FREE;
	else if (all_open(scheduler, awaits, count, false, &left, NULL))
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
	trc__marks_init(&scheduler->nodes, causes);
	trc__marks_init(&scheduler->past, causes);
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
	trc__marks_clear(&scheduler->nodes);
	trc__marks_clear(&scheduler->past);
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
static uint32_t count_unread(const struct trc__closure *closure,
			     const struct trc__scheduler *scheduler, uint64_t mailbox)
{
	const struct trc__cause *nodes = closure->causes->nodes;
	uint32_t count = 0;
	uint64_t looked = 0;

	for (size_t i = first_delivery(scheduler, mailbox);
	     i < scheduler->delivery_count && scheduler->deliveries[i].mailbox == mailbox; i++) {
		looked++;
		count += trc__closure_has(closure, scheduler->deliveries[i].send) &&
			 !trc__closure_has(closure, nodes[scheduler->deliveries[i].send].receive);
	}
	/* That is work, too. */
	*closure->steps -= looked / 8 < *closure->steps ? looked / 8 : *closure->steps;
	return count;
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
static bool fill_mailbox(struct trc__closure *closure, const struct trc__scheduler *scheduler,
			 uint64_t mailbox, struct trc__obstacle *obstacle)
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
		if (trc__closure_has(closure, nodes[send].receive) ||
		    trc__closure_has(closure, send))
			continue;
		closure->at = closure->count;
		trc__closure_add(closure, send);
		if (trc__closure_settle(closure, false)) {
			count = count_unread(closure, scheduler, mailbox);
			continue;
		}
		explain(closure, NULL, 0, obstacle);
		trc__closure_undo(closure, before, opened);
		if (*closure->steps)
			trc_table_put(&closure->never, send, closure);
	}
	if (obstacle && count < enough) {
		obstacle->found = count;
		obstacle->needed = enough;
	} else if (obstacle) {
		trc__obstacle_clear(obstacle); /* it was none */
	}
	return count >= enough;
}

static bool all_full(struct trc__closure *closure, const struct trc__scheduler *scheduler,
		     const uint32_t *awaits, unsigned count, bool fill_them,
		     struct trc__obstacle *obstacle)
{
	const struct trc__causes *causes = closure->causes;

	for (unsigned i = 0; i < count; i++) {
		const struct trc__await *await = &causes->awaits[awaits[i]];
		uint64_t mailbox = await->party;
		bool full;

		if (causes->ways[await->way]->what != TRC_WHAT_SPACE)
			continue;
		if (fill_them)
			full = fill_mailbox(closure, scheduler, mailbox, obstacle);
		else
			full = count_unread(closure, scheduler, mailbox) >=
			       enough_for(scheduler, mailbox);
		if (full)
			continue;
		if (obstacle)
			obstacle->await = awaits[i];
		return false;
	}
	return true;
}

static bool can_fill(struct trc__scheduler *scheduler, const uint32_t *awaits, unsigned count,
		     uint64_t *steps, struct trc__obstacle *obstacle)
{
	struct trc__closure closure;
	bool can;

	begin(&closure, scheduler, awaits, count, steps);
	can = trc__closure_settle(&closure, false);
	if (!can)
		explain(&closure, awaits, count, obstacle);
	/* What fills one mailbox may have emptied another. */
	can = can && all_full(&closure, scheduler, awaits, count, true, obstacle) &&
	      all_full(&closure, scheduler, awaits, count, false, obstacle);
	trc__closure_clear(&closure);
	return can;
}

enum trc__order trc__schedule_full(struct trc__scheduler *scheduler, const uint32_t *awaits,
				   unsigned count)
{
	uint64_t left = allow(&scheduler->steps);
	bool can = can_fill(scheduler, awaits, count, &left, NULL);

	scheduler->steps += left;
	if (left == 0)
		return TRC__ORDER_OPEN;
	return can ? TRC__ORDER_REVERSED : TRC__ORDER_FIXED;
}

/* --- why not ------------------------------------------------------------------------------------
 */

void trc__obstacle_find(struct trc__scheduler *scheduler, const uint32_t *awaits, unsigned count,
			bool full, struct trc__obstacle *ret_obstacle)
{
	uint64_t steps = TRC__ORDER_STEPS_MAX;

	*ret_obstacle = (struct trc__obstacle){0};
	if (full)
		can_fill(scheduler, awaits, count, &steps, ret_obstacle);
	else
		all_open(scheduler, awaits, count, false, &steps, ret_obstacle);
}

void trc__obstacle_clear(struct trc__obstacle *obstacle)
{
	free(obstacle->nodes);
	*obstacle = (struct trc__obstacle){0};
}
