/*
 * export.h - a widget as a picture file: pixels, or vectors where the format has them
 */
#ifndef VIEWER_EXPORT_H
#define VIEWER_EXPORT_H

#include <gtk/gtk.h>

/* Draws `widget` as it is now, upon the window's colour, into a file whose name ends in .png, .svg
 * or .pdf. NULL, or why it failed. */
GError *trv_export_widget(GtkWidget *widget, const char *path);

#endif
