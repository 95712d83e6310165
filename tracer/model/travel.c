/*
 * travel.c - how handles and reply tokens get from one actor to another
 *
 * A token is held by an actor; while it travels, by the owner of the mailbox its message lies in.
 * What is moved into a message (HANDLE_MOVE, TOKEN_MOVE) before the message is sent waits in a
 * parcel and still counts for the sender: a send that fails leaves it there.
 *
 * Tokens live until they are closed and nobody will ask about them again: a reply may overtake its
 * asker's WAIT, and the asker of several may wait for space between two asks, so a closed token is
 * kept until its asker woke from a wait for it, or ended the handler it asked in.
 */
#include "tracer/model/memory.h"
#include "tracer/model/state.h"

#include <stdlib.h>

/* --- handles -----------------------------------------------------------------------------------
 */

struct trc__actor *trc__holder(struct trc_model *model, uint64_t actor)
{
	return actor ? trc__actor_or_new(model, actor) : &model->outside;
}

void trc__count_handles(struct trc_model *model, uint64_t target, int64_t change)
{
	struct trc__actor *actor = trc__actor(model, target);
	int64_t count;

	if (!actor)
		return;
	count = actor->public.handle_count + change;
	actor->public.handle_count = count < 0            ? 0
				     : count > UINT32_MAX ? UINT32_MAX
							  : (uint32_t)count;
}

void trc__deliver(struct trc__actor *receiver, struct trc_holding *holdings, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		trc__holding_add(receiver, holdings[i].target, holdings[i].count);
}

void trc__drop_handles(struct trc_model *model, const struct trc_holding *holdings, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		trc__count_handles(model, holdings[i].target, -(int64_t)holdings[i].count);
}

void trc__drop_handle(struct trc_model *model, struct trc__actor *holder, uint64_t target)
{
	if (!trc__holding_remove(holder, target)) {
		/* Perhaps it was packed for a send that failed. */
		trc__unpack(model, holder);
		if (!trc__holding_remove(holder, target)) {
			model->anomalies++;
			return;
		}
	}
	trc__count_handles(model, target, -1);
}

/* --- parcels -----------------------------------------------------------------------------------
 */

static struct trc__parcel *parcel_for(struct trc_model *model, struct trc__actor *owner,
				      uint64_t message)
{
	struct trc__parcel *parcel = trc_table_find(&model->parcels, message);

	if (parcel)
		return parcel;
	parcel = trc_zalloc(1, sizeof *parcel);
	parcel->message = message;
	parcel->owner = owner->public.id;
	trc_table_put(&model->parcels, message, parcel);
	return parcel;
}

/* The message was never sent: what was packed for it is its owner's again. */
void trc__unpack(struct trc_model *model, struct trc__actor *owner)
{
	struct trc__parcel *parcel = trc_table_take(&model->parcels, owner->parcel);

	owner->parcel = 0;
	if (!parcel)
		return;
	trc__deliver(owner, parcel->holdings, parcel->holding_count);
	for (unsigned i = 0; i < parcel->token_count; i++) {
		struct trc__token *token = trc_table_find(&model->tokens, parcel->tokens[i]);

		if (token)
			token->public.in_message = 0;
	}
	trc__parcel_free(parcel);
}

/* Into a message, or (arg 0: with a spawn or a reply) to its new holder at once. */
void trc__move_handle(struct trc_model *model, struct trc__actor *owner,
		      const struct trc_event *event)
{
	uint64_t target = event->id, message = event->arg;
	struct trc__parcel *parcel;

	if (target == 0) {
		model->anomalies++;
		return;
	}
	if (!trc__holding_remove(owner, target)) {
		model->anomalies++;
		trc__count_handles(model, target, 1);
	}
	if (message == 0) {
		trc__holding_add(trc__holder(model, event->peer), target, 1);
		return;
	}
	parcel = parcel_for(model, owner, message);
	parcel->holdings = trc_grow(parcel->holdings, &parcel->holding_room,
				    parcel->holding_count + 1, sizeof *parcel->holdings);
	parcel->holdings[parcel->holding_count++] = (struct trc_holding){target, 1};
	if (owner->public.id != 0)
		owner->parcel = message;
}

void trc__move_token(struct trc_model *model, struct trc__actor *owner,
		     const struct trc_event *event)
{
	struct trc__token *token = trc_table_find(&model->tokens, event->id);
	uint64_t message = event->arg;
	struct trc__parcel *parcel;

	if (!token) {
		model->anomalies++;
		return;
	}
	if (token->public.holder != owner->public.id) {
		model->anomalies++;
		token->public.holder = owner->public.id;
		token->public.held_since = model->time;
	}
	token->public.in_message = message;
	if (message == 0) {
		token->public.holder = event->peer;
		token->public.held_since = model->time;
		return;
	}
	parcel = parcel_for(model, owner, message);
	parcel->tokens = trc_grow(parcel->tokens, &parcel->token_room, parcel->token_count + 1,
				  sizeof *parcel->tokens);
	parcel->tokens[parcel->token_count++] = event->id;
	if (owner->public.id != 0)
		owner->parcel = message;
}

/* --- tokens ------------------------------------------------------------------------------------
 */

void trc__forget_token(struct trc_model *model, struct trc__token *token)
{
	struct trc__actor *asker = trc__actor(model, token->public.asker);

	if (token->previous)
		token->previous->next = token->next;
	else if (asker && asker->closed == token)
		asker->closed = token->next;
	if (token->next)
		token->next->previous = token->previous;
	trc_table_take(&model->tokens, token->public.id);
	free(token);
}

void trc__forget_closed(struct trc_model *model, struct trc__actor *asker)
{
	while (asker->closed)
		trc__forget_token(model, asker->closed);
}

void trc__keep_closed(struct trc_model *model, struct trc__token *token)
{
	struct trc__actor *asker = trc__actor(model, token->public.asker);

	if (!asker)
		return;
	token->next = asker->closed;
	if (token->next)
		token->next->previous = token;
	asker->closed = token;
}

void trc__close_token(struct trc_model *model, const struct trc_event *event,
		      enum trc_token_state state)
{
	struct trc__token *token = trc_table_find(&model->tokens, event->id);
	struct trc__actor *asker;

	if (!token || token->public.state != TRC_TOKEN_OPEN) {
		model->anomalies++;
		return;
	}
	token->public.state = state;
	token->public.closer = event->actor;
	token->public.closed = model->time;
	token->public.close_site = event->site;
	asker = trc__actor(model, token->public.asker);
	if (!asker || asker->public.state == TRC_ENDED || (event->flags & TRC_F_LATE)) {
		trc__forget_token(model, token);
		return;
	}
	trc__keep_closed(model, token);
}

void trc__bear_token(struct trc_model *model, const struct trc_event *send)
{
	struct trc__token *token;

	if (trc_table_find(&model->tokens, send->arg)) {
		model->anomalies++;
		return;
	}
	token = trc_zalloc(1, sizeof *token);
	token->public.id = send->arg;
	token->public.asker = send->actor;
	token->public.message = send->id;
	token->public.asked = model->time;
	token->public.holder = send->peer;
	token->public.held_since = model->time;
	token->public.in_message = send->id;
	trc_table_put(&model->tokens, send->arg, token);
}

void trc__hand_token(struct trc_model *model, uint64_t id, uint64_t message, uint64_t holder,
		     uint64_t in_message)
{
	struct trc__token *token = trc_table_find(&model->tokens, id);

	if (!token || token->public.in_message != message)
		return;
	token->public.holder = holder;
	token->public.held_since = model->time;
	token->public.in_message = in_message;
}
