/*
 * line.h - those who wait for something of one actor, in the order in which they came
 *
 * An actor has two lines: for space in its mailbox, and for its end. They are under its lock. One
 * who waits stands in line with memory of their own, mostly on their stack; that memory may be gone
 * as soon as their wait has been claimed and the lock is released.
 */
#ifndef RUNTIME_LINE_H
#define RUNTIME_LINE_H

#include <stdbool.h>
#include <stdint.h>

struct act_self;
struct act__actor;

enum act__waiter_kind {
	ACT__WAITER_ACTOR,  /* an actor parked in a wait */
	ACT__WAITER_NATIVE, /* a message of act_native_send() */
	ACT__WAITER_TIMER,  /* a message of act_after() */
};

struct act__waiter {
	struct act__waiter *next;
	struct act__waiter *previous;
	enum act__waiter_kind kind;
	bool queued;
	bool granted;             /* got what they waited for; else the actor is closed */
	struct act__actor *actor; /* who waits */
	uint64_t ticket;          /* ACTOR: in which wait; TIMER: its number */
};

struct act__line {
	struct act__waiter *first;
	struct act__waiter *last;
};

void act__line_join(struct act__line *line, struct act__waiter *waiter);
void act__line_leave(struct act__line *line, struct act__waiter *waiter);

/* The first one still waiting leaves the line, `granted` or not, and may not go on before
 * act__line_tell() with what is returned here: a copy. False: the line is empty. */
bool act__line_call(struct act__line *line, bool granted, struct act__waiter *ret_called);

/* Lets them go on. Without the lock. Not for TIMER waiters: nobody waits there. */
void act__line_tell(struct act_self *self, const struct act__waiter *called);

/* Calls and tells them all, without the lock of `actor`, whose line it is. */
void act__line_dismiss(struct act_self *self, struct act__actor *actor, struct act__line *line);

#endif
