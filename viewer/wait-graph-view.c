#include "viewer/wait-graph-view.h"

#include "viewer/graph-moment.h"
#include "viewer/wait-graph-paint.h"
#include "viewer/words.h"

#include <math.h>

#define ZOOM_MIN 0.3
#define ZOOM_MAX 8

struct _TrvWaitGraphView {
	GtkWidget parent_instance;

	TrvSession *session;
	enum trv_graph_mode mode;
	struct trv_graph_layout whole; /* places for all of the trace */
	bool whole_valid;
	struct trv_graph_layout moment;       /* for the playhead, when those do not do */
	const struct trv_graph_layout *shown; /* one of them */
	GArray *edges;                        /* NULL: to be asked for */
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;

	guint describing; /* tick callback: many changes a frame are one */

	/* What the user added to the fit. */
	double zoom, dx, dy;
	double drag_dx, drag_dy;
};

G_DEFINE_FINAL_TYPE(TrvWaitGraphView, trv_wait_graph_view, GTK_TYPE_WIDGET)

/* --- places ------------------------------------------------------------------------------------
 */

/* Whose rings are drawn as such in each graph. */
static bool has_ring(enum trv_graph_mode mode, enum trc_code code)
{
	switch (mode) {
	case TRV_GRAPH_WAITS:
		return code == TRC_CODE_DEADLOCK;
	case TRV_GRAPH_HANDLES:
		return code == TRC_CODE_HANDLE_CYCLE;
	default:
		return code != TRC_CODE_HANDLE_CYCLE && code != TRC_CODE_REFUTED;
	}
}

static void build_layout(TrvWaitGraphView *view)
{
	const struct trv_survey *survey = trv_session_survey(view->session);
	size_t focus = trv_session_focus_index(view->session);
	struct trv_ring *rings = g_new0(struct trv_ring, survey->findings.count + 1);
	const struct trv_link *links[] = {survey->links, survey->handles, survey->asks};
	size_t link_counts[] = {survey->link_count, survey->handle_count, survey->ask_count};
	size_t count = 0;

	if (focus < survey->findings.count &&
	    (view->mode == TRV_GRAPH_WAITS ||
	     has_ring(view->mode, survey->findings.items[focus].code)))
		rings[count++] = (struct trv_ring){survey->findings.items[focus].actors,
						   survey->findings.items[focus].actor_count};
	for (size_t i = 0; i < survey->findings.count; i++) {
		const struct trc_finding *finding = &survey->findings.items[i];

		if (i != focus && has_ring(view->mode, finding->code))
			rings[count++] = (struct trv_ring){finding->actors, finding->actor_count};
	}
	trv_graph_layout_clear(&view->whole);
	trv_graph_layout_build(rings, count, links[view->mode], link_counts[view->mode],
			       &view->whole);
	view->whole_valid = true;
	g_free(rings);
}

static void choose_layout(TrvWaitGraphView *view)
{
	g_autoptr(GArray) links = g_array_new(FALSE, FALSE, sizeof(struct trv_link));
	g_autoptr(GArray) core = g_array_new(FALSE, FALSE, sizeof(struct trv_link));

	for (guint i = 0; i < view->edges->len; i++) {
		const struct trv_graph_edge *edge =
			&g_array_index(view->edges, struct trv_graph_edge, i);
		struct trv_link link = {edge->from, edge->to, edge->weight};

		g_array_append_val(links, link);
		if (edge->ring)
			g_array_append_val(core, link);
	}
	view->shown = trv_graph_choose(&view->whole, &view->moment,
				       (const struct trv_link *)(void *)links->data, links->len,
				       (const struct trv_link *)(void *)core->data, core->len);
}

static bool is_ready(TrvWaitGraphView *view)
{
	if (trv_session_state(view->session) != TRV_READY)
		return false;
	if (!view->whole_valid)
		build_layout(view);
	if (!view->edges) {
		view->edges = trv_graph_edges(view->session, &view->palette, view->mode);
		choose_layout(view);
	}
	return true;
}

static void forget_edges(TrvWaitGraphView *view)
{
	g_clear_pointer(&view->edges, g_array_unref);
	gtk_widget_queue_draw(GTK_WIDGET(view));
}

