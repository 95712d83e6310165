#include "runtime/probe.h"

#include "runtime/system.h"
#include "tracer/event/payload.h"
#include "tracer/event/ring.h"
#include "tracer/event/session.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { SMALL_PAYLOAD = 512 };

static void emit(struct act_self *self, struct trc_event *event)
{
	event->time = act__world_event_time(&self->system->world, self->system->session);
	if (self->actor) {
		event->actor = self->actor->number;
		event->aseq = self->actor->aseq = trc_aseq_next(self->actor->aseq);
	}
	trc_ring_write(self->ring, event);
}

uint64_t act__probe_number(struct act_self *self)
{
	return act__traced(self) ? trc_unique(self->ring) : 0;
}

/* --- definitions ------------------------------------------------------------------------------
 *
 * A number is given out once in the process, under a lock, and becomes visible to other threads
 * only after its definition has been written.
 */

static pthread_mutex_t definitions = PTHREAD_MUTEX_INITIALIZER;

/* Calls `define`, unless another thread was faster, and keeps the number it gives. */
static uint32_t number_of(struct act_self *self, uint32_t *place, const void *what,
			  uint32_t (*define)(struct act_self *self, const void *what))
{
	/* Pairs with the release below. */
	uint32_t number = __atomic_load_n(place, __ATOMIC_ACQUIRE);

	if (number)
		return number;
	pthread_mutex_lock(&definitions);
	number = __atomic_load_n(place, __ATOMIC_RELAXED);
	if (!number) {
		number = define(self, what);
		__atomic_store_n(place, number, __ATOMIC_RELEASE);
	}
	pthread_mutex_unlock(&definitions);
	return number;
}

static void write_definition(struct act_self *self, unsigned kind, uint32_t number, uint64_t arg,
			     const void *payload, size_t size)
{
	struct act_self outside = act__outside_of(self);

	emit(&outside, &(struct trc_event){.kind = (uint8_t)kind,
					   .id = number,
					   .arg = arg,
					   .payload = payload,
					   .payload_size = (uint32_t)size});
}

static uint32_t define_type(struct act_self *self, const void *what)
{
	static uint32_t last;
	const struct act_type *type = what;
	size_t size = strlen(type->name) + 1, used = size;
	char *text;

	for (unsigned i = 0; i < type->field_count; i++)
		size += strlen(type->fields[i].name) + 2;
	text = size <= TRC_PAYLOAD_MAX ? malloc(size) : NULL;
	if (!text || last == UINT16_MAX) {
		free(text);
		return 0;
	}
	memcpy(text, type->name, used);
	for (unsigned i = 0; i < type->field_count; i++) {
		size_t length = strlen(type->fields[i].name) + 1;

		text[used++] = type->fields[i].code;
		memcpy(text + used, type->fields[i].name, length);
		used += length;
	}
	write_definition(self, TRC_DEF_TYPE, ++last, 0, text, used);
	free(text);
	return last;
}

static uint16_t type_number(struct act_self *self, const struct act_type *type)
{
	return (uint16_t)number_of(self, type->trace_number, type, define_type);
}

static uint32_t define_site(struct act_self *self, const void *what)
{
	static uint32_t last;
	const struct act_site *site = what;
	size_t file = strlen(site->file) + 1, function = strlen(site->function) + 1;
	char *text = file + function <= TRC_PAYLOAD_MAX ? malloc(file + function) : NULL;

	if (!text)
		return 0;
	memcpy(text, site->file, file);
	memcpy(text + file, site->function, function);
	write_definition(self, TRC_DEF_SITE, ++last, site->line, text, file + function);
	free(text);
	return last;
}

static uint32_t site_number(struct act_self *self, struct act_site *site)
{
	return site ? number_of(self, &site->trace_number, site, define_site) : 0;
}

/* Kinds are constant and have no place for a number: they are kept in a list. */
struct known_kind {
	struct known_kind *next;
	const struct act_kind *kind;
	const char *name;
	uint32_t number;
};

static uint32_t kind_number(struct act_self *self, const struct act_kind *kind)
{
	static struct known_kind *kinds;
	struct known_kind *known;
	uint32_t number = 0;

	pthread_mutex_lock(&definitions);
	for (known = kinds; known; known = known->next)
		if (known->kind == kind && known->name == kind->name)
			break;
	if (!known && (known = malloc(sizeof(*known)))) {
		*known =
			(struct known_kind){kinds, kind, kind->name, kinds ? kinds->number + 1 : 1};
		kinds = known;
		write_definition(self, TRC_DEF_KIND, known->number,
				 kind->mailbox ? kind->mailbox : ACT__DEFAULT_MAILBOX, kind->name,
				 strlen(kind->name) + 1);
	}
	if (known)
		number = known->number;
	pthread_mutex_unlock(&definitions);
	return number;
}

/* --- payloads ------------------------------------------------------------------------------- */

/* Messages have no NULL in them, but states may. */
static const char *text_at(const void *place)
{
	const char *text = *(const char *const *)place;

	return text ? text : "";
}

