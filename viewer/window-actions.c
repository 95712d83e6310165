/*
 * window-actions.c - what the window can do: each thing with a name for people, a key, and a place
 * in the sheet of keys and in the main menu, which are made from these tables
 */
#include "viewer/window-private.h"

#include <string.h>

static const struct trv__action window_actions[] = {
	{"win.open", "Open a trace", {"<Control>o"}, trv__window_open_action, true},
	{"win.record", "Record a program", {"<Control><Shift>r"}, trv__window_record_action, true},
	{"win.stop-recording",
	 "Stop the recording",
	 {"<Control>period"},
	 trv__window_record_action,
	 true},
	{"win.demo",
	 "Record the chat demo",
	 {"<Control><Shift>t"},
	 trv__window_record_action,
	 true},
	{"win.cancel", "Stop opening", {"<Shift>Escape"}, trv__window_cancel_action, true},
	{"win.compare", "Compare with another run", {"<Control><Shift>d"}, trv__window_open_action},
	{"win.reload", "Open it again", {"<Control>r"}, trv__window_reload_action, true},
	{"win.export-graph",
	 "Save the graph as a file",
	 {"<Control><Shift>s"},
	 trv__window_export_action},
	{"win.export-view",
	 "Save the timeline as a file",
	 {"<Control>s"},
	 trv__window_export_action},
	{"win.show-help-overlay", "Keyboard shortcuts", {"<Control>question"}, NULL, true},
	{"app.about", "About Actorscope", {"<Shift>F1"}, NULL, true},
	{"window.close", "Close", {"<Control>w"}, NULL, true},
	{"app.quit", "Quit", {"<Control>q"}, NULL, true},
};

static const struct trv__action panels_actions[] = {
	{"win.inspector", "Show or hide the inspector", {"F9"}, NULL, true},
	{"win.next-graph", "Another graph: waits, handles, asks", {"g"}, trv__window_panel_action},
	{"win.graph-zoom-in", "Enlarge the graph", {"<Alt>plus"}, trv__window_graph_action},
	{"win.graph-zoom-out", "Shrink the graph", {"<Alt>minus"}, trv__window_graph_action},
	{"win.graph-fit", "Show all of the graph", {"<Alt>0"}, trv__window_graph_action},
	{"win.range-table", "Table of messages from A to B", {"x"}, trv__window_panel_action},
	{"win.sql", "Questions in SQL", {"<Control>e"}, trv__window_panel_action},
};

static const struct trv__action view_actions[] = {
	{"win.zoom-in", "Zoom in", {"w", "<Control>plus"}, trv__window_move_action},
	{"win.zoom-out", "Zoom out", {"s", "<Control>minus"}, trv__window_move_action},
	{"win.earlier", "Earlier", {"a"}, trv__window_move_action},
	{"win.later", "Later", {"d"}, trv__window_move_action},
	{"win.fit", "Show all of the trace", {"0", "<Control>0"}, trv__window_move_action},
};

static const struct trv__action playhead_actions[] = {
	{"win.play", "Play or pause", {"space"}, trv__window_playback_action},
	{"win.play-back", "Play backwards or pause", {"<Shift>space"}, trv__window_playback_action},
	{"win.step-on", "One step on", {"period"}, trv__window_playback_action},
	{"win.step-back", "One step back", {"comma"}, trv__window_playback_action},
	{"win.faster", "Faster", {"equal", "plus"}, trv__window_playback_action},
	{"win.slower", "Slower", {"minus"}, trv__window_playback_action},
	{"win.live", "Follow a live recording", {"l"}, NULL},
};

static const struct trv__action places_actions[] = {
	{"win.go-to", "Go to a time or a message", {"<Control>g"}, trv__window_find_action},
	{"win.back",
	 "Back to where you were",
	 {"<Alt>Left", "<Alt>Home"},
	 trv__window_marks_action},
	{"win.forward", "Forward again", {"<Alt>Right", "<Alt>End"}, trv__window_marks_action},
	{"win.marker-a",
	 "Marker A at the playhead, or off",
	 {"<Shift>a"},
	 trv__window_marks_action},
	{"win.marker-b",
	 "Marker B at the playhead, or off",
	 {"<Shift>b"},
	 trv__window_marks_action},
	{"win.zoom-range", "Zoom to what is from A to B", {"z"}, trv__window_marks_action},
	{"win.bookmark", "Bookmark the playhead, with a note", {"m"}, trv__window_marks_action},
	{"win.next-bookmark", "Next bookmark", {"apostrophe"}, trv__window_marks_action},
	{"win.previous-bookmark", "Previous bookmark", {"quotedbl"}, trv__window_marks_action},
};

static const struct trv__action findings_actions[] = {
	{"win.show-first-finding",
	 "First finding",
	 {"<Control><Shift>f"},
	 trv__window_show_first_finding_action},
	{"win.next-finding", "Next finding", {"c"}, trv__window_move_action},
	{"win.previous-finding", "Previous finding", {"<Shift>c"}, trv__window_move_action},
	{"win.frame-finding", "Frame the finding", {"f"}, trv__window_move_action},
	{"win.refuted", "Show or hide refuted ones", {"r"}, NULL},
};

