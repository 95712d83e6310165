/*
 * session.h - what is being looked at: the trace, the visible span, the playhead, the selection
 *
 * The one thing that all widgets share. They show it, change it through the calls below, and listen
 * to its signal "changed", whose argument says by TRV_CHANGED_* what is different; they do not know
 * each other. Main thread only.
 */
#ifndef VIEWER_SESSION_H
#define VIEWER_SESSION_H

#include "tracer/query/trace.h"
#include "viewer/filter.h"
#include "viewer/rows.h"
#include "viewer/survey.h"
#include "viewer/time-axis.h"
#include "viewer/wait-graph.h"

#include <glib-object.h>

#define TRV_TYPE_SESSION (trv_session_get_type())
G_DECLARE_FINAL_TYPE(TrvSession, trv_session, TRV, SESSION, GObject)

enum {
	TRV_CHANGED_STATE = 1 << 0,     /* empty, loading, ready, failed */
	TRV_CHANGED_PROGRESS = 1 << 1,  /* of loading */
	TRV_CHANGED_TRACE = 1 << 2,     /* another trace, or it has grown */
	TRV_CHANGED_FINDINGS = 1 << 3,  /* findings, links */
	TRV_CHANGED_LANES = 1 << 4,     /* their number, order or size */
	TRV_CHANGED_VIEW = 1 << 5,      /* the visible span */
	TRV_CHANGED_TIME = 1 << 6,      /* the playhead; the state there follows */
	TRV_CHANGED_SELECTION = 1 << 7, /* what is selected, or the finding in focus */
	TRV_CHANGED_REVEAL = 1 << 8,    /* trv_session_revealed() should come into sight */
	TRV_CHANGED_FOLLOW = 1 << 9,    /* whether the view follows a live recording */
	TRV_CHANGED_MARKS = 1 << 10,    /* markers, bookmarks, kept filters */
	TRV_CHANGED_ALL = (1 << 11) - 1,
	TRV_CHANGED_TROUBLE = 1 << 11, /* a live trace cannot be read any further: see the error */
	TRV_CHANGED_HITS = 1 << 12,    /* what the find bar has found */
	TRV_CHANGED_DETAIL = 1 << 13,  /* the visible span can be shown in detail now */
	TRV_CHANGED_SURVEY = 1 << 14,  /* how far the search for findings has come */
	TRV_CHANGED_MOMENT = 1 << 15,  /* the state that is shown, or that it is late */
};

enum trv_state { TRV_EMPTY, TRV_LOADING, TRV_READY, TRV_FAILED };

TrvSession *trv_session_new(void);

/* --- the trace ---------------------------------------------------------------------------------
 */

/* Loads in the background what is at `path`; replaces what was open once it is there. A trace that
 * has a finding opens on the gravest, a live one at its end, others in their middle. */
void trv_session_open(TrvSession *session, const char *path);

/* A plain session opens every trace in its middle, whatever is found in it; a long one is not
 * searched. */
void trv_session_set_plain(TrvSession *session, bool plain);
void trv_session_cancel(TrvSession *session); /* an open that is still going on */

enum trv_state trv_session_state(TrvSession *session);
double trv_session_progress(TrvSession *session);   /* 0..1, while loading */
const char *trv_session_error(TrvSession *session); /* a sentence, when failed */
const char *trv_session_path(TrvSession *session);  /* of what is open, loading or failed */

/* NULL unless ready; the four below then exist, too. */
struct trc_trace *trv_session_trace(TrvSession *session);
const struct trc_trace_info *trv_session_info(TrvSession *session);
const struct trc_model *trv_session_names(TrvSession *session); /* the model at the end */
const struct trv_survey *trv_session_survey(TrvSession *session);

/* The state that is shown. It is that at the playhead, or, until that has been read by another
 * thread, the last one that was: a frame never waits for it. The first of a trace is read at once.
 * Valid until the next TRV_CHANGED_MOMENT or TRV_CHANGED_TRACE. */
const struct trc_model *trv_session_model(TrvSession *session);
int64_t trv_session_model_time(TrvSession *session); /* of the playhead then */

/* Whether it is that at the playhead; and whether that is not so for as long as one should be told.
 */
bool trv_session_is_settled(TrvSession *session);
bool trv_session_is_late(TrvSession *session);

/* The share done of the first search for findings, empty until then; 1 when it is over. */
double trv_session_survey_share(TrvSession *session);

/* Whether the visible span can be shown event by event. When only its events have to be read for
 * that, this is begun, and TRV_CHANGED_DETAIL follows. */
bool trv_session_detail(TrvSession *session);

/* Messages under way in the visible span; without detail, about so many sent in it. */
size_t trv_session_messages_in_sight(TrvSession *session);
const struct trv_wait_graph *trv_session_waits(TrvSession *session); /* of the state shown */

/* --- live --------------------------------------------------------------------------------------
 */

/* Whether the recording is still going on, so that it can be followed at all. */
bool trv_session_is_live(TrvSession *session);

