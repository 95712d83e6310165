/*
 * range-view.h - who sent what to whom from A to B (or in what is visible), as a table
 */
#ifndef VIEWER_RANGE_VIEW_H
#define VIEWER_RANGE_VIEW_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_RANGE_VIEW (trv_range_view_get_type())
G_DECLARE_FINAL_TYPE(TrvRangeView, trv_range_view, TRV, RANGE_VIEW, GtkWidget)

/* Once, before it is shown. It counts only while it is visible. */
void trv_range_view_set_session(TrvRangeView *view, TrvSession *session);

/* Whether all messages of the range have been counted. */
bool trv_range_view_is_done(TrvRangeView *view);

#endif
