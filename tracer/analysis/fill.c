#include "tracer/analysis/fill.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

static const struct trc__arrow *face(const struct trc__pair *pair)
{
	return pair->arrows[0];
}

uint32_t trc__fill_capacity(const struct trc__fill *fill, uint32_t node)
{
	const struct trc_actor *actor = trc_model_actor(fill->model, fill->rings->actors[node]);

	return actor ? actor->capacity : 0;
}

static void measure_inflows(struct trc__fill *fill)
{
	const struct trc__rings *rings = fill->rings;
	const struct trc__uncounted *uncounted;
	const struct trc__arrow *arrow;
	size_t place = 0;

	fill->inflows = trc_zalloc(rings->node_count, sizeof *fill->inflows);
	for (uint32_t n = 0; n < rings->node_count; n++)
		trc_table_put(&fill->places, rings->actors[n], (void *)(uintptr_t)(n + 1));
	while ((arrow = trc_table_next(&fill->arrows->arrows, &place)))
		for (; arrow; arrow = arrow->next) {
			uintptr_t node = (uintptr_t)trc_table_find(&fill->places, arrow->to);

			if (!node)
				continue;
			fill->inflows[node - 1].count += arrow->count;
			if (arrow->driven)
				fill->inflows[node - 1].driven += arrow->count;
		}
	place = 0;
	while ((uncounted = trc_table_next(&fill->arrows->uncounted, &place))) {
		uintptr_t node = (uintptr_t)trc_table_find(&fill->places, uncounted->to);

		if (node)
			fill->inflows[node - 1].uncounted = true;
	}
}

/* How many of the pair's messages were not caused by one that came around the ring; UINT64_MAX when
 * there is no telling how many there could be. */
static uint64_t entered(const struct trc__fill *fill, const struct trc__ring *ring, unsigned place)
{
	const struct trc__pair *pair = ring->pairs[place];
	const struct trc__pair *before = ring->pairs[(place + ring->length - 1) % ring->length];
	int64_t around = face(before)->from_kind;
	uint64_t count = 0;

	if (fill->inflows[pair->to].uncounted)
		return UINT64_MAX;
	for (size_t i = 0; i < pair->count; i++) {
		const struct trc__arrow *arrow = pair->arrows[i];
		const struct trc__flow *flow = trc__arrows_flow(fill->arrows, arrow->from_kind,
								arrow->to_kind, arrow->cause);

		if (arrow->driven)
			return UINT64_MAX;
		if (arrow->cause != around) {
			count += arrow->count;
			continue;
		}
		if (flow && flow->most > 1)
			return UINT64_MAX;
		/* Of two, each answers the other: then we know exactly. */
		if (ring->length <= 2)
			count += arrow->count - arrow->back;
	}
	return count;
}

/* How many messages it takes besides those in a mailbox: one on its way that finds no place, and
 * the one that its owner is handling when it sends on. */
static uint64_t besides(const struct trc__pair *next)
{
	for (size_t i = 0; i < next->count; i++)
		if (next->arrows[i]->cause == TRC__CAUSE_START)
			return 1;
	return 2;
}

/* Notes that the pair's mailbox gets no more than `most` messages, and is full at `fitting` places.
 * The ring cannot fill when that is less than it has. */
static void note_bound(const struct trc__fill *fill, const struct trc__pair *pair, bool few,
		       uint64_t most, uint64_t fitting, struct trc__bound *bound)
{
	if (fitting < bound->fitting)
		bound->fitting = fitting;
	if (bound->pair || fitting >= trc__fill_capacity(fill, pair->to))
		return;
	bound->pair = pair;
	bound->few = few;
	bound->most = most;
}

/* Too few messages, whoever sent them. */
static void note_few(const struct trc__fill *fill, const struct trc__ring *ring,
		     struct trc__bound *bound)
{
	for (unsigned i = 0; i < ring->length; i++) {
		const struct trc__pair *pair = ring->pairs[i];
		const struct trc__inflow *inflow = &fill->inflows[pair->to];
		uint64_t more = besides(ring->pairs[(i + 1) % ring->length]);

		if (inflow->driven == 0 && !inflow->uncounted)
			note_bound(fill, pair, true, inflow->count,
				   inflow->count < more ? 0 : inflow->count - more, bound);
	}
}

/* Too few that entered the ring, if they only go around. */
static void note_around(const struct trc__fill *fill, const struct trc__ring *ring,
			struct trc__bound *bound)
{
	uint64_t around = 0;

	for (unsigned i = 0; i < ring->length; i++) {
		uint64_t count = entered(fill, ring, i);

		if (count == UINT64_MAX)
			return;
		around += count;
	}
	for (unsigned i = 0; i < ring->length; i++) {
		const struct trc__pair *pair = ring->pairs[i];
		const struct trc__inflow *inflow = &fill->inflows[pair->to];
		uint64_t most = around + inflow->count;

		for (size_t k = 0; k < pair->count; k++)
			most -= pair->arrows[k]->count;
		if (inflow->driven == 0)
			note_bound(fill, pair, false, most, most ? most - 1 : 0, bound);
	}
}

void trc__fill_bound(const struct trc__fill *fill, const struct trc__ring *ring,
		     struct trc__bound *ret_bound)
{
	*ret_bound = (struct trc__bound){.fitting = UINT64_MAX};
	note_few(fill, ring, ret_bound);
	note_around(fill, ring, ret_bound);
	if (!ret_bound->pair || ret_bound->fitting == UINT64_MAX)
		ret_bound->fitting = 0;
}

void trc__fill_init(struct trc__fill *fill, const struct trc_model *model,
		    const struct trc__arrows *arrows, const struct trc__rings *rings)
{
	*fill = (struct trc__fill){.model = model, .arrows = arrows, .rings = rings};
	measure_inflows(fill);
}

void trc__fill_clear(struct trc__fill *fill)
{
	trc_table_clear(&fill->places);
	free(fill->inflows);
	*fill = (struct trc__fill){0};
}
