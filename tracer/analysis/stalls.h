/*
 * stalls.h - long stretches in which an actor held others up; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_STALLS_H
#define TRACER_ANALYSIS_STALLS_H

#include "tracer/analysis/evidence.h"
#include "tracer/model/table.h"

enum { TRC__STALL_NS = 1000000000 };

/* A time in which the whole program was stopped. */
struct trc__frozen {
	uint64_t begin, end;
};

/* Zeroed when empty. */
struct trc__stalls {
	struct trc_table last;      /* struct stretch: of each actor, its last long one */
	struct trc__frozen *frozen; /* in order of time */
	size_t frozen_count, frozen_room;
	uint64_t now;    /* of the latest event */
	uint64_t events; /* so far */
	uint64_t seen;   /* actors that were looked at in silences */
	uint64_t runner; /* who began to run last */
	bool parallel;   /* two have run at once */
};

/* Each event just before the model applies it; what it shows goes into `findings`: one for all
 * stretches of a kind of actor at one place. The algorithm is described at the top of stalls.c. */
void trc__stalls_before(struct trc__stalls *stalls, const struct trc_model *model,
			const struct trc_event *event, struct trc_findings *findings);

/* What waits that are open at the end of the trace show. */
void trc__stalls_at_end(struct trc__stalls *stalls, const struct trc_model *model,
			struct trc_findings *findings);

void trc__stalls_clear(struct trc__stalls *stalls);

#endif
