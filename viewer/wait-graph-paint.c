#include "viewer/wait-graph-paint.h"

#include "viewer/label-place.h"
#include "viewer/wait-graph-place.h"
#include "viewer/words.h"

#include <math.h>

enum { HEAD = 9 };

/* --- edges -------------------------------------------------------------------------------------
 */

static void draw_curve(cairo_t *cairo, const struct trv_curve *curve,
		       const struct trv_graph_edge *edge, double growth)
{
	double dx = curve->x1 - curve->cx, dy = curve->y1 - curve->cy, length = hypot(dx, dy);
	double dashes[2], head = HEAD * growth;

	gdk_cairo_set_source_rgba(cairo, &edge->colour);
	cairo_set_line_width(cairo, edge->width * growth);
	cairo_set_dash(cairo, dashes, trv_graph_dashes(edge->style, dashes), 0);
	dx /= MAX(length, 1);
	dy /= MAX(length, 1);
	cairo_move_to(cairo, curve->x0, curve->y0);
	cairo_curve_to(cairo, curve->x0 + (curve->cx - curve->x0) * 2 / 3,
		       curve->y0 + (curve->cy - curve->y0) * 2 / 3,
		       curve->x1 + (curve->cx - curve->x1) * 2 / 3,
		       curve->y1 + (curve->cy - curve->y1) * 2 / 3, curve->x1 - dx * head / 2,
		       curve->y1 - dy * head / 2);
	cairo_stroke(cairo);
	cairo_set_dash(cairo, NULL, 0, 0);
	cairo_move_to(cairo, curve->x1, curve->y1);
	cairo_line_to(cairo, curve->x1 - head * dx - head * 0.5 * dy,
		      curve->y1 - head * dy + head * 0.5 * dx);
	cairo_line_to(cairo, curve->x1 - head * dx + head * 0.5 * dy,
		      curve->y1 - head * dy - head * 0.5 * dx);
	cairo_close_path(cairo);
	cairo_fill(cairo);
}

/* In the widget's coordinates: a cairo node under a snapshot's scale is misplaced by GTK 4.8. */
static void draw_edges(const struct trv_graph_painter *painter)
{
	const GArray *edges = painter->edges;
	const struct trv_placing *placing = &painter->placing;
	struct trv_box2 box = trv__graph_around(painter, SIZE_MAX);
	const double margin = 120;
	graphene_rect_t area =
		GRAPHENE_RECT_INIT((float)((box.x0 - margin) * placing->scale + placing->dx),
				   (float)((box.y0 - margin) * placing->scale + placing->dy),
				   (float)((box.x1 - box.x0 + 2 * margin) * placing->scale),
				   (float)((box.y1 - box.y0 + 2 * margin) * placing->scale));
	cairo_t *cairo = gtk_snapshot_append_cairo(painter->snapshot, &area);
	struct trv_curve curve;

	cairo_translate(cairo, placing->dx, placing->dy);
	cairo_scale(cairo, placing->scale, placing->scale);
	for (guint i = 0; i < edges->len; i++) {
		const struct trv_graph_edge *edge = &g_array_index(edges, struct trv_graph_edge, i);

		if (trv__graph_curve(painter, edge->from, edge->to, edge->ring, &curve))
			draw_curve(cairo, &curve, edge, trv__graph_growth(painter));
	}
	cairo_destroy(cairo);
}

static void fill_rounded(GtkSnapshot *snapshot, const graphene_rect_t *area, float radius,
			 GdkRGBA colour)
{
	GskRoundedRect rounded;

	gsk_rounded_rect_init_from_rect(&rounded, area, radius);
	gtk_snapshot_push_rounded_clip(snapshot, &rounded);
	gtk_snapshot_append_color(snapshot, &colour, area);
	gtk_snapshot_pop(snapshot);
}

/* --- what is shown -----------------------------------------------------------------------------
 */

struct look {
	bool shown;     /* waits, is waited for, or belongs to the finding */
	GdkRGBA colour; /* of its outline */
	double line;
	unsigned hidden; /* those who wait for it and have no place */
};

