#include "runtime/after.h"

#include "runtime/monitor.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/worker.h"

#include <assert.h>
#include <stdlib.h>

#define CONTAINER(pointer, type, member) \
	((type *)(void *)((unsigned char *)(pointer)-offsetof(type, member)))

static void unlink_locked(struct act__actor *actor, struct act__after *after)
{
	if (after->previous)
		after->previous->next = after->next;
	else
		actor->timers = after->next;
	if (after->next)
		after->next->previous = after->previous;
}

/* While it is set, a timer is a handle to its actor in the hands of the outside. */
static void hold(struct act_self *self, struct act__after *after)
{
	struct act_self outside = act__outside_of(self);

	after->handle = (struct act_handle){self->actor, atomic_load(&self->actor->generation)};
	act_clone(&outside, after->handle);
}

static void free_after(struct act_self *self, struct act__after *after)
{
	struct act_self outside = act__outside_of(self);

	act__message_free(self, after->message, ACT_EDROPPED);
	act_drop(&outside, &after->handle);
	free(after);
}

struct act__after *act__after_new(struct act_self *self, size_t size, enum act__timer_kind kind,
				  const struct act_type *type, void *fields, struct act_site *site)
{
	struct act__actor *actor = self->actor;
	struct act__after *after;

	assert(actor && "timers and monitors are for actors");
	after = calloc(1, size);
	if (after)
		after->message = act__message_new(self, type, fields);
	if (!after || !after->message) {
		act__fields_drop(self, type, fields);
		free(after);
		return NULL;
	}
	after->site = site;
	after->number = ++actor->last_timer;
	after->timer.kind = kind;
	after->timer.actor = actor;
	after->waiter.kind = ACT__WAITER_TIMER;
	after->waiter.actor = actor;
	after->waiter.ticket = after->number;
	hold(self, after);
	return after;
}

void act__after_join_locked(struct act__after *after)
{
	struct act__actor *actor = after->timer.actor;

	after->next = actor->timers;
	if (after->next)
		after->next->previous = after;
	actor->timers = after;
}

uint64_t act__after(struct act_self *self, uint64_t nanoseconds, const struct act_type *type,
		    void *fields, struct act_site *site)
{
	struct act__after *after =
		act__after_new(self, sizeof(*after), ACT__TIMER_AFTER, type, fields, site);
	uint64_t number;

	if (!after)
		return 0;
	number = after->number;
	after->timer.at = act__deadline(self, nanoseconds);
	act__lock(&self->actor->lock);
	act__after_join_locked(after);
	act__timer_set(&self->worker->timers, &after->timer);
	act__unlock(&self->actor->lock);
	act__worker_wake(self->worker); /* a native actor may be called while it sleeps */
	/* Pairs with act_system_drain(): either this sees that it was called, or the walk over all
	 * actors sees this timer. Sources need theirs to close in order. */
	if (atomic_load(&self->system->draining) && !self->actor->native) {
		act_cancel_timer(self, number);
		return 0;
	}
	return number;
}

void act__after_fire(struct act_self *self, struct act__timer *timer)
{
	struct act__after *after = CONTAINER(timer, struct act__after, timer);
	struct act__actor *actor = timer->actor;
	int r = ACT_ECANCELLED;

	act__lock(&actor->lock);
	if (!after->cancelled) {
		r = act__mailbox_reserve_locked(actor, &after->waiter);
		if (r != ACT_EFULL)
			unlink_locked(actor, after);
	}
	act__unlock(&actor->lock);
	if (r == 0)
		act__after_send(self, after);
	else if (r != ACT_EFULL)
		free_after(self, after);
}

static struct act__after *find_locked(struct act__actor *actor, uint64_t number)
{
	struct act__after *after = actor->timers;

	while (after && after->number != number)
		after = after->next;
	return after;
}

struct act__after *act__after_called_locked(struct act__actor *actor, uint64_t number)
{
	struct act__after *after = find_locked(actor, number);

	unlink_locked(actor, after);
	return after;
}

void act__after_send(struct act_self *self, struct act__after *after)
{
	struct act__actor *actor = after->timer.actor;
	struct act_message *message = after->message;
	/* The event belongs to the outside, whoever's turn it is. */
	struct act_self outside = act__outside_of(self);

	after->message = NULL;
	act__probe_send(&outside, actor, message, NULL, TRC_F_TIMER, after->site);
	if (after->ended)
		act__probe_told(&outside, message, after->ended);
	act__mailbox_put(&outside, actor, message);
	free_after(self, after);
}

/* Takes it out of wherever it is. False when a worker has taken it to fire it, and will free it. */
static bool reclaim_locked(struct act__actor *actor, struct act__after *after)
{
	unlink_locked(actor, after);
	after->cancelled = true;
	if (after->waiter.queued) {
		act__line_leave(&actor->space_line, &after->waiter);
		return true;
	}
	return after->timer.kind == ACT__TIMER_MONITOR ? act__monitor_clear(after)
						       : act__timer_clear(&after->timer);
}

void act_cancel_timer(struct act_self *self, uint64_t timer)
{
	struct act__actor *actor = self->actor;
	struct act__after *after;
	bool mine = false;

	act__lock(&actor->lock);
	after = find_locked(actor, timer);
	if (after)
		mine = reclaim_locked(actor, after);
	act__unlock(&actor->lock);
	if (mine)
		free_after(self, after);
}

/* Takes one out that waits for its time. */
static struct act__after *take_pending(struct act__actor *actor)
{
	struct act__after *after;

	act__lock(&actor->lock);
	after = actor->timers;
	while (after && (after->timer.kind != ACT__TIMER_AFTER || after->waiter.queued ||
			 !act__timer_clear(&after->timer)))
		after = after->next;
	if (after)
		unlink_locked(actor, after);
	act__unlock(&actor->lock);
	return after;
}

void act__after_cancel_timers(struct act_self *self, struct act__actor *actor)
{
	struct act__after *after;

	while ((after = take_pending(actor)))
		free_after(self, after);
}

void act__after_cancel_all(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act__after *after;
	bool mine;

	/* Only the actor itself adds some. */
	while (atomic_load_explicit(&actor->timers, memory_order_relaxed)) {
		act__lock(&actor->lock);
		after = actor->timers;
		mine = after && reclaim_locked(actor, after);
		act__unlock(&actor->lock);
		if (mine)
			free_after(self, after);
	}
}
