/*
 * window-driver.h - the window under test, and a hand that presses its keys and moves its pointer
 *
 * The window lives in the test's process; keys and clicks come from xdotool, as from any other
 * client of the X server. Waits are for conditions, with a generous limit.
 */
#ifndef TESTS_VIEWER_WINDOW_DRIVER_H
#define TESTS_VIEWER_WINDOW_DRIVER_H

#include "viewer/app.h"
#include "viewer/window.h"

#include <gdk/x11/gdkx.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { DRIVER_LIMIT_S = 30 };

struct driver {
	char *folder;
	char *hang, *calm, *broken; /* traces */
	TrvApp *app;
	TrvWindow *window;
	TrvSession *session;
	Window xid;
};
extern struct driver on;

gboolean driver_set_flag(gpointer data);

/* Runs the main loop until `condition` holds. */
#define WAIT_FOR(condition)                                                                    \
	do {                                                                                   \
		bool late_ = false;                                                            \
		guint timer_ = g_timeout_add_seconds(DRIVER_LIMIT_S, driver_set_flag, &late_); \
		while (!(condition) && !late_)                                                 \
			g_main_context_iteration(NULL, TRUE);                                  \
		if (!late_)                                                                    \
			g_source_remove(timer_);                                               \
		assert_true(condition);                                                        \
	} while (0)

/* Until what has changed is also laid out and drawn. */
void wait_for_frames(void);

/* Opens a trace in the window and waits until it is there, or has failed. */
void open_trace(const char *path);

void press(const char *key);
void type_text(const char *text);
void point_at(GtkWidget *widget, double x, double y); /* the pointer goes there */
void click(GtkWidget *widget, double x, double y);
void drag(GtkWidget *widget, double x, double y, double to_x, double to_y);

/* The same with a key held. */
void drag_with(GtkWidget *widget, double x, double y, double to_x, double to_y, const char *key);

/* Button 4 is the wheel turned away from one; `key` is held meanwhile. */
void turn_wheel(GtkWidget *widget, double x, double y, const char *button, const char *key);
void activate(const char *action);

/* The first widget of a type; find_named() fails the test when the window has none. */
GtkWidget *find(GtkWidget *widget, GType type);
GtkWidget *find_named(GType (*type)(void));

/* The message dialog that is open, or NULL. */
GtkWidget *driver_dialog(void);

/* Whether a visible label inside `widget` holds `text`. */
bool shows(GtkWidget *widget, const char *text);

/* Of the session; they fail the test when there is none. */
const struct trc_finding *driver_finding(size_t index);
uint64_t driver_row(size_t row); /* its actor, or 0 */

/* For cmocka: around each test, and around all. */
int driver_open_window(void **state);
int driver_close_window(void **state);
int driver_set_up(void **state);
int driver_tear_down(void **state);

#define WINDOW_TEST(function) \
	cmocka_unit_test_setup_teardown(function, driver_open_window, driver_close_window)

#endif