static struct look look_of(const struct trv_graph_painter *painter, uint64_t actor,
			   const GArray *edges)
{
	const struct trc_finding *focus = trv_session_focus(painter->session);
	struct look look = {.colour = painter->palette->line, .line = 1};

	for (unsigned i = 0; focus && painter->mode == TRV_GRAPH_WAITS && i < focus->actor_count;
	     i++)
		look.shown |= focus->actors[i] == actor;
	for (guint i = 0; i < edges->len; i++) {
		const struct trv_graph_edge *edge = &g_array_index(edges, struct trv_graph_edge, i);

		if (edge->from == actor && edge->width > look.line) {
			look.colour = edge->colour;
			look.line = MIN(edge->width, 2);
		}
		look.shown |= edge->from == actor || edge->to == actor;
		look.hidden += edge->to == actor && !trv_graph_place(painter->layout, edge->from);
	}
	return look;
}

/* --- labels ------------------------------------------------------------------------------------
 */

struct label {
	const char *first, *second; /* lines; the second may be "" */
	struct trv_box2 box;
};

static void draw_line(const struct trv_graph_painter *painter, const struct trv_graph_edge *edge,
		      const char *text, double x, double y)
{
	double width = trv_text_width(painter->text, text, TRV_TEXT_SMALL);

	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL, &edge->colour,
		      x - width / 2, y, width + 2);
}

static void draw_label(const struct trv_graph_painter *painter, const struct trv_graph_edge *edge,
		       const struct label *label)
{
	const struct trv_box2 *box = &label->box;
	graphene_rect_t plate =
		GRAPHENE_RECT_INIT((float)box->x0, (float)box->y0, (float)(box->x1 - box->x0),
				   (float)(box->y1 - box->y0));
	double x = (box->x0 + box->x1) / 2, y = (box->y0 + box->y1) / 2;
	bool two = label->second[0];

	fill_rounded(painter->snapshot, &plate, 5, painter->palette->view);
	draw_line(painter, edge, label->first, x, two ? y - trv_px(7) : y);
	if (two)
		draw_line(painter, edge, label->second, x, y + trv_px(7));
}

/* In one line if there is room, else in two; where there is none for these, pointing tells. */
static void label_edge(const struct trv_graph_painter *painter, const struct trv_graph_edge *edge,
		       const struct trv_curve *curve, struct trv_taken *taken)
{
	g_autofree char *whole = edge->time[0] ? g_strdup_printf("%s · %s", edge->label, edge->time)
					       : g_strdup(edge->label);
	const char *lines[][2] = {
		{whole, ""}, {edge->label, edge->time}, {edge->what ? edge->what : "", edge->time}};

	for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
		struct label label = {.first = lines[i][0], .second = lines[i][1]};
		double first = trv_text_width(painter->text, label.first, TRV_TEXT_SMALL);
		double second = trv_text_width(painter->text, label.second, TRV_TEXT_SMALL);

		if (label.first[0] &&
		    trv_label_place(taken, curve, MAX(first, second) + 10,
				    trv_px(label.second[0] ? 30 : 18), &label.box)) {
			draw_label(painter, edge, &label);
			return;
		}
	}
}

static void draw_labels(const struct trv_graph_painter *painter, const GArray *edges)
{
	struct trv_taken taken = {0};
	struct trv_curve curve;

	for (size_t i = 0; i < painter->layout->count; i++) {
		const struct trv_place *place = &painter->layout->places[i];
		struct trv_pill pill = trv__graph_pill(painter, place);

		if (look_of(painter, place->actor, edges).shown)
			trv_taken_add(&taken, trv__graph_box(&pill));
	}
	/* The ring's own waits matter most: theirs come first. */
	for (int ring = 1; ring >= 0; ring--) {
		for (guint i = 0; i < edges->len; i++) {
			const struct trv_graph_edge *edge =
				&g_array_index(edges, struct trv_graph_edge, i);

			if (edge->ring == (ring != 0) &&
			    trv__graph_curve(painter, edge->from, edge->to, edge->ring, &curve))
				label_edge(painter, edge, &curve, &taken);
		}
	}
	trv_taken_clear(&taken);
}

