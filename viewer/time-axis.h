/*
 * time-axis.h - the mapping between trace time and pixels, and its ticks; no widgets
 *
 * Times are nanoseconds as in tracer/query/trace.h, kept in int64 so that the visible span may
 * reach a little over both ends of a trace. All differences are taken in int64 before anything
 * becomes a double, so a trace of days still resolves nanoseconds.
 */
#ifndef VIEWER_TIME_AXIS_H
#define VIEWER_TIME_AXIS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct trv_span {
	int64_t from;
	int64_t to; /* > from */
};

struct trv_axis {
	struct trv_span span;
	double width; /* pixels */
};

enum { TRV_SPAN_MIN = 50 }; /* the closest zoom: 50 ns over the whole width */

double trv_axis_x(const struct trv_axis *axis, int64_t time);
int64_t trv_axis_time(const struct trv_axis *axis, double x);

/* Clamps to [x0, x1] before the result becomes a pixel, for drawing things that reach outside. */
double trv_axis_x_clamped(const struct trv_axis *axis, int64_t time, double x0, double x1);

/* `span` zoomed by `factor` (> 1: closer) about `anchor`, which keeps its place. */
struct trv_span trv_span_zoom(struct trv_span span, double factor, int64_t anchor);
struct trv_span trv_span_move(struct trv_span span, int64_t by);

/* `span` moved, and when it is longer shortened, into `limits`. */
struct trv_span trv_span_clamp(struct trv_span span, struct trv_span limits);

/* `span` with `share` of its length added at both ends, and at least `least` long. */
struct trv_span trv_span_pad(struct trv_span span, double share, int64_t least);

/* The step between labelled ticks, 1, 2 or 5 times a power of ten, that keeps labels at least
 * `min_pixels` apart. */
int64_t trv_axis_tick_step(const struct trv_axis *axis, double min_pixels);

/* The first multiple of `step` at or after `time`. */
int64_t trv_axis_first_tick(int64_t time, int64_t step);

enum { TRV_TIME_TEXT = 32 };

/* An instant, with as many digits as `step` needs: "1.2503 s". Returns `text`. */
const char *trv_time_text(int64_t time, int64_t step, char text[TRV_TIME_TEXT]);

/* A duration with three significant digits in the unit that suits it: "108 ms", "4.21 µs". */
const char *trv_duration_text(int64_t duration, char text[TRV_TIME_TEXT]);

/* Reads an instant or duration: "1.25", "1.25s", "108 ms", "42us", "7 ns"; no unit: seconds. */
bool trv_time_parse(const char *text, int64_t *ret_time);

#endif
