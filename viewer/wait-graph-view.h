/*
 * wait-graph-view.h - who waits for whom at the playhead, drawn with fixed places
 */
#ifndef VIEWER_WAIT_GRAPH_VIEW_H
#define VIEWER_WAIT_GRAPH_VIEW_H

#include "viewer/graph-edges.h"

#include <gtk/gtk.h>

#define TRV_TYPE_WAIT_GRAPH_VIEW (trv_wait_graph_view_get_type())
G_DECLARE_FINAL_TYPE(TrvWaitGraphView, trv_wait_graph_view, TRV, WAIT_GRAPH_VIEW, GtkWidget)

/* Once, before it is shown. */
void trv_wait_graph_view_set_session(TrvWaitGraphView *view, TrvSession *session);

/* Which graph it shows. */
enum trv_graph_mode trv_wait_graph_view_mode(TrvWaitGraphView *view);
void trv_wait_graph_view_set_mode(TrvWaitGraphView *view, enum trv_graph_mode mode);

/* Larger (above 1) or smaller about its middle; all of it again. */
void trv_wait_graph_view_zoom(TrvWaitGraphView *view, double factor);
void trv_wait_graph_view_fit(TrvWaitGraphView *view);

/* All of the graph for graphviz, to be freed with g_free(); NULL without a trace. */
char *trv_wait_graph_view_dot(TrvWaitGraphView *view);

#endif
