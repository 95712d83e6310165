/*
 * screen-reader.h - the viewer's own program on a display, known only by what it tells assistive
 * technology and what is to be seen of it; keys and the pointer come from another X client
 *
 * Waits are for conditions, looked at again and again until they hold, with a generous limit. What
 * the program writes to stderr fails the test.
 */
#ifndef TESTS_VIEWER_SCREEN_READER_H
#define TESTS_VIEWER_SCREEN_READER_H

#include <atspi/atspi.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdbool.h>
#include <cmocka.h>

enum { READER_LIMIT_S = 60 };

/* False: there is no accessibility bus here. */
bool reader_init(void);

/* Starts the viewer on a trace (NULL: none) with `home` for what it remembers, and waits for its
 * window; ends it, if it was started, and checks that it had nothing to complain about. */
void reader_open(const char *viewer, const char *trace, const char *home);
void reader_close(void);

/* The first that is shown and has this role and a name that begins with `words`; a label is also
 * known by its description. NULL when there is none. Borrowed until reader_close(). */
AtspiAccessible *reader_look(AtspiRole role, const char *words);

/* The same, waits for it. */
AtspiAccessible *reader_find(AtspiRole role, const char *words);

/* What is below `in`. */
AtspiAccessible *reader_look_in(AtspiAccessible *in, AtspiRole role, const char *words);

/* Borrowed until the next call. */
const char *reader_name(AtspiAccessible *thing);
const char *reader_description(AtspiAccessible *thing);

/* The child of a list. */
AtspiAccessible *reader_child(AtspiAccessible *list, int index);

/* Whether something that is shown has a name with these words. */
bool reader_reads(const char *words);

/* What a screen reader would be lost at: shown controls without a name; prints them. */
int reader_count_nameless(void);

/* Whether a button that stays down is. */
bool reader_is_on(AtspiAccessible *thing);

/* Does what a thing is for, as a screen reader's user does. */
void reader_activate(AtspiAccessible *thing);

/* Keys as xdotool names them; text letter by letter. */
void reader_press(const char *key);
void reader_type(const char *text);

/* The pointer, by pixels from the thing's left upper corner. */
void reader_click(AtspiAccessible *thing, int x, int y);
void reader_drag(AtspiAccessible *thing, int x, int y, int to_x, int to_y, const char *key);
void reader_wheel(AtspiAccessible *thing, int x, int y, const char *button, const char *key);
void reader_size(AtspiAccessible *thing, int *ret_width, int *ret_height);

/* A sum of the pixels of a thing: another one when it looks different. */
unsigned reader_picture(AtspiAccessible *thing);

void reader_pause(void);
#define READER_WAIT(condition)                                                                \
	do {                                                                                  \
		gint64 limit_ = g_get_monotonic_time() + READER_LIMIT_S * G_TIME_SPAN_SECOND; \
		bool holds_;                                                                  \
		while (!(holds_ = (condition)) && g_get_monotonic_time() < limit_)            \
			reader_pause();                                                       \
		if (!holds_)                                                                  \
			fail_msg("not within %d s: %s", READER_LIMIT_S, #condition);          \
	} while (0)

#endif
