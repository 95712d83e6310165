#include "tracer/model/memory.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

uint64_t trc_model_time(const struct trc_model *model)
{
	return model->time;
}

uint64_t trc_model_events(const struct trc_model *model)
{
	return model->events;
}

uint64_t trc_model_anomalies(const struct trc_model *model)
{
	return model->anomalies;
}

uint64_t trc_model_lost(const struct trc_model *model)
{
	return model->lost;
}

size_t trc_model_unseen(const struct trc_model *model)
{
	return model->unseen;
}

size_t trc_model_actor_count(const struct trc_model *model)
{
	return model->spawned_count;
}

const struct trc_actor *trc_model_actor_at(const struct trc_model *model, size_t index)
{
	return &model->spawned[index]->public;
}

const struct trc_actor *trc_model_actor(const struct trc_model *model, uint64_t id)
{
	const struct trc__actor *actor = trc__actor(model, id);

	return actor ? &actor->public : NULL;
}

const struct trc_actor *trc_model_outside(const struct trc_model *model)
{
	return &model->outside.public;
}

const struct trc_message *trc_model_message(const struct trc_model *model, uint64_t id)
{
	const struct trc__message *message = trc_table_find(&model->messages, id);

	return message ? &message->public : NULL;
}

const struct trc_token *trc_model_token(const struct trc_model *model, uint64_t id)
{
	const struct trc__token *token = trc_table_find(&model->tokens, id);

	return token ? &token->public : NULL;
}

static int compare_tokens(const void *a, const void *b)
{
	uint64_t x = (*(const struct trc_token *const *)a)->id;
	uint64_t y = (*(const struct trc_token *const *)b)->id;

	return (x > y) - (x < y);
}

void trc_model_tokens(const struct trc_model *model,
		      void (*visit)(const struct trc_token *token, void *context), void *context)
{
	const struct trc__token *token;
	size_t place = 0;

	while ((token = trc_table_next(&model->tokens, &place)))
		visit(&token->public, context);
}

void trc_model_tokens_of(const struct trc_model *model, uint64_t actor,
			 void (*visit)(const struct trc_token *token, void *context), void *context)
{
	const struct trc_token **held = NULL;
	const struct trc__token *token;
	size_t count = 0, room = 0, place = 0;

	while ((token = trc_table_next(&model->tokens, &place))) {
		if (token->public.holder != actor || token->public.state != TRC_TOKEN_OPEN)
			continue;
		held = trc_grow(held, &room, count + 1, sizeof *held);
		held[count++] = &token->public;
	}
	if (count)
		qsort(held, count, sizeof *held, compare_tokens);
	for (size_t i = 0; i < count; i++)
		visit(held[i], context);
	free(held);
}

/* --- targets -----------------------------------------------------------------------------------
 */

bool trc_model_target_met(const struct trc_model *model, const struct trc_target *target)
{
	const struct trc_token *token;
	const struct trc_actor *actor;

	switch (target->what) {
	case TRC_WHAT_REPLY:
		token = trc_model_token(model, target->object);
		return !token || token->state != TRC_TOKEN_OPEN;
	case TRC_WHAT_SPACE:
		/* Capacity 0: its SPAWN is missing, nothing can be said. What is in a mailbox from
		 * which messages are left out nobody knows; but who got a place may be told. */
		actor = trc_model_actor(model, target->object);
		if (!actor || actor->state == TRC_ENDED || actor->capacity == 0)
			return true;
		return actor->unseen ? !actor->grants : actor->depth < actor->capacity;
	case TRC_WHAT_END:
		actor = trc_model_actor(model, target->object);
		return !actor || actor->state == TRC_ENDED;
	default:
		return false;
	}
}

uint64_t trc_model_target_party(const struct trc_model *model, const struct trc_target *target)
{
	const struct trc_token *token;

	switch (target->what) {
	case TRC_WHAT_REPLY:
		token = trc_model_token(model, target->object);
		return token && token->state == TRC_TOKEN_OPEN ? token->holder : 0;
	case TRC_WHAT_SPACE:
	case TRC_WHAT_END:
		return target->object;
	default:
		return 0;
	}
}

const struct trc_message *trc_model_target_message(const struct trc_model *model,
						   const struct trc_actor *actor,
						   const struct trc_target *target)
{
	const struct trc_token *token;

	switch (target->what) {
	case TRC_WHAT_REPLY:
		token = trc_model_token(model, target->object);
		return token ? trc_model_message(model, token->message) : NULL;
	case TRC_WHAT_SPACE:
		return actor->sending && actor->sending->receiver == target->object ? actor->sending
										    : NULL;
	default:
		return NULL;
	}
}

uint16_t trc_model_target_type(const struct trc_model *model, const struct trc_actor *actor,
			       const struct trc_target *target)
{
	const struct trc_message *message = trc_model_target_message(model, actor, target);

	if (target->what != TRC_WHAT_REPLY && target->what != TRC_WHAT_SPACE)
		return 0;
	return message ? message->type : trc_model_site_type(model, actor->wait.site);
}

