#include "runtime/worker.h"

#include "runtime/drain.h"
#include "runtime/fault.h"
#include "runtime/native-actor.h"
#include "runtime/standstill.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "tracer/event/ring.h"

#include <assert.h>
#include <stdlib.h>

enum {
	TURNS_BETWEEN_POLLS = 64,
	WOKEN_STREAK = 16, /* turns in a row before the queue is served */
	POOLED_FIBERS = 64,
	RETRY_NANOSECONDS = 1000000, /* until a stack is asked for again */
};

/* --- queues --------------------------------------------------------------------------------- */

static void queue_push(struct act__run_queue *queue, struct act__actor *actor)
{
	actor->run_next = NULL;
	act__lock(&queue->lock);
	if (queue->last)
		queue->last->run_next = actor;
	else
		queue->first = actor;
	queue->last = actor;
	/* Sequentially consistent: pairs with sleep_in_port(). */
	atomic_fetch_add(&queue->count, 1);
	act__unlock(&queue->lock);
}

/* Takes the actor at `index`. */
static struct act__actor *queue_take_locked(struct act__run_queue *queue, size_t index)
{
	struct act__actor *before = NULL, *actor = queue->first;

	while (index-- > 0) {
		before = actor;
		actor = actor->run_next;
	}
	if (before)
		before->run_next = actor->run_next;
	else
		queue->first = actor->run_next;
	if (queue->last == actor)
		queue->last = before;
	atomic_fetch_sub_explicit(&queue->count, 1, memory_order_relaxed);
	return actor;
}

static struct act__actor *queue_pop(struct act__worker *worker, struct act__run_queue *queue)
{
	struct act__actor *actor = NULL;
	unsigned count;

	if (atomic_load_explicit(&queue->count, memory_order_relaxed) == 0)
		return NULL;
	act__lock(&queue->lock);
	count = atomic_load_explicit(&queue->count, memory_order_relaxed);
	if (count > 0)
		actor = queue_take_locked(queue, act__world_choose(&worker->system->world, count));
	act__unlock(&queue->lock);
	return actor;
}

/* Takes half of what another worker has ready: one to run now, the rest into the own queue. */
static struct act__actor *steal_from(struct act__worker *worker, struct act__worker *victim)
{
	struct act__run_queue *queue = &victim->ready;
	struct act__actor *loot = NULL, *last = NULL, *actor;
	unsigned count;

	if (atomic_load_explicit(&queue->count, memory_order_relaxed) == 0)
		return NULL;
	act__lock(&queue->lock);
	count = (atomic_load_explicit(&queue->count, memory_order_relaxed) + 1) / 2;
	for (; count > 0; count--) {
		actor = queue_take_locked(queue, 0);
		actor->run_next = NULL;
		if (last)
			last->run_next = actor;
		else
			loot = actor;
		last = actor;
	}
	act__unlock(&queue->lock);
	if (!loot)
		return NULL;
	while ((actor = loot->run_next)) {
		loot->run_next = actor->run_next;
		queue_push(&worker->ready, actor);
	}
	return loot;
}

static struct act__actor *steal(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	struct act__actor *actor = NULL;

	for (unsigned i = 1; i < system->worker_count && !actor; i++)
		actor = steal_from(worker,
				   &system->workers[(worker->index + i) % system->worker_count]);
	return actor;
}

/* --- scheduling ----------------------------------------------------------------------------- */

void act__worker_wake(struct act__worker *worker)
{
	bool asleep = true;

	if (atomic_load(&worker->asleep) &&
	    atomic_compare_exchange_strong(&worker->asleep, &asleep, false)) {
		atomic_fetch_sub(&worker->system->sleepers, 1);
		act__port_wake(&worker->port);
	}
}

