/*
 * summary-node.c - the bytes of a node
 *
 * Numbers one after the other (bytes.h): the node's level, first event, begin and buckets; then
 * lane by lane, by actor: what it was doing when the node begins, and its cells. A cell begins with
 * a mask of the numbers that are not 0 and follow.
 */
#include "tracer/model/summary-node.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* --- figures ------------------------------------------------------------------------------------
 */

static uint32_t larger(uint32_t a, uint32_t b)
{
	return a > b ? a : b;
}

/* `b` follows `a`. */
static struct trc__figures sum(const struct trc__figures *a, const struct trc__figures *b)
{
	struct trc__figures both = *a;

	both.doing = b->doing;
	both.depth = b->depth;
	both.deepest = larger(a->deepest, b->deepest);
	both.events += b->events;
	both.handlers += b->handlers;
	both.waits += b->waits;
	both.sends += b->sends;
	both.receives += b->receives;
	for (size_t i = 0; i < TRC_DOING_COUNT; i++)
		both.times[i] += b->times[i];
	return both;
}

/* Of an actor without any event: it goes on. */
static struct trc__figures persistent(uint64_t actor, uint8_t doing, uint32_t depth,
				      uint64_t length)
{
	struct trc__figures figures = {.actor = actor,
				       .before = doing,
				       .doing = doing,
				       .depth_before = depth,
				       .depth = depth,
				       .deepest = depth};

	figures.times[doing] = length;
	return figures;
}

void trc__figures_pause(struct trc__figures *figures, size_t count, uint64_t length)
{
	for (size_t i = 0; length > 0 && i < count; i++)
		figures[i].times[figures[i].doing] += length;
}

void trc__figures_merge(struct trc__figures **figures, size_t *count, size_t *room, uint64_t length,
			const struct trc__figures *more, size_t more_count, uint64_t more_length)
{
	struct trc__figures *merged;
	size_t total = 0, old_count = *count, a = 0, b = 0, merged_room = 0;
	const struct trc__figures *old = *figures;

	merged = trc_grow(NULL, &merged_room, old_count + more_count + 1, sizeof *merged);
	while (a < old_count || b < more_count) {
		struct trc__figures rest;

		if (b == more_count || (a < old_count && old[a].actor < more[b].actor)) {
			rest = persistent(old[a].actor, old[a].doing, old[a].depth, more_length);
			merged[total++] = sum(&old[a++], &rest);
		} else if (a == old_count || more[b].actor < old[a].actor) {
			rest = persistent(more[b].actor, more[b].before, more[b].depth_before,
					  length);
			merged[total++] = sum(&rest, &more[b++]);
		} else {
			merged[total++] = sum(&old[a++], &more[b++]);
		}
	}
	free(*figures);
	*figures = merged;
	*count = total;
	*room = merged_room;
}

/* --- building -----------------------------------------------------------------------------------
 */

void trc__node_begin(struct trc__node_builder *node, unsigned level, uint64_t first_event,
		     uint64_t begin)
{
	node->level = level;
	node->first_event = first_event;
	node->begin = node->end = begin;
	node->events = 0;
	node->bucket_count = node->carried_count = node->cell_count = 0;
}

void trc__node_carry(struct trc__node_builder *node, uint64_t actor, uint8_t doing, uint32_t depth)
{
	node->carried = trc_grow(node->carried, &node->carried_room, node->carried_count + 1,
				 sizeof *node->carried);
	node->carried[node->carried_count++] = (struct trc__carried){actor, doing, depth};
}

void trc__node_add(struct trc__node_builder *node, const struct trc_summary_bucket *bucket,
		   const struct trc__figures *figures, size_t count)
{
	uint64_t length = bucket->end - bucket->begin;

	node->cells = trc_grow(node->cells, &node->cell_room, node->cell_count + count,
			       sizeof *node->cells);
	for (size_t i = 0; i < count; i++) {
		const struct trc__figures *from = &figures[i];
		struct trc__cell *to = &node->cells[node->cell_count++];

		*to = (struct trc__cell){from->actor,
					 {.bucket = (uint32_t)node->bucket_count,
					  .events = from->events,
					  .handlers = from->handlers,
					  .waits = from->waits,
					  .sends = from->sends,
					  .receives = from->receives,
					  .deepest = from->deepest,
					  .depth = from->depth,
					  .doing = from->doing}};
		for (size_t k = 0; length > 0 && k < TRC_DOING_COUNT; k++)
			to->cell.shares[k] = (uint16_t)((double)from->times[k] / (double)length *
							TRC_SUMMARY_SHARE);
	}
	if (node->bucket_count == 0)
		node->begin = bucket->begin;
	node->buckets[node->bucket_count++] = *bucket;
	node->events += bucket->events;
	node->end = bucket->end;
}

