/*
 * phase-bar.h - how long the phases of a message took: a bar for each, to one scale
 */
#ifndef VIEWER_PHASE_BAR_H
#define VIEWER_PHASE_BAR_H

#include <gtk/gtk.h>

struct trv_phase {
	const char *name; /* not copied */
	int64_t length;   /* ns */
	gboolean open;    /* has not ended yet */
};

GtkWidget *trv_phase_bar_new(const struct trv_phase *phases, size_t count);

#endif
