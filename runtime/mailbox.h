/*
 * mailbox.h - the bounded queue of an actor
 *
 * A sender first gets a place (act__mailbox_reserve), then writes its SEND event, and then puts the
 * message there (act__mailbox_put). The receiver takes a message, writes RECEIVE, and only then its
 * place is free (act__mailbox_received). As long as somebody is in line, what becomes free is
 * handed to the first of them and never to a newcomer. The depth at any instant is `sent -
 * received`: places given away but not yet free again, filled or not.
 *
 * Many send and one receives, mostly on different cores, so the two sides meet seldom:
 *
 *   messages  Senders link theirs to a list under the lock. The receiver takes the whole list at
 *             once, as `taken`, and then goes through that without a lock.
 *   places    The receiver counts the places it has freed in `received`, without a lock. Senders
 *             count the places given away in `sent` under the lock, and look at `received` only
 *             when `sent` has reached `limit`: received + capacity as it was when last looked at.
 *             It only grows, so a sender that has not reached the limit has space for sure, and
 *             one that is refused has looked.
 *   the line  Who joins it says so (`crowded`) and then looks at `received` once more. The receiver
 *             first counts, then looks whether it is crowded. One of the two sees the other.
 *
 * While somebody is in line, sent == limit: newcomers look closer and find the line. Handing a
 * place to the first in line raises both.
 *
 * Who is not traced reserves and puts under one lock (act__mailbox_enter_with): no event is to be
 * written between the two.
 */
#ifndef RUNTIME_MAILBOX_H
#define RUNTIME_MAILBOX_H

#include "runtime/actor.h"
#include "runtime/message.h"

/* --- senders -------------------------------------------------------------------------------- */

/* 0: the caller has a place. ACT_EFULL; ACT_EGONE; ACT_ESTALE. With `waiter`, whoever finds the
 * mailbox full is put in line. */
int act__mailbox_reserve(struct act_handle to, struct act__waiter *waiter);
int act__mailbox_reserve_locked(struct act__actor *actor, struct act__waiter *waiter);

/* Likewise, but the running actor waits in line until `deadline`: also ACT_EDEADLINE and
 * ACT_ECANCELLED, and not ACT_EFULL. `draft` is what it wants to send. */
int act__mailbox_enter(struct act_self *self, struct act_handle to, const struct act__draft *draft,
		       uint64_t deadline, struct act_site *site);

/* Puts a message into the place that was reserved for it. */
void act__mailbox_put(struct act_self *self, struct act__actor *actor, struct act_message *message);

/* Reserves a place and puts the message there, all at once. 0, ACT_EFULL, ACT_EGONE, ACT_ESTALE;
 * unless 0, the message stays the caller's. */
int act__mailbox_enter_with(struct act_self *self, struct act_handle to,
			    struct act_message *message);

/* Gives back a place into which nothing was put, or on to the first in line. */
void act__mailbox_return_place(struct act_self *self, struct act__actor *actor);

/* --- the receiver, in its turn -------------------------------------------------------------- */

/* The oldest message that was fetched. NULL: fetch. */
static inline struct act_message *act__mailbox_take(struct act__actor *actor)
{
	struct act_message *message = actor->taken;

	if (message) {
		actor->taken = message->next;
		/* Another core wrote it, and it is the next to be looked at. */
		__builtin_prefetch(actor->taken);
	}
	return message;
}

/* Takes over what senders have put there; all that was fetched before must have been taken. False:
 * nothing has come. */
bool act__mailbox_fetch_locked(struct act__actor *actor);

/* The place of a message that was taken is free, and goes to the first in line. */
void act__mailbox_received(struct act_self *self, struct act__actor *actor);

/* Likewise when the actor is closed: nobody gets it. */
static inline void act__mailbox_discarded(struct act__actor *actor)
{
	atomic_fetch_add_explicit(&actor->received, 1, memory_order_relaxed);
}

static inline uint32_t act__mailbox_depth_locked(const struct act__actor *actor)
{
	return actor->sent - atomic_load_explicit(&actor->received, memory_order_relaxed);
}

#endif
