/*
 * kind-rings.h - rings of asks and joins that kinds of actors form, though no actors did
 *
 * What one actor of a kind does, another may do as well. When connection 1 asks room "a", and room
 * "b" asks connection 2, then no ring is there; but the same code run by a room and a connection
 * that know each other would close one. So would what was seen in several runs, if it came in one.
 */
#ifndef TRACER_ANALYSIS_KIND_RINGS_H
#define TRACER_ANALYSIS_KIND_RINGS_H

#include "tracer/analysis/check.h"

enum { TRC_GATES_MAX = 8 };

/* Waits of actors of one kind for those of another, in one run. */
struct trc_kind_wait {
	struct trc_edge edge; /* one of them */
	unsigned run;
	bool single; /* both kinds have one actor in this run */
	/* Kinds with one actor, by hash of their names, that all of these waits hold up. */
	unsigned gate_count;
	uint64_t gates[TRC_GATES_MAX];
};

/* Start with zeros. */
struct trc_kind_waits {
	size_t count, room;
	struct trc_kind_wait *items;
};

/* Adds the waits without a deadline of the run, which is called `name`. */
void trc_kind_waits_add(struct trc_kind_waits *waits, const struct trc_check *check, unsigned run,
			const char *name);
void trc_kind_waits_clear(struct trc_kind_waits *waits);

/* Adds to `findings` the rings that only several of the runs together have, through kinds of which
 * there is one actor in each. The origin of each arrow says in which run it was; *ret_runs, to be
 * freed, has for each of them TRC_KIND_RING_MAX runs, as many as it has arrows. */
enum { TRC_KIND_RING_MAX = 6 };
void trc_kind_rings_of_runs(const struct trc_kind_waits *waits, struct trc_findings *findings,
			    unsigned **ret_runs);

#endif
