#include "viewer/timeline-paint.h"

#include "viewer/words.h"

#include <math.h>

enum {
	LABEL_WIDTH_MIN = 30, /* narrower boxes have no text */
	HATCH_WIDTH_MIN = 3,
	ROUND_WIDTH_MIN = 12,
	HEAD = 7, /* arrow heads */
};

static graphene_rect_t rect(double x, double y, double width, double height)
{
	return GRAPHENE_RECT_INIT((float)x, (float)y, (float)width, (float)height);
}

static void fill(const struct trv_painter *painter, double x, double y, double width, double height,
		 GdkRGBA colour)
{
	graphene_rect_t area = rect(x, y, width, height);

	gtk_snapshot_append_color(painter->snapshot, &colour, &area);
}

static double lane_y(const struct trv_painter *painter, size_t i)
{
	return trv_scene_lane_y(painter->scene, painter->scene->first + i);
}

/* --- boxes -------------------------------------------------------------------------------------
 */

/* Where a box goes on beyond the canvas, its round corners are out of sight. */
static graphene_rect_t box_area(const struct trv_painter *painter, const struct trv_box *box,
				double y)
{
	const double beyond = 8;
	double x0 = box->x0 <= 0 ? -beyond : box->x0;
	double x1 = box->x1 >= painter->scene->axis.width ? box->x1 + beyond : box->x1;

	return rect(x0, y, MAX(x1 - x0, 1.0), trv_metrics()->bar);
}

static bool push_rounded(const struct trv_painter *painter, const graphene_rect_t *area)
{
	GskRoundedRect rounded;

	if (area->size.width < ROUND_WIDTH_MIN)
		return false;
	gsk_rounded_rect_init_from_rect(&rounded, area, 4);
	gtk_snapshot_push_rounded_clip(painter->snapshot, &rounded);
	return true;
}

static void outline(const struct trv_painter *painter, const graphene_rect_t *area, GdkRGBA colour,
		    float width)
{
	GskRoundedRect rounded;

	gsk_rounded_rect_init_from_rect(&rounded, area, area->size.width < ROUND_WIDTH_MIN ? 0 : 4);
	gtk_snapshot_append_border(painter->snapshot, &rounded,
				   (float[4]){width, width, width, width},
				   (GdkRGBA[4]){colour, colour, colour, colour});
}

static void label(const struct trv_painter *painter, const graphene_rect_t *area, const char *text)
{
	const double gap = 7;

	if (area->size.width < trv_px(LABEL_WIDTH_MIN))
		return;
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL, &painter->palette->fg,
		      area->origin.x + gap, area->origin.y + area->size.height / 2,
		      area->size.width - 2 * gap + 2);
}

/* Text on a plate of the ground's colour, since hatching and letters do not mix. */
static void plate(const struct trv_painter *painter, const char *text, double x, double bar,
		  double room)
{
	const double pad = 5;
	double width = MIN(trv_text_width(painter->text, text, TRV_TEXT_SMALL), room);
	graphene_rect_t area = rect(x, bar + 3, width + 2 * pad, trv_metrics()->bar - 6);
	GskRoundedRect rounded;

	gsk_rounded_rect_init_from_rect(&rounded, &area, 3);
	gtk_snapshot_push_rounded_clip(painter->snapshot, &rounded);
	gtk_snapshot_append_color(painter->snapshot, &painter->palette->view, &area);
	gtk_snapshot_pop(painter->snapshot);
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL, &painter->palette->fg,
		      x + pad, bar + trv_metrics()->bar / 2.0, width + 1);
}

/* How many it stands for, as exactly as there is room; half a number would be a lie. */
static void label_folded(const struct trv_painter *painter, const struct trv_box *box, double y)
{
	const double margin = 4, pad = 5, room = box->x1 - box->x0 - 2 * (margin + pad);
	g_autofree char *count = trv_words_count(box->folded);
	g_autofree char *about = trv_words_about(box->folded);
	const char *numbers[] = {count, about};

	for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
		g_autofree char *text = g_strdup_printf("×%s", numbers[i]);

		if (trv_text_width(painter->text, text, TRV_TEXT_SMALL) <= room) {
			plate(painter, text, box->x0 + margin, y, room);
			return;
		}
	}
}

