/*
 * apply.c - what each event does to the model
 *
 * How things travel. A message is in one mailbox or being handled by one actor, or gone. A token is
 * held by an actor; while it travels, by the owner of the mailbox its message lies in. What is
 * moved into a message (HANDLE_MOVE, TOKEN_MOVE) before the message is sent waits in a parcel and
 * still counts for the sender: a send that fails leaves it there.
 *
 * How long things live. Messages until DONE. Tokens until they are closed and nobody will ask about
 * them again: a reply may overtake its asker's WAIT, and the asker of several may wait for space
 * between two asks, so a closed token is kept until its asker woke from a wait for it, or ended the
 * handler it asked in.
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

/* --- handles -----------------------------------------------------------------------------------
 */

static struct trc__actor *holder_of(struct trc_model *model, uint64_t actor)
{
	return actor ? trc__actor_or_new(model, actor) : &model->outside;
}

static void count_handles(struct trc_model *model, uint64_t target, int64_t change)
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

static void deliver(struct trc__actor *receiver, struct trc_holding *holdings, unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		trc__holding_add(receiver, holdings[i].target, holdings[i].count);
}

static void drop_handles(struct trc_model *model, const struct trc_holding *holdings,
			 unsigned count)
{
	for (unsigned i = 0; i < count; i++)
		count_handles(model, holdings[i].target, -(int64_t)holdings[i].count);
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
static void unpack(struct trc_model *model, struct trc__actor *owner)
{
	struct trc__parcel *parcel = trc_table_take(&model->parcels, owner->parcel);

	owner->parcel = 0;
	if (!parcel)
		return;
	deliver(owner, parcel->holdings, parcel->holding_count);
	for (unsigned i = 0; i < parcel->token_count; i++) {
		struct trc__token *token = trc_table_find(&model->tokens, parcel->tokens[i]);

		if (token)
			token->public.in_message = 0;
	}
	trc__parcel_free(parcel);
}

/* With a spawn or a reply a handle goes to its new holder at once. */
static void give_handle(struct trc_model *model, struct trc__actor *owner,
			const struct trc_event *event)
{
	if (!trc__holding_remove(owner, event->id)) {
		model->anomalies++;
		count_handles(model, event->id, 1);
	}
	trc__holding_add(holder_of(model, event->peer), event->id, 1);
}

static void move_handle(struct trc_model *model, struct trc__actor *owner,
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
		count_handles(model, target, 1);
	}
	if (message == 0) {
		trc__holding_add(holder_of(model, event->peer), target, 1);
		return;
	}
	parcel = parcel_for(model, owner, message);
	parcel->holdings = trc_grow(parcel->holdings, &parcel->holding_room,
				    parcel->holding_count + 1, sizeof *parcel->holdings);
	parcel->holdings[parcel->holding_count++] = (struct trc_holding){target, 1};
	if (owner->public.id != 0)
		owner->parcel = message;
}

static void move_token(struct trc_model *model, struct trc__actor *owner,
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

static void give_token(struct trc_model *model, struct trc__actor *owner,
		       const struct trc_event *event)
{
	struct trc__token *token = trc_table_find(&model->tokens, event->id);

	if (!token || token->public.holder != owner->public.id)
		model->anomalies++;
	if (!token)
		return;
	token->public.holder = event->peer;
	token->public.held_since = model->time;
}

/* --- tokens ------------------------------------------------------------------------------------
 */

static void forget_token(struct trc_model *model, struct trc__token *token)
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

static void forget_closed(struct trc_model *model, struct trc__actor *asker)
{
	while (asker->closed)
		forget_token(model, asker->closed);
}

static void close_token(struct trc_model *model, const struct trc_event *event,
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
		forget_token(model, token);
		return;
	}
	token->next = asker->closed;
	if (token->next)
		token->next->previous = token;
	asker->closed = token;
}

static void bear_token(struct trc_model *model, const struct trc_event *send)
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

static void hand_token(struct trc_model *model, uint64_t id, uint64_t message, uint64_t holder,
		       uint64_t in_message)
{
	struct trc__token *token = trc_table_find(&model->tokens, id);

	if (!token || token->public.in_message != message)
		return;
	token->public.holder = holder;
	token->public.held_since = model->time;
	token->public.in_message = in_message;
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
			forget_token(model, token);
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
	set_state(model, actor, TRC_WAITING);
}

