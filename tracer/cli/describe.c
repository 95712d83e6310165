#include "tracer/cli/describe.h"

#include "tracer/cli/print.h"
#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void trc_about_init(struct trc_about *about, const struct trc_model *model,
		    const struct trc_event *event)
{
	*about = (struct trc_about){.event = event, .model = model};
	switch (event->kind) {
	case TRC_SEND:
	case TRC_REFUSED:
	case TRC_SENDING:
		about->type = event->type;
		about->peer = event->peer;
		break;
	case TRC_STATE:
		about->type = event->type;
		break;
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_DISCARD:
	case TRC_TOLD:
	case TRC_TOKEN_KEEP:
		about->message = trc_model_message(model, event->id);
		if (about->message) {
			about->type = about->message->type;
			about->peer = about->message->sender;
		}
		if (event->kind == TRC_TOLD)
			about->peer = event->peer;
		break;
	case TRC_REPLY:
		about->type = event->type;
		about->token = trc_model_token(model, event->id);
		about->peer = event->peer;
		break;
	case TRC_TOKEN_MOVE:
	case TRC_TOKEN_DROP:
	case TRC_WAIT:
		about->token = trc_model_token(model, event->id);
		about->peer = event->peer;
		break;
	case TRC_SPAWN:
	case TRC_HANDLE_CLONE:
	case TRC_HANDLE_DROP:
	case TRC_HANDLE_MOVE:
	case TRC_UNSEEN:
	case TRC_GRANT:
		about->peer = event->id;
		break;
	}
}

/* Bytes of the first `columns` characters. */
static size_t cut_length(const char *text, size_t columns)
{
	const char *at = text;

	for (; *at; at++)
		if (((unsigned char)*at & 0xc0) != 0x80 && columns-- == 0)
			break;
	return (size_t)(at - text);
}

unsigned trc_columns(const char *text)
{
	unsigned columns = 0;

	for (; *text; text++)
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	return columns < TRC_COLUMNS_MAX ? columns : TRC_COLUMNS_MAX;
}

void trc_print_column(const char *text, unsigned columns)
{
	size_t length = cut_length(text, TRC_COLUMNS_MAX);
	unsigned used = trc_columns(text);

	if (text[length])
		printf("%.*s...", (int)cut_length(text, TRC_COLUMNS_MAX - 3), text);
	else
		fputs(text, stdout);
	for (; used < columns; used++)
		putchar(' ');
}

/* --- texts --------------------------------------------------------------------------------------
 */

static char *escaped(const uint8_t *bytes, size_t size)
{
	struct trc_text text = {0};

	trc_text_add(&text, "%s", "");
	for (size_t i = 0; i < size;) {
		size_t length = trc_printable(bytes + i, size - i);

		if (bytes[i] == '\n')
			trc_text_add(&text, "\\n");
		else if (length == 0)
			trc_text_add(&text, "\\x%02x", bytes[i]);
		else
			trc_text_add(&text, "%.*s", (int)length, (const char *)bytes + i);
		i += length ? length : 1;
	}
	return text.data;
}

typedef size_t render(const uint8_t *definition, size_t definition_size, const uint8_t *payload,
		      size_t payload_size, bool cut, char *text, size_t size);

static char *rendered(const struct trc_about *about, render *how)
{
	size_t definition_size = 0, size, length;
	const uint8_t *payload, *definition;
	bool cut;
	char *text;

	definition = trc_model_type_definition(about->model, about->type, &definition_size);
	payload = about->message ? about->message->payload : about->event->payload;
	size = about->message ? about->message->payload_size : about->event->payload_size;
	cut = about->message ? about->message->cut : about->event->flags & TRC_F_CUT;
	length = how(definition, definition_size, payload, size, cut, NULL, 0);
	text = trc_alloc(length + 1);
	how(definition, definition_size, payload, size, cut, text, length + 1);
	return text;
}

