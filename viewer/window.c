#include "viewer/window-private.h"

#include "viewer/words.h"

#include <stdlib.h>

G_DEFINE_FINAL_TYPE(TrvWindow, trv_window, ADW_TYPE_APPLICATION_WINDOW)

/* --- opening -----------------------------------------------------------------------------------
 */

void trv_window_open(TrvWindow *window, const char *path)
{
	trv_session_open(window->session, path);
}

/* --- showing the session -----------------------------------------------------------------------
 */

static void show_title(TrvWindow *window)
{
	const struct trc_trace_info *info = trv_session_info(window->session);
	const char *path = trv_session_path(window->session);
	g_autofree char *name = path ? g_filename_display_basename(path) : g_strdup("Actorscope");
	g_autofree char *subtitle = NULL;
	g_autofree char *window_title = NULL;

	if (info) {
		g_autofree char *events = trv_words_counted(info->events, "event", "events");
		g_autofree char *actors = trv_words_counted(
			trv_session_actor_count(window->session), "actor", "actors");
		char length[TRV_TIME_TEXT];

		trv_duration_text((int64_t)(info->last_time - info->first_time), length);
		subtitle = g_strdup_printf("%s · %s · %s", events, actors, length);
		window_title = g_strdup_printf("%s – Actorscope", name);
	}
	adw_window_title_set_title(window->title, name);
	adw_window_title_set_subtitle(window->title, subtitle ? subtitle : "");
	gtk_window_set_title(GTK_WINDOW(window), window_title ? window_title : name);
	if (info) {
		g_autofree char *actors =
			g_strdup_printf("Actors (%zu)", trv_session_actor_count(window->session));

		gtk_stack_page_set_title(window->actors_page, actors);
	}
}

static void show_state(TrvWindow *window)
{
	static const char *const pages[] = {"empty", "loading", "trace", "failed"};
	enum trv_state state = trv_session_state(window->session);
	const char *path = trv_session_path(window->session);
	bool ready = state == TRV_READY;

	gtk_stack_set_visible_child_name(window->pages, pages[state]);
	if (state == TRV_LOADING) {
		g_autofree char *name = g_filename_display_basename(path);
		g_autofree char *text = g_markup_escape_text(name, -1);

		adw_status_page_set_description(window->loading_page, text);
		gtk_progress_bar_set_fraction(window->progress, 0);
	} else if (state == TRV_FAILED) {
		g_autofree char *text =
			g_markup_escape_text(trv_session_error(window->session), -1);

		adw_status_page_set_description(window->failed_page, text);
	}
	trv__window_enable_actions(window);
	if (ready) {
		trv__window_note_recent(window);
		trv__window_fill_recent(window);
	}
	gtk_search_bar_set_search_mode(window->find_bar, FALSE);
	gtk_widget_set_visible(GTK_WIDGET(window->inspector_button), ready);
	window->certain = 0;
	show_title(window);
}

static void show_live(TrvWindow *window)
{
	bool live = trv_session_is_live(window->session);

	gtk_widget_set_visible(GTK_WIDGET(window->live), live);
	g_object_notify(G_OBJECT(window), "live");
}

static size_t count_certain(const struct trc_findings *findings)
{
	size_t count = 0;

	while (count < findings->count && findings->items[count].code <= TRC_CODE_ORPHAN_WAIT)
		count++;
	return count;
}

static void show_findings(TrvWindow *window, bool opened)
{
	const struct trv_survey *survey = trv_session_survey(window->session);
	size_t count = trv_session_finding_count(window->session);
	size_t certain = survey ? count_certain(&survey->findings) : 0;
	g_autofree char *heading =
		count > 0 ? g_strdup_printf("Findings (%zu)", count) : g_strdup("Findings");

	gtk_stack_page_set_title(window->findings_page, heading);
	if (!opened && certain > window->certain && trv_session_focus_index(window->session) != 0)
		/* A live recording that locks up says so, wherever one is looking. */
		trv__window_say_finding(window, survey->findings.items[0].title);
	window->certain = certain;
	g_object_notify(G_OBJECT(window), "refuted");
}

