/*
 * session-navigate.c - moving about in a trace: view, playhead, selection, findings
 */
#include "viewer/session-private.h"

/* What the user moves by hand no longer follows the end of a live recording. */
static guint let_go(TrvSession *session)
{
	if (!session->follow)
		return 0;
	session->follow = false;
	return TRV_CHANGED_FOLLOW;
}

/* A near view keeps as small a share of itself free before the first event as the whole does:
 * nothing is there to be seen, and times before 0 only puzzle. */
static struct trv_span within(TrvSession *session, struct trv_span view)
{
	struct trv_span limits = trv_session_limits(session);
	int64_t first = (int64_t)session->info.first_time - (view.to - view.from) / 50;

	if (view.to - view.from < limits.to - limits.from)
		limits.from = CLAMP(first, limits.from, limits.to - (view.to - view.from));
	return trv_span_clamp(view, limits);
}

static guint move_view(TrvSession *session, struct trv_span view)
{
	view.to = MAX(view.to, view.from + TRV_SPAN_MIN);
	view = within(session, view);
	if (view.from == session->view.from && view.to == session->view.to)
		return 0;
	session->view = view;
	return TRV_CHANGED_VIEW;
}

static guint move_time(TrvSession *session, int64_t time)
{
	time = CLAMP(time, (int64_t)session->info.first_time, (int64_t)session->info.last_time);
	if (time == session->time)
		return 0;
	session->time = time;
	return TRV_CHANGED_TIME | trv__session_state_moved(session);
}

/* A view of the same length in which `time` is not nearer to an end than an eighth. */
static struct trv_span view_with(TrvSession *session, int64_t time)
{
	struct trv_span view = session->view;
	int64_t margin = (view.to - view.from) / 8;

	if (time < view.from + margin)
		return trv_span_move(view, time - margin - view.from);
	if (time > view.to - margin)
		return trv_span_move(view, time + margin - view.to);
	return view;
}

/* --- time --------------------------------------------------------------------------------------
 */

struct trv_span trv_session_view(TrvSession *session)
{
	return session->view;
}

struct trv_span trv_session_limits(TrvSession *session)
{
	struct trv_span whole = {(int64_t)session->info.first_time,
				 (int64_t)session->info.last_time};

	if (whole.to <= whole.from)
		whole.to = whole.from + 1;
	return trv_span_pad(whole, 0.02, 1000);
}

void trv_session_set_view(TrvSession *session, struct trv_span view)
{
	if (session->state == TRV_READY)
		trv__session_changed(session, let_go(session) | move_view(session, view));
}

void trv_session_zoom(TrvSession *session, double factor, int64_t anchor)
{
	struct trv_span view = trv_span_zoom(session->view, factor, anchor);

	if (session->state != TRV_READY)
		return;
	session->follow_length = view.to - view.from; /* zooming does not let go */
	trv__session_changed(session, move_view(session, view));
}

void trv_session_pan(TrvSession *session, double share)
{
	int64_t length = session->view.to - session->view.from;

	trv_session_set_view(session,
			     trv_span_move(session->view, (int64_t)((double)length * share)));
}

void trv_session_fit(TrvSession *session)
{
	trv__session_leave(session);
	trv_session_set_view(session, trv_session_limits(session));
}

int64_t trv_session_time(TrvSession *session)
{
	return session->time;
}

void trv_session_set_time(TrvSession *session, int64_t time)
{
	if (session->state == TRV_READY)
		trv__session_changed(session, let_go(session) | move_time(session, time));
}

void trv_session_show_time(TrvSession *session, int64_t time)
{
	if (session->state == TRV_READY)
		trv__session_changed(session, move_view(session, view_with(session, time)));
}

void trv_session_go_to_time(TrvSession *session, int64_t time)
{
	trv__session_leave(session);
	trv_session_set_time(session, time);
	trv_session_show_time(session, session->time);
}

void trv_session_step(TrvSession *session, uint64_t actor, bool forward)
{
	uint64_t time;

	if (session->state != TRV_READY)
		return;
	time = trc_trace_step(session->trace, (uint64_t)session->time, actor, forward);
	trv__session_changed(session,
			     let_go(session) | move_time(session, (int64_t)time) |
				     move_view(session, view_with(session, (int64_t)time)));
}

/* --- selection ---------------------------------------------------------------------------------
 */

const struct trv_selection *trv_session_selection(TrvSession *session)
{
	return &session->selection;
}

