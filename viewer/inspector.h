/*
 * inspector.h - all about what is selected: finding, message, wait or actor, or the whole trace
 */
#ifndef VIEWER_INSPECTOR_H
#define VIEWER_INSPECTOR_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_INSPECTOR (trv_inspector_get_type())
G_DECLARE_FINAL_TYPE(TrvInspector, trv_inspector, TRV, INSPECTOR, GtkWidget)

/* Once, before it is shown. */
void trv_inspector_set_session(TrvInspector *inspector, TrvSession *session);

#endif
