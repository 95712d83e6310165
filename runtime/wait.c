#include "runtime/wait.h"

#include "runtime/fiber.h"
#include "runtime/worker.h"
#include "runtime/world.h"

/* The low bits of `claim` are the outcome, the rest is the ticket. One bit of the ticket says that
 * the wait cannot be cancelled. */
enum { OUTCOME_MASK = 3, FIRM = 4, TICKET_STEP = 8 };

static uint64_t next_ticket(const struct act__actor *actor)
{
	uint64_t before = atomic_load_explicit(&actor->claim, memory_order_relaxed);

	return (before & ~(uint64_t)(OUTCOME_MASK | FIRM)) + TICKET_STEP;
}

bool act__wait_begin(struct act_self *self, struct act__wait *wait, uint64_t deadline,
		     enum act__outcome at_deadline, const struct act_site *site)
{
	struct act__actor *actor = self->actor;

	wait->ticket = next_ticket(actor);
	wait->timed = false;
	actor->wait_site = site;
	atomic_store_explicit(&actor->park, ACT__ON, memory_order_relaxed);
	/* Pairs with act__actor_stop(), which sets `stopping` and then looks for a wait: one of the
	 * two sees the other. */
	atomic_store(&actor->claim, wait->ticket | ACT__PENDING);
	if (atomic_load(&actor->stopping)) {
		act__wait_leave(self, wait);
		return false;
	}
	if (deadline != ACT__NEVER) {
		wait->timed = true;
		wait->timer = (struct act__timer){
			.kind = ACT__TIMER_WAIT,
			.outcome = at_deadline,
			.at = deadline,
			.actor = actor,
			.ticket = wait->ticket,
		};
		act__timer_set(&self->worker->timers, &wait->timer);
	}
	return true;
}

void act__wait_begin_firm(struct act_self *self, struct act__wait *wait)
{
	struct act__actor *actor = self->actor;

	wait->ticket = next_ticket(actor) | FIRM;
	wait->timed = false;
	atomic_store_explicit(&actor->park, ACT__ON, memory_order_relaxed);
	atomic_store(&actor->claim, wait->ticket | ACT__PENDING);
}

enum act__outcome act__wait_park(struct act_self *self, struct act__wait *wait)
{
	struct act__actor *actor = self->actor;

	if (atomic_load_explicit(&actor->park, memory_order_acquire) != ACT__READY)
		act__fiber_leave(self->fiber, false);
	if (wait->timed)
		act__timer_clear(&wait->timer);
	return atomic_load_explicit(&actor->claim, memory_order_relaxed) & OUTCOME_MASK;
}

void act__wait_leave(struct act_self *self, struct act__wait *wait)
{
	/* Somebody else claimed it: what they publish must not be left for the next wait. */
	if (!act__wait_claim(self->actor, wait->ticket, ACT__MET))
		act__wait_park(self, wait);
	else if (wait->timed)
		act__timer_clear(&wait->timer);
}

bool act__wait_claim(struct act__actor *actor, uint64_t ticket, enum act__outcome outcome)
{
	uint64_t pending = ticket | ACT__PENDING;

	return atomic_compare_exchange_strong(&actor->claim, &pending, ticket | outcome);
}

void act__wait_publish(struct act_self *waker, struct act__actor *actor, bool soon)
{
	/* Releases what the waker left for the actor; pairs with act__wait_park() and, through the
	 * run queue, with the worker that resumes it. */
	if (atomic_exchange_explicit(&actor->park, ACT__READY, memory_order_acq_rel) != ACT__PARKED)
		return;
	if (soon)
		act__schedule(waker, actor);
	else
		act__schedule_last(waker, actor);
}

void act__wait_cancel(struct act_self *waker, struct act__actor *actor)
{
	uint64_t claim = atomic_load(&actor->claim);

	if ((claim & (OUTCOME_MASK | FIRM)) == ACT__PENDING &&
	    act__wait_claim(actor, claim & ~(uint64_t)OUTCOME_MASK, ACT__CANCELLED))
		act__wait_publish(waker, actor, false);
}

bool act__wait_parked(struct act__actor *actor)
{
	uint32_t on = ACT__ON;

	return atomic_compare_exchange_strong_explicit(&actor->park, &on, ACT__PARKED,
						       memory_order_acq_rel, memory_order_acquire);
}

int act__outcome_error(enum act__outcome outcome)
{
	return outcome == ACT__MET ? 0 : outcome == ACT__DEADLINE ? ACT_EDEADLINE : ACT_ECANCELLED;
}
