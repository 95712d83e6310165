#include "viewer/time-ruler.h"

#include "viewer/palette.h"
#include "viewer/text-cache.h"
#include "viewer/timeline-scene.h"
#include "viewer/words.h"

#include <math.h>

enum { MINOR_TICKS = 5, BAND = 3 };

/* At the usual size of text. */
enum {
	HEIGHT = 38,
	LABEL_GAP = 110,
	LABEL = 23,   /* the middle of the ticks' labels */
	FLAG_TOP = 3, /* of the playhead */
	FLAG_HEIGHT = 20,
	MARK_HEIGHT = 15, /* of A and B, at the bottom */
};

enum { CORNER_END = 56 }; /* pixels for the margin and for the button beside the words */

static float height_of_all(void)
{
	return (float)trv_px(HEIGHT);
}

struct _TrvTimeRuler {
	GtkWidget parent_instance;

	TrvSession *session;
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;
	double pointer_x;
	size_t messages; /* in sight */
};

G_DEFINE_FINAL_TYPE(TrvTimeRuler, trv_time_ruler, GTK_TYPE_WIDGET)

static struct trv_axis ruler_axis(TrvTimeRuler *ruler)
{
	int width = gtk_widget_get_width(GTK_WIDGET(ruler)) - trv_metrics()->header;

	return (struct trv_axis){trv_session_view(ruler->session), MAX(width, 1)};
}

/* Where the playhead's flag stands, with its text; false when the playhead is out of sight. */
static bool place_flag(TrvTimeRuler *ruler, graphene_rect_t *area, char text[TRV_TIME_TEXT])
{
	struct trv_axis axis = ruler_axis(ruler);
	int64_t time = trv_session_time(ruler->session);
	double x = trv_axis_x(&axis, time), width;

	if (x < -1 || x > axis.width + 1)
		return false;
	trv_time_text(time, MAX(trv_axis_tick_step(&axis, 4), 1), text);
	width = trv_text_width(ruler->text, text, TRV_TEXT_SMALL_BOLD) + 16;
	*area = GRAPHENE_RECT_INIT(
		(float)round(CLAMP(x - width / 2, 0, MAX(axis.width - width, 0))),
		(float)trv_px(FLAG_TOP), (float)width, (float)trv_px(FLAG_HEIGHT));
	return true;
}

static void label_tick(TrvTimeRuler *ruler, GtkSnapshot *snapshot, const char *text, double x)
{
	struct trv_axis axis = ruler_axis(ruler);
	double width = trv_text_width(ruler->text, text, TRV_TEXT_SMALL);
	char ignored[TRV_TIME_TEXT];
	graphene_rect_t flag;

	if (x + width > axis.width)
		return;
	if (place_flag(ruler, &flag, ignored) && x + width + 4 > flag.origin.x &&
	    x < flag.origin.x + flag.size.width + 4)
		return;
	trv_text_draw(ruler->text, snapshot, text, TRV_TEXT_SMALL, &ruler->palette.dim, x,
		      trv_px(LABEL), width);
}

static void draw_ticks(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	struct trv_axis axis = ruler_axis(ruler);
	int64_t step = trv_axis_tick_step(&axis, trv_px(LABEL_GAP));
	int64_t minor = MAX(step / MINOR_TICKS, 1);
	char text[TRV_TIME_TEXT];

	for (int64_t t = trv_axis_first_tick(axis.span.from, minor); t <= axis.span.to;
	     t += minor) {
		double x = trv_axis_x(&axis, t);
		bool major = t % step == 0;

		gtk_snapshot_append_color(snapshot, &ruler->palette.line,
					  &GRAPHENE_RECT_INIT((float)floor(x),
							      height_of_all() - (major ? 9 : 5), 1,
							      major ? 9 : 5));
		if (major)
			label_tick(ruler, snapshot, trv_time_text(t, step, text), x + 4);
	}
}

/* The finding in focus: when it closed. */
static void draw_focus(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	const struct trc_finding *focus = trv_session_focus(ruler->session);
	struct trv_axis axis = ruler_axis(ruler);
	GdkRGBA colour;
	double x;

	if (!focus)
		return;
	x = trv_axis_x_clamped(&axis, trv_finding_instant(focus), -10, axis.width + 10);
	colour = trv_palette_code(&ruler->palette, focus->code);
	gtk_snapshot_append_color(
		snapshot, &colour,
		&GRAPHENE_RECT_INIT((float)x - 0.5f, height_of_all() - 12, 2, 12));
}

