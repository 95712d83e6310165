#include "runtime/mailbox.h"

#include "runtime/after.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

int act__mailbox_reserve_locked(struct act__actor *actor, struct act__waiter *waiter)
{
	if (actor->closed)
		return ACT_EGONE;
	if (actor->depth < actor->capacity) {
		actor->depth++;
		return 0;
	}
	if (waiter)
		act__line_join(&actor->space_line, waiter);
	return ACT_EFULL;
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

void act__mailbox_put(struct act_self *self, struct act__actor *actor, struct act_message *message)
{
	bool was_idle;

	message->next = NULL;
	act__lock(&actor->lock);
	if (actor->youngest)
		actor->youngest->next = message;
	else
		actor->oldest = message;
	actor->youngest = message;
	was_idle = actor->status == ACT__IDLE;
	if (was_idle)
		actor->status = ACT__BUSY;
	act__unlock(&actor->lock);
	if (was_idle)
		act__schedule(self, actor);
}

struct act_message *act__mailbox_take_locked(struct act__actor *actor)
{
	struct act_message *message = actor->oldest;

	if (message) {
		actor->oldest = message->next;
		if (!actor->oldest)
			actor->youngest = NULL;
	}
	return message;
}

/* One place less is taken. An idle actor that only waited for this to end has a turn coming. */
static bool give_up_place_locked(struct act__actor *actor)
{
	bool ready = --actor->depth == 0 && actor->status == ACT__IDLE &&
		     (actor->closed || actor->handles == 0);

	if (ready)
		actor->status = ACT__BUSY;
	return ready;
}

void act__mailbox_free_place(struct act_self *self, struct act__actor *actor)
{
	struct act__waiter called;
	struct act__after *after = NULL;
	bool any, ready = false;

	act__lock(&actor->lock);
	any = !actor->closed && actor->space_line.first &&
	      act__line_call(&actor->space_line, true, &called);
	if (!any)
		ready = give_up_place_locked(actor);
	else if (called.kind == ACT__WAITER_TIMER)
		after = act__after_called_locked(actor, called.ticket);
	act__unlock(&actor->lock);
	if (ready)
		act__schedule(self, actor);
	else if (after)
		act__after_send(self, after);
	else if (any)
		act__line_tell(self, &called);
}
