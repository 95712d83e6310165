/*
 * test-window-actions.c - the whole window on a display: everything it can do has a name, a place
 * where it is found with the pointer, and a key
 */
#include "tests/viewer/window-driver.h"

#include "viewer/window-private.h"

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
		WINDOW_TEST(test_the_sheet_of_keys_opens),
	};

	return cmocka_run_group_tests(tests, driver_set_up, driver_tear_down);
}
