#include "tests/viewer/screen-reader.h"

#include <X11/Xlib.h>
#include <X11/Xutil.h>
#include <gio/gio.h>
#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_AUTOPTR_CLEANUP_FUNC(AtspiAccessible, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AtspiAction, g_object_unref)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(AtspiComponent, g_object_unref)

static struct {
	GSubprocess *process;
	AtspiAccessible *program;
	GPtrArray *things; /* borrowed out */
	char *window;      /* its number, as xdotool takes it */
	char *complaints;  /* file of its stderr */
	char *text;        /* lent out last */
	Display *display;
} reader;

static int on_gone(Display *display, XErrorEvent *error)
{
	return 0;
}

bool reader_init(void)
{
	XSetErrorHandler(on_gone);
	/* Of a program that is just starting it says that it cannot be asked everything yet. */
	g_log_set_always_fatal(G_LOG_FATAL_MASK | G_LOG_LEVEL_CRITICAL);
	if (atspi_init() > 1)
		return false;
	/* On a busy machine answers are late; none is taken for an empty one. */
	atspi_set_timeout(READER_LIMIT_S * 1000, READER_LIMIT_S * 1000);
	reader.display = XOpenDisplay(NULL);
	return reader.display != NULL;
}

void reader_pause(void)
{
	g_usleep(20 * 1000);
}

/* --- reading -----------------------------------------------------------------------------------
 */

static const char *lend(char *text)
{
	g_free(reader.text);
	reader.text = text ? text : g_strdup("");
	return reader.text;
}

const char *reader_name(AtspiAccessible *thing)
{
	return lend(atspi_accessible_get_name(thing, NULL));
}

const char *reader_description(AtspiAccessible *thing)
{
	return lend(atspi_accessible_get_description(thing, NULL));
}

static bool get_place(AtspiAccessible *thing, AtspiRect *ret_place)
{
	g_autoptr(AtspiComponent) component = atspi_accessible_get_component_iface(thing);
	AtspiRect *place =
		component ? atspi_component_get_extents(component, ATSPI_COORD_TYPE_WINDOW, NULL)
			  : NULL;

	if (!place)
		return false;
	*ret_place = *place;
	g_free(place);
	return true;
}

/* The pages of a stack are things without a place of their own. */
static bool is_shown(AtspiAccessible *thing)
{
	AtspiRect place;

	return !get_place(thing, &place) || (place.width > 0 && place.height > 0);
}

typedef bool judge(AtspiAccessible *thing, void *data);

/* Depth first; what has no place on the screen is not shown, and neither is what is in it. */
static AtspiAccessible *walk(AtspiAccessible *thing, judge *is_it, void *data)
{
	int count = atspi_accessible_get_role(thing, NULL) == ATSPI_ROLE_LABEL
			    ? 0
			    : atspi_accessible_get_child_count(thing, NULL);

	for (int i = 0; i < count; i++) {
		AtspiAccessible *child = atspi_accessible_get_child_at_index(thing, i, NULL);
		AtspiAccessible *found;

		if (!child)
			continue;
		g_ptr_array_add(reader.things, child);
		if (!is_shown(child))
			continue;
		if (is_it(child, data))
			return child;
		found = walk(child, is_it, data);
		if (found)
			return found;
	}
	return NULL;
}

struct sought {
	AtspiRole role;
	const char *words;
	bool anywhere; /* in any role, and anywhere in the name */
};

static bool is_sought(AtspiAccessible *thing, void *data)
{
	const struct sought *sought = data;

	if (sought->anywhere)
		return strstr(reader_name(thing), sought->words) != NULL;
	return atspi_accessible_get_role(thing, NULL) == sought->role &&
	       (g_str_has_prefix(reader_name(thing), sought->words) ||
		(sought->role == ATSPI_ROLE_LABEL &&
		 g_str_has_prefix(reader_description(thing), sought->words)));
}

AtspiAccessible *reader_look_in(AtspiAccessible *in, AtspiRole role, const char *words)
{
	return walk(in, is_sought, &(struct sought){role, words, false});
}

AtspiAccessible *reader_look(AtspiRole role, const char *words)
{
	return reader_look_in(reader.program, role, words);
}

AtspiAccessible *reader_find(AtspiRole role, const char *words)
{
	AtspiAccessible *found = NULL;
	gint64 limit = g_get_monotonic_time() + READER_LIMIT_S * G_TIME_SPAN_SECOND;

	while ((found = reader_look(role, words)) == NULL && g_get_monotonic_time() < limit)
		reader_pause();
	if (!found)
		fail_msg("nothing shown is called \"%s\"", words);
	return found;
}

bool reader_reads(const char *words)
{
	return walk(reader.program, is_sought, &(struct sought){0, words, true}) != NULL;
}

AtspiAccessible *reader_child(AtspiAccessible *list, int index)
{
	AtspiAccessible *child = atspi_accessible_get_child_at_index(list, index, NULL);

	assert_non_null(child);
	g_ptr_array_add(reader.things, child);
	return child;
}