/* Time and the outside meet their targets unseen, and space may have been taken again since. */
static bool may_have_been_met(const struct trc_model *model, const struct trc_target *target)
{
	return (target->what != TRC_WHAT_REPLY && target->what != TRC_WHAT_END) ||
	       trc_model_target_met(model, target);
}

static uint64_t wake_blocker(const struct trc_model *model, const struct trc__actor *actor,
			     const struct trc_event *event)
{
	const struct trc_wait *wait = &actor->public.wait;
	uint64_t unmet = 0;

	if (event->type != TRC_WAKE_MET)
		return 0;
	for (unsigned i = 0; i < wait->target_count; i++) {
		bool met = may_have_been_met(model, &wait->targets[i]);

		if (met && wait->any)
			return 0;
		if (!met && unmet == 0)
			unmet = wait->targets[i].object;
	}
	return wait->any && event->id ? event->id : unmet;
}

/* A message has its place before its SEND is written, and a place is free only after the RECEIVE
 * that freed it was: a SEND into a full mailbox has run ahead of a RECEIVE. Where events are
 * missing, depths are not to be relied upon. */
static uint64_t send_blocker(const struct trc_model *model, const struct trc_event *event)
{
	const struct trc__actor *receiver = trc__actor(model, event->peer);
	bool full;

	if (!receiver)
		return event->peer;
	full = receiver->public.capacity > 0 && receiver->public.depth >= receiver->public.capacity;
	return full && receiver->public.state != TRC_ENDED && model->lost == 0 ? event->peer : 0;
}

/* Whether events of the actor's are missing between these two. Far behind is a number used again
 * after events were lost, not a future one. */
static bool is_ahead(uint16_t aseq, uint16_t last)
{
	uint16_t next = trc_aseq_next(last);
	uint16_t distance = (uint16_t)(aseq >= next ? aseq - next : aseq + UINT16_MAX - next);

	return distance > 0 && distance < INT16_MAX;
}

uint64_t trc__model_blocker(const struct trc_model *model, const struct trc_event *event)
{
	const struct trc__actor *actor = NULL;

	if (event->kind < TRC_SPAWN || event->kind == TRC_LOST)
		return 0;
	if (event->actor != 0) {
		actor = trc__actor(model, event->actor);
		if (!actor)
			return event->actor;
		if (event->aseq != 0 && actor->public.state != TRC_ENDED &&
		    is_ahead(event->aseq, actor->public.aseq))
			return event->actor;
	}
	switch (event->kind) {
	case TRC_RECEIVE:
	case TRC_DISCARD: /* 0, of a message that is not in the trace, is nothing to wait for */
		return trc_table_find(&model->messages, event->id) ? 0 : event->id;
	case TRC_SEND:
		return send_blocker(model, event);
	case TRC_WAKE:
		return actor ? wake_blocker(model, actor, event) : 0;
	default:
		return 0;
	}
}

bool trc_model_ready_for(const struct trc_model *model, const struct trc_event *event)
{
	return trc__model_blocker(model, event) == 0;
}

/* --- names -------------------------------------------------------------------------------------
 */

const char *trc_model_actor_name(const struct trc_model *model, uint64_t actor)
{
	const struct trc__actor *known = trc__actor(model, actor);

	if (actor == 0)
		return "outside";
	return known ? known->public.name : "?";
}

const char *trc_model_kind_name(const struct trc_model *model, uint32_t kind)
{
	const char *name = trc__kind_name(model->definitions, kind);

	return name ? name : "?";
}

const char *trc_model_type_name(const struct trc_model *model, uint16_t type)
{
	const struct trc__type *known = trc__type(model->definitions, type);

	return known ? (const char *)known->payload : "?";
}

char *trc_actor_title(const char *kind, const char *name)
{
	size_t length = strlen(kind);

	if (strcmp(kind, "?") == 0 ||
	    (strncmp(name, kind, length) == 0 && (name[length] == '-' || name[length] == '\0')))
		return trc_strdup(name);
	return trc_format("%s \"%s\"", kind, name);
}

char *trc_model_actor_title(const struct trc_model *model, uint64_t id)
{
	const struct trc__actor *actor = trc__actor(model, id);

	return trc_actor_title(trc_model_kind_name(model, actor ? actor->public.kind : 0),
			       trc_model_actor_name(model, id));
}

struct trc_site trc_model_site(const struct trc_model *model, uint32_t site)
{
	const struct trc__site *known = trc__site(model->definitions, site);

	return known ? known->site : (struct trc_site){.file = "", .function = "", .line = 0};
}

uint16_t trc_model_site_type(const struct trc_model *model, uint32_t site)
{
	const struct trc__site *known = trc__site(model->definitions, site);

	return known ? known->sent_type : 0;
}

const uint8_t *trc_model_type_definition(const struct trc_model *model, uint16_t type,
					 size_t *ret_size)
{
	const struct trc__type *known = trc__type(model->definitions, type);

	if (!known)
		return NULL;
	*ret_size = known->size;
	return known->payload;
}
