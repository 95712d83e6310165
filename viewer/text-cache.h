/*
 * text-cache.h - drawn text; making a layout costs far more than drawing it, so layouts are kept
 */
#ifndef VIEWER_TEXT_CACHE_H
#define VIEWER_TEXT_CACHE_H

#include <gtk/gtk.h>

enum trv_text_style {
	TRV_TEXT,
	TRV_TEXT_BOLD,
	TRV_TEXT_SMALL,
	TRV_TEXT_SMALL_BOLD,
	TRV_TEXT_STYLES
};

struct trv_text_cache;

struct trv_text_cache *trv_text_cache_new(GtkWidget *widget); /* borrowed */
void trv_text_cache_free(struct trv_text_cache *cache);

/* Forgets all layouts: the font has changed. */
void trv_text_cache_clear(struct trv_text_cache *cache);

/* Of one line, whatever stands in it in the font's own letters. */
int trv_text_height(struct trv_text_cache *cache, enum trv_text_style style);

/* Tells the sizes of drawn things (metrics.h) how large text is. */
void trv_text_measure(struct trv_text_cache *cache);

double trv_text_width(struct trv_text_cache *cache, const char *text, enum trv_text_style style);

/* Draws `text` with its left end at `x` and its middle at height `y`, cut with "…" to `max_width`
 * (bold ones in the middle: names are told apart by their ends), and nothing at all when not even a
 * few letters fit. Returns the width drawn. */
double trv_text_draw(struct trv_text_cache *cache, GtkSnapshot *snapshot, const char *text,
		     enum trv_text_style style, const GdkRGBA *colour, double x, double y,
		     double max_width);

#endif
