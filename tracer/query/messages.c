#include "tracer/query/index.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

/* --- building -----------------------------------------------------------------------------------
 */

static uint32_t place_of(const struct trc_table *table, uint64_t id)
{
	uintptr_t place = (uintptr_t)trc_table_find(table, id);

	return place ? (uint32_t)(place - 1) : TRC__NOWHERE;
}

static void add_effect(struct trc_trace *trace, uint64_t cause, uint32_t effect)
{
	uint32_t place = place_of(&trace->message_places, cause);
	struct trc__message_entry *entry;

	if (place == TRC__NOWHERE)
		return;
	entry = &trace->messages[place];
	if (entry->first_effect == TRC__NOWHERE)
		entry->first_effect = effect;
	else
		trace->messages[entry->last_effect].next_effect = effect;
	entry->last_effect = effect;
}

static void add_message(struct trc_trace *trace, const struct trc_event *event, size_t position)
{
	const struct trc_message *message = trc_model_message(trace->model, event->id);
	uint32_t place = (uint32_t)trace->message_count;
	struct trc__message_entry entry = {
		.info = {.id = event->id,
			 .sender = event->actor,
			 .receiver = event->peer,
			 .token = event->arg,
			 .space_since = event->time,
			 .sent = event->time,
			 .site = event->site,
			 .type = event->type,
			 .flags = event->flags},
		.sent_at = (uint32_t)position,
		.replied_at = TRC__NOWHERE,
		.first_effect = TRC__NOWHERE,
		.last_effect = TRC__NOWHERE,
		.next_effect = TRC__NOWHERE,
	};

	if (event->id == 0 || trc_table_find(&trace->message_places, event->id))
		return;
	if (message) {
		entry.info.cause = message->cause;
		entry.info.space_since = message->space_since;
	}
	trace->messages = trc_grow(trace->messages, &trace->message_room, trace->message_count + 1,
				   sizeof *trace->messages);
	trace->messages[trace->message_count++] = entry;
	trc_table_put(&trace->message_places, event->id, (void *)(uintptr_t)trace->message_count);
	if (event->arg)
		trc_table_put(&trace->open_tokens, event->arg,
			      (void *)(uintptr_t)trace->message_count);
	if (place % TRC__BLOCK == 0) {
		trace->blocks = trc_grow(trace->blocks, &trace->block_room, trace->block_count + 1,
					 sizeof *trace->blocks);
		trace->blocks[trace->block_count++] = (struct trc__block){0};
	}
	trace->blocks[place / TRC__BLOCK].open++;
	add_effect(trace, entry.info.cause, place);
}

static void leave_mailbox(struct trc_trace *trace, const struct trc_event *event)
{
	uint32_t place = place_of(&trace->message_places, event->id);
	struct trc__message_entry *entry;
	struct trc__block *block;

	if (place == TRC__NOWHERE)
		return;
	entry = &trace->messages[place];
	if (entry->info.received || entry->info.discarded)
		return;
	if (event->kind == TRC_RECEIVE) {
		entry->info.received = event->time ? event->time : 1;
	} else {
		entry->info.discarded = true;
		entry->info.done = event->time;
	}
	block = &trace->blocks[place / TRC__BLOCK];
	block->open--;
	if (event->time > block->last_left)
		block->last_left = event->time;
}

static void be_done(struct trc_trace *trace, const struct trc_event *event)
{
	uint32_t place = place_of(&trace->message_places, event->id);

	if (place != TRC__NOWHERE && trace->messages[place].info.done == 0)
		trace->messages[place].info.done = event->time;
}

static void close_token(struct trc_trace *trace, const struct trc_event *event, size_t position)
{
	uint32_t place = place_of(&trace->open_tokens, event->id);
	struct trc__message_entry *entry;

	if (place == TRC__NOWHERE)
		return;
	trc_table_take(&trace->open_tokens, event->id);
	entry = &trace->messages[place];
	entry->info.replied = event->time;
	entry->info.replier = event->actor;
	entry->info.reply_site = event->site;
	if (event->kind == TRC_REPLY) {
		entry->info.reply_type = event->type;
		entry->replied_at = (uint32_t)position;
	} else {
		entry->info.dropped = true;
	}
}

