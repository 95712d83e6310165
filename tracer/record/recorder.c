/*
 * A batch is one transaction: the events of all rings up to the heads that were seen together, and
 * the rings' accounts. The tails of the rings move after it was committed, so a recorder that is
 * killed has either stored a batch and its rings say so, or has not.
 *
 * When the commit fails, the batch is only committed again, never read again.
 *
 * A batch takes part of each ring only, when they are full, so that their writers go on while the
 * next one is read. All rings are then read up to the same time.
 *
 * What follows from a committed batch is a follower's business, in its own thread. It rests while a
 * ring is filling.
 */
#include "tracer/record/recorder-private.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/derive/follower.h"
#include "tracer/record/names.h"
#include "tracer/store/let-go.h"

enum {
	BATCH_BYTES = 8 << 20,      /* of all rings together, about */
	BATCH_RING_MIN = 128 << 10, /* of one, if it has them */
	BATCH_SHARE = 16,           /* of the room in a file that keeps to a size */
	ROOM_SHARE = 8,             /* of it is kept for what follows from the events */
	ASIDE_BYTES = 8 << 20,      /* of batches that are not stored, in memory */
	BEHIND_EVENTS = 2000000,    /* half a second's work for the follower, or a second's */
	REST_FROM = 8,              /* an eighth of a ring is waiting: the follower rests */
	REST_UNTIL = 16,
};

struct trc_recorder *trc_recorder_new(struct trc_session *session, struct trc_store *store,
				      const struct trc_deriver_options *options,
				      struct trc_error *ret_error)
{
	struct trc_recorder *recorder = trc_zalloc(1, sizeof(*recorder));
	struct trc_store_written written;
	struct trc_store_room room;

	trc_store_room(store, &room);
	recorder->batch_bytes = BATCH_BYTES;
	if (room.limit > 0 && room.limit / BATCH_SHARE < BATCH_BYTES)
		recorder->batch_bytes = room.limit / BATCH_SHARE;
	recorder->session = session;
	recorder->store = store;
	trc_store_written(store, &written);
	recorder->events = recorder->stored = written.events;
	recorder->messages = written.messages;
	recorder->follower = trc_follower_new(store, options, ret_error);
	if (recorder->follower)
		return recorder;
	free(recorder);
	return NULL;
}

void trc_recorder_filter(struct trc_recorder *recorder, unsigned rules, struct trc_names *names)
{
	recorder->rules = rules;
	recorder->names = names;
}

void trc_recorder_free(struct trc_recorder *recorder)
{
	if (!recorder)
		return;
	for (size_t i = 0; i < recorder->ring_count; i++)
		trc_ring_reader_close(recorder->rings[i].reader);
	free(recorder->rings);
	free(recorder->clock_steps.data);
	trc_follower_free(recorder->follower);
	free(recorder);
}

/* --- reading ---------------------------------------------------------------------------------- */

/* The accounts that another recorder has left in the file: it goes on from there. False when the
 * file cannot be read now. */
static bool resume_ring(struct trc_recorder *recorder, size_t number)
{
	struct trc__recorded_ring *ring = &recorder->rings[number];
	struct trc_store_ring row;
	struct trc_error error;
	int result = trc_store_get_ring(recorder->store, (uint32_t)number, &row, &error);

	if (result < 0)
		return false;
	ring->asked = true;
	if (result == 0)
		return true;
	ring->counts = (struct trc_ring_counts){.written = row.written,
						.lost = row.lost,
						.read = row.stored,
						.corrupt = row.corrupt,
						.position = row.position,
						.pid = row.pid,
						.tid = row.tid,
						.closed = row.closed};
	ring->told = true;
	ring->ended = row.closed;
	return true;
}

static void open_ring(struct trc_recorder *recorder, size_t number)
{
	struct trc__recorded_ring *ring = &recorder->rings[number];
	int result;

	if (ring->reader || ring->ended || (!ring->asked && !resume_ring(recorder, number)) ||
	    ring->ended)
		return;
	result = trc_ring_reader_open(recorder->session, (unsigned)number, &ring->reader);
	if (result == 0)
		trc_ring_reader_resume(ring->reader, ring->counts.position, ring->counts.read,
				       ring->counts.corrupt);
	else if (result != -EAGAIN)
		ring->broken = ring->ended = true;
}

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
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++)
		open_ring(recorder, i);
}

static void read_ring(struct trc_recorder *recorder, size_t number)
{
	struct trc__recorded_ring *ring = &recorder->rings[number];
	struct trc_error error;
	struct trc_event event;

	while (trc_ring_next(ring->reader, &event)) {
		ring->unstored += recorder->only_watches;
		if (trc_store_add(recorder->store, (unsigned)number, &event, &error) < 0) {
			/* only memory can be missing here, and that ends the tools */
			fprintf(stderr, "actorscope: %s\n", error.text);
			exit(2);
		}
		recorder->messages += event.kind == TRC_SEND;
		recorder->events++;
		recorder->times_back += event.time < ring->time;
		if (event.time > ring->time)
			ring->time = event.time;
		if (recorder->names && event.kind <= TRC_SPAWN)
			trc_names_note(recorder->names, &event);
	}
}

