#include "tracer/analysis/edges.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

/* --- words --------------------------------------------------------------------------------------
 */

static const char *kind_of(const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	return actor ? trc_model_kind_name(model, actor->kind) : "?";
}

/* Payloads can be as long as messages; what is kept in a finding is for people. */
enum { DOING_MAX = 1000 };

static char *message_text(const struct trc_model *model, const struct trc_message *message)
{
	size_t definition_size = 0, length;
	const uint8_t *definition =
		trc_model_type_definition(model, message->type, &definition_size);
	char text[DOING_MAX];

	length = trc_payload_text(definition, definition_size, message->payload,
				  message->payload_size, message->cut, text, sizeof text);
	if (length < sizeof text)
		return trc_strdup(text);
	/* Not in the middle of a character. */
	length = sizeof text - 1;
	while (length > 0 && ((unsigned char)text[length - 1] & 0xc0) == 0x80)
		length--;
	return trc_format("%.*s...", (int)(length > 0 ? length - 1 : 0), text);
}

char *trc__doing(const struct trc_model *model, const struct trc_actor *actor)
{
	if (actor->current)
		return message_text(model, actor->current);
	if (actor->in_unseen)
		return trc_strdup("a message that was left out");
	/* Sockets send between messages, too. */
	return trc_strdup(actor->state == TRC_RUNNING || actor->state == TRC_WAITING ? "start"
										     : "");
}

/* --- arrows -------------------------------------------------------------------------------------
 */

void trc__edge_of_wait(const struct trc_model *model, const struct trc_actor *actor,
		       const struct trc_target *target, struct trc_edge *ret_edge)
{
	struct trc_site site = trc_model_site(model, actor->wait.site);
	uint16_t type = trc_model_target_type(model, actor, target);
	const struct trc_message *message = trc_model_target_message(model, actor, target);
	uint64_t to = trc_model_target_party(model, target);
	const struct trc_actor *party = trc_model_actor(model, to);
	/* Who waits for space has found no place, whatever was left out of the trace. */
	bool full = party && party->unseen && target->what == TRC_WHAT_SPACE;

	*ret_edge = (struct trc_edge){
		.from = actor->id,
		.to = to,
		.from_name = trc_strdup(actor->name),
		.to_name = trc_strdup(trc_model_actor_name(model, to)),
		.from_kind = trc_strdup(kind_of(model, actor->id)),
		.to_kind = trc_strdup(kind_of(model, to)),
		.what = (unsigned)target->what,
		.waits = true,
		.any = actor->wait.any && actor->wait.target_count > 1,
		.since = actor->wait.since,
		.deadline = actor->wait.deadline,
		.message = actor->current ? actor->current->id : 0,
		.doing = trc__doing(model, actor),
		.sending = trc_strdup(type ? trc_model_type_name(model, type) : ""),
		.sending_text = message ? message_text(model, message) : NULL,
		.depth = full    ? party->capacity
			 : party ? party->depth
				 : 0,
		.capacity = party ? party->capacity : 0,
		.file = trc_strdup(site.file),
		.function = trc_strdup(site.function),
		.line = site.line,
	};
}

void trc__edge_of_idle(const struct trc_model *model, const struct trc_actor *actor,
		       uint64_t holder, struct trc_edge *ret_edge)
{
	const struct trc_actor *party = trc_model_actor(model, holder);

	*ret_edge = (struct trc_edge){
		.from = actor->id,
		.to = holder,
		.from_name = trc_strdup(actor->name),
		.to_name = trc_strdup(trc_model_actor_name(model, holder)),
		.from_kind = trc_strdup(kind_of(model, actor->id)),
		.to_kind = trc_strdup(kind_of(model, holder)),
		.what = TRC_WHAT_MESSAGE,
		.waits = true,
		.since = actor->state_since,
		.doing = trc_strdup(""),
		.sending = trc_strdup(""),
		.depth = party ? party->depth : 0,
		.capacity = party ? party->capacity : 0,
		.file = trc_strdup(""),
		.function = trc_strdup(""),
	};
}

void trc__edge_clear(struct trc_edge *edge)
{
	free(edge->from_name);
	free(edge->to_name);
	free(edge->from_kind);
	free(edge->to_kind);
	free(edge->doing);
	free(edge->origin);
	free(edge->sending);
	free(edge->sending_text);
	free(edge->file);
	free(edge->function);
	*edge = (struct trc_edge){0};
}

void trc__edge_copy(const struct trc_edge *edge, struct trc_edge *ret_copy)
{
	*ret_copy = *edge;
	ret_copy->from_name = trc_strdup(edge->from_name);
	ret_copy->to_name = trc_strdup(edge->to_name);
	ret_copy->from_kind = trc_strdup(edge->from_kind);
	ret_copy->to_kind = trc_strdup(edge->to_kind);
	ret_copy->doing = trc_strdup(edge->doing);
	ret_copy->origin = edge->origin ? trc_strdup(edge->origin) : NULL;
	ret_copy->sending = trc_strdup(edge->sending);
	ret_copy->sending_text = edge->sending_text ? trc_strdup(edge->sending_text) : NULL;
	ret_copy->file = trc_strdup(edge->file);
	ret_copy->function = trc_strdup(edge->function);
}
