#include "viewer/sql-view.h"

#include "viewer/command.h"
#include "viewer/csv.h"
#include "viewer/words.h"

enum { ROWS_MAX = 5000, COLUMNS_MAX = 40 };

struct _TrvSqlView {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkWidget *box;
	GtkEntry *entry;
	GtkButton *run;
	GtkLabel *status;
	GtkColumnView *table;
	GSubprocess *process; /* NULL: no question is being answered */
	GCancellable *cancellable;
};

G_DEFINE_FINAL_TYPE(TrvSqlView, trv_sql_view, GTK_TYPE_WIDGET)

/* --- answers -----------------------------------------------------------------------------------
 */

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_label_set_max_width_chars(GTK_LABEL(label), 60);
	gtk_widget_add_css_class(label, "numeric");
	gtk_list_item_set_child(item, label);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer column)
{
	GtkStringObject *object = gtk_list_item_get_item(item);
	GPtrArray *cells = g_object_get_data(G_OBJECT(object), "cells");
	guint index = GPOINTER_TO_UINT(column);

	gtk_label_set_text(GTK_LABEL(gtk_list_item_get_child(item)),
			   index < cells->len ? g_ptr_array_index(cells, index) : "");
}

static void clear_columns(TrvSqlView *view)
{
	GListModel *columns = gtk_column_view_get_columns(view->table);

	gtk_column_view_set_model(view->table, NULL);
	while (g_list_model_get_n_items(columns) > 0) {
		g_autoptr(GtkColumnViewColumn) column = g_list_model_get_item(columns, 0);

		gtk_column_view_remove_column(view->table, column);
	}
}

static void add_columns(TrvSqlView *view, const GPtrArray *names)
{
	for (guint i = 0; i < MIN(names->len, COLUMNS_MAX); i++) {
		GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
		g_autoptr(GtkColumnViewColumn) column = NULL;

		g_signal_connect(factory, "setup", G_CALLBACK(on_setup), GUINT_TO_POINTER(i));
		g_signal_connect(factory, "bind", G_CALLBACK(on_bind), GUINT_TO_POINTER(i));
		column = gtk_column_view_column_new(g_ptr_array_index(names, i), factory);
		gtk_column_view_column_set_resizable(column, TRUE);
		gtk_column_view_append_column(view->table, column);
	}
}

static void show_answer(TrvSqlView *view, const char *csv)
{
	gboolean more;
	g_autoptr(GPtrArray) lines = trv_csv_parse(csv, ROWS_MAX + 1, &more);
	GListStore *rows = g_list_store_new(GTK_TYPE_STRING_OBJECT);
	g_autofree char *count = NULL, *text = NULL;

	clear_columns(view);
	if (lines->len > 0)
		add_columns(view, g_ptr_array_index(lines, 0));
	for (guint i = 1; i < lines->len; i++) {
		g_autoptr(GtkStringObject) row = gtk_string_object_new("");

		g_object_set_data_full(G_OBJECT(row), "cells",
				       g_ptr_array_ref(g_ptr_array_index(lines, i)),
				       (GDestroyNotify)g_ptr_array_unref);
		g_list_store_append(rows, row);
	}
	count = trv_words_counted(lines->len > 0 ? lines->len - 1 : 0, "row", "rows");
	text = more ? g_strdup_printf("The first %s", count) : g_strdup(count);
	gtk_label_set_text(view->status, text);
	gtk_column_view_set_model(view->table,
				  GTK_SELECTION_MODEL(gtk_no_selection_new(G_LIST_MODEL(rows))));
	g_object_unref(gtk_column_view_get_model(view->table));
}

/* --- questions ---------------------------------------------------------------------------------
 */

static void set_busy(TrvSqlView *view, bool busy)
{
	gtk_button_set_label(view->run, busy ? "_Cancel" : "_Run");
	if (!busy) {
		g_clear_object(&view->process);
		g_clear_object(&view->cancellable);
	}
}

static void on_answered(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(TrvSqlView) view = data;
	g_autofree char *answer = NULL, *complaint = NULL;
	g_autoptr(GError) error = NULL;
	bool good = g_subprocess_communicate_utf8_finish(G_SUBPROCESS(source), result, &answer,
							 &complaint, &error);

	if (view->process != G_SUBPROCESS(source))
		return; /* it has been ended */
	if (good && g_subprocess_get_successful(view->process)) {
		show_answer(view, answer);
	} else {
		const char *text = good && complaint[0] ? g_strstrip(complaint)
				   : good               ? "It ended without an answer"
							: error->message;

		if (g_str_has_prefix(text, "actorscope sql: "))
			text += strlen("actorscope sql: ");
		gtk_label_set_text(view->status, text);
	}
	set_busy(view, false);
}

static void end_question(TrvSqlView *view)
{
	if (!view->process)
		return;
	g_cancellable_cancel(view->cancellable);
	g_subprocess_force_exit(view->process);
	set_busy(view, false);
	gtk_label_set_text(view->status, "Cancelled");
}