/* Many too narrow to be told apart: a grid instead of a colour, and their number. */
static void paint_folded(const struct trv_painter *painter, const struct trv_box *box, double y)
{
	graphene_rect_t area = rect(box->x0, y, MAX(box->x1 - box->x0, 1.0), trv_metrics()->bar);

	fill(painter, box->x0, y, area.size.width, trv_metrics()->bar,
	     trv_rgba(painter->palette->fg, 0.12));
	trv_grid(painter->snapshot, &area, painter->palette->guide);
	outline(painter, &area, painter->palette->line, 1);
	label_folded(painter, box, y);
}

/* While something is looked for, all else steps back. */
static bool is_dimmed(const struct trv_painter *painter, uint64_t message)
{
	return painter->finding && trv_session_hit_index(painter->session, message) == SIZE_MAX;
}

/* Or is left out, when the user wants that. */
static bool is_left_out(const struct trv_painter *painter, uint64_t message)
{
	return trv_session_hides_misses(painter->session) && is_dimmed(painter, message);
}

static void paint_handler(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			  const struct trv_box *box, double y)
{
	const struct trc_span *span = &lane->spans[box->span];
	const struct trv_selection *selection = trv_session_selection(painter->session);
	GdkRGBA colour = trv_palette_type(painter->palette, span->type);
	double opacity = painter->palette->fill;
	graphene_rect_t area = box_area(painter, box, y);
	bool dimmed = is_dimmed(painter, span->message), rounded;

	if (box->folded > 1) {
		paint_folded(painter, box, y);
		return;
	}
	if (is_left_out(painter, span->message))
		return;
	if (dimmed) {
		opacity *= 0.3;
		colour.alpha *= 0.3f;
	}
	rounded = push_rounded(painter, &area);
	/* The lane's base line would strike the name out. */
	gtk_snapshot_append_color(painter->snapshot, &painter->palette->view, &area);
	fill(painter, area.origin.x, y, area.size.width, trv_metrics()->bar,
	     trv_rgba(colour, opacity));
	fill(painter, area.origin.x, y, MIN(3, area.size.width), trv_metrics()->bar, colour);
	if (rounded)
		gtk_snapshot_pop(painter->snapshot);
	if (painter->palette->contrast && !dimmed)
		outline(painter, &area, colour, 1);
	if (painter->finding && !dimmed)
		outline(painter, &area, painter->palette->warning, 1.5);
	if (span->message != 0 && span->message == selection->message)
		outline(painter, &area, painter->palette->accent, 2);
}

static void label_handler(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			  const struct trv_box *box, double y)
{
	const struct trc_span *span = &lane->spans[box->span];
	graphene_rect_t area = rect(box->x0, y, box->x1 - box->x0, trv_metrics()->bar);

	if (box->folded > 1 || is_left_out(painter, span->message))
		return;
	/* The name stands before the first wait inside the bar, or not at all. */
	for (size_t i = 0; i < lane->wait_count; i++) {
		if (lane->waits[i].x1 > box->x0 && lane->waits[i].x0 < box->x1) {
			area.size.width = (float)MAX(lane->waits[i].x0 - box->x0, 0);
			break;
		}
	}
	label(painter, &area,
	      span->type == 0
		      ? "start"
		      : trc_model_type_name(trv_session_names(painter->session), span->type));
}

