#include "viewer/overview.h"

#include "viewer/canvas-words.h"
#include "viewer/metrics.h"
#include "viewer/palette.h"

#include <math.h>

enum {
	MARGIN = 12, /* at both sides */
	BAR = 3,     /* pixels a column of the density takes */
	GRIP = 5,    /* pixels beside an edge of the visible span that still grip it */
	HIT = 3,     /* pixels a mark of what was found takes */
	LEAST = 6,   /* pixels that the visible span is drawn wide at least */
};

/* At the usual size of text. */
enum {
	HEIGHT = 46,
	TOP = 11, /* room for the findings' signs */
};

static float height_of_all(void)
{
	return (float)trv_px(HEIGHT);
}

static float top_of_strip(void)
{
	return (float)trv_px(TOP);
}

enum grip { GRIP_NONE, GRIP_LEFT, GRIP_RIGHT, GRIP_MIDDLE };

struct _TrvOverview {
	GtkWidget parent_instance;

	TrvSession *session;
	struct trv_palette palette;
	bool palette_valid;
	GskRenderNode *density; /* NULL: to be drawn */
	double pointer_x;
	enum grip grip;
	struct trv_span drag_view;
};

G_DEFINE_FINAL_TYPE(TrvOverview, trv_overview, GTK_TYPE_WIDGET)

static struct trv_axis overview_axis(TrvOverview *overview)
{
	int width = gtk_widget_get_width(GTK_WIDGET(overview)) - 2 * MARGIN;

	return (struct trv_axis){trv_session_limits(overview->session), MAX(width, 1)};
}

static void visible_part(TrvOverview *overview, double *ret_x0, double *ret_x1)
{
	struct trv_axis axis = overview_axis(overview);
	struct trv_span view = trv_session_view(overview->session);
	double x0 = trv_axis_x_clamped(&axis, view.from, 0, axis.width);
	double x1 = trv_axis_x_clamped(&axis, view.to, 0, axis.width);

	if (x1 - x0 < LEAST) {
		x0 = CLAMP((x0 + x1 - LEAST) / 2, 0, MAX(axis.width - LEAST, 0));
		x1 = x0 + LEAST;
	}
	*ret_x0 = MARGIN + x0;
	*ret_x1 = MARGIN + x1;
}

/* --- drawing -----------------------------------------------------------------------------------
 */

static void draw_density(TrvOverview *overview, GtkSnapshot *snapshot)
{
	struct trv_axis axis = overview_axis(overview);
	size_t count = (size_t)ceil(axis.width / BAR);
	g_autofree struct trc_density *slices = g_new0(struct trc_density, count + 1);
	double most = 0;
	GdkRGBA colour = trv_rgba(overview->palette.accent, overview->palette.strip);

	trc_trace_density(trv_session_trace(overview->session), (uint64_t)MAX(axis.span.from, 0),
			  (uint64_t)MAX(axis.span.to, 0), slices, count);
	for (size_t i = 0; i < count; i++)
		most = MAX(most, slices[i].events);
	for (size_t i = 0; i < count; i++) {
		double height;

		if (slices[i].events <= 0)
			continue;
		/* By the square root, or one burst would flatten all the rest. */
		height = MAX(sqrt(slices[i].events / most) * (height_of_all() - top_of_strip() - 5),
			     1.5);
		gtk_snapshot_append_color(snapshot, &colour,
					  &GRAPHENE_RECT_INIT((float)(MARGIN + i * BAR),
							      (float)(height_of_all() - 4 - height),
							      BAR - 1, (float)height));
	}
}

/* A triangle for what happened, a diamond for what could, a dot for what cannot. */
static void draw_sign(cairo_t *cairo, enum trc_code code, double x, double y)
{
	const double size = 4.5 * trv_metrics()->scale;

	cairo_new_path(cairo);
	if (code == TRC_CODE_REFUTED) {
		cairo_arc(cairo, x, y, size / 1.8, 0, 2 * M_PI);
	} else if (code == TRC_CODE_DEADLOCK || code == TRC_CODE_ORPHAN_WAIT) {
		cairo_move_to(cairo, x - size, y - size + 1);
		cairo_line_to(cairo, x + size, y - size + 1);
		cairo_line_to(cairo, x, y + size);
	} else {
		cairo_move_to(cairo, x, y - size);
		cairo_line_to(cairo, x + size, y);
		cairo_line_to(cairo, x, y + size);
		cairo_line_to(cairo, x - size, y);
	}
	cairo_close_path(cairo);
	cairo_fill(cairo);
}

