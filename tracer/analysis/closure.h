/*
 * closure.h - all that must have happened for some waits to be open; for tracer/analysis only
 */
#ifndef TRACER_ANALYSIS_CLOSURE_H
#define TRACER_ANALYSIS_CLOSURE_H

#include "tracer/analysis/causes.h"

/* A set of nodes that is cheap to empty. */
struct trc__marks {
	uint32_t *marks; /* by node: in it when it is `number` */
	uint32_t number;
};

void trc__marks_init(struct trc__marks *marks, const struct trc__causes *causes);
void trc__marks_clear(struct trc__marks *marks);

struct trc__opened {
	uint64_t actor;
	uint32_t before; /* the stretch that stood there, or 0 */
};

struct trc__closure {
	const struct trc__causes *causes;
	struct trc__marks *nodes; /* that are in it */
	struct trc__marks *past;  /* for a while */
	uint32_t *members;        /* those nodes, as they came */
	uint32_t *needed_by;      /* of each member: the place of that because of which it came */
	size_t count, room, by_room;
	size_t at;                  /* place of the member whose needs are being added */
	size_t done;                /* members whose causes are in it, too */
	struct trc_table never;     /* nodes that end one of the waits */
	uint32_t ended;             /* one of them that had to be taken in, or 0 */
	struct trc_table pinned;    /* stretches that are open while the waits are */
	struct trc_table open;      /* a stretch that has not ended, by actor */
	struct trc__opened *opened; /* how `open` came to be, to take it back */
	size_t opened_count, opened_room;
	/* stretches of one actor, or holds of one lock, of which both would have to be open */
	uint32_t clash[2];
	size_t settled;  /* members whose stretches were looked at */
	uint64_t *steps; /* work that is left to spend; borrowed */
};

/* The waits, and what must have happened before they are open. The marks and steps are borrowed. */
void trc__closure_begin(struct trc__closure *closure, const struct trc__causes *causes,
			struct trc__marks *nodes, struct trc__marks *past, const uint32_t *awaits,
			unsigned count, uint64_t *steps);
void trc__closure_clear(struct trc__closure *closure);

bool trc__closure_has(const struct trc__closure *closure, uint32_t node);
void trc__closure_add(struct trc__closure *closure, uint32_t node);

/* Gathers the causes of all that is in it, and ends stretches until there is no more than one open
 * of each actor. `in_order`: as in this run. False when that cannot be, or ends one of the waits:
 * then `ended` or `clash` says why. */
bool trc__closure_settle(struct trc__closure *closure, bool in_order);

/* Takes out what came after the first `count`, which were settled when `opened_count` was what it
 * is told to be. */
void trc__closure_undo(struct trc__closure *closure, size_t count, size_t opened_count);

/* Where a stretch or hold begins. */
uint32_t trc__closure_first(const struct trc__causes *causes, uint32_t number);

/* From `node`, which is in it, what each is needed for, up to a request of one of the waits.
 * Returns how many there are; the first `room` go to *ret_path. */
size_t trc__closure_path(const struct trc__closure *closure, uint32_t node, uint32_t *ret_path,
			 size_t room);

#endif
