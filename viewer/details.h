/*
 * details.h - the furniture of the inspector: headings, rows of name and value, links
 *
 * Links are buttons with an action of the window and its target, so that they work from the
 * keyboard and for assistive tools by themselves.
 */
#ifndef VIEWER_DETAILS_H
#define VIEWER_DETAILS_H

#include "tracer/query/trace.h"

#include <gtk/gtk.h>

/* The kind of thing in small letters, above its name. */
void trv_details_title(GtkBox *box, const char *kind, const char *name);

void trv_details_heading(GtkBox *box, const char *heading);

/* A new grid, for the rows below. */
GtkGrid *trv_details_grid(GtkBox *box);

/* Links below each other. */
GtkBox *trv_details_list(GtkBox *box);
void trv_details_item(GtkBox *list, GtkWidget *link);

void trv_details_row(GtkGrid *grid, const char *name, const char *value);
void trv_details_row_widget(GtkGrid *grid, const char *name, GtkWidget *value);

/* Running text, and text in a typewriter face on a plate. Both can be selected and copied. */
void trv_details_text(GtkBox *box, const char *text);
void trv_details_code(GtkBox *box, const char *text);

GtkWidget *trv_link(const char *text, const char *action, GVariant *target);
GtkWidget *trv_link_actor(const struct trc_model *names, uint64_t actor);
GtkWidget *trv_link_message(const char *text, uint64_t message);

/* "room.c:88 in broadcast"; does nothing when the site is unknown. */
void trv_details_site(GtkGrid *grid, const char *name, const struct trc_model *names,
		      uint32_t site);

/* An instant of the trace, which the link moves the playhead to. */
void trv_details_time(GtkGrid *grid, const char *name, uint64_t time);

#endif
