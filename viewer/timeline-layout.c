#include "viewer/timeline-layout.h"

#include <math.h>

static int64_t end_of(const struct trc_span *span, int64_t now)
{
	return span->end > (uint64_t)INT64_MAX ? now : (int64_t)span->end;
}

size_t trv_boxes_fold(const struct trv_axis *axis, const struct trc_span *spans, size_t count,
		      enum trc_span_kind kind, int64_t now, struct trv_box *ret_boxes)
{
	size_t used = 0;
	bool last_narrow = false;

	for (size_t i = 0; i < count; i++) {
		int64_t begin = (int64_t)spans[i].begin;
		int64_t end = end_of(&spans[i], now);
		struct trv_box box = {.span = (uint32_t)i, .folded = 1};
		bool narrow;

		if (spans[i].kind != kind || end < axis->span.from || begin > axis->span.to)
			continue;
		box.x0 = trv_axis_x_clamped(axis, begin, 0, axis->width);
		box.x1 = trv_axis_x_clamped(axis, end, 0, axis->width);
		narrow = box.x1 - box.x0 < TRV_FOLD_WIDTH;
		if (narrow)
			box.x1 = fmin(fmax(box.x1, box.x0 + 1), axis->width);
		if (narrow && last_narrow && box.x0 - ret_boxes[used - 1].x1 < TRV_FOLD_WIDTH) {
			ret_boxes[used - 1].x1 = fmax(ret_boxes[used - 1].x1, box.x1);
			ret_boxes[used - 1].folded++;
		} else {
			ret_boxes[used++] = box;
		}
		last_narrow = narrow;
	}
	return used;
}

const struct trv_box *trv_boxes_at(const struct trv_box *boxes, size_t count, double x,
				   double slack)
{
	const struct trv_box *best = NULL;
	double best_distance = slack;

	for (size_t i = 0; i < count; i++) {
		double distance = x < boxes[i].x0   ? boxes[i].x0 - x
				  : x > boxes[i].x1 ? x - boxes[i].x1
						    : 0;

		if (distance <= best_distance && (!best || distance < best_distance)) {
			best = &boxes[i];
			best_distance = distance;
		}
	}
	return best;
}

/* Liang and Barsky's way: the part of the parameter 0..1 that lies inside all four edges. */
bool trv_line_clip(struct trv_line *line, double left, double top, double right, double bottom)
{
	double dx = line->x1 - line->x0, dy = line->y1 - line->y0;
	double p[4] = {-dx, dx, -dy, dy};
	double q[4] = {line->x0 - left, right - line->x0, line->y0 - top, bottom - line->y0};
	double enter = 0, leave = 1;

	for (int i = 0; i < 4; i++) {
		if (p[i] == 0) {
			if (q[i] < 0)
				return false;
		} else if (p[i] < 0) {
			enter = fmax(enter, q[i] / p[i]);
		} else {
			leave = fmin(leave, q[i] / p[i]);
		}
	}
	if (enter > leave)
		return false;
	*line = (struct trv_line){line->x0 + enter * dx, line->y0 + enter * dy,
				  line->x0 + leave * dx, line->y0 + leave * dy};
	return true;
}

double trv_line_distance(const struct trv_line *line, double x, double y)
{
	double dx = line->x1 - line->x0, dy = line->y1 - line->y0;
	double length = dx * dx + dy * dy;
	double at = length > 0 ? ((x - line->x0) * dx + (y - line->y0) * dy) / length : 0;

	at = at < 0 ? 0 : at > 1 ? 1 : at;
	return hypot(x - (line->x0 + at * dx), y - (line->y0 + at * dy));
}
