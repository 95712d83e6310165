/*
 * lock.h - a lock of four bytes for sections of a few instructions
 *
 * Actors are many, so their lock must be small. Nothing that may wait, allocate or write an event
 * is done under one.
 */
#ifndef RUNTIME_LOCK_H
#define RUNTIME_LOCK_H

#include <sched.h>
#include <stdatomic.h>

struct act__lock {
	atomic_uint held;
};

static inline void act__lock(struct act__lock *lock)
{
	/* Pairs with the release in act__unlock(). */
	for (unsigned tries = 0; atomic_exchange_explicit(&lock->held, 1, memory_order_acquire);) {
		while (atomic_load_explicit(&lock->held, memory_order_relaxed)) {
			if (++tries % 64 == 0)
				sched_yield(); /* its holder may have lost its core */
		}
	}
}

static inline void act__unlock(struct act__lock *lock)
{
	atomic_store_explicit(&lock->held, 0, memory_order_release);
}

#endif
