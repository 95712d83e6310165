/*
 * probe.h - the only place from which the runtime writes events
 *
 * Each function here says one thing that tracer/event/event.h defines; the callers say it at the
 * moment which that header demands. Without a recording all of them are one branch.
 */
#ifndef RUNTIME_PROBE_H
#define RUNTIME_PROBE_H

#include "runtime/actor.h"
#include "runtime/ask.h"
#include "runtime/message.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "tracer/event/event.h"

/* Whether somebody records. */
static inline bool act__traced(const struct act_self *self)
{
	return __builtin_expect(self->ring != NULL, 0);
}

/* Whether somebody does, or may come to: who then wants to know which actors there are. */
static inline bool act__traceable(const struct act_self *self)
{
	return __builtin_expect(self->system->session != NULL, 0);
}

/* A number for a new message or token; 0 when not traced. */
uint64_t act__probe_number(struct act_self *self);

#define ACT__PROBE_IF(when, name, parameters, arguments) \
	void act__write_##name parameters;               \
	static inline void act__probe_##name parameters  \
	{                                                \
		if (when(self))                          \
			act__write_##name arguments;     \
	}
#define ACT__PROBE(name, parameters, arguments) \
	ACT__PROBE_IF(act__traced, name, parameters, arguments)

ACT__PROBE_IF(act__traceable, spawn,
	      (struct act_self * self, struct act__actor *child, struct act_site *site),
	      (self, child, site))
ACT__PROBE(start, (struct act_self * self), (self))
ACT__PROBE_IF(act__traceable, end, (struct act_self * self), (self))

/* `ask` is the question that the message puts, or NULL. Gives the message its number, unless it is
 * left out. */
ACT__PROBE(send,
	   (struct act_self * self, struct act__actor *to, struct act_message *message,
	    struct act__ask *ask, unsigned flags, struct act_site *site),
	   (self, to, message, ask, flags, site))
ACT__PROBE(refused,
	   (struct act_self * self, struct act__actor *to, const struct act_type *type, int error,
	    unsigned flags, struct act_site *site),
	   (self, to, type, error, flags, site))
ACT__PROBE(receive, (struct act_self * self, const struct act_message *message), (self, message))
/* `number`: the message, 0 for the start handler. */
ACT__PROBE(done, (struct act_self * self, uint64_t number), (self, number))
ACT__PROBE(discard, (struct act_self * self, const struct act_message *message), (self, message))
/* After its SEND: `ended` is the number of the actor of whose end it tells. */
ACT__PROBE(told, (struct act_self * self, const struct act_message *message, uint64_t ended),
	   (self, message, ended))

ACT__PROBE(reply,
	   (struct act_self * self, const struct act__ask *ask, const struct act_message *reply,
	    bool late, struct act_site *site),
	   (self, ask, reply, late, site))
ACT__PROBE(fail,
	   (struct act_self * self, const struct act__ask *ask, bool late, struct act_site *site),
	   (self, ask, late, site))
ACT__PROBE(token_drop,
	   (struct act_self * self, const struct act__ask *ask, bool late, struct act_site *site),
	   (self, ask, late, site))
/* Its token was taken out of the message, at message->kept. */
ACT__PROBE(token_keep, (struct act_self * self, const struct act_message *message), (self, message))

/* What will be sent once there is a place in the mailbox of `to`: before the wait for that. */
ACT__PROBE(sending,
	   (struct act_self * self, struct act__actor *to, const struct act__draft *draft,
	    struct act_site *site),
	   (self, to, draft, site))
/* `peer`: who is expected to act, or NULL. `deadline`: time of the
 * world, or ACT__NEVER. */
ACT__PROBE(wait,
	   (struct act_self * self, enum trc_what what, uint64_t object,
	    const struct act__actor *peer, uint64_t deadline, struct act_site *site),
	   (self, what, object, peer, deadline, site))
/* For all, or any, of several targets, at least one. */
ACT__PROBE(group_wait,
	   (struct act_self * self, const struct trc_target *targets, size_t count, bool any,
	    uint64_t deadline, struct act_site *site),
	   (self, targets, count, any, deadline, site))
ACT__PROBE(wake, (struct act_self * self, enum act__outcome outcome), (self, outcome))
/* `waiting` stood in line for space in `owner`'s mailbox and has got it. */
ACT__PROBE(grant,
	   (struct act_self * self, const struct act__actor *owner,
	    const struct act__actor *waiting),
	   (self, owner, waiting))
/* The wait was for any of several; `object` ended it. */
ACT__PROBE(wake_by, (struct act_self * self, enum act__outcome outcome, uint64_t object),
	   (self, outcome, object))

ACT__PROBE(handle_clone, (struct act_self * self, const struct act__actor *target), (self, target))
ACT__PROBE(handle_drop, (struct act_self * self, const struct act__actor *target), (self, target))
/* What moves to a new actor with the fields given at its spawn. */
ACT__PROBE(init_moves,
	   (struct act_self * self, const struct act__actor *child, const struct act_message *init),
	   (self, child, init))

/* What a described state is now, if that has changed. */
ACT__PROBE(state, (struct act_self * self), (self))

ACT__PROBE(log, (struct act_self * self, const char *text, size_t size, struct act_site *site),
	   (self, text, size, site))

#undef ACT__PROBE
#undef ACT__PROBE_IF

#endif
