#include "viewer/pair.h"

#include "viewer/compare-load.h"

struct _TrvPair {
	GObject parent_instance;

	char *paths[TRC_RUNS];
	TrvSession *sessions[TRC_RUNS];
	struct trc_comparison *comparison;
	GCancellable *comparing;
	enum trv_state state;
	double progress;
	char *error;
	size_t current;
	bool linked;
	bool ignore_payload;
	bool moving; /* both are being moved from here */
};

G_DEFINE_FINAL_TYPE(TrvPair, trv_pair, G_TYPE_OBJECT)

static guint changed_signal;

static void tell(TrvPair *pair)
{
	g_signal_emit(pair, changed_signal, 0);
}

/* --- moving together ---------------------------------------------------------------------------
 */

static int64_t reach(TrvPair *pair, enum trc_run run, int64_t time)
{
	uint64_t reached = trc_comparison_reach(pair->comparison, run, (uint64_t)MAX(time, 0));

	return (int64_t)MIN(reached, (uint64_t)INT64_MAX / 4) + MIN(time, 0);
}

static void follow_view(TrvPair *pair, enum trc_run run)
{
	struct trv_span view = trv_session_view(pair->sessions[run]);

	trv_session_set_view(pair->sessions[!run], (struct trv_span){reach(pair, run, view.from),
								     reach(pair, run, view.to)});
}

static void follow_time(TrvPair *pair, enum trc_run run)
{
	uint64_t time = (uint64_t)MAX(trv_session_time(pair->sessions[run]), 0);
	uint64_t actor = trv_session_selected_actor(pair->sessions[run]);

	trv_session_set_time(pair->sessions[!run],
			     (int64_t)trc_comparison_time(pair->comparison, run, time, actor));
}

static void follow_selection(TrvPair *pair, enum trc_run run)
{
	uint64_t actor = trv_session_selected_actor(pair->sessions[run]);
	uint64_t like = trc_comparison_like(pair->comparison, run, actor);
	TrvSession *other = pair->sessions[!run];

	if (trv_session_selected_actor(other) == like)
		return;
	if (like)
		trv_session_go_to_actor(other, like);
	else
		trv_session_select_none(other);
}

static void follow(TrvPair *pair, enum trc_run run, guint what)
{
	if (pair->state != TRV_READY || !pair->linked || pair->moving)
		return;
	pair->moving = true;
	if (what & TRV_CHANGED_SELECTION)
		follow_selection(pair, run);
	if (what & TRV_CHANGED_VIEW)
		follow_view(pair, run);
	if (what & TRV_CHANGED_TIME)
		follow_time(pair, run);
	pair->moving = false;
}

bool trv_pair_is_linked(TrvPair *pair)
{
	return pair->linked;
}

void trv_pair_set_linked(TrvPair *pair, bool linked)
{
	if (pair->linked == linked)
		return;
	pair->linked = linked;
	follow(pair, TRC_RUN_A, TRV_CHANGED_VIEW | TRV_CHANGED_TIME);
	tell(pair);
}

/* --- differences -------------------------------------------------------------------------------
 */

/* As long as it was, but no more than a tenth of the trace: nobody sees one step in all of it. */
static int64_t framed_length(TrvSession *session)
{
	struct trv_span limits = trv_session_limits(session), view = trv_session_view(session);

	return MIN(view.to - view.from, (limits.to - limits.from) / 10);
}

/* In the middle, unless the trace begins there. */
static void frame(TrvSession *session, int64_t time, int64_t length)
{
	int64_t from = MAX(time - length / 2,
			   (int64_t)trv_session_info(session)->first_time - length / 50);

	trv_session_set_view(session, (struct trv_span){from, from + length});
	trv_session_set_time(session, time);
}

static void show_side(TrvPair *pair, const struct trc_difference *difference, enum trc_run run,
		      int64_t length)
{
	TrvSession *session = pair->sessions[run];

	frame(session, (int64_t)MIN(difference->times[run], (uint64_t)INT64_MAX / 4), length);
	if (difference->actors[run])
		trv_session_go_to_actor(session, difference->actors[run]);
	else
		trv_session_select_none(session);
	if (difference->has[run] && difference->steps[run].message)
		trv_session_select_message(session, difference->steps[run].message);
}

