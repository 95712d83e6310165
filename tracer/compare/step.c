#include "tracer/compare/step.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { TYPES = UINT16_MAX + 1 };

/* FNV-1a, mixed: quick for what is mostly a few bytes. */
uint64_t trc__digest(const void *bytes, size_t size)
{
	const uint8_t *next = bytes;
	uint64_t sum = UINT64_C(0xcbf29ce484222325);

	for (size_t i = 0; i < size; i++)
		sum = (sum ^ next[i]) * UINT64_C(0x100000001b3);
	return trc_mix(sum, size);
}

uint64_t trc__name_digest(const void *text, size_t size)
{
	return trc__digest(text, size) | 1;
}

void trc__stepper_init(struct trc__stepper *stepper, enum trc_run run,
		       const struct trc__seats *seats, bool ignore_payload)
{
	*stepper = (struct trc__stepper){.seats = seats,
					 .run = run,
					 .ignore_payload = ignore_payload,
					 .types = trc_zalloc(TYPES, sizeof(uint64_t))};
}

void trc__stepper_clear(struct trc__stepper *stepper)
{
	free(stepper->types);
	stepper->types = NULL;
}

/* --- digests ------------------------------------------------------------------------------------
 */

/* An actor without its like is like no other; of whom nothing is known, nothing can be said. */
static uint64_t role(const struct trc__stepper *stepper, uint64_t actor)
{
	size_t seat = trc__seat_of(stepper->seats, stepper->run, actor);

	if (actor == 0)
		return 0;
	if (seat == 0)
		return UINT64_MAX;
	if (stepper->seats->paired[seat - 1])
		return seat;
	return trc_mix(actor, UINT64_MAX - 1 - stepper->run);
}

static uint64_t type_digest(struct trc__stepper *stepper, const struct trc_model *model,
			    uint16_t type)
{
	const char *name;

	if (type == 0)
		return 0;
	if (stepper->types[type] == 0) {
		size_t size;
		uint64_t digest;

		name = trc_model_type_name(model, type);
		digest = trc__digest(name, strlen(name)) | 1;
		if (!trc_model_type_definition(model, type, &size))
			return digest;
		stepper->types[type] = digest;
	}
	return stepper->types[type];
}

/* Number of bytes of a value at the start of `bytes`; SIZE_MAX: not all of it is there. */
static size_t value_size(char field, const uint8_t *bytes, size_t left)
{
	uint32_t kept;
	size_t size;

	switch (field) {
	case TRC_FIELD_BOOL:
		size = 1;
		break;
	case TRC_FIELD_TEXT:
	case TRC_FIELD_BYTES:
		if (left < 2 * sizeof kept)
			return SIZE_MAX;
		memcpy(&kept, bytes, sizeof kept);
		size = 2 * sizeof kept + (size_t)kept;
		break;
	default:
		size = sizeof(uint64_t);
	}
	return size <= left ? size : SIZE_MAX;
}

static uint64_t number_at(const uint8_t *bytes)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	return number;
}

/* How many bytes were kept is the recording's affair, how many there were is the message's. */
static uint64_t text_digest(const struct trc__stepper *stepper, const uint8_t *bytes, size_t size)
{
	const size_t head = 2 * sizeof(uint32_t);
	uint64_t digest = trc__name_digest(bytes + head, size - head);
	size_t seat =
		(size_t)(uintptr_t)trc_table_find(&stepper->seats->renamed[stepper->run], digest);

	return seat ? seat : trc_mix(digest, trc__digest(bytes + sizeof(uint32_t), head / 2));
}

static uint64_t value_digest(const struct trc__stepper *stepper, char field, const uint8_t *bytes,
			     size_t size)
{
	switch (field) {
	case TRC_FIELD_HANDLE:
		return role(stepper, number_at(bytes));
	case TRC_FIELD_TOKEN:
		return number_at(bytes) != 0;
	case TRC_FIELD_TEXT:
	case TRC_FIELD_BYTES:
		return text_digest(stepper, bytes, size);
	default:
		return trc__digest(bytes, size);
	}
}

