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
	WORK_BETWEEN_POLLS = 512,
	WOKEN_STREAK = 16, /* turns in a row before the queue is served */
	POOLED_FIBERS = 64,
	RETRY_NANOSECONDS = 1000000, /* until a stack is asked for again */
	LOOK_NANOSECONDS = 15000,    /* for work that others have; more than ACT__QUEUE_AGE */
	SHORTEST_NAP = 50000,
	LONGEST_NAP = 400000,
};

/* --- scheduling ----------------------------------------------------------------------------- */

void act__worker_wake(struct act__worker *worker)
{
	uint8_t rest = atomic_load(&worker->rest);

	if (rest == ACT__AWAKE || !atomic_compare_exchange_strong(&worker->rest, &rest, ACT__AWAKE))
		return;
	if (rest == ACT__ASLEEP)
		atomic_fetch_sub(&worker->system->sleepers, 1);
	act__port_wake(&worker->port);
}

/* Lets one sleeping worker, if there is one, look for work. */
static void wake_someone(struct act_system *system)
{
	if (atomic_load(&system->sleepers) == 0)
		return;
	for (unsigned i = 0; i < system->worker_count; i++) {
		if (atomic_load_explicit(&system->workers[i].rest, memory_order_relaxed) ==
		    ACT__ASLEEP) {
			act__worker_wake(&system->workers[i]);
			return;
		}
	}
}

static void schedule_native(struct act__actor *actor)
{
	struct act__worker *worker = act__native_worker(actor->native);

	act__queue_push(&worker->natives, actor);
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
	act__queue_push(&worker->ready, actor);
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
	actor = act__queue_pop(&worker->ready, &worker->system->world);
	if (!actor) {
		actor = worker->woken_last;
		worker->woken_last = NULL;
	}
	return actor;
}

/* --- without work --------------------------------------------------------------------------- */

static void fire_timers(struct act__worker *worker)
{
	if (act__timers_next(&worker->timers) != ACT__NEVER)
		act__timers_fire(&worker->self, &worker->timers,
				 act__world_now(&worker->system->world));
}

/* What this worker alone can do, or must see. */
static bool has_own_work(struct act__worker *worker)
{
	struct act_system *system = worker->system;

	return act__queue_count(&worker->natives) > 0 || act__queue_count(&worker->ready) > 0 ||
	       atomic_load(&system->done) ||
	       (atomic_load(&system->stopping) && !atomic_load(&system->stop_begun)) ||
	       (atomic_load(&system->draining) && !atomic_load(&system->drain_begun));
}

static bool others_have_work(const struct act__worker *worker)
{
	const struct act_system *system = worker->system;

	for (unsigned i = 0; i < system->worker_count; i++)
		if (act__queue_count(&system->workers[i].ready) > 0)
			return true;
	return false;
}

/* One to run now; the rest of the loot goes to the own queue. */
static struct act__actor *rob(struct act__worker *worker, uint64_t now)
{
	struct act_system *system = worker->system;
	struct act__actor *actor = NULL;
	struct act__loot loot;

	for (unsigned i = 1; i < system->worker_count && !actor; i++) {
		unsigned victim = (worker->index + i) % system->worker_count;

		if (act__queue_count(&system->workers[victim].ready) > 0 &&
		    act__queue_rob(&system->workers[victim].ready, now, &loot))
			actor = loot.first;
	}
	if (actor && --loot.count > 0) {
		loot.first = actor->run_next;
		act__queue_append(&worker->ready, &loot);
	}
	return actor;
}

/* Looks for a moment, if others have something, whether they get to it themselves. */
static struct act__actor *look_elsewhere(struct act__worker *worker)
{
	const struct act__world *world = &worker->system->world;
	struct act__actor *actor = NULL;
	uint64_t now, end;

	if (!others_have_work(worker))
		return NULL;
	now = act__world_now(world);
	end = now + LOOK_NANOSECONDS;
	while (!(actor = rob(worker, now)) && now < end && others_have_work(worker) &&
	       !has_own_work(worker)) {
		act__spin_pause();
		now = act__world_now(world);
	}
	return actor;
}