static void draw_flag(TrvTimeRuler *ruler, GtkSnapshot *snapshot, int64_t time, const char *text,
		      GdkRGBA colour)
{
	struct trv_axis axis = ruler_axis(ruler);
	double x = trv_axis_x(&axis, time), width;
	graphene_rect_t area;
	GskRoundedRect flag;
	GdkRGBA text_colour = ruler->palette.view;
	float top = (float)trv_px(HEIGHT) - (float)trv_px(MARK_HEIGHT);

	if (x < -20 || x > axis.width + 20)
		return;
	width = text[0] ? trv_text_width(ruler->text, text, TRV_TEXT_SMALL_BOLD) + 8 : 8;
	area = GRAPHENE_RECT_INIT((float)x, top, (float)width,
				  text[0] ? (float)trv_px(MARK_HEIGHT) - 1 : 8);
	gsk_rounded_rect_init_from_rect(&flag, &area, 3);
	gtk_snapshot_push_rounded_clip(snapshot, &flag);
	gtk_snapshot_append_color(snapshot, &colour, &area);
	gtk_snapshot_pop(snapshot);
	gtk_snapshot_append_color(
		snapshot, &colour,
		&GRAPHENE_RECT_INIT((float)x - 0.75f, top, 1.5f, (float)trv_px(MARK_HEIGHT)));
	if (text[0])
		trv_text_draw(ruler->text, snapshot, text, TRV_TEXT_SMALL_BOLD, &text_colour, x + 4,
			      top + trv_px(MARK_HEIGHT) / 2.0, width);
}

/* Bookmarks, A and B. */
static void draw_marks(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	const struct trv_markers *markers = trv_session_markers(ruler->session);

	for (size_t i = 0; i < trv_session_bookmark_count(ruler->session); i++)
		draw_flag(ruler, snapshot, trv_session_bookmark(ruler->session, i)->time, "",
			  ruler->palette.warning);
	if (markers->a_set)
		draw_flag(ruler, snapshot, markers->a, "A", ruler->palette.fg);
	if (markers->b_set)
		draw_flag(ruler, snapshot, markers->b, "B", ruler->palette.fg);
}

static void draw_playhead(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	struct trv_axis axis = ruler_axis(ruler);
	double x = trv_axis_x(&axis, trv_session_time(ruler->session));
	char text[TRV_TIME_TEXT];
	graphene_rect_t area;
	GskRoundedRect flag;

	if (!place_flag(ruler, &area, text))
		return;
	gsk_rounded_rect_init_from_rect(&flag, &area, area.size.height / 2);
	gtk_snapshot_push_rounded_clip(snapshot, &flag);
	gtk_snapshot_append_color(snapshot, &ruler->palette.accent, &area);
	gtk_snapshot_pop(snapshot);
	gtk_snapshot_append_color(snapshot, &ruler->palette.accent,
				  &GRAPHENE_RECT_INIT((float)x - 0.75f,
						      area.origin.y + area.size.height - 1, 1.5f,
						      height_of_all()));
	trv_text_draw(ruler->text, snapshot, text, TRV_TEXT_SMALL_BOLD, &ruler->palette.on_accent,
		      area.origin.x + 8, area.origin.y + area.size.height / 2, area.size.width);
}

/* When there are too many messages for arrows: how they are spread over the visible span. */
static void draw_density(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	struct trv_axis axis = ruler_axis(ruler);
	size_t count = (size_t)ceil(axis.width / BAND);
	g_autofree struct trc_density *slices = g_new0(struct trc_density, count + 1);
	GdkRGBA colour = trv_rgba(ruler->palette.accent, 0.22);
	double most = 1;

	if (ruler->messages <= TRV_ARROWS_MAX)
		return;
	trc_trace_density(trv_session_trace(ruler->session), (uint64_t)MAX(axis.span.from, 0),
			  (uint64_t)MAX(axis.span.to, 0), slices, count);
	for (size_t i = 0; i < count; i++)
		most = MAX(most, slices[i].events);
	for (size_t i = 0; i < count; i++) {
		float height = (float)(sqrt(slices[i].events / most) * trv_px(HEIGHT - 14));

		if (height > 0)
			gtk_snapshot_append_color(snapshot, &colour,
						  &GRAPHENE_RECT_INIT((float)(i * BAND),
								      height_of_all() - 1 - height,
								      BAND, height));
	}
}

