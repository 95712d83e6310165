/*
 * histogram.h - many durations in little memory
 *
 * Durations are counted by their logarithm, eight steps for each doubling, so that a percentile is
 * exact to 12 %, whatever their number. Only steps that occur take memory: 8 bytes each.
 */
#ifndef TRACER_STATS_HISTOGRAM_H
#define TRACER_STATS_HISTOGRAM_H

#include <stddef.h>
#include <stdint.h>

struct trc_histogram_step;

/* Start with zeros. */
struct trc_histogram {
	struct trc_histogram_step *steps; /* in order */
	size_t count, room;
	uint64_t total; /* durations */
	uint64_t sum;   /* nanoseconds */
	uint64_t longest;
};

void trc_histogram_add(struct trc_histogram *histogram, uint64_t nanoseconds);

/* The duration that `share` of 100 do not exceed, rounded up to its step, and never more than the
 * longest; 0 when there are none. */
uint64_t trc_histogram_share(const struct trc_histogram *histogram, unsigned share);

/* Adds all of another one. */
void trc_histogram_merge(struct trc_histogram *histogram, const struct trc_histogram *other);

void trc_histogram_clear(struct trc_histogram *histogram);

#endif
