#include "viewer/session-private.h"

#include "viewer/loader.h"
#include "viewer/timeline-layout.h"

#include <string.h>

enum { POLL_MS = 200 };

#define FOLLOW_MIN INT64_C(1000000)     /* ns */
#define FOLLOW_MAX INT64_C(10000000000) /* ns */

G_DEFINE_FINAL_TYPE(TrvSession, trv_session, G_TYPE_OBJECT)

static guint changed_signal;

void trv__session_changed(TrvSession *session, guint what)
{
	if ((what & (TRV_CHANGED_LANES | TRV_CHANGED_MARKS)) && !(what & TRV_CHANGED_STATE))
		trv__session_save_soon(session);
	if (what)
		g_signal_emit(session, changed_signal, 0, what);
}

/* --- live --------------------------------------------------------------------------------------
 */

/* After a new survey the finding in focus may stand elsewhere in the list, or be gone. */
static void take_survey(TrvSession *session, struct trv_survey *survey)
{
	const struct trc_finding *focus = trv_session_focus(session);
	const struct trc_findings *findings = &survey->findings;
	size_t found = SIZE_MAX;

	for (size_t i = 0; focus && i < findings->count && found == SIZE_MAX; i++) {
		if (strcmp(findings->items[i].fingerprint, focus->fingerprint) == 0)
			found = i;
	}
	session->focus = found;
	if (session->selection.kind == TRV_SELECTED_FINDING) {
		session->selection.finding = found;
		if (found == SIZE_MAX)
			session->selection.kind = TRV_SELECTED_NONE;
	}
	trv_survey_free(session->survey);
	session->survey = survey;
}

static void survey_failed(TrvSession *session, const char *why)
{
	session->unsurveyed = false;
	g_free(session->error);
	session->error = g_utf8_make_valid(why, -1);
	trv__session_changed(session, TRV_CHANGED_TROUBLE | TRV_CHANGED_FINDINGS);
}

/* The trace was shown before it was searched: what was found is shown, unless somebody looks at
 * something else already. */
static void show_first(TrvSession *session)
{
	struct trv_span limits = trv_session_limits(session);

	if (!session->plain && session->survey->findings.count > 0 &&
	    session->survey->findings.items[0].code != TRC_CODE_REFUTED &&
	    session->selection.kind == TRV_SELECTED_NONE && session->view.from == limits.from &&
	    session->view.to == limits.to)
		trv_session_go_to_finding(session, 0);
}

static void on_survey_progress(double share, void *context)
{
	TrvSession *session = context;

	session->survey_share = share;
	trv__session_changed(session, TRV_CHANGED_SURVEY);
}

static void on_surveyed(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(TrvSession) session = data;
	g_autoptr(GError) error = NULL;
	struct trv_loaded *loaded = trv_load_finish(result, &error);
	bool first = session->unsurveyed;

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return;
	g_clear_object(&session->surveying);
	if (!loaded) {
		if (session->unsurveyed)
			survey_failed(session, error->message);
		return; /* while the trace grows, the next round tries again */
	}
	/* A survey takes longer the longer the trace is: spend at most a fifth of the time on it.
	 */
	session->survey_due_us = g_get_monotonic_time() + (gint64)(loaded->seconds * 5e6);
	take_survey(session, g_steal_pointer(&loaded->survey));
	trv_loaded_free(loaded);
	session->unsurveyed = false;
	if (session->sorting >= TRV_SORT_DEPTH && session->sorting <= TRV_SORT_TRAFFIC) {
		trv__session_arrange(session);
		trv__session_changed(session, TRV_CHANGED_LANES);
	}
	if (first)
		show_first(session);
	trv__session_changed(session, TRV_CHANGED_FINDINGS | TRV_CHANGED_SELECTION);
}

static void survey_when_due(TrvSession *session)
{
	if (!session->stale || session->surveying ||
	    g_get_monotonic_time() < session->survey_due_us)
		return;
	session->stale = false;
	session->surveying = g_cancellable_new();
	trv_load_async(session->path, TRV_LOAD_SURVEY, session->surveying,
		       session->unsurveyed ? on_survey_progress : NULL, session, on_surveyed,
		       g_object_ref(session));
}

/* The end stands a little left of the view's right edge. */
static void follow_end(TrvSession *session)
{
	int64_t last = (int64_t)session->info.last_time;
	int64_t length = session->follow_length;

	if (length == 0)
		length = CLAMP(last - (int64_t)session->info.first_time, FOLLOW_MIN, FOLLOW_MAX);
	session->view = (struct trv_span){last - length / 20 * 19, last + length / 20};
	session->view = trv_span_clamp(session->view, trv_session_limits(session));
	session->time = last;
}

