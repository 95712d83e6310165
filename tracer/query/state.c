/*
 * state.c - the program as it was at some time, and the events between two times
 *
 * While a trace is opened, copies of the model are kept every so often (keyframes). The state at a
 * time is the keyframe before it with the events since applied again. When the keyframes together
 * hold too much, every other one is dropped and they are taken half as often: the memory stays
 * bounded however long the trace, and a state is never more than a few ten thousand events away.
 */
#include "tracer/query/index.h"

#include "tracer/model/memory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	FIRST_EVERY = 16384,     /* events between keyframes, at first */
	KEYFRAMES_MAX = 64,      /* kept at most */
	WEIGHT_MAX = 1000000,    /* actors and messages in all of them */
	SLOT_EVENTS_MAX = 400000 /* events of decoded segments that are kept */
};

/* --- decoded segments ---------------------------------------------------------------------------
 */

static void drop_slot(struct trc_trace *trace, size_t place)
{
	trace->slot_events -= trace->slots[place].segment.count;
	trc_segment_clear(&trace->slots[place].segment);
	trace->slots[place] = trace->slots[--trace->slot_count];
}

static void make_room(struct trc_trace *trace, size_t events)
{
	while (trace->slot_count > 0 && trace->slot_events + events > SLOT_EVENTS_MAX) {
		size_t oldest = 0;

		for (size_t i = 1; i < trace->slot_count; i++)
			if (trace->slots[i].used < trace->slots[oldest].used)
				oldest = i;
		drop_slot(trace, oldest);
	}
}

static const struct trc_segment *decoded(struct trc_trace *trace, uint32_t number,
					 struct trc_trace_error *ret_error)
{
	struct trc__slot slot = {.number = number, .used = ++trace->uses};
	struct trc_error error;

	/* The one used last is asked for again most of the time: look from the end. */
	for (size_t i = trace->slot_count; i-- > 0;)
		if (trace->slots[i].number == number) {
			trace->slots[i].used = trace->uses;
			return &trace->slots[i].segment;
		}
	if (trc_store_segment_load(trace->store, number, &slot.segment, &error) < 0) {
		if (ret_error)
			snprintf(ret_error->text, sizeof ret_error->text, "%s", error.text);
		return NULL;
	}
	make_room(trace, slot.segment.count);
	trace->slots = trc_grow(trace->slots, &trace->slot_room, trace->slot_count + 1,
				sizeof *trace->slots);
	trace->slots[trace->slot_count++] = slot;
	trace->slot_events += slot.segment.count;
	return &trace->slots[trace->slot_count - 1].segment;
}

void trc__slots_free(struct trc_trace *trace)
{
	while (trace->slot_count > 0)
		drop_slot(trace, 0);
	free(trace->slots);
}

const struct trc_event *trc__event_at(struct trc_trace *trace, size_t position,
				      struct trc_event *event, struct trc_trace_error *ret_error)
{
	struct trc__ref ref = trace->refs[position];
	const struct trc_segment *segment = decoded(trace, ref.segment, ret_error);

	/* The file may have changed under our hands. */
	if (!segment || ref.index >= segment->count)
		return NULL;
	*event = segment->events[ref.index];
	event->time = trace->times[position];
	return event;
}

size_t trc__position_after(const struct trc_trace *trace, uint64_t time)
{
	size_t low = 0, high = trace->event_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trace->times[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- keyframes ----------------------------------------------------------------------------------
 */

static size_t weight(const struct trc_model *model)
{
	size_t count = trc_model_actor_count(model), sum = count;

	for (size_t i = 0; i < count; i++)
		sum += trc_model_actor_at(model, i)->depth;
	return sum;
}

static void drop_every_other(struct trc_trace *trace)
{
	size_t kept = 0;

	for (size_t i = 0; i < trace->keyframe_count; i++) {
		if (i % 2 == 0)
			trace->keyframes[kept++] = trace->keyframes[i];
		else
			trc_model_free(trace->keyframes[i].model);
	}
	trace->keyframe_count = kept;
	trace->keyframe_every *= 2;
}

void trc__keyframe_consider(struct trc_trace *trace)
{
	size_t last, limit;

	if (trace->keyframe_every == 0)
		trace->keyframe_every = FIRST_EVERY;
	if (trace->keyframe_count > 0) {
		last = trace->keyframes[trace->keyframe_count - 1].position;
		if (trace->event_count - last < trace->keyframe_every)
			return;
	}
	trace->keyframes = trc_grow(trace->keyframes, &trace->keyframe_room,
				    trace->keyframe_count + 1, sizeof *trace->keyframes);
	trace->keyframes[trace->keyframe_count++] =
		(struct trc__keyframe){trace->event_count, trc_model_clone(trace->model)};
	limit = WEIGHT_MAX / (weight(trace->model) + 1) + 2;
	while (trace->keyframe_count > (limit < KEYFRAMES_MAX ? limit : KEYFRAMES_MAX))
		drop_every_other(trace);
}

void trc__keyframes_free(struct trc_trace *trace)
{
	for (size_t i = 0; i < trace->keyframe_count; i++)
		trc_model_free(trace->keyframes[i].model);
	free(trace->keyframes);
	trc_model_free(trace->state);
}

/* The last keyframe at or before a position. The first is at 0. */
static const struct trc__keyframe *keyframe_before(const struct trc_trace *trace, size_t position)
{
	size_t low = 0, high = trace->keyframe_count;

	while (high - low > 1) {
		size_t middle = low + (high - low) / 2;

		if (trace->keyframes[middle].position <= position)
			low = middle;
		else
			high = middle;
	}
	return &trace->keyframes[low];
}

const struct trc_model *trc_trace_state_at(struct trc_trace *trace, uint64_t time)
{
	size_t position = trc__position_after(trace, time);
	const struct trc__keyframe *keyframe = keyframe_before(trace, position);

	if (!trace->state || trace->state_position > position ||
	    trace->state_position < keyframe->position) {
		trc_model_free(trace->state);
		trace->state = trc_model_clone(keyframe->model);
		trace->state_position = keyframe->position;
	}
	while (trace->state_position < position) {
		struct trc_event event;

		/* A segment that was good when the trace was opened is not now: show what we can.
		 */
		if (!trc__event_at(trace, trace->state_position, &event, NULL))
			break;
		trc_model_apply(trace->state, &event);
		trace->state_position++;
	}
	return trace->state;
}

int trc_trace_each_event(struct trc_trace *trace, uint64_t from, uint64_t to,
			 trc_trace_before *before, trc_trace_visit *visit, void *context,
			 struct trc_trace_error *ret_error)
{
	size_t first = from ? trc__position_after(trace, from - 1) : 0;
	const struct trc__keyframe *keyframe = keyframe_before(trace, first);
	struct trc_model *model = trc_model_clone(keyframe->model);
	bool more = true;
	int r = 0;

	for (size_t i = keyframe->position;
	     more && i < trace->event_count && (i < first || trace->times[i] <= to); i++) {
		struct trc_event event;

		snprintf(ret_error->text, sizeof ret_error->text,
			 "Cannot read an event of %s again: the file has changed.", trace->path);
		if (!trc__event_at(trace, i, &event, ret_error)) {
			r = -EIO;
			break;
		}
		if (i >= first && before)
			before(model, &event, context);
		trc_model_apply(model, &event);
		if (i >= first)
			more = visit(model, &event, context);
	}
	trc_model_free(model);
	return r;
}
