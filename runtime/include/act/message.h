/*
 * message.h - message types, declared once as a list of typed fields
 *
 *     ACT_MESSAGE(Say, (text, user), (text, text), (u64, number))
 *
 * declares `struct Say` with these members, and all that the runtime needs to know of it: how to
 * copy it into a message and release it, which handles and tokens move with it, what a trace shows
 * of it. In a header, any number of files may include it.
 *
 *     code     member                      when sent
 *     i64      int64_t
 *     u64      uint64_t
 *     f64      double
 *     boolean  bool
 *     text     const char *                copied; NULL is sent as ""
 *     bytes    struct act_bytes            copied
 *     handle   struct act_handle           moves: the sender no longer holds it
 *     token    struct act_token            moves
 *
 * A type without fields: ACT_SIGNAL(Tick).
 *
 * States can be declared by such a list, too, so that a trace shows them: ACT_STATE(Counts, (u64,
 * visits)), see struct act_kind.
 */
#ifndef ACT_MESSAGE_H
#define ACT_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <act/fields.h>

#ifdef __cplusplus
extern "C" {
#endif

struct act_self; /* the running actor, as its own handler sees it; good only inside the handler */
struct act_message; /* a received message, or a reply */

/* A counted reference to an actor, held by one actor (or by main). A value: passing it to a
 * function does not count; act_clone() and act_drop() do. All zeros (.actor is NULL): nobody. */
struct act_handle {
	struct act__actor *actor;
	uint32_t generation;
};

/* The right and duty to answer one ask, held by one actor. All zeros (.ask is NULL): none. */
struct act_token {
	struct act__ask *ask;
	uint32_t generation;
};

struct act_bytes {
	const void *data;
	size_t size;
};

#define ACT_NOBODY ((struct act_handle){0})

struct act_field {
	const char *name;
	uint16_t offset;
	char code; /* enum trc_field of the trace format */
};

/* One for each message type, made by ACT_MESSAGE. The address is the identity. */
struct act_type {
	const char *name;
	uint32_t size; /* of the struct */
	uint16_t field_count;
	uint16_t care; /* private */
	const struct act_field *fields;
	uint32_t *trace_number; /* private */
};

/* The fields of `message` when it is a `Type`, else NULL. Texts and bytes in it live as long as the
 * message. Handles and tokens in it are dropped with the message, unless taken out first. */
#define act_as(message, Type) ((struct Type *)act__fields_of((message), &Type##_type))

/* The message's type, for switches and logs. */
const struct act_type *act_type_of(const struct act_message *message);

/* Moves a handle out of a message: the actor then holds it, and drops it. */
struct act_handle act_take(struct act_handle *handle);

/* Moves a token out of a field, likewise. */
struct act_token act_take_token(struct act_token *token);

/* Takes the reply token that came with an ask, to answer later, store or hand on; it is the actor's
 * then. All zeros (.ask is NULL), which nobody waits behind, when `message` is no ask or its token
 * was taken or used. */
#define act_token_of(message) act__token_of((message), ACT_HERE)

/* private */
struct act_site;
struct act_token act__token_of(struct act_message *message, struct act_site *site);
void *act__fields_of(struct act_message *message, const struct act_type *type);

#ifdef __cplusplus
}

/* C++ has no compound literals that have an address. The fields live as long as the call. */
template <typename Fields> static inline Fields *act__address(Fields &&fields)
{
	return &fields;
}
#define ACT__NO_FIELDS(Type)        act__address(Type{})
#define ACT__SOME_FIELDS(Type, ...) act__address(Type{__VA_ARGS__})
#else
#define ACT__NO_FIELDS(Type)        (&(struct Type){0})
#define ACT__SOME_FIELDS(Type, ...) (&(struct Type){__VA_ARGS__})
#endif

#endif
