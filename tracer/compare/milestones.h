/*
 * milestones.h - a number for every so many steps of each actor; for tracer/compare only
 *
 * However long a trace is, a limited number of marks is kept: when there are more, every second one
 * of each actor is forgotten, and from then on they are twice as far apart. So the marks of an
 * actor always stand at multiples of one distance, and those of two runs can be compared.
 */
#ifndef TRACER_COMPARE_MILESTONES_H
#define TRACER_COMPARE_MILESTONES_H

#include <stddef.h>
#include <stdint.h>

struct trc__row {
	uint64_t *items; /* item i is of step (i + 1) * distance - 1: the last of so many */
	size_t count, room;
};

struct trc__milestones {
	struct trc__row *rows; /* by seat */
	size_t row_count;
	uint64_t distance;
	size_t total, limit;
};

void trc__milestones_init(struct trc__milestones *marks, size_t row_count, size_t limit);
void trc__milestones_clear(struct trc__milestones *marks);

/* Step `number` (from 0, one after the other) of a row has this mark. */
void trc__milestones_add(struct trc__milestones *marks, size_t row, uint64_t number, uint64_t mark);

/* One more, whichever step it is of. */
void trc__milestones_append(struct trc__milestones *marks, size_t row, uint64_t mark);

/* Makes both distances the same. */
void trc__milestones_align(struct trc__milestones *a, struct trc__milestones *b);

#endif