static unsigned pushes_of_all(const struct act_system *system)
{
	unsigned pushes = 0;

	for (unsigned i = 0; i < system->worker_count; i++)
		pushes += atomic_load(&system->workers[i].ready.pushed);
	return pushes;
}

static void nap(struct act__worker *worker)
{
	uint64_t next = act__timers_next(&worker->timers), end;

	end = act__world_now(&worker->system->world) + worker->nap;
	/* In the same order as in sleep_in_port(). */
	atomic_store(&worker->rest, ACT__NAPPING);
	if (!has_own_work(worker))
		act__port_nap(&worker->port, next < end ? next : end);
	atomic_store(&worker->rest, ACT__AWAKE);
	if (worker->nap < LONGEST_NAP)
		worker->nap *= 2;
}

static void sleep_in_port(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	uint8_t asleep = ACT__ASLEEP;

	/* First say so, then look once more; whoever queues something does it the other way round,
	 * so that one of the two sees the other. */
	atomic_fetch_add(&system->sleepers, 1);
	atomic_store(&worker->rest, ACT__ASLEEP);
	if (!has_own_work(worker) && !others_have_work(worker)) {
		/* Of those that end their last actors at the same time, one is the last to add to
		 * `sleepers`, and sees what all others have counted. */
		if (act__system_is_empty(system))
			act__system_done(system);
		else if (atomic_load(&system->draining) && act__drain_is_over(worker))
			act_system_stop(system);
		else if (act__stands_still(worker))
			act__standstill(worker);
		act__port_wait(&worker->port, act__timers_next(&worker->timers));
	}
	if (atomic_compare_exchange_strong(&worker->rest, &asleep, ACT__AWAKE))
		atomic_fetch_sub(&system->sleepers, 1);
}

static void take_rest(struct act__worker *worker)
{
	unsigned pushes = pushes_of_all(worker->system);

	if (worker->in_vain && pushes != worker->pushes_seen) {
		nap(worker);
	} else {
		sleep_in_port(worker);
		worker->nap = SHORTEST_NAP;
	}
	worker->in_vain = true;
	worker->pushes_seen = pushes;
	worker->work = 0;
	fire_timers(worker);
}

/* --- the loop ------------------------------------------------------------------------------- */

/* A recorder may have come or gone. */
static void look_for_recorder(struct act__worker *worker)
{
	bool rests = __atomic_load_n(worker->system->resting, __ATOMIC_RELAXED) != 0;

	if (rests == (worker->self.ring == NULL))
		return;
	if (!rests)
		act__notice_recorder(worker->system);
	worker->self.ring = rests ? NULL : worker->ring;
}

static void look_outside(struct act__worker *worker)
{
	worker->work = 0;
	act__port_poll(&worker->port);
	fire_timers(worker);
}

void act__worker_run(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	struct act__actor *native, *actor;

	worker->ring = system->session ? trc_ring_of_thread(system->session) : NULL;
	worker->self.ring = act__ring_of_thread(system);
	act__ground_init(&worker->ground);
	act__fault_begin(&worker->signal_stack);
	while (!atomic_load_explicit(&system->done, memory_order_acquire)) {
		if (atomic_load_explicit(&system->stopping, memory_order_relaxed))
			act__system_stop_actors(&worker->self);
		if (atomic_load(&system->draining))
			act__drain_lap(worker);
		if (++worker->work >= WORK_BETWEEN_POLLS)
			look_outside(worker);
		if (worker->ring)
			look_for_recorder(worker);
		native = act__queue_pop(&worker->natives, &system->world);
		if (native)
			act__native_turn(&worker->self, native);
		actor = next_actor(worker);
		if (!actor && !native)
			actor = look_elsewhere(worker);
		if (actor || native)
			worker->in_vain = false;
		else
			take_rest(worker);
		if (actor && !give_turn(worker, actor)) {
			act__queue_push(&worker->ready, actor);
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
