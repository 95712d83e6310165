/*
 * snapshot-read.c - the bytes of a snapshot, taken as anybody could have written them
 */
#include "tracer/model/snapshot.h"

#include "tracer/model/memory.h"
#include "tracer/model/snapshot-parts.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

struct reader {
	struct trc_model *model;
	struct trc_input *input;
	struct past past;
};

static uint64_t take(struct reader *reader)
{
	return trc_input_take(reader->input);
}

static uint64_t take_up_to(struct reader *reader, uint64_t most)
{
	return trc_input_take_limited(reader->input, most);
}

static uint32_t take_32(struct reader *reader)
{
	return (uint32_t)take_up_to(reader, UINT32_MAX);
}

static uint64_t take_time(struct reader *reader)
{
	return trc_input_take_difference(reader->input, reader->model->time);
}

static uint64_t take_near(struct reader *reader, uint64_t *past)
{
	return *past = trc_input_take_difference(reader->input, *past);
}

static void be_damaged(struct reader *reader)
{
	reader->input->damaged = true;
	reader->input->next = reader->input->end;
}

static bool is_damaged(const struct reader *reader)
{
	return reader->input->damaged;
}

static struct trc_holding *take_holdings(struct reader *reader, unsigned *ret_count)
{
	unsigned count = (unsigned)(trc_input_take_count(reader->input) & UINT32_MAX);
	struct trc_holding *holdings = count ? trc_zalloc(count, sizeof *holdings) : NULL;

	for (unsigned i = 0; i < count; i++) {
		holdings[i].target = take(reader);
		holdings[i].count = take_32(reader);
		if (holdings[i].count == 0)
			be_damaged(reader);
	}
	*ret_count = count;
	return holdings;
}

static uint64_t *take_numbers(struct reader *reader, unsigned *ret_count)
{
	unsigned count = (unsigned)(trc_input_take_count(reader->input) & UINT32_MAX);
	uint64_t *numbers = count ? trc_zalloc(count, sizeof *numbers) : NULL;

	for (unsigned i = 0; i < count; i++)
		numbers[i] = take(reader);
	*ret_count = count;
	return numbers;
}

static void take_holdings_of(struct reader *reader, struct trc__actor *holder)
{
	unsigned count;
	struct trc_holding *holdings = take_holdings(reader, &count);

	for (unsigned i = 0; i < count && !is_damaged(reader); i++)
		trc__holding_add(holder, holdings[i].target, holdings[i].count);
	free(holdings);
}

/* The message, in the model's table; NULL when the bytes are damaged. */
static struct trc__message *take_message(struct reader *reader, uint64_t receiver)
{
	struct trc_message public = {.receiver = receiver};
	struct trc__message *message;
	const uint8_t *payload;

	public.id = take_near(reader, &reader->past.message);
	public.sender = take(reader);
	public.cause = trc_input_take_difference(reader->input, public.id);
	public.token = trc_input_take_difference(reader->input, public.id);
	public.sent = take_time(reader);
	public.space_since = trc_input_take_difference(reader->input, public.sent);
	public.site = take_32(reader);
	public.type = (uint16_t)take_up_to(reader, UINT16_MAX);
	public.flags = (uint8_t)take_up_to(reader, UINT8_MAX);
	public.cut = public.flags & TRC_F_CUT;
	public.payload_size = (uint32_t)take_up_to(reader, TRC_PAYLOAD_MAX);
	payload = trc_input_take_raw(reader->input, public.payload_size);
	if (is_damaged(reader) || public.id == 0 ||
	    trc_table_find(&reader->model->messages, public.id)) {
		be_damaged(reader);
		return NULL;
	}
	message = trc_zalloc(1, sizeof *message + public.payload_size);
	public.payload = (uint8_t *)(message + 1);
	memcpy(message + 1, payload, public.payload_size);
	message->public = public;
	message->public.holdings = take_holdings(reader, &message->public.holding_count);
	message->tokens = take_numbers(reader, &message->token_count);
	trc_table_put(&reader->model->messages, public.id, message);
	return message;
}

