/*
 * summary-node.h - how nodes are put together; for tracer/model only
 */
#ifndef TRACER_MODEL_SUMMARY_NODE_H
#define TRACER_MODEL_SUMMARY_NODE_H

#include "tracer/model/summary.h"

/* What one actor did in a bucket, exactly. */
struct trc__figures {
	uint64_t actor;
	uint8_t before, doing; /* at the bucket's begin and end */
	uint32_t depth_before, depth, deepest;
	uint32_t events, handlers, waits, sends, receives;
	uint64_t times[TRC_DOING_COUNT];
};

/* Adds `more`, which follows: both by actor. `length` and `more_length` are the times both took. */
void trc__figures_merge(struct trc__figures **figures, size_t *count, size_t *room, uint64_t length,
			const struct trc__figures *more, size_t more_count, uint64_t more_length);

/* All of them go on with what they are doing for some time. */
void trc__figures_pause(struct trc__figures *figures, size_t count, uint64_t length);

struct trc__carried {
	uint64_t actor;
	uint8_t doing;
	uint32_t depth;
};

struct trc__cell { /* waits to be written */
	uint64_t actor;
	struct trc_summary_cell cell;
};

struct trc__node_builder {
	unsigned level;
	uint64_t first_event, begin, end, events;
	struct trc_summary_bucket buckets[TRC_SUMMARY_BUCKETS];
	size_t bucket_count;
	struct trc__carried *carried;
	size_t carried_count, carried_room;
	struct trc__cell *cells;
	size_t cell_count, cell_room;
	struct trc_bytes bytes; /* of the node written last */
};

void trc__node_begin(struct trc__node_builder *node, unsigned level, uint64_t first_event,
		     uint64_t begin);
void trc__node_carry(struct trc__node_builder *node, uint64_t actor, uint8_t doing, uint32_t depth);
void trc__node_add(struct trc__node_builder *node, const struct trc_summary_bucket *bucket,
		   const struct trc__figures *figures, size_t count);
bool trc__node_is_full(const struct trc__node_builder *node);

/* False: there is nothing in it, or too much to be worth it. `ret_row` stays good until the next
 * call. */
bool trc__node_end(struct trc__node_builder *node, struct trc_summary_row *ret_row);
void trc__node_free(struct trc__node_builder *node);

#endif
