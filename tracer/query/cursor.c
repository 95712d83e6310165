/*
 * cursor.c - reading a trace in causal order from any keyframe on
 *
 * The order merges the rings as the recorder did, batch by batch. Of each ring only one segment is
 * decoded at a time: the order is promised the rest of the batch and asks for it.
 */
#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

struct reading { /* of one ring */
	const struct trc__ring *ring;
	size_t next; /* segment to be pushed, in the ring's list */
	size_t end;  /* promised up to here */
};

struct trc__cursor {
	const struct trc_trace *trace;
	struct trc_order *order;
	trc_order_visit *visit, *before;
	void (*settled)(void *context);
	void *context;
	struct trc_table readings; /* by ring number + 1 */
	uint64_t batch;            /* the next */
	bool unfinished;           /* in the batch before it */
	bool stopped;
	int failed;
	struct trc_error error;
};

static void on_visit(const struct trc_event *event, void *context)
{
	struct trc__cursor *cursor = context;

	if (!cursor->stopped)
		cursor->visit(event, cursor->context);
}

static void on_before(const struct trc_event *event, void *context)
{
	struct trc__cursor *cursor = context;

	if (cursor->before && !cursor->stopped)
		cursor->before(event, cursor->context);
}

static void on_settled(void *context)
{
	struct trc__cursor *cursor = context;

	if (cursor->settled && !cursor->stopped)
		cursor->settled(cursor->context);
}

static struct reading *reading_of(struct trc__cursor *cursor, unsigned ring)
{
	struct reading *reading = trc_table_find(&cursor->readings, (uint64_t)ring + 1);

	if (!reading) {
		reading = trc_zalloc(1, sizeof *reading);
		reading->ring = trc_table_find(&cursor->trace->rings, (uint64_t)ring + 1);
		trc_table_put(&cursor->readings, (uint64_t)ring + 1, reading);
	}
	return reading;
}

/* Pushes the next segment of a ring but for its first `skip` events. */
static void push_segment(struct trc__cursor *cursor, unsigned ring, size_t skip)
{
	struct reading *reading = reading_of(cursor, ring);
	struct trc_segment segment;
	uint32_t number;
	int result;

	if (cursor->failed < 0 || !reading->ring || reading->next >= reading->end)
		return;
	number = reading->ring->segments[reading->next++];
	result = trc_store_segment_load(cursor->trace->store, number, &segment, &cursor->error);
	if (result < 0) {
		cursor->failed = result;
		trc_order_stop(cursor->order);
		return;
	}
	for (size_t i = skip; i < segment.count; i++)
		trc_order_push_of(cursor->order, cursor->trace->batch_of[number], ring,
				  &segment.events[i]);
	trc_segment_clear(&segment);
}

static void refill(unsigned ring, void *context)
{
	push_segment(context, ring, 0);
}

static size_t events_in(const struct trc__cursor *cursor, uint32_t segment)
{
	return trc_store_segment_info(cursor->trace->store, segment).count;
}

/* The last `waiting` events of the ring in the batches before cursor->batch. */
static void place(unsigned ring, uint64_t waiting, void *context)
{
	struct trc__cursor *cursor = context;
	struct reading *reading = reading_of(cursor, ring);
	uint64_t found = 0;

	if (!reading->ring)
		return;
	reading->end = reading->next;
	while (found < waiting && reading->next > 0)
		found += events_in(cursor, reading->ring->segments[--reading->next]);
	if (found < waiting)
		return;
	trc_order_promise(cursor->order, ring, waiting);
	push_segment(cursor, ring, (size_t)(found - waiting));
}

/* All rings stand behind the batches before cursor->batch. */
static void skip_batches(struct trc__cursor *cursor)
{
	const struct trc_trace *trace = cursor->trace;
	uint32_t end = cursor->batch < trc__batch_count(trace)
			       ? trace->batch_begin[cursor->batch - trace->first_batch]
			       : (uint32_t)trace->segment_count;
	const struct trc__ring *ring;
	size_t at = 0;

	while ((ring = trc_table_next(&trace->rings, &at))) {
		uint32_t number = trc_store_segment_info(trace->store, ring->segments[0]).ring;
		struct reading *reading = reading_of(cursor, number);
		size_t low = 0, high = ring->count;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (ring->segments[middle] < end)
				low = middle + 1;
			else
				high = middle;
		}
		reading->next = reading->end = low;
	}
}

