#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- building -----------------------------------------------------------------------------------
 */

static struct trc__lane *lane_of(const struct trc__chapter *chapter, uint64_t actor)
{
	return trc_table_find(&chapter->lanes, actor);
}

static struct trc__lane *lane_or_new(struct trc__chapter *chapter, uint64_t actor)
{
	struct trc__lane *lane = lane_of(chapter, actor);

	if (!lane) {
		lane = trc_zalloc(1, sizeof *lane);
		trc_table_put(&chapter->lanes, actor, lane);
	}
	return lane;
}

void trc__lanes_free(struct trc__chapter *chapter)
{
	struct trc__lane *lane;
	size_t place = 0;

	while ((lane = trc_table_next(&chapter->lanes, &place))) {
		free(lane->handlers.items);
		free(lane->waits.items);
		free(lane->depths);
		free(lane->events);
		free(lane);
	}
	trc_table_clear(&chapter->lanes);
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
	/* Most lanes of a chapter with very many have one. */
	if (spans->room == 0) {
		spans->items = trc_alloc(sizeof *span);
		spans->room = 1;
	}
	spans->items = trc_grow(spans->items, &spans->room, spans->count + 1, sizeof *span);
	spans->items[spans->count++] = *span;
}

static void begin_handler(struct trc__lane *lane, const struct trc_actor *actor)
{
	const struct trc_message *message = actor->current;

	open_span(&lane->handlers, &(struct trc_span){.kind = TRC_SPAN_HANDLER,
						      .begin = actor->handler_since,
						      .end = UINT64_MAX,
						      .message = message ? message->id : 0,
						      .type = message ? message->type : 0});
}

static void begin_wait(struct trc__lane *lane, const struct trc_actor *actor)
{
	const struct trc_wait *wait = &actor->wait;

	if (wait->target_count > 0)
		open_span(&lane->waits, &(struct trc_span){.kind = TRC_SPAN_WAIT,
							   .begin = wait->since,
							   .end = UINT64_MAX,
							   .message = wait->message,
							   .site = wait->site,
							   .type = (uint16_t)wait->targets[0].what,
							   .object = wait->targets[0].object,
							   .peer = wait->targets[0].peer,
							   .deadline = wait->deadline});
}

static void note_depth(struct trc__lane *lane, uint64_t time, uint32_t depth)
{
	if (lane->depth_count > 0 && lane->depths[lane->depth_count - 1].time == time)
		lane->depth_count--;
	lane->depths = trc_grow(lane->depths, &lane->depth_room, lane->depth_count + 1,
				sizeof *lane->depths);
	lane->depths[lane->depth_count++] = (struct trc_depth){time, depth};
}

static void note_depth_of(struct trc__chapter *chapter, const struct trc_model *model, uint64_t id,
			  uint64_t time)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	if (actor)
		note_depth(lane_or_new(chapter, id), time, actor->depth);
}

/* What goes on when the chapter begins. */
void trc__lanes_begin(struct trc__chapter *chapter, const struct trc_model *model)
{
	size_t count = trc_model_actor_count(model);

	for (size_t i = 0; i < count; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);
		bool busy = actor->state == TRC_RUNNING || actor->state == TRC_WAITING;
		struct trc__lane *lane;

		if (!busy && actor->depth == 0)
			continue;
		lane = lane_or_new(chapter, actor->id);
		note_depth(lane, chapter->begin, actor->depth);
		lane->depth_carried = true;
		if (!busy)
			continue;
		begin_handler(lane, actor);
		begin_wait(lane, actor);
		lane->handlers.carried = true;
		lane->waits.carried = lane->waits.count > 0;
	}
}

void trc__lane_event(struct trc__chapter *chapter, const struct trc_model *model,
		     const struct trc_event *event, size_t place)
{
	const struct trc_actor *actor = trc_model_actor(model, event->actor);
	struct trc__lane *lane;

	if (event->kind == TRC_SEND)
		note_depth_of(chapter, model, event->peer, event->time);
	if (event->actor == 0 || !actor)
		return;
	lane = lane_or_new(chapter, event->actor);
	lane->events = trc_grow(lane->events, &lane->event_room, lane->event_count + 1,
				sizeof *lane->events);
	lane->events[lane->event_count++] = (uint32_t)place;
	switch (event->kind) {
	case TRC_START:
	case TRC_RECEIVE:
		close_span(&lane->waits, event->time, 0);
		begin_handler(lane, actor);
		break;
	case TRC_DONE:
	case TRC_END:
		close_span(&lane->waits, event->time, 0);
		close_span(&lane->handlers, event->time, 0);
		break;
	case TRC_WAIT:
		begin_wait(lane, actor);
		break;
	case TRC_WAKE:
		close_span(&lane->waits, event->time, event->type);
		break;
	}
	if (event->kind == TRC_RECEIVE || event->kind == TRC_DISCARD || event->kind == TRC_END)
		note_depth(lane, event->time, actor->depth);
}

