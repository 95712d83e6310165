/*
 * wait-graph-view.h - who waits for whom at the playhead, drawn with fixed places
 */
#ifndef VIEWER_WAIT_GRAPH_VIEW_H
#define VIEWER_WAIT_GRAPH_VIEW_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_WAIT_GRAPH_VIEW (trv_wait_graph_view_get_type())
G_DECLARE_FINAL_TYPE(TrvWaitGraphView, trv_wait_graph_view, TRV, WAIT_GRAPH_VIEW, GtkWidget)

/* Once, before it is shown. */
void trv_wait_graph_view_set_session(TrvWaitGraphView *view, TrvSession *session);

#endif
