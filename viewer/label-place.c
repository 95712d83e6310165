#include "viewer/label-place.h"

#include <stdlib.h>

enum { TRIES = 16 }; /* places to each side of the middle */

#define END_SHARE 0.14 /* of the edge, at both ends, that is kept free: arrow heads are there */

void trv_taken_add(struct trv_taken *taken, struct trv_box2 box)
{
	if (taken->count == taken->room) {
		taken->room = taken->room ? taken->room * 2 : 64;
		taken->boxes = realloc(taken->boxes, taken->room * sizeof *taken->boxes);
		if (!taken->boxes)
			abort();
	}
	taken->boxes[taken->count++] = box;
}

void trv_taken_clear(struct trv_taken *taken)
{
	free(taken->boxes);
	*taken = (struct trv_taken){0};
}

static bool is_free(const struct trv_taken *taken, struct trv_box2 box)
{
	for (size_t i = 0; i < taken->count; i++) {
		const struct trv_box2 *other = &taken->boxes[i];

		if (box.x0 < other->x1 && box.x1 > other->x0 && box.y0 < other->y1 &&
		    box.y1 > other->y0)
			return false;
	}
	return true;
}

bool trv_label_place(struct trv_taken *taken, const struct trv_curve *curve, double width,
		     double height, struct trv_box2 *ret_box)
{
	for (int i = 0; i <= 2 * TRIES; i++) {
		/* 0, then one step back, one on, two back, ... */
		double step = (i % 2 ? -1 : 1) * ((i + 1) / 2) * (0.5 - END_SHARE) / TRIES;
		struct trv_box2 box;
		double x, y;

		trv_curve_point(curve, 0.5 + step, &x, &y);
		box = (struct trv_box2){x - width / 2, y - height / 2, x + width / 2,
					y + height / 2};
		if (is_free(taken, box)) {
			trv_taken_add(taken, box);
			*ret_box = box;
			return true;
		}
	}
	return false;
}
