#include "tracer/derive/window.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracer/model/memory.h"
#include "tracer/model/news.h"
#include "tracer/model/order.h"
#include "tracer/model/snapshot.h"
#include "tracer/store/index.h"
#include "tracer/store/let-go.h"

struct move {
	struct trc_store *store;
	struct trc_index *index;
	size_t keyframe;                /* with which it is to begin */
	struct trc_store_old *segments; /* the oldest, some of them beyond that keyframe */
	size_t segment_count;
	size_t first; /* of these, the first that is to stay */
	struct trc_error *error;
};

static const struct trc_index_keyframe *keyframe_of(const struct move *move, size_t number)
{
	return trc_index_keyframe(move->index, number);
}

/* --- which keyframe ------------------------------------------------------------------------------
 */

static int list_segments(struct move *move, uint64_t bytes, uint64_t batch)
{
	free(move->segments);
	move->segments = NULL;
	return trc_store_list_oldest(move->store, bytes, batch, &move->segments,
				     &move->segment_count, move->error);
}

/* The last keyframe before the end of the listed segments, or else the first behind them. 1; 0 when
 * there is none. */
static int choose(struct move *move, uint64_t bytes)
{
	size_t count = trc_index_keyframe_count(move->index), next;
	int result = list_segments(move, bytes, 0);

	if (result < 0)
		return result;
	if (move->segment_count == 0)
		return 0;
	/* Without its first batch it has a beginning, which is the first keyframe. */
	next = move->segments[0].batch > 1;
	if (next >= count)
		return 0;
	move->keyframe = next;
	while (move->keyframe + 1 < count && keyframe_of(move, move->keyframe + 1)->batch <=
						     move->segments[move->segment_count - 1].batch)
		move->keyframe++;
	result = list_segments(move, bytes, keyframe_of(move, move->keyframe)->batch);
	return result < 0 ? result : 1;
}

/* --- what has to stay ----------------------------------------------------------------------------
 */

/* Events of the ring wait in the last segments up to the keyframe's batch. */
static void keep_waiting(unsigned ring, uint64_t waiting, void *context)
{
	struct move *move = context;
	uint64_t batch = keyframe_of(move, move->keyframe)->batch, found = 0;

	for (size_t i = move->segment_count; i-- > 0 && found < waiting;) {
		if (move->segments[i].batch > batch || move->segments[i].ring != ring)
			continue;
		found += move->segments[i].events;
		if (i < move->first)
			move->first = i;
	}
}

/* The batch of the keyframe stays, and batches stay whole. */
static void keep_batch(struct move *move)
{
	uint64_t batch = keyframe_of(move, move->keyframe)->batch;

	move->first = 0;
	while (move->first + 1 < move->segment_count && move->segments[move->first].batch < batch)
		move->first++;
}

static void keep_whole(struct move *move)
{
	while (move->first > 0 &&
	       move->segments[move->first - 1].batch == move->segments[move->first].batch)
		move->first--;
}

static int damaged(const struct move *move)
{
	snprintf(move->error->text, sizeof(move->error->text),
		 "the trace is damaged: a keyframe cannot be used");
	return -EIO;
}

/* --- names ---------------------------------------------------------------------------------------
 */

/* All that came up until the keyframe. */
static int gather_news(struct move *move, struct trc_bytes *news)
{
	int result = 0;

	for (size_t i = 0; i <= move->keyframe && result == 0; i++) {
		uint8_t *bytes;
		size_t size;

		result = trc_index_load_news(move->index, i, &bytes, &size, move->error);
		if (result < 0)
			break;
		trc_bytes_put_raw(news, bytes, size);
		free(bytes);
	}
	return result;
}

/* Restores the keyframe's state, and finds what has to stay for it. */
static int restore(struct move *move, struct trc_model *model)
{
	struct trc_order *order = trc_order_new(model, NULL, NULL);
	struct trc_input input = {0};
	uint8_t *state;
	size_t size;
	bool good;
	int result = trc_index_load_state(move->index, move->keyframe, &state, &size, move->error);

	if (result == 0) {
		input.next = state;
		input.end = state + size;
		good = trc_order_restore(order, &input, keep_waiting, move) &&
		       trc_snapshot_decode(&input, model);
		free(state);
		result = good ? 0 : damaged(move);
	}
	trc_order_free(order);
	return result;
}

static int fold_news(struct move *move, struct trc_bytes *ret_news)
{
	struct trc_model *model = trc_model_new();
	struct trc_bytes all = {0};
	int result = gather_news(move, &all);

	keep_batch(move);
	if (result == 0 && !trc_news_learn(all.data, all.size, model))
		result = damaged(move);
	if (result == 0)
		result = restore(move, model);
	if (result == 0 && !trc_news_fold(all.data, all.size, model, ret_news))
		result = damaged(move);
	keep_whole(move);
	free(all.data);
	trc_model_free(model);
	return result;
}

/* --- */

static int move_in_transaction(struct move *move, uint64_t bytes)
{
	struct trc_bytes news = {0};
	uint64_t events;
	int result = trc_index_refresh(move->index, move->error);

	if (result >= 0)
		result = choose(move, bytes);
	if (result <= 0)
		return result;
	events = keyframe_of(move, move->keyframe)->events;
	result = fold_news(move, &news);
	if (result == 0 && move->first == 0) {
		free(news.data);
		return 0; /* nothing would go */
	}
	if (result == 0)
		result = trc_index_put_news(move->index, events, news.data, news.size, move->error);
	if (result == 0)
		result = trc_store_let_go(move->store, move->segments[move->first].id, events,
					  move->error);
	free(news.data);
	return result < 0 ? result : 1;
}

int trc_window_move(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error)
{
	struct move move = {.store = store, .error = ret_error};
	int result = trc_store_begin_rows(store, ret_error), committed;

	if (result < 0)
		return result;
	result = trc_index_open(store, &move.index, ret_error);
	if (result == 0)
		result = move_in_transaction(&move, bytes);
	/* Its statements end before the transaction does. */
	trc_index_close(move.index);
	free(move.segments);
	if (result <= 0) {
		trc_store_undo(store);
		return result;
	}
	committed = trc_store_commit(store, ret_error);
	return committed < 0 ? committed : 1;
}
