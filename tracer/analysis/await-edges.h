/*
 * await-edges.h - waits that were seen, as arrows of a finding; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_AWAIT_EDGES_H
#define TRACER_ANALYSIS_AWAIT_EDGES_H

#include "tracer/analysis/causes.h"
#include "tracer/analysis/finding.h"

/* Adds the arrows from the actor `enters` down to the wait itself. *deadline becomes true when one
 * of them has a deadline. */
void trc__add_await(struct trc_finding *finding, const struct trc__causes *causes, uint32_t await,
		    uint64_t enters, bool *deadline);

#endif