static bool counts_differ(const struct trc_ring_counts *a, const struct trc_ring_counts *b)
{
	return a->written != b->written || a->read != b->read || a->lost != b->lost ||
	       a->corrupt != b->corrupt || a->closed != b->closed || a->tid != b->tid ||
	       a->left_out != b->left_out || a->bare != b->bare;
}

/* All heads first: what is in the batch then hardly ever misses its cause. Returns how many rings
 * have something. */
static size_t sync_rings(struct trc_recorder *recorder)
{
	uint64_t most = 0, room = 1;
	size_t count = 0;

	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct trc_ring_reader *reader = recorder->rings[i].reader;
		uint64_t waiting;

		if (!reader)
			continue;
		trc_ring_reader_sync(reader);
		waiting = trc_ring_reader_waiting(reader, &room);
		count += waiting > 0;
		if (waiting > most)
			most = waiting;
	}
	if (most >= room / REST_FROM && !recorder->only_watches)
		trc_follower_rest(recorder->follower, true);
	else if (most < room / REST_UNTIL)
		trc_follower_rest(recorder->follower, false);
	return count;
}

/* No ring gives more than its share, and all give what happened up to the same time. */
static void limit_rings(struct trc_recorder *recorder, size_t count)
{
	uint64_t share = recorder->batch_bytes / count, time = UINT64_MAX, room;

	if (share < BATCH_RING_MIN)
		share = BATCH_RING_MIN;
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		const struct trc_ring_reader *reader = recorder->rings[i].reader;

		if (reader && trc_ring_reader_waiting(reader, &room) > share) {
			uint64_t end = trc_ring_reader_time_after(reader, share);

			if (end < time)
				time = end;
		}
	}
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++)
		if (recorder->rings[i].reader)
			trc_ring_reader_limit(recorder->rings[i].reader, share, time);
}

static void read_rings(struct trc_recorder *recorder)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct trc__recorded_ring *ring = &recorder->rings[i];
		struct trc_ring_counts counts;

		if (!ring->reader)
			continue;
		read_ring(recorder, i);
		/* Where threads are many and processors few, a batch may take long. */
		trc_session_heartbeat(recorder->session);
		trc_ring_reader_counts(ring->reader, &counts);
		if (counts_differ(&counts, &ring->counts)) {
			ring->counts = counts;
			ring->told = false;
		}
	}
}

/* Reads a batch from all rings. Returns how many events it has. */
static size_t read_batch(struct trc_recorder *recorder)
{
	uint64_t before = recorder->events;
	size_t count;

	open_rings(recorder);
	count = sync_rings(recorder);
	if (count > 0)
		limit_rings(recorder, count);
	read_rings(recorder);
	/* A damaged time may be one that nothing is earlier than. */
	if (count > 0 && recorder->events == before) {
		sync_rings(recorder);
		read_rings(recorder);
	}
	return (size_t)(recorder->events - before);
}

/* --- committing ------------------------------------------------------------------------------- */

