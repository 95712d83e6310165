#include "tracer/compare/moments.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

static int compare_in_a(const void *a, const void *b)
{
	const struct trc__moment *x = a, *y = b;

	return (x->times[0] > y->times[0]) - (x->times[0] < y->times[0]);
}

static int compare_in_b(const void *a, const void *b)
{
	const struct trc__moment *x = a, *y = b;

	return (x->times[1] > y->times[1]) - (x->times[1] < y->times[1]);
}

static void sort(struct trc__moment *items, size_t count, enum trc_run run)
{
	uint64_t reached = 0;

	if (count == 0)
		return;
	qsort(items, count, sizeof *items, run == TRC_RUN_A ? compare_in_a : compare_in_b);
	for (size_t i = 0; i < count; i++) {
		if (items[i].times[!run] > reached)
			reached = items[i].times[!run];
		items[i].reached = reached;
	}
}

void trc__moments_init(struct trc__moments *moments, const struct trc__milestones times[TRC_RUNS])
{
	size_t room = times[0].total < times[1].total ? times[0].total : times[1].total;
	struct trc__moment *items = trc_zalloc(room + 1, sizeof *items);
	size_t count = 0;

	for (size_t i = 0; i < times[0].row_count; i++) {
		const struct trc__row *a = &times[0].rows[i], *b = &times[1].rows[i];

		for (size_t k = 0; k < a->count && k < b->count; k++)
			items[count++] = (struct trc__moment){{a->items[k], b->items[k]}, 0};
	}
	moments->count = count;
	moments->items[TRC_RUN_A] = items;
	moments->items[TRC_RUN_B] = trc_copy(items, (room + 1) * sizeof *items);
	sort(moments->items[TRC_RUN_A], count, TRC_RUN_A);
	sort(moments->items[TRC_RUN_B], count, TRC_RUN_B);
}

void trc__moments_clear(struct trc__moments *moments)
{
	free(moments->items[0]);
	free(moments->items[1]);
}

/* Moments at or before `time`. */
static size_t count_until(const struct trc__moments *moments, enum trc_run run, uint64_t time)
{
	size_t low = 0, high = moments->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (moments->items[run][middle].times[run] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* As much later than `last`, but before `next` (0: there is none). */
static uint64_t later(uint64_t last, uint64_t by, uint64_t next)
{
	if (next > last && by >= next - last)
		return next - 1;
	return last + by;
}

uint64_t trc__moments_time(const struct trc__moments *moments, enum trc_run run, uint64_t time)
{
	size_t count = count_until(moments, run, time);
	const struct trc__moment *items = moments->items[run];
	const struct trc__moment *last = count ? &items[count - 1] : NULL;

	if (!last)
		return time;
	return later(last->times[!run], time - last->times[run],
		     count < moments->count ? items[count].times[!run] : 0);
}

/* Between two moments time goes as fast as it needs to reach the next one. */
uint64_t trc__moments_reach(const struct trc__moments *moments, enum trc_run run, uint64_t time)
{
	size_t count = count_until(moments, run, time);
	const struct trc__moment *items = moments->items[run];
	uint64_t begin = count ? items[count - 1].times[run] : 0;
	uint64_t reached = count ? items[count - 1].reached : 0;
	double share;

	if (count == moments->count)
		return reached + (time - begin);
	share = (double)(time - begin) / (double)(items[count].times[run] - begin);
	return reached + (uint64_t)(share * (double)(items[count].reached - reached));
}

bool trc__moments_time_of(const struct trc__milestones times[TRC_RUNS], size_t row,
			  enum trc_run run, uint64_t time, uint64_t *ret_time)
{
	const struct trc__row *own = &times[run].rows[row], *other = &times[!run].rows[row];
	size_t count = own->count < other->count ? own->count : other->count;
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (own->items[middle] <= time)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == 0)
		return false;
	*ret_time = later(other->items[low - 1], time - own->items[low - 1],
			  low < count ? other->items[low] : 0);
	return true;
}