/* How much is in sight. */
static void draw_corner(TrvTimeRuler *ruler, GtkSnapshot *snapshot)
{
	struct trv_span view = trv_session_view(ruler->session);
	char length[TRV_TIME_TEXT];
	g_autofree char *messages = trv_words_counted(ruler->messages, "message", "messages");
	g_autofree char *span = NULL;

	span = g_strdup_printf("%s in sight", trv_duration_text(view.to - view.from, length));
	trv_text_draw(ruler->text, snapshot, span, TRV_TEXT_SMALL, &ruler->palette.dim, 14,
		      trv_px(12), trv_metrics()->header - CORNER_END);
	trv_text_draw(ruler->text, snapshot, messages, TRV_TEXT_SMALL, &ruler->palette.dim, 14,
		      trv_px(27), trv_metrics()->header - CORNER_END);
	gtk_snapshot_append_color(
		snapshot, &ruler->palette.faint,
		&GRAPHENE_RECT_INIT(trv_metrics()->header - 1, 0, 1, height_of_all()));
}

static void trv_time_ruler_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvTimeRuler *ruler = TRV_TIME_RULER(widget);
	int width = gtk_widget_get_width(widget);

	if (!ruler->palette_valid) {
		trv_palette_read(widget, &ruler->palette);
		ruler->palette_valid = true;
	}
	gtk_snapshot_append_color(snapshot, &ruler->palette.faint,
				  &GRAPHENE_RECT_INIT(0, height_of_all() - 1, (float)width, 1));
	if (trv_session_state(ruler->session) != TRV_READY)
		return;
	draw_corner(ruler, snapshot);
	gtk_snapshot_push_clip(snapshot, &GRAPHENE_RECT_INIT(trv_metrics()->header, 0,
							     (float)(width - trv_metrics()->header),
							     height_of_all()));
	gtk_snapshot_translate(snapshot, &GRAPHENE_POINT_INIT(trv_metrics()->header, 0));
	draw_density(ruler, snapshot);
	draw_ticks(ruler, snapshot);
	draw_focus(ruler, snapshot);
	draw_marks(ruler, snapshot);
	draw_playhead(ruler, snapshot);
	gtk_snapshot_pop(snapshot);
}

static void trv_time_ruler_measure(GtkWidget *widget, GtkOrientation orientation, int for_size,
				   int *minimum, int *natural, int *minimum_baseline,
				   int *natural_baseline)
{
	*minimum = *natural = orientation == GTK_ORIENTATION_HORIZONTAL
				      ? trv_metrics()->header + 120
				      : trv_px(HEIGHT);
}

static void trv_time_ruler_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	TrvTimeRuler *ruler = TRV_TIME_RULER(widget);

	GTK_WIDGET_CLASS(trv_time_ruler_parent_class)->css_changed(widget, change);
	ruler->palette_valid = false;
	trv_text_cache_clear(ruler->text);
	gtk_widget_queue_resize(widget);
}

static void move_playhead(TrvTimeRuler *ruler, double x)
{
	struct trv_axis axis = ruler_axis(ruler);

	trv_session_set_time(ruler->session,
			     trv_axis_time(&axis, CLAMP(x - trv_metrics()->header, 0, axis.width)));
}

static void on_drag_begin(GtkGestureDrag *gesture, double x, double y, gpointer data)
{
	TrvTimeRuler *ruler = data;

	if (x < trv_metrics()->header)
		gtk_gesture_set_state(GTK_GESTURE(gesture), GTK_EVENT_SEQUENCE_DENIED);
	else
		move_playhead(ruler, x);
}

static void on_drag_update(GtkGestureDrag *gesture, double dx, double dy, gpointer data)
{
	double x, y;

	if (gtk_gesture_drag_get_start_point(gesture, &x, &y))
		move_playhead(data, x + dx);
}

/* A bookmark tells its note. */
static gboolean on_query_tooltip(GtkWidget *widget, int x, int y, gboolean keyboard,
				 GtkTooltip *tooltip, gpointer data)
{
	TrvTimeRuler *ruler = TRV_TIME_RULER(widget);
	struct trv_axis axis;

	if (keyboard || trv_session_state(ruler->session) != TRV_READY)
		return FALSE;
	axis = ruler_axis(ruler);
	for (size_t i = 0; i < trv_session_bookmark_count(ruler->session); i++) {
		const struct trv_bookmark *mark = trv_session_bookmark(ruler->session, i);
		double at = trv_axis_x(&axis, mark->time) + trv_metrics()->header;

		if (x >= at - 3 && x <= at + 9) {
			gtk_tooltip_set_text(tooltip, mark->note[0] ? mark->note : "Bookmark");
			return TRUE;
		}
	}
	return FALSE;
}

