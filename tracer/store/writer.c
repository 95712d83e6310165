/*
 * The recorder's end of a trace file.
 *
 * Events wait in memory, packed per ring, until the commit of their batch; only then are they
 * written, with everything else of the batch, in one transaction. When that fails (a full disk),
 * the transaction is undone and the packed events stay: the next commit writes them. So an event
 * that was added is never added again.
 *
 * There is one connection that writes, and there may be two threads: that of the events and that of
 * the rows. The lock is held from begin to commit or undo. Builders and the open batch belong to
 * the first thread and need no lock; the numbers that go into `meta` are written under it.
 */
#include "tracer/store/store-private.h"
#include "tracer/store/turns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_TIMEOUT_MS = 250 };

struct trc_batch_segment {
	struct trc_segment_info info;
	uint8_t *bytes;
	size_t size;
};

struct trc__writer {
	struct trc_segment_packer *packer;
	struct trc_segment_builder **builders; /* by ring; NULL: none yet */
	size_t builder_count;
	struct trc_batch *open; /* packed, and not committed yet */
	struct trc_batch *done; /* by the last commit, if nobody has taken it */
	bool stopped;           /* what is added is not stored */
	uint64_t events;        /* added */
	uint64_t messages;
	uint64_t first_time;
	uint64_t last_time;

	struct trc__turns lock;    /* of the connection and of what follows */
	bool in_rows;              /* the open transaction is of the thread that puts rows */
	uint64_t committed_events; /* told to the file */
	struct trc_store_cursor rows;
};

static struct trc_batch *batch_new(uint64_t number)
{
	struct trc_batch *batch = calloc(1, sizeof(*batch));

	if (batch)
		batch->number = number;
	return batch;
}

void trc_batch_free(struct trc_batch *batch)
{
	if (!batch)
		return;
	for (size_t i = 0; i < batch->count; i++)
		free(batch->segments[i].bytes);
	free(batch->segments);
	free(batch);
}

struct trc__writer *trc__writer_new(void)
{
	struct trc__writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	trc__turns_init(&writer->lock);
	writer->packer = trc_segment_packer_new();
	writer->open = batch_new(1);
	if (!writer->packer || !writer->open) {
		trc__writer_free(writer);
		return NULL;
	}
	return writer;
}

void trc__writer_free(struct trc__writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i < writer->builder_count; i++)
		trc_segment_builder_free(writer->builders[i]);
	free(writer->builders);
	trc_batch_free(writer->open);
	trc_batch_free(writer->done);
	trc_segment_packer_free(writer->packer);
	trc__turns_end(&writer->lock);
	free(writer);
}

void trc__writer_resume(struct trc__writer *writer, const struct trc_store_info *info,
			uint64_t last, const struct trc_store_cursor *rows)
{
	writer->events = writer->committed_events = info->events;
	writer->messages = info->messages;
	writer->first_time = info->first_time;
	writer->last_time = info->last_time;
	writer->rows = *rows;
	writer->open->number = last + 1;
}

void trc__writer_lock(struct trc__writer *writer)
{
	trc__turns_take(&writer->lock);
}

void trc__writer_unlock(struct trc__writer *writer)
{
	trc__turns_give(&writer->lock);
}

void trc_store_written(const struct trc_store *store, struct trc_store_written *ret_written)
{
	const struct trc__writer *writer = store->writer;

	*ret_written = (struct trc_store_written){
		.batch = writer->open->number - 1,
		.events = writer->committed_events,
		.messages = writer->messages,
	};
}

/* --- adding events ---------------------------------------------------------------------------- */

/* The builder of a ring, made on first use. */
static struct trc_segment_builder *builder_of(struct trc__writer *writer, unsigned ring)
{
	if (ring >= writer->builder_count) {
		size_t count = ring + 16;
		struct trc_segment_builder **builders =
			realloc(writer->builders, count * sizeof(struct trc_segment_builder *));

		if (!builders)
			return NULL;
		memset(builders + writer->builder_count, 0,
		       (count - writer->builder_count) * sizeof(struct trc_segment_builder *));
		writer->builders = builders;
		writer->builder_count = count;
	}
	if (!writer->builders[ring])
		writer->builders[ring] = trc_segment_builder_new();
	return writer->builders[ring];
}

/* A place for one more segment in the batch, which only batch_keep() makes part of it. */
static struct trc_batch_segment *batch_place(struct trc_batch *batch)
{
	struct trc_batch_segment *segments = batch->segments;

	/* Counts that are powers of two, from 4 on, are where there is no room left. */
	if (batch->count == 0 || (batch->count >= 4 && (batch->count & (batch->count - 1)) == 0)) {
		segments = realloc(segments,
				   (batch->count ? 2 * batch->count : 4) * sizeof(*segments));
		if (!segments)
			return NULL;
		batch->segments = segments;
	}
	return &segments[batch->count];
}

