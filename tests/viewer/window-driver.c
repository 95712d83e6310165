#include "tests/viewer/window-driver.h"

#include "tests/viewer/sample-trace.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

enum { ROUNDS = 20 }; /* of talk in the sample traces */

struct driver on;

/* --- waiting -----------------------------------------------------------------------------------
 */

gboolean driver_set_flag(gpointer data)
{
	*(bool *)data = true;
	return G_SOURCE_REMOVE;
}

static gboolean count_frame(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	return ++*(int *)data < 3 ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void wait_for_frames(void)
{
	int frames = 0;

	gtk_widget_add_tick_callback(GTK_WIDGET(on.window), count_frame, &frames, NULL);
	WAIT_FOR(frames >= 3 && trv_session_is_settled(on.session));
}

/* --- input -------------------------------------------------------------------------------------
 */

static void xdotool(const char *const *arguments)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GSubprocess) process =
		g_subprocess_newv(arguments, G_SUBPROCESS_FLAGS_NONE, &error);

	if (!process)
		fail_msg("xdotool: %s", error->message);
	assert_true(g_subprocess_wait_check(process, NULL, &error));
}

void press(const char *key)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);

	xdotool((const char *const[]){"xdotool", "windowfocus", "--sync", window, "key", key,
				      NULL});
}

void type_text(const char *text)
{
	xdotool((const char *const[]){"xdotool", "type", "--delay", "1", text, NULL});
}

/* From a widget's to its X window's coordinates. */
static void locate(GtkWidget *widget, double x, double y, char text[2][16])
{
	double left, top, dx, dy;
	GtkNative *native = gtk_widget_get_native(widget);

	assert_true(
		gtk_widget_translate_coordinates(widget, GTK_WIDGET(native), x, y, &left, &top));
	gtk_native_get_surface_transform(native, &dx, &dy);
	g_snprintf(text[0], 16, "%d", (int)lround(left + dx));
	g_snprintf(text[1], 16, "%d", (int)lround(top + dy));
}

void point_at(GtkWidget *widget, double x, double y)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char at[2][16];

	locate(widget, x, y, at);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, at[0], at[1],
				      NULL});
}

void click(GtkWidget *widget, double x, double y)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char at[2][16];

	locate(widget, x, y, at);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, at[0], at[1],
				      "click", "1", NULL});
}

void drag(GtkWidget *widget, double x, double y, double to_x, double to_y)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char from[2][16], to[2][16];

	locate(widget, x, y, from);
	locate(widget, to_x, to_y, to);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, from[0], from[1],
				      "mousedown", "1", "mousemove", "--window", window, to[0],
				      to[1], "mouseup", "1", NULL});
}

void drag_with(GtkWidget *widget, double x, double y, double to_x, double to_y, const char *key)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char from[2][16], to[2][16];

	locate(widget, x, y, from);
	locate(widget, to_x, to_y, to);
	xdotool((const char *const[]){"xdotool",   "mousemove", "--window", window,      from[0],
				      from[1],     "keydown",   key,        "mousedown", "1",
				      "mousemove", "--window",  window,     to[0],       to[1],
				      "mouseup",   "1",         "keyup",    key,         NULL});
}

void turn_wheel(GtkWidget *widget, double x, double y, const char *button, const char *key)
{
	g_autofree char *window = g_strdup_printf("%lu", on.xid);
	char at[2][16];

	locate(widget, x, y, at);
	xdotool((const char *const[]){"xdotool", "mousemove", "--window", window, at[0], at[1],
				      "keydown", key, "click", button, "keyup", key, NULL});
}

GtkWidget *find(GtkWidget *widget, GType type)
{
	if (G_TYPE_CHECK_INSTANCE_TYPE(widget, type))
		return widget;
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child)) {
		GtkWidget *found = find(child, type);

		if (found)
			return found;
	}
	return NULL;
}

GtkWidget *find_named(GType (*type)(void))
{
	GtkWidget *widget = find(GTK_WIDGET(on.window), type());

	assert_non_null(widget);
	return widget;
}

GtkWidget *driver_dialog(void)
{
	GListModel *windows = gtk_window_get_toplevels();

	for (guint i = 0; i < g_list_model_get_n_items(windows); i++) {
		g_autoptr(GtkWidget) window = g_list_model_get_item(windows, i);

		if (ADW_IS_MESSAGE_DIALOG(window) && gtk_widget_get_visible(window))
			return window;
	}
	return NULL;
}

bool shows(GtkWidget *widget, const char *text)
{
	if (!gtk_widget_get_mapped(widget))
		return false;
	if (GTK_IS_LABEL(widget) && strstr(gtk_label_get_text(GTK_LABEL(widget)), text))
		return true;
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child)) {
		if (shows(child, text))
			return true;
	}
	return false;
}

void activate(const char *action)
{
	assert_true(gtk_widget_activate_action(GTK_WIDGET(on.window), action, NULL));
}

const struct trc_finding *driver_finding(size_t index)
{
	const struct trc_findings *findings = &trv_session_survey(on.session)->findings;

	assert_true(index < findings->count);
	return &findings->items[index];
}

uint64_t driver_row(size_t row)
{
	const struct trv_rows *rows = trv_session_rows(on.session);

	assert_true(row < rows->count);
	return rows->items[row].actor;
}

/* --- set-up ------------------------------------------------------------------------------------
 */

int driver_open_window(void **state)
{
	on.window = trv_window_new(GTK_APPLICATION(on.app));
	on.session = trv_window_session(on.window);
	gtk_window_set_default_size(GTK_WINDOW(on.window), 1300, 800);
	gtk_window_present(GTK_WINDOW(on.window));
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(on.window)));
	on.xid = gdk_x11_surface_get_xid(gtk_native_get_surface(GTK_NATIVE(on.window)));
	wait_for_frames();
	return 0;
}

int driver_close_window(void **state)
{
	gtk_window_destroy(GTK_WINDOW(on.window));
	return 0;
}

void open_trace(const char *path)
{
	trv_window_open(on.window, path);
	WAIT_FOR(trv_session_state(on.session) >= TRV_READY);
	wait_for_frames();
}

int driver_set_up(void **state)
{
	g_autoptr(GError) error = NULL;

	on.folder = g_dir_make_tmp("actorscope-viewer-XXXXXX", &error);
	assert_non_null(on.folder);
	on.hang = g_build_filename(on.folder, "hang.db", NULL);
	on.calm = g_build_filename(on.folder, "calm.db", NULL);
	on.broken = g_build_filename(on.folder, "broken.db", NULL);
	sample_chat(on.hang, ROUNDS, true);
	sample_chat(on.calm, ROUNDS, false);
	assert_true(g_file_set_contents(on.broken, "this is no trace", -1, &error));
	on.app = trv_app_new();
	assert_true(g_application_register(G_APPLICATION(on.app), NULL, &error));
	g_object_set(gtk_settings_get_default(), "gtk-enable-animations", FALSE, NULL);
	return 0;
}

static void remove_tree(const char *path)
{
	g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
	const char *name;

	while (folder && (name = g_dir_read_name(folder)) != NULL) {
		g_autofree char *inside = g_build_filename(path, name, NULL);

		remove_tree(inside);
	}
	g_remove(path);
}

int driver_tear_down(void **state)
{
	remove_tree(on.folder);
	g_object_unref(on.app);
	g_free(on.hang);
	g_free(on.calm);
	g_free(on.broken);
	g_free(on.folder);
	return 0;
}
