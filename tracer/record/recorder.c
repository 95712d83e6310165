/*
 * A batch is one transaction: the events of all rings up to the heads that were seen together, the
 * rows that changed, and the rings' accounts. The tails of the rings move after it was committed,
 * so a recorder that is killed has either stored a batch and its rings say so, or has not.
 *
 * The batch goes into the segments event by event, and at the same time through order into model,
 * rows and alarm. When the commit fails, the batch is already in all of these; it is only committed
 * again, never read again.
 *
 * Rows cost many times more than segments. While the program is busy they wait in memory, up to a
 * limit, and are written when it pauses or has ended.
 */
#include "tracer/record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/analysis/alarm.h"
#include "tracer/event/ring.h"
#include "tracer/model/memory.h"
#include "tracer/model/order.h"
#include "tracer/record/rows.h"

enum {
	BUSY_EVENTS = 20000, /* a batch of so many means that the program is busy */
	ROWS_AT_ONCE = 20000,
	ROWS_KEPT = 500000, /* more are written even when it is busy */
};

struct ring {
	struct trc_ring_reader *reader; /* NULL: not open yet, or drained and closed */
	struct trc_ring_counts counts;
	bool told; /* the table has these counts */
	bool ended;
	bool broken; /* cannot be read */
};

struct trc_recorder {
	struct trc_session *session;
	struct trc_store *store;
	struct trc_model *model;
	struct trc_order *order;
	struct trc_alarm *alarm;
	struct trc_rows *rows;
	trc_recorder_alarm *report;
	void *context;
	struct ring *rings;
	size_t ring_count;
	size_t ring_room;
	size_t first_open; /* rings before this one have ended */
	uint64_t events;
	uint64_t stored;
	uint64_t messages;
	bool uncommitted; /* the last batch */
};

static void on_applied(const struct trc_event *event, void *context)
{
	struct trc_recorder *recorder = context;

	trc_rows_event(recorder->rows, event);
	trc_alarm_event(recorder->alarm, event);
}

struct trc_recorder *trc_recorder_new(struct trc_session *session, struct trc_store *store,
				      trc_recorder_alarm *alarm, void *context)
{
	struct trc_recorder *recorder = trc_zalloc(1, sizeof(*recorder));

	recorder->session = session;
	recorder->store = store;
	recorder->report = alarm;
	recorder->context = context;
	recorder->model = trc_model_new();
	recorder->order = trc_order_new(recorder->model, on_applied, recorder);
	recorder->alarm = trc_alarm_new(recorder->model);
	recorder->rows = trc_rows_new(recorder->model);
	return recorder;
}

void trc_recorder_free(struct trc_recorder *recorder)
{
	if (!recorder)
		return;
	for (size_t i = 0; i < recorder->ring_count; i++)
		trc_ring_reader_close(recorder->rings[i].reader);
	free(recorder->rings);
	trc_rows_free(recorder->rows);
	trc_alarm_free(recorder->alarm);
	trc_order_free(recorder->order);
	trc_model_free(recorder->model);
	free(recorder);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* Opens the rings that have come since, and those whose writers were not ready before. */
static void open_rings(struct trc_recorder *recorder)
{
	size_t count = trc_session_ring_count(recorder->session);

	if (count > recorder->ring_count) {
		recorder->rings = trc_grow(recorder->rings, &recorder->ring_room, count,
					   sizeof(recorder->rings[0]));
		memset(recorder->rings + recorder->ring_count, 0,
		       (count - recorder->ring_count) * sizeof(recorder->rings[0]));
		recorder->ring_count = count;
	}
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct ring *ring = &recorder->rings[i];
		int result;

		if (ring->reader || ring->ended)
			continue;
		result = trc_ring_reader_open(recorder->session, (unsigned)i, &ring->reader);
		if (result < 0 && result != -EAGAIN)
			ring->broken = ring->ended = true;
	}
}

static size_t read_ring(struct trc_recorder *recorder, size_t number)
{
	struct trc_ring_reader *reader = recorder->rings[number].reader;
	struct trc_error error;
	struct trc_event event;
	size_t count = 0;

	while (trc_ring_next(reader, &event)) {
		if (trc_store_add(recorder->store, (unsigned)number, &event, &error) < 0) {
			/* only memory can be missing here, and that ends the tools */
			fprintf(stderr, "actorscope: %s\n", error.text);
			exit(2);
		}
		trc_order_push(recorder->order, (unsigned)number, &event);
		recorder->messages += event.kind == TRC_SEND;
		count++;
	}
	return count;
}

static bool counts_differ(const struct trc_ring_counts *a, const struct trc_ring_counts *b)
{
	return a->written != b->written || a->read != b->read || a->lost != b->lost ||
	       a->corrupt != b->corrupt || a->closed != b->closed || a->tid != b->tid;
}