static uint64_t payload_digest(struct trc__stepper *stepper, const struct trc_model *model,
			       uint16_t type, const uint8_t *payload, size_t left)
{
	size_t definition_size;
	const uint8_t *definition = trc_model_type_definition(model, type, &definition_size);
	const uint8_t *end = definition ? definition + definition_size : NULL;
	const uint8_t *field;
	uint64_t digest = 1;

	if (stepper->ignore_payload || left == 0)
		return 0;
	field = definition ? memchr(definition, '\0', definition_size) : NULL;
	if (!field)
		return trc__digest(payload, left);
	while (++field < end && *field) {
		size_t size = value_size((char)*field, payload, left);

		if (size == SIZE_MAX)
			return trc_mix(digest, trc__digest(payload, left));
		digest = trc_mix(digest, value_digest(stepper, (char)*field, payload, size));
		payload += size;
		left -= size;
		field = memchr(field, '\0', (size_t)(end - field));
		if (!field)
			break;
	}
	return digest;
}

/* --- steps --------------------------------------------------------------------------------------
 */

static void set_payload(struct trc__stepper *stepper, const struct trc_model *model,
			const uint8_t *payload, size_t size, struct trc__step *step)
{
	stepper->cut += step->step.cut && step->step.kind != TRC_RECEIVE;
	step->digest = payload_digest(stepper, model, step->step.type, payload, size);
}

static bool read_receive(struct trc__stepper *stepper, const struct trc_model *model,
			 const struct trc_event *event, struct trc__step *step)
{
	const struct trc_message *message = trc_model_message(model, event->id);

	step->step.message = event->id;
	if (!message)
		return true; /* its send was lost */
	step->step.peer = message->sender;
	step->step.type = message->type;
	step->step.site = message->site;
	step->step.cut = message->cut;
	step->shape = message->token != 0;
	set_payload(stepper, model, message->payload, message->payload_size, step);
	return true;
}

static bool read_send(struct trc__stepper *stepper, const struct trc_model *model,
		      const struct trc_event *event, struct trc__step *step)
{
	if (event->flags & TRC_F_TIMER)
		return false;
	step->step.message = event->id;
	step->step.peer = event->peer;
	step->shape = event->arg != 0;
	set_payload(stepper, model, event->payload, event->payload_size, step);
	return true;
}

static bool read_own(struct trc__stepper *stepper, const struct trc_model *model,
		     const struct trc_event *event, unsigned choice, struct trc__step *step)
{
	switch (event->kind) {
	case TRC_REPLY:
	case TRC_STATE:
	case TRC_LOG:
		step->step.peer = event->peer;
		step->shape = event->kind == TRC_REPLY ? event->arg : 0;
		if (event->kind == TRC_LOG)
			step->step.type = 0;
		set_payload(stepper, model, event->payload, event->payload_size, step);
		return true;
	case TRC_TOKEN_DROP:
		step->step.peer = event->peer;
		return true;
	case TRC_REFUSED:
		step->step.peer = event->peer;
		step->shape = event->arg;
		return true;
	case TRC_SPAWN:
		step->step.peer = event->id;
		return true;
	case TRC_WAKE:
		step->step.type = 0;
		step->shape = trc_mix(event->type, choice);
		return choice > 0 || event->type != TRC_WAKE_MET;
	case TRC_END:
		step->step.type = 0;
		step->shape = event->type;
		return true;
	default:
		return false;
	}
}

bool trc__step_read(struct trc__stepper *stepper, const struct trc_model *model,
		    const struct trc_event *event, unsigned choice, struct trc__step *ret_step)
{
	bool is_step;

	*ret_step = (struct trc__step){.step = {.event = trc_model_events(model),
						.time = event->time,
						.site = event->site,
						.type = event->type,
						.kind = event->kind,
						.cut = event->flags & TRC_F_CUT}};
	if (event->kind == TRC_RECEIVE)
		is_step = read_receive(stepper, model, event, ret_step);
	else if (event->kind == TRC_SEND)
		is_step = read_send(stepper, model, event, ret_step);
	else
		is_step = read_own(stepper, model, event, choice, ret_step);
	if (!is_step)
		return false;
	ret_step->shape = trc_mix(ret_step->shape, event->kind);
	ret_step->shape = trc_mix(ret_step->shape, role(stepper, ret_step->step.peer));
	ret_step->shape =
		trc_mix(ret_step->shape, type_digest(stepper, model, ret_step->step.type));
	ret_step->digest = trc_mix(ret_step->shape, ret_step->digest);
	return true;
}

/* --- words --------------------------------------------------------------------------------------
 */

