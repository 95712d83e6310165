/*
 * compare-private.h - a comparison while it is made; for tracer/compare only
 */
#ifndef TRACER_COMPARE_COMPARE_PRIVATE_H
#define TRACER_COMPARE_COMPARE_PRIVATE_H

#include "tracer/compare/compare.h"
#include "tracer/compare/milestones.h"
#include "tracer/compare/moments.h"
#include "tracer/compare/seats.h"
#include "tracer/compare/step.h"
#include "tracer/compare/trail.h"

#include <stdatomic.h>

enum { TRC__WINDOW = 64 }; /* steps from a difference on in which the other's are looked for */

#define TRC__NOBODY SIZE_MAX

struct trc__wait {
	uint64_t longest, begin; /* of the longest one: how long, since when */
	uint64_t total;
	uint64_t peer;
	uint16_t what;
};

/* One actor in one run. Each run's thread writes its own only. */
struct trc__part {
	uint64_t count, digest; /* steps, and the digest of all of them in this order */
	uint64_t sum;           /* of their digests: the same in any order */
	uint64_t *close;        /* pass 2: digests of the steps around the difference */

	/* pass 3 */
	size_t label;   /* 1 + the difference whose effects have reached it */
	size_t pending; /* the same with the reply it waits for */
	size_t dropped; /* the same with the last handle to it that was dropped */
	uint64_t window[TRC__WINDOW];
	unsigned window_count;
	uint64_t shape; /* of the first step that differs */
	struct trc__wait waits;

	/* all passes: the wait that goes on */
	uint64_t wait_since;
	bool choosing; /* any target ends it */
	struct trc_target *targets;
	size_t target_count, target_room; /* count 0: it does not wait */
};

struct trc__seat {
	uint64_t equal;    /* steps; the next one differs. UINT64_MAX: none does */
	size_t difference; /* TRC__NOBODY: none */
	uint64_t close_from;
	bool close; /* its difference is among the steps from there on */
	struct trc__part parts[TRC_RUNS];
};

struct trc__difference {
	struct trc_difference public;
	size_t seat;       /* of ACTORS: the first */
	size_t because[2]; /* 1 + the difference in its past in each run */
	struct trc__step steps[2];
};

struct trc__reader; /* of one run */

struct trc_comparison {
	struct trc__seats seats;
	struct trc__seat *seated;
	struct trc__milestones digests[TRC_RUNS];
	struct trc__milestones times[TRC_RUNS];
	struct trc__trail trails[TRC_RUNS]; /* behind the differences */
	struct trc__moments moments;
	struct trc__difference *items;
	size_t count, room;
	struct trc_difference *differences; /* in their final order */
	struct trc_compared_actor *actors;
	size_t first_count, serious_count;
	struct trc_comparison_totals totals;
};

/* --- pass.c: reading both traces -----------------------------------------------------------------
 */

struct trc__pass {
	struct trc_comparison *comparison;
	struct trc_trace **traces;
	const struct trc_compare_options *options;
	unsigned number, count; /* this pass, of so many: for progress */
	/* each event of each run, in causal order */
	void (*visit)(struct trc__reader *reader, const struct trc_event *event);
	atomic_bool cancelled;
	_Atomic(uint64_t) done; /* events, of both */
	uint64_t events;
	struct trc__reader *readers;
};

struct trc__reader {
	struct trc__pass *pass;
	struct trc_comparison *comparison;
	enum trc_run run;
	struct trc__stepper stepper;
	const struct trc_model *model; /* just after the event that is visited */
	struct trc_table labels;       /* pass 3: of messages under way, by number */
	uint64_t visited;
	int result;
	struct trc_trace_error error;
};

/* Reads both from beginning to end, in two threads. 0 or -errno. */
int trc__pass_run(struct trc__pass *pass, struct trc_trace_error *ret_error);

/* The seat of an actor; NULL: it has none. */
struct trc__seat *trc__reader_seat(struct trc__reader *reader, uint64_t actor);

/* The step that an event is, which is its actor's step number part->count; false: it is none. */
bool trc__reader_step(struct trc__reader *reader, const struct trc_event *event,
		      struct trc__part *part, struct trc__step *ret_step);

/* --- passes.c: what is found out in each --------------------------------------------------------
 */

/* Pass 1: where about each pair of actors differs. Pass 2: which step that is, when the marks are
 * too far apart to say so. */
void trc__visit_for_digests(struct trc__reader *reader, const struct trc_event *event);
void trc__visit_closely(struct trc__reader *reader, const struct trc_event *event);

/* After pass 1: true when pass 2 is needed. */
bool trc__find_about(struct trc_comparison *comparison);
void trc__find_exactly(struct trc_comparison *comparison);

/* --- effects.c: pass 3 --------------------------------------------------------------------------
 */

/* Follows what each difference has an effect on, and takes in what differs. */
void trc__visit_for_effects(struct trc__reader *reader, const struct trc_event *event);
void trc__reader_clear(struct trc__reader *reader);

/* --- differences.c ------------------------------------------------------------------------------
 */

/* Before pass 3: one for each pair of actors that differs, and for each kind without its like. */
void trc__list_differences(struct trc_comparison *comparison,
			   const struct trc_model *const models[TRC_RUNS]);

/* After it: of what sort they are, what follows from what, and in which order they are told. */
void trc__judge_differences(struct trc_comparison *comparison,
			    const struct trc_model *const models[TRC_RUNS]);

/* --- words.c ------------------------------------------------------------------------------------
 */

/* Where two payloads differ far from their beginning, the steps' own words are changed, too. */
void trc__put_in_words(struct trc__difference *difference, const struct trc__seat *seat,
		       const struct trc_model *const models[TRC_RUNS],
		       struct trc_difference *ret_difference);

#endif
