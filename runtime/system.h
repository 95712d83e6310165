/*
 * system.h - what all workers share
 */
#ifndef RUNTIME_SYSTEM_H
#define RUNTIME_SYSTEM_H

#include "runtime/actor.h"
#include "runtime/pool.h"
#include "runtime/registry.h"
#include "runtime/slab.h"
#include "runtime/world.h"

struct act_system {
	struct act__world world;
	struct trc_session *session; /* NULL: not traced */
	const uint32_t *resting;     /* not 0: nobody records now (tracer/event/session.h) */
	_Atomic uint32_t visits;     /* of recorders, as far as they have been noticed */
	_Atomic(struct trc_filters *) filters; /* NULL: all messages are recorded */
	size_t stack_size;
	unsigned worker_count;
	struct act__worker *workers;
	struct act__slab actors;
	struct act__slab asks;
	struct act__slab messages[ACT__POOL_SIZES];
	struct act__registry registry;
	struct act__lock monitors; /* of the lists in all actors, see monitor.h */
	atomic_size_t made;        /* actors by foreign threads, ever; others: see the workers */
	atomic_uint sleepers;      /* workers that are asleep */
	atomic_uint next_worker;   /* for what comes from foreign threads */
	atomic_bool stopping;      /* act_system_stop() was called */
	atomic_bool stop_begun;    /* some worker tells the actors */
	atomic_bool draining;      /* act_system_drain() was called */
	atomic_bool drain_begun;   /* some worker stops the sources */
	bool stood_still;          /* a seeded run ended since nothing could happen any more */
	atomic_bool done;          /* no actor is left, or none can be helped any more */
};

/* The calling thread's ring; NULL while nobody records. */
struct trc_ring *act__ring_of_thread(struct act_system *system);

/* Somebody records who may have come since: takes notice. */
void act__notice_recorder(struct act_system *system);

/* The outside as seen by the calling thread, which may be foreign. */
struct act_self act__outside(struct act_system *system);

/* The outside, on the thread of `self`. */
static inline struct act_self act__outside_of(const struct act_self *self)
{
	struct act_self outside = *self;

	outside.actor = NULL;
	outside.fiber = NULL;
	return outside;
}

/* Tells all actors to end, once act_system_stop() has been called. By a worker. */
void act__system_stop_actors(struct act_self *self);

/* Count an actor: before it can run, and when it has ended, by a worker. */
void act__system_made(struct act_self *self);
void act__system_ended(struct act_self *self);

/* Whether all actors have ended. Never says so wrongly; and says so if the calling thread can see
 * all that other threads have done. */
bool act__system_is_empty(const struct act_system *system);

/* Lets all workers return. */
void act__system_done(struct act_system *system);

#endif