static struct trc_message *take_draft(struct reader *reader, const struct trc__actor *actor)
{
	struct trc_message draft = {.sender = actor->public.id};
	struct trc__message *message;
	const uint8_t *payload;

	draft.receiver = take(reader);
	draft.sent = draft.space_since = take_time(reader);
	draft.site = take_32(reader);
	draft.type = (uint16_t)take_up_to(reader, UINT16_MAX);
	draft.flags = (uint8_t)take_up_to(reader, UINT8_MAX);
	draft.cut = draft.flags & TRC_F_CUT;
	draft.cause = actor->public.current ? actor->public.current->id : 0;
	draft.payload_size = (uint32_t)take_up_to(reader, TRC_PAYLOAD_MAX);
	payload = trc_input_take_raw(reader->input, draft.payload_size);
	if (is_damaged(reader))
		return NULL;
	message = trc_zalloc(1, sizeof *message + draft.payload_size);
	draft.payload = (uint8_t *)(message + 1);
	memcpy(message + 1, payload, draft.payload_size);
	message->public = draft;
	return &message->public;
}

static void take_wait(struct reader *reader, struct trc__actor *actor)
{
	struct trc_wait *wait = &actor->public.wait;
	size_t count;

	wait->since = take_time(reader);
	wait->deadline = take(reader);
	wait->message = take(reader);
	wait->site = take_32(reader);
	wait->any = take_up_to(reader, 1);
	count = trc_input_take_count(reader->input);
	if (count == 0 || count > UINT32_MAX) {
		be_damaged(reader);
		return;
	}
	wait->targets = trc_grow(wait->targets, &actor->target_room, count, sizeof *wait->targets);
	wait->target_count = (unsigned)count;
	for (size_t i = 0; i < count; i++) {
		wait->targets[i].what = take(reader);
		wait->targets[i].object = take(reader);
		wait->targets[i].peer = take(reader);
	}
}

static void take_mail(struct reader *reader, struct trc_actor *actor)
{
	size_t count = trc_input_take_count(reader->input);
	struct trc__message *last = NULL;

	if (count > UINT32_MAX)
		be_damaged(reader);
	for (size_t i = 0; i < count && !is_damaged(reader); i++) {
		struct trc__message *message = take_message(reader, actor->id);

		if (!message)
			return;
		message->previous = last;
		if (last)
			last->public.next = &message->public;
		else
			actor->oldest = &message->public;
		last = message;
		actor->youngest = &message->public;
		actor->depth++;
	}
}

static void take_described(struct reader *reader, struct trc__actor *actor)
{
	struct trc_actor *public = &actor->public;
	const uint8_t *bytes;

	public->state_type = (uint16_t)take_up_to(reader, UINT16_MAX);
	public->state_cut = take_up_to(reader, 1);
	public->state_size = (uint32_t)take_up_to(reader, TRC_PAYLOAD_MAX);
	bytes = trc_input_take_raw(reader->input, public->state_size);
	public->state_bytes =
		trc_grow(public->state_bytes, &actor->state_room, public->state_size, 1);
	if (bytes && public->state_size)
		memcpy(public->state_bytes, bytes, public->state_size);
}

static void take_parts(struct reader *reader, struct trc__actor *actor, unsigned flags)
{
	struct trc_actor *public = &actor->public;

	if (flags & HAS_WAIT)
		take_wait(reader, actor);
	if (flags & IS_HANDLING) {
		struct trc__message *message = take_message(reader, public->id);

		if (!message)
			return;
		public->current = &message->public;
		message->public.received = take_time(reader);
		if (message->public.received == 0)
			be_damaged(reader);
	}
	if (flags & HAS_MAIL)
		take_mail(reader, public);
	if (flags & HAS_HOLDINGS)
		take_holdings_of(reader, actor);
	if (flags & HAS_STATE)
		take_described(reader, actor);
	if (flags & IS_SENDING) {
		actor->space_owner = take(reader);
		actor->space_since = take_time(reader);
		actor->parcel = take(reader);
	}
	if (flags & IS_GRANTED)
		actor->granted = take(reader);
	if (flags & HAS_DRAFT)
	public->sending = take_draft(reader, actor);
}

