/*
 * window-record.c - recording a program from the window: what to run, the recording, its end
 *
 * The recorder is the command `actorscope record`, a process of its own as always: when the window
 * goes away, the recording and the program go on.
 */
#include "viewer/window-private.h"

#include "viewer/command.h"

#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>

enum { LOOK_MS = 100 };

/* --- the recording -----------------------------------------------------------------------------
 */

static void say_failed(TrvWindow *window, const char *heading, const char *text)
{
	GtkWidget *dialog = adw_message_dialog_new(GTK_WINDOW(window), heading, text);

	adw_message_dialog_add_response(ADW_MESSAGE_DIALOG(dialog), "close", "_Close");
	gtk_window_present(GTK_WINDOW(dialog));
}

static void show_recording(TrvWindow *window)
{
	bool on = window->recorder != NULL;

	gtk_widget_set_visible(GTK_WIDGET(window->stop_recording), on);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.stop-recording", on);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.record", !on);
	gtk_widget_action_set_enabled(GTK_WIDGET(window), "win.demo", !on && window->has_demo);
}

/* The trace is opened as soon as it is there. */
static gboolean look_for_trace(gpointer data)
{
	TrvWindow *window = data;

	if (!g_file_test(window->recorded, G_FILE_TEST_EXISTS))
		return G_SOURCE_CONTINUE;
	window->looking = 0;
	trv_window_open(window, window->recorded);
	return G_SOURCE_REMOVE;
}

/* The recorder's own sentences, without what leads them in. */
static char *complaint_of(const char *text)
{
	g_autofree char *stripped = g_strstrip(g_utf8_make_valid(text, -1));
	const char *last = strrchr(stripped, '\n');
	const char *line = last ? last + 1 : stripped;

	if (g_str_has_prefix(line, "actorscope record: "))
		line += strlen("actorscope record: ");
	return g_strdup(line[0] ? line : "It said nothing about why.");
}

static void on_ended(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(TrvWindow) window = data;
	g_autofree char *complaint = NULL, *sentence = NULL;
	GSubprocess *recorder = G_SUBPROCESS(source);
	bool opened = window->looking == 0;

	g_subprocess_communicate_utf8_finish(recorder, result, NULL, &complaint, NULL);
	if (window->recorder != recorder)
		return; /* the window has been closed */
	g_clear_object(&window->recorder);
	g_clear_handle_id(&window->looking, g_source_remove);
	show_recording(window);
	/* The recorder takes away the trace of a program that it could not start, which may have
	 * been opened by then. How the program itself ended does not matter. */
	if (!g_file_test(window->recorded, G_FILE_TEST_EXISTS)) {
		sentence = complaint_of(complaint ? complaint : "");
		say_failed(window, "Nothing Was Recorded", sentence);
	} else if (opened) {
		trv__window_say(window, "The recording has ended");
	} else {
		trv_window_open(window, window->recorded);
	}
}

/* `live`: it is looked at while it grows, else when it has ended. */
static void start(TrvWindow *window, const char *const *argv, const char *file, bool live)
{
	g_autoptr(GError) error = NULL;

	g_unlink(file); /* what is opened is to be the new one */
	window->recorder = g_subprocess_newv(argv, G_SUBPROCESS_FLAGS_STDERR_PIPE, &error);
	if (!window->recorder) {
		say_failed(window, "The Recorder Did Not Start", error->message);
		return;
	}
	g_free(window->recorded);
	window->recorded = g_strdup(file);
	window->looking = g_timeout_add(live ? LOOK_MS : G_MAXINT, look_for_trace, window);
	g_subprocess_communicate_utf8_async(window->recorder, NULL, NULL, on_ended,
					    g_object_ref(window));
	show_recording(window);
}

void trv__window_stop_recording(TrvWindow *window)
{
	if (window->recorder)
		g_subprocess_send_signal(window->recorder, SIGINT);
}

/* The recording goes on, but nobody here waits for it. */
void trv__window_leave_recording(TrvWindow *window)
{
	g_clear_handle_id(&window->looking, g_source_remove);
	g_clear_object(&window->recorder);
	g_clear_pointer(&window->recorded, g_free);
}

static char *find_command(TrvWindow *window)
{
	char *command = trv_command_find();

	if (!command)
		say_failed(window, "Cannot Record",
			   "The command “actorscope”, which records, is not installed. It comes "
			   "with this program.");
	return command;
}

