/*
 * The recorder's end of a trace file.
 *
 * Events wait in memory, packed per ring, until the commit of their batch; only then are they
 * written, with everything else of the batch, in one transaction. When that fails (a full disk),
 * the transaction is undone and the packed events stay: the next commit writes them. So an event
 * that was added is never added again.
 * */
#include "tracer/store/store-private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { CLOSE_TIMEOUT_MS = 250 };

/* A segment, or the event of a definition or an actor, on its way to the next commit. */
struct pending {
	struct pending *next;
	uint8_t *bytes; /* of the segment; NULL: an event */
	size_t size;
	struct trc_segment_info info;
	struct trc_event event; /* its payload follows this struct */
};

struct trc__writer {
	struct trc_segment_packer *packer;
	struct trc_segment_builder **builders; /* by ring; NULL: none yet */
	size_t builder_count;
	struct pending *pending;
	struct pending **pending_end;
	uint64_t batch; /* number of the next commit */
	uint64_t events;
	uint64_t messages;
	uint64_t first_time;
	uint64_t last_time;
	uint64_t rows_behind;
	bool changed; /* the numbers above, since they were written */
};

struct trc__writer *trc__writer_new(void)
{
	struct trc__writer *writer = calloc(1, sizeof(*writer));

	if (!writer)
		return NULL;
	writer->batch = 1;
	writer->pending_end = &writer->pending;
	writer->packer = trc_segment_packer_new();
	if (!writer->packer) {
		free(writer);
		return NULL;
	}
	return writer;
}

static void free_pending(struct trc__writer *writer)
{
	struct pending *item, *next;

	for (item = writer->pending; item; item = next) {
		next = item->next;
		free(item->bytes);
		free(item);
	}
	writer->pending = NULL;
	writer->pending_end = &writer->pending;
}

void trc__writer_free(struct trc__writer *writer)
{
	if (!writer)
		return;
	for (size_t i = 0; i < writer->builder_count; i++)
		trc_segment_builder_free(writer->builders[i]);
	free(writer->builders);
	free_pending(writer);
	trc_segment_packer_free(writer->packer);
	free(writer);
}

/* --- adding events ---------------------------------------------------------------------------- */

static void append_pending(struct trc__writer *writer, struct pending *item)
{
	*writer->pending_end = item;
	writer->pending_end = &item->next;
}

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

static int pack_ring(struct trc__writer *writer, unsigned ring)
{
	struct trc_segment_builder *builder = writer->builders[ring];
	struct pending *item = calloc(1, sizeof(*item));
	int result;

	if (!item)
		return -ENOMEM;
	item->info = (struct trc_segment_info){
		.ring = ring,
		.count = (uint32_t)trc_segment_builder_count(builder),
		.first_time = trc_segment_builder_first(builder),
		.last_time = trc_segment_builder_last(builder),
	};
	result = trc_segment_builder_pack(builder, writer->packer, &item->bytes, &item->size);
	if (result < 0)
		free(item);
	else
		append_pending(writer, item);
	return result;
}

static bool has_row(unsigned kind)
{
	return kind == TRC_DEF_KIND || kind == TRC_DEF_TYPE || kind == TRC_DEF_SITE ||
	       kind == TRC_SPAWN || kind == TRC_END;
}

static int keep_event(struct trc__writer *writer, const struct trc_event *event)
{
	struct pending *item = calloc(1, sizeof(*item) + event->payload_size);

	if (!item)
		return -ENOMEM;
	item->event = *event;
	if (event->payload_size > 0)
		memcpy(item + 1, event->payload, event->payload_size);
	item->event.payload = (const uint8_t *)(item + 1);
	append_pending(writer, item);
	return 0;
}

int trc_store_add(struct trc_store *store, unsigned ring, const struct trc_event *event,
		  struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;
	struct trc_segment_builder *builder = builder_of(writer, ring);

	if (!builder || trc_segment_builder_add(builder, event) < 0 ||
	    (has_row(event->kind) && keep_event(writer, event) < 0) ||
	    (trc_segment_builder_full(builder) && pack_ring(writer, ring) < 0))
		return trc__fail_memory(store, ret_error);
	if (writer->events == 0 || event->time < writer->first_time)
		writer->first_time = event->time;
	if (event->time > writer->last_time)
		writer->last_time = event->time;
	writer->changed = true;
	writer->events++;
	writer->messages += event->kind == TRC_SEND;
	return 0;
}

void trc_store_set_rows_behind(struct trc_store *store, uint64_t count)
{
	store->writer->changed |= store->writer->rows_behind != count;
	store->writer->rows_behind = count;
}

/* --- transactions ----------------------------------------------------------------------------- */

static void undo(struct trc_store *store)
{
	/* SQLite has undone some failures itself. */
	if (!sqlite3_get_autocommit(store->db))
		sqlite3_exec(store->db, "ROLLBACK", NULL, NULL, NULL);
}

int trc_store_begin(struct trc_store *store, struct trc_error *ret_error)
{
	undo(store);
	return trc__execute(store, "BEGIN IMMEDIATE", ret_error);
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
		result = trc__put_meta_number(store, "rows_behind", writer->rows_behind, ret_error);
	return result;
}

static int put_pending(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__writer *writer = store->writer;

	for (unsigned ring = 0; ring < writer->builder_count; ring++)
		if (writer->builders[ring] &&
		    trc_segment_builder_count(writer->builders[ring]) > 0 &&
		    pack_ring(writer, ring) < 0)
			return trc__fail_memory(store, ret_error);
	for (struct pending *item = writer->pending; item; item = item->next) {
		int result;

		item->info.batch = writer->batch;
		result = item->bytes ? trc__put_segment(store, &item->info, item->bytes, item->size,
							ret_error)
				     : trc__put_event(store, &item->event, ret_error);
		if (result < 0)
			return result;
	}
	return writer->changed ? put_counts(store, ret_error) : 0;
}

int trc_store_commit(struct trc_store *store, struct trc_error *ret_error)
{
	int result = put_pending(store, ret_error);

	if (result == 0)
		result = trc__execute(store, "COMMIT", ret_error);
	if (result < 0) {
		undo(store);
		return result;
	}
	if (store->writer->pending)
		store->writer->batch++;
	store->writer->changed = false;
	free_pending(store->writer);
	return 0;
}

int trc_store_finish(struct trc_store *store, const struct trc_store_info *info,
		     struct trc_error *ret_error)
{
	struct trc_store_info closed = *info;
	int result = trc_store_begin(store, ret_error);

	closed.closed = true;
	if (result == 0)
		result = trc__put_info(store, &closed, ret_error);
	if (result < 0) {
		undo(store);
		return result;
	}
	result = trc_store_commit(store, ret_error);
	if (result < 0)
		return result;
	/* One plain file again. A reader that has it open now keeps it in log mode, but the log is
	 * then empty. */
	sqlite3_busy_timeout(store->db, CLOSE_TIMEOUT_MS);
	sqlite3_exec(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", NULL, NULL, NULL);
	sqlite3_exec(store->db, "PRAGMA journal_mode=DELETE", NULL, NULL, NULL);
	return 0;
}
