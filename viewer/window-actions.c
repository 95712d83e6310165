/*
 * window-actions.c - what the window can do, each thing with a name and most with a key
 */
#include "viewer/window-private.h"

#include <string.h>

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

static void open_file_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	trv_window_open(TRV_WINDOW(widget), g_variant_get_string(parameter, NULL));
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

static void say_sought(TrvWindow *window, enum trv_sought sought, const char *first)
{
	if (sought == TRV_SOUGHT_NOTHING)
		trv__window_say(window, first);
	else if (sought == TRV_SOUGHT_NONE)
		trv__window_say(window, "There is no further one");
	else if (sought == TRV_SOUGHT_GAVE_UP)
		trv__window_say(window, "There is none near. The find bar looks everywhere");
}

static void same_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	bool pair = g_str_has_suffix(name, "-pair");
	bool forward = g_str_has_prefix(name, "win.next-");

	say_sought(TRV_WINDOW(widget),
		   trv_session_go_to_same(TRV_WINDOW(widget)->session, pair, forward),
		   "Select a message first");
}

static void wait_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	say_sought(TRV_WINDOW(widget),
		   trv_session_go_to_long_wait(TRV_WINDOW(widget)->session,
					       g_str_equal(name, "win.next-wait")),
		   "Select an actor first");
}

static void chain_action(GtkWidget *widget, const char *name, GVariant *parameter)
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

static void show_action(GtkWidget *widget, const char *name, GVariant *parameter)
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
	else if (g_str_equal(name, "win.keep-filter"))
		trv__window_keep_filter(window);
	else if (g_str_equal(name, "win.find-text"))
		trv__window_find_text(window, g_variant_get_string(parameter, NULL));
	else if (g_str_equal(name, "win.go-to"))
		trv__window_go_to(window);
	else if (!trv_session_go_to_hit(window->session,
					g_str_equal(name, "win.next-hit") ? 1 : -1))
		trv__window_say(window, "Nothing has been found");
}