static void draw_findings(TrvOverview *overview, GtkSnapshot *snapshot)
{
	const struct trc_findings *findings = &trv_session_survey(overview->session)->findings;
	size_t count = trv_session_finding_count(overview->session);
	struct trv_axis axis = overview_axis(overview);
	int width = gtk_widget_get_width(GTK_WIDGET(overview));
	cairo_t *cairo;

	if (count == 0)
		return;
	cairo = gtk_snapshot_append_cairo(snapshot,
					  &GRAPHENE_RECT_INIT(0, 0, (float)width, height_of_all()));
	for (size_t i = count; i-- > 0;) {
		const struct trc_finding *finding = &findings->items[i];
		GdkRGBA colour = trv_palette_code(&overview->palette, finding->code);
		double x = MARGIN +
			   trv_axis_x_clamped(&axis, trv_finding_instant(finding), 0, axis.width);

		gdk_cairo_set_source_rgba(cairo, &colour);
		draw_sign(cairo, finding->code, x, trv_px(6));
		cairo_rectangle(cairo, x - 0.5, top_of_strip(), 1,
				height_of_all() - top_of_strip() - 4);
		cairo_fill(cairo);
	}
	cairo_destroy(cairo);
}

/* A tick for each column in which something was found. */
static void draw_hits(TrvOverview *overview, GtkSnapshot *snapshot)
{
	struct trv_hits hits = trv_session_hits(overview->session);
	struct trv_axis axis = overview_axis(overview);
	double last = -HIT;

	for (size_t i = 0; i < hits.count; i++) {
		double x = trv_axis_x_clamped(&axis, (int64_t)hits.items[i].time, 0, axis.width);

		if (x < last + HIT)
			continue;
		last = x;
		gtk_snapshot_append_color(snapshot, &overview->palette.warning,
					  &GRAPHENE_RECT_INIT((float)(MARGIN + x) - 1,
							      height_of_all() - 7, HIT - 1, 7));
	}
}

static void draw_view(TrvOverview *overview, GtkSnapshot *snapshot)
{
	float width = (float)gtk_widget_get_width(GTK_WIDGET(overview));
	GdkRGBA veil = trv_rgba(overview->palette.window, 0.72);
	GdkRGBA line = overview->palette.accent;
	double x0, x1;
	GskRoundedRect frame;

	visible_part(overview, &x0, &x1);
	gtk_snapshot_append_color(snapshot, &veil,
				  &GRAPHENE_RECT_INIT(0, top_of_strip(), (float)x0,
						      height_of_all() - top_of_strip()));
	gtk_snapshot_append_color(snapshot, &veil,
				  &GRAPHENE_RECT_INIT((float)x1, top_of_strip(), width - (float)x1,
						      height_of_all() - top_of_strip()));
	gsk_rounded_rect_init_from_rect(&frame,
					&GRAPHENE_RECT_INIT((float)x0 - 1, top_of_strip() - 1,
							    (float)(x1 - x0) + 2,
							    height_of_all() - top_of_strip() - 1),
					4);
	gtk_snapshot_append_border(snapshot, &frame, (float[4]){1.5, 1.5, 1.5, 1.5},
				   (GdkRGBA[4]){line, line, line, line});
}

static void draw_bookmarks(TrvOverview *overview, GtkSnapshot *snapshot)
{
	struct trv_axis axis = overview_axis(overview);

	for (size_t i = 0; i < trv_session_bookmark_count(overview->session); i++) {
		double x = MARGIN + trv_axis_x_clamped(
					    &axis, trv_session_bookmark(overview->session, i)->time,
					    0, axis.width);

		gtk_snapshot_append_color(
			snapshot, &overview->palette.warning,
			&GRAPHENE_RECT_INIT((float)x - 0.5f, top_of_strip(), 1,
					    height_of_all() - top_of_strip() - 4));
		gtk_snapshot_append_color(
			snapshot, &overview->palette.warning,
			&GRAPHENE_RECT_INIT((float)x - 0.5f, top_of_strip(), 6, 6));
	}
}

static void draw_playhead(TrvOverview *overview, GtkSnapshot *snapshot)
{
	struct trv_axis axis = overview_axis(overview);
	double x = MARGIN +
		   trv_axis_x_clamped(&axis, trv_session_time(overview->session), 0, axis.width);

	gtk_snapshot_append_color(snapshot, &overview->palette.fg,
				  &GRAPHENE_RECT_INIT((float)x - 0.5f, top_of_strip(), 1,
						      height_of_all() - top_of_strip() - 4));
}

static void trv_overview_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvOverview *overview = TRV_OVERVIEW(widget);

	if (trv_session_state(overview->session) != TRV_READY)
		return;
	if (!overview->palette_valid) {
		trv_palette_read(widget, &overview->palette);
		overview->palette_valid = true;
	}
	if (!overview->density) {
		GtkSnapshot *inner = gtk_snapshot_new();

		draw_density(overview, inner);
		overview->density = gtk_snapshot_free_to_node(inner);
	}
	if (overview->density)
		gtk_snapshot_append_node(snapshot, overview->density);
	draw_view(overview, snapshot);
	draw_findings(overview, snapshot);
	draw_hits(overview, snapshot);
	draw_bookmarks(overview, snapshot);
	draw_playhead(overview, snapshot);
}

static void forget_density(TrvOverview *overview)
{
	g_clear_pointer(&overview->density, gsk_render_node_unref);
	gtk_widget_queue_draw(GTK_WIDGET(overview));
}

static void trv_overview_size_allocate(GtkWidget *widget, int width, int height, int baseline)
{
	forget_density(TRV_OVERVIEW(widget));
}

