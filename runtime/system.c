#include "runtime/system.h"

#include "runtime/ask.h"
#include "runtime/message.h"
#include "runtime/mailbox.h"
#include "runtime/watch.h"
#include "runtime/worker.h"
#include "tracer/event/event.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <errno.h>
#include <stdlib.h>

enum { DEFAULT_STACK = 256 * 1024, SMALLEST_STACK = 16 * 1024 };

/* --- making --------------------------------------------------------------------------------- */

static bool open_workers(struct act_system *system)
{
	unsigned opened = 0;

	system->workers = calloc(system->worker_count, sizeof(*system->workers));
	if (!system->workers)
		return false;
	while (opened < system->worker_count &&
	       act__worker_open(&system->workers[opened], system, opened) == 0)
		opened++;
	if (opened == system->worker_count)
		return true;
	while (opened-- > 0)
		act__worker_close(&system->workers[opened]);
	free(system->workers);
	return false;
}

struct act_system *act_system_new(const struct act_options *options)
{
	struct act_options chosen = options ? *options : (struct act_options){0};
	struct act_system *system = calloc(1, sizeof(*system));

	if (!system)
		return NULL;
	system->stack_size = chosen.stack_size ? chosen.stack_size : DEFAULT_STACK;
	if (system->stack_size < SMALLEST_STACK)
		system->stack_size = SMALLEST_STACK;
	act__slab_init(&system->actors, ACT__BLOCK_SIZE);
	act__slab_init(&system->asks, sizeof(struct act__ask));
	act__pool_init(system->messages);
	act__registry_init(&system->registry);
	system->session = trc_session_attach();
	if (system->session) {
		system->resting = trc_session_resting(system->session);
		system->visits = trc_session_visited(system->session);
		system->filters = trc_session_filters(system->session);
	}
	if (act__world_init(&system->world, chosen.seed) < 0)
		goto fail;
	system->worker_count = chosen.workers ? chosen.workers : act__world_cores();
	if (system->world.seeded)
		system->worker_count = 1;
	if (!open_workers(system))
		goto fail;
	return system;
fail:
	free(system);
	return NULL;
}

/* --- running -------------------------------------------------------------------------------- */

/* Held while threads are being made; they begin when it is released. */
struct start_gate {
	pthread_mutex_t mutex;
	bool go;
};

struct start {
	struct act__worker *worker;
	struct start_gate *gate;
};

static void *worker_thread(void *argument)
{
	struct start *start = argument;
	struct act__worker *worker = start->worker;
	bool go;

	pthread_mutex_lock(&start->gate->mutex);
	go = start->gate->go;
	pthread_mutex_unlock(&start->gate->mutex);
	if (go)
		act__worker_run(worker);
	return NULL;
}

int act_system_run(struct act_system *system)
{
	struct start_gate gate = {.mutex = PTHREAD_MUTEX_INITIALIZER};
	struct act__watch *watch;
	struct start *starts;
	unsigned made = 1;
	int r = 0;

	if (act__system_is_empty(system))
		return 0;
	starts = calloc(system->worker_count, sizeof(*starts));
	if (!starts)
		return -ENOMEM;
	atomic_store(&system->done, false);
	system->stood_still = false;
	pthread_mutex_lock(&gate.mutex);
	for (; made < system->worker_count; made++) {
		starts[made] = (struct start){&system->workers[made], &gate};
		r = pthread_create(&system->workers[made].thread, NULL, worker_thread,
				   &starts[made]);
		if (r != 0)
			break;
	}
	gate.go = r == 0;
	pthread_mutex_unlock(&gate.mutex);
	if (r == 0) {
		watch = act__watch_begin(system);
		act__worker_run(&system->workers[0]);
		act__watch_end(watch);
	}
	while (--made > 0)
		pthread_join(system->workers[made].thread, NULL);
	pthread_mutex_destroy(&gate.mutex);
	free(starts);
	return system->stood_still ? -EDEADLK : -r;
}

static void wake_all(struct act_system *system)
{
	for (unsigned i = 0; i < system->worker_count; i++)
		act__port_wake(&system->workers[i].port);
}

/* For a counter that one thread writes. */
static void count(atomic_size_t *counter)
{
	size_t before = atomic_load_explicit(counter, memory_order_relaxed);

	/* Pairs with act__system_is_empty(). */
	atomic_store_explicit(counter, before + 1, memory_order_release);
}

void act__system_made(struct act_self *self)
{
	if (self->worker)
		count(&self->worker->made);
	else
		atomic_fetch_add(&self->system->made, 1);
}

