#include "viewer/difference-list.h"

#include "viewer/words.h"

struct _TrvDifferenceList {
	GtkWidget parent_instance;

	TrvPair *pair;
	const struct trc_comparison *shown; /* of which the rows are */
	GtkStringList *items;               /* one a difference: only their number is used */
	GtkSingleSelection *selection;
	GtkWidget *rows;
	GtkStack *stack;
	GtkBox *story;
};

G_DEFINE_FINAL_TYPE(TrvDifferenceList, trv_difference_list, GTK_TYPE_WIDGET)

/* --- words -------------------------------------------------------------------------------------
 */

static const char *kind_words(const struct trc_difference *difference)
{
	switch (difference->kind) {
	case TRC_DIFFERENT_ORDER:
		return "another order";
	case TRC_DIFFERENT_PAYLOAD:
		return "another payload";
	case TRC_DIFFERENT_MORE:
		return difference->run == TRC_RUN_A ? "more in A" : "more in B";
	case TRC_DIFFERENT_STEP:
		return "another step";
	case TRC_DIFFERENT_END:
		return difference->run == TRC_RUN_A ? "A stops" : "B stops";
	case TRC_DIFFERENT_ACTORS:
		return difference->run == TRC_RUN_A ? "only in A" : "only in B";
	default:
		return difference->run == TRC_RUN_A ? "longer wait in A" : "longer wait in B";
	}
}

static char *subtitle_of(const struct trc_difference *difference, size_t index)
{
	g_autofree char *equal =
		trv_words_counted(difference->equal, "equal step before", "equal steps before");

	if (difference->kind == TRC_DIFFERENT_WAITS)
		return g_strdup("No difference · longer wait");
	if (difference->first)
		return g_strdup_printf("%zu · First difference · %s · %s", index + 1,
				       kind_words(difference), equal);
	return g_strdup_printf("%zu · Follows from %zu · %s · %s", index + 1, difference->after + 1,
			       kind_words(difference), equal);
}

static const char *sign_of(const struct trc_difference *difference)
{
	if (difference->kind == TRC_DIFFERENT_WAITS)
		return "\u25cb"; /* a circle: no diamond on the lanes */
	return difference->first ? "\u25c6" : "\u25c7";
}

static const char *style_of(const struct trc_difference *difference)
{
	return difference->kind == TRC_DIFFERENT_WAITS ? "dim-label"
	       : difference->first                     ? "error"
						       : "warning";
}

/* --- rows --------------------------------------------------------------------------------------
 */

static GtkWidget *make_label(const char *style, int lines)
{
	GtkWidget *label = gtk_label_new(NULL);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), lines > 1);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_lines(GTK_LABEL(label), lines);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	if (style)
		gtk_widget_add_css_class(label, style);
	return label;
}

static void on_setup(GtkSignalListItemFactory *factory, GtkListItem *item, gpointer data)
{
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 10);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *small = make_label("caption", 1);

	gtk_widget_add_css_class(small, "dim-label");
	gtk_box_append(GTK_BOX(words), make_label(NULL, 2));
	gtk_box_append(GTK_BOX(words), small);
	gtk_widget_set_hexpand(words, TRUE);
	gtk_box_append(GTK_BOX(box), gtk_label_new(NULL));
	gtk_box_append(GTK_BOX(box), words);
	gtk_widget_set_margin_top(box, 5);
	gtk_widget_set_margin_bottom(box, 5);
	gtk_list_item_set_child(item, box);
}

