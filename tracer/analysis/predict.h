/*
 * predict.h - deadlocks that did not happen in this run; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_PREDICT_H
#define TRACER_ANALYSIS_PREDICT_H

#include "tracer/analysis/arrows.h"
#include "tracer/analysis/check.h"
#include "tracer/analysis/limits.h"

/* Adds what the arrows promise to `findings`: potential deadlocks, and rings that cannot block with
 * the reason. What a certain finding there already says is not said again. After
 * trc__arrows_open_waits() and trc__drive(). `counted`: rings in which a mailbox gets only so many
 * messages have been judged already. `missing`: the trace has gaps, so "never" is not certain. */
void trc__predict(const struct trc_model *model, struct trc__arrows *arrows, bool counted,
		  bool missing, struct trc__limits *limits, struct trc_findings *findings);

#endif