static const struct trv__action actions[] = {
	{"win.open", "Window", "Open a trace", {"<Control>o"}, NULL, open_action, true},
	{"win.record",
	 "Window",
	 "Record a program",
	 {"<Control><Shift>r"},
	 NULL,
	 trv__window_record_action,
	 true},
	{"win.stop-recording",
	 "Window",
	 "Stop the recording",
	 {"<Control>period"},
	 NULL,
	 trv__window_record_action,
	 true},
	{"win.demo", NULL, NULL, {NULL}, NULL, trv__window_record_action, true},
	{"win.open-file", NULL, NULL, {NULL}, "s", open_file_action, true},
	{"win.reload", "Window", "Open it again", {"<Control>r"}, NULL, reload_action, true},
	{"win.cancel", NULL, NULL, {NULL}, NULL, cancel_action, true},
	{"win.export-graph",
	 "Window",
	 "Save the graph as a file",
	 {"<Control><Shift>s"},
	 NULL,
	 trv__window_export_action,
	 false},
	{"win.export-view",
	 "Window",
	 "Save the timeline as a file",
	 {"<Control>s"},
	 NULL,
	 trv__window_export_action,
	 false},
	{"win.inspector", "Window", "Show or hide the inspector", {"F9"}, NULL, NULL, true},
	{"win.show-help-overlay",
	 "Window",
	 "Keyboard shortcuts",
	 {"<Control>question"},
	 NULL,
	 NULL,
	 true},
	{"window.close", "Window", "Close", {"<Control>w"}, NULL, NULL, true},

	{"win.zoom-in", "Time", "Zoom in", {"w", "<Control>plus"}, NULL, move_action, false},
	{"win.zoom-out", "Time", "Zoom out", {"s", "<Control>minus"}, NULL, move_action, false},
	{"win.earlier", "Time", "Earlier", {"a"}, NULL, move_action, false},
	{"win.later", "Time", "Later", {"d"}, NULL, move_action, false},
	{"win.fit", "Time", "Show all of the trace", {"0", "<Control>0"}, NULL, move_action, false},
	{"win.go-to",
	 "Time",
	 "Go to a time or a message",
	 {"<Control>g"},
	 NULL,
	 find_action,
	 false},

	{"win.back",
	 "Time",
	 "Back to where you were",
	 {"<Alt>Left", "<Alt>Home"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.forward",
	 "Time",
	 "Forward again",
	 {"<Alt>Right", "<Alt>End"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.marker-a",
	 "Time",
	 "Marker A at the playhead, or off",
	 {"<Shift>a"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.marker-b",
	 "Time",
	 "Marker B at the playhead, or off",
	 {"<Shift>b"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.zoom-range",
	 "Time",
	 "Zoom to what is from A to B",
	 {"z"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.bookmark",
	 "Time",
	 "Bookmark the playhead, with a note",
	 {"m"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.next-bookmark",
	 "Time",
	 "Next bookmark",
	 {"apostrophe"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.previous-bookmark",
	 "Time",
	 "Previous bookmark",
	 {"quotedbl"},
	 NULL,
	 trv__window_marks_action,
	 false},
	{"win.play", "Playhead", "Play or pause", {"space"}, NULL, playback_action, false},
	{"win.play-back",
	 "Playhead",
	 "Play backwards or pause",
	 {"<Shift>space"},
	 NULL,
	 playback_action,
	 false},
	{"win.step-on", "Playhead", "One step on", {"period"}, NULL, playback_action, false},
	{"win.step-back", "Playhead", "One step back", {"comma"}, NULL, playback_action, false},
	{"win.faster", "Playhead", "Faster", {"equal", "plus"}, NULL, playback_action, false},
	{"win.slower", "Playhead", "Slower", {"minus"}, NULL, playback_action, false},
	{"win.live", "Playhead", "Follow a live recording", {"l"}, NULL, NULL, false},

	{"win.next-graph",
	 "Findings",
	 "Another graph: waits, handles, asks",
	 {"g"},
	 NULL,
	 trv__window_panel_action,
	 false},
	{"win.next-finding", "Findings", "Next finding", {"c"}, NULL, move_action, false},
	{"win.previous-finding",
	 "Findings",
	 "Previous finding",
	 {"<Shift>c"},
	 NULL,
	 move_action,
	 false},
	{"win.frame-finding", "Findings", "Frame the finding", {"f"}, NULL, move_action, false},
	{"win.range-table",
	 "Panels",
	 "Table of messages from A to B",
	 {"x"},
	 NULL,
	 trv__window_panel_action,
	 false},
	{"win.sql",
	 "Panels",
	 "Questions in SQL",
	 {"<Control>e"},
	 NULL,
	 trv__window_panel_action,
	 false},
	{"win.keep-filter",
	 "Messages",
	 "Keep what is looked for",
	 {"<Control>d"},
	 NULL,
	 find_action,
	 false},
	{"win.find-text", NULL, NULL, {NULL}, "s", find_action, false},
	{"win.refuted", "Findings", "Show or hide refuted ones", {"r"}, NULL, NULL, false},
	{"win.show-first-finding", NULL, NULL, {NULL}, NULL, show_first_finding_action, false},

	{"win.cause",
	 "Messages",
	 "To the cause of the message",
	 {"bracketleft"},
	 NULL,
	 select_action,
	 false},
	{"win.effect",
	 "Messages",
	 "To its first effect",
	 {"bracketright"},
	 NULL,
	 select_action,
	 false},
	{"win.next-sibling",
	 "Messages",
	 "To the next effect of its cause",
	 {"<Control>bracketright"},
	 NULL,
	 chain_action,
	 false},
	{"win.previous-sibling",
	 "Messages",
	 "To the previous one",
	 {"<Control>bracketleft"},
	 NULL,
	 chain_action,
	 false},
	{"win.chain-longer",
	 "Messages",
	 "Draw the chain one deeper",
	 {"braceright"},
	 NULL,
	 chain_action,
	 false},
	{"win.chain-shorter",
	 "Messages",
	 "Draw it one less deep",
	 {"braceleft"},
	 NULL,
	 chain_action,
	 false},
	{"win.next-same", "Messages", "Next one of this type", {"n"}, NULL, same_action, false},
	{"win.previous-same",
	 "Messages",
	 "Previous one of this type",
	 {"p"},
	 NULL,
	 same_action,
	 false},
	{"win.next-same-pair",
	 "Messages",
	 "Next between these two actors",
	 {"<Shift>n"},
	 NULL,
	 same_action,
	 false},
	{"win.previous-same-pair",
	 "Messages",
	 "Previous between these two",
	 {"<Shift>p"},
	 NULL,
	 same_action,
	 false},
	{"win.next-wait",
	 "Messages",
	 "Next long wait of this actor",
	 {"i"},
	 NULL,
	 wait_action,
	 false},
	{"win.previous-wait",
	 "Messages",
	 "Previous long wait",
	 {"<Shift>i"},
	 NULL,
	 wait_action,
	 false},
	{"win.find",
	 "Messages",
	 "Find messages",
	 {"<Control>f", "slash"},
	 NULL,
	 find_action,
	 false},
	{"win.next-hit",
	 "Messages",
	 "Next one found",
	 {"F3", "<Control>Down"},
	 NULL,
	 find_action,
	 false},
	{"win.previous-hit",
	 "Messages",
	 "Previous one found",
	 {"<Shift>F3", "<Control>Up"},
	 NULL,
	 find_action,
	 false},

	{"win.next-actor", "Lanes", "Next actor", {"j"}, NULL, select_action, false},
	{"win.previous-actor", "Lanes", "Previous actor", {"k"}, NULL, select_action, false},
	{"win.select-none", "Lanes", "Select nothing", {"Escape"}, NULL, select_action, false},
	{"win.pin",
	 "Lanes",
	 "Pin to the top or unpin",
	 {"t"},
	 NULL,
	 trv__window_lane_action,
	 false},
	{"win.lane-up",
	 "Lanes",
	 "Move up",
	 {"<Alt>Up", "<Shift>k"},
	 NULL,
	 trv__window_lane_action,
	 false},
	{"win.lane-down",
	 "Lanes",
	 "Move down",
	 {"<Alt>Down", "<Shift>j"},
	 NULL,
	 trv__window_lane_action,
	 false},
	{"win.hide", "Lanes", "Hide", {"Delete"}, NULL, trv__window_lane_action, false},
	{"win.show-hidden",
	 "Lanes",
	 "Show hidden ones",
	 {"<Shift>Delete"},
	 NULL,
	 trv__window_lanes_action,
	 false},
	{"win.fold-all",
	 "Lanes",
	 "Fold all groups",
	 {"<Shift>e"},
	 NULL,
	 trv__window_lanes_action,
	 false},
	{"win.unfold-all",
	 "Lanes",
	 "Unfold all groups",
	 {"e"},
	 NULL,
	 trv__window_lanes_action,
	 false},
	{"win.sort-by-depth",
	 "Lanes",
	 "Sort by deepest mailbox",
	 {"h"},
	 NULL,
	 trv__window_lanes_action,
	 false},

	{"win.show-actor", NULL, NULL, {NULL}, "t", show_action, false},
	{"win.show-message", NULL, NULL, {NULL}, "t", show_action, false},
	{"win.show-wait", NULL, NULL, {NULL}, "(tt)", show_action, false},
	{"win.go-to-time", NULL, NULL, {NULL}, "t", show_action, false},
};

const struct trv__action *trv__window_actions(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(actions);
	return actions;
}

void trv__window_install_actions(GtkWidgetClass *class)
{
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (actions[i].activate)
			gtk_widget_class_install_action(class, actions[i].name,
							actions[i].parameter, actions[i].activate);
	}
}

void trv__window_enable_actions(TrvWindow *window)
{
	bool ready = trv_session_state(window->session) == TRV_READY;

	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		if (actions[i].activate)
			gtk_widget_action_set_enabled(GTK_WIDGET(window), actions[i].name,
						      ready || actions[i].always);
	}
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.reload",
				      trv_session_path(window->session) != NULL);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.stop-recording",
				      window->recorder != NULL);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.record", !window->recorder);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.demo",
				      !window->recorder && window->has_demo);
}

/* Whether a key means something in a text entry: a letter, also a capital one, or Delete. */
static bool is_typed(const char *key)
{
	if (g_str_has_prefix(key, "<Shift>"))
		key += strlen("<Shift>");
	return key[0] != '<' && !(key[0] == 'F' && g_ascii_isdigit(key[1]));
}

void trv_window_set_accels(GtkApplication *application, bool typing)
{
	for (size_t i = 0; i < G_N_ELEMENTS(actions); i++) {
		const char *taken[G_N_ELEMENTS(actions[i].keys) + 1] = {NULL};
		size_t count = 0;

		for (size_t k = 0; k < G_N_ELEMENTS(actions[i].keys) && actions[i].keys[k]; k++) {
			if (!typing || !is_typed(actions[i].keys[k]))
				taken[count++] = actions[i].keys[k];
		}
		gtk_application_set_accels_for_action(application, actions[i].name, taken);
	}
}