void trv_pair_go_to(TrvPair *pair, size_t index)
{
	int64_t length;

	if (pair->state != TRV_READY || index >= trc_comparison_count(pair->comparison))
		return;
	length = MIN(framed_length(pair->sessions[0]), framed_length(pair->sessions[1]));
	pair->current = index;
	pair->moving = true;
	for (int run = 0; run < TRC_RUNS; run++)
		show_side(pair, trc_comparison_difference(pair->comparison, index),
			  (enum trc_run)run, length);
	pair->moving = false;
	tell(pair);
}

bool trv_pair_go_to_neighbour(TrvPair *pair, int by)
{
	size_t count = pair->comparison ? trc_comparison_count(pair->comparison) : 0;
	size_t next = pair->current + (size_t)by;

	if (pair->current == SIZE_MAX)
		next = by > 0 ? 0 : count - 1;
	if (next >= count)
		return false;
	trv_pair_go_to(pair, next);
	return true;
}

/* --- lanes -------------------------------------------------------------------------------------
 */

static int compare_places(gconstpointer a, gconstpointer b)
{
	const struct trc_compared_actor *x = *(const struct trc_compared_actor *const *)a;
	const struct trc_compared_actor *y = *(const struct trc_compared_actor *const *)b;
	bool x_alone = !x->actors[0] || !x->actors[1], y_alone = !y->actors[0] || !y->actors[1];

	if (x_alone != y_alone)
		return x_alone ? 1 : -1;
	if (x->difference != y->difference)
		return x->difference < y->difference ? -1 : 1;
	return 0;
}

static void arrange(TrvPair *pair)
{
	g_autoptr(GPtrArray) places = g_ptr_array_new();

	for (size_t i = 0; i < trc_comparison_actor_count(pair->comparison); i++)
		g_ptr_array_add(places, (gpointer)trc_comparison_actor(pair->comparison, i));
	g_ptr_array_sort(places, compare_places); /* a stable one */
	for (int run = 0; run < TRC_RUNS; run++) {
		g_autoptr(GArray) order = g_array_new(FALSE, FALSE, sizeof(uint64_t));

		for (guint i = 0; i < places->len; i++) {
			const struct trc_compared_actor *place = g_ptr_array_index(places, i);

			if (place->actors[run])
				g_array_append_val(order, place->actors[run]);
		}
		trv_session_set_order(pair->sessions[run], (const uint64_t *)(void *)order->data,
				      order->len);
	}
}

/* --- opening -----------------------------------------------------------------------------------
 */

static void fail(TrvPair *pair, const char *sentence)
{
	g_cancellable_cancel(pair->comparing);
	g_free(pair->error);
	pair->error = g_utf8_make_valid(sentence, -1);
	pair->state = TRV_FAILED;
	tell(pair);
}

/* All three have to be there: both traces and their comparison. */
static void look_whether_ready(TrvPair *pair)
{
	if (pair->state != TRV_LOADING)
		return;
	for (int run = 0; run < TRC_RUNS; run++) {
		enum trv_state state = trv_session_state(pair->sessions[run]);

		if (state == TRV_FAILED)
			fail(pair, trv_session_error(pair->sessions[run]));
		if (state != TRV_READY)
			return;
	}
	if (!pair->comparison)
		return;
	pair->state = TRV_READY;
	arrange(pair);
	if (trc_comparison_count(pair->comparison) > 0) {
		trv_pair_go_to(pair, 0);
	} else {
		follow(pair, TRC_RUN_A, TRV_CHANGED_VIEW | TRV_CHANGED_TIME);
		tell(pair);
	}
}

static void on_compared(GObject *source, GAsyncResult *result, gpointer data)
{
	g_autoptr(TrvPair) pair = data;
	g_autoptr(GError) error = NULL;
	struct trc_comparison *comparison = trv_compare_finish(result, &error);

	if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
		return; /* whoever cancelled has set the state */
	if (!comparison) {
		fail(pair, error->message);
		return;
	}
	pair->comparison = comparison;
	look_whether_ready(pair);
}

static void on_progress(double share, void *context)
{
	TrvPair *pair = context;

	pair->progress = share;
	tell(pair);
}

static void on_session(TrvPair *pair, enum trc_run run, guint what)
{
	/* What comes last makes the pair ready, which shows the first difference: this very change
	 * must not then move the other run away from it. */
	if (pair->state == TRV_LOADING && what & TRV_CHANGED_STATE)
		look_whether_ready(pair);
	else
		follow(pair, run, what);
}

static void on_changed_a(TrvSession *session, guint what, TrvPair *pair)
{
	on_session(pair, TRC_RUN_A, what);
}

static void on_changed_b(TrvSession *session, guint what, TrvPair *pair)
{
	on_session(pair, TRC_RUN_B, what);
}

