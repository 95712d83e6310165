#include "viewer/wait-graph-view.h"

#include "viewer/graph-layout.h"
#include "viewer/palette.h"
#include "viewer/text-cache.h"
#include "viewer/words.h"

#include <math.h>

enum {
	PILL_HEIGHT = 30,
	PILL_PAD = 14,
	PILL_WIDTH_MIN = 64,
	NAME_WIDTH_MAX = 132,
	BEND = 26,
	HEAD = 9,
	CAPTION = 30, /* kept free at the bottom */
};

struct _TrvWaitGraphView {
	GtkWidget parent_instance;

	TrvSession *session;
	struct trv_graph_layout layout;
	bool layout_valid;
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;

	/* What the user added to the fit. */
	double zoom, dx, dy;
	double drag_dx, drag_dy;
};

G_DEFINE_FINAL_TYPE(TrvWaitGraphView, trv_wait_graph_view, GTK_TYPE_WIDGET)

/* One edge as it is drawn: from the model at the playhead, or from a finding that only could be. */
struct drawn_edge {
	uint64_t from, to;
	GdkRGBA colour;
	double width;
	bool dashed;
	char label[96];
};

/* --- places ------------------------------------------------------------------------------------
 */

static void build_layout(TrvWaitGraphView *view)
{
	const struct trv_survey *survey = trv_session_survey(view->session);
	size_t focus = trv_session_focus_index(view->session);
	struct trv_ring *rings = g_new0(struct trv_ring, survey->findings.count + 1);
	size_t count = 0;

	if (focus < survey->findings.count)
		rings[count++] = (struct trv_ring){survey->findings.items[focus].actors,
						   survey->findings.items[focus].actor_count};
	for (size_t i = 0; i < survey->findings.count; i++) {
		const struct trc_finding *finding = &survey->findings.items[i];

		if (i != focus && finding->code == TRC_CODE_DEADLOCK)
			rings[count++] = (struct trv_ring){finding->actors, finding->actor_count};
	}
	trv_graph_layout_clear(&view->layout);
	trv_graph_layout_build(rings, count, survey->links, survey->link_count, &view->layout);
	view->layout_valid = true;
	g_free(rings);
}

struct placing { /* from layout to widget coordinates: scaled, then moved */
	double scale, dx, dy;
};

static struct trv_box2 whole_layout(const struct trv_graph_layout *layout)
{
	struct trv_box2 box = layout->components[0];

	for (size_t i = 1; i < layout->component_count; i++) {
		box.x0 = MIN(box.x0, layout->components[i].x0);
		box.y0 = MIN(box.y0, layout->components[i].y0);
		box.x1 = MAX(box.x1, layout->components[i].x1);
		box.y1 = MAX(box.y1, layout->components[i].y1);
	}
	return box;
}

/* The fit: the component of the finding in focus, or all. It depends on the layout and the size
 * alone, so that nothing moves with the playhead. */
static struct placing place(TrvWaitGraphView *view)
{
	double width = gtk_widget_get_width(GTK_WIDGET(view));
	double height = gtk_widget_get_height(GTK_WIDGET(view)) - CAPTION;
	struct trv_box2 box = trv_session_focus(view->session) ? view->layout.components[0]
							       : whole_layout(&view->layout);
	double pad_x = NAME_WIDTH_MAX / 2 + PILL_PAD + 12, pad_y = PILL_HEIGHT + 14;
	struct placing placing;

	placing.scale =
		MIN(width / (box.x1 - box.x0 + 2 * pad_x), height / (box.y1 - box.y0 + 2 * pad_y));
	placing.scale = CLAMP(placing.scale, 0.5, 1.1) * view->zoom;
	placing.dx = width / 2 - (box.x0 + box.x1) / 2 * placing.scale + view->dx;
	placing.dy = height / 2 - (box.y0 + box.y1) / 2 * placing.scale + view->dy;
	return placing;
}

static const char *actor_name(TrvWaitGraphView *view, uint64_t actor)
{
	return trc_model_actor_name(trv_session_names(view->session), actor);
}

