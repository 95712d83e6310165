#include "tracer/query/index.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- building -----------------------------------------------------------------------------------
 */

struct trc__lane *trc__lane(const struct trc_trace *trace, uint64_t actor)
{
	return trc_table_find(&trace->lanes, actor);
}

static struct trc__lane *lane_or_new(struct trc_trace *trace, uint64_t actor)
{
	struct trc__lane *lane = trc__lane(trace, actor);

	if (!lane) {
		lane = trc_zalloc(1, sizeof *lane);
		trc_table_put(&trace->lanes, actor, lane);
	}
	return lane;
}

void trc__lanes_free(struct trc_trace *trace)
{
	struct trc__lane *lane;
	size_t place = 0;

	while ((lane = trc_table_next(&trace->lanes, &place))) {
		free(lane->handlers.items);
		free(lane->waits.items);
		free(lane->depths);
		free(lane->events);
		free(lane);
	}
	trc_table_clear(&trace->lanes);
	free(trace->all.events);
}

static void close_span(struct trc__spans *spans, uint64_t time, unsigned wake)
{
	struct trc_span *last = spans->count ? &spans->items[spans->count - 1] : NULL;

	if (!last || last->end != UINT64_MAX)
		return;
	last->end = time;
	last->wake = (uint16_t)wake;
}

static void open_span(struct trc__spans *spans, const struct trc_span *span)
{
	close_span(spans, span->begin, 0);
	spans->items = trc_grow(spans->items, &spans->room, spans->count + 1, sizeof *span);
	spans->items[spans->count++] = *span;
}

static void begin_handler(struct trc_trace *trace, struct trc__lane *lane,
			  const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(trace->model, event->id);

	open_span(&lane->handlers,
		  &(struct trc_span){.kind = TRC_SPAN_HANDLER,
				     .begin = event->time,
				     .end = UINT64_MAX,
				     .message = event->kind == TRC_RECEIVE ? event->id : 0,
				     .type = event->kind == TRC_RECEIVE && message ? message->type
										   : 0});
}

static void begin_wait(struct trc_trace *trace, struct trc__lane *lane,
		       const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(trace->model, event->actor);

	open_span(&lane->waits, &(struct trc_span){.kind = TRC_SPAN_WAIT,
						   .begin = event->time,
						   .end = UINT64_MAX,
						   .message = actor ? actor->wait.message : 0,
						   .site = event->site,
						   .type = event->type,
						   .object = event->id,
						   .peer = event->peer,
						   .deadline = event->arg});
}

static void note_depth(struct trc_trace *trace, uint64_t actor, uint64_t time)
{
	const struct trc_actor *owner = trc_model_actor(trace->model, actor);
	struct trc__lane *lane;

	if (!owner)
		return;
	lane = lane_or_new(trace, actor);
	if (lane->depth_count > 0 && lane->depths[lane->depth_count - 1].time == time)
		lane->depth_count--;
	lane->depths = trc_grow(lane->depths, &lane->depth_room, lane->depth_count + 1,
				sizeof *lane->depths);
	lane->depths[lane->depth_count++] = (struct trc_depth){time, owner->depth};
}

void trc__lane_event(struct trc_trace *trace, const struct trc_event *event, size_t position)
{
	struct trc__lane *lane;

	if (event->kind == TRC_SEND)
		note_depth(trace, event->peer, event->time);
	if (event->actor == 0)
		return;
	lane = lane_or_new(trace, event->actor);
	lane->events = trc_grow(lane->events, &lane->event_room, lane->event_count + 1,
				sizeof *lane->events);
	lane->events[lane->event_count++] = (uint32_t)position;
	switch (event->kind) {
	case TRC_START:
	case TRC_RECEIVE:
		close_span(&lane->waits, event->time, 0);
		begin_handler(trace, lane, event);
		break;
	case TRC_DONE:
	case TRC_END:
		close_span(&lane->waits, event->time, 0);
		close_span(&lane->handlers, event->time, 0);
		break;
	case TRC_WAIT:
		begin_wait(trace, lane, event);
		break;
	case TRC_WAKE:
		close_span(&lane->waits, event->time, event->type);
		break;
	}
	if (event->kind == TRC_RECEIVE || event->kind == TRC_DISCARD || event->kind == TRC_END)
		note_depth(trace, event->actor, event->time);
}

/* --- spans --------------------------------------------------------------------------------------
 */

