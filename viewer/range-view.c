#include "viewer/range-view.h"

#include "viewer/range-table.h"
#include "viewer/words.h"

enum { SLICE_US = 6000, BUFFER = 4096 };

#define WINDOW_MIN UINT64_C(1000) /* ns */

/* --- rows --------------------------------------------------------------------------------------
 */

#define TRV_TYPE_RANGE_ROW (trv_range_item_get_type())
G_DECLARE_FINAL_TYPE(TrvRangeItem, trv_range_item, TRV, RANGE_ITEM, GObject)

struct _TrvRangeItem {
	GObject parent_instance;

	struct trv_range_row row; /* without buckets */
	int64_t p50, p99;
	double rate; /* a second */
};

G_DEFINE_FINAL_TYPE(TrvRangeItem, trv_range_item, G_TYPE_OBJECT)

static void trv_range_item_class_init(TrvRangeItemClass *class)
{
}

static void trv_range_item_init(TrvRangeItem *item)
{
}

enum { NAME_CHARS = 5 }; /* a name's column is never narrower */

enum column {
	COLUMN_FROM,
	COLUMN_TO,
	COLUMN_TYPE,
	COLUMN_COUNT,
	COLUMN_RATE,
	COLUMN_P50,
	COLUMN_P99,
	COLUMN_WAIT,
	COLUMN_UNANSWERED,
	COLUMNS
};

static const struct {
	const char *title, *tip;
	bool number;
} columns[COLUMNS] = {
	[COLUMN_FROM] = {"From", "Who sent", false},
	[COLUMN_TO] = {"To", "To whom", false},
	[COLUMN_TYPE] = {"Type", "Type of the messages", false},
	[COLUMN_COUNT] = {"Count", "Messages sent in the range", true},
	[COLUMN_RATE] = {"Per s", "Messages in a second of the range", true},
	[COLUMN_P50] = {"p50", "Half took no longer: asks until the reply, others until received",
			true},
	[COLUMN_P99] = {"p99", "99 of 100 took no longer", true},
	[COLUMN_WAIT] = {"Max wait", "The longest wait of the sender, for space and for the reply",
			 true},
	[COLUMN_UNANSWERED] = {"No reply", "Asks without a reply at the end of the trace", true},
};

struct _TrvRangeView {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkWidget *box;
	GtkLabel *summary;
	GtkColumnView *table;
	GListStore *items;

	struct trv_range_table *counted; /* NULL: nothing has been asked for */
	struct trv_span range;
	uint64_t from, length; /* where to go on, with how much */
	uint64_t messages;
	struct trc_message_info *buffer;
	guint idle;
};

G_DEFINE_FINAL_TYPE(TrvRangeView, trv_range_view, GTK_TYPE_WIDGET)

static void write_cell(TrvRangeView *view, const TrvRangeItem *item, enum column column,
		       char text[128])
{
	const struct trc_model *names = trv_session_names(view->session);
	const struct trv_range_row *row = &item->row;
	char time[TRV_TIME_TEXT];
	g_autofree char *count = NULL;

	text[0] = '\0';
	switch (column) {
	case COLUMN_FROM:
		g_strlcpy(text, trc_model_actor_name(names, row->sender), 128);
		break;
	case COLUMN_TO:
		g_strlcpy(text, trc_model_actor_name(names, row->receiver), 128);
		break;
	case COLUMN_TYPE:
		g_strlcpy(text, trc_model_type_name(names, row->type), 128);
		break;
	case COLUMN_COUNT:
		count = trv_words_count(row->count);
		g_strlcpy(text, count, 128);
		break;
	case COLUMN_RATE:
		g_snprintf(text, 128, item->rate < 10 ? "%.2f" : "%.0f", item->rate);
		break;
	case COLUMN_P50:
	case COLUMN_P99: {
		int64_t value = column == COLUMN_P50 ? item->p50 : item->p99;

		g_strlcpy(text, value < 0 ? "–" : trv_duration_text(value, time), 128);
		break;
	}
	case COLUMN_WAIT:
		g_strlcpy(text, trv_duration_text((int64_t)row->longest_wait, time), 128);
		break;
	default:
		count = trv_words_count(row->unanswered);
		g_strlcpy(text, row->asks ? count : "–", 128);
		break;
	}
}

