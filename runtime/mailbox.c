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
		actor->status = ACT__BUSY;
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

void act__mailbox_vacate_locked(struct act__actor *actor, struct act__vacancy *ret_vacancy)
{
	ret_vacancy->ready = false;
	ret_vacancy->after = NULL;
	ret_vacancy->called = !actor->closed && actor->space_line.first &&
			      act__line_call(&actor->space_line, true, &ret_vacancy->first);
	if (!ret_vacancy->called)
		ret_vacancy->ready = give_up_place_locked(actor);
	else if (ret_vacancy->first.kind == ACT__WAITER_TIMER)
		ret_vacancy->after = act__after_called_locked(actor, ret_vacancy->first.ticket);
}

void act__mailbox_tell(struct act_self *self, struct act__actor *actor,
		       const struct act__vacancy *vacancy)
{
	if (vacancy->ready)
		act__schedule(self, actor);
	else if (vacancy->after)
		act__after_send(self, vacancy->after);
	else if (vacancy->called)
		act__line_tell(self, &vacancy->first);
}

void act__mailbox_free_place(struct act_self *self, struct act__actor *actor)
{
	struct act__vacancy vacancy;

	act__lock(&actor->lock);
	act__mailbox_vacate_locked(actor, &vacancy);
	act__unlock(&actor->lock);
	act__mailbox_tell(self, actor, &vacancy);
}