static struct trv_pill pill_of(TrvWaitGraphView *view, const struct trv_place *place)
{
	double name =
		trv_text_width(view->text, actor_name(view, place->actor), TRV_TEXT_SMALL_BOLD);

	return (struct trv_pill){
		.x = place->x,
		.y = place->y,
		.half_width = MAX(MIN(name, NAME_WIDTH_MAX) + 2 * PILL_PAD, PILL_WIDTH_MIN) / 2,
		.half_height = PILL_HEIGHT / 2.0,
	};
}

static bool has_layout(TrvWaitGraphView *view)
{
	if (trv_session_state(view->session) != TRV_READY)
		return false;
	if (!view->layout_valid)
		build_layout(view);
	return view->layout.count > 0;
}

/* --- edges -------------------------------------------------------------------------------------
 */

static void label_wait(TrvWaitGraphView *view, const struct trv_wait_edge *edge, char *label,
		       size_t size)
{
	struct trc_trace *trace = trv_session_trace(view->session);
	const struct trc_model *names = trv_session_names(view->session);
	struct trc_message_info asked;
	char length[TRV_TIME_TEXT];

	trv_duration_text(trv_session_time(view->session) - (int64_t)edge->since, length);
	if (edge->message != 0 && trc_trace_message(trace, edge->message, &asked))
		g_snprintf(label, size, "reply to %s · %s", trc_model_type_name(names, asked.type),
			   length);
	else
		g_snprintf(label, size, "%s%s · %s", edge->any ? "any " : "",
			   trc_what_name(edge->what), length);
}

static GArray *edges_now(TrvWaitGraphView *view)
{
	const struct trv_wait_graph *waits = trv_session_waits(view->session);
	GArray *edges = g_array_new(FALSE, TRUE, sizeof(struct drawn_edge));

	for (size_t i = 0; i < waits->count; i++) {
		const struct trv_wait_edge *edge = &waits->edges[i];
		struct drawn_edge drawn = {
			.from = edge->from,
			.to = edge->to,
			.colour = edge->stuck ? view->palette.error
					      : trv_palette_wait(&view->palette, edge->what),
			.width = edge->core ? 2.6 : 1.6,
			.dashed = edge->any,
		};

		label_wait(view, edge, drawn.label, sizeof drawn.label);
		g_array_append_val(edges, drawn);
	}
	return edges;
}

/* Waits of the finding in focus that are not there at the playhead: what could be. */
static void add_possible_edges(TrvWaitGraphView *view, GArray *edges)
{
	const struct trc_finding *focus = trv_session_focus(view->session);
	guint now = edges->len;

	if (!focus || focus->code == TRC_CODE_DEADLOCK || focus->code == TRC_CODE_ORPHAN_WAIT)
		return;
	for (unsigned i = 0; i < focus->core_edge_count; i++) {
		const struct trc_edge *edge = &focus->edges[i];
		struct drawn_edge drawn = {
			.from = edge->from,
			.to = edge->to,
			.colour = trv_palette_code(&view->palette, focus->code),
			.width = 1.8,
			.dashed = true,
		};
		bool there = false;

		for (guint k = 0; k < now && !there; k++)
			there = g_array_index(edges, struct drawn_edge, k).from == edge->from &&
				g_array_index(edges, struct drawn_edge, k).to == edge->to;
		if (there)
			continue;
		if (edge->what == TRC_WHAT_SPACE && edge->capacity > 0)
			g_snprintf(drawn.label, sizeof drawn.label, "%s for space · peak %u/%u",
				   edge->waits ? "could wait" : "never waits", edge->depth,
				   edge->capacity);
		else
			g_snprintf(drawn.label, sizeof drawn.label, "%s for %s",
				   edge->waits ? "could wait" : "never waits",
				   trc_what_name(edge->what));
		g_array_append_val(edges, drawn);
	}
}

