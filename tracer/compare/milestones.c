#include "tracer/compare/milestones.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

void trc__milestones_init(struct trc__milestones *marks, size_t row_count, size_t limit)
{
	*marks = (struct trc__milestones){.rows = trc_zalloc(row_count + 1, sizeof *marks->rows),
					  .row_count = row_count,
					  .distance = 1,
					  .limit = limit};
}

void trc__milestones_clear(struct trc__milestones *marks)
{
	for (size_t i = 0; i < marks->row_count; i++)
		free(marks->rows[i].items);
	free(marks->rows);
	*marks = (struct trc__milestones){0};
}

static void double_distance(struct trc__milestones *marks)
{
	marks->total = 0;
	for (size_t i = 0; i < marks->row_count; i++) {
		struct trc__row *row = &marks->rows[i];

		for (size_t k = 1; k < row->count; k += 2)
			row->items[k / 2] = row->items[k];
		row->count /= 2;
		marks->total += row->count;
	}
	marks->distance *= 2;
}

void trc__milestones_append(struct trc__milestones *marks, size_t row_number, uint64_t mark)
{
	struct trc__row *row = &marks->rows[row_number];

	row->items = trc_grow(row->items, &row->room, row->count + 1, sizeof *row->items);
	row->items[row->count++] = mark;
	marks->total++;
}

void trc__milestones_add(struct trc__milestones *marks, size_t row_number, uint64_t number,
			 uint64_t mark)
{
	if ((number + 1) % marks->distance != 0)
		return;
	trc__milestones_append(marks, row_number, mark);
	if (marks->total > marks->limit)
		double_distance(marks);
}

void trc__milestones_align(struct trc__milestones *a, struct trc__milestones *b)
{
	while (a->distance < b->distance)
		double_distance(a);
	while (b->distance < a->distance)
		double_distance(b);
}
