#include "tracer/store/event-text.h"

#include "tracer/event/payload.h"

void trc__put_event_text(sqlite3_context *context, const struct trc_event *event)
{
	static const char *const wakes[] = {NULL, "met", "deadline", "cancelled"};
	static const char *const ends[] = {NULL, "stopped", "unreachable", "failed", "shutdown"};
	static const char *const refusals[] = {NULL, "full", "ended", "deadline", "cancelled"};
	const char *text = NULL;

	switch (event->kind) {
	case TRC_LOG:
	case TRC_SPAWN:
		sqlite3_result_text(context, (const char *)event->payload, (int)event->payload_size,
				    SQLITE_TRANSIENT);
		return;
	case TRC_WAIT:
		text = trc_what_name(event->type);
		break;
	case TRC_WAKE:
		text = event->type < 4 ? wakes[event->type] : NULL;
		break;
	case TRC_END:
		text = event->type < 5 ? ends[event->type] : NULL;
		break;
	case TRC_REFUSED:
		text = event->arg < 5 ? refusals[event->arg] : NULL;
		break;
	case TRC_REPLY:
		text = event->arg == TRC_OUTCOME_ERROR ? "error" : "ok";
		break;
	}
	sqlite3_result_text(context, text, -1, SQLITE_STATIC);
}

void trc__put_event_payload(sqlite3_context *context, const struct trc__sql_source *source,
			    const struct trc_event *event)
{
	const struct trc__type_definition *type = &source->types[event->type];
	bool cut = event->flags & TRC_F_CUT;
	size_t length;
	char *text;

	if ((event->kind != TRC_SEND && event->kind != TRC_REPLY) || event->type == 0)
		return;
	length = trc_payload_json(type->bytes, type->size, event->payload, event->payload_size, cut,
				  NULL, 0);
	text = sqlite3_malloc64(length + 1);
	if (!text) {
		sqlite3_result_error_nomem(context);
		return;
	}
	trc_payload_json(type->bytes, type->size, event->payload, event->payload_size, cut, text,
			 length + 1);
	sqlite3_result_text64(context, text, length, sqlite3_free, SQLITE_UTF8);
}
