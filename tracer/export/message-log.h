/*
 * message-log.h - messages from their send to their last event, for formats that want them whole;
 * for tracer/export only
 */
#ifndef TRACER_EXPORT_MESSAGE_LOG_H
#define TRACER_EXPORT_MESSAGE_LOG_H

#include "tracer/model/model.h"

enum trc__outcome {
	TRC__OUTCOME_NONE, /* no ask */
	TRC__OUTCOME_OPEN, /* nobody replied until the end */
	TRC__OUTCOME_REPLIED,
	TRC__OUTCOME_ERROR,
	TRC__OUTCOME_DROPPED,
};

const char *trc__outcome_name(enum trc__outcome outcome); /* "" for NONE */

struct trc__export_message {
	uint64_t id, sender, receiver, cause, token;
	uint64_t space_since, sent, received, done, replied; /* 0: not reached */
	uint64_t replier;
	uint32_t site;
	uint16_t type, reply_type;
	enum trc__outcome outcome;
	bool discarded;
	uint64_t origin;      /* the nearest ask in its chain of causes; 0: none */
	uint64_t origin_root; /* that ask's root */
	uint64_t root; /* asks: the first ask of the unbroken chain of asks that leads here */
	char *payload; /* as JSON */
	/* --- the log's own */
	bool handled;
};

struct trc__message_log;

/* `visit` gets each message when nothing more can happen to it. */
struct trc__message_log *
trc__message_log_new(const struct trc_model *model,
		     void (*visit)(const struct trc__export_message *message, void *context),
		     void *context);
void trc__message_log_event(struct trc__message_log *log, const struct trc_event *event);

/* Hands out those that are still under way, by time sent. */
void trc__message_log_end(struct trc__message_log *log);
void trc__message_log_free(struct trc__message_log *log); /* NULL is fine */

#endif
