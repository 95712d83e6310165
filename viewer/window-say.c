/*
 * window-say.c - sentences at the window's lower edge
 *
 * The newest takes the place of the one before it: whoever presses a key five times is not to read
 * for half a minute that it did nothing.
 */
#include "viewer/window-private.h"

enum { WORDS_S = 5, UNTIL_CLOSED = 0 };

static void on_dismissed(AdwToast *toast, TrvWindow *window)
{
	if (window->said == toast)
		window->said = NULL;
}

static void say(TrvWindow *window, const char *text, guint seconds)
{
	AdwToast *toast = adw_toast_new(text), *before = window->said;

	window->said = toast;
	g_signal_connect_object(toast, "dismissed", G_CALLBACK(on_dismissed), window, 0);
	adw_toast_set_timeout(toast, seconds);
	adw_toast_overlay_add_toast(window->toasts, toast);
	if (before)
		adw_toast_dismiss(before);
}

void trv__window_say(TrvWindow *window, const char *text)
{
	say(window, text, WORDS_S);
}

void trv__window_say_trouble(TrvWindow *window, const char *text)
{
	g_autofree char *escaped = g_markup_escape_text(text, -1);

	say(window, escaped, UNTIL_CLOSED);
}

/* It does not go away by what is said next. */
void trv__window_say_finding(TrvWindow *window, const char *title)
{
	g_autofree char *text = g_markup_escape_text(title, -1);
	AdwToast *toast = adw_toast_new(text);

	adw_toast_set_button_label(toast, "Show");
	adw_toast_set_action_name(toast, "win.show-first-finding");
	adw_toast_set_priority(toast, ADW_TOAST_PRIORITY_HIGH);
	adw_toast_set_timeout(toast, UNTIL_CLOSED);
	adw_toast_overlay_add_toast(window->toasts, toast);
}
