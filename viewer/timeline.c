#include "viewer/timeline-private.h"

#include "viewer/canvas-words.h"

G_DEFINE_FINAL_TYPE(TrvTimeline, trv_timeline, GTK_TYPE_WIDGET)

double trv__timeline_width(TrvTimeline *timeline)
{
	return MAX(gtk_widget_get_width(GTK_WIDGET(timeline)) - trv_metrics()->header, 1);
}

struct trv_axis trv__timeline_axis(TrvTimeline *timeline)
{
	return (struct trv_axis){trv_session_view(timeline->session),
				 trv__timeline_width(timeline)};
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
	g_clear_handle_id(&timeline->going_on, g_source_remove);
	g_clear_pointer(&timeline->canvas, gsk_render_node_unref);
	forget_names(timeline);
}

/* Between frames; it is drawn again once everything is there. */
static gboolean go_on(gpointer data)
{
	TrvTimeline *timeline = data;

	trv_scene_go_on(timeline->session, &timeline->scene);
	if (!trv_scene_is_whole(&timeline->scene))
		return G_SOURCE_CONTINUE;
	timeline->going_on = 0;
	g_clear_pointer(&timeline->canvas, gsk_render_node_unref);
	gtk_widget_queue_draw(GTK_WIDGET(timeline));
	return G_SOURCE_REMOVE;
}

const struct trv_scene *trv__timeline_scene(TrvTimeline *timeline)
{
	if (!timeline->scene_valid) {
		trv_scene_clear(&timeline->scene);
		trv_scene_build(timeline->session, trv__timeline_width(timeline),
				gtk_widget_get_height(GTK_WIDGET(timeline)),
				gtk_adjustment_get_value(timeline->vadjustment), &timeline->scene);
		timeline->scene_valid = true;
		if (!trv_scene_is_whole(&timeline->scene) && timeline->going_on == 0)
			timeline->going_on = g_idle_add(go_on, timeline);
	}
	return &timeline->scene;
}

static void configure_adjustment(TrvTimeline *timeline)
{
	double page = gtk_widget_get_height(GTK_WIDGET(timeline));
	double upper = timeline->session
			       ? trv_session_rows(timeline->session)->height + trv_metrics()->band
			       : 0;
	double value = gtk_adjustment_get_value(timeline->vadjustment);

	upper = MAX(upper, page);
	gtk_adjustment_configure(timeline->vadjustment, MIN(value, upper - page), 0, upper,
				 trv_metrics()->lane,
				 MAX(page - trv_metrics()->lane, trv_metrics()->lane), page);
}

/* A trace may be there before the lanes have a height: then it is done when they have one. */
static void reveal(TrvTimeline *timeline, uint64_t actor)
{
	long index = trv_session_row_of(timeline->session, actor);
	const struct trv_row *row =
		index < 0 ? NULL : &trv_session_rows(timeline->session)->items[index];

	if (row)
		gtk_adjustment_clamp_page(timeline->vadjustment, row->y,
					  row->y + trv_row_height(row) + trv_metrics()->band);
}

/* --- drawing -----------------------------------------------------------------------------------
 */

typedef void paint(const struct trv_painter *painter);

static GskRenderNode *paint_node(TrvTimeline *timeline, paint *what)
{
	GtkSnapshot *snapshot = gtk_snapshot_new();
	struct trv_painter painter = {
		snapshot,           timeline->session, trv__timeline_scene(timeline),
		&timeline->palette, timeline->text,    trv_session_hits(timeline->session).active};

	what(&painter);
	return gtk_snapshot_free_to_node(snapshot);
}

static void append(GtkSnapshot *snapshot, GskRenderNode *node)
{
	if (node)
		gtk_snapshot_append_node(snapshot, node);
}

/* Where the lane that is being dragged would go. */
static void draw_drop(TrvTimeline *timeline, GtkSnapshot *snapshot)
{
	const struct trv_rows *rows = trv_session_rows(timeline->session);
	long from =
		timeline->dragged ? trv_session_row_of(timeline->session, timeline->dragged) : -1;
	const struct trv_row *row;
	double y;

	if (from < 0 || timeline->drop_row < 0 || timeline->drop_row >= (long)rows->count ||
	    timeline->drop_row == from)
		return;
	row = &rows->items[timeline->drop_row];
	y = row->y - gtk_adjustment_get_value(timeline->vadjustment);
	if (timeline->drop_row > from)
		y += trv_row_height(row);
	gtk_snapshot_append_color(snapshot, &timeline->palette.accent,
				  &GRAPHENE_RECT_INIT(0, (float)y - 2, trv_metrics()->header, 3));
}

