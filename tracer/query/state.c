/*
 * state.c - the program as it was at some time, and the events between two times
 *
 * The state at a time is the keyframe before it with the events since applied again.
 */
#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"
#include "tracer/model/snapshot.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum {
	KEPT_MODELS = 8,
	KEPT_WEIGHT = 200000, /* things in all kept models */
};

/* --- keyframes ----------------------------------------------------------------------------------
 */

size_t trc__keyframe_count(const struct trc_trace *trace)
{
	return trace->file_keyframes + (trace->own ? trc_index_keyframe_count(trace->own) : 0);
}

const struct trc_index_keyframe *trc__keyframe(const struct trc_trace *trace, size_t number)
{
	return number < trace->file_keyframes
		       ? trc_index_keyframe(trace->file, number)
		       : trc_index_keyframe(trace->own, number - trace->file_keyframes);
}

uint8_t *trc__keyframe_state(const struct trc_trace *trace, size_t number, size_t *ret_size,
			     struct trc_trace_error *ret_error)
{
	bool in_file = number < trace->file_keyframes;
	struct trc_error error;
	uint8_t *bytes;

	if (trc_index_load_state(in_file ? trace->file : trace->own,
				 in_file ? number : number - trace->file_keyframes, &bytes,
				 ret_size, &error) < 0) {
		trc__pass_error(&error, ret_error);
		return NULL;
	}
	return bytes;
}

/* The order's part of the state comes first; the cursor reads it. */
static void skip_order(unsigned ring, uint64_t waiting, void *context)
{
}

static bool restore(const uint8_t *bytes, size_t size, struct trc_model *model)
{
	struct trc_input input = {bytes, bytes + size, false};
	struct trc_order *order = trc_order_new(model, NULL, NULL);
	bool good = trc_order_restore(order, &input, skip_order, NULL);

	trc_order_free(order);
	return good && trc_snapshot_decode(&input, model) && input.next == input.end;
}

bool trc__model_restore(const struct trc_trace *trace, size_t number, struct trc_model *model,
			struct trc_trace_error *ret_error)
{
	size_t size;
	uint8_t *bytes;
	bool good;

	if (number == 0)
		return true;
	bytes = trc__keyframe_state(trace, number - 1, &size, ret_error);
	if (!bytes)
		return false;
	good = restore(bytes, size, model) &&
	       trc_model_events(model) == trc__keyframe(trace, number - 1)->events;
	if (!good && ret_error)
		snprintf(ret_error->text, sizeof ret_error->text,
			 "Cannot read %s: keyframe %zu is damaged.", trace->path, number - 1);
	free(bytes);
	return good;
}

struct trc_model *trc__model_before(const struct trc_trace *trace, size_t number,
				    struct trc_trace_error *ret_error)
{
	struct trc_model *model = trc_model_new_like(trace->model);

	if (trc__model_restore(trace, number, model, ret_error))
		return model;
	trc_model_free(model);
	return NULL;
}

/* --- models to look at --------------------------------------------------------------------------
 */

static void drop_model(struct trc__kept *kept, size_t place)
{
	kept->model_weight -= kept->models[place].weight;
	trc_model_free(kept->models[place].model);
	kept->models[place] = kept->models[--kept->model_count];
}

static void drop_oldest(struct trc__kept *kept)
{
	size_t oldest = 0;

	for (size_t i = 1; i < kept->model_count; i++)
		if (kept->models[i].used < kept->models[oldest].used)
			oldest = i;
	drop_model(kept, oldest);
}

/* The state in which a chapter ends, only to be looked at. NULL when it cannot be read. */
static const struct trc_model *model_after(const struct trc_trace *trace, size_t number)
{
	struct trc__kept *kept = trace->kept;
	struct trc__kept_model item = {.number = number + 1, .used = ++kept->uses};

	if (number >= trc__keyframe_count(trace))
		return trace->model;
	for (size_t i = 0; i < kept->model_count; i++)
		if (kept->models[i].number == item.number) {
			kept->models[i].used = item.used;
			return kept->models[i].model;
		}
	item.model = trc__model_before(trace, item.number, NULL);
	if (!item.model)
		return NULL;
	item.weight = trc_snapshot_weight(item.model);
	while (kept->model_count > 0 &&
	       (kept->model_count == KEPT_MODELS || kept->model_weight + item.weight > KEPT_WEIGHT))
		drop_oldest(kept);
	kept->models = trc_grow(kept->models, &kept->model_room, kept->model_count + 1,
				sizeof *kept->models);
	kept->models[kept->model_count++] = item;
	kept->model_weight += item.weight;
	return item.model;
}

void trc__models_free(struct trc_trace *trace)
{
	while (trace->kept->model_count > 0)
		drop_model(trace->kept, 0);
	free(trace->kept->models);
}

