#include "viewer/mark-list.h"

struct _TrvMarkList {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkWidget *scrolled;
	GtkListBox *rows;
};

G_DEFINE_FINAL_TYPE(TrvMarkList, trv_mark_list, GTK_TYPE_WIDGET)

static size_t row_index(gpointer row)
{
	return (size_t)gtk_list_box_row_get_index(GTK_LIST_BOX_ROW(row));
}

static void on_row_activated(TrvMarkList *list, GtkListBoxRow *row)
{
	trv_session_go_to_time(list->session,
			       trv_session_bookmark(list->session, row_index(row))->time);
}

static void on_remove(GtkButton *button, TrvMarkList *list)
{
	GtkWidget *row = gtk_widget_get_ancestor(GTK_WIDGET(button), GTK_TYPE_LIST_BOX_ROW);

	trv_session_remove_bookmark(list->session, row_index(row));
}

static GtkWidget *make_label(const char *text, const char *style)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_widget_add_css_class(label, style);
	return label;
}

static GtkWidget *make_row(TrvMarkList *list, const struct trv_bookmark *mark)
{
	GtkWidget *row = gtk_list_box_row_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *remove = gtk_button_new_from_icon_name("user-trash-symbolic");
	char time[TRV_TIME_TEXT];

	trv_time_text(mark->time, 1000, time);
	gtk_box_append(GTK_BOX(words), make_label(mark->note[0] ? mark->note : "Bookmark", "body"));
	gtk_box_append(GTK_BOX(words), make_label(time, "caption"));
	gtk_widget_add_css_class(gtk_widget_get_last_child(words), "dim-label");
	gtk_widget_set_hexpand(words, TRUE);
	gtk_widget_add_css_class(remove, "flat");
	gtk_widget_set_valign(remove, GTK_ALIGN_CENTER);
	gtk_widget_set_tooltip_text(remove, "Take this bookmark away");
	g_signal_connect(remove, "clicked", G_CALLBACK(on_remove), list);
	gtk_box_append(GTK_BOX(box), words);
	gtk_box_append(GTK_BOX(box), remove);
	gtk_widget_set_margin_top(box, 6);
	gtk_widget_set_margin_bottom(box, 6);
	gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
	return row;
}

static void fill(TrvMarkList *list)
{
	GtkWidget *row;

	while ((row = GTK_WIDGET(gtk_list_box_get_row_at_index(list->rows, 0))) != NULL)
		gtk_list_box_remove(list->rows, row);
	for (size_t i = 0; i < trv_session_bookmark_count(list->session); i++)
		gtk_list_box_append(list->rows,
				    make_row(list, trv_session_bookmark(list->session, i)));
}

static void on_changed(TrvSession *session, guint what, TrvMarkList *list)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_MARKS))
		fill(list);
}

void trv_mark_list_set_session(TrvMarkList *list, TrvSession *session)
{
	g_return_if_fail(!list->session);
	list->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), list, 0);
}

static void trv_mark_list_dispose(GObject *object)
{
	TrvMarkList *list = TRV_MARK_LIST(object);

	g_clear_pointer(&list->scrolled, gtk_widget_unparent);
	g_clear_object(&list->session);
	G_OBJECT_CLASS(trv_mark_list_parent_class)->dispose(object);
}

static void trv_mark_list_class_init(TrvMarkListClass *class)
{
	G_OBJECT_CLASS(class)->dispose = trv_mark_list_dispose;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static void trv_mark_list_init(TrvMarkList *list)
{
	GtkWidget *nothing =
		make_label("No bookmarks yet. Press M to mark the playhead.", "dim-label");

	gtk_label_set_justify(GTK_LABEL(nothing), GTK_JUSTIFY_CENTER);
	gtk_label_set_xalign(GTK_LABEL(nothing), 0.5f);
	gtk_widget_set_margin_top(nothing, 24);
	gtk_widget_set_margin_start(nothing, 16);
	gtk_widget_set_margin_end(nothing, 16);
	list->scrolled = gtk_scrolled_window_new();
	list->rows = GTK_LIST_BOX(gtk_list_box_new());
	gtk_list_box_set_placeholder(list->rows, nothing);
	gtk_list_box_set_selection_mode(list->rows, GTK_SELECTION_NONE);
	gtk_widget_add_css_class(GTK_WIDGET(list->rows), "navigation-sidebar");
	gtk_accessible_update_property(GTK_ACCESSIBLE(list->rows), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Bookmarks", -1);
	g_signal_connect_swapped(list->rows, "row-activated", G_CALLBACK(on_row_activated), list);
	gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(list->scrolled), GTK_POLICY_NEVER,
				       GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(list->scrolled), GTK_WIDGET(list->rows));
	gtk_widget_set_parent(list->scrolled, GTK_WIDGET(list));
}
