#include "runtime/native.h"

#include "runtime/mailbox.h"
#include "runtime/native-actor.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/worker.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum { BUDGET = 32 }; /* messages in one turn */

/* All but `called` belongs to the worker's thread. */
struct act__native {
	struct act_self self;
	const struct act_native_kind *kind;
	void *data;
	bool stop_told; /* kind->stop was called */
	bool end_asked; /* act_native_end() was called */

	/* the message under way, if there is one */
	struct act_message *message;
	struct act_handle to;
	struct act__waiter waiter;
	act_native_done *done;
	struct act_site *site;
	atomic_bool called; /* out of the line */
};

struct act_handle act_native_spawn(struct act_self *self, const struct act_native_kind *kind,
				   const char *name, void *data, enum act_native_place place,
				   struct act_site *site)
{
	struct act_system *system = self->system;
	struct act__native *native = calloc(1, sizeof(*native));
	struct act_handle handle = ACT_NOBODY;
	unsigned next;

	if (native) {
		native->self = (struct act_self){.system = system, .worker = self->worker};
		if (!self->worker || place == ACT_NATIVE_SPREAD) {
			next = atomic_fetch_add_explicit(&system->next_worker, 1,
							 memory_order_relaxed);
			native->self.worker = &system->workers[next % system->worker_count];
		}
		native->kind = kind;
		native->data = data;
		handle = act__actor_new(self, &kind->kind, name, NULL, native, site);
	}
	if (!handle.actor) {
		free(native);
		if (kind->free)
			kind->free(data);
	}
	return handle;
}

void act__native_attach(struct act__native *native, struct act__actor *actor)
{
	native->self.actor = actor;
}

struct act__worker *act__native_worker(const struct act__native *native)
{
	return native->self.worker;
}

bool act_native_has_network(const struct act_self *self)
{
	return !self->system->world.seeded;
}

uv_loop_t *act_native_loop(struct act_self *self)
{
	return &self->worker->port.loop;
}

void *act_native_data(struct act_self *self)
{
	return self->actor->native->data;
}

/* --- sending -------------------------------------------------------------------------------- */

/* The events say TRY: whatever becomes of the message, the actor goes on serving others. */
int act__native_send(struct act_self *self, struct act_handle to, act_native_done *done,
		     const struct act_type *type, void *fields, struct act_site *site)
{
	struct act__native *native = self->actor->native;
	struct act_message *message;
	int r;

	assert(!native->message && "one message at a time");
	message = act__message_new(self, type, fields);
	if (!message) {
		act__fields_drop(self, type, fields);
		return -ENOMEM;
	}
	native->waiter = (struct act__waiter){.kind = ACT__WAITER_NATIVE, .actor = self->actor};
	atomic_store_explicit(&native->called, false, memory_order_relaxed);
	r = act__mailbox_reserve(to, &native->waiter);
	if (r == 0) {
		act__probe_send(self, to.actor, message, NULL, TRC_F_TRY, site);
		act__mailbox_put(self, to.actor, message);
		return 0;
	}
	if (r == ACT_EFULL) {
		native->message = message;
		native->to = to;
		native->done = done;
		native->site = site;
		return ACT_NATIVE_LATER;
	}
	act__probe_refused(self, act__handle_good(to) ? to.actor : NULL, type, r, TRC_F_TRY, site);
	act__message_free(self, message, ACT_EDROPPED);
	return ACT_EGONE;
}

void act__native_called(struct act_self *self, struct act__actor *actor)
{
	/* The actor may have ended, and its block may be another's by now, who then looks in vain:
	 * only the block's lock keeps `native` in place. */
	act__lock(&actor->lock);
	if (actor->native)
		atomic_store(&actor->native->called, true);
	act__unlock(&actor->lock);
	act__actor_poke(self, actor);
}

static bool still_in_line(struct act__native *native)
{
	bool queued;

	act__lock(&native->to.actor->lock);
	queued = native->waiter.queued;
	act__unlock(&native->to.actor->lock);
	return queued;
}

/* Goes on when the message has its place, or never will. */
static void end_sending(struct act__native *native)
{
	struct act_message *message = native->message;
	struct act_self *self = &native->self;
	int error = 0;

	atomic_store(&native->called, false);
	if (!message || still_in_line(native))
		return;
	native->message = NULL;
	if (native->waiter.granted) {
		act__probe_send(self, native->to.actor, message, NULL, TRC_F_TRY, native->site);
		act__mailbox_put(self, native->to.actor, message);
	} else {
		error = ACT_EGONE;
		act__probe_refused(self, native->to.actor, message->type, error, TRC_F_TRY,
				   native->site);
		act__message_free(self, message, ACT_EDROPPED);
	}
	native->done(self, native->data, error);
}

