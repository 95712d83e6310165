/*
 * difference-list.h - the differences of two runs as a list, and the one looked at in full
 */
#ifndef VIEWER_DIFFERENCE_LIST_H
#define VIEWER_DIFFERENCE_LIST_H

#include "viewer/pair.h"

#include <gtk/gtk.h>

#define TRV_TYPE_DIFFERENCE_LIST (trv_difference_list_get_type())
G_DECLARE_FINAL_TYPE(TrvDifferenceList, trv_difference_list, TRV, DIFFERENCE_LIST, GtkWidget)

/* Once, before it is shown. */
void trv_difference_list_set_pair(TrvDifferenceList *list, TrvPair *pair);

#endif
