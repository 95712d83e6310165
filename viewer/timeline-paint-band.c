/*
 * timeline-paint-band.c - how many messages there are, where they are too many for arrows, or their
 * lanes are hidden
 */
#include "viewer/timeline-paint.h"

#include "viewer/words.h"

#include <math.h>

enum {
	PAD = 5,
};

static void fill(const struct trv_painter *painter, double x, double y, double width, double height,
		 GdkRGBA colour)
{
	gtk_snapshot_append_color(
		painter->snapshot, &colour,
		&GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

static void paint_ground(const struct trv_painter *painter, double width, double y)
{
	fill(painter, 0, y, width, trv_metrics()->band, painter->palette->view);
	fill(painter, 0, y, width, trv_metrics()->band, trv_rgba(painter->palette->fg, 0.04));
	fill(painter, 0, y, width, 1, painter->palette->faint);
}

/* How many messages a burst is: after it, in the longest words that fit before the next one begins,
 * or on a plate in its middle, or not at all. */
static void label_burst(const struct trv_painter *painter, const struct trv_box *burst, double end,
			double y)
{
	g_autofree char *count = trv_words_count(burst->folded);
	g_autofree char *words = trv_words_counted(burst->folded, "message", "messages");
	double width = trv_text_width(painter->text, words, TRV_TEXT_SMALL);
	double room = MAX(end - burst->x1, burst->x1 - burst->x0) - 4 * PAD;
	const char *text = width > room ? count : words;
	double x = burst->x1 + PAD;

	width = trv_text_width(painter->text, text, TRV_TEXT_SMALL);
	if (width > room)
		return;
	if (width > end - burst->x1 - 2 * PAD) {
		x = (burst->x0 + burst->x1 - width) / 2;
		fill(painter, x - PAD, y + 3, width + 2 * PAD, trv_metrics()->band - 5,
		     painter->palette->view);
	}
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL, &painter->palette->fg,
		      x, y + trv_metrics()->band / 2.0, width + 2);
}

void trv_paint_band(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	double top = scene->height - trv_metrics()->band, most = 1;

	if (!scene->crowded)
		return;
	paint_ground(painter, scene->axis.width, top);
	for (size_t i = 0; i < scene->slice_count; i++)
		most = MAX(most, scene->slices[i]);
	for (size_t i = 0; i < scene->slice_count; i++) {
		double height = sqrt(scene->slices[i] / most) * (trv_metrics()->band - 4);

		/* By the square root, or one burst would flatten all the rest. */
		if (scene->slices[i] > 0)
			fill(painter, (double)i * TRV_BAND_SLICE, scene->height - MAX(height, 2),
			     TRV_BAND_SLICE - 1, MAX(height, 2),
			     trv_rgba(painter->palette->accent, painter->palette->strip));
	}
	for (size_t i = 0; i < scene->burst_count; i++)
		label_burst(painter, &scene->bursts[i],
			    i + 1 < scene->burst_count ? scene->bursts[i + 1].x0
						       : scene->axis.width,
			    top);
}

void trv_paint_band_name(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	double top = scene->height - trv_metrics()->band;
	g_autofree char *text = NULL;

	if (!scene->crowded)
		return;
	if (scene->burst_count == 0) {
		g_autofree char *count = trv_words_count(scene->message_total);

		text = g_strdup_printf("None sent here, %s wait", count);
	} else {
		text = g_strdup("Messages: zoom in for arrows");
	}
	paint_ground(painter, trv_metrics()->header, top);
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL,
		      &painter->palette->dim, 14, top + trv_metrics()->band / 2.0,
		      trv_metrics()->header - 20);
}

void trv_paint_hidden(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	const double height = trv_px(20), margin = 8;
	double y = scene->height - height - margin - (scene->crowded ? trv_metrics()->band : 0),
	       width;
	g_autofree char *text = trv_words_hidden(scene->hidden_arrows, scene->hidden_lanes);
	graphene_rect_t area;
	GskRoundedRect rounded;

	if (scene->hidden_arrows == 0)
		return;
	width = trv_text_width(painter->text, text, TRV_TEXT_SMALL) + 4 * PAD;
	area = GRAPHENE_RECT_INIT((float)(scene->axis.width - width - 2 * margin), (float)y,
				  (float)width, (float)height);
	gsk_rounded_rect_init_from_rect(&rounded, &area, (float)height / 2);
	gtk_snapshot_push_rounded_clip(painter->snapshot, &rounded);
	gtk_snapshot_append_color(painter->snapshot, &painter->palette->view, &area);
	fill(painter, area.origin.x, y, width, height, trv_rgba(painter->palette->fg, 0.12));
	gtk_snapshot_pop(painter->snapshot);
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL, &painter->palette->fg,
		      area.origin.x + 2 * PAD, y + height / 2, width);
}
