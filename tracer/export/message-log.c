#include "tracer/export/message-log.h"

#include "tracer/export/format.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>

struct trc__message_log {
	const struct trc_model *model;
	void (*visit)(const struct trc__export_message *message, void *context);
	void *context;
	struct trc_table messages; /* by id */
	struct trc_table asks;     /* those whose token is open, by token */
};

const char *trc__outcome_name(enum trc__outcome outcome)
{
	static const char *const names[] = {"", "open", "replied", "error", "dropped"};

	return names[outcome];
}

struct trc__message_log *
trc__message_log_new(const struct trc_model *model,
		     void (*visit)(const struct trc__export_message *message, void *context),
		     void *context)
{
	struct trc__message_log *log = trc_zalloc(1, sizeof *log);

	log->model = model;
	log->visit = visit;
	log->context = context;
	return log;
}

static void message_free(struct trc__export_message *message)
{
	free(message->payload);
	free(message);
}

void trc__message_log_free(struct trc__message_log *log)
{
	struct trc__export_message *message;
	size_t place = 0;

	if (!log)
		return;
	while ((message = trc_table_next(&log->messages, &place)))
		message_free(message);
	trc_table_clear(&log->messages);
	trc_table_clear(&log->asks);
	free(log);
}

/* A message's cause is being handled while it is sent, so that it is still known here. */
static void set_origin(struct trc__message_log *log, struct trc__export_message *message)
{
	const struct trc__export_message *cause = trc_table_find(&log->messages, message->cause);

	if (message->token)
		message->root = message->id;
	if (!cause)
		return;
	message->origin = cause->token ? cause->id : cause->origin;
	message->origin_root = cause->token ? cause->root : cause->origin_root;
	if (cause->token && message->token)
		message->root = cause->root;
}

static void on_send(struct trc__message_log *log, const struct trc_event *event)
{
	const struct trc_message *known = trc_model_message(log->model, event->id);
	struct trc__export_message *message;

	/* A program that damages its events may use a number twice. */
	if (event->id == 0 || trc_table_find(&log->messages, event->id))
		return;
	message = trc_zalloc(1, sizeof *message);
	*message = (struct trc__export_message){
		.id = event->id,
		.sender = event->actor,
		.receiver = event->peer,
		.token = event->arg,
		.sent = event->time,
		.space_since = known ? known->space_since : 0,
		.cause = known ? known->cause : 0,
		.site = event->site,
		.type = event->type,
	};
	message->payload = trc__export_payload(log->model, event->type, event->payload,
					       event->payload_size, event->flags & TRC_F_CUT, true);
	set_origin(log, message);
	trc_table_put(&log->messages, event->id, message);
	if (event->arg != 0) {
		message->outcome = TRC__OUTCOME_OPEN;
		if (!trc_table_find(&log->asks, event->arg))
			trc_table_put(&log->asks, event->arg, message);
	}
}

static void settle(struct trc__message_log *log, struct trc__export_message *message)
{
	if (!message->handled || message->outcome == TRC__OUTCOME_OPEN)
		return;
	trc_table_take(&log->messages, message->id);
	log->visit(message, log->context);
	message_free(message);
}

static void on_message(struct trc__message_log *log, const struct trc_event *event)
{
	struct trc__export_message *message = trc_table_find(&log->messages, event->id);

	if (!message)
		return;
	if (event->kind == TRC_RECEIVE) {
		message->received = event->time;
		return;
	}
	if (event->kind == TRC_DONE)
		message->done = event->time;
	else
		message->discarded = true;
	message->handled = true;
	settle(log, message);
}

static void on_token(struct trc__message_log *log, const struct trc_event *event)
{
	struct trc__export_message *message = trc_table_take(&log->asks, event->id);

	if (!message)
		return;
	message->replied = event->time;
	message->replier = event->actor;
	message->reply_type = event->kind == TRC_REPLY ? event->type : 0;
	message->outcome = event->kind == TRC_TOKEN_DROP     ? TRC__OUTCOME_DROPPED
			   : event->arg == TRC_OUTCOME_ERROR ? TRC__OUTCOME_ERROR
							     : TRC__OUTCOME_REPLIED;
	settle(log, message);
}

void trc__message_log_event(struct trc__message_log *log, const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_SEND:
		on_send(log, event);
		break;
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_DISCARD:
		on_message(log, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		on_token(log, event);
		break;
	}
}

static int compare(const void *a, const void *b)
{
	const struct trc__export_message *x = *(struct trc__export_message *const *)a;
	const struct trc__export_message *y = *(struct trc__export_message *const *)b;

	if (x->sent != y->sent)
		return x->sent < y->sent ? -1 : 1;
	return (x->id > y->id) - (x->id < y->id);
}

void trc__message_log_end(struct trc__message_log *log)
{
	struct trc__export_message **left = trc_zalloc(log->messages.count + 1, sizeof *left);
	struct trc__export_message *message;
	size_t count = 0, place = 0;

	while ((message = trc_table_next(&log->messages, &place)))
		left[count++] = message;
	qsort(left, count, sizeof *left, compare);
	for (size_t i = 0; i < count; i++)
		log->visit(left[i], log->context);
	free(left);
}
