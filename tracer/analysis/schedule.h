/*
 * schedule.h - whether the same messages can come so that all of some waits are open at once; for
 * tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_SCHEDULE_H
#define TRACER_ANALYSIS_SCHEDULE_H

#include "tracer/analysis/closure.h"

enum trc__order {
	TRC__ORDER_FREE, /* a schedule was found, in which everybody still does as in this run */
	TRC__ORDER_REVERSED, /* only by letting one actor handle its messages the other way round */
	TRC__ORDER_FIXED,    /* never: one comes before the other by cause */
	TRC__ORDER_OPEN,     /* given up: it would have taken too long */
};

/* What the questions below share. */
struct trc__scheduler {
	const struct trc__causes *causes;
	struct trc__delivery {
		uint64_t mailbox;
		uint32_t send;
	} * deliveries; /* sorted by mailbox, then send */
	size_t delivery_count;
	const struct trc_table *endless; /* mailboxes that get as many messages as one likes */
	struct trc__marks nodes, past;
	uint64_t steps; /* how much work is left to spend */
};

/* `causes` and `endless` are borrowed. */
void trc__scheduler_init(struct trc__scheduler *scheduler, const struct trc__causes *causes,
			 const struct trc_table *endless, uint64_t steps);
void trc__scheduler_clear(struct trc__scheduler *scheduler);

/* Can all these waits be open at once? When not, *ret_why is one that always ends before the rest
 * can all be open, or 0. */
enum trc__order trc__schedule(struct trc__scheduler *scheduler, const uint32_t *awaits,
			      unsigned count, uint32_t *ret_why);

/* The same question when some of the waits are for space: can the messages of this run fill the
 * mailboxes while all of the waits are open? TRC__ORDER_REVERSED when they can. */
enum trc__order trc__schedule_full(struct trc__scheduler *scheduler, const uint32_t *awaits,
				   unsigned count, uint32_t *ret_why);

#endif
