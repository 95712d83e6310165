/*
 * finding-list.h - all findings of the trace, gravest first; activating one goes to it
 */
#ifndef VIEWER_FINDING_LIST_H
#define VIEWER_FINDING_LIST_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_FINDING_LIST (trv_finding_list_get_type())
G_DECLARE_FINAL_TYPE(TrvFindingList, trv_finding_list, TRV, FINDING_LIST, GtkWidget)

/* Once, before it is shown. */
void trv_finding_list_set_session(TrvFindingList *list, TrvSession *session);

#endif
