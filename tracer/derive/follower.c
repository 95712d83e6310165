/*
 * The thread has the deriver for itself, and shares with the recording thread the list of batches
 * and what they tell each other, under one lock. It takes batches in their order; the next one is
 * in the list, or it was dropped from it to keep the list short, and is read from the file.
 *
 * Rows are written when some thousand have come together, or a moment after the first: a message
 * that is sent, received and done within that moment is written once.
 */
#include "tracer/derive/follower.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "tracer/derive/window.h"
#include "tracer/model/memory.h"
#include "tracer/store/let-go.h"

enum {
	LIST_BYTES = 32 << 20, /* packed: some millions of events */
	ROWS_AT_ONCE = 2000,   /* in a transaction: some milliseconds */
	ROWS_AT_END = 20000,   /* when nobody records any more */
	ROWS_WORTH_IT = 5000,  /* are written at once */
	ROWS_KEPT = 500000,    /* while they cannot be written */
	ROWS_WAIT_NS = 50 * 1000000,
	WINDOW_SHARE = 8,           /* of the file's room goes at once */
	DIVIDE_SHARE = 16,          /* of it is at most between two keyframes */
	LOOK_NS = 20 * 1000000,     /* between looks for the alarm, while there is no batch */
	LOOK_SOON_NS = 3 * 1000000, /* between the first of them: the second look is what tells */
	LOOKS_SOON = 8,
	LOOKS_IN_SILENCE = 500, /* after the last batch; then nothing can be new any more */
	RETRY_NS = 200 * 1000000,
};

struct trc_follower {
	struct trc_store *store;
	struct trc_deriver *deriver;
	pthread_t thread;
	uint64_t segments;   /* of the batches that are done */
	uint64_t rows_since; /* ns: when the oldest that is not written came; 0: none */
	unsigned silent_looks;
	bool ended;            /* trc_deriver_end() was called */
	bool writing;          /* rows, until none is left */
	uint64_t retry_at;     /* ns; 0: nothing has failed */
	uint64_t window_tried; /* 1 + the batch after which nothing could be let go */
	bool too_much;         /* did not fit into a file that keeps to a size, when put last */
	uint64_t undivided;    /* bytes of batches since a keyframe was wanted */

	pthread_mutex_t lock;
	pthread_cond_t work;     /* for the thread: something below has changed */
	pthread_cond_t progress; /* by the thread: `state` has */
	struct trc_batch *first; /* the list of batches */
	struct trc_batch **last;
	size_t list_bytes;
	size_t aside_bytes; /* of these, in no file */
	bool end;
	bool stop;
	struct trc_follower_state state;

	_Atomic bool rest; /* relaxed: it is advice */
};

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

/* Waits for a condition, at most so long. */
static void wait_for(struct trc_follower *follower, pthread_cond_t *condition, uint64_t end_ns)
{
	const struct timespec end = {.tv_sec = (time_t)(end_ns / 1000000000),
				     .tv_nsec = (long)(end_ns % 1000000000)};

	pthread_cond_timedwait(condition, &follower->lock, &end);
}

/* --- the thread ---------------------------------------------------------------------------------
 * Its functions are called with the lock held, and give it away while they work. */

static void tell_state(struct trc_follower *follower)
{
	struct trc_follower_state *state = &follower->state;

	state->done = trc_deriver_done(follower->deriver);
	state->actors = trc_model_actor_count(trc_deriver_model(follower->deriver));
	state->rows_left = trc_deriver_left(follower->deriver);
	state->written = trc_deriver_written(follower->deriver);
	pthread_cond_broadcast(&follower->progress);
}

static void tell_result(struct trc_follower *follower, int result, const struct trc_error *error)
{
	follower->state.failing = result < 0 && !follower->too_much;
	follower->retry_at = result < 0 ? now_ns() + RETRY_NS : 0;
	if (result < 0)
		follower->state.error = *error;
}

/* The next batch, from the list; NULL when it is not there. */
static struct trc_batch *take_listed(struct trc_follower *follower)
{
	struct trc_batch *batch = follower->first;

