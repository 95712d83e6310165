/*
 * action-audit.h - whether everything a window can do is named, found with the pointer, and has a
 * key
 */
#ifndef TESTS_VIEWER_ACTION_AUDIT_H
#define TESTS_VIEWER_ACTION_AUDIT_H

#include "tests/viewer/window-driver.h"

/* Fails the test for an action of the window or its application without a title in the sheet of
 * keys, a key of its own, or a menu entry or button. Actions that are told something other than
 * one of a few values are left out: parts of the window ask for them. */
void audit_actions(GtkApplicationWindow *window);

/* All letters, small and capital, that are keys of the application now, as one text; the caller's.
 */
char *audit_letters(void);

#endif