static void paint_wait(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		       const struct trv_box *box, double y)
{
	const struct trc_span *span = &lane->spans[box->span];
	const struct trv_selection *selection = trv_session_selection(painter->session);
	GdkRGBA colour = trv_palette_wait(painter->palette, span->type);
	graphene_rect_t area = box_area(painter, box, y);
	bool selected = selection->kind == TRV_SELECTED_WAIT && lane->actor &&
			selection->actor == lane->actor->id && selection->wait.begin == span->begin;
	bool rounded;

	if (area.size.width < HATCH_WIDTH_MIN) {
		fill(painter, area.origin.x, y, area.size.width, trv_metrics()->bar, colour);
		return;
	}
	rounded = push_rounded(painter, &area);
	gtk_snapshot_append_color(painter->snapshot, &painter->palette->view, &area);
	fill(painter, area.origin.x, y, area.size.width, trv_metrics()->bar,
	     trv_rgba(colour, 0.10));
	trv_hatch(painter->snapshot, &area, span->type, trv_rgba(colour, painter->palette->hatch));
	if (rounded)
		gtk_snapshot_pop(painter->snapshot);
	outline(painter, &area, selected ? painter->palette->accent : colour, selected ? 2 : 1);
}

static void label_wait(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		       const struct trv_box *box, double y)
{
	const struct trc_span *span = &lane->spans[box->span];
	const double margin = 6, pad = 5;
	double room = box->x1 - box->x0 - 2 * (margin + pad);
	g_autofree char *text = NULL;

	if (room < trv_px(34))
		return;
	if (box->folded > 1)
		text = g_strdup_printf("%u waits", box->folded);
	else
		text = trv_words_wait(trv_session_names(painter->session), span->type, span->peer);
	/* A few letters and dots say nothing. */
	if (room >= MIN(trv_text_width(painter->text, text, TRV_TEXT_SMALL), trv_px(72)))
		plate(painter, text, box->x0 + margin, y, room);
}

/* --- mailbox depth -----------------------------------------------------------------------------
 */

/* Adds the steps at which the mailbox was full, or was not, to a path. A mailbox far from full
 * would be a line of nothing: small depths are drawn larger, with the square root. Full is always
 * full height. */
static bool trace_depth(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			double bottom, bool full, cairo_t *cairo)
{
	const struct trv_scene *scene = painter->scene;
	uint32_t top = lane->actor ? MAX(lane->actor->capacity, 1) : 1;
	bool any = false;

	for (size_t i = 0; i < lane->depth_count; i++) {
		const struct trc_depth *step = &lane->depths[i];
		int64_t end =
			i + 1 < lane->depth_count ? (int64_t)lane->depths[i + 1].time : scene->now;
		double share = sqrt(MIN((double)step->depth / top, 1.0));
		double height = MAX(share * trv_metrics()->depth, 1.5), x0, x1;

		if (step->depth == 0 || (step->depth >= top) != full)
			continue;
		x0 = trv_axis_x_clamped(&scene->axis, (int64_t)step->time, 0, scene->axis.width);
		x1 = trv_axis_x_clamped(&scene->axis, end, 0, scene->axis.width);
		cairo_rectangle(cairo, x0, bottom - height, MAX(x1 - x0, 1.0), height);
		any = true;
	}
	return any;
}

/* As one picture: there may be a step for each pixel, and a node for each would be too many. */
static void paint_depth(const struct trv_painter *painter, const struct trv_scene_lane *lane,
			double y)
{
	graphene_rect_t area =
		rect(0, y - 1, painter->scene->axis.width + 1, trv_metrics()->depth + 1);
	cairo_t *cairo;

	if (lane->depth_count == 0)
		return;
	cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);
	for (int full = 0; full <= 1; full++) {
		GdkRGBA colour = trv_rgba(full ? painter->palette->error : painter->palette->accent,
					  painter->palette->strip);

		gdk_cairo_set_source_rgba(cairo, &colour);
		if (trace_depth(painter, lane, y + trv_metrics()->depth, full, cairo))
			cairo_fill(cairo);
	}
	cairo_destroy(cairo);
}

/* --- lanes -------------------------------------------------------------------------------------
 */