static void draw_curve(cairo_t *cairo, const struct trv_curve *curve, const struct drawn_edge *edge)
{
	double dx = curve->x1 - curve->cx, dy = curve->y1 - curve->cy, length = hypot(dx, dy);

	gdk_cairo_set_source_rgba(cairo, &edge->colour);
	cairo_set_line_width(cairo, edge->width);
	cairo_set_dash(cairo, (double[]){6, 4}, edge->dashed ? 2 : 0, 0);
	dx /= MAX(length, 1);
	dy /= MAX(length, 1);
	cairo_move_to(cairo, curve->x0, curve->y0);
	cairo_curve_to(cairo, curve->x0 + (curve->cx - curve->x0) * 2 / 3,
		       curve->y0 + (curve->cy - curve->y0) * 2 / 3,
		       curve->x1 + (curve->cx - curve->x1) * 2 / 3,
		       curve->y1 + (curve->cy - curve->y1) * 2 / 3, curve->x1 - dx * HEAD / 2,
		       curve->y1 - dy * HEAD / 2);
	cairo_stroke(cairo);
	cairo_set_dash(cairo, NULL, 0, 0);
	cairo_move_to(cairo, curve->x1, curve->y1);
	cairo_line_to(cairo, curve->x1 - HEAD * dx - HEAD * 0.5 * dy,
		      curve->y1 - HEAD * dy + HEAD * 0.5 * dx);
	cairo_line_to(cairo, curve->x1 - HEAD * dx + HEAD * 0.5 * dy,
		      curve->y1 - HEAD * dy - HEAD * 0.5 * dx);
	cairo_close_path(cairo);
	cairo_fill(cairo);
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

static void draw_label(TrvWaitGraphView *view, GtkSnapshot *snapshot, const struct trv_curve *curve,
		       const struct drawn_edge *edge)
{
	double width = trv_text_width(view->text, edge->label, TRV_TEXT_SMALL);
	graphene_rect_t plate = GRAPHENE_RECT_INIT((float)round(curve->mx - width / 2 - 6),
						   (float)curve->my - 9, (float)width + 12, 18);

	fill_rounded(snapshot, &plate, 5, view->palette.view);
	trv_text_draw(view->text, snapshot, edge->label, TRV_TEXT_SMALL, &edge->colour,
		      plate.origin.x + 6, curve->my, width + 8);
}

static bool curve_of(TrvWaitGraphView *view, const struct drawn_edge *edge, struct trv_curve *curve)
{
	const struct trv_place *from = trv_graph_place(&view->layout, edge->from);
	const struct trv_place *to = trv_graph_place(&view->layout, edge->to);
	struct trv_pill tail, head;

	if (!from || !to)
		return false;
	tail = pill_of(view, from);
	head = pill_of(view, to);
	*curve = trv_curve_between(&tail, &head, BEND);
	return true;
}

static void draw_edges(TrvWaitGraphView *view, GtkSnapshot *snapshot, const GArray *edges)
{
	struct trv_box2 box = whole_layout(&view->layout);
	graphene_rect_t area =
		GRAPHENE_RECT_INIT((float)box.x0 - 200, (float)box.y0 - 150,
				   (float)(box.x1 - box.x0) + 400, (float)(box.y1 - box.y0) + 300);
	cairo_t *cairo = gtk_snapshot_append_cairo(snapshot, &area);
	struct trv_curve curve;

	for (guint i = 0; i < edges->len; i++) {
		const struct drawn_edge *edge = &g_array_index(edges, struct drawn_edge, i);

		if (curve_of(view, edge, &curve))
			draw_curve(cairo, &curve, edge);
	}
	cairo_destroy(cairo);
}

static void draw_labels(TrvWaitGraphView *view, GtkSnapshot *snapshot, const GArray *edges)
{
	struct trv_curve curve;

	for (guint i = 0; i < edges->len; i++) {
		const struct drawn_edge *edge = &g_array_index(edges, struct drawn_edge, i);

		if (curve_of(view, edge, &curve))
			draw_label(view, snapshot, &curve, edge);
	}
}

/* --- nodes -------------------------------------------------------------------------------------
 */

struct node_look {
	bool active;    /* waits or is waited for */
	GdkRGBA colour; /* of its outline */
	double line;
	unsigned hidden; /* those who wait for it and have no place */
};

static struct node_look look_of(TrvWaitGraphView *view, uint64_t actor, const GArray *edges)
{
	struct node_look look = {.colour = trv_rgba(view->palette.fg, 0.2), .line = 1};

	for (guint i = 0; i < edges->len; i++) {
		const struct drawn_edge *edge = &g_array_index(edges, struct drawn_edge, i);

		if (edge->from == actor && edge->width > look.line) {
			look.colour = edge->colour;
			look.line = MIN(edge->width, 2);
		}
		look.active |= edge->from == actor || edge->to == actor;
		look.hidden += edge->to == actor && !trv_graph_place(&view->layout, edge->from);
	}
	return look;
}

static void draw_badge(TrvWaitGraphView *view, GtkSnapshot *snapshot, const struct trv_pill *pill,
		       unsigned hidden)
{
	char text[24];
	double width;
	graphene_rect_t plate;

	g_snprintf(text, sizeof text, "+%u", hidden);
	width = trv_text_width(view->text, text, TRV_TEXT_SMALL_BOLD);
	plate = GRAPHENE_RECT_INIT((float)(pill->x + pill->half_width - 8),
				   (float)(pill->y - pill->half_height - 8), (float)width + 10, 16);
	fill_rounded(snapshot, &plate, 8, view->palette.fg);
	trv_text_draw(view->text, snapshot, text, TRV_TEXT_SMALL_BOLD, &view->palette.view,
		      plate.origin.x + 5, plate.origin.y + 8, width + 8);
}

static void draw_node(TrvWaitGraphView *view, GtkSnapshot *snapshot, const struct trv_place *place,
		      const GArray *edges)
{
	struct trv_pill pill = pill_of(view, place);
	struct node_look look = look_of(view, place->actor, edges);
	const char *name = actor_name(view, place->actor);
	double width = MIN(trv_text_width(view->text, name, TRV_TEXT_SMALL_BOLD), NAME_WIDTH_MAX);
	graphene_rect_t area = GRAPHENE_RECT_INIT(
		(float)(pill.x - pill.half_width), (float)(pill.y - pill.half_height),
		(float)(2 * pill.half_width), (float)(2 * pill.half_height));
	GskRoundedRect rounded;
	float line = (float)look.line;

	if (place->actor == trv_session_selected_actor(view->session)) {
		look.colour = view->palette.accent;
		line = 2.5;
	}
	gsk_rounded_rect_init_from_rect(&rounded, &area, (float)pill.half_height);
	fill_rounded(snapshot, &area, (float)pill.half_height, view->palette.view);
	if (look.active)
		fill_rounded(snapshot, &area, (float)pill.half_height, trv_rgba(look.colour, 0.14));
	gtk_snapshot_append_border(
		snapshot, &rounded, (float[4]){line, line, line, line},
		(GdkRGBA[4]){look.colour, look.colour, look.colour, look.colour});
	trv_text_draw(view->text, snapshot, name, TRV_TEXT_SMALL_BOLD,
		      look.active ? &view->palette.fg : &view->palette.dim, pill.x - width / 2,
		      pill.y, width + 1);
	if (look.hidden > 0)
		draw_badge(view, snapshot, &pill, look.hidden);
}

/* --- the widget --------------------------------------------------------------------------------
 */

static char *caption_of(TrvWaitGraphView *view)
{
	const struct trv_wait_graph *waits = trv_session_waits(view->session);
	size_t to_actors = waits->waiting - waits->elsewhere, unplaced = 0;
	g_autofree char *waiting = trv_words_counted(to_actors, "actor waits", "actors wait");
	GString *text = g_string_new(NULL);
	char time[TRV_TIME_TEXT];
	struct trv_axis fine = {trv_session_view(view->session), 1000};

	for (size_t i = 0; i < waits->count; i++)
		unplaced += !trv_graph_place(&view->layout, waits->edges[i].from) ||
			    !trv_graph_place(&view->layout, waits->edges[i].to);
	trv_time_text(trv_session_time(view->session), trv_axis_tick_step(&fine, 4), time);
	if (to_actors == 0)
		g_string_printf(text, "At %s no actor waits for another", time);
	else
		g_string_printf(text, "At %s %s for others", time, waiting);
	if (waits->elsewhere > 0)
		g_string_append_printf(text, ", %zu for timers or the outside", waits->elsewhere);
	if (unplaced > 0)
		g_string_append_printf(text, " · %zu not drawn", unplaced);
	return g_string_free(text, FALSE);
}

static void trv_wait_graph_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(widget);
	double width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
	g_autofree char *caption = NULL;
	g_autoptr(GArray) edges = NULL;
	struct placing placing;

	if (!view->palette_valid) {
		trv_palette_read(widget, &view->palette);
		view->palette_valid = true;
	}
	gtk_snapshot_append_color(snapshot, &view->palette.view,
				  &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
	if (trv_session_state(view->session) != TRV_READY)
		return;
	if (has_layout(view)) {
		edges = edges_now(view);
		add_possible_edges(view, edges);
		placing = place(view);
		gtk_snapshot_save(snapshot);
		gtk_snapshot_translate(snapshot,
				       &GRAPHENE_POINT_INIT((float)placing.dx, (float)placing.dy));
		gtk_snapshot_scale(snapshot, (float)placing.scale, (float)placing.scale);
		draw_edges(view, snapshot, edges);
		for (size_t i = 0; i < view->layout.count; i++)
			draw_node(view, snapshot, &view->layout.places[i], edges);
		draw_labels(view, snapshot, edges);
		gtk_snapshot_restore(snapshot);
	}
	caption = caption_of(view);
	trv_text_draw(view->text, snapshot, caption, TRV_TEXT_SMALL, &view->palette.dim, 12,
		      height - CAPTION / 2.0, width - 24);
}

static void trv_wait_graph_view_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
					int *minimum, int *natural, int *minimum_baseline,
					int *natural_baseline)
{
	*minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 220 : 140;
	*natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 480 : 260;
}

