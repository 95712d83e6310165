#include "viewer/app.h"

#include "viewer/compare-window.h"
#include "viewer/screenshot.h"
#include "viewer/window.h"

#include <malloc.h>
#include <stdlib.h>

struct _TrvApp {
	AdwApplication parent_instance;

	struct trv_screenshot shot; /* file is NULL: none is wanted */
	char *compare;              /* the run to compare with; NULL: none */
	int exit_status;
};

G_DEFINE_FINAL_TYPE(TrvApp, trv_app, ADW_TYPE_APPLICATION)

/* --- command line ------------------------------------------------------------------------------
 */

static const GOptionEntry options[] = {
	{"screenshot", 0, 0, G_OPTION_ARG_FILENAME, NULL,
	 "Draw the window of TRACE into FILE, a PNG picture, and exit", "FILE"},
	{"size", 0, 0, G_OPTION_ARG_STRING, NULL, "The picture's size in pixels (1400x900)", "WxH"},
	{"at", 0, 0, G_OPTION_ARG_STRING, NULL, "Put the playhead at TIME (1.25, 108ms, 42us)",
	 "TIME"},
	{"select", 0, 0, G_OPTION_ARG_STRING, NULL,
	 "Select finding (with --compare, difference) NUMBER, from 1", "NUMBER"},
	{"message", 0, 0, G_OPTION_ARG_STRING, NULL, "Select the message of this NUMBER", "NUMBER"},
	{"panel", 0, 0, G_OPTION_ARG_STRING, NULL,
	 "Show this panel: waits, handles, asks, messages, sql", "PANEL"},
	{"only", 0, 0, G_OPTION_ARG_STRING, NULL, "Draw this part alone: graph, timeline", "PART"},
	{"compare", 0, 0, G_OPTION_ARG_FILENAME, NULL,
	 "Show TRACE and OTHER side by side, and where they differ", "OTHER"},
	{"version", 0, 0, G_OPTION_ARG_NONE, NULL, "Print the version and exit", NULL},
	{NULL, 0, 0, 0, NULL, NULL, NULL},
};

static int complain(const char *format, ...) G_GNUC_PRINTF(1, 2);
static int complain(const char *format, ...)
{
	g_autofree char *text = NULL;
	va_list arguments;

	va_start(arguments, format);
	text = g_strdup_vprintf(format, arguments);
	va_end(arguments);
	g_printerr("actorscope-viewer: %s\n", text);
	return TRV_EXIT_BAD;
}

static bool parse_size(const char *text, struct trv_screenshot *shot)
{
	char rest;

	return sscanf(text, "%dx%d%c", &shot->width, &shot->height, &rest) == 2 &&
	       shot->width >= 1000 && shot->width <= 8000 && shot->height >= 600 &&
	       shot->height <= 8000;
}

/* Returns -1 to go on, or the status to exit with. */
static int read_options(TrvApp *app, GVariantDict *given)
{
	const char *text;

	if (g_variant_dict_lookup(given, "screenshot", "^&ay", &text))
		app->shot.file = g_strdup(text);
	if (g_variant_dict_lookup(given, "size", "&s", &text) && !parse_size(text, &app->shot))
		return complain("--size=%s: give a width and a height from 1000x600 to 8000x8000",
				text);
	if (g_variant_dict_lookup(given, "at", "&s", &text)) {
		app->shot.at_set = trv_time_parse(text, &app->shot.at);
		if (!app->shot.at_set)
			return complain("--at=%s: give a time such as 1.25, 108ms or 42us", text);
	}
	if (g_variant_dict_lookup(given, "select", "&s", &text)) {
		guint64 number;

		if (!g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT32, &number, NULL))
			return complain("--select=%s: findings are numbered from 1", text);
		app->shot.finding = (size_t)number;
	}
	if (g_variant_dict_lookup(given, "message", "&s", &text) &&
	    !g_ascii_string_to_unsigned(text, 10, 1, G_MAXUINT64, &app->shot.message, NULL))
		return complain("--message=%s: give a message's number", text);
	g_variant_dict_lookup(given, "panel", "s", &app->shot.panel);
	g_variant_dict_lookup(given, "only", "s", &app->shot.only);
	if (g_variant_dict_lookup(given, "compare", "^&ay", &text))
		app->compare = g_strdup(text);
	if (!app->shot.file && (app->shot.width || app->shot.at_set || app->shot.finding ||
				app->shot.message || app->shot.panel || app->shot.only))
		return complain("--size, --at, --select, --message, --panel and --only go with "
				"--screenshot");
	if (app->compare && (app->shot.message || app->shot.panel || app->shot.only))
		return complain("--message, --panel and --only are for one run alone");
	return -1;
}

