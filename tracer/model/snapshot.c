/*
 * snapshot.c - the bytes of a snapshot
 *
 * Numbers one after the other (bytes.h), in the order in which the functions below put them; each
 * `put_` has its `take_` behind it. Identities are differences to the one before, times to the
 * model's time, so that what is alike and recent is short. Actors come in order of their spawn,
 * with their mailboxes; tokens and parcels in order of their numbers: the same state gives the same
 * bytes.
 *
 * A reader trusts nothing. Counts are limited by the bytes that are left, numbers that have to be
 * unique are checked to be, and links between things are made anew from identities.
 */
#include "tracer/model/snapshot.h"

#include "tracer/model/memory.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

enum {
	HAS_GAP = 1 << 0,
	IS_SOURCE = 1 << 1,
	HAS_WAIT = 1 << 2,
	IS_HANDLING = 1 << 3, /* a message */
	HAS_MAIL = 1 << 4,
	HAS_HOLDINGS = 1 << 5,
	HAS_STATE = 1 << 6,
	IS_SENDING = 1 << 7, /* waited for space, or packs a parcel */
	ALL_FLAGS = (1 << 8) - 1,
};

struct past {
	uint64_t actor, message, token;
};

/* --- writing ------------------------------------------------------------------------------------
 */

struct writer {
	const struct trc_model *model;
	struct trc_bytes *bytes;
	struct past past;
};

static void put(struct writer *writer, uint64_t number)
{
	trc_bytes_put(writer->bytes, number);
}

static void put_time(struct writer *writer, uint64_t time)
{
	trc_bytes_put_difference(writer->bytes, time, writer->model->time);
}

static void put_near(struct writer *writer, uint64_t number, uint64_t *past)
{
	trc_bytes_put_difference(writer->bytes, number, *past);
	*past = number;
}

static void put_holdings(struct writer *writer, const struct trc_holding *holdings, unsigned count)
{
	put(writer, count);
	for (unsigned i = 0; i < count; i++) {
		put(writer, holdings[i].target);
		put(writer, holdings[i].count);
	}
}

static void put_numbers(struct writer *writer, const uint64_t *numbers, unsigned count)
{
	put(writer, count);
	for (unsigned i = 0; i < count; i++)
		put(writer, numbers[i]);
}

static void put_message(struct writer *writer, const struct trc__message *message)
{
	const struct trc_message *public = &message->public;

	put_near(writer, public->id, &writer->past.message);
	put(writer, public->sender);
	trc_bytes_put_difference(writer->bytes, public->cause, public->id);
	trc_bytes_put_difference(writer->bytes, public->token, public->id);
	put_time(writer, public->sent);
	trc_bytes_put_difference(writer->bytes, public->space_since, public->sent);
	put(writer, public->site);
	put(writer, public->type);
	put(writer, public->flags);
	put(writer, public->payload_size);
	trc_bytes_put_raw(writer->bytes, public->payload, public->payload_size);
	put_holdings(writer, public->holdings, public->holding_count);
	put_numbers(writer, message->tokens, message->token_count);
}

static void put_wait(struct writer *writer, const struct trc_wait *wait)
{
	put_time(writer, wait->since);
	put(writer, wait->deadline);
	put(writer, wait->message);
	put(writer, wait->site);
	put(writer, wait->any);
	put(writer, wait->target_count);
	for (unsigned i = 0; i < wait->target_count; i++) {
		put(writer, wait->targets[i].what);
		put(writer, wait->targets[i].object);
		put(writer, wait->targets[i].peer);
	}
}

static unsigned flags_of(const struct trc__actor *actor)
{
	const struct trc_actor *public = &actor->public;

	return (public->gap ? HAS_GAP : 0) | (public->flags & TRC_F_SOURCE ? IS_SOURCE : 0) |
	       (public->wait.target_count ? HAS_WAIT : 0) | (public->current ? IS_HANDLING : 0) |
	       (public->oldest ? HAS_MAIL : 0) | (public->holding_count ? HAS_HOLDINGS : 0) |
	       (public->state_type ? HAS_STATE : 0) |
	       (actor->space_owner || actor->parcel ? IS_SENDING : 0);
}

static void put_parts(struct writer *writer, const struct trc__actor *actor, unsigned flags)
{
	const struct trc_actor *public = &actor->public;

	if (flags & HAS_WAIT)
		put_wait(writer, &public->wait);
	if (flags & IS_HANDLING) {
		put_message(writer, (const struct trc__message *)public->current);
		put_time(writer, public->current->received);
	}
	if (flags & HAS_MAIL) {
		put(writer, public->depth);
		for (const struct trc_message *m = public->oldest; m; m = m->next)
			put_message(writer, (const struct trc__message *)m);
	}
	if (flags & HAS_HOLDINGS)
		put_holdings(writer, public->holdings, public->holding_count);
	if (flags & HAS_STATE) {
		put(writer, public->state_type);
		put(writer, public->state_cut);
		put(writer, public->state_size);
		trc_bytes_put_raw(writer->bytes, public->state_bytes, public->state_size);
	}
	if (flags & IS_SENDING) {
		put(writer, actor->space_owner);
		put_time(writer, actor->space_since);
		put(writer, actor->parcel);
	}
}

