/*
 * fill.h - whether the mailboxes of a ring can ever be full; for tracer/analysis only
 *
 * Messages that only go around do not become more: when each that arrives over the ring makes its
 * receiver send at most one on, no more are ever under way than have entered the ring. What sockets
 * and timers send in can be repeated without end; what start handlers and the main program sent is
 * counted.
 */
#ifndef TRACER_ANALYSIS_FILL_H
#define TRACER_ANALYSIS_FILL_H

#include "tracer/analysis/rings.h"

struct trc__fill {
	const struct trc_model *model;
	const struct trc__arrows *arrows;
	const struct trc__rings *rings;
	struct trc_table places; /* actor to 1 + node */
	struct trc__inflow {     /* of one mailbox, from everybody */
		uint64_t count;
		uint64_t driven; /* of these, how many could come again without end */
		bool uncounted;  /* there were more, of arrows that are not kept */
	} * inflows;             /* by node */
};

/* Why a mailbox of a ring can never be full. */
struct trc__bound {
	const struct trc__pair
		*pair;    /* to that mailbox; NULL: they can all fill, for all we know */
	bool few;         /* it got too few messages, wherever they came from */
	uint64_t most;    /* messages that could be under way to it */
	uint64_t fitting; /* as in struct trc_finding */
};

/* All is borrowed. After trc__drive(). */
void trc__fill_init(struct trc__fill *fill, const struct trc_model *model,
		    const struct trc__arrows *arrows, const struct trc__rings *rings);
void trc__fill_clear(struct trc__fill *fill);

void trc__fill_bound(const struct trc__fill *fill, const struct trc__ring *ring,
		     struct trc__bound *ret_bound);

/* Of the actor that is this node. */
uint32_t trc__fill_capacity(const struct trc__fill *fill, uint32_t node);

#endif
