/*
 * session-find.c - looks for messages that a filter lets through, a little in each idle moment
 *
 * The trace is asked window by window of time. A window is as long as makes its messages fit the
 * buffer: it doubles while they do and shrinks when they do not, so that a quiet hour costs one
 * question and a busy millisecond as many as it takes.
 */
#include "viewer/session-private.h"

enum {
	SLICE_US = 6000,   /* of the main loop's time, at most, before it may draw again */
	BUFFER = 2048,     /* messages */
	FOUND_MAX = 50000, /* kept to be walked and marked; all others are counted */
};

#define WINDOW_MIN UINT64_C(1000) /* ns */

struct trv__search {
	struct trv_filter *filter;
	uint64_t from;   /* where to go on */
	uint64_t length; /* of the next window */
	size_t room;
	struct trc_message_info *buffer;
	GArray *found; /* of struct trv_found, by time */
	size_t total;
	guint idle; /* 0: all has been looked at */
};

/* Whose payload a filter may want. */
struct asked {
	TrvSession *session;
	uint64_t message;
};

static char *text_of(void *context)
{
	const struct asked *asked = context;

	return trc_trace_message_text(asked->session->trace, asked->message, false);
}

static const char *kind_of(const struct trc_model *names, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(names, id);

	return actor ? trc_model_kind_name(names, actor->kind) : "";
}

/* How long the sender waited for this message: for space, and for the reply. */
static int64_t wait_of(TrvSession *session, const struct trc_message_info *message)
{
	uint64_t begin = message->space_since ? message->space_since : message->sent;
	uint64_t end = message->sent;

	if (message->token != 0)
		end = message->replied ? message->replied : session->info.last_time;
	return end > begin ? (int64_t)(end - begin) : 0;
}

static bool lets_through(TrvSession *session, const struct trc_message_info *message)
{
	const struct trc_model *names = trc_trace_model(session->trace);
	struct asked asked = {session, message->id};
	struct trv_subject subject = {
		.from = trc_model_actor_name(names, message->sender),
		.from_kind = kind_of(names, message->sender),
		.to = trc_model_actor_name(names, message->receiver),
		.to_kind = kind_of(names, message->receiver),
		.type = trc_model_type_name(names, message->type),
		.wait = wait_of(session, message),
		.text = text_of,
		.context = &asked,
	};

	return trv_filter_matches(session->search->filter, &subject);
}

static void check_message(TrvSession *session, const struct trc_message_info *message)
{
	struct trv__search *search = session->search;
	struct trv_found found = {message->sent, message->id};

	if (!lets_through(session, message))
		return;
	search->total++;
	if (search->found->len < FOUND_MAX)
		g_array_append_val(search->found, found);
}

/* Looks through one window; false when it held too many and has to be asked for again, smaller. */
static bool search_window(TrvSession *session)
{
	struct trv__search *search = session->search;
	uint64_t to = MIN(search->from + search->length, session->info.last_time);
	size_t count;

	if (search->length > WINDOW_MIN && !trc_trace_near(session->trace, search->from, to)) {
		search->length /= 4;
		return false;
	}
	count = trc_trace_messages(session->trace, search->from, to, search->buffer, search->room);
	if (count > search->room && search->length > WINDOW_MIN) {
		search->length /= 4;
		return false;
	}
	if (count > search->room) { /* so many at one instant, or under way: they must fit */
		search->room = count;
		search->buffer = g_renew(struct trc_message_info, search->buffer, count);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		if (search->buffer[i].sent >= search->from) /* else it was in a window before */
			check_message(session, &search->buffer[i]);
	}
	search->from = to + 1;
	search->length = MIN(search->length * 2, (uint64_t)INT64_MAX / 4);
	return true;
}

static gboolean search_some(gpointer data)
{
	TrvSession *session = data;
	gint64 end = g_get_monotonic_time() + SLICE_US;

	while (session->search->from <= session->info.last_time && g_get_monotonic_time() < end)
		search_window(session);
	if (session->search->from > session->info.last_time)
		session->search->idle = 0;
	trv__session_changed(session, TRV_CHANGED_HITS);
	return session->search && session->search->idle ? G_SOURCE_CONTINUE : G_SOURCE_REMOVE;
}

void trv__session_find_on(TrvSession *session)
{
	if (session->search && session->search->idle == 0)
		session->search->idle = g_idle_add(search_some, session);
}

void trv__session_find_end(TrvSession *session)
{
	struct trv__search *search = g_steal_pointer(&session->search);

	if (!search)
		return;
	g_clear_handle_id(&search->idle, g_source_remove);
	trv_filter_free(search->filter);
	g_array_unref(search->found);
	g_free(search->buffer);
	g_free(search);
}

bool trv_session_find(TrvSession *session, const char *text, char ret_error[TRV_FILTER_ERROR])
{
	struct trv_filter *filter = trv_filter_parse(text, ret_error);
	bool nothing = !filter || trv_filter_is_empty(filter) || session->state != TRV_READY;

	trv__session_find_end(session);
	if (nothing) {
		trv__session_changed(session, TRV_CHANGED_HITS);
		trv_filter_free(filter);
		return filter != NULL;
	}
	session->search = g_new0(struct trv__search, 1);
	*session->search = (struct trv__search){
		.filter = filter,
		.length = (session->info.last_time - session->info.first_time) / 16 + WINDOW_MIN,
		.room = BUFFER,
		.buffer = g_new(struct trc_message_info, BUFFER),
		.found = g_array_new(FALSE, FALSE, sizeof(struct trv_found)),
	};
	trv__session_find_on(session);
	trv__session_changed(session, TRV_CHANGED_HITS);
	return true;
}

struct trv_hits trv_session_hits(TrvSession *session)
{
	const struct trv__search *search = session->search;

	if (!search)
		return (struct trv_hits){0};
	return (struct trv_hits){
		.active = true,
		.searching = search->idle != 0,
		.total = search->total,
		.count = search->found->len,
		.items = (const struct trv_found *)(void *)search->found->data,
	};
}

void trv_session_set_hide_misses(TrvSession *session, bool hide)
{
	if (session->hide_misses == hide)
		return;
	session->hide_misses = hide;
	trv__session_changed(session, TRV_CHANGED_HITS);
}

bool trv_session_hides_misses(TrvSession *session)
{
	return session->hide_misses;
}

/* The first hit at or after `time`. */
static size_t first_from(const struct trv_hits *hits, uint64_t time)
{
	size_t low = 0, high = hits->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (hits->items[middle].time < time)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

size_t trv_session_hit_index(TrvSession *session, uint64_t id)
{
	struct trv_hits hits = trv_session_hits(session);
	struct trc_message_info message;

	if (hits.count == 0 || !trc_trace_message(session->trace, id, &message))
		return SIZE_MAX;
	for (size_t i = first_from(&hits, message.sent);
	     i < hits.count && hits.items[i].time == message.sent; i++) {
		if (hits.items[i].message == id)
			return i;
	}
	return SIZE_MAX;
}

bool trv_session_go_to_hit(TrvSession *session, int by)
{
	struct trv_hits hits = trv_session_hits(session);
	size_t at = trv_session_hit_index(session, session->selection.message);

	if (hits.count == 0)
		return false;
	if (at != SIZE_MAX)
		at = (at + hits.count + (size_t)by) % hits.count;
	else if (by > 0)
		at = first_from(&hits, (uint64_t)session->time) % hits.count;
	else
		at = (first_from(&hits, (uint64_t)session->time) + hits.count - 1) % hits.count;
	trv_session_go_to_message(session, hits.items[at].message);
	return true;
}
