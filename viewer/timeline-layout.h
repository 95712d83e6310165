/*
 * timeline-layout.h - what boxes a lane shows, and lines between lanes; no widgets
 *
 * Nothing is left out silently: spans too narrow to be seen are folded into one box that knows how
 * many it stands for.
 */
#ifndef VIEWER_TIMELINE_LAYOUT_H
#define VIEWER_TIMELINE_LAYOUT_H

#include "tracer/query/trace.h"
#include "viewer/time-axis.h"

/* --- boxes -------------------------------------------------------------------------------------
 */

struct trv_box {
	double x0, x1;   /* inside the axis' width */
	uint32_t span;   /* index of the span, or of the first one folded */
	uint32_t folded; /* how many spans it stands for; 1: one */
};

enum { TRV_FOLD_WIDTH = 3 }; /* pixels; narrower ones that touch are folded */

/* Boxes of those of `spans` (ordered by begin) that are of `kind` and can be seen; an open span
 * ends at `now`. `ret_boxes` has `count` places; returns how many are used, ordered by x. */
size_t trv_boxes_fold(const struct trv_axis *axis, const struct trc_span *spans, size_t count,
		      enum trc_span_kind kind, int64_t now, struct trv_box *ret_boxes);

/* The box at `x`, with `slack` pixels of tolerance at both sides, or NULL. */
const struct trv_box *trv_boxes_at(const struct trv_box *boxes, size_t count, double x,
				   double slack);

/* --- arrows ------------------------------------------------------------------------------------
 */

struct trv_line {
	double x0, y0, x1, y1;
};

/* Cuts `line` to the rectangle; false when nothing remains. Everything drawn goes through this,
 * since renderers lose lines whose ends are millions of pixels away. */
bool trv_line_clip(struct trv_line *line, double left, double top, double right, double bottom);

/* The distance of a point from a line's nearest point. */
double trv_line_distance(const struct trv_line *line, double x, double y);

#endif
