/*
 * timeline-paint-time.c - the part of the timeline that changes with the playhead
 */
#include "viewer/timeline-paint.h"

#include "viewer/words.h"

#include <math.h>

/* How an actor is at the playhead, as a small sign: a filled disc runs, a ring waits, a bar has
 * ended, a dot is idle. */
static void paint_sign(const struct trv_painter *painter, const struct trc_actor *actor, double x,
		       double y)
{
	const struct trv_palette *palette = painter->palette;
	double unit = trv_metrics()->scale;
	graphene_rect_t area = GRAPHENE_RECT_INIT((float)(x - 5 * unit), (float)(y - 5 * unit),
						  (float)(10 * unit), (float)(10 * unit));
	cairo_t *cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);
	GdkRGBA colour = palette->dim;

	if (actor && actor->state == TRC_RUNNING)
		colour = trv_palette_type(palette, actor->current ? actor->current->type : 0);
	else if (actor && actor->state == TRC_WAITING && actor->wait.target_count > 0)
		colour = trv_palette_wait(palette, (unsigned)actor->wait.targets[0].what);
	gdk_cairo_set_source_rgba(cairo, &colour);
	if (!actor || actor->state == TRC_ENDED) {
		cairo_rectangle(cairo, x - 4 * unit, y - unit, 8 * unit, 2 * unit);
		cairo_fill(cairo);
	} else if (actor->state == TRC_WAITING) {
		cairo_set_line_width(cairo, 2 * unit);
		cairo_arc(cairo, x, y, 3.5 * unit, 0, 2 * M_PI);
		cairo_stroke(cairo);
	} else {
		cairo_arc(cairo, x, y, (actor->state == TRC_IDLE ? 2 : 4) * unit, 0, 2 * M_PI);
		cairo_fill(cairo);
	}
	cairo_destroy(cairo);
}

/* The mailbox at the playhead, at the right end of the second line. Returns the width taken. */
static double paint_depth(const struct trv_painter *painter, const struct trc_actor *actor,
			  double y)
{
	bool full = actor && actor->capacity > 0 && actor->depth >= actor->capacity;
	enum trv_text_style style = full ? TRV_TEXT_SMALL_BOLD : TRV_TEXT_SMALL;
	char text[32];
	double width;

	if (!actor || actor->depth == 0)
		return 0;
	g_snprintf(text, sizeof text, "%u/%u", actor->depth, actor->capacity);
	width = trv_text_width(painter->text, text, style);
	trv_text_draw(painter->text, painter->snapshot, text, style,
		      full ? &painter->palette->error : &painter->palette->dim,
		      trv_metrics()->header - 10 - width, y, width + 8);
	return width + 8;
}

/* Beside the name: the kind, when the name does not say it, and that it is pinned. */
static void paint_kind(const struct trv_painter *painter, const struct trv_scene_lane *lane,
		       double x, double y, double room)
{
	const struct trc_actor *known = lane->actor;
	const char *kind =
		known ? trc_model_kind_name(trv_session_names(painter->session), known->kind) : "";
	bool heading =
		lane->row->group != 0 && trv_session_grouping(painter->session) == TRV_GROUP_KIND;
	bool said = heading || !known || g_str_equal(known->name, kind);
	g_autofree char *text =
		g_strconcat(said ? "" : kind, lane->row->pinned && !said ? " · " : "",
			    lane->row->pinned ? "pinned" : "", NULL);

	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL,
		      &painter->palette->dim, x, y, room);
}

static void paint_name(const struct trv_painter *painter, size_t i)
{
	const struct trv_scene *scene = painter->scene;
	const struct trv_palette *palette = painter->palette;
	uint64_t id = scene->lanes[i].row->actor;
	const struct trc_model *names = trv_session_names(painter->session);
	const struct trc_model *model = trv_session_model(painter->session);
	const struct trc_actor *now = trc_model_actor(model, id);
	g_autofree char *state =
		now ? trv_words_state_short(model, now) : g_strdup("not there yet");
	const GdkRGBA *colour = now && now->state != TRC_ENDED ? &palette->fg : &palette->dim;
	double y = trv_scene_lane_y(scene, scene->first + i), left = trv_px(30), taken;
	double room = trv_metrics()->header - left - 10, first = y + trv_metrics()->first,
	       second = y + trv_metrics()->second;
	GdkRGBA ground = trv_rgba(palette->accent, TRV_SELECTED_NAME);

	if (id == trv_session_selected_actor(painter->session))
		gtk_snapshot_append_color(painter->snapshot, &ground,
					  &GRAPHENE_RECT_INIT(0, (float)y, trv_metrics()->header,
							      trv_metrics()->lane));
	paint_sign(painter, now, trv_px(16), first);
	taken = trv_text_draw(painter->text, painter->snapshot, trc_model_actor_name(names, id),
			      TRV_TEXT_BOLD, colour, left, first, room);
	paint_kind(painter, &scene->lanes[i], left + taken + 7, first + 1, room - taken - 7);
	room -= paint_depth(painter, now, second);
	trv_text_draw(painter->text, painter->snapshot, state, TRV_TEXT_SMALL, &palette->dim, left,
		      second, room);
	gtk_snapshot_append_color(painter->snapshot, &palette->faint,
				  &GRAPHENE_RECT_INIT(0, (float)y + trv_metrics()->lane - 1,
						      trv_metrics()->header, 1));
}

