/*
 * timeline-paint-group.c - the rows of groups: headings, and strips of those that are folded
 */
#include "viewer/timeline-paint.h"

#include "viewer/words.h"

#include <math.h>

enum { LEFT = 30, MIDDLE = 16 }; /* at the usual size of text */

static void fill(const struct trv_painter *painter, double x, double y, double width, double height,
		 GdkRGBA colour)
{
	gtk_snapshot_append_color(
		painter->snapshot, &colour,
		&GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height));
}

static void paint_ground(const struct trv_painter *painter, const struct trv_row *row, double y,
			 double width)
{
	double height = trv_row_height(row);

	if (!row->folded)
		fill(painter, 0, y, width, height, trv_rgba(painter->palette->fg, 0.05));
	fill(painter, 0, y + height - 1, width, 1, trv_rgba(painter->palette->faint, 0.6));
}

/* From the bottom: how full the fullest mailbox was. In the bar: how much its members did, the more
 * the darker, and from the bar's foot, hatched, what share of them waited. */
static void paint_heat(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		       double y)
{
	double width = painter->scene->axis.width / (double)MAX(lane->heat_count, 1), most = 1;
	double bar = y + trv_metrics()->bar_top,
	       foot = y + trv_metrics()->depth_top + trv_metrics()->depth;
	GdkRGBA busy = painter->palette->accent;
	GdkRGBA waits = trv_palette_wait(painter->palette, TRC_WHAT_SPACE);

	for (size_t i = 0; i < lane->heat_count; i++)
		most = MAX(most, lane->heats[i].spans);
	for (size_t i = 0; i < lane->heat_count; i++) {
		const struct trv_heat *heat = &lane->heats[i];
		double x = (double)i * width;
		double share = (double)heat->waiting / (double)MAX(lane->heat_members, 1);
		double depth = sqrt(heat->depth) * trv_metrics()->depth;

		if (heat->spans > 0)
			fill(painter, x, bar, width, trv_metrics()->bar,
			     trv_rgba(busy, 0.12 + 0.5 * sqrt(heat->spans / most)));
		if (heat->waiting > 0) {
			double height = MAX(share * trv_metrics()->bar, 3);
			graphene_rect_t area = GRAPHENE_RECT_INIT(
				(float)x, (float)(bar + trv_metrics()->bar - height), (float)width,
				(float)height);

			gtk_snapshot_append_color(painter->snapshot, &painter->palette->view,
						  &area);
			fill(painter, area.origin.x, area.origin.y, width, height,
			     trv_rgba(waits, 0.2));
			trv_hatch(painter->snapshot, &area, TRC_WHAT_SPACE,
				  trv_rgba(waits, painter->palette->hatch));
		}
		if (depth > 0)
			fill(painter, x, foot - MAX(depth, 1.5), width, MAX(depth, 1.5),
			     trv_rgba(heat->depth >= 1 ? painter->palette->error : busy,
				      painter->palette->strip));
	}
}

void trv_paint_group(const struct trv_painter *painter, const struct trv_scene_lane *lane, double y)
{
	paint_ground(painter, lane->row, y, painter->scene->axis.width);
	paint_heat(painter, lane, y);
}

/* An arrowhead that points down when the members are shown below, else to the right. */
static void paint_arrow(const struct trv_painter *painter, bool folded, double x, double y)
{
	graphene_rect_t area = GRAPHENE_RECT_INIT((float)x - 5, (float)y - 5, 10, 10);
	cairo_t *cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);

	gdk_cairo_set_source_rgba(cairo, &painter->palette->dim);
	cairo_set_line_width(cairo, 1.8);
	cairo_set_line_cap(cairo, CAIRO_LINE_CAP_ROUND);
	cairo_set_line_join(cairo, CAIRO_LINE_JOIN_ROUND);
	if (folded) {
		cairo_move_to(cairo, x - 2, y - 3.5);
		cairo_line_to(cairo, x + 2, y);
		cairo_line_to(cairo, x - 2, y + 3.5);
	} else {
		cairo_move_to(cairo, x - 3.5, y - 2);
		cairo_line_to(cairo, x, y + 2);
		cairo_line_to(cairo, x + 3.5, y - 2);
	}
	cairo_stroke(cairo);
	cairo_destroy(cairo);
}

/* How the members are at the playhead. */
static char *describe_members(const struct trv_painter *painter, const struct trv_row *row)
{
	const struct trc_model *model = trv_session_model(painter->session);
	size_t waiting = 0, running = 0, full = 0;

	for (size_t i = 0; i < row->count; i++) {
		const struct trc_actor *actor =
			trc_model_actor(model, painter->scene->rows->members[row->first + i]);

		if (!actor || actor->state == TRC_ENDED)
			continue;
		waiting += actor->state == TRC_WAITING;
		running += actor->state == TRC_RUNNING;
		full += actor->capacity > 0 && actor->depth >= actor->capacity;
	}
	if (full > 0)
		return g_strdup_printf("%zu wait · %zu full", waiting, full);
	if (waiting > 0)
		return g_strdup_printf("%zu wait", waiting);
	return running > 0 ? g_strdup_printf("%zu at work", running) : g_strdup("all idle");
}

void trv_paint_group_name(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			  double y)
{
	const struct trv_row *row = lane->row;
	const struct trv_palette *palette = painter->palette;
	const char *name = trv_group_name(trv_session_names(painter->session),
					  trv_session_grouping(painter->session), row->group);
	g_autofree char *number = trv_words_count(row->count);
	g_autofree char *count = g_strdup_printf("× %s", number);
	double middle = y + (row->folded ? trv_metrics()->first : trv_metrics()->group / 2.0);
	double room = trv_metrics()->header - trv_px(LEFT) - 10, taken;

	paint_ground(painter, row, y, trv_metrics()->header);
	paint_arrow(painter, row->folded, trv_px(MIDDLE), middle);
	taken = trv_text_draw(painter->text, painter->snapshot, name,
			      row->folded ? TRV_TEXT_BOLD : TRV_TEXT_SMALL_BOLD,
			      row->folded ? &palette->fg : &palette->dim, trv_px(LEFT), middle,
			      room - trv_px(40));
	trv_text_draw(painter->text, painter->snapshot, count, TRV_TEXT_SMALL, &palette->dim,
		      trv_px(LEFT) + taken + 7, middle + (row->folded ? 1 : 0), room - taken - 7);
	if (row->folded) {
		g_autofree char *state = describe_members(painter, row);

		trv_text_draw(painter->text, painter->snapshot, state, TRV_TEXT_SMALL,
			      &palette->dim, trv_px(LEFT), y + trv_metrics()->second, room);
	}
}
