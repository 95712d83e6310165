#include "runtime/drain.h"

#include "runtime/after.h"
#include "runtime/mailbox.h"
#include "runtime/system.h"
#include "tracer/event/event.h"

/* Stops sources; what has not come to pass yet will not. */
static void begin_with(void *block, void *context)
{
	struct act__actor *actor = block;
	struct act_self *outside = context;
	bool native, living;

	act__lock(&actor->lock);
	living = actor->status != ACT__FREE && actor->status != ACT__ENDED;
	native = actor->native != NULL;
	act__unlock(&actor->lock);
	if (!living)
		return;
	if (native)
		act__actor_stop(outside, actor, TRC_END_SHUTDOWN);
	else
		act__after_cancel_timers(outside, actor);
}

void act__drain_lap(struct act__worker *worker)
{
	struct act_system *system = worker->system;

	atomic_fetch_add(&worker->laps, 1);
	if (!atomic_load_explicit(&system->drain_begun, memory_order_relaxed) &&
	    !atomic_exchange(&system->drain_begun, true))
		act__slab_each(&system->actors, begin_with, &worker->self);
}

static void look_at(void *block, void *context)
{
	struct act__actor *actor = block;
	bool *busy = context;

	if (*busy)
		return;
	act__lock(&actor->lock);
	if (actor->status == ACT__IDLE)
		*busy = actor->native || act__mailbox_depth_locked(actor) > 0;
	else
		*busy = actor->status == ACT__BUSY;
	act__unlock(&actor->lock);
}

/* Whether all other workers sleep; adds up their laps. */
static bool others_sleep(const struct act__worker *worker, uint64_t *ret_laps)
{
	const struct act_system *system = worker->system;

	*ret_laps = 0;
	for (unsigned i = 0; i < system->worker_count; i++) {
		struct act__worker *other = &system->workers[i];

		if (other != worker && atomic_load(&other->rest) != ACT__ASLEEP)
			return false;
		*ret_laps += atomic_load(&other->laps);
	}
	return true;
}

bool act__drain_is_over(struct act__worker *worker)
{
	struct act_system *system = worker->system;
	uint64_t before, after;
	bool busy = false;

	if (!atomic_load(&system->drain_begun) || !others_sleep(worker, &before))
		return false;
	act__slab_each(&system->actors, look_at, &busy);
	return !busy && others_sleep(worker, &after) && before == after;
}
