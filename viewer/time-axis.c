#include "viewer/time-axis.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int64_t length_of(struct trv_span span)
{
	return span.to - span.from;
}

double trv_axis_x(const struct trv_axis *axis, int64_t time)
{
	assert(length_of(axis->span) > 0);
	return (double)(time - axis->span.from) * axis->width / (double)length_of(axis->span);
}

double trv_axis_x_clamped(const struct trv_axis *axis, int64_t time, double x0, double x1)
{
	double x = trv_axis_x(axis, time);

	return x < x0 ? x0 : x > x1 ? x1 : x;
}

int64_t trv_axis_time(const struct trv_axis *axis, double x)
{
	if (axis->width <= 0)
		return axis->span.from;
	return axis->span.from + llround(x * (double)length_of(axis->span) / axis->width);
}

struct trv_span trv_span_zoom(struct trv_span span, double factor, int64_t anchor)
{
	double length = (double)length_of(span) / factor;
	double share = (double)(anchor - span.from) / (double)length_of(span);

	assert(factor > 0);
	if (length < TRV_SPAN_MIN)
		length = TRV_SPAN_MIN;
	if (length > (double)(INT64_MAX / 8))
		length = (double)(INT64_MAX / 8);
	span.from = anchor - llround(share * length);
	span.to = span.from + llround(length);
	return span;
}

struct trv_span trv_span_move(struct trv_span span, int64_t by)
{
	span.from += by;
	span.to += by;
	return span;
}

struct trv_span trv_span_clamp(struct trv_span span, struct trv_span limits)
{
	if (length_of(span) >= length_of(limits))
		return limits;
	if (span.from < limits.from)
		return trv_span_move(span, limits.from - span.from);
	if (span.to > limits.to)
		return trv_span_move(span, limits.to - span.to);
	return span;
}

struct trv_span trv_span_pad(struct trv_span span, double share, int64_t least)
{
	int64_t extra = (int64_t)((double)length_of(span) * share);

	if (length_of(span) + 2 * extra < least)
		extra = (least - length_of(span) + 1) / 2;
	span.from -= extra;
	span.to += extra;
	return span;
}

int64_t trv_axis_tick_step(const struct trv_axis *axis, double min_pixels)
{
	double least;
	int64_t step = 1;

	if (axis->width <= 0)
		return length_of(axis->span);
	least = min_pixels * (double)length_of(axis->span) / axis->width;
	while (step < INT64_MAX / 100) {
		if ((double)step >= least)
			return step;
		if ((double)(2 * step) >= least)
			return 2 * step;
		if ((double)(5 * step) >= least)
			return 5 * step;
		step *= 10;
	}
	return step;
}

int64_t trv_axis_first_tick(int64_t time, int64_t step)
{
	int64_t tick = time / step * step;

	return tick < time ? tick + step : tick;
}

/* The unit in which `step` is written without a fraction, or with few digits. */
static const struct unit {
	const char *name;
	int64_t size;
	int digits; /* powers of ten in `size` */
} units[] = {
	{"s", 1000000000, 9},
	{"ms", 1000000, 6},
	{"µs", 1000, 3},
	{"ns", 1, 0},
};

static const struct unit *unit_of(int64_t size)
{
	size_t i = 0;

	if (size < 0)
		size = -size;
	while (units[i].size > 1 && size < units[i].size)
		i++;
	return &units[i];
}

const char *trv_time_text(int64_t time, int64_t step, char text[TRV_TIME_TEXT])
{
	/* The unit comes from the instant, the digits from the step, so that neighbouring ticks
	 * differ in what is written. */
	const struct unit *unit = unit_of(time == 0 ? step : time);
	int digits = unit->digits;

	while (digits > 0 && step > 0 && step % 10 == 0) {
		step /= 10;
		digits--;
	}
	snprintf(text, TRV_TIME_TEXT, "%.*f %s", digits, (double)time / (double)unit->size,
		 unit->name);
	return text;
}

const char *trv_duration_text(int64_t duration, char text[TRV_TIME_TEXT])
{
	const struct unit *unit = unit_of(duration);
	double value = (double)duration / (double)unit->size;
	double size = fabs(value);
	int digits = unit->size == 1 || size >= 99.95 ? 0 : size >= 9.995 ? 1 : 2;

	if (duration == 0)
		return strcpy(text, "0 s");
	snprintf(text, TRV_TIME_TEXT, "%.*f %s", digits, value, unit->name);
	return text;
}

bool trv_time_parse(const char *text, int64_t *ret_time)
{
	static const struct {
		const char *name;
		double size;
	} names[] = {{"", 1e9},   {"s", 1e9},  {"ms", 1e6}, {"us", 1e3},
		     {"µs", 1e3}, {"μs", 1e3}, {"ns", 1}};
	char *end;
	double value = strtod(text, &end);

	if (end == text || !isfinite(value))
		return false;
	while (*end == ' ')
		end++;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(end, names[i].name) != 0)
			continue;
		if (fabs(value) > (double)(INT64_MAX / 2) / names[i].size)
			return false;
		*ret_time = llround(value * names[i].size);
		return true;
	}
	return false;
}