/* Lets one sleeping worker, if there is one, look for work. */
static void wake_someone(struct act_system *system)
{
	if (atomic_load(&system->sleepers) == 0)
		return;
	for (unsigned i = 0; i < system->worker_count; i++) {
		if (atomic_load_explicit(&system->workers[i].asleep, memory_order_relaxed)) {
			act__worker_wake(&system->workers[i]);
			return;
		}
	}
}

static void schedule_native(struct act__actor *actor)
{
	struct act__worker *worker = act__native_worker(actor->native);

	queue_push(&worker->natives, actor);
	act__worker_wake(worker);
}

void act__schedule_last(struct act_self *self, struct act__actor *actor)
{
	struct act_system *system = actor->system;
	struct act__worker *worker = self->worker;

	if (actor->native) {
		schedule_native(actor);
		return;
	}
	if (!worker) {
		unsigned next =
			atomic_fetch_add_explicit(&system->next_worker, 1, memory_order_relaxed);

		worker = &system->workers[next % system->worker_count];
	}
	queue_push(&worker->ready, actor);
	wake_someone(system);
}

void act__schedule(struct act_self *self, struct act__actor *actor)
{
	struct act__worker *worker = self->worker;
	struct act__actor *before;

	if (actor->native || !worker || actor->system->world.seeded) {
		act__schedule_last(self, actor);
		return;
	}
	before = worker->woken_last;
	worker->woken_last = actor;
	if (before)
		act__schedule_last(self, before);
	/* libuv calls back before it waits, too. */
	act__worker_wake(worker);
}

uint64_t act__deadline(struct act_self *self, uint64_t timeout)
{
	uint64_t now;

	if (timeout == ACT_FOREVER)
		return ACT__NEVER;
	now = act__world_now(&self->system->world);
	return timeout < ACT__NEVER - 1 - now ? now + timeout : ACT__NEVER - 1;
}

/* --- turns ---------------------------------------------------------------------------------- */

static struct act__fiber *take_fiber(struct act__worker *worker)
{
	struct act__fiber *fiber = worker->fibers;

	if (!fiber)
		return act__fiber_new(worker->system->stack_size);
	worker->fibers = fiber->next;
	worker->fiber_count--;
	return fiber;
}

static void give_fiber(struct act__worker *worker, struct act__fiber *fiber)
{
	if (worker->fiber_count >= POOLED_FIBERS) {
		act__fiber_free(fiber);
		return;
	}
	fiber->next = worker->fibers;
	worker->fibers = fiber;
	worker->fiber_count++;
}

/* The actor first: who finds the turn finds it, too (look_closely()). */
static void begin_turn(struct act__worker *worker, struct act__actor *actor)
{
	uint32_t turn = atomic_load_explicit(&worker->turn, memory_order_relaxed);

	atomic_store_explicit(&worker->turn_actor, actor, memory_order_relaxed);
	atomic_store_explicit(&worker->turn, turn + 1, memory_order_release);
}

static void end_turn(struct act__worker *worker)
{
	uint32_t turn = atomic_load_explicit(&worker->turn, memory_order_relaxed);

	atomic_store_explicit(&worker->turn, turn + 1, memory_order_release);
}

/* False when no stack could be had. */
static bool give_turn(struct act__worker *worker, struct act__actor *actor)
{
	struct act__fiber *fiber = actor->fiber;

	if (!fiber) {
		struct act_self self = worker->self;

		fiber = take_fiber(worker);
		if (!fiber)
			return false;
		self.actor = actor;
		act__fiber_begin(fiber, &self);
	}
	fiber->self.worker = worker;
	fiber->self.ring = worker->self.ring;
	act__fault_watch(fiber);
	begin_turn(worker, actor);
	act__fiber_enter(&worker->ground, fiber);
	end_turn(worker);
	act__fault_watch(NULL);
	/* When it has finished, the actor may be anywhere by now; when it waits, it is ours until
	 * it is marked as parked. */
	if (fiber->finished)
		give_fiber(worker, fiber);
	else if (!act__wait_parked(fiber->self.actor))
		act__schedule(&worker->self, fiber->self.actor);
	return true;
}