static void on_motion(GtkEventControllerMotion *motion, double x, double y, gpointer data)
{
	TRV_TIME_RULER(data)->pointer_x = x;
}

static gboolean on_scroll(GtkEventControllerScroll *scroll, double dx, double dy, gpointer data)
{
	TrvTimeRuler *ruler = data;
	struct trv_axis axis = ruler_axis(ruler);
	bool wheel = gtk_event_controller_scroll_get_unit(scroll) == GDK_SCROLL_UNIT_WHEEL;
	double x = CLAMP(ruler->pointer_x - trv_metrics()->header, 0, axis.width);

	trv_session_zoom(ruler->session, pow(1.25, -dy * (wheel ? 1 : 0.02)),
			 trv_axis_time(&axis, x));
	return GDK_EVENT_STOP;
}

static void on_changed(TrvSession *session, guint what, TrvTimeRuler *ruler)
{
	char text[TRV_TIME_TEXT];

	if (trv_session_state(session) == TRV_READY &&
	    (what &
	     (TRV_CHANGED_STATE | TRV_CHANGED_VIEW | TRV_CHANGED_TRACE | TRV_CHANGED_DETAIL)))
		ruler->messages = trv_session_messages_in_sight(session);
	gtk_widget_queue_draw(GTK_WIDGET(ruler));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TIME))
		gtk_accessible_update_property(
			GTK_ACCESSIBLE(ruler), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
			trv_time_text(trv_session_time(session), 1, text), -1);
}

void trv_time_ruler_set_session(TrvTimeRuler *ruler, TrvSession *session)
{
	g_return_if_fail(!ruler->session);
	ruler->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), ruler, 0);
}

static void trv_time_ruler_dispose(GObject *object)
{
	g_clear_object(&TRV_TIME_RULER(object)->session);
	G_OBJECT_CLASS(trv_time_ruler_parent_class)->dispose(object);
}

static void trv_time_ruler_finalize(GObject *object)
{
	trv_text_cache_free(TRV_TIME_RULER(object)->text);
	G_OBJECT_CLASS(trv_time_ruler_parent_class)->finalize(object);
}

static void trv_time_ruler_class_init(TrvTimeRulerClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_time_ruler_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_time_ruler_finalize;
	widget_class->snapshot = trv_time_ruler_snapshot;
	widget_class->measure = trv_time_ruler_measure;
	widget_class->css_changed = trv_time_ruler_css_changed;
	gtk_widget_class_set_css_name(widget_class, "timeruler");
	gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_IMG);
}

static void trv_time_ruler_init(TrvTimeRuler *ruler)
{
	GtkWidget *widget = GTK_WIDGET(ruler);
	GtkEventController *motion = gtk_event_controller_motion_new();
	GtkEventController *scroll =
		gtk_event_controller_scroll_new(GTK_EVENT_CONTROLLER_SCROLL_VERTICAL);
	GtkGesture *drag = gtk_gesture_drag_new();

	ruler->text = trv_text_cache_new(widget);
	gtk_widget_set_overflow(widget, GTK_OVERFLOW_HIDDEN);
	gtk_widget_set_has_tooltip(widget, TRUE);
	g_signal_connect(widget, "query-tooltip", G_CALLBACK(on_query_tooltip), NULL);
	gtk_accessible_update_property(GTK_ACCESSIBLE(widget), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Time ruler", -1);
	g_signal_connect(motion, "motion", G_CALLBACK(on_motion), ruler);
	g_signal_connect(scroll, "scroll", G_CALLBACK(on_scroll), ruler);
	g_signal_connect(drag, "drag-begin", G_CALLBACK(on_drag_begin), ruler);
	g_signal_connect(drag, "drag-update", G_CALLBACK(on_drag_update), ruler);
	gtk_widget_add_controller(widget, motion);
	gtk_widget_add_controller(widget, scroll);
	gtk_widget_add_controller(widget, GTK_EVENT_CONTROLLER(drag));
}
