/*
 * session-chain.c - from message to message: causes and effects, the same kind, the next one sent;
 * from wait to wait
 */
#include "viewer/session-private.h"

enum {
	CHAIN_DEPTH_MAX = 12,
	EFFECTS_MAX = 300,
	BUFFER = 1024,        /* messages */
	LOOK_US = 400 * 1000, /* of the main loop's time, before a search gives up */
	LOOKS = 16,           /* that it has all the same: others may have had that time */
	WAIT_SHARE = 300,     /* of the visible span: shorter waits cannot be seen */
	SPANS_MAX = 512,
};

/* --- the chain that is drawn -------------------------------------------------------------------
 */

unsigned trv_session_chain_depth(TrvSession *session)
{
	return session->chain_depth;
}

void trv_session_set_chain_depth(TrvSession *session, unsigned depth)
{
	depth = CLAMP(depth, 1, CHAIN_DEPTH_MAX);
	if (session->chain_depth == depth)
		return;
	session->chain_depth = depth;
	trv__session_changed(session, TRV_CHANGED_SELECTION);
}

static void add_effects(TrvSession *session, uint64_t message, GArray *chain, size_t max)
{
	uint64_t effects[EFFECTS_MAX];
	size_t count = trc_trace_effects(session->trace, message, effects, EFFECTS_MAX);

	count = MIN(count, EFFECTS_MAX);
	for (size_t i = 0; i < count && chain->len < max; i++)
		g_array_append_val(chain, effects[i]);
}

GArray *trv_session_chain(TrvSession *session, size_t max)
{
	GArray *chain = g_array_new(FALSE, FALSE, sizeof(uint64_t));
	uint64_t selected = session->selection.message;
	struct trc_message_info message;
	guint begin, end;

	if (selected == 0 || !session->trace || max == 0)
		return chain;
	g_array_append_val(chain, selected);
	for (unsigned depth = 0; depth < session->chain_depth && chain->len < max; depth++) {
		uint64_t last = g_array_index(chain, uint64_t, chain->len - 1);

		if (!trc_trace_message(session->trace, last, &message) || message.cause == 0)
			break;
		g_array_append_val(chain, message.cause);
	}
	/* its effects, level by level */
	begin = end = chain->len;
	add_effects(session, selected, chain, max);
	for (unsigned depth = 1; depth < session->chain_depth; depth++) {
		begin = end;
		end = chain->len;
		for (guint i = begin; i < end; i++)
			add_effects(session, g_array_index(chain, uint64_t, i), chain, max);
	}
	return chain;
}

/* The effect of the same cause after or before the selected one. */
bool trv_session_go_to_sibling(TrvSession *session, int by)
{
	struct trc_message_info message;
	uint64_t effects[EFFECTS_MAX];
	size_t count, at = SIZE_MAX;

	if (session->selection.message == 0 ||
	    !trc_trace_message(session->trace, session->selection.message, &message) ||
	    message.cause == 0)
		return false;
	count = trc_trace_effects(session->trace, message.cause, effects, EFFECTS_MAX);
	count = MIN(count, EFFECTS_MAX);
	for (size_t i = 0; i < count; i++) {
		if (effects[i] == message.id)
			at = i;
	}
	if (at == SIZE_MAX || count < 2)
		return false;
	trv_session_go_to_message(session, effects[(at + count + (size_t)by) % count]);
	return true;
}

/* --- along the messages ------------------------------------------------------------------------
 */

struct wanted {
	bool any;
	uint16_t type;
	uint64_t sender, receiver; /* 0: whoever */
};

static bool is_wanted(const struct wanted *wanted, const struct trc_message_info *message)
{
	return wanted->any || (message->type == wanted->type &&
			       (wanted->sender == 0 || message->sender == wanted->sender) &&
			       (wanted->receiver == 0 || message->receiver == wanted->receiver));
}

/* Messages sent in [from, to]; NULL when that is too long or holds more than `max`. */
static struct trc_message_info *sent_in(TrvSession *session, uint64_t from, uint64_t to, size_t max,
					size_t *ret_count)
{
	struct trc_message_info *messages;
	size_t count, kept = 0;

	if (!trc_trace_near(session->trace, from, to) && to > from)
		return NULL;
	count = trc_trace_messages(session->trace, from, to, NULL, 0);
	if (count > max && to > from)
		return NULL;
	messages = g_new(struct trc_message_info, count + 1);
	trc_trace_messages(session->trace, from, to, messages, count);
	for (size_t i = 0; i < count; i++) {
		if (messages[i].sent >= from) /* not one that was under way already */
			messages[kept++] = messages[i];
	}
	*ret_count = kept;
	return messages;
}

/* The nearest one in messages ordered by time: the first after, or the last before, `time` and the
 * message `but`. */
static uint64_t nearest(const struct trc_message_info *messages, size_t count,
			const struct wanted *wanted, uint64_t time, uint64_t but, bool forward)
{
	for (size_t i = 0; i < count; i++) {
		const struct trc_message_info *message = &messages[forward ? i : count - 1 - i];
		bool beyond = forward ? message->sent > time ||
						(message->sent == time && message->id > but)
				      : message->sent < time ||
						(message->sent == time && message->id < but);

		if (beyond && message->id != but && is_wanted(wanted, message))
			return message->id;
	}
	return 0;
}