/* The part of the lane in which its actor lives has a base line. */
static void paint_life(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		       double y)
{
	const struct trv_scene *scene = painter->scene;
	const struct trc_actor *actor = lane->actor;
	double x0, x1;
	int64_t end;

	if (!actor)
		return;
	end = actor->ended ? (int64_t)actor->ended : scene->now;
	if (end < scene->axis.span.from || (int64_t)actor->spawned > scene->axis.span.to)
		return;
	x0 = trv_axis_x_clamped(&scene->axis, (int64_t)actor->spawned, 0, scene->axis.width);
	x1 = trv_axis_x_clamped(&scene->axis, end, 0, scene->axis.width);
	fill(painter, x0, y + trv_metrics()->bar_top + trv_metrics()->bar / 2.0, x1 - x0, 1,
	     painter->palette->guide);
	fill(painter, x0, y + trv_metrics()->depth_top + trv_metrics()->depth, x1 - x0, 1,
	     trv_rgba(painter->palette->guide, 0.6));
	if (actor->ended && end <= scene->axis.span.to)
		fill(painter, x1 - 2, y + trv_metrics()->bar_top, 2, trv_metrics()->bar,
		     painter->palette->dim);
}

static void paint_lane(const struct trv_painter *painter, size_t i)
{
	const struct trv_scene_lane *lane = &painter->scene->lanes[i];
	double y = lane_y(painter, i), bar = y + trv_metrics()->bar_top;

	if (lane->row->actor == 0) {
		trv_paint_group(painter, lane, y);
		return;
	}
	if (lane->actor && trv_session_selected_actor(painter->session) == lane->actor->id)
		fill(painter, 0, y, painter->scene->axis.width, trv_metrics()->lane,
		     trv_rgba(painter->palette->accent, TRV_SELECTED_LANE));
	fill(painter, 0, y + trv_metrics()->lane - 1, painter->scene->axis.width, 1,
	     trv_rgba(painter->palette->faint, 0.6));
	paint_life(painter, lane, y);
	for (size_t k = 0; k < lane->crowd_count; k++)
		paint_folded(painter, &lane->crowds[k], bar);
	for (size_t k = 0; k < lane->handler_count; k++)
		paint_handler(painter, lane, &lane->handlers[k], bar);
	for (size_t k = 0; k < lane->wait_count; k++)
		paint_wait(painter, lane, &lane->waits[k], bar);
	paint_depth(painter, lane, y + trv_metrics()->depth_top);
}

static void label_lane(const struct trv_painter *painter, size_t i)
{
	const struct trv_scene_lane *lane = &painter->scene->lanes[i];
	double bar = lane_y(painter, i) + trv_metrics()->bar_top;

	for (size_t k = 0; k < lane->handler_count; k++)
		label_handler(painter, lane, &lane->handlers[k], bar);
	for (size_t k = 0; k < lane->wait_count; k++)
		label_wait(painter, lane, &lane->waits[k], bar);
}

/* --- arrows ------------------------------------------------------------------------------------
 */

static void draw_head(cairo_t *cairo, const struct trv_line *line)
{
	double length = hypot(line->x1 - line->x0, line->y1 - line->y0);
	double dx, dy;

	if (length < 1)
		return;
	dx = (line->x1 - line->x0) / length;
	dy = (line->y1 - line->y0) / length;
	cairo_move_to(cairo, line->x1, line->y1);
	cairo_line_to(cairo, line->x1 - HEAD * dx - HEAD * 0.42 * dy,
		      line->y1 - HEAD * dy + HEAD * 0.42 * dx);
	cairo_line_to(cairo, line->x1 - HEAD * dx + HEAD * 0.42 * dy,
		      line->y1 - HEAD * dy - HEAD * 0.42 * dx);
	cairo_close_path(cairo);
	cairo_fill(cairo);
}

