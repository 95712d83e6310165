#include "runtime/actor.h"

#include "runtime/after.h"
#include "runtime/mailbox.h"
#include "runtime/monitor.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

enum {
	BUDGET = 128, /* messages in one turn */
};

enum step { STEP_MESSAGE, STEP_REST, STEP_DISCARD, STEP_END };

/* --- the end -------------------------------------------------------------------------------- */

void act__actor_close_locked(struct act__actor *actor, unsigned reason)
{
	uint8_t none = 0;

	if (actor->closed)
		return;
	actor->closed = true;
	actor->end_reason = (uint8_t)reason;
	/* Its stop handler, and what else it may still run, must not wait. */
	atomic_compare_exchange_strong(&actor->stopping, &none, (uint8_t)reason);
}

/* Discards what a closed actor's mailbox holds. False when senders still have places in it; the
 * actor is then idle until the next of them has put its message there. */
static bool discard_all(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_message *message;
	bool drained, more;

	do {
		while ((message = act__mailbox_take(actor))) {
			act__mailbox_discarded(actor);
			act__probe_discard(self, message);
			act__message_free(self, message, ACT_EGONE);
		}
		act__lock(&actor->lock);
		more = act__mailbox_fetch_locked(actor);
		drained = act__mailbox_depth_locked(actor) == 0;
		if (!more && !drained) {
			actor->fiber = NULL;
			act__set_status_locked(actor, ACT__IDLE);
		}
		act__unlock(&actor->lock);
	} while (more);
	return drained;
}

/* Tells all who wait for the actor's end or are to hear of it. */
static void tell_of_end(struct act_self *outside, struct act__actor *actor)
{
	act__line_dismiss(outside, actor, &actor->space_line);
	act__line_dismiss(outside, actor, &actor->end_line);
	act__monitors_fire(outside, actor);
}

/* Says that the actor has ended; from then on nobody gets in line or watches it any more. */
static void end_and_tell(struct act_self *outside, struct act__actor *actor)
{
	bool awaited, gone;

	act__lock(&actor->lock);
	awaited =
		actor->space_line.first || actor->end_line.first || actor->monitors || actor->links;
	if (awaited)
		actor->handles++; /* keeps the block until all have been told */
	gone = actor->handles == 0;
	act__set_status_locked(actor, gone ? ACT__FREE : ACT__ENDED);
	actor->fiber = NULL;
	act__unlock(&actor->lock);
	if (awaited) {
		tell_of_end(outside, actor);
		act__lock(&actor->lock);
		gone = --actor->handles == 0;
		if (gone)
			act__set_status_locked(actor, ACT__FREE);
		act__unlock(&actor->lock);
	}
	if (gone)
		act__actor_free(outside, actor);
}

void act__actor_finish(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_self outside = act__outside_of(self);

	act__after_cancel_all(self);
	if (actor->init) {
		act__message_free(self, actor->init, ACT_EGONE);
		actor->init = NULL;
	}
	if (actor->started && actor->kind->stop) {
		actor->kind->stop(self, actor->state);
		act__after_cancel_all(self); /* it may have set some */
	}
	act__registry_leave(&outside, actor);
	act__probe_end(self);

	end_and_tell(&outside, actor);
	act__system_ended(&outside);
}

/* --- the life ------------------------------------------------------------------------------- */

/* False: it does not want to live. */
static bool start(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_message *init = actor->init;
	int r = 0;

	actor->started = true;
	actor->init = NULL;
	act__probe_start(self);
	if (actor->kind->start)
		r = actor->kind->start(self, actor->state, init);
	act__probe_state(self);
	act__message_free(self, init, ACT_EDROPPED);
	act__probe_done(self, 0);
	return r == 0;
}

static void handle(struct act_self *self, struct act_message *message)
{
	struct act__actor *actor = self->actor;
	uint64_t number = message->number;

	act__probe_receive(self, message);
	act__mailbox_received(self, actor);
	if (actor->kind->handle)
		actor->kind->handle(self, actor->state, message);
	act__probe_state(self);
	if (message->kept)
		act__probe_token_keep(self, message);
	act__message_free(self, message, ACT_EDROPPED);
	act__probe_done(self, number);
}

/* Of an actor whose senders are to be looked at. */
static enum step choose_step_locked(struct act__actor *actor)
{
	bool fetched = actor->taken || act__mailbox_fetch_locked(actor);
	bool places = act__mailbox_depth_locked(actor) > 0;

	if (!actor->closed) {
		if (fetched)
			return STEP_MESSAGE;
		if (actor->handles > 0 || places) {
			actor->fiber = NULL;
			act__set_status_locked(actor, ACT__IDLE);
			return STEP_REST;
		}
		act__actor_close_locked(actor, TRC_END_UNREACHABLE);
	}
	return fetched || places ? STEP_DISCARD : STEP_END;
}

static enum step next_step(struct act_self *self, bool failed, struct act_message **ret_message)
{
	struct act__actor *actor = self->actor;
	uint8_t stopping = atomic_load_explicit(&actor->stopping, memory_order_relaxed);
	enum step step;

	if (!failed && !stopping && (*ret_message = act__mailbox_take(actor)))
		return STEP_MESSAGE;
	act__lock(&actor->lock);
	stopping = atomic_load(&actor->stopping);
	if (failed || stopping)
		act__actor_close_locked(actor, failed ? TRC_END_FAILED : stopping);
	step = choose_step_locked(actor);
	act__unlock(&actor->lock);
	if (step == STEP_MESSAGE)
		*ret_message = act__mailbox_take(actor);
	return step;
}

void act__actor_turn(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_message *message;
	bool failed = false;

	actor->fiber = self->fiber;
	if (!actor->started && !atomic_load(&actor->stopping))
		failed = !start(self);
	for (int budget = self->system->world.seeded ? 1 : BUDGET; budget > 0; budget--) {
		switch (next_step(self, failed, &message)) {
		case STEP_MESSAGE:
			handle(self, message);
			self->worker->work++;
			break;
		case STEP_REST:
			return;
		case STEP_DISCARD:
			if (discard_all(self))
				act__actor_finish(self);
			return;
		case STEP_END:
			act__actor_finish(self);
			return;
		}
	}
	actor->fiber = NULL;
	act__schedule_last(self, actor);
}