void trv_sql_view_ask(TrvSqlView *view, const char *question)
{
	g_autofree char *command = trv_command_find();
	g_autoptr(GError) error = NULL;

	end_question(view);
	if (trv_session_state(view->session) != TRV_READY || !question[0])
		return;
	if (!command) {
		gtk_label_set_text(view->status, "The command “actorscope” is not installed: it "
						 "answers SQL for this window");
		return;
	}
	view->process = g_subprocess_new(
		G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE, &error, command,
		"sql", "--csv", trv_session_path(view->session), question, NULL);
	if (!view->process) {
		gtk_label_set_text(view->status, error->message);
		return;
	}
	view->cancellable = g_cancellable_new();
	gtk_label_set_text(view->status, "Asking… the first question makes the rows, and may take "
					 "a while");
	set_busy(view, true);
	g_subprocess_communicate_utf8_async(view->process, NULL, view->cancellable, on_answered,
					    g_object_ref(view));
}

bool trv_sql_view_is_busy(TrvSqlView *view)
{
	return view->process != NULL;
}

const char *trv_sql_view_status(TrvSqlView *view)
{
	return gtk_label_get_text(view->status);
}

static void on_run(TrvSqlView *view)
{
	if (view->process)
		end_question(view);
	else
		trv_sql_view_ask(view, gtk_editable_get_text(GTK_EDITABLE(view->entry)));
}

static void on_enter(TrvSqlView *view)
{
	trv_sql_view_ask(view, gtk_editable_get_text(GTK_EDITABLE(view->entry)));
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvSqlView *view)
{
	if (!(what & TRV_CHANGED_STATE))
		return;
	end_question(view);
	clear_columns(view);
	gtk_label_set_text(view->status, "Tables: message, wait, actor, event and more; nothing "
					 "can be changed");
}

void trv_sql_view_set_session(TrvSqlView *view, TrvSession *session)
{
	g_return_if_fail(!view->session);
	view->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), view, 0);
}

static void trv_sql_view_dispose(GObject *object)
{
	TrvSqlView *view = TRV_SQL_VIEW(object);

	if (view->process) {
		g_cancellable_cancel(view->cancellable);
		g_subprocess_force_exit(view->process);
	}
	g_clear_object(&view->process);
	g_clear_object(&view->cancellable);
	g_clear_pointer(&view->box, gtk_widget_unparent);
	g_clear_object(&view->session);
	G_OBJECT_CLASS(trv_sql_view_parent_class)->dispose(object);
}

static void trv_sql_view_class_init(TrvSqlViewClass *class)
{
	G_OBJECT_CLASS(class)->dispose = trv_sql_view_dispose;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static GtkWidget *make_question(TrvSqlView *view)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	view->entry = GTK_ENTRY(gtk_entry_new());
	view->run = GTK_BUTTON(gtk_button_new_with_mnemonic("_Run"));
	gtk_entry_set_placeholder_text(
		view->entry, "select type, count(*) from message group by type order by 2 desc");
	gtk_widget_set_hexpand(GTK_WIDGET(view->entry), TRUE);
	gtk_widget_add_css_class(GTK_WIDGET(view->entry), "monospace");
	gtk_accessible_update_property(GTK_ACCESSIBLE(view->entry), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Question in SQL", -1);
	g_signal_connect_swapped(view->entry, "activate", G_CALLBACK(on_enter), view);
	g_signal_connect_swapped(view->run, "clicked", G_CALLBACK(on_run), view);
	gtk_box_append(GTK_BOX(row), GTK_WIDGET(view->entry));
	gtk_box_append(GTK_BOX(row), GTK_WIDGET(view->run));
	gtk_widget_set_margin_start(row, 10);
	gtk_widget_set_margin_end(row, 10);
	return row;
}

static void trv_sql_view_init(TrvSqlView *view)
{
	GtkWidget *scrolled = gtk_scrolled_window_new();

	view->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);
	view->status = GTK_LABEL(gtk_label_new(NULL));
	gtk_label_set_xalign(view->status, 0);
	gtk_label_set_ellipsize(view->status, PANGO_ELLIPSIZE_END);
	gtk_label_set_selectable(view->status, TRUE);
	gtk_widget_set_margin_start(GTK_WIDGET(view->status), 14);
	gtk_widget_add_css_class(GTK_WIDGET(view->status), "dim-label");
	gtk_widget_add_css_class(GTK_WIDGET(view->status), "caption");
	view->table = GTK_COLUMN_VIEW(gtk_column_view_new(NULL));
	gtk_widget_add_css_class(GTK_WIDGET(view->table), "data-table");
	gtk_accessible_update_property(GTK_ACCESSIBLE(view->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Answer", -1);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(view->table));
	gtk_widget_set_vexpand(scrolled, TRUE);
	gtk_box_append(GTK_BOX(view->box), make_question(view));
	gtk_box_append(GTK_BOX(view->box), GTK_WIDGET(view->status));
	gtk_box_append(GTK_BOX(view->box), scrolled);
	gtk_widget_set_parent(view->box, GTK_WIDGET(view));
}
