/*
 * moments.h - which time of one run belongs to which of the other; for tracer/compare only
 *
 * From the times of equal steps: step k of an actor in one run and step k of its like in the other
 * are one moment. Steps that are not in each other's past need not come in the same order in both
 * runs, so that the other run's time may go back while one's own goes on; what was `reached` does
 * not.
 */
#ifndef TRACER_COMPARE_MOMENTS_H
#define TRACER_COMPARE_MOMENTS_H

#include "tracer/compare/compare.h"
#include "tracer/compare/milestones.h"

struct trc__moment {
	uint64_t times[TRC_RUNS];
	uint64_t reached; /* the latest time of the other run up to here */
};

struct trc__moments {
	struct trc__moment *items[TRC_RUNS]; /* by the time of this run */
	size_t count;
};

/* Of equal rows of the two runs, with times as marks. */
void trc__moments_init(struct trc__moments *moments, const struct trc__milestones times[TRC_RUNS]);
void trc__moments_clear(struct trc__moments *moments);

uint64_t trc__moments_time(const struct trc__moments *moments, enum trc_run run, uint64_t time);
uint64_t trc__moments_reach(const struct trc__moments *moments, enum trc_run run, uint64_t time);

/* The same by the steps of one actor; false: it has made none by then. */
bool trc__moments_time_of(const struct trc__milestones times[TRC_RUNS], size_t row,
			  enum trc_run run, uint64_t time, uint64_t *ret_time);

#endif