void act__system_ended(struct act_self *self)
{
	count(&self->worker->ended);
}

bool act__system_is_empty(const struct act_system *system)
{
	size_t ended = 0, made = 0;

	/* All that were made before the first of them was counted, and more, if they were made
	 * meanwhile. So when they are as many, there was an instant in between without any. */
	for (unsigned i = 0; i < system->worker_count; i++)
		ended += atomic_load_explicit(&system->workers[i].ended, memory_order_acquire);
	for (unsigned i = 0; i < system->worker_count; i++)
		made += atomic_load_explicit(&system->workers[i].made, memory_order_acquire);
	return made + atomic_load(&system->made) == ended;
}

void act__system_done(struct act_system *system)
{
	atomic_store_explicit(&system->done, true, memory_order_release);
	wake_all(system);
}

void act_system_stop(struct act_system *system)
{
	atomic_store(&system->stopping, true);
	wake_all(system);
}

void act_system_drain(struct act_system *system)
{
	atomic_store(&system->draining, true);
	wake_all(system);
}

static void stop_actor(void *block, void *context)
{
	act__actor_stop(context, block, TRC_END_SHUTDOWN);
}

void act__system_stop_actors(struct act_self *self)
{
	struct act_system *system = self->system;

	if (!atomic_load_explicit(&system->stop_begun, memory_order_relaxed) &&
	    !atomic_exchange(&system->stop_begun, true))
		act__slab_each(&system->actors, stop_actor, self);
}

/* --- the end -------------------------------------------------------------------------------- */

static void fini_actor(void *block, void *context)
{
	act__actor_fini(block);
}

void act_system_free(struct act_system *system)
{
	if (!system)
		return;
	/* A recording ends with the standstill, like that of a program that is killed while it
	 * hangs. Else what is stuck would seem to have been stopped in the midst of its work. */
	if (system->stood_still)
		system->session = NULL;
	/* Actors that never ran are ended here, on this thread. */
	if (!act__system_is_empty(system)) {
		act_system_stop(system);
		atomic_store(&system->done, false);
		act__worker_run(&system->workers[0]);
	}
	for (unsigned i = 0; i < system->worker_count; i++)
		act__worker_close(&system->workers[i]);
	act__slab_each(&system->actors, fini_actor, NULL);
	act__slab_fini(&system->actors);
	act__slab_fini(&system->asks);
	act__pool_fini(system->messages);
	act__registry_fini(&system->registry);
	free(system->workers);
	free(system);
}

int act__run(const struct act_options *options, const struct act_kind *kind, const char *name,
	     struct act_site *site)
{
	struct act_system *system = act_system_new(options);
	struct act_handle first;
	int r = -ENOMEM;

	if (!system)
		return r;
	first = act__system_spawn(system, kind, name, NULL, NULL, site);
	if (first.actor) {
		act_system_drop(system, &first);
		r = act_system_run(system);
	}
	act_system_free(system);
	return r;
}

/* --- main and foreign threads --------------------------------------------------------------- */

void act__notice_recorder(struct act_system *system)
{
	uint32_t visits = trc_session_visited(system->session);

	if (visits == atomic_load_explicit(&system->visits, memory_order_relaxed))
		return;
	atomic_store_explicit(&system->filters, trc_session_filters(system->session),
			      memory_order_release);
	atomic_store_explicit(&system->visits, visits, memory_order_relaxed);
}

struct trc_ring *act__ring_of_thread(struct act_system *system)
{
	if (!system->session || __atomic_load_n(system->resting, __ATOMIC_RELAXED))
		return NULL;
	act__notice_recorder(system);
	return trc_ring_of_thread(system->session);
}

struct act_self act__outside(struct act_system *system)
{
	return (struct act_self){.system = system, .ring = act__ring_of_thread(system)};
}

struct act_handle act__system_spawn(struct act_system *system, const struct act_kind *kind,
				    const char *name, const struct act_type *type, void *fields,
				    struct act_site *site)
{
	struct act_self outside = act__outside(system);

	return act__spawn(&outside, kind, name, type, fields, site);
}

struct act_handle act_system_clone(struct act_system *system, struct act_handle handle)
{
	struct act_self outside = act__outside(system);

	return act_clone(&outside, handle);
}

void act_system_drop(struct act_system *system, struct act_handle *handle)
{
	struct act_self outside = act__outside(system);

	act_drop(&outside, handle);
}
