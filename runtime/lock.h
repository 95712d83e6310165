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

/* Looks at a lock that is held before its holder is thought to have lost its core. */
enum { ACT__LOCK_PATIENCE = 200 };

/* Tells the core that it is in a loop which waits. */
static inline void act__spin_pause(void)
{
#if defined(__x86_64__)
	__builtin_ia32_pause();
#elif defined(__aarch64__)
	__asm__ volatile("yield");
#endif
}

static inline void act__lock(struct act__lock *lock)
{
	/* Pairs with the release in act__unlock(). */
	for (unsigned looks = 0; atomic_exchange_explicit(&lock->held, 1, memory_order_acquire);) {
		while (atomic_load_explicit(&lock->held, memory_order_relaxed)) {
			if (++looks % ACT__LOCK_PATIENCE == 0)
				sched_yield();
			else
				act__spin_pause();
		}
	}
}

static inline void act__unlock(struct act__lock *lock)
{
	atomic_store_explicit(&lock->held, 0, memory_order_release);
}

#endif
