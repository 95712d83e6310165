/*
 * chapter.c - the events of one chapter, in causal order, and which are kept
 */
#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEPT_EVENTS_MAX = 320000, /* in all kept chapters */
	KEPT_MIN = 4,             /* chapters, however large */
	PAYLOAD_BLOCK = 1 << 18,
};

struct trc__chapter *trc__chapter_new(const struct trc_model *model, size_t number)
{
	struct trc__chapter *chapter = trc_zalloc(1, sizeof *chapter);

	chapter->number = number;
	chapter->first = trc_model_events(model);
	chapter->begin = trc_model_time(model);
	trc__lanes_begin(chapter, model);
	trc__messages_begin(chapter, model);
	return chapter;
}

void trc__chapter_free(struct trc__chapter *chapter)
{
	if (!chapter)
		return;
	for (size_t i = 0; i < chapter->payload_blocks; i++)
		free(chapter->payloads[i]);
	free(chapter->payloads);
	free(chapter->events);
	free(chapter->notable);
	trc__lanes_free(chapter);
	trc__messages_free(chapter);
	free(chapter);
}

/* --- building -----------------------------------------------------------------------------------
 */

static const uint8_t *keep_payload(struct trc__chapter *chapter, const struct trc_event *event)
{
	size_t size = event->payload_size;
	uint8_t *at;

	if (size == 0)
		return NULL;
	if (chapter->payload_blocks == 0 || size > PAYLOAD_BLOCK - chapter->payload_used) {
		chapter->payloads = trc_grow(chapter->payloads, &chapter->payload_room,
					     chapter->payload_blocks + 1, sizeof(uint8_t *));
		chapter->payloads[chapter->payload_blocks++] =
			trc_alloc(size > PAYLOAD_BLOCK ? size : PAYLOAD_BLOCK);
		chapter->payload_used = 0;
	}
	at = chapter->payloads[chapter->payload_blocks - 1] + chapter->payload_used;
	memcpy(at, event->payload, size);
	/* One that is larger than a block has its own, which is full then. */
	chapter->payload_used += size < PAYLOAD_BLOCK ? size : PAYLOAD_BLOCK;
	return at;
}

void trc__chapter_event(struct trc__chapter *chapter, const struct trc_model *model,
			const struct trc_event *event)
{
	size_t place = chapter->event_count++;

	chapter->events = trc_grow(chapter->events, &chapter->event_room, chapter->event_count,
				   sizeof *chapter->events);
	chapter->events[place] = *event;
	chapter->events[place].payload = keep_payload(chapter, event);
	if (event->kind < TRC_SPAWN)
		return;
	chapter->notable = trc_grow(chapter->notable, &chapter->notable_room,
				    chapter->notable_count + 1, sizeof *chapter->notable);
	chapter->notable[chapter->notable_count++] = (uint32_t)place;
	trc__lane_event(chapter, model, event, place);
	trc__message_event(chapter, model, event, place);
}

struct build {
	struct trc__cursor *cursor;
	struct trc__chapter *chapter;
	const struct trc_model *model;
	uint64_t end; /* in events */
};

static void on_event(const struct trc_event *event, void *context)
{
	struct build *build = context;

	trc__chapter_event(build->chapter, build->model, event);
	if (trc_model_events(build->model) >= build->end)
		trc__cursor_stop(build->cursor);
}

static struct trc__chapter *read_chapter(const struct trc_trace *trace, size_t number,
					 struct trc_trace_error *ret_error)
{
	struct trc_model *model = trc__model_before(trace, number, ret_error);
	struct build build = {.model = model, .end = trc__keyframe(trace, number)->events};
	int more = 1;