static void forget_layout(TrvWaitGraphView *view)
{
	view->whole_valid = false;
	view->shown = NULL;
	trv_graph_layout_clear(&view->whole);
	trv_graph_layout_clear(&view->moment);
	forget_edges(view);
}

/* Everything that painting and pointing need; the session is ready. */
static struct trv_graph_painter painter_of(TrvWaitGraphView *view, GtkSnapshot *snapshot)
{
	double width = gtk_widget_get_width(GTK_WIDGET(view));
	double height = gtk_widget_get_height(GTK_WIDGET(view));
	struct trv_graph_painter painter = {
		.snapshot = snapshot,
		.session = view->session,
		.mode = view->mode,
		.edges = view->edges,
		.layout = view->shown,
		.palette = &view->palette,
		.text = view->text,
		.placing = {1, 0, 0},
	};

	if (view->shown->count > 0)
		painter.placing = trv_graph_fit(&painter, width, height);
	/* the user's zoom is about the middle */
	painter.placing.scale *= view->zoom;
	painter.placing.dx = (painter.placing.dx - width / 2) * view->zoom + width / 2 + view->dx;
	painter.placing.dy = (painter.placing.dy - height / 2) * view->zoom + height / 2 + view->dy;
	return painter;
}

/* --- the widget --------------------------------------------------------------------------------
 */

static char *caption_of(TrvWaitGraphView *view, const struct trv_graph_painter *painter, bool brief)
{
	g_autofree char *caption = trv_graph_caption(painter, brief);
	bool cut = trv_graph_is_cut(painter, gtk_widget_get_width(GTK_WIDGET(view)),
				    gtk_widget_get_height(GTK_WIDGET(view)));

	return g_strconcat(caption, cut ? " · drag to see the rest" : "", NULL);
}

/* What the graph says: in its place when there is none, else below, over whatever part of it has
 * been moved there; in fewer words where there is no room for all. */
static void draw_caption(TrvWaitGraphView *view, const struct trv_graph_painter *painter)
{
	const double margin = 14;
	double width = gtk_widget_get_width(GTK_WIDGET(view)), room = width - 2 * margin;
	double height = gtk_widget_get_height(GTK_WIDGET(view)), y = height - trv_px(15),
	       x = margin;
	bool nothing = view->edges->len == 0 && !trv_session_focus(view->session);
	g_autofree char *caption = caption_of(view, painter, false);
	GdkRGBA ground = trv_rgba(view->palette.view, 0.85);
	double length;

	if (trv_text_width(view->text, caption, TRV_TEXT_SMALL) > room) {
		g_free(caption);
		caption = caption_of(view, painter, true);
	}
	length = MIN(trv_text_width(view->text, caption, TRV_TEXT_SMALL), room);
	if (nothing) {
		x = (width - length) / 2;
		y = height / 2;
	}
	gtk_snapshot_append_color(painter->snapshot, &ground,
				  &GRAPHENE_RECT_INIT((float)x - 6,
						      (float)y - (float)trv_px(20) / 2,
						      (float)length + 12, (float)trv_px(20)));
	trv_text_draw(view->text, painter->snapshot, caption, TRV_TEXT_SMALL, &view->palette.dim, x,
		      y, room);
}

static void trv_wait_graph_view_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(widget);
	double width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
	struct trv_graph_painter painter;

	if (!view->palette_valid) {
		trv_palette_read(widget, &view->palette);
		view->palette_valid = true;
		forget_edges(view);
	}
	gtk_snapshot_append_color(snapshot, &view->palette.view,
				  &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
	if (!is_ready(view))
		return;
	painter = painter_of(view, snapshot);
	if (view->shown->count > 0)
		trv_graph_paint(&painter);
	draw_caption(view, &painter);
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
	trv_text_measure(view->text);
	forget_layout(view);
}

/* --- pointer -----------------------------------------------------------------------------------
 */

static void reset_placing(TrvWaitGraphView *view)
{
	view->zoom = 1;
	view->dx = view->dy = 0;
	gtk_widget_queue_draw(GTK_WIDGET(view));
}

