/*
 * window-panel.c - what the panel at the bottom shows; the graph and the timeline as files
 */
#include "viewer/window-private.h"

#include "viewer/export.h"

/* --- which -------------------------------------------------------------------------------------
 */

/* After the graphs. */
enum { PANEL_RANGE = TRV_GRAPH_MODES, PANEL_SQL, PANELS };

static void on_panel(GtkDropDown *choice, GParamSpec *spec, TrvWindow *window)
{
	guint panel = gtk_drop_down_get_selected(choice);
	bool graph = panel < TRV_GRAPH_MODES;

	if (graph)
		trv_wait_graph_view_set_mode(window->graph, (enum trv_graph_mode)panel);
	gtk_widget_set_visible(GTK_WIDGET(window->graph_tools), graph);
	gtk_stack_set_visible_child_name(window->panels, graph                  ? "graph"
							 : panel == PANEL_RANGE ? "range"
										: "sql");
}

void trv__window_init_panel(TrvWindow *window)
{
	const char *titles[PANELS + 1] = {
		[PANEL_RANGE] = "Messages from A to B", [PANEL_SQL] = "Questions in SQL"};
	g_autoptr(GtkStringList) list = NULL;

	for (int i = 0; i < TRV_GRAPH_MODES; i++)
		titles[i] = trv_graph_title((enum trv_graph_mode)i);
	list = gtk_string_list_new(titles);
	gtk_drop_down_set_model(window->panel, G_LIST_MODEL(list));
	g_signal_connect(window->panel, "notify::selected", G_CALLBACK(on_panel), window);
}

bool trv_window_show_panel(TrvWindow *window, const char *name)
{
	static const char *const names[PANELS] = {"waits", "handles", "asks", "messages", "sql"};

	for (guint i = 0; i < PANELS; i++) {
		if (g_str_equal(names[i], name)) {
			gtk_drop_down_set_selected(window->panel, i);
			return true;
		}
	}
	return false;
}

GtkWidget *trv_window_part(TrvWindow *window, const char *name)
{
	if (g_str_equal(name, "graph"))
		return GTK_WIDGET(window->graph);
	return g_str_equal(name, "timeline") ? GTK_WIDGET(window->lanes_box) : NULL;
}

void trv__window_panel_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	guint panel = gtk_drop_down_get_selected(window->panel);

	if (g_str_equal(name, "win.range-table"))
		panel = PANEL_RANGE;
	else if (g_str_equal(name, "win.sql"))
		panel = PANEL_SQL;
	else
		panel = panel + 1 < TRV_GRAPH_MODES ? panel + 1 : 0;
	gtk_drop_down_set_selected(window->panel, panel);
	if (panel == PANEL_SQL)
		gtk_widget_child_focus(GTK_WIDGET(window->sql), GTK_DIR_TAB_FORWARD);
}

void trv__window_graph_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWaitGraphView *graph = TRV_WINDOW(widget)->graph;
	const double step = 1.3;

	if (g_str_equal(name, "win.graph-zoom-in"))
		trv_wait_graph_view_zoom(graph, step);
	else if (g_str_equal(name, "win.graph-zoom-out"))
		trv_wait_graph_view_zoom(graph, 1 / step);
	else
		trv_wait_graph_view_fit(graph);
}

/* --- files -------------------------------------------------------------------------------------
 */

static GError *write_dot(TrvWindow *window, const char *path)
{
	g_autofree char *dot = trv_wait_graph_view_dot(window->graph);
	GError *error = NULL;

	if (dot)
		g_file_set_contents(path, dot, -1, &error);
	return error;
}

void trv_window_export(TrvWindow *window, bool graph, const char *path)
{
	g_autoptr(GError) error = NULL;
	g_autofree char *name = g_filename_display_basename(path), *words = NULL;

	if (graph && g_str_has_suffix(path, ".dot"))
		error = write_dot(window, path);
	else
		error = trv_export_widget(
			graph ? GTK_WIDGET(window->graph) : GTK_WIDGET(window->lanes_box), path);
	if (error) {
		trv__window_say_trouble(window, error->message);
		return;
	}
	words = g_markup_printf_escaped("Written: %s", name);
	trv__window_say(window, words);
}

static void on_chosen(GtkNativeDialog *dialog, int response, TrvWindow *window)
{
	bool graph = g_object_get_data(G_OBJECT(dialog), "graph") != NULL;

	if (response == GTK_RESPONSE_ACCEPT) {
		g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
		g_autofree char *path = g_file_get_path(file);

		if (path && trv_session_state(window->session) == TRV_READY)
			trv_window_export(window, graph, path);
	}
	gtk_native_dialog_destroy(dialog);
	g_clear_object(&window->chooser);
}

void trv__window_export_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	bool graph = g_str_equal(name, "win.export-graph");
	static const char *const kinds[][2] = {{"Vectors (*.svg)", "*.svg"},
					       {"Document (*.pdf)", "*.pdf"},
					       {"Pixels (*.png)", "*.png"},
					       {"Graphviz (*.dot)", "*.dot"}};

	if (window->chooser)
		return;
	window->chooser = gtk_file_chooser_native_new(
		graph ? "Save the Graph" : "Save the Timeline", GTK_WINDOW(window),
		GTK_FILE_CHOOSER_ACTION_SAVE, "_Save", "_Cancel");
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(window->chooser), TRUE);
	gtk_file_chooser_set_current_name(GTK_FILE_CHOOSER(window->chooser),
					  graph ? "graph.svg" : "timeline.svg");
	for (size_t i = 0; i < G_N_ELEMENTS(kinds) - (graph ? 0 : 1); i++) {
		g_autoptr(GtkFileFilter) filter = gtk_file_filter_new();

		gtk_file_filter_set_name(filter, kinds[i][0]);
		gtk_file_filter_add_pattern(filter, kinds[i][1]);
		gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(window->chooser), filter);
	}
	g_object_set_data(G_OBJECT(window->chooser), "graph", GINT_TO_POINTER(graph));
	g_signal_connect(window->chooser, "response", G_CALLBACK(on_chosen), window);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(window->chooser));
}