static void take_actor(struct reader *reader)
{
	uint64_t id = take_near(reader, &reader->past.actor);
	unsigned flags = (unsigned)take_up_to(reader, ALL_FLAGS);
	struct trc__actor *actor = trc__actor(reader->model, id);

	if (is_damaged(reader) || id == 0 || (actor && !actor->learned)) {
		be_damaged(reader);
		return;
	}
	actor = trc__actor_or_new(reader->model, id);
	actor->learned = false;
	actor->public.gap = flags & HAS_GAP;
	actor->public.flags = flags & IS_SOURCE ? TRC_F_SOURCE : 0;
	actor->public.unseen = flags & IS_UNSEEN;
	actor->public.grants = flags & HAS_GRANTS;
	actor->public.in_unseen = flags & IN_UNSEEN;
	reader->model->unseen += actor->public.unseen;
	actor->public.state = (enum trc_actor_state)take_up_to(reader, TRC_ENDED);
	actor->public.parent = take(reader);
	actor->public.kind = take_32(reader);
	actor->public.site = take_32(reader);
	actor->public.capacity = take_32(reader);
	actor->public.peak = take_32(reader);
	actor->public.aseq = (uint16_t)take_up_to(reader, UINT16_MAX);
	actor->public.handle_count = take_32(reader);
	actor->public.spawned = take_time(reader);
	actor->public.state_since = take_time(reader);
	actor->public.handler_since = take_time(reader);
	actor->public.ended = 0;
	if (actor->public.state == TRC_ENDED) {
		actor->public.ended = take_time(reader);
		actor->public.end_reason = (unsigned)take_up_to(reader, UINT16_MAX);
	}
	take_parts(reader, actor, flags);
}

static void take_token(struct reader *reader)
{
	struct trc__token *token = trc_zalloc(1, sizeof *token);
	struct trc_token *public = &token->public;

	public->id = take_near(reader, &reader->past.token);
	public->asker = take(reader);
	public->message = trc_input_take_difference(reader->input, public->id);
	public->asked = take_time(reader);
	public->holder = take(reader);
	public->in_message = take(reader);
	public->held_since = take_time(reader);
	public->state = (enum trc_token_state)take_up_to(reader, TRC_TOKEN_DROPPED);
	if (public->state != TRC_TOKEN_OPEN) {
		public->closer = take(reader);
		public->closed = take_time(reader);
		public->close_site = take_32(reader);
	}
	if (is_damaged(reader) || public->id == 0 ||
	    trc_table_find(&reader->model->tokens, public->id)) {
		be_damaged(reader);
		free(token);
		return;
	}
	trc_table_put(&reader->model->tokens, public->id, token);
	if (public->state != TRC_TOKEN_OPEN)
		trc__keep_closed(reader->model, token);
}

static void take_parcel(struct reader *reader)
{
	struct trc__parcel *parcel = trc_zalloc(1, sizeof *parcel);

	parcel->message = take(reader);
	parcel->owner = take(reader);
	parcel->holdings = take_holdings(reader, &parcel->holding_count);
	parcel->holding_room = parcel->holding_count;
	parcel->tokens = take_numbers(reader, &parcel->token_count);
	parcel->token_room = parcel->token_count;
	if (is_damaged(reader) || parcel->message == 0 ||
	    trc_table_find(&reader->model->parcels, parcel->message)) {
		be_damaged(reader);
		trc__parcel_free(parcel);
		return;
	}
	trc_table_put(&reader->model->parcels, parcel->message, parcel);
}

static void take_all(struct reader *reader, void (*take_one)(struct reader *reader))
{
	size_t count = trc_input_take_count(reader->input);

	for (size_t i = 0; i < count && !is_damaged(reader); i++)
		take_one(reader);
}

bool trc_snapshot_decode(struct trc_input *input, struct trc_model *model)
{
	struct reader reader = {model, input, {0}};

	model->time = take(&reader);
	model->events = take(&reader);
	model->anomalies = take(&reader);
	model->lost = take(&reader);
	take_holdings_of(&reader, &model->outside);
	take_all(&reader, take_actor);
	take_all(&reader, take_token);
	take_all(&reader, take_parcel);
	return !input->damaged;
}