static void on_click(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	TrvWaitGraphView *view = data;
	struct trv_graph_painter painter;
	const struct trv_wait_edge *edge;
	uint64_t actor;

	if (!is_ready(view))
		return;
	painter = painter_of(view, NULL);
	actor = trv_graph_actor_at(&painter, x, y);
	edge = actor ? NULL : trv_graph_edge_at(&painter, x, y);
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

void trv_wait_graph_view_zoom(TrvWaitGraphView *view, double factor)
{
	double zoom = CLAMP(view->zoom * factor, ZOOM_MIN, ZOOM_MAX);

	view->dx *= zoom / view->zoom;
	view->dy *= zoom / view->zoom;
	view->zoom = zoom;
	gtk_widget_queue_draw(GTK_WIDGET(view));
}

void trv_wait_graph_view_fit(TrvWaitGraphView *view)
{
	reset_placing(view);
}

static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
	TrvWaitGraphView *view = data;
	bool wheel = gtk_event_controller_scroll_get_unit(scroll) == GDK_SCROLL_UNIT_WHEEL;

	trv_wait_graph_view_zoom(view, pow(1.15, -dy * (wheel ? 1 : 0.02)));
	return GDK_EVENT_STOP;
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
				 GtkTooltip *tooltip, gpointer data)
{
	TrvWaitGraphView *view = TRV_WAIT_GRAPH_VIEW(widget);
	struct trv_graph_painter painter;
	const struct trc_model *model;
	const struct trc_actor *actor;
	g_autofree char *state = NULL, *text = NULL;

	if (keyboard || !is_ready(view))
		return FALSE;
	painter = painter_of(view, NULL);
	model = trv_session_model(view->session);
	actor = trc_model_actor(model, trv_graph_actor_at(&painter, x, y));
	if (!actor)
		return FALSE;
	state = trv_words_state(model, actor);
	text = g_strdup_printf("%s\n%s\nMailbox %u of %u", actor->name, state, actor->depth,
			       actor->capacity);
	gtk_tooltip_set_text(tooltip, text);
	return TRUE;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void update_description(TrvWaitGraphView *view)
{
	struct trv_graph_painter painter;
	g_autofree char *caption = NULL, *text = NULL;

	if (!is_ready(view))
		return;
	painter = painter_of(view, NULL);
	caption = trv_graph_caption(&painter, false);
	text = g_strdup_printf("%s. %s", trv_graph_title(view->mode), caption);
	gtk_accessible_update_property(GTK_ACCESSIBLE(view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
				       text, -1);
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	TRV_WAIT_GRAPH_VIEW(widget)->describing = 0;
	update_description(TRV_WAIT_GRAPH_VIEW(widget));
	return G_SOURCE_REMOVE;
}

static void describe_soon(TrvWaitGraphView *view)
{
	if (view->describing == 0)
		view->describing =
			gtk_widget_add_tick_callback(GTK_WIDGET(view), on_tick, NULL, NULL);
}

static void on_changed(TrvSession *session, guint what, TrvWaitGraphView *view)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS | TRV_CHANGED_LANES))
		forget_layout(view);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES))
		reset_placing(view);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_FINDINGS |
		    TRV_CHANGED_MOMENT | TRV_CHANGED_SELECTION))
		forget_edges(view);
	else if (what & (TRV_CHANGED_VIEW | TRV_CHANGED_SURVEY)) /* the caption */
		gtk_widget_queue_draw(GTK_WIDGET(view));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS | TRV_CHANGED_MOMENT))
		describe_soon(view);
}

enum trv_graph_mode trv_wait_graph_view_mode(TrvWaitGraphView *view)
{
	return view->mode;
}

void trv_wait_graph_view_set_mode(TrvWaitGraphView *view, enum trv_graph_mode mode)
{
	if (view->mode == mode)
		return;
	view->mode = mode;
	forget_layout(view);
	reset_placing(view);
	describe_soon(view);
}

char *trv_wait_graph_view_dot(TrvWaitGraphView *view)
{
	return is_ready(view) ? trv_graph_dot(view->session, &view->palette, view->mode) : NULL;
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

	forget_layout(view);
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
				       "Graph of actors", -1);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), view);
	g_signal_connect(click, "released", G_CALLBACK(on_click), view);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), view);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), view);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}