/* The message as text, no longer than wanted. */
static char *payload_text(const struct trc_about *about)
{
	char *text = rendered(about, trc_payload_text);
	size_t length = cut_length(text, about->columns ? about->columns : SIZE_MAX);

	if (text[length]) {
		char *whole = text;

		text = trc_format("%.*s...", (int)length, whole);
		free(whole);
	}
	return text;
}

static const char *refusal_name(uint64_t refusal)
{
	switch (refusal) {
	case TRC_REFUSED_FULL:
		return "its mailbox is full";
	case TRC_REFUSED_ENDED:
		return "it has ended";
	case TRC_REFUSED_DEADLINE:
		return "the deadline passed";
	case TRC_REFUSED_CANCELLED:
		return "the sender is being stopped";
	default:
		return "refused";
	}
}

static const char *end_name(unsigned reason)
{
	switch (reason) {
	case TRC_END_STOPPED:
		return "stopped";
	case TRC_END_UNREACHABLE:
		return "nobody had a handle to it any more";
	case TRC_END_FAILED:
		return "its start failed";
	case TRC_END_SHUTDOWN:
		return "the system stopped";
	default:
		return "";
	}
}

static const char *wake_name(unsigned wake)
{
	switch (wake) {
	case TRC_WAKE_MET:
		return "met";
	case TRC_WAKE_DEADLINE:
		return "the deadline passed";
	case TRC_WAKE_CANCELLED:
		return "cancelled";
	default:
		return "?";
	}
}

static void add_target(struct trc_text *text, const struct trc_about *about,
		       const struct trc_target *target)
{
	char *peer = trc_model_actor_title(about->model, target->peer);
	const char *what = trc_what_name((unsigned)target->what);

	switch (target->what) {
	case TRC_WHAT_REPLY:
		trc_text_add(text, "the reply of %s", peer);
		break;
	case TRC_WHAT_SPACE:
		trc_text_add(text, "space in the mailbox of %s", peer);
		break;
	case TRC_WHAT_END:
		trc_text_add(text, "the end of %s", peer);
		break;
	default:
		trc_text_add(text, "%s", what ? what : "?");
		break;
	}
	free(peer);
}

static char *wait_text(const struct trc_about *about)
{
	const struct trc_event *event = about->event;
	size_t further = event->payload_size / sizeof(struct trc_target);
	struct trc_text text = {0};
	char time[TRC_NUMBER_SIZE];

	trc_text_add(&text, "for ");
	add_target(&text, about, &(struct trc_target){event->type, event->id, event->peer});
	for (size_t i = 0; i < further; i++) {
		struct trc_target target;

		memcpy(&target, event->payload + i * sizeof target, sizeof target);
		trc_text_add(&text, event->flags & TRC_F_ANY ? " or " : " and ");
		add_target(&text, about, &target);
	}
	if (event->arg)
		trc_text_add(&text, ", until %s", trc_format_time(event->arg, time));
	return text.data;
}

static char *wake_text(const struct trc_about *about)
{
	const struct trc_actor *actor = trc_model_actor(about->model, about->event->actor);
	char time[TRC_NUMBER_SIZE];
	uint64_t since;

	if (!actor || actor->wait.target_count == 0)
		return trc_strdup(wake_name(about->event->type));
	since = actor->wait.since < about->event->time ? actor->wait.since : about->event->time;
	return trc_format("%s, after %s", wake_name(about->event->type),
			  trc_format_duration(about->event->time - since, time));
}

char *trc_spawned_name(const struct trc_about *about)
{
	const struct trc_event *event = about->event;

	if (event->payload_size > 0)
		return escaped(event->payload, event->payload_size);
	return trc_format("%s-%" PRIu64, trc_model_kind_name(about->model, (uint32_t)event->peer),
			  event->id);
}

static char *spawn_text(const struct trc_about *about)
{
	const struct trc_event *event = about->event;
	char *name = trc_spawned_name(about);
	char *title =
		trc_actor_title(trc_model_kind_name(about->model, (uint32_t)event->peer), name);
	char *text = trc_format("%s, mailbox of %" PRIu64 "%s", title, event->arg,
				event->flags & TRC_F_SOURCE ? ", woken from outside" : "");

	free(title);
	free(name);
	return text;
}

