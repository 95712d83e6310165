#include "viewer/timeline.h"

#include "viewer/timeline-paint.h"
#include "viewer/timeline-tooltip.h"
#include "viewer/words.h"

#include <math.h>

struct _TrvTimeline {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkAdjustment *vadjustment;
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;

	struct trv_scene scene;
	bool scene_valid;
	GskRenderNode *canvas; /* of the scene; NULL: to be drawn */
	GskRenderNode *names;  /* also of the playhead */

	struct trv_span drag_view; /* when the drag began */
	double drag_scroll;
	struct trv_span pinch_view;
	double pointer_x;
};

G_DEFINE_FINAL_TYPE(TrvTimeline, trv_timeline, GTK_TYPE_WIDGET)

static double canvas_width(TrvTimeline *timeline)
{
	return MAX(gtk_widget_get_width(GTK_WIDGET(timeline)) - TRV_HEADER_WIDTH, 1);
}

static struct trv_axis canvas_axis(TrvTimeline *timeline)
{
	return (struct trv_axis){trv_session_view(timeline->session), canvas_width(timeline)};
}

/* --- what is kept between frames ---------------------------------------------------------------
 */

static void forget_names(TrvTimeline *timeline)
{
	g_clear_pointer(&timeline->names, gsk_render_node_unref);
	gtk_widget_queue_draw(GTK_WIDGET(timeline));
}

static void forget_scene(TrvTimeline *timeline)
{
	timeline->scene_valid = false;
	g_clear_pointer(&timeline->canvas, gsk_render_node_unref);
	forget_names(timeline);
}

static const struct trv_scene *scene_of(TrvTimeline *timeline)
{
	if (!timeline->scene_valid) {
		trv_scene_clear(&timeline->scene);
		trv_scene_build(timeline->session, canvas_width(timeline),
				gtk_widget_get_height(GTK_WIDGET(timeline)),
				gtk_adjustment_get_value(timeline->vadjustment), &timeline->scene);
		timeline->scene_valid = true;
	}
	return &timeline->scene;
}

static void configure_adjustment(TrvTimeline *timeline)
{
	double page = gtk_widget_get_height(GTK_WIDGET(timeline));
	double upper = timeline->session ? (double)trv_session_lane_count(timeline->session) *
							   TRV_LANE_HEIGHT +
						   TRV_BAND_HEIGHT
					 : 0;
	double value = gtk_adjustment_get_value(timeline->vadjustment);

	upper = MAX(upper, page);
	gtk_adjustment_configure(timeline->vadjustment, MIN(value, upper - page), 0, upper,
				 TRV_LANE_HEIGHT, MAX(page - TRV_LANE_HEIGHT, TRV_LANE_HEIGHT),
				 page);
}

static void reveal(TrvTimeline *timeline, uint64_t actor)
{
	long lane = trv_session_lane_of(timeline->session, actor);
	double top = (double)lane * TRV_LANE_HEIGHT;

	if (lane >= 0)
		gtk_adjustment_clamp_page(timeline->vadjustment, top, top + TRV_LANE_HEIGHT);
}

/* --- drawing -----------------------------------------------------------------------------------
 */

typedef void paint(const struct trv_painter *painter);

static GskRenderNode *paint_node(TrvTimeline *timeline, paint *what)
{
	GtkSnapshot *snapshot = gtk_snapshot_new();
	struct trv_painter painter = {
		snapshot,           timeline->session, scene_of(timeline),
		&timeline->palette, timeline->text,    trv_session_hits(timeline->session).active};

	what(&painter);
	return gtk_snapshot_free_to_node(snapshot);
}

static void append(GtkSnapshot *snapshot, GskRenderNode *node)
{
	if (node)
		gtk_snapshot_append_node(snapshot, node);
}

static void update_description(TrvTimeline *timeline)
{
	char time[TRV_TIME_TEXT];
	g_autofree char *lanes =
		trv_words_counted(trv_session_lane_count(timeline->session), "actor", "actors");
	g_autofree char *text =
		g_strdup_printf("%s, playhead at %s", lanes,
				trv_time_text(trv_session_time(timeline->session), 1, time));

	gtk_accessible_update_property(GTK_ACCESSIBLE(timeline),
				       GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, text, -1);
}

