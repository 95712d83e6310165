/*
 * timeline-paint-finding.c - the finding in focus on the timeline
 */
#include "viewer/timeline-paint.h"

#include <math.h>

enum {
	BOW = 38,   /* how far an edge swings aside */
	STEP = 9,   /* between edges on one side */
	INSIDE = 4, /* the bars, pixels */
	APART = 3,  /* between the two sides, at the ends */
	HEAD = 7,
	BEYOND = 200, /* pixels outside the canvas; further ends are cut, renderers lose them */
};

static void fill(const struct trv_painter *painter, double x, double y, double width, double height,
		 GdkRGBA colour)
{
	gtk_snapshot_append_color(
		painter->snapshot, &colour,
		&GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

void trv_paint_finding_ground(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	const struct trc_finding *focus = trv_session_focus(painter->session);
	double top = -scene->scroll, height, x;
	GdkRGBA colour;

	if (!focus || scene->rows->focus_count == 0)
		return;
	height = trv_scene_focus_end(scene) - top;
	colour = trv_palette_code(painter->palette, focus->code);
	x = trv_axis_x_clamped(&scene->axis, trv_finding_instant(focus), -2, scene->axis.width + 2);
	if (focus->code == TRC_CODE_DEADLOCK || focus->code == TRC_CODE_ORPHAN_WAIT)
		fill(painter, MAX(x, 0), top, scene->axis.width - MAX(x, 0), height,
		     trv_rgba(colour, 0.07));
	for (double y = top; y < top + height; y += 6)
		fill(painter, x, y, 1, 3, colour);
	fill(painter, 0, top + height - 1, scene->axis.width, 1, trv_rgba(colour, 0.45));
}

/* --- edges -------------------------------------------------------------------------------------
 */

struct arc {
	double x0, y0, cx, cy, x1, y1;
	double width;
	bool dashed;
};

/* From bar to bar, so that it covers no words in the two lanes. Edges that go down swing to the
 * left, those that go up to the right: a ring of two looks like one. */
static bool arc_of(const struct trv_painter *painter, const struct trc_edge *edge, double x,
		   unsigned index, struct arc *arc)
{
	const struct trv_scene *scene = painter->scene;
	long from = trv_session_row_of(painter->session, edge->from);
	long to = trv_session_row_of(painter->session, edge->to);
	double side = from < to ? -1 : 1, half = trv_metrics()->bar / 2.0 - INSIDE;

	if (from < 0 || to < 0 || from == to)
		return false;
	arc->x0 = arc->x1 = x + side * APART;
	arc->cx = x + side * (BOW + STEP * (index / 2));
	arc->y0 = trv_scene_bar_y(scene, (size_t)from) - side * half;
	arc->y1 = trv_scene_bar_y(scene, (size_t)to) + side * half;
	arc->y0 = CLAMP(arc->y0, -BEYOND, scene->height + BEYOND);
	arc->y1 = CLAMP(arc->y1, -BEYOND, scene->height + BEYOND);
	arc->cy = (arc->y0 + arc->y1) / 2;
	return true;
}

static void draw_arc(cairo_t *cairo, const struct arc *arc)
{
	double dx = arc->x1 - arc->cx, dy = arc->y1 - arc->cy, length = MAX(hypot(dx, dy), 1);
	double ux = dx / length, uy = dy / length;
	double bx = arc->x1 - ux * HEAD, by = arc->y1 - uy * HEAD;

	cairo_set_dash(cairo, (double[]){5, 3}, arc->dashed ? 2 : 0, 0);
	cairo_move_to(cairo, arc->x0, arc->y0);
	cairo_curve_to(cairo, arc->x0 + (arc->cx - arc->x0) * 2 / 3,
		       arc->y0 + (arc->cy - arc->y0) * 2 / 3, bx + (arc->cx - bx) * 2 / 3,
		       by + (arc->cy - by) * 2 / 3, bx, by);
	cairo_stroke(cairo);
	cairo_set_dash(cairo, NULL, 0, 0);
	cairo_move_to(cairo, arc->x1, arc->y1);
	cairo_line_to(cairo, bx - uy * HEAD * 0.6, by + ux * HEAD * 0.6);
	cairo_line_to(cairo, bx + uy * HEAD * 0.6, by - ux * HEAD * 0.6);
	cairo_close_path(cairo);
	cairo_stroke_preserve(cairo);
	cairo_fill(cairo);
}

/* Twice: a halo in the ground's colour keeps it apart from whatever lies below. */
static void draw_edge(cairo_t *cairo, const struct arc *arc, GdkRGBA ground, GdkRGBA colour)
{
	gdk_cairo_set_source_rgba(cairo, &ground);
	cairo_set_line_width(cairo, arc->width + 3);
	draw_arc(cairo, arc);
	gdk_cairo_set_source_rgba(cairo, &colour);
	cairo_set_line_width(cairo, arc->width);
	draw_arc(cairo, arc);
}

/* Between the lanes at the instant the finding closed. The wait that closed it is bolder than those
 * that were there before; what was only possible, or impossible, is dashed. */
void trv_paint_finding_edges(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	const struct trc_finding *focus = trv_session_focus(painter->session);
	graphene_rect_t area =
		GRAPHENE_RECT_INIT(0, 0, (float)scene->axis.width, (float)scene->height);
	int64_t instant = focus ? trv_finding_instant(focus) : 0;
	double x = trv_axis_x_clamped(&scene->axis, instant, -BEYOND, scene->axis.width + BEYOND);
	cairo_t *cairo;

	if (!focus || x <= -BOW || x >= scene->axis.width + BOW)
		return;
	cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);
	for (unsigned i = 0; i < focus->core_edge_count; i++) {
		const struct trc_edge *edge = &focus->edges[i];
		struct arc arc = {
			.width = (int64_t)edge->since == instant ? 3 : 2,
			.dashed = focus->code > TRC_CODE_ORPHAN_WAIT,
		};

		if (arc_of(painter, edge, x, i, &arc))
			draw_edge(cairo, &arc, painter->palette->view,
				  trv_palette_code(painter->palette, focus->code));
	}
	cairo_destroy(cairo);
}