void trv_window_record(TrvWindow *window, const char *line, const char *file, bool all_payload,
		       bool drop)
{
	g_autofree char *command = NULL;
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) program = NULL, argv = NULL;
	g_autoptr(GError) error = NULL;

	if (window->recorder || !(command = find_command(window)))
		return;
	if (!g_shell_parse_argv(line, NULL, &program, &error)) {
		say_failed(window, "Cannot Record", error->message);
		return;
	}
	g_strv_builder_add_many(builder, command, "record", "--quiet", "--force", "-o", file, NULL);
	if (all_payload)
		g_strv_builder_add(builder, "--payload=all");
	if (drop)
		g_strv_builder_add(builder, "--on-full=drop");
	g_strv_builder_add(builder, "--");
	g_strv_builder_addv(builder, (const char **)program);
	argv = g_strv_builder_end(builder);
	start(window, (const char *const *)argv, file, true);
}

/* --- the chat, for a first look ----------------------------------------------------------------
 */

void trv_window_record_demo(TrvWindow *window)
{
	g_autofree char *command = NULL, *chat = trv_command_find_demo();
	g_autofree char *folder = g_build_filename(g_get_user_cache_dir(), "actorscope", NULL);
	g_autofree char *file = g_build_filename(folder, "chat.db", NULL);

	if (window->recorder || !(command = find_command(window)))
		return;
	if (!chat) {
		say_failed(window, "The Chat Is Not There",
			   "The example “chat-rehearsal” is not installed.");
		return;
	}
	g_mkdir_with_parents(folder, 0700);
	start(window,
	      (const char *const[]){command, "record", "--quiet", "--force", "--seed=1", "-o", file,
				    "--", chat, "hang", NULL},
	      file, false);
}

void trv__window_init_record(TrvWindow *window)
{
	g_autofree char *chat = trv_command_find_demo();

	window->has_demo = chat != NULL;
	gtk_widget_set_visible(window->demo, window->has_demo);
}

/* --- what to record ----------------------------------------------------------------------------
 */

struct asking {
	TrvWindow *window;
	GtkWidget *dialog;
	GtkEditable *line, *file;
	GtkSwitch *all, *drop;
	bool file_typed; /* by the user: it no longer follows the program's name */
};

static GtkWidget *add_switch(AdwPreferencesGroup *group, const char *title, const char *subtitle)
{
	GtkWidget *row = adw_action_row_new();
	GtkWidget *toggle = gtk_switch_new();

	gtk_widget_set_valign(toggle, GTK_ALIGN_CENTER);
	adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
	adw_action_row_set_subtitle(ADW_ACTION_ROW(row), subtitle);
	adw_action_row_add_suffix(ADW_ACTION_ROW(row), toggle);
	adw_action_row_set_activatable_widget(ADW_ACTION_ROW(row), toggle);
	adw_preferences_group_add(group, row);
	return toggle;
}

static GtkEditable *add_entry(AdwPreferencesGroup *group, const char *title)
{
	GtkWidget *row = adw_entry_row_new();

	adw_preferences_row_set_title(ADW_PREFERENCES_ROW(row), title);
	adw_preferences_group_add(group, row);
	return GTK_EDITABLE(row);
}

static void on_file_changed(GtkEditable *editable, struct asking *asking)
{
	asking->file_typed = true;
}

static void on_line_changed(GtkEditable *editable, struct asking *asking)
{
	const char *line = gtk_editable_get_text(editable);
	g_auto(GStrv) argv = NULL;
	bool good = g_shell_parse_argv(line, NULL, &argv, NULL);

	adw_message_dialog_set_response_enabled(ADW_MESSAGE_DIALOG(asking->dialog), "record", good);
	if (good && !asking->file_typed) {
		g_autofree char *base = g_path_get_basename(argv[0]);
		g_autofree char *name = g_strdup_printf("%s.db", base);
		g_autofree char *path = g_build_filename(g_get_home_dir(), name, NULL);

		g_signal_handlers_block_by_func(asking->file, on_file_changed, asking);
		gtk_editable_set_text(asking->file, path);
		g_signal_handlers_unblock_by_func(asking->file, on_file_changed, asking);
	}
}

static void on_response(AdwMessageDialog *dialog, const char *response, struct asking *asking)
{
	if (g_str_equal(response, "record"))
		trv_window_record(asking->window, gtk_editable_get_text(asking->line),
				  gtk_editable_get_text(asking->file),
				  gtk_switch_get_active(asking->all),
				  gtk_switch_get_active(asking->drop));
}

