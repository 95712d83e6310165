/*
 * label-place.h - where on its edge a label has room; no widgets
 *
 * A label stands on its edge where neither a node nor another label is: in the middle if it can,
 * else as near to it as possible, and never under or over anything.
 */
#ifndef VIEWER_LABEL_PLACE_H
#define VIEWER_LABEL_PLACE_H

#include "viewer/graph-layout.h"

/* What has its place already: nodes and labels. All zeros: nothing. */
struct trv_taken {
	size_t count, room;
	struct trv_box2 *boxes;
};

void trv_taken_add(struct trv_taken *taken, struct trv_box2 box);
void trv_taken_clear(struct trv_taken *taken);

/* Finds room for a label of this size on `curve`, and takes it. False: there is none. */
bool trv_label_place(struct trv_taken *taken, const struct trv_curve *curve, double width,
		     double height, struct trv_box2 *ret_box);

#endif