void trv_paint_names(const struct trv_painter *painter)
{
	const struct trc_finding *focus = trv_session_focus(painter->session);
	const struct trv_scene *scene = painter->scene;

	for (size_t i = 0; i < scene->lane_count; i++) {
		if (scene->lanes[i].row->actor == 0)
			trv_paint_group_name(painter, &scene->lanes[i],
					     trv_scene_lane_y(scene, scene->first + i));
		else
			paint_name(painter, i);
	}
	if (focus) {
		GdkRGBA colour = trv_palette_code(painter->palette, focus->code);

		gtk_snapshot_append_color(
			painter->snapshot, &colour,
			&GRAPHENE_RECT_INIT(0, (float)-scene->scroll, 3,
					    (float)(trv_scene_focus_end(scene) + scene->scroll)));
	}
	trv_paint_band_name(painter);
	gtk_snapshot_append_color(
		painter->snapshot, &painter->palette->faint,
		&GRAPHENE_RECT_INIT(trv_metrics()->header - 1, 0, 1, (float)scene->height));
}

/* Where each message that is on its way has got to: at the playhead, on its arrow. */
static void paint_travellers(const struct trv_painter *painter, double x)
{
	const struct trv_scene *scene = painter->scene;

	for (size_t i = 0; i < scene->arrow_count; i++) {
		const struct trv_arrow *arrow = &scene->arrows[i];
		const struct trv_line *line = &arrow->line;
		GskRoundedRect disc;
		graphene_rect_t area;
		GdkRGBA colour;
		double y;

		if (arrow->pending || x < line->x0 || x > line->x1 || line->x1 - line->x0 < 4)
			continue;
		y = line->y0 + (line->y1 - line->y0) * (x - line->x0) / (line->x1 - line->x0);
		if (y < -6 || y > scene->height + 6)
			continue;
		colour = trv_palette_type(painter->palette, scene->messages[arrow->message].type);
		area = GRAPHENE_RECT_INIT((float)x - 5, (float)y - 5, 10, 10);
		gsk_rounded_rect_init_from_rect(&disc, &area, 5);
		gtk_snapshot_push_rounded_clip(painter->snapshot, &disc);
		gtk_snapshot_append_color(painter->snapshot, &colour, &area);
		gtk_snapshot_pop(painter->snapshot);
		gtk_snapshot_append_border(
			painter->snapshot, &disc, (float[4]){1.5, 1.5, 1.5, 1.5},
			(GdkRGBA[4]){painter->palette->view, painter->palette->view,
				     painter->palette->view, painter->palette->view});
	}
}

static void paint_marker(const struct trv_painter *painter, int64_t time)
{
	const struct trv_scene *scene = painter->scene;
	double x = trv_axis_x(&scene->axis, time);

	if (x < -1 || x > scene->axis.width + 1)
		return;
	for (double y = 0; y < scene->height; y += 8)
		gtk_snapshot_append_color(painter->snapshot, &painter->palette->fg,
					  &GRAPHENE_RECT_INIT((float)x - 0.5f, (float)y, 1, 4));
}

void trv_paint_range(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	const struct trv_markers *markers = trv_session_markers(painter->session);

	if (markers->a_set && markers->b_set) {
		struct trv_span range = trv_session_range(painter->session);
		double x0 = trv_axis_x_clamped(&scene->axis, range.from, 0, scene->axis.width);
		double x1 = trv_axis_x_clamped(&scene->axis, range.to, 0, scene->axis.width);
		GdkRGBA veil = trv_rgba(painter->palette->fg, 0.06);

		if (markers->a != markers->b)
			gtk_snapshot_append_color(painter->snapshot, &veil,
						  &GRAPHENE_RECT_INIT((float)x0, 0,
								      (float)(x1 - x0),
								      (float)scene->height));
	}
	if (markers->a_set)
		paint_marker(painter, markers->a);
	if (markers->b_set)
		paint_marker(painter, markers->b);
}

void trv_paint_playhead(const struct trv_painter *painter)
{
	const struct trv_scene *scene = painter->scene;
	double x = trv_axis_x(&scene->axis, trv_session_time(painter->session));

	if (x < -1 || x > scene->axis.width + 1)
		return;
	gtk_snapshot_append_color(
		painter->snapshot, &painter->palette->accent,
		&GRAPHENE_RECT_INIT((float)x - 0.75f, 0, 1.5f, (float)scene->height));
	paint_travellers(painter, x);
}