/* Glues the view and the playhead to the end. Any other move of them lets go again. */
void trv_session_set_follow(TrvSession *session, bool follow);
bool trv_session_follows(TrvSession *session);

/* --- lanes -------------------------------------------------------------------------------------
 */

size_t trv_session_actor_count(TrvSession *session); /* of the trace, hidden ones included */

/* To be called when the size of text has changed, and with it that of lanes (metrics.h). */
void trv_session_resize_lanes(TrvSession *session);

/* Valid until the next TRV_CHANGED_LANES. */
const struct trv_rows *trv_session_rows(TrvSession *session);

/* The row of an actor, or of the folded group it is in; -1: it is hidden. */
long trv_session_row_of(TrvSession *session, uint64_t actor);

enum trv_grouping trv_session_grouping(TrvSession *session);
enum trv_sorting trv_session_sorting(TrvSession *session);
void trv_session_set_grouping(TrvSession *session, enum trv_grouping grouping);
void trv_session_set_sorting(TrvSession *session, enum trv_sorting sorting);

void trv_session_set_folded(TrvSession *session, uint64_t group, bool folded);
void trv_session_fold_all(TrvSession *session, bool folded);

bool trv_session_is_pinned(TrvSession *session, uint64_t actor);
void trv_session_set_pinned(TrvSession *session, uint64_t actor, bool pinned);
void trv_session_hide(TrvSession *session, uint64_t actor);
void trv_session_show_hidden(TrvSession *session);

/* Ungrouped, nothing hidden: lanes stand in this order, those it does not name below. */
void trv_session_set_order(TrvSession *session, const uint64_t *actors, size_t count);

/* Puts an actor's lane where row `to` is: among the pinned that pins it, among those of its group
 * it sorts them by hand from then on; anywhere else it stays. */
void trv_session_move_lane(TrvSession *session, uint64_t actor, size_t to);

/* --- time --------------------------------------------------------------------------------------
 */

struct trv_span trv_session_view(TrvSession *session);
struct trv_span trv_session_limits(TrvSession *session);
void trv_session_set_view(TrvSession *session, struct trv_span view);
void trv_session_zoom(TrvSession *session, double factor, int64_t anchor);
void trv_session_pan(TrvSession *session, double share); /* of the visible span; > 0: later */
void trv_session_fit(TrvSession *session);

int64_t trv_session_time(TrvSession *session);
void trv_session_set_time(TrvSession *session, int64_t time);

/* Puts the playhead there and brings it into sight. */
void trv_session_go_to_time(TrvSession *session, int64_t time);

/* Moves the view so that `time` is visible, not too near to its ends. */
void trv_session_show_time(TrvSession *session, int64_t time);

/* To the next or previous event, of `actor` or (0) of any. */
void trv_session_step(TrvSession *session, uint64_t actor, bool forward);

/* --- selection ---------------------------------------------------------------------------------
 */

enum trv_selected {
	TRV_SELECTED_NONE,
	TRV_SELECTED_FINDING,
	TRV_SELECTED_ACTOR,
	TRV_SELECTED_MESSAGE,
	TRV_SELECTED_WAIT,
};

struct trv_selection {
	enum trv_selected kind;
	size_t finding;
	uint64_t actor; /* the actor, or the one that waits */
	uint64_t message;
	struct trc_span wait;
};

const struct trv_selection *trv_session_selection(TrvSession *session);

/* When nothing is selected already, the finding in focus is let go, too. */
void trv_session_select_none(TrvSession *session);
void trv_session_select_actor(TrvSession *session, uint64_t actor);
void trv_session_select_message(TrvSession *session, uint64_t message);
void trv_session_select_wait(TrvSession *session, uint64_t actor, const struct trc_span *wait);

/* The actor the selection is about; 0: none. */
uint64_t trv_session_selected_actor(TrvSession *session);

/* Selects a message and brings it into sight, with the playhead at its sending. */
void trv_session_go_to_message(TrvSession *session, uint64_t message);

/* Brings the instant at which an actor did something into sight, with the playhead at it; what is
 * selected stays selected. */
void trv_session_go_to_deed(TrvSession *session, uint64_t actor, uint64_t time);

/* Selects the wait that an actor began at a time, and brings that instant into sight; the instant
 * alone when the actor did not wait. */
void trv_session_go_to_wait(TrvSession *session, uint64_t actor, uint64_t begin);

/* Selects and reveals an actor. */
void trv_session_go_to_actor(TrvSession *session, uint64_t actor);

/* From the selected message to its cause, or to the first message it caused. False: there is none.
 */
bool trv_session_go_to_cause(TrvSession *session);
bool trv_session_go_to_effect(TrvSession *session);

/* To the effect of the same cause after (1) or before (-1) the selected one, in a circle. */
bool trv_session_go_to_sibling(TrvSession *session, int by);

/* How many causes of the selected message, and levels of effects, are drawn: 1, 2, ... */
unsigned trv_session_chain_depth(TrvSession *session);
void trv_session_set_chain_depth(TrvSession *session, unsigned depth);

