/*
 * actor.h - the block of memory that an actor is
 *
 * Life. A block is taken from the system's slab by spawn. Then the actor alternates between idle
 * and busy. When it ends it becomes ENDED, and when its last handle is dropped, too, the block goes
 * back with its generation one higher.
 *
 * Turns. While an actor has something to do it is in exactly one run queue; a worker takes it out
 * and gives it a turn: some messages, or the rest of a handler that had waited. Only who has the
 * turn may touch what is marked "turn"; what is marked "lock" is touched under the lock; the rest
 * does not change after spawn.
 *
 * Ending. The turn that finds a reason to end closes the mailbox: nobody gets a place in it any
 * more. What lies in it is discarded. A sender that has its place already, but has not put its
 * message there, is waited for (its depth is not yet 0); its message gives the actor another turn,
 * which discards it. With the mailbox empty, the stop handler runs and END is written.
 */
#ifndef RUNTIME_ACTOR_H
#define RUNTIME_ACTOR_H

#include "runtime/line.h"
#include "runtime/lock.h"
#include "runtime/slab.h"

#include <act/act.h>

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/* Who calls: an actor's handler, a native actor's callback, a worker for itself, or a foreign
 * thread. Changes under a handler's feet whenever it waits: it may go on on another worker. */
struct act_self {
	struct act_system *system;
	struct act__actor *actor;   /* NULL: outside of actors */
	struct act__worker *worker; /* NULL: a foreign thread */
	struct trc_ring *ring;      /* NULL: not traced */
	struct act__fiber *fiber;   /* NULL: cannot wait */
};

enum act__status {
	ACT__FREE,
	ACT__IDLE, /* nothing to do */
	ACT__BUSY, /* in a run queue, has its turn, or is parked in a wait */
	ACT__ENDED,
};

enum act__unseen {
	ACT__SEEN,        /* it is in the trace, or there is none */
	ACT__UNSEEN,      /* it is not */
	ACT__UNSEEN_TOLD, /* it is not, and the trace says so, since its handler did something */
};

enum {
	ACT__BLOCK_SIZE = 448,
	ACT__CACHE_LINE = 64,
	ACT__NAME_SIZE = 32,
	ACT__DEFAULT_MAILBOX = 100,
};

struct act__actor {
	/* What senders and the receiver write to, and what does not change, lie in different lines
	 * of the cache. First: lock, the senders' side of the mailbox (mailbox.h). */
	struct act__block block;
	struct act__lock lock;
	_Atomic uint32_t generation; /* of the handles that are good */
	uint32_t handles;
	uint32_t sent;          /* places given away, ever */
	uint32_t limit;         /* places that may be given away, as far as the senders know */
	_Atomic uint8_t status; /* enum act__status */
	bool closed;            /* no more messages are let in */
	struct act_message *oldest;
	struct act_message *youngest;
	struct act__actor *run_next; /* whoever has it in a queue */

	/* turn */
	_Alignas(ACT__CACHE_LINE) struct act_message *taken; /* out of the senders' sight */
	_Atomic uint32_t received;                           /* places that became free, ever */
	atomic_bool crowded;      /* whoever receives is to look at the line (lock) */
	_Atomic uint8_t stopping; /* why somebody (anybody) wants it stopped, enum trc_end_reason */
	bool started;
	uint8_t end_reason; /* enum trc_end_reason, set with `closed` */
	uint16_t aseq;      /* of the last event */
	uint8_t visit;      /* of a recorder, at that event */
	uint8_t unseen;     /* enum act__unseen: what is known of the message it handles */
	uint32_t last_timer;
	struct act__fiber *fiber;         /* while a handler runs or waits */
	uint64_t state_hash;              /* of the state as last recorded */
	const struct act_site *wait_site; /* of the wait it is in, or was in last */
	/* wait.h */
	_Atomic uint64_t claim;
	_Atomic uint32_t park;

	/* lock */
	_Alignas(ACT__CACHE_LINE) struct act__line space_line;
	struct act__line end_line;
	_Atomic(struct act__after *) timers;
	/* lock of the system's monitors */
	_Atomic(struct act__monitor *) monitors;
	_Atomic(struct act__link *) links;
	/* turn */
	struct act__registration *registration; /* NULL: not in the registry */

	/* does not change after spawn */
	uint64_t number;
	const struct act_kind *kind;
	struct act_system *system;
	void *state;
	struct act__native *native; /* NULL: an actor with a stack */
	struct act_message *init;   /* fields of act_spawn_with(), until it starts */
	uint32_t capacity;
	_Atomic uint16_t sort;     /* as filters see it (probe-filter.h); 0: not looked at yet */
	atomic_bool unseen_sent;   /* messages to it have been left out, and that was said */
	char *long_name;           /* when it does not fit into `name` */
	char name[ACT__NAME_SIZE]; /* empty: made on demand (lock) */

	_Alignas(16) unsigned char small_state[];
};

#define ACT__SMALL_STATE (ACT__BLOCK_SIZE - offsetof(struct act__actor, small_state))

/* Makes an actor with one handle, held by the caller, and queues it. `init` is consumed. */
struct act_handle act__actor_new(struct act_self *self, const struct act_kind *kind,
				 const char *name, struct act_message *init,
				 struct act__native *native, struct act_site *site);

/* Whether the handle is to a living or ended actor whose block still is that actor's. */
static inline bool act__handle_good(struct act_handle handle)
{
	return handle.actor && atomic_load_explicit(&handle.actor->generation,
						    memory_order_acquire) == handle.generation;
}

/* Releases, so that who sees without the lock that an actor has ended sees all it did. */
static inline void act__set_status_locked(struct act__actor *actor, enum act__status status)
{
	atomic_store_explicit(&actor->status, (uint8_t)status, memory_order_release);
}

/* A handle to somebody of whom the caller has none, said in no event; nobody when the actor is not
 * of that generation any more or about to end. */
struct act_handle act__handle_acquire(struct act__actor *actor, uint32_t generation);

/* Made up when it has none. */
const char *act__actor_name(struct act__actor *actor);

/* Lets an idle actor have a turn. */
void act__actor_poke(struct act_self *self, struct act__actor *actor);

/* Asks an actor to end, for a reason of enum trc_end_reason. */
void act__actor_stop(struct act_self *self, struct act__actor *actor, unsigned reason);

/* The actor's turn: called by a worker, on a fiber or, for native actors, on its own stack. */
void act__actor_turn(struct act_self *self);

/* Lets nobody in any more, for a reason of enum trc_end_reason. */
void act__actor_close_locked(struct act__actor *actor, unsigned reason);

/* The end of a drained actor, from its stop handler to END. `self` is not good afterwards. */
void act__actor_finish(struct act_self *self);

/* Gives the block back: the actor has ended and has no handles. */
void act__actor_free(struct act_self *self, struct act__actor *actor);

/* Frees what an actor's block owns. */
void act__actor_fini(struct act__actor *actor);

#endif
