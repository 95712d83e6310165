/*
 * window-find.c - the find bar, and going to a time or a message by typing it
 */
#include "viewer/window-private.h"

#include "viewer/words.h"

#include <gdk/gdkkeysyms.h>

/* --- the find bar ------------------------------------------------------------------------------
 */

static void show_words(TrvWindow *window, const char *words, bool error)
{
	gtk_label_set_text(window->find_count, words);
	gtk_widget_set_tooltip_text(GTK_WIDGET(window->find_count), words);
	if (error)
		gtk_widget_add_css_class(GTK_WIDGET(window->find_entry), "error");
	else
		gtk_widget_remove_css_class(GTK_WIDGET(window->find_entry), "error");
}

void trv__window_show_hits(TrvWindow *window)
{
	struct trv_hits hits = trv_session_hits(window->session);
	size_t at = trv_session_hit_index(window->session,
					  trv_session_selection(window->session)->message);
	g_autofree char *total = trv_words_counted(hits.total, "message", "messages");
	g_autofree char *words = NULL;

	if (!hits.active)
		return;
	if (hits.searching)
		words = g_strdup_printf("%s so far…", total);
	else if (hits.total == 0)
		words = g_strdup("Nothing found");
	else if (at != SIZE_MAX)
		words = g_strdup_printf("%zu of %s", at + 1, total);
	else
		words = g_strdup(total);
	show_words(window, words, false);
}

static void on_search_changed(GtkSearchEntry *entry, TrvWindow *window)
{
	char error[TRV_FILTER_ERROR] = "";

	show_words(window, "", false);
	if (!trv_session_find(window->session, gtk_editable_get_text(GTK_EDITABLE(entry)), error))
		show_words(window, error, true);
}

static gboolean on_key(GtkEventControllerKey *controller, guint key, guint code,
		       GdkModifierType state, TrvWindow *window)
{
	if (key == GDK_KEY_Tab && trv__window_take_suggestion(window))
		return GDK_EVENT_STOP;
	if (key != GDK_KEY_Return && key != GDK_KEY_KP_Enter)
		return GDK_EVENT_PROPAGATE;
	gtk_popover_popdown(window->suggestions);
	if (state & GDK_CONTROL_MASK) {
		trv_session_set_hide_misses(window->session,
					    !trv_session_hides_misses(window->session));
		return GDK_EVENT_STOP;
	}
	trv_session_go_to_hit(window->session, state & GDK_SHIFT_MASK ? -1 : 1);
	return GDK_EVENT_STOP;
}

/* The bar empties its entry itself when it closes, but leaves it the focus. */
static void on_closed(GtkSearchBar *bar, GParamSpec *spec, TrvWindow *window)
{
	if (!gtk_search_bar_get_search_mode(bar))
		gtk_widget_grab_focus(GTK_WIDGET(window->timeline));
}

void trv__window_init_find(TrvWindow *window)
{
	GtkEventController *key = gtk_event_controller_key_new();

	gtk_search_bar_connect_entry(window->find_bar, GTK_EDITABLE(window->find_entry));
	g_signal_connect(window->find_entry, "search-changed", G_CALLBACK(on_search_changed),
			 window);
	g_signal_connect(window->find_bar, "notify::search-mode-enabled", G_CALLBACK(on_closed),
			 window);
	gtk_event_controller_set_propagation_phase(key, GTK_PHASE_CAPTURE);
	g_signal_connect(key, "key-pressed", G_CALLBACK(on_key), window);
	gtk_widget_add_controller(GTK_WIDGET(window->find_entry), key);
	trv__window_init_suggest(window);
}

void trv__window_find(TrvWindow *window)
{
	gtk_search_bar_set_search_mode(window->find_bar, TRUE);
	gtk_widget_grab_focus(GTK_WIDGET(window->find_entry));
	trv__window_suggest(window);
}

void trv__window_keep_filter(TrvWindow *window)
{
	const char *text = gtk_editable_get_text(GTK_EDITABLE(window->find_entry));

	if (!trv_session_hits(window->session).active) {
		trv__window_say(window, "Nothing is looked for");
		return;
	}
	trv_session_keep_filter(window->session, text);
	trv__window_say(window, "Kept: an empty find bar offers it");
}

void trv__window_find_text(TrvWindow *window, const char *text)
{
	trv__window_find(window);
	gtk_editable_set_text(GTK_EDITABLE(window->find_entry), text);
}

/* --- go to -------------------------------------------------------------------------------------
 */

/* "1.25 s" is a time, "#4711" a message by its number. */
static bool go_to(TrvSession *session, const char *text)
{
	struct trc_message_info message;
	char *end;
	guint64 number;
	int64_t time;

	if (text[0] == '#') {
		number = g_ascii_strtoull(text + 1, &end, 10);
		if (end == text + 1 || *end ||
		    !trc_trace_message(trv_session_trace(session), number, &message))
			return false;
		trv_session_go_to_message(session, number);
		return true;
	}
	if (!trv_time_parse(text, &time) || time < 0)
		return false;
	trv_session_go_to_time(session, time);
	return true;
}

static void on_go_changed(GtkEditable *entry, GtkWidget *dialog)
{
	const char *text = gtk_editable_get_text(entry);
	int64_t time;

	adw_message_dialog_set_response_enabled(ADW_MESSAGE_DIALOG(dialog), "go",
						text[0] == '#' ? text[1] != '\0'
							       : trv_time_parse(text, &time));
}

static void on_go_response(AdwMessageDialog *dialog, const char *response, TrvWindow *window)
{
	GtkEditable *entry = GTK_EDITABLE(adw_message_dialog_get_extra_child(dialog));
	const char *text = gtk_editable_get_text(entry);
	g_autofree char *words = NULL;

	if (!g_str_equal(response, "go") || trv_session_state(window->session) != TRV_READY)
		return;
	if (!go_to(window->session, text)) {
		words = g_strdup_printf("There is no message %s in this trace", text);
		trv__window_say(window, words);
	}
}

void trv__window_go_to(TrvWindow *window)
{
	GtkWidget *dialog = adw_message_dialog_new(
		GTK_WINDOW(window), "Go To",
		"A time, as in 1.25s or 108ms, or the number of a message, as in #4711");
	GtkWidget *entry = gtk_entry_new();

	adw_message_dialog_add_responses(ADW_MESSAGE_DIALOG(dialog), "cancel", "_Cancel", "go",
					 "_Go", NULL);
	adw_message_dialog_set_response_appearance(ADW_MESSAGE_DIALOG(dialog), "go",
						   ADW_RESPONSE_SUGGESTED);
	adw_message_dialog_set_response_enabled(ADW_MESSAGE_DIALOG(dialog), "go", FALSE);
	adw_message_dialog_set_default_response(ADW_MESSAGE_DIALOG(dialog), "go");
	adw_message_dialog_set_close_response(ADW_MESSAGE_DIALOG(dialog), "cancel");
	adw_message_dialog_set_extra_child(ADW_MESSAGE_DIALOG(dialog), entry);
	gtk_entry_set_activates_default(GTK_ENTRY(entry), TRUE);
	gtk_accessible_update_property(GTK_ACCESSIBLE(entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Time or message", -1);
	g_signal_connect(entry, "changed", G_CALLBACK(on_go_changed), dialog);
	g_signal_connect_object(dialog, "response", G_CALLBACK(on_go_response), window, 0);
	gtk_window_present(GTK_WINDOW(dialog));
	gtk_widget_grab_focus(entry);
}

void trv__window_find_action(GtkWidget *widget, const char *name, GVariant *parameter)
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
