/*
 * actor-list.h - all actors with what they do at the playhead, in the order of their lanes; the
 * timeline's selection as a real list
 */
#ifndef VIEWER_ACTOR_LIST_H
#define VIEWER_ACTOR_LIST_H

#include "viewer/session.h"

#include <gtk/gtk.h>

#define TRV_TYPE_ACTOR_LIST (trv_actor_list_get_type())
G_DECLARE_FINAL_TYPE(TrvActorList, trv_actor_list, TRV, ACTOR_LIST, GtkWidget)

/* Once, before it is shown. */
void trv_actor_list_set_session(TrvActorList *list, TrvSession *session);

#endif