static bool restore(struct trc__cursor *cursor, size_t keyframe, struct trc_trace_error *ret_error)
{
	const struct trc_trace *trace = cursor->trace;
	const struct trc_index_keyframe *row = trc__keyframe(trace, keyframe);
	size_t size;
	uint8_t *bytes = trc__keyframe_state(trace, keyframe, &size, ret_error);
	struct trc_input input = {bytes, bytes + size, false};
	bool good;

	if (!bytes)
		return false;
	good = row->batch >= trace->first_batch && row->batch <= trc__batch_count(trace);
	if (good) {
		cursor->batch = row->batch;
		skip_batches(cursor);
		good = trc_order_restore(cursor->order, &input, place, cursor);
		cursor->unfinished = true;
	}
	good = good && trc_order_batches(cursor->order) == row->batch && cursor->failed == 0;
	if (!good && ret_error)
		snprintf(ret_error->text, sizeof ret_error->text,
			 "Cannot read %s: keyframe %zu is damaged.", trace->path, keyframe);
	free(bytes);
	return good;
}

struct trc__cursor *trc__cursor_new(const struct trc_trace *trace, size_t after,
				    struct trc_model *model, trc_order_visit *visit, void *context,
				    struct trc_trace_error *ret_error)
{
	struct trc__cursor *cursor = trc_zalloc(1, sizeof *cursor);

	cursor->trace = trace;
	cursor->visit = visit;
	cursor->context = context;
	cursor->batch = trace->first_batch;
	cursor->order = trc_order_new(model, on_visit, cursor);
	trc_order_before(cursor->order, on_before);
	trc_order_settled(cursor->order, on_settled);
	trc_order_refill(cursor->order, refill);
	if (after > 0 && !restore(cursor, after - 1, ret_error)) {
		trc__cursor_free(cursor);
		return NULL;
	}
	return cursor;
}

void trc__cursor_free(struct trc__cursor *cursor)
{
	struct reading *reading;
	size_t at = 0;

	if (!cursor)
		return;
	while ((reading = trc_table_next(&cursor->readings, &at)))
		free(reading);
	trc_table_clear(&cursor->readings);
	trc_order_free(cursor->order);
	free(cursor);
}

void trc__cursor_before(struct trc__cursor *cursor, trc_order_visit *before)
{
	cursor->before = before;
}

void trc__cursor_settled(struct trc__cursor *cursor, void (*settled)(void *context))
{
	cursor->settled = settled;
}

const struct trc_order *trc__cursor_order(const struct trc__cursor *cursor)
{
	return cursor->order;
}

/* Promises the segments of the next batch, and pushes the first of each ring that has run dry. */
static void begin_batch(struct trc__cursor *cursor)
{
	const struct trc_trace *trace = cursor->trace;
	size_t batch = (size_t)(cursor->batch++ - trace->first_batch);
	size_t end = batch + 1 < trace->batch_count ? trace->batch_begin[batch + 1]
						    : trace->segment_count;

	for (size_t i = trace->batch_begin[batch]; i < end; i++) {
		unsigned ring = trc_store_segment_info(trace->store, i).ring;
		struct reading *reading = reading_of(cursor, ring);
		bool dry = reading->next == reading->end;

		reading->end++;
		trc_order_promise(cursor->order, ring, events_in(cursor, (uint32_t)i));
		if (dry)
			push_segment(cursor, ring, 0);
	}
}

static int result_of(struct trc__cursor *cursor, struct trc_trace_error *ret_error)
{
	if (cursor->failed < 0)
		trc__pass_error(&cursor->error, ret_error);
	return cursor->failed < 0 ? cursor->failed : 1;
}

/* Goes on in the batch that is not finished, or into the next one. False: there is none. */
static bool enter_batch(struct trc__cursor *cursor)
{
	if (cursor->unfinished)
		cursor->unfinished = false;
	else if (cursor->batch < trc__batch_count(cursor->trace))
		begin_batch(cursor);
	else
		return false;
	return true;
}

int trc__cursor_next(struct trc__cursor *cursor, struct trc_trace_error *ret_error)
{
	if (cursor->failed == 0) {
		if (!enter_batch(cursor))
			return 0;
		trc_order_drain(cursor->order, false);
	}
	return result_of(cursor, ret_error);
}

int trc__cursor_until(struct trc__cursor *cursor, uint64_t time, struct trc_trace_error *ret_error)
{
	while (cursor->failed == 0) {
		if (!enter_batch(cursor))
			return 0;
		if (!trc_order_drain_until(cursor->order, time)) {
			cursor->unfinished = true;
			break;
		}
	}
	return result_of(cursor, ret_error);
}

void trc__cursor_last(struct trc__cursor *cursor)
{
	trc_order_drain(cursor->order, true);
}

void trc__cursor_stop(struct trc__cursor *cursor)
{
	cursor->stopped = true;
	trc_order_stop(cursor->order);
}
