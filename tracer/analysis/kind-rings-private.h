/*
 * kind-rings-private.h - the kinds of one run; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_KIND_RINGS_PRIVATE_H
#define TRACER_ANALYSIS_KIND_RINGS_PRIVATE_H

#include "tracer/analysis/causes.h"
#include "tracer/analysis/kind-rings.h"

void trc__kind_waits_of(struct trc_kind_waits *waits, const struct trc__causes *causes,
			unsigned run);

/* Adds the rings of kinds that no actors of this run formed: a hazard when there are actors that
 * have handles to each other all around, else refuted. `missing`: the trace has gaps. */
void trc__kind_rings(const struct trc__causes *causes, bool missing, struct trc_findings *findings);

#endif
