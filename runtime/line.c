#include "runtime/line.h"

#include "runtime/actor.h"
#include "runtime/native-actor.h"
#include "runtime/wait.h"

#include <assert.h>
#include <stddef.h>

void act__line_join(struct act__line *line, struct act__waiter *waiter)
{
	waiter->next = NULL;
	waiter->previous = line->last;
	if (line->last)
		line->last->next = waiter;
	else
		line->first = waiter;
	line->last = waiter;
	waiter->queued = true;
}

void act__line_leave(struct act__line *line, struct act__waiter *waiter)
{
	if (waiter->previous)
		waiter->previous->next = waiter->next;
	else
		line->first = waiter->next;
	if (waiter->next)
		waiter->next->previous = waiter->previous;
	else
		line->last = waiter->previous;
	waiter->queued = false;
}

bool act__line_call(struct act__line *line, bool granted, struct act__waiter *ret_called)
{
	struct act__waiter *waiter;

	while ((waiter = line->first)) {
		act__line_leave(line, waiter);
		waiter->granted = granted;
		*ret_called = *waiter;
		/* One whose deadline passed, say, has been claimed already. */
		if (waiter->kind != ACT__WAITER_ACTOR ||
		    act__wait_claim(waiter->actor, waiter->ticket, ACT__MET))
			return true;
	}
	return false;
}

void act__line_tell(struct act_self *self, const struct act__waiter *called)
{
	assert(called->kind != ACT__WAITER_TIMER);
	if (called->kind == ACT__WAITER_ACTOR)
		act__wait_publish(self, called->actor, false);
	else
		act__native_called(self, called->actor);
}

void act__line_dismiss(struct act_self *self, struct act__actor *actor, struct act__line *line)
{
	struct act__waiter called;
	bool any;

	for (;;) {
		act__lock(&actor->lock);
		any = act__line_call(line, false, &called);
		act__unlock(&actor->lock);
		if (!any)
			return;
		act__line_tell(self, &called);
	}
}
