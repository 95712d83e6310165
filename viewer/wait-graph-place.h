/*
 * wait-graph-place.h - nodes and edges of the wait-for graph as they are drawn, in the layout's
 * coordinates; for wait-graph-*.c alone
 */
#ifndef VIEWER_WAIT_GRAPH_PLACE_H
#define VIEWER_WAIT_GRAPH_PLACE_H

#include "viewer/wait-graph-paint.h"

enum { TRV_GRAPH_NAME_MAX = 120 }; /* pixels at the usual size of text; longer names are cut */

/* Below this scale there are no labels, and nodes have nothing but a name, which is drawn larger
 * than the rest by trv__graph_growth(); 1 above it. */
#define TRV_GRAPH_WORDS_FROM 0.62
double trv__graph_growth(const struct trv_graph_painter *painter);

/* As wide as it is drawn, before it grows. */
double trv__graph_name_width(const struct trv_graph_painter *painter, uint64_t actor);

const char *trv__graph_name(const struct trv_graph_painter *painter, uint64_t actor);

/* "" when the name says it already. */
const char *trv__graph_kind(const struct trv_graph_painter *painter, uint64_t id);

struct trv_pill trv__graph_pill(const struct trv_graph_painter *painter,
				const struct trv_place *place);
struct trv_box2 trv__graph_box(const struct trv_pill *pill);

/* Around all nodes of a component, or of all (SIZE_MAX). */
struct trv_box2 trv__graph_around(const struct trv_graph_painter *painter, size_t component);

/* Straight, but for the waits of a `ring`: they bend apart. False: an end has no place. */
bool trv__graph_curve(const struct trv_graph_painter *painter, uint64_t from, uint64_t to,
		      bool ring, struct trv_curve *curve);

#endif
