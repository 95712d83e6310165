/*
 * handle-cycles.h - idle actors that keep each other from ending; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_HANDLE_CYCLES_H
#define TRACER_ANALYSIS_HANDLE_CYCLES_H

#include "tracer/analysis/drops.h"
#include "tracer/analysis/evidence.h"

/*
 * The cycles in the model's present state, put at the end of `findings`: one finding for all that
 * lead through the same kinds, a hazard, or refuted when somebody may still wake a member of each.
 * Hazards that came to be after `latest` are left out. The algorithm is described at the top of
 * handle-cycles.c.
 */
void trc__handle_cycles(const struct trc_model *model, const struct trc__drops *drops,
			const struct trc__gap *gap, uint64_t latest, struct trc_findings *findings);

#endif
