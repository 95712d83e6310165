#include "tracer/query/index.h"

#include "tracer/model/memory.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void pass_error(const struct trc_error *error, struct trc_trace_error *ret_error)
{
	snprintf(ret_error->text, sizeof ret_error->text, "%s", error->text);
}

static struct trc__ring *ring_of(struct trc_trace *trace, uint32_t number)
{
	struct trc__ring *ring = trc_table_find(&trace->rings, (uint64_t)number + 1);

	if (!ring) {
		ring = trc_zalloc(1, sizeof *ring);
		trc_table_put(&trace->rings, (uint64_t)number + 1, ring);
	}
	return ring;
}

/* Where the event that is being visited comes from: rings are in order by themselves. */
static struct trc__ref next_ref(struct trc_trace *trace)
{
	struct trc__ring *ring = ring_of(trace, trc_order_ring(trace->order));
	struct trc__ref ref = {ring->segments[ring->at], ring->index++};

	if (ring->index == trc_store_segment_info(trace->store, ref.segment).count) {
		ring->index = 0;
		ring->at++;
	}
	return ref;
}

void trc__index_event(const struct trc_event *event, void *context)
{
	struct trc_trace *trace = context;
	size_t position = trace->event_count++;

	trace->refs =
		trc_grow(trace->refs, &trace->ref_room, trace->event_count, sizeof *trace->refs);
	trace->times =
		trc_grow(trace->times, &trace->time_room, trace->event_count, sizeof *trace->times);
	trace->refs[position] = next_ref(trace);
	trace->times[position] = event->time;
	if (event->kind < TRC_SPAWN)
		return;
	trace->all.events = trc_grow(trace->all.events, &trace->all.event_room,
				     trace->all.event_count + 1, sizeof *trace->all.events);
	trace->all.events[trace->all.event_count++] = (uint32_t)position;
	trc__lane_event(trace, event, position);
	trc__message_event(trace, event, position);
	trc__keyframe_consider(trace);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static int push_segment(struct trc_trace *trace, size_t number, struct trc_trace_error *ret_error)
{
	struct trc_segment_info info = trc_store_segment_info(trace->store, number);
	struct trc__ring *ring = ring_of(trace, info.ring);
	struct trc_segment segment;
	struct trc_error error;
	int r = trc_store_segment_load(trace->store, number, &segment, &error);

	if (r < 0) {
		pass_error(&error, ret_error);
		return r;
	}
	if (segment.count != info.count ||
	    trace->event_count + trc_order_pending(trace->order) + segment.count >= TRC__NOWHERE) {
		snprintf(ret_error->text, sizeof ret_error->text, "Cannot read %s: segment %zu %s.",
			 trace->path, number,
			 segment.count != info.count
				 ? "does not hold as many events as the file says"
				 : "goes beyond the 4 294 967 294 events that fit in memory");
		trc_segment_clear(&segment);
		return -EIO;
	}
	if (segment.count > 0) {
		ring->segments = trc_grow(ring->segments, &ring->room, ring->count + 1,
					  sizeof *ring->segments);
		ring->segments[ring->count++] = (uint32_t)number;
	}
	for (size_t i = 0; i < segment.count; i++)
		trc_order_push(trace->order, info.ring, &segment.events[i]);
	trc_segment_clear(&segment);
	return 0;
}

/* Takes in the segments that have not been yet, batch by batch as they were recorded. */
static int take_in(struct trc_trace *trace, bool (*progress)(double share, void *context),
		   void *context, struct trc_trace_error *ret_error)
{
	size_t count = trc_store_segment_count(trace->store);
	int r;

	while (trace->segments_done < count) {
		size_t number = trace->segments_done;
		uint64_t batch = trc_store_segment_info(trace->store, number).batch;

		if (progress && !progress((double)number / (double)count, context)) {
			snprintf(ret_error->text, sizeof ret_error->text,
				 "Opening %s was cancelled.", trace->path);
			return -ECANCELED;
		}
		r = push_segment(trace, number, ret_error);
		if (r < 0)
			return r;
		trace->segments_done++;
		if (number + 1 == count ||
		    trc_store_segment_info(trace->store, number + 1).batch != batch)
			trc_order_drain(trace->order, false);
	}
	trc_store_info(trace->store, &trace->info);
	if (trace->info.closed && !trace->finished) {
		trc_order_drain(trace->order, true);
		trace->finished = true;
	}
	return 0;
}

int trc_trace_open(const char *path, bool (*progress)(double share, void *context), void *context,
		   struct trc_trace **ret_trace, struct trc_trace_error *ret_error)
{
	struct trc_trace *trace;
	struct trc_store *store;
	struct trc_error error;
	int r = trc_store_open(path, &store, &error);

	if (r < 0) {
		pass_error(&error, ret_error);
		return r;
	}
	trace = trc_zalloc(1, sizeof *trace);
	trace->path = trc_strdup(path);
	trace->store = store;
	trace->model = trc_model_new();
	trace->order = trc_order_new(trace->model, trc__index_event, trace);
	trc__keyframe_consider(trace);
	r = take_in(trace, progress, context, ret_error);
	if (r < 0) {
		trc_trace_close(trace);
		return r;
	}
	*ret_trace = trace;
	return 0;
}

void trc_trace_close(struct trc_trace *trace)
{
	struct trc__ring *ring;
	size_t place = 0;

	if (!trace)
		return;
	while ((ring = trc_table_next(&trace->rings, &place))) {
		free(ring->segments);
		free(ring);
	}
	trc_table_clear(&trace->rings);
	trc__lanes_free(trace);
	trc__keyframes_free(trace);
	trc__slots_free(trace);
	trc_table_clear(&trace->message_places);
	trc_table_clear(&trace->open_tokens);
	trc_order_free(trace->order);
	trc_model_free(trace->model);
	trc_store_close(trace->store);
	free(trace->messages);
	free(trace->blocks);
	free(trace->refs);
	free(trace->times);
	free(trace->path);
	free(trace);
}

int trc_trace_refresh(struct trc_trace *trace, struct trc_trace_error *ret_error)
{
	size_t before = trace->event_count;
	bool was_closed = trace->info.closed;
	struct trc_error error;
	int r = trc_store_refresh(trace->store, &error);

	if (r < 0) {
		pass_error(&error, ret_error);
		return r;
	}
	r = take_in(trace, NULL, NULL, ret_error);
	if (r < 0)
		return r;
	return trace->event_count != before || trace->info.closed != was_closed;
}

void trc_trace_info(const struct trc_trace *trace, struct trc_trace_info *ret_info)
{
	size_t count = trace->all.event_count;

	*ret_info = (struct trc_trace_info){
		.path = trace->path,
		.program = trace->info.program ? trace->info.program : "",
		.wall_start = trace->info.wall_start,
		.first_time = count ? trace->times[trace->all.events[0]] : 0,
		.last_time = count ? trace->times[trace->all.events[count - 1]] : 0,
		.events = trace->event_count,
		.messages = trace->message_count,
		.lost = trc_model_lost(trace->model),
		.live = !trace->info.closed,
		.complete = trace->info.closed && trace->info.complete,
		.exit_status = trace->info.exit_status,
	};
	if (trace->info.lost > ret_info->lost)
		ret_info->lost = trace->info.lost;
}

const struct trc_model *trc_trace_model(const struct trc_trace *trace)
{
	return trace->model;
}
