/*
 * window-actions.c - what the window can do, each thing with a name and most with a key
 */
#include "viewer/window-private.h"

/* --- opening -----------------------------------------------------------------------------------
 */

static void on_chosen(GtkNativeDialog *dialog, int response, gpointer data)
{
	TrvWindow *window = data;

	if (response == GTK_RESPONSE_ACCEPT) {
		g_autoptr(GFile) file = gtk_file_chooser_get_file(GTK_FILE_CHOOSER(dialog));
		g_autofree char *path = g_file_get_path(file);

		if (path)
			trv_window_open(window, path);
	}
	gtk_native_dialog_destroy(dialog);
	g_clear_object(&window->chooser);
}

static void open_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	g_autoptr(GtkFileFilter) traces = gtk_file_filter_new();
	g_autoptr(GtkFileFilter) all = gtk_file_filter_new();

	if (window->chooser)
		return;
	window->chooser =
		gtk_file_chooser_native_new("Open a Trace", GTK_WINDOW(window),
					    GTK_FILE_CHOOSER_ACTION_OPEN, "_Open", "_Cancel");
	gtk_native_dialog_set_modal(GTK_NATIVE_DIALOG(window->chooser), TRUE);
	gtk_file_filter_set_name(traces, "Traces (*.db)");
	gtk_file_filter_add_pattern(traces, "*.db");
	gtk_file_filter_set_name(all, "All Files");
	gtk_file_filter_add_pattern(all, "*");
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(window->chooser), traces);
	gtk_file_chooser_add_filter(GTK_FILE_CHOOSER(window->chooser), all);
	g_signal_connect(window->chooser, "response", G_CALLBACK(on_chosen), window);
	gtk_native_dialog_show(GTK_NATIVE_DIALOG(window->chooser));
}

static void reload_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvSession *session = TRV_WINDOW(widget)->session;

	if (trv_session_path(session))
		trv_session_open(session, trv_session_path(session));
}

static void cancel_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_session_cancel(TRV_WINDOW(widget)->session);
}

/* --- moving about ------------------------------------------------------------------------------
 */

/* Keys zoom about the playhead when it is in sight, else about the middle. */
static void zoom(TrvWindow *window, double factor)
{
	struct trv_span view = trv_session_view(window->session);
	int64_t time = trv_session_time(window->session);

	if (time < view.from || time > view.to)
		time = view.from + (view.to - view.from) / 2;
	trv_session_zoom(window->session, factor, time);
}

static void move_action(GtkWidget *widget, const char *name, GVariant *parameter)
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

static void playback_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvPlaybackBar *bar = TRV_WINDOW(widget)->playback;

	if (g_str_equal(name, "win.play"))
		trv_playback_bar_set_playing(bar, !trv_playback_bar_is_playing(bar));
	else if (g_str_equal(name, "win.faster"))
		trv_playback_bar_change_speed(bar, 1);
	else if (g_str_equal(name, "win.slower"))
		trv_playback_bar_change_speed(bar, -1);
	else
		trv_playback_bar_step(bar, g_str_equal(name, "win.step-on"));
}

static void neighbour_actor(TrvSession *session, long by)
{
	long count = (long)trv_session_lane_count(session);
	uint64_t selected = trv_session_selected_actor(session);
	long lane = selected ? trv_session_lane_of(session, selected) + by : 0;

	if (count > 0)
		trv_session_go_to_actor(
			session, trv_session_lane(session, (size_t)CLAMP(lane, 0, count - 1)));
}

void trv__window_say(TrvWindow *window, const char *text)
{
	AdwToast *toast = adw_toast_new(text);

	adw_toast_set_timeout(toast, 2);
	adw_toast_overlay_add_toast(window->toasts, toast);
}

static void select_action(GtkWidget *widget, const char *name, GVariant *parameter)
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

static void show_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvSession *session = TRV_WINDOW(widget)->session;
	uint64_t actor, since;

	if (g_str_equal(name, "win.show-actor")) {
		trv_session_go_to_actor(session, g_variant_get_uint64(parameter));
	} else if (g_str_equal(name, "win.show-message")) {
		trv_session_go_to_message(session, g_variant_get_uint64(parameter));
	} else if (g_str_equal(name, "win.go-to-time")) {
		int64_t time = (int64_t)g_variant_get_uint64(parameter);

		trv_session_set_time(session, time);
		trv_session_show_time(session, time);
	} else {
		g_variant_get(parameter, "(tt)", &actor, &since);
		trv_session_go_to_wait(session, actor, since);
	}
}

