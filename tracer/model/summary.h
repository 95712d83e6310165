/*
 * summary.h - a trace seen from afar: what each actor did, bucket by bucket, at several resolutions
 *
 * A bucket is a run of events in causal order: TRC_SUMMARY_EVENTS of them at level 0, four times as
 * many at each further level, fewer before a pause, which lies between buckets. So resolution
 * follows the events: fine where there are many. A cell is what one actor did within one bucket.
 * Only buckets in which an event of the actor's lies have a cell; between two cells the actor went
 * on with what it was doing at the end of the first, so that a wait of an hour costs nothing. Up to
 * TRC_SUMMARY_BUCKETS buckets of a level are kept together as a node, which begins with what
 * everybody was doing then.
 *
 * Where so many actors are busy that a node would hold more than a cell for each
 * TRC_SUMMARY_SPARSE events, it is not made; there the level above has to do.
 *
 * The bytes of a node are described in docs/trace-format.md.
 */
#ifndef TRACER_MODEL_SUMMARY_H
#define TRACER_MODEL_SUMMARY_H

#include "tracer/model/bytes.h"
#include "tracer/model/model.h"

enum {
	TRC_SUMMARY_EVENTS = 2048,
	TRC_SUMMARY_FACTOR = 4,
	TRC_SUMMARY_LEVELS = 8,
	TRC_SUMMARY_BUCKETS = 32,
	TRC_SUMMARY_PAUSE = 4,  /* times as long as a bucket: it ends before such a pause, */
	TRC_SUMMARY_LEAST = 16, /* if it has this part of its events already */
	TRC_SUMMARY_SPARSE = 8,
	TRC_SUMMARY_CELLS = 1 << 16, /* a node ends early at so many */
	TRC_SUMMARY_SHARE = 16383,   /* the whole of a bucket's time */
};

enum trc_doing {
	TRC_DOING_NOTHING, /* between messages */
	TRC_DOING_HANDLER, /* running */
	TRC_DOING_WAIT,    /* + enum trc_what - 1: waiting */
	TRC_DOING_COUNT = TRC_DOING_WAIT + 5,
};

/* What the actor is doing now. */
enum trc_doing trc_doing(const struct trc_actor *actor);

struct trc_summary_cell {
	uint32_t bucket;                  /* in its node, from 0 */
	uint32_t events, handlers, waits; /* begun */
	uint32_t sends, receives;
	uint32_t deepest, depth;          /* of its mailbox; within the bucket, and at its end */
	uint8_t doing;                    /* at its end */
	uint16_t shares[TRC_DOING_COUNT]; /* of the bucket's time, see TRC_SUMMARY_SHARE */
};

struct trc_summary_lane {
	uint64_t actor;
	uint8_t doing; /* when the node begins */
	uint32_t depth;
	size_t first, count; /* in the node's cells */
};

struct trc_summary_bucket {
	uint64_t begin, end; /* times; pauses are between buckets */
	uint64_t events, sends;
};

struct trc_summary_node {
	unsigned level;
	uint64_t first_event; /* events before it */
	uint64_t begin;       /* of the first bucket */
	size_t bucket_count, lane_count, cell_count;
	struct trc_summary_bucket *buckets;
	struct trc_summary_lane *lanes; /* by actor */
	struct trc_summary_cell *cells;
};

/* False, with nothing to clear, when the bytes are damaged. */
bool trc_summary_node_decode(const uint8_t *bytes, size_t size, struct trc_summary_node *ret_node);

/* The same without lanes and cells, which are nearly all of a node where many actors are busy. */
bool trc_summary_head_decode(const uint8_t *bytes, size_t size, struct trc_summary_node *ret_node);
void trc_summary_node_clear(struct trc_summary_node *node);

/* The lane of an actor, or NULL when it did nothing and had nothing to do in this node. */
const struct trc_summary_lane *trc_summary_lane(const struct trc_summary_node *node,
						uint64_t actor);

/* A node as it is kept. */
struct trc_summary_row {
	unsigned level;
	uint64_t first_event, events;
	uint64_t begin, end; /* times */
	const uint8_t *bytes;
	size_t size;
};

/* Makes nodes from events, in the order in which they are complete. */
struct trc_summary;
typedef void trc_summary_emit(const struct trc_summary_row *row, void *context);

/* Begins with the model as it stands; it is borrowed. */
struct trc_summary *trc_summary_new(const struct trc_model *model, trc_summary_emit *emit,
				    void *context);
void trc_summary_free(struct trc_summary *summary);

/* The event has been applied to the model. */
void trc_summary_event(struct trc_summary *summary, const struct trc_event *event);

/* There will be no more events: what is not complete is told as it is. */
void trc_summary_finish(struct trc_summary *summary);

#endif
