/*
 * compare-window.h - two runs of one program in one window
 */
#ifndef VIEWER_COMPARE_WINDOW_H
#define VIEWER_COMPARE_WINDOW_H

#include "viewer/pair.h"
#include "viewer/timeline.h"

#include <adwaita.h>

#define TRV_TYPE_COMPARE_WINDOW (trv_compare_window_get_type())
G_DECLARE_FINAL_TYPE(TrvCompareWindow, trv_compare_window, TRV, COMPARE_WINDOW,
		     AdwApplicationWindow)

TrvCompareWindow *trv_compare_window_new(GtkApplication *application);

void trv_compare_window_open(TrvCompareWindow *window, const char *a, const char *b);

TrvPair *trv_compare_window_pair(TrvCompareWindow *window);
TrvTimeline *trv_compare_window_timeline(TrvCompareWindow *window, enum trc_run run);

#endif
