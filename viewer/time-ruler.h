/*
 * time-ruler.h - the time scale above the timeline, with the playhead's handle
 */
#ifndef VIEWER_TIME_RULER_H
#define VIEWER_TIME_RULER_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_TIME_RULER (trv_time_ruler_get_type())
G_DECLARE_FINAL_TYPE(TrvTimeRuler, trv_time_ruler, TRV, TIME_RULER, GtkWidget)

/* Once, before it is shown. */
void trv_time_ruler_set_session(TrvTimeRuler *ruler, TrvSession *session);

#endif