void trc__message_event(struct trc_trace *trace, const struct trc_event *event, size_t position)
{
	switch (event->kind) {
	case TRC_SEND:
		add_message(trace, event, position);
		break;
	case TRC_RECEIVE:
	case TRC_DISCARD:
		leave_mailbox(trace, event);
		break;
	case TRC_DONE:
		be_done(trace, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		close_token(trace, event, position);
		break;
	}
}

/* --- asking -------------------------------------------------------------------------------------
 */

static bool arrow_touches(const struct trc_message_info *info, uint64_t from)
{
	if (info->received)
		return info->received >= from;
	return !info->discarded || info->done >= from;
}

size_t trc_trace_messages(const struct trc_trace *trace, uint64_t from, uint64_t to,
			  struct trc_message_info *ret_messages, size_t max)
{
	size_t count = 0;

	for (size_t b = 0; b < trace->block_count; b++) {
		const struct trc__block *block = &trace->blocks[b];
		size_t end = (b + 1) * TRC__BLOCK;

		if (trace->messages[b * TRC__BLOCK].info.sent > to)
			break;
		if (block->open == 0 && block->last_left < from)
			continue;
		if (end > trace->message_count)
			end = trace->message_count;
		/* All of it was sent within the range; only how many is of interest any more. */
		if (count >= max && trace->messages[b * TRC__BLOCK].info.sent >= from &&
		    trace->messages[end - 1].info.sent <= to) {
			count += end - b * TRC__BLOCK;
			continue;
		}
		for (size_t i = b * TRC__BLOCK; i < end; i++) {
			const struct trc_message_info *info = &trace->messages[i].info;

			if (info->sent > to)
				break;
			if (!arrow_touches(info, from))
				continue;
			if (count < max)
				ret_messages[count] = *info;
			count++;
		}
	}
	return count;
}

bool trc_trace_message(const struct trc_trace *trace, uint64_t id,
		       struct trc_message_info *ret_message)
{
	uint32_t place = place_of(&trace->message_places, id);

	if (place == TRC__NOWHERE)
		return false;
	*ret_message = trace->messages[place].info;
	return true;
}

char *trc_trace_message_text(struct trc_trace *trace, uint64_t id, bool reply)
{
	uint32_t place = place_of(&trace->message_places, id);
	uint32_t position = TRC__NOWHERE;
	const uint8_t *definition;
	size_t definition_size = 0, length;
	struct trc_event event;
	char *text;

	if (place != TRC__NOWHERE)
		position =
			reply ? trace->messages[place].replied_at : trace->messages[place].sent_at;
	if (position == TRC__NOWHERE || !trc__event_at(trace, position, &event, NULL))
		return trc_strdup("");
	definition = trc_model_type_definition(trace->model, event.type, &definition_size);
	length = trc_payload_text(definition, definition_size, event.payload, event.payload_size,
				  event.flags & TRC_F_CUT, NULL, 0);
	text = trc_alloc(length + 1);
	trc_payload_text(definition, definition_size, event.payload, event.payload_size,
			 event.flags & TRC_F_CUT, text, length + 1);
	return text;
}

size_t trc_trace_effects(const struct trc_trace *trace, uint64_t id, uint64_t *ret_ids, size_t max)
{
	uint32_t place = place_of(&trace->message_places, id);
	size_t count = 0;

	if (place == TRC__NOWHERE)
		return 0;
	for (uint32_t effect = trace->messages[place].first_effect; effect != TRC__NOWHERE;
	     effect = trace->messages[effect].next_effect) {
		if (count < max)
			ret_ids[count] = trace->messages[effect].info.id;
		count++;
	}
	return count;
}
