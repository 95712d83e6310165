/*
 * order-private.h - the streams that are merged; for order.c and order-save.c only
 */
#ifndef TRACER_MODEL_ORDER_PRIVATE_H
#define TRACER_MODEL_ORDER_PRIVATE_H

#include "tracer/model/order.h"
#include "tracer/model/table.h"

struct trc__entry {
	struct trc_event event; /* payload: NULL, see below */
	size_t payload;         /* offset in the stream's bytes */
	uint64_t batch;
};

/* One ring's events, oldest at `first`. */
struct trc__stream {
	unsigned ring;
	struct trc__entry *entries;
	size_t first, end, room;
	uint8_t *bytes;
	size_t byte_count, byte_room;
	uint64_t promised;  /* events of this batch that are still to be pushed */
	uint64_t waits_for; /* 0: not set aside */
};

struct trc_order {
	struct trc_model *model;
	trc_order_visit *before; /* each may be NULL */
	trc_order_visit *visit;
	trc_order_refiller *refill;
	void (*settled)(void *context);
	void *context;
	struct trc_table rings;     /* struct trc__stream, by ring number + 1 */
	struct trc__stream **ready; /* binary heap, earliest first event at the top */
	size_t ready_count, ready_room;
	struct trc__stream **aside;
	size_t aside_count, aside_room;
	uint64_t hold;       /* nobody passes this time */
	uint64_t hold_batch; /* streams set aside with an event of this batch or later hold */
	uint64_t batch;      /* number of the present one */
	bool pushed;         /* something in the present one */
	bool last;           /* it is drained as the last */
	bool stopped;
	uint64_t until;    /* it pauses before what is handed out with a later time */
	bool paused;       /* there */
	bool giving_up;    /* it had come, in draining the batch, to those that wait for too long */
	uint64_t patience; /* with these */
	uint64_t time;     /* latest handed out */
	size_t pending;
	unsigned visited_ring;
};

/* The ring's stream, made if there is none. */
struct trc__stream *trc__order_stream(struct trc_order *order, unsigned ring);

/* The stream at `place` in the heap may be later than those below it. */
void trc__order_sift_down(struct trc_order *order, size_t place);

#endif
