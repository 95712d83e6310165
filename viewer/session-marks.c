/*
 * session-marks.c - what the user marks in a trace: the range from A to B, bookmarks; and the way
 * back to where one was
 */
#include "viewer/session-private.h"

enum { HISTORY_MAX = 100 };

/* --- A and B -----------------------------------------------------------------------------------
 */

const struct trv_markers *trv_session_markers(TrvSession *session)
{
	return &session->markers;
}

void trv_session_set_marker(TrvSession *session, bool b, int64_t time)
{
	struct trv_markers *markers = &session->markers;
	bool *set = b ? &markers->b_set : &markers->a_set;
	int64_t *at = b ? &markers->b : &markers->a;

	if (session->state != TRV_READY)
		return;
	*set = !(*set && *at == time);
	*at = time;
	trv__session_changed(session, TRV_CHANGED_MARKS);
}

void trv_session_set_range(TrvSession *session, int64_t from, int64_t to)
{
	if (session->state != TRV_READY)
		return;
	session->markers = (struct trv_markers){true, true, MIN(from, to), MAX(from, to)};
	trv__session_changed(session, TRV_CHANGED_MARKS);
}

void trv_session_clear_markers(TrvSession *session)
{
	session->markers = (struct trv_markers){0};
	trv__session_changed(session, TRV_CHANGED_MARKS);
}

struct trv_span trv_session_range(TrvSession *session)
{
	const struct trv_markers *markers = &session->markers;

	if (!markers->a_set || !markers->b_set || markers->a == markers->b)
		return session->view;
	return (struct trv_span){MIN(markers->a, markers->b), MAX(markers->a, markers->b)};
}

/* --- bookmarks ---------------------------------------------------------------------------------
 */

void trv__bookmark_clear(void *bookmark)
{
	g_free(((struct trv_bookmark *)bookmark)->note);
}

size_t trv_session_bookmark_count(TrvSession *session)
{
	return session->bookmarks->len;
}

const struct trv_bookmark *trv_session_bookmark(TrvSession *session, size_t index)
{
	g_return_val_if_fail(index < session->bookmarks->len, NULL);
	return &g_array_index(session->bookmarks, struct trv_bookmark, index);
}

/* One at each instant: a second one there replaces the note. */
void trv_session_add_bookmark(TrvSession *session, int64_t time, const char *note)
{
	struct trv_bookmark new = {time, g_strdup(note)};
	guint at = 0;

	while (at < session->bookmarks->len && trv_session_bookmark(session, at)->time < time)
		at++;
	if (at < session->bookmarks->len && trv_session_bookmark(session, at)->time == time)
		g_array_remove_index(session->bookmarks, at);
	g_array_insert_val(session->bookmarks, at, new);
	trv__session_changed(session, TRV_CHANGED_MARKS);
}

void trv_session_remove_bookmark(TrvSession *session, size_t index)
{
	g_return_if_fail(index < session->bookmarks->len);
	g_array_remove_index(session->bookmarks, (guint)index);
	trv__session_changed(session, TRV_CHANGED_MARKS);
}

bool trv_session_go_to_bookmark(TrvSession *session, int by)
{
	const struct trv_bookmark *best = NULL;

	for (size_t i = 0; i < session->bookmarks->len; i++) {
		const struct trv_bookmark *mark = trv_session_bookmark(session, i);

		if (by > 0 && mark->time > session->time && !best)
			best = mark;
		if (by < 0 && mark->time < session->time)
			best = mark;
	}
	if (best)
		trv_session_go_to_time(session, best->time);
	return best != NULL;
}

/* --- the way back ------------------------------------------------------------------------------
 */

static struct trv__place here(TrvSession *session)
{
	return (struct trv__place){session->view, session->time};
}

static void push(GArray *places, struct trv__place place)
{
	if (places->len == HISTORY_MAX)
		g_array_remove_index(places, 0);
	g_array_append_val(places, place);
}

void trv__session_leave(TrvSession *session)
{
	struct trv__place place = here(session), *last;

	if (session->state != TRV_READY || session->follow)
		return;
	last = session->back->len > 0
		       ? &g_array_index(session->back, struct trv__place, session->back->len - 1)
		       : NULL;
	g_array_set_size(session->forward, 0);
	if (!last || last->time != place.time || last->view.from != place.view.from ||
	    last->view.to != place.view.to)
		push(session->back, place);
}

bool trv_session_go_back(TrvSession *session, bool forward)
{
	GArray *from = forward ? session->forward : session->back;
	GArray *to = forward ? session->back : session->forward;
	struct trv__place place;

	if (session->state != TRV_READY || from->len == 0)
		return false;
	place = g_array_index(from, struct trv__place, from->len - 1);
	g_array_set_size(from, from->len - 1);
	push(to, here(session));
	trv_session_set_view(session, place.view);
	trv_session_set_time(session, place.time);
	return true;
}
