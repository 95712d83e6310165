/*
 * probe-filter.h - what the recording's filters leave out, decided where a message is sent
 *
 * The decision goes with the message: one that is left out has no number, and so nothing is said of
 * its receiver's dealing with it either. See tracer/event/filter.h and docs/decisions/0014.
 */
#ifndef RUNTIME_PROBE_FILTER_H
#define RUNTIME_PROBE_FILTER_H

#include "runtime/actor.h"
#include "runtime/ask.h"
#include "runtime/message.h"
#include "runtime/system.h"
#include "tracer/event/filter.h"

/* NULL: all is recorded. Of a traced `self`. */
static inline struct trc_filters *act__filters(const struct act_self *self)
{
	return atomic_load_explicit(&self->system->filters, memory_order_acquire);
}

/* Decides about a message to be sent, once, and counts that: its `fate`. */
void act__decide(struct act_self *self, struct act__actor *to, struct act_message *message,
		 const struct act__ask *ask);

/* Whether a send that did not come about would have been left out. `to` may be NULL. */
bool act__refusal_left_out(struct act_self *self, struct act__actor *to,
			   const struct act_type *type);

/* Decides about a message that is not there yet, without counting it. */
enum trc_fate act__fate_of(struct act_self *self, struct act__actor *to,
			   const struct act__draft *draft);

bool act__message_left_out(struct act_self *self, struct act__actor *to,
			   struct act_message *message);

/* The same, for whoever sends it without saying so if that is so. */
static inline bool act__leaves_out(struct act_self *self, struct act_handle to,
				   struct act_message *message)
{
	return act__filters(self) && act__handle_good(to) &&
	       act__message_left_out(self, to.actor, message);
}

#endif
