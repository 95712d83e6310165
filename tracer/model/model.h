/*
 * model.h - an actor system's state, as events are applied to it
 *
 * The one idea of who waits for what, shared by the live alarm, `check`, state-at-t and the
 * viewer's replay. Feed it events in causal order (order.h makes that order) and look at it between
 * any two.
 *
 * The structures are open for reading; only the model writes them. Pointers into the model are good
 * until the next call that changes it.
 *
 * A model never fails on bad input: an event that contradicts its state (a RECEIVE of an unknown
 * message, say) is applied as far as it makes sense and counted in `anomalies`. Out of memory ends
 * the process with a message, as everywhere in the tracer's tools (memory.h).
 */
#ifndef TRACER_MODEL_MODEL_H
#define TRACER_MODEL_MODEL_H

#include "tracer/event/event.h"

struct trc_model;

enum trc_actor_state {
	TRC_IDLE,    /* between messages, mailbox empty */
	TRC_READY,   /* between messages, mailbox not empty */
	TRC_RUNNING, /* in a handler */
	TRC_WAITING, /* in a handler, in an open wait */
	TRC_ENDED,
};

struct trc_wait {
	uint64_t since;    /* time it began */
	uint64_t deadline; /* 0: none */
	uint64_t message;  /* id of the ask this wait belongs to (reply waits), else 0 */
	uint32_t site;
	bool any; /* one target is enough */
	unsigned target_count;
	struct trc_target *targets; /* one for space has object 0 when the place has been given */
};

struct trc_holding { /* `count` handles to actor `target` */
	uint64_t target;
	uint32_t count;
};

/* Who has a message or token is found from here, too: see trc_token.holder. */
struct trc_message {
	uint64_t id;
	uint64_t sender; /* 0: outside */
	uint64_t receiver;
	uint64_t cause;       /* message whose handling sent it; 0: none */
	uint64_t token;       /* reply token it was born with; 0: not an ask */
	uint64_t sent;        /* time it entered the mailbox */
	uint64_t space_since; /* time the sender began to wait for space; == sent when it did not
				 wait */
	uint64_t received;    /* 0 while in the mailbox */
	uint32_t site;
	uint16_t type;
	uint8_t flags;
	bool cut;
	uint32_t payload_size;
	uint8_t *payload;
	unsigned holding_count; /* handles that travel in it while it is in the mailbox */
	struct trc_holding *holdings;
	struct trc_message *next; /* in the mailbox, older to younger */
};

enum trc_token_state { TRC_TOKEN_OPEN, TRC_TOKEN_REPLIED, TRC_TOKEN_DROPPED };

struct trc_token {
	uint64_t id;
	uint64_t asker;
	uint64_t message;    /* the ask */
	uint64_t asked;      /* time */
	uint64_t holder;     /* actor that has it; when in a queued message, that mailbox's owner;
				0: outside */
	uint64_t in_message; /* the queued message it travels in, or 0 */
	uint64_t held_since; /* time the holder got it */
	enum trc_token_state state;
	uint64_t closer; /* who replied or dropped it */
	uint64_t closed; /* time */
	uint32_t close_site;
};

struct trc_actor {
	uint64_t id;
	uint64_t parent;
	uint32_t kind;
	uint32_t site;    /* where it was spawned */
	uint8_t flags;    /* TRC_F_SOURCE */
	bool gap;         /* events of this actor are missing; verdicts on it are lowered */
	bool unseen;      /* messages to it may have been left out by filters: mailbox and depth are
			     of the others, and when it is idle there may still be some */
	bool grants;      /* of an unseen one: who gets space in its mailbox is told */
	bool in_unseen;   /* it handles such a message */
	const char *name; /* never NULL: "kind-N" when the program gave none */
	uint32_t capacity;
	uint32_t depth; /* messages in the mailbox */
	uint32_t peak;  /* deepest so far */
	uint64_t spawned;
	uint64_t ended; /* time; 0 while alive */
	unsigned end_reason;
	enum trc_actor_state state;
	uint64_t state_since;
	uint64_t handler_since;     /* time the handler began; good while RUNNING or WAITING */
	uint16_t aseq;              /* of its last event */
	struct trc_message *oldest; /* mailbox */
	struct trc_message *youngest;
	struct trc_message *current; /* being handled; NULL in start and between messages */
	struct trc_wait wait;        /* target_count 0: no open wait */
	struct trc_message *sending; /* what it waits for space to send, without a number; NULL:
					it does not, or that is not in the trace */
	unsigned holding_count;
	struct trc_holding *holdings; /* handles it holds, in no order */
	uint16_t state_type;          /* of what it says of its state; 0: nothing so far */
	bool state_cut;               /* the recording's limit cut it short */
	uint32_t state_size;          /* bytes */
	uint8_t *state_bytes;         /* as the payload of a message of that type */
	uint32_t handle_count;        /* handles to it, in anybody's hands, messages included */
};

