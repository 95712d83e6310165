/*
 * rings.c - shortest rings through each pair of actors
 *
 * Only within strongly connected sets of actors can there be rings, and there is one through each
 * of their pairs. Most rings are short: two actors that send to each other are found by looking up
 * the opposite pair, longer ones by a search in breadth from the pair's end to its beginning. That
 * search is quadratic in the worst case, so its steps are limited; `cut` says when it gave up.
 */
#include "tracer/analysis/rings.h"

#include "tracer/analysis/components.h"
#include "tracer/analysis/limits.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { RINGS_MAX = 1000000, LENGTH_MAX = 64 };

struct search {
	struct trc__rings *rings;
	uint32_t *component;
	bool broken;       /* pairs that never wait count, too */
	uint32_t *came_by; /* 1 + pair by which a node was reached */
	uint32_t *queue;
	struct trc_table known; /* rings, by hash of their actors */
	uint64_t steps;
};

/* --- pairs --------------------------------------------------------------------------------------
 */

static uint32_t node_of(struct trc_table *nodes, struct trc__rings *rings, size_t *room,
			uint64_t actor)
{
	uintptr_t known = (uintptr_t)trc_table_find(nodes, actor);

	if (known)
		return (uint32_t)known - 1;
	rings->actors = trc_grow(rings->actors, room, rings->node_count + 1, sizeof(uint64_t));
	rings->actors[rings->node_count++] = actor;
	trc_table_put(nodes, actor, (void *)(uintptr_t)rings->node_count);
	return rings->node_count - 1;
}

/* A pair waits when one of its sends does. A question waits for space like any send, but only a
 * mailbox that gets more than questions can fill up: each asker has one question under way. */
static bool pair_waits(const struct trc__arrows *arrows, const struct trc__pair *pair)
{
	for (size_t i = 0; i < pair->count && pair->arrows[i]->form == TRC__FORM_WAITS; i++)
		if (!pair->arrows[i]->ask || trc_table_find(&arrows->filled, pair->arrows[i]->to))
			return true;
	return false;
}