/* Looks in windows of time that grow while they are quiet and shrink while they are crowded. */
static enum trv_sought seek(TrvSession *session, const struct wanted *wanted, uint64_t time,
			    uint64_t but, bool forward, uint64_t *ret_message)
{
	gint64 deadline = g_get_monotonic_time() + LOOK_US;
	uint64_t first = session->info.first_time, last = session->info.last_time, at = time;
	uint64_t length = MAX((uint64_t)(session->view.to - session->view.from) / 64, 1000);

	for (unsigned looks = 1;; looks++) {
		uint64_t from = forward ? at : at - MIN(at, length);
		uint64_t to = forward ? at + MIN(length, UINT64_MAX - at) : at;
		size_t count = 0;
		g_autofree struct trc_message_info *messages =
			sent_in(session, from, to, BUFFER, &count);
		uint64_t found;

		if (!messages) {
			length /= 4;
			continue;
		}
		found = nearest(messages, count, wanted, time, but, forward);
		if (found != 0) {
			*ret_message = found;
			return TRV_SOUGHT_FOUND;
		}
		if (forward ? to >= last : from <= first)
			return TRV_SOUGHT_NONE;
		if (looks >= LOOKS && g_get_monotonic_time() > deadline)
			return TRV_SOUGHT_GAVE_UP;
		at = forward ? to + 1 : from - 1;
		length = MIN(length * 2, (uint64_t)INT64_MAX / 4);
	}
}

static enum trv_sought go_to_wanted(TrvSession *session, const struct wanted *wanted, uint64_t time,
				    uint64_t but, bool forward)
{
	uint64_t message;
	enum trv_sought sought = seek(session, wanted, time, but, forward, &message);

	if (sought == TRV_SOUGHT_FOUND)
		trv_session_go_to_message(session, message);
	return sought;
}

enum trv_sought trv_session_go_to_same(TrvSession *session, bool same_pair, bool forward)
{
	struct trc_message_info selected;
	struct wanted wanted = {0};

	if (session->selection.message == 0 ||
	    !trc_trace_message(session->trace, session->selection.message, &selected))
		return TRV_SOUGHT_NOTHING;
	wanted.type = selected.type;
	if (same_pair) {
		wanted.sender = selected.sender;
		wanted.receiver = selected.receiver;
	}
	return go_to_wanted(session, &wanted, selected.sent, selected.id, forward);
}

enum trv_sought trv_session_step_message(TrvSession *session, bool forward)
{
	const struct wanted wanted = {.any = true};
	struct trc_message_info selected;
	uint64_t time = (uint64_t)MAX(session->time, 0), but = forward ? UINT64_MAX : 0;

	if (session->state != TRV_READY)
		return TRV_SOUGHT_NOTHING;
	if (session->selection.message != 0 &&
	    trc_trace_message(session->trace, session->selection.message, &selected) &&
	    selected.sent == time)
		but = selected.id;
	return go_to_wanted(session, &wanted, time, but, forward);
}

/* --- along the waits of an actor ---------------------------------------------------------------
 */

static bool is_long_wait(const struct trc_span *span, uint64_t least, uint64_t last)
{
	uint64_t end = MIN(span->end, last);

	return span->kind == TRC_SPAN_WAIT && end > span->begin && end - span->begin >= least;
}

enum trv_sought trv_session_go_to_long_wait(TrvSession *session, bool forward)
{
	uint64_t actor = session->selection.actor, time = (uint64_t)MAX(session->time, 0);
	uint64_t first = session->info.first_time, last = session->info.last_time;
	uint64_t view = (uint64_t)(session->view.to - session->view.from);
	uint64_t length = MAX(view / 4, 1000), at = time;
	gint64 deadline = g_get_monotonic_time() + LOOK_US;
	g_autofree struct trc_span *spans = g_new(struct trc_span, SPANS_MAX);

	if (actor == 0 || session->state != TRV_READY)
		return TRV_SOUGHT_NOTHING;
	for (unsigned looks = 0; looks < LOOKS || g_get_monotonic_time() < deadline; looks++) {
		uint64_t from = forward ? at : at - MIN(at, length);
		uint64_t to = forward ? at + length : at;
		const struct trc_span *best = NULL;
		size_t count;

		if (length > 1000 && !trc_trace_near(session->trace, from, to)) {
			length /= 4;
			continue;
		}
		count = trc_trace_spans(session->trace, actor, from, to, spans, SPANS_MAX);

		/* The longest are kept when there are too many: those are wanted. */
		for (size_t i = 0; i < MIN(count, SPANS_MAX); i++) {
			const struct trc_span *span = &spans[i];

			if (!is_long_wait(span, view / WAIT_SHARE, last) ||
			    (forward ? span->begin <= time : span->begin >= time))
				continue;
			if (!best ||
			    (forward ? span->begin < best->begin : span->begin > best->begin))
				best = span;
		}
		if (best) {
			trv_session_go_to_wait(session, actor, best->begin);
			return TRV_SOUGHT_FOUND;
		}
		if (forward ? to >= last : from <= first)
			return TRV_SOUGHT_NONE;
		at = forward ? to : from;
		length = MIN(length * 2, (uint64_t)INT64_MAX / 4);
	}
	return TRV_SOUGHT_GAVE_UP;
}
