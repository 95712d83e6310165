/*
 * mark-list.h - the bookmarks with their notes, as a list: go there, take away
 */
#ifndef VIEWER_MARK_LIST_H
#define VIEWER_MARK_LIST_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_MARK_LIST (trv_mark_list_get_type())
G_DECLARE_FINAL_TYPE(TrvMarkList, trv_mark_list, TRV, MARK_LIST, GtkWidget)

/* Once, before it is shown. */
void trv_mark_list_set_session(TrvMarkList *list, TrvSession *session);

#endif