/* No payload of these fields is longer than this. */
static size_t payload_bound(const struct act_type *type, const void *fields)
{
	size_t bound = 0;

	for (unsigned i = 0; i < type->field_count; i++) {
		const void *place = act__field(&type->fields[i], fields);

		bound += 8;
		if (type->fields[i].code == TRC_FIELD_TEXT)
			bound += strlen(text_at(place));
		else if (type->fields[i].code == TRC_FIELD_BYTES)
			bound += ((const struct act_bytes *)place)->size;
	}
	return bound;
}

static uint64_t handle_number(const struct act_handle *handle)
{
	return act__handle_good(*handle) ? handle->actor->number : 0;
}

static void pack_field(struct trc_packer *packer, const struct act_field *field, const void *place)
{
	const char *text;
	const struct act_bytes *bytes;

	switch (field->code) {
	case TRC_FIELD_I64:
	case TRC_FIELD_U64:
		trc_pack_u64(packer, *(const uint64_t *)place);
		break;
	case TRC_FIELD_F64:
		trc_pack_f64(packer, *(const double *)place);
		break;
	case TRC_FIELD_BOOL:
		trc_pack_bool(packer, *(const bool *)place);
		break;
	case TRC_FIELD_TEXT:
		text = text_at(place);
		trc_pack_bytes(packer, text, strlen(text));
		break;
	case TRC_FIELD_BYTES:
		bytes = place;
		trc_pack_bytes(packer, bytes->data, bytes->size);
		break;
	case TRC_FIELD_HANDLE:
		trc_pack_u64(packer, handle_number(place));
		break;
	case TRC_FIELD_TOKEN:
		trc_pack_u64(packer, act__token_number(*(const struct act_token *)place));
		break;
	}
}

struct packed {
	struct trc_packer packer;
	uint8_t *large; /* when `small` is not enough */
	uint8_t small[SMALL_PAYLOAD];
};

/* Packs fields as far as the recording wants them. */
static void pack(struct act_self *self, struct packed *packed, const struct act_type *type,
		 const void *fields)
{
	size_t limit = trc_session_payload_limit(self->system->session);
	size_t bound = payload_bound(type, fields);

	packed->large = NULL;
	packed->packer = (struct trc_packer){.data = packed->small, .limit = sizeof(packed->small)};
	if (limit > TRC_PAYLOAD_MAX)
		limit = TRC_PAYLOAD_MAX;
	if (bound > sizeof(packed->small) && limit > sizeof(packed->small)) {
		size_t size = bound < limit ? bound : limit;

		packed->large = malloc(size);
		if (packed->large)
			packed->packer = (struct trc_packer){.data = packed->large, .limit = size};
	}
	if (packed->packer.limit > limit)
		packed->packer.limit = limit;
	for (unsigned i = 0; i < type->field_count; i++)
		pack_field(&packed->packer, &type->fields[i], act__field(&type->fields[i], fields));
}

/* Adds packed fields and their type to an event and writes it. */
static void emit_packed(struct act_self *self, struct trc_event *event, const struct act_type *type,
			const struct packed *packed)
{
	event->type = type_number(self, type);
	event->payload = packed->packer.data;
	event->payload_size = (uint32_t)packed->packer.size;
	if (packed->packer.cut)
		event->flags |= TRC_F_CUT;
	emit(self, event);
}

static void emit_fields(struct act_self *self, struct trc_event *event,
			const struct act_message *message)
{
	struct packed packed;

	pack(self, &packed, message->type, message->fields);
	emit_packed(self, event, message->type, &packed);
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
			event.id = handle_number(place);
		} else if (type->fields[i].code == TRC_FIELD_TOKEN) {
			event.kind = TRC_TOKEN_MOVE;
			event.id = act__token_number(*(const struct act_token *)place);
		}
		if (event.id)
			emit(self, &event);
	}
}

/* --- life ----------------------------------------------------------------------------------- */

void act__write_spawn(struct act_self *self, struct act__actor *child, struct act_site *site)
{
	const char *name = child->long_name ? child->long_name : child->name;
	size_t length = strlen(name);

	emit(self, &(struct trc_event){
			   .kind = TRC_SPAWN,
			   .flags = child->native ? TRC_F_SOURCE : 0,
			   .id = child->number,
			   .peer = kind_number(self, child->kind),
			   .arg = child->capacity,
			   .site = site_number(self, site),
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
	emit(self, &(struct trc_event){.kind = TRC_START});
}

void act__write_end(struct act_self *self)
{
	emit(self, &(struct trc_event){.kind = TRC_END, .type = self->actor->end_reason});
}

/* --- messages ------------------------------------------------------------------------------- */

void act__write_send(struct act_self *self, struct act__actor *to, struct act_message *message,
		     const struct act__ask *ask, unsigned flags, struct act_site *site)
{
	message->number = trc_unique(self->ring);
	emit_moves(self, message, message->number, to->number);
	emit_fields(self,
		    &(struct trc_event){.kind = TRC_SEND,
					.flags = (uint8_t)flags,
					.id = message->number,
					.peer = to->number,
					.arg = ask ? ask->number : 0,
					.site = site_number(self, site)},
		    message);
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
	emit(self, &(struct trc_event){.kind = TRC_REFUSED,
				       .flags = (uint8_t)flags,
				       .peer = to ? to->number : 0,
				       .type = type_number(self, type),
				       .arg = refusal_of(error),
				       .site = site_number(self, site)});
}

void act__write_receive(struct act_self *self, const struct act_message *message)
{
	emit(self, &(struct trc_event){.kind = TRC_RECEIVE, .id = message->number});
}

void act__write_done(struct act_self *self, uint64_t number)
{
	emit(self, &(struct trc_event){.kind = TRC_DONE, .id = number});
}

void act__write_discard(struct act_self *self, const struct act_message *message)
{
	emit(self, &(struct trc_event){.kind = TRC_DISCARD, .id = message->number});
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
					.site = site_number(self, site)},
		    reply);
}

