/*
 * order.c - merging the rings' streams
 *
 * The earliest event goes first, unless it has to wait for another (trc_model_ready_for). Then its
 * ring is set aside under the number of what it waits for, an actor, a message or a token, and
 * comes back when an event about that number has been applied.
 *
 * Rings are read one after the other, so that a batch may hold a RECEIVE whose SEND comes in the
 * next. While a ring is set aside, the others go on only a little further than its first event
 * (HOLD_NS, more than clocks of two processors differ by): the rest waits for the next batch with
 * it, and for one batch only. So times hardly ever run backwards; where they do, they are raised to
 * the latest time handed out, and everybody downstream may rely on times that never fall.
 *
 * What an event waits for is in the same batch or in the next. When it is not there several batches
 * later, it is lost; then the event is applied as it is. Batches are counted, not time, and empty
 * ones are not, so that the recorder and every later reader of its file see the same order.
 */
#include "tracer/model/order.h"

#include "tracer/model/memory.h"
#include "tracer/model/order-private.h"
#include "tracer/model/state.h"

#include <stdlib.h>
#include <string.h>

enum {
	HOLD_NS = 1000000,
	PATIENCE = 16,          /* batches that an event waits for its cause */
	PATIENCE_AFTER_LOSS = 2 /* the same once the trace is known to have gaps */
};

struct trc_order *trc_order_new(struct trc_model *model, trc_order_visit *visit, void *context)
{
	struct trc_order *order = trc_zalloc(1, sizeof *order);

	order->model = model;
	order->visit = visit;
	order->context = context;
	order->hold = UINT64_MAX;
	return order;
}

void trc_order_free(struct trc_order *order)
{
	struct trc__stream *stream;
	size_t place = 0;

	if (!order)
		return;
	while ((stream = trc_table_next(&order->rings, &place))) {
		free(stream->entries);
		free(stream->bytes);
		free(stream);
	}
	trc_table_clear(&order->rings);
	free(order->ready);
	free(order->aside);
	free(order);
}

void trc_order_refill(struct trc_order *order, trc_order_refiller *refill)
{
	order->refill = refill;
}

void trc_order_settled(struct trc_order *order, void (*settled)(void *context))
{
	order->settled = settled;
}

void trc_order_stop(struct trc_order *order)
{
	order->stopped = true;
}

uint64_t trc_order_batches(const struct trc_order *order)
{
	return order->batch + order->pushed;
}

void trc_order_before(struct trc_order *order, trc_order_visit *before)
{
	order->before = before;
}

unsigned trc_order_ring(const struct trc_order *order)
{
	return order->visited_ring;
}

size_t trc_order_pending(const struct trc_order *order)
{
	return order->pending;
}

/* --- the heap of streams whose first event has not been found waiting ---------------------------
 */

static uint64_t first_time(const struct trc__stream *stream)
{
	return stream->entries[stream->first].event.time;
}

/* No two are alike: the order must not depend on how the heap came to be. */
static bool goes_before(const struct trc__stream *a, const struct trc__stream *b)
{
	if (first_time(a) != first_time(b))
		return first_time(a) < first_time(b);
	return a->ring < b->ring;
}

