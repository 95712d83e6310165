#include "runtime/monitor.h"

#include "runtime/after.h"
#include "runtime/probe.h"
#include "runtime/system.h"

#include <act/monitor.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

static_assert((int)ACT_REASON_STOPPED == TRC_END_STOPPED &&
		      (int)ACT_REASON_UNREACHABLE == TRC_END_UNREACHABLE &&
		      (int)ACT_REASON_FAILED == TRC_END_FAILED &&
		      (int)ACT_REASON_SHUTDOWN == TRC_END_SHUTDOWN,
	      "reasons are those of the trace");

struct act__monitor {
	struct act__after after;    /* first: the two are cast into each other */
	struct act__actor *watched; /* NULL: in no list */
	struct act__monitor *next;
	struct act__monitor *previous;
};

struct act__link_end {
	struct act__actor *actor;
	struct act__link *next; /* of this actor's */
	struct act__link *previous;
};

struct act__link {
	uint32_t generation[2];
	struct act__link_end ends[2];
};

/* --- monitors ------------------------------------------------------------------------------- */

static struct act__lock *lists_of(const struct act__actor *actor)
{
	return &actor->system->monitors;
}

static void unlink_monitor_locked(struct act__monitor *monitor)
{
	if (monitor->previous)
		monitor->previous->next = monitor->next;
	else
		monitor->watched->monitors = monitor->next;
	if (monitor->next)
		monitor->next->previous = monitor->previous;
	monitor->watched = NULL;
}

bool act__monitor_clear(struct act__after *after)
{
	struct act__monitor *monitor = (struct act__monitor *)after;
	struct act__lock *lists = lists_of(after->timer.actor);
	bool was_set;

	act__lock(lists);
	was_set = monitor->watched != NULL;
	if (was_set)
		unlink_monitor_locked(monitor);
	act__unlock(lists);
	return was_set;
}

static void set_end(struct act__monitor *monitor, const struct act__actor *ended, unsigned reason)
{
	monitor->after.ended = ended ? ended->number : 0;
	((struct ActorEnded *)(void *)monitor->after.message->fields)->reason = (int64_t)reason;
}

/* False: it has ended, and its monitor knows why. */
static bool watch(struct act_handle handle, struct act__monitor *monitor)
{
	struct act__actor *actor = handle.actor;
	bool good, living;

	set_end(monitor, NULL, ACT_REASON_UNKNOWN);
	if (!actor)
		return false;
	act__lock(&actor->lock);
	good = act__handle_good(handle);
	living = good && actor->status != ACT__ENDED;
	if (living) {
		act__lock(lists_of(actor));
		monitor->watched = actor;
		monitor->next = actor->monitors;
		if (monitor->next)
			monitor->next->previous = monitor;
		actor->monitors = monitor;
		act__unlock(lists_of(actor));
	} else if (good) {
		set_end(monitor, actor, actor->end_reason);
	}
	act__unlock(&actor->lock);
	return living;
}

uint64_t act_monitor(struct act_self *self, struct act_handle handle)
{
	struct ActorEnded fields = {.name = act_name(handle)};
	struct act__monitor *monitor;
	struct act__after *after;
	uint64_t number;

	after = act__after_new(self, sizeof(*monitor), ACT__TIMER_MONITOR, &ActorEnded_type,
			       &fields, NULL);
	if (!after)
		return 0;
	monitor = (struct act__monitor *)after;
	number = after->number;
	((struct ActorEnded *)(void *)after->message->fields)->monitor = number;
	act__lock(&self->actor->lock);
	act__after_join_locked(after);
	act__unlock(&self->actor->lock);
	if (!watch(handle, monitor))
		act__after_fire(self, &after->timer);
	return number;
}

void act_unmonitor(struct act_self *self, uint64_t monitor)
{
	act_cancel_timer(self, monitor);
}

static struct act__monitor *take_monitor(struct act__actor *actor)
{
	struct act__monitor *monitor;

	act__lock(lists_of(actor));
	monitor = actor->monitors;
	if (monitor)
		unlink_monitor_locked(monitor);
	act__unlock(lists_of(actor));
	return monitor;
}

