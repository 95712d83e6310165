#include "runtime/actor.h"

#include "runtime/message.h"
#include "runtime/native-actor.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static_assert(offsetof(struct act__actor, small_state) <= ACT__BLOCK_SIZE - 128,
	      "small states fit into an actor's block");

/* --- making --------------------------------------------------------------------------------- */

static bool set_name(struct act__actor *actor, const char *name)
{
	size_t length = name ? strlen(name) : 0;

	actor->name[0] = '\0';
	actor->long_name = NULL;
	if (length >= sizeof(actor->name)) {
		actor->long_name = strdup(name);
		return actor->long_name != NULL;
	}
	if (length > 0)
		memcpy(actor->name, name, length + 1);
	return true;
}

static bool set_state(struct act__actor *actor, size_t size)
{
	actor->state = NULL;
	if (size > ACT__SMALL_STATE) {
		actor->state = calloc(1, size);
		return actor->state != NULL;
	}
	if (size > 0) {
		memset(actor->small_state, 0, size);
		actor->state = actor->small_state;
	}
	return true;
}

/* Numbers are unique in the process: one recording may see several systems. */
static uint64_t next_number(void)
{
	static _Atomic uint64_t last;

	return atomic_fetch_add_explicit(&last, 1, memory_order_relaxed) + 1;
}

static bool init_actor(struct act_system *system, struct act__actor *actor,
		       const struct act_kind *kind, const char *name)
{
	uint64_t claim = atomic_load_explicit(&actor->claim, memory_order_relaxed);

	actor->number = next_number();
	actor->kind = kind;
	actor->system = system;
	if (!set_name(actor, name))
		return false;
	if (!set_state(actor, kind->state_size)) {
		free(actor->long_name);
		actor->long_name = NULL;
		return false;
	}
	actor->handles = 1;
	actor->capacity = kind->mailbox ? kind->mailbox : ACT__DEFAULT_MAILBOX;
	actor->sent = 0;
	actor->limit = actor->capacity;
	atomic_store_explicit(&actor->received, 0, memory_order_relaxed);
	atomic_store_explicit(&actor->crowded, false, memory_order_relaxed);
	actor->closed = actor->started = false;
	actor->end_reason = 0;
	actor->aseq = 0;
	actor->visit = (uint8_t)atomic_load_explicit(&system->visits, memory_order_relaxed);
	actor->unseen = ACT__SEEN;
	atomic_store_explicit(&actor->sort, 0, memory_order_relaxed);
	atomic_store_explicit(&actor->unseen_sent, false, memory_order_relaxed);
	actor->last_timer = 0;
	actor->state_hash = 0;
	actor->fiber = NULL;
	atomic_store_explicit(&actor->stopping, 0, memory_order_relaxed);
	/* Tickets go on where the block's last actor left off; no wait is open. */
	atomic_store_explicit(&actor->claim, claim | ACT__MET, memory_order_relaxed);
	return true;
}

static struct act__slab_cache *cache_of(struct act_self *self)
{
	return self->worker ? &self->worker->actors : NULL;
}

void act__actor_free(struct act_self *self, struct act__actor *actor)
{
	uint32_t generation = atomic_load_explicit(&actor->generation, memory_order_relaxed);

	act__actor_fini(actor);
	atomic_store_explicit(&actor->generation, generation + 1, memory_order_release);
	act__slab_give(&actor->system->actors, cache_of(self), actor);
}

struct act_handle act__actor_new(struct act_self *self, const struct act_kind *kind,
				 const char *name, struct act_message *init,
				 struct act__native *native, struct act_site *site)
{
	struct act_system *system = self->system;
	struct act__actor *actor = NULL;
	struct act_handle handle;

	if (!atomic_load(&system->stopping))
		actor = act__slab_take(&system->actors, cache_of(self));
	if (!actor)
		return ACT_NOBODY;
	if (!init_actor(system, actor, kind, name)) {
		act__slab_give(&system->actors, cache_of(self), actor);
		return ACT_NOBODY;
	}
	actor->init = init;
	actor->native = native;
	if (native)
		act__native_attach(native, actor);
	act__system_made(self);
	handle = (struct act_handle){actor, atomic_load(&actor->generation)};
	act__probe_spawn(self, actor, site);
	if (init)
		act__probe_init_moves(self, actor, init);

	act__lock(&actor->lock);
	act__set_status_locked(actor, ACT__BUSY);
	act__unlock(&actor->lock);
	/* Pairs with act_system_stop(): either this sees that it was called, or the walk over all
	 * actors sees this one. */
	if (atomic_load(&system->stopping))
		act__actor_stop(self, actor, TRC_END_SHUTDOWN);
	else if (native && atomic_load(&system->draining))
		act__actor_stop(self, actor, TRC_END_SHUTDOWN);
	act__schedule(self, actor);
	return handle;
}

struct act_handle act__spawn(struct act_self *self, const struct act_kind *kind, const char *name,
			     const struct act_type *type, void *fields, struct act_site *site)
{
	struct act_message *init = NULL;
	struct act_handle handle;

	if (type) {
		init = act__message_new(self, type, fields);
		if (!init) {
			act__fields_drop(self, type, fields);
			return ACT_NOBODY;
		}
	}
	handle = act__actor_new(self, kind, name, init, NULL, site);
	if (!handle.actor)
		act__message_free(self, init, ACT_EDROPPED);
	return handle;
}