static guint select_this(TrvSession *session, struct trv_selection selection)
{
	session->selection = selection;
	return TRV_CHANGED_SELECTION;
}

static struct trv_selection selected_actor(uint64_t actor)
{
	return (struct trv_selection){.kind = TRV_SELECTED_ACTOR, .actor = actor};
}

void trv_session_select_actor(TrvSession *session, uint64_t actor)
{
	trv__session_changed(session, select_this(session, selected_actor(actor)));
}

static struct trv_selection selected_message(const struct trc_message_info *message)
{
	return (struct trv_selection){
		.kind = TRV_SELECTED_MESSAGE, .actor = message->receiver, .message = message->id};
}

void trv_session_select_message(TrvSession *session, uint64_t message)
{
	struct trc_message_info info;

	if (session->trace && trc_trace_message(session->trace, message, &info))
		trv__session_changed(session, select_this(session, selected_message(&info)));
}

void trv_session_select_wait(TrvSession *session, uint64_t actor, const struct trc_span *wait)
{
	trv__session_changed(session, select_this(session, (struct trv_selection){
								   .kind = TRV_SELECTED_WAIT,
								   .actor = actor,
								   .message = wait->message,
								   .wait = *wait,
							   }));
}

uint64_t trv_session_selected_actor(TrvSession *session)
{
	return session->selection.actor;
}

void trv_session_go_to_message(TrvSession *session, uint64_t id)
{
	struct trc_message_info message;
	int64_t sent;
	guint what;

	if (!session->trace || !trc_trace_message(session->trace, id, &message))
		return;
	trv__session_leave(session);
	sent = (int64_t)message.sent;
	session->revealed = message.receiver;
	what = let_go(session) | select_this(session, selected_message(&message));
	what |= move_time(session, sent) | move_view(session, view_with(session, sent));
	trv__session_changed(session, what | TRV_CHANGED_REVEAL);
}

void trv_session_go_to_deed(TrvSession *session, uint64_t actor, uint64_t time)
{
	if (session->state != TRV_READY)
		return;
	trv__session_leave(session);
	if (actor)
		trv__session_unveil(session, actor);
	session->revealed = actor;
	trv__session_changed(session,
			     let_go(session) | move_time(session, (int64_t)time) |
				     move_view(session, view_with(session, (int64_t)time)) |
				     TRV_CHANGED_REVEAL);
}

void trv_session_go_to_wait(TrvSession *session, uint64_t actor, uint64_t begin)
{
	struct trc_span spans[64];
	size_t count;

	if (session->state != TRV_READY)
		return;
	trv_session_go_to_deed(session, actor, begin);
	count = trc_trace_spans(session->trace, actor, begin, begin, spans, G_N_ELEMENTS(spans));
	for (size_t i = 0; i < MIN(count, G_N_ELEMENTS(spans)); i++) {
		if (spans[i].kind == TRC_SPAN_WAIT && spans[i].begin == begin) {
			trv_session_select_wait(session, actor, &spans[i]);
			return;
		}
	}
}

void trv_session_go_to_actor(TrvSession *session, uint64_t actor)
{
	if (!session->trace || !trc_model_actor(trc_trace_model(session->trace), actor))
		return;
	session->revealed = actor;
	trv__session_unveil(session, actor);
	trv__session_changed(session,
			     select_this(session, selected_actor(actor)) | TRV_CHANGED_REVEAL);
}

bool trv_session_go_to_cause(TrvSession *session)
{
	struct trc_message_info message;

	if (session->selection.message == 0 ||
	    !trc_trace_message(session->trace, session->selection.message, &message) ||
	    !trc_trace_message(session->trace, message.cause, &message))
		return false;
	trv_session_go_to_message(session, message.id);
	return true;
}

bool trv_session_go_to_effect(TrvSession *session)
{
	uint64_t effect;

	if (session->selection.message == 0 ||
	    trc_trace_effects(session->trace, session->selection.message, &effect, 1) == 0)
		return false;
	trv_session_go_to_message(session, effect);
	return true;
}

uint64_t trv_session_revealed(TrvSession *session)
{
	return session->revealed;
}

/* --- findings ----------------------------------------------------------------------------------
 */

const struct trc_finding *trv_session_focus(TrvSession *session)
{
	if (!session->survey || session->focus >= session->survey->findings.count)
		return NULL;
	return &session->survey->findings.items[session->focus];
}

size_t trv_session_focus_index(TrvSession *session)
{
	return session->focus;
}