static void show_first_finding_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_session_go_to_finding(TRV_WINDOW(widget)->session, 0);
}

static void find_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);

	if (g_str_equal(name, "win.find"))
		trv__window_find(window);
	else if (g_str_equal(name, "win.go-to"))
		trv__window_go_to(window);
	else if (!trv_session_go_to_hit(window->session,
					g_str_equal(name, "win.next-hit") ? 1 : -1))
		trv__window_say(window, "Nothing has been found");
}

static const struct {
	const char *name;
	const char *keys[3];
	const char *parameter;
	void (*activate)(GtkWidget *widget, const char *name, GVariant *parameter);
	bool always; /* also without a trace */
} actions[] = {
	{"win.open", {"<Control>o"}, NULL, open_action, true},
	{"win.reload", {"<Control>r"}, NULL, reload_action, true},
	{"win.cancel", {NULL}, NULL, cancel_action, true},
	{"win.zoom-in", {"w", "<Control>plus"}, NULL, move_action, false},
	{"win.zoom-out", {"s", "<Control>minus"}, NULL, move_action, false},
	{"win.earlier", {"a"}, NULL, move_action, false},
	{"win.later", {"d"}, NULL, move_action, false},
	{"win.fit", {"0", "<Control>0"}, NULL, move_action, false},
	{"win.frame-finding", {"f"}, NULL, move_action, false},
	{"win.next-finding", {"n"}, NULL, move_action, false},
	{"win.previous-finding", {"p"}, NULL, move_action, false},
	{"win.play", {"space"}, NULL, playback_action, false},
	{"win.faster", {"equal", "plus"}, NULL, playback_action, false},
	{"win.slower", {"minus"}, NULL, playback_action, false},
	{"win.step-on", {"period"}, NULL, playback_action, false},
	{"win.step-back", {"comma"}, NULL, playback_action, false},
	{"win.cause", {"bracketleft"}, NULL, select_action, false},
	{"win.effect", {"bracketright"}, NULL, select_action, false},
	{"win.next-actor", {"j"}, NULL, select_action, false},
	{"win.previous-actor", {"k"}, NULL, select_action, false},
	{"win.select-none", {"Escape"}, NULL, select_action, false},
	{"win.find", {"<Control>f", "slash"}, NULL, find_action, false},
	{"win.next-hit", {"<Control>Down", "F3"}, NULL, find_action, false},
	{"win.previous-hit", {"<Control>Up", "<Shift>F3"}, NULL, find_action, false},
	{"win.go-to", {"<Control>g"}, NULL, find_action, false},
	{"win.show-actor", {NULL}, "t", show_action, false},
	{"win.show-message", {NULL}, "t", show_action, false},
	{"win.show-wait", {NULL}, "(tt)", show_action, false},
	{"win.go-to-time", {NULL}, "t", show_action, false},
	{"win.show-first-finding", {NULL}, NULL, show_first_finding_action, false},
};

void trv__window_install_actions(GtkWidgetClass *class)
{
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
		gtk_widget_class_install_action(class, actions[i].name, actions[i].parameter,
						actions[i].activate);
}

void trv__window_enable_actions(TrvWindow *window)
{
	bool ready = trv_session_state(window->session) == TRV_READY;

	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
		gtk_widget_action_set_enabled(GTK_WIDGET(window), actions[i].name,
					      ready || actions[i].always);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.reload",
				      trv_session_path(window->session) != NULL);
}

/* Actions that switch a property on and off, and one of GTK's own. */
static const struct {
	const char *name;
	const char *key;
} switches[] = {
	{"win.live", "l"},
	{"win.refuted", "r"},
	{"win.inspector", "F9"},
	{"window.close", "<Control>w"},
};

static void set_accels(GtkApplication *application, const char *name, const char *const *keys,
		       bool typing)
{
	const char *taken[3] = {NULL};
	size_t count = 0;

	for (; *keys; keys++) {
		bool letter = (*keys)[0] != '<' && !((*keys)[0] == 'F' && (*keys)[1]);

		if (!typing || !letter)
			taken[count++] = *keys;
	}
	gtk_application_set_accels_for_action(application, name, taken);
}

void trv_window_set_accels(GtkApplication *application, bool typing)
{
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++)
		set_accels(application, actions[i].name, actions[i].keys, typing);
	for (size_t i = 0; i < G_N_ELEMENTS(switches); i++)
		set_accels(application, switches[i].name,
			   (const char *const[]){switches[i].key, NULL}, typing);
}
