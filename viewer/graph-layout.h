/*
 * graph-layout.h - fixed places for the actors of a wait-for graph; no widgets
 *
 * A waiting actor nearly always waits for one other, so a wait-for graph is a set of rings with
 * trees that lean on them. That is what is drawn: each ring on a circle, those who wait for its
 * members in columns left and right of it, actors that only lean on one another as trees of their
 * own, side by side.
 *
 * The layout is made once from all waits of a trace together; nothing moves while the playhead
 * does, edges only come and go. Distances are as much larger as text is (metrics.h). It takes O(n
 * log n) and the same input gives the same places.
 */
#ifndef VIEWER_GRAPH_LAYOUT_H
#define VIEWER_GRAPH_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Somewhere in the trace `from` waited for `to`, for `weight` nanoseconds altogether. */
struct trv_link {
	uint64_t from;
	uint64_t to;
	uint64_t weight;
};

/* Actors that wait, or could wait, for each other in a circle, in that order. */
struct trv_ring {
	const uint64_t *actors;
	size_t count;
};

struct trv_place {
	uint64_t actor;
	double x, y;        /* centre */
	unsigned component; /* 0: the first ring's */
};

struct trv_box2 {
	double x0, y0, x1, y1;
};

struct trv_graph_layout {
	size_t count;
	struct trv_place *places; /* by actor */
	size_t component_count;
	struct trv_box2 *components; /* around the centres of each component's places */
};

enum {
	TRV_GRAPH_MAX = 60,     /* actors with a place */
	TRV_GRAPH_CHILDREN = 6, /* places for those who wait for one actor */
};

/* An actor in several rings gets its place in the first. Links with the longest waits get places
 * first; those beyond the limits get none, and whoever draws says how many are not shown. Free with
 * trv_graph_layout_clear(). */
void trv_graph_layout_build(const struct trv_ring *rings, size_t ring_count,
			    const struct trv_link *links, size_t link_count,
			    struct trv_graph_layout *ret_layout);
void trv_graph_layout_clear(struct trv_graph_layout *layout);

/* NULL when it has none. */
const struct trv_place *trv_graph_place(const struct trv_graph_layout *layout, uint64_t actor);

/* --- edges -------------------------------------------------------------------------------------
 */

struct trv_pill { /* a node as it is drawn, around its centre */
	double x, y, half_width, half_height;
};

struct trv_curve { /* quadratic */
	double x0, y0, cx, cy, x1, y1;
};

/* From the border of one pill to the border of the other, bent to the left of its way so that two
 * edges in opposite directions stand apart; without bend it leaves its pill sideways where it can.
 * An edge from a pill to itself is a loop above it. */
struct trv_curve trv_curve_between(const struct trv_pill *from, const struct trv_pill *to,
				   double bend);

/* The point at `share` (0..1) of its way. */
void trv_curve_point(const struct trv_curve *curve, double share, double *ret_x, double *ret_y);

/* How far a point is from it, nearly. */
double trv_curve_distance(const struct trv_curve *curve, double x, double y);

#endif