size_t trc__chapter_of_end(const struct trc_trace *trace, size_t number,
			   bool (*goes_on)(const struct trc_model *model, const void *what),
			   const void *what)
{
	size_t last = trc__keyframe_count(trace), low = number, high = number, step = 1;

	/* Most things end soon: look ahead further and further, then between. */
	while (high <= last) {
		const struct trc_model *model = model_after(trace, high);

		if (!model || !goes_on(model, what))
			break;
		if (high == last)
			return SIZE_MAX;
		low = high + 1;
		high = last - high > step ? high + step : last;
		step *= 2;
	}
	if (number > last)
		return SIZE_MAX;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct trc_model *model = model_after(trace, middle);

		if (model && goes_on(model, what))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* --- the state at a time ------------------------------------------------------------------------
 *
 * Events of a chapter that is kept are applied from there. For any other, its events are only read
 * as far as they are needed, and not kept: that takes a quarter of the time, and what is asked
 * about a state needs nothing else.
 */

void trc__state_free(struct trc_trace *trace)
{
	trc__cursor_free(trace->state_cursor);
	trc_model_free(trace->state);
	trace->state_cursor = NULL;
	trace->state = NULL;
}

/* Makes trace->state the state at the beginning of a chapter. */
static bool begin_state(struct trc_trace *trace, size_t number)
{
	trc__state_free(trace);
	trace->state = trc__model_before(trace, number, NULL);
	trace->state_chapter = number;
	trace->state_time = 0;
	return trace->state != NULL;
}

static void ignore(const struct trc_event *event, void *context)
{
}

/* False when some of the events cannot be read, or have to be put in order with later ones. */
static bool read_state(struct trc_trace *trace, size_t number, uint64_t time)
{
	if (!trace->state_cursor || trace->state_chapter != number || trace->state_time > time) {
		if (!begin_state(trace, number))
			return false;
		trace->state_cursor =
			trc__cursor_new(trace, number, trace->state, ignore, NULL, NULL);
	}
	trace->state_time = time;
	return trace->state_cursor && trc__cursor_until(trace->state_cursor, time, NULL) > 0;
}

static bool apply_state(struct trc_trace *trace, const struct trc__chapter *chapter, uint64_t time)
{
	size_t end = trc__place_after(chapter, time);

	if (!trace->state || trace->state_chapter != chapter->number || trace->state_time > time) {
		if (!begin_state(trace, chapter->number))
			return false;
	}
	trc__cursor_free(trace->state_cursor);
	trace->state_cursor = NULL;
	trace->state_time = time;
	for (size_t i = (size_t)(trc_model_events(trace->state) - chapter->first); i < end; i++)
		trc_model_apply(trace->state, &chapter->events[i]);
	return true;
}

const struct trc_model *trc_trace_state_at(struct trc_trace *trace, uint64_t time)
{
	size_t number = trc__chapter_until(trace, time);
	const struct trc__chapter *chapter;

	if (!trc__chapter_is_here(trace, number) && read_state(trace, number, time))
		return trace->state;
	chapter = trc__chapter(trace, number, NULL);
	/* A keyframe or segment is damaged: show what can be shown. */
	while (!chapter && number > 0)
		chapter = trc__chapter(trace, --number, NULL);
	return chapter && apply_state(trace, chapter, time) ? trace->state : trace->model;
}

/* --- all events ---------------------------------------------------------------------------------
 */

struct walk {
	struct trc__cursor *cursor;
	struct trc_model *model;
	uint64_t from, to;
	trc_trace_before *before;
	trc_trace_visit *visit;
	void *context;
	bool over;
};

static void on_before(const struct trc_event *event, void *context)
{
	struct walk *walk = context;

	if (event->time > walk->to) {
		walk->over = true;
		trc__cursor_stop(walk->cursor);
	} else if (event->time >= walk->from && walk->before) {
		walk->before(walk->model, event, walk->context);
	}
}

static void on_event(const struct trc_event *event, void *context)
{
	struct walk *walk = context;

	if (event->time >= walk->from && !walk->visit(walk->model, event, walk->context)) {
		walk->over = true;
		trc__cursor_stop(walk->cursor);
	}
}

int trc_trace_each_event(struct trc_trace *trace, uint64_t from, uint64_t to,
			 trc_trace_before *before, trc_trace_visit *visit, void *context,
			 struct trc_trace_error *ret_error)
{
	size_t number = trc__chapter_from(trace, from);
	struct walk walk = {
		.from = from, .to = to, .before = before, .visit = visit, .context = context};
	int more = 1;

	walk.model = trc__model_before(trace, number, ret_error);
	if (!walk.model)
		return -EIO;
	walk.cursor = trc__cursor_new(trace, number, walk.model, on_event, &walk, ret_error);
	if (!walk.cursor) {
		trc_model_free(walk.model);
		return -EIO;
	}
	trc__cursor_before(walk.cursor, on_before);
	while (more > 0 && !walk.over)
		more = trc__cursor_next(walk.cursor, ret_error);
	if (more == 0 && !walk.over && trace->finished)
		trc__cursor_last(walk.cursor);
	trc__cursor_free(walk.cursor);
	trc_model_free(walk.model);
	return more < 0 ? more : 0;
}