struct trc_model *trc_model_new(void);
void trc_model_free(struct trc_model *model); /* NULL is fine */

/* A deep copy: for keyframes. */
struct trc_model *trc_model_clone(const struct trc_model *model);

/* Forgets all but the definitions (kinds, types, sites). */
void trc_model_reset(struct trc_model *model);

/* Applies one event. */
void trc_model_apply(struct trc_model *model, const struct trc_event *event);

/* Whether everything that `event` depends on has been applied: its actor's previous event, the SEND
 * of what it receives, the reply that its WAKE announces. */
bool trc_model_ready_for(const struct trc_model *model, const struct trc_event *event);

/* --- looking at it ------------------------------------------------------------------------------
 */

uint64_t trc_model_time(const struct trc_model *model);      /* of the last event applied */
uint64_t trc_model_events(const struct trc_model *model);    /* applied so far */
uint64_t trc_model_anomalies(const struct trc_model *model); /* contradictions met so far */
uint64_t trc_model_lost(const struct trc_model *model);      /* sum of LOST events */
size_t trc_model_unseen(const struct trc_model *model);      /* actors that are `unseen` */

/* Actors in order of their spawn event, ended ones included: index 0 .. count-1. */
size_t trc_model_actor_count(const struct trc_model *model);
const struct trc_actor *trc_model_actor_at(const struct trc_model *model, size_t index);
const struct trc_actor *trc_model_actor(const struct trc_model *model, uint64_t id); /* or NULL */

/* What lies outside the actors (main, timers, foreign threads), as an actor with id 0, of which
 * only the holdings mean something. */
const struct trc_actor *trc_model_outside(const struct trc_model *model);

/* NULL for messages not in a mailbox and not being handled any more. */
const struct trc_message *trc_model_message(const struct trc_model *model, uint64_t id);

/* Open tokens and those closed while their asker still waits; NULL otherwise. */
const struct trc_token *trc_model_token(const struct trc_model *model, uint64_t id);

/* Calls `visit` for each open token held by `actor`. */
void trc_model_tokens_of(const struct trc_model *model, uint64_t actor,
			 void (*visit)(const struct trc_token *token, void *context),
			 void *context);

/* Calls `visit` for each token that trc_model_token() finds, in no order. */
void trc_model_tokens(const struct trc_model *model,
		      void (*visit)(const struct trc_token *token, void *context), void *context);

/* True when this target of an open wait has been met, though its actor may not run again yet. */
bool trc_model_target_met(const struct trc_model *model, const struct trc_target *target);

/* The message that an open wait is for: the one to be sent once there is space, or the question
 * while it is not done with. NULL: none, or not known any more. */
const struct trc_message *trc_model_target_message(const struct trc_model *model,
						   const struct trc_actor *actor,
						   const struct trc_target *target);

/* That message's type; when it is not known, of what was last sent from the line where the actor
 * waits. 0: nothing was. */
uint16_t trc_model_target_type(const struct trc_model *model, const struct trc_actor *actor,
			       const struct trc_target *target);

/* The actor that alone can meet the target now: a token's holder, the mailbox's owner, the joined
 * actor; 0: nobody inside (timer, outside, token gone). */
uint64_t trc_model_target_party(const struct trc_model *model, const struct trc_target *target);

/* Names. Never NULL; unknown numbers give "?" or a made-up name. */
const char *trc_model_actor_name(const struct trc_model *model, uint64_t actor); /* 0: "outside" */
const char *trc_model_kind_name(const struct trc_model *model, uint32_t kind);
const char *trc_model_type_name(const struct trc_model *model, uint16_t type);

/* What people read for an actor: `room "lobby"`, or its name alone when that says the kind
 * (`room-7`). To be freed by the caller. */
char *trc_actor_title(const char *kind, const char *name);
char *trc_model_actor_title(const struct trc_model *model, uint64_t actor);

struct trc_site {
	const char *file; /* as the compiler saw it */
	const char *function;
	uint32_t line; /* 0 when the site is unknown */
};
struct trc_site trc_model_site(const struct trc_model *model, uint32_t site);

/* The type of the message that was last sent from this source line; 0 when none was. */
uint16_t trc_model_site_type(const struct trc_model *model, uint32_t site);

/* The payload of the type's definition, for trc_payload_text(); NULL when unknown. */
const uint8_t *trc_model_type_definition(const struct trc_model *model, uint16_t type,
					 size_t *ret_size);

#endif
