/*
 * worker.h - one thread that gives actors their turns
 *
 * Each worker has a queue of ready actors, oldest first; a queue of native actors, which only it
 * can serve; and one place for the actor that was woken last. That one runs next, while its message
 * is still in the cache: so a question, its handling and the asker's going on happen on one worker
 * one after the other. To let a busy pair not keep the others waiting, the place is passed over
 * after some turns in a row.
 *
 * Between turns the worker looks at its port (sockets) and its timers, always after some work.
 *
 * A worker without work takes what has waited too long in the queues of others (queue.h). When
 * there is something but nothing old enough, it looks for a moment. Then it sleeps in its port,
 * until it is woken for the next that others queue. But when it has been woken in vain it only
 * naps, each time longer, for as long as others go on: what comes and goes so quickly needs no
 * second worker, and waking one for each such actor would cost more than to run it.
 */
#ifndef RUNTIME_WORKER_H
#define RUNTIME_WORKER_H

#include "runtime/actor.h"
#include "runtime/fiber.h"
#include "runtime/pool.h"
#include "runtime/queue.h"
#include "runtime/timer.h"

#include <pthread.h>

/* What a worker without work does. */
enum act__rest {
	ACT__AWAKE,
	ACT__NAPPING, /* looks again soon by itself, and is only woken for what it alone can do */
	ACT__ASLEEP,  /* about to wait, or waiting, in the port */
};

struct act__worker {
	struct act_self self; /* what the worker does itself is done by the outside */
	struct act_system *system;
	struct trc_ring *ring; /* of its thread; `self` has it while somebody records */
	unsigned index;
	struct act__port port;
	struct act__ground ground;
	struct act__timers timers;
	struct act__queue ready;
	struct act__queue natives;

	/* this thread only */
	struct act__actor *woken_last;
	unsigned woken_streak;     /* turns that woken_last has had in a row */
	unsigned work;             /* turns and messages since the port was looked at */
	unsigned pushes_seen;      /* how busy others were when this one last had nothing to do */
	bool in_vain;              /* it has rested, and there was no work since */
	uint64_t nap;              /* nanoseconds of the next nap */
	struct act__fiber *fibers; /* free ones */
	unsigned fiber_count;
	struct act__slab_cache actors;
	struct act__slab_cache asks;
	struct act__slab_cache messages[ACT__POOL_SIZES];
	void *signal_stack;

	/* For who watches (watch.h): odd while an actor has its turn, and whose it is. */
	_Atomic uint32_t turn;
	_Atomic(struct act__actor *) turn_actor;

	pthread_t thread;
	_Atomic uint8_t rest; /* enum act__rest */
	/* Written by this thread only. */
	atomic_size_t made; /* actors, ever */
	atomic_size_t ended;
	atomic_uint laps; /* of the loop, while the system is draining */
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
