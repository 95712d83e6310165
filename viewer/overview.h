/*
 * overview.h - the whole trace in one strip: how busy it was, findings, the visible span
 */
#ifndef VIEWER_OVERVIEW_H
#define VIEWER_OVERVIEW_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_OVERVIEW (trv_overview_get_type())
G_DECLARE_FINAL_TYPE(TrvOverview, trv_overview, TRV, OVERVIEW, GtkWidget)

/* Once, before it is shown. */
void trv_overview_set_session(TrvOverview *overview, TrvSession *session);

#endif