static double sort_value(const TrvRangeItem *item, enum column column)
{
	switch (column) {
	case COLUMN_COUNT:
		return (double)item->row.count;
	case COLUMN_RATE:
		return item->rate;
	case COLUMN_P50:
		return (double)item->p50;
	case COLUMN_P99:
		return (double)item->p99;
	case COLUMN_WAIT:
		return (double)item->row.longest_wait;
	default:
		return (double)item->row.unanswered;
	}
}

struct cell {
	TrvRangeView *view;
	enum column column;
};

static int compare_items(gconstpointer left, gconstpointer right, gpointer data)
{
	const struct cell *cell = data;
	const TrvRangeItem *a = left, *b = right;
	char first[128], second[128];

	if (columns[cell->column].number) {
		double x = sort_value(a, cell->column), y = sort_value(b, cell->column);

		return x < y ? -1 : x > y;
	}
	write_cell(cell->view, a, cell->column, first);
	write_cell(cell->view, b, cell->column, second);
	return g_utf8_collate(first, second);
}

/* --- counting ----------------------------------------------------------------------------------
 */

static void show_rows(TrvRangeView *view)
{
	double seconds = (double)(view->range.to - view->range.from) / 1e9;
	g_autoptr(GPtrArray) items = g_ptr_array_new_with_free_func(g_object_unref);

	for (size_t i = 0; i < trv_range_table_count(view->counted); i++) {
		const struct trv_range_row *row = trv_range_table_row(view->counted, i);
		TrvRangeItem *item = g_object_new(TRV_TYPE_RANGE_ROW, NULL);

		item->row = *row;
		item->row.buckets = NULL;
		item->p50 = trv_range_percentile(row, 0.5);
		item->p99 = trv_range_percentile(row, 0.99);
		item->rate = (double)row->count / MAX(seconds, 1e-9);
		g_ptr_array_add(items, item);
	}
	g_list_store_splice(view->items, 0, g_list_model_get_n_items(G_LIST_MODEL(view->items)),
			    items->pdata, items->len);
}

static void show_summary(TrvRangeView *view, bool done)
{
	const struct trv_markers *markers = trv_session_markers(view->session);
	bool marked = markers->a_set && markers->b_set;
	g_autofree char *messages = trv_words_counted(view->messages, "message", "messages");
	char length[TRV_TIME_TEXT];
	double share = (double)((int64_t)view->from - view->range.from) /
		       (double)MAX(view->range.to - view->range.from, 1);
	g_autofree char *text = g_strdup_printf(
		"%s in %s %s%s", messages,
		trv_duration_text(view->range.to - view->range.from, length),
		marked ? "from A to B" : "that are visible: Shift and drag for others",
		done ? "" : " …");

	if (!done) {
		g_autofree char *so_far =
			g_strdup_printf("%s %.0f %%", text, CLAMP(share, 0, 1) * 100);

		gtk_label_set_text(view->summary, so_far);
		return;
	}
	gtk_label_set_text(view->summary, text);
}

/* One window of time: it grows while it is quiet and shrinks while it is too full. */
static void count_window(TrvRangeView *view)
{
	struct trc_trace *trace = trv_session_trace(view->session);
	uint64_t now = trv_session_info(view->session)->last_time;
	uint64_t to = MIN(view->from + view->length, (uint64_t)view->range.to);
	size_t count;

	if (view->length > WINDOW_MIN && !trc_trace_near(trace, view->from, to)) {
		view->length /= 4;
		return;
	}
	count = trc_trace_messages(trace, view->from, to, view->buffer, BUFFER);
	if (count > BUFFER && view->length > 1) {
		view->length /= 4;
		return;
	}
	for (size_t i = 0; i < MIN(count, BUFFER); i++) {
		if (view->buffer[i].sent < view->from)
			continue; /* counted in its own window, or before the range */
		trv_range_table_add(view->counted, &view->buffer[i], now);
		view->messages++;
	}
	view->from = to + 1;
	view->length = MIN(view->length * 2 + 1, (uint64_t)INT64_MAX / 4);
}