static void wake(struct trc_model *model, struct trc__actor *actor, const struct trc_event *event)
{
	if (actor->public.wait.target_count == 0)
		model->anomalies++;
	if (event->type != TRC_WAKE_MET)
		actor->space_owner = 0;
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

	deliver(receiver, message->public.holdings, message->public.holding_count);
	free(message->public.holdings);
	message->public.holdings = NULL;
	message->public.holding_count = 0;
	if (message->public.token)
		hand_token(model, message->public.token, id, receiver->public.id, 0);
	for (unsigned i = 0; i < message->token_count; i++)
		hand_token(model, message->tokens[i], id, receiver->public.id, 0);
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
		hand_token(model, parcel->tokens[i], message->public.id, message->public.receiver,
			   message->public.id);
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
		sender->space_owner = 0;
	if (event->arg)
		bear_token(model, event);
	load(model, sender, message);
	if (receiver->public.state == TRC_ENDED) {
		model->anomalies++;
		drop_handles(model, message->public.holdings, message->public.holding_count);
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
	unpack(model, actor);
	end_wait(model, actor);
	forget_closed(model, actor);
	actor->space_owner = 0;
	if (actor->public.current)
		forget_message(model, (struct trc__message *)actor->public.current);
	actor->public.current = NULL;
}

static void receive(struct trc_model *model, struct trc__actor *actor,
		    const struct trc_event *event)
{
	struct trc__message *message;

	if (actor->public.state != TRC_READY) {
		model->anomalies++;
		leave_handler(model, actor);
	}
	message = take_message(model, actor, event->id);
	if (message) {
		/* 0 would say that it is still in the mailbox. */
		message->public.received = model->time ? model->time : 1;
		actor->public.current = &message->public;
	}
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
	trc__holding_add(holder_of(model, event->actor), event->id, 1);
	count_handles(model, event->id, 1);
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
	drop_handles(model, actor->public.holdings, actor->public.holding_count);
	trc__holdings_clear(actor);
	actor->public.ended = model->time ? model->time : 1;
	actor->public.end_reason = event->type;
	set_state(model, actor, TRC_ENDED);
}

static void drop_handle(struct trc_model *model, struct trc__actor *holder, uint64_t target)
{
	if (!trc__holding_remove(holder, target)) {
		/* Perhaps it was packed for a send that failed. */
		unpack(model, holder);
		if (!trc__holding_remove(holder, target)) {
			model->anomalies++;
			return;
		}
	}
	count_handles(model, target, -1);
}

/* --- all together ------------------------------------------------------------------------------
 */

/* The actor whose event this is, its count of events brought up to date. NULL for the outside. */
static struct trc__actor *notice(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor_or_new(model, event->actor);

	if (!actor || event->aseq == 0)
		return actor;
	if (event->aseq != (uint16_t)(actor->public.aseq + 1))
		actor->public.gap = true;
	actor->public.aseq = event->aseq;
	return actor;
}

static void apply_to_actor(struct trc_model *model, struct trc__actor *actor,
			   const struct trc_event *event)
{
	switch (event->kind) {
	case TRC_START:
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
	case TRC_WAIT:
		begin_wait(model, actor, event);
		break;
	case TRC_WAKE:
		wake(model, actor, event);
		break;
	case TRC_REFUSED:
		actor->space_owner = 0;
		unpack(model, actor);
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
		close_token(model, event, TRC_TOKEN_REPLIED);
		break;
	case TRC_TOKEN_DROP:
		close_token(model, event, TRC_TOKEN_DROPPED);
		break;
	case TRC_TOKEN_MOVE:
		if (event->arg == 0 && event->peer != 0)
			give_token(model, holder_of(model, event->actor), event);
		else
			move_token(model, holder_of(model, event->actor), event);
		break;
	case TRC_HANDLE_CLONE:
		trc__holding_add(holder_of(model, event->actor), event->id, 1);
		count_handles(model, event->id, 1);
		break;
	case TRC_HANDLE_DROP:
		drop_handle(model, holder_of(model, event->actor), event->id);
		break;
	case TRC_HANDLE_MOVE:
		if (event->arg == 0 && event->peer != 0)
			give_handle(model, holder_of(model, event->actor), event);
		else
			move_handle(model, holder_of(model, event->actor), event);
		break;
	default:
		if (actor)
			apply_to_actor(model, actor, event);
		break;
	}
}
