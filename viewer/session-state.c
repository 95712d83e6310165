/*
 * session-state.c - the state that is shown: that at the playhead, as soon as it has been read
 */
#include "viewer/session-private.h"

#include "viewer/state-reader.h"

#include <glib-unix.h>

enum { LATE_MS = 100 };

static void drop_waits(TrvSession *session)
{
	session->waits_valid = false;
	trv_wait_graph_clear(&session->waits);
}

static void drop_model(TrvSession *session)
{
	session->model = NULL;
	drop_waits(session);
}

/* --- answers -----------------------------------------------------------------------------------
 */

static gboolean on_late(gpointer data)
{
	TrvSession *session = data;

	session->late = 0;
	session->is_late = true;
	trv__session_changed(session, TRV_CHANGED_MOMENT);
	return G_SOURCE_REMOVE;
}

static void be_in_time(TrvSession *session)
{
	g_clear_handle_id(&session->late, g_source_remove);
	session->is_late = false;
}

static void await(TrvSession *session)
{
	if (!session->late && !session->is_late)
		session->late = g_timeout_add(LATE_MS, on_late, session);
}

/* The file can be gone, or be another one by now. What is open stays open: states are read from
 * that, if slower for the user. */
static void do_without_reader(TrvSession *session)
{
	if (!session->model_is_ours)
		drop_model(session);
	session->answers = 0;
	g_clear_pointer(&session->reader, trv_state_reader_free);
	if (session->late || session->is_late)
		drop_model(session);
	be_in_time(session);
}

static gboolean on_answer(int fd, GIOCondition condition, gpointer data)
{
	TrvSession *session = data;
	uint64_t time;

	switch (trv_state_reader_take(session->reader, &session->model, &time)) {
	case TRV_STATE_READ:
		session->model_is_ours = false;
		session->model_time = (int64_t)time;
		drop_waits(session);
		be_in_time(session);
		if (session->model_time != session->time)
			await(session);
		break;
	case TRV_STATE_FAILED:
		do_without_reader(session);
		break;
	default:
		return G_SOURCE_CONTINUE;
	}
	trv__session_changed(session, TRV_CHANGED_MOMENT);
	return session->reader ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

/* --- questions ---------------------------------------------------------------------------------
 */

void trv__session_begin_states(TrvSession *session)
{
	session->version = 0;
	session->reader = trv_state_reader_new(session->path, session->info.wall_start);
	if (session->reader)
		session->answers = g_unix_fd_add(trv_state_reader_fd(session->reader), G_IO_IN,
						 on_answer, session);
}

void trv__session_end_states(TrvSession *session)
{
	drop_model(session);
	be_in_time(session);
	g_clear_handle_id(&session->answers, g_source_remove);
	g_clear_pointer(&session->reader, trv_state_reader_free);
}

guint trv__session_state_moved(TrvSession *session)
{
	if (!session->reader)
		drop_model(session);
	if (!session->model)
		return TRV_CHANGED_MOMENT;
	trv_state_reader_ask(session->reader, (uint64_t)session->time, session->version);
	await(session);
	return 0;
}

guint trv__session_state_grown(TrvSession *session)
{
	session->version++;
	if (session->model_is_ours)
		drop_model(session);
	return trv__session_state_moved(session);
}

/* --- what is shown -----------------------------------------------------------------------------
 */

const struct trc_model *trv_session_model(TrvSession *session)
{
	if (!session->model && session->trace) {
		session->model = trc_trace_state_at(session->trace, (uint64_t)session->time);
		session->model_is_ours = true;
		session->model_time = session->time;
	}
	return session->model;
}

int64_t trv_session_model_time(TrvSession *session)
{
	return session->model ? session->model_time : session->time;
}

bool trv_session_is_settled(TrvSession *session)
{
	return !session->late && !session->is_late;
}

bool trv_session_is_late(TrvSession *session)
{
	return session->is_late;
}

const struct trv_wait_graph *trv_session_waits(TrvSession *session)
{
	const struct trc_model *model = trv_session_model(session);

	if (model && !session->waits_valid) {
		trv_wait_graph_build(model, &session->waits);
		session->waits_valid = true;
	}
	return &session->waits;
}
