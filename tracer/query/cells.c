/*
 * cells.c - what is asked about long times, from summaries
 *
 * Events are found in nodes of the wanted level; where there is none, because too many actors were
 * busy or because the recorder was killed before it was complete, in nodes of another level.
 */
#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

enum {
	KEPT_CELLS = 1000000, /* in all kept nodes */
	NEAR_EVENTS = 300000,
	NEAR_CHAPTERS = 6,
};

/* --- nodes --------------------------------------------------------------------------------------
 */

struct place { /* of a node */
	const struct trc_index *index;
	unsigned level;
	size_t number;
	uint64_t first, end; /* events */
	uint64_t begin_time, end_time;
};

/* The last node of an index that begins at or before an event. */
static bool find_in(const struct trc_index *index, unsigned level, uint64_t event, uint64_t limit,
		    struct place *ret_place)
{
	size_t low = 0, high = index ? trc_index_summary_count(index, level) : 0;
	const struct trc_index_summary *found;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (trc_index_summary(index, level, middle)->first <= event)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	found = trc_index_summary(index, level, low - 1);
	*ret_place = (struct place){
		index,        level,     low - 1, found->first, found->first + found->events,
		found->begin, found->end};
	return event < ret_place->end && ret_place->end <= limit;
}

/* The node of a level that holds an event. */
static bool find_node(const struct trc_trace *trace, unsigned level, uint64_t event,
		      struct place *ret_place)
{
	return find_in(trace->file, level, event, trace->file_events, ret_place) ||
	       find_in(trace->own, level, event, UINT64_MAX, ret_place);
}

/* As good a node as there is: coarser ones before finer ones. */
static bool find_any(const struct trc_trace *trace, unsigned level, uint64_t event,
		     struct place *ret_place)
{
	for (unsigned l = level; l < TRC_SUMMARY_LEVELS; l++)
		if (find_node(trace, l, event, ret_place))
			return true;
	for (unsigned l = level; l-- > 0;)
		if (find_node(trace, l, event, ret_place))
			return true;
	return false;
}

static void drop_oldest(struct trc__kept *kept)
{
	size_t oldest = 0;

	for (size_t i = 1; i < kept->node_count; i++)
		if (kept->nodes[i].used < kept->nodes[oldest].used)
			oldest = i;
	kept->node_weight -= kept->nodes[oldest].weight;
	trc_summary_node_clear(&kept->nodes[oldest].node);
	kept->nodes[oldest] = kept->nodes[--kept->node_count];
}

void trc__nodes_free(struct trc_trace *trace)
{
	while (trace->kept->node_count > 0)
		drop_oldest(trace->kept);
	free(trace->kept->nodes);
}

static bool read_node(const struct place *place, struct trc_summary_node *ret_node)
{
	/* An index is open for reading; only its statements change. */
	struct trc_index *index = (struct trc_index *)(uintptr_t)place->index;
	struct trc_error error;
	uint8_t *bytes;
	size_t size;
	bool good;

	if (trc_index_load_summary(index, place->level, place->number, &bytes, &size, &error) < 0)
		return false;
	good = trc_summary_node_decode(bytes, size, ret_node);
	free(bytes);
	if (good && (ret_node->first_event != place->first || ret_node->level != place->level)) {
		trc_summary_node_clear(ret_node);
		good = false;
	}
	return good;
}

/* The node, read if need be; empty when it is damaged. Good until the next call. */
static const struct trc_summary_node *node_at(const struct trc_trace *trace,
					      const struct place *place)
{
	struct trc__kept *kept = trace->kept;
	struct trc__kept_node item = {place->index, place->level, place->number, ++kept->uses, 1,
				      {0}};

	for (size_t i = 0; i < kept->node_count; i++) {
		struct trc__kept_node *one = &kept->nodes[i];

		if (one->number == item.number && one->level == item.level &&
		    one->index == item.index) {
			one->used = item.used;
			return &one->node;
		}
	}
	if (read_node(place, &item.node))
		item.weight += item.node.cell_count + item.node.lane_count;
	while (kept->node_count > 0 && kept->node_weight + item.weight > KEPT_CELLS)
		drop_oldest(kept);
	kept->nodes =
		trc_grow(kept->nodes, &kept->node_room, kept->node_count + 1, sizeof *kept->nodes);
	kept->nodes[kept->node_count++] = item;
	kept->node_weight += item.weight;
	return &kept->nodes[kept->node_count - 1].node;
}

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

