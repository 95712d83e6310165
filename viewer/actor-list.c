#include "viewer/actor-list.h"

#include "viewer/lane-model.h"
#include "viewer/words.h"

struct _TrvActorList {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkScrolledWindow *scrolled;
	GtkListView *view;
	GtkSingleSelection *selection;
	GPtrArray *bound; /* GtkListItem: the rows there are now */
	guint refill;     /* tick callback: many changes a frame are one */
	bool syncing;     /* the selection follows the session, not the user */
};

G_DEFINE_FINAL_TYPE(TrvActorList, trv_actor_list, GTK_TYPE_WIDGET)

/* --- rows --------------------------------------------------------------------------------------
 */

static GtkWidget *add_label(GtkBox *box, bool small, bool wide)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	gtk_widget_set_hexpand(label, wide);
	if (small) {
		gtk_widget_add_css_class(label, "caption");
		gtk_widget_add_css_class(label, "dim-label");
		gtk_widget_add_css_class(label, "numeric");
	}
	gtk_box_append(box, label);
	return label;
}

/* Name and kind; below them state and mailbox. */
static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, TrvActorList *list)
{
	GtkWidget *row = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *top = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);
	GtkWidget *bottom = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 6);

	gtk_box_append(GTK_BOX(row), top);
	gtk_box_append(GTK_BOX(row), bottom);
	g_object_set_data(G_OBJECT(item), "name", add_label(GTK_BOX(top), false, false));
	g_object_set_data(G_OBJECT(item), "kind", add_label(GTK_BOX(top), true, true));
	g_object_set_data(G_OBJECT(item), "state", add_label(GTK_BOX(bottom), true, true));
	g_object_set_data(G_OBJECT(item), "depth", add_label(GTK_BOX(bottom), true, false));
	gtk_widget_set_margin_top(row, 6);
	gtk_widget_set_margin_bottom(row, 6);
	gtk_list_item_set_child(item, row);
}

static void set_text(GtkListItem *item, const char *label, const char *text)
{
	gtk_label_set_text(g_object_get_data(G_OBJECT(item), label), text);
}

/* The row that GTK makes around its content is what a screen reader stops at. */
static void name_row(GtkListItem *item)
{
	static const char *const parts[] = {"name", "kind", "state", "depth"};
	GtkWidget *content = gtk_list_item_get_child(item);
	GtkWidget *row = content ? gtk_widget_get_parent(content) : NULL;
	GString *text = g_string_new(NULL);

	for (size_t i = 0; i < G_N_ELEMENTS(parts); i++) {
		const char *part = gtk_label_get_text(g_object_get_data(G_OBJECT(item), parts[i]));

		if (part[0] && !g_str_equal(part, "▸") && !g_str_equal(part, "▾"))
			g_string_append_printf(text, "%s%s", text->len ? ", " : "", part);
	}
	if (row)
		gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL,
					       text->str, -1);
	g_string_free(text, TRUE);
}

static char *describe_group(TrvActorList *list, const struct trv_row *row)
{
	g_autofree char *count = trv_words_counted(row->count, "actor", "actors");

	return g_strdup_printf("%s, %s", count,
			       row->folded ? "folded: Enter shows their lanes"
					   : "Enter folds them");
}

/* What depends on the playhead. */
static void show_state(TrvActorList *list, GtkListItem *item)
{
	TrvLane *lane = gtk_list_item_get_item(item);
	const struct trc_model *model = trv_session_model(list->session);
	const struct trv_row *row = lane ? trv_lane_row(lane) : NULL;
	const struct trc_actor *actor = model && row ? trc_model_actor(model, row->actor) : NULL;
	g_autofree char *state = NULL, *depth = NULL;

	if (row && row->actor == 0)
		state = describe_group(list, row);
	else if (actor)
		state = trv_words_state(model, actor);
	if (actor && actor->depth > 0)
		depth = g_strdup_printf("%u/%u", actor->depth, actor->capacity);
	set_text(item, "state", state ? state : "not there yet");
	set_text(item, "depth", depth ? depth : "");
	name_row(item);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, TrvActorList *list)
{
	const struct trv_row *row = trv_lane_row(gtk_list_item_get_item(item));
	const struct trc_model *names = trv_session_names(list->session);
	const struct trc_actor *actor = names ? trc_model_actor(names, row->actor) : NULL;

	if (names && row->actor == 0) {
		set_text(item, "name",
			 trv_group_name(names, trv_session_grouping(list->session), row->group));
		set_text(item, "kind", row->folded ? "▸" : "▾");
	} else {
		set_text(item, "name", actor ? actor->name : "");
		set_text(item, "kind", actor ? trc_model_kind_name(names, actor->kind) : "");
	}
	show_state(list, item);
	g_ptr_array_add(list->bound, item);
}

static void on_unbind(GtkSignalListItemFactory *factory, GtkListItem *item, TrvActorList *list)
{
	g_ptr_array_remove_fast(list->bound, item);
}

/* --- with the session --------------------------------------------------------------------------
 */

