/*
 * faults.h - patterns of waits that were judged, as findings; for tracer/analysis only
 *
 * Patterns through the same kinds at the same source lines are one fault.
 */
#ifndef TRACER_ANALYSIS_FAULTS_H
#define TRACER_ANALYSIS_FAULTS_H

#include "tracer/analysis/check.h"
#include "tracer/analysis/patterns.h"
#include "tracer/analysis/schedule.h"

enum { TRC__FAULT_AWAITS = 2 * TRC__PATTERN_MAX };

struct trc__fault {
	uint64_t key;
	unsigned tries;
	unsigned patterns; /* that are alike */
	bool judged;
	bool cut;              /* not all was tried */
	enum trc__order order; /* the best so far */
	bool space;            /* a full mailbox is part of it */
	struct trc__pattern pattern;
	/* The very waits: first the ring's, then what closes the other ways out of those that any
	 * one of several answers ends. */
	unsigned count;
	uint32_t awaits[TRC__FAULT_AWAITS];
	uint64_t enters[TRC__FAULT_AWAITS]; /* an actor that each holds: the first of its arrows
					       that are told begins there */
	uint32_t escape; /* fixed: an answer that ends one of the waits, and that nothing here
			    keeps from coming; or 0 */
};

/* Kinds that stand in a finding: what else could be said of them would be said twice. */
struct trc__told {
	const struct trc_model *model;
	struct trc_table pairs;
};

void trc__told_add(struct trc__told *told, const struct trc_finding *finding);
void trc__told_clear(struct trc__told *told);

/* Adds what the fault comes to, unless its kinds have been told of. `missing`: the trace has gaps,
 * so "never" is not certain. */
void trc__fault_tell(const struct trc__fault *fault, struct trc__scheduler *scheduler, bool missing,
		     struct trc__told *told, struct trc_findings *findings);

#endif