static void ask(TrvWindow *window)
{
	struct asking *asking = g_new0(struct asking, 1);
	AdwPreferencesGroup *group = ADW_PREFERENCES_GROUP(adw_preferences_group_new());

	asking->window = window;
	asking->dialog = adw_message_dialog_new(
		GTK_WINDOW(window), "Record a Program",
		"It is started, and its messages are shown while it runs. A trace of that name "
		"is replaced.");
	asking->line = add_entry(group, "Program and arguments");
	asking->file = add_entry(group, "Trace file");
	asking->all = GTK_SWITCH(add_switch(group, "Keep Whole Messages",
					    "Otherwise the first 1024 bytes of their fields"));
	asking->drop = GTK_SWITCH(add_switch(group, "Never Slow the Program",
					     "When too much happens, events are lost and counted"));
	adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(asking->dialog), "cancel", "_Cancel",
					 "record", "_Record", NULL);
	adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(asking->dialog), "record",
						   ADW_RESPONSE_SUGGESTED);
	adw_message_dialog_set_response_enabled(ADW_MESSAGE_DIALOG(asking->dialog), "record",
						FALSE);
	adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(asking->dialog), "record");
	adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(asking->dialog), "cancel");
	adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(asking->dialog), GTK_WIDGET(group));
	g_signal_connect(asking->line, "changed", G_CALLBACK(on_line_changed), asking);
	g_signal_connect(asking->file, "changed", G_CALLBACK(on_file_changed), asking);
	g_signal_connect(asking->dialog, "response", G_CALLBACK(on_response), asking);
	g_object_set_data_full(G_OBJECT(asking->dialog), "asking", asking, g_free);
	gtk_window_present(GTK_WINDOW(asking->dialog));
	gtk_widget_grab_focus(GTK_WIDGET(asking->line));
}

void trv__window_record_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);

	if (g_str_equal(name, "win.record"))
		ask(window);
	else if (g_str_equal(name, "win.demo"))
		trv_window_record_demo(window);
	else
		trv__window_stop_recording(window);
}

/* --- recent traces -----------------------------------------------------------------------------
 */

void trv__window_note_recent(TrvWindow *window)
{
	g_autoptr(GFile) file = g_file_new_for_path(trv_session_path(window->session));
	g_autofree char *uri = g_file_get_uri(file);
	GtkRecentData data = {.mime_type = (char *)"application/vnd.actorscope.trace",
			      .app_name = (char *)"Actorscope",
			      .app_exec = (char *)"actorscope-viewer %u"};

	if (window->remembers)
		gtk_recent_manager_add_full(gtk_recent_manager_get_default(), uri, &data);
}

static gint64 visited(GtkRecentInfo *info)
{
	GDateTime *time = gtk_recent_info_get_visited(info);

	return time ? g_date_time_to_unix(time) : 0;
}

static int compare_recent(gconstpointer left, gconstpointer right)
{
	gint64 a = visited((GtkRecentInfo *)left), b = visited((GtkRecentInfo *)right);

	return a > b ? -1 : a < b;
}

/* The latest traces, for the menu of the button Open. */
void trv__window_fill_recent(TrvWindow *window)
{
	enum { RECENT_MAX = 8 };
	GList *all = gtk_recent_manager_get_items(gtk_recent_manager_get_default());
	int count = 0;

	all = g_list_sort(all, compare_recent);
	g_menu_remove_all(window->recent_menu);
	for (GList *each = all; each && count < RECENT_MAX; each = each->next) {
		GtkRecentInfo *info = each->data;
		g_autoptr(GFile) file = g_file_new_for_uri(gtk_recent_info_get_uri(info));
		g_autofree char *path = g_file_get_path(file);
		g_autofree char *name = path ? g_filename_display_basename(path) : NULL;
		g_autoptr(GMenuItem) item = NULL;

		if (!path || !gtk_recent_info_has_application(info, "Actorscope") ||
		    !g_file_test(path, G_FILE_TEST_EXISTS))
			continue;
		item = g_menu_item_new(name, NULL);
		g_menu_item_set_action_and_target(item, "win.open-file", "s", path);
		g_menu_append_item(window->recent_menu, item);
		count++;
	}
	g_list_free_full(all, (GDestroyNotify)gtk_recent_info_unref);
}
