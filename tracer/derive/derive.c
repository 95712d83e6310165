#include "tracer/derive/derive.h"

#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/alarm.h"
#include "tracer/derive/begin.h"
#include "tracer/derive/index.h"
#include "tracer/derive/rows.h"
#include "tracer/model/memory.h"
#include "tracer/store/let-go.h"

static const struct trc_derived *const all[] = {&trc_derived_index, &trc_derived_rows};

enum { DERIVED_COUNT = sizeof(all) / sizeof(all[0]) };

/* One thing that is derived, at work. */
struct work {
	const struct trc_derived *what; /* NULL: is not to be */
	void *self;
	struct trc_store_cursor cursor; /* in the file */
	bool whole;                     /* the last put left nothing */
};

struct trc_deriver {
	struct trc_model *model;
	struct trc_order *order;
	struct trc_alarm *alarm;
	struct trc_deriver_options options;
	struct work works[DERIVED_COUNT];
	struct trc_store_cursor done; /* the last complete batch */
	struct trc_store_cursor kept; /* of these, the last that is in the file */
	bool only_watches;
	uint64_t events;   /* added */
	uint64_t messages; /* sent before it began */
	uint64_t batch;    /* the present one */
};

static void on_applied(const struct trc_event *event, void *context)
{
	struct trc_deriver *deriver = context;

	for (size_t i = 0; i < DERIVED_COUNT && !deriver->only_watches; i++)
		if (deriver->works[i].what)
			deriver->works[i].what->event(deriver->works[i].self, event);
	if (deriver->options.alarm)
		trc_alarm_event(deriver->alarm, event);
}

static void on_settled(void *context)
{
	struct trc_deriver *deriver = context;

	for (size_t i = 0; i < DERIVED_COUNT && !deriver->only_watches; i++)
		if (deriver->works[i].what && deriver->works[i].what->settled)
			deriver->works[i].what->settled(deriver->works[i].self);
}

static void open_works(struct trc_deriver *deriver)
{
	deriver->alarm = trc_alarm_new(deriver->model);
	for (size_t i = 0; i < DERIVED_COUNT; i++) {
		if (deriver->options.no_rows && all[i] == &trc_derived_rows)
			continue;
		deriver->works[i].what = all[i];
		deriver->works[i].self = all[i]->open(deriver);
	}
}

static void close_works(struct trc_deriver *deriver)
{
	for (size_t i = 0; i < DERIVED_COUNT; i++)
		if (deriver->works[i].what)
			deriver->works[i].what->close(deriver->works[i].self);
	trc_alarm_free(deriver->alarm);
}

struct trc_deriver *trc_deriver_new(const struct trc_deriver_options *options)
{
	struct trc_deriver *deriver = trc_zalloc(1, sizeof(*deriver));

	deriver->options = *options;
	deriver->model = trc_model_new();
	deriver->order = trc_order_new(deriver->model, on_applied, deriver);
	trc_order_settled(deriver->order, on_settled);
	deriver->batch = 1;
	open_works(deriver);
	return deriver;
}

void trc_deriver_free(struct trc_deriver *deriver)
{
	if (!deriver)
		return;
	close_works(deriver);
	trc_order_free(deriver->order);
	trc_model_free(deriver->model);
	free(deriver);
}

/* Summaries of what comes behind the keyframe are made anew, with other borders. */
static int rewind_index(struct trc_deriver *deriver, struct trc_store *store,
			struct trc_error *ret_error)
{
	const struct trc_store_cursor cursor = {.batch = deriver->batch - 1};
	int result = trc_store_begin_rows(store, ret_error);

	if (result < 0)
		return result;
	result = trc_store_let_go_summaries(store, trc_model_events(deriver->model), ret_error);
	if (result == 0)
		result = trc_store_put_cursor(store, trc_derived_index.name, &cursor, ret_error);
	if (result < 0) {
		trc_store_undo(store);
		return result;
	}
	return trc_store_commit(store, ret_error);
}

/* Goes to the last keyframe of a trace that has let go of its beginning. There are no rows of it.
 */
static int begin_late(struct trc_deriver *deriver, struct trc_store *store, uint64_t *ret_segments,
		      struct trc_error *ret_error)
{
	struct trc_beginning beginning;
	struct trc_store *reader;
	int result = trc_store_look(store, &reader, ret_error);

	if (result < 0)
		return result;
	result = trc_begin_late(reader, deriver->model, deriver->order, &beginning, ret_error);
	trc_store_close(reader);
	if (result < 0 || beginning.batch == 0)
		return result;
	close_works(deriver);
	deriver->options.no_rows = true;
	deriver->batch = beginning.batch;
	deriver->events = beginning.events;
	deriver->messages = beginning.messages;
	memset(deriver->works, 0, sizeof(deriver->works));
	open_works(deriver);
	*ret_segments = beginning.number;
	result = rewind_index(deriver, store, ret_error);
	if (result == 0)
		trc_deriver_end_batch(deriver, beginning.batch);
	return result;
}

int trc_deriver_resume(struct trc_deriver *deriver, struct trc_store *store, uint64_t *ret_segments,
		       struct trc_error *ret_error)
{
	struct trc_store_written written;
	int result = 0;

	*ret_segments = 0;
	trc_store_written(store, &written);
	if (written.batch > 0)
		result = begin_late(deriver, store, ret_segments, ret_error);
	for (size_t i = 0; i < DERIVED_COUNT && result == 0; i++)
		if (deriver->works[i].what)
			result = trc_store_get_cursor(store, deriver->works[i].what->name,
						      &deriver->works[i].cursor, ret_error);
	return result;
}

const struct trc_model *trc_deriver_model(const struct trc_deriver *deriver)
{
	return deriver->model;
}

