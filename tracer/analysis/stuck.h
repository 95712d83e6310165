/*
 * stuck.h - who can never go on again, given the model's state now
 *
 * The algorithm is described at the top of stuck.c: the complement of a least fixed point over the
 * wait table, O(actors + targets), with strongly connected cores told from their victims.
 */
#ifndef TRACER_ANALYSIS_STUCK_H
#define TRACER_ANALYSIS_STUCK_H

#include "tracer/model/model.h"

struct trc_stuck_core {
	unsigned count;
	uint64_t *actors; /* in the order of the ring when the core is a simple cycle; idle ones
			     that only members could wake stand among those who wait */
};

/* `from` needs `to`: to meet its wait; or, when it is idle, to wake it. */
struct trc_stuck_arrow {
	uint64_t to, from;
};

struct trc_stuck {
	unsigned stuck_count;
	uint64_t *stuck; /* all that wait and are stuck: members of cores, victims, orphans */
	unsigned core_count;
	struct trc_stuck_core *cores; /* deadlocks, self-waits included */
	unsigned orphan_count;
	uint64_t *orphans;  /* wait for a token that is gone or kept by someone idle whom nobody
			       wakes */
	size_t arrow_count; /* sorted by `to`, then `from` */
	struct trc_stuck_arrow *arrows;
};

/* Who is stuck in the model's present state. Free with trc_stuck_clear(). */
void trc_stuck_find(const struct trc_model *model, struct trc_stuck *ret_stuck);
void trc_stuck_clear(struct trc_stuck *stuck);

/* Whether `actor`'s newest wait may have closed a cycle: a pointer chase along single-target waits,
 * cheap enough for every WAIT event. True also when it meets a wait with several targets. */
bool trc_stuck_suspected(const struct trc_model *model, uint64_t actor);

#endif
