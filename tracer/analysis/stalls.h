/*
 * stalls.h - long stretches in which an actor held others up; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_STALLS_H
#define TRACER_ANALYSIS_STALLS_H

#include "tracer/analysis/evidence.h"
#include "tracer/model/table.h"

enum { TRC__STALL_NS = 1000000000 };

/* Zeroed when empty. */
struct trc__stalls {
	struct trc_table last; /* struct stretch: of each actor, its last long one */
};

/* Each event just before the model applies it; what it shows goes into `findings`: one for all
 * stretches of a kind of actor at one place. The algorithm is described at the top of stalls.c. */
void trc__stalls_before(struct trc__stalls *stalls, const struct trc_model *model,
			const struct trc_event *event, struct trc_findings *findings);

void trc__stalls_clear(struct trc__stalls *stalls);

#endif