static gboolean count_some(gpointer data)
{
	TrvRangeView *view = data;
	gint64 end = g_get_monotonic_time() + SLICE_US;
	bool done;

	while (view->from <= (uint64_t)view->range.to && g_get_monotonic_time() < end)
		count_window(view);
	done = view->from > (uint64_t)view->range.to;
	show_summary(view, done);
	if (!done)
		return G_SOURCE_CONTINUE;
	view->idle = 0;
	show_rows(view);
	return G_SOURCE_REMOVE;
}

static void begin(TrvRangeView *view)
{
	g_clear_handle_id(&view->idle, g_source_remove);
	g_clear_pointer(&view->counted, trv_range_table_free);
	if (!gtk_widget_get_mapped(GTK_WIDGET(view)) ||
	    trv_session_state(view->session) != TRV_READY)
		return;
	view->range = trv_session_range(view->session);
	view->range.from = MAX(view->range.from, 0);
	view->range.to = MIN(view->range.to, (int64_t)trv_session_info(view->session)->last_time);
	view->from = (uint64_t)view->range.from;
	view->length = (uint64_t)MAX(view->range.to - view->range.from, 1) / 16 + WINDOW_MIN;
	view->messages = 0;
	view->counted = trv_range_table_new();
	view->idle = g_idle_add(count_some, view);
}

bool trv_range_view_is_done(TrvRangeView *view)
{
	return view->counted && view->idle == 0;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void on_changed(TrvSession *session, guint what, TrvRangeView *view)
{
	const struct trv_markers *markers = trv_session_markers(session);
	bool visible = !markers->a_set || !markers->b_set;

	if (what & TRV_CHANGED_STATE)
		g_list_store_remove_all(view->items);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_MARKS | (visible ? TRV_CHANGED_VIEW : 0)))
		begin(view);
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, struct cell *cell)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), columns[cell->column].number ? 1 : 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), columns[cell->column].number
							  ? PANGO_ELLIPSIZE_NONE
							  /* their ends differ */
							  : PANGO_ELLIPSIZE_MIDDLE);
	if (!columns[cell->column].number)
		gtk_label_set_width_chars(GTK_LABEL(label), NAME_CHARS);
	gtk_widget_add_css_class(label, "numeric");
	gtk_list_item_set_child(item, label);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, struct cell *cell)
{
	char text[128];

	if (trv_session_state(cell->view->session) != TRV_READY)
		return;
	write_cell(cell->view, gtk_list_item_get_item(item), cell->column, text);
	gtk_label_set_text(GTK_LABEL(gtk_list_item_get_child(item)), text);
}

static char *quoted(const char *name)
{
	return strchr(name, ' ') ? g_strdup_printf("\"%s\"", name) : g_strdup(name);
}

/* These messages, in the find bar. */
static void on_activate(GtkColumnView *table, guint position, TrvRangeView *view)
{
	g_autoptr(TrvRangeItem) item =
		g_list_model_get_item(G_LIST_MODEL(gtk_column_view_get_model(table)), position);
	char text[3][128];
	g_autofree char *from = NULL, *to = NULL, *filter = NULL;

	for (int i = 0; i < 3; i++)
		write_cell(view, item, (enum column)i, text[i]);
	from = quoted(text[0]);
	to = quoted(text[1]);
	filter = g_strdup_printf("from:%s to:%s type:%s", from, to, text[2]);
	gtk_widget_activate_action(GTK_WIDGET(view), "win.find-text", "s", filter);
}

void trv_range_view_set_session(TrvRangeView *view, TrvSession *session)
{
	g_return_if_fail(!view->session);
	view->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), view, 0);
}

static void trv_range_view_map(GtkWidget *widget)
{
	GTK_WIDGET_CLASS(trv_range_view_parent_class)->map(widget);
	begin(TRV_RANGE_VIEW(widget));
}

