/*
 * trace-private.h - an open trace; for tracer/query only
 *
 * Keyframes divide the trace into chapters of some ten thousand events. Chapter i begins with the
 * state that keyframe i-1 holds (chapter 0: with nothing) and ends with keyframe i; behind the last
 * keyframe the growing chapter takes in what is new. A trace that has let go of its beginning
 * (tracer/derive/window.h) begins with chapter 1; nothing is known of chapter 0. What is asked
 * about a time is answered from the chapters around it, which are read from their segments then,
 * and of which only a few are kept. What is asked about a long time is answered from summaries.
 *
 * Keyframes and summaries are in the file, or, where it has none, are made when it is opened and
 * kept in a temporary file. So memory does not grow with the trace, but for 16 bytes for each
 * thousand events and what the model knows of each actor.
 */
#ifndef TRACER_QUERY_TRACE_PRIVATE_H
#define TRACER_QUERY_TRACE_PRIVATE_H

#include "tracer/model/digest.h"
#include "tracer/model/order.h"
#include "tracer/model/table.h"
#include "tracer/query/trace.h"
#include "tracer/store/index.h"
#include "tracer/store/store.h"

/* --- segments.c: which segments a ring has ------------------------------------------------------
 */

struct trc__ring {
	uint32_t *segments;
	size_t count, room;
};

/* Takes in the segments that the store has and we do not. */
void trc__segments_update(struct trc_trace *trace);
void trc__segments_free(struct trc_trace *trace);

/* Batches are counted from 0, as the order does, and those that were let go are counted. */
uint64_t trc__batch_count(const struct trc_trace *trace);

/* --- cursor.c: events in causal order, from any keyframe on ------------------------------------
 */

struct trc__cursor;

/* Begins behind keyframe number `after` - 1, or (0) at the beginning of the trace. `model` has to
 * be in that state; it is borrowed. `visit` and the others may be NULL, but not `visit`. NULL, with
 * an error, when the keyframe is damaged. */
struct trc__cursor *trc__cursor_new(const struct trc_trace *trace, size_t after,
				    struct trc_model *model, trc_order_visit *visit, void *context,
				    struct trc_trace_error *ret_error);
void trc__cursor_free(struct trc__cursor *cursor);
void trc__cursor_before(struct trc__cursor *cursor, trc_order_visit *before);
void trc__cursor_settled(struct trc__cursor *cursor, void (*settled)(void *context));
const struct trc_order *trc__cursor_order(const struct trc__cursor *cursor);

/* Goes through the next batch. 1, 0 when there was none, -errno. */
int trc__cursor_next(struct trc__cursor *cursor, struct trc_trace_error *ret_error);

/* Goes through all events up to a time. 1: there are later ones; 0: there may be none, or none that
 * can go before those that are still missing; -errno. It can be called again with a later time. */
int trc__cursor_until(struct trc__cursor *cursor, uint64_t time, struct trc_trace_error *ret_error);

/* All events that are left. */
void trc__cursor_last(struct trc__cursor *cursor);

/* From within `visit`: no more. */
void trc__cursor_stop(struct trc__cursor *cursor);

/* --- chapter.c ----------------------------------------------------------------------------------
 */

/* Spans of one sort follow each other; they never overlap. */
struct trc__spans {
	struct trc_span *items;
	size_t count, room;
	bool carried; /* the first began in an earlier chapter */
};

struct trc__lane {
	struct trc__spans handlers;
	struct trc__spans waits;
	struct trc_depth *depths;
	size_t depth_count, depth_room;
	bool depth_carried; /* the first is what was when the chapter began */
	uint32_t *events;   /* places of its events in the chapter */
	size_t event_count, event_room;
};

#define TRC__NOWHERE UINT32_MAX

struct trc__message_entry {
	struct trc_message_info info;
	uint32_t sent_at, replied_at;       /* places of the events, or TRC__NOWHERE */
	uint32_t first_effect, last_effect; /* places of messages, or TRC__NOWHERE */
	uint32_t next_effect;               /* of the same cause */
	bool carried;                       /* sent in an earlier chapter */
	bool bare;         /* only its reply is still to come: the rest is not here */
	uint64_t resolved; /* at which trc_trace.version its end was looked for */
};