static void draw_range(TrvTimeline *timeline, GtkSnapshot *snapshot)
{
	trv_paint_range(&(struct trv_painter){snapshot, timeline->session,
					      trv__timeline_scene(timeline), &timeline->palette,
					      timeline->text, false});
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
			       &GRAPHENE_RECT_INIT(0, 0, trv_metrics()->header, (float)height));
	append(snapshot, timeline->names);
	draw_drop(timeline, snapshot);
	gtk_snapshot_pop(snapshot);
	gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(trv_metrics()->header, 0,
							     (float)trv__timeline_width(timeline),
							     (float)height));
	gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(trv_metrics()->header, 0));
	append(snapshot, timeline->canvas);
	draw_range(timeline, snapshot);
	trv_paint_playhead(&(struct trv_painter){snapshot, timeline->session,
						 trv__timeline_scene(timeline), &timeline->palette,
						 timeline->text, false});
	gtk_snapshot_pop(snapshot);
}

static void trv_timeline_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);

	configure_adjustment(timeline);
	if (timeline->to_reveal != 0 && height > 0)
		reveal(timeline, timeline->to_reveal);
	forget_scene(timeline);
	if (timeline->menu)
		gtk_popover_present(GTK_POPOVER(timeline->menu));
}

static void trv_timeline_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
				 int *minimum, int *natural, int *minimum_baseline,
				 int *natural_baseline)
{
	*minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? trv_metrics()->header + 120
							     : 2 * trv_metrics()->lane;
	*natural = *minimum * 2;
}

/* The style is told again and again; the size of text in it seldom changes. */
static void follow_text(TrvTimeline *timeline)
{
	trv_text_measure(timeline->text);
	if (timeline->scale == trv_metrics()->scale)
		return;
	timeline->scale = trv_metrics()->scale;
	gtk_widget_queue_resize(GTK_WIDGET(timeline));
	if (timeline->session)
		trv_session_resize_lanes(timeline->session);
}

static void trv_timeline_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	TrvTimeline *timeline = TRV_TIMELINE(widget);

	GTK_WIDGET_CLASS(trv_timeline_parent_class)->css_changed(widget, change);
	timeline->palette_valid = false;
	trv_text_cache_clear(timeline->text);
	follow_text(timeline);
	forget_scene(timeline);
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvTimeline *timeline)
{
	if (what &
	    (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_DETAIL | TRV_CHANGED_LANES |
	     TRV_CHANGED_VIEW | TRV_CHANGED_FINDINGS | TRV_CHANGED_SELECTION | TRV_CHANGED_HITS))
		forget_scene(timeline);
	else if (what & TRV_CHANGED_MOMENT)
		forget_names(timeline);
	else if (what & TRV_CHANGED_TIME)
		gtk_widget_queue_draw(GTK_WIDGET(timeline));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES))
		configure_adjustment(timeline);
	if (what & TRV_CHANGED_MARKS)
		gtk_widget_queue_draw(GTK_WIDGET(timeline));
	if (what & TRV_CHANGED_REVEAL)
		reveal(timeline, trv_session_revealed(session));
	if (trv_session_state(session) == TRV_READY)
		trv_canvas_describe(GTK_WIDGET(timeline), trv_canvas_timeline(session));
}

void trv_timeline_set_session(TrvTimeline *timeline, TrvSession *session)
{
	g_return_if_fail(!timeline->session);
	timeline->session = g_object_ref(session);
	timeline->scale = 0; /* the next style tells its lanes */
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), timeline, 0);
}

GtkAdjustment *trv_timeline_vadjustment(TrvTimeline *timeline)
{
	return timeline->vadjustment;
}

void trv_timeline_set_lane_menu(TrvTimeline *timeline, GMenuModel *menu)
{
	g_return_if_fail(!timeline->menu);
	timeline->menu = gtk_popover_menu_new_from_model(menu);
	gtk_popover_set_has_arrow(GTK_POPOVER(timeline->menu), FALSE);
	gtk_widget_set_halign(timeline->menu, GTK_ALIGN_START);
	gtk_widget_set_parent(timeline->menu, GTK_WIDGET(timeline));
}

bool trv_timeline_point(TrvTimeline *timeline, uint64_t actor, int64_t time, double *ret_x,
			double *ret_y)
{
	struct trv_axis axis = trv__timeline_axis(timeline);
	long row = trv_session_row_of(timeline->session, actor);
	double x = trv_axis_x(&axis, time), y;

	if (row < 0)
		return false;
	y = trv_scene_bar_y(trv__timeline_scene(timeline), (size_t)row);
	if (x < 0 || x > axis.width || y < 0 || y > gtk_widget_get_height(GTK_WIDGET(timeline)))
		return false;
	*ret_x = x + trv_metrics()->header;
	*ret_y = y;
	return true;
}

static void trv_timeline_dispose(GObject *object)
{
	TrvTimeline *timeline = TRV_TIMELINE(object);

	g_clear_handle_id(&timeline->going_on, g_source_remove);
	g_clear_pointer(&timeline->menu, gtk_widget_unparent);
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
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Timeline", -1);
	trv__timeline_listen(timeline);
}
