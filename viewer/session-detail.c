/*
 * session-detail.c - getting hold of what is in sight
 *
 * A long time is shown by summaries, at once. A short one is shown event by event, and for that
 * its events have to be read, which takes longer than a frame may: they are read between frames,
 * and until then it is shown by summaries, too.
 */
#include "viewer/session-private.h"

static gboolean fetch_some(gpointer data)
{
	TrvSession *session = data;
	uint64_t from = (uint64_t)MAX(session->view.from, 0),
		 to = (uint64_t)MAX(session->view.to, 0);
	bool near = trc_trace_near(session->trace, from, to);
	bool fetched = near && trc_trace_fetch(session->trace, from, to);
	bool here = near && trc_trace_here(session->trace, from, to);

	/* What cannot be read is shown without. */
	session->unreadable |= near && !fetched && !here;
	if (fetched && !here)
		return G_SOURCE_CONTINUE;
	session->fetching = 0;
	trv__session_changed(session, TRV_CHANGED_DETAIL);
	return G_SOURCE_REMOVE;
}

bool trv_session_detail(TrvSession *session)
{
	uint64_t from = (uint64_t)MAX(session->view.from, 0),
		 to = (uint64_t)MAX(session->view.to, 0);

	if (!session->trace || !trc_trace_near(session->trace, from, to))
		return false;
	if (session->unreadable || trc_trace_here(session->trace, from, to))
		return true;
	if (session->fetching == 0)
		session->fetching = g_idle_add(fetch_some, session);
	return false;
}

size_t trv_session_messages_in_sight(TrvSession *session)
{
	uint64_t from = (uint64_t)MAX(session->view.from, 0),
		 to = (uint64_t)MAX(session->view.to, 0);
	struct trc_density slices[64];
	double sum = 0;

	if (!session->trace)
		return 0;
	if (trv_session_detail(session))
		return trc_trace_messages(session->trace, from, to, NULL, 0);
	trc_trace_density(session->trace, from, to, slices, G_N_ELEMENTS(slices));
	for (size_t i = 0; i < G_N_ELEMENTS(slices); i++)
		sum += slices[i].sends;
	return (size_t)(sum + 0.5);
}
