/*
 * cells.c - what is asked about long times, from summaries
 */
#include "tracer/query/trace-private.h"

enum {
	NEAR_EVENTS = 160000,
	NEAR_CHAPTERS = 12,
	UNSUMMED = 4,    /* chapters that are read for want of a summary */
	HEADS_READ = 80, /* of nodes, for one density; most nodes have 32 buckets */
};

/* --- near and far -------------------------------------------------------------------------------
 */

/* The chapters that tell all of [from, to]: one more than those in it, for how things ended. */
static void chapters_around(const struct trc_trace *trace, uint64_t from, uint64_t to,
			    size_t *ret_first, size_t *ret_end)
{
	size_t count = trc__chapter_count(trace), end = trc__chapter_until(trace, to) + 2;

	*ret_first = trc__chapter_from(trace, from);
	*ret_end = end < count ? end : count;
}

bool trc_trace_near(const struct trc_trace *trace, uint64_t from, uint64_t to)
{
	size_t first, end;

	chapters_around(trace, from, to, &first, &end);
	return end <= first + 2 ||
	       (end - first <= NEAR_CHAPTERS &&
		trc__chapter_first(trace, end) - trc__chapter_first(trace, first) <= NEAR_EVENTS);
}

bool trc_trace_here(const struct trc_trace *trace, uint64_t from, uint64_t to)
{
	size_t first, end;

	chapters_around(trace, from, to, &first, &end);
	for (size_t i = first; i < end; i++)
		if (!trc__chapter_is_here(trace, i))
			return false;
	return true;
}

bool trc_trace_fetch(struct trc_trace *trace, uint64_t from, uint64_t to)
{
	size_t first, end;

	chapters_around(trace, from, to, &first, &end);
	for (size_t i = first; i < end; i++)
		if (!trc__chapter_is_here(trace, i))
			return trc__chapter(trace, i, NULL) != NULL;
	return false;
}

/* --- cells --------------------------------------------------------------------------------------
 */

struct gathering {
	uint64_t from, to;
	uint64_t reached; /* time: of the node before */
	struct trc_cell *cells;
	size_t count, max;
};

static void gather(struct gathering *gathering, const struct trc_cell *cell)
{
	if (cell->end < gathering->from || cell->begin > gathering->to)
		return;
	if (gathering->count < gathering->max)
		gathering->cells[gathering->count] = *cell;
	gathering->count++;
}

static void spend(struct trc_cell *cell, unsigned doing, uint64_t time)
{
	if (doing == TRC_DOING_HANDLER)
		cell->handling += time;
	else if (doing >= TRC_DOING_WAIT)
		cell->waiting[doing - TRC_DOING_WAIT + TRC_WHAT_REPLY] += time;
}

/* A time in which nothing changed. */
static void gather_rest(struct gathering *gathering, uint64_t begin, uint64_t end, unsigned doing,
			uint32_t depth)
{
	struct trc_cell cell = {.begin = begin, .end = end, .deepest = depth};

	if (begin >= end || (doing == TRC_DOING_NOTHING && depth == 0))
		return;
	spend(&cell, doing, cell.end - cell.begin);
	gather(gathering, &cell);
}

static void gather_cell(struct gathering *gathering, const struct trc_summary_node *node,
			const struct trc_summary_cell *from)
{
	struct trc_cell cell = {.begin = node->buckets[from->bucket].begin,
				.end = node->buckets[from->bucket].end,
				.events = from->events,
				.handlers = from->handlers,
				.waits = from->waits,
				.sends = from->sends,
				.receives = from->receives,
				.deepest = from->deepest};

	for (unsigned i = 1; i < TRC_DOING_COUNT; i++)
		spend(&cell, i,
		      (uint64_t)((double)(cell.end - cell.begin) * from->shares[i] /
				 TRC_SUMMARY_SHARE));
	gather(gathering, &cell);
}

/* What an actor did in the buckets of a node that begin at or behind an event, and in the pause
 * before. */
static void gather_node(struct gathering *gathering, const struct trc_summary_node *node,
			uint64_t actor, uint64_t from_event)
{
	const struct trc_summary_lane *lane = trc_summary_lane(node, actor);
	uint64_t event = node->first_event, reached = gathering->reached, end = reached;
	uint32_t depth = lane ? lane->depth : 0;
	unsigned doing = lane ? lane->doing : TRC_DOING_NOTHING;
	size_t skipped = 0;

	for (; skipped < node->bucket_count && event < from_event; skipped++)
		event += node->buckets[skipped].events;
	for (size_t i = 0; lane && i < lane->count; i++) {
		const struct trc_summary_cell *cell = &node->cells[lane->first + i];

		if (cell->bucket >= skipped) {
			gather_rest(gathering, reached, node->buckets[cell->bucket].begin, doing,
				    depth);
			gather_cell(gathering, node, cell);
			reached = node->buckets[cell->bucket].end;
		}
		doing = cell->doing;
		depth = cell->depth;
	}
	if (node->bucket_count > 0)
		end = node->buckets[node->bucket_count - 1].end;
	gather_rest(gathering, reached, end, doing, depth);
	gathering->reached = end > reached ? end : reached;
}

