/*
 * window-private.h - the window's inside, for window.c and window-actions.c alone
 */
#ifndef VIEWER_WINDOW_PRIVATE_H
#define VIEWER_WINDOW_PRIVATE_H

#include "viewer/actor-list.h"
#include "viewer/finding-list.h"
#include "viewer/inspector.h"
#include "viewer/overview.h"
#include "viewer/playback-bar.h"
#include "viewer/time-ruler.h"
#include "viewer/wait-graph-view.h"
#include "viewer/window.h"

struct _TrvWindow {
	AdwApplicationWindow parent_instance;

	TrvSession *session;
	size_t certain; /* findings known for certain, to tell of new ones */
	GtkFileChooserNative *chooser;

	AdwToastOverlay *toasts;
	AdwWindowTitle *title;
	GtkToggleButton *live;
	GtkToggleButton *inspector_button;
	GtkStack *pages;
	AdwStatusPage *loading_page;
	AdwStatusPage *failed_page;
	GtkProgressBar *progress;
	TrvOverview *overview;
	AdwFlap *flap;
	TrvInspector *inspector;
	TrvTimeRuler *ruler;
	TrvTimeline *timeline;
	GtkScrollbar *scrollbar;
	GtkStackPage *findings_page;
	TrvFindingList *findings;
	GtkStackPage *actors_page;
	TrvActorList *actors;
	TrvWaitGraphView *graph;
	TrvPlaybackBar *playback;
};

/* Everything the window can do, as actions. */
void trv__window_install_actions(GtkWidgetClass *class);

/* Those that make sense in the session's state. */
void trv__window_enable_actions(TrvWindow *window);

#endif
