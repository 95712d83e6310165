/*
 * stopwatch.h - the time of one thread's events, read quickly; private to tracer/event
 *
 * The time is CLOCK_MONOTONIC's. Asking the system for it is most of what an event costs its
 * thread, and what the system does is to read the processor's counter of ticks and to multiply. So
 * does a stopwatch, in half the time: it asks the system once a millisecond, at most, and counts
 * ticks from there. stopwatch.c says when that is possible, and how wrong it can be.
 */
#ifndef TRACER_EVENT_STOPWATCH_H
#define TRACER_EVENT_STOPWATCH_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Belongs to one thread at a time, and to its signal handlers. */
struct trc__stopwatch {
	bool has_ticks;
	_Atomic bool busy;    /* a time is being read */
	uint64_t ticks, time; /* one instant by both clocks, the anchor */
	uint64_t reach;       /* for so many ticks the anchor is good; 0: none at all */
	uint64_t rate;        /* nanoseconds a tick, in units of 2^-32; 0: unknown */
	uint64_t first_ticks; /* an earlier anchor, from which on the rate is measured */
	uint64_t first_time;
	uint64_t last; /* told */
};

/* Not for signal handlers. */
void trc__stopwatch_init(struct trc__stopwatch *watch);

/* CLOCK_MONOTONIC in nanoseconds, never less than before. Does not wait. Safe in a signal handler;
 * one that interrupts another reading may be told a time a little beside. */
uint64_t trc__stopwatch_read(struct trc__stopwatch *watch);

#endif
