/*
 * A message's row changes up to four times: sent, received, done, replied. It is kept here until it
 * is final, so that each write has all of it; changes between two writes cost one write. Payloads
 * are kept as bytes and made text only on the way to the file, and are then forgotten.
 *
 * Rows come and go with every message, so their memory is taken in chunks and used again.
 */
#include "tracer/derive/rows.h"

#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/derive/pool.h"
#include "tracer/event/payload.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

enum {
	PAYLOAD_SHORT = 32,
	LINE = 64,
	TOGETHER = 64, /* rows by statements for all: more would not stay in the cache */
};

struct payload {
	uint8_t *bytes; /* of a long one */
	uint32_t size;
	bool cut;
	bool fresh; /* not in the file yet */
	uint8_t short_bytes[PAYLOAD_SHORT];
};

enum row_kind {
	ROW_MESSAGE,
	ROW_WAIT,
	ROW_EVENT, /* of a definition, a spawn, an end */
};

/* What all rows have in common. */
struct row {
	enum row_kind kind;
	bool changed;
	bool final;
};

struct message_row {
	struct row row;
	struct trc_store_message message;
	struct payload payload;
	struct payload reply;
	bool handled; /* done or discarded */
	bool open;    /* its token is neither used nor dropped */
};

struct wait_row {
	struct row row;
	struct trc_store_wait wait;
	unsigned count;
	struct trc_target targets[];
};

struct event_row {
	struct row row;
	struct trc_event event;
	uint8_t payload[];
};

struct trc_rows {
	const struct trc_model *model;
	struct trc__pool message_pool;
	struct trc__pool wait_pool; /* of those with one target */
	struct trc_table messages;  /* by id */
	struct trc_table asks;      /* messages by token */
	struct trc_table waits;     /* open ones, by actor */
	uint64_t wait_count;
	struct row **queue; /* of changed rows, the oldest first, from `first` up to `end` */
	size_t first, end;
	size_t queue_room;
	size_t put; /* of the queue, by the last trc_rows_put() */
	char *text; /* scratch for payloads, twice */
	size_t text_room;
	char *reply_text;
	size_t reply_text_room;
};

struct trc_rows *trc_rows_new(const struct trc_model *model)
{
	struct trc_rows *rows = trc_zalloc(1, sizeof(*rows));

	rows->model = model;
	rows->message_pool.size = sizeof(struct message_row);
	rows->wait_pool.size = sizeof(struct wait_row) + sizeof(struct trc_target);
	return rows;
}

static void row_free(struct trc_rows *rows, struct row *row)
{
	if (row->kind == ROW_MESSAGE) {
		struct message_row *message = (struct message_row *)row;

		free(message->payload.bytes);
		free(message->reply.bytes);
		trc__pool_give(&rows->message_pool, row);
	} else if (row->kind == ROW_WAIT && ((struct wait_row *)row)->count == 1) {
		trc__pool_give(&rows->wait_pool, row);
	} else {
		free(row);
	}
}

void trc_rows_free(struct trc_rows *rows)
{
	struct row *row;
	size_t place;

	if (!rows)
		return;
	/* Final rows are in the queue alone, the others in a table, and perhaps in both. */
	for (size_t i = rows->first; i < rows->end; i++)
		if (rows->queue[i]->final)
			row_free(rows, rows->queue[i]);
	place = 0;
	while ((row = trc_table_next(&rows->messages, &place)))
		row_free(rows, row);
	place = 0;
	while ((row = trc_table_next(&rows->waits, &place)))
		row_free(rows, row);
	trc_table_clear(&rows->messages);
	trc_table_clear(&rows->asks);
	trc_table_clear(&rows->waits);
	trc__pool_clear(&rows->message_pool);
	trc__pool_clear(&rows->wait_pool);
	free(rows->queue);
	free(rows->text);
	free(rows->reply_text);
	free(rows);
}

static void queue_extend(struct trc_rows *rows)
{
	if (rows->first > rows->queue_room / 2) {
		rows->end -= rows->first;
		memmove(rows->queue, rows->queue + rows->first, rows->end * sizeof(rows->queue[0]));
		rows->first = 0;
	} else {
		rows->queue = trc_grow(rows->queue, &rows->queue_room, rows->end + 1,
				       sizeof(rows->queue[0]));
	}
}

static void mark(struct trc_rows *rows, struct row *row)
{
	if (row->changed)
		return;
	row->changed = true;
	if (rows->end == rows->queue_room)
		queue_extend(rows);
	rows->queue[rows->end++] = row;
}