	if (!batch || batch->number != follower->state.done.batch + 1)
		return NULL;
	follower->first = batch->next;
	if (!follower->first)
		follower->last = &follower->first;
	follower->list_bytes -= batch->bytes;
	follower->aside_bytes -= batch->aside ? batch->bytes : 0;
	return batch;
}

static int derive_batch(struct trc_follower *follower, const struct trc_batch *batch,
			struct trc_error *ret_error)
{
	if (batch->aside)
		trc_deriver_only_watch(follower->deriver);
	for (size_t i = 0; i < batch->count; i++) {
		struct trc_segment segment;
		unsigned ring;
		int result = trc_batch_load(batch, i, &ring, &segment, ret_error);

		if (result < 0)
			return result;
		trc_deriver_add(follower->deriver, ring, &segment);
		trc_segment_clear(&segment);
	}
	trc_deriver_end_batch(follower->deriver, batch->number);
	trc_deriver_look(follower->deriver);
	follower->segments += batch->count;
	return 0;
}

/* Of a trace that keeps to a size, keyframes are close enough to let go piece by piece. */
static void divide(struct trc_follower *follower, const struct trc_batch *batch)
{
	struct trc_store_room room;

	trc_store_room(follower->store, &room);
	follower->undivided += batch->bytes;
	if (room.limit == 0 || follower->undivided < room.limit / DIVIDE_SHARE)
		return;
	follower->undivided = 0;
	trc_deriver_divide(follower->deriver);
}

static void next_batch(struct trc_follower *follower)
{
	struct trc_batch *batch = take_listed(follower);
	struct trc_error error;
	bool broken = false;
	int result = 0;

	pthread_mutex_unlock(&follower->lock);
	if (!batch)
		result = trc_store_read_batch(follower->store, follower->segments + 1, &batch,
					      &error);
	if (result == 0) {
		divide(follower, batch);
		result = derive_batch(follower, batch, &error);
		broken = result < 0;
	}
	pthread_mutex_lock(&follower->lock);
	follower->state.broken = broken;
	if (result == 0) {
		follower->state.done_time = batch->last_time;
		follower->silent_looks = 0;
		if (follower->rows_since == 0)
			follower->rows_since = now_ns();
	}
	trc_batch_free(batch);
	tell_result(follower, result, &error);
}

static void end(struct trc_follower *follower)
{
	pthread_mutex_unlock(&follower->lock);
	trc_deriver_end(follower->deriver);
	trc_deriver_look(follower->deriver);
	pthread_mutex_lock(&follower->lock);
	follower->ended = true;
}

static void write_rows(struct trc_follower *follower)
{
	size_t max = follower->end ? ROWS_AT_END : ROWS_AT_ONCE;
	struct trc_error error;
	int result;

	pthread_mutex_unlock(&follower->lock);
	result = trc_deriver_put(follower->deriver, follower->store, max, &error);
	pthread_mutex_lock(&follower->lock);
	follower->too_much = result == -ENOSPC && trc_store_is_too_small(follower->store);
	tell_result(follower, result, &error);
	follower->writing = result < 0 || !trc_deriver_is_whole(follower->deriver);
	if (!follower->writing)
		follower->rows_since = 0;
}

static bool is_crowded(const struct trc_follower *follower)
{
	struct trc_store_room room;

	trc_store_room(follower->store, &room);
	return room.used > room.limit - room.limit / (WINDOW_SHARE / 2);
}

/* The index is to be in the file, as long as there is room for it. */
static bool window_is_due(const struct trc_follower *follower, uint64_t now)
{
	return (is_crowded(follower) || follower->too_much) &&
	       follower->window_tried != follower->state.done.batch + 1 &&
	       (now < follower->retry_at || trc_deriver_left(follower->deriver) == 0);
}

