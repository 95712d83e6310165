/*
 * cures.h - what usually helps against a finding; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_CURES_H
#define TRACER_ANALYSIS_CURES_H

#include "tracer/analysis/finding.h"

/* By the shape of its ring; a sentence without a full stop. NULL when nothing is to be cured. */
const char *trc__cure(const struct trc_finding *finding);

#endif
