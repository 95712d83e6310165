/*
 * Chrome's trace events as JSON, which https://ui.perfetto.dev and chrome://tracing open.
 *
 * A kind is a process, an actor a thread in it. Handlers and the waits inside them are slices,
 * written as their begin and end, so that nothing has to be kept; messages and replies are flows
 * from slice to slice; notes are instants. Slices that the range cuts are ended at its end.
 */
#include "tracer/export/format.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

struct track {
	uint32_t kind, number;
	bool handles, waits; /* open slices */
};

struct state {
	struct trc_table tracks; /* struct track, by actor */
	struct trc_table kinds;  /* those that were named, by number + 1 */
	struct track outside;
	bool outside_named;
	bool begun; /* an event was written */
};

static void write_head(struct trc_export *export, const char *phase, const struct track *track,
		       uint64_t time)
{
	struct state *state = export->state;

	fprintf(export->file,
		"%s{\"ph\":\"%s\",\"pid\":%" PRIu32 ",\"tid\":%" PRIu32 ",\"ts\":%" PRIu64 ".%03u",
		state->begun ? ",\n" : "", phase, track->kind, track->number, time / 1000,
		(unsigned)(time % 1000));
	state->begun = true;
}

static void write_name(struct trc_export *export, const char *what, const struct track *track,
		       const char *name)
{
	write_head(export, "M", track, 0);
	fprintf(export->file, ",\"name\":\"%s\",\"args\":{\"name\":", what);
	trc__write_json(export->file, name);
	fputs("}}", export->file);
}

static struct track *track_of(struct trc_export *export, uint64_t id)
{
	struct state *state = export->state;
	const struct trc_actor *actor = trc_model_actor(export->model, id);
	struct track *track = id ? trc_table_find(&state->tracks, id) : &state->outside;
	uint64_t kind_key;

	if (track && (id || state->outside_named))
		return track;
	if (!track) {
		track = trc_zalloc(1, sizeof *track);
		track->kind = actor ? actor->kind : 0;
		track->number = trc__export_actor(export, id);
		trc_table_put(&state->tracks, id, track);
	}
	state->outside_named |= id == 0;
	kind_key = UINT64_C(1) + track->kind;
	if (!trc_table_find(&state->kinds, kind_key)) {
		trc_table_put(&state->kinds, kind_key, state);
		write_name(export, "process_name", track,
			   track->kind ? trc_model_kind_name(export->model, track->kind)
				       : "outside");
	}
	write_name(export, "thread_name", track, trc_model_actor_name(export->model, id));
	return track;
}

/* --- slices -------------------------------------------------------------------------------------
 */

static void begin_slice(struct trc_export *export, const struct track *track, uint64_t time,
			const char *category, const char *before, const char *name)
{
	char *text = trc_format("%s%s", before, name);

	write_head(export, "B", track, time);
	fprintf(export->file, ",\"cat\":\"%s\",\"name\":", category);
	trc__write_json(export->file, text);
	free(text);
}

static void write_site(struct trc_export *export, uint32_t number)
{
	struct trc_site site = trc_model_site(export->model, number);

	if (site.line == 0)
		return;
	fputs(",\"file\":", export->file);
	trc__write_json(export->file, site.file);
	fprintf(export->file, ",\"line\":%" PRIu32, site.line);
}

static void end_slices(struct trc_export *export, struct track *track, uint64_t time, bool handler)
{
	if (track->waits) {
		write_head(export, "E", track, time);
		fputc('}', export->file);
		track->waits = false;
	}
	if (handler && track->handles) {
		write_head(export, "E", track, time);
		fputc('}', export->file);
		track->handles = false;
	}
}

/* A flow needs a slice to start from. */
static void begin_moment(struct trc_export *export, const struct track *track, uint64_t time,
			 const char *name)
{
	write_head(export, "X", track, time);
	fputs(",\"dur\":0,\"cat\":\"send\",\"name\":", export->file);
	trc__write_json(export->file, name);
	fputc('}', export->file);
}

/* A flow's two ends are matched by category, id and name. */
static void write_flow(struct trc_export *export, const struct track *track, uint64_t time,
		       bool arrives, const char *category, uint64_t id, const char *name)
{
	write_head(export, arrives ? "f" : "s", track, time);
	fprintf(export->file, "%s,\"cat\":\"%s\",\"id\":\"0x%" PRIx64 "\",\"name\":",
		arrives ? ",\"bp\":\"e\"" : "", category, id);
	trc__write_json(export->file, name);
	fputc('}', export->file);
}

/* --- events -------------------------------------------------------------------------------------
 */

static void on_receive(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(export->model, event->id);
	struct track *track = track_of(export, event->actor);
	char *payload;

	end_slices(export, track, event->time, true);
	begin_slice(export, track, event->time, "handler", "",
		    message ? trc_model_type_name(export->model, message->type) : "?");
	track->handles = true;
	if (message) {
		payload = trc__export_payload(export->model, message->type, message->payload,
					      message->payload_size, message->cut, false);
		fprintf(export->file,
			",\"args\":{\"message\":\"0x%" PRIx64 "\",\"sent_ns\":%" PRIi64
			",\"from\":",
			message->id, (int64_t)message->sent);
		trc__write_json(export->file, trc_model_actor_name(export->model, message->sender));
		fputs(",\"payload\":", export->file);
		trc__write_json(export->file, payload);
		write_site(export, message->site);
		fputc('}', export->file);
		free(payload);
	}
	fputc('}', export->file);
	if (message && message->sent >= export->options.from)
		write_flow(export, track, event->time, true, "message", message->id,
			   trc_model_type_name(export->model, message->type));
}