/* The growing chapter has no summary: it is one cell. */
static void gather_growing(struct gathering *gathering, const struct trc_trace *trace,
			   uint64_t actor)
{
	const struct trc__chapter *chapter = trace->growing;
	const struct trc__lane *lane = trc_table_find(&chapter->lanes, actor);
	struct trc_cell cell = {.begin = chapter->begin, .end = trc_model_time(trace->model)};
	uint64_t waited = 0;

	if (!lane || cell.end == cell.begin)
		return;
	cell.events = (uint32_t)lane->event_count;
	for (size_t i = 0; i < lane->event_count; i++) {
		unsigned kind = chapter->events[lane->events[i]].kind;

		cell.handlers += kind == TRC_RECEIVE || kind == TRC_START;
		cell.waits += kind == TRC_WAIT;
		cell.sends += kind == TRC_SEND;
		cell.receives += kind == TRC_RECEIVE;
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

size_t trc_trace_cells(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_cell *ret_cells, size_t max)
{
	struct gathering gathering = {from, to, from, ret_cells, 0, max};
	size_t actors = trc_model_actor_count(trace->model);
	size_t buckets = KEPT_CELLS / 2 / (actors + 1) + 1;
	uint64_t event, end, growing = trace->growing->first;
	unsigned level;
	struct place place;

	events_around(trace, from, to, &event, &end);
	/* An actor's quiet stretches are cells of their own, between two others at most. */
	level = level_for(end - event, buckets < max / 2 ? buckets : max / 2);
	while (event < end && event < growing) {
		if (!find_any(trace, level, event, &place)) {
			event++;
			event += (TRC_SUMMARY_EVENTS - event % TRC_SUMMARY_EVENTS) %
				 TRC_SUMMARY_EVENTS;
			continue;
		}
		if (place.end_time >= from && gathering.reached < to)
			gather_node(&gathering, node_at(trace, &place), actor, event);
		event = place.end;
	}
	if (end > growing)
		gather_growing(&gathering, trace, actor);
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

static void spread_summaries(const struct trc_trace *trace, const struct density *density,
			     uint64_t from, uint64_t to)
{
	uint64_t event, end, growing = trace->growing->first;
	struct place place;
	unsigned level;

	events_around(trace, from, to, &event, &end);
	level = level_for(end - event, density->count);
	while (event < end && event < growing) {
		const struct trc_summary_node *node;
		uint64_t first;

		if (!find_any(trace, level, event, &place)) {
			event++;
			continue;
		}
		node = node_at(trace, &place);
		first = node->first_event;
		for (size_t i = 0; i < node->bucket_count; first += node->buckets[i++].events)
			if (first >= event)
				spread(density, node->buckets[i].begin, node->buckets[i].end,
				       node->buckets[i].events, node->buckets[i].sends);
		event = place.end;
	}
	if (end > growing)
		spread_chapter(density, trace->growing);
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

/* --- where an actor was active ------------------------------------------------------------------
 */

struct search {
	const struct trc_trace *trace;
	uint64_t actor;
	bool forward;
	uint64_t found_first, found_end; /* events in which it may have been active */
};

static bool found(struct search *search, uint64_t first, uint64_t end)
{
	search->found_first = first;
	search->found_end = end;
	return true;
}

static bool search_level(struct search *search, unsigned level, uint64_t first, uint64_t end);

static bool is_active(const struct trc_summary_node *node, uint64_t actor, size_t bucket)
{
	const struct trc_summary_lane *lane = trc_summary_lane(node, actor);

	for (size_t i = 0; lane && i < lane->count; i++)
		if (node->cells[lane->first + i].bucket == bucket)
			return node->cells[lane->first + i].events > 0;
	return false;
}

/* The same within one node. */
static bool search_node(struct search *search, const struct place *place, uint64_t first,
			uint64_t end)
{
	uint64_t edges[TRC_SUMMARY_BUCKETS + 1];
	bool active[TRC_SUMMARY_BUCKETS];
	const struct trc_summary_node *node = node_at(search->trace, place);
	size_t count = node->bucket_count;

	if (count == 0) /* damaged */
		return found(search, first, end);
	edges[0] = node->first_event;
	for (size_t i = 0; i < count; i++) {
		edges[i + 1] = edges[i] + node->buckets[i].events;
		active[i] = is_active(node, search->actor, i);
	}
	for (size_t k = 0; k < count; k++) {
		size_t i = search->forward ? k : count - 1 - k;
		uint64_t a = edges[i] > first ? edges[i] : first;
		uint64_t b = edges[i + 1] < end ? edges[i + 1] : end;

		if (!active[i] || a >= b)
			continue;
		if (place->level == 0 ? found(search, a, b)
				      : search_level(search, place->level - 1, a, b))
			return true;
	}
	return false;
}

/* Looks through events first .. end-1 in nodes of a level, and in finer ones where there are
 * signs. */
static bool search_level(struct search *search, unsigned level, uint64_t first, uint64_t end)
{
	while (first < end) {
		uint64_t at = search->forward ? first : end - 1, a, b;
		struct place place;

		if (!find_node(search->trace, level, at, &place)) {
			if (level > 0)
				return search_level(search, level - 1, first, end);
			return found(search, first, end);
		}
		a = place.first > first ? place.first : first;
		b = place.end < end ? place.end : end;
		if (search_node(search, &place, a, b))
			return true;
		if (search->forward)
			first = b;
		else
			end = a;
	}
	return false;
}

size_t trc__chapter_active(const struct trc_trace *trace, uint64_t actor, size_t first, size_t end,
			   bool forward)
{
	struct search search = {.trace = trace, .actor = actor, .forward = forward};
	unsigned top = TRC_SUMMARY_LEVELS - 1;

	if (first >= end)
		return SIZE_MAX;
	while (top > 0 && trc_index_summary_count(trace->file, top) == 0)
		top--;
	if (!search_level(&search, top, trc__chapter_first(trace, first),
			  trc__chapter_first(trace, end)))
		return end == trc__chapter_count(trace) && forward ? end - 1 : SIZE_MAX;
	return trc__chapter_of_event(trace, forward ? search.found_first : search.found_end - 1);
}