	if (!model)
		return NULL;
	if (number < trace->first_chapter) {
		build.chapter = trc__chapter_new(model, number);
		trc_model_free(model);
		return build.chapter;
	}
	build.cursor = trc__cursor_new(trace, number, model, on_event, &build, ret_error);
	if (build.cursor) {
		build.chapter = trc__chapter_new(model, number);
		while (more > 0 && trc_model_events(model) < build.end)
			more = trc__cursor_next(build.cursor, ret_error);
		if (more == 0) /* its last events had waited for others that never came */
			trc__cursor_last(build.cursor);
	}
	trc__cursor_free(build.cursor);
	trc_model_free(model);
	if (more < 0) {
		trc__chapter_free(build.chapter);
		build.chapter = NULL;
	}
	return build.chapter;
}

/* --- keeping ------------------------------------------------------------------------------------
 */

static void drop_oldest(struct trc__kept *kept)
{
	size_t oldest = 0;

	for (size_t i = 1; i < kept->chapter_count; i++)
		if (kept->chapters[i]->used < kept->chapters[oldest]->used)
			oldest = i;
	kept->chapter_events -= kept->chapters[oldest]->event_count;
	trc__chapter_free(kept->chapters[oldest]);
	kept->chapters[oldest] = kept->chapters[--kept->chapter_count];
}

void trc__chapters_free(struct trc_trace *trace)
{
	while (trace->kept->chapter_count > 0)
		drop_oldest(trace->kept);
	free(trace->kept->chapters);
}

static struct trc__chapter *find_kept(const struct trc_trace *trace, size_t number)
{
	struct trc__kept *kept = trace->kept;

	if (number == trc__keyframe_count(trace))
		return trace->growing;
	for (size_t i = 0; i < kept->chapter_count; i++)
		if (kept->chapters[i]->number == number)
			return kept->chapters[i];
	return NULL;
}

bool trc__chapter_is_here(const struct trc_trace *trace, size_t number)
{
	return find_kept(trace, number) != NULL;
}

void trc__chapter_keep(const struct trc_trace *trace, struct trc__chapter *chapter)
{
	struct trc__kept *kept = trace->kept;

	while (kept->chapter_count >= KEPT_MIN &&
	       kept->chapter_events + chapter->event_count > KEPT_EVENTS_MAX)
		drop_oldest(kept);
	kept->chapters = trc_grow(kept->chapters, &kept->chapter_room, kept->chapter_count + 1,
				  sizeof(struct trc__chapter *));
	kept->chapters[kept->chapter_count++] = chapter;
	kept->chapter_events += chapter->event_count;
	chapter->used = ++kept->uses;
}

const struct trc__chapter *trc__chapter(const struct trc_trace *trace, size_t number,
					struct trc_trace_error *ret_error)
{
	struct trc__chapter *chapter = find_kept(trace, number);

	if (chapter) {
		chapter->used = ++trace->kept->uses;
		return chapter;
	}
	chapter = read_chapter(trace, number, ret_error);
	if (chapter)
		trc__chapter_keep(trace, chapter);
	return chapter;
}

/* --- finding ------------------------------------------------------------------------------------
 */

size_t trc__chapter_count(const struct trc_trace *trace)
{
	return trc__keyframe_count(trace) + 1;
}

uint64_t trc__chapter_first(const struct trc_trace *trace, size_t number)
{
	if (number == 0)
		return 0;
	return number > trc__keyframe_count(trace) ? trc_model_events(trace->model)
						   : trc__keyframe(trace, number - 1)->events;
}

size_t trc__chapter_until(const struct trc_trace *trace, uint64_t time)
{
	size_t low = trace->first_chapter, high = trc__keyframe_count(trace);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trc__keyframe(trace, middle)->time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t trc__chapter_from(const struct trc_trace *trace, uint64_t time)
{
	return time == 0 ? trace->first_chapter : trc__chapter_until(trace, time - 1);
}

size_t trc__chapter_of_event(const struct trc_trace *trace, uint64_t position)
{
	size_t low = trace->first_chapter, high = trc__keyframe_count(trace);

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trc__keyframe(trace, middle)->events <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t trc__place_after(const struct trc__chapter *chapter, uint64_t time)
{
	size_t low = 0, high = chapter->event_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chapter->events[middle].time <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