static void move_window(struct trc_follower *follower)
{
	struct trc_store_room room;
	struct trc_error error;
	bool nothing;
	int result;

	trc_store_room(follower->store, &room);
	pthread_mutex_unlock(&follower->lock);
	result = trc_window_move(follower->store, room.limit / WINDOW_SHARE, &error);
	/* Perhaps it could begin with how things stand now, unless that is what does not fit. */
	if (result == 0 && follower->too_much)
		trc_deriver_give_up(follower->deriver);
	else if (result == 0)
		trc_deriver_divide(follower->deriver);
	nothing = result <= 0 && trc_deriver_left(follower->deriver) == 0;
	pthread_mutex_lock(&follower->lock);
	follower->too_much = false;
	if (nothing)
		follower->window_tried = follower->state.done.batch + 1;
	follower->state.cramped =
		nothing && follower->state.done.batch >= follower->state.given.batch;
	tell_result(follower, result, &error);
}

static bool rows_are_due(const struct trc_follower *follower, uint64_t now)
{
	if (now < follower->retry_at || trc_deriver_is_whole(follower->deriver))
		return false;
	return follower->writing || follower->ended || is_crowded(follower) ||
	       trc_deriver_left(follower->deriver) >= ROWS_WORTH_IT ||
	       now >= follower->rows_since + ROWS_WAIT_NS;
}

static bool batch_is_due(const struct trc_follower *follower, uint64_t now)
{
	if (follower->state.done.batch >= follower->state.given.batch)
		return false;
	return now >= follower->retry_at ||
	       (follower->state.rows_left > 0 && follower->state.rows_left < ROWS_KEPT);
}

static bool end_is_due(const struct trc_follower *follower)
{
	return follower->end && !follower->ended &&
	       follower->state.done.batch >= follower->state.given.batch;
}

/* Nothing to do but to look now and then, until something is given, told or due. */
static void idle(struct trc_follower *follower, uint64_t now)
{
	uint64_t until = now + (follower->silent_looks < LOOKS_SOON ? LOOK_SOON_NS : LOOK_NS);

	if (follower->silent_looks >= LOOKS_IN_SILENCE && follower->retry_at == 0 &&
	    trc_deriver_is_whole(follower->deriver)) {
		pthread_cond_wait(&follower->work, &follower->lock);
		return;
	}
	wait_for(follower, &follower->work, until);
	if (now_ns() < until)
		return;
	follower->silent_looks++;
	pthread_mutex_unlock(&follower->lock);
	trc_deriver_look(follower->deriver);
	pthread_mutex_lock(&follower->lock);
}

static void *run(void *context)
{
	struct trc_follower *follower = context;

	pthread_mutex_lock(&follower->lock);
	while (!follower->stop && !follower->state.broken) {
		uint64_t now = now_ns();

		if (atomic_load_explicit(&follower->rest, memory_order_relaxed) && !follower->end)
			pthread_cond_wait(&follower->work, &follower->lock);
		else if (window_is_due(follower, now))
			move_window(follower);
		else if (rows_are_due(follower, now))
			write_rows(follower);
		else if (batch_is_due(follower, now))
			next_batch(follower);
		else if (end_is_due(follower))
			end(follower);
		else
			idle(follower, now);
		tell_state(follower);
	}
	pthread_mutex_unlock(&follower->lock);
	return NULL;
}

/* --- the recording thread --------------------------------------------------------------------- */

