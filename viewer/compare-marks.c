#include "viewer/compare-marks.h"

#include "viewer/palette.h"
#include "viewer/text-cache.h"
#include "viewer/timeline-scene.h"

#include <math.h>

struct _TrvCompareMarks {
	GtkWidget parent_instance;

	TrvPair *pair;
	enum trc_run run;
	TrvTimeline *timeline; /* lives as long: both are in one overlay */
	struct trv_palette palette;
	bool palette_valid;
	struct trv_text_cache *text;
};

G_DEFINE_FINAL_TYPE(TrvCompareMarks, trv_compare_marks, GTK_TYPE_WIDGET)

enum { SIZE = 7, STRIPE = 5, LABEL_PAD = 5 }; /* pixels */

static GdkRGBA colour_of(const TrvCompareMarks *marks, const struct trc_difference *difference)
{
	return difference->first ? marks->palette.error : marks->palette.warning;
}

static void diamond(cairo_t *cairo, double x, double y, double size)
{
	cairo_move_to(cairo, x, y - size);
	cairo_line_to(cairo, x + size, y);
	cairo_line_to(cairo, x, y + size);
	cairo_line_to(cairo, x - size, y);
	cairo_close_path(cairo);
}

/* The middle of a mark; false: it is not in sight. */
static bool find_mark(TrvCompareMarks *marks, const struct trc_difference *difference,
		      double *ret_x, double *ret_y)
{
	uint64_t actor = difference->actors[marks->run];
	int64_t time = (int64_t)MIN(difference->times[marks->run], (uint64_t)INT64_MAX / 4);

	return actor && trv_timeline_point(marks->timeline, actor, time, ret_x, ret_y);
}

/* On the lanes' ground, so that it stands out from bars of any colour. */
static void draw_mark(TrvCompareMarks *marks, cairo_t *cairo,
		      const struct trc_difference *difference, bool current)
{
	double size = current ? SIZE + 2 : SIZE, x, y;
	GdkRGBA colour = colour_of(marks, difference);

	if (!find_mark(marks, difference, &x, &y))
		return;
	diamond(cairo, x, y, size + 2.5);
	gdk_cairo_set_source_rgba(cairo, &marks->palette.view);
	cairo_fill(cairo);
	diamond(cairo, x, y, size);
	gdk_cairo_set_source_rgba(cairo, &colour);
	if (difference->first) {
		cairo_fill(cairo);
	} else {
		cairo_set_line_width(cairo, 2);
		cairo_stroke(cairo);
	}
}

static void draw_all(TrvCompareMarks *marks, cairo_t *cairo)
{
	const struct trc_comparison *comparison = trv_pair_comparison(marks->pair);
	size_t current = trv_pair_current(marks->pair);

	/* First ones on top of those that follow. */
	for (size_t i = trc_comparison_serious_count(comparison); i-- > 0;)
		if (i != current)
			draw_mark(marks, cairo, trc_comparison_difference(comparison, i), false);
	if (current < trc_comparison_count(comparison))
		draw_mark(marks, cairo, trc_comparison_difference(comparison, current), true);
}

/* The line of the difference looked at, with its number at the bottom of the lanes: what stands in
 * the band below can be read. */
