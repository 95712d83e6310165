/*
 * causes.h - what had to come before what in this run; for tracer/analysis only
 *
 * A stretch is what an actor did in one piece: a handler, or its start handler. Within a stretch
 * the program gave the order; a receive follows its send, a wake the reply. Whatever is not ordered
 * so could have come in another order: above all the stretches of one actor, which are in the order
 * in which messages happened to arrive.
 */
#ifndef TRACER_ANALYSIS_CAUSES_H
#define TRACER_ANALYSIS_CAUSES_H

#include "tracer/analysis/acquaintance.h"
#include "tracer/analysis/facts.h"
#include "tracer/analysis/locks.h"
#include "tracer/model/model.h"
#include "tracer/model/table.h"

/* Numbers of nodes, stretches and waits are places in the arrays below; 0 is none. */
struct trc__cause {
	uint32_t stretch;
	uint32_t before;  /* in the same stretch; of its first: the end of the start handler */
	uint32_t other;   /* what else must come before: a receive's send, a wake's reply, ... */
	uint32_t receive; /* of a send: where it was received */
};

struct trc__stretch {
	uint64_t actor;
	uint32_t first, last; /* nodes; last is its end, 0: it never ended */
	uint32_t by;          /* the wait that holds on while this stretch handles its message */
	uint32_t passed;      /* the node at which it handed on the token of that wait, or 0 */
};

/* An ask or a join, each time one was made; or a send that could wait for space, of which only some
 * are kept. */
struct trc__await {
	uint64_t party; /* who was asked, or is to end */
	uint32_t stretch;
	uint32_t request; /* the node from which on it waits */
	uint32_t grant;   /* the node after which `party` is no longer in its way */
	uint32_t closed;  /* reply, drop or end */
	uint32_t group;   /* waits that were waited for together: the same number, not 0 */
	uint32_t sibling; /* the next of those of which any one ends the wait; in a ring, or 0 */
	uint32_t way;
	bool waited; /* for ever or until a deadline; false: perhaps not, or for any of several */
	bool any;    /* for any of several replies */
	bool deadline;
};

enum { TRC__AWAITS_EARLY = 24, TRC__AWAITS_MAX = 48 };

/* All waits of one actor for another at one source line. */
struct trc__way {
	uint64_t from, to;
	uint32_t from_kind, to_kind;
	uint32_t site;
	uint16_t type;
	uint8_t what;    /* enum trc_what: reply, end; space: sent for ever, if need be */
	uint32_t number; /* place in trc__causes.ways */
	uint64_t count;
	uint64_t last;    /* time */
	uint64_t message; /* one that was being handled then, and its text */
	char *doing;
	/* The first waits, and of the others the last. */
	unsigned kept;
	size_t room;
	uint32_t *awaits;
	struct trc__way *next; /* with the same hash */
};

struct trc__causes {
	const struct trc_model *model;
	struct trc__cause *nodes;
	struct trc__facts facts; /* by node: the event, to be told as evidence */
	struct trc__stretch *stretches;
	struct trc__await *awaits;
	struct trc__way **ways;
	size_t node_count, node_room, stretch_count, stretch_room;
	size_t await_count, await_room, way_count, way_room;
	struct trc_table actors;   /* struct place */
	struct trc_table sent;     /* node of the send, by message that is in a mailbox */
	struct trc_table spawned;  /* node of the spawn, by actor that has not started */
	struct trc_table tokens;   /* await, by open token */
	struct trc_table parcels;  /* await whose token travels in the message */
	struct trc_table way_keys; /* chains of struct trc__way */
	struct trc__acquaintance acquaintance;
	struct trc__locks locks; /* while they are known, see locks.h */
	bool full;               /* the run was longer than is kept */
	uint64_t full_since;     /* then the time of the first step that is not; else 0 */
};

void trc__causes_event(struct trc__causes *causes, const struct trc_event *event);
void trc__causes_clear(struct trc__causes *causes);

#endif
