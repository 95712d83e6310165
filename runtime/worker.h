/*
 * worker.h - one thread that gives actors their turns
 *
 * Each worker has a queue of ready actors, oldest first, from which idle workers steal; a queue of
 * native actors, which are never stolen; and one place for the actor that was woken last. That one
 * runs next, while its message is still in the cache: so a question, its handling and the asker's
 * going on happen on one worker one after the other. To let a busy pair not keep the others
 * waiting, the place is passed over after some turns in a row.
 *
 * Between turns the worker looks at its port (sockets) and its timers, always after some turns, and
 * sleeps in the port when there is nothing to do anywhere.
 */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include "runtime/actor.h"
#include "runtime/fiber.h"
#include "runtime/pool.h"
#include "runtime/timer.h"
#include "runtime/world.h"

#include <pthread.h>

struct act__run_queue {
	struct act__lock lock;
	atomic_uint count;
	struct act__actor *first;
	struct act__actor *last;
};

struct act__worker {
	struct act_self self; /* what the worker does itself is done by the outside */
	struct act_system *system;
	unsigned index;
	struct act__port port;
	struct act__ground ground;
	struct act__timers timers;
	struct act__run_queue ready;
	struct act__run_queue natives;

	/* this thread only */
	struct act__actor *woken_last;
	unsigned woken_streak;     /* turns that woken_last has had in a row */
	unsigned turns;            /* since the port was looked at */
	struct act__fiber *fibers; /* free ones */
	unsigned fiber_count;
	struct act__ask *asks; /* free ones */
	struct act__pool_cache messages[ACT__POOL_SIZES];
	void *signal_stack;

	/* For who watches (watch.h): odd while an actor has its turn, and whose it is. */
	_Atomic uint32_t turn;
	_Atomic(struct act__actor *) turn_actor;

	pthread_t thread;
	atomic_bool asleep; /* about to wait, or waiting, in the port */
	atomic_uint laps;   /* of the loop, while the system is draining */
};

int act__worker_open(struct act__worker *worker, struct act_system *system, unsigned index);
void act__worker_close(struct act__worker *worker);

static inline bool act__in_turn(uint32_t turn)
{
	return turn & 1;
}

/* Gives turns until the system is done. */
void act__worker_run(struct act__worker *worker);

/* Queues an actor that has something to do and is in no queue; `self` is who gave it that. It runs
 * next on this worker, or behind everybody who is ready. */
void act__schedule(struct act_self *self, struct act__actor *actor);
void act__schedule_last(struct act_self *self, struct act__actor *actor);

/* Ends the worker's sleep in its port, if it sleeps. */
void act__worker_wake(struct act__worker *worker);

/* When `timeout` from now is, on the world's clock; ACT_FOREVER: ACT__NEVER. */
uint64_t act__deadline(struct act_self *self, uint64_t timeout);

#endif
