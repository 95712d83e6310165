/*
 * compare.h - two runs of one program laid side by side by cause: where do they first differ?
 *
 * Times say nothing about two runs; what an actor did after what it was told does. So each actor of
 * one run is paired with its like in the other (by parent, kind, name and order of spawning), and
 * the *steps* of the two are compared one by one: what it received and from whom, what it sent,
 * replied, spawned, logged, and how it ended. Numbers of actors, messages and tokens, times, and
 * whether it had to wait are no part of a step.
 *
 * The first step that differs is the actor's difference. Of these, most follow from others: the
 * room says something else because a guest told it something else. A difference is *first* when
 * nothing that differs is in its past, by cause, in either run: there the runs part by themselves,
 * because of an order that is not decided by cause, of chance, or of the outside world. The idea of
 * comparing executions by their happened-before order instead of their logs' order is ShiViz's
 * (Beschastnikh et al., "Debugging distributed systems", 2016); that of what one more deliberate
 * difference explains is from Zeller's delta debugging.
 *
 * Two or three passes over each trace, both at the same time in two threads. Memory is bounded but
 * for what is kept of each actor (some hundred bytes): digests of an actor's first steps are kept
 * at distances that double whenever they become too many, and a pass in between reads more closely
 * where two neighbouring ones stop being equal.
 *
 * What cannot be compared is said: actors without their like (each kind is a difference of its
 * own), events that were lost, payloads that the recording cut short, a recording that goes on.
 * What happens outside all actors has no order and is not compared; its messages are, where they
 * are received.
 */
#ifndef TRACER_COMPARE_COMPARE_H
#define TRACER_COMPARE_COMPARE_H

#include "tracer/query/trace.h"

enum trc_run { TRC_RUN_A, TRC_RUN_B, TRC_RUNS };

/* "A", "B" */
const char *trc_run_name(enum trc_run run);

struct trc_step {
	uint64_t event; /* number in the causal order of its run, from 1 */
	uint64_t time;
	uint64_t peer;    /* the other actor, in the same run; 0: none, or the outside */
	uint64_t message; /* 0: not about one */
	uint32_t site;    /* of a RECEIVE, where it was sent */
	uint16_t type;    /* of the message, 0: none */
	uint8_t kind;     /* enum trc_kind */
	bool cut;         /* the recording kept only a part of its payload */
	char *text;       /* `receives Join{user:"ann"} from connection "ann"` */
};

enum trc_difference_kind {
	TRC_DIFFERENT_ORDER,   /* both do both, the other way round, as far as they get */
	TRC_DIFFERENT_PAYLOAD, /* the same but for what is in it */
	TRC_DIFFERENT_MORE,    /* `run` does something in between that the other does not */
	TRC_DIFFERENT_STEP,    /* they do different things */
	TRC_DIFFERENT_END,     /* `run` stops where the other goes on */
	TRC_DIFFERENT_ACTORS,  /* only `run` has it */
	TRC_DIFFERENT_WAITS,   /* the steps are the same, but `run` waits much longer */
};

/* A word for programs: "order", "payload", "more", "step", "end", "actors", "waits". */
const char *trc_difference_name(enum trc_difference_kind kind);

struct trc_difference {
	enum trc_difference_kind kind;
	enum trc_run run;
	bool first;         /* nothing that differs is in its past */
	size_t after;       /* otherwise, the first difference that it follows from */
	uint64_t actors[2]; /* 0: has none */
	uint64_t equal;     /* steps before it that are equal */
	uint64_t count;     /* ACTORS: so many of this kind. MORE: steps in between */
	bool has[2];        /* the run has a step there */
	bool stuck;         /* ORDER: `run` never gets to what the other does first */
	struct trc_step steps[2];
	uint64_t times[2];  /* where to look: of the step, or since when there is none */
	uint64_t waited[2]; /* WAITS: altogether */
	bool gap;           /* events of the actor were lost: it may be no difference at all */
	char *title;        /* one line that says it all */
	char *reason; /* why the run that stops goes no further, or which wait it is; or NULL */
};

struct trc_compare_options {
	bool ignore_payload;                           /* types, senders and receivers alone */
	bool (*progress)(double share, void *context); /* as of trc_trace_open(); may be NULL */
	void *context;
	/* for tests; 0: as is good */
	size_t digest_limit, moment_limit;
};

/* An actor of both runs, or of one. */
struct trc_compared_actor {
	uint64_t actors[2]; /* 0: has none */
	uint64_t steps[2];
	uint64_t equal;    /* of them, from the beginning */
	size_t difference; /* SIZE_MAX: none */
	bool reordered;    /* all steps are the same, in another order */
};

struct trc_comparison;

/* Compares. The traces are borrowed until it returns, each for one of two threads. 0, or -errno
 * with an error; -ECANCELED. */
int trc_compare(struct trc_trace *a, struct trc_trace *b, const struct trc_compare_options *options,
		struct trc_comparison **ret_comparison, struct trc_trace_error *ret_error);
void trc_comparison_free(struct trc_comparison *comparison); /* NULL is fine */

/* First differences come first, then those that follow from them, then longer waits; each by cause.
 */
size_t trc_comparison_count(const struct trc_comparison *comparison);
const struct trc_difference *trc_comparison_difference(const struct trc_comparison *comparison,
						       size_t index);
size_t trc_comparison_first_count(const struct trc_comparison *comparison);

/* Differences other than of waits. */
size_t trc_comparison_serious_count(const struct trc_comparison *comparison);

size_t trc_comparison_actor_count(const struct trc_comparison *comparison);
const struct trc_compared_actor *trc_comparison_actor(const struct trc_comparison *comparison,
						      size_t index);

/* The actor of the other run that an actor of `run` is paired with; 0: none. */
uint64_t trc_comparison_like(const struct trc_comparison *comparison, enum trc_run run,
			     uint64_t actor);

struct trc_comparison_totals {
	size_t paired, only[2]; /* actors */
	uint64_t steps[2], equal;
	uint64_t events[2], lost[2];
	uint64_t cut[2]; /* payloads */
	bool live[2];
};
struct trc_comparison_totals trc_comparison_totals(const struct trc_comparison *comparison);

/* --- times that belong together -----------------------------------------------------------------
 */

/* The time in the other run that `time` of `run` belongs to: that of the counterpart of the last
 * step at or before it that both have, of `actor` (of `run`) or, when that is 0 or has none, of
 * anybody, and as much later as `time` is, but not past the next one. Behind an actor's difference,
 * those of its steps count that are the same still (trail.h). Of long traces some hundred thousand
 * steps are known, evenly chosen. */
uint64_t trc_comparison_time(const struct trc_comparison *comparison, enum trc_run run,
			     uint64_t time, uint64_t actor);

/* The same for the ends of a span: never later for an earlier time, nor before what was reached
 * already. */
uint64_t trc_comparison_reach(const struct trc_comparison *comparison, enum trc_run run,
			      uint64_t time);

#endif
