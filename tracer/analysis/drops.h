/*
 * drops.h - when handles were given up; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_DROPS_H
#define TRACER_ANALYSIS_DROPS_H

#include "tracer/model/table.h"

/* Zeroed when empty. */
struct trc__drops {
	struct trc_table last; /* struct drop, by actor */
};

void trc__drops_note(struct trc__drops *drops, uint64_t actor, uint64_t time);

/* When anybody last gave up a handle to the actor; 0: never. */
uint64_t trc__drops_last(const struct trc__drops *drops, uint64_t actor);

void trc__drops_clear(struct trc__drops *drops);

#endif
