/*
 * ask-rings.h - rings of asks, joins and sends that another order of the same messages would close;
 * for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_ASK_RINGS_H
#define TRACER_ANALYSIS_ASK_RINGS_H

#include "tracer/analysis/causes.h"
#include "tracer/analysis/check.h"
#include "tracer/analysis/limits.h"

/* Adds to `findings` what could have locked up, and the rings that cannot with the reason. What a
 * certain finding there already says is not said again. `endless`: mailboxes that can get as many
 * messages as one likes; rings of nothing but those are left out. `missing`: the trace has gaps. */
void trc__ask_rings(struct trc__causes *causes, const struct trc_table *endless, bool missing,
		    struct trc__limits *limits, struct trc_findings *findings);

#endif