static void batch_keep(struct trc_batch *batch)
{
	const struct trc_batch_segment *segment = &batch->segments[batch->count++];

	batch->events += segment->info.count;
	batch->bytes += segment->size;
	if (segment->info.last_time > batch->last_time)
		batch->last_time = segment->info.last_time;
}

int trc__batch_add(struct trc_batch *batch, const struct trc_segment_info *info, const void *bytes,
		   size_t size)
{
	struct trc_batch_segment *segment = batch_place(batch);

	if (!segment)
		return -ENOMEM;
	*segment =
		(struct trc_batch_segment){.info = *info, .bytes = malloc(size + 1), .size = size};
	if (!segment->bytes)
		return -ENOMEM;
	memcpy(segment->bytes, bytes ? bytes : "", size);
	batch_keep(batch);
	return 0;
}

static int pack_ring(struct trc__writer *writer, unsigned ring)
{
	struct trc_segment_builder *builder = writer->builders[ring];
	struct trc_batch_segment *segment = batch_place(writer->open);
	int result;

	if (!segment)
		return -ENOMEM;
	segment->info = (struct trc_segment_info){
		.ring = ring,
		.count = (uint32_t)trc_segment_builder_count(builder),
		.batch = writer->open->number,
		.first_time = trc_segment_builder_first(builder),
		.last_time = trc_segment_builder_last(builder),
	};
	result = trc_segment_builder_pack(builder, writer->packer, &segment->bytes, &segment->size);
	if (result == 0)
		batch_keep(writer->open);
	return result;
}

int trc_store_add(struct trc_store *store, unsigned ring, const struct trc_event *event,
		  struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	struct trc_segment_builder *builder = builder_of(writer, ring);

	if (!builder || trc_segment_builder_add(builder, event) < 0 ||
	    (trc_segment_builder_full(builder) && pack_ring(writer, ring) < 0))
		return trc__fail_memory(store, ret_error);
	if (writer->stopped)
		return 0;
	if (writer->events == 0 || event->time < writer->first_time)
		writer->first_time = event->time;
	if (event->time > writer->last_time)
		writer->last_time = event->time;
	writer->events++;
	writer->messages += event->kind == TRC_SEND;
	return 0;
}

int trc_store_pack(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;

	for (unsigned ring = 0; ring < writer->builder_count; ring++)
		if (writer->builders[ring] &&
		    trc_segment_builder_count(writer->builders[ring]) > 0 &&
		    pack_ring(writer, ring) < 0)
			return trc__fail_memory(store, ret_error);
	return 0;
}

void trc_store_stop(struct trc_store *store)
{
	store->writer->stopped = true;
}

int trc_store_set_aside(struct trc_store *store, struct trc_batch **ret_batch,
			struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	struct trc_batch *next;
	int result = trc_store_pack(store, ret_error);

	if (result < 0)
		return result;
	*ret_batch = NULL;
	if (writer->open->count == 0)
		return 0;
	next = batch_new(writer->open->number + 1);
	if (!next)
		return trc__fail_memory(store, ret_error);
	*ret_batch = writer->open;
	(*ret_batch)->aside = true;
	writer->open = next;
	return 0;
}

struct trc_batch *trc_store_take_batch(struct trc_store *store)
{
	struct trc_batch *batch = store->writer->done;

	store->writer->done = NULL;
	return batch;
}

int trc_store_read_batch(struct trc_store *store, uint64_t first, struct trc_batch **ret_batch,
			 struct trc_error *ret_error)
{
	struct trc_batch *batch = batch_new(0);
	int result;

	if (!batch)
		return trc__fail_memory(store, ret_error);
	trc__turns_take(&store->writer->lock);
	result = trc__get_batch(store, first, batch, ret_error);
	trc__turns_give(&store->writer->lock);
	if (result == 0 && batch->count == 0)
		result = trc__fail(ret_error, -ENOENT, "%s is damaged: a segment has gone",
				   store->path);
	if (result == 0)
		*ret_batch = batch;
	else
		trc_batch_free(batch);
	return result;
}

int trc_batch_load(const struct trc_batch *batch, size_t index, unsigned *ret_ring,
		   struct trc_segment *ret_segment, struct trc_error *ret_error)
{
	const struct trc_batch_segment *segment = &batch->segments[index];
	int result =
		trc_segment_unpack(segment->bytes, segment->size, segment->info.count, ret_segment);

	*ret_ring = segment->info.ring;
	if (result < 0)
		return trc__fail(ret_error, result, "cannot read what was just recorded: %s",
				 result == -ENOMEM ? "out of memory" : "it is damaged in memory");
	return 0;
}

/* --- transactions ----------------------------------------------------------------------------- */