static void stop(TrvPair *pair)
{
	if (pair->comparing)
		g_cancellable_cancel(pair->comparing);
	g_clear_object(&pair->comparing);
	for (int run = 0; run < TRC_RUNS; run++)
		trv_session_cancel(pair->sessions[run]);
}

void trv_pair_cancel(TrvPair *pair)
{
	if (pair->state != TRV_LOADING)
		return;
	pair->state = TRV_EMPTY;
	stop(pair);
	tell(pair);
}

void trv_pair_open(TrvPair *pair, const char *a, const char *b)
{
	char *paths[TRC_RUNS] = {g_strdup(a), g_strdup(b)}; /* they may be the pair's own */

	pair->state = TRV_EMPTY;
	stop(pair);
	g_clear_pointer(&pair->comparison, trc_comparison_free);
	g_clear_pointer(&pair->error, g_free);
	pair->current = SIZE_MAX;
	pair->progress = 0;
	pair->state = TRV_LOADING;
	pair->comparing = g_cancellable_new();
	for (int run = 0; run < TRC_RUNS; run++) {
		g_free(pair->paths[run]);
		pair->paths[run] = paths[run];
		trv_session_open(pair->sessions[run], paths[run]);
	}
	trv_compare_async(paths[0], paths[1], pair->ignore_payload, pair->comparing, on_progress,
			  pair, on_compared, g_object_ref(pair));
	tell(pair);
}

void trv_pair_reload(TrvPair *pair)
{
	if (pair->paths[0])
		trv_pair_open(pair, pair->paths[0], pair->paths[1]);
}

bool trv_pair_ignores_payload(TrvPair *pair)
{
	return pair->ignore_payload;
}

void trv_pair_set_ignore_payload(TrvPair *pair, bool ignore)
{
	if (pair->ignore_payload == ignore)
		return;
	pair->ignore_payload = ignore;
	trv_pair_reload(pair);
}

/* --- looking at it -----------------------------------------------------------------------------
 */

enum trv_state trv_pair_state(TrvPair *pair)
{
	return pair->state;
}

double trv_pair_progress(TrvPair *pair)
{
	return pair->progress;
}

const char *trv_pair_error(TrvPair *pair)
{
	return pair->error;
}

const char *trv_pair_path(TrvPair *pair, enum trc_run run)
{
	return pair->paths[run];
}

TrvSession *trv_pair_session(TrvPair *pair, enum trc_run run)
{
	return pair->sessions[run];
}

const struct trc_comparison *trv_pair_comparison(TrvPair *pair)
{
	return pair->state == TRV_READY ? pair->comparison : NULL;
}

size_t trv_pair_current(TrvPair *pair)
{
	return pair->current;
}

/* --- life --------------------------------------------------------------------------------------
 */

static void trv_pair_dispose(GObject *object)
{
	TrvPair *pair = TRV_PAIR(object);

	pair->state = TRV_EMPTY;
	if (pair->sessions[0])
		stop(pair);
	for (int run = 0; run < TRC_RUNS; run++)
		g_clear_object(&pair->sessions[run]);
	G_OBJECT_CLASS(trv_pair_parent_class)->dispose(object);
}

static void trv_pair_finalize(GObject *object)
{
	TrvPair *pair = TRV_PAIR(object);

	trc_comparison_free(pair->comparison);
	g_free(pair->error);
	g_free(pair->paths[0]);
	g_free(pair->paths[1]);
	G_OBJECT_CLASS(trv_pair_parent_class)->finalize(object);
}

static void trv_pair_class_init(TrvPairClass *class)
{
	G_OBJECT_CLASS(class)->dispose = trv_pair_dispose;
	G_OBJECT_CLASS(class)->finalize = trv_pair_finalize;
	changed_signal = g_signal_new("changed", TRV_TYPE_PAIR, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
				      NULL, G_TYPE_NONE, 0);
}

static void trv_pair_init(TrvPair *pair)
{
	pair->current = SIZE_MAX;
	pair->linked = true;
	for (int run = 0; run < TRC_RUNS; run++) {
		pair->sessions[run] = trv_session_new();
		trv_session_set_plain(pair->sessions[run], true);
		g_signal_connect_object(pair->sessions[run], "changed",
					G_CALLBACK(run == TRC_RUN_A ? on_changed_a : on_changed_b),
					pair, 0);
	}
}

TrvPair *trv_pair_new(void)
{
	return g_object_new(TRV_TYPE_PAIR, NULL);
}