static void draw_arrow(const struct trv_painter *painter, cairo_t *cairo,
		       const struct trv_arrow *arrow)
{
	const struct trv_scene *scene = painter->scene;
	const struct trc_message_info *message = &scene->messages[arrow->message];
	bool selected = message->id == trv_session_selection(painter->session)->message;
	GdkRGBA colour = trv_palette_type(painter->palette, message->type);
	struct trv_line line = arrow->line;

	if (!selected && is_left_out(painter, message->id))
		return;
	if (selected)
		colour = painter->palette->accent;
	else if (is_dimmed(painter, message->id))
		colour = trv_rgba(colour, 0.15);
	else if (!arrow->related && trv_session_selection(painter->session)->message)
		colour = trv_rgba(colour, painter->palette->aside);
	if (!trv_line_clip(&line, -20, -20, scene->axis.width + 20, scene->height + 20))
		return;
	gdk_cairo_set_source_rgba(cairo, &colour);
	cairo_set_line_width(cairo, selected ? 2.4 : arrow->related ? 1.8 : 1.2);
	cairo_set_dash(cairo, (double[]){3, 3}, arrow->pending ? 2 : 0, 0);
	cairo_move_to(cairo, line.x0, line.y0);
	cairo_line_to(cairo, line.x1, line.y1);
	cairo_stroke(cairo);
	cairo_set_dash(cairo, NULL, 0, 0);
	if (line.x0 == arrow->line.x0 && line.y0 == arrow->line.y0) {
		cairo_arc(cairo, line.x0, line.y0, selected ? 3 : 2, 0, 2 * M_PI);
		cairo_fill(cairo);
	}
	if (line.x1 == arrow->line.x1 && line.y1 == arrow->line.y1)
		draw_head(cairo, &line);
}

/* The reply of the selected message, back to its asker. */
static void draw_reply(const struct trv_painter *painter, cairo_t *cairo)
{
	const struct trv_scene *scene = painter->scene;
	uint64_t id = trv_session_selection(painter->session)->message;
	struct trc_message_info message;
	struct trv_line line;
	long from, to;

	if (id == 0 || !trc_trace_message(trv_session_trace(painter->session), id, &message) ||
	    message.replied == 0)
		return;
	from = trv_session_row_of(painter->session, message.replier);
	to = trv_session_row_of(painter->session, message.sender);
	if (from < 0 || to < 0)
		return;
	line.x0 = line.x1 = trv_axis_x(&scene->axis, (int64_t)message.replied);
	line.y0 = trv_scene_lane_y(scene, (size_t)from) + trv_metrics()->bar_top +
		  (to > from ? trv_metrics()->bar : 0);
	line.y1 = trv_scene_lane_y(scene, (size_t)to) + trv_metrics()->bar_top +
		  (to > from ? 0 : trv_metrics()->bar);
	if (!trv_line_clip(&line, -20, -20, scene->axis.width + 20, scene->height + 20))
		return;
	gdk_cairo_set_source_rgba(cairo, &painter->palette->accent);
	cairo_set_line_width(cairo, 1.8);
	cairo_set_dash(cairo, (double[]){5, 3}, 2, 0);
	cairo_move_to(cairo, line.x0, line.y0);
	cairo_line_to(cairo, line.x1, line.y1);
	cairo_stroke(cairo);
	cairo_set_dash(cairo, NULL, 0, 0);
	draw_head(cairo, &line);
}

static void paint_arrows(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	graphene_rect_t area = rect(0, 0, scene->axis.width, scene->height);
	cairo_t *cairo;

	if (scene->arrow_count == 0 && trv_session_selection(painter->session)->message == 0)
		return;
	cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);
	for (size_t i = 0; i < scene->arrow_count; i++)
		draw_arrow(painter, cairo, &scene->arrows[i]);
	draw_reply(painter, cairo);
	cairo_destroy(cairo);
}

void trv_paint_canvas(const struct trv_painter *painter)
{
	trv_paint_finding_ground(painter);
	for (size_t i = 0; i < painter->scene->lane_count; i++)
		paint_lane(painter, i);
	paint_arrows(painter);
	for (size_t i = 0; i < painter->scene->lane_count; i++)
		label_lane(painter, i);
	trv_paint_logs(painter);
	trv_paint_finding_edges(painter);
	trv_paint_band(painter);
	trv_paint_hidden(painter);
}