static void draw_current(TrvCompareMarks *marks, GtkSnapshot *snapshot, int width, int height)
{
	const struct trc_comparison *comparison = trv_pair_comparison(marks->pair);
	size_t current = trv_pair_current(marks->pair);
	TrvSession *session = trv_pair_session(marks->pair, marks->run);
	struct trv_axis axis = {trv_session_view(session), width - trv_metrics()->header};
	const struct trc_difference *difference;
	char number[24];
	double x, label, bottom = height - trv_metrics()->band;
	GdkRGBA colour;

	if (current >= trc_comparison_count(comparison) || axis.width < 1)
		return;
	difference = trc_comparison_difference(comparison, current);
	x = trv_axis_x(&axis, (int64_t)MIN(difference->times[marks->run], (uint64_t)INT64_MAX / 4));
	if (x < 0 || x > axis.width)
		return;
	x += trv_metrics()->header;
	colour = colour_of(marks, difference);
	gtk_snapshot_append_color(snapshot, &(GdkRGBA){colour.red, colour.green, colour.blue, 0.8f},
				  &GRAPHENE_RECT_INIT((float)x - 1, 0, 2, (float)height));
	g_snprintf(number, sizeof number, "%zu", current + 1);
	label = trv_text_width(marks->text, number, TRV_TEXT_SMALL_BOLD) + 2 * LABEL_PAD;
	x = MIN(x, width - label);
	gtk_snapshot_append_color(snapshot, &colour,
				  &GRAPHENE_RECT_INIT((float)x, (float)(bottom - trv_px(18)),
						      (float)label, trv_px(18)));
	trv_text_draw(marks->text, snapshot, number, TRV_TEXT_SMALL_BOLD, &marks->palette.view,
		      x + LABEL_PAD, bottom - trv_px(18) / 2.0, label);
}

static void draw_strangers(TrvCompareMarks *marks, GtkSnapshot *snapshot, int height)
{
	const struct trc_comparison *comparison = trv_pair_comparison(marks->pair);
	const struct trv_rows *rows = trv_session_rows(trv_pair_session(marks->pair, marks->run));
	double scroll = gtk_adjustment_get_value(trv_timeline_vadjustment(marks->timeline));
	long first = trv_rows_at(rows, scroll);

	for (size_t i = first < 0 ? 0 : (size_t)first; i < rows->count; i++) {
		const struct trv_row *row = &rows->items[i];
		double y = row->y - scroll;

		if (y > height)
			break;
		if (!row->actor || trc_comparison_like(comparison, marks->run, row->actor))
			continue;
		trv_hatch(snapshot,
			  &GRAPHENE_RECT_INIT(0, (float)y + 2, STRIPE, trv_metrics()->lane - 5),
			  TRC_WHAT_SPACE, marks->palette.warning);
	}
}

static void trv_compare_marks_snapshot(GtkWidget *widget, GtkSnapshot *snapshot)
{
	TrvCompareMarks *marks = TRV_COMPARE_MARKS(widget);
	int width = gtk_widget_get_width(widget), height = gtk_widget_get_height(widget);
	cairo_t *cairo;

	if (trv_pair_state(marks->pair) != TRV_READY)
		return;
	if (!marks->palette_valid)
		trv_palette_read(widget, &marks->palette);
	marks->palette_valid = true;
	draw_strangers(marks, snapshot, height);
	draw_current(marks, snapshot, width, height);
	/* Not over the band in which messages are counted. */
	cairo = gtk_snapshot_append_cairo(
		snapshot,
		&GRAPHENE_RECT_INIT(0, 0, (float)width, (float)(height - trv_metrics()->band)));
	draw_all(marks, cairo);
	cairo_destroy(cairo);
}

static void trv_compare_marks_css_changed(GtkWidget *widget, GtkCssStyleChange *change)
{
	TrvCompareMarks *marks = TRV_COMPARE_MARKS(widget);

	GTK_WIDGET_CLASS(trv_compare_marks_parent_class)->css_changed(widget, change);
	marks->palette_valid = false;
	trv_text_cache_clear(marks->text);
}

static void on_session_changed(TrvSession *session, guint what, GtkWidget *widget)
{
	gtk_widget_queue_draw(widget);
}

/* The mark that is drawn on top at a place of the timeline, or SIZE_MAX. */
static size_t mark_at(TrvCompareMarks *marks, double x, double y)
{
	const struct trc_comparison *comparison = trv_pair_comparison(marks->pair);
	size_t count, found = SIZE_MAX;
	double mark_x, mark_y;

	if (trv_pair_state(marks->pair) != TRV_READY ||
	    y >= gtk_widget_get_height(GTK_WIDGET(marks)) - trv_metrics()->band)
		return SIZE_MAX;
	count = trc_comparison_serious_count(comparison);
	for (size_t i = 0; i < count && found == SIZE_MAX; i++) {
		if (find_mark(marks, trc_comparison_difference(comparison, i), &mark_x, &mark_y) &&
		    fabs(x - mark_x) + fabs(y - mark_y) <= SIZE + 3)
			found = i;
	}
	return found;
}

