/*
 * window.h - the main window: puts the widgets around one session and gives it its actions
 */
#ifndef VIEWER_WINDOW_H
#define VIEWER_WINDOW_H

#include "viewer/session.h"
#include "viewer/timeline.h"

#include <adwaita.h>

#define TRV_TYPE_WINDOW (trv_window_get_type())
G_DECLARE_FINAL_TYPE(TrvWindow, trv_window, TRV, WINDOW, AdwApplicationWindow)

TrvWindow *trv_window_new(GtkApplication *application);

void trv_window_open(TrvWindow *window, const char *path);
/* Remembers what the user does to lanes and marks, in the user's state. Before a trace is opened.
 */
void trv_window_remember(TrvWindow *window);

/* Shows a panel at the bottom: "waits", "handles", "asks", "messages" (from A to B), "sql". False:
 * there is none of that name. */
bool trv_window_show_panel(TrvWindow *window, const char *name);

/* A part of the window: "graph" or "timeline"; NULL: there is none of that name. */
GtkWidget *trv_window_part(TrvWindow *window, const char *name);

/* Saves the graph, or the timeline, as the file's name ends: .svg, .pdf, .png, .dot (graphs). Says
 * how that went. */
void trv_window_export(TrvWindow *window, bool graph, const char *path);

/* Starts a program (a line as for a shell, without its tricks), records it into `file`, which is
 * replaced, and shows it while it runs. */
void trv_window_record(TrvWindow *window, const char *line, const char *file, bool all_payload,
		       bool drop);

/* Records the chat that hangs, and shows it. */
void trv_window_record_demo(TrvWindow *window);

TrvSession *trv_window_session(TrvWindow *window);
TrvTimeline *trv_window_timeline(TrvWindow *window);

/* Gives the application the keys of the window's actions, and its own. */
void trv_window_set_accels(GtkApplication *application);

/* While an entry or a text has the focus, keys that can be typed are for it first, and for actions
 * only if it has no use for them. For a window of whatever class that already has its application,
 * once: of what listens to a window's keys, the last to come is asked first. */
void trv_window_type_first(GtkWindow *window);

#endif