/* --- links ---------------------------------------------------------------------------------- */

static struct act__link_end *end_of(struct act__link *link, const struct act__actor *actor)
{
	return &link->ends[link->ends[1].actor == actor];
}

static void join_link_locked(struct act__link *link, struct act__link_end *end)
{
	end->next = end->actor->links;
	if (end->next)
		end_of(end->next, end->actor)->previous = link;
	end->actor->links = link;
}

static void leave_link_locked(struct act__link_end *end)
{
	if (end->previous)
		end_of(end->previous, end->actor)->next = end->next;
	else
		end->actor->links = end->next;
	if (end->next)
		end_of(end->next, end->actor)->previous = end->previous;
}

/* False: the other has ended, *ret_reason says why. */
static bool join_other(struct act__link *link, struct act_handle other, unsigned *ret_reason)
{
	struct act__actor *actor = other.actor;
	bool living;

	act__lock(&actor->lock);
	living = actor->status != ACT__ENDED;
	*ret_reason = actor->end_reason;
	if (living) {
		act__lock(lists_of(actor));
		join_link_locked(link, &link->ends[0]);
		join_link_locked(link, &link->ends[1]);
		act__unlock(lists_of(actor));
	}
	act__unlock(&actor->lock);
	return living;
}

int act_link(struct act_self *self, struct act_handle handle)
{
	struct act__actor *actor = self->actor;
	struct act__link *link;
	unsigned reason;

	assert(actor && "act_link() is for actors");
	if (!act__handle_good(handle))
		return ACT_ESTALE;
	if (handle.actor == actor)
		return 0;
	link = calloc(1, sizeof(*link));
	if (!link)
		return -ENOMEM;
	link->ends[0].actor = actor;
	link->generation[0] = atomic_load(&actor->generation);
	link->ends[1].actor = handle.actor;
	link->generation[1] = handle.generation;
	if (join_other(link, handle, &reason))
		return 0;
	free(link);
	if (reason != TRC_END_UNREACHABLE)
		act__actor_stop(self, actor, TRC_END_STOPPED);
	return 0;
}

static struct act_handle other_end(const struct act__link *link, const struct act__actor *actor)
{
	unsigned other = link->ends[0].actor == actor;

	return (struct act_handle){link->ends[other].actor, link->generation[other]};
}

/* Takes out a link to `*other`, or any when that is nobody, and says who was at its other end.
 * False: there is none. */
static bool take_link(struct act__actor *actor, struct act_handle *other)
{
	struct act__link *link;

	act__lock(lists_of(actor));
	link = actor->links;
	while (link && other->actor && !act_same(*other, other_end(link, actor)))
		link = end_of(link, actor)->next;
	if (link) {
		*other = other_end(link, actor);
		leave_link_locked(&link->ends[0]);
		leave_link_locked(&link->ends[1]);
	}
	act__unlock(lists_of(actor));
	free(link);
	return link != NULL;
}

static bool take_any_link(struct act__actor *actor, struct act_handle *ret_other)
{
	*ret_other = ACT_NOBODY;
	return take_link(actor, ret_other);
}

void act_unlink(struct act_self *self, struct act_handle handle)
{
	assert(self->actor && "act_unlink() is for actors");
	while (handle.actor && take_link(self->actor, &handle))
		;
}

/* Nobody holds a handle to it for us: it may be ending, too. */
static void stop_other(struct act_self *outside, struct act_handle other)
{
	other = act__handle_acquire(other.actor, other.generation);
	if (!other.actor)
		return;
	act__probe_handle_clone(outside, other.actor);
	act__actor_stop(outside, other.actor, TRC_END_STOPPED);
	act_drop(outside, &other);
}

void act__monitors_fire(struct act_self *outside, struct act__actor *actor)
{
	struct act__monitor *monitor;
	struct act_handle other;

	while ((monitor = take_monitor(actor))) {
		set_end(monitor, actor, actor->end_reason);
		act__after_fire(outside, &monitor->after.timer);
	}
	while (take_any_link(actor, &other))
		if (actor->end_reason != TRC_END_UNREACHABLE)
			stop_other(outside, other);
}
