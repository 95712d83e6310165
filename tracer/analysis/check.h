/*
 * check.h - all findings of one trace
 *
 * A stream: feed every event after it was applied to the model, then finish at the trace's end.
 * Memory grows with actors and distinct wait edges; and, up to a bound, with the events that order
 * others (causes.c).
 */
#ifndef TRACER_ANALYSIS_CHECK_H
#define TRACER_ANALYSIS_CHECK_H

#include "tracer/analysis/finding.h"

struct trc_check;

struct trc_findings {
	size_t count;
	struct trc_finding *items; /* by certainty, then by time; refuted ones last */
	bool limited; /* the search for predicted rings of asks was cut short: there may be more */
};

struct trc_check *trc_check_new(const struct trc_model *model); /* borrowed */
void trc_check_free(struct trc_check *check);
void trc_check_event(struct trc_check *check, const struct trc_event *event);

/* Just before `event` is applied to the model. May be left out; with it, waits are also found that
 * nothing but the stop of the program ended, deadlocks with all their victims, and stalls. */
void trc_check_before(struct trc_check *check, const struct trc_event *event);

/* The verdicts at the model's present state; the stream may go on afterwards. `complete` is false
 * when the trace itself says that events are missing or that it still grows; that lowers what
 * touches the gap. */
void trc_check_finish(struct trc_check *check, bool complete, struct trc_findings *ret_findings);
void trc_findings_clear(struct trc_findings *findings);

#endif
