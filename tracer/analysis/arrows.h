/*
 * arrows.h - who sent to whom in this run, in which form, and because of what; for tracer/analysis
 *
 * The raw material of prediction: one arrow for each distinct (sender, receiver, source line, type,
 * form, cause), however many messages went along it. Of ten thousand actors that all talk to each
 * other only the first pairs are kept, so many of each flow that the many do not crowd out the few
 * (limits.h); flows and peaks are always of the whole run.
 */
#ifndef TRACER_ANALYSIS_ARROWS_H
#define TRACER_ANALYSIS_ARROWS_H

#include "tracer/model/model.h"
#include "tracer/model/table.h"

/* Whether a send could wait for space: the forms, the most dangerous first. */
enum trc__form {
	TRC__FORM_WAITS,    /* for ever, if need be */
	TRC__FORM_DEADLINE, /* until a deadline */
	TRC__FORM_TRY,      /* never */
	TRC__FORM_SOURCE,   /* never: sockets queue, but handle on */
	TRC__FORM_OUTSIDE,  /* not by an actor */
};

/* Why a message was sent: the kind of actor whose message was being handled, or one of these. */
enum {
	TRC__CAUSE_START = -1,   /* in a start handler */
	TRC__CAUSE_OUTSIDE = -2, /* by, or because of, a message from outside the actors */
	TRC__CAUSE_DRIVEN = -3,  /* because of a socket or a timer: can come again without end */
};

struct trc__arrow {
	uint64_t from, to;
	uint32_t site;
	uint16_t type;
	enum trc__form form;
	bool ask;
	int64_t cause;
	uint32_t from_kind, to_kind;
	uint64_t count;
	/* Who was handling what then: node (by, by_type) of trc__drive(). Timers are sent by
	 * whoever set them. 0: nothing, or in a start handler. */
	uint64_t by;
	uint16_t by_type;
	bool timer;
	bool later;       /* in a turn in which something had been sent before */
	bool driven;      /* trc__drive(): such messages can come again without end */
	uint32_t most;    /* of this type to actors of this kind, in one turn */
	uint64_t back;    /* of these, how many because of a message from `to` itself */
	uint64_t waits;   /* how many had to wait for space */
	uint64_t last;    /* time */
	uint64_t sent;    /* the last message */
	uint64_t message; /* one that was being handled then, and its text */
	char *doing;
	struct trc__arrow *next; /* with the same hash */
};

/* When the mailbox was deepest so far. */
struct trc__peak {
	uint64_t time;
	uint64_t sender, message; /* that made it so */
	uint32_t site;
	uint16_t type;
	uint32_t depth;
};

/* What actors of one kind send to those of another because of one cause. */
struct trc__flow {
	uint32_t from_kind, to_kind;
	int64_t cause;
	uint32_t most; /* messages in one turn */
	uint32_t arrows;
};

/* What was sent along arrows that are not kept: taken for as much as one likes, so that no mailbox
 * is called too large to be filled by messages that were not counted. */
struct trc__uncounted {
	uint64_t to;
	uint16_t type;
	bool ask;
};

struct trc__arrows {
	const struct trc_model *model;
	struct trc_table arrows; /* chains of struct trc__arrow */
	size_t count;
	uint64_t full_since;        /* time of the first send whose arrow is not kept; else 0 */
	struct trc__arrow beyond;   /* such a one; of the last send only */
	struct trc_table uncounted; /* struct trc__uncounted */
	struct trc_table flows;     /* struct trc__flow */
	struct trc_table turns;     /* struct turn, by actor */
	struct trc_table peaks;     /* struct trc__peak, by actor */
	struct trc_table timers; /* 1 + type that was handled when a timer was last set, by actor */
	struct trc_table endless; /* actors that can be sent as many as one likes; trc__drive() */
	struct trc_table filled;  /* actors that were sent something other than asks */
};

/* Takes notice of an event that was applied to the model. */
void trc__arrows_event(struct trc__arrows *arrows, const struct trc_event *event);

/* Waits for space that are open now are arrows, too; their messages are not counted. */
void trc__arrows_open_waits(struct trc__arrows *arrows);

const struct trc__flow *trc__arrows_flow(const struct trc__arrows *arrows, uint32_t from_kind,
					 uint32_t to_kind, int64_t cause);

/* All arrows, sorted by sender, receiver, form and then the rest: the same in every run. To be
 * freed, the array only. */
struct trc__arrow **trc__arrows_list(const struct trc__arrows *arrows, size_t *ret_count);

void trc__arrows_clear(struct trc__arrows *arrows);

#endif