static void trv_wait_graph_view_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(widget);

	GTK_WIDGET_CLASS(trv_wait_graph_view_parent_class)->css_changed(widget, change);
	view->palette_valid = false;
	trv_text_cache_clear(view->text);
	gtk_widget_queue_draw(widget);
}

/* --- pointer -----------------------------------------------------------------------------------
 */

static uint64_t actor_at(TrvWaitGraphView *view, double x, double y)
{
	struct placing placing;

	if (!has_layout(view))
		return 0;
	placing = place(view);
	x = (x - placing.dx) / placing.scale;
	y = (y - placing.dy) / placing.scale;
	for (size_t i = view->layout.count; i-- > 0;) {
		struct trv_pill pill = pill_of(view, &view->layout.places[i]);

		if (fabs(x - pill.x) <= pill.half_width && fabs(y - pill.y) <= pill.half_height)
			return view->layout.places[i].actor;
	}
	return 0;
}

/* The wait whose label or curve's middle is at a point. */
static const struct trv_wait_edge *edge_at(TrvWaitGraphView *view, double x, double y)
{
	const struct trv_wait_graph *waits;
	struct placing placing;

	if (!has_layout(view))
		return NULL;
	waits = trv_session_waits(view->session);
	placing = place(view);
	x = (x - placing.dx) / placing.scale;
	y = (y - placing.dy) / placing.scale;
	for (size_t i = 0; i < waits->count; i++) {
		struct drawn_edge edge = {.from = waits->edges[i].from, .to = waits->edges[i].to};
		struct trv_curve curve;

		if (curve_of(view, &edge, &curve) && fabs(x - curve.mx) < 60 &&
		    fabs(y - curve.my) < 12)
			return &waits->edges[i];
	}
	return NULL;
}