static struct act__actor *next_actor(struct act__worker *worker)
{
	struct act__actor *actor = worker->woken_last;

	if (actor && worker->woken_streak < WOKEN_STREAK) {
		worker->woken_last = NULL;
		worker->woken_streak++;
		return actor;
	}
	worker->woken_streak = 0;
	actor = queue_pop(worker, &worker->ready);
	if (!actor) {
		actor = worker->woken_last;
		worker->woken_last = NULL;
	}
	return actor ? actor : steal(worker);
}

/* --- the loop ------------------------------------------------------------------------------- */

static void fire_timers(struct act__worker *worker)
{
	if (act__timers_next(&worker->timers) != ACT__NEVER)
		act__timers_fire(&worker->self, &worker->timers,
				 act__world_now(&worker->system->world));
}

static bool anything_ready(struct act__worker *worker)
{
	struct act_system *system = worker->system;

	if (atomic_load(&worker->natives.count) || atomic_load(&system->done) ||
	    (atomic_load(&system->stopping) && !atomic_load(&system->stop_begun)) ||
	    (atomic_load(&system->draining) && !atomic_load(&system->drain_begun)))
		return true;
	for (unsigned i = 0; i < system->worker_count; i++)
		if (atomic_load(&system->workers[i].ready.count))
			return true;
	return false;
}

static void sleep_in_port(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	bool asleep = true;

	/* First say so, then look once more; whoever queues something does it the other way round,
	 * so that one of the two sees the other. */
	atomic_fetch_add(&system->sleepers, 1);
	atomic_store(&worker->asleep, true);
	if (!anything_ready(worker)) {
		if (atomic_load(&system->draining) && act__drain_is_over(worker))
			act_system_stop(system);
		else if (act__stands_still(worker))
			act__standstill(worker);
		act__port_wait(&worker->port, act__timers_next(&worker->timers));
	}
	if (atomic_compare_exchange_strong(&worker->asleep, &asleep, false))
		atomic_fetch_sub(&system->sleepers, 1);
	worker->turns = 0;
	fire_timers(worker);
}

static void look_outside(struct act__worker *worker)
{
	worker->turns = 0;
	act__port_poll(&worker->port);
	fire_timers(worker);
}

void act__worker_run(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	struct act__actor *native, *actor;

	worker->self.ring = system->session ? trc_ring_of_thread(system->session) : NULL;
	act__ground_init(&worker->ground);
	act__fault_begin(&worker->signal_stack);
	while (!atomic_load_explicit(&system->done, memory_order_acquire)) {
		if (atomic_load_explicit(&system->stopping, memory_order_relaxed))
			act__system_stop_actors(&worker->self);
		if (atomic_load(&system->draining))
			act__drain_lap(worker);
		if (++worker->turns >= TURNS_BETWEEN_POLLS)
			look_outside(worker);
		native = queue_pop(worker, &worker->natives);
		if (native)
			act__native_turn(&worker->self, native);
		actor = next_actor(worker);
		if (!actor) {
			if (!native)
				sleep_in_port(worker);
		} else if (!give_turn(worker, actor)) {
			queue_push(&worker->ready, actor);
			act__port_wait(&worker->port,
				       act__world_now(&system->world) + RETRY_NANOSECONDS);
		}
	}
	act__fault_end(&worker->signal_stack);
}

int act__worker_open(struct act__worker *worker, struct act_system *system, unsigned index)
{
	*worker = (struct act__worker){.system = system, .index = index};
	worker->self = (struct act_self){.system = system, .worker = worker};
	return act__port_open(&worker->port, &system->world);
}

void act__worker_close(struct act__worker *worker)
{
	struct act__fiber *next;

	for (struct act__fiber *fiber = worker->fibers; fiber; fiber = next) {
		next = fiber->next;
		act__fiber_free(fiber);
	}
	worker->fibers = NULL;
	act__port_close(&worker->port);
}
