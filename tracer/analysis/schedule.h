/*
 * schedule.h - whether the same messages can come so that all of some waits are open at once; for
 * tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_SCHEDULE_H
#define TRACER_ANALYSIS_SCHEDULE_H

#include "tracer/analysis/causes.h"

enum trc__order {
	TRC__ORDER_FREE, /* a schedule was found, in which everybody still does as in this run */
	TRC__ORDER_REVERSED, /* only by letting one actor handle its messages the other way round */
	TRC__ORDER_FIXED,    /* never: one comes before the other by cause */
	TRC__ORDER_OPEN,     /* given up: it would have taken too long */
};

/* Can all these waits be open at once? When not, *ret_why is one that always ends before the rest
 * can all be open. `steps` is how much work is left to spend. */
enum trc__order trc__schedule(const struct trc__causes *causes, const uint32_t *awaits,
			      unsigned count, uint64_t *steps, uint32_t *ret_why);

/* Which messages could be in which mailbox. */
struct trc__inboxes {
	const struct trc__causes *causes;
	struct trc__delivery {
		uint64_t mailbox;
		uint32_t send;
	} * items; /* sorted by mailbox, then send */
	size_t count;
	const struct trc_table *endless; /* mailboxes that get as many as one likes */
};

void trc__inboxes_make(const struct trc__causes *causes, const struct trc_table *endless,
		       struct trc__inboxes *ret_inboxes);
void trc__inboxes_clear(struct trc__inboxes *inboxes);

/* The same question when some of the waits are for space: can the messages of this run fill the
 * mailboxes while all of the waits are open? TRC__ORDER_REVERSED when they can. */
enum trc__order trc__schedule_full(const struct trc__inboxes *inboxes, const uint32_t *awaits,
				   unsigned count, uint64_t *steps, uint32_t *ret_why);

#endif
