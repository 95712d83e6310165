#include "viewer/phase-bar.h"

#include "viewer/time-axis.h"

static GtkWidget *make_bar(const struct trv_phase *phase, int64_t longest)
{
	GtkWidget *bar = gtk_level_bar_new_for_interval(0, 1);

	gtk_level_bar_set_value(GTK_LEVEL_BAR(bar),
				longest > 0 ? (double)phase->length / (double)longest : 0);
	/* Its offsets colour a level bar by its value; here only the length says something. */
	gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_LOW);
	gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_HIGH);
	gtk_level_bar_remove_offset_value(GTK_LEVEL_BAR(bar), GTK_LEVEL_BAR_OFFSET_FULL);
	gtk_widget_add_css_class(bar, "phase");
	gtk_widget_set_valign(bar, GTK_ALIGN_CENTER);
	gtk_widget_set_hexpand(bar, TRUE);
	return bar;
}

static void add_phase(GtkGrid *grid, int row, const struct trv_phase *phase, int64_t longest)
{
	char text[TRV_TIME_TEXT];
	g_autofree char *length = g_strdup_printf("%s%s", phase->open ? "> " : "",
						  trv_duration_text(phase->length, text));
	GtkWidget *name = gtk_label_new(phase->name);
	GtkWidget *value = gtk_label_new(phase->length > 0 || phase->open ? length : "–");

	gtk_label_set_xalign(GTK_LABEL(name), 0);
	gtk_label_set_xalign(GTK_LABEL(value), 1);
	gtk_widget_add_css_class(name, "dim-label");
	gtk_widget_add_css_class(value, "numeric");
	gtk_grid_attach(grid, name, 0, row, 1, 1);
	gtk_grid_attach(grid, make_bar(phase, longest), 1, row, 1, 1);
	gtk_grid_attach(grid, value, 2, row, 1, 1);
}

GtkWidget *trv_phase_bar_new(const struct trv_phase *phases, size_t count)
{
	GtkWidget *grid = gtk_grid_new();
	int64_t longest = 0;

	gtk_grid_set_row_spacing(GTK_GRID(grid), 6);
	gtk_grid_set_column_spacing(GTK_GRID(grid), 12);
	for (size_t i = 0; i < count; i++)
		longest = MAX(longest, phases[i].length);
	for (size_t i = 0; i < count; i++)
		add_phase(GTK_GRID(grid), (int)i, &phases[i], longest);
	return grid;
}
