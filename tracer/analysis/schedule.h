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

/* Can all these waits be open at once? */
enum trc__order trc__schedule(struct trc__scheduler *scheduler, const uint32_t *awaits,
			      unsigned count);

/* The same question when some of the waits are for space: can the messages of this run fill the
 * mailboxes while all of the waits are open? TRC__ORDER_REVERSED when they can. */
enum trc__order trc__schedule_full(struct trc__scheduler *scheduler, const uint32_t *awaits,
				   unsigned count);

/* Why waits that cannot all be open cannot. */
struct trc__obstacle {
	uint32_t await;    /* one that always ends first, or whose mailbox cannot fill; 0: none */
	uint32_t clash[2]; /* or two stretches of one actor that would both have to be open */
	uint32_t found, needed; /* messages for that mailbox; 0: it is no matter of those */
	size_t count;           /* events each of which was needed for the next: from what ends a */
	uint32_t *nodes; /* wait to the request of another, or to a message that is missing */
};

/* For waits that are TRC__ORDER_FIXED. */
void trc__obstacle_find(struct trc__scheduler *scheduler, const uint32_t *awaits, unsigned count,
			bool full, struct trc__obstacle *ret_obstacle);
void trc__obstacle_clear(struct trc__obstacle *obstacle);

#endif