int64_t trv_finding_instant(const struct trc_finding *finding)
{
	uint64_t instant = finding->time;

	for (unsigned i = 0; i < finding->core_edge_count; i++)
		instant = MAX(instant, finding->edges[i].since);
	return (int64_t)MIN(instant, (uint64_t)INT64_MAX / 4);
}

/* From before its first wait to after its last: the closing instant stands right of the middle. Of
 * a stall the whole time for which it held others up. */
static struct trv_span frame_of(TrvSession *session, const struct trc_finding *finding)
{
	struct trv_span limits = trv_session_limits(session);
	int64_t instant = trv_finding_instant(finding);
	int64_t first = (int64_t)MIN(finding->time, (uint64_t)instant);
	int64_t last, length;

	for (unsigned i = 0; i < finding->core_edge_count; i++)
		first = MIN(first, (int64_t)MIN(finding->edges[i].since, (uint64_t)instant));
	last = instant + (int64_t)MIN(finding->held, (uint64_t)(limits.to - limits.from));
	length = MAX(last - first, (limits.to - limits.from) / 200);
	return (struct trv_span){first - length / 4,
				 last + (finding->held ? length / 4 : length / 10 * 7)};
}

static guint frame_focus(TrvSession *session)
{
	const struct trc_finding *focus = trv_session_focus(session);

	if (!focus)
		return 0;
	trv__session_leave(session);
	if (focus->actor_count > 0)
		session->revealed = focus->actors[0];
	return let_go(session) | move_view(session, frame_of(session, focus)) |
	       move_time(session, trv_finding_instant(focus)) | TRV_CHANGED_REVEAL;
}

void trv_session_frame_focus(TrvSession *session)
{
	trv__session_changed(session, frame_focus(session));
}

size_t trv_session_refuted_count(TrvSession *session)
{
	const struct trc_findings *findings = session->survey ? &session->survey->findings : NULL;
	size_t first = findings ? findings->count : 0;

	while (first > 0 && findings->items[first - 1].code == TRC_CODE_REFUTED)
		first--;
	return findings ? findings->count - first : 0;
}

size_t trv_session_finding_count(TrvSession *session)
{
	if (!session->survey)
		return 0;
	return session->survey->findings.count -
	       (session->show_refuted ? 0 : trv_session_refuted_count(session));
}

bool trv_session_shows_refuted(TrvSession *session)
{
	return session->show_refuted;
}

static guint lose_focus(TrvSession *session)
{
	guint what = TRV_CHANGED_SELECTION | TRV_CHANGED_LANES;

	session->focus = SIZE_MAX;
	trv__session_arrange(session);
	if (session->selection.kind == TRV_SELECTED_FINDING)
		session->selection = (struct trv_selection){0};
	return what;
}

void trv_session_select_none(TrvSession *session)
{
	guint what = TRV_CHANGED_SELECTION;

	if (session->selection.kind == TRV_SELECTED_NONE && trv_session_focus(session))
		what |= lose_focus(session);
	session->selection = (struct trv_selection){0};
	trv__session_changed(session, what);
}

void trv_session_set_show_refuted(TrvSession *session, bool show)
{
	guint what = TRV_CHANGED_FINDINGS;

	if (session->show_refuted == show)
		return;
	session->show_refuted = show;
	if (session->focus != SIZE_MAX && session->focus >= trv_session_finding_count(session))
		what |= lose_focus(session);
	trv__session_changed(session, what);
}

void trv_session_go_to_finding(TrvSession *session, size_t index)
{
	guint what = TRV_CHANGED_LANES;

	if (!session->survey || index >= session->survey->findings.count)
		return;
	if (index >= trv_session_finding_count(session)) {
		session->show_refuted = true;
		what |= TRV_CHANGED_FINDINGS;
	}
	session->focus = index;
	trv__session_arrange(session);
	what |= frame_focus(session);
	what |= select_this(session,
			    (struct trv_selection){.kind = TRV_SELECTED_FINDING, .finding = index});
	trv__session_changed(session, what);
}

void trv_session_go_to_neighbour_finding(TrvSession *session, int by)
{
	size_t count = trv_session_finding_count(session);

	if (count == 0)
		return;
	if (session->focus == SIZE_MAX)
		trv_session_go_to_finding(session, by > 0 ? 0 : count - 1);
	else
		trv_session_go_to_finding(session, (session->focus + count + (size_t)by) % count);
}