/* --- messages --------------------------------------------------------------------------------- */

static void keep_payload(struct payload *payload, const struct trc_event *event)
{
	payload->size = event->payload_size;
	payload->cut = event->flags & TRC_F_CUT;
	payload->fresh = true;
	if (payload->size > PAYLOAD_SHORT)
		payload->bytes = trc_copy(event->payload, payload->size);
	else if (payload->size > 0)
		memcpy(payload->short_bytes, event->payload, payload->size);
}

static const uint8_t *payload_bytes(const struct payload *payload)
{
	return payload->size > PAYLOAD_SHORT ? payload->bytes : payload->short_bytes;
}

static struct message_row *message_row_new(struct trc_rows *rows, uint64_t id, uint64_t token)
{
	struct message_row *row = trc__pool_take(&rows->message_pool);

	trc_table_put(&rows->messages, id, row);
	if (token != 0 && !trc_table_find(&rows->asks, token)) {
		row->open = true;
		trc_table_put(&rows->asks, token, row);
	}
	mark(rows, &row->row);
	return row;
}

static void on_send(struct trc_rows *rows, const struct trc_event *event)
{
	const struct trc_message *known = trc_model_message(rows->model, event->id);
	struct message_row *row;

	/* A program that damages its events may use a number twice. */
	if (event->id == 0 || trc_table_find(&rows->messages, event->id))
		return;
	row = message_row_new(rows, event->id, event->arg);
	row->message = (struct trc_store_message){
		.id = event->id,
		.sender = event->actor,
		.receiver = event->peer,
		.token = event->arg,
		.sent = event->time,
		.space_since = known ? known->space_since : 0,
		.cause = known ? known->cause : 0,
		.site = event->site,
		.type = event->type,
		.flags = event->flags,
	};
	keep_payload(&row->payload, event);
}

/* Nothing can happen to the message any more: it leaves the tables. */
static void settle(struct trc_rows *rows, struct message_row *row)
{
	mark(rows, &row->row);
	if (!row->handled || row->open || row->row.final)
		return;
	row->row.final = true;
	trc_table_take(&rows->messages, row->message.id);
}

static void on_message(struct trc_rows *rows, const struct trc_event *event)
{
	struct message_row *row = trc_table_find(&rows->messages, event->id);

	if (!row)
		return;
	if (event->kind == TRC_RECEIVE) {
		row->message.received = event->time;
	} else {
		if (event->kind == TRC_DONE)
			row->message.done = event->time;
		else
			row->message.discarded = true;
		row->handled = true;
	}
	settle(rows, row);
}

static void on_token(struct trc_rows *rows, const struct trc_event *event)
{
	struct message_row *row = trc_table_take(&rows->asks, event->id);

	if (!row)
		return;
	row->open = false;
	row->message.replied = event->time;
	row->message.replier = event->actor;
	row->message.reply_site = event->site;
	if (event->kind == TRC_TOKEN_DROP) {
		row->message.dropped = true;
	} else {
		row->message.failed = event->arg == TRC_OUTCOME_ERROR;
		row->message.reply_type = event->type;
		if (event->type != 0)
			keep_payload(&row->reply, event);
	}
	settle(rows, row);
}

/* --- waits ------------------------------------------------------------------------------------ */

static void add_wait(struct trc_rows *rows, const struct trc_actor *actor)
{
	struct wait_row *row = trc_table_take(&rows->waits, actor->id);

	if (row) { /* its end is missing */
		row->row.final = true;
		mark(rows, &row->row);
	}
	row = actor->wait.target_count == 1
		      ? trc__pool_take(&rows->wait_pool)
		      : trc_zalloc(1, sizeof(*row) +
					      actor->wait.target_count * sizeof(row->targets[0]));
	row->row.kind = ROW_WAIT;
	row->wait = (struct trc_store_wait){
		.id = ++rows->wait_count,
		.actor = actor->id,
		.begin = actor->wait.since,
		.deadline = actor->wait.deadline,
		.message = actor->wait.message,
		.site = actor->wait.site,
		.any = actor->wait.any,
	};
	row->count = actor->wait.target_count;
	memcpy(row->targets, actor->wait.targets, row->count * sizeof(row->targets[0]));
	trc_table_put(&rows->waits, actor->id, row);
	mark(rows, &row->row);
}

static void on_wait(struct trc_rows *rows, const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(rows->model, event->actor);

	if (actor && actor->wait.target_count > 0)
		add_wait(rows, actor);
}