static int compare_pairs(const void *a, const void *b)
{
	const struct trc__pair *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void make_pairs(struct trc__rings *rings, const struct trc__arrows *arrows)
{
	size_t count, room = 0, node_room = 0;
	struct trc_table nodes = {0};

	rings->list = trc__arrows_list(arrows, &count);
	for (size_t i = 0, end; i < count; i = end) {
		struct trc__arrow **run = rings->list + i;
		struct trc__pair *pair;

		for (end = i; end < count && rings->list[end]->from == run[0]->from &&
			      rings->list[end]->to == run[0]->to;)
			end++;
		if (run[0]->from == 0 || run[0]->to == 0)
			continue;
		rings->pairs =
			trc_grow(rings->pairs, &room, rings->pair_count + 1, sizeof *rings->pairs);
		pair = &rings->pairs[rings->pair_count++];
		*pair = (struct trc__pair){.arrows = run, .count = end - i};
		pair->from = node_of(&nodes, rings, &node_room, run[0]->from);
		pair->to = node_of(&nodes, rings, &node_room, run[0]->to);
		pair->waits = pair_waits(arrows, pair);
	}
	trc_table_clear(&nodes);
	if (rings->pair_count)
		qsort(rings->pairs, rings->pair_count, sizeof *rings->pairs, compare_pairs);
	rings->first = trc_zalloc((size_t)rings->node_count + 1, sizeof *rings->first);
	for (size_t i = 0; i < rings->pair_count; i++)
		rings->first[rings->pairs[i].from + 1]++;
	for (uint32_t n = 0; n < rings->node_count; n++)
		rings->first[n + 1] += rings->first[n];
}

static const struct trc__pair *find_pair(const struct trc__rings *rings, uint32_t from, uint32_t to)
{
	struct trc__pair wanted = {.from = from, .to = to};

	return bsearch(&wanted, rings->pairs, rings->pair_count, sizeof wanted, compare_pairs);
}

/* --- rings --------------------------------------------------------------------------------------
 */

static bool usable(const struct search *search, const struct trc__pair *pair)
{
	return pair->waits || search->broken;
}

static void find_components(struct search *search)
{
	struct trc__rings *rings = search->rings;
	uint32_t *first = trc_zalloc((size_t)rings->node_count + 1, sizeof *first);
	uint32_t *to = trc_alloc(rings->pair_count * sizeof *to);
	uint32_t count = 0;

	for (uint32_t n = 0; n < rings->node_count; n++) {
		for (uint32_t i = rings->first[n]; i < rings->first[n + 1]; i++)
			if (usable(search, &rings->pairs[i]))
				to[count++] = rings->pairs[i].to;
		first[n + 1] = count;
	}
	trc__components(rings->node_count, first, to, search->component);
	free(first);
	free(to);
}

static void keep(struct search *search, const struct trc__pair **pairs, unsigned length)
{
	struct trc__rings *rings = search->rings;
	struct trc__ring **list = search->broken ? &rings->broken : &rings->waiting;
	size_t *count = search->broken ? &rings->broken_count : &rings->waiting_count;
	size_t *room = search->broken ? &rings->broken_room : &rings->waiting_room;
	unsigned start = 0;
	uint64_t key = length;
	const struct trc__pair **turned;

	/* Once, however it was entered: begin at the actor that appeared first. */
	for (unsigned i = 1; i < length; i++)
		if (rings->actors[pairs[i]->from] < rings->actors[pairs[start]->from])
			start = i;
	turned = trc_alloc(length * sizeof *turned);
	for (unsigned i = 0; i < length; i++) {
		turned[i] = pairs[(start + i) % length];
		key = trc_mix(key, rings->actors[turned[i]->from]);
	}
	if (trc_table_find(&search->known, key | 1) || *count >= RINGS_MAX) {
		rings->cut |= *count >= RINGS_MAX;
		free(turned);
		return;
	}
	trc_table_put(&search->known, key | 1, rings);
	*list = trc_grow(*list, room, *count + 1, sizeof **list);
	(*list)[(*count)++] = (struct trc__ring){length, turned};
}

/* The shortest way from the pair's end back to its beginning. */
static void search_back(struct search *search, const struct trc__pair *pair)
{
	struct trc__rings *rings = search->rings;
	const struct trc__pair *ring[LENGTH_MAX];
	size_t head = 0, tail = 0;
	unsigned length = 0;
	uint32_t at;

	search->queue[tail++] = pair->to;
	search->came_by[pair->to] = UINT32_MAX;
	while (head < tail && search->came_by[pair->from] == 0) {
		uint32_t node = search->queue[head++];

		for (uint32_t i = rings->first[node]; i < rings->first[node + 1]; i++) {
			const struct trc__pair *next = &rings->pairs[i];

			search->steps++;
			if (!usable(search, next) || search->came_by[next->to] != 0 ||
			    search->component[next->to] != search->component[pair->from])
				continue;
			search->came_by[next->to] = i + 1;
			search->queue[tail++] = next->to;
		}
	}
	for (at = pair->from;
	     length < LENGTH_MAX - 1 && at != pair->to && search->came_by[at] != 0;) {
		const struct trc__pair *by = &rings->pairs[search->came_by[at] - 1];

		ring[LENGTH_MAX - ++length] = by;
		at = by->from;
	}
	if (at == pair->to) {
		ring[LENGTH_MAX - ++length] = pair;
		keep(search, ring + LENGTH_MAX - length, length);
	}
	while (tail > 0)
		search->came_by[search->queue[--tail]] = 0;
}

static void search_from(struct search *search, const struct trc__pair *pair)
{
	const struct trc__pair *opposite;

	if (pair->from == pair->to) {
		keep(search, &pair, 1);
		return;
	}
	opposite = find_pair(search->rings, pair->to, pair->from);
	if (opposite && usable(search, opposite))
		keep(search, (const struct trc__pair *[]){pair, opposite}, 2);
	else if (search->steps < TRC__MAILBOX_STEPS_MAX)
		search_back(search, pair);
	else
		search->rings->cut = true;
}

static void find_rings(struct trc__rings *rings, bool broken)
{
	struct search search = {.rings = rings, .broken = broken};

	search.component = trc_zalloc(rings->node_count, sizeof *search.component);
	search.came_by = trc_zalloc(rings->node_count, sizeof *search.came_by);
	search.queue = trc_zalloc(rings->node_count, sizeof *search.queue);
	find_components(&search);
	for (size_t i = 0; i < rings->pair_count; i++) {
		const struct trc__pair *pair = &rings->pairs[i];
		uint32_t component = search.component[pair->from];

		/* Looking for broken rings, begin where they are broken. */
		if (component != TRC__NO_COMPONENT && component == search.component[pair->to] &&
		    pair->waits != broken)
			search_from(&search, pair);
	}
	trc_table_clear(&search.known);
	free(search.component);
	free(search.came_by);
	free(search.queue);
}

void trc__rings_find(const struct trc__arrows *arrows, struct trc__rings *ret_rings)
{
	*ret_rings = (struct trc__rings){0};
	make_pairs(ret_rings, arrows);
	find_rings(ret_rings, false);
	find_rings(ret_rings, true);
}

void trc__rings_clear(struct trc__rings *rings)
{
	for (size_t i = 0; i < rings->waiting_count; i++)
		free(rings->waiting[i].pairs);
	for (size_t i = 0; i < rings->broken_count; i++)
		free(rings->broken[i].pairs);
	free(rings->waiting);
	free(rings->broken);
	free(rings->pairs);
	free(rings->actors);
	free(rings->first);
	free(rings->list);
	*rings = (struct trc__rings){0};
}
