/*
 * window-suggest.c - below the find bar, what could be typed next, and the filters that were kept
 */
#include "viewer/window-private.h"

#include "viewer/filter-suggest.h"

#include <string.h>

static size_t cursor_of(TrvWindow *window, const char *text)
{
	int characters = gtk_editable_get_position(GTK_EDITABLE(window->find_entry));

	return (size_t)(g_utf8_offset_to_pointer(text, characters) - text);
}

static void take(TrvWindow *window, const char *suggestion)
{
	GtkEditable *entry = GTK_EDITABLE(window->find_entry);
	g_autofree char *text = g_strdup(gtk_editable_get_text(entry)), *whole = NULL;
	size_t cursor = cursor_of(window, text);

	if (text[0] == '\0' && strchr(suggestion, ' ')) { /* a filter that was kept */
		whole = g_strdup(suggestion);
		cursor = strlen(whole);
	} else {
		whole = trv_filter_complete(text, cursor, suggestion, &cursor);
	}
	gtk_editable_set_text(entry, whole);
	gtk_editable_set_position(entry, (int)g_utf8_pointer_to_offset(whole, whole + cursor));
}

static void on_row(GtkListBox *rows, GtkListBoxRow *row, TrvWindow *window)
{
	g_autofree char *text =
		g_strdup(gtk_label_get_text(GTK_LABEL(gtk_list_box_row_get_child(row))));

	take(window, text);
}

static void add_row(TrvWindow *window, const char *text)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_list_box_append(window->suggestion_rows, label);
}

/* The latest first. */
static void add_kept(TrvWindow *window)
{
	const GPtrArray *kept = trv_session_filters(window->session);

	for (guint i = kept->len; i > 0 && i + 4 > kept->len; i--)
		add_row(window, g_ptr_array_index(kept, i - 1));
}

void trv__window_suggest(TrvWindow *window)
{
	GtkEditable *entry = GTK_EDITABLE(window->find_entry);
	const char *text = gtk_editable_get_text(entry);
	GtkListBoxRow *row;
	g_autoptr(GPtrArray) list = NULL;
	bool typing = gtk_search_bar_get_search_mode(window->find_bar) &&
		      trv_session_state(window->session) == TRV_READY &&
		      gtk_widget_get_mapped(GTK_WIDGET(window->find_entry));

	while ((row = gtk_list_box_get_row_at_index(window->suggestion_rows, 0)) != NULL)
		gtk_list_box_remove(window->suggestion_rows, GTK_WIDGET(row));
	if (!typing) {
		gtk_popover_popdown(window->suggestions);
		return;
	}
	if (text[0] == '\0')
		add_kept(window);
	list = trv_filter_suggest(text, cursor_of(window, text),
				  trv_session_names(window->session));
	for (guint i = 0; i < list->len; i++)
		add_row(window, g_ptr_array_index(list, i));
	if (gtk_list_box_get_row_at_index(window->suggestion_rows, 0))
		gtk_popover_popup(window->suggestions);
	else
		gtk_popover_popdown(window->suggestions);
}

bool trv__window_take_suggestion(TrvWindow *window)
{
	GtkListBoxRow *row = gtk_list_box_get_row_at_index(window->suggestion_rows, 0);

	if (!row || !gtk_widget_get_visible(GTK_WIDGET(window->suggestions)))
		return false;
	on_row(window->suggestion_rows, row, window);
	return true;
}

static void on_changed(TrvWindow *window)
{
	if (window->suggestions)
		trv__window_suggest(window);
}

static void on_leave(GtkEventControllerFocus *focus, TrvWindow *window)
{
	if (window->suggestions) /* the window may be closing */
		gtk_popover_popdown(window->suggestions);
}

void trv__window_init_suggest(TrvWindow *window)
{
	GtkEventController *focus = gtk_event_controller_focus_new();

	window->suggestions = GTK_POPOVER(gtk_popover_new());
	window->suggestion_rows = GTK_LIST_BOX(gtk_list_box_new());
	gtk_list_box_set_selection_mode(window->suggestion_rows, GTK_SELECTION_NONE);
	gtk_accessible_update_property(GTK_ACCESSIBLE(window->suggestion_rows),
				       GTK_ACCESSIBLE_PROPERTY_LABEL, "Suggestions", -1);
	g_signal_connect(window->suggestion_rows, "row-activated", G_CALLBACK(on_row), window);
	gtk_popover_set_child(window->suggestions, GTK_WIDGET(window->suggestion_rows));
	/* It must not take the keys from the entry. */
	gtk_popover_set_autohide(window->suggestions, FALSE);
	gtk_popover_set_has_arrow(window->suggestions, FALSE);
	gtk_widget_set_can_focus(GTK_WIDGET(window->suggestions), FALSE);
	gtk_widget_set_halign(GTK_WIDGET(window->suggestions), GTK_ALIGN_START);
	gtk_popover_set_position(window->suggestions, GTK_POS_BOTTOM);
	gtk_widget_set_parent(GTK_WIDGET(window->suggestions), GTK_WIDGET(window->find_entry));
	g_signal_connect_swapped(window->find_entry, "changed", G_CALLBACK(on_changed), window);
	/* The text changes before the cursor moves. */
	g_signal_connect_swapped(window->find_entry, "notify::cursor-position",
				 G_CALLBACK(on_changed), window);
	g_signal_connect(focus, "leave", G_CALLBACK(on_leave), window);
	gtk_widget_add_controller(GTK_WIDGET(window->find_entry), focus);
}
