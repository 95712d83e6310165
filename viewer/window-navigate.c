/*
 * window-navigate.c - going through time, findings, messages and actors
 */
#include "viewer/window-private.h"

/* Keys zoom about the playhead when it is in sight, else about the middle. */
static void zoom(TrvWindow *window, double factor)
{
	struct trv_span view = trv_session_view(window->session);
	int64_t time = trv_session_time(window->session);

	if (time < view.from || time > view.to)
		time = view.from + (view.to - view.from) / 2;
	trv_session_zoom(window->session, factor, time);
}

void trv__window_move_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	TrvSession *session = window->session;

	if (g_str_equal(name, "win.zoom-in"))
		zoom(window, 1.4);
	else if (g_str_equal(name, "win.zoom-out"))
		zoom(window, 1 / 1.4);
	else if (g_str_equal(name, "win.earlier"))
		trv_session_pan(session, -0.15);
	else if (g_str_equal(name, "win.later"))
		trv_session_pan(session, 0.15);
	else if (g_str_equal(name, "win.fit"))
		trv_session_fit(session);
	else if (g_str_equal(name, "win.frame-finding"))
		trv_session_frame_focus(session);
	else if (g_str_equal(name, "win.next-finding"))
		trv_session_go_to_neighbour_finding(session, 1);
	else if (g_str_equal(name, "win.previous-finding"))
		trv_session_go_to_neighbour_finding(session, -1);
}

void trv__window_playback_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvPlaybackBar *bar = TRV_WINDOW(widget)->playback;

	if (g_str_equal(name, "win.play"))
		trv_playback_bar_toggle(bar, false);
	else if (g_str_equal(name, "win.play-back"))
		trv_playback_bar_toggle(bar, true);
	else if (g_str_equal(name, "win.faster"))
		trv_playback_bar_change_speed(bar, 1);
	else if (g_str_equal(name, "win.slower"))
		trv_playback_bar_change_speed(bar, -1);
	else if (!trv_playback_bar_step(bar, g_str_equal(name, "win.step-on")))
		trv__window_say(TRV_WINDOW(widget), "There is nothing further that way");
}

static void neighbour_actor(TrvSession *session, long by)
{
	const struct trv_rows *rows = trv_session_rows(session);
	uint64_t selected = trv_session_selected_actor(session);
	long at = selected ? trv_session_row_of(session, selected) + by : by > 0 ? 0 : -1;

	while (at >= 0 && at < (long)rows->count && rows->items[at].actor == 0)
		at += by;
	if (at >= 0 && at < (long)rows->count)
		trv_session_go_to_actor(session, rows->items[at].actor);
}

void trv__window_select_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	TrvSession *session = window->session;

	if (g_str_equal(name, "win.select-none"))
		trv_session_select_none(session);
	else if (g_str_equal(name, "win.next-actor"))
		neighbour_actor(session, 1);
	else if (g_str_equal(name, "win.previous-actor"))
		neighbour_actor(session, -1);
	else if (g_str_equal(name, "win.cause")) {
		if (!trv_session_go_to_cause(session))
			trv__window_say(window, "Nothing known caused this");
	} else if (!trv_session_go_to_effect(session)) {
		trv__window_say(window, "This caused no message");
	}
}

static void say_sought(TrvWindow *window, enum trv_sought sought, const char *first)
{
	if (sought == TRV_SOUGHT_NOTHING)
		trv__window_say(window, first);
	else if (sought == TRV_SOUGHT_NONE)
		trv__window_say(window, "There is no further one");
	else if (sought == TRV_SOUGHT_GAVE_UP)
		trv__window_say(window, "There is none near. The find bar looks everywhere");
}

void trv__window_same_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	bool pair = g_str_has_suffix(name, "-pair");
	bool forward = g_str_has_prefix(name, "win.next-");

	say_sought(TRV_WINDOW(widget),
		   trv_session_go_to_same(TRV_WINDOW(widget)->session, pair, forward),
		   "Select a message first");
}

void trv__window_wait_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	say_sought(TRV_WINDOW(widget),
		   trv_session_go_to_long_wait(TRV_WINDOW(widget)->session,
					       g_str_equal(name, "win.next-wait")),
		   "Select an actor first");
}

void trv__window_chain_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	TrvSession *session = window->session;
	g_autofree char *words = NULL;
	int by = g_str_equal(name, "win.next-sibling") || g_str_equal(name, "win.chain-longer")
			 ? 1
			 : -1;

	if (g_str_has_suffix(name, "-sibling")) {
		if (!trv_session_go_to_sibling(session, by))
			trv__window_say(window, "Its cause had no other effect");
		return;
	}
	trv_session_set_chain_depth(session,
				    (unsigned)((int)trv_session_chain_depth(session) + by));
	words = g_strdup_printf("Causes and effects are drawn %u deep",
				trv_session_chain_depth(session));
	trv__window_say(window, words);
}

void trv__window_show_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvSession *session = TRV_WINDOW(widget)->session;
	uint64_t actor, since;

	if (g_str_equal(name, "win.show-actor")) {
		trv_session_go_to_actor(session, g_variant_get_uint64(parameter));
	} else if (g_str_equal(name, "win.show-message")) {
		trv_session_go_to_message(session, g_variant_get_uint64(parameter));
	} else if (g_str_equal(name, "win.go-to-time")) {
		trv_session_go_to_time(session, (int64_t)g_variant_get_uint64(parameter));
	} else {
		g_variant_get(parameter, "(tt)", &actor, &since);
		if (g_str_equal(name, "win.show-deed"))
			trv_session_go_to_deed(session, actor, since);
		else
			trv_session_go_to_wait(session, actor, since);
	}
}

void trv__window_show_first_finding_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_session_go_to_finding(TRV_WINDOW(widget)->session, 0);
}
