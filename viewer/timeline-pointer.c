/*
 * timeline-pointer.c - what pointer, wheel and touchpad do on the timeline
 */
#include "viewer/timeline-private.h"

#include "viewer/timeline-tooltip.h"

#include <math.h>

static void select_hit(TrvTimeline *timeline, const struct trv_hit *hit)
{
	struct trc_span span;
	bool one = trv_scene_hit_span(timeline->session, trv__timeline_scene(timeline), hit, &span);

	if (hit->kind == TRV_HIT_ARROW)
		trv_session_select_message(timeline->session, hit->message->id);
	else if (!hit->lane || !hit->lane->actor)
		trv_session_select_none(timeline->session);
	else if (one && hit->kind == TRV_HIT_WAIT)
		trv_session_select_wait(timeline->session, hit->lane->actor->id, &span);
	else if (one && span.message != 0)
		trv_session_select_message(timeline->session, span.message);
	else
		trv_session_select_actor(timeline->session, hit->lane->actor->id);
}

/* Zooms to the box, or to where many are folded into it. */
static void frame_box(TrvTimeline *timeline, const struct trv_box *box)
{
	struct trv_axis axis = trv__timeline_axis(timeline);
	struct trv_span span = {trv_axis_time(&axis, box->x0), trv_axis_time(&axis, box->x1)};

	trv_session_set_view(timeline->session, trv_span_pad(span, 0.5, 1000));
}

static const struct trv_row *row_at(TrvTimeline *timeline, double y)
{
	const struct trv_rows *rows = trv_session_rows(timeline->session);
	long index = trv_rows_at(rows, y + gtk_adjustment_get_value(timeline->vadjustment));

	return index < 0 ? NULL : &rows->items[index];
}

static void on_click(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = trv__timeline_axis(timeline);
	struct trv_hit hit;

	if (trv_session_state(timeline->session) != TRV_READY)
		return;
	gtk_widget_grab_focus(GTK_WIDGET(timeline));
	if (x < trv_metrics()->header) {
		const struct trv_row *row = row_at(timeline, y);

		if (row && row->actor != 0)
			trv_session_select_actor(timeline->session, row->actor);
		else if (row)
			trv_session_set_folded(timeline->session, row->group, !row->folded);
		return;
	}
	x -= trv_metrics()->header;
	hit = trv_scene_hit(trv__timeline_scene(timeline), x, y);
	if (hit.kind == TRV_HIT_GROUP && presses == 2) {
		trv_session_set_folded(timeline->session, hit.lane->row->group,
				       !hit.lane->row->folded);
		return;
	}
	if ((presses == 2 || hit.kind == TRV_HIT_BURST) && hit.box) {
		frame_box(timeline, hit.box);
		return;
	}
	/* Selecting changes the scene that the hit points into: first things first. */
	select_hit(timeline, &hit);
	trv_session_set_time(timeline->session, trv_axis_time(&axis, x));
}

/* The menu of the lane that is pointed at. */
static void on_menu(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	TrvTimeline *timeline = data;
	const struct trv_row *row;

	if (trv_session_state(timeline->session) != TRV_READY || !timeline->menu)
		return;
	row = row_at(timeline, y);
	if (!row || row->actor == 0)
		return;
	trv_session_select_actor(timeline->session, row->actor);
	gtk_popover_set_pointing_to(GTK_POPOVER(timeline->menu),
				    &(GdkRectangle){(int)x, (int)y, 1, 1});
	gtk_popover_popup(GTK_POPOVER(timeline->menu));
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
	TrvTimeline *timeline = data;
	const struct trv_row *row = x < trv_metrics()->header ? row_at(timeline, y) : NULL;

	timeline->dragged = row ? row->actor : 0;
	timeline->drop_row = -1;
	timeline->ranging =
		x >= trv_metrics()->header &&
		(gtk_event_controller_get_current_event_state(GTK_EVENT_CONTROLLER(gesture)) &
		 GDK_SHIFT_MASK);
	timeline->drag_view = trv_session_view(timeline->session);
	timeline->drag_scroll = gtk_adjustment_get_value(timeline->vadjustment);
}

static void drag_lane(TrvTimeline *timeline, GtkGestureDrag *gesture, double dy)
{
	double x, y;

	gtk_gesture_drag_get_start_point(gesture, &x, &y);
	timeline->drop_row = trv_rows_at(trv_session_rows(timeline->session),
					 y + dy + gtk_adjustment_get_value(timeline->vadjustment));
	gtk_widget_queue_draw(GTK_WIDGET(timeline));
}