static void on_bind(GtkSignalListItemFactory *factory, GtkListItem *item, TrvDifferenceList *list)
{
	const struct trc_comparison *comparison = trv_pair_comparison(list->pair);
	size_t index = gtk_list_item_get_position(item);
	GtkWidget *sign = gtk_widget_get_first_child(gtk_list_item_get_child(item));
	GtkWidget *title = gtk_widget_get_first_child(gtk_widget_get_next_sibling(sign));
	GtkWidget *small = gtk_widget_get_next_sibling(title);
	const struct trc_difference *difference;
	g_autofree char *subtitle = NULL, *text = NULL;
	const char *classes[2] = {NULL};

	if (!comparison || index >= trc_comparison_count(comparison))
		return;
	difference = trc_comparison_difference(comparison, index);
	subtitle = subtitle_of(difference, index);
	text = g_utf8_make_valid(difference->title, -1);
	classes[0] = style_of(difference);
	gtk_label_set_text(GTK_LABEL(sign), sign_of(difference));
	gtk_widget_set_css_classes(sign, classes);
	gtk_label_set_text(GTK_LABEL(title), text);
	gtk_label_set_text(GTK_LABEL(small), subtitle);
	gtk_widget_set_tooltip_text(gtk_list_item_get_child(item), text);
}

static void on_activate(GtkListView *view, guint position, TrvDifferenceList *list)
{
	trv_pair_go_to(list->pair, position);
}

/* Clicked, or walked to with the arrow keys. */
static void on_selected(GtkSingleSelection *selection, GParamSpec *spec, TrvDifferenceList *list)
{
	guint position = gtk_single_selection_get_selected(selection);

	if (position != GTK_INVALID_LIST_POSITION && position != trv_pair_current(list->pair))
		trv_pair_go_to(list->pair, position);
}

/* --- the one looked at -------------------------------------------------------------------------
 */

static void add_text(TrvDifferenceList *list, const char *text, const char *style)
{
	g_autofree char *valid = g_utf8_make_valid(text, -1);
	GtkWidget *label = gtk_label_new(valid);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	if (style)
		gtk_widget_add_css_class(label, style);
	if (style && g_str_equal(style, "caption"))
		gtk_widget_add_css_class(label, "dim-label");
	gtk_box_append(list->story, label);
}

/* "at 1.25 s, sent in room.c:88" */
static char *where_words(TrvDifferenceList *list, const struct trc_difference *difference, int run)
{
	const struct trc_step *step = &difference->steps[run];
	const struct trc_model *names =
		trv_session_names(trv_pair_session(list->pair, (enum trc_run)run));
	g_autofree char *site = difference->has[run] ? trv_words_site(names, step->site) : NULL;
	char time[TRV_TIME_TEXT];

	trv_time_text((int64_t)MIN(difference->times[run], (uint64_t)INT64_MAX / 4), 1000, time);
	if (!site)
		return g_strdup_printf("at %s", time);
	return g_strdup_printf("at %s · %s %s", time,
			       step->kind == TRC_RECEIVE ? "sent from" : "from", site);
}

static void add_side(TrvDifferenceList *list, const struct trc_difference *difference, int run)
{
	g_autofree char *where = where_words(list, difference, run);
	g_autofree char *heading = NULL, *actor = NULL;
	const struct trc_model *names =
		trv_session_names(trv_pair_session(list->pair, (enum trc_run)run));

	actor = difference->actors[run] ? trv_words_actor(names, difference->actors[run])
					: g_strdup("has no such actor");
	heading = g_strdup_printf("%s: %s", trc_run_name((enum trc_run)run), actor);
	add_text(list, heading, "heading");
	if (difference->has[run]) {
		g_autofree char *text = trv_words_sentence(difference->steps[run].text);

		add_text(list, text, NULL);
	}
	if (difference->reason && run == (int)difference->run) {
		g_autofree char *text = trv_words_sentence(difference->reason);

		add_text(list, text, NULL);
	}
	add_text(list, where, "caption");
}

static void tell_story(TrvDifferenceList *list)
{
	const struct trc_comparison *comparison = trv_pair_comparison(list->pair);
	size_t current = trv_pair_current(list->pair);
	const struct trc_difference *difference;
	g_autofree char *subtitle = NULL;
	GtkWidget *child;

	while ((child = gtk_widget_get_first_child(GTK_WIDGET(list->story))) != NULL)
		gtk_box_remove(list->story, child);
	if (!comparison || current >= trc_comparison_count(comparison))
		return;
	difference = trc_comparison_difference(comparison, current);
	subtitle = subtitle_of(difference, current);
	add_text(list, subtitle, "caption");
	for (int run = 0; run < TRC_RUNS; run++)
		add_side(list, difference, run);
	if (difference->steps[0].cut || difference->steps[1].cut)
		add_text(list, "Its payload was cut short when it was recorded", "caption");
	if (difference->gap)
		add_text(list, "Events of this actor were lost: it may be no difference",
			 "caption");
}

