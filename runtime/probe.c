#include "runtime/probe.h"

#include "runtime/probe-define.h"
#include "runtime/probe-filter.h"
#include "runtime/probe-pack.h"
#include "runtime/system.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

/* The next number in an actor's count of its events; one is left out when a recorder has come since
 * the last event: what the actor did before that is missing. */
static uint16_t next_aseq(const struct act_system *system, struct act__actor *actor)
{
	uint8_t visit = (uint8_t)atomic_load_explicit(&system->visits, memory_order_relaxed);

	if (__builtin_expect(actor->visit != visit, 0))
		actor->aseq = trc_aseq_next(actor->aseq);
	actor->visit = visit;
	return actor->aseq = trc_aseq_next(actor->aseq);
}

static bool write_event(struct act_self *self, struct trc_event *event)
{
	event->time = act__world_event_time(&self->system->world, self->ring);
	if (self->actor) {
		event->actor = self->actor->number;
		event->aseq = next_aseq(self->system, self->actor);
	}
	return trc_ring_write(self->ring, event);
}

/* Whether it says that its actor is in a handler. */
static bool tells_of_handler(unsigned kind)
{
	return kind != TRC_HANDLE_CLONE && kind != TRC_HANDLE_DROP && kind != TRC_GRANT &&
	       kind != TRC_UNSEEN;
}

bool act__emit(struct act_self *self, struct trc_event *event)
{
	struct act__actor *actor = self->actor;

	if (actor && __builtin_expect(actor->unseen == ACT__UNSEEN, 0) &&
	    tells_of_handler(event->kind)) {
		actor->unseen = ACT__UNSEEN_TOLD;
		write_event(self, &(struct trc_event){.kind = TRC_RECEIVE});
	}
	return write_event(self, event);
}

/* What is said also while nobody records. */
static struct act_self said_anyway(const struct act_self *self)
{
	struct act_self known = *self;

	if (!known.ring)
		known.ring = trc_ring_of_thread(self->system->session);
	return known;
}

uint64_t act__probe_number(struct act_self *self)
{
	return act__traced(self) ? trc_unique(self->ring) : 0;
}

/* --- fields ----------------------------------------------------------------------------------- */

/* Adds packed fields and their type to an event and writes it. */
static void emit_packed(struct act_self *self, struct trc_event *event, const struct act_type *type,
			const struct act__packed *packed)
{
	event->type = act__type_number(self, type);
	event->payload = packed->packer.data;
	event->payload_size = (uint32_t)packed->packer.size;
	if (packed->packer.cut)
		event->flags |= TRC_F_CUT;
	act__emit(self, event);
}

static void emit_fields(struct act_self *self, struct trc_event *event, const struct act_type *type,
			const void *fields, bool bare)
{
	struct act__packed packed; /* large: only what is used of it is set */

	if (bare) {
		packed.packer = (struct trc_packer){.cut = type->field_count > 0};
		emit_packed(self, event, type, &packed);
		return;
	}
	act__pack(self, &packed, type, fields);
	emit_packed(self, event, type, &packed);
	free(packed.large);
}

/* Says which handles and tokens go to actor `to`, in message number `arg` or, when 0, at once. */
static void emit_moves(struct act_self *self, const struct act_message *message, uint64_t arg,
		       uint64_t to)
{
	const struct act_type *type = message->type;

	for (unsigned i = 0; i < type->field_count; i++) {
		const void *place = act__field(&type->fields[i], message->fields);
		struct trc_event event = {.arg = arg, .peer = to};

		if (type->fields[i].code == TRC_FIELD_HANDLE) {
			event.kind = TRC_HANDLE_MOVE;
			event.id = act__handle_number(place);
		} else if (type->fields[i].code == TRC_FIELD_TOKEN) {
			event.kind = TRC_TOKEN_MOVE;
			event.id = act__token_number(*(const struct act_token *)place);
		}
		if (event.id)
			act__emit(self, &event);
	}
}

/* --- life ----------------------------------------------------------------------------------- */

void act__write_spawn(struct act_self *self, struct act__actor *child, struct act_site *site)
{
	const char *name = child->long_name ? child->long_name : child->name;
	size_t length = strlen(name);
	struct act_self known = said_anyway(self);

	act__emit(&known,
		  &(struct trc_event){
			  .kind = TRC_SPAWN,
			  .flags = child->native ? TRC_F_SOURCE : 0,
			  .id = child->number,
			  .peer = act__kind_number(&known, child->kind),
			  .arg = child->capacity,
			  .site = act__site_number(&known, site),
			  .payload = (const uint8_t *)name,
			  .payload_size =
				  (uint32_t)(length < TRC_PAYLOAD_MAX ? length : TRC_PAYLOAD_MAX),
		  });
}

void act__write_init_moves(struct act_self *self, const struct act__actor *child,
			   const struct act_message *init)
{
	emit_moves(self, init, 0, child->number);
}