static char *message_text(const struct trc_about *about, const char *between)
{
	char *payload = payload_text(about);
	char *peer = trc_model_actor_title(about->model, about->peer);
	const struct trc_event *event = about->event;
	bool asks = event->kind == TRC_SEND ? event->arg : about->message && about->message->token;
	char *text = trc_format("%s %s %s%s%s%s", payload, between, peer, asks ? ", asking" : "",
				event->flags & TRC_F_TIMER ? ", by a timer" : "",
				event->flags & TRC_F_LATE ? ", who waits no longer" : "");

	free(payload);
	free(peer);
	return text;
}

static char *peer_text(const struct trc_about *about, const char *before, const char *after)
{
	char *peer = trc_model_actor_title(about->model, about->peer);
	char *text = trc_format("%s%s%s", before, peer, after);

	free(peer);
	return text;
}

static bool is_in_unseen(const struct trc_about *about)
{
	const struct trc_actor *actor = trc_model_actor(about->model, about->event->actor);

	return actor && actor->in_unseen;
}

char *trc_describe(const struct trc_about *about)
{
	const struct trc_event *event = about->event;
	char *text, *peer;

	switch (event->kind) {
	case TRC_SPAWN:
		return spawn_text(about);
	case TRC_END:
		return trc_strdup(end_name(event->type));
	case TRC_SEND:
	case TRC_SENDING:
		return message_text(about, "to");
	case TRC_REFUSED:
		peer = trc_model_actor_title(about->model, about->peer);
		text = trc_format("%s to %s: %s", trc_model_type_name(about->model, event->type),
				  peer, refusal_name(event->arg));
		free(peer);
		return text;
	case TRC_RECEIVE:
	case TRC_DISCARD:
		return about->message ? message_text(about, "from")
				      : trc_strdup(event->id ? "?" : "a message that was left out");
	case TRC_UNSEEN:
		return peer_text(about, "filters leave out messages to ", " from here on");
	case TRC_GRANT:
		return peer_text(about, "gives ", " the space that it waits for");
	case TRC_DONE:
		if (event->id == 0 && is_in_unseen(about))
			return trc_strdup("the message that was left out");
		return trc_strdup(about->message ? trc_model_type_name(about->model, about->type)
				  : event->id    ? "?"
						 : "start");
	case TRC_REPLY:
		if (event->arg == TRC_OUTCOME_ERROR)
			return peer_text(about, "an error to ", "");
		return message_text(about, "to");
	case TRC_TOKEN_DROP:
		return peer_text(about, "leaves ", " without a reply");
	case TRC_TOKEN_MOVE:
		return peer_text(about, "a reply that is owed, to ", "");
	case TRC_TOKEN_KEEP:
		return peer_text(about, "the reply to ", " is left for later");
	case TRC_TOLD:
		return peer_text(about, "of the end of ", "");
	case TRC_WAIT:
		return wait_text(about);
	case TRC_WAKE:
		return wake_text(about);
	case TRC_HANDLE_CLONE:
	case TRC_HANDLE_DROP:
	case TRC_HANDLE_MOVE:
		return peer_text(about, "to ", "");
	case TRC_STATE:
		return payload_text(about);
	case TRC_LOG:
		return escaped(event->payload, event->payload_size);
	case TRC_LOST:
		return trc_format("%" PRIu64 " events are missing here", event->id);
	case TRC_DEF_KIND:
	case TRC_DEF_TYPE:
	case TRC_DEF_SITE:
		return escaped(event->payload,
			       event->payload_size
				       ? strnlen((const char *)event->payload, event->payload_size)
				       : 0);
	default:
		return trc_strdup("");
	}
}

/* --- JSON ---------------------------------------------------------------------------------------
 */

