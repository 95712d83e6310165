#include "runtime/timer.h"

#include "runtime/after.h"
#include "runtime/wait.h"
#include "runtime/world.h"

#include <stddef.h>

static bool earlier(const struct act__timer *a, const struct act__timer *b)
{
	return a->at < b->at || (a->at == b->at && a->order < b->order);
}

/* Joins two heaps; either may be NULL. The loser becomes the winner's first child. */
static struct act__timer *meld(struct act__timer *a, struct act__timer *b)
{
	struct act__timer *swap;

	if (!a || !b)
		return a ? a : b;
	if (earlier(b, a)) {
		swap = a;
		a = b;
		b = swap;
	}
	b->previous = a;
	b->next = a->child;
	if (b->next)
		b->next->previous = b;
	a->child = b;
	return a;
}

/* Joins a list of siblings into one heap: in pairs from the left, then the pairs from the right. */
static struct act__timer *meld_siblings(struct act__timer *list)
{
	struct act__timer *pairs = NULL, *root = NULL, *a, *b;

	while (list) {
		a = list;
		b = a->next;
		list = b ? b->next : NULL;
		a->next = a->previous = NULL;
		if (b)
			b->next = b->previous = NULL;
		a = meld(a, b);
		a->next = pairs;
		pairs = a;
	}
	while (pairs) {
		a = pairs;
		pairs = a->next;
		a->next = NULL;
		root = meld(root, a);
	}
	return root;
}

static void take_out(struct act__timers *timers, struct act__timer *timer)
{
	struct act__timer *rest = meld_siblings(timer->child);

	if (timer == timers->first) {
		timers->first = rest;
	} else {
		if (timer->previous->child == timer)
			timer->previous->child = timer->next;
		else
			timer->previous->next = timer->next;
		if (timer->next)
			timer->next->previous = timer->previous;
		timers->first = meld(timers->first, rest);
	}
	timer->child = timer->next = timer->previous = NULL;
	timer->set = false;
}

void act__timer_set(struct act__timers *timers, struct act__timer *timer)
{
	timer->timers = timers;
	timer->child = timer->next = timer->previous = NULL;
	act__lock(&timers->lock);
	timer->order = timers->order++;
	timer->set = true;
	timers->first = meld(timers->first, timer);
	act__unlock(&timers->lock);
}

bool act__timer_clear(struct act__timer *timer)
{
	bool was_set;

	act__lock(&timer->timers->lock);
	was_set = timer->set;
	if (was_set)
		take_out(timer->timers, timer);
	act__unlock(&timer->timers->lock);
	return was_set;
}

uint64_t act__timers_next(struct act__timers *timers)
{
	uint64_t at;

	act__lock(&timers->lock);
	at = timers->first ? timers->first->at : ACT__NEVER;
	act__unlock(&timers->lock);
	return at;
}

void act__timers_fire(struct act_self *self, struct act__timers *timers, uint64_t now)
{
	struct act__timer *timer, fired;

	for (;;) {
		act__lock(&timers->lock);
		timer = timers->first;
		if (!timer || timer->at > now) {
			act__unlock(&timers->lock);
			return;
		}
		take_out(timers, timer);
		/* A wait's timer lives on the stack of its actor, which may run from here on. */
		fired = *timer;
		act__unlock(&timers->lock);
		if (fired.kind == ACT__TIMER_AFTER)
			act__after_fire(self, timer);
		else if (act__wait_claim(fired.actor, fired.ticket, fired.outcome))
			act__wait_publish(self, fired.actor, false);
	}
}