void act__write_start(struct act_self *self)
{
	act__emit(self, &(struct trc_event){.kind = TRC_START});
}

void act__write_end(struct act_self *self)
{
	struct act_self known = said_anyway(self);

	act__emit(&known, &(struct trc_event){.kind = TRC_END, .type = self->actor->end_reason});
}

/* --- messages ------------------------------------------------------------------------------- */

void act__write_send(struct act_self *self, struct act__actor *to, struct act_message *message,
		     struct act__ask *ask, unsigned flags, struct act_site *site)
{
	if (act__filters(self)) {
		act__decide(self, to, message, ask);
		if (message->fate == TRC_FATE_LEFT_OUT)
			return;
		if (ask)
			ask->bare = message->fate == TRC_FATE_BARE;
	}
	message->number = trc_unique(self->ring);
	emit_moves(self, message, message->number, to->number);
	emit_fields(self,
		    &(struct trc_event){.kind = TRC_SEND,
					.flags = (uint8_t)flags,
					.id = message->number,
					.peer = to->number,
					.arg = ask ? ask->number : 0,
					.site = act__site_number(self, site)},
		    message->type, message->fields, message->fate == TRC_FATE_BARE);
}

void act__write_sending(struct act_self *self, struct act__actor *to,
			const struct act__draft *draft, struct act_site *site)
{
	enum trc_fate fate = act__filters(self) ? act__fate_of(self, to, draft) : TRC_FATE_RECORDED;

	if (fate == TRC_FATE_LEFT_OUT)
		return;
	emit_fields(self,
		    &(struct trc_event){.kind = TRC_SENDING,
					.peer = to->number,
					.site = act__site_number(self, site)},
		    draft->type, draft->fields, fate == TRC_FATE_BARE);
}

static uint64_t refusal_of(int error)
{
	switch (error) {
	case ACT_EGONE:
	case ACT_ESTALE:
		return TRC_REFUSED_ENDED;
	case ACT_EDEADLINE:
		return TRC_REFUSED_DEADLINE;
	case ACT_ECANCELLED:
		return TRC_REFUSED_CANCELLED;
	default: /* the mailbox or the memory is full */
		return TRC_REFUSED_FULL;
	}
}

void act__write_refused(struct act_self *self, struct act__actor *to, const struct act_type *type,
			int error, unsigned flags, struct act_site *site)
{
	if (act__filters(self) && act__refusal_left_out(self, to, type))
		return;
	act__emit(self, &(struct trc_event){.kind = TRC_REFUSED,
					    .flags = (uint8_t)flags,
					    .peer = to ? to->number : 0,
					    .type = act__type_number(self, type),
					    .arg = refusal_of(error),
					    .site = act__site_number(self, site)});
}

void act__write_receive(struct act_self *self, const struct act_message *message)
{
	self->actor->unseen = message->number != 0 ? ACT__SEEN : ACT__UNSEEN;
	if (message->number != 0)
		act__emit(self, &(struct trc_event){.kind = TRC_RECEIVE, .id = message->number});
}

void act__write_done(struct act_self *self, uint64_t number)
{
	bool untold = self->actor->unseen == ACT__UNSEEN;

	self->actor->unseen = ACT__SEEN;
	if (!untold)
		act__emit(self, &(struct trc_event){.kind = TRC_DONE, .id = number});
}

void act__write_discard(struct act_self *self, const struct act_message *message)
{
	if (message->number != 0)
		act__emit(self, &(struct trc_event){.kind = TRC_DISCARD, .id = message->number});
}

void act__write_told(struct act_self *self, const struct act_message *message, uint64_t ended)
{
	if (message->number) /* filters may have left it out */
		act__emit(self, &(struct trc_event){
					.kind = TRC_TOLD, .id = message->number, .peer = ended});
}

/* --- tokens --------------------------------------------------------------------------------- */

void act__write_reply(struct act_self *self, const struct act__ask *ask,
		      const struct act_message *reply, bool late, struct act_site *site)
{
	/* What goes with a reply that nobody gets is dropped by the replier. */
	if (!late)
		emit_moves(self, reply, 0, ask->asker_number);
	emit_fields(self,
		    &(struct trc_event){.kind = TRC_REPLY,
					.flags = late ? TRC_F_LATE : 0,
					.id = ask->number,
					.peer = ask->asker_number,
					.arg = TRC_OUTCOME_OK,
					.site = act__site_number(self, site)},
		    reply->type, reply->fields, ask->bare);
}

void act__write_fail(struct act_self *self, const struct act__ask *ask, bool late,
		     struct act_site *site)
{
	act__emit(self, &(struct trc_event){.kind = TRC_REPLY,
					    .flags = late ? TRC_F_LATE : 0,
					    .id = ask->number,
					    .peer = ask->asker_number,
					    .arg = TRC_OUTCOME_ERROR,
					    .site = act__site_number(self, site)});
}