static gboolean poll_trace(gpointer data)
{
	TrvSession *session = data;
	struct trc_trace_error why = {""};
	guint what = 0;
	uint64_t first_time = session->info.first_time;
	int grown = trc_trace_refresh(session->trace, &why);

	if (grown != 0)
		trc_trace_info(session->trace, &session->info);
	if (grown > 0) {
		session->stale = true;
		what = TRV_CHANGED_TRACE;
		trv__session_find_on(session);
		/* When the beginning has been let go, those who are forgotten have gone. */
		if (trv_session_actor_count(session) != session->actors_arranged ||
		    session->info.first_time != first_time) {
			trv__session_arrange(session);
			what |= TRV_CHANGED_LANES;
		}
		if (session->follow) {
			follow_end(session);
			what |= TRV_CHANGED_VIEW | TRV_CHANGED_TIME;
		}
	}
	if (grown != 0)
		what |= trv__session_state_grown(session);
	if (grown < 0) {
		g_free(session->error);
		session->error = g_utf8_make_valid(why.text, -1);
		what |= TRV_CHANGED_TROUBLE;
	}
	survey_when_due(session);
	if (grown < 0 || (!session->info.live && !session->stale && !session->surveying)) {
		session->poll = 0;
		session->follow = false;
		what |= TRV_CHANGED_TRACE | TRV_CHANGED_FOLLOW;
	}
	trv__session_changed(session, what);
	return session->poll ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

bool trv_session_is_live(TrvSession *session)
{
	return session->state == TRV_READY && session->poll != 0 && session->info.live;
}

bool trv_session_follows(TrvSession *session)
{
	return session->follow;
}

void trv_session_set_follow(TrvSession *session, bool follow)
{
	guint what = TRV_CHANGED_FOLLOW;

	follow = follow && trv_session_is_live(session);
	if (session->follow == follow)
		return;
	session->follow = follow;
	session->follow_length = 0;
	if (follow) {
		follow_end(session);
		what |= TRV_CHANGED_VIEW | TRV_CHANGED_TIME | trv__session_state_moved(session);
	}
	trv__session_changed(session, what);
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void forget_trace(TrvSession *session)
{
	if (session->saving)
		trv__session_save(session);
	session->markers = (struct trv_markers){0};
	g_array_set_size(session->bookmarks, 0);
	g_ptr_array_set_size(session->filters, 0);
	g_array_set_size(session->back, 0);
	g_array_set_size(session->forward, 0);
	trv__session_find_end(session);
	g_clear_handle_id(&session->poll, g_source_remove);
	g_clear_handle_id(&session->fetching, g_source_remove);
	if (session->surveying)
		g_cancellable_cancel(session->surveying);
	g_clear_object(&session->surveying);
	trv__session_end_states(session);
	g_clear_pointer(&session->survey, trv_survey_free);
	g_clear_pointer(&session->trace, trc_trace_close);
	trv__session_forget_lanes(session);
	session->stale = session->follow = session->unsurveyed = session->unreadable = false;
	session->survey_due_us = 0;
	session->selection = (struct trv_selection){0};
	session->focus = SIZE_MAX;
	session->revealed = 0;
}

static void take_trace(TrvSession *session, struct trv_loaded *loaded)
{
	session->trace = g_steal_pointer(&loaded->trace);
	session->survey = g_steal_pointer(&loaded->survey);
	trc_trace_info(session->trace, &session->info);
	session->state = TRV_READY;
	session->unsurveyed = session->stale = !session->survey && !session->plain;
	session->survey_share = 0;
	if (!session->survey)
		session->survey = g_new0(struct trv_survey, 1);
	trv__session_begin_states(session);
	trv__session_begin_lanes(session);
	trv__session_recall(session);
	session->view = trv_session_limits(session);
	session->time = (int64_t)(session->info.first_time +
				  (session->info.last_time - session->info.first_time) / 2);
	if (session->info.live)
		session->poll = g_timeout_add(POLL_MS, poll_trace, session);
	if (!session->plain && session->survey->findings.count > 0 &&
	    session->survey->findings.items[0].code != TRC_CODE_REFUTED)
		trv_session_go_to_finding(session, 0);
	else if (!session->plain)
		trv_session_set_follow(session, true);
	survey_when_due(session);
}

static void on_loaded(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(TrvSession) session = data;
	g_autoptr(GError) error = NULL;
	struct trv_loaded *loaded = trv_load_finish(result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* whoever cancelled has set the state */
	g_clear_object(&session->opening);
	if (loaded) {
		take_trace(session, loaded);
		trv_loaded_free(loaded);
	} else {
		session->state = TRV_FAILED;
		/* It may quote what is in the file. */
		session->error = g_utf8_make_valid(error->message, -1);
	}
	trv__session_changed(session, TRV_CHANGED_ALL);
}

static void on_progress(double share, void *context)
{
	TrvSession *session = context;

	session->progress = share;
	trv__session_changed(session, TRV_CHANGED_PROGRESS);
}

void trv_session_set_plain(TrvSession *session, bool plain)
{
	session->plain = plain;
}

void trv_session_cancel(TrvSession *session)
{
	if (!session->opening)
		return;
	g_cancellable_cancel(session->opening);
	g_clear_object(&session->opening);
	session->state = TRV_EMPTY;
	trv__session_changed(session, TRV_CHANGED_ALL);
}

void trv_session_open(TrvSession *session, const char *path)
{
	char *copy = g_strdup(path); /* `path` may be the session's own */

	if (session->opening)
		g_cancellable_cancel(session->opening);
	g_clear_object(&session->opening);
	forget_trace(session);
	g_clear_pointer(&session->error, g_free);
	g_free(session->path);
	session->path = copy;
	session->progress = 0;
	session->state = TRV_LOADING;
	session->opening = g_cancellable_new();
	trv_load_async(path, TRV_LOAD_TRACE, session->opening, on_progress, session, on_loaded,
		       g_object_ref(session));
	trv__session_changed(session, TRV_CHANGED_ALL);
}

/* --- looking at it -----------------------------------------------------------------------------
 */

enum trv_state trv_session_state(TrvSession *session)
{
	return session->state;
}

double trv_session_progress(TrvSession *session)
{
	return session->progress;
}

const char *trv_session_error(TrvSession *session)
{
	return session->error;
}

const char *trv_session_path(TrvSession *session)
{
	return session->path;
}

struct trc_trace *trv_session_trace(TrvSession *session)
{
	return session->trace;
}

const struct trc_trace_info *trv_session_info(TrvSession *session)
{
	return session->trace ? &session->info : NULL;
}

const struct trc_model *trv_session_names(TrvSession *session)
{
	return session->trace ? trc_trace_model(session->trace) : NULL;
}

const struct trv_survey *trv_session_survey(TrvSession *session)
{
	return session->survey;
}

double trv_session_survey_share(TrvSession *session)
{
	return session->unsurveyed ? session->survey_share : 1;
}

static void trv_session_dispose(GObject *object)
{
	TrvSession *session = TRV_SESSION(object);

	if (session->opening)
		g_cancellable_cancel(session->opening);
	g_clear_object(&session->opening);
	forget_trace(session);
	G_OBJECT_CLASS(trv_session_parent_class)->dispose(object);
}

static void trv_session_finalize(GObject *object)
{
	TrvSession *session = TRV_SESSION(object);

	g_hash_table_unref(session->row_index);
	g_array_unref(session->pinned);
	g_array_unref(session->hidden);
	g_array_unref(session->by_hand);
	g_array_unref(session->folded);
	g_array_unref(session->bookmarks);
	g_ptr_array_unref(session->filters);
	g_array_unref(session->back);
	g_array_unref(session->forward);
	g_free(session->memory_folder);
	g_free(session->path);
	g_free(session->error);
	G_OBJECT_CLASS(trv_session_parent_class)->finalize(object);
}

static void trv_session_class_init(TrvSessionClass *class)
{
	GObjectClass *object_class = G_OBJECT_CLASS(class);

	object_class->dispose = trv_session_dispose;
	object_class->finalize = trv_session_finalize;
	changed_signal = g_signal_new("changed", TRV_TYPE_SESSION, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
				      NULL, G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void trv_session_init(TrvSession *session)
{
	session->row_index = g_hash_table_new(g_int64_hash, g_int64_equal);
	session->pinned = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	session->hidden = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	session->by_hand = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	session->folded = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	session->bookmarks = g_array_new(FALSE, FALSE, sizeof(struct trv_bookmark));
	g_array_set_clear_func(session->bookmarks, trv__bookmark_clear);
	session->filters = g_ptr_array_new_with_free_func(g_free);
	session->back = g_array_new(FALSE, FALSE, sizeof(struct trv__place));
	session->forward = g_array_new(FALSE, FALSE, sizeof(struct trv__place));
	session->focus = SIZE_MAX;
	session->chain_depth = 1;
	session->view = (struct trv_span){0, 1};
}

TrvSession *trv_session_new(void)
{
	return g_object_new(TRV_TYPE_SESSION, NULL);
}