static int trv_app_handle_local_options(GApplication *application, GVariantDict *given)
{
	TrvApp *app = TRV_APP(application);
	int status;

	if (g_variant_dict_contains(given, "version")) {
		g_print("actorscope-viewer %s\n", ACTORSCOPE_VERSION);
		return TRV_EXIT_OK;
	}
	status = read_options(app, given);
	if (status >= 0)
		return status;
	if (app->shot.file) {
		/* A picture needs neither a graphics card nor a screen reader. */
		g_setenv("GSK_RENDERER", "cairo", TRUE);
		g_setenv("GTK_A11Y", "none", TRUE);
	}
	/* Asked here, since GTK's own way to fail says nothing about what to do. */
	if (!gtk_init_check()) {
		complain("there is no display to open a window on: set DISPLAY or WAYLAND_DISPLAY, "
			 "or "
			 "run it as \"xvfb-run -a actorscope-viewer ...\"");
		return TRV_EXIT_NO_DISPLAY;
	}
	return -1;
}

/* --- windows -----------------------------------------------------------------------------------
 */

static void on_screenshot(const GError *error, gpointer data)
{
	TrvApp *app = data;

	if (error)
		app->exit_status = complain("%s", error->message);
	g_application_quit(G_APPLICATION(app));
}

/* On a bare display GTK has nothing but "Sans"; a picture is to look as the desktop does. */
static void dress_for_picture(GtkWidget *window)
{
	GtkSettings *settings = gtk_settings_get_default();
	PangoFontMap *fonts = pango_context_get_font_map(gtk_widget_get_pango_context(window));

	for (guint i = 0; i < g_list_model_get_n_items(G_LIST_MODEL(fonts)); i++) {
		g_autoptr(PangoFontFamily) family = g_list_model_get_item(G_LIST_MODEL(fonts), i);

		if (g_str_equal(pango_font_family_get_name(family), "Cantarell"))
			g_object_set(settings, "gtk-font-name", "Cantarell 11", NULL);
	}
	g_object_set(settings, "gtk-enable-animations", FALSE, NULL);
}

static TrvWindow *add_window(TrvApp *app)
{
	TrvWindow *window = trv_window_new(GTK_APPLICATION(app));

	if (!app->shot.file)
		trv_window_remember(window);
	if (app->shot.width > 0)
		gtk_window_set_default_size(GTK_WINDOW(window), app->shot.width, app->shot.height);
	return window;
}

static void open_both(TrvApp *app, const char *a, const char *b)
{
	TrvCompareWindow *window = trv_compare_window_new(GTK_APPLICATION(app));

	if (app->shot.width > 0)
		gtk_window_set_default_size(GTK_WINDOW(window), app->shot.width, app->shot.height);
	if (app->shot.file) {
		dress_for_picture(GTK_WIDGET(window));
		trv_screenshot_take_both(window, &app->shot, on_screenshot, app);
	}
	trv_compare_window_open(window, a, b);
	gtk_window_present(GTK_WINDOW(window));
}

static void trv_app_activate(GApplication *application)
{
	TrvApp *app = TRV_APP(application);

	if (app->compare) {
		app->exit_status = complain("--compare needs the trace to compare with: "
					    "actorscope-viewer TRACE --compare %s",
					    app->compare);
		return;
	}
	if (app->shot.file) {
		app->exit_status = complain("--screenshot needs the trace to draw: "
					    "actorscope-viewer --screenshot FILE.png TRACE");
		return;
	}
	gtk_window_present(GTK_WINDOW(add_window(app)));
}