static char *payload_text(const struct trc_model *model, uint16_t type, const uint8_t *payload,
			  size_t size, bool cut, size_t text_size)
{
	size_t definition_size = 0, length;
	const uint8_t *definition = trc_model_type_definition(model, type, &definition_size);
	char text[TRC__TEXT_ALL];

	if (!definition)
		return trc_strdup(trc_model_type_name(model, type));
	length = trc_payload_text(definition, definition_size, payload, size, cut, text, text_size);
	if (length >= text_size && text_size <= TRC__TEXT_BRIEF)
		return trc_format("%s{…}", trc_model_type_name(model, type));
	return trc_format("%s%s", text, length >= text_size ? "…" : "");
}

static char *message_text(const struct trc_model *model, const struct trc_event *event,
			  const struct trc__step *step, size_t size)
{
	if (event->kind == TRC_RECEIVE) {
		const struct trc_message *message = trc_model_message(model, event->id);

		if (!message)
			return trc_strdup("a message whose sending was lost");
		return payload_text(model, message->type, message->payload, message->payload_size,
				    message->cut, size);
	}
	if (event->kind == TRC_REFUSED) /* is recorded without its payload */
		return trc_strdup(trc_model_type_name(model, step->step.type));
	return payload_text(model, step->step.type, event->payload, event->payload_size,
			    step->step.cut, size);
}

static const char *refusal(uint64_t reason)
{
	static const char *const words[] = {
		[TRC_REFUSED_FULL] = "the mailbox is full",
		[TRC_REFUSED_ENDED] = "it has ended",
		[TRC_REFUSED_DEADLINE] = "the deadline has passed",
		[TRC_REFUSED_CANCELLED] = "the sender is being stopped",
	};

	return reason < sizeof words / sizeof words[0] && words[reason] ? words[reason]
									: "for a reason unknown";
}

static const char *end_reason(uint16_t reason)
{
	static const char *const words[] = {
		[TRC_END_STOPPED] = "was stopped",
		[TRC_END_UNREACHABLE] = "nobody could reach it any more",
		[TRC_END_FAILED] = "its start failed",
		[TRC_END_SHUTDOWN] = "the system stopped",
	};

	return reason < sizeof words / sizeof words[0] && words[reason] ? words[reason]
									: "for a reason unknown";
}

/* What was logged comes from the program as it is. */
static char *log_text(const struct trc_event *event, size_t most)
{
	struct trc_text text = {0};

	trc_text_add(&text, "logs \"");
	for (size_t i = 0; i < event->payload_size && i < most;) {
		size_t size = trc_printable(event->payload + i, event->payload_size - i);

		if (size > 0)
			trc_text_add(&text, "%.*s", (int)size, (const char *)event->payload + i);
		else
			trc_text_add(&text, "?");
		i += size ? size : 1;
	}
	trc_text_add(&text, event->payload_size > most ? "…\"" : "\"");
	return text.data;
}

static bool is_from_timer(const struct trc_model *model, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(model, event->id);

	return message && message->flags & TRC_F_TIMER;
}

static char *about_message(const struct trc_model *model, const struct trc_event *event,
			   const char *message, const char *peer)
{
	switch (event->kind) {
	case TRC_RECEIVE:
		return trc_format("receives %s from %s", message,
				  is_from_timer(model, event) ? "a timer" : peer);
	case TRC_SEND:
		return trc_format(event->arg ? "asks %s of %s" : "sends %s to %s", message, peer);
	case TRC_REPLY:
		return trc_format("replies %s to %s", message, peer);
	case TRC_REFUSED:
		return trc_format("cannot send %s to %s: %s", message, peer, refusal(event->arg));
	default:
		return trc_format("says of its state: %s", message);
	}
}

char *trc__step_text(const struct trc_model *model, const struct trc_event *event,
		     const struct trc__step *step, size_t size)
{
	char *peer = trc_model_actor_title(model, step->step.peer), *message, *text;

	switch (event->kind) {
	case TRC_TOKEN_DROP:
		text = trc_format("drops the reply token of %s", peer);
		break;
	case TRC_SPAWN:
		text = trc_format("spawns %s", peer);
		break;
	case TRC_WAKE:
		text = trc_strdup(event->type == TRC_WAKE_DEADLINE ? "waits until its deadline"
				  : event->type == TRC_WAKE_MET
					  ? "goes on with another one of what it waits for"
					  : "has its wait cancelled");
		break;
	case TRC_END:
		text = trc_format("ends (%s)", end_reason(event->type));
		break;
	case TRC_LOG:
		text = log_text(event, size);
		break;
	default:
		message = message_text(model, event, step, size);
		text = about_message(model, event, message, peer);
		free(message);
	}
	free(peer);
	return text;
}