static uint64_t overlap(const struct trc_span *span, const struct trc_cell *cell)
{
	uint64_t begin = span->begin > cell->begin ? span->begin : cell->begin;
	uint64_t end = span->end < cell->end ? span->end : cell->end;

	return end > begin ? end - begin : 0;
}

/* A chapter that has no summary, as the last ones of a recording under way: it is one cell. */
static void gather_chapter(struct gathering *gathering, const struct trc_trace *trace,
			   const struct trc__chapter *chapter, uint64_t actor)
{
	const struct trc__lane *lane = trc_table_find(&chapter->lanes, actor);
	bool growing = chapter->number == trc__keyframe_count(trace);
	struct trc_cell cell = {.begin = chapter->begin};
	uint64_t waited = 0;

	cell.end = growing ? trc_model_time(trace->model)
			   : trc__keyframe(trace, chapter->number)->time;
	/* The last summary may reach into it. */
	if (cell.begin < gathering->reached)
		cell.begin = gathering->reached;
	if (!lane || cell.end <= cell.begin)
		return;
	gathering->reached = cell.end;
	cell.events = (uint32_t)lane->event_count;
	for (size_t i = 0; i < lane->event_count; i++) {
		const struct trc_event *event = &chapter->events[lane->events[i]];
		unsigned kind = event->kind;

		cell.handlers += kind == TRC_RECEIVE || kind == TRC_START;
		cell.waits += kind == TRC_WAIT;
		cell.sends += kind == TRC_SEND;
		cell.receives += kind == TRC_RECEIVE && event->id != 0;
	}
	for (size_t i = 0; i < lane->waits.count; i++) {
		const struct trc_span *span = &lane->waits.items[i];
		uint64_t time = overlap(span, &cell);

		waited += time;
		if (span->type <= TRC_WHAT_OUTSIDE)
			cell.waiting[span->type] += time;
	}
	for (size_t i = 0; i < lane->handlers.count; i++)
		cell.handling += overlap(&lane->handlers.items[i], &cell);
	cell.handling -= waited < cell.handling ? waited : cell.handling;
	for (size_t i = 0; i < lane->depth_count; i++)
		if (lane->depths[i].depth > cell.deepest)
			cell.deepest = lane->depths[i].depth;
	gather(gathering, &cell);
}

/* The finest level at which these events are no more than `max` buckets. */
static unsigned level_for(uint64_t events, size_t max)
{
	uint64_t size = TRC_SUMMARY_EVENTS;
	unsigned level = 0;

	while (level + 1 < TRC_SUMMARY_LEVELS && events / size >= (max ? max : 1)) {
		size *= TRC_SUMMARY_FACTOR;
		level++;
	}
	return level;
}

/* Events of the chapters that touch [from, to]. */
static void events_around(const struct trc_trace *trace, uint64_t from, uint64_t to,
			  uint64_t *ret_first, uint64_t *ret_end)
{
	*ret_first = trc__chapter_first(trace, trc__chapter_from(trace, from));
	*ret_end = trc__chapter_first(trace, trc__chapter_until(trace, to) + 1);
}

/* The chapter that holds an event of which there is no summary, and behind its last. NULL when it
 * is not to be had, or would be one too many to read. */
static const struct trc__chapter *unsummed(const struct trc_trace *trace, uint64_t event,
					   unsigned *read, uint64_t *ret_end)
{
	size_t number = trc__chapter_of_event(trace, event);

	*ret_end = trc__chapter_first(trace, number + 1);
	if (!trc__chapter_is_here(trace, number) && (*read)++ >= UNSUMMED)
		return NULL;
	return trc__chapter(trace, number, NULL);
}

size_t trc_trace_cells(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_cell *ret_cells, size_t max)
{
	struct gathering gathering = {from, to, from, ret_cells, 0, max};
	size_t actors = trc_model_actor_count(trace->model);
	size_t buckets = TRC__KEPT_CELLS / 2 / (actors + 1) + 1;
	unsigned level, read = 0;
	struct trc__place place;
	uint64_t event, end;

	events_around(trace, from, to, &event, &end);
	/* An actor's quiet stretches are cells of their own, between two others at most. */
	level = level_for(end - event, buckets < max / 2 ? buckets : max / 2);
	while (event < end) {
		if (!trc__node_find_any(trace, level, event, &place)) {
			const struct trc__chapter *chapter = unsummed(trace, event, &read, &event);

			if (chapter)
				gather_chapter(&gathering, trace, chapter, actor);
			continue;
		}
		if (place.end_time >= from && gathering.reached < to)
			gather_node(&gathering, trc__node_at(trace, &place), actor, event);
		event = place.end;
	}
	return gathering.count;
}

