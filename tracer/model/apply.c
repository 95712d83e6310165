/*
 * apply.c - what each event does to the model
 *
 * A message is in one mailbox or being handled by one actor, or gone; it lives until DONE. How
 * handles and tokens travel is in travel.c.
 *
 * What the events say wins over what the model thought. A contradiction is counted and never more.
 */
#include "tracer/model/memory.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

static void set_state(struct trc_model *model, struct trc__actor *actor, enum trc_actor_state state)
{
	actor->public.state = state;
	actor->public.state_since = model->time;
}

/* --- waits -------------------------------------------------------------------------------------
 */

static void end_wait(struct trc_model *model, struct trc__actor *actor)
{
	struct trc_wait *wait = &actor->public.wait;

	for (unsigned i = 0; i < wait->target_count; i++) {
		struct trc__token *token;

		if (wait->targets[i].what != TRC_WHAT_REPLY)
			continue;
		token = trc_table_find(&model->tokens, wait->targets[i].object);
		if (token && token->public.state != TRC_TOKEN_OPEN &&
		    token->public.asker == actor->public.id)
			trc__forget_token(model, token);
	}
	wait->target_count = 0;
}

static void begin_wait(struct trc_model *model, struct trc__actor *actor,
		       const struct trc_event *event)
{
	struct trc_wait *wait = &actor->public.wait;
	size_t further = event->payload_size / sizeof(struct trc_target);
	const struct trc__token *token;

	if (event->payload_size % sizeof(struct trc_target) != 0 || wait->target_count > 0)
		model->anomalies++;
	end_wait(model, actor);
	wait->targets =
		trc_grow(wait->targets, &actor->target_room, further + 1, sizeof *wait->targets);
	wait->targets[0] = (struct trc_target){event->type, event->id, event->peer};
	if (further)
		memcpy(wait->targets + 1, event->payload, further * sizeof *wait->targets);
	wait->target_count = (unsigned)further + 1;
	wait->since = model->time;
	wait->deadline = event->arg;
	wait->site = event->site;
	wait->any = event->flags & TRC_F_ANY;
	wait->message = 0;
	if (event->type == TRC_WHAT_REPLY && (token = trc_table_find(&model->tokens, event->id)))
		wait->message = token->public.message;

	/* A sender that finds the space taken again waits on: that is still the same wait for its
	 * message. */
	if (event->type != TRC_WHAT_SPACE || actor->space_owner != event->id) {
		actor->space_owner = event->type == TRC_WHAT_SPACE ? event->id : 0;
		actor->space_since = model->time;
	}
	if (event->type == TRC_WHAT_SPACE && actor->granted == event->id)
		wait->targets[0].object = 0;
	actor->granted = 0;
	set_state(model, actor, TRC_WAITING);
}

/* The actor has got a place in the mailbox of `owner`. */
static void grant(struct trc__actor *actor, uint64_t owner)
{
	struct trc_wait *wait = &actor->public.wait;

	if (wait->target_count == 0)
		actor->granted = owner;
	for (unsigned i = 0; i < wait->target_count; i++)
		if (wait->targets[i].what == TRC_WHAT_SPACE && wait->targets[i].object == owner)
			wait->targets[i].object = 0;
}

static void wake(struct trc_model *model, struct trc__actor *actor, const struct trc_event *event)
{
	if (actor->public.wait.target_count == 0)
		model->anomalies++;
	actor->granted = 0;
	if (event->type != TRC_WAKE_MET)
		actor->space_owner = 0;
	trc__forget_sending(actor);
	end_wait(model, actor);
	set_state(model, actor, TRC_RUNNING);
}

/* --- messages ----------------------------------------------------------------------------------
 */

static void enqueue(struct trc_model *model, struct trc__actor *receiver,
		    struct trc__message *message)
{
	struct trc_actor *public = &receiver->public;

	message->previous = (struct trc__message *)public->youngest;
	if (public->youngest)
	public->youngest->next = &message->public;
	else public->oldest = &message->public;
	public->youngest = &message->public;
	public->depth++;
	if (public->depth > public->peak)
	public->peak = public->depth;
	if (public->state == TRC_IDLE)
		set_state(model, receiver, TRC_READY);
}

