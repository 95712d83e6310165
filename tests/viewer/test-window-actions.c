/*
 * test-window-actions.c - the whole window on a display: everything it can do has a name, a place
 * where it is found with the pointer, and a key
 */
#include "tests/viewer/action-audit.h"

#include <string.h>

static void test_all_is_named_offered_and_has_a_key(void **state)
{
	audit_actions(GTK_APPLICATION_WINDOW(on.window));
}

/* Whatever else may be in the window later: all letters that are keys are typed into `widget`. */
static void type_letters_in(GtkWidget *widget, GObject *text)
{
	g_autofree char *letters = audit_letters(), *typed = NULL;
	struct trv_span view;

	open_trace(on.calm);
	view = trv_session_view(on.session);
	assert_true(strlen(letters) > 20);
	gtk_box_append(GTK_BOX(find(GTK_WIDGET(on.window), GTK_TYPE_BOX)), widget);
	gtk_widget_grab_focus(widget);
	press("Home"); /* gives the window the X server's focus */
	type_text(letters);
	WAIT_FOR((g_free(typed), g_object_get(text, "text", &typed, NULL),
		  g_str_equal(typed, letters)));
	assert_int_equal(trv_session_view(on.session).from, view.from);
	assert_int_equal(trv_session_view(on.session).to, view.to);
}

static void test_letters_are_typed_in_any_entry(void **state)
{
	GtkWidget *entry = gtk_entry_new();

	type_letters_in(entry, G_OBJECT(entry));
}

static void test_letters_are_typed_in_any_text(void **state)
{
	GtkWidget *text = gtk_text_view_new();

	type_letters_in(text, G_OBJECT(gtk_text_view_get_buffer(GTK_TEXT_VIEW(text))));
}

static void test_the_sheet_of_keys_opens(void **state)
{
	GtkWindow *sheet;

	press("ctrl+question");
	sheet = GTK_WINDOW(
		gtk_application_window_get_help_overlay(GTK_APPLICATION_WINDOW(on.window)));
	WAIT_FOR(gtk_widget_get_mapped(GTK_WIDGET(sheet)));
	wait_for_frames();
	gtk_window_close(sheet);
	WAIT_FOR(!gtk_widget_get_mapped(GTK_WIDGET(sheet)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WINDOW_TEST(test_all_is_named_offered_and_has_a_key),
		WINDOW_TEST(test_letters_are_typed_in_any_entry),
		WINDOW_TEST(test_letters_are_typed_in_any_text),
		WINDOW_TEST(test_the_sheet_of_keys_opens),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
