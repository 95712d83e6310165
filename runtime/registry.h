/*
 * registry.h - the table behind act/registry.h
 *
 * A hash table with chains under a mutex. An actor in it is never freed: it takes its entry out
 * before it has ended, under the same mutex.
 *
 * In a trace, a name is a handle in the hands of the outside: whoever knows the name can reach the
 * actor, and an analysis must not take it for unreachable.
 */
#ifndef RUNTIME_REGISTRY_H
#define RUNTIME_REGISTRY_H

#include <pthread.h>
#include <stddef.h>

struct act_self;
struct act__actor;

struct act__registry {
	pthread_mutex_t mutex;
	struct act__registration **chains;
	size_t chain_count; /* a power of two, or 0 */
	size_t count;
};

void act__registry_init(struct act__registry *registry);
void act__registry_fini(struct act__registry *registry);

/* Takes an actor's name out, if it has one. In its turn. */
void act__registry_leave(struct act_self *outside, struct act__actor *actor);

#endif
