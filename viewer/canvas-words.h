/*
 * canvas-words.h - what the canvases show, in words, for who does not see them
 *
 * GTK 4.8 has no accessible things inside a widget that draws itself. So each canvas describes what
 * can be seen of time, and what is selected; its lanes, findings and messages are rows of the lists
 * beside it. Returned texts are the caller's.
 */
#ifndef VIEWER_CANVAS_WORDS_H
#define VIEWER_CANVAS_WORDS_H

#include "viewer/session.h"

#include <gtk/gtk.h>

/* "message #7 Say from ann to room", "wait of ann for space in bob's mailbox"; NULL: nothing is. */
char *trv_canvas_selected(TrvSession *session);

/* The lanes: how many, of when, where the playhead is, what is selected. */
char *trv_canvas_timeline(TrvSession *session);

/* The whole trace: how long, what is marked in it. */
char *trv_canvas_overview(TrvSession *session);

/* Sets the description of a widget, and frees it. */
void trv_canvas_describe(GtkWidget *canvas, char *words);

#endif