void act__actor_fini(struct act__actor *actor)
{
	if (actor->state != actor->small_state)
		free(actor->state);
	actor->state = NULL;
	free(actor->long_name);
	actor->long_name = NULL;
}

/* --- handles -------------------------------------------------------------------------------- */

static void count_handle(struct act_self *self, struct act__actor *actor)
{
	act__probe_handle_clone(self, actor);
	act__lock(&actor->lock);
	actor->handles++;
	act__unlock(&actor->lock);
}

struct act_handle act_me(struct act_self *self)
{
	assert(self->actor && "act_me() is for actors");
	count_handle(self, self->actor);
	return (struct act_handle){self->actor, atomic_load(&self->actor->generation)};
}

struct act_handle act__handle_acquire(struct act__actor *actor, uint32_t generation)
{
	struct act_handle handle = {actor, generation};
	bool living;

	act__lock(&actor->lock);
	living = act__handle_good(handle) && !actor->closed;
	if (living)
		actor->handles++;
	act__unlock(&actor->lock);
	return living ? handle : ACT_NOBODY;
}

struct act_handle act_clone(struct act_self *self, struct act_handle handle)
{
	if (!act__handle_good(handle))
		return ACT_NOBODY;
	count_handle(self, handle.actor);
	return handle;
}

void act_drop(struct act_self *self, struct act_handle *handle)
{
	struct act__actor *actor = handle->actor;
	bool good = act__handle_good(*handle), ready = false, gone = false;

	*handle = ACT_NOBODY;
	if (!good)
		return;
	act__probe_handle_drop(self, actor);
	act__lock(&actor->lock);
	assert(actor->handles > 0);
	if (--actor->handles == 0) {
		gone = actor->status == ACT__ENDED;
		ready = actor->status == ACT__IDLE;
		if (ready)
			act__set_status_locked(actor, ACT__BUSY);
		if (gone)
			act__set_status_locked(actor, ACT__FREE);
	}
	act__unlock(&actor->lock);
	if (ready)
		act__schedule(self, actor);
	if (gone)
		act__actor_free(self, actor);
}

bool act_same(struct act_handle a, struct act_handle b)
{
	return a.actor == b.actor && a.generation == b.generation;
}

bool act_alive(struct act_handle handle)
{
	bool alive;

	if (!handle.actor)
		return false;
	/* A stale handle's block may become another's meanwhile. */
	alive = act__handle_good(handle) && atomic_load(&handle.actor->status) != ACT__ENDED;
	return alive && act__handle_good(handle);
}

const char *act__actor_name(struct act__actor *actor)
{
	if (actor->long_name)
		return actor->long_name;
	act__lock(&actor->lock);
	if (!actor->name[0])
		snprintf(actor->name, sizeof(actor->name), "%.15s-%" PRIu64, actor->kind->name,
			 actor->number);
	act__unlock(&actor->lock);
	return actor->name;
}

const char *act_name(struct act_handle handle)
{
	return act__handle_good(handle) ? act__actor_name(handle.actor) : "nobody";
}

const char *act_my_name(struct act_self *self)
{
	return self->actor ? act__actor_name(self->actor) : "outside";
}

/* --- stopping ------------------------------------------------------------------------------- */

void act__actor_poke(struct act_self *self, struct act__actor *actor)
{
	bool was_idle;

	act__lock(&actor->lock);
	was_idle = actor->status == ACT__IDLE;
	if (was_idle)
		act__set_status_locked(actor, ACT__BUSY);
	act__unlock(&actor->lock);
	if (was_idle)
		act__schedule(self, actor);
}

void act__actor_stop(struct act_self *self, struct act__actor *actor, unsigned reason)
{
	uint8_t none = 0;
	bool living;

	act__lock(&actor->lock);
	living = actor->status != ACT__FREE && actor->status != ACT__ENDED;
	/* Pairs with act__wait_begin(). */
	if (living)
		living = atomic_compare_exchange_strong(&actor->stopping, &none, (uint8_t)reason);
	act__unlock(&actor->lock);
	if (!living)
		return;
	act__wait_cancel(self, actor);
	act__actor_poke(self, actor);
}

void act_stop(struct act_self *self, struct act_handle handle)
{
	if (act__handle_good(handle))
		act__actor_stop(self, handle.actor, TRC_END_STOPPED);
}

void act_stop_self(struct act_self *self)
{
	assert(self->actor && "act_stop_self() is for actors");
	act__actor_stop(self, self->actor, TRC_END_STOPPED);
}

/* --- the rest ------------------------------------------------------------------------------- */

uint64_t act_now(struct act_self *self)
{
	return act__world_now(&self->system->world);
}

uint64_t act_random(struct act_self *self)
{
	return act__world_random(&self->system->world);
}

struct act_system *act_system_of(struct act_self *self)
{
	return self->system;
}

void act__log(struct act_self *self, struct act_site *site, const char *format, ...)
{
	char text[1024];
	va_list arguments;
	int length;

	if (!act__traced(self))
		return;
	va_start(arguments, format);
	length = vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	if (length >= (int)sizeof(text))
		length = sizeof(text) - 1;
	if (length >= 0)
		act__probe_log(self, text, (size_t)length, site);
}
