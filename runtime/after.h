/*
 * after.h - messages that an actor sends itself after a while
 *
 * Whoever takes an act__after out of the heap owns it: the worker that fires it, or the actor that
 * cancels it. When the mailbox is full at that time it stands in line like everybody else; then it
 * belongs to whoever takes it out of the line.
 */
#ifndef RUNTIME_AFTER_H
#define RUNTIME_AFTER_H

#include "runtime/mailbox.h"
#include "runtime/timer.h"

struct act__after {
	struct act__timer timer;
	struct act__waiter waiter;
	struct act__after *next; /* of this actor's (lock of the actor) */
	struct act__after *previous;
	bool cancelled; /* whoever fires it is to free it (lock of the actor) */
	uint64_t number;
	struct act_handle handle; /* to its actor, held by the outside */
	struct act_message *message;
	struct act_site *site;
	uint64_t ended; /* a monitor that fires: the number of who ended; else 0 */
};

/* Makes one of `size` bytes, of which the first are a struct act__after; the fields are consumed.
 * NULL: no memory. Then it joins the running actor's list, together with whatever will fire it. */
struct act__after *act__after_new(struct act_self *self, size_t size, enum act__timer_kind kind,
				  const struct act_type *type, void *fields, struct act_site *site);
void act__after_join_locked(struct act__after *after);

/* Its time has come. */
void act__after_fire(struct act_self *self, struct act__timer *timer);

/* A place has come for timer `number`; the actor is locked. */
struct act__after *act__after_called_locked(struct act__actor *actor, uint64_t number);

/* Sends and frees it; the place is reserved. */
void act__after_send(struct act_self *self, struct act__after *after);

/* Cancels what waits for its time, but no monitors. Anybody. */
void act__after_cancel_timers(struct act_self *self, struct act__actor *actor);

/* For an actor that ends. */
void act__after_cancel_all(struct act_self *self);

#endif