static const struct trv__action messages_actions[] = {
	{"win.cause", "To the cause of the message", {"bracketleft"}, trv__window_select_action},
	{"win.effect", "To its first effect", {"bracketright"}, trv__window_select_action},
	{"win.next-sibling",
	 "To the next effect of its cause",
	 {"<Control>bracketright"},
	 trv__window_chain_action},
	{"win.previous-sibling",
	 "To the previous one",
	 {"<Control>bracketleft"},
	 trv__window_chain_action},
	{"win.chain-longer", "Draw the chain one deeper", {"braceright"}, trv__window_chain_action},
	{"win.chain-shorter", "Draw it one less deep", {"braceleft"}, trv__window_chain_action},
	{"win.next-same", "Next one of this type", {"n"}, trv__window_same_action},
	{"win.previous-same", "Previous one of this type", {"p"}, trv__window_same_action},
	{"win.next-same-pair",
	 "Next between these two actors",
	 {"<Shift>n"},
	 trv__window_same_action},
	{"win.previous-same-pair",
	 "Previous between these two",
	 {"<Shift>p"},
	 trv__window_same_action},
	{"win.next-wait", "Next long wait of this actor", {"i"}, trv__window_wait_action},
	{"win.previous-wait", "Previous long wait", {"<Shift>i"}, trv__window_wait_action},
};

static const struct trv__action find_actions[] = {
	{"win.keep-filter", "Keep what is looked for", {"<Control>d"}, trv__window_find_action},
	{"win.find", "Find messages", {"<Control>f", "slash"}, trv__window_find_action},
	{"win.next-hit", "Next one found", {"F3", "<Control>Down"}, trv__window_find_action},
	{"win.previous-hit",
	 "Previous one found",
	 {"<Shift>F3", "<Control>Up"},
	 trv__window_find_action},
	{"win.hide-misses", "Leave out what is not found", {"<Control>h"}, NULL},
};

static const struct trv__action lanes_actions[] = {
	{"win.next-actor", "Next actor", {"j"}, trv__window_select_action},
	{"win.previous-actor", "Previous actor", {"k"}, trv__window_select_action},
	{"win.select-none", "Select nothing", {"Escape"}, trv__window_select_action},
	{"win.pin", "Pin to the top or unpin", {"t"}, trv__window_lane_action},
	{"win.lane-up", "Move up", {"<Alt>Up", "<Shift>k"}, trv__window_lane_action},
	{"win.lane-down", "Move down", {"<Alt>Down", "<Shift>j"}, trv__window_lane_action},
	{"win.hide", "Hide", {"Delete"}, trv__window_lane_action},
	{"win.show-hidden", "Show hidden ones", {"<Shift>Delete"}, trv__window_lanes_action},
	{"win.fold-all", "Fold all groups", {"<Shift>e"}, trv__window_lanes_action},
	{"win.unfold-all", "Unfold all groups", {"e"}, trv__window_lanes_action},
};

static const struct trv__action order_actions[] = {
	{"win.group::none", "Group by nothing", {"<Control>1"}, NULL},
	{"win.group::kind", "Group by kind", {"<Control>2"}, NULL},
	{"win.group::parent", "Group by parent", {"<Control>3"}, NULL},
	{"win.sort::spawn", "Sort by start", {"<Alt>1"}, NULL},
	{"win.sort::name", "Sort by name", {"<Alt>2"}, NULL},
	{"win.sort::depth", "Sort by deepest mailbox", {"<Alt>3", "h"}, NULL},
	{"win.sort::wait", "Sort by longest waits", {"<Alt>4"}, NULL},
	{"win.sort::traffic", "Sort by most messages", {"<Alt>5"}, NULL},
};

static const struct trv__action inner_actions[] = {
	{"win.open-file", NULL, {NULL}, trv__window_open_file_action, true, "s"},
	{"win.find-text", NULL, {NULL}, trv__window_find_action, false, "s"},
	{"win.show-actor", NULL, {NULL}, trv__window_show_action, false, "t"},
	{"win.show-message", NULL, {NULL}, trv__window_show_action, false, "t"},
	{"win.show-wait", NULL, {NULL}, trv__window_show_action, false, "(tt)"},
	{"win.show-deed", NULL, {NULL}, trv__window_show_action, false, "(tt)"},
	{"win.go-to-time", NULL, {NULL}, trv__window_show_action, false, "t"},
};

#define SECTION(page, title, actions)                       \
	{                                                   \
		page, title, actions, G_N_ELEMENTS(actions) \
	}
