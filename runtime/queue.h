/*
 * queue.h - actors that are ready, oldest first, and what other workers may take of them
 *
 * Work that moves to another core drags its memory along, line by line of the cache, and from then
 * on what it says to those it left behind does so, too: a hundred nanoseconds here and there, which
 * is more than small messages take to be handled. So a worker without work does not take what would
 * have its turn soon anyway, but only what has been ready for a while, ACT__QUEUE_AGE.
 *
 * Nobody stamps actors with times for this. Whoever wants to take some marks the end of the queue;
 * what is still before the mark a while later is old enough.
 */
#ifndef RUNTIME_QUEUE_H
#define RUNTIME_QUEUE_H

#include "runtime/actor.h"
#include "runtime/world.h"

enum { ACT__QUEUE_AGE = 10000 /* ns */ };

struct act__queue {
	struct act__lock lock;
	atomic_uint pushed; /* ever; written under the lock, like what follows */
	atomic_uint popped;
	unsigned mark; /* how many had been pushed */
	uint64_t marked_at;
	struct act__actor *first;
	struct act__actor *last;
};

/* Actors that are in no queue, linked by run_next. */
struct act__loot {
	struct act__actor *first;
	struct act__actor *last;
	unsigned count;
};

/* Whoever pushes and then looks whether somebody sleeps, and whoever says that they sleep and then
 * looks whether a queue is empty: one of the two sees the other. */
void act__queue_push(struct act__queue *queue, struct act__actor *actor);
void act__queue_append(struct act__queue *queue, const struct act__loot *loot);

static inline unsigned act__queue_count(const struct act__queue *queue)
{
	unsigned popped = atomic_load(&queue->popped);

	return atomic_load(&queue->pushed) - popped;
}

/* The one that `world` chooses; NULL: none is ready. */
struct act__actor *act__queue_pop(struct act__queue *queue, struct act__world *world);

/* Takes half of those that are old enough at the time `now`, but not very many. False: none is, so
 * far. */
bool act__queue_rob(struct act__queue *queue, uint64_t now, struct act__loot *ret_loot);

#endif