/* --- spans --------------------------------------------------------------------------------------
 */

struct ending {
	uint64_t actor, begin;
};

static bool handler_goes_on(const struct trc_model *model, const void *what)
{
	const struct ending *ending = what;
	const struct trc_actor *actor = trc_model_actor(model, ending->actor);

	return actor && (actor->state == TRC_RUNNING || actor->state == TRC_WAITING) &&
	       actor->handler_since == ending->begin;
}

static bool wait_goes_on(const struct trc_model *model, const void *what)
{
	const struct ending *ending = what;
	const struct trc_actor *actor = trc_model_actor(model, ending->actor);

	return actor && actor->state == TRC_WAITING && actor->wait.since == ending->begin;
}

static const struct trc__spans *spans_of(const struct trc__lane *lane, enum trc_span_kind kind)
{
	return kind == TRC_SPAN_HANDLER ? &lane->handlers : &lane->waits;
}

/* The span was open at the end of chapter `number`: looks for how it ended. */
static void find_end(const struct trc_trace *trace, uint64_t actor, size_t number,
		     struct trc_span *span)
{
	const struct ending ending = {actor, span->begin};
	const struct trc__chapter *chapter;
	const struct trc__spans *spans;
	const struct trc__lane *lane;

	if (number >= trc__keyframe_count(trace))
		return;
	number = trc__chapter_of_end(
		trace, number + 1, span->kind == TRC_SPAN_HANDLER ? handler_goes_on : wait_goes_on,
		&ending);
	chapter = number == SIZE_MAX ? NULL : trc__chapter(trace, number, NULL);
	lane = chapter ? lane_of(chapter, actor) : NULL;
	if (!lane)
		return;
	spans = spans_of(lane, span->kind);
	if (spans->carried && spans->items[0].begin == span->begin) {
		span->end = spans->items[0].end;
		span->wake = spans->items[0].wake;
	}
}

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

struct found {
	struct trc_span *items;
	size_t count, room;
};

/* Adds the spans of one sort in one chapter. One that was open at the end of the chapter before is
 * here with more said of it. */
