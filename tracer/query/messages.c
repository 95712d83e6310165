#include "tracer/query/trace-private.h"

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

static void add_effect(struct trc__chapter *chapter, uint64_t cause, uint32_t effect)
{
	uint32_t place = place_of(&chapter->places, cause);
	struct trc__message_entry *entry;

	if (place == TRC__NOWHERE)
		return;
	entry = &chapter->messages[place];
	if (entry->first_effect == TRC__NOWHERE)
		entry->first_effect = effect;
	else
		chapter->messages[entry->last_effect].next_effect = effect;
	entry->last_effect = effect;
}

static uint32_t add_entry(struct trc__chapter *chapter, const struct trc_message_info *info)
{
	uint32_t place = (uint32_t)chapter->message_count;

	chapter->messages = trc_grow(chapter->messages, &chapter->message_room, place + (size_t)1,
				     sizeof *chapter->messages);
	chapter->messages[chapter->message_count++] = (struct trc__message_entry){
		.info = *info,
		.sent_at = TRC__NOWHERE,
		.replied_at = TRC__NOWHERE,
		.first_effect = TRC__NOWHERE,
		.last_effect = TRC__NOWHERE,
		.next_effect = TRC__NOWHERE,
	};
	trc_table_put(&chapter->places, info->id, (void *)((uintptr_t)place + 1));
	if (info->token)
		trc_table_put(&chapter->open_tokens, info->token, (void *)((uintptr_t)place + 1));
	return place;
}

static struct trc_message_info info_of(const struct trc_message *message)
{
	return (struct trc_message_info){
		.id = message->id,
		.sender = message->sender,
		.receiver = message->receiver,
		.cause = message->cause,
		.token = message->token,
		.space_since = message->space_since,
		.sent = message->sent,
		.received = message->received,
		.site = message->site,
		.type = message->type,
		.flags = message->flags,
	};
}

