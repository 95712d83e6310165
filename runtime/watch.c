#include "runtime/watch.h"

#include "runtime/system.h"
#include "runtime/worker.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	LOOK_NANOSECONDS = 500000000,
	PATIENCE = 2, /* looks after the first */
};

struct look {
	uint32_t turn;
	unsigned count; /* how often it was this turn; past PATIENCE: it has been reported */
};

struct act__watch {
	struct act_system *system;
	struct act__pause pause;
	pthread_t thread;
	struct look looks[]; /* one for each worker */
};

static void report(struct act_system *system, struct act_handle actor, const char *kind)
{
	struct act_self outside = act__outside(system);

	fprintf(stderr,
		"%s \"%s\" has not waited for a second and keeps all others from its thread; "
		"see act_blocking()\n",
		kind, act_name(actor));
	act__log(&outside, NULL, "%s \"%s\" has kept its thread for more than a second", kind,
		 act_name(actor));
}

/* Reports the actor whose turn it is, unless the turn ends meanwhile. */
static void look_closely(struct act__worker *worker, uint32_t turn)
{
	struct act__actor *actor = atomic_load(&worker->turn_actor);
	struct act_self quiet = {.system = worker->system};
	struct act_handle handle;

	handle = act__handle_acquire(actor, atomic_load(&actor->generation));
	/* The turn has not ended, so it is this actor's, which the handle keeps. */
	if (handle.actor && atomic_load(&worker->turn) == turn)
		report(worker->system, handle, actor->kind->name);
	act_drop(&quiet, &handle);
}

static void look_at(struct act__worker *worker, struct look *look)
{
	uint32_t turn = atomic_load(&worker->turn);

	if (turn != look->turn || !act__in_turn(turn)) {
		*look = (struct look){turn, 0};
		return;
	}
	if (look->count <= PATIENCE && look->count++ == PATIENCE)
		look_closely(worker, turn);
}

static void *watch_thread(void *argument)
{
	struct act__watch *watch = argument;
	sigset_t all;

	/* Signals are for the threads that the program knows of. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	while (act__pause_wait(&watch->pause, LOOK_NANOSECONDS))
		for (unsigned i = 0; i < watch->system->worker_count; i++)
			look_at(&watch->system->workers[i], &watch->looks[i]);
	return NULL;
}

struct act__watch *act__watch_begin(struct act_system *system)
{
	struct act__watch *watch;

	/* In the seeded world nothing depends on the real clock, not even a warning. */
	if (system->world.seeded)
		return NULL;
	watch = calloc(1, sizeof(*watch) + system->worker_count * sizeof(watch->looks[0]));
	if (!watch)
		return NULL;
	watch->system = system;
	if (act__pause_init(&watch->pause) < 0) {
		free(watch);
		return NULL;
	}
	if (pthread_create(&watch->thread, NULL, watch_thread, watch) != 0) {
		act__pause_fini(&watch->pause);
		free(watch);
		return NULL;
	}
	return watch;
}

void act__watch_end(struct act__watch *watch)
{
	if (!watch)
		return;
	act__pause_end(&watch->pause);
	pthread_join(watch->thread, NULL);
	act__pause_fini(&watch->pause);
	free(watch);
}
