/*
 * nodes.c - the nodes of summaries, which of them are kept, and where an actor was active
 *
 * Events are found in nodes of the wanted level; where there is none, because too many actors were
 * busy or because the recorder was killed before it was complete, in nodes of another level.
 */
#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

enum { KEPT_HEADS = 2048 };

/* The last node of an index that begins at or before an event. */
static bool find_in(const struct trc_index *index, unsigned level, uint64_t event, uint64_t limit,
		    struct trc__place *ret_place)
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
	*ret_place = (struct trc__place){
		index,        level,     low - 1, found->first, found->first + found->events,
		found->begin, found->end};
	return event < ret_place->end && ret_place->end <= limit;
}

bool trc__node_find(const struct trc_trace *trace, unsigned level, uint64_t event,
		    struct trc__place *ret_place)
{
	return find_in(trace->file, level, event, trace->file_events, ret_place) ||
	       find_in(trace->own, level, event, UINT64_MAX, ret_place);
}

bool trc__node_find_any(const struct trc_trace *trace, unsigned level, uint64_t event,
			struct trc__place *ret_place)
{
	for (unsigned l = level; l < TRC_SUMMARY_LEVELS; l++)
		if (trc__node_find(trace, l, event, ret_place))
			return true;
	for (unsigned l = level; l-- > 0;)
		if (trc__node_find(trace, l, event, ret_place))
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

static void drop_heads(struct trc__kept *kept)
{
	struct trc_summary_node *head;
	size_t at = 0;

	while ((head = trc_table_next(&kept->heads, &at))) {
		trc_summary_node_clear(head);
		free(head);
	}
	trc_table_clear(&kept->heads);
}

void trc__nodes_free(struct trc_trace *trace)
{
	while (trace->kept->node_count > 0)
		drop_oldest(trace->kept);
	free(trace->kept->nodes);
	drop_heads(trace->kept);
}

typedef bool decode_node(const uint8_t *bytes, size_t size, struct trc_summary_node *ret_node);

static bool read_node(const struct trc__place *place, decode_node *decode,
		      struct trc_summary_node *ret_node)
{
	/* An index is open for reading; only its statements change. */
	struct trc_index *index = (struct trc_index *)(uintptr_t)place->index;
	struct trc_error error;
	uint8_t *bytes;
	size_t size;
	bool good;

	if (trc_index_load_summary(index, place->level, place->number, &bytes, &size, &error) < 0)
		return false;
	good = decode(bytes, size, ret_node);
	free(bytes);
	if (good && (ret_node->first_event != place->first || ret_node->level != place->level)) {
		trc_summary_node_clear(ret_node);
		good = false;
	}
	return good;
}

const struct trc_summary_node *trc__node_at(const struct trc_trace *trace,
					    const struct trc__place *place)
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
	if (read_node(place, trc_summary_node_decode, &item.node))
		item.weight += item.node.cell_count + item.node.lane_count;
	while (kept->node_count > 0 && kept->node_weight + item.weight > TRC__KEPT_CELLS)
		drop_oldest(kept);
	kept->nodes =
		trc_grow(kept->nodes, &kept->node_room, kept->node_count + 1, sizeof *kept->nodes);
	kept->nodes[kept->node_count++] = item;
	kept->node_weight += item.weight;
	return &kept->nodes[kept->node_count - 1].node;
}

const struct trc_summary_node *trc__head_at(const struct trc_trace *trace,
					    const struct trc__place *place)
{
	struct trc__kept *kept = trace->kept;
	uint64_t own = place->index == trace->own;
	uint64_t key = own << 63 | (uint64_t)place->level << 56 | (place->number + 1);
	struct trc_summary_node *head = trc_table_find(&kept->heads, key);

	if (head)
		return head;
	if (kept->heads.count == KEPT_HEADS)
		drop_heads(kept);
	head = trc_zalloc(1, sizeof *head);
	read_node(place, trc_summary_head_decode, head);
	trc_table_put(&kept->heads, key, head);
	return head;
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
static bool search_node(struct search *search, const struct trc__place *place, uint64_t first,
			uint64_t end)
{
	uint64_t edges[TRC_SUMMARY_BUCKETS + 1];
	bool active[TRC_SUMMARY_BUCKETS];
	const struct trc_summary_node *node = trc__node_at(search->trace, place);
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
		struct trc__place place;

		if (!trc__node_find(search->trace, level, at, &place)) {
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
