#include "runtime/mailbox.h"

#include "runtime/after.h"
#include "runtime/probe.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

/* --- places --------------------------------------------------------------------------------- */

static void look_at_received_locked(struct act__actor *actor)
{
	/* Acquires what the receiver did before it freed the place: RECEIVE is written. */
	actor->limit = atomic_load(&actor->received) + actor->capacity;
}

/* The limit has been reached: whether it is still where it was. If so, `waiter` joins the line. */
static bool is_full_locked(struct act__actor *actor, struct act__waiter *waiter)
{
	if (!actor->space_line.first) {
		if (waiter)
			atomic_store(&actor->crowded, true);
		look_at_received_locked(actor);
		if (actor->sent != actor->limit)
			return false;
	}
	if (waiter)
		act__line_join(&actor->space_line, waiter);
	return true;
}

int act__mailbox_reserve_locked(struct act__actor *actor, struct act__waiter *waiter)
{
	if (actor->closed)
		return ACT_EGONE;
	if (actor->sent == actor->limit && is_full_locked(actor, waiter))
		return ACT_EFULL;
	actor->sent++;
	return 0;
}

int act__mailbox_reserve(struct act_handle to, struct act__waiter *waiter)
{
	struct act__actor *actor = to.actor;
	int r = ACT_ESTALE;

	if (!actor)
		return r;
	act__lock(&actor->lock);
	if (act__handle_good(to))
		r = act__mailbox_reserve_locked(actor, waiter);
	act__unlock(&actor->lock);
	return r;
}

/* --- the line ------------------------------------------------------------------------------- */

/* Somebody who was in line has a place now. */
struct call {
	struct act__waiter first; /* who */
	struct act__after *after; /* or the timer */
};

/* False: nobody is in line any more. */
static bool call_first_locked(struct act__actor *actor, struct call *ret_call)
{
	ret_call->after = NULL;
	if (actor->closed || !act__line_call(&actor->space_line, true, &ret_call->first))
		return false;
	if (ret_call->first.kind == ACT__WAITER_TIMER)
		ret_call->after = act__after_called_locked(actor, ret_call->first.ticket);
	return true;
}

static void tell(struct act_self *self, const struct act__actor *owner, const struct call *call)
{
	if (call->after) {
		act__after_send(self, call->after);
		return;
	}
	if (call->first.kind == ACT__WAITER_ACTOR)
		act__probe_grant(self, owner, call->first.actor);
	act__line_tell(self, &call->first);
}

/* Whether a place is free that nobody has and somebody could be given. */
static bool is_to_be_handed_out_locked(const struct act__actor *actor)
{
	return actor->space_line.first &&
	       actor->limit != atomic_load(&actor->received) + actor->capacity;
}

/* Hands what the receiver has freed to those in line. */
static void hand_out_places(struct act_self *self, struct act__actor *actor)
{
	bool called, more;
	struct call call;

	do {
		act__lock(&actor->lock);
		called = is_to_be_handed_out_locked(actor) && call_first_locked(actor, &call);
		if (called) {
			actor->sent++;
			actor->limit++;
		}
		more = called && is_to_be_handed_out_locked(actor);
		if (!actor->space_line.first)
			atomic_store_explicit(&actor->crowded, false, memory_order_relaxed);
		act__unlock(&actor->lock);
		if (called)
			tell(self, actor, &call);
	} while (more);
}

void act__mailbox_received(struct act_self *self, struct act__actor *actor)
{
	/* Sequentially consistent, both: pairs with is_full_locked(). */
	atomic_fetch_add(&actor->received, 1);
	if (atomic_load(&actor->crowded))
		hand_out_places(self, actor);
}

void act__mailbox_return_place(struct act_self *self, struct act__actor *actor)
{
	bool called, ready = false;
	struct call call;

	act__lock(&actor->lock);
	called = call_first_locked(actor, &call);
	if (!called) {
		actor->sent--;
		/* An idle actor that only waited for this to end has a turn coming. */
		ready = act__mailbox_depth_locked(actor) == 0 && actor->status == ACT__IDLE &&
			(actor->closed || actor->handles == 0);
		if (ready)
			act__set_status_locked(actor, ACT__BUSY);
	}
	act__unlock(&actor->lock);
	if (called)
		tell(self, actor, &call);
	else if (ready)
		act__schedule(self, actor);
}

/* --- messages ------------------------------------------------------------------------------- */

/* Whether the actor has to be scheduled, now that there is a message. */
static bool put_locked(struct act__actor *actor, struct act_message *message)
{
	bool was_idle = actor->status == ACT__IDLE;

	message->next = NULL;
	if (actor->youngest)
		actor->youngest->next = message;
	else
		actor->oldest = message;
	actor->youngest = message;
	if (was_idle)
		act__set_status_locked(actor, ACT__BUSY);
	return was_idle;
}

void act__mailbox_put(struct act_self *self, struct act__actor *actor, struct act_message *message)
{
	bool was_idle;

	act__lock(&actor->lock);
	was_idle = put_locked(actor, message);
	act__unlock(&actor->lock);
	if (was_idle)
		act__schedule(self, actor);
}

int act__mailbox_enter_with(struct act_self *self, struct act_handle to,
			    struct act_message *message)
{
	struct act__actor *actor = to.actor;
	bool was_idle = false;
	int r = ACT_ESTALE;

	if (!actor)
		return r;
	act__lock(&actor->lock);
	if (act__handle_good(to))
		r = act__mailbox_reserve_locked(actor, NULL);
	if (r == 0)
		was_idle = put_locked(actor, message);
	act__unlock(&actor->lock);
	if (was_idle)
		act__schedule(self, actor);
	return r;
}

bool act__mailbox_fetch_locked(struct act__actor *actor)
{
	actor->taken = actor->oldest;
	actor->oldest = actor->youngest = NULL;
	/* It has both sides at hand, which spares the next sender to look. */
	if (!actor->space_line.first)
		look_at_received_locked(actor);
	return actor->taken != NULL;
}
