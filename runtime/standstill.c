#include "runtime/standstill.h"

#include "runtime/system.h"

#include <stdio.h>

enum { MOST_NAMED = 20 };

struct census {
	unsigned waiting;
	unsigned idle;
};

bool act__stands_still(struct act__worker *worker)
{
	return act__port_is_silent(&worker->port) &&
	       act__timers_next(&worker->timers) == ACT__NEVER;
}

static void name_waiting(struct act__actor *actor)
{
	const struct act_site *site = actor->wait_site;
	struct act_handle handle = {actor, atomic_load(&actor->generation)};

	fprintf(stderr, "  %s \"%s\" waits at %s:%u in %s()\n", actor->kind->name, act_name(handle),
		site->file, (unsigned)site->line, site->function);
}

/* On the system's only thread: nobody has an actor's turn. */
static void count(void *block, void *context)
{
	struct act__actor *actor = block;
	struct census *census = context;

	if (actor->status == ACT__IDLE)
		census->idle++;
	else if (actor->status == ACT__BUSY && census->waiting++ < MOST_NAMED)
		name_waiting(actor);
}

void act__standstill(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	struct census census = {0};

	fprintf(stderr,
		"nothing can happen any more in this seeded run, but not all have ended:\n");
	act__slab_each(&system->actors, count, &census);
	if (census.waiting > MOST_NAMED)
		fprintf(stderr, "  and %u more wait\n", census.waiting - MOST_NAMED);
	if (census.idle > 0)
		fprintf(stderr,
			"  %u %s idle, and somebody still has handles to %s: each other, or those "
			"that wait, or main\n",
			census.idle, census.idle == 1 ? "is" : "are",
			census.idle == 1 ? "it" : "them");
	act__log(&worker->self, NULL,
		 "nothing can happen any more: %u actors wait, %u are idle for ever",
		 census.waiting, census.idle);
	system->stood_still = true;
	atomic_store_explicit(&system->done, true, memory_order_release);
	act__port_wake(&worker->port);
}