/* The selected message, its causes from the nearest on, its effects level by level: at most `max`
 * ids. To be freed with g_array_unref(). */
GArray *trv_session_chain(TrvSession *session, size_t max);

enum trv_sought {
	TRV_SOUGHT_FOUND,
	TRV_SOUGHT_NONE,    /* there is no further one */
	TRV_SOUGHT_GAVE_UP, /* none near enough to be found at once */
	TRV_SOUGHT_NOTHING, /* nothing is selected that could be followed */
};

/* To the next or previous message of the selected one's type, perhaps of the same two actors. */
enum trv_sought trv_session_go_to_same(TrvSession *session, bool same_pair, bool forward);

/* To the next or previous message sent, of all. */
enum trv_sought trv_session_step_message(TrvSession *session, bool forward);

/* To the next or previous wait of the selected actor that is long enough to be seen. */
enum trv_sought trv_session_go_to_long_wait(TrvSession *session, bool forward);

/* The actor that a TRV_CHANGED_REVEAL is about. */
uint64_t trv_session_revealed(TrvSession *session);

/* --- marks -------------------------------------------------------------------------------------
 */

struct trv_markers {
	bool a_set, b_set;
	int64_t a, b;
};
const struct trv_markers *trv_session_markers(TrvSession *session);

/* Sets A or B; takes it away when it is there already. */
void trv_session_set_marker(TrvSession *session, bool b, int64_t time);
void trv_session_set_range(TrvSession *session, int64_t from, int64_t to); /* both */
void trv_session_clear_markers(TrvSession *session);

/* From A to B; the visible span when they are not both set. */
struct trv_span trv_session_range(TrvSession *session);

struct trv_bookmark {
	int64_t time;
	char *note; /* may be "" */
};
size_t trv_session_bookmark_count(TrvSession *session);
const struct trv_bookmark *trv_session_bookmark(TrvSession *session, size_t index); /* by time */
void trv_session_add_bookmark(TrvSession *session, int64_t time, const char *note);
void trv_session_remove_bookmark(TrvSession *session, size_t index);
bool trv_session_go_to_bookmark(TrvSession *session, int by); /* 1: the next, -1: the previous */

/* Back to where one was before a jump, and forward again. False: there is no such place. */
bool trv_session_go_back(TrvSession *session, bool forward);

/* Filters kept for this trace; the latest last. */
const GPtrArray *trv_session_filters(TrvSession *session);
void trv_session_keep_filter(TrvSession *session, const char *text);

/* Remembers lanes and marks of each trace in a file in `folder`, from the next open on. */
void trv_session_remember_in(TrvSession *session, const char *folder);

/* --- findings ----------------------------------------------------------------------------------
 */

/* Goes to a finding: the playhead to its closing instant, its actors to the top, its interval
 * framed. It stays in focus when other things are selected, until another finding is. */
void trv_session_go_to_finding(TrvSession *session, size_t index);
void trv_session_frame_focus(TrvSession *session);

/* How many findings are shown: the first ones of the survey's. What was refuted comes last and is
 * shown on request only, or when one goes to such a finding. */
size_t trv_session_finding_count(TrvSession *session);
size_t trv_session_refuted_count(TrvSession *session);
void trv_session_set_show_refuted(TrvSession *session, bool show);
bool trv_session_shows_refuted(TrvSession *session);

/* The next (1) or previous (-1) finding that is shown, in a circle. */
void trv_session_go_to_neighbour_finding(TrvSession *session, int by);

/* The finding in focus; NULL: none. */
const struct trc_finding *trv_session_focus(TrvSession *session);
size_t trv_session_focus_index(TrvSession *session); /* SIZE_MAX: none */

/* --- finding -----------------------------------------------------------------------------------
 */

struct trv_found {
	uint64_t time; /* sent */
	uint64_t message;
};

struct trv_hits {
	bool active;    /* something is being looked for */
	bool searching; /* not all of the trace has been looked at yet */
	size_t total;   /* found so far */
	size_t count;   /* of these, the first ones, which can be walked; by time */
	const struct trv_found *items;
};

/* Looks for all messages that a filter (viewer/filter.h) lets through, in idle moments. An empty
 * text ends it. False when it makes no sense: then `ret_error` says why. */
bool trv_session_find(TrvSession *session, const char *text, char ret_error[TRV_FILTER_ERROR]);

/* Valid until the next TRV_CHANGED_HITS. */
struct trv_hits trv_session_hits(TrvSession *session);
size_t trv_session_hit_index(TrvSession *session, uint64_t message); /* SIZE_MAX: it is none */

/* Whether what is no hit is left out of the lanes, not only dimmed. */
void trv_session_set_hide_misses(TrvSession *session, bool hide);
bool trv_session_hides_misses(TrvSession *session);

/* To the next (1) or previous (-1) hit from the selected message or the playhead, in a circle. */
bool trv_session_go_to_hit(TrvSession *session, int by);

/* The instant at which all of a finding's waits are there. */
int64_t trv_finding_instant(const struct trc_finding *finding);

#endif
