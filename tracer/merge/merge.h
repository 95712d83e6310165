/*
 * merge.h - several traces of one run as one
 *
 * Each event of each trace comes into the new one, once, in the order of its ring. Numbers are made
 * disjoint (numbers.h), times are counted from the earliest trace's time 0 (clocks.h), and rings
 * are laid side by side by time, so that whoever reads the new trace in causal order sees all of
 * them in one.
 */
#ifndef TRACER_MERGE_MERGE_H
#define TRACER_MERGE_MERGE_H

#include "tracer/store/store.h"

struct trc_merge_input {
	const char *path;
	/* --- results */
	uint64_t events;
	uint64_t shift;     /* what was added to its times */
	int64_t correction; /* of its wall clock, by messages; part of `shift` */
	uint64_t let_go;    /* of its events, the oldest: there is a gap instead */
	bool closed;        /* its recording had ended */
	bool complete;
};

struct trc_merge_options {
	const char *output;
	bool replace;      /* an output that is a trace already */
	bool same_numbers; /* numbers of actors, messages and tokens mean the same in all inputs */
};

struct trc_merge_result {
	uint64_t events;
	uint64_t matched; /* messages sent in one input and received in another */
	uint64_t early;   /* by how much one of them arrives before it was sent, at most; ns */
	uint64_t unknown; /* events of kinds that are unknown here, left out */
	bool types_full;  /* more types than a trace can have: some messages lost theirs */
};

/* At least two inputs. 0 or -errno; then there is no output. */
int trc_merge(struct trc_merge_input *inputs, unsigned count,
	      const struct trc_merge_options *options, struct trc_merge_result *ret_result,
	      struct trc_error *ret_error);

#endif
