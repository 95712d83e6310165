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

#endif