static const struct trv__section sections[] = {
	SECTION("Time", "View", view_actions),
	SECTION("Time", "Playhead", playhead_actions),
	SECTION("Time", "Places", places_actions),
	SECTION("Messages and findings", "Messages", messages_actions),
	SECTION("Messages and findings", "Find", find_actions),
	SECTION("Messages and findings", "Findings", findings_actions),
	SECTION("Lanes", "Lanes", lanes_actions),
	SECTION("Lanes", "Order", order_actions),
	SECTION("Window", "Panels", panels_actions),
	SECTION("Window", "Window", window_actions),
	SECTION(NULL, NULL, inner_actions),
};

const struct trv__section *trv__window_sections(size_t *ret_count)
{
	*ret_count = G_N_ELEMENTS(sections);
	return sections;
}

/* As menus are written: `Move Up`, `Zoom to What Is From A to B`; the sheet of keys has sentences.
 */
static char *menu_label(const char *title)
{
	static const char *const small[] = {"a",  "an", "and", "at",  "by", "for", "in",
					    "of", "on", "or",  "the", "to", NULL};
	g_auto(GStrv) words = g_strsplit(title, " ", -1);

	for (char **word = words; *word; word++)
		if (word == words || !g_strv_contains(small, *word))
			**word = g_ascii_toupper(**word);
	return g_strjoinv(" ", words);
}

static GMenu *menu_of(const struct trv__section *section)
{
	GMenu *menu = g_menu_new();

	for (size_t i = 0; i < section->count; i++) {
		g_autofree char *label = menu_label(section->actions[i].title);

		g_menu_append(menu, label, section->actions[i].name);
	}
	return menu;
}

void trv__window_fill_menu(TrvWindow *window)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		/* What concerns the window as a whole stands in the menu itself. */
		if (sections[i].title && sections[i].actions != window_actions) {
			g_autoptr(GMenu) menu = menu_of(&sections[i]);

			g_menu_append_submenu(window->action_menu, sections[i].title,
					      G_MENU_MODEL(menu));
		}
	}
}

typedef void each_action(const struct trv__action *action, void *data);

static void for_each(each_action *each, void *data)
{
	for (size_t i = 0; i < G_N_ELEMENTS(sections); i++) {
		for (size_t k = 0; k < sections[i].count; k++)
			each(&sections[i].actions[k], data);
	}
}

static void install(const struct trv__action *action, void *class)
{
	if (action->activate)
		gtk_widget_class_install_action(class, action->name, action->parameter,
						action->activate);
}

void trv__window_install_actions(GtkWidgetClass *class)
{
	for_each(install, class);
}

static void enable(const struct trv__action *action, void *data)
{
	TrvWindow *window = data;
	bool ready = trv_session_state(window->session) == TRV_READY;

	if (action->activate)
		gtk_widget_action_set_enabled(GTK_WIDGET(window), action->name,
					      ready || action->always);
}

void trv__window_enable_actions(TrvWindow *window)
{
	for_each(enable, window);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.reload",
				      trv_session_path(window->session) != NULL);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.stop-recording",
				      window->recorder != NULL);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.cancel",
				      trv_session_state(window->session) == TRV_LOADING);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.record", !window->recorder);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.demo",
				      !window->recorder && window->has_demo);
}

/* --- keys --------------------------------------------------------------------------------------
 */

static void set_keys(const struct trv__action *action, void *application)
{
	const char *keys[G_N_ELEMENTS(action->keys) + 1] = {NULL};

	memcpy(keys, action->keys, sizeof(action->keys));
	gtk_application_set_accels_for_action(application, action->name, keys);
}

void trv_window_set_accels(GtkApplication *application)
{
	for_each(set_keys, application);
}

/* Up from what has the focus, as the event would have gone had no action had this key. */
static gboolean on_key(GtkEventControllerKey *key, guint value, guint code, GdkModifierType state,
		       gpointer data)
{
	const GdkModifierType no_text = GDK_CONTROL_MASK | GDK_ALT_MASK | GDK_SUPER_MASK;
	GtkWidget *window = gtk_event_controller_get_widget(GTK_EVENT_CONTROLLER(key));
	GtkWidget *focus = gtk_window_get_focus(GTK_WINDOW(window));

	if (!(GTK_IS_TEXT(focus) || GTK_IS_TEXT_VIEW(focus)) || (state & no_text) ||
	    (gdk_keyval_to_unicode(value) < ' ' && value != GDK_KEY_Escape))
		return GDK_EVENT_PROPAGATE;
	for (GtkWidget *to = focus; to && to != window; to = gtk_widget_get_parent(to)) {
		if (gtk_event_controller_key_forward(key, to))
			return GDK_EVENT_STOP;
	}
	return GDK_EVENT_PROPAGATE;
}

void trv_window_type_first(GtkWindow *window)
{
	GtkEventController *key = gtk_event_controller_key_new();

	gtk_event_controller_set_propagation_phase(key, GTK_PHASE_CAPTURE);
	g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), NULL);
	gtk_widget_add_controller(GTK_WIDGET(window), key);
}
