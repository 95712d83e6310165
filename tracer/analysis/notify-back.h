/*
 * notify-back.h - sends to somebody who waits for the sender; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_NOTIFY_BACK_H
#define TRACER_ANALYSIS_NOTIFY_BACK_H

#include "tracer/analysis/causes.h"
#include "tracer/analysis/check.h"
#include "tracer/analysis/limits.h"

/* Adds those that would lock up if the mailbox were full, and whose mailbox can be full then. What
 * a finding there already says is not said again. */
void trc__notify_back(const struct trc__causes *causes, const struct trc_table *endless,
		      struct trc__limits *limits, struct trc_findings *findings);

#endif
