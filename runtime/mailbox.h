/*
 * mailbox.h - the bounded queue of an actor
 *
 * A sender first gets a place (act__mailbox_reserve), then writes its SEND event, and then puts the
 * message there (act__mailbox_put). A place becomes free when a message is received; as long as
 * somebody is in line, the free place is handed to the first of them and never to a newcomer.
 *
 * Each of these steps is a section under the actor's lock, because an event has to be written
 * between them: SEND before the message can be seen, RECEIVE before its place can be had. Who is
 * not traced does two steps in one section: act__mailbox_enter_with() on the sender's side, and
 * act__mailbox_vacate_locked() along with the taking on the receiver's.
 */
#ifndef RUNTIME_MAILBOX_H
#define RUNTIME_MAILBOX_H

#include "runtime/actor.h"
#include "runtime/message.h"

/* 0: the caller has a place. ACT_EFULL; ACT_EGONE; ACT_ESTALE. With `waiter`, whoever finds the
 * mailbox full is put in line. */
int act__mailbox_reserve(struct act_handle to, struct act__waiter *waiter);
int act__mailbox_reserve_locked(struct act__actor *actor, struct act__waiter *waiter);

/* Likewise, but the running actor waits in line until `deadline`: also ACT_EDEADLINE and
 * ACT_ECANCELLED, and not ACT_EFULL. */
int act__mailbox_enter(struct act_self *self, struct act_handle to, uint64_t deadline,
		       struct act_site *site);

/* Puts a message into the place that was reserved for it. */
void act__mailbox_put(struct act_self *self, struct act__actor *actor, struct act_message *message);

/* Reserves a place and puts the message there, all at once. 0, ACT_EFULL, ACT_EGONE, ACT_ESTALE;
 * unless 0, the message stays the caller's. */
int act__mailbox_enter_with(struct act_self *self, struct act_handle to,
			    struct act_message *message);

/* Gives a place back, or on to the first in line. */
void act__mailbox_free_place(struct act_self *self, struct act__actor *actor);

/* Likewise, in two halves: the first has the lock, the second tells those whom it concerns. */
struct act__vacancy {
	bool ready;               /* the actor has a turn coming */
	bool called;              /* somebody got the place: */
	struct act__waiter first; /* who */
	struct act__after *after; /* or the timer */
};
void act__mailbox_vacate_locked(struct act__actor *actor, struct act__vacancy *ret_vacancy);
void act__mailbox_tell(struct act_self *self, struct act__actor *actor,
		       const struct act__vacancy *vacancy);

/* The oldest message, or NULL; the caller has the actor's lock. Its place stays taken. */
struct act_message *act__mailbox_take_locked(struct act__actor *actor);

#endif