/* --- density ------------------------------------------------------------------------------------
 */

struct density {
	double from, width; /* of a slice */
	struct trc_density *slices;
	size_t count;
};

/* Spreads what happened in (begin, end] over the slices. */
static void spread(const struct density *density, uint64_t begin, uint64_t end, uint64_t events,
		   uint64_t sends)
{
	double a = ((double)begin - density->from) / density->width;
	double b = ((double)end - density->from) / density->width;
	double first = a < 0 ? 0 : a,
	       last = b > (double)density->count ? (double)density->count : b;
	size_t slice = (size_t)first;

	if (b < 0 || a >= (double)density->count)
		return;
	if (b <= a) { /* all at one instant */
		if (slice < density->count) {
			density->slices[slice].events += (double)events;
			density->slices[slice].sends += (double)sends;
		}
		return;
	}
	for (; slice < density->count && (double)slice < last; slice++) {
		double left = first > (double)slice ? first : (double)slice;
		double right = last < (double)slice + 1 ? last : (double)slice + 1;
		double share = (right - left) / (b - a);

		density->slices[slice].events += (double)events * share;
		density->slices[slice].sends += (double)sends * share;
	}
}

static void spread_chapter(const struct density *density, const struct trc__chapter *chapter)
{
	for (size_t i = 0; i < chapter->notable_count; i++) {
		const struct trc_event *event = &chapter->events[chapter->notable[i]];

		spread(density, event->time, event->time, 1, event->kind == TRC_SEND);
	}
}

/* How many nodes of a level hold these events, as far as that is worth counting. */
static unsigned count_nodes(const struct trc_trace *trace, unsigned level, uint64_t event,
			    uint64_t end)
{
	struct trc__place place;
	unsigned count = 0;

	for (; event < end && count <= HEADS_READ; count++)
		event = trc__node_find_any(trace, level, event, &place) ? place.end : end;
	return count;
}

/* A bucket for each slice; where so many actors are busy that a node has few buckets, as fine as a
 * frame has time for. */
static unsigned density_level(const struct trc_trace *trace, uint64_t event, uint64_t end,
			      size_t slices)
{
	unsigned level = level_for(end - event, slices);

	while (level + 1 < TRC_SUMMARY_LEVELS && count_nodes(trace, level, event, end) > HEADS_READ)
		level++;
	return level;
}

static void spread_summaries(const struct trc_trace *trace, const struct density *density,
			     uint64_t from, uint64_t to)
{
	unsigned level, read = 0;
	struct trc__place place;
	uint64_t event, end;

	events_around(trace, from, to, &event, &end);
	level = density_level(trace, event, end, density->count);
	while (event < end) {
		const struct trc_summary_node *node;
		uint64_t first;

		if (!trc__node_find_any(trace, level, event, &place)) {
			const struct trc__chapter *chapter = unsummed(trace, event, &read, &event);

			if (chapter)
				spread_chapter(density, chapter);
			continue;
		}
		node = trc__head_at(trace, &place);
		first = node->first_event;
		for (size_t i = 0; i < node->bucket_count; first += node->buckets[i++].events)
			if (first >= event)
				spread(density, node->buckets[i].begin, node->buckets[i].end,
				       node->buckets[i].events, node->buckets[i].sends);
		event = place.end;
	}
}

bool trc_trace_density(const struct trc_trace *trace, uint64_t from, uint64_t to,
		       struct trc_density *ret_slices, size_t count)
{
	struct density density = {(double)from, ((double)to - (double)from) / (double)count,
				  ret_slices, count};
	size_t last = trc__chapter_until(trace, to);

	for (size_t i = 0; i < count; i++)
		ret_slices[i] = (struct trc_density){0, 0};
	if (count == 0 || to <= from)
		return true;
	if (!trc_trace_near(trace, from, to) || !trc_trace_here(trace, from, to)) {
		spread_summaries(trace, &density, from, to);
		return false;
	}
	for (size_t i = trc__chapter_from(trace, from); i <= last; i++) {
		const struct trc__chapter *chapter = trc__chapter(trace, i, NULL);

		if (chapter)
			spread_chapter(&density, chapter);
	}
	return true;
}
