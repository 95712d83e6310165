/*
 * session-private.h - the session's inside, for session*.c alone
 */
#ifndef VIEWER_SESSION_PRIVATE_H
#define VIEWER_SESSION_PRIVATE_H

#include "viewer/session.h"

#include <gio/gio.h>

struct trv__place {
	struct trv_span view;
	int64_t time;
};

struct _TrvSession {
	GObject parent_instance;

	enum trv_state state;
	char *path;
	char *error;
	double progress;
	GCancellable *opening; /* an open that is going on */

	struct trc_trace *trace;
	struct trc_trace_info info;
	struct trv_survey *survey;

	guint poll;              /* timer while live */
	GCancellable *surveying; /* a survey of a live trace that is going on */
	gint64 survey_due_us;    /* not before */
	bool stale;              /* the trace has grown since the survey began */
	bool unsurveyed;         /* the first survey is still to come; there is an empty one */
	double survey_share;     /* of that, done */
	guint fetching;          /* idle source: events of the view are being read */
	bool unreadable;         /* some cannot be */
	bool plain;              /* does not go anywhere by itself */
	bool follow;
	int64_t follow_length; /* of the view that follows; 0: as the trace grows, up to a limit */

	struct trv_rows rows;
	GHashTable *row_index; /* actor -> 1 + index of its row, or of its folded group's */
	enum trv_grouping grouping;
	enum trv_sorting sorting;
	GArray *pinned, *hidden, *by_hand; /* actors */
	GArray *folded;                    /* keys of groups */
	size_t actors_arranged;            /* how many there were */

	struct trv_span view;
	int64_t time;

	/* session-state.c */
	struct trv_state_reader *reader; /* NULL: there is none, and states are read here */
	guint answers;                   /* source: it has one */
	uint64_t version;                /* how often the trace has grown */
	const struct trc_model *model;   /* that is shown; NULL: to be read */
	bool model_is_ours;              /* it belongs to `trace` */
	int64_t model_time;
	guint late; /* timer: the playhead's is not there yet */
	bool is_late;
	struct trv_wait_graph waits; /* of that model */
	bool waits_valid;

	struct trv_selection selection;
	size_t focus; /* SIZE_MAX: none */
	bool show_refuted;
	bool hide_misses;
	struct trv_markers markers;
	GArray *bookmarks;      /* struct trv_bookmark, by time */
	GPtrArray *filters;     /* texts the user kept, oldest first */
	GArray *back, *forward; /* struct trv__place: where the view was */

	char *memory_folder; /* NULL: nothing is remembered */
	bool memory_failed;  /* has been told */
	bool recalling;
	guint saving; /* timer */
	unsigned chain_depth;

	struct trv__search *search; /* NULL: nothing is looked for */
	uint64_t revealed;
};

void trv__session_changed(TrvSession *session, guint what);

/* Arranges the lanes again; TRV_CHANGED_LANES is for the caller to tell. */
void trv__session_arrange(TrvSession *session);

/* Those of a new trace as suits it; none. */
void trv__session_begin_lanes(TrvSession *session);
void trv__session_forget_lanes(TrvSession *session);

/* Makes sure that an actor has a lane of its own. */
void trv__session_unveil(TrvSession *session, uint64_t actor);

/* Before a jump: notes where one is, to come back. */
void trv__session_leave(TrvSession *session);
void trv__bookmark_clear(void *bookmark);

/* Writes what is to be remembered, false when that fails; the same, a little later; reads it. */
bool trv__session_save(TrvSession *session);
void trv__session_save_soon(TrvSession *session);
void trv__session_recall(TrvSession *session);

/* Looks through what has been recorded since; ends looking. */
void trv__session_find_on(TrvSession *session);
void trv__session_find_end(TrvSession *session);

/* The state that is shown: for a new trace, and when that is closed. */
void trv__session_begin_states(TrvSession *session);
void trv__session_end_states(TrvSession *session);

/* The playhead has moved; the trace was refreshed. They return what has changed by now. */
guint trv__session_state_moved(TrvSession *session);
guint trv__session_state_grown(TrvSession *session);

#endif