static void on_wake(struct trc_rows *rows, const struct trc_event *event)
{
	struct wait_row *row = trc_table_take(&rows->waits, event->actor);

	if (!row)
		return;
	row->wait.end = event->time;
	row->wait.wake = event->type;
	row->row.final = true;
	mark(rows, &row->row);
}

/* --- definitions and actors ------------------------------------------------------------------- */

static void keep_event(struct trc_rows *rows, const struct trc_event *event)
{
	struct event_row *row = trc_zalloc(1, sizeof(*row) + event->payload_size);

	row->row.kind = ROW_EVENT;
	row->row.final = true;
	row->event = *event;
	if (event->payload_size > 0)
		memcpy(row->payload, event->payload, event->payload_size);
	row->event.payload = row->payload;
	mark(rows, &row->row);
}

/* --- in the middle ---------------------------------------------------------------------------- */

void trc_rows_name(struct trc_rows *rows, const struct trc_event *event)
{
	if (event->kind != TRC_SEND)
		trc_rows_event(rows, event);
}

static void add_message(struct trc_rows *rows, const struct trc_message *message, bool handled)
{
	struct message_row *row;

	if (message->id == 0 || trc_table_find(&rows->messages, message->id))
		return;
	row = message_row_new(rows, message->id, message->token);
	row->message = (struct trc_store_message){
		.id = message->id,
		.sender = message->sender,
		.receiver = message->receiver,
		.token = message->token,
		.sent = message->sent,
		.space_since = message->space_since,
		.received = message->received,
		.cause = message->cause,
		.site = message->site,
		.type = message->type,
		.flags = message->flags,
	};
	row->handled = handled;
	keep_payload(&row->payload, &(struct trc_event){.payload = message->payload,
							.payload_size = message->payload_size,
							.flags = message->cut ? TRC_F_CUT : 0});
}

/* Of a question that was handled already, but not answered yet, no more than this is known. */
static void add_question(const struct trc_token *token, void *context)
{
	const struct trc_message message = {
		.id = token->message,
		.sender = token->asker,
		.receiver = token->holder,
		.token = token->id,
		.sent = token->asked,
		.space_since = token->asked,
	};

	if (token->state == TRC_TOKEN_OPEN)
		add_message(context, &message, true);
}