/* The batch is safe: gives the rings' room back and lets go of rings that have ended. */
static void release_rings(struct trc_recorder *recorder)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++) {
		struct trc__recorded_ring *ring = &recorder->rings[i];

		ring->told = true;
		if (!ring->reader)
			continue;
		trc_ring_reader_release(ring->reader);
		if (ring->counts.closed) {
			trc_ring_reader_add_chosen(ring->reader, recorder->chosen);
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
	result = trc__recorder_put_accounts(recorder, ret_error);
	if (result < 0) {
		trc_store_undo(recorder->store);
		return result;
	}
	result = trc_store_commit(recorder->store, ret_error);
	if (result < 0)
		return result;
	recorder->uncommitted = false;
	recorder->stored = recorder->events;
	trc__recorder_accounts_are_put(recorder);
	release_rings(recorder);
	trc_follower_give(recorder->follower, trc_store_take_batch(recorder->store));
	return 0;
}

static bool has_untold_ring(const struct trc_recorder *recorder)
{
	for (size_t i = recorder->first_open; i < recorder->ring_count; i++)
		if (recorder->rings[i].reader && !recorder->rings[i].told)
			return true;
	return false;
}

/* Writers that wait are told of progress as long as the follower makes some. */
static void wait_for_follower(struct trc_recorder *recorder, uint64_t used)
{
	struct trc_follower_state state;
	uint64_t progress;

	trc_follower_rest(recorder->follower, false);
	trc_follower_state(recorder->follower, &state);
	progress = state.done.events + state.written.events + state.rows_left + used;
	if (progress != recorder->progress)
		trc_session_heartbeat(recorder->session);
	recorder->progress = progress;
}

/* In a file that keeps to a size: 0; -EAGAIN until the follower has let go of something; -errno. */
static int have_room(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	struct trc_store_room room;

	trc_store_room(recorder->store, &room);
	if (room.limit == 0)
		return 0;
	if (room.log > room.limit && !trc_store_empty_log(recorder->store)) {
		snprintf(ret_error->text, sizeof(ret_error->text),
			 "somebody has been reading the trace for so long that its log has become "
			 "as large as itself");
		return -EBUSY;
	}
	if (room.used <= room.limit - room.limit / ROOM_SHARE)
		return 0;
	wait_for_follower(recorder, room.used);
	snprintf(ret_error->text, sizeof(ret_error->text),
		 "there is no room in the trace until older events have been let go");
	return -EAGAIN;
}

static uint64_t events_behind(const struct trc_recorder *recorder)
{
	struct trc_follower_state state;

	trc_follower_state(recorder->follower, &state);
	return state.given.events - state.done.events;
}

void trc_recorder_only_watch(struct trc_recorder *recorder)
{
	recorder->only_watches = true;
	trc_follower_rest(recorder->follower, false);
	recorder->waits_behind = events_behind(recorder) > BEHIND_EVENTS;
	if (recorder->waits_behind)
		trc_session_pause(recorder->session, true);
}

/* The follower knows all that is in the file: it can go on with the program. */
static void come_up(struct trc_recorder *recorder)
{
	if (!recorder->waits_behind || events_behind(recorder) > BEHIND_EVENTS / 2)
		return;
	recorder->waits_behind = false;
	trc_session_pause(recorder->session, false);
}

/* The rings' accounts, without a batch. */
static int tell_rings(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	int result = trc_store_begin(recorder->store, ret_error);

	if (result < 0)
		return result;
	result = trc__recorder_put_rings(recorder, ret_error);
	if (result < 0) {
		trc_store_undo(recorder->store);
		return result;
	}
	return trc_store_commit(recorder->store, ret_error);
}

/* As trc_recorder_poll(), of events that are not stored. What the follower has not taken yet is in
 * memory alone, so that there must not be too much of it. */
static int watch(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	struct trc_follower_state state;
	struct trc_batch *batch;
	size_t count;
	int result;

	trc_store_stop(recorder->store);
	come_up(recorder);
	trc_follower_state(recorder->follower, &state);
	if (state.aside > ASIDE_BYTES) {
		wait_for_follower(recorder, 0);
		snprintf(ret_error->text, sizeof(ret_error->text),
			 "the alarm has not come up with the program");
		return -EAGAIN;
	}
	count = read_batch(recorder);
	if (count == 0 && !has_untold_ring(recorder))
		return 0;
	result = trc_store_set_aside(recorder->store, &batch, ret_error);
	if (result < 0)
		return result;
	trc_follower_give(recorder->follower, batch);
	result = tell_rings(recorder, ret_error);
	if (result == 0)
		release_rings(recorder);
	trc_session_heartbeat(recorder->session);
	return result < 0 ? result : (int)count;
}

int trc_recorder_poll(struct trc_recorder *recorder, struct trc_error *ret_error)
{
	size_t count;
	int result;

	if (recorder->uncommitted) {
		result = commit(recorder, ret_error);
		if (result < 0)
			return result;
	}
	if (recorder->only_watches)
		return watch(recorder, ret_error);
	result = have_room(recorder, ret_error);
	if (result < 0)
		return result;
	count = read_batch(recorder);
	if (count > 0 || has_untold_ring(recorder) || trc__recorder_has_untold_clock(recorder)) {
		result = commit(recorder, ret_error);
		if (result < 0)
			return result;
	}
	trc_session_heartbeat(recorder->session);
	return (int)count;
}

/* --- what follows ----------------------------------------------------------------------------- */

void trc_recorder_last(struct trc_recorder *recorder)
{
	trc_follower_rest(recorder->follower, false);
	trc_follower_end(recorder->follower);
}

bool trc_recorder_wait(struct trc_recorder *recorder, unsigned milliseconds)
{
	return trc_follower_wait(recorder->follower, milliseconds);
}

void trc_recorder_stop(struct trc_recorder *recorder)
{
	trc_follower_stop(recorder->follower);
}

void trc_recorder_totals(const struct trc_recorder *recorder,
			 struct trc_recorder_totals *ret_totals)
{
	struct trc_recorder_totals totals = {
		.events = recorder->events,
		.stored = recorder->stored,
		.messages = recorder->messages,
		.ringless = trc_session_ringless_count(recorder->session),
		.times_back = recorder->times_back,
		.complete = !recorder->uncommitted,
	};

	trc__recorder_count_left_out(recorder, &totals.left_out, &totals.bare);
	trc_follower_state(recorder->follower, &totals.follower);
	if (totals.stored > totals.follower.written.events)
		totals.rows_behind = totals.stored - totals.follower.written.events;
	for (size_t i = 0; i < recorder->ring_count; i++) {
		const struct trc__recorded_ring *ring = &recorder->rings[i];

		totals.lost += ring->counts.lost + ring->unstored;
		totals.corrupt += ring->counts.corrupt;
		if (ring->broken || ring->counts.written != ring->counts.read)
			totals.complete = false;
	}
	if (totals.lost > 0 || totals.corrupt > 0 || totals.ringless > 0)
		totals.complete = false;
	*ret_totals = totals;
}