bool trc__node_is_full(const struct trc__node_builder *node)
{
	return node->bucket_count == TRC_SUMMARY_BUCKETS || node->cell_count >= TRC_SUMMARY_CELLS;
}

static int compare_carried(const void *a, const void *b)
{
	const struct trc__carried *x = a, *y = b;

	return (x->actor > y->actor) - (x->actor < y->actor);
}

static int compare_cells(const void *a, const void *b)
{
	const struct trc__cell *x = a, *y = b;

	if (x->actor != y->actor)
		return x->actor < y->actor ? -1 : 1;
	return (x->cell.bucket > y->cell.bucket) - (x->cell.bucket < y->cell.bucket);
}

enum { NUMBERS = 7 + TRC_DOING_COUNT - 1 };

/* The numbers of a cell that may be 0, those that hardly ever are first. */
static void put_cell(struct trc_bytes *bytes, const struct trc_summary_cell *cell,
		     uint32_t last_bucket)
{
	uint32_t numbers[NUMBERS] = {cell->events, cell->handlers, cell->receives, cell->sends,
				     cell->waits,  cell->deepest,  cell->depth};
	unsigned mask = 0;

	for (size_t i = 1; i < TRC_DOING_COUNT; i++)
		numbers[6 + i] = cell->shares[i];
	for (size_t i = 0; i < NUMBERS; i++)
		mask |= numbers[i] ? 1u << i : 0;
	trc_bytes_put(bytes, (uint64_t)(cell->bucket - last_bucket) << 3 | cell->doing);
	trc_bytes_put(bytes, mask);
	for (size_t i = 0; i < NUMBERS; i++)
		if (numbers[i])
			trc_bytes_put(bytes, numbers[i]);
}

static void put_lanes(struct trc__node_builder *node)
{
	struct trc_bytes *bytes = &node->bytes;
	size_t carried = 0, cell = 0;
	uint64_t last = 0;

	while (carried < node->carried_count || cell < node->cell_count) {
		struct trc__carried lane;
		size_t end = cell;
		uint32_t bucket = 0;

		if (cell == node->cell_count ||
		    (carried < node->carried_count &&
		     node->carried[carried].actor <= node->cells[cell].actor))
			lane = node->carried[carried++];
		else
			lane = (struct trc__carried){node->cells[cell].actor, 0, 0};
		while (end < node->cell_count && node->cells[end].actor == lane.actor)
			end++;
		trc_bytes_put(bytes, lane.actor - last);
		trc_bytes_put(bytes, (uint64_t)lane.depth << 3 | lane.doing);
		trc_bytes_put(bytes, end - cell);
		for (; cell < end; cell++) {
			put_cell(bytes, &node->cells[cell].cell, bucket);
			bucket = node->cells[cell].cell.bucket;
		}
		last = lane.actor;
	}
	trc_bytes_put(bytes, 0);
}

bool trc__node_end(struct trc__node_builder *node, struct trc_summary_row *ret_row)
{
	struct trc_bytes *bytes = &node->bytes;
	uint64_t time = node->begin;

	if (node->events == 0 ||
	    node->cell_count + node->carried_count / 2 > node->events / TRC_SUMMARY_SPARSE + 256)
		return false;
	if (node->carried_count > 0)
		qsort(node->carried, node->carried_count, sizeof *node->carried, compare_carried);
	if (node->cell_count > 0)
		qsort(node->cells, node->cell_count, sizeof *node->cells, compare_cells);
	bytes->size = 0;
	trc_bytes_put(bytes, node->level);
	trc_bytes_put(bytes, node->first_event);
	trc_bytes_put(bytes, node->begin);
	trc_bytes_put(bytes, node->bucket_count);
	for (size_t i = 0; i < node->bucket_count; i++) {
		trc_bytes_put(bytes, node->buckets[i].begin - time);
		trc_bytes_put(bytes, node->buckets[i].end - node->buckets[i].begin);
		trc_bytes_put(bytes, node->buckets[i].events);
		trc_bytes_put(bytes, node->buckets[i].sends);
		time = node->buckets[i].end;
	}
	put_lanes(node);
	*ret_row = (struct trc_summary_row){
		.level = node->level,
		.first_event = node->first_event,
		.events = node->events,
		.begin = node->begin,
		.end = node->end,
		.bytes = bytes->data,
		.size = bytes->size,
	};
	return true;
}