static void trv_range_view_dispose(GObject *object)
{
	TrvRangeView *view = TRV_RANGE_VIEW(object);

	g_clear_handle_id(&view->idle, g_source_remove);
	g_clear_pointer(&view->counted, trv_range_table_free);
	g_clear_pointer(&view->box, gtk_widget_unparent);
	g_clear_object(&view->session);
	G_OBJECT_CLASS(trv_range_view_parent_class)->dispose(object);
}

static void trv_range_view_finalize(GObject *object)
{
	g_free(TRV_RANGE_VIEW(object)->buffer);
	G_OBJECT_CLASS(trv_range_view_parent_class)->finalize(object);
}

static void trv_range_view_class_init(TrvRangeViewClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_range_view_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_range_view_finalize;
	widget_class->map = trv_range_view_map;
	gtk_widget_class_set_layout_manager_type(widget_class, GTK_TYPE_BIN_LAYOUT);
}

static void cell_free(gpointer cell, GClosure *closure)
{
	g_free(cell);
}

static void add_column(TrvRangeView *view, enum column column)
{
	struct cell *cell = g_memdup2(&(struct cell){view, column}, sizeof *cell);
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();
	g_autoptr(GtkColumnViewColumn) made = NULL;
	g_autoptr(GtkSorter) sorter = NULL;

	g_signal_connect_data(factory, "setup", G_CALLBACK(on_setup), cell, cell_free, 0);
	g_signal_connect(factory, "bind", G_CALLBACK(on_bind), cell);
	made = gtk_column_view_column_new(columns[column].title, factory);
	sorter = GTK_SORTER(
		gtk_custom_sorter_new(compare_items, g_memdup2(cell, sizeof *cell), g_free));
	gtk_column_view_column_set_sorter(made, sorter);
	gtk_column_view_column_set_resizable(made, TRUE);
	gtk_column_view_column_set_expand(made, !columns[column].number);
	gtk_column_view_append_column(view->table, made);
	if (column == COLUMN_COUNT)
		gtk_column_view_sort_by_column(view->table, made, GTK_SORT_DESCENDING);
}

static void trv_range_view_init(TrvRangeView *view)
{
	GtkWidget *scrolled = gtk_scrolled_window_new();
	GtkSortListModel *sorted;

	view->buffer = g_new(struct trc_message_info, BUFFER);
	view->items = g_list_store_new(TRV_TYPE_RANGE_ROW);
	view->box = gtk_box_new(GTK_ORIENTATION_VERTICAL, 0);
	view->summary = GTK_LABEL(gtk_label_new(NULL));
	gtk_label_set_xalign(view->summary, 0);
	gtk_label_set_ellipsize(view->summary, PANGO_ELLIPSIZE_END);
	gtk_widget_add_css_class(GTK_WIDGET(view->summary), "dim-label");
	gtk_widget_add_css_class(GTK_WIDGET(view->summary), "caption");
	gtk_widget_set_margin_start(GTK_WIDGET(view->summary), 14);
	gtk_widget_set_margin_bottom(GTK_WIDGET(view->summary), 4);
	view->table = GTK_COLUMN_VIEW(gtk_column_view_new(NULL));
	gtk_widget_add_css_class(GTK_WIDGET(view->table), "data-table");
	gtk_widget_add_css_class(GTK_WIDGET(view->table), "range");
	gtk_accessible_update_property(GTK_ACCESSIBLE(view->table), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Messages from A to B", -1);
	for (int column = 0; column < COLUMNS; column++)
		add_column(view, (enum column)column);
	sorted = gtk_sort_list_model_new(G_LIST_MODEL(view->items),
					 g_object_ref(gtk_column_view_get_sorter(view->table)));
	gtk_column_view_set_model(
		view->table, GTK_SELECTION_MODEL(gtk_single_selection_new(G_LIST_MODEL(sorted))));
	g_object_unref(gtk_column_view_get_model(view->table));
	g_signal_connect(view->table, "activate", G_CALLBACK(on_activate), view);
	gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), GTK_WIDGET(view->table));
	gtk_widget_set_vexpand(scrolled, TRUE);
	gtk_box_append(GTK_BOX(view->box), GTK_WIDGET(view->summary));
	gtk_box_append(GTK_BOX(view->box), scrolled);
	gtk_widget_set_parent(view->box, GTK_WIDGET(view));
}