void trc_store_undo(struct trc_store *store)
{
	/* SQLite has undone some failures itself. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
	trc__turns_give(&store->writer->lock);
}

static int begin(struct trc_store *store, bool in_rows, struct trc_error *ret_error)
{
	int result;

	trc__turns_take(&store->writer->lock);
	store->writer->in_rows = in_rows;
	result = trc__check_log(store, ret_error);
	if (result == 0)
		result = trc__execute(store, "BEGIN IMMEDIATE", ret_error);
	if (result < 0)
		trc_store_undo(store);
	return result;
}

int trc_store_begin(struct trc_store *store, struct trc_error *ret_error)
{
	return begin(store, false, ret_error);
}

int trc_store_begin_rows(struct trc_store *store, struct trc_error *ret_error)
{
	return begin(store, true, ret_error);
}

bool trc_store_is_wanted(const struct trc_store *store)
{
	return trc__turns_wanted(&store->writer->lock);
}

int trc_store_put_cursor(struct trc_store *store, const char *name,
			 const struct trc_store_cursor *cursor, struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	int result = trc__put_cursor(store, name, cursor, ret_error);

	if (result < 0 || strcmp(name, TRC_STORE_ROWS) != 0)
		return result;
	writer->rows = *cursor;
	return trc__put_meta_number(store, "rows_behind",
				    writer->committed_events > cursor->events
					    ? writer->committed_events - cursor->events
					    : 0,
				    ret_error);
}

static int put_counts(struct trc_store *store, struct trc_error *ret_error)
{
	const struct trc__writer *writer = store->writer;
	int result = trc__put_meta_number(store, "events", writer->events, ret_error);

	if (result == 0)
		result = trc__put_meta_number(store, "messages", writer->messages, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "first_ns", writer->first_time, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "last_ns", writer->last_time, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "rows_behind",
					      writer->events - writer->rows.events, ret_error);
	return result;
}

/* Puts the open batch into the transaction. */
static int put_batch(struct trc_store *store, struct trc_error *ret_error)
{
	const struct trc_batch *batch = store->writer->open;

	for (size_t i = 0; i < batch->count; i++) {
		const struct trc_batch_segment *segment = &batch->segments[i];
		int result = trc__put_segment(store, &segment->info, segment->bytes, segment->size,
					      ret_error);

		if (result < 0)
			return result;
	}
	return batch->count > 0 ? put_counts(store, ret_error) : 0;
}

/* The open batch is in the file. `next` is to be the open one. */
static void batch_is_done(struct trc__writer *writer, struct trc_batch *next)
{
	trc_batch_free(writer->done);
	writer->done = writer->open;
	writer->committed_events = writer->events;
	writer->open = next;
}

static int commit_batch(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	struct trc_batch *next = NULL;
	int result = trc_store_pack(store, ret_error);

	if (result == 0 && writer->open->count > 0) {
		next = batch_new(writer->open->number + 1);
		result = next ? put_batch(store, ret_error) : trc__fail_memory(store, ret_error);
	}
	if (result == 0)
		result = trc__execute(store, "COMMIT", ret_error);
	if (result == 0 && next)
		batch_is_done(writer, next);
	else
		trc_batch_free(next);
	return result;
}

int trc_store_commit(struct trc_store *store, struct trc_error *ret_error)
{
	int result = store->writer->in_rows ? trc__execute(store, "COMMIT", ret_error)
					    : commit_batch(store, ret_error);

	if (result < 0) {
		trc_store_undo(store);
		return result;
	}
	trc__keep_log_short(store);
	trc__keeping_look(store);
	trc__turns_give(&store->writer->lock);
	return 0;
}

/* All that was committed, into the file and onto the disk. */
static int move_all(struct trc_store *store, int mode, struct trc_error *ret_error)
{
	int result;

	trc__writer_lock(store->writer);
	result = trc__move_log(store, mode, ret_error);
	trc__writer_unlock(store->writer);
	return result;
}

static int put_end(struct trc_store *store, const struct trc_store_info *info,
		   struct trc_error *ret_error)
{
	int result = trc_store_begin(store, ret_error);

	if (result < 0)
		return result;
	result = trc__put_info(store, info, ret_error);
	if (result < 0) {
		trc_store_undo(store);
		return result;
	}
	return trc_store_commit(store, ret_error);
}

int trc_store_finish(struct trc_store *store, const struct trc_store_info *info,
		     struct trc_error *ret_error)
{
	struct trc_store_info closed = *info, unfinished = *info;
	int result = move_all(store, SQLITE_CHECKPOINT_PASSIVE, ret_error);

	closed.closed = true;
	if (result == 0)
		result = put_end(store, &closed, ret_error);
	if (result < 0)
		return result;
	sqlite3_busy_timeout(store->db, CLOSE_TIMEOUT_MS);
	result = move_all(store, SQLITE_CHECKPOINT_TRUNCATE, ret_error);
	if (result < 0) {
		/* Who reads it now finds it whole, but who reads it after a failure of power may
		 * not. */
		unfinished.complete = false;
		put_end(store, &unfinished, NULL);
		return result;
	}
	/* One plain file again. A reader that has it open now keeps it in log mode, but the log is
	 * then empty. */
	sqlite3_exec(store->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	return 0;
}
