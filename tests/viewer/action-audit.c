#include "tests/viewer/action-audit.h"

#include <string.h>

/* All names are detailed ones, such as "win.sort::depth". */
struct audit {
	GHashTable *offered; /* a set: by menus and buttons */
	GHashTable *titles;  /* of the sheet, by key */
	GHashTable *names;   /* a set: of all that can be done */
};

/* --- what is offered ---------------------------------------------------------------------------
 */

static void walk_menu(GMenuModel *menu, GHashTable *offered)
{
	for (int i = 0; i < g_menu_model_get_n_items(menu); i++) {
		static const char *const links[] = {G_MENU_LINK_SECTION, G_MENU_LINK_SUBMENU};
		g_autofree char *name = NULL;

		if (g_menu_model_get_item_attribute(menu, i, "action", "s", &name)) {
			g_autoptr(GVariant) target = g_menu_model_get_item_attribute_value(
				menu, i, G_MENU_ATTRIBUTE_TARGET, NULL);
			g_autofree char *label = NULL;

			assert_true(g_menu_model_get_item_attribute(menu, i, "label", "s", &label));
			g_hash_table_add(offered, g_action_print_detailed_name(name, target));
		}
		for (size_t k = 0; k < G_N_ELEMENTS(links); k++) {
			g_autoptr(GMenuModel) inner = g_menu_model_get_item_link(menu, i, links[k]);

			if (inner)
				walk_menu(inner, offered);
		}
	}
}

static void walk_widgets(GtkWidget *widget, GHashTable *offered)
{
	if (GTK_IS_ACTIONABLE(widget)) {
		const char *name = gtk_actionable_get_action_name(GTK_ACTIONABLE(widget));
		GVariant *target = gtk_actionable_get_action_target_value(GTK_ACTIONABLE(widget));

		if (name)
			g_hash_table_add(offered, g_action_print_detailed_name(name, target));
	}
	if (GTK_IS_MENU_BUTTON(widget) && gtk_menu_button_get_menu_model(GTK_MENU_BUTTON(widget)))
		walk_menu(gtk_menu_button_get_menu_model(GTK_MENU_BUTTON(widget)), offered);
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		walk_widgets(child, offered);
}

/* --- what the sheet says -----------------------------------------------------------------------
 */

/* GTK keeps copies for what is looked for in the sheet; other than those, a key is there once. */
static void walk_sheet(GtkWidget *widget, GHashTable *titles)
{
	if (GTK_IS_SHORTCUTS_SHORTCUT(widget)) {
		g_autofree char *accelerator = NULL;
		const char *other;
		char *key, *title;
		GdkModifierType modifiers;
		guint value;

		g_object_get(widget, "accelerator", &accelerator, "title", &title, NULL);
		assert_true(title && *title);
		assert_true(gtk_accelerator_parse(accelerator, &value, &modifiers));
		key = gtk_accelerator_name(value, modifiers);
		other = g_hash_table_lookup(titles, key);
		if (other && !g_str_equal(title, other))
			fail_msg("%s is both \"%s\" and \"%s\"", key, title, other);
		g_hash_table_insert(titles, key, title);
	}
	for (GtkWidget *child = gtk_widget_get_first_child(widget); child;
	     child = gtk_widget_get_next_sibling(child))
		walk_sheet(child, titles);
}

/* --- what there is -----------------------------------------------------------------------------
 */

/* Of a choice, each value that is offered stands for itself. */
static void add_choice(struct audit *audit, const char *name)
{
	g_autofree char *start = g_strdup_printf("%s::", name);
	GHashTableIter iter;
	gpointer offered;
	guint before = g_hash_table_size(audit->names);

	g_hash_table_iter_init(&iter, audit->offered);
	while (g_hash_table_iter_next(&iter, &offered, NULL)) {
		if (g_str_has_prefix(offered, start))
			g_hash_table_add(audit->names, g_strdup(offered));
	}
	if (g_hash_table_size(audit->names) == before)
		fail_msg("no menu entry or button offers a value of %s", name);
}

static void add_class_actions(struct audit *audit, GtkApplicationWindow *window)
{
	GtkWidgetClass *class = GTK_WIDGET_GET_CLASS(window);
	const char *name, *property;
	const GVariantType *type;
	GType owner;

	for (guint i = 0; gtk_widget_class_query_action(class, i, &owner, &name, &type, &property);
	     i++) {
		if (!g_str_has_prefix(name, "win."))
			continue;
		if (!type)
			g_hash_table_add(audit->names, g_strdup(name));
		else if (property)
			add_choice(audit, name);
	}
}

static void add_group(struct audit *audit, const char *prefix, GActionGroup *group)
{
	g_auto(GStrv) names = g_action_group_list_actions(group);

	for (size_t i = 0; names[i]; i++)
		g_hash_table_add(audit->names, g_strdup_printf("%s.%s", prefix, names[i]));
}

static void audit_action(const struct audit *audit, const char *name, GHashTable *users)
{
	g_auto(GStrv) keys = gtk_application_get_accels_for_action(GTK_APPLICATION(on.app), name);

	if (!keys[0])
		fail_msg("%s has no key", name);
	if (!g_hash_table_contains(audit->offered, name))
		fail_msg("%s has no menu entry or button", name);
	if (!g_hash_table_contains(audit->titles, keys[0]))
		fail_msg("%s, %s, is not in the sheet of keys", name, keys[0]);
	for (size_t i = 0; keys[i]; i++) {
		const char *other = g_hash_table_lookup(users, keys[i]);

		if (other)
			fail_msg("%s and %s have the same key, %s", name, other, keys[i]);
		g_hash_table_insert(users, g_strdup(keys[i]), g_strdup(name));
	}
}

void audit_actions(GtkApplicationWindow *window)
{
	g_autoptr(GHashTable) offered =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) titles =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	g_autoptr(GHashTable) users =
		g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
	struct audit audit = {offered, titles, names};
	GHashTableIter iter;
	gpointer name;

	walk_widgets(GTK_WIDGET(window), offered);
	walk_sheet(GTK_WIDGET(gtk_application_window_get_help_overlay(window)), titles);
	add_class_actions(&audit, window);
	add_group(&audit, "win", G_ACTION_GROUP(window));
	add_group(&audit, "app", G_ACTION_GROUP(on.app));
	g_hash_table_add(names, g_strdup("window.close"));
	g_hash_table_iter_init(&iter, names);
	while (g_hash_table_iter_next(&iter, &name, NULL))
		audit_action(&audit, name, users);
	/* Nor does the sheet promise what nothing answers to. */
	g_hash_table_iter_init(&iter, titles);
	while (g_hash_table_iter_next(&iter, &name, NULL)) {
		if (!g_hash_table_contains(users, name))
			fail_msg("the sheet has %s, which does nothing", (char *)name);
	}
}

char *audit_letters(void)
{
	g_auto(GStrv) names = gtk_application_list_action_descriptions(GTK_APPLICATION(on.app));
	GString *letters = g_string_new(NULL);

	for (size_t i = 0; names[i]; i++) {
		g_auto(GStrv) keys =
			gtk_application_get_accels_for_action(GTK_APPLICATION(on.app), names[i]);

		for (size_t k = 0; keys[k]; k++) {
			bool capital = g_str_has_prefix(keys[k], "<Shift>");
			const char *key = keys[k] + (capital ? strlen("<Shift>") : 0);

			if (g_ascii_isalpha(key[0]) && !key[1])
				g_string_append_c(letters,
						  capital ? g_ascii_toupper(key[0]) : key[0]);
		}
	}
	return g_string_free(letters, FALSE);
}
