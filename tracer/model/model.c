#include "tracer/model/state.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct trc_model *trc_model_new(void)
{
	struct trc_model *model = trc_zalloc(1, sizeof *model);

	model->definitions = trc__definitions_new();
	return model;
}

void trc__message_free(struct trc__message *message)
{
	if (!message)
		return;
	free(message->public.holdings);
	free(message->tokens);
	free(message);
}

void trc__parcel_free(struct trc__parcel *parcel)
{
	free(parcel->holdings);
	free(parcel->tokens);
	free(parcel);
}

void trc__forget_sending(struct trc__actor *actor)
{
	trc__message_free((struct trc__message *)actor->public.sending);
	actor->public.sending = NULL;
}

static void actor_free(struct trc__actor *actor)
{
	trc__forget_sending(actor);
	free(actor->public.wait.targets);
	free(actor->public.state_bytes);
	trc__holdings_clear(actor);
	free(actor);
}

static void forget_all(struct trc_model *model)
{
	size_t place;
	void *value;

	place = 0;
	while ((value = trc_table_next(&model->messages, &place)))
		trc__message_free(value);
	place = 0;
	while ((value = trc_table_next(&model->tokens, &place)))
		free(value);
	place = 0;
	while ((value = trc_table_next(&model->parcels, &place)))
		trc__parcel_free(value);
	for (size_t i = 0; i < model->spawned_count; i++)
		actor_free(model->spawned[i]);
	trc__holdings_clear(&model->outside);
	trc_table_clear(&model->messages);
	trc_table_clear(&model->tokens);
	trc_table_clear(&model->parcels);
	trc_table_clear(&model->actors);
	free(model->spawned);
}

void trc_model_free(struct trc_model *model)
{
	if (!model)
		return;
	forget_all(model);
	trc__definitions_drop(model->definitions);
	free(model);
}

void trc_model_reset(struct trc_model *model)
{
	struct trc__definitions *definitions = model->definitions;

	forget_all(model);
	*model = (struct trc_model){.definitions = definitions};
}

/* --- cloning ------------------------------------------------------------------------------------
 */

static struct trc__message *copy_message(const struct trc__message *from)
{
	struct trc__message *message = trc_copy(from, sizeof *from + from->public.payload_size);

	message->public.payload = (uint8_t *)(message + 1);
	message->public.holdings = trc_copy(
		from->public.holdings, from->public.holding_count * sizeof *from->public.holdings);
	message->tokens = trc_copy(from->tokens, from->token_count * sizeof *from->tokens);
	message->public.next = NULL;
	message->previous = NULL;
	return message;
}

static struct trc__message *clone_message(struct trc_model *model, const struct trc__message *from)
{
	struct trc__message *message = copy_message(from);

	trc_table_put(&model->messages, message->public.id, message);
	return message;
}

static void clone_mailbox(struct trc_model *model, struct trc__actor *actor)
{
	const struct trc_message *from = actor->public.oldest;
	struct trc__message *last = NULL;

	for (; from; from = from->next) {
		struct trc__message *message =
			clone_message(model, (const struct trc__message *)from);

		message->previous = last;
		if (last)
			last->public.next = &message->public;
		else
			actor->public.oldest = &message->public;
		last = message;
	}
	actor->public.youngest = last ? &last->public : NULL;
}

static void clone_holdings(struct trc__actor *actor, const struct trc__actor *from)
{
	actor->public.holdings = NULL;
	actor->public.holding_count = 0;
	actor->holding_room = 0;
	actor->holding_index = (struct trc_table){0};
	for (unsigned i = 0; i < from->public.holding_count; i++)
		trc__holding_add(actor, from->public.holdings[i].target,
				 from->public.holdings[i].count);
}

static void clone_actor(struct trc_model *model, const struct trc__actor *from)
{
	struct trc__actor *actor = trc_copy(from, sizeof *from);
	const struct trc_wait *wait = &from->public.wait;

	actor->target_room = wait->target_count;
	actor->public.wait.targets =
		trc_copy(wait->targets, wait->target_count * sizeof *wait->targets);
	actor->state_room = from->public.state_size;
	actor->public.state_bytes = trc_copy(from->public.state_bytes, from->public.state_size);
	clone_holdings(actor, from);
	clone_mailbox(model, actor);
	if (from->public.current)
		actor->public.current =
			&clone_message(model, (const struct trc__message *)from->public.current)
				 ->public;
	if (from->public.sending)
		actor->public.sending =
			&copy_message((const struct trc__message *)from->public.sending)->public;
	actor->closed = NULL;
	trc_table_put(&model->actors, actor->public.id, actor);
	model->spawned[model->spawned_count++] = actor;
}

static void clone_tokens(struct trc_model *model, const struct trc_model *from)
{
	const struct trc__token *token;
	size_t place = 0;

	while ((token = trc_table_next(&from->tokens, &place))) {
		struct trc__token *copy = trc_copy(token, sizeof *token);

		copy->next = copy->previous = NULL;
		if (copy->public.state != TRC_TOKEN_OPEN)
			trc__keep_closed(model, copy);
		trc_table_put(&model->tokens, copy->public.id, copy);
	}
}