/* Before the timeline's own: what lies below a mark is not what is meant. */
static void on_pressed(GtkGestureClick *click, int presses, double x, double y,
		       TrvCompareMarks *marks)
{
	size_t mark = mark_at(marks, x, y);

	if (mark == SIZE_MAX)
		return;
	gtk_gesture_set_state(GTK_GESTURE(click), GTK_EVENT_SEQUENCE_CLAIMED);
	trv_pair_go_to(marks->pair, mark);
}

/* A hand where a click goes to a difference. */
static void on_motion(GtkEventControllerMotion *motion, double x, double y, TrvCompareMarks *marks)
{
	bool mark = mark_at(marks, x, y) != SIZE_MAX;

	gtk_widget_set_cursor_from_name(GTK_WIDGET(marks->timeline), mark ? "pointer" : NULL);
}

static void trv_compare_marks_dispose(GObject *object)
{
	g_clear_object(&TRV_COMPARE_MARKS(object)->pair);
	G_OBJECT_CLASS(trv_compare_marks_parent_class)->dispose(object);
}

static void trv_compare_marks_finalize(GObject *object)
{
	trv_text_cache_free(TRV_COMPARE_MARKS(object)->text);
	G_OBJECT_CLASS(trv_compare_marks_parent_class)->finalize(object);
}

static void trv_compare_marks_class_init(TrvCompareMarksClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_compare_marks_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_compare_marks_finalize;
	widget_class->snapshot = trv_compare_marks_snapshot;
	widget_class->css_changed = trv_compare_marks_css_changed;
	gtk_widget_class_set_accessible_role(widget_class, GTK_ACCESSIBLE_ROLE_PRESENTATION);
}

static void trv_compare_marks_init(TrvCompareMarks *marks)
{
	gtk_widget_set_can_target(GTK_WIDGET(marks), FALSE);
	gtk_widget_set_overflow(GTK_WIDGET(marks), GTK_OVERFLOW_HIDDEN);
	marks->text = trv_text_cache_new(GTK_WIDGET(marks));
}

GtkWidget *trv_compare_marks_new(TrvPair *pair, enum trc_run run, TrvTimeline *timeline)
{
	TrvCompareMarks *marks = g_object_new(TRV_TYPE_COMPARE_MARKS, NULL);
	GtkGesture *click = gtk_gesture_click_new();
	GtkEventController *motion = gtk_event_controller_motion_new();

	marks->pair = g_object_ref(pair);
	marks->run = run;
	marks->timeline = timeline;
	g_signal_connect_object(pair, "changed", G_CALLBACK(gtk_widget_queue_draw), marks,
				G_CONNECT_SWAPPED);
	g_signal_connect_object(trv_pair_session(pair, run), "changed",
				G_CALLBACK(on_session_changed), marks, 0);
	g_signal_connect_object(trv_timeline_vadjustment(timeline), "value-changed",
				G_CALLBACK(gtk_widget_queue_draw), marks, G_CONNECT_SWAPPED);
	/* The marks lie above the timeline, but let all input through to it. */
	gtk_event_controller_set_propagation_phase(GTK_EVENT_CONTROLLER(click), GTK_PHASE_CAPTURE);
	g_signal_connect_object(click, "pressed", G_CALLBACK(on_pressed), marks, 0);
	gtk_widget_add_controller(GTK_WIDGET(timeline), GTK_EVENT_CONTROLLER(click));
	g_signal_connect_object(motion, "motion", G_CALLBACK(on_motion), marks, 0);
	gtk_widget_add_controller(GTK_WIDGET(timeline), motion);
	return GTK_WIDGET(marks);
}