static void on_send(struct trc_export *export, const struct trc_event *event)
{
	const struct track *track = track_of(export, event->actor);

	if (!track->handles)
		begin_moment(export, track, event->time,
			     trc_model_type_name(export->model, event->type));
	write_flow(export, track, event->time, false, "message", event->id,
		   trc_model_type_name(export->model, event->type));
}

static void on_reply(struct trc_export *export, const struct trc_event *event)
{
	const struct track *track = track_of(export, event->actor);

	if (!track->handles)
		begin_moment(export, track, event->time, "reply");
	write_flow(export, track, event->time, false, "reply", event->id, "reply");
}

static void on_wait(struct trc_export *export, const struct trc_event *event)
{
	struct track *track = track_of(export, event->actor);
	const char *what = trc_what_name(event->type);
	char *peer = trc_model_actor_title(export->model, event->peer);
	char *name = trc_format("%s%s%s", what ? what : "?", event->peer ? " of " : "",
				event->peer ? peer : "");

	end_slices(export, track, event->time, false);
	begin_slice(export, track, event->time, "wait", "waits for ", name);
	track->waits = true;
	fprintf(export->file, ",\"args\":{\"deadline_ns\":%" PRIi64, (int64_t)event->arg);
	write_site(export, event->site);
	fputs("}}", export->file);
	free(name);
	free(peer);
}

/* The reply that ends a wait arrives when its actor runs again. */
static void on_wake(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(export->model, event->actor);
	struct track *track = track_of(export, event->actor);

	for (unsigned i = 0; actor && i < actor->wait.target_count; i++) {
		const struct trc_target *target = &actor->wait.targets[i];
		const struct trc_token *token =
			target->what == TRC_WHAT_REPLY
				? trc_model_token(export->model, target->object)
				: NULL;

		if (token && token->state == TRC_TOKEN_REPLIED &&
		    token->closed >= export->options.from)
			write_flow(export, track, event->time, true, "reply", token->id, "reply");
	}
	end_slices(export, track, event->time, false);
}

static void on_note(struct trc_export *export, const struct trc_event *event, const char *text)
{
	write_head(export, "i", track_of(export, event->actor), event->time);
	fprintf(export->file,
		",\"s\":\"%s\",\"cat\":\"%s\",\"name\":", event->kind == TRC_LOST ? "g" : "t",
		trc_kind_name(event->kind));
	trc__write_json(export->file, text);
	fputc('}', export->file);
}

static void chrome_before(struct trc_export *export, const struct trc_event *event)
{
	if (event->kind == TRC_WAKE)
		on_wake(export, event);
}

static void chrome_after(struct trc_export *export, const struct trc_event *event)
{
	struct track *track;
	char *text;

	switch (event->kind) {
	case TRC_START:
		track = track_of(export, event->actor);
		end_slices(export, track, event->time, true);
		begin_slice(export, track, event->time, "handler", "", "start");
		fputc('}', export->file);
		track->handles = true;
		break;
	case TRC_RECEIVE:
		on_receive(export, event);
		break;
	case TRC_DONE:
	case TRC_END:
		end_slices(export, track_of(export, event->actor), event->time, true);
		break;
	case TRC_SEND:
		on_send(export, event);
		break;
	case TRC_REPLY:
		on_reply(export, event);
		break;
	case TRC_WAIT:
		on_wait(export, event);
		break;
	case TRC_LOG:
		text = trc_format("%.*s", (int)event->payload_size,
				  event->payload ? (const char *)event->payload : "");
		on_note(export, event, text);
		free(text);
		break;
	case TRC_LOST:
		text = trc_format("%" PRIu64 " events are missing here", event->id);
		on_note(export, event, text);
		free(text);
		break;
	}
}

static void chrome_begin(struct trc_export *export)
{
	fprintf(export->file,
		"{\"displayTimeUnit\":\"ns\",\"otherData\":{\"wall_start_ns\":\"%" PRIu64
		"\",\"program\":",
		export->options.wall_start);
	trc__write_json(export->file, export->options.program);
	fputs("},\"traceEvents\":[\n", export->file);
}

static int compare_tracks(const void *a, const void *b)
{
	const struct track *x = *(struct track *const *)a, *y = *(struct track *const *)b;

	return (x->number > y->number) - (x->number < y->number);
}

static void chrome_end(struct trc_export *export)
{
	struct state *state = export->state;
	struct track **tracks = trc_zalloc(state->tracks.count + 1, sizeof *tracks);
	size_t count = 0, place = 0;
	struct track *track;

	while ((track = trc_table_next(&state->tracks, &place)))
		tracks[count++] = track;
	qsort(tracks, count, sizeof *tracks, compare_tracks);
	for (size_t i = 0; i < count; i++)
		end_slices(export, tracks[i], export->last, true);
	free(tracks);
	fputs("\n]}\n", export->file);
}

static void chrome_clear(struct trc_export *export)
{
	struct state *state = export->state;
	struct track *track;
	size_t place = 0;

	while ((track = trc_table_next(&state->tracks, &place)))
		free(track);
	trc_table_clear(&state->tracks);
	trc_table_clear(&state->kinds);
}

const struct trc_export_format trc__format_chrome = {
	.name = "chrome",
	.description = "timeline as JSON, for ui.perfetto.dev and chrome://tracing",
	.state_size = sizeof(struct state),
	.begin = chrome_begin,
	.before = chrome_before,
	.after = chrome_after,
	.end = chrome_end,
	.clear = chrome_clear,
};
