/*
 * A sequence diagram for Mermaid: messages in the order in which they were sent, replies dashed,
 * notes over their actor. A picture of more than some hundred lines helps nobody: the rest is
 * counted, and the diagram says so.
 */
#include "tracer/export/format.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { MAX_LINES = 200, MAX_ACTORS = 30, MAX_TEXT = 80, MAX_NAME = 40 };

struct state {
	unsigned lines;
	uint64_t left_out;
	uint64_t first_left_out; /* time */
	uint32_t someone;        /* number of an actor that is in the picture */
};

/* Participants stand in the order of their first line. */
static void declare(struct trc_export *export, uint64_t actor)
{
	uint32_t known = export->actor_count;
	uint32_t number = trc__export_actor(export, actor);
	struct state *state = export->state;
	char *title;

	state->someone = number;
	if (number <= known)
		return;
	title = trc_model_actor_title(export->model, actor);
	fprintf(export->file, "  participant a%" PRIu32 " as ", number);
	trc__write_mermaid(export->file, title, MAX_NAME);
	fputc('\n', export->file);
	free(title);
}

static bool is_known(const struct trc_export *export, uint64_t actor)
{
	return actor == 0 || trc_table_find(&export->actors, actor);
}

/* Whether there is room for one more line between these two. */
static bool has_room(struct trc_export *export, const struct trc_event *event, uint64_t peer)
{
	struct state *state = export->state;
	unsigned new_actors = (unsigned)!is_known(export, event->actor) +
			      (unsigned)(peer != event->actor && !is_known(export, peer));

	if (state->lines < MAX_LINES && export->actor_count + new_actors <= MAX_ACTORS) {
		state->lines++;
		return true;
	}
	if (state->left_out++ == 0)
		state->first_left_out = event->time;
	return false;
}

static void write_arrow(struct trc_export *export, const struct trc_event *event, const char *arrow,
			const char *text)
{
	if (!has_room(export, event, event->peer))
		return;
	declare(export, event->actor);
	declare(export, event->peer);
	fprintf(export->file, "  a%" PRIu32 "%sa%" PRIu32 ": ",
		trc__export_actor(export, event->actor), arrow,
		trc__export_actor(export, event->peer));
	trc__write_mermaid(export->file, text, MAX_TEXT);
	fputc('\n', export->file);
}

static void write_note(struct trc_export *export, const struct trc_event *event, const char *text)
{
	if (!has_room(export, event, event->actor))
		return;
	declare(export, event->actor);
	fprintf(export->file, "  Note over a%" PRIu32 ": ",
		trc__export_actor(export, event->actor));
	trc__write_mermaid(export->file, text, MAX_TEXT);
	fputc('\n', export->file);
}

static void mermaid_after(struct trc_export *export, const struct trc_event *event)
{
	const char *what;
	char *text = NULL, *peer;

	switch (event->kind) {
	case TRC_SEND:
	case TRC_REPLY:
		text = trc__export_payload(export->model, event->type, event->payload,
					   event->payload_size, event->flags & TRC_F_CUT, false);
		write_arrow(export, event, event->kind == TRC_SEND ? "->>" : "-->>", text);
		break;
	case TRC_TOKEN_DROP:
		write_arrow(export, event, "--x", "no reply");
		break;
	case TRC_WAIT:
		if (event->type != TRC_WHAT_SPACE && event->type != TRC_WHAT_END)
			break; /* the ask is there already */
		what = trc_what_name(event->type);
		peer = trc_model_actor_title(export->model, event->peer);
		text = trc_format("waits for %s of %s", what, peer);
		write_note(export, event, text);
		free(peer);
		break;
	case TRC_LOG:
		text = trc_format("%.*s", (int)event->payload_size,
				  event->payload ? (const char *)event->payload : "");
		write_note(export, event, text);
		break;
	case TRC_LOST:
		text = trc_format("%" PRIu64 " events are missing here", event->id);
		write_note(export, event, text);
		break;
	}
	free(text);
}

static void mermaid_begin(struct trc_export *export)
{
	fputs("sequenceDiagram\n  participant a0 as outside\n", export->file);
}

static void mermaid_end(struct trc_export *export)
{
	const struct state *state = export->state;

	if (state->left_out == 0)
		return;
	export->note =
		trc_format("%" PRIu64 " lines of the diagram were left out, the first at %" PRIu64
			   ".%09" PRIu64 " s; choose with --from, --to and --actor",
			   state->left_out, state->first_left_out / 1000000000,
			   state->first_left_out % 1000000000);
	fprintf(export->file, "  Note over a%" PRIu32 ": ", state->someone);
	trc__write_mermaid(export->file, export->note, UINT32_MAX);
	fputc('\n', export->file);
}

const struct trc_export_format trc__format_mermaid = {
	.name = "mermaid",
	.description = "sequence diagram for Mermaid, of at most 200 lines and 30 actors",
	.state_size = sizeof(struct state),
	.begin = mermaid_begin,
	.after = mermaid_after,
	.end = mermaid_end,
};