static void abandon_sending(struct act__native *native)
{
	struct act__actor *to = native->to.actor;
	bool queued;

	if (!native->message)
		return;
	act__lock(&to->lock);
	queued = native->waiter.queued;
	if (queued)
		act__line_leave(&to->space_line, &native->waiter);
	act__unlock(&to->lock);
	if (!queued && native->waiter.granted)
		act__mailbox_return_place(&native->self, to);
	act__message_free(&native->self, native->message, ACT_EDROPPED);
	native->message = NULL;
}

/* --- turns ---------------------------------------------------------------------------------- */

static void start(struct act__native *native)
{
	struct act_self *self = &native->self;

	self->actor->started = true;
	act__probe_start(self);
	if (native->kind->start)
		native->kind->start(self, native->data);
	act__probe_done(self, 0);
}

static void handle(struct act__native *native, struct act_message *message)
{
	struct act_self *self = &native->self;
	uint64_t number = message->number;

	act__probe_receive(self, message);
	act__mailbox_received(self, self->actor);
	native->kind->handle(self, native->data, message);
	act__message_free(self, message, ACT_EDROPPED);
	act__probe_done(self, number);
}

/* Tells a closed actor to close what it has. */
static void tell_to_stop(struct act__native *native)
{
	native->stop_told = true;
	if (native->self.actor->started && native->kind->stop)
		native->kind->stop(&native->self, native->data);
	else
		native->end_asked = true;
}

static void end(struct act__native *native)
{
	struct act__actor *actor = native->self.actor;

	abandon_sending(native);
	act__lock(&actor->lock);
	actor->native = NULL;
	act__unlock(&actor->lock);
	act__actor_finish(&native->self);
	if (native->kind->free)
		native->kind->free(native->data);
	free(native);
}

enum step { STEP_MESSAGE, STEP_DISCARD, STEP_CALLED, STEP_STOP, STEP_END, STEP_REST };

static enum step choose_step_locked(struct act__native *native, struct act__actor *actor)
{
	uint8_t stopping = atomic_load(&actor->stopping);

	if (native->end_asked)
		act__actor_close_locked(actor, TRC_END_STOPPED);
	else if (stopping)
		act__actor_close_locked(actor, stopping);
	else if (actor->handles == 0 && act__mailbox_depth_locked(actor) == 0)
		act__actor_close_locked(actor, TRC_END_UNREACHABLE);
	if (actor->taken)
		return actor->closed ? STEP_DISCARD : STEP_MESSAGE;
	if (actor->closed && !native->stop_told)
		return STEP_STOP;
	/* Senders that have a place are still to put their message there. */
	if (native->end_asked && act__mailbox_depth_locked(actor) == 0)
		return STEP_END;
	/* Set before the poke that waits for this lock, or seen here. */
	return atomic_load(&native->called) ? STEP_CALLED : STEP_REST;
}

static enum step next_step(struct act__native *native, struct act_message **ret_message)
{
	struct act__actor *actor = native->self.actor;
	enum step step;

	act__lock(&actor->lock);
	if (!actor->taken)
		act__mailbox_fetch_locked(actor);
	step = choose_step_locked(native, actor);
	if (step == STEP_REST)
		act__set_status_locked(actor, ACT__IDLE);
	act__unlock(&actor->lock);
	if (step == STEP_MESSAGE || step == STEP_DISCARD)
		*ret_message = act__mailbox_take(actor);
	return step;
}

void act__native_turn(struct act_self *worker_self, struct act__actor *actor)
{
	struct act__native *native = actor->native;
	struct act_message *message;

	native->self.ring = worker_self->ring;
	if (!actor->started && !atomic_load(&actor->stopping))
		start(native);
	for (int budget = BUDGET; budget > 0; budget--) {
		switch (next_step(native, &message)) {
		case STEP_MESSAGE:
			handle(native, message);
			break;
		case STEP_DISCARD:
			act__mailbox_discarded(actor);
			act__probe_discard(&native->self, message);
			act__message_free(&native->self, message, ACT_EGONE);
			break;
		case STEP_CALLED:
			end_sending(native);
			break;
		case STEP_STOP:
			tell_to_stop(native);
			break;
		case STEP_END:
			end(native);
			return;
		case STEP_REST:
			return;
		}
	}
	act__schedule_last(&native->self, actor);
}

void act_native_end(struct act_self *self)
{
	struct act__native *native = self->actor->native;

	assert(!native->end_asked);
	native->end_asked = true;
	native->stop_told = true;
	act__actor_poke(self, self->actor);
}
