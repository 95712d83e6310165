/*
 * session-lanes.c - how the user wants the lanes: grouped, sorted, folded, pinned, hidden, moved
 */
#include "viewer/session-private.h"

enum {
	FEW_ACTORS = 12, /* need no headings */
	FOLD_FROM = 25,  /* members: such groups begin folded */
};

static struct trv_actors list_of(const GArray *array)
{
	return (struct trv_actors){array->len, (const uint64_t *)(void *)array->data};
}

static bool find_in(const GArray *array, uint64_t item, guint *ret_index)
{
	for (guint i = 0; i < array->len; i++) {
		if (g_array_index(array, uint64_t, i) == item) {
			*ret_index = i;
			return true;
		}
	}
	return false;
}

/* Adds or removes; false when it was so already. */
static bool set_in(GArray *array, uint64_t item, bool in)
{
	guint index;
	bool is = find_in(array, item, &index);

	if (is == in)
		return false;
	if (in)
		g_array_append_val(array, item);
	else
		g_array_remove_index(array, index);
	return true;
}

/* --- arranging ---------------------------------------------------------------------------------
 */

static void index_rows(TrvSession *session)
{
	const struct trv_rows *rows = &session->rows;

	g_hash_table_remove_all(session->row_index);
	for (size_t i = 0; i < rows->count; i++) {
		const struct trv_row *row = &rows->items[i];

		if (row->actor != 0)
			g_hash_table_insert(session->row_index, (gpointer)&row->actor,
					    GSIZE_TO_POINTER(i + 1));
		for (size_t k = 0; row->folded && k < row->count; k++)
			g_hash_table_insert(session->row_index, &rows->members[row->first + k],
					    GSIZE_TO_POINTER(i + 1));
	}
}

void trv__session_arrange(TrvSession *session)
{
	const struct trv_survey *survey = session->survey;
	const struct trc_finding *focus = trv_session_focus(session);
	struct trv_arrangement arrangement = {
		.grouping = session->grouping,
		.sorting = session->sorting,
		.pinned = list_of(session->pinned),
		.hidden = list_of(session->hidden),
		.folded = list_of(session->folded),
		.by_hand = list_of(session->by_hand),
		.total_count = survey ? survey->total_count : 0,
		.totals = survey ? survey->totals : NULL,
	};

	if (focus) {
		arrangement.focus = (struct trv_actors){focus->actor_count, focus->actors};
		arrangement.victims = (struct trv_actors){focus->victim_count, focus->victims};
	}
	g_hash_table_remove_all(session->row_index);
	trv_rows_clear(&session->rows);
	trv_rows_arrange(trc_trace_model(session->trace), &arrangement, &session->rows);
	index_rows(session);
	session->actors_arranged = trc_model_actor_count(trc_trace_model(session->trace));
}

static void arrange_and_tell(TrvSession *session)
{
	if (session->state != TRV_READY)
		return;
	trv__session_arrange(session);
	trv__session_changed(session, TRV_CHANGED_LANES);
}

void trv_session_resize_lanes(TrvSession *session)
{
	arrange_and_tell(session);
}

void trv__session_forget_lanes(TrvSession *session)
{
	g_hash_table_remove_all(session->row_index);
	trv_rows_clear(&session->rows);
	g_array_set_size(session->pinned, 0);
	g_array_set_size(session->hidden, 0);
	g_array_set_size(session->folded, 0);
	g_array_set_size(session->by_hand, 0);
	session->grouping = TRV_GROUP_NONE;
	session->sorting = TRV_SORT_SPAWN;
}

/* Crowds and sockets begin folded: they would push everything else out of sight. */
static void fold_crowds(TrvSession *session)
{
	const struct trc_model *names = trc_trace_model(session->trace);

	g_array_set_size(session->folded, 0);
	trv__session_arrange(session);
	for (size_t i = 0; i < session->rows.count; i++) {
		const struct trv_row *row = &session->rows.items[i];
		bool socket =
			row->actor == 0 && session->grouping == TRV_GROUP_KIND &&
			trv_kind_is_socket(trc_model_kind_name(names, (uint32_t)(row->group - 1)));

		if (row->actor == 0 && (row->count >= FOLD_FROM || socket))
			g_array_append_val(session->folded, row->group);
	}
	trv__session_arrange(session);
}

void trv__session_begin_lanes(TrvSession *session)
{
	size_t count = trc_model_actor_count(trc_trace_model(session->trace));

	session->grouping = count > FEW_ACTORS ? TRV_GROUP_KIND : TRV_GROUP_NONE;
	fold_crowds(session);
}

/* --- looking -----------------------------------------------------------------------------------
 */

size_t trv_session_actor_count(TrvSession *session)
{
	return session->trace ? trc_model_actor_count(trc_trace_model(session->trace)) : 0;
}

const struct trv_rows *trv_session_rows(TrvSession *session)
{
	return &session->rows;
}

