/*
 * asks.h - where the time of an ask goes
 *
 * From the moment its asker wants to send it until the reply, each nanosecond of an ask is spent in
 * one place: its *critical path*. Where the one who has to answer asks somebody else and waits, the
 * path goes on in that ask, and so on.
 *
 * Fed with every event before and after it is applied to the model. What is kept grows with the
 * asks and handlers that are under way, and with the types of messages and kinds of actors.
 */
#ifndef TRACER_STATS_ASKS_H
#define TRACER_STATS_ASKS_H

#include "tracer/model/model.h"
#include "tracer/stats/histogram.h"

enum trc_place {
	TRC_PLACE_SPACE,   /* a sender waited for space in a mailbox */
	TRC_PLACE_MAILBOX, /* in a mailbox */
	TRC_PLACE_HANDLER, /* a handler ran */
	TRC_PLACE_ASLEEP,  /* a handler waited for a timer, the outside, or the end of an actor */
	TRC_PLACE_KEPT,    /* the handler was over, its token kept for later */
	TRC_PLACE_WAKING,  /* the reply was there, the asker did not run yet */
	TRC_PLACE_UNANSWERED, /* a handler waited for a reply that did not come in time */
	TRC_PLACE_COUNT,
};

/* "space", "mailbox", ... */
const char *trc_place_name(enum trc_place place);

struct trc_split {
	uint64_t places[TRC_PLACE_COUNT]; /* nanoseconds; all together: the whole duration */
	uint64_t nested;                  /* part of these that was spent in nested asks */
};

/* An ask that was answered. */
struct trc_ask {
	uint64_t message, token, asker, receiver; /* numbers */
	uint64_t replier;
	uint64_t began;    /* time the asker wanted to send it */
	uint64_t duration; /* until the reply */
	uint32_t site;
	uint16_t type;
	bool dropped; /* the token was */
	struct trc_split split;
	struct trc_ask *nested; /* on its path, the oldest first; not all when there are many */
	struct trc_ask *next;   /* brother */
	unsigned nested_count;  /* all */
};

/* All asks of one type to one kind of actor. */
struct trc_ask_group {
	uint16_t type;
	uint32_t kind;
	uint64_t dropped; /* of those in `durations` */
	struct trc_histogram durations;
	struct trc_split split; /* sums */
};

struct trc_asks_options {
	uint64_t from, to; /* asks that were answered at these times */
	unsigned slowest;  /* so many single ones are kept */
	/* Whether an ask counts; NULL: all do. */
	bool (*wanted)(const struct trc_ask *ask, void *context);
	void *context;
};

struct trc_asks;

struct trc_asks *trc_asks_new(const struct trc_model *model,
			      const struct trc_asks_options *options);
void trc_asks_free(struct trc_asks *asks);

void trc_asks_before(struct trc_asks *asks, const struct trc_event *event);
void trc_asks_after(struct trc_asks *asks, const struct trc_event *event);

/* The groups, those that took longest in sum first; to be freed, not its elements. */
struct trc_ask_group **trc_asks_groups(const struct trc_asks *asks, size_t *ret_count);

/* The slowest ones, the slowest first. */
size_t trc_asks_slowest_count(const struct trc_asks *asks);
const struct trc_ask *trc_asks_slowest(const struct trc_asks *asks, size_t index);

/* Asks that nobody has answered so far. */
uint64_t trc_asks_open(const struct trc_asks *asks);

#endif