static void trv_app_open(GApplication *application, GFile **files, int count, const char *hint)
{
	TrvApp *app = TRV_APP(application);

	if (app->compare) {
		g_autofree char *other = g_steal_pointer(&app->compare);
		g_autofree char *path = g_file_get_path(files[0]);

		if (count > 1 || !path)
			app->exit_status =
				complain("--compare takes one trace besides, not %d", count);
		else
			open_both(app, path, other);
		return;
	}
	if (app->shot.file && count > 1) {
		app->exit_status = complain("--screenshot draws one trace, not %d", count);
		return;
	}
	for (int i = 0; i < count; i++) {
		g_autofree char *path = g_file_get_path(files[i]);
		TrvWindow *window = add_window(app);

		if (app->shot.file) {
			dress_for_picture(GTK_WIDGET(window));
			trv_screenshot_take(window, &app->shot, on_screenshot, app);
		}
		if (path)
			trv_window_open(window, path);
		gtk_window_present(GTK_WINDOW(window));
	}
}

static void about_action(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	adw_show_about_window(
		gtk_application_get_active_window(GTK_APPLICATION(data)), "application-name",
		"Actorscope", "application-icon", "org.actorscope.Viewer", "version",
		ACTORSCOPE_VERSION, "comments",
		"See what the actors of a program say to each other, who waits for whom, "
		"and where they lock up.",
		"license-type", GTK_LICENSE_APACHE_2_0, NULL);
}

static void quit_action(GSimpleAction *action, GVariant *parameter, gpointer data)
{
	g_application_quit(G_APPLICATION(data));
}

static void trv_app_startup(GApplication *application)
{
	static const GActionEntry entries[] = {
		{.name = "about", .activate = about_action},
		{.name = "quit", .activate = quit_action},
	};

	G_APPLICATION_CLASS(trv_app_parent_class)->startup(application);
	gtk_window_set_default_icon_name("org.actorscope.Viewer");
	g_action_map_add_action_entries(G_ACTION_MAP(application), entries, G_N_ELEMENTS(entries),
					application);
	trv_window_set_accels(GTK_APPLICATION(application));
}

/* --- life --------------------------------------------------------------------------------------
 */

int trv_app_exit_status(TrvApp *app, int run_status)
{
	return app->exit_status ? app->exit_status : run_status;
}

static void trv_app_finalize(GObject *object)
{
	g_free(TRV_APP(object)->shot.file);
	g_free(TRV_APP(object)->shot.panel);
	g_free(TRV_APP(object)->shot.only);
	g_free(TRV_APP(object)->compare);
	G_OBJECT_CLASS(trv_app_parent_class)->finalize(object);
}

static void trv_app_class_init(TrvAppClass *class)
{
	GApplicationClass *application_class = G_APPLICATION_CLASS(class);

	G_OBJECT_CLASS(class)->finalize = trv_app_finalize;
	application_class->handle_local_options = trv_app_handle_local_options;
	application_class->activate = trv_app_activate;
	application_class->open = trv_app_open;
	application_class->startup = trv_app_startup;
}

static void trv_app_init(TrvApp *app)
{
	GApplication *application = G_APPLICATION(app);

	g_application_add_main_option_entries(application, options);
	g_application_set_option_context_parameter_string(application, "[TRACE...]");
	g_application_set_option_context_summary(
		application, "Shows a recording of an actor program: its timeline, its waits, and "
			     "the deadlocks found in it.");
}

/* What a search or a picture took goes back to the system at once, and arrays that grow are moved
 * without being copied; by itself, the library would keep ever larger ones for later. */
static void return_memory_at_once(void)
{
	mallopt(M_MMAP_THRESHOLD, 1 << 20);
}

TrvApp *trv_app_new(void)
{
	return_memory_at_once();
	return g_object_new(TRV_TYPE_APP, "application-id", "org.actorscope.Viewer",
			    "resource-base-path", "/org/actorscope/Viewer", "flags",
			    G_APPLICATION_HANDLES_OPEN | G_APPLICATION_NON_UNIQUE, NULL);
}
