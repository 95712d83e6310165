#include "tracer/compare/trail.h"

#include "tracer/model/memory.h"

#include <stdbool.h>
#include <stdlib.h>

void trc__trail_init(struct trc__trail *trail, size_t row_count, size_t limit)
{
	*trail = (struct trc__trail){.rows = trc_zalloc(row_count + 1, sizeof *trail->rows),
				     .row_count = row_count,
				     .limit = limit};
}

void trc__trail_clear(struct trc__trail *trail)
{
	for (size_t i = 0; i < trail->row_count; i++)
		free(trail->rows[i].items);
	free(trail->rows);
	*trail = (struct trc__trail){0};
}

static void choose_fewer(struct trc__trail *trail, uint64_t mask)
{
	trail->mask = mask;
	trail->total = 0;
	for (size_t i = 0; i < trail->row_count; i++) {
		struct trc__tracks *row = &trail->rows[i];
		size_t kept = 0;

		for (size_t k = 0; k < row->count; k++)
			if ((row->items[k].digest & mask) == 0)
				row->items[kept++] = row->items[k];
		row->count = kept;
		trail->total += kept;
	}
}

void trc__trail_add(struct trc__trail *trail, size_t row_number, uint64_t digest, uint64_t time)
{
	struct trc__tracks *row = &trail->rows[row_number];

	if ((digest & trail->mask) != 0)
		return;
	row->items = trc_grow(row->items, &row->room, row->count + 1, sizeof *row->items);
	row->items[row->count++] = (struct trc__track){digest, time};
	trail->total++;
	while (trail->total > trail->limit && trail->mask != UINT64_MAX)
		choose_fewer(trail, trail->mask << 1 | 1);
}

/* --- what belongs together ----------------------------------------------------------------------
 */

struct place {
	uint64_t digest;
	size_t index; /* in its row */
	bool second;  /* of run B */
};

static int compare_places(const void *a, const void *b)
{
	const struct place *x = a, *y = b;

	if (x->digest != y->digest)
		return x->digest < y->digest ? -1 : 1;
	return (x->second > y->second) - (x->second < y->second);
}

/* For each step of `a` its only counterpart in `b`; SIZE_MAX: it has none, or several. */
static size_t *counterparts(const struct trc__tracks *a, const struct trc__tracks *b)
{
	size_t count = a->count + b->count;
	struct place *places = trc_zalloc(count + 1, sizeof *places);
	size_t *of = trc_zalloc(a->count + 1, sizeof *of);

	for (size_t i = 0; i < count; i++)
		places[i] = i < a->count ? (struct place){a->items[i].digest, i, false}
					 : (struct place){b->items[i - a->count].digest,
							  i - a->count, true};
	qsort(places, count, sizeof *places, compare_places);
	for (size_t i = 0; i < a->count; i++)
		of[i] = SIZE_MAX;
	for (size_t i = 0, end; i < count; i = end) {
		for (end = i + 1; end < count && places[end].digest == places[i].digest;)
			end++;
		if (end == i + 2 && !places[i].second && places[i + 1].second)
			of[places[i].index] = places[i + 1].index;
	}
	free(places);
	return of;
}

/* Of `numbers`, leaves the longest series that rises; the others become SIZE_MAX. Series are kept
 * by their last members, the shortest series first, as cards are in patience. */
static void keep_rising(size_t *numbers, size_t count)
{
	size_t *lasts = trc_zalloc(count + 1, sizeof *lasts); /* places, by length */
	size_t *before = trc_zalloc(count + 1, sizeof *before);
	size_t length = 0, next;

	for (size_t i = 0; i < count; i++) {
		size_t low = 0, high = length;

		if (numbers[i] == SIZE_MAX)
			continue;
		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (numbers[lasts[middle]] < numbers[i])
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? lasts[low - 1] : SIZE_MAX;
		lasts[low] = i;
		length += low == length;
	}
	next = length ? lasts[length - 1] : SIZE_MAX;
	for (size_t i = count; i-- > 0;) {
		if (i == next)
			next = before[i];
		else
			numbers[i] = SIZE_MAX;
	}
	free(lasts);
	free(before);
}

void trc__trail_match(struct trc__trail *a, struct trc__trail *b, size_t row,
		      void (*found)(uint64_t time_a, uint64_t time_b, void *context), void *context)
{
	const struct trc__tracks *in_a = &a->rows[row], *in_b = &b->rows[row];
	size_t *of;

	if (a->mask < b->mask)
		choose_fewer(a, b->mask);
	else if (b->mask < a->mask)
		choose_fewer(b, a->mask);
	of = counterparts(in_a, in_b);
	keep_rising(of, in_a->count);
	for (size_t i = 0; i < in_a->count; i++)
		if (of[i] != SIZE_MAX)
			found(in_a->items[i].time, in_b->items[of[i]].time, context);
	free(of);
}