/* --- nodes -------------------------------------------------------------------------------------
 */

static void draw_badge(const struct trv_graph_painter *painter, const struct trv_pill *pill,
		       unsigned hidden)
{
	char text[24];
	double width;
	graphene_rect_t plate;

	g_snprintf(text, sizeof text, "+%u", hidden);
	width = trv_text_width(painter->text, text, TRV_TEXT_SMALL_BOLD);
	plate = GRAPHENE_RECT_INIT((float)(pill->x + pill->half_width - 8),
				   (float)(pill->y - pill->half_height - 8), (float)width + 10,
				   (float)trv_px(16));
	fill_rounded(painter->snapshot, &plate, plate.size.height / 2, painter->palette->fg);
	trv_text_draw(painter->text, painter->snapshot, text, TRV_TEXT_SMALL_BOLD,
		      &painter->palette->view, plate.origin.x + 5,
		      plate.origin.y + plate.size.height / 2, width + 8);
}

/* About a point, in a size of its own. */
static void draw_centred(const struct trv_graph_painter *painter, const char *text,
			 enum trv_text_style style, const GdkRGBA *colour, double width,
			 double growth, graphene_point_t at)
{
	gtk_snapshot_save(painter->snapshot);
	gtk_snapshot_translate(painter->snapshot, &at);
	gtk_snapshot_scale(painter->snapshot, (float)growth, (float)growth);
	trv_text_draw(painter->text, painter->snapshot, text, style, colour, -width / 2, 0,
		      width + 1);
	gtk_snapshot_restore(painter->snapshot);
}

static void draw_words(const struct trv_graph_painter *painter, const struct trv_pill *pill,
		       uint64_t actor)
{
	const char *name = trv__graph_name(painter, actor);
	const char *kind = trv__graph_kind(painter, actor);
	double growth = trv__graph_growth(painter);
	bool two = kind[0] && growth == 1;
	float x = (float)pill->x, y = (float)pill->y;
	double width = trv_text_width(painter->text, kind, TRV_TEXT_SMALL);

	draw_centred(painter, name, TRV_TEXT_SMALL_BOLD, &painter->palette->fg,
		     trv__graph_name_width(painter, actor), growth,
		     GRAPHENE_POINT_INIT(x, two ? y - (float)trv_px(7) : y));
	if (two)
		draw_centred(painter, kind, TRV_TEXT_SMALL, &painter->palette->dim,
			     MIN(width, trv_px(TRV_GRAPH_NAME_MAX)), 1,
			     GRAPHENE_POINT_INIT(x, y + (float)trv_px(8)));
}

static void draw_node(const struct trv_graph_painter *painter, const struct trv_place *place,
		      struct look look)
{
	struct trv_pill pill = trv__graph_pill(painter, place);
	graphene_rect_t area = GRAPHENE_RECT_INIT(
		(float)(pill.x - pill.half_width), (float)(pill.y - pill.half_height),
		(float)(2 * pill.half_width), (float)(2 * pill.half_height));
	bool selected =
		place->actor != 0 && place->actor == trv_session_selected_actor(painter->session);
	float growth = (float)trv__graph_growth(painter), radius = (float)pill.half_height;
	float line = (float)(selected ? 2.5 : look.line) * growth;
	GdkRGBA colour = selected ? painter->palette->accent : look.colour;
	GskRoundedRect rounded;

	gsk_rounded_rect_init_from_rect(&rounded, &area, radius);
	fill_rounded(painter->snapshot, &area, radius, painter->palette->view);
	fill_rounded(painter->snapshot, &area, radius, trv_rgba(colour, 0.14));
	gtk_snapshot_append_border(painter->snapshot, &rounded, (float[4]){line, line, line, line},
				   (GdkRGBA[4]){colour, colour, colour, colour});
	draw_words(painter, &pill, place->actor);
	if (look.hidden > 0)
		draw_badge(painter, &pill, look.hidden);
}

