/*
 * snapshot.c - the bytes of a snapshot
 *
 * Numbers one after the other (bytes.h), in the order in which the functions below put them; each
 * `put_` has its `take_` in snapshot-read.c. Identities are differences to the one before, times to
 * the model's time, so that what is alike and recent is short. Actors come in order of their spawn,
 * with their mailboxes; tokens and parcels in order of their numbers: the same state gives the same
 * bytes.
 *
 * A reader trusts nothing. Counts are limited by the bytes that are left, numbers that have to be
 * unique are checked to be, and links between things are made anew from identities.
 */
#include "tracer/model/snapshot.h"

#include "tracer/model/memory.h"
#include "tracer/model/snapshot-parts.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

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

static void put_draft(struct writer *writer, const struct trc_message *draft)
{
	put(writer, draft->receiver);
	put_time(writer, draft->sent);
	put(writer, draft->site);
	put(writer, draft->type);
	put(writer, draft->flags);
	put(writer, draft->payload_size);
	trc_bytes_put_raw(writer->bytes, draft->payload, draft->payload_size);
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
	       (actor->space_owner || actor->parcel ? IS_SENDING : 0) |
	       (public->unseen ? IS_UNSEEN : 0) | (public->grants ? HAS_GRANTS : 0) |
	       (public->in_unseen ? IN_UNSEEN : 0) | (actor->granted ? IS_GRANTED : 0) |
	       (public->sending ? HAS_DRAFT : 0);
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
	if (flags & IS_GRANTED)
		put(writer, actor->granted);
	if (flags & HAS_DRAFT)
		put_draft(writer, public->sending);
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