/* Reads a batch from all rings. */
static size_t read_batch(struct trc_recorder *recorder)
{
	size_t count = 0;

	open_rings(recorder);
	/* All heads first: what is in the batch then hardly ever misses its cause. */
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++)
		if (recorder->rings[i].reader)
			trc_ring_reader_sync(recorder->rings[i].reader);
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct ring *ring = &recorder->rings[i];
		struct trc_ring_counts counts;

		if (!ring->reader)
			continue;
		count += read_ring(recorder, i);
		trc_ring_reader_counts(ring->reader, &counts);
		if (counts_differ(&counts, &ring->counts)) {
			ring->counts = counts;
			ring->told = false;
		}
	}
	recorder->events += count;
	trc_order_drain(recorder->order, false);
	trc_alarm_poll(recorder->alarm, recorder->report, recorder->context);
	return count;
}

/* --- committing ------------------------------------------------------------------------------- */

static int put_rings(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		const struct ring *ring = &recorder->rings[i];
		struct trc_store_ring row = {
			.number = (uint32_t)i,
			.pid = ring->counts.pid,
			.tid = ring->counts.tid,
			.written = ring->counts.written,
			.stored = ring->counts.read,
			.lost = ring->counts.lost,
			.corrupt = ring->counts.corrupt,
			.closed = ring->counts.closed,
		};
		int result;

		if (ring->told || (!ring->reader && !ring->broken))
			continue;
		result = trc_store_put_ring(recorder->store, &row, ret_error);
		if (result < 0)
			return result;
	}
	return 0;
}

/* The batch is safe: gives the rings' room back and lets go of rings that have ended. */
static void release_rings(struct trc_recorder *recorder)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct ring *ring = &recorder->rings[i];

		ring->told = true;
		if (!ring->reader)
			continue;
		trc_ring_reader_release(ring->reader);
		if (ring->counts.closed) {
			trc_ring_reader_close(ring->reader);
			ring->reader = NULL;
			ring->ended = true;
		}
	}
	while (recorder->first_open < recorder->ring_count &&
	       recorder->rings[recorder->first_open].ended)
		recorder->first_open++;
}

static int commit(struct trc_recorder *recorder, size_t rows, struct trc_error *ret_error)
{
	int result = trc_store_begin(recorder->store, ret_error);

	if (result == 0)
		result = put_rings(recorder, ret_error);
	if (result == 0)
		result = trc_rows_put(recorder->rows, recorder->store, rows, ret_error);
	trc_store_set_rows_behind(recorder->store, trc_rows_left(recorder->rows));
	if (result == 0)
		result = trc_store_commit(recorder->store, ret_error);
	recorder->uncommitted = result < 0;
	if (result < 0)
		return result;
	trc_rows_committed(recorder->rows);
	recorder->stored = recorder->events;
	release_rings(recorder);
	return 0;
}

static bool has_untold_ring(const struct trc_recorder *recorder)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++)
		if (recorder->rings[i].reader && !recorder->rings[i].told)
			return true;
	return false;
}

int trc_recorder_poll(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	size_t count, rows = 0;
	int result;

	if (recorder->uncommitted) {
		result = commit(recorder, ROWS_AT_ONCE, ret_error);
		if (result < 0)
			return result;
	}
	count = read_batch(recorder);
	if (count < BUSY_EVENTS || trc_rows_changed(recorder->rows) > ROWS_KEPT)
		rows = ROWS_AT_ONCE;
	if (count > 0 || has_untold_ring(recorder) ||
	    (rows > 0 && trc_rows_changed(recorder->rows) > 0)) {
		result = commit(recorder, rows, ret_error);
		if (result < 0)
			return result;
	}
	trc_session_heartbeat(recorder->session);
	return (int)count;
}

/* --- the end ---------------------------------------------------------------------------------- */

void trc_recorder_last(struct trc_recorder *recorder)
{
	trc_order_drain(recorder->order, true);
	trc_alarm_poll(recorder->alarm, recorder->report, recorder->context);
}

size_t trc_recorder_rows_left(const struct trc_recorder *recorder)
{
	return trc_rows_changed(recorder->rows);
}

int trc_recorder_write_rows(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	return commit(recorder, ROWS_AT_ONCE, ret_error);
}

void trc_recorder_totals(const struct trc_recorder *recorder,
			 struct trc_recorder_totals *ret_totals)
{
	struct trc_recorder_totals totals = {
		.events = recorder->events,
		.stored = recorder->stored,
		.messages = recorder->messages,
		.actors = trc_model_actor_count(recorder->model),
		.ringless = trc_session_ringless_count(recorder->session),
		.complete = !recorder->uncommitted,
	};

	for (size_t i = 0; i < recorder->ring_count; i++) {
		const struct ring *ring = &recorder->rings[i];

		totals.lost += ring->counts.lost;
		totals.corrupt += ring->counts.corrupt;
		if (ring->broken || ring->counts.written != ring->counts.read)
			totals.complete = false;
	}
	if (totals.lost > 0 || totals.corrupt > 0 || totals.ringless > 0)
		totals.complete = false;
	*ret_totals = totals;
}
