#include "viewer/details.h"

#include "viewer/time-axis.h"
#include "viewer/words.h"

#include <string.h>

/* Long texts scroll, so that what follows them stays in sight. */
enum { CODE_SHORT = 360, CODE_HEIGHT = 160 };

static GtkWidget *make_label(const char *text, const char *style)
{
	GtkWidget *label = gtk_label_new(text);

	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_label_set_wrap(GTK_LABEL(label), TRUE);
	gtk_label_set_wrap_mode(GTK_LABEL(label), PANGO_WRAP_WORD_CHAR);
	if (style)
		gtk_widget_add_css_class(label, style);
	return label;
}

void trv_details_title(GtkBox *box, const char *kind, const char *name)
{
	GtkWidget *words = gtk_box_new(GTK_ORIENTATION_VERTICAL, 3);
	GtkWidget *small = make_label(kind, "caption-heading");

	gtk_widget_add_css_class(small, "dim-label");
	gtk_box_append(GTK_BOX(words), small);
	gtk_box_append(GTK_BOX(words), make_label(name, "title-4"));
	gtk_box_append(box, words);
}

void trv_details_heading(GtkBox *box, const char *heading)
{
	GtkWidget *label = make_label(heading, "heading");

	gtk_widget_set_margin_top(label, 6);
	gtk_box_append(box, label);
}

GtkGrid *trv_details_grid(GtkBox *box)
{
	GtkWidget *grid = gtk_grid_new();

	gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
	gtk_box_append(box, grid);
	return GTK_GRID(grid);
}

GtkBox *trv_details_list(GtkBox *box)
{
	GtkWidget *list = gtk_box_new(GTK_ORIENTATION_VERTICAL, 4);

	gtk_box_append(box, list);
	return GTK_BOX(list);
}

void trv_details_item(GtkBox *list, GtkWidget *link)
{
	gtk_widget_set_halign(link, GTK_ALIGN_START);
	gtk_box_append(list, link);
}

void trv_details_row_widget(GtkGrid *grid, const char *name, GtkWidget *value)
{
	GtkWidget *label = gtk_label_new(name);
	int row = 0;

	while (gtk_grid_get_child_at(grid, 0, row))
		row++;
	gtk_label_set_xalign(GTK_LABEL(label), 0);
	gtk_widget_set_valign(label, GTK_ALIGN_START);
	gtk_widget_add_css_class(label, "dim-label");
	gtk_widget_set_hexpand(value, TRUE);
	gtk_widget_set_halign(value, GTK_ALIGN_START);
	gtk_grid_attach(grid, label, 0, row, 1, 1);
	gtk_grid_attach(grid, value, 1, row, 1, 1);
}

void trv_details_row(GtkGrid *grid, const char *name, const char *value)
{
	GtkWidget *label = make_label(value, "numeric");

	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	/* or the caret would stand in the first value whenever the inspector gets the focus */
	gtk_widget_set_focusable(label, FALSE);
	trv_details_row_widget(grid, name, label);
}

void trv_details_text(GtkBox *box, const char *text)
{
	GtkWidget *label = make_label(text, NULL);

	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_widget_set_focusable(label, FALSE);
	gtk_box_append(box, label);
}

void trv_details_code(GtkBox *box, const char *text)
{
	GtkWidget *plate = make_label(text, "monospace");

	gtk_label_set_selectable(GTK_LABEL(plate), TRUE);
	gtk_widget_set_focusable(plate, FALSE);
	gtk_label_set_yalign(GTK_LABEL(plate), 0);
	if (strlen(text) > CODE_SHORT) {
		GtkWidget *scrolled = gtk_scrolled_window_new();

		gtk_scrolled_window_set_policy(GTK_SCROLLED_WINDOW(scrolled), GTK_POLICY_NEVER,
					       GTK_POLICY_AUTOMATIC);
		gtk_scrolled_window_set_min_content_height(GTK_SCROLLED_WINDOW(scrolled),
							   CODE_HEIGHT);
		gtk_scrolled_window_set_child(GTK_SCROLLED_WINDOW(scrolled), plate);
		plate = scrolled;
	}
	gtk_widget_add_css_class(plate, "payload");
	gtk_box_append(box, plate);
}

GtkWidget *trv_link(const char *text, const char *action, GVariant *target)
{
	GtkWidget *button = gtk_button_new();
	GtkWidget *label = make_label(text, NULL);

	gtk_button_set_child(GTK_BUTTON(button), label);
	gtk_widget_add_css_class(button, "flat");
	gtk_widget_add_css_class(button, "detail-link");
	gtk_actionable_set_action_name(GTK_ACTIONABLE(button), action);
	gtk_actionable_set_action_target_value(GTK_ACTIONABLE(button), target);
	gtk_accessible_update_property(GTK_ACCESSIBLE(button), GTK_ACCESSIBLE_PROPERTY_LABEL, text,
				       -1);
	return button;
}

GtkWidget *trv_link_actor(const struct trc_model *names, uint64_t actor)
{
	if (actor == 0)
		return make_label(trc_model_actor_name(names, 0), NULL);
	return trv_link(trc_model_actor_name(names, actor), "win.show-actor",
			g_variant_new_uint64(actor));
}

GtkWidget *trv_link_message(const char *text, uint64_t message)
{
	return trv_link(text, "win.show-message", g_variant_new_uint64(message));
}

void trv_details_site(GtkGrid *grid, const char *name, const struct trc_model *names, uint32_t site)
{
	g_autofree char *place = trv_words_site(names, site);
	g_autofree char *text = NULL;
	GtkWidget *label;

	if (!place)
		return;
	text = g_strdup_printf("%s in %s", place, trc_model_site(names, site).function);
	label = make_label(text, "monospace");
	gtk_widget_add_css_class(label, "caption");
	gtk_label_set_selectable(GTK_LABEL(label), TRUE);
	gtk_widget_set_focusable(label, FALSE);
	gtk_widget_set_tooltip_text(label, trc_model_site(names, site).file);
	trv_details_row_widget(grid, name, label);
}

void trv_details_time(GtkGrid *grid, const char *name, uint64_t time)
{
	char text[TRV_TIME_TEXT];
	GtkWidget *link;

	trv_time_text((int64_t)time, 1000, text);
	link = trv_link(text, "win.go-to-time", g_variant_new_uint64(time));
	gtk_widget_add_css_class(link, "numeric");
	trv_details_row_widget(grid, name, link);
}
