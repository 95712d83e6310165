/*
 * A batch is one transaction: the events of all rings up to the heads that were seen together, and
 * the rings' accounts. The tails of the rings move after it was committed, so a recorder that is
 * killed has either stored a batch and its rings say so, or has not.
 *
 * When the commit fails, the batch is only committed again, never read again.
 *
 * What follows from a batch is derived when it was committed. Rows cost many times more than
 * segments: while the program is busy they wait in memory, up to a limit, and are written when it
 * pauses or has ended.
 */
#include "tracer/record/recorder.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/derive/derive.h"
#include "tracer/event/ring.h"
#include "tracer/model/memory.h"

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
	struct trc_deriver *deriver;
	struct ring *rings;
	size_t ring_count;
	size_t ring_room;
	size_t first_open; /* rings before this one have ended */
	uint64_t events;
	uint64_t stored;
	uint64_t messages;
	bool uncommitted; /* the last batch */
};

struct trc_recorder *trc_recorder_new(struct trc_session *session, struct trc_store *store,
				      trc_deriver_alarm *alarm, void *context)
{
	const struct trc_deriver_options options = {.alarm = alarm, .context = context};
	struct trc_recorder *recorder = trc_zalloc(1, sizeof(*recorder));

	recorder->session = session;
	recorder->store = store;
	recorder->deriver = trc_deriver_new(&options);
	return recorder;
}

void trc_recorder_free(struct trc_recorder *recorder)
{
	if (!recorder)
		return;
	for (size_t i = 0; i < recorder->ring_count; i++)
		trc_ring_reader_close(recorder->rings[i].reader);
	free(recorder->rings);
	trc_deriver_free(recorder->deriver);
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
			.position = ring->counts.position,
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

static int commit(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	int result = trc_store_pack(recorder->store, ret_error);

	recorder->uncommitted = true;
	if (result == 0)
		result = trc_store_begin(recorder->store, ret_error);
	if (result < 0)
		return result;
	result = put_rings(recorder, ret_error);
	if (result < 0) {
		trc_store_undo(recorder->store);
		return result;
	}
	result = trc_store_commit(recorder->store, ret_error);
	if (result < 0)
		return result;
	recorder->uncommitted = false;
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

/* What follows from the batch that was committed last. */
static int derive(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	struct trc_batch *batch = trc_store_take_batch(recorder->store);
	int result = 0;

	for (size_t i = 0; batch && i < batch->count && result == 0; i++) {
		struct trc_segment segment;
		unsigned ring;

		result = trc_batch_load(batch, i, &ring, &segment, ret_error);
		if (result < 0)
			break;
		trc_deriver_add(recorder->deriver, ring, &segment);
		trc_segment_clear(&segment);
	}
	if (batch && result == 0)
		trc_deriver_end_batch(recorder->deriver, batch->number, batch->events_end);
	trc_batch_free(batch);
	trc_deriver_look(recorder->deriver);
	return result;
}

int trc_recorder_poll(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	size_t count;
	int result = 0;

	if (recorder->uncommitted) {
		result = commit(recorder, ret_error);
		if (result == 0)
			result = derive(recorder, ret_error);
		if (result < 0)
			return result;
	}
	count = read_batch(recorder);
	if (count > 0 || has_untold_ring(recorder))
		result = commit(recorder, ret_error);
	if (result == 0)
		result = derive(recorder, ret_error);
	if (result == 0 && trc_deriver_left(recorder->deriver) > 0 &&
	    (count < BUSY_EVENTS || trc_deriver_left(recorder->deriver) > ROWS_KEPT))
		result = trc_recorder_write_rows(recorder, ret_error);
	if (result < 0)
		return result;
	trc_session_heartbeat(recorder->session);
	return (int)count;
}

/* --- the end ---------------------------------------------------------------------------------- */

void trc_recorder_last(struct trc_recorder *recorder)
{
	trc_deriver_end(recorder->deriver);
	trc_deriver_look(recorder->deriver);
}

size_t trc_recorder_rows_left(const struct trc_recorder *recorder)
{
	return trc_deriver_left(recorder->deriver);
}

int trc_recorder_write_rows(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	return trc_deriver_put(recorder->deriver, recorder->store, ROWS_AT_ONCE, ret_error);
}

void trc_recorder_totals(const struct trc_recorder *recorder,
			 struct trc_recorder_totals *ret_totals)
{
	struct trc_recorder_totals totals = {
		.events = recorder->events,
		.stored = recorder->stored,
		.messages = recorder->messages,
		.actors = trc_model_actor_count(trc_deriver_model(recorder->deriver)),
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