void trc__node_free(struct trc__node_builder *node)
{
	free(node->carried);
	free(node->cells);
	free(node->bytes.data);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void take_cell(struct trc_input *input, struct trc_summary_node *node, uint32_t *bucket)
{
	uint64_t head = trc_input_take(input);
	unsigned mask = (unsigned)trc_input_take_limited(input, (1u << NUMBERS) - 1);
	uint32_t numbers[NUMBERS] = {0};
	struct trc_summary_cell *cell = &node->cells[node->cell_count++];

	if (head >> 3 > TRC_SUMMARY_BUCKETS || *bucket + (head >> 3) >= node->bucket_count ||
	    (head & 7) >= TRC_DOING_COUNT) {
		input->damaged = true;
		return;
	}
	for (size_t i = 0; i < NUMBERS; i++)
		if (mask & 1u << i)
			numbers[i] = (uint32_t)trc_input_take_limited(
				input, i < 7 ? UINT32_MAX : TRC_SUMMARY_SHARE);
	*bucket += (uint32_t)(head >> 3);
	*cell = (struct trc_summary_cell){.bucket = *bucket,
					  .events = numbers[0],
					  .handlers = numbers[1],
					  .receives = numbers[2],
					  .sends = numbers[3],
					  .waits = numbers[4],
					  .deepest = numbers[5],
					  .depth = numbers[6],
					  .doing = (uint8_t)(head & 7)};
	for (size_t i = 1; i < TRC_DOING_COUNT; i++)
		cell->shares[i] = (uint16_t)numbers[6 + i];
}

static bool take_lane(struct trc_input *input, struct trc_summary_node *node, size_t *cell_room,
		      size_t *lane_room)
{
	uint64_t step = trc_input_take(input), head;
	struct trc_summary_lane *lane;
	uint32_t bucket = 0;
	size_t count;

	if (step == 0)
		return false;
	node->lanes = trc_grow(node->lanes, lane_room, node->lane_count + 1, sizeof *node->lanes);
	lane = &node->lanes[node->lane_count++];
	*lane = (struct trc_summary_lane){
		.actor = step + (node->lane_count > 1 ? lane[-1].actor : 0),
		.first = node->cell_count,
	};
	head = trc_input_take_limited(input, (uint64_t)UINT32_MAX << 3 | 7);
	lane->depth = (uint32_t)(head >> 3);
	lane->doing = head & 7;
	if (lane->doing >= TRC_DOING_COUNT || lane->actor < step)
		input->damaged = true;
	count = trc_input_take_count(input);
	node->cells =
		trc_grow(node->cells, cell_room, node->cell_count + count, sizeof *node->cells);
	for (lane->count = 0; lane->count < count && !input->damaged; lane->count++)
		take_cell(input, node, &bucket);
	return !input->damaged;
}

static void take_buckets(struct trc_input *input, struct trc_summary_node *node)
{
	uint64_t time = node->begin;

	node->bucket_count = trc_input_take_limited(input, TRC_SUMMARY_BUCKETS);
	node->buckets = trc_zalloc(node->bucket_count + 1, sizeof *node->buckets);
	for (size_t i = 0; i < node->bucket_count; i++) {
		struct trc_summary_bucket *bucket = &node->buckets[i];

		bucket->begin = time + trc_input_take_limited(input, UINT64_MAX - time);
		bucket->end =
			bucket->begin + trc_input_take_limited(input, UINT64_MAX - bucket->begin);
		bucket->events = trc_input_take(input);
		bucket->sends = trc_input_take(input);
		time = bucket->end;
	}
}

static void take_head(struct trc_input *input, struct trc_summary_node *node)
{
	node->level = (unsigned)trc_input_take_limited(input, TRC_SUMMARY_LEVELS - 1);
	node->first_event = trc_input_take(input);
	node->begin = trc_input_take(input);
	take_buckets(input, node);
}

bool trc_summary_head_decode(const uint8_t *bytes, size_t size, struct trc_summary_node *ret_node)
{
	struct trc_input input = {bytes, bytes + size, false};
	struct trc_summary_node node = {0};

	take_head(&input, &node);
	if (input.damaged) {
		trc_summary_node_clear(&node);
		return false;
	}
	*ret_node = node;
	return true;
}

bool trc_summary_node_decode(const uint8_t *bytes, size_t size, struct trc_summary_node *ret_node)
{
	struct trc_input input = {bytes, bytes + size, false};
	struct trc_summary_node node = {0};
	size_t cell_room = 0, lane_room = 0;

	take_head(&input, &node);
	while (take_lane(&input, &node, &cell_room, &lane_room))
		;
	if (input.damaged || input.next != input.end) {
		trc_summary_node_clear(&node);
		return false;
	}
	*ret_node = node;
	return true;
}

void trc_summary_node_clear(struct trc_summary_node *node)
{
	free(node->buckets);
	free(node->lanes);
	free(node->cells);
	*node = (struct trc_summary_node){0};
}

const struct trc_summary_lane *trc_summary_lane(const struct trc_summary_node *node, uint64_t actor)
{
	size_t low = 0, high = node->lane_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (node->lanes[middle].actor < actor)
			low = middle + 1;
		else
			high = middle;
	}
	return low < node->lane_count && node->lanes[low].actor == actor ? &node->lanes[low] : NULL;
}
