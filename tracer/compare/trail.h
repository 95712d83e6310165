/*
 * trail.h - what actors do after they have parted, and what of it is still the same; for
 * tracer/compare only
 *
 * Two runs seldom have nothing in common behind a difference: the room hears bob before ann, and
 * then both talk on. To know which of those steps belong together, an actor's trail in each run is
 * compared as patience diff (Bram Cohen) compares files: steps that occur once in both are pairs,
 * of which the longest series that is in order in both is kept.
 *
 * However long a trace is, a limited number of steps is remembered, and the same ones in both runs,
 * since they are chosen by their digests: those that end in so many zero bits, one more whenever
 * there are too many.
 */
#ifndef TRACER_COMPARE_TRAIL_H
#define TRACER_COMPARE_TRAIL_H

#include <stddef.h>
#include <stdint.h>

struct trc__track {
	uint64_t digest, time;
};

struct trc__tracks {
	struct trc__track *items;
	size_t count, room;
};

struct trc__trail {
	struct trc__tracks *rows; /* by seat */
	size_t row_count;
	uint64_t mask; /* bits of a digest that are to be 0 */
	size_t total, limit;
};

void trc__trail_init(struct trc__trail *trail, size_t row_count, size_t limit);
void trc__trail_clear(struct trc__trail *trail);
void trc__trail_add(struct trc__trail *trail, size_t row, uint64_t digest, uint64_t time);

/* Calls `found` for each pair of an actor's steps that belong together, in order. Both trails
 * choose the same steps from then on. */
void trc__trail_match(struct trc__trail *a, struct trc__trail *b, size_t row,
		      void (*found)(uint64_t time_a, uint64_t time_b, void *context),
		      void *context);

#endif