static void dequeue(struct trc_model *model, struct trc__message *message)
{
	struct trc_actor *public = &trc__actor(model, message->public.receiver)->public;
	struct trc_message *next = message->public.next;

	if (message->previous)
		message->previous->public.next = next;
	else
	public->oldest = next;
	if (next)
		((struct trc__message *)next)->previous = message->previous;
	else
	public->youngest = message->previous ? &message->previous->public : NULL;
	message->public.next = NULL;
	message->previous = NULL;
	public->depth--;
}

/* What travelled in the message is now the receiver's. */
static void unload(struct trc_model *model, struct trc__actor *receiver,
		   struct trc__message *message)
{
	uint64_t id = message->public.id;

	trc__deliver(receiver, message->public.holdings, message->public.holding_count);
	free(message->public.holdings);
	message->public.holdings = NULL;
	message->public.holding_count = 0;
	if (message->public.token)
		trc__hand_token(model, message->public.token, id, receiver->public.id, 0);
	for (unsigned i = 0; i < message->token_count; i++)
		trc__hand_token(model, message->tokens[i], id, receiver->public.id, 0);
}

static void forget_message(struct trc_model *model, struct trc__message *message)
{
	trc_table_take(&model->messages, message->public.id);
	trc__message_free(message);
}

static struct trc__message *new_message(const struct trc_model *model,
					const struct trc__actor *sender,
					const struct trc_event *event)
{
	struct trc__message *message = trc_alloc(sizeof *message + event->payload_size);
	bool on_behalf = event->flags & TRC_F_TIMER;

	*message = (struct trc__message){.public = {
						 .id = event->id,
						 .sender = event->actor,
						 .receiver = event->peer,
						 .token = event->arg,
						 .sent = model->time,
						 .space_since = model->time,
						 .site = event->site,
						 .type = event->type,
						 .flags = event->flags,
						 .cut = event->flags & TRC_F_CUT,
						 .payload_size = event->payload_size,
						 .payload = (uint8_t *)(message + 1),
					 }};
	if (event->payload_size)
		memcpy(message + 1, event->payload, event->payload_size);
	if (sender && sender->public.current && !on_behalf)
		message->public.cause = sender->public.current->id;
	if (sender && sender->space_owner == event->peer && !on_behalf)
		message->public.space_since = sender->space_since;
	return message;
}

static void note_sending(struct trc_model *model, struct trc__actor *sender,
			 const struct trc_event *event)
{
	trc__forget_sending(sender);
	sender->public.sending = &new_message(model, sender, event)->public;
	sender->public.sending->space_since = model->time;
}

/* Moves what was packed for the message into it. */
static void load(struct trc_model *model, struct trc__actor *sender, struct trc__message *message)
{
	struct trc__parcel *parcel = trc_table_take(&model->parcels, message->public.id);

	if (!parcel)
		return;
	message->public.holdings = parcel->holdings;
	message->public.holding_count = parcel->holding_count;
	message->tokens = parcel->tokens;
	message->token_count = parcel->token_count;
	for (unsigned i = 0; i < parcel->token_count; i++)
		trc__hand_token(model, parcel->tokens[i], message->public.id,
				message->public.receiver, message->public.id);
	if (sender && sender->parcel == message->public.id)
		sender->parcel = 0;
	free(parcel);
}

static void send(struct trc_model *model, struct trc__actor *sender, const struct trc_event *event)
{
	struct trc__actor *receiver = trc__actor_or_new(model, event->peer);
	struct trc__message *message;
	struct trc__site *site;

	if (!receiver || event->id == 0 || trc_table_find(&model->messages, event->id)) {
		model->anomalies++;
		return;
	}
	if ((site = trc__site(model->definitions, event->site)))
		site->sent_type = event->type;
	message = new_message(model, sender, event);
	if (sender && !(event->flags & TRC_F_TIMER))
		sender->space_owner = sender->granted = 0;
	if (event->arg)
		trc__bear_token(model, event);
	load(model, sender, message);
	if (receiver->public.state == TRC_ENDED) {
		model->anomalies++;
		trc__drop_handles(model, message->public.holdings, message->public.holding_count);
		trc__message_free(message);
		return;
	}
	trc_table_put(&model->messages, event->id, message);
	enqueue(model, receiver, message);
}