/* How far B is from A, and how many bookmarks there are. */
static void show_marks(TrvWindow *window)
{
	const struct trv_markers *markers = trv_session_markers(window->session);
	size_t count = trv_session_bookmark_count(window->session);
	g_autofree char *heading =
		count ? g_strdup_printf("Notes (%zu)", count) : g_strdup("Notes");
	bool both = markers->a_set && markers->b_set;
	char length[TRV_TIME_TEXT];
	g_autofree char *text = NULL;

	if (both)
		text = g_strdup_printf("B − A  %s%s", markers->b < markers->a ? "−" : "",
				       trv_duration_text(llabs(markers->b - markers->a), length));
	gtk_label_set_text(window->difference, text ? text : "");
	gtk_widget_set_visible(GTK_WIDGET(window->difference), both);
	gtk_stack_page_set_title(window->marks_page, heading);
}

static void on_changed(TrvSession *session, guint what, TrvWindow *window)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_MARKS))
		show_marks(window);
	if (what & TRV_CHANGED_STATE)
		show_state(window);
	if (what & TRV_CHANGED_PROGRESS)
		gtk_progress_bar_set_fraction(window->progress, trv_session_progress(session));
	if (what & TRV_CHANGED_TRACE)
		show_title(window);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_TRACE | TRV_CHANGED_FOLLOW))
		show_live(window);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_LANES))
		trv__window_show_lanes(window);
	if (what & TRV_CHANGED_TROUBLE)
		trv__window_say_trouble(window, trv_session_error(session));
	if (what & (TRV_CHANGED_HITS | TRV_CHANGED_SELECTION))
		trv__window_show_hits(window);
	if (what & TRV_CHANGED_HITS)
		g_object_notify(G_OBJECT(window), "hide-misses");
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS))
		show_findings(window, what & TRV_CHANGED_STATE);
}

/* The lanes tell their height while they are being laid out, when nothing may be hidden or shown.
 */
static void on_lanes_resized(GtkAdjustment *adjustment, TrvWindow *window)
{
	bool needed = gtk_adjustment_get_upper(adjustment) >
		      gtk_adjustment_get_page_size(adjustment) + 0.5;

	gtk_widget_set_opacity(GTK_WIDGET(window->scrollbar), needed ? 1 : 0);
	gtk_widget_set_can_target(GTK_WIDGET(window->scrollbar), needed);
}

/* The lanes get three fifths of the height that is there at first; later the user moves it. */
static void on_rows_resized(GtkPaned *rows, GParamSpec *spec, TrvWindow *window)
{
	int height = gtk_widget_get_height(GTK_WIDGET(rows));

	if (height <= 0)
		return;
	g_signal_handlers_disconnect_by_func(rows, on_rows_resized, window);
	gtk_paned_set_position(rows, height * 3 / 5);
}

static gboolean on_drop(GtkDropTarget *target, const GValue *value, double x, double y,
			gpointer data)
{
	GSList *files = g_value_get_boxed(value);
	g_autofree char *path = files ? g_file_get_path(files->data) : NULL;

	if (path)
		trv_window_open(TRV_WINDOW(data), path);
	return path != NULL;
}

/* --- life --------------------------------------------------------------------------------------
 */

enum {
	PROPERTY_LIVE = 1,
	PROPERTY_INSPECTOR,
	PROPERTY_REFUTED,
	PROPERTY_GROUPING,
	PROPERTY_SORTING,
	PROPERTY_HIDE_MISSES
};