/* Without a name GTK gives the class's; some of its own inner parts have no better one. */
static bool is_nameless(AtspiAccessible *thing, void *data)
{
	static const AtspiRole controls[] = {ATSPI_ROLE_PUSH_BUTTON, ATSPI_ROLE_TOGGLE_BUTTON,
					     ATSPI_ROLE_CHECK_BOX,   ATSPI_ROLE_ENTRY,
					     ATSPI_ROLE_COMBO_BOX,   ATSPI_ROLE_TEXT,
					     ATSPI_ROLE_LIST_ITEM,   ATSPI_ROLE_IMAGE};
	AtspiRole role = atspi_accessible_get_role(thing, NULL);
	g_autofree char *name = atspi_accessible_get_name(thing, NULL);
	g_autoptr(AtspiAccessible) parent = atspi_accessible_get_parent(thing, NULL);
	g_autofree char *of = parent ? atspi_accessible_get_name(parent, NULL) : NULL;
	bool control = false;

	for (size_t i = 0; i < G_N_ELEMENTS(controls); i++)
		control |= role == controls[i];
	if (!control || (name && name[0] && !g_str_has_prefix(name, "Gtk") &&
			 !g_str_has_prefix(name, "Trv") && !g_str_has_prefix(name, "Adw")))
		return false;
	/* The button of a drop-down, and pictures beside words. */
	if (g_str_equal(name, "GtkImage") || g_str_equal(name, "GtkToggleButton"))
		return false;
	print_message("nameless: %s in %s\n", name, of);
	++*(int *)data;
	return false;
}

int reader_count_nameless(void)
{
	int count = 0;

	walk(reader.program, is_nameless, &count);
	return count;
}

bool reader_is_on(AtspiAccessible *thing)
{
	AtspiStateSet *states = atspi_accessible_get_state_set(thing);
	bool on = atspi_state_set_contains(states, ATSPI_STATE_PRESSED) ||
		  atspi_state_set_contains(states, ATSPI_STATE_CHECKED);

	g_object_unref(states);
	return on;
}