void act__write_token_drop(struct act_self *self, const struct act__ask *ask, bool late,
			   struct act_site *site)
{
	act__emit(self, &(struct trc_event){.kind = TRC_TOKEN_DROP,
					    .flags = late ? TRC_F_LATE : 0,
					    .id = ask->number,
					    .peer = ask->asker_number,
					    .site = act__site_number(self, site)});
}

void act__write_token_keep(struct act_self *self, const struct act_message *message)
{
	if (message->number)
		act__emit(self, &(struct trc_event){.kind = TRC_TOKEN_KEEP,
						    .id = message->number,
						    .site = act__site_number(self, message->kept)});
}

/* --- waits ---------------------------------------------------------------------------------- */

/* A time of the world as a time of events; 0 for ACT__NEVER. */
static uint64_t event_deadline(const struct act_self *self, uint64_t deadline)
{
	const struct act__world *world = &self->system->world;
	uint64_t now;

	if (deadline == ACT__NEVER)
		return 0;
	now = act__world_now(world);
	return act__world_event_time(world, self->ring) + (deadline > now ? deadline - now : 0);
}

void act__write_wait(struct act_self *self, enum trc_what what, uint64_t object,
		     const struct act__actor *peer, uint64_t deadline, struct act_site *site)
{
	act__emit(self, &(struct trc_event){.kind = TRC_WAIT,
					    .type = (uint16_t)what,
					    .id = object,
					    .peer = peer ? peer->number : 0,
					    .arg = event_deadline(self, deadline),
					    .site = act__site_number(self, site)});
}

void act__write_group_wait(struct act_self *self, const struct trc_target *targets, size_t count,
			   bool any, uint64_t deadline, struct act_site *site)
{
	size_t further = count - 1, most = TRC_PAYLOAD_MAX / sizeof(*targets);

	act__emit(self, &(struct trc_event){
				.kind = TRC_WAIT,
				.flags = (uint8_t)((any ? TRC_F_ANY : 0) |
						   (further > most ? TRC_F_CUT : 0)),
				.type = (uint16_t)targets[0].what,
				.id = targets[0].object,
				.peer = targets[0].peer,
				.arg = event_deadline(self, deadline),
				.site = act__site_number(self, site),
				.payload = (const uint8_t *)(targets + 1),
				.payload_size = (uint32_t)((further < most ? further : most) *
							   sizeof(*targets)),
			});
}

static_assert((int)ACT__MET == TRC_WAKE_MET && (int)ACT__DEADLINE == TRC_WAKE_DEADLINE &&
		      (int)ACT__CANCELLED == TRC_WAKE_CANCELLED,
	      "outcomes are written as they are");

void act__write_wake(struct act_self *self, enum act__outcome outcome)
{
	act__emit(self, &(struct trc_event){.kind = TRC_WAKE, .type = (uint16_t)outcome});
}

void act__write_wake_by(struct act_self *self, enum act__outcome outcome, uint64_t object)
{
	act__emit(self,
		  &(struct trc_event){.kind = TRC_WAKE, .type = (uint16_t)outcome, .id = object});
}

void act__write_grant(struct act_self *self, const struct act__actor *owner,
		      const struct act__actor *waiting)
{
	if (act__filters(self))
		act__emit(self, &(struct trc_event){.kind = TRC_GRANT,
						    .id = waiting->number,
						    .peer = owner->number});
}

/* --- handles and notes ---------------------------------------------------------------------- */

void act__write_handle_clone(struct act_self *self, const struct act__actor *target)
{
	act__emit(self, &(struct trc_event){.kind = TRC_HANDLE_CLONE, .id = target->number});
}

void act__write_handle_drop(struct act_self *self, const struct act__actor *target)
{
	act__emit(self, &(struct trc_event){.kind = TRC_HANDLE_DROP, .id = target->number});
}

/* FNV-1a; never 0, which says that nothing was recorded. */
static uint64_t hash_of(const uint8_t *bytes, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
	return hash ? hash : 1;
}

void act__write_state(struct act_self *self)
{
	struct act__actor *actor = self->actor;
	const struct act_type *type = actor->kind->state_type;
	struct act__packed packed;
	uint64_t hash;

	/* In the trace it stays as it was after the last message that is in there, too. */
	if (!type || actor->unseen == ACT__UNSEEN)
		return;
	assert(type->size <= actor->kind->state_size && "the described state is part of the state");
	act__pack(self, &packed, type, actor->state);
	hash = hash_of(packed.packer.data, packed.packer.size);
	if (hash != actor->state_hash)
		emit_packed(self, &(struct trc_event){.kind = TRC_STATE}, type, &packed);
	actor->state_hash = hash;
	free(packed.large);
}

void act__write_log(struct act_self *self, const char *text, size_t size, struct act_site *site)
{
	act__emit(self, &(struct trc_event){.kind = TRC_LOG,
					    .site = act__site_number(self, site),
					    .payload = (const uint8_t *)text,
					    .payload_size = (uint32_t)size});
}