static void trv_window_get_property(GObject *object, guint id, GValue *value, GParamSpec *spec)
{
	TrvWindow *window = TRV_WINDOW(object);

	if (id == PROPERTY_LIVE)
		g_value_set_boolean(value, trv_session_follows(window->session));
	else if (id == PROPERTY_REFUTED)
		g_value_set_boolean(value, trv_session_shows_refuted(window->session));
	else if (id == PROPERTY_HIDE_MISSES)
		g_value_set_boolean(value, trv_session_hides_misses(window->session));
	else if (id == PROPERTY_GROUPING)
		g_value_set_string(value, trv_grouping_name(trv_session_grouping(window->session)));
	else if (id == PROPERTY_SORTING)
		g_value_set_string(value, trv_sorting_name(trv_session_sorting(window->session)));
	else
		g_value_set_boolean(value, !window->flap || adw_flap_get_reveal_flap(window->flap));
}

static void set_grouping(TrvWindow *window, const char *name)
{
	int grouping = trv_grouping_parse(name);

	if (grouping >= 0)
		trv_session_set_grouping(window->session, (enum trv_grouping)grouping);
}

static void set_sorting(TrvWindow *window, const char *name)
{
	int sorting = trv_sorting_parse(name);

	if (sorting >= 0)
		trv_session_set_sorting(window->session, (enum trv_sorting)sorting);
}

static void trv_window_set_property(GObject *object, guint id, const GValue *value,
				    GParamSpec *spec)
{
	TrvWindow *window = TRV_WINDOW(object);

	if (id == PROPERTY_LIVE)
		trv_session_set_follow(window->session, g_value_get_boolean(value));
	else if (id == PROPERTY_REFUTED)
		trv_session_set_show_refuted(window->session, g_value_get_boolean(value));
	else if (id == PROPERTY_HIDE_MISSES)
		trv_session_set_hide_misses(window->session, g_value_get_boolean(value));
	else if (id == PROPERTY_GROUPING)
		set_grouping(window, g_value_get_string(value));
	else if (id == PROPERTY_SORTING)
		set_sorting(window, g_value_get_string(value));
	else
		adw_flap_set_reveal_flap(window->flap, g_value_get_boolean(value));
}

void trv_window_remember(TrvWindow *window)
{
	g_autofree char *folder = g_build_filename(g_get_user_state_dir(), "actorscope", NULL);

	trv_session_remember_in(window->session, folder);
	window->remembers = true;
	trv__window_fill_recent(window);
}

TrvSession *trv_window_session(TrvWindow *window)
{
	return window->session;
}

TrvTimeline *trv_window_timeline(TrvWindow *window)
{
	return window->timeline;
}

static void trv_window_dispose(GObject *object)
{
	TrvWindow *window = TRV_WINDOW(object);

	trv_session_cancel(window->session);
	trv__window_leave_recording(window);
	if (window->suggestions)
		gtk_widget_unparent(GTK_WIDGET(window->suggestions));
	window->suggestions = NULL;
	if (window->chooser)
		gtk_native_dialog_destroy(GTK_NATIVE_DIALOG(window->chooser));
	g_clear_object(&window->chooser);
	gtk_widget_dispose_template(GTK_WIDGET(window), TRV_TYPE_WINDOW);
	G_OBJECT_CLASS(trv_window_parent_class)->dispose(object);
}

static void trv_window_finalize(GObject *object)
{
	g_object_unref(TRV_WINDOW(object)->session);
	G_OBJECT_CLASS(trv_window_parent_class)->finalize(object);
}