static void trv_overview_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
				 int *minimum, int *natural, int *minimum_baseline,
				 int *natural_baseline)
{
	*minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 200 : trv_px(HEIGHT);
}

static void trv_overview_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	GTK_WIDGET_CLASS(trv_overview_parent_class)->css_changed(widget, change);
	TRV_OVERVIEW(widget)->palette_valid = false;
	forget_density(TRV_OVERVIEW(widget));
	gtk_widget_queue_resize(widget); /* text may be larger */
}

/* --- pointer -----------------------------------------------------------------------------------
 */

static enum grip grip_at(TrvOverview *overview, double x)
{
	double x0, x1;

	visible_part(overview, &x0, &x1);
	if (fabs(x - x0) <= GRIP && x < (x0 + x1) / 2)
		return GRIP_LEFT;
	if (fabs(x - x1) <= GRIP)
		return GRIP_RIGHT;
	return x > x0 && x < x1 ? GRIP_MIDDLE : GRIP_NONE;
}

static void centre_view(TrvOverview *overview, double x)
{
	struct trv_axis axis = overview_axis(overview);
	struct trv_span view = trv_session_view(overview->session);
	int64_t middle = view.from + (view.to - view.from) / 2;

	trv_session_set_view(overview->session,
			     trv_span_move(view, trv_axis_time(&axis, x - MARGIN) - middle));
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
	TrvOverview *overview = data;

	overview->grip = grip_at(overview, x);
	if (overview->grip == GRIP_NONE) {
		centre_view(overview, x);
		overview->grip = GRIP_MIDDLE;
	}
	overview->drag_view = trv_session_view(overview->session);
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	TrvOverview *overview = data;
	struct trv_axis axis = overview_axis(overview);
	int64_t by = trv_axis_time(&axis, dx) - axis.span.from;
	struct trv_span view = overview->drag_view;

	if (overview->grip == GRIP_LEFT)
		view.from = MIN(view.from + by, view.to - TRV_SPAN_MIN);
	else if (overview->grip == GRIP_RIGHT)
		view.to = MAX(view.to + by, view.from + TRV_SPAN_MIN);
	else
		view = trv_span_move(view, by);
	trv_session_set_view(overview->session, view);
}

static void on_motion(GtkEventControllerMotion *motion, double x, double y, gpointer data)
{
	TrvOverview *overview = data;
	enum grip grip = grip_at(overview, x);

	overview->pointer_x = x;
	gtk_widget_set_cursor_from_name(GTK_WIDGET(overview),
					grip == GRIP_LEFT || grip == GRIP_RIGHT ? "ew-resize"
					: grip == GRIP_MIDDLE                   ? "grab"
										: NULL);
}

static void on_click(GtkGestureClick *gesture, int presses, double x, double y, gpointer data)
{
	if (presses == 2)
		trv_session_fit(TRV_OVERVIEW(data)->session);
}

static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
	TrvOverview *overview = data;
	struct trv_axis axis = overview_axis(overview);
	bool wheel = gtk_event_controller_scroll_get_unit(scroll) == GDK_SCROLL_UNIT_WHEEL;

	trv_session_zoom(overview->session, pow(1.25, -dy * (wheel ? 1 : 0.02)),
			 trv_axis_time(&axis, overview->pointer_x - MARGIN));
	return GDK_EVENT_STOP;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvOverview *overview)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_FINDINGS))
		forget_density(overview);
	else
		gtk_widget_queue_draw(GTK_WIDGET(overview));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_FINDINGS |
		    TRV_CHANGED_MARKS | TRV_CHANGED_HITS))
		trv_canvas_describe(GTK_WIDGET(overview), trv_canvas_overview(session));
}

void trv_overview_set_session(TrvOverview *overview, TrvSession *session)
{
	g_return_if_fail(!overview->session);
	overview->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), overview, 0);
}

static void trv_overview_dispose(GObject *object)
{
	TrvOverview *overview = TRV_OVERVIEW(object);

	g_clear_pointer(&overview->density, gsk_render_node_unref);
	g_clear_object(&overview->session);
	G_OBJECT_CLASS(trv_overview_parent_class)->dispose(object);
}

static void trv_overview_class_init(TrvOverviewClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_overview_dispose;
	widget_class->snapshot = trv_overview_snapshot;
	widget_class->size_allocate = trv_overview_size_allocate;
	widget_class->measure = trv_overview_measure;
	widget_class->css_changed = trv_overview_css_changed;
	gtk_widget_class_set_css_name(widget_class, "overview");
	gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void trv_overview_init(TrvOverview *overview)
{
	GtkWidget *widget = GTK_WIDGET(overview);
	GtkEventController *motion = gtk_event_controller_motion_new();
	GtkEventController *scroll =
		gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
	GtkGesture *drag = gtk_gesture_drag_new();
	GtkGesture *click = gtk_gesture_click_new();

	gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Overview of the whole trace", -1);
	g_signal_connect(motion, "motion", G_CALLBACK(on_motion), overview);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), overview);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), overview);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), overview);
	g_signal_connect(click, "pressed", G_CALLBACK(on_click), overview);
	gtk_widget_add_controller(widget, motion);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(click));
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}
