#include "tracer/export/export.h"

#include "tracer/event/payload.h"
#include "tracer/export/format.h"
#include "tracer/model/memory.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static const struct trc_export_format *const formats[] = {
	&trc__format_chrome,  &trc__format_csv,  &trc__format_dot,
	&trc__format_mermaid, &trc__format_otlp, &trc__format_shiviz,
};

size_t trc_export_format_count(void)
{
	return sizeof formats / sizeof formats[0];
}

const struct trc_export_format *trc_export_format_at(size_t number)
{
	return formats[number];
}

const struct trc_export_format *trc_export_format_find(const char *name)
{
	for (size_t i = 0; i < trc_export_format_count(); i++)
		if (strcmp(formats[i]->name, name) == 0)
			return formats[i];
	return NULL;
}

const char *trc_export_format_name(const struct trc_export_format *format)
{
	return format->name;
}

const char *trc_export_format_description(const struct trc_export_format *format)
{
	return format->description;
}

/* --- what is wanted -----------------------------------------------------------------------------
 */

bool trc__export_wants_actor(const struct trc_export *export, uint64_t actor)
{
	return !export->options.actor ||
	       fnmatch(export->options.actor, trc_model_actor_name(export->model, actor), 0) == 0;
}

static bool is_wanted(const struct trc_export *export, const struct trc_event *event, uint64_t peer)
{
	if (event->time < export->options.from || event->time > export->options.to)
		return false;
	return trc__export_wants_actor(export, event->actor) ||
	       (peer && trc__export_wants_actor(export, peer));
}

static void on_message(const struct trc__export_message *message, void *context)
{
	struct trc_export *export = context;

	if (message->sent > export->options.to ||
	    (message->sent < export->options.from && message->received < export->options.from &&
	     message->done < export->options.from && message->replied < export->options.from))
		return;
	if (trc__export_wants_actor(export, message->sender) ||
	    trc__export_wants_actor(export, message->receiver))
		export->format->message(export, message);
}

uint64_t trc__export_peer(const struct trc_export *export, const struct trc_event *event)
{
	const struct trc_message *message;

	switch (event->kind) {
	case TRC_SEND:
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
	case TRC_WAIT:
		return event->peer;
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_DISCARD:
		message = trc_model_message(export->model, event->id);
		return message ? message->sender : 0;
	default:
		return 0;
	}
}

/* --- the stream ---------------------------------------------------------------------------------
 */

struct trc_export *trc_export_new(const struct trc_export_format *format,
				  const struct trc_export_options *options,
				  const struct trc_model *model, FILE *file)
{
	struct trc_export *export = trc_zalloc(1, sizeof *export);

	export->format = format;
	export->options = *options;
	export->model = model;
	export->file = file;
	export->state = trc_zalloc(1, format->state_size + 1);
	if (format->message)
		export->messages = trc__message_log_new(model, on_message, export);
	if (format->begin)
		format->begin(export);
	return export;
}

bool trc_export_before(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_export_format *format = export->format;

	if (format->before &&
	    (format->everything || is_wanted(export, event, trc__export_peer(export, event))))
		format->before(export, event);
	return !export->stopped;
}

void trc_export_after(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_export_format *format = export->format;

	if (export->stopped)
		return;
	if (event->time <= export->options.to && event->time > export->last)
		export->last = event->time;
	if (format->after &&
	    (format->everything || is_wanted(export, event, trc__export_peer(export, event))))
		format->after(export, event);
	if (export->messages)
		trc__message_log_event(export->messages, event);
}

void trc_export_end(struct trc_export *export)
{
	if (export->messages)
		trc__message_log_end(export->messages);
	if (export->format->end)
		export->format->end(export);
}

const char *trc_export_note(const struct trc_export *export)
{
	return export->note;
}

void trc_export_free(struct trc_export *export)
{
	if (!export)
		return;
	if (export->format->clear)
		export->format->clear(export);
	trc__message_log_free(export->messages);
	trc_table_clear(&export->actors);
	free(export->state);
	free(export->note);
	free(export);
}

/* --- in common ----------------------------------------------------------------------------------
 */

uint32_t trc__export_actor(struct trc_export *export, uint64_t actor)
{
	uintptr_t number = (uintptr_t)trc_table_find(&export->actors, actor);

	if (actor == 0 || number)
		return (uint32_t)number;
	trc_table_put(&export->actors, actor, (void *)(uintptr_t)++ export->actor_count);
	return export->actor_count;
}

char *trc__export_payload(const struct trc_model *model, uint16_t type, const uint8_t *payload,
			  size_t size, bool cut, bool json)
{
	size_t definition_size = 0, length;
	const uint8_t *definition = trc_model_type_definition(model, type, &definition_size);
	char *text;

	if (type == 0 && !json)
		return trc_strdup("()");
	length = (json ? trc_payload_json : trc_payload_text)(definition, definition_size, payload,
							      size, cut, NULL, 0);
	text = trc_alloc(length + 1);
	(json ? trc_payload_json : trc_payload_text)(definition, definition_size, payload, size,
						     cut, text, length + 1);
	return text;
}
