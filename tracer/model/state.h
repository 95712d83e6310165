/*
 * state.h - the model's own side of its structures; for tracer/model only
 */
#ifndef TRACER_MODEL_STATE_H
#define TRACER_MODEL_STATE_H

#include "tracer/model/definitions.h"
#include "tracer/model/model.h"
#include "tracer/model/table.h"

struct trc__message {
	struct trc_message public;     /* first: the two are cast into each other */
	struct trc__message *previous; /* in the mailbox */
	unsigned token_count;          /* tokens that were moved into it */
	uint64_t *tokens;
};

struct trc__token {
	struct trc_token public; /* first */
	/* The closed tokens that their asker may still look at, see trc__actor.closed. */
	struct trc__token *next;
	struct trc__token *previous;
};

/* What was moved into a message whose SEND is still to come. */
struct trc__parcel {
	uint64_t message;
	uint64_t owner;
	unsigned holding_count;
	size_t holding_room;
	struct trc_holding *holdings;
	unsigned token_count;
	size_t token_room;
	uint64_t *tokens;
};

struct trc__actor {
	struct trc_actor public; /* first */
	size_t target_room;
	size_t state_room;
	size_t holding_room;
	struct trc_table holding_index; /* target to 1 + place in holdings, once there are many */
	struct trc__token *closed;
	uint64_t parcel;      /* message that it is packing, or 0 */
	uint64_t space_owner; /* its last wait was for space there, and the send is to come */
	uint64_t space_since;
	uint64_t granted; /* mailbox in which it has got a place before its WAIT was seen, or 0 */
	bool learned;     /* known by trc_model_learn only */
};

struct trc_model {
	struct trc__definitions *definitions;
	struct trc_table actors;   /* struct trc__actor */
	struct trc_table messages; /* struct trc__message, each in a mailbox or being handled */
	struct trc_table tokens;   /* struct trc__token */
	struct trc_table parcels;  /* struct trc__parcel, by message */
	struct trc__actor outside;
	struct trc__actor **spawned; /* all actors, in order */
	size_t spawned_count;
	size_t spawned_room;
	uint64_t time;
	uint64_t events;
	uint64_t anomalies;
	uint64_t lost;
	size_t unseen; /* actors that are so */
};

struct trc__actor *trc__actor(const struct trc_model *model, uint64_t id); /* NULL for 0 */

/* The actor, made if it was never heard of: its SPAWN is missing. */
struct trc__actor *trc__actor_or_new(struct trc_model *model, uint64_t id);

/* The number of the actor, message or token that has to come first, or 0 when nothing has. */
uint64_t trc__model_blocker(const struct trc_model *model, const struct trc_event *event);

void trc__message_free(struct trc__message *message); /* NULL is fine */
void trc__forget_sending(struct trc__actor *actor);
void trc__parcel_free(struct trc__parcel *parcel);

/* The token is closed, and kept for its asker. */
void trc__keep_closed(struct trc_model *model, struct trc__token *token);

/* Handles of one holder. */
void trc__holding_add(struct trc__actor *holder, uint64_t target, uint32_t count);
bool trc__holding_remove(struct trc__actor *holder, uint64_t target); /* one; false: has none */
void trc__holdings_clear(struct trc__actor *holder);

/* --- travel.c ----------------------------------------------------------------------------------
 */

/* The actor, made if need be; the outside for 0. */
struct trc__actor *trc__holder(struct trc_model *model, uint64_t actor);

void trc__count_handles(struct trc_model *model, uint64_t target, int64_t change);
void trc__drop_handle(struct trc_model *model, struct trc__actor *holder, uint64_t target);
void trc__drop_handles(struct trc_model *model, const struct trc_holding *holdings, unsigned count);
void trc__deliver(struct trc__actor *receiver, struct trc_holding *holdings, unsigned count);
void trc__move_handle(struct trc_model *model, struct trc__actor *owner,
		      const struct trc_event *event);
void trc__move_token(struct trc_model *model, struct trc__actor *owner,
		     const struct trc_event *event);

/* The message was never sent: what was packed for it is its owner's again. */
void trc__unpack(struct trc_model *model, struct trc__actor *owner);

/* A question is sent with a new token; a token is with `holder` now, if it came by `message`. */
void trc__bear_token(struct trc_model *model, const struct trc_event *send);
void trc__hand_token(struct trc_model *model, uint64_t id, uint64_t message, uint64_t holder,
		     uint64_t in_message);
void trc__close_token(struct trc_model *model, const struct trc_event *event,
		      enum trc_token_state state);
void trc__forget_token(struct trc_model *model, struct trc__token *token);
void trc__forget_closed(struct trc_model *model, struct trc__actor *asker);

#endif