struct trc__chapter {
	size_t number;
	uint64_t first; /* events before it */
	uint64_t begin; /* time */
	uint64_t used;  /* at which use */
	struct trc_event *events;
	size_t event_count, event_room;
	uint8_t **payloads; /* blocks of them */
	size_t payload_blocks, payload_room, payload_used;
	uint32_t *notable; /* places of all but definitions */
	size_t notable_count, notable_room;
	struct trc_table lanes; /* struct trc__lane, by actor */
	struct trc__message_entry *messages;
	size_t message_count, message_room;
	size_t carried_count;         /* the first of them: sent in earlier chapters */
	struct trc_table places;      /* 1 + place of the message, by id */
	struct trc_table open_tokens; /* 1 + place of the ask, by token */
};

/* An empty chapter that begins with `model` as it is now. */
struct trc__chapter *trc__chapter_new(const struct trc_model *model, size_t number);
void trc__chapter_free(struct trc__chapter *chapter);

/* The event was applied to `model`. */
void trc__chapter_event(struct trc__chapter *chapter, const struct trc_model *model,
			const struct trc_event *event);

/* Chapter `number`, read if need be. Good until the next call but three. NULL, with an error, when
 * it cannot be read; `ret_error` may be NULL. */
const struct trc__chapter *trc__chapter(const struct trc_trace *trace, size_t number,
					struct trc_trace_error *ret_error);
void trc__chapter_keep(const struct trc_trace *trace, struct trc__chapter *chapter);
void trc__chapters_free(struct trc_trace *trace);
bool trc__chapter_is_here(const struct trc_trace *trace, size_t number);

size_t trc__chapter_count(const struct trc_trace *trace);

/* The chapter with the last event at or before `time`, or with the first event at or after it. */
size_t trc__chapter_until(const struct trc_trace *trace, uint64_t time);
size_t trc__chapter_from(const struct trc_trace *trace, uint64_t time);
size_t trc__chapter_of_event(const struct trc_trace *trace, uint64_t position);
uint64_t trc__chapter_first(const struct trc_trace *trace, size_t number);

/* Number of the chapter's events at or before `time`. */
size_t trc__place_after(const struct trc__chapter *chapter, uint64_t time);

/* --- lanes.c, messages.c: what is in a chapter --------------------------------------------------
 */

void trc__lanes_begin(struct trc__chapter *chapter, const struct trc_model *model);
void trc__lane_event(struct trc__chapter *chapter, const struct trc_model *model,
		     const struct trc_event *event, size_t place);
void trc__lanes_free(struct trc__chapter *chapter);

void trc__messages_begin(struct trc__chapter *chapter, const struct trc_model *model);
void trc__message_event(struct trc__chapter *chapter, const struct trc_model *model,
			const struct trc_event *event, size_t place);
void trc__messages_free(struct trc__chapter *chapter);

/* --- state.c ------------------------------------------------------------------------------------
 */

size_t trc__keyframe_count(const struct trc_trace *trace);
const struct trc_index_keyframe *trc__keyframe(const struct trc_trace *trace, size_t number);

/* The bytes of a keyframe's state: to be freed. NULL, with an error (may be NULL). */
uint8_t *trc__keyframe_state(const struct trc_trace *trace, size_t number, size_t *ret_size,
			     struct trc_trace_error *ret_error);

/* A model in the state in which chapter `number` begins, of the caller's own. NULL, with an error
 * (may be NULL). */
struct trc_model *trc__model_before(const struct trc_trace *trace, size_t number,
				    struct trc_trace_error *ret_error);

/* The same into a model that has learned names at most. False, with an error. */
bool trc__model_restore(const struct trc_trace *trace, size_t number, struct trc_model *model,
			struct trc_trace_error *ret_error);

void trc__models_free(struct trc_trace *trace);

/* Forgets the state that trc_trace_state_at() has given. */
void trc__state_free(struct trc_trace *trace);

/* The first chapter from `number` on in which something ends that goes on while `goes_on` says so
 * of the state at the chapter's end. SIZE_MAX when it does not end. */
