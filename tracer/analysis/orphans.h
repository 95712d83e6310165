/*
 * orphans.h - waits that no one is left to end, among the dead; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_ORPHANS_H
#define TRACER_ANALYSIS_ORPHANS_H

#include "tracer/analysis/life.h"
#include "tracer/analysis/stuck.h"

/* Who is not live, and why not. */
struct trc__dead {
	struct trc__life life;
	uint32_t *first, *to; /* whom each of the dead needs, see cores.h */
	bool *any;
	uint32_t *core; /* number of its core, or TRC__NOBODY */
	bool *taken;    /* stands in a deadlock */
	bool *behind;   /* stands in one, or waits for who does; then: for an orphan */
};

/* Puts those who wait for somebody gone or asleep into stuck->orphans, which has room for all;
 * `taken` is known by then. Fills in `behind`. */
void trc__orphans(struct trc__dead *dead, struct trc_stuck *stuck);

#endif