long trv_session_row_of(TrvSession *session, uint64_t actor)
{
	return (long)GPOINTER_TO_SIZE(g_hash_table_lookup(session->row_index, &actor)) - 1;
}

enum trv_grouping trv_session_grouping(TrvSession *session)
{
	return session->grouping;
}

enum trv_sorting trv_session_sorting(TrvSession *session)
{
	return session->sorting;
}

bool trv_session_is_pinned(TrvSession *session, uint64_t actor)
{
	guint index;

	return find_in(session->pinned, actor, &index);
}

/* --- changing ----------------------------------------------------------------------------------
 */

void trv_session_set_grouping(TrvSession *session, enum trv_grouping grouping)
{
	if (session->state != TRV_READY || session->grouping == grouping)
		return;
	session->grouping = grouping;
	fold_crowds(session);
	trv__session_changed(session, TRV_CHANGED_LANES);
}

void trv_session_set_sorting(TrvSession *session, enum trv_sorting sorting)
{
	if (session->sorting == sorting)
		return;
	session->sorting = sorting;
	arrange_and_tell(session);
}

void trv_session_set_folded(TrvSession *session, uint64_t group, bool folded)
{
	if (set_in(session->folded, group, folded))
		arrange_and_tell(session);
}

void trv_session_fold_all(TrvSession *session, bool folded)
{
	g_autoptr(GArray) groups = g_array_new(FALSE, FALSE, sizeof(uint64_t));

	for (size_t i = 0; i < session->rows.count; i++) {
		if (session->rows.items[i].actor == 0)
			g_array_append_val(groups, session->rows.items[i].group);
	}
	for (guint i = 0; i < groups->len; i++)
		set_in(session->folded, g_array_index(groups, uint64_t, i), folded);
	arrange_and_tell(session);
}

void trv_session_set_pinned(TrvSession *session, uint64_t actor, bool pinned)
{
	if (set_in(session->pinned, actor, pinned))
		arrange_and_tell(session);
}

void trv_session_hide(TrvSession *session, uint64_t actor)
{
	set_in(session->pinned, actor, false);
	set_in(session->hidden, actor, true);
	arrange_and_tell(session);
}

void trv_session_show_hidden(TrvSession *session)
{
	g_array_set_size(session->hidden, 0);
	arrange_and_tell(session);
}

/* Unfolds what hides an actor's lane. */
void trv__session_unveil(TrvSession *session, uint64_t actor)
{
	long index = trv_session_row_of(session, actor);
	const struct trv_row *row = index < 0 ? NULL : &session->rows.items[index];

	if (row && row->actor == actor)
		return;
	if (row)
		set_in(session->folded, row->group, false);
	else
		set_in(session->hidden, actor, false);
	arrange_and_tell(session);
}

/* From now on all lanes stand as they do, so that one can be moved among them. */
static void take_in_hand(TrvSession *session)
{
	if (session->sorting == TRV_SORT_HAND)
		return;
	g_array_set_size(session->by_hand, 0);
	if (session->rows.member_count > 0)
		g_array_append_vals(session->by_hand, session->rows.members,
				    (guint)session->rows.member_count);
	session->sorting = TRV_SORT_HAND;
}

void trv_session_set_order(TrvSession *session, const uint64_t *actors, size_t count)
{
	session->grouping = TRV_GROUP_NONE;
	session->sorting = TRV_SORT_HAND;
	g_array_set_size(session->pinned, 0);
	g_array_set_size(session->hidden, 0);
	g_array_set_size(session->by_hand, 0);
	if (count > 0)
		g_array_append_vals(session->by_hand, actors, (guint)count);
	arrange_and_tell(session);
}

static void put_beside(GArray *array, uint64_t actor, uint64_t neighbour, bool after)
{
	guint from, to;

	if (!find_in(array, actor, &from))
		return;
	g_array_remove_index(array, from);
	if (!find_in(array, neighbour, &to))
		to = from;
	else if (after)
		to++;
	g_array_insert_val(array, to, actor);
}

void trv_session_move_lane(TrvSession *session, uint64_t actor, size_t to)
{
	long from = trv_session_row_of(session, actor);
	const struct trv_rows *rows = &session->rows;
	const struct trv_row *target;
	uint64_t neighbour;
	bool after;

	if (from < 0 || to >= rows->count || (size_t)from == to)
		return;
	target = &rows->items[to];
	after = to > (size_t)from;
	neighbour = target->actor;
	if (rows->items[from].actor != actor || rows->items[from].focus || neighbour == 0)
		return;
	if (target->pinned) {
		set_in(session->pinned, actor, true);
		put_beside(session->pinned, actor, neighbour, after);
	} else if (target->group == rows->items[from].group && !target->focus) {
		set_in(session->pinned, actor, false);
		take_in_hand(session);
		put_beside(session->by_hand, actor, neighbour, after);
	}
	arrange_and_tell(session);
}
