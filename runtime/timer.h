/*
 * timer.h - what shall happen at a time: a worker's heap of timers
 *
 * A pairing heap: its links are in the timers themselves, so that setting one never needs memory. A
 * worker sets timers in its own heap and fires them; anybody may clear them.
 */
#ifndef RUNTIME_TIMER_H
#define RUNTIME_TIMER_H

#include "runtime/lock.h"

#include <stdbool.h>
#include <stdint.h>

struct act_self;
struct act__actor;

enum act__timer_kind {
	ACT__TIMER_WAIT,    /* ends a wait */
	ACT__TIMER_AFTER,   /* sends the message of act_after() */
	ACT__TIMER_MONITOR, /* sends a message, but fired by an actor's end: in no heap */
};

struct act__timer {
	enum act__timer_kind kind;
	uint8_t outcome;          /* WAIT: how the wait ends (enum act__outcome) */
	uint64_t at;              /* time of the world */
	uint64_t order;           /* of setting: timers for the same time fire in this order */
	struct act__actor *actor; /* whose it is */
	uint64_t ticket;          /* WAIT: which of its waits */

	struct act__timers *timers; /* the heap it was set in */
	bool set;                   /* is in the heap (lock of the heap) */
	struct act__timer *child;
	struct act__timer *next;     /* sibling */
	struct act__timer *previous; /* sibling, or parent of the first child */
};

struct act__timers {
	struct act__lock lock;
	struct act__timer *first; /* the root: fires next */
	uint64_t order;
};

void act__timer_set(struct act__timers *timers, struct act__timer *timer);

/* Takes a timer out. False when it is not in the heap: it has fired or is firing right now. */
bool act__timer_clear(struct act__timer *timer);

/* When the next one fires, or ACT__NEVER. */
uint64_t act__timers_next(struct act__timers *timers);

/* Fires everything up to `now`. */
void act__timers_fire(struct act_self *self, struct act__timers *timers, uint64_t now);

#endif
