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

enum step { STEP_MESSAGE, STEP_REST, STEP_END };

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

bool act__actor_drain(struct act_self *self)
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
			actor->status = ACT__IDLE;
		}
		act__unlock(&actor->lock);
	} while (more);
	return drained;
}

void act__actor_free(struct act__actor *actor)
{
	act__actor_fini(actor);
	atomic_fetch_add_explicit(&actor->generation, 1, memory_order_release);
	act__slab_give(&actor->system->actors, actor);
}

void act__actor_finish(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_system *system = self->system;
	struct act_self outside = act__outside_of(self);
	bool awaited, gone;

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

	act__lock(&actor->lock);
	actor->status = ACT__ENDED;
	actor->fiber = NULL;
	actor->handles++; /* keeps the block until all have been told */
	/* Nobody gets in line any more. */
	awaited = actor->space_line.first || actor->end_line.first;
	act__unlock(&actor->lock);
	if (awaited) {
		act__line_dismiss(&outside, actor, &actor->space_line);
		act__line_dismiss(&outside, actor, &actor->end_line);
	}
	act__monitors_fire(&outside, actor);

	act__lock(&actor->lock);
	gone = --actor->handles == 0;
	if (gone)
		actor->status = ACT__FREE;
	act__unlock(&actor->lock);
	if (gone)
		act__actor_free(actor);
	act__system_ended(system);
}

/* --- the life ------------------------------------------------------------------------------- */

static void start(struct act_self *self)
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
	if (r != 0) {
		act__lock(&actor->lock);
		act__actor_close_locked(actor, TRC_END_FAILED);
		act__unlock(&actor->lock);
	}
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
	act__message_free(self, message, ACT_EDROPPED);
	act__probe_done(self, number);
}

static enum step next_step(struct act_self *self, struct act_message **ret_message)
{
	struct act__actor *actor = self->actor;
	uint8_t stopping = atomic_load_explicit(&actor->stopping, memory_order_relaxed);
	enum step step = STEP_END;

	if (!stopping && (*ret_message = act__mailbox_take(actor)))
		return STEP_MESSAGE;
	act__lock(&actor->lock);
	stopping = atomic_load(&actor->stopping);
	if (stopping)
		act__actor_close_locked(actor, stopping);
	if (!actor->closed) {
		if (act__mailbox_fetch_locked(actor)) {
			step = STEP_MESSAGE;
		} else if (actor->handles == 0 && act__mailbox_depth_locked(actor) == 0) {
			act__actor_close_locked(actor, TRC_END_UNREACHABLE);
		} else {
			step = STEP_REST;
			actor->fiber = NULL;
			actor->status = ACT__IDLE;
		}
	}
	act__unlock(&actor->lock);
	if (step == STEP_MESSAGE)
		*ret_message = act__mailbox_take(actor);
	return step;
}

void act__actor_turn(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	struct act_message *message;

	actor->fiber = self->fiber;
	if (!actor->started && !atomic_load(&actor->stopping))
		start(self);
	for (int budget = self->system->world.seeded ? 1 : BUDGET; budget > 0; budget--) {
		switch (next_step(self, &message)) {
		case STEP_MESSAGE:
			handle(self, message);
			self->worker->work++;
			break;
		case STEP_REST:
			return;
		case STEP_END:
			if (act__actor_drain(self))
				act__actor_finish(self);
			return;
		}
	}
	actor->fiber = NULL;
	act__schedule_last(self, actor);
}
