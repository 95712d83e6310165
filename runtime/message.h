/*
 * message.h - what travels: the fields of one type, and the texts and bytes they point to
 *
 * A message is one piece of memory. It owns the handles and tokens in its fields; releasing it
 * drops those that nobody took out.
 */
#ifndef RUNTIME_MESSAGE_H
#define RUNTIME_MESSAGE_H

#include <act/act.h>

struct act_message {
	struct act_message *next; /* in a mailbox */
	const struct act_type *type;
	struct act_token token; /* to be answered; zeros when it is no ask, or was taken */
	uint64_t number;        /* in the trace */
	struct act_site *kept;  /* where the token was taken out; NULL: it was not */
	unsigned memory;        /* its kind, see pool.h */
	uint8_t fate;           /* in the trace, enum trc_fate */
	_Alignas(16) unsigned char fields[];
};

/* What somebody wants to send, before it has a place in the receiver's mailbox. */
struct act__draft {
	const struct act_type *type;
	const void *fields;
	bool asks;
};

/* Copies the fields; handles and tokens in them then belong to the message. NULL: no memory, and
 * the fields are as they were. */
struct act_message *act__message_new(struct act_self *self, const struct act_type *type,
				     const void *fields);

/* Drops what the message owns, `error` being what askers get to see (ACT_EDROPPED as a rule). NULL
 * is fine. */
void act__message_free(struct act_self *self, struct act_message *message, int error);

/* Drops the handles and tokens in fields that will not become a message. */
void act__fields_drop(struct act_self *self, const struct act_type *type, void *fields);

static inline void *act__field(const struct act_field *field, const void *fields)
{
	return (unsigned char *)fields + field->offset;
}

#endif
