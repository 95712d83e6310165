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

/* The limits of the search for what could have happened. */
enum trc_limit {
	TRC_LIMIT_STEPS,     /* only the beginning of the run was searched */
	TRC_LIMIT_SENDS,     /* only some of the sends */
	TRC_LIMIT_WAITS,     /* only some of the waits */
	TRC_LIMIT_RINGS,     /* not all rings of waits were found */
	TRC_LIMIT_LENGTH,    /* rings of more than some waits were not searched */
	TRC_LIMIT_MAILBOXES, /* not all rings of full mailboxes */
	TRC_LIMIT_ORDERS,    /* rings of which it was not found out whether they can close */
	TRC_LIMIT_COUNT,
};

/* Something that was cut off by a limit. */
struct trc_cut {
	enum trc_limit limit;
	char *text; /* what, and by how much; a sentence without a full stop */
};

/* What is in no trace, though a deadlock may lead through it. */
enum trc_unknown_of {
	TRC_UNKNOWN_THREADS,  /* threads that are no actors, and send */
	TRC_UNKNOWN_OUTSIDE,  /* what actors waited for outside */
	TRC_UNKNOWN_HANDLERS, /* whether handlers that had not ended at the end ran or waited */
	TRC_UNKNOWN_COUNT,
};

struct trc_unknown {
	enum trc_unknown_of of;
	uint64_t count; /* threads, at least; or actors */
	char *text;     /* `what threads that are no actors ...`, after "not recorded: " */
};

struct trc_findings {
	size_t count;
	struct trc_finding *items; /* by certainty, then by time; refuted ones last */
	unsigned cut_count;        /* 0: nothing was cut off */
	struct trc_cut cuts[TRC_LIMIT_COUNT];
	unsigned unknown_count; /* 0: all that anybody waited for is in the trace */
	struct trc_unknown unknowns[TRC_UNKNOWN_COUNT];
};

struct trc_check *trc_check_new(const struct trc_model *model); /* borrowed */
void trc_check_free(struct trc_check *check);
void trc_check_event(struct trc_check *check, const struct trc_event *event);

/* Just before `event` is applied to the model. May be left out; with it, waits are also found that
 * nothing but the stop of the program ended, deadlocks with all their victims, and stalls. */
void trc_check_before(struct trc_check *check, const struct trc_event *event);

/* The verdicts at the model's present state; the stream may go on afterwards. `complete` is false
 * when the trace itself says that events are missing. What has happened is lowered when it touches
 * a gap, and all that is predicted by any gap. Where filters have left messages out
 * (trc_model_unseen), all that is predicted is lowered, too; what has happened is not, but some of
 * it is not seen (docs/deadlocks.md). */
void trc_check_finish(struct trc_check *check, bool complete, struct trc_findings *ret_findings);
void trc_findings_clear(struct trc_findings *findings);

const char *trc_limit_name(enum trc_limit limit);     /* "steps" */
const char *trc_unknown_name(enum trc_unknown_of of); /* "threads" */

#endif
