/*
 * OpenTelemetry's OTLP as JSON: what `otlpjsonfile` receivers and HTTP endpoints for traces take.
 *
 * Each ask is a span, from its send to its reply. An ask that was sent while another one was
 * handled is its child, in the same trace. An ask that came about by plain messages is the root of
 * a trace of its own, with a link to the nearest ask that they came from. Span ids are message
 * numbers; trace ids are made of the recording's start and the root's number.
 */
#include "tracer/export/format.h"

#include <inttypes.h>

enum { KIND_CLIENT = 3, STATUS_OK = 1, STATUS_ERROR = 2 };

struct state {
	bool begun; /* a span was written */
};

static void write_id(struct trc_export *export, const char *name, uint64_t id)
{
	fprintf(export->file, ",\"%s\":\"%016" PRIx64 "\"", name, id);
}

static void write_trace_id(struct trc_export *export, uint64_t root)
{
	fprintf(export->file, "\"traceId\":\"%016" PRIx64 "%016" PRIx64 "\"",
		export->options.wall_start, root);
}

static void write_text(struct trc_export *export, const char *before, const char *key,
		       const char *text)
{
	fprintf(export->file, "%s{\"key\":\"%s\",\"value\":{\"stringValue\":", before, key);
	trc__write_json(export->file, text);
	fputs("}}", export->file);
}

static void write_number(struct trc_export *export, const char *key, uint64_t number)
{
	fprintf(export->file, ",{\"key\":\"%s\",\"value\":{\"intValue\":\"%" PRIi64 "\"}}", key,
		(int64_t)number);
}

static void write_moment(struct trc_export *export, const char *before, const char *name,
			 uint64_t time)
{
	fprintf(export->file, "%s{\"timeUnixNano\":\"%" PRIu64 "\",\"name\":\"%s\"}", before,
		export->options.wall_start + time, name);
}

static void write_attributes(struct trc_export *export, const struct trc__export_message *message)
{
	const struct trc_model *model = export->model;
	struct trc_site site = trc_model_site(model, message->site);

	fputs(",\"attributes\":[", export->file);
	write_text(export, "", "actor.asker", trc_model_actor_name(model, message->sender));
	write_text(export, ",", "actor.receiver", trc_model_actor_name(model, message->receiver));
	if (message->replied)
		write_text(export, ",", "actor.replier",
			   trc_model_actor_name(model, message->replier));
	write_text(export, ",", "actor.outcome", trc__outcome_name(message->outcome));
	write_text(export, ",", "message.payload", message->payload);
	if (message->space_since)
		write_number(export, "message.space_wait_ns", message->sent - message->space_since);
	if (site.line) {
		write_text(export, ",", "code.filepath", site.file);
		write_text(export, ",", "code.function", site.function);
		write_number(export, "code.lineno", site.line);
	}
	fputc(']', export->file);
}

static void write_events(struct trc_export *export, const struct trc__export_message *message)
{
	if (!message->received)
		return;
	fputs(",\"events\":[", export->file);
	write_moment(export, "", "received", message->received);
	if (message->done)
		write_moment(export, ",", "handled", message->done);
	fputc(']', export->file);
}

/* From a plain message to the nearest ask that it came from. */
static void write_link(struct trc_export *export, const struct trc__export_message *message)
{
	fputs(",\"links\":[{", export->file);
	write_trace_id(export, message->origin_root);
	write_id(export, "spanId", message->origin);
	fputs(",\"attributes\":[", export->file);
	write_text(export, "", "link.kind", "message");
	write_number(export, "message.id", message->cause);
	fputs("]}]", export->file);
}

static void otlp_message(struct trc_export *export, const struct trc__export_message *message)
{
	struct state *state = export->state;
	uint64_t end = message->replied ? message->replied : export->last;

	if (message->outcome == TRC__OUTCOME_NONE)
		return;
	fputs(state->begun ? ",\n{" : "{", export->file);
	state->begun = true;
	write_trace_id(export, message->root);
	write_id(export, "spanId", message->id);
	if (message->origin && message->root != message->id)
		write_id(export, "parentSpanId", message->origin);
	fputs(",\"name\":", export->file);
	trc__write_json(export->file, trc_model_type_name(export->model, message->type));
	fprintf(export->file,
		",\"kind\":%d,\"startTimeUnixNano\":\"%" PRIu64 "\",\"endTimeUnixNano\":\"%" PRIu64
		"\"",
		KIND_CLIENT, export->options.wall_start + message->sent,
		export->options.wall_start + (end > message->sent ? end : message->sent));
	write_attributes(export, message);
	write_events(export, message);
	if (message->origin && message->root == message->id)
		write_link(export, message);
	if (message->outcome == TRC__OUTCOME_REPLIED)
		fprintf(export->file, ",\"status\":{\"code\":%d}}", STATUS_OK);
	else
		fprintf(export->file, ",\"status\":{\"code\":%d,\"message\":\"%s\"}}", STATUS_ERROR,
			message->outcome == TRC__OUTCOME_OPEN      ? "no reply yet"
			: message->outcome == TRC__OUTCOME_DROPPED ? "left without a reply"
								   : "the reply is an error");
}

static void otlp_begin(struct trc_export *export)
{
	fputs("{\"resourceSpans\":[{\"resource\":{\"attributes\":[", export->file);
	write_text(export, "", "service.name", export->options.program);
	fputs("]},\"scopeSpans\":[{\"scope\":{\"name\":\"actorscope\",\"version\":"
	      "\"" ACTORSCOPE_VERSION "\"},\"spans\":[\n",
	      export->file);
}

static void otlp_end(struct trc_export *export)
{
	fputs("\n]}]}]}\n", export->file);
}

const struct trc_export_format trc__format_otlp = {
	.name = "otlp",
	.description = "asks as spans in OpenTelemetry's JSON (OTLP)",
	.state_size = sizeof(struct state),
	.begin = otlp_begin,
	.message = otlp_message,
	.end = otlp_end,
};
