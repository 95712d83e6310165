/*
 * A log with vector clocks for ShiViz (https://bestchai.bitbucket.io/shiviz/). Its first line is
 * the expression by which ShiViz reads the rest; the second would split the log, and is empty.
 *
 * An actor's clock counts its events. A message, a reply and a spawn take the clock of their
 * writer with them, and it is joined to the reader's. Clocks have a place for each actor, so that
 * their number is limited; events of further actors are left out and counted.
 */
#include "tracer/export/format.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_HOSTS = 256 };

struct clock {
	uint32_t count[MAX_HOSTS];
};

struct state {
	struct clock clocks[MAX_HOSTS];
	char *names[MAX_HOSTS];
	unsigned hosts;
	struct trc_table numbers; /* 1 + host, by actor; the outside has place 0 */
	struct trc_table sent;    /* struct clock of messages under way, by number */
	struct trc_table replied; /* of replies, by token */
	struct trc_table spawned; /* of actors that have not started, by number */
	uint64_t left_out;
};

/* The host of an actor, or -1 when there are too many. */
static int host_of(struct trc_export *export, uint64_t actor)
{
	struct state *state = export->state;
	uintptr_t known = actor ? (uintptr_t)trc_table_find(&state->numbers, actor) : 1;

	if (known)
		return (int)known - 1;
	if (state->hosts == MAX_HOSTS)
		return -1;
	state->names[state->hosts] = trc_strdup(trc_model_actor_name(export->model, actor));
	trc_table_put(&state->numbers, actor, (void *)(uintptr_t)++state->hosts);
	return (int)state->hosts - 1;
}

static void write_host(struct trc_export *export, unsigned host)
{
	const struct state *state = export->state;

	trc__write_word(export->file, state->names[host]);
	if (host > 0) /* names need not be unique */
		fprintf(export->file, "#%u", host);
}

static void write_event(struct trc_export *export, uint64_t actor, const char *text)
{
	struct state *state = export->state;
	int host = host_of(export, actor);
	bool begun = false;

	if (host < 0) {
		state->left_out++;
		return;
	}
	state->clocks[host].count[host]++;
	write_host(export, (unsigned)host);
	fputs(" {", export->file);
	for (unsigned i = 0; i < state->hosts; i++) {
		if (state->clocks[host].count[i] == 0)
			continue;
		fputs(begun ? ", \"" : "\"", export->file);
		write_host(export, i);
		fprintf(export->file, "\":%" PRIu32, state->clocks[host].count[i]);
		begun = true;
	}
	fputs("}\n", export->file);
	trc__write_line(export->file, text);
	fputc('\n', export->file);
}

/* --- what clocks travel with --------------------------------------------------------------------
 */

static void leave(struct trc_export *export, struct trc_table *table, uint64_t key, uint64_t actor)
{
	struct state *state = export->state;
	int host = host_of(export, actor);

	if (host < 0 || key == 0 || trc_table_find(table, key))
		return;
	trc_table_put(table, key, trc_copy(&state->clocks[host], sizeof(struct clock)));
}

static void arrive(struct trc_export *export, struct trc_table *table, uint64_t key, uint64_t actor)
{
	struct state *state = export->state;
	struct clock *clock = trc_table_take(table, key);
	int host = host_of(export, actor);

	for (unsigned i = 0; clock && host >= 0 && i < MAX_HOSTS; i++)
		if (state->clocks[host].count[i] < clock->count[i])
			state->clocks[host].count[i] = clock->count[i];
	free(clock);
}

/* Whether somebody will take the clock of a reply to it: asks from outside have no wake. */
static bool will_wake(const struct trc_export *export, uint64_t asker)
{
	const struct trc_actor *actor = trc_model_actor(export->model, asker);

	return actor && (actor->state == TRC_RUNNING || actor->state == TRC_WAITING);
}

/* --- events -------------------------------------------------------------------------------------
 */

static void on_wake(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(export->model, event->actor);
	struct state *state = export->state;

	for (unsigned i = 0; actor && i < actor->wait.target_count; i++)
		if (actor->wait.targets[i].what == TRC_WHAT_REPLY)
			arrive(export, &state->replied, actor->wait.targets[i].object,
			       event->actor);
	write_event(export, event->actor, "goes on");
}