size_t trc__chapter_of_end(const struct trc_trace *trace, size_t number,
			   bool (*goes_on)(const struct trc_model *model, const void *what),
			   const void *what);

/* --- nodes.c ------------------------------------------------------------------------------------
 */

enum { TRC__KEPT_CELLS = 1000000 }; /* in all kept nodes */

struct trc__place { /* of a node */
	const struct trc_index *index;
	unsigned level;
	size_t number;
	uint64_t first, end; /* events */
	uint64_t begin_time, end_time;
};

/* The node of a level that holds an event. */
bool trc__node_find(const struct trc_trace *trace, unsigned level, uint64_t event,
		    struct trc__place *ret_place);

/* As good a node as there is: coarser ones before finer ones. */
bool trc__node_find_any(const struct trc_trace *trace, unsigned level, uint64_t event,
			struct trc__place *ret_place);

/* The node, read if need be; empty when it is damaged. Good until the next call. */
const struct trc_summary_node *trc__node_at(const struct trc_trace *trace,
					    const struct trc__place *place);

/* The same without lanes and cells, which costs a small part of that. */
const struct trc_summary_node *trc__head_at(const struct trc_trace *trace,
					    const struct trc__place *place);

/* The first (`forward`) or last chapter in [first, end) in which the actor may have had an event;
 * SIZE_MAX when there is none. */
size_t trc__chapter_active(const struct trc_trace *trace, uint64_t actor, size_t first, size_t end,
			   bool forward);
void trc__nodes_free(struct trc_trace *trace);

/* --- the whole ----------------------------------------------------------------------------------
 */

/* What is kept of what was read; none of it can be seen from outside. */
struct trc__kept_node {
	const struct trc_index *index;
	unsigned level;
	size_t number;
	uint64_t used;
	size_t weight;
	struct trc_summary_node node;
};

struct trc__kept_model {
	size_t number; /* state before this chapter */
	uint64_t used;
	size_t weight;
	struct trc_model *model;
};

struct trc__kept {
	struct trc__chapter **chapters;
	size_t chapter_count, chapter_room, chapter_events;
	struct trc__kept_node *nodes;
	size_t node_count, node_room, node_weight;
	struct trc_table heads; /* struct trc_summary_node, by index, level and number */
	struct trc__kept_model *models;
	size_t model_count, model_room, model_weight;
	uint64_t uses;
};

struct trc_trace {
	char *path;
	struct trc_store *store;
	struct trc_store_info info;
	struct trc_model *model; /* at the end */
	size_t chapter_events;   /* at least, in chapters that are made here */
	uint64_t first_time;
	bool has_first;
	bool finished;    /* nothing more is expected */
	uint64_t version; /* counts refreshes that brought something */

	struct trc_index *file; /* keyframes and summaries of the file, as far as they are used */
	size_t file_keyframes;
	size_t first_chapter;
	uint64_t file_events;  /* up to the last of them */
	struct trc_index *own; /* those behind, made by us; NULL: none needed so far */

	/* segments.c */
	struct trc_table rings; /* struct trc__ring, by number + 1 */
	size_t segment_count;
	uint64_t first_batch;  /* that is there */
	uint64_t *batch_of;    /* by segment */
	uint32_t *batch_begin; /* first segment, by batch from the first on */
	size_t batch_count, segment_room, batch_room;

	/* the end */
	struct trc__cursor *end;
	struct trc_digest *digest;
	struct trc__chapter *growing;
	uint64_t messages; /* until the last keyframe, and in the growing chapter */
	int failed;        /* to keep a keyframe of our own */
	struct trc_trace_error failure;

	/* the state shown last, and how it goes on unless its chapter is kept */
	struct trc_model *state;
	size_t state_chapter;
	uint64_t state_time;
	struct trc__cursor *state_cursor;

	struct trc__kept *kept;
};

/* trc_trace_open with chapters of another size than TRC_CHAPTER_EVENTS, for tests. */
int trc__trace_open(const char *path, size_t chapter_events,
		    bool (*progress)(double share, void *context), void *context,
		    struct trc_trace **ret_trace, struct trc_trace_error *ret_error);

/* `ret_error` may be NULL. */
void trc__pass_error(const struct trc_error *error, struct trc_trace_error *ret_error);

#endif
