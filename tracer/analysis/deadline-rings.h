/*
 * deadline-rings.h - rings that only a deadline can break; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_DEADLINE_RINGS_H
#define TRACER_ANALYSIS_DEADLINE_RINGS_H

#include "tracer/analysis/check.h"

/* When the actor's new wait has just closed such a ring: adds it to `hazards`, or counts it there
 * as one more instance. */
void trc__deadline_ring(const struct trc_model *model, uint64_t actor,
			struct trc_findings *hazards);

#endif
