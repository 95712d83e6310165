#include <act/send.h>

#include "runtime/ask.h"
#include "runtime/mailbox.h"
#include "runtime/probe-filter.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

#include <errno.h>

/* --- places --------------------------------------------------------------------------------- */

/* Waits in line for a place; called when there was none. */
static int wait_for_place(struct act_self *self, struct act_handle to,
			  const struct act__draft *draft, uint64_t deadline, struct act_site *site)
{
	struct act__waiter waiter = {.kind = ACT__WAITER_ACTOR, .actor = self->actor};
	bool filters = act__traced(self) && act__filters(self);
	struct act__wait wait;
	enum act__outcome outcome;
	int r;

	if (!self->fiber || !act__wait_begin(self, &wait, deadline, ACT__DEADLINE, site))
		return ACT_ECANCELLED;
	waiter.ticket = wait.ticket;
	/* While filters are on, who gets a place in line is told (GRANT), and so only who really
	 * stands there may say so. */
	act__probe_sending(self, to.actor, draft, site);
	if (!filters)
		act__probe_wait(self, TRC_WHAT_SPACE, to.actor->number, to.actor, deadline, site);
	r = act__mailbox_reserve(to, &waiter);
	if (r != ACT_EFULL) {
		act__wait_leave(self, &wait);
		if (!filters)
			act__probe_wake(self, ACT__MET);
		return r;
	}
	if (filters)
		act__probe_wait(self, TRC_WHAT_SPACE, to.actor->number, to.actor, deadline, site);
	outcome = act__wait_park(self, &wait);
	if (outcome != ACT__MET) {
		act__lock(&to.actor->lock);
		if (waiter.queued)
			act__line_leave(&to.actor->space_line, &waiter);
		act__unlock(&to.actor->lock);
	}
	act__probe_wake(self, outcome);
	if (outcome != ACT__MET)
		return act__outcome_error(outcome);
	return waiter.granted ? 0 : ACT_EGONE;
}

int act__mailbox_enter(struct act_self *self, struct act_handle to, const struct act__draft *draft,
		       uint64_t deadline, struct act_site *site)
{
	int r = act__mailbox_reserve(to, NULL);

	return r == ACT_EFULL ? wait_for_place(self, to, draft, deadline, site) : r;
}

/* Says that nothing was sent, and clears up. */
static int refuse(struct act_self *self, struct act_handle to, const struct act_type *type,
		  void *fields, int error, unsigned flags, struct act_site *site)
{
	act__probe_refused(self, act__handle_good(to) ? to.actor : NULL, type, error, flags, site);
	act__fields_drop(self, type, fields);
	return error;
}

/* The message for a place that is reserved. NULL: no memory, and the place is given back. */
static struct act_message *fill_place(struct act_self *self, struct act_handle to,
				      const struct act_type *type, void *fields)
{
	struct act_message *message = act__message_new(self, type, fields);

	if (!message)
		act__mailbox_return_place(self, to.actor);
	return message;
}

/* What an event says of a form that may wait for space. */
static unsigned waiting_flags(uint64_t timeout)
{
	return timeout == ACT_FOREVER ? 0 : TRC_F_DEADLINE;
}

/* --- sending -------------------------------------------------------------------------------- */

/* Says that the message was not sent, and clears up. */
static int refuse_message(struct act_self *self, struct act_handle to, struct act_message *message,
			  int error, unsigned flags, struct act_site *site)
{
	struct act__actor *named = act__handle_good(to) ? to.actor : NULL;

	act__probe_refused(self, named, message->type, error, flags, site);
	act__message_free(self, message, ACT_EDROPPED);
	return error;
}

static int send_from_place(struct act_self *self, struct act__actor *to,
			   struct act_message *message, unsigned flags, struct act_site *site)
{
	act__probe_send(self, to, message, NULL, flags, site);
	act__mailbox_put(self, to, message);
	return 0;
}

/* Sends if there is space. ACT_EFULL: there was none, and the message is still the caller's. */
static int send_if_space(struct act_self *self, struct act_handle to, struct act_message *message,
			 unsigned flags, struct act_site *site)
{
	bool told = act__traced(self) && !act__leaves_out(self, to, message);
	int r;

	if (told)
		r = act__mailbox_reserve(to, NULL);
	else
		r = act__mailbox_enter_with(self, to, message);
	if (r == 0 && told)
		return send_from_place(self, to.actor, message, flags, site);
	return r == 0 || r == ACT_EFULL ? r : refuse_message(self, to, message, r, flags, site);
}

int act__send(struct act_self *self, struct act_handle to, const struct act_type *type,
	      void *fields, uint64_t timeout, struct act_site *site)
{
	struct act_message *message = act__message_new(self, type, fields);
	unsigned flags = waiting_flags(timeout);
	uint64_t deadline;
	int r;

	if (!message) {
		act__fields_drop(self, type, fields);
		return -ENOMEM;
	}
	deadline = act__deadline(self, timeout);
	r = send_if_space(self, to, message, flags, site);
	if (r != ACT_EFULL)
		return r;
	r = wait_for_place(self, to, &(struct act__draft){type, message->fields, false}, deadline,
			   site);
	return r == 0 ? send_from_place(self, to.actor, message, flags, site)
		      : refuse_message(self, to, message, r, flags, site);
}

int act__try_send(struct act_self *self, struct act_handle to, const struct act_type *type,
		  void *fields, struct act_site *site)
{
	struct act_message *message = act__message_new(self, type, fields);
	int r;

	if (!message) {
		act__fields_drop(self, type, fields);
		return -ENOMEM;
	}
	r = send_if_space(self, to, message, TRC_F_TRY, site);
	return r == ACT_EFULL ? refuse_message(self, to, message, r, TRC_F_TRY, site) : r;
}

