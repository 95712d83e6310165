/*
 * locks.h - actors that give themselves to one asker at a time; for tracer/analysis only
 *
 * A fork on a table of philosophers, a connection, a printer: who asks for it is answered when it
 * is free, and otherwise when whoever has it sends it back. Between the two, who asks waits for
 * whoever has it, although that one was never asked anything: it is a lock.
 *
 * In the search a lock is a place of its own beside its actor, which is busy for moments only: who
 * has it holds it in all his waits (trc__held()), and a question for it waits for the place.
 */
#ifndef TRACER_ANALYSIS_LOCKS_H
#define TRACER_ANALYSIS_LOCKS_H

#include "tracer/model/table.h"

#include <stdbool.h>

struct trc__causes;

/* The place that an actor is as a lock. A number that a hostile file gives to both is taken for
 * either, and nothing worse. */
#define TRC__LOCK (UINT64_C(1) << 63)

static inline bool trc__is_lock(uint64_t place)
{
	return place & TRC__LOCK;
}

static inline uint64_t trc__lock_actor(uint64_t place)
{
	return place & ~TRC__LOCK;
}

/* From being given to being given back. Nodes are those of causes.h. */
struct trc__hold {
	uint64_t lock; /* place */
	uint64_t holder;
	uint32_t asked;   /* where the question is received, if it is kept then; else 0 */
	uint32_t begin;   /* the reply that gives it */
	uint32_t release; /* the holder's message that gives it back; 0: none */
	uint32_t end;     /* where that is received; 0: never */
};

struct trc__locks {
	struct trc__hold *holds; /* by begin */
	uint32_t count;
	uint32_t *by_holder;           /* the same, by holder, then begin */
	struct trc_table numbers;      /* 1 + number, by begin */
	size_t way_count, await_count; /* in the causes, before questions for locks were added */
};

/* Finds those that behaved as locks in all of the run, and were asked for in vain at least once;
 * and adds the waits for them to the causes. */
void trc__locks_learn(struct trc__causes *causes);

/* Takes all that out again. */
void trc__locks_forget(struct trc__causes *causes);

/* The locks that an actor has when it does what this node says. Returns how many; at most `room`
 * numbers of holds go to *ret_holds. */
unsigned trc__locks_held(const struct trc__locks *locks, uint64_t holder, uint32_t node,
			 uint32_t *ret_holds, unsigned room);

#endif
