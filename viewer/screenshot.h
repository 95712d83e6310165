/*
 * screenshot.h - the whole window as a picture file
 */
#ifndef VIEWER_SCREENSHOT_H
#define VIEWER_SCREENSHOT_H

#include "viewer/compare-window.h"
#include "viewer/window.h"

/* What to show, and where to write it. */
struct trv_screenshot {
	char *file;
	int width, height; /* 0: the window's own size */
	bool at_set;
	int64_t at;       /* where the playhead goes; only with `at_set` */
	size_t finding;   /* number of a finding or difference, from 1; 0: as the window opens */
	uint64_t message; /* one to select; 0: none. Of one run alone, as the next two */
	char *panel;      /* trv_window_show_panel(); NULL: as the window opens */
	char *only;       /* trv_window_part(); NULL: the whole window */
};

/* Waits until the window's trace is there and drawn, writes the picture and calls `done` with NULL
 * or with why it failed. `shot` must live until then. */
typedef void trv_screenshot_done(const GError *error, gpointer data);
void trv_screenshot_take(TrvWindow *window, const struct trv_screenshot *shot,
			 trv_screenshot_done *done, gpointer data);

/* The same of two runs; the playhead is that of the first. */
void trv_screenshot_take_both(TrvCompareWindow *window, const struct trv_screenshot *shot,
			      trv_screenshot_done *done, gpointer data);

#endif