static void put_actor(struct writer *writer, const struct trc__actor *actor)
{
	const struct trc_actor *public = &actor->public;
	unsigned flags = flags_of(actor);

	put_near(writer, public->id, &writer->past.actor);
	put(writer, flags);
	put(writer, public->state);
	put(writer, public->parent);
	put(writer, public->kind);
	put(writer, public->site);
	put(writer, public->capacity);
	put(writer, public->peak);
	put(writer, public->aseq);
	put(writer, public->handle_count);
	put_time(writer, public->spawned);
	put_time(writer, public->state_since);
	put_time(writer, public->handler_since);
	if (public->state == TRC_ENDED) {
		put_time(writer, public->ended);
		put(writer, public->end_reason);
	}
	put_parts(writer, actor, flags);
}

static void put_token(struct writer *writer, const struct trc_token *token)
{
	put_near(writer, token->id, &writer->past.token);
	put(writer, token->asker);
	trc_bytes_put_difference(writer->bytes, token->message, token->id);
	put_time(writer, token->asked);
	put(writer, token->holder);
	put(writer, token->in_message);
	put_time(writer, token->held_since);
	put(writer, token->state);
	if (token->state == TRC_TOKEN_OPEN)
		return;
	put(writer, token->closer);
	put_time(writer, token->closed);
	put(writer, token->close_site);
}

static void put_parcel(struct writer *writer, const struct trc__parcel *parcel)
{
	put(writer, parcel->message);
	put(writer, parcel->owner);
	put_holdings(writer, parcel->holdings, parcel->holding_count);
	put_numbers(writer, parcel->tokens, parcel->token_count);
}

/* Tokens and parcels both begin with their number. */
static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = **(uint64_t *const *)a, y = **(uint64_t *const *)b;

	return (x > y) - (x < y);
}

static void **sorted(const struct trc_table *table)
{
	void **values = trc_alloc((table->count + 1) * sizeof(void *));
	size_t place = 0, count = 0;

	while ((values[count] = trc_table_next(table, &place)))
		count++;
	qsort(values, count, sizeof(void *), compare_numbers);
	return values;
}

static bool is_kept(const struct trc__actor *actor)
{
	return actor->public.state != TRC_ENDED || actor->public.handle_count > 0;
}

void trc_snapshot_encode(const struct trc_model *model, struct trc_bytes *bytes)
{
	struct writer writer = {model, bytes, {0}};
	void **tokens = sorted(&model->tokens), **parcels = sorted(&model->parcels);
	size_t kept = 0;

	put(&writer, model->time);
	put(&writer, model->events);
	put(&writer, model->anomalies);
	put(&writer, model->lost);
	put_holdings(&writer, model->outside.public.holdings, model->outside.public.holding_count);
	for (size_t i = 0; i < model->spawned_count; i++)
		kept += is_kept(model->spawned[i]);
	put(&writer, kept);
	for (size_t i = 0; i < model->spawned_count; i++)
		if (is_kept(model->spawned[i]))
			put_actor(&writer, model->spawned[i]);
	put(&writer, model->tokens.count);
	for (size_t i = 0; i < model->tokens.count; i++)
		put_token(&writer, tokens[i]);
	put(&writer, model->parcels.count);
	for (size_t i = 0; i < model->parcels.count; i++)
		put_parcel(&writer, parcels[i]);
	free(tokens);
	free(parcels);
}

size_t trc_snapshot_weight(const struct trc_model *model)
{
	return model->actors.count + model->messages.count + model->tokens.count +
	       model->parcels.count;
}

/* --- reading ------------------------------------------------------------------------------------
 */

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

/* --- learning -----------------------------------------------------------------------------------
 */

struct trc_model *trc_model_new_like(const struct trc_model *from)
{
	struct trc_model *model = trc_zalloc(1, sizeof *model);

	model->definitions = trc__definitions_share(from->definitions);
	return model;
}

static void learn_actor(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor(model, event->id);
	uint32_t kind = event->peer <= UINT32_MAX ? (uint32_t)event->peer : 0;

	if (event->id == 0 || actor)
		return;
	actor = trc__actor_or_new(model, event->id);
	actor->learned = true;
	actor->public.state = TRC_ENDED;
	actor->public.parent = event->actor;
	actor->public.kind = kind;
	actor->public.capacity = event->arg <= UINT32_MAX ? (uint32_t)event->arg : UINT32_MAX;
	actor->public.site = event->site;
	actor->public.flags = event->flags & TRC_F_SOURCE;
	actor->public.spawned = event->time;
	actor->public.state_since = event->time;
	actor->public.name = trc__define_actor(model->definitions, event->id, kind, event->payload,
					       event->payload_size);
}

void trc_model_learn(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor;
	struct trc__site *site;

	switch (event->kind) {
	case TRC_SPAWN:
		learn_actor(model, event);
		break;
	case TRC_END:
		actor = trc__actor(model, event->actor);
		if (!actor || !actor->learned)
			break;
		actor->public.ended = event->time ? event->time : 1;
		actor->public.state_since = event->time;
		actor->public.end_reason = event->type;
		break;
	case TRC_SEND:
		if ((site = trc__site(model->definitions, event->site)))
			site->sent_type = event->type;
		break;
	default:
		trc__define(model->definitions, event);
		break;
	}
}