void trc_rows_begin(struct trc_rows *rows)
{
	for (size_t i = 0; i < trc_model_actor_count(rows->model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(rows->model, i);

		if (actor->current)
			add_message(rows, actor->current, false);
		for (const struct trc_message *message = actor->oldest; message;
		     message = message->next)
			add_message(rows, message, false);
		if (actor->wait.target_count > 0)
			add_wait(rows, actor);
	}
	trc_model_tokens(rows->model, add_question, rows);
}

/* --- all events ------------------------------------------------------------------------------- */

void trc_rows_event(struct trc_rows *rows, const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_DEF_KIND:
	case TRC_DEF_TYPE:
	case TRC_DEF_SITE:
	case TRC_SPAWN:
	case TRC_END:
		keep_event(rows, event);
		break;
	case TRC_SEND:
		on_send(rows, event);
		break;
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_DISCARD:
		on_message(rows, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		on_token(rows, event);
		break;
	case TRC_WAIT:
		on_wait(rows, event);
		break;
	case TRC_WAKE:
		on_wake(rows, event);
		break;
	}
}

size_t trc_rows_changed(const struct trc_rows *rows)
{
	return rows->end - rows->first;
}

/* --- writing ---------------------------------------------------------------------------------- */

/* A payload as JSON, in memory that is used again; NULL when it is in the file already. */
static const char *render(const struct trc_rows *rows, const struct payload *payload, uint16_t type,
			  char **text, size_t *room)
{
	const uint8_t *definition;
	size_t definition_size = 0, size;

	if (!payload->fresh)
		return NULL;
	definition = trc_model_type_definition(rows->model, type, &definition_size);
	size = trc_payload_json(definition, definition_size, payload_bytes(payload), payload->size,
				payload->cut, *text, *room);
	if (size >= *room) {
		*text = trc_grow(*text, room, size + 1, 1);
		trc_payload_json(definition, definition_size, payload_bytes(payload), payload->size,
				 payload->cut, *text, *room);
	}
	return *text;
}

/* A walk over the rows of one kind among some of the queue. */
struct walk {
	struct trc_rows *rows;
	enum row_kind kind;
	size_t next, end;            /* in the queue */
	const struct wait_row *wait; /* at its target number */
	unsigned target;
};

/* NULL: there is none any more. */
static struct row *walk_on(struct walk *walk)
{
	while (walk->next < walk->end) {
		struct row *row = walk->rows->queue[walk->next++];

		if (row->kind == walk->kind)
			return row;
	}
	return NULL;
}

static bool next_message(void *context, struct trc_store_message *ret_message)
{
	struct walk *walk = context;
	struct trc_rows *rows = walk->rows;
	const struct message_row *row = (const struct message_row *)walk_on(walk);

	if (!row)
		return false;
	*ret_message = row->message;
	ret_message->payload =
		render(rows, &row->payload, row->message.type, &rows->text, &rows->text_room);
	ret_message->reply_payload = render(rows, &row->reply, row->message.reply_type,
					    &rows->reply_text, &rows->reply_text_room);
	return true;
}

static bool next_wait(void *context, struct trc_store_wait *ret_wait)
{
	struct walk *walk = context;
	const struct trc_target *target;

	while (!walk->wait || walk->target == walk->wait->count) {
		walk->wait = (const struct wait_row *)walk_on(walk);
		walk->target = 0;
		if (!walk->wait)
			return false;
	}
	target = &walk->wait->targets[walk->target];
	*ret_wait = walk->wait->wait;
	ret_wait->target = walk->target++;
	ret_wait->what = (unsigned)target->what;
	ret_wait->object = target->object;
	ret_wait->peer = target->peer;
	return true;
}

static int put_events(struct walk *walk, struct trc_store *store, struct trc_error *ret_error)
{
	const struct event_row *row;
	int result = 0;

	while (result == 0 && (row = (const struct event_row *)walk_on(walk)))
		result = trc_store_put_event(store, &row->event, ret_error);
	return result;
}

/* Rows are looked at long after they were changed last, and wait for memory unless it is asked in
 * time. */
static void fetch(const struct trc_rows *rows, size_t first, size_t end)
{
	for (size_t i = first; i < end && i < rows->end; i++) {
		const char *row = (const char *)rows->queue[i];

		for (size_t at = 0; at < sizeof(struct message_row); at += LINE)
			__builtin_prefetch(row + at);
	}
}

/* Puts the rows at these places of the queue. */
static int put_together(struct trc_rows *rows, size_t first, size_t end, struct trc_store *store,
			struct trc_error *ret_error)
{
	struct walk events = {.rows = rows, .kind = ROW_EVENT, .next = first, .end = end};
	struct walk messages = {.rows = rows, .kind = ROW_MESSAGE, .next = first, .end = end};
	struct walk waits = {.rows = rows, .kind = ROW_WAIT, .next = first, .end = end};
	int result = put_events(&events, store, ret_error);

	if (result == 0)
		result = trc_store_put_messages(store, next_message, &messages, ret_error);
	if (result == 0)
		result = trc_store_put_waits(store, next_wait, &waits, ret_error);
	return result;
}

int trc_rows_put(struct trc_rows *rows, struct trc_store *store, size_t max,
		 struct trc_error *ret_error)
{
	size_t count = trc_rows_changed(rows) < max ? trc_rows_changed(rows) : max;
	size_t end = rows->first + (count < INT_MAX ? count : INT_MAX);

	rows->put = 0;
	for (size_t first = rows->first, next; first < end; first = next) {
		int result;

		next = end - first < TOGETHER ? end : first + TOGETHER;
		fetch(rows, first, next);
		result = put_together(rows, first, next, store, ret_error);
		if (result < 0)
			return result;
		if (trc_store_is_wanted(store))
			end = next;
	}
	rows->put = end - rows->first;
	return (int)rows->put;
}

static void forget_payload(struct payload *payload)
{
	free(payload->bytes);
	payload->bytes = NULL;
	payload->size = 0;
	payload->fresh = false;
}

void trc_rows_committed(struct trc_rows *rows)
{
	for (; rows->put > 0; rows->put--) {
		struct row *row = rows->queue[rows->first++];

		row->changed = false;
		if (row->final) {
			row_free(rows, row);
		} else if (row->kind == ROW_MESSAGE) {
			forget_payload(&((struct message_row *)row)->payload);
			forget_payload(&((struct message_row *)row)->reply);
		}
	}
	if (rows->first == rows->end)
		rows->first = rows->end = 0;
}

void trc_rows_skip(struct trc_rows *rows)
{
	rows->put = trc_rows_changed(rows);
	trc_rows_committed(rows);
}