void trv_graph_paint(const struct trv_graph_painter *painter)
{
	const GArray *edges = painter->edges;
	const struct trv_placing *placing = &painter->placing;

	draw_edges(painter);
	gtk_snapshot_save(painter->snapshot);
	gtk_snapshot_translate(painter->snapshot,
			       &GRAPHENE_POINT_INIT((float)placing->dx, (float)placing->dy));
	gtk_snapshot_scale(painter->snapshot, (float)placing->scale, (float)placing->scale);
	if (placing->scale >= TRV_GRAPH_WORDS_FROM)
		draw_labels(painter, edges);
	for (size_t i = 0; i < painter->layout->count; i++) {
		const struct trv_place *place = &painter->layout->places[i];
		struct look look = look_of(painter, place->actor, edges);

		if (look.shown)
			draw_node(painter, place, look);
	}
	gtk_snapshot_restore(painter->snapshot);
}

/* --- words -------------------------------------------------------------------------------------
 */

static void caption_waits(const struct trv_graph_painter *painter, GString *text)
{
	const struct trv_wait_graph *waits = trv_session_waits(painter->session);
	size_t to_actors = waits->waiting - waits->elsewhere;
	g_autofree char *waiting =
		trv_words_counted(to_actors, "actor waits for another", "actors wait for others");

	g_string_append(text, to_actors == 0 ? "no actor waits for another" : waiting);
	if (waits->elsewhere > 0)
		g_string_append_printf(text, ", %zu for timers or the outside", waits->elsewhere);
}

static void caption_handles(const struct trv_graph_painter *painter, GString *text)
{
	g_autofree char *pairs = trv_words_counted(painter->edges->len, "pair", "pairs");

	if (painter->edges->len == 0)
		g_string_append(text, "no actor holds another’s handle");
	else
		g_string_append_printf(text, "%s of an actor and one whose handle it holds", pairs);
}

static void caption_asks(const struct trv_graph_painter *painter, GString *text)
{
	g_autofree char *pairs =
		trv_words_counted(painter->edges->len, "actor asks another", "pairs of actors");

	if (trv_session_survey_share(painter->session) < 1)
		g_string_append(text, "all of the trace is being read for this");
	else if (painter->edges->len == 0)
		g_string_append(text, "no actor asked another");
	else
		g_string_append_printf(text, "in the whole trace, %s", pairs);
}

static size_t count_unplaced(const struct trv_graph_painter *painter)
{
	size_t unplaced = 0;

	for (guint i = 0; i < painter->edges->len; i++) {
		const struct trv_graph_edge *edge =
			&g_array_index(painter->edges, struct trv_graph_edge, i);

		unplaced += !trv_graph_place(painter->layout, edge->from) ||
			    !trv_graph_place(painter->layout, edge->to);
	}
	return unplaced;
}

char *trv_graph_caption(const struct trv_graph_painter *painter, bool brief)
{
	size_t unplaced = count_unplaced(painter);
	g_autoptr(GString) text = g_string_new(NULL);
	struct trv_axis fine = {trv_session_view(painter->session), 1000};

	if (painter->mode != TRV_GRAPH_ASKS && !brief) {
		char time[TRV_TIME_TEXT];

		trv_time_text(trv_session_model_time(painter->session),
			      trv_axis_tick_step(&fine, 4), time);
		g_string_append_printf(text, "at %s ", time);
	}
	if (painter->mode == TRV_GRAPH_WAITS)
		caption_waits(painter, text);
	else if (painter->mode == TRV_GRAPH_HANDLES)
		caption_handles(painter, text);
	else
		caption_asks(painter, text);
	if (unplaced > 0)
		g_string_append_printf(text, " · %zu of these not drawn%s", unplaced,
				       painter->mode == TRV_GRAPH_WAITS && !brief ? ", the shortest"
										  : "");
	return trv_words_sentence(text->str);
}