void act__write_fail(struct act_self *self, const struct act__ask *ask, bool late,
		     struct act_site *site)
{
	emit(self, &(struct trc_event){.kind = TRC_REPLY,
				       .flags = late ? TRC_F_LATE : 0,
				       .id = ask->number,
				       .peer = ask->asker_number,
				       .arg = TRC_OUTCOME_ERROR,
				       .site = site_number(self, site)});
}

void act__write_token_drop(struct act_self *self, const struct act__ask *ask, bool late,
			   struct act_site *site)
{
	emit(self, &(struct trc_event){.kind = TRC_TOKEN_DROP,
				       .flags = late ? TRC_F_LATE : 0,
				       .id = ask->number,
				       .peer = ask->asker_number,
				       .site = site_number(self, site)});
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
	return act__world_event_time(world, self->system->session) +
	       (deadline > now ? deadline - now : 0);
}

void act__write_wait(struct act_self *self, enum trc_what what, uint64_t object,
		     const struct act__actor *peer, uint64_t deadline, struct act_site *site)
{
	emit(self, &(struct trc_event){.kind = TRC_WAIT,
				       .type = (uint16_t)what,
				       .id = object,
				       .peer = peer ? peer->number : 0,
				       .arg = event_deadline(self, deadline),
				       .site = site_number(self, site)});
}

void act__write_group_wait(struct act_self *self, const struct trc_target *targets, size_t count,
			   bool any, uint64_t deadline, struct act_site *site)
{
	size_t further = count - 1, most = TRC_PAYLOAD_MAX / sizeof(*targets);

	emit(self,
	     &(struct trc_event){
		     .kind = TRC_WAIT,
		     .flags = (uint8_t)((any ? TRC_F_ANY : 0) | (further > most ? TRC_F_CUT : 0)),
		     .type = (uint16_t)targets[0].what,
		     .id = targets[0].object,
		     .peer = targets[0].peer,
		     .arg = event_deadline(self, deadline),
		     .site = site_number(self, site),
		     .payload = (const uint8_t *)(targets + 1),
		     .payload_size =
			     (uint32_t)((further < most ? further : most) * sizeof(*targets)),
	     });
}

static_assert((int)ACT__MET == TRC_WAKE_MET && (int)ACT__DEADLINE == TRC_WAKE_DEADLINE &&
		      (int)ACT__CANCELLED == TRC_WAKE_CANCELLED,
	      "outcomes are written as they are");

void act__write_wake(struct act_self *self, enum act__outcome outcome)
{
	emit(self, &(struct trc_event){.kind = TRC_WAKE, .type = (uint16_t)outcome});
}

void act__write_wake_by(struct act_self *self, enum act__outcome outcome, uint64_t object)
{
	emit(self, &(struct trc_event){.kind = TRC_WAKE, .type = (uint16_t)outcome, .id = object});
}

/* --- handles and notes ---------------------------------------------------------------------- */

void act__write_handle_clone(struct act_self *self, const struct act__actor *target)
{
	emit(self, &(struct trc_event){.kind = TRC_HANDLE_CLONE, .id = target->number});
}

void act__write_handle_drop(struct act_self *self, const struct act__actor *target)
{
	emit(self, &(struct trc_event){.kind = TRC_HANDLE_DROP, .id = target->number});
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
	struct packed packed;
	uint64_t hash;

	if (!type)
		return;
	assert(type->size <= actor->kind->state_size && "the described state is part of the state");
	pack(self, &packed, type, actor->state);
	hash = hash_of(packed.packer.data, packed.packer.size);
	if (hash != actor->state_hash)
		emit_packed(self, &(struct trc_event){.kind = TRC_STATE}, type, &packed);
	actor->state_hash = hash;
	free(packed.large);
}

void act__write_log(struct act_self *self, const char *text, size_t size, struct act_site *site)
{
	emit(self, &(struct trc_event){.kind = TRC_LOG,
				       .site = site_number(self, site),
				       .payload = (const uint8_t *)text,
				       .payload_size = (uint32_t)size});
}
