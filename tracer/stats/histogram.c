#include "tracer/stats/histogram.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS = 8 }; /* for each doubling */

struct trc_histogram_step {
	uint32_t number;
	uint32_t count;
};

static uint32_t step_of(uint64_t value)
{
	unsigned power;

	if (value < STEPS)
		return (uint32_t)value;
	power = 63 - (unsigned)__builtin_clzll(value);
	return power * STEPS + (uint32_t)((value >> (power - 3)) & (STEPS - 1));
}

/* The largest value of a step. */
static uint64_t step_value(uint32_t number)
{
	unsigned power = number / STEPS;

	if (number < STEPS)
		return number;
	return ((uint64_t)(STEPS + number % STEPS + 1) << (power - 3)) - 1;
}

/* The place of a step, or where it would be. */
static size_t place_of(const struct trc_histogram *histogram, uint32_t number)
{
	size_t low = 0, high = histogram->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (histogram->steps[middle].number < number)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static void count(struct trc_histogram *histogram, uint32_t number, uint32_t times)
{
	size_t place = place_of(histogram, number);
	struct trc_histogram_step *step;

	if (place == histogram->count || histogram->steps[place].number != number) {
		histogram->steps = trc_grow(histogram->steps, &histogram->room,
					    histogram->count + 1, sizeof *histogram->steps);
		step = &histogram->steps[place];
		memmove(step + 1, step, (histogram->count - place) * sizeof *step);
		*step = (struct trc_histogram_step){.number = number};
		histogram->count++;
	}
	step = &histogram->steps[place];
	step->count = times > UINT32_MAX - step->count ? UINT32_MAX : step->count + times;
}

void trc_histogram_add(struct trc_histogram *histogram, uint64_t nanoseconds)
{
	count(histogram, step_of(nanoseconds), 1);
	histogram->total++;
	histogram->sum += nanoseconds;
	if (nanoseconds > histogram->longest)
		histogram->longest = nanoseconds;
}

uint64_t trc_histogram_share(const struct trc_histogram *histogram, unsigned share)
{
	uint64_t wanted = (histogram->total * share + 99) / 100, seen = 0;

	for (size_t i = 0; i < histogram->count; i++) {
		uint64_t value = step_value(histogram->steps[i].number);

		seen += histogram->steps[i].count;
		if (seen >= wanted && seen > 0)
			return value < histogram->longest ? value : histogram->longest;
	}
	return histogram->longest;
}

void trc_histogram_merge(struct trc_histogram *histogram, const struct trc_histogram *other)
{
	for (size_t i = 0; i < other->count; i++)
		count(histogram, other->steps[i].number, other->steps[i].count);
	histogram->total += other->total;
	histogram->sum += other->sum;
	if (other->longest > histogram->longest)
		histogram->longest = other->longest;
}

void trc_histogram_clear(struct trc_histogram *histogram)
{
	free(histogram->steps);
	*histogram = (struct trc_histogram){0};
}
