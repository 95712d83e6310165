/*
 * palette.h - the colours of drawn things: light and dark, each also in high contrast
 *
 * What is read stands out from each ground it may stand on by a ratio of at least 4.5, as WCAG 2.1
 * counts it (1.4.3), and 7 in high contrast; what is only seen by at least 3 (1.4.11). The hues are
 * apart for eyes that do not tell red from green, too, and still no meaning is told by hue alone:
 * kinds of waits also differ in their hatching, verdicts in their signs.
 */
#ifndef VIEWER_PALETTE_H
#define VIEWER_PALETTE_H

#include "tracer/analysis/finding.h"

#include <gtk/gtk.h>

enum { TRV_HUES = 8 };

/* Opacity of the accent on what is selected: on its name, and on its lane. */
#define TRV_SELECTED_NAME 0.14
#define TRV_SELECTED_LANE 0.07

struct trv_palette {
	GdkRGBA fg, dim;      /* text; less important text */
	GdkRGBA line;         /* of what is seen: ticks, outlines */
	GdkRGBA guide, faint; /* lines and grounds that only help */
	GdkRGBA window, view; /* grounds */
	GdkRGBA accent, error, warning;
	GdkRGBA on_accent; /* text */
	GdkRGBA hues[TRV_HUES];
	GdkRGBA waits[TRC_WHAT_OUTSIDE + 1];
	double fill;  /* opacity of a hue under text */
	double strip; /* of the strips that tell how full, how many */
	double hatch;
	double aside; /* of arrows that do not belong to the selection */
	bool dark, contrast;
};

/* The colours for a scheme. */
void trv_palette_make(bool dark, bool contrast, struct trv_palette *ret_palette);

/* The colours for `widget` now, from the theme where it has them; they change with its style
 * (css_changed). */
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
