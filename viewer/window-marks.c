/*
 * window-marks.c - markers, bookmarks with their notes, and the way back
 */
#include "viewer/window-private.h"

static void on_bookmark_response(AdwMessageDialog *dialog, const char *response, TrvWindow *window)
{
	GtkEditable *entry = GTK_EDITABLE(adw_message_dialog_get_extra_child(dialog));

	if (g_str_equal(response, "add") && trv_session_state(window->session) == TRV_READY)
		trv_session_add_bookmark(window->session, trv_session_time(window->session),
					 gtk_editable_get_text(entry));
}

/* The entry has the focus at once, so that "m", a note and Enter is all it takes. */
static void ask_for_note(TrvWindow *window)
{
	char time[TRV_TIME_TEXT];
	g_autofree char *heading = g_strdup_printf(
		"Bookmark at %s", trv_time_text(trv_session_time(window->session), 1000, time));
	GtkWidget *dialog = adw_message_dialog_new(GTK_WINDOW(window), heading, NULL);
	GtkWidget *entry = gtk_entry_new();

	adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", "_Cancel", "add",
					 "_Add", NULL);
	adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "add",
						   ADW_RESPONSE_SUGGESTED);
	adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "add");
	adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
	adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(dialog), entry);
	gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
	gtk_entry_set_placeholder_text(GTK_ENTRY(entry), "A note, if you like");
	gtk_accessible_update_property(GTK_ACCESSIBLE(entry), GTK_ACCESSIBLE_PROPERTY_LABEL, "Note",
				       -1);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_bookmark_response), window, 0);
	gtk_window_present(GTK_WINDOW(dialog));
	gtk_widget_grab_focus(entry);
}

void trv__window_marks_action(GtkWidget *widget, const char *name, GVariant *parameter)
{
	TrvWindow *window = TRV_WINDOW(widget);
	TrvSession *session = window->session;
	int64_t time = trv_session_time(session);

	if (g_str_equal(name, "win.back") || g_str_equal(name, "win.forward")) {
		if (!trv_session_go_back(session, g_str_equal(name, "win.forward")))
			trv__window_say(window, "That is as far as it goes");
	} else if (g_str_equal(name, "win.marker-a") || g_str_equal(name, "win.marker-b")) {
		trv_session_set_marker(session, g_str_equal(name, "win.marker-b"), time);
	} else if (g_str_equal(name, "win.zoom-range")) {
		trv_session_set_view(session, trv_session_range(session));
	} else if (g_str_equal(name, "win.bookmark")) {
		ask_for_note(window);
	} else if (!trv_session_go_to_bookmark(session,
					       g_str_equal(name, "win.next-bookmark") ? 1 : -1)) {
		trv__window_say(window, "There is no bookmark further that way");
	}
}