/* The message out of the actor's mailbox, or NULL when it is not there. */
static struct trc__message *take_message(struct trc_model *model, struct trc__actor *receiver,
					 uint64_t id)
{
	struct trc__message *message = trc_table_find(&model->messages, id);

	if (!message || message->public.receiver != receiver->public.id ||
	    message->public.received != 0) {
		model->anomalies++;
		return NULL;
	}
	dequeue(model, message);
	unload(model, receiver, message);
	return message;
}

static void leave_handler(struct trc_model *model, struct trc__actor *actor)
{
	trc__unpack(model, actor);
	end_wait(model, actor);
	trc__forget_closed(model, actor);
	trc__forget_sending(actor);
	actor->space_owner = 0;
	actor->granted = 0;
	actor->public.in_unseen = false;
	if (actor->public.current)
		forget_message(model, (struct trc__message *)actor->public.current);
	actor->public.current = NULL;
}

static void receive(struct trc_model *model, struct trc__actor *actor,
		    const struct trc_event *event)
{
	bool unseen = event->id == 0;
	struct trc__message *message;

	if (actor->public.state != TRC_READY && !(unseen && actor->public.state == TRC_IDLE)) {
		model->anomalies++;
		leave_handler(model, actor);
	}
	actor->public.in_unseen = unseen;
	message = unseen ? NULL : take_message(model, actor, event->id);
	if (message) {
		/* 0 would say that it is still in the mailbox. */
		message->public.received = model->time ? model->time : 1;
		actor->public.current = &message->public;
	}
	actor->public.handler_since = model->time;
	set_state(model, actor, TRC_RUNNING);
}

static void done(struct trc_model *model, struct trc__actor *actor, const struct trc_event *event)
{
	uint64_t handled = actor->public.current ? actor->public.current->id : 0;

	if (handled != event->id || actor->public.state != TRC_RUNNING)
		model->anomalies++;
	leave_handler(model, actor);
	set_state(model, actor, actor->public.depth > 0 ? TRC_READY : TRC_IDLE);
}

static void keep_state(struct trc__actor *actor, const struct trc_event *event)
{
	struct trc_actor *public = &actor->public;

	public->state_type = event->type;
	public->state_cut = event->flags & TRC_F_CUT;
	public->state_size = event->payload_size;
	public->state_bytes =
		trc_grow(public->state_bytes, &actor->state_room, public->state_size, 1);
	if (public->state_size)
		memcpy(public->state_bytes, event->payload, public->state_size);
}

static void discard(struct trc_model *model, struct trc__actor *actor,
		    const struct trc_event *event)
{
	struct trc__message *message = take_message(model, actor, event->id);

	if (message)
		forget_message(model, message);
	if (actor->public.state == TRC_READY && actor->public.depth == 0)
		set_state(model, actor, TRC_IDLE);
}

/* --- life --------------------------------------------------------------------------------------
 */

static void spawn(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor(model, event->id);

	if (event->id == 0 || (actor && actor->public.kind != 0)) {
		model->anomalies++;
		return;
	}
	actor = trc__actor_or_new(model, event->id);
	actor->public.parent = event->actor;
	actor->public.kind = event->peer <= UINT32_MAX ? (uint32_t)event->peer : 0;
	actor->public.capacity = event->arg <= UINT32_MAX ? (uint32_t)event->arg : UINT32_MAX;
	actor->public.site = event->site;
	actor->public.flags = event->flags & TRC_F_SOURCE;
	actor->public.spawned = model->time;
	actor->public.name = trc__define_actor(model->definitions, event->id, actor->public.kind,
					       event->payload, event->payload_size);
	trc__holding_add(trc__holder(model, event->actor), event->id, 1);
	trc__count_handles(model, event->id, 1);
}

