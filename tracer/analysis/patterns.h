/*
 * patterns.h - waits that are after each other's actors; for tracer/analysis only
 *
 * An actor that waits for a reply keeps waiting whoever asked it, and whoever asked that one: all
 * of them are held by the wait. A pattern is a ring of waits, each for an actor that the next one
 * holds. No two may hold the same actor, since an actor is in one place at a time: it is a gate
 * that lets one of them through. Except when it asked both at once. Of an actor that waits for any
 * one of several answers each is a wait of its own: who judges a pattern has to see to the others.
 */
#ifndef TRACER_ANALYSIS_PATTERNS_H
#define TRACER_ANALYSIS_PATTERNS_H

#include "tracer/analysis/causes.h"
#include "tracer/analysis/limits.h"

enum { TRC__HELD_MAX = 24, TRC__PATTERN_MAX = TRC__RING_MAX, TRC__INSTANCES_MAX = 8 };

struct trc__held {
	uint64_t actor; /* or a lock, which stands after the actor that has it */
	uint32_t await; /* what the actor itself waits for */
	uint32_t hold;  /* of a lock: its number, from 1; else 0 */
	uint32_t node;  /* number of the actor in the search */
	bool deadline;  /* it or one between it and the wait goes on after a deadline */
};

/* What an await holds: the actor that waits, then who asked it, and so on. Returns how many. */
unsigned trc__held(const struct trc__causes *causes, uint32_t await, struct trc__held *ret_held);

/* Waits that were made on the same way while the same actors were held. */
struct trc__wait_shape {
	uint32_t way;
	unsigned held_count;
	struct trc__held *held; /* of the first instance */
	uint32_t target;        /* number of the actor in the search */
	unsigned instance_count;
	uint32_t instances[TRC__INSTANCES_MAX];
};

struct trc__pattern {
	unsigned length;
	const struct trc__wait_shape *shapes[TRC__PATTERN_MAX];
	uint64_t gate; /* an actor that two of them hold, 0: none */
};

struct trc__shapes {
	struct trc__wait_shape *shapes;
	size_t count, room;
	bool more;                 /* there are more waits */
	bool cut;                  /* the search was given up */
	bool longer;               /* there may be rings of more than TRC__PATTERN_MAX waits */
	struct trc_table numbers;  /* 1 + number, by actor */
	uint32_t node_count;       /* actors */
	uint32_t *first, *holders; /* shapes that hold actor n: first[n] .. first[n + 1] - 1 */
};

void trc__shapes_make(const struct trc__causes *causes, struct trc__shapes *ret_shapes);
void trc__shapes_clear(struct trc__shapes *shapes);

/* The shapes that hold the actor, as their numbers; returns how many. */
size_t trc__shapes_holding(const struct trc__shapes *shapes, uint64_t actor,
			   const uint32_t **ret_numbers);

/* Calls `visit` for each pattern, those with a gate only when they are two long. */
void trc__shapes_search(const struct trc__causes *causes, struct trc__shapes *shapes,
			void (*visit)(const struct trc__pattern *pattern, void *context),
			void *context);

#endif