void reader_activate(AtspiAccessible *thing)
{
	g_autoptr(AtspiAction) action = atspi_accessible_get_action_iface(thing);

	assert_non_null(action);
	assert_true(atspi_action_do_action(action, 0, NULL));
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

#define XDOTOOL(...) xdotool((const char *const[]){"xdotool", __VA_ARGS__, NULL})

/* Tips and menus are windows, too, but not for the keys; and they are gone at any moment. */
static bool is_window(const char *number)
{
	XWindowAttributes attributes;

	return XGetWindowAttributes(reader.display, (Window)g_ascii_strtoull(number, NULL, 10),
				    &attributes) &&
	       !attributes.override_redirect;
}

/* Dialogs are windows of their own, and there is no window manager to give them the keys. */
static char *top_window(void)
{
	g_autoptr(GSubprocess) process = NULL;
	g_autofree char *output = NULL;
	g_auto(GStrv) lines = NULL;
	const char *top = NULL;

	process = g_subprocess_new(G_SUBPROCESS_FLAGS_STDOUT_PIPE, NULL, "xdotool", "search",
				   "--sync", "--onlyvisible", "--pid",
				   g_subprocess_get_identifier(reader.process), NULL);
	assert_non_null(process);
	assert_true(g_subprocess_communicate_utf8(process, NULL, NULL, &output, NULL, NULL));
	lines = g_strsplit(g_strstrip(output), "\n", -1);
	for (size_t i = 0; lines[i]; i++) {
		if (is_window(lines[i]))
			top = lines[i];
	}
	return g_strdup(top);
}

static bool has_focus(const char *window)
{
	Window focused;
	int revert;

	XGetInputFocus(reader.display, &focused, &revert);
	return focused == (Window)g_ascii_strtoull(window, NULL, 10);
}

void reader_press(const char *key)
{
	g_autofree char *window = NULL;

	READER_WAIT((window = top_window()) != NULL);
	/* One that is given the focus anew may take the key before its entry has it again. */
	if (has_focus(window))
		XDOTOOL("key", key);
	else
		XDOTOOL("windowfocus", "--sync", window, "key", key);
}

void reader_type(const char *text)
{
	XDOTOOL("type", "--delay", "1", text);
}

/* GTK says where a thing is in its window without the shadow that it draws around it. */
static void locate(AtspiAccessible *thing, int *x, int *y)
{
	AtspiRect frame = {0}, place = {0};
	AtspiAccessible *window = atspi_accessible_get_child_at_index(reader.program, 0, NULL);
	XWindowAttributes attributes;

	assert_non_null(window);
	g_ptr_array_add(reader.things, window);
	assert_true(get_place(window, &frame) && get_place(thing, &place));
	XGetWindowAttributes(reader.display, (Window)g_ascii_strtoull(reader.window, NULL, 10),
			     &attributes);
	*x += place.x + (attributes.width - frame.width) / 2;
	*y += place.y + (attributes.height - frame.height) / 2;
}

static void at_text(AtspiAccessible *thing, int x, int y, char text[2][16])
{
	locate(thing, &x, &y);
	g_snprintf(text[0], 16, "%d", x);
	g_snprintf(text[1], 16, "%d", y);
}

void reader_click(AtspiAccessible *thing, int x, int y)
{
	char at[2][16];

	at_text(thing, x, y, at);
	XDOTOOL("mousemove", "--window", reader.window, at[0], at[1], "click", "1");
}

void reader_drag(AtspiAccessible *thing, int x, int y, int to_x, int to_y, const char *key)
{
	char from[2][16], to[2][16];

	at_text(thing, x, y, from);
	at_text(thing, to_x, to_y, to);
	if (key)
		XDOTOOL("mousemove", "--window", reader.window, from[0], from[1], "keydown", key,
			"mousedown", "1", "mousemove", "--window", reader.window, to[0], to[1],
			"mouseup", "1", "keyup", key);
	else
		XDOTOOL("mousemove", "--window", reader.window, from[0], from[1], "mousedown", "1",
			"mousemove", "--window", reader.window, to[0], to[1], "mouseup", "1");
}

void reader_wheel(AtspiAccessible *thing, int x, int y, const char *button, const char *key)
{
	char at[2][16];

	at_text(thing, x, y, at);
	XDOTOOL("mousemove", "--window", reader.window, at[0], at[1], "keydown", key, "click",
		button, "keyup", key);
}

void reader_size(AtspiAccessible *thing, int *ret_width, int *ret_height)
{
	AtspiRect place = {0};

	assert_true(get_place(thing, &place));
	*ret_width = place.width;
	*ret_height = place.height;
}

unsigned reader_picture(AtspiAccessible *thing)
{
	AtspiRect place = {0};
	int x = 0, y = 0;
	unsigned sum = 5381;
	XImage *image;

	assert_true(get_place(thing, &place));
	locate(thing, &x, &y);
	image = XGetImage(reader.display, (Window)g_ascii_strtoull(reader.window, NULL, 10), x, y,
			  (unsigned)place.width, (unsigned)place.height, AllPlanes, ZPixmap);
	assert_non_null(image);
	for (int row = 0; row < image->height; row++) {
		for (int column = 0; column < image->width; column++)
			sum = sum * 33 + (unsigned)XGetPixel(image, column, row);
	}
	XDestroyImage(image);
	return sum;
}

/* --- the program -------------------------------------------------------------------------------
 */

static AtspiAccessible *find_program(const char *name)
{
	g_autoptr(AtspiAccessible) desktop = atspi_get_desktop(0);
	int count = atspi_accessible_get_child_count(desktop, NULL);

	for (int i = 0; i < count; i++) {
		g_autoptr(AtspiAccessible) program =
			atspi_accessible_get_child_at_index(desktop, i, NULL);

		if (program && g_str_equal(reader_name(program), name) &&
		    atspi_accessible_get_child_count(program, NULL) > 0)
			return g_object_ref(program);
	}
	return NULL;
}

void reader_open(const char *viewer, const char *trace, const char *home)
{
	g_autoptr(GSubprocessLauncher) launcher =
		g_subprocess_launcher_new(G_SUBPROCESS_FLAGS_NONE);
	g_autofree char *name = g_path_get_basename(viewer);

	reader.things = g_ptr_array_new_with_free_func(g_object_unref);
	reader.complaints = g_build_filename(home, "stderr", NULL);
	g_subprocess_launcher_unsetenv(launcher, "GTK_A11Y");
	g_subprocess_launcher_unsetenv(launcher, "NO_AT_BRIDGE");
	g_subprocess_launcher_setenv(launcher, "XDG_STATE_HOME", home, TRUE);
	g_subprocess_launcher_set_stderr_file_path(launcher, reader.complaints);
	reader.process = g_subprocess_launcher_spawn(launcher, NULL, viewer, trace, NULL);
	assert_non_null(reader.process);
	READER_WAIT((reader.program = find_program(name)) != NULL);
	/* Things change under our eyes: each question is asked anew, but for what a thing is. A
	 * mask of the desktop's would do for a program only while the library knows whose child
	 * that is; else all that was ever answered would be kept for true. */
	atspi_accessible_set_cache_mask(reader.program, ATSPI_CACHE_ROLE | ATSPI_CACHE_INTERFACES);
	READER_WAIT((reader.window = top_window()) != NULL);
}

void reader_close(void)
{
	g_autofree char *complaints = NULL;

	if (!reader.process)
		return;
	g_subprocess_send_signal(reader.process, 15);
	g_subprocess_wait(reader.process, NULL, NULL);
	assert_true(g_file_get_contents(reader.complaints, &complaints, NULL, NULL));
	if (complaints[0])
		fail_msg("the viewer wrote: %s", complaints);
	g_unlink(reader.complaints);
	g_clear_pointer(&reader.things, g_ptr_array_unref);
	g_clear_object(&reader.program);
	g_clear_object(&reader.process);
	g_clear_pointer(&reader.complaints, g_free);
	g_clear_pointer(&reader.window, g_free);
	g_clear_pointer(&reader.text, g_free);
}