static void write_payload(struct trc_export *export, const struct trc_event *event,
			  const char *before)
{
	char *payload = trc__export_payload(export->model, event->type, event->payload,
					    event->payload_size, event->flags & TRC_F_CUT, false);
	char *peer = trc_model_actor_title(export->model, event->peer);
	char *text = trc_format("%s %s to %s", before, payload, peer);

	write_event(export, event->actor, text);
	free(text);
	free(peer);
	free(payload);
}

static void on_receive(struct trc_export *export, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(export->model, event->id);
	struct state *state = export->state;
	char *text = trc_format("receives %s",
				message ? trc_model_type_name(export->model, message->type)
					: "a message");

	arrive(export, &state->sent, event->id, event->actor);
	write_event(export, event->actor, text);
	free(text);
}

static void on_wait(struct trc_export *export, const struct trc_event *event)
{
	char *peer = trc_model_actor_title(export->model, event->peer);
	const char *what = trc_what_name(event->type);
	char *text = trc_format("waits for %s%s%s", what ? what : "?", event->peer ? " of " : "",
				event->peer ? peer : "");

	write_event(export, event->actor, text);
	free(text);
	free(peer);
}

static void shiviz_before(struct trc_export *export, const struct trc_event *event)
{
	if (event->kind == TRC_WAKE)
		on_wake(export, event);
}

static void shiviz_after(struct trc_export *export, const struct trc_event *event)
{
	struct state *state = export->state;
	char *text;

	switch (event->kind) {
	case TRC_SPAWN:
		text = trc_format("spawns %s", trc_model_actor_name(export->model, event->id));
		write_event(export, event->actor, text);
		leave(export, &state->spawned, event->id, event->actor);
		free(text);
		break;
	case TRC_START:
		arrive(export, &state->spawned, event->actor, event->actor);
		write_event(export, event->actor, "starts");
		break;
	case TRC_END:
		write_event(export, event->actor, "ends");
		break;
	case TRC_SEND:
		write_payload(export, event, "sends");
		leave(export, &state->sent, event->id, event->actor);
		break;
	case TRC_REPLY:
		write_payload(export, event, "replies");
		if (!(event->flags & TRC_F_LATE) && will_wake(export, event->peer))
			leave(export, &state->replied, event->id, event->actor);
		break;
	case TRC_RECEIVE:
		on_receive(export, event);
		break;
	case TRC_DISCARD:
		free(trc_table_take(&state->sent, event->id));
		break;
	case TRC_WAIT:
		on_wait(export, event);
		break;
	case TRC_LOG:
		text = trc_format("%.*s", (int)event->payload_size,
				  event->payload ? (const char *)event->payload : "");
		write_event(export, event->actor, text);
		free(text);
		break;
	}
}

static void shiviz_begin(struct trc_export *export)
{
	struct state *state = export->state;

	state->names[0] = trc_strdup("outside");
	state->hosts = 1;
	fputs("(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)\n\n", export->file);
}

static void shiviz_end(struct trc_export *export)
{
	const struct state *state = export->state;

	if (state->left_out)
		export->note = trc_format("%" PRIu64 " events were left out: there are more than "
					  "%d actors; choose with --from, --to and --actor",
					  state->left_out, MAX_HOSTS);
}

static void clear(struct trc_table *table)
{
	size_t place = 0;
	void *clock;

	while ((clock = trc_table_next(table, &place)))
		free(clock);
	trc_table_clear(table);
}

static void shiviz_clear(struct trc_export *export)
{
	struct state *state = export->state;

	clear(&state->sent);
	clear(&state->replied);
	clear(&state->spawned);
	trc_table_clear(&state->numbers);
	for (unsigned i = 0; i < state->hosts; i++)
		free(state->names[i]);
}

const struct trc_export_format trc__format_shiviz = {
	.name = "shiviz",
	.description = "log with vector clocks for ShiViz",
	.state_size = sizeof(struct state),
	.begin = shiviz_begin,
	.before = shiviz_before,
	.after = shiviz_after,
	.end = shiviz_end,
	.clear = shiviz_clear,
};