static void drag_range(TrvTimeline *timeline, GtkGestureDrag *gesture, double dx)
{
	struct trv_axis axis = trv__timeline_axis(timeline);
	double x, y;

	gtk_gesture_drag_get_start_point(gesture, &x, &y);
	x -= trv_metrics()->header;
	trv_session_set_range(timeline->session, trv_axis_time(&axis, x),
			      trv_axis_time(&axis, CLAMP(x + dx, 0, axis.width)));
}

static void on_drag_end(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	TrvTimeline *timeline = data;
	uint64_t dragged = timeline->dragged;

	timeline->dragged = 0;
	if (dragged && timeline->drop_row >= 0)
		trv_session_move_lane(timeline->session, dragged, (size_t)timeline->drop_row);
	gtk_widget_queue_draw(GTK_WIDGET(timeline));
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = {timeline->drag_view, trv__timeline_width(timeline)};

	if (!gtk_drag_check_threshold(GTK_WIDGET(timeline), 0, 0, (int)dx, (int)dy))
		return;
	gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_CLAIMED);
	if (timeline->dragged) {
		drag_lane(timeline, gesture, dy);
		return;
	}
	if (timeline->ranging) {
		drag_range(timeline, gesture, dx);
		return;
	}
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
		struct trv_axis axis = trv__timeline_axis(timeline);
		double x = CLAMP(timeline->pointer_x - trv_metrics()->header, 0, axis.width);

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
						 dy * (wheel ? trv_metrics()->lane : 1));
	return GDK_EVENT_STOP;
}

static void on_pinch_begin(GtkGesture *gesture, GdkEventSequence *sequence, gpointer data)
{
	TRV_TIMELINE(data)->pinch_view = trv_session_view(TRV_TIMELINE(data)->session);
}

static void on_pinch(GtkGestureZoom *gesture, double scale, gpointer data)
{
	TrvTimeline *timeline = data;
	struct trv_axis axis = {timeline->pinch_view, trv__timeline_width(timeline)};
	double x, y;

	if (scale <= 0 || !gtk_gesture_get_bounding_box_center(GTK_GESTURE(gesture), &x, &y))
		return;
	trv_session_set_view(timeline->session,
			     trv_span_zoom(timeline->pinch_view, scale,
					   trv_axis_time(&axis, x - trv_metrics()->header)));
}

static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
				 GtkTooltip *tooltip, gpointer data)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);
	const struct trv_log *log;
	struct trv_hit hit;
	g_autofree char *text = NULL;

	if (keyboard || x < trv_metrics()->header ||
	    trv_session_state(timeline->session) != TRV_READY)
		return FALSE;
	log = trv_scene_log_at(timeline->session, trv__timeline_scene(timeline),
			       x - trv_metrics()->header, y);
	hit = trv_scene_hit(trv__timeline_scene(timeline), x - trv_metrics()->header, y);
	text = log ? g_strdup(log->text)
		   : trv_describe_hit(timeline->session, trv__timeline_scene(timeline), &hit);
	if (text)
		gtk_tooltip_set_text(tooltip, text);
	return text != NULL;
}

void trv__timeline_listen(TrvTimeline *timeline)
{
	GtkWidget *widget = GTK_WIDGET(timeline);
	GtkEventController *motion = gtk_event_controller_motion_new();
	GtkEventController *scroll =
		gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
	GtkGesture *click = gtk_gesture_click_new();
	GtkGesture *menu = gtk_gesture_click_new();
	GtkGesture *drag = gtk_gesture_drag_new();
	GtkGesture *pinch = gtk_gesture_zoom_new();

	g_signal_connect(motion, "motion", G_CALLBACK(on_motion), timeline);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), timeline);
	g_signal_connect(click, "released", G_CALLBACK(on_click), timeline);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), timeline);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), timeline);
	g_signal_connect(drag, "drag-end", G_CALLBACK(on_drag_end), timeline);
	gtk_gesture_single_set_button(GTK_GESTURE_SINGLE(menu), GDK_BUTTON_SECONDARY);
	g_signal_connect(menu, "pressed", G_CALLBACK(on_menu), timeline);
	g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_query_tooltip), NULL);
	g_signal_connect(pinch, "begin", G_CALLBACK(on_pinch_begin), timeline);
	g_signal_connect(pinch, "scale-changed", G_CALLBACK(on_pinch), timeline);
	gtk_widget_add_controller(widget, motion);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(menu));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(pinch));
}