static void bind_children(GtkWidgetClass *class)
{
	gtk_widget_class_set_template_from_resource(class, "/org/actorscope/Viewer/window.ui");
	gtk_widget_class_bind_template_callback(class, trv__window_place_lanes_button);
	gtk_widget_class_bind_template_child(class, TrvWindow, toasts);
	gtk_widget_class_bind_template_child(class, TrvWindow, title);
	gtk_widget_class_bind_template_child(class, TrvWindow, live);
	gtk_widget_class_bind_template_child(class, TrvWindow, inspector_button);
	gtk_widget_class_bind_template_child(class, TrvWindow, pages);
	gtk_widget_class_bind_template_child(class, TrvWindow, loading_page);
	gtk_widget_class_bind_template_child(class, TrvWindow, failed_page);
	gtk_widget_class_bind_template_child(class, TrvWindow, progress);
	gtk_widget_class_bind_template_child(class, TrvWindow, find_bar);
	gtk_widget_class_bind_template_child(class, TrvWindow, find_entry);
	gtk_widget_class_bind_template_child(class, TrvWindow, find_count);
	gtk_widget_class_bind_template_child(class, TrvWindow, overview);
	gtk_widget_class_bind_template_child(class, TrvWindow, flap);
	gtk_widget_class_bind_template_child(class, TrvWindow, inspector);
	gtk_widget_class_bind_template_child(class, TrvWindow, ruler);
	gtk_widget_class_bind_template_child(class, TrvWindow, timeline);
	gtk_widget_class_bind_template_child(class, TrvWindow, scrollbar);
	gtk_widget_class_bind_template_child(class, TrvWindow, lane_menu);
	gtk_widget_class_bind_template_child(class, TrvWindow, recent_menu);
	gtk_widget_class_bind_template_child(class, TrvWindow, action_menu);
	gtk_widget_class_bind_template_child(class, TrvWindow, open_button);
	gtk_widget_class_bind_template_child(class, TrvWindow, stop_recording);
	gtk_widget_class_bind_template_child(class, TrvWindow, rows);
	gtk_widget_class_bind_template_child(class, TrvWindow, demo);
	gtk_widget_class_bind_template_child(class, TrvWindow, findings_page);
	gtk_widget_class_bind_template_child(class, TrvWindow, findings);
	gtk_widget_class_bind_template_child(class, TrvWindow, actors_page);
	gtk_widget_class_bind_template_child(class, TrvWindow, actors);
	gtk_widget_class_bind_template_child(class, TrvWindow, marks_page);
	gtk_widget_class_bind_template_child(class, TrvWindow, marks);
	gtk_widget_class_bind_template_child(class, TrvWindow, difference);
	gtk_widget_class_bind_template_child(class, TrvWindow, graph);
	gtk_widget_class_bind_template_child(class, TrvWindow, panel);
	gtk_widget_class_bind_template_child(class, TrvWindow, panels);
	gtk_widget_class_bind_template_child(class, TrvWindow, graph_tools);
	gtk_widget_class_bind_template_child(class, TrvWindow, range);
	gtk_widget_class_bind_template_child(class, TrvWindow, sql);
	gtk_widget_class_bind_template_child(class, TrvWindow, lanes_box);
	gtk_widget_class_bind_template_child(class, TrvWindow, playback);
}

