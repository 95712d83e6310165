#include "viewer/graph-moment.h"

#include <stdlib.h>
#include <string.h>

/* --- rings -------------------------------------------------------------------------------------
 */

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory)
		abort();
	return memory;
}

static int compare_from(const void *left, const void *right)
{
	const struct trv_link *a = left, *b = right;

	if (a->from != b->from)
		return a->from < b->from ? -1 : 1;
	return a->to < b->to ? -1 : a->to > b->to;
}

/* Index of the link that begins at an actor; `count`: there is none. */
static size_t link_from(const struct trv_link *links, size_t count, uint64_t actor)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (links[middle].from < actor)
			low = middle + 1;
		else
			high = middle;
	}
	return low < count && links[low].from == actor ? low : count;
}

/* Goes from link to link until one comes that was passed already. When that was on this way, the
 * ring it closes is noted. */
static void follow(const struct trv_link *links, size_t count, size_t start, size_t *passed,
		   struct trv_rings *rings, size_t *used)
{
	size_t at = start;

	while (at < count && passed[at] == 0) {
		passed[at] = start + 1;
		at = link_from(links, count, links[at].to);
	}
	if (at == count || passed[at] != start + 1)
		return;
	rings->items[rings->count] = (struct trv_ring){&rings->actors[*used], 0};
	for (size_t first = at; rings->items[rings->count].count == 0 || at != first;
	     at = link_from(links, count, links[at].to)) {
		rings->actors[(*used)++] = links[at].from;
		rings->items[rings->count].count++;
	}
	rings->count++;
}

void trv_rings_find(const struct trv_link *links, size_t count, struct trv_rings *ret_rings)
{
	struct trv_link *sorted = allocate(count, sizeof *sorted);
	size_t *passed = allocate(count, sizeof *passed), used = 0;

	*ret_rings = (struct trv_rings){
		.items = allocate(count, sizeof *ret_rings->items),
		.actors = allocate(count, sizeof *ret_rings->actors),
	};
	if (count > 0)
		memcpy(sorted, links, count * sizeof *sorted);
	qsort(sorted, count, sizeof *sorted, compare_from);
	for (size_t i = 0; i < count; i++)
		follow(sorted, count, i, passed, ret_rings, &used);
	free(sorted);
	free(passed);
}

void trv_rings_clear(struct trv_rings *rings)
{
	free(rings->items);
	free(rings->actors);
	*rings = (struct trv_rings){0};
}

/* --- places ------------------------------------------------------------------------------------
 */

static size_t count_placed(const struct trv_graph_layout *layout, const struct trv_link *links,
			   size_t count)
{
	size_t placed = 0;

	for (size_t i = 0; i < count; i++)
		placed += trv_graph_place(layout, links[i].from) != NULL &&
			  trv_graph_place(layout, links[i].to) != NULL;
	return placed;
}

const struct trv_graph_layout *trv_graph_choose(const struct trv_graph_layout *whole,
						struct trv_graph_layout *moment,
						const struct trv_link *links, size_t count,
						const struct trv_link *core, size_t core_count)
{
	size_t in_whole = count_placed(whole, links, count), in_fresh;
	struct trv_graph_layout fresh;
	struct trv_rings rings;

	if (in_whole == count)
		return whole;
	trv_rings_find(core, core_count, &rings);
	trv_graph_layout_build(rings.items, rings.count, links, count, &fresh);
	trv_rings_clear(&rings);
	in_fresh = count_placed(&fresh, links, count);
	if (in_whole >= in_fresh || count_placed(moment, links, count) >= in_fresh) {
		trv_graph_layout_clear(&fresh);
		return in_whole >= in_fresh ? whole : moment;
	}
	trv_graph_layout_clear(moment);
	*moment = fresh;
	return moment;
}
