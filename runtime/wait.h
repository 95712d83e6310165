/*
 * wait.h - how an actor suspends itself, and how it is woken exactly once
 *
 * Several may want to end a wait: who meets it (a reply, space, an end), its deadline, somebody who
 * stops the actor. And the actor may be woken before it has left its stack. Two words in the actor
 * keep this in order:
 *
 *   claim   which of the actor's waits this is (the ticket), and how it ended. Whoever wants to end
 *           the wait claims it by exchanging PENDING for an outcome. Exactly one succeeds; a ticket
 *           of an earlier wait never does, so a late waker does no harm.
 *   park    where the actor is: ON its stack, PARKED off it, or READY to go on. Who claimed the
 *           wait does what is to be done first (hands over a reply), then publishes: READY. If the
 *           actor was PARKED by then, the publisher queues it. Else the worker finds READY when
 *           it has left the actor's stack and tries to park it, and queues it itself.
 *
 * So: act__wait_begin(), tell those who can meet the wait about the ticket, act__wait_park().
 */
#ifndef RUNTIME_WAIT_H
#define RUNTIME_WAIT_H

#include "runtime/actor.h"
#include "runtime/timer.h"

enum act__outcome { /* like enum trc_wake */
		    ACT__PENDING = 0,
		    ACT__MET = 1,
		    ACT__DEADLINE = 2,
		    ACT__CANCELLED = 3,
};

enum act__park { ACT__ON, ACT__PARKED, ACT__READY };

struct act__wait {
	uint64_t ticket;
	bool timed;
	struct act__timer timer;
};

/* Begins a wait of the running actor at `site`; false when it is being stopped, and then there is
 * none. At `deadline` (time of the world, ACT__NEVER) the wait ends with `at_deadline`. */
bool act__wait_begin(struct act_self *self, struct act__wait *wait, uint64_t deadline,
		     enum act__outcome at_deadline, const struct act_site *site);

/* Begins a wait that only who meets it can end: nobody cancels it, and it has no deadline. For what
 * is under way and needs the actor's stack to stay as it is. */
void act__wait_begin_firm(struct act_self *self, struct act__wait *wait);

/* Leaves the stack until the wait is over, and says how it ended. */
enum act__outcome act__wait_park(struct act_self *self, struct act__wait *wait);

/* Ends a wait of one's own that turned out not to be needed. */
void act__wait_leave(struct act_self *self, struct act__wait *wait);

bool act__wait_claim(struct act__actor *actor, uint64_t ticket, enum act__outcome outcome);

/* `soon`: the actor goes on before others that are ready, as after a reply; else behind them. */
void act__wait_publish(struct act_self *waker, struct act__actor *actor, bool soon);

/* Ends whatever wait the actor is in, because it is being stopped. */
void act__wait_cancel(struct act_self *waker, struct act__actor *actor);

/* For the worker, when it has left the actor's stack: false when the actor is READY already. */
bool act__wait_parked(struct act__actor *actor);

/* 0, ACT_EDEADLINE, ACT_ECANCELLED. */
int act__outcome_error(enum act__outcome outcome);

#endif
