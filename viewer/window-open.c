/*
 * window-open.c - opening a trace: chosen, dropped, again, or not after all
 */
#include "viewer/window-private.h"

#include "viewer/compare-window.h"

static void compare_with(TrvWindow *window, const char *path)
{
	TrvCompareWindow *both =
		trv_compare_window_new(gtk_window_get_application(GTK_WINDOW(window)));

	trv_compare_window_open(both, trv_session_path(window->session), path);
	gtk_window_present(GTK_WINDOW(both));
}

static void on_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
	TrvWindow *window = data;

	if (response == GTK_RESPONSE_ACCEPT) {
		g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
		g_autofree char *path = g_file_get_path(file);

		if (path && g_object_get_data(G_OBJECT(dialog), "compare"))
			compare_with(window, path);
		else if (path)
			trv_window_open(window, path);
	}
	gtk_native_dialog_destroy(dialog);
	g_clear_object(&window->chooser);
}

void trv__window_open_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	bool compare = g_str_equal(name, "win.compare");
	g_autoptr(GtkFileFilter) traces = gtk_file_filter_new();
	g_autoptr(GtkFileFilter) all = gtk_file_filter_new();

	if (window->chooser)
		return;
	window->chooser = gtk_file_chooser_native_new(
		compare ? "Compare With Another Run" : "Open a Trace", GTK_WINDOW(window),
		GTK_FILE_CHOOSER_ACTION_OPEN, compare ? "_Compare" : "_Open", "_Cancel");
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(window->chooser), TRUE);
	gtk_file_filter_set_name(traces, "Traces (*.db)");
	gtk_file_filter_add_pattern(traces, "*.db");
	gtk_file_filter_set_name(all, "All Files");
	gtk_file_filter_add_pattern(all, "*");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(window->chooser), traces);
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(window->chooser), all);
	g_object_set_data(G_OBJECT(window->chooser), "compare", GINT_TO_POINTER(compare));
	g_signal_connect(window->chooser, "response", G_CALLBACK(on_chosen), window);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(window->chooser));
}

void trv__window_open_file_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_window_open(TRV_WINDOW(widget), g_variant_get_string(parameter, NULL));
}

void trv__window_reload_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvSession *session = TRV_WINDOW(widget)->session;

	if (trv_session_path(session))
		trv_session_open(session, trv_session_path(session));
}

void trv__window_cancel_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_session_cancel(TRV_WINDOW(widget)->session);
}