static int compare_sent(const void *a, const void *b)
{
	const struct trc_message_info *x = a, *y = b;

	if (x->sent != y->sent)
		return x->sent < y->sent ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

/* The reply may come long after the message was done with. */
static void add_ask(const struct trc_token *token, void *context)
{
	struct trc__chapter *chapter = context;
	const struct trc_message_info info = {.id = token->message, .token = token->id};
	uint32_t place;

	if (token->state != TRC_TOKEN_OPEN || token->message == 0 ||
	    place_of(&chapter->places, token->message) != TRC__NOWHERE)
		return;
	place = add_entry(chapter, &info);
	chapter->messages[place].carried = true;
	chapter->messages[place].bare = true;
}

/* The messages that are under way when the chapter begins, by time sent. */
void trc__messages_begin(struct trc__chapter *chapter, const struct trc_model *model)
{
	struct trc_message_info *infos = NULL;
	size_t count = 0, room = 0, actors = trc_model_actor_count(model);

	for (size_t i = 0; i < actors; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		infos = trc_grow(infos, &room, count + actor->depth + 1, sizeof *infos);
		if (actor->current)
			infos[count++] = info_of(actor->current);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			infos[count++] = info_of(m);
	}
	if (count > 0)
		qsort(infos, count, sizeof *infos, compare_sent);
	for (size_t i = 0; i < count; i++) {
		uint32_t place = add_entry(chapter, &infos[i]);

		chapter->messages[place].carried = true;
	}
	chapter->carried_count = count;
	free(infos);
	trc_model_tokens(model, add_ask, chapter);
}

static void add_message(struct trc__chapter *chapter, const struct trc_model *model,
			const struct trc_event *event, size_t place)
{
	const struct trc_message *message = trc_model_message(model, event->id);
	struct trc_message_info info = {.id = event->id,
					.sender = event->actor,
					.receiver = event->peer,
					.token = event->arg,
					.space_since = event->time,
					.sent = event->time,
					.site = event->site,
					.type = event->type,
					.flags = event->flags};
	uint32_t entry;

	if (event->id == 0 || trc_table_find(&chapter->places, event->id))
		return;
	if (message) {
		info.cause = message->cause;
		info.space_since = message->space_since;
	}
	entry = add_entry(chapter, &info);
	chapter->messages[entry].sent_at = (uint32_t)place;
	add_effect(chapter, info.cause, entry);
}

static void leave_mailbox(struct trc__chapter *chapter, const struct trc_event *event)
{
	uint32_t place = place_of(&chapter->places, event->id);
	struct trc_message_info *info;

	if (place == TRC__NOWHERE)
		return;
	info = &chapter->messages[place].info;
	if (info->received || info->discarded)
		return;
	if (event->kind == TRC_RECEIVE) {
		info->received = event->time ? event->time : 1;
	} else {
		info->discarded = true;
		info->done = event->time;
	}
}

static void be_done(struct trc__chapter *chapter, const struct trc_event *event)
{
	uint32_t place = place_of(&chapter->places, event->id);

	if (place != TRC__NOWHERE && chapter->messages[place].info.done == 0)
		chapter->messages[place].info.done = event->time;
}

static void close_token(struct trc__chapter *chapter, const struct trc_event *event, size_t place)
{
	uint32_t ask = place_of(&chapter->open_tokens, event->id);
	struct trc__message_entry *entry;

	if (ask == TRC__NOWHERE)
		return;
	trc_table_take(&chapter->open_tokens, event->id);
	entry = &chapter->messages[ask];
	entry->info.replied = event->time;
	entry->info.replier = event->actor;
	entry->info.reply_site = event->site;
	if (event->kind == TRC_REPLY) {
		entry->info.reply_type = event->type;
		entry->replied_at = (uint32_t)place;
	} else {
		entry->info.dropped = true;
	}
}

void trc__message_event(struct trc__chapter *chapter, const struct trc_model *model,
			const struct trc_event *event, size_t place)
{
	switch (event->kind) {
	case TRC_SEND:
		add_message(chapter, model, event, place);
		break;
	case TRC_RECEIVE:
	case TRC_DISCARD:
		leave_mailbox(chapter, event);
		break;
	case TRC_DONE:
		be_done(chapter, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		close_token(chapter, event, place);
		break;
	}
}

void trc__messages_free(struct trc__chapter *chapter)
{
	free(chapter->messages);
	trc_table_clear(&chapter->places);
	trc_table_clear(&chapter->open_tokens);
}

/* --- how it went on -----------------------------------------------------------------------------
 */

static bool is_queued(const struct trc_model *model, const void *what)
{
	const struct trc_message *message = trc_model_message(model, *(const uint64_t *)what);

	return message && message->received == 0;
}

static bool is_alive(const struct trc_model *model, const void *what)
{
	return trc_model_message(model, *(const uint64_t *)what) != NULL;
}

static bool is_open(const struct trc_model *model, const void *what)
{
	const struct trc_token *token = trc_model_token(model, *(const uint64_t *)what);

	return token && token->state == TRC_TOKEN_OPEN;
}

/* What a chapter knows of a message; NULL: nothing. */
static struct trc__message_entry *entry_in(const struct trc_trace *trace, size_t number,
					   uint64_t id)
{
	const struct trc__chapter *chapter =
		number < trc__chapter_count(trace) ? trc__chapter(trace, number, NULL) : NULL;
	uint32_t place = chapter ? place_of(&chapter->places, id) : TRC__NOWHERE;

	return place == TRC__NOWHERE ? NULL : &chapter->messages[place];
}

/* It was in its mailbox when chapter `*number` ended. */
static void find_leaving(const struct trc_trace *trace, size_t *number,
			 struct trc_message_info *info)
{
	size_t end = trc__chapter_of_end(trace, *number + 1, is_queued, &info->id);
	const struct trc__message_entry *entry = entry_in(trace, end, info->id);

	if (!entry)
		return;
	info->received = entry->info.received;
	info->discarded = entry->info.discarded;
	info->done = entry->info.done;
	*number = end;
}

static void find_reply(const struct trc_trace *trace, size_t number, struct trc_message_info *info)
{
	const struct trc__message_entry *entry = entry_in(
		trace, trc__chapter_of_end(trace, number + 1, is_open, &info->token), info->id);

	if (!entry)
		return;
	info->replied = entry->info.replied;
	info->replier = entry->info.replier;
	info->reply_site = entry->info.reply_site;
	info->reply_type = entry->info.reply_type;
	info->dropped = entry->info.dropped;
}

/* All that is known of a message that chapter `number` knows. */
static struct trc_message_info whole_info(const struct trc_trace *trace, size_t number, uint64_t id)
{
	struct trc__message_entry *entry = entry_in(trace, number, id);
	struct trc_message_info info = entry->info;
	size_t at = number;

	if (entry->resolved == trace->version || number >= trc__keyframe_count(trace))
		return info;
	if (info.received == 0 && !info.discarded)
		find_leaving(trace, &at, &info);
	if (info.received != 0 && info.done == 0) {
		const struct trc__message_entry *last =
			entry_in(trace, trc__chapter_of_end(trace, at + 1, is_alive, &id), id);

		info.done = last ? last->info.done : 0;
	}
	if (info.token != 0 && info.replied == 0)
		find_reply(trace, number, &info);
	/* It may have been read anew meanwhile. */
	entry = entry_in(trace, number, id);
	if (entry) {
		entry->info = info;
		entry->resolved = trace->version;
	}
	return info;
}

/* The chapter in which the message was sent; SIZE_MAX: none. */
static size_t chapter_of(const struct trc_trace *trace, uint64_t id)
{
	const struct trc__kept *kept = trace->kept;
	size_t count = trc__keyframe_count(trace);
	const struct trc__message_entry *entry = entry_in(trace, count, id);

	if (entry && !entry->carried)
		return count;
	for (size_t i = 0; i < kept->chapter_count; i++) {
		const struct trc__chapter *chapter = kept->chapters[i];
		uint32_t place = place_of(&chapter->places, id);

		if (place != TRC__NOWHERE && !chapter->messages[place].carried)
			return chapter->number;
	}
	for (size_t i = 0; i < count; i++) {
		const struct trc_index_keyframe *keyframe = trc__keyframe(trace, i);

		if (!trc_digest_sent(keyframe->sent, keyframe->sent_size, id))
			continue;
		entry = entry_in(trace, i, id);
		if (entry && !entry->carried)
			return i;
	}
	return SIZE_MAX;
}

/* --- asking -------------------------------------------------------------------------------------
 */

static bool arrow_touches(const struct trc_message_info *info, uint64_t from, uint64_t to)
{
	if (info->sent > to)
		return false;
	if (info->received)
		return info->received >= from;
	return !info->discarded || info->done >= from;
}

struct listing {
	uint64_t from, to;
	struct trc_message_info *infos;
	size_t *numbers; /* the chapters they are from */
	size_t count, max;
};

static void list_chapter(const struct trc__chapter *chapter, bool first, struct listing *listing)
{
	for (size_t i = first ? 0 : chapter->carried_count; i < chapter->message_count; i++) {
		const struct trc__message_entry *entry = &chapter->messages[i];

		if (entry->bare || !arrow_touches(&entry->info, listing->from, listing->to))
			continue;
		if (listing->count < listing->max) {
			listing->infos[listing->count] = entry->info;
			listing->numbers[listing->count] = chapter->number;
		}
		listing->count++;
	}
}

size_t trc_trace_messages(const struct trc_trace *trace, uint64_t from, uint64_t to,
			  struct trc_message_info *ret_messages, size_t max)
{
	size_t first = trc__chapter_from(trace, from), last = trc__chapter_until(trace, to);
	struct listing listing = {from, to, ret_messages, NULL, 0, max};

	if (from > to)
		return 0;
	listing.numbers = trc_alloc(max * sizeof *listing.numbers);
	for (size_t n = first; n <= last; n++) {
		const struct trc__chapter *chapter = trc__chapter(trace, n, NULL);

		if (chapter)
			list_chapter(chapter, n == first, &listing);
	}
	for (size_t i = 0; i < max && i < listing.count; i++)
		if (entry_in(trace, listing.numbers[i], ret_messages[i].id))
			ret_messages[i] = whole_info(trace, listing.numbers[i], ret_messages[i].id);
	free(listing.numbers);
	return listing.count;
}

bool trc_trace_message(const struct trc_trace *trace, uint64_t id,
		       struct trc_message_info *ret_message)
{
	size_t number = id ? chapter_of(trace, id) : SIZE_MAX;

	if (number == SIZE_MAX)
		return false;
	*ret_message = whole_info(trace, number, id);
	return true;
}

/* The event that sent the message, or its reply; NULL when there is none. It is in a kept chapter.
 */
static const struct trc_event *event_of(const struct trc_trace *trace, uint64_t id, bool reply)
{
	size_t number = id ? chapter_of(trace, id) : SIZE_MAX;
	const struct trc__message_entry *entry =
		number == SIZE_MAX ? NULL : entry_in(trace, number, id);
	uint64_t token = entry ? entry->info.token : 0;
	uint32_t place;

	if (reply && entry && entry->replied_at == TRC__NOWHERE && token != 0 &&
	    !is_open(trace->model, &token)) {
		number = trc__chapter_of_end(trace, number + 1, is_open, &token);
		entry = entry_in(trace, number, id);
	}
	place = !entry ? TRC__NOWHERE : reply ? entry->replied_at : entry->sent_at;
	return place == TRC__NOWHERE ? NULL : &trc__chapter(trace, number, NULL)->events[place];
}

char *trc_trace_message_text(struct trc_trace *trace, uint64_t id, bool reply)
{
	const struct trc_event *event = event_of(trace, id, reply);
	const uint8_t *definition;
	size_t definition_size = 0, length;
	char *text;

	if (!event)
		return trc_strdup("");
	definition = trc_model_type_definition(trace->model, event->type, &definition_size);
	length = trc_payload_text(definition, definition_size, event->payload, event->payload_size,
				  event->flags & TRC_F_CUT, NULL, 0);
	text = trc_alloc(length + 1);
	trc_payload_text(definition, definition_size, event->payload, event->payload_size,
			 event->flags & TRC_F_CUT, text, length + 1);
	return text;
}

/* Adds the effects of `id` that were sent in one chapter. */
static size_t add_effects(const struct trc__chapter *chapter, uint64_t id, uint64_t *ret_ids,
			  size_t max, size_t count)
{
	uint32_t place = place_of(&chapter->places, id), effect;

	if (place == TRC__NOWHERE)
		return count;
	for (effect = chapter->messages[place].first_effect; effect != TRC__NOWHERE;
	     effect = chapter->messages[effect].next_effect) {
		if (count < max)
			ret_ids[count] = chapter->messages[effect].info.id;
		count++;
	}
	return count;
}

size_t trc_trace_effects(const struct trc_trace *trace, uint64_t id, uint64_t *ret_ids, size_t max)
{
	struct trc_message_info info;
	size_t number, end, count = 0;

	if (!trc_trace_message(trace, id, &info) || info.received == 0)
		return 0;
	number = trc__chapter_from(trace, info.received);
	end = 1 + (info.done ? trc__chapter_until(trace, info.done) : trc__keyframe_count(trace));
	while (number < end) {
		const struct trc__chapter *chapter = trc__chapter(trace, number, NULL);

		if (chapter)
			count = add_effects(chapter, id, ret_ids, max, count);
		number = trc__chapter_active(trace, info.receiver, number + 1, end, true);
	}
	return count;
}
