/*
 * window-shortcuts.c - the sheet of shortcuts, made from the table of actions
 */
#include "viewer/window-private.h"

/* In GTK 4.8 such a window can only be built from its description. */
static char *describe(void)
{
	size_t count;
	const struct trv__action *actions = trv__window_actions(&count);
	const char *section = NULL;
	GString *xml = g_string_new("<interface>"
				    "<object class='GtkShortcutsWindow' id='sheet'>"
				    "<property name='modal'>1</property><child>"
				    "<object class='GtkShortcutsSection'>"
				    "<property name='section-name'>shortcuts</property>"
				    "<property name='max-height'>14</property>");

	for (size_t i = 0; i < count; i++) {
		if (!actions[i].section || !actions[i].keys[0])
			continue;
		if (!section || !g_str_equal(actions[i].section, section)) {
			g_string_append_printf(xml,
					       "%s<child><object class='GtkShortcutsGroup'>"
					       "<property name='title'>%s</property>",
					       section ? "</object></child>" : "",
					       actions[i].section);
			section = actions[i].section;
		}
		g_autofree char *key = g_markup_escape_text(actions[i].keys[0], -1);

		g_string_append_printf(xml,
				       "<child><object class='GtkShortcutsShortcut'>"
				       "<property name='title'>%s</property>"
				       "<property name='accelerator'>%s</property>"
				       "</object></child>",
				       actions[i].title, key);
	}
	g_string_append(xml, "</object></child></object></child></object></interface>");
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