static void end(struct trc_model *model, struct trc__actor *actor, const struct trc_event *event)
{
	leave_handler(model, actor);
	while (actor->public.oldest) {
		struct trc__message *message = (struct trc__message *)actor->public.oldest;

		model->anomalies++;
		dequeue(model, message);
		unload(model, actor, message);
		forget_message(model, message);
	}
	trc__drop_handles(model, actor->public.holdings, actor->public.holding_count);
	trc__holdings_clear(actor);
	actor->public.ended = model->time ? model->time : 1;
	actor->public.end_reason = event->type;
	set_state(model, actor, TRC_ENDED);
}

static void be_unseen(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor_or_new(model, event->id);

	if (!actor)
		return;
	model->unseen += !actor->public.unseen;
	actor->public.unseen = true;
	actor->public.grants = event->arg == 1;
}

/* --- all together ------------------------------------------------------------------------------
 */

/* The actor whose event this is, its count of events brought up to date. NULL for the outside. */
static struct trc__actor *notice(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor_or_new(model, event->actor);

	if (!actor || event->aseq == 0)
		return actor;
	if (event->aseq != trc_aseq_next(actor->public.aseq))
		actor->public.gap = true;
	actor->public.aseq = event->aseq;
	return actor;
}

static void apply_to_actor(struct trc_model *model, struct trc__actor *actor,
			   const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_START:
		actor->public.handler_since = model->time;
		set_state(model, actor, TRC_RUNNING);
		break;
	case TRC_END:
		end(model, actor, event);
		break;
	case TRC_RECEIVE:
		receive(model, actor, event);
		break;
	case TRC_DONE:
		done(model, actor, event);
		break;
	case TRC_DISCARD:
		discard(model, actor, event);
		break;
	case TRC_SENDING:
		note_sending(model, actor, event);
		break;
	case TRC_WAIT:
		begin_wait(model, actor, event);
		break;
	case TRC_WAKE:
		wake(model, actor, event);
		break;
	case TRC_STATE:
		keep_state(actor, event);
		break;
	case TRC_REFUSED:
		actor->space_owner = 0;
		trc__unpack(model, actor);
		break;
	}
}

void trc_model_apply(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor;

	model->events++;
	if (event->kind == TRC_LOST) {
		model->lost += event->id;
		return;
	}
	if (event->kind < TRC_SPAWN) {
		model->anomalies += !trc__define(model->definitions, event);
		return;
	}
	if (event->time > model->time)
		model->time = event->time;
	actor = notice(model, event);
	if (actor && actor->public.state == TRC_ENDED) {
		model->anomalies++;
		return;
	}
	switch (event->kind) {
	case TRC_SPAWN:
		spawn(model, event);
		break;
	case TRC_SEND:
		send(model, actor, event);
		break;
	case TRC_REPLY:
		trc__close_token(model, event, TRC_TOKEN_REPLIED);
		break;
	case TRC_TOKEN_DROP:
		trc__close_token(model, event, TRC_TOKEN_DROPPED);
		break;
	case TRC_TOKEN_MOVE:
		trc__move_token(model, trc__holder(model, event->actor), event);
		break;
	case TRC_UNSEEN:
		be_unseen(model, event);
		break;
	case TRC_GRANT:
		actor = trc__actor(model, event->id);
		if (actor && actor->public.state != TRC_ENDED)
			grant(actor, event->peer);
		break;
	case TRC_HANDLE_CLONE:
		trc__holding_add(trc__holder(model, event->actor), event->id, 1);
		trc__count_handles(model, event->id, 1);
		break;
	case TRC_HANDLE_DROP:
		trc__drop_handle(model, trc__holder(model, event->actor), event->id);
		break;
	case TRC_HANDLE_MOVE:
		trc__move_handle(model, trc__holder(model, event->actor), event);
		break;
	default:
		if (actor)
			apply_to_actor(model, actor, event);
		break;
	}
}