const struct trc_order *trc_deriver_order(const struct trc_deriver *deriver)
{
	return deriver->order;
}

uint64_t trc_deriver_messages(const struct trc_deriver *deriver)
{
	return deriver->messages;
}

uint64_t trc_deriver_batch(const struct trc_deriver *deriver)
{
	return deriver->batch;
}

struct trc_store_cursor trc_deriver_done(const struct trc_deriver *deriver)
{
	return deriver->done;
}

/* --- batches ---------------------------------------------------------------------------------- */

void trc_deriver_add(struct trc_deriver *deriver, unsigned ring, const struct trc_segment *segment)
{
	for (size_t i = 0; i < segment->count; i++)
		trc_order_push(deriver->order, ring, &segment->events[i]);
	deriver->events += segment->count;
}

static void end_batch(struct trc_deriver *deriver, uint64_t number, bool last)
{
	deriver->batch = number;
	trc_order_drain(deriver->order, last);
	deriver->done = (struct trc_store_cursor){.batch = number, .events = deriver->events};
	if (!deriver->only_watches)
		deriver->kept = deriver->done;
	for (size_t i = 0; i < DERIVED_COUNT && !deriver->only_watches; i++) {
		const struct work *work = &deriver->works[i];

		if (!work->what)
			continue;
		if (last && work->what->finish)
			work->what->finish(work->self);
		if (work->what->batch)
			work->what->batch(work->self);
		if (number <= work->cursor.batch)
			work->what->skip(work->self);
	}
	deriver->batch++;
}

void trc_deriver_end_batch(struct trc_deriver *deriver, uint64_t number)
{
	end_batch(deriver, number, false);
}

void trc_deriver_divide(struct trc_deriver *deriver)
{
	for (size_t i = 0; i < DERIVED_COUNT && !deriver->only_watches; i++)
		if (deriver->works[i].what && deriver->works[i].what->divide)
			deriver->works[i].what->divide(deriver->works[i].self);
}

/* Of events that still wait for others, nothing will follow any more. */
void trc_deriver_only_watch(struct trc_deriver *deriver)
{
	uint64_t waiting = trc_order_pending(deriver->order);

	if (deriver->only_watches)
		return;
	deriver->only_watches = true;
	deriver->kept.events -= waiting < deriver->kept.events ? waiting : deriver->kept.events;
}

void trc_deriver_give_up(struct trc_deriver *deriver)
{
	deriver->only_watches = true;
	deriver->kept = (struct trc_store_cursor){0};
	for (size_t i = 0; i < DERIVED_COUNT; i++)
		if (deriver->works[i].what)
			deriver->works[i].what->skip(deriver->works[i].self);
}

void trc_deriver_end(struct trc_deriver *deriver)
{
	end_batch(deriver, deriver->done.batch + 1, true);
}

void trc_deriver_look(struct trc_deriver *deriver)
{
	if (deriver->options.alarm)
		trc_alarm_poll(deriver->alarm, deriver->options.alarm, deriver->options.context);
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool is_behind(const struct trc_deriver *deriver, const struct work *work)
{
	return work->cursor.batch < deriver->kept.batch;
}

size_t trc_deriver_left(const struct trc_deriver *deriver)
{
	size_t left = 0;

	for (size_t i = 0; i < DERIVED_COUNT; i++)
		if (deriver->works[i].what)
			left += deriver->works[i].what->left(deriver->works[i].self);
	return left;
}

struct trc_store_cursor trc_deriver_written(const struct trc_deriver *deriver)
{
	struct trc_store_cursor least = deriver->done;

	for (size_t i = 0; i < DERIVED_COUNT; i++)
		if (deriver->works[i].what && is_behind(deriver, &deriver->works[i]) &&
		    deriver->works[i].cursor.batch < least.batch)
			least = deriver->works[i].cursor;
	return least;
}

bool trc_deriver_is_whole(const struct trc_deriver *deriver)
{
	return trc_deriver_written(deriver).batch == deriver->done.batch;
}

/* Puts at most `max` rows, and with the last of them how far `work` has come. Returns how many. */
static int put_work(const struct trc_deriver *deriver, struct work *work, struct trc_store *store,
		    size_t max, struct trc_error *ret_error)
{
	int count = work->what->put(work->self, store, max, ret_error), result = 0;

	if (count < 0)
		return count;
	work->whole = (size_t)count == work->what->left(work->self);
	if (work->whole && is_behind(deriver, work))
		result = trc_store_put_cursor(store, work->what->name, &deriver->kept, ret_error);
	return result < 0 ? result : count;
}

static int put_all(struct trc_deriver *deriver, struct trc_store *store, size_t max,
		   struct trc_error *ret_error)
{
	for (size_t i = 0; i < DERIVED_COUNT; i++) {
		int count = 0;

		if (deriver->works[i].what)
			count = put_work(deriver, &deriver->works[i], store, max, ret_error);
		if (count < 0)
			return count;
		max -= (size_t)count < max ? (size_t)count : max;
	}
	return 0;
}

int trc_deriver_put(struct trc_deriver *deriver, struct trc_store *store, size_t max,
		    struct trc_error *ret_error)
{
	int result = trc_store_begin_rows(store, ret_error);

	if (result < 0)
		return result;
	result = put_all(deriver, store, max, ret_error);
	if (result < 0) {
		trc_store_undo(store);
		return result;
	}
	result = trc_store_commit(store, ret_error);
	if (result < 0)
		return result;
	for (size_t i = 0; i < DERIVED_COUNT; i++) {
		struct work *work = &deriver->works[i];

		if (!work->what)
			continue;
		work->what->committed(work->self);
		if (work->whole)
			work->cursor = deriver->kept;
	}
	return 0;
}