/* --- the pair ----------------------------------------------------------------------------------
 */

static void fill(TrvDifferenceList *list, const struct trc_comparison *comparison)
{
	size_t count = comparison ? trc_comparison_count(comparison) : 0;
	guint before = g_list_model_get_n_items(G_LIST_MODEL(list->items));

	list->shown = comparison;
	gtk_string_list_splice(list->items, 0, before, NULL);
	for (size_t i = 0; i < count; i++)
		gtk_string_list_append(list->items, "");
	gtk_stack_set_visible_child_name(list->stack, count > 0 ? "some" : "none");
}

static void on_changed(TrvPair *pair, TrvDifferenceList *list)
{
	const struct trc_comparison *comparison = trv_pair_comparison(pair);
	size_t current = trv_pair_current(pair);

	if (list->shown != comparison)
		fill(list, comparison);
	tell_story(list);
	if (!comparison || current >= trc_comparison_count(comparison))
		return;
	gtk_single_selection_set_selected(list->selection, (guint)current);
	gtk_widget_activate_action(list->rows, "list.scroll-to-item", "u", (guint)current);
}

void trv_difference_list_set_pair(TrvDifferenceList *list, TrvPair *pair)
{
	g_return_if_fail(!list->pair);
	list->pair = g_object_ref(pair);
	g_signal_connect_object(pair, "changed", G_CALLBACK(on_changed), list, 0);
}

static void trv_difference_list_dispose(GObject *object)
{
	TrvDifferenceList *list = TRV_DIFFERENCE_LIST(object);
	GtkWidget *child;

	gtk_widget_dispose_template(GTK_WIDGET(list), TRV_TYPE_DIFFERENCE_LIST);
	while ((child = gtk_widget_get_first_child(GTK_WIDGET(list))) != NULL)
		gtk_widget_unparent(child);
	g_clear_object(&list->items);
	g_clear_object(&list->pair);
	G_OBJECT_CLASS(trv_difference_list_parent_class)->dispose(object);
}

static void trv_difference_list_class_init(TrvDifferenceListClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_difference_list_dispose;
	gtk_widget_class_set_template_from_resource(widget_class,
						    "/org/actorscope/Viewer/difference-list.ui");
	gtk_widget_class_bind_template_child(widget_class, TrvDifferenceList, stack);
	gtk_widget_class_bind_template_child(widget_class, TrvDifferenceList, rows);
	gtk_widget_class_bind_template_child(widget_class, TrvDifferenceList, story);
	gtk_widget_class_bind_template_callback(widget_class, on_activate);
}

static void trv_difference_list_init(TrvDifferenceList *list)
{
	GtkListItemFactory *factory = gtk_signal_list_item_factory_new();

	gtk_widget_init_template(GTK_WIDGET(list));
	g_signal_connect_object(factory, "setup", G_CALLBACK(on_setup), list, 0);
	g_signal_connect_object(factory, "bind", G_CALLBACK(on_bind), list, 0);
	list->items = gtk_string_list_new(NULL);
	list->selection = gtk_single_selection_new(g_object_ref(G_LIST_MODEL(list->items)));
	gtk_single_selection_set_autoselect(list->selection, FALSE);
	gtk_single_selection_set_can_unselect(list->selection, TRUE);
	g_signal_connect_object(list->selection, "notify::selected", G_CALLBACK(on_selected), list,
				0);
	gtk_list_view_set_model(GTK_LIST_VIEW(list->rows), GTK_SELECTION_MODEL(list->selection));
	gtk_list_view_set_factory(GTK_LIST_VIEW(list->rows), factory);
	g_object_unref(factory);
	g_object_unref(list->selection); /* the view has it */
}
