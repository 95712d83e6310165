#include "viewer/finding-list.h"

#include "viewer/palette.h"
#include "viewer/words.h"

#include <string.h>

struct _TrvFindingList {
	GtkWidget parent_instance;

	TrvSession *session;
	GtkStack *stack;
	GtkListBox *rows;
	GtkProgressBar *share;
	GtkCheckButton *refuted;
};

G_DEFINE_FINAL_TYPE(TrvFindingList, trv_finding_list, GTK_TYPE_WIDGET)

static void on_row_activated(TrvFindingList *list, GtkListBoxRow *row)
{
	trv_session_go_to_finding(list->session, (size_t)gtk_list_box_row_get_index(row));
}

static const char *code_class(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_ORPHAN_WAIT:
		return "error";
	case TRC_CODE_REFUTED:
		return "dim-label";
	default:
		return "warning";
	}
}

static char *subtitle_of(const struct trc_finding *finding)
{
	char time[TRV_TIME_TEXT];
	g_autofree char *what = trv_words_finding(finding);
	GString *text = g_string_new(what);

	g_string_append_printf(text, " · %s",
			       trv_time_text(trv_finding_instant(finding), 100000, time));
	if (finding->instances > 1)
		g_string_append_printf(text, " · %u alike", finding->instances);
	return g_string_free(text, FALSE);
}

static GtkWidget *text_label(const char *text, const char *style, int lines)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), lines > 1);
	gtk_label_set_lines(GTK_LABEL(label), lines);
	gtk_label_set_ellipsize(GTK_LABEL(label), PANGO_ELLIPSIZE_END);
	if (style)
		gtk_widget_add_css_class(label, style);
	return label;
}

static GtkWidget *make_row(const struct trc_finding *finding)
{
	GtkWidget *row = gtk_list_box_row_new();
	GtkWidget *box = gtk_box_new(GTK_ORIENTATION_HORIZONTAL, 12);
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 2);
	GtkWidget *icon = gtk_image_new_from_icon_name(trv_code_icon(finding->code));
	g_autofree char *subtitle = subtitle_of(finding);
	GtkWidget *small = text_label(subtitle, "caption", 1);

	gtk_widget_add_css_class(icon, code_class(finding->code));
	gtk_widget_add_css_class(small, "dim-label");
	gtk_widget_set_hexpand(words, TRUE);
	gtk_box_append(GTK_BOX(words), text_label(finding->title, NULL, 2));
	gtk_box_append(GTK_BOX(words), small);
	gtk_box_append(GTK_BOX(box), icon);
	gtk_box_append(GTK_BOX(box), words);
	gtk_widget_set_margin_top(box, 8);
	gtk_widget_set_margin_bottom(box, 8);
	gtk_list_box_row_set_child(GTK_LIST_BOX_ROW(row), box);
	gtk_widget_set_tooltip_text(row, finding->title);
	gtk_accessible_update_property(GTK_ACCESSIBLE(row), GTK_ACCESSIBLE_PROPERTY_LABEL,
				       finding->title, GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
				       subtitle, -1);
	return row;
}

static void select_focus(TrvFindingList *list)
{
	size_t focus = trv_session_focus_index(list->session);
	GtkListBoxRow *row =
		focus == SIZE_MAX ? NULL : gtk_list_box_get_row_at_index(list->rows, (int)focus);

	gtk_list_box_select_row(list->rows, row);
}

static void fill(TrvFindingList *list)
{
	const struct trv_survey *survey = trv_session_survey(list->session);
	size_t count = trv_session_finding_count(list->session);
	size_t refuted = trv_session_refuted_count(list->session);
	g_autofree char *label = g_strdup_printf("Show %zu _refuted", refuted);
	GtkWidget *row;

	while ((row = gtk_widget_get_first_child(GTK_WIDGET(list->rows))) != NULL)
		gtk_list_box_remove(list->rows, row);
	for (size_t i = 0; i < count; i++)
		gtk_list_box_append(list->rows, make_row(&survey->findings.items[i]));
	gtk_stack_set_visible_child_name(list->stack, trv_session_survey_share(list->session) < 1
							      ? "searching"
						      : count > 0 ? "some"
								  : "none");
	gtk_check_button_set_label(list->refuted, label);
	gtk_widget_set_visible(GTK_WIDGET(list->refuted), refuted > 0);
}

static void on_changed(TrvSession *session, guint what, TrvFindingList *list)
{
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS))
		fill(list);
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_SURVEY))
		gtk_progress_bar_set_fraction(list->share, trv_session_survey_share(session));
	if (what & (TRV_CHANGED_STATE | TRV_CHANGED_FINDINGS | TRV_CHANGED_SELECTION))
		select_focus(list);
}

void trv_finding_list_set_session(TrvFindingList *list, TrvSession *session)
{
	g_return_if_fail(!list->session);
	list->session = g_object_ref(session);
	g_signal_connect_object(session, "changed", G_CALLBACK(on_changed), list, 0);
}

static void trv_finding_list_dispose(GObject *object)
{
	TrvFindingList *list = TRV_FINDING_LIST(object);
	GtkWidget *child;

	gtk_widget_dispose_template(GTK_WIDGET(list), TRV_TYPE_FINDING_LIST);
	while ((child = gtk_widget_get_first_child(GTK_WIDGET(list))) != NULL)
		gtk_widget_unparent(child);
	g_clear_object(&list->session);
	G_OBJECT_CLASS(trv_finding_list_parent_class)->dispose(object);
}

static void trv_finding_list_class_init(TrvFindingListClass *class)
{
	GtkWidgetClass *widget_class = GTK_WIDGET_CLASS(class);

	G_OBJECT_CLASS(class)->dispose = trv_finding_list_dispose;
	gtk_widget_class_set_template_from_resource(widget_class,
						    "/org/actorscope/Viewer/finding-list.ui");
	gtk_widget_class_bind_template_child(widget_class, TrvFindingList, stack);
	gtk_widget_class_bind_template_child(widget_class, TrvFindingList, rows);
	gtk_widget_class_bind_template_child(widget_class, TrvFindingList, share);
	gtk_widget_class_bind_template_child(widget_class, TrvFindingList, refuted);
	gtk_widget_class_bind_template_callback(widget_class, on_row_activated);
}

static void trv_finding_list_init(TrvFindingList *list)
{
	gtk_widget_init_template(GTK_WIDGET(list));
}
