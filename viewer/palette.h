/*
 * palette.h - the colours of drawn things, from the theme and from one set of hues
 *
 * No meaning is told by hue alone: kinds of waits also differ in their hatching, verdicts in their
 * signs.
 */
#ifndef VIEWER_PALETTE_H
#define VIEWER_PALETTE_H

#include "tracer/analysis/finding.h"

#include <gtk/gtk.h>

enum { TRV_HUES = 8 };

struct trv_palette {
	GdkRGBA fg, dim, faint; /* text; less important text; lines and grounds */
	GdkRGBA window, view;   /* grounds */
	GdkRGBA accent, error, warning;
	GdkRGBA hues[TRV_HUES];
	bool dark;
};

/* The colours for `widget` now; they change with its style (css_changed). */
void trv_palette_read(GtkWidget *widget, struct trv_palette *ret_palette);

/* `colour` with its opacity multiplied. */
GdkRGBA trv_rgba(GdkRGBA colour, double opacity);

GdkRGBA trv_palette_type(const struct trv_palette *palette, uint16_t type);
GdkRGBA trv_palette_wait(const struct trv_palette *palette, unsigned what);
GdkRGBA trv_palette_code(const struct trv_palette *palette, enum trc_code code);

/* Fills `area` with the hatching of waits for `what`. The stripes keep their place on the canvas,
 * whatever the area. */
void trv_hatch(GtkSnapshot *snapshot, const graphene_rect_t *area, unsigned what, GdkRGBA colour);

/* Fills `area` with upright lines, which keep their place on the canvas, too: many things, too
 * narrow to be told apart. One render node, however many lines. */
void trv_grid(GtkSnapshot *snapshot, const graphene_rect_t *area, GdkRGBA colour);

/* The symbolic icon of a finding. */
const char *trv_code_icon(enum trc_code code);

#endif
