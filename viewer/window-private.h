/*
 * window-private.h - the window's inside, for window*.c alone
 */
#ifndef VIEWER_WINDOW_PRIVATE_H
#define VIEWER_WINDOW_PRIVATE_H

#include "viewer/actor-list.h"
#include "viewer/finding-list.h"
#include "viewer/inspector.h"
#include "viewer/mark-list.h"
#include "viewer/overview.h"
#include "viewer/playback-bar.h"
#include "viewer/range-view.h"
#include "viewer/sql-view.h"
#include "viewer/time-ruler.h"
#include "viewer/wait-graph-view.h"
#include "viewer/window.h"

struct _TrvWindow {
	AdwApplicationWindow parent_instance;

	TrvSession *session;
	size_t certain; /* findings known for certain, to tell of new ones */
	GtkFileChooserNative *chooser;
	bool has_demo;         /* the example is there */
	GtkWidget *demo;       /* its button */
	bool remembers;        /* recent files, and what is done to a trace */
	GSubprocess *recorder; /* NULL: nothing is being recorded from here */
	char *recorded;        /* the file it writes */
	guint looking;         /* timer, until that is there */
	GMenu *recent_menu;
	GMenu *action_menu; /* a part of the main menu */
	GtkWidget *open_button;
	GtkButton *stop_recording;
	GtkPaned *rows;

	AdwToastOverlay *toasts;
	AdwToast *said; /* the last sentence, while it is there */
	AdwWindowTitle *title;
	GtkToggleButton *live;
	GtkToggleButton *inspector_button;
	GtkStack *pages;
	AdwStatusPage *loading_page;
	AdwStatusPage *failed_page;
	GtkProgressBar *progress;
	GtkSearchBar *find_bar;
	GtkSearchEntry *find_entry;
	GtkLabel *find_count;
	GtkPopover *suggestions;
	GtkListBox *suggestion_rows;
	TrvOverview *overview;
	AdwFlap *flap;
	TrvInspector *inspector;
	TrvTimeRuler *ruler;
	TrvTimeline *timeline;
	GtkScrollbar *scrollbar;
	GMenuModel *lane_menu;
	GtkStackPage *findings_page;
	TrvFindingList *findings;
	GtkStackPage *actors_page;
	TrvActorList *actors;
	GtkStackPage *marks_page;
	TrvMarkList *marks;
	GtkLabel *difference;
	TrvWaitGraphView *graph;
	GtkDropDown *panel;
	GtkStack *panels;
	GtkBox *graph_tools;
	TrvRangeView *range;
	TrvSqlView *sql;
	GtkBox *lanes_box; /* ruler and timeline */
	TrvPlaybackBar *playback;
};

/* Something the window can do. */
struct trv__action {
	/* Of one with a state, also a value: "win.sort::depth". */
	const char *name, *title; /* no title: other parts of the window ask for it, not the user */
	const char *keys[2];
	/* NULL: another class installs it. */
	void (*activate)(GtkWidget *widget, const char *name, GVariant *parameter);
	bool always; /* also without a trace */
	const char *parameter;
};

/* What belongs together; without a title, what has none. */
struct trv__section {
	const char *page; /* of the sheet of keys; a page's sections stand together */
	const char *title;
	const struct trv__action *actions;
	size_t count;
};
const struct trv__section *trv__window_sections(size_t *ret_count);

/* The sheet of all keys; for a window that has none yet. */
void trv__window_add_shortcuts(TrvWindow *window);

/* The main menu's submenus, one a section; for a window whose menu has none yet. */
void trv__window_fill_menu(TrvWindow *window);

/* Everything the window can do, as actions. */
void trv__window_install_actions(GtkWidgetClass *class);

/* Those that make sense in the session's state. */
void trv__window_enable_actions(TrvWindow *window);

/* A sentence that goes away by itself, markup; plain text that is there until it is closed; a
 * finding that one can go to. */
void trv__window_say(TrvWindow *window, const char *text);
void trv__window_say_trouble(TrvWindow *window, const char *text);
void trv__window_say_finding(TrvWindow *window, const char *title);

/* Opening a trace, again, or not after all. */
void trv__window_open_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_open_file_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_reload_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_cancel_action(GtkWidget *widget, const char *name, GVariant *parameter);

/* Going through time, findings, messages and actors. */
void trv__window_move_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_playback_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_select_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_same_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_wait_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_chain_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_show_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_show_first_finding_action(GtkWidget *widget, const char *name,
					   GVariant *parameter);

/* What concerns the selected lane, and all lanes. */
void trv__window_lane_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_lanes_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_show_lanes(TrvWindow *window);

/* The button for all lanes stands at the right end of the column of names, however wide that is. */
gboolean trv__window_place_lanes_button(GtkOverlay *overlay, GtkWidget *button,
					GdkRectangle *ret_place, gpointer data);

/* A, B, bookmarks, the way back. */
void trv__window_marks_action(GtkWidget *widget, const char *name, GVariant *parameter);

/* The panel of graphs, tables and questions; pictures. */
void trv__window_init_panel(TrvWindow *window);
void trv__window_panel_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_graph_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_export_action(GtkWidget *widget, const char *name, GVariant *parameter);

/* Recording a program; traces opened lately. */
void trv__window_record_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_init_record(TrvWindow *window);
void trv__window_stop_recording(TrvWindow *window);
void trv__window_leave_recording(TrvWindow *window);
void trv__window_note_recent(TrvWindow *window);
void trv__window_fill_recent(TrvWindow *window);

/* The find bar; the dialog that asks where to go. */
void trv__window_find_action(GtkWidget *widget, const char *name, GVariant *parameter);
void trv__window_init_find(TrvWindow *window);
void trv__window_find(TrvWindow *window);
void trv__window_keep_filter(TrvWindow *window);
void trv__window_find_text(TrvWindow *window, const char *text);

/* What could be typed next. */
void trv__window_init_suggest(TrvWindow *window);
void trv__window_suggest(TrvWindow *window);
bool trv__window_take_suggestion(TrvWindow *window); /* the first; false: there is none */

void trv__window_show_hits(TrvWindow *window);
void trv__window_go_to(TrvWindow *window);

#endif