static void reset_placing(TrvWaitGraphView *view)
{
	view->zoom = 1;
	view->dx = view->dy = 0;
	gtk_widget_queue_draw(GTK_WIDGET(view));
}

static void on_click(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	TrvWaitGraphView *view = data;
	uint64_t actor = actor_at(view, x, y);
	const struct trv_wait_edge *edge = actor ? NULL : edge_at(view, x, y);

	if (actor)
		trv_session_go_to_actor(view->session, actor);
	else if (edge)
		trv_session_go_to_wait(view->session, edge->from, edge->since);
	else if (presses == 2)
		reset_placing(view);
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
	TrvWaitGraphView *view = data;

	view->drag_dx = view->dx;
	view->drag_dy = view->dy;
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	TrvWaitGraphView *view = data;

	if (!gtk_drag_check_threshold(GTK_WIDGET(view), 0, 0, (int)dx, (int)dy))
		return;
	gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
	view->dx = view->drag_dx + dx;
	view->dy = view->drag_dy + dy;
	gtk_widget_queue_draw(GTK_WIDGET(view));
}

static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
	TrvWaitGraphView *view = data;
	bool wheel = gtk_event_controller_scroll_get_unit(scroll) == GDK_SCROLL_UNIT_WHEEL;
	double zoom = CLAMP(view->zoom * pow(1.15, -dy * (wheel ? 1 : 0.02)), 0.3, 4);

	view->dx *= zoom / view->zoom;
	view->dy *= zoom / view->zoom;
	view->zoom = zoom;
	gtk_widget_queue_draw(GTK_WIDGET(view));
	return GDK_EVENT_STOP;
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
				 GtkTooltip *tooltip, gpointer data)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(widget);
	uint64_t id = keyboard ? 0 : actor_at(view, x, y);
	const struct trc_model *model = id ? trv_session_model(view->session) : NULL;
	const struct trc_actor *actor = model ? trc_model_actor(model, id) : NULL;
	g_autofree char *state = actor ? trv_words_state(model, actor) : NULL;
	g_autofree char *text = NULL;

	if (!actor)
		return FALSE;
	text = g_strdup_printf("%s\n%s\nMailbox %u of %u", actor_name(view, id), state,
			       actor->depth, actor->capacity);
	gtk_tooltip_set_text(tooltip, text);
	return TRUE;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvWaitGraphView *view)
{
	g_autofree char *caption = NULL;

	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS | TRV_CHANGED_LANES)) {
		view->layout_valid = false;
		trv_graph_layout_clear(&view->layout);
	}
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES))
		reset_placing(view);
	gtk_widget_queue_draw(GTK_WIDGET(view));
	if (trv_session_state(session) == TRV_READY && (what & TRV_CHANGED_TIME)) {
		caption = caption_of(view);
		gtk_accessible_update_property(GTK_ACCESSIBLE(view),
					       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, caption, -1);
	}
}