static bool start_thread(struct trc_follower *follower)
{
	sigset_t all, before;
	int result;

	/* Signals are the recording thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	result = pthread_create(&follower->thread, NULL, run, follower);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return result == 0;
}

static void free_all(struct trc_follower *follower)
{
	struct trc_batch *batch;

	while ((batch = follower->first)) {
		follower->first = batch->next;
		trc_batch_free(batch);
	}
	pthread_mutex_destroy(&follower->lock);
	pthread_cond_destroy(&follower->work);
	pthread_cond_destroy(&follower->progress);
	trc_deriver_free(follower->deriver);
	free(follower);
}

struct trc_follower *trc_follower_new(struct trc_store *store,
				      const struct trc_deriver_options *options,
				      struct trc_error *ret_error)
{
	struct trc_follower *follower = trc_zalloc(1, sizeof(*follower));
	struct trc_store_written written;
	pthread_condattr_t monotonic;
	bool resumed;

	trc_store_written(store, &written);
	follower->store = store;
	follower->deriver = trc_deriver_new(options);
	follower->state.given.batch = written.batch;
	follower->state.given.events = written.events;
	follower->last = &follower->first;
	follower->silent_looks = LOOKS_IN_SILENCE;
	pthread_mutex_init(&follower->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&follower->work, &monotonic);
	pthread_cond_init(&follower->progress, &monotonic);
	pthread_condattr_destroy(&monotonic);
	resumed = trc_deriver_resume(follower->deriver, store, &follower->segments, ret_error) == 0;
	tell_state(follower);
	if (resumed && start_thread(follower))
		return follower;
	if (resumed)
		snprintf(ret_error->text, sizeof(ret_error->text), "cannot start a thread");
	free_all(follower);
	return NULL;
}

void trc_follower_stop(struct trc_follower *follower)
{
	if (follower->stop)
		return;
	pthread_mutex_lock(&follower->lock);
	follower->stop = true;
	pthread_cond_signal(&follower->work);
	pthread_mutex_unlock(&follower->lock);
	pthread_join(follower->thread, NULL);
}

void trc_follower_free(struct trc_follower *follower)
{
	if (!follower)
		return;
	trc_follower_stop(follower);
	free_all(follower);
}

/* What it will have to read from the file. */
static void drop_oldest(struct trc_follower *follower)
{
	while (follower->list_bytes > LIST_BYTES && !follower->first->aside) {
		struct trc_batch *batch = follower->first;

		follower->first = batch->next;
		follower->list_bytes -= batch->bytes;
		trc_batch_free(batch);
	}
	if (!follower->first)
		follower->last = &follower->first;
}

void trc_follower_give(struct trc_follower *follower, struct trc_batch *batch)
{
	if (!batch)
		return;
	pthread_mutex_lock(&follower->lock);
	batch->next = NULL;
	*follower->last = batch;
	follower->last = &batch->next;
	follower->list_bytes += batch->bytes;
	follower->aside_bytes += batch->aside ? batch->bytes : 0;
	follower->state.given.batch = batch->number;
	follower->state.given.events += batch->events;
	drop_oldest(follower);
	pthread_cond_signal(&follower->work);
	pthread_mutex_unlock(&follower->lock);
}

void trc_follower_rest(struct trc_follower *follower, bool rest)
{
	if (atomic_exchange_explicit(&follower->rest, rest, memory_order_relaxed) == rest || rest)
		return;
	pthread_mutex_lock(&follower->lock);
	pthread_cond_signal(&follower->work);
	pthread_mutex_unlock(&follower->lock);
}

void trc_follower_end(struct trc_follower *follower)
{
	pthread_mutex_lock(&follower->lock);
	follower->end = true;
	pthread_cond_signal(&follower->work);
	pthread_mutex_unlock(&follower->lock);
}

void trc_follower_state(struct trc_follower *follower, struct trc_follower_state *ret_state)
{
	pthread_mutex_lock(&follower->lock);
	*ret_state = follower->state;
	ret_state->aside = follower->aside_bytes;
	pthread_mutex_unlock(&follower->lock);
}

static bool is_done(const struct trc_follower *follower)
{
	const struct trc_follower_state *state = &follower->state;

	return state->written.batch >= state->given.batch + (follower->end ? 1 : 0);
}

bool trc_follower_wait(struct trc_follower *follower, unsigned milliseconds)
{
	uint64_t end = now_ns() + (uint64_t)milliseconds * 1000000;
	bool done;

	pthread_mutex_lock(&follower->lock);
	while (!(done = is_done(follower)) && !follower->state.broken && now_ns() < end)
		wait_for(follower, &follower->progress, end);
	pthread_mutex_unlock(&follower->lock);
	return done;
}
