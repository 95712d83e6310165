#include "viewer/export.h"

#include "viewer/error.h"
#include "viewer/palette.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <errno.h>

/* A widget's picture has no window behind it: its colour comes first. */
static GskRenderNode *draw(GtkWidget *widget, graphene_rect_t *ret_area)
{
	g_autoptr(GdkPaintable) paintable = gtk_widget_paintable_new(widget);
	float width = (float)gtk_widget_get_width(widget);
	float height = (float)gtk_widget_get_height(widget);
	GtkSnapshot *snapshot = gtk_snapshot_new();
	struct trv_palette palette;

	*ret_area = GRAPHENE_RECT_INIT(0, 0, width, height);
	trv_palette_read(widget, &palette);
	gtk_snapshot_append_color(snapshot, &palette.window, ret_area);
	gdk_paintable_snapshot(paintable, snapshot, width, height);
	return gtk_snapshot_free_to_node(snapshot);
}

/* With a renderer of our own the pixels are the same on every display. */
static bool write_png(GskRenderNode *node, const graphene_rect_t *area, const char *path)
{
	GskRenderer *renderer = gsk_cairo_renderer_new();
	g_autoptr(GdkTexture) texture = NULL;

	if (gsk_renderer_realize(renderer, NULL, NULL)) {
		texture = gsk_renderer_render_texture(renderer, node, area);
		gsk_renderer_unrealize(renderer);
	}
	g_object_unref(renderer);
	return texture && gdk_texture_save_to_png(texture, path);
}

static bool write_vectors(GskRenderNode *node, cairo_surface_t *surface)
{
	cairo_t *cairo = cairo_create(surface);
	bool good;

	gsk_render_node_draw(node, cairo);
	cairo_destroy(cairo);
	cairo_surface_finish(surface);
	good = cairo_surface_status(surface) == CAIRO_STATUS_SUCCESS;
	cairo_surface_destroy(surface);
	return good;
}

GError *trv_export_widget(GtkWidget *widget, const char *path)
{
	graphene_rect_t area;
	GskRenderNode *node = draw(widget, &area);
	double width = area.size.width, height = area.size.height;
	g_autofree char *sentence = NULL;
	bool good;

	if (g_str_has_suffix(path, ".svg"))
		good = write_vectors(node, cairo_svg_surface_create(path, width, height));
	else if (g_str_has_suffix(path, ".pdf"))
		good = write_vectors(node, cairo_pdf_surface_create(path, width, height));
	else
		good = write_png(node, &area, path);
	gsk_render_node_unref(node);
	if (good)
		return NULL;
	sentence = g_strdup_printf(
		"cannot write the picture %s: check that its folder exists and can be written to",
		path);
	return trv_error_new(-EIO, sentence);
}
