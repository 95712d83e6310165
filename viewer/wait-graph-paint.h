/*
 * wait-graph-paint.h - draws a wait-for graph: what is waiting, at the places of a layout
 */
#ifndef VIEWER_WAIT_GRAPH_PAINT_H
#define VIEWER_WAIT_GRAPH_PAINT_H

#include "viewer/graph-edges.h"
#include "viewer/graph-layout.h"
#include "viewer/metrics.h"
#include "viewer/palette.h"
#include "viewer/session.h"
#include "viewer/text-cache.h"

enum { TRV_GRAPH_CAPTION = 26 }; /* pixels at the bottom, at the usual size of text */

/* From the layout's to the widget's coordinates: scaled, then moved. */
struct trv_placing {
	double scale, dx, dy;
};

struct trv_graph_painter {
	GtkSnapshot *snapshot; /* only for trv_graph_paint() */
	TrvSession *session;   /* ready */
	enum trv_graph_mode mode;
	const GArray *edges; /* trv_graph_edges() */
	const struct trv_graph_layout *layout;
	const struct trv_palette *palette;
	struct trv_text_cache *text;
	struct trv_placing placing;
};

/* How the graph fits into an area: all of it, if its names can be read then. Of waits with a
 * finding in focus, that and its victims; when it would get too small to read, fewer: the ring and
 * the victims that waited when it closed, then the ring alone. Of others, the first of its parts,
 * or the middle of its only one. The rest is for the user to drag into sight. Depends on the
 * layout, the finding in focus and the size alone, so that nothing moves with the playhead. */
struct trv_placing trv_graph_fit(const struct trv_graph_painter *painter, double width,
				 double height);

/* Whether something that is drawn of it is out of sight. */
bool trv_graph_is_cut(const struct trv_graph_painter *painter, double width, double height);

/* Actors that wait or are waited for at the playhead, and the finding in focus. */
void trv_graph_paint(const struct trv_graph_painter *painter);

/* What the graph says, in words; to be freed with g_free(). Without what the window says elsewhere,
 * when it is to be `brief`. */
char *trv_graph_caption(const struct trv_graph_painter *painter, bool brief);

/* What is at a point of the widget: an actor (0: none), or a wait (NULL: none). */
uint64_t trv_graph_actor_at(const struct trv_graph_painter *painter, double x, double y);
const struct trv_wait_edge *trv_graph_edge_at(const struct trv_graph_painter *painter, double x,
					      double y);

#endif