static void trv_timeline_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);
	int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);

	if (!timeline->palette_valid) {
		trv_palette_read(widget, &timeline->palette);
		timeline->palette_valid = true;
	}
	gtk_snapshot_append_color(snapshot, &timeline->palette.view,
				  &GRAPHENE_RECT_INIT(0, 0, (float)width, (float)height));
	if (trv_session_state(timeline->session) != TRV_READY)
		return;
	if (!timeline->canvas)
		timeline->canvas = paint_node(timeline, trv_paint_canvas);
	if (!timeline->names)
		timeline->names = paint_node(timeline, trv_paint_names);
	gtk_snapshot_push_clip(snapshot,
			       &GRAPHENE_RECT_INIT(0, 0, TRV_HEADER_WIDTH, (float)height));
	append(snapshot, timeline->names);
	gtk_snapshot_pop(snapshot);
	gtk_snapshot_push_clip(snapshot,
			       &GRAPHENE_RECT_INIT(TRV_HEADER_WIDTH, 0,
						   (float)canvas_width(timeline), (float)height));
	gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(TRV_HEADER_WIDTH, 0));
	append(snapshot, timeline->canvas);
	trv_paint_playhead(&(struct trv_painter){snapshot, timeline->session, scene_of(timeline),
						 &timeline->palette, timeline->text, false});
	gtk_snapshot_pop(snapshot);
}

static void trv_timeline_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
	configure_adjustment(TRV_TIMELINE(widget));
	forget_scene(TRV_TIMELINE(widget));
}

static void trv_timeline_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
				 int *minimum, int *natural, int *minimum_baseline,
				 int *natural_baseline)
{
	*minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? TRV_HEADER_WIDTH + 120
							     : 2 * TRV_LANE_HEIGHT;
	*natural = *minimum * 2;
}

static void trv_timeline_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);

	GTK_WIDGET_CLASS(trv_timeline_parent_class)->css_changed(widget, change);
	timeline->palette_valid = false;
	trv_text_cache_clear(timeline->text);
	forget_scene(timeline);
}

/* --- pointer -----------------------------------------------------------------------------------
 */

static void select_hit(TrvTimeline *timeline, const struct trv_hit *hit)
{
	bool one = (hit->kind == TRV_HIT_HANDLER || hit->kind == TRV_HIT_WAIT) &&
		   hit->box->folded == 1;
	const struct trc_span *span = one ? &hit->lane->spans[hit->box->span] : NULL;

	if (hit->kind == TRV_HIT_ARROW)
		trv_session_select_message(timeline->session, hit->message->id);
	else if (!hit->lane || !hit->lane->actor)
		trv_session_select_none(timeline->session);
	else if (span && hit->kind == TRV_HIT_WAIT)
		trv_session_select_wait(timeline->session, hit->lane->actor->id, span);
	else if (span && span->message != 0)
		trv_session_select_message(timeline->session, span->message);
	else
		trv_session_select_actor(timeline->session, hit->lane->actor->id);
}

/* Zooms to the box, or to where many are folded into it. */
static void frame_box(TrvTimeline *timeline, const struct trv_box *box)
{
	struct trv_axis axis = canvas_axis(timeline);
	struct trv_span span = {trv_axis_time(&axis, box->x0), trv_axis_time(&axis, box->x1)};

	trv_session_set_view(timeline->session, trv_span_pad(span, 0.5, 1000));
}

