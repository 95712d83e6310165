/*
 * limits.h - where the search for deadlocks that did not happen gives up; for tracer/analysis only
 *
 * Its work is limited, so that a check takes seconds whatever the program did. Who gives up notes
 * it here, and in the end it is said in words. A ring of full mailboxes that one search left
 * undecided may still be decided by another.
 */
#ifndef TRACER_ANALYSIS_LIMITS_H
#define TRACER_ANALYSIS_LIMITS_H

#include "tracer/analysis/check.h"

enum {
	TRC__NODES_MAX = 4000000,          /* steps of the run, see causes.h */
	TRC__ARROWS_MAX = 1000000,         /* different sends, see arrows.h */
	TRC__ARROWS_OF_FLOW_MAX = 200000,  /* of them, from one kind to another */
	TRC__WAITS_MAX = 200000,           /* different waits, see patterns.h */
	TRC__RING_MAX = 6,                 /* waits in a ring */
	TRC__RING_STEPS_MAX = 5000000,     /* of the search for rings of waits */
	TRC__MAILBOX_STEPS_MAX = 20000000, /* of the search for rings of mailboxes */
	TRC__ORDERS_MAX = 64,              /* orders in which one ring is tried */
	TRC__ORDER_STEPS_MAX = 40000,      /* of the search for one of them */
	TRC__ALL_STEPS_MAX = 4000000,      /* of the search for all */
};

struct trc__limits {
	uint64_t end;         /* of the trace */
	uint64_t kept_until;  /* the run was longer than is kept: time of the last kept step */
	uint64_t sends_until; /* there were more different sends: time of the first that is not kept
			       */
	bool waits, rings, length, mailboxes; /* had more than that */
	struct trc__undecided {
		uint64_t key;
		char *who; /* `A and B can wait for each other` */
	} * undecided;
	size_t count, room;
};

/* A number for a ring that leads through these arrows between kinds, in whatever order and however
 * often through each. Sorts `arrows`. */
uint64_t trc__limits_key(uint64_t *arrows, unsigned count);

/* Takes note of a ring that is left undecided, once for each key; takes `who` over. */
void trc__limits_leave(struct trc__limits *limits, uint64_t key, char *who);

/* Whether such a ring was left undecided; and that it is not any more. */
bool trc__limits_left(const struct trc__limits *limits, uint64_t key);
void trc__limits_settle(struct trc__limits *limits, uint64_t key);

/* Fills in findings->cuts. */
void trc__limits_tell(const struct trc__limits *limits, struct trc_findings *findings);

void trc__limits_clear(struct trc__limits *limits);

#endif
