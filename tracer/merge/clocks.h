/*
 * clocks.h - how far the clocks of several traces are apart
 *
 * Time 0 of a trace is an instant of its machine's wall clock, so that two traces can be laid side
 * by side as well as their wall clocks agree. Messages that went from one to the other tell more:
 * none arrives before it was sent. Where there are messages both ways, the clocks are set so that
 * the fastest takes as long in one direction as in the other (F. Cristian, Probabilistic clock
 * synchronization, 1989); where they go one way only, so that none arrives too early.
 */
#ifndef TRACER_MERGE_CLOCKS_H
#define TRACER_MERGE_CLOCKS_H

#include "tracer/event/event.h"

struct trc_clocks;

/* Of so many traces. */
struct trc_clocks *trc_clocks_new(unsigned count);
void trc_clocks_free(struct trc_clocks *clocks);

/* An event of a trace whose time 0 was at this wall clock time. Only where numbers of messages mean
 * the same in all traces. */
void trc_clocks_event(struct trc_clocks *clocks, unsigned trace, uint64_t wall_start,
		      const struct trc_event *event);

/* All events were seen: matches messages. Returns how many were sent in one trace and received in
 * another. */
uint64_t trc_clocks_match(struct trc_clocks *clocks);

/* Nanoseconds by which the wall clock of a trace is to be corrected, that of the first being right.
 */
int64_t trc_clocks_correction(const struct trc_clocks *clocks, unsigned trace);

/* By how much a message still arrives before it was sent, at most, in nanoseconds: clocks that do
 * not run at one speed, or were set meanwhile, have no correction that is right all the time. */
uint64_t trc_clocks_early(const struct trc_clocks *clocks);

#endif