static void on_click(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = canvas_axis(timeline);
	struct trv_hit hit;

	if (trv_session_state(timeline->session) != TRV_READY)
		return;
	gtk_widget_grab_focus(GTK_WIDGET(timeline));
	if (x < TRV_HEADER_WIDTH) {
		long lane = trv_lane_at(y + gtk_adjustment_get_value(timeline->vadjustment),
					trv_session_lane_count(timeline->session));

		if (lane >= 0)
			trv_session_select_actor(timeline->session,
						 trv_session_lane(timeline->session, (size_t)lane));
		return;
	}
	x -= TRV_HEADER_WIDTH;
	hit = trv_scene_hit(scene_of(timeline), x, y);
	if ((presses == 2 || hit.kind == TRV_HIT_BURST) && hit.box) {
		frame_box(timeline, hit.box);
		return;
	}
	/* Selecting changes the scene that the hit points into: first things first. */
	select_hit(timeline, &hit);
	trv_session_set_time(timeline->session, trv_axis_time(&axis, x));
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
	TrvTimeline *timeline = data;

	timeline->drag_view = trv_session_view(timeline->session);
	timeline->drag_scroll = gtk_adjustment_get_value(timeline->vadjustment);
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = {timeline->drag_view, canvas_width(timeline)};

	if (gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture)) &
	    GDK_SHIFT_MASK)
		dy = 0;
	if (!gtk_drag_check_threshold(GTK_WIDGET(timeline), 0, 0, (int)dx, (int)dy))
		return;
	gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
	trv_session_set_view(timeline->session,
			     trv_span_move(timeline->drag_view,
					   timeline->drag_view.from - trv_axis_time(&axis, dx)));
	gtk_adjustment_set_value(timeline->vadjustment, timeline->drag_scroll - dy);
}

static void on_motion(GtkEventControllerMotion *motion, double x, double y, gpointer data)
{
	TRV_TIMELINE(data)->pointer_x = x;
}

static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
	TrvTimeline *timeline = data;
	GdkModifierType state =
		gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(scroll));
	bool wheel = gtk_event_controller_scroll_get_unit(scroll) == GDK_SCROLL_UNIT_WHEEL;
	double unit = wheel ? 1 : 0.02; /* a touchpad counts pixels */

	if (state & GDK_CONTROL_MASK) {
		struct trv_axis axis = canvas_axis(timeline);
		double x = CLAMP(timeline->pointer_x - TRV_HEADER_WIDTH, 0, axis.width);

		trv_session_zoom(timeline->session, pow(1.25, -dy * unit), trv_axis_time(&axis, x));
		return GDK_EVENT_STOP;
	}
	if (state & GDK_SHIFT_MASK) {
		dx += dy;
		dy = 0;
	}
	if (dx != 0)
		trv_session_pan(timeline->session, dx * unit * 0.08);
	if (dy != 0)
		gtk_adjustment_set_value(timeline->vadjustment,
					 gtk_adjustment_get_value(timeline->vadjustment) +
						 dy * (wheel ? TRV_LANE_HEIGHT : 1));
	return GDK_EVENT_STOP;
}

static void on_pinch_begin(GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
	TRV_TIMELINE(data)->pinch_view = trv_session_view(TRV_TIMELINE(data)->session);
}

static void on_pinch(GtkGestureZoom *gesture, double scale, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = {timeline->pinch_view, canvas_width(timeline)};
	double x, y;

	if (scale <= 0 || !gtk_gesture_get_bounding_box_center(GTK_GESTURE(gesture), &x, &y))
		return;
	trv_session_set_view(timeline->session,
			     trv_span_zoom(timeline->pinch_view, scale,
					   trv_axis_time(&axis, x - TRV_HEADER_WIDTH)));
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
				 GtkTooltip *tooltip, gpointer data)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);
	struct trv_hit hit;
	g_autofree char *text = NULL;

	if (keyboard || x < TRV_HEADER_WIDTH || trv_session_state(timeline->session) != TRV_READY)
		return FALSE;
	hit = trv_scene_hit(scene_of(timeline), x - TRV_HEADER_WIDTH, y);
	text = trv_describe_hit(timeline->session, &hit);
	if (text)
		gtk_tooltip_set_text(tooltip, text);
	return text != NULL;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvTimeline *timeline)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_LANES | TRV_CHANGED_VIEW |
		    TRV_CHANGED_FINDINGS | TRV_CHANGED_SELECTION | TRV_CHANGED_HITS))
		forget_scene(timeline);
	else if (what & TRV_CHANGED_TIME)
		forget_names(timeline);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES))
		configure_adjustment(timeline);
	if (what & TRV_CHANGED_REVEAL)
		reveal(timeline, trv_session_revealed(session));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES | TRV_CHANGED_TIME))
		update_description(timeline);
}