void trv_wait_graph_view_set_session(TrvWaitGraphView *view, TrvSession *session)
{
	g_return_if_fail(!view->session);
	view->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), view, 0);
}

static void trv_wait_graph_view_dispose(GObject *object)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(object);

	trv_graph_layout_clear(&view->layout);
	view->layout_valid = false;
	g_clear_object(&view->session);
	G_OBJECT_CLASS(trv_wait_graph_view_parent_class)->dispose(object);
}

static void trv_wait_graph_view_finalize(GObject *object)
{
	trv_text_cache_free(TRV_WAIT_GRAPH_VIEW(object)->text);
	G_OBJECT_CLASS(trv_wait_graph_view_parent_class)->finalize(object);
}

static void trv_wait_graph_view_class_init(TrvWaitGraphViewClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_wait_graph_view_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_wait_graph_view_finalize;
	widget_class->snapshot = trv_wait_graph_view_snapshot;
	widget_class->measure = trv_wait_graph_view_measure;
	widget_class->css_changed = trv_wait_graph_view_css_changed;
	gtk_widget_class_set_css_name(widget_class, "waitgraph");
	gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void trv_wait_graph_view_init(TrvWaitGraphView *view)
{
	GtkWidget *widget = GTK_WIDGET(view);
	GtkEventController *scroll =
		gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
	GtkGesture *click = gtk_gesture_click_new();
	GtkGesture *drag = gtk_gesture_drag_new();

	view->zoom = 1;
	view->text = trv_text_cache_new(widget);
	gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_has_tooltip(widget, TRUE);
	g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_query_tooltip), NULL);
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Who waits for whom", -1);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), view);
	g_signal_connect(click, "released", G_CALLBACK(on_click), view);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), view);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), view);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}