void trc__order_sift_down(struct trc_order *order, size_t place)
{
	struct trc__stream **heap = order->ready;
	struct trc__stream *stream = heap[place];
	size_t child;

	while ((child = 2 * place + 1) < order->ready_count) {
		if (child + 1 < order->ready_count && goes_before(heap[child + 1], heap[child]))
			child++;
		if (goes_before(stream, heap[child]))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = stream;
}

static void add_ready(struct trc_order *order, struct trc__stream *stream)
{
	size_t place = order->ready_count++;

	order->ready = trc_grow(order->ready, &order->ready_room, order->ready_count,
				sizeof(struct trc__stream *));
	while (place > 0) {
		size_t parent = (place - 1) / 2;

		if (goes_before(order->ready[parent], stream))
			break;
		order->ready[place] = order->ready[parent];
		place = parent;
	}
	order->ready[place] = stream;
}

static void remove_earliest(struct trc_order *order)
{
	struct trc__stream *last = order->ready[--order->ready_count];

	if (order->ready_count == 0)
		return;
	order->ready[0] = last;
	trc__order_sift_down(order, 0);
}

/* --- streams set aside --------------------------------------------------------------------------
 */

static void find_hold(struct trc_order *order)
{
	order->hold = UINT64_MAX;
	for (size_t i = 0; i < order->aside_count; i++) {
		const struct trc__entry *entry = &order->aside[i]->entries[order->aside[i]->first];
		uint64_t time = entry->event.time;

		if (entry->batch >= order->hold_batch && time < UINT64_MAX - HOLD_NS &&
		    time + HOLD_NS < order->hold)
			order->hold = time + HOLD_NS;
	}
}

static void set_aside(struct trc_order *order, struct trc__stream *stream, uint64_t waits_for)
{
	remove_earliest(order);
	stream->waits_for = waits_for;
	order->aside = trc_grow(order->aside, &order->aside_room, order->aside_count + 1,
				sizeof(struct trc__stream *));
	order->aside[order->aside_count++] = stream;
	find_hold(order);
}

static void bring_back(struct trc_order *order, size_t place)
{
	struct trc__stream *stream = order->aside[place];

	order->aside[place] = order->aside[--order->aside_count];
	stream->waits_for = 0;
	add_ready(order, stream);
	find_hold(order);
}

/* An event about these numbers was applied: who waited for one of them may look again. */
static void bring_back_for(struct trc_order *order, uint64_t actor, uint64_t id)
{
	size_t i = 0;

	while (i < order->aside_count) {
		uint64_t waits_for = order->aside[i]->waits_for;

		if (waits_for == actor || waits_for == id)
			bring_back(order, i);
		else
			i++;
	}
}

/* --- streams ------------------------------------------------------------------------------------
 */

struct trc__stream *trc__order_stream(struct trc_order *order, unsigned ring)
{
	struct trc__stream *stream = trc_table_find(&order->rings, (uint64_t)ring + 1);

	if (!stream) {
		stream = trc_zalloc(1, sizeof *stream);
		stream->ring = ring;
		trc_table_put(&order->rings, (uint64_t)ring + 1, stream);
	}
	return stream;
}

/* Gives back the room of what was applied, when that is the greater part. */
static void tidy(struct trc__stream *stream)
{
	size_t kept = stream->end - stream->first;
	size_t bytes;

	if (stream->first == 0 || kept > stream->first)
		return;
	bytes = kept ? stream->entries[stream->first].payload : stream->byte_count;
	memmove(stream->entries, stream->entries + stream->first, kept * sizeof *stream->entries);
	if (stream->byte_count > bytes)
		memmove(stream->bytes, stream->bytes + bytes, stream->byte_count - bytes);
	stream->byte_count -= bytes;
	for (size_t i = 0; i < kept; i++)
		stream->entries[i].payload -= bytes;
	stream->first = 0;
	stream->end = kept;
}

void trc_order_push_of(struct trc_order *order, uint64_t batch, unsigned ring,
		       const struct trc_event *event)
{
	struct trc__stream *stream = trc__order_stream(order, ring);
	struct trc__entry *entry;

	tidy(stream);
	stream->entries =
		trc_grow(stream->entries, &stream->room, stream->end + 1, sizeof *stream->entries);
	entry = &stream->entries[stream->end++];
	*entry =
		(struct trc__entry){.event = *event, .payload = stream->byte_count, .batch = batch};
	entry->event.payload = NULL;
	if (event->payload_size) {
		stream->bytes = trc_grow(stream->bytes, &stream->byte_room,
					 stream->byte_count + event->payload_size, 1);
		memcpy(stream->bytes + stream->byte_count, event->payload, event->payload_size);
		stream->byte_count += event->payload_size;
	}
	order->pending++;
	order->pushed |= batch == order->batch;
	stream->promised -= stream->promised > 0;
	if (stream->end - stream->first == 1)
		add_ready(order, stream);
}

void trc_order_push(struct trc_order *order, unsigned ring, const struct trc_event *event)
{
	trc_order_push_of(order, order->batch, ring, event);
}

void trc_order_promise(struct trc_order *order, unsigned ring, uint64_t count)
{
	trc__order_stream(order, ring)->promised += count;
	order->pushed = true;
}

/* Applies the first event of the stream at the top of the heap. */
static void apply_earliest(struct trc_order *order)
{
	struct trc__stream *stream = order->ready[0];
	struct trc__entry *entry = &stream->entries[stream->first];
	struct trc_event event = entry->event;

	event.payload = event.payload_size ? stream->bytes + entry->payload : NULL;
	if (event.time > order->time)
		order->time = event.time;
	event.time = order->time;
	stream->first++;
	order->pending--;
	if (stream->first < stream->end)
		trc__order_sift_down(order, 0);
	else
		remove_earliest(order);
	order->visited_ring = stream->ring;
	if (order->before)
		order->before(&event, order->context);
	trc_model_apply(order->model, &event);
	if (order->visit)
		order->visit(&event, order->context);
	if (stream->first == stream->end && stream->promised > 0 && order->refill)
		order->refill(stream->ring, order->context);
	if (order->aside_count)
		bring_back_for(order, event.actor, event.id);
	if (order->settled && !order->last)
		order->settled(order->context);
}

/* Whether the first event of a stream would be handed out with a later time than is wanted. */
static bool is_beyond(const struct trc_order *order, const struct trc__stream *stream)
{
	return first_time(stream) > order->until || order->time > order->until;
}

/* Applies what is ready, as far as it is wanted. */
static void apply_ready(struct trc_order *order, uint64_t hold_batch)
{
	order->hold_batch = hold_batch;
	find_hold(order);
	while (!order->stopped && order->ready_count > 0 &&
	       first_time(order->ready[0]) <= order->hold) {
		if (is_beyond(order, order->ready[0])) {
			order->paused = true;
			return;
		}
		struct trc__stream *stream = order->ready[0];
		uint64_t blocker =
			trc__model_blocker(order->model, &stream->entries[stream->first].event);

		if (blocker)
			set_aside(order, stream, blocker);
		else
			apply_earliest(order);
	}
}

/* Applies the earliest of the events that have waited for too long. False when there is none. */
static bool give_up_one(struct trc_order *order, uint64_t patience)
{
	size_t earliest = SIZE_MAX;
	struct trc__stream *stream;

	for (size_t i = 0; i < order->aside_count; i++) {
		const struct trc__stream *one = order->aside[i];

		if (order->batch - one->entries[one->first].batch < patience)
			continue;
		if (earliest == SIZE_MAX || goes_before(one, order->aside[earliest]))
			earliest = i;
	}
	if (earliest == SIZE_MAX)
		return false;
	stream = order->aside[earliest];
	if (is_beyond(order, stream)) {
		order->paused = true;
		return false;
	}
	bring_back(order, earliest);
	/* It is not always the earliest of all; put it to the top for this once. */
	for (size_t i = 0; i < order->ready_count; i++)
		if (order->ready[i] == stream) {
			order->ready[i] = order->ready[0];
			order->ready[0] = stream;
			break;
		}
	apply_earliest(order);
	for (size_t i = order->ready_count / 2; i-- > 0;)
		trc__order_sift_down(order, i);
	return true;
}

/* Applies what is ready, and then what has waited for too long. When it has paused it goes on where
 * it was, so that the order is the same with and without pauses. */
static void drain(struct trc_order *order, bool last)
{
	order->last = last;
	order->paused = false;
	if (!order->giving_up) {
		apply_ready(order, order->batch);
		if (last)
			apply_ready(order, UINT64_MAX);
		order->patience = last ? 0 : PATIENCE;
		if (!last && trc_model_lost(order->model) > 0)
			order->patience = PATIENCE_AFTER_LOSS;
		order->giving_up = !order->paused;
	} else {
		apply_ready(order, order->batch);
	}
	while (!order->stopped && !order->paused && give_up_one(order, order->patience))
		apply_ready(order, last ? UINT64_MAX : order->batch);
	if (order->paused)
		return;
	order->giving_up = false;
	order->batch += order->pushed;
	order->pushed = false;
}

void trc_order_drain(struct trc_order *order, bool last)
{
	order->until = UINT64_MAX;
	drain(order, last);
}

bool trc_order_drain_until(struct trc_order *order, uint64_t until)
{
	order->until = until;
	drain(order, false);
	return !order->paused;
}