void trv_timeline_set_session(TrvTimeline *timeline, TrvSession *session)
{
	g_return_if_fail(!timeline->session);
	timeline->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), timeline, 0);
}

GtkAdjustment *trv_timeline_vadjustment(TrvTimeline *timeline)
{
	return timeline->vadjustment;
}

bool trv_timeline_point(TrvTimeline *timeline, uint64_t actor, int64_t time, double *ret_x,
			double *ret_y)
{
	struct trv_axis axis = canvas_axis(timeline);
	long lane = trv_session_lane_of(timeline->session, actor);
	double x = trv_axis_x(&axis, time);
	double y = (double)lane * TRV_LANE_HEIGHT + TRV_LANE_BAR_TOP + TRV_LANE_BAR_HEIGHT / 2.0 -
		   gtk_adjustment_get_value(timeline->vadjustment);

	if (lane < 0 || x < 0 || x > axis.width || y < 0 ||
	    y > gtk_widget_get_height(GTK_WIDGET(timeline)))
		return false;
	*ret_x = x + TRV_HEADER_WIDTH;
	*ret_y = y;
	return true;
}

static void trv_timeline_dispose(GObject *object)
{
	TrvTimeline *timeline = TRV_TIMELINE(object);

	g_clear_pointer(&timeline->canvas, gsk_render_node_unref);
	g_clear_pointer(&timeline->names, gsk_render_node_unref);
	trv_scene_clear(&timeline->scene);
	timeline->scene_valid = false;
	g_clear_object(&timeline->vadjustment);
	g_clear_object(&timeline->session);
	G_OBJECT_CLASS(trv_timeline_parent_class)->dispose(object);
}

static void trv_timeline_finalize(GObject *object)
{
	trv_text_cache_free(TRV_TIMELINE(object)->text);
	G_OBJECT_CLASS(trv_timeline_parent_class)->finalize(object);
}

static void trv_timeline_class_init(TrvTimelineClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_timeline_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_timeline_finalize;
	widget_class->snapshot = trv_timeline_snapshot;
	widget_class->size_allocate = trv_timeline_size_allocate;
	widget_class->measure = trv_timeline_measure;
	widget_class->css_changed = trv_timeline_css_changed;
	gtk_widget_class_set_css_name(widget_class, "timeline");
	gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void add_controllers(TrvTimeline *timeline)
{
	GtkWidget *widget = GTK_WIDGET(timeline);
	GtkEventController *motion = gtk_event_controller_motion_new();
	GtkEventController *scroll =
		gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
	GtkGesture *click = gtk_gesture_click_new();
	GtkGesture *drag = gtk_gesture_drag_new();
	GtkGesture *pinch = gtk_gesture_zoom_new();

	g_signal_connect(motion, "motion", G_CALLBACK(on_motion), timeline);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), timeline);
	g_signal_connect(click, "released", G_CALLBACK(on_click), timeline);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), timeline);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), timeline);
	g_signal_connect(pinch, "begin", G_CALLBACK(on_pinch_begin), timeline);
	g_signal_connect(pinch, "scale-changed", G_CALLBACK(on_pinch), timeline);
	gtk_widget_add_controller(widget, motion);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(pinch));
}

static void trv_timeline_init(TrvTimeline *timeline)
{
	GtkWidget *widget = GTK_WIDGET(timeline);

	timeline->text = trv_text_cache_new(widget);
	timeline->vadjustment = g_object_ref_sink(gtk_adjustment_new(0, 0, 0, 0, 0, 0));
	g_signal_connect_object(timeline->vadjustment, "value-changed", G_CALLBACK(forget_scene),
				timeline, G_CONNECT_SWAPPED);
	gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_focusable(widget, TRUE);
	gtk_widget_set_has_tooltip(widget, TRUE);
	g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_query_tooltip), NULL);
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Timeline", -1);
	add_controllers(timeline);
}
