/*
 * window-shortcuts.c - the sheet of shortcuts, made from the table of actions
 */
#include "viewer/window-private.h"

/* In GTK 4.8 such a window can only be built from its description. */
static void describe_section(const struct trv__section *section, GString *xml)
{
	g_string_append_printf(xml,
			       "<child><object class='GtkShortcutsGroup'>"
			       "<property name='title'>%s</property>",
			       section->title);
	for (size_t i = 0; i < section->count; i++) {
		g_autofree char *key = g_markup_escape_text(section->actions[i].keys[0], -1);

		g_string_append_printf(xml,
				       "<child><object class='GtkShortcutsShortcut'>"
				       "<property name='title'>%s</property>"
				       "<property name='accelerator'>%s</property>"
				       "</object></child>",
				       section->actions[i].title, key);
	}
	g_string_append(xml, "</object></child>");
}

/* A page has two columns. What does not fit goes to further ones that have numbers, not names. */
static char *describe(void)
{
	size_t count;
	const struct trv__section *sections = trv__window_sections(&count);
	const char *page = NULL;
	GString *xml = g_string_new("<interface>"
				    "<object class='GtkShortcutsWindow' id='sheet'>"
				    "<property name='modal'>1</property>");

	for (size_t i = 0; i < count && sections[i].page; i++) {
		if (!page || !g_str_equal(sections[i].page, page)) {
			page = sections[i].page;
			g_string_append_printf(xml,
					       "%s<child><object class='GtkShortcutsSection'>"
					       "<property name='section-name'>%s</property>"
					       "<property name='title'>%s</property>"
					       "<property name='max-height'>18</property>",
					       i > 0 ? "</object></child>" : "", page, page);
		}
		describe_section(&sections[i], xml);
	}
	g_string_append(xml, "</object></child></object></interface>");
	return g_string_free(xml, FALSE);
}

void trv__window_add_shortcuts(TrvWindow *window)
{
	g_autofree char *xml = describe();
	g_autoptr(GtkBuilder) builder = gtk_builder_new_from_string(xml, -1);

	gtk_application_window_set_help_overlay(
		GTK_APPLICATION_WINDOW(window),
		GTK_SHORTCUTS_WINDOW(gtk_builder_get_object(builder, "sheet")));
}
