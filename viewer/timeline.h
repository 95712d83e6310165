/*
 * timeline.h - the lanes of all actors: handlers, waits, mailboxes, message arrows, playhead
 */
#ifndef VIEWER_TIMELINE_H
#define VIEWER_TIMELINE_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_TIMELINE (trv_timeline_get_type())
G_DECLARE_FINAL_TYPE(TrvTimeline, trv_timeline, TRV, TIMELINE, GtkWidget)

/* Once, before it is shown. */
void trv_timeline_set_session(TrvTimeline *timeline, TrvSession *session);

/* Once: the menu of a lane; its actions are about the selected actor. */
void trv_timeline_set_lane_menu(TrvTimeline *timeline, GMenuModel *menu);

/* Of the lanes, in pixels: for a scroll bar beside it. */
GtkAdjustment *trv_timeline_vadjustment(TrvTimeline *timeline);

/* Where in the widget an actor's handler bar is at a time; false when that is not in sight. */
bool trv_timeline_point(TrvTimeline *timeline, uint64_t actor, int64_t time, double *ret_x,
			double *ret_y);

#endif
