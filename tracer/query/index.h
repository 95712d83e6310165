/*
 * index.h - what a trace keeps in memory; for tracer/query only
 *
 * Everything here is bounded by the trace: 20 bytes for each event, about 140 for each message, 80
 * for each span, 16 for each change of a mailbox's depth, and keyframes, whose number is limited.
 * Payloads are not kept; they are read from their segment when somebody asks.
 */
#ifndef TRACER_QUERY_INDEX_H
#define TRACER_QUERY_INDEX_H

#include "tracer/model/order.h"
#include "tracer/model/table.h"
#include "tracer/query/trace.h"
#include "tracer/store/store.h"

/* Where an event is in the file. */
struct trc__ref {
	uint32_t segment;
	uint32_t index;
};

#define TRC__NOWHERE UINT32_MAX

/* Spans of one sort follow each other; they never overlap. */
struct trc__spans {
	struct trc_span *items;
	size_t count, room;
};

struct trc__lane {
	struct trc__spans handlers;
	struct trc__spans waits;
	struct trc_depth *depths;
	size_t depth_count, depth_room;
	uint32_t *events; /* positions of its events */
	size_t event_count, event_room;
};

struct trc__message_entry {
	struct trc_message_info info;
	uint32_t sent_at, replied_at;       /* positions of the events, or TRC__NOWHERE */
	uint32_t first_effect, last_effect; /* places of messages, or TRC__NOWHERE */
	uint32_t next_effect;               /* of the same cause */
};

/* What is known of a block of messages, to skip it as a whole. */
struct trc__block {
	uint32_t open;      /* messages that have not left the mailbox */
	uint64_t last_left; /* latest time at which one of the others did */
};
enum { TRC__BLOCK = 1024 };

/* One ring's segments, in their order, and how far their events have been handed out. */
struct trc__ring {
	uint32_t *segments;
	size_t count, room, at;
	uint32_t index;
};

/* The model after the first `position` events. */
struct trc__keyframe {
	size_t position;
	struct trc_model *model;
};

struct trc__slot { /* a decoded segment */
	uint32_t number;
	uint64_t used; /* at which use */
	struct trc_segment segment;
};

struct trc_trace {
	char *path;
	struct trc_store *store;
	struct trc_store_info info;
	struct trc_model *model; /* at the end */
	struct trc_order *order;
	bool finished; /* nothing more is expected */
	size_t segments_done;

	/* in causal order, by position */
	struct trc__ref *refs;
	uint64_t *times; /* never fall */
	size_t event_count, ref_room, time_room;
	struct trc__lane all; /* only `events`: all but definitions */

	struct trc_table lanes; /* struct trc__lane, by actor */
	struct trc_table rings; /* struct trc__ring, by number + 1 */

	struct trc__message_entry *messages; /* by time sent */
	size_t message_count, message_room;
	struct trc__block *blocks;
	size_t block_count, block_room;
	struct trc_table message_places; /* 1 + place, by id */
	struct trc_table open_tokens;    /* 1 + place of the ask, by token */

	struct trc__keyframe *keyframes;
	size_t keyframe_count, keyframe_room;
	size_t keyframe_every; /* events */

	/* the state shown last */
	struct trc_model *state;
	size_t state_position;

	struct trc__slot *slots;
	size_t slot_count, slot_room, slot_events;
	uint64_t uses;
};

/* Fed with all events as they get their place: trc_order_visit. */
void trc__index_event(const struct trc_event *event, void *trace);

/* The lane of an actor, or NULL. */
struct trc__lane *trc__lane(const struct trc_trace *trace, uint64_t actor);
void trc__lane_event(struct trc_trace *trace, const struct trc_event *event, size_t position);
void trc__lanes_free(struct trc_trace *trace);

void trc__message_event(struct trc_trace *trace, const struct trc_event *event, size_t position);

/* Takes a keyframe when one is due. */
void trc__keyframe_consider(struct trc_trace *trace);
void trc__keyframes_free(struct trc_trace *trace);

/* The event at a position, its time as in `times`. Good until the next call. NULL, with an error,
 * when its segment cannot be read. */
const struct trc_event *trc__event_at(struct trc_trace *trace, size_t position,
				      struct trc_event *event, struct trc_trace_error *ret_error);
void trc__slots_free(struct trc_trace *trace);

/* Number of events at or before `time`. */
size_t trc__position_after(const struct trc_trace *trace, uint64_t time);

#endif