static void set_payload(json_t *object, const struct trc_about *about)
{
	char *text = rendered(about, trc_payload_json);
	json_t *payload = json_loads(text, 0, NULL);

	/* A payload that was cut is no whole JSON. */
	trc_json_set(object, "payload", payload ? payload : trc_json_text(text));
	free(text);
}

static void set_targets(json_t *object, const struct trc_event *event)
{
	json_t *targets = json_array();

	for (size_t i = 0; i <= event->payload_size / sizeof(struct trc_target); i++) {
		struct trc_target target = {event->type, event->id, event->peer};
		json_t *item = json_object();
		const char *what;

		if (i > 0)
			memcpy(&target, event->payload + (i - 1) * sizeof target, sizeof target);
		what = trc_what_name((unsigned)target.what);
		trc_json_set_text(item, "what", what ? what : "?");
		trc_json_set_number(item, "object", target.object);
		trc_json_set_number(item, "peer_id", target.peer);
		json_array_append_new(targets, item);
	}
	trc_json_set(object, "waits_for", targets);
	trc_json_set(object, "any", json_boolean(event->flags & TRC_F_ANY));
	trc_json_set_number(object, "deadline_ns", event->arg);
}

static void set_site(json_t *object, const struct trc_about *about)
{
	struct trc_site site = trc_model_site(about->model, about->event->site);

	if (site.line == 0)
		return;
	trc_json_set_text(object, "file", site.file);
	trc_json_set_number(object, "line", site.line);
	trc_json_set_text(object, "function", site.function);
}

static void set_details(json_t *object, const struct trc_about *about)
{
	const struct trc_event *event = about->event;

	switch (event->kind) {
	case TRC_SEND:
		trc_json_set_number(object, "message", event->id);
		trc_json_set_number(object, "token", event->arg);
		set_payload(object, about);
		break;
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_DISCARD:
		trc_json_set_number(object, "message", event->id);
		if (about->message)
			set_payload(object, about);
		break;
	case TRC_REPLY:
		trc_json_set_number(object, "token", event->id);
		trc_json_set_text(object, "outcome",
				  event->arg == TRC_OUTCOME_ERROR ? "error" : "ok");
		set_payload(object, about);
		break;
	case TRC_STATE:
	case TRC_SENDING:
		set_payload(object, about);
		break;
	case TRC_TOKEN_DROP:
	case TRC_TOKEN_MOVE:
		trc_json_set_number(object, "token", event->id);
		break;
	case TRC_REFUSED:
		trc_json_set_text(object, "reason", refusal_name(event->arg));
		break;
	case TRC_WAIT:
		set_targets(object, event);
		break;
	case TRC_WAKE:
		trc_json_set_text(object, "wake", wake_name(event->type));
		break;
	case TRC_END:
		trc_json_set_text(object, "reason", end_name(event->type));
		break;
	}
}

json_t *trc_describe_json(const struct trc_about *about)
{
	const struct trc_event *event = about->event;
	json_t *object = json_object();
	const char *kind = trc_kind_name(event->kind);
	char *text = trc_describe(about);

	trc_json_set_number(object, "time_ns", event->time);
	trc_json_set_text(object, "event", kind ? kind : "?");
	trc_json_set_text(object, "actor", trc_model_actor_name(about->model, event->actor));
	trc_json_set_number(object, "actor_id", event->actor);
	if (about->peer) {
		trc_json_set_text(object, "peer", trc_model_actor_name(about->model, about->peer));
		trc_json_set_number(object, "peer_id", about->peer);
	}
	if (event->kind == TRC_SPAWN) { /* not in the model yet */
		char *name = trc_spawned_name(about);

		trc_json_set_text(object, "peer", name);
		free(name);
	}
	if (about->type)
		trc_json_set_text(object, "type", trc_model_type_name(about->model, about->type));
	set_details(object, about);
	set_site(object, about);
	trc_json_set_text(object, "text", text);
	free(text);
	return object;
}
