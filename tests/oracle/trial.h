/*
 * trial.h - one run of a program, and whether what the analysis says of its trace is true
 */
#ifndef TESTS_ORACLE_TRIAL_H
#define TESTS_ORACLE_TRIAL_H

#include "tests/oracle/explore.h"

/* What can be wrong, as bits. */
enum {
	OR_FALSE_CERTAIN = 1 << 0,  /* a deadlock or orphan that is none */
	OR_MISSED_CERTAIN = 1 << 1, /* somebody stuck who is in no finding */
	OR_WRONG_CORE = 1 << 2,     /* core and victims, deadlock and orphan mixed up */
	OR_WRONG_INSTANT = 1 << 3,  /* of the moment from which on it was unavoidable */
	OR_FALSE_LIKELY = 1 << 4,   /* predicted for a program that can never deadlock */
	OR_FALSE_POSSIBLE = 1 << 5,
	OR_MISSED = 1 << 6,         /* nothing predicted by a passing run of one that can */
	OR_OTHER_RING = 1 << 7,     /* likely, but these actors cannot, others can */
	OR_FALSE_FILTERED = 1 << 8, /* of a trace with filters: certain and false, or a prediction
				       that is not lowered */
	OR_FALSE_ALARM = 1 << 9,    /* while it runs: an alarm of somebody who is not stuck */
	OR_SILENT_ALARM = 1 << 10,  /* certain, and no alarm */
	OR_FALSE_LOSSY = 1 << 11,   /* of a trace with a gap: certain, not lowered, and false, or a
				       prediction that is not lowered */
	OR_WRONG_BITS = 12,
};

struct or_result {
	unsigned wrong; /* the bits above */
	unsigned events;
	bool hung;
	bool likely, possible; /* what was predicted */
};

/* The name of one of the bits above. */
const char *or_wrong_name(unsigned wrong);

/* Runs the program with the order that `seed` gives and judges the findings. */
void or_trial(const struct or_program *program, const struct or_truth *truth, unsigned seed,
	      struct or_result *ret_result);

/* The same of a trace from which filters have left messages out, which ones by lot, and
 * whose end may be missing: only OR_FALSE_FILTERED is wrong then. Returns how many were left out.
 * `ret_missed`: somebody stuck is in no finding. */
unsigned or_trial_filtered(const struct or_program *program, const struct or_truth *truth,
			   unsigned seed, struct or_result *ret_result, bool *ret_missed);

/* The same of a trace in which events are missing: for a while, those of some actors. Only
 * OR_FALSE_LOSSY is wrong then. Returns how many are missing. */
unsigned or_trial_lossy(const struct or_program *program, const struct or_truth *truth,
			unsigned seed, struct or_result *ret_result, bool *ret_missed);

/* That in which `wrong` came out, and prints the events and findings. */
void or_trial_print(const struct or_program *program, const struct or_truth *truth, unsigned seed,
		    unsigned wrong);

#endif
