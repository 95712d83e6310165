#include "viewer/inspector.h"

#include "viewer/inspector-pages.h"
#include "viewer/words.h"

#include <string.h>

struct _TrvInspector {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkScrolledWindow *scrolled;
	GtkBox *box;
	guint refill; /* tick callback: many changes a frame are one */
};

G_DEFINE_FINAL_TYPE(TrvInspector, trv_inspector, GTK_TYPE_WIDGET)

void trv_inspect_trace(GtkBox *box, TrvSession *session)
{
	const struct trc_trace_info *info = trv_session_info(session);
	const struct trv_survey *survey = trv_session_survey(session);
	g_autofree char *name = g_filename_display_basename(info->path);
	g_autofree char *program = g_utf8_make_valid(info->program, -1);
	g_autofree char *events = trv_words_count(info->events);
	g_autofree char *messages = trv_words_count(info->messages);
	g_autofree char *actors = trv_words_count(trv_session_actor_count(session));
	char length[TRV_TIME_TEXT];
	GtkGrid *grid;

	trv_details_title(box, "Trace", name);
	trv_details_code(box, program);
	grid = trv_details_grid(box);
	if (info->wall_start != 0) {
		g_autoptr(GDateTime) start =
			g_date_time_new_from_unix_local((gint64)(info->wall_start / 1000000000));
		g_autofree char *text = start ? g_date_time_format(start, "%F %T") : NULL;

		if (text)
			trv_details_row(grid, "Recorded", text);
	}
	trv_details_row(grid, "Length",
			trv_duration_text((int64_t)(info->last_time - info->first_time), length));
	if (info->let_go > 0) {
		g_autofree char *count = trv_words_count(info->let_go);
		g_autofree char *let_go = g_strdup_printf(
			"after %s; the %s events before were let go",
			trv_duration_text((int64_t)info->first_time, length), count);

		trv_details_row(grid, "Begins", let_go);
	}
	trv_details_row(grid, "Events", events);
	trv_details_row(grid, "Messages", messages);
	trv_details_row(grid, "Actors", actors);
	if (survey && survey->log_total > 0) {
		g_autofree char *total = trv_words_count(survey->log_total);
		g_autofree char *kept = trv_words_count(survey->log_count);
		g_autofree char *logs =
			survey->log_total > survey->log_count
				? g_strdup_printf("%s, the first %s are shown", total, kept)
				: g_strdup(total);

		trv_details_row(grid, "Lines logged", logs);
	}
	if (info->lost > 0) {
		g_autofree char *lost = trv_words_count(info->lost);

		trv_details_row(grid, "Lost events", lost);
	}
	if (info->filters[0]) {
		g_autofree char *left_out = trv_words_count(info->left_out);
		g_autofree char *rules = g_strdup(info->filters);

		trv_details_row(grid, "Recorded with filters", g_strstrip(rules));
		trv_details_row(grid, "Messages left out", left_out);
	}
	trv_details_row(grid, "State",
			info->live       ? "still being recorded, or cut off"
			: info->complete ? "complete"
					 : "some events are missing");
}

static void fill(TrvInspector *inspector)
{
	const struct trv_selection *selection = trv_session_selection(inspector->session);
	const struct trv_survey *survey = trv_session_survey(inspector->session);
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(inspector->box))) != NULL)
		gtk_box_remove(inspector->box, child);
	if (trv_session_state(inspector->session) != TRV_READY)
		return;
	switch (selection->kind) {
	case TRV_SELECTED_FINDING:
		if (selection->finding < survey->findings.count)
			trv_inspect_finding(inspector->box, inspector->session,
					    &survey->findings.items[selection->finding]);
		break;
	case TRV_SELECTED_MESSAGE:
		trv_inspect_message(inspector->box, inspector->session, selection->message);
		break;
	case TRV_SELECTED_WAIT:
		trv_inspect_wait(inspector->box, inspector->session, selection->actor,
				 &selection->wait);
		break;
	case TRV_SELECTED_ACTOR:
		trv_inspect_actor(inspector->box, inspector->session, selection->actor);
		break;
	default:
		trv_inspect_trace(inspector->box, inspector->session);
		break;
	}
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	TRV_INSPECTOR(widget)->refill = 0;
	fill(TRV_INSPECTOR(widget));
	return G_SOURCE_REMOVE;
}

/* Only what an actor does depends on the playhead. */
static bool concerns(TrvInspector *inspector, guint what)
{
	enum trv_selected kind = trv_session_selection(inspector->session)->kind;

	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_SELECTION))
		return true;
	if (what & (TRV_CHANGED_TRACE | TRV_CHANGED_FINDINGS))
		return kind != TRV_SELECTED_FINDING || (what & TRV_CHANGED_FINDINGS);
	return (what & TRV_CHANGED_MOMENT) && kind == TRV_SELECTED_ACTOR;
}

static void on_changed(TrvSession *session, guint what, TrvInspector *inspector)
{
	if (!concerns(inspector, what))
		return;
	if (what & TRV_CHANGED_SELECTION)
		gtk_adjustment_set_value(gtk_scrolled_window_get_vadjustment(inspector->scrolled),
					 0);
	if (inspector->refill == 0)
		inspector->refill =
			gtk_widget_add_tick_callback(GTK_WIDGET(inspector), on_tick, NULL, NULL);
}

void trv_inspector_set_session(TrvInspector *inspector, TrvSession *session)
{
	g_return_if_fail(!inspector->session);
	inspector->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), inspector, 0);
}

static void trv_inspector_dispose(GObject *object)
{
	TrvInspector *inspector = TRV_INSPECTOR(object);
	GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(inspector));

	if (child)
		gtk_widget_unparent(child);
	g_clear_object(&inspector->session);
	G_OBJECT_CLASS(trv_inspector_parent_class)->dispose(object);
}

static void trv_inspector_class_init(TrvInspectorClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_inspector_dispose;
	gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
	gtk_widget_class_set_css_name(widget_class, "inspector");
}

static void trv_inspector_init(TrvInspector *inspector)
{
	inspector->scrolled = GTK_SCROLLED_WINDOW(gtk_scrolled_window_new());
	inspector->box = GTK_BOX(gtk_box_new(GTK_ORIENTATION_VERTICAL, 12));
	gtk_scrolled_window_set_policy(inspector->scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(inspector->scrolled, GTK_WIDGET(inspector->box));
	gtk_widget_add_css_class(GTK_WIDGET(inspector->box), "details");
	gtk_widget_set_parent(GTK_WIDGET(inspector->scrolled), GTK_WIDGET(inspector));
}