static void clone_parcels(struct trc_model *model, const struct trc_model *from)
{
	const struct trc__parcel *parcel;
	size_t place = 0;

	while ((parcel = trc_table_next(&from->parcels, &place))) {
		struct trc__parcel *copy = trc_copy(parcel, sizeof *parcel);

		copy->holding_room = copy->holding_count;
		copy->holdings =
			trc_copy(parcel->holdings, copy->holding_count * sizeof *copy->holdings);
		copy->token_room = copy->token_count;
		copy->tokens = trc_copy(parcel->tokens, copy->token_count * sizeof *copy->tokens);
		trc_table_put(&model->parcels, copy->message, copy);
	}
}

struct trc_model *trc_model_clone(const struct trc_model *from)
{
	struct trc_model *model = trc_zalloc(1, sizeof *model);

	model->definitions = trc__definitions_share(from->definitions);
	model->time = from->time;
	model->events = from->events;
	model->anomalies = from->anomalies;
	model->lost = from->lost;
	model->unseen = from->unseen;
	model->spawned = trc_alloc(from->spawned_count * sizeof(struct trc__actor *));
	model->spawned_room = from->spawned_count;
	clone_holdings(&model->outside, &from->outside);
	for (size_t i = 0; i < from->spawned_count; i++)
		clone_actor(model, from->spawned[i]);
	clone_tokens(model, from);
	clone_parcels(model, from);
	return model;
}

/* --- actors and their handles -------------------------------------------------------------------
 */

struct trc__actor *trc__actor(const struct trc_model *model, uint64_t id)
{
	return trc_table_find(&model->actors, id);
}

struct trc__actor *trc__actor_or_new(struct trc_model *model, uint64_t id)
{
	struct trc__actor *actor = trc__actor(model, id);
	const char *name;

	if (actor || id == 0)
		return actor;
	actor = trc_zalloc(1, sizeof *actor);
	actor->public.id = id;
	name = trc_table_find(&model->definitions->actors, id);
	actor->public.name = name ? name : trc__define_stranger(model->definitions, id);
	actor->public.state = TRC_READY;
	actor->public.state_since = model->time;
	actor->public.spawned = model->time;
	trc_table_put(&model->actors, id, actor);
	model->spawned = trc_grow(model->spawned, &model->spawned_room, model->spawned_count + 1,
				  sizeof(struct trc__actor *));
	model->spawned[model->spawned_count++] = actor;
	return actor;
}

/* With more handles than this, an index finds them. */
enum { HOLDINGS_SCANNED = 16 };

static size_t find_holding(const struct trc__actor *holder, uint64_t target)
{
	const struct trc_actor *public = &holder->public;

	if (holder->holding_index.slots)
		return (size_t)(uintptr_t)trc_table_find(&holder->holding_index, target);
	for (size_t i = 0; i < public->holding_count; i++)
		if (public->holdings[i].target == target)
			return i + 1;
	return 0;
}

static void *index_value(size_t place)
{
	return (void *)(uintptr_t)(place + 1);
}

void trc__holding_add(struct trc__actor *holder, uint64_t target, uint32_t count)
{
	struct trc_actor *public = &holder->public;
	size_t found;

	if (target == 0)
		return;
	found = find_holding(holder, target);
	if (found) {
		if (public->holdings[found - 1].count <= UINT32_MAX - count)
		public->holdings[found - 1].count += count;
		return;
	}
	public->holdings = trc_grow(public->holdings, &holder->holding_room,
				    public->holding_count + 1, sizeof *public->holdings);
	public->holdings[public->holding_count++] = (struct trc_holding){target, count};
	if (holder->holding_index.slots) {
		trc_table_put(&holder->holding_index, target,
			      index_value(public->holding_count - 1));
	} else if (public->holding_count > HOLDINGS_SCANNED) {
		for (size_t i = 0; i < public->holding_count; i++)
			trc_table_put(&holder->holding_index, public->holdings[i].target,
				      index_value(i));
	}
}

bool trc__holding_remove(struct trc__actor *holder, uint64_t target)
{
	struct trc_actor *public = &holder->public;
	size_t found = target ? find_holding(holder, target) : 0;
	size_t last;

	if (!found)
		return false;
	if (--public->holdings[found - 1].count > 0)
		return true;
	last = --public->holding_count;
	if (holder->holding_index.slots)
		trc_table_take(&holder->holding_index, target);
	if (last != found - 1) {
		public->holdings[found - 1] = public->holdings[last];
		if (holder->holding_index.slots)
			trc_table_put(&holder->holding_index, public->holdings[last].target,
				      index_value(found - 1));
	}
	return true;
}

void trc__holdings_clear(struct trc__actor *holder)
{
	free(holder->public.holdings);
	holder->public.holdings = NULL;
	holder->public.holding_count = 0;
	holder->holding_room = 0;
	trc_table_clear(&holder->holding_index);
}