static void add_spans(struct found *found, const struct trc__spans *spans, uint64_t from,
		      uint64_t to)
{
	size_t count;
	const struct trc_span *run = touching(spans, from, to, &count);

	if (count == 0)
		return;
	if (found->count > 0 && run == spans->items && spans->carried &&
	    found->items[found->count - 1].begin == run->begin &&
	    found->items[found->count - 1].end == UINT64_MAX)
		found->count--;
	found->items =
		trc_grow(found->items, &found->room, found->count + count, sizeof *found->items);
	memcpy(found->items + found->count, run, count * sizeof *run);
	found->count += count;
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
static void find_threshold(const struct found found[2], size_t max, uint64_t *ret_length,
			   size_t *ret_equal)
{
	size_t total = 0;
	uint64_t *lengths = trc_alloc((found[0].count + found[1].count) * sizeof *lengths);

	for (int r = 0; r < 2; r++)
		for (size_t i = 0; i < found[r].count; i++)
			lengths[total++] = length(&found[r].items[i]);
	qsort(lengths, total, sizeof *lengths, compare_lengths);
	*ret_length = lengths[max - 1];
	*ret_equal = 0;
	for (size_t i = max; i-- > 0 && lengths[i] == *ret_length;)
		++*ret_equal;
	free(lengths);
}

/* All that touches the range, and how it ended. */
static void find_spans(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       bool ends, struct found found[2])
{
	size_t last = trc__chapter_until(trace, to), n = trc__chapter_from(trace, from);

	/* In a chapter where it had no event, it went on with what it was doing before. */
	for (; n <= last; n = trc__chapter_active(trace, actor, n + 1, last + 1, true)) {
		const struct trc__chapter *chapter = trc__chapter(trace, n, NULL);
		const struct trc__lane *lane = chapter ? lane_of(chapter, actor) : NULL;

		if (!lane)
			continue;
		add_spans(&found[0], &lane->handlers, from, to);
		add_spans(&found[1], &lane->waits, from, to);
	}
	for (int r = 0; r < 2 && ends; r++) {
		struct trc_span *open = found[r].count ? &found[r].items[found[r].count - 1] : NULL;

		if (open && open->end == UINT64_MAX)
			find_end(trace, actor, last, open);
	}
}

size_t trc_trace_spans(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_span *ret_spans, size_t max)
{
	struct found found[2] = {{0}, {0}};
	size_t at[2] = {0}, total, equal, written = 0;
	uint64_t threshold = 0;

	if (from > to)
		return 0;
	find_spans(trace, actor, from, to, max > 0, found);
	equal = total = found[0].count + found[1].count;
	if (max > 0 && total > max)
		find_threshold(found, max, &threshold, &equal);
	while (written < max && (at[0] < found[0].count || at[1] < found[1].count)) {
		int r = at[0] == found[0].count ||
			(at[1] < found[1].count &&
			 found[1].items[at[1]].begin < found[0].items[at[0]].begin);
		const struct trc_span *span = &found[r].items[at[r]++];

		if (length(span) < threshold || (length(span) == threshold && equal == 0))
			continue;
		equal -= length(span) == threshold;
		ret_spans[written++] = *span;
	}
	free(found[0].items);
	free(found[1].items);
	return total;
}

/* --- depths -------------------------------------------------------------------------------------
 */

struct steps {
	struct trc_depth *items;
	size_t count, room;
};

/* Adds a step; of those at or before `from`, only the last is wanted. */
static void add_step(struct steps *steps, struct trc_depth step, uint64_t from)
{
	if (steps->count > 0 && step.time <= from)
		steps->count = 0;
	if (steps->count > 0 && steps->items[steps->count - 1].time == step.time)
		steps->count--;
	steps->items = trc_grow(steps->items, &steps->room, steps->count + 1, sizeof *steps->items);
	steps->items[steps->count++] = step;
}

static void find_steps(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct steps *steps)
{
	size_t first = trc__chapter_from(trace, from), last = trc__chapter_until(trace, to);

	for (size_t n = first; n <= last; n++) {
		const struct trc__chapter *chapter = trc__chapter(trace, n, NULL);
		const struct trc__lane *lane = chapter ? lane_of(chapter, actor) : NULL;

		/* What is carried from the chapter before has been seen there. */
		for (size_t i = lane && n > first && lane->depth_carried ? 1 : 0;
		     lane && i < lane->depth_count && lane->depths[i].time <= to; i++)
			add_step(steps, lane->depths[i], from);
	}
}

size_t trc_trace_depths(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
			struct trc_depth *ret_depths, size_t max)
{
	struct steps steps = {0};

	if (from <= to)
		find_steps(trace, actor, from, to, &steps);
	if (steps.count <= max) {
		if (steps.count)
			memcpy(ret_depths, steps.items, steps.count * sizeof *ret_depths);
		max = 0;
	}
	for (size_t i = 0; i < max; i++) {
		size_t begin = steps.count / max * i + steps.count % max * i / max;
		size_t stop = steps.count / max * (i + 1) + steps.count % max * (i + 1) / max;

		ret_depths[i] = steps.items[begin];
		for (size_t k = begin + 1; k < stop; k++)
			if (steps.items[k].depth > ret_depths[i].depth)
				ret_depths[i].depth = steps.items[k].depth;
	}
	free(steps.items);
	return steps.count;
}

/* --- steps --------------------------------------------------------------------------------------
 */

/* The time of the actor's (or, 0, anybody's) event in a chapter next to `time`; false when there is
 * none. */
static bool step_within(const struct trc__chapter *chapter, uint64_t actor, uint64_t time,
			bool forward, uint64_t *ret_time)
{
	const struct trc__lane *lane = actor ? lane_of(chapter, actor) : NULL;
	const uint32_t *places = actor ? lane ? lane->events : NULL : chapter->notable;
	size_t count = actor ? lane ? lane->event_count : 0 : chapter->notable_count;
	size_t low = 0, high = count;

	/* The first event after `time`, or at or after it when going back. */
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		uint64_t at = chapter->events[places[middle]].time;

		if (forward ? at <= time : at < time)
			low = middle + 1;
		else
			high = middle;
	}
	if (forward ? low == count : low == 0)
		return false;
	*ret_time = chapter->events[places[forward ? low : low - 1]].time;
	return true;
}

uint64_t trc_trace_step(const struct trc_trace *trace, uint64_t time, uint64_t actor, bool forward)
{
	size_t number = forward ? trc__chapter_until(trace, time) : trc__chapter_from(trace, time);
	size_t count = trc__chapter_count(trace);

	while (number != SIZE_MAX && number < count) {
		const struct trc__chapter *chapter = trc__chapter(trace, number, NULL);
		uint64_t found;

		if (chapter && step_within(chapter, actor, time, forward, &found))
			return found;
		if (forward)
			number = actor ? trc__chapter_active(trace, actor, number + 1, count, true)
				       : number + 1;
		else
			number = actor ? trc__chapter_active(trace, actor, 0, number, false)
				       : number - 1;
	}
	return time;
}