static void trv_window_class_init(TrvWindowClass *class)
{
	GObjectClass *object_class = G_OBJECT_CLASS(class);
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	object_class->dispose = trv_window_dispose;
	object_class->finalize = trv_window_finalize;
	object_class->get_property = trv_window_get_property;
	object_class->set_property = trv_window_set_property;
	g_object_class_install_property(
		object_class, PROPERTY_LIVE,
		g_param_spec_boolean("live", NULL, NULL, FALSE, G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_INSPECTOR,
		g_param_spec_boolean("inspector", NULL, NULL, TRUE, G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_REFUTED,
		g_param_spec_boolean("refuted", NULL, NULL, FALSE, G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_GROUPING,
		g_param_spec_string("grouping", NULL, NULL, "none", G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_SORTING,
		g_param_spec_string("sorting", NULL, NULL, "spawn", G_PARAM_READWRITE));
	g_object_class_install_property(
		object_class, PROPERTY_HIDE_MISSES,
		g_param_spec_boolean("hide-misses", NULL, NULL, FALSE, G_PARAM_READWRITE));
	g_type_ensure(TRV_TYPE_OVERVIEW);
	g_type_ensure(TRV_TYPE_INSPECTOR);
	g_type_ensure(TRV_TYPE_TIME_RULER);
	g_type_ensure(TRV_TYPE_TIMELINE);
	g_type_ensure(TRV_TYPE_FINDING_LIST);
	g_type_ensure(TRV_TYPE_ACTOR_LIST);
	g_type_ensure(TRV_TYPE_RANGE_VIEW);
	g_type_ensure(TRV_TYPE_SQL_VIEW);
	g_type_ensure(TRV_TYPE_MARK_LIST);
	g_type_ensure(TRV_TYPE_WAIT_GRAPH_VIEW);
	g_type_ensure(TRV_TYPE_PLAYBACK_BAR);
	bind_children(widget_class);
	trv__window_install_actions(widget_class);
	gtk_widget_class_install_property_action(widget_class, "win.live", "live");
	gtk_widget_class_install_property_action(widget_class, "win.inspector", "inspector");
	gtk_widget_class_install_property_action(widget_class, "win.refuted", "refuted");
	gtk_widget_class_install_property_action(widget_class, "win.group", "grouping");
	gtk_widget_class_install_property_action(widget_class, "win.sort", "sorting");
	gtk_widget_class_install_property_action(widget_class, "win.hide-misses", "hide-misses");
}

/* A split button has no way to name its menu. */
static void name_recent(GtkWidget *widget)
{
	if (GTK_IS_MENU_BUTTON(widget) || GTK_IS_TOGGLE_BUTTON(widget))
		gtk_accessible_update_property(GTK_ACCESSIBLE(widget),
					       GTK_ACCESSIBLE_PROPERTY_LABEL,
					       "Traces opened lately", -1);
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		name_recent(child);
}

static void on_flap(TrvWindow *window)
{
	g_object_notify(G_OBJECT(window), "inspector");
}

static void trv_window_init(TrvWindow *window)
{
	GtkDropTarget *drop = gtk_drop_target_new(GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);
	GtkAdjustment *lanes;

	window->session = trv_session_new();
	gtk_widget_init_template(GTK_WIDGET(window));
	g_signal_connect_object(window->session, "changed", G_CALLBACK(on_changed), window, 0);
	trv_overview_set_session(window->overview, window->session);
	trv_time_ruler_set_session(window->ruler, window->session);
	trv_timeline_set_session(window->timeline, window->session);
	trv_timeline_set_lane_menu(window->timeline, window->lane_menu);
	/* In a window too narrow for both, the flap hides by itself. */
	g_signal_connect_object(window->flap, "notify::reveal-flap", G_CALLBACK(on_flap), window,
				G_CONNECT_SWAPPED);
	trv_inspector_set_session(window->inspector, window->session);
	trv_finding_list_set_session(window->findings, window->session);
	trv_actor_list_set_session(window->actors, window->session);
	trv_range_view_set_session(window->range, window->session);
	trv_sql_view_set_session(window->sql, window->session);
	trv_mark_list_set_session(window->marks, window->session);
	trv_wait_graph_view_set_session(window->graph, window->session);
	trv_playback_bar_set_session(window->playback, window->session);
	trv__window_init_find(window);
	trv__window_init_panel(window);
	trv__window_init_record(window);
	trv__window_add_shortcuts(window);
	trv__window_fill_menu(window);
	name_recent(window->open_button);
	lanes = trv_timeline_vadjustment(window->timeline);
	gtk_scrollbar_set_adjustment(window->scrollbar, lanes);
	g_signal_connect_object(lanes, "changed", G_CALLBACK(on_lanes_resized), window, 0);
	g_signal_connect(drop, "drop", G_CALLBACK(on_drop), window);
	gtk_widget_add_controller(GTK_WIDGET(window), GTK_EVENT_CONTROLLER(drop));
	g_signal_connect(window->rows, "notify::max-position", G_CALLBACK(on_rows_resized), window);
	show_state(window);
}

TrvWindow *trv_window_new(GtkApplication *application)
{
	TrvWindow *window = g_object_new(TRV_TYPE_WINDOW, "application", application, NULL);

	trv_window_type_first(GTK_WINDOW(window));
	return window;
}