/* The spans that touch [from, to]: a run, because they follow each other. */
static const struct trc_span *touching(const struct trc__spans *spans, uint64_t from, uint64_t to,
				       size_t *ret_count)
{
	size_t low = 0, high = spans->count, first;

	while (low < high) { /* the first that does not end before `from` */
		size_t middle = low + (high - low) / 2;

		if (spans->items[middle].end < from)
			low = middle + 1;
		else
			high = middle;
	}
	first = low;
	high = spans->count;
	while (low < high) { /* the first that begins after `to` */
		size_t middle = low + (high - low) / 2;

		if (spans->items[middle].begin <= to)
			low = middle + 1;
		else
			high = middle;
	}
	*ret_count = low - first;
	return spans->items + first;
}

static int compare_lengths(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

static uint64_t length(const struct trc_span *span)
{
	return span->end - span->begin;
}

/* What to keep when there is place for `max` only: all spans longer than *ret_length, and
 * *ret_equal of those that are as long. */
static void find_threshold(const struct trc_span *const runs[2], const size_t counts[2], size_t max,
			   uint64_t *ret_length, size_t *ret_equal)
{
	size_t total = 0;
	uint64_t *lengths = trc_alloc((counts[0] + counts[1]) * sizeof *lengths);

	for (int r = 0; r < 2; r++)
		for (size_t i = 0; i < counts[r]; i++)
			lengths[total++] = length(&runs[r][i]);
	qsort(lengths, total, sizeof *lengths, compare_lengths);
	*ret_length = lengths[max - 1];
	*ret_equal = 0;
	for (size_t i = max; i-- > 0 && lengths[i] == *ret_length;)
		++*ret_equal;
	free(lengths);
}

size_t trc_trace_spans(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_span *ret_spans, size_t max)
{
	const struct trc__lane *lane = trc__lane(trace, actor);
	const struct trc_span *runs[2];
	size_t counts[2], at[2] = {0}, equal, written = 0;
	uint64_t threshold = 0;

	if (!lane || from > to)
		return 0;
	runs[0] = touching(&lane->handlers, from, to, &counts[0]);
	runs[1] = touching(&lane->waits, from, to, &counts[1]);
	equal = counts[0] + counts[1];
	if (max > 0 && counts[0] + counts[1] > max)
		find_threshold(runs, counts, max, &threshold, &equal);
	while (written < max && (at[0] < counts[0] || at[1] < counts[1])) {
		int r = at[0] == counts[0] ||
			(at[1] < counts[1] && runs[1][at[1]].begin < runs[0][at[0]].begin);
		const struct trc_span *span = &runs[r][at[r]++];

		if (length(span) < threshold || (length(span) == threshold && equal == 0))
			continue;
		equal -= length(span) == threshold;
		ret_spans[written++] = *span;
	}
	return counts[0] + counts[1];
}

/* --- depths -------------------------------------------------------------------------------------
 */

/* Number of steps at or before `time`. */
static size_t steps_until(const struct trc__lane *lane, uint64_t time)
{
	size_t low = 0, high = lane->depth_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (lane->depths[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t trc_trace_depths(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
			struct trc_depth *ret_depths, size_t max)
{
	const struct trc__lane *lane = trc__lane(trace, actor);
	size_t first, end, count;

	if (!lane || from > to)
		return 0;
	first = steps_until(lane, from);
	first -= first > 0; /* the one in force */
	end = steps_until(lane, to);
	count = end - first;
	if (count <= max) {
		if (count)
			memcpy(ret_depths, lane->depths + first, count * sizeof *ret_depths);
		return count;
	}
	for (size_t i = 0; i < max; i++) {
		size_t begin = first + count / max * i + count % max * i / max;
		size_t stop = first + count / max * (i + 1) + count % max * (i + 1) / max;

		ret_depths[i] = lane->depths[begin];
		for (size_t k = begin + 1; k < stop; k++)
			if (lane->depths[k].depth > ret_depths[i].depth)
				ret_depths[i].depth = lane->depths[k].depth;
	}
	return count;
}

/* --- steps --------------------------------------------------------------------------------------
 */

uint64_t trc_trace_step(const struct trc_trace *trace, uint64_t time, uint64_t actor, bool forward)
{
	const struct trc__lane *lane = actor ? trc__lane(trace, actor) : &trace->all;
	size_t low = 0, high = lane ? lane->event_count : 0;

	/* The first event after `time`, or at or after it when going back. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = trace->times[lane->events[middle]];

		if (forward ? at <= time : at < time)
			low = middle + 1;
		else
			high = middle;
	}
	if (forward)
		return lane && low < lane->event_count ? trace->times[lane->events[low]] : time;
	return low > 0 ? trace->times[lane->events[low - 1]] : time;
}