int act__system_send(struct act_system *system, struct act_handle to, const struct act_type *type,
		     void *fields, struct act_site *site)
{
	struct act_self outside = act__outside(system);

	return act__try_send(&outside, to, type, fields, site);
}

/* --- asking --------------------------------------------------------------------------------- */

/* Puts the question into the place reserved for it and waits for the answer. */
static int ask_in_place(struct act_self *self, struct act_handle to, struct act_message *message,
			struct act__ask *ask, struct act__wait *wait, uint64_t deadline,
			unsigned flags, struct act_site *site)
{
	enum act__outcome outcome;

	message->token = act__ask_token(ask);
	ask->ticket = wait->ticket;
	ask->number = act__probe_number(self);
	act__probe_send(self, to.actor, message, ask, flags, site);
	/* Said before anybody can answer. */
	act__probe_wait(self, TRC_WHAT_REPLY, ask->number, to.actor, deadline, site);
	act__mailbox_put(self, to.actor, message);
	outcome = act__wait_park(self, wait);
	act__probe_wake(self, outcome);
	return act__outcome_error(outcome);
}

int act__ask(struct act_self *self, struct act_handle to, struct act_message **ret_reply,
	     const struct act_type *type, void *fields, uint64_t timeout, struct act_site *site)
{
	uint64_t deadline = act__deadline(self, timeout);
	unsigned flags = waiting_flags(timeout);
	struct act_message *message;
	struct act__wait wait;
	struct act__ask *ask;
	int r;

	*ret_reply = NULL;
	if (!self->fiber)
		return refuse(self, to, type, fields, ACT_ECANCELLED, flags, site);
	r = act__mailbox_enter(self, to, &(struct act__draft){type, fields, true}, deadline, site);
	if (r < 0)
		return refuse(self, to, type, fields, r, flags, site);
	message = fill_place(self, to, type, fields);
	if (!message) {
		act__fields_drop(self, type, fields);
		return -ENOMEM;
	}
	ask = act__ask_new(self);
	if (!ask || !act__wait_begin(self, &wait, deadline, ACT__DEADLINE, site)) {
		r = ask ? ACT_ECANCELLED : -ENOMEM;
		if (ask)
			act__ask_free(self, ask);
		act__probe_refused(self, to.actor, type, r, flags, site);
		act__message_free(self, message, ACT_EDROPPED);
		act__mailbox_return_place(self, to.actor);
		return r;
	}
	r = ask_in_place(self, to, message, ask, &wait, deadline, flags, site);
	/* Whoever has the token clears up after a wait that was not met; see ask.h. */
	if (r < 0)
		return r;
	*ret_reply = ask->reply;
	r = ask->error;
	act__ask_free(self, ask);
	return r;
}

/* --- other waits ---------------------------------------------------------------------------- */

int act__sleep(struct act_self *self, uint64_t nanoseconds, struct act_site *site)
{
	uint64_t deadline = act__deadline(self, nanoseconds);
	struct act__wait wait;
	enum act__outcome outcome;

	if (!self->fiber || !act__wait_begin(self, &wait, deadline, ACT__MET, site))
		return ACT_ECANCELLED;
	act__probe_wait(self, TRC_WHAT_TIMER, 0, NULL, deadline, site);
	outcome = act__wait_park(self, &wait);
	act__probe_wake(self, outcome);
	return act__outcome_error(outcome);
}

/* Whether it has ended; if not, `waiter` (not NULL) joins the line for its end. */
static bool ended_or_in_line(struct act_handle handle, struct act__waiter *waiter)
{
	struct act__actor *actor = handle.actor;
	bool ended;

	act__lock(&actor->lock);
	ended = !act__handle_good(handle) || actor->status == ACT__ENDED;
	if (!ended)
		act__line_join(&actor->end_line, waiter);
	act__unlock(&actor->lock);
	return ended;
}

int act__join(struct act_self *self, struct act_handle actor, uint64_t timeout,
	      struct act_site *site)
{
	struct act__waiter waiter = {.kind = ACT__WAITER_ACTOR, .actor = self->actor};
	uint64_t deadline = act__deadline(self, timeout);
	enum act__outcome outcome;
	struct act__wait wait;

	if (!act_alive(actor)) {
		/* In another order it would have waited: that is worth knowing. */
		if (actor.actor && act__handle_good(actor) && self->fiber) {
			act__probe_wait(self, TRC_WHAT_END, actor.actor->number, actor.actor,
					deadline, site);
			act__probe_wake(self, ACT__MET);
		}
		return 0;
	}
	if (!self->fiber || !act__wait_begin(self, &wait, deadline, ACT__DEADLINE, site))
		return ACT_ECANCELLED;
	waiter.ticket = wait.ticket;
	act__probe_wait(self, TRC_WHAT_END, actor.actor->number, actor.actor, deadline, site);
	if (ended_or_in_line(actor, &waiter)) {
		act__wait_leave(self, &wait);
		act__probe_wake(self, ACT__MET);
		return 0;
	}
	outcome = act__wait_park(self, &wait);
	if (outcome != ACT__MET) {
		act__lock(&actor.actor->lock);
		if (waiter.queued)
			act__line_leave(&actor.actor->end_line, &waiter);
		act__unlock(&actor.actor->lock);
	}
	act__probe_wake(self, outcome);
	return act__outcome_error(outcome);
}