static void on_selected(GtkSingleSelection *selection, GParamSpec *spec, TrvActorList *list)
{
	TrvLane *lane = gtk_single_selection_get_selected_item(selection);

	if (!list->syncing && lane && trv_lane_row(lane)->actor != 0)
		trv_session_go_to_actor(list->session, trv_lane_row(lane)->actor);
}

static void on_activate(GtkListView *view, guint position, TrvActorList *list)
{
	const struct trv_rows *rows = trv_session_rows(list->session);

	if (position < rows->count && rows->items[position].actor == 0)
		trv_session_set_folded(list->session, rows->items[position].group,
				       !rows->items[position].folded);
}

static void select_as_session(TrvActorList *list)
{
	uint64_t actor = trv_session_selected_actor(list->session);
	long lane = actor ? trv_session_row_of(list->session, actor) : -1;
	guint position = lane < 0 ? GTK_INVALID_LIST_POSITION : (guint)lane;

	if (gtk_single_selection_get_selected(list->selection) == position)
		return;
	list->syncing = true;
	gtk_single_selection_set_selected(list->selection, position);
	if (lane >= 0)
		gtk_widget_activate_action(GTK_WIDGET(list->view), "list.scroll-to-item", "u",
					   position);
	list->syncing = false;
}

static gboolean on_tick(GtkWidget *widget, GdkFrameClock *clock, gpointer data)
{
	TrvActorList *list = TRV_ACTOR_LIST(widget);

	list->refill = 0;
	for (guint i = 0; i < list->bound->len; i++)
		show_state(list, g_ptr_array_index(list->bound, i));
	return G_SOURCE_REMOVE;
}

static void on_changed(TrvSession *session, guint what, TrvActorList *list)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_SELECTION | TRV_CHANGED_LANES))
		select_as_session(list);
	if ((what & (TRV_CHANGED_MOMENT | TRV_CHANGED_TRACE)) && list->refill == 0)
		list->refill = gtk_widget_add_tick_callback(GTK_WIDGET(list), on_tick, NULL, NULL);
}

/* --- life --------------------------------------------------------------------------------------
 */

void trv_actor_list_set_session(TrvActorList *list, TrvSession *session)
{
	g_autoptr(TrvLaneModel) model = trv_lane_model_new(session);

	g_return_if_fail(!list->session);
	list->session = g_object_ref(session);
	list->syncing = true;
	gtk_single_selection_set_model(list->selection, G_LIST_MODEL(model));
	list->syncing = false;
	/* After the model's own handler, so that the rows are there when one is selected. */
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), list, 0);
}

static void trv_actor_list_dispose(GObject *object)
{
	TrvActorList *list = TRV_ACTOR_LIST(object);
	GtkWidget *child = gtk_widget_get_first_child(GTK_WIDGET(list));

	if (child)
		gtk_widget_unparent(child);
	g_clear_object(&list->session);
	G_OBJECT_CLASS(trv_actor_list_parent_class)->dispose(object);
}

static void trv_actor_list_finalize(GObject *object)
{
	g_ptr_array_unref(TRV_ACTOR_LIST(object)->bound);
	G_OBJECT_CLASS(trv_actor_list_parent_class)->finalize(object);
}

static void trv_actor_list_class_init(TrvActorListClass *class)
{
	G_OBJECT_CLASS(class)->dispose = trv_actor_list_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_actor_list_finalize;
	gtk_widget_class_set_layout_manager_type(GTK_WIDGET_CLASS(class), GTK_TYPE_BIN_LAYOUT);
}

static void trv_actor_list_init(TrvActorList *list)
{
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();

	list->bound = g_ptr_array_new();
	g_signal_connect(factory, "setup", G_CALLBACK(on_setup), list);
	g_signal_connect(factory, "bind", G_CALLBACK(on_bind), list);
	g_signal_connect(factory, "unbind", G_CALLBACK(on_unbind), list);
	list->selection = gtk_single_selection_new(NULL);
	gtk_single_selection_set_autoselect(list->selection, FALSE);
	gtk_single_selection_set_can_unselect(list->selection, TRUE);
	g_signal_connect_object(list->selection, "notify::selected", G_CALLBACK(on_selected), list,
				0);
	list->view =
		GTK_LIST_VIEW(gtk_list_view_new(GTK_SELECTION_MODEL(list->selection), factory));
	g_signal_connect(list->view, "activate", G_CALLBACK(on_activate), list);
	gtk_widget_add_css_class(GTK_WIDGET(list->view), "navigation-sidebar");
	gtk_accessible_update_property(GTK_ACCESSIBLE(list->view), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       "Actors", -1);
	list->scrolled = GTK_SCROLLED_WINDOW(gtk_scrolled_window_new());
	gtk_scrolled_window_set_policy(list->scrolled, GTK_POLICY_NEVER, GTK_POLICY_AUTOMATIC);
	gtk_scrolled_window_set_child(list->scrolled, GTK_WIDGET(list->view));
	gtk_widget_set_parent(GTK_WIDGET(list->scrolled), GTK_WIDGET(list));
}
