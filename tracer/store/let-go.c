/*
 * The log is emptied when it has a share of the size; while somebody reads what stands in it, it
 * cannot be, and whoever writes has to look at how large it is. What is left is the file's, as
 * SQLite itself counts its pages: no mistake of ours makes it larger.
 */
#include "tracer/store/let-go.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statvfs.h>

#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

enum {
	LOG_SHARE = 8,            /* of the size */
	LOG_MAX_BYTES = 16 << 20, /* at which it is emptied */
	LOG_PATIENCE = 2, /* it may be so many times as large, when readers are in the way, */
	LOG_ROOM = 3,     /* and that is before one more transaction */
};

struct trc__keeping {
	uint32_t page;         /* bytes */
	uint32_t log_page_max; /* at which the log is emptied */
	uint64_t bytes;        /* of file and log together */
	uint64_t limit;        /* bytes of the file */
	_Atomic uint64_t used, log;
	sqlite3_stmt *page_count, *free_count;
};

void trc__keeping_free(struct trc__keeping *keeping)
{
	if (!keeping)
		return;
	sqlite3_finalize(keeping->page_count);
	sqlite3_finalize(keeping->free_count);
	free(keeping);
}

static uint64_t number_of(sqlite3_stmt *statement)
{
	uint64_t number = 0;

	if (sqlite3_step(statement) == SQLITE_ROW)
		number = (uint64_t)sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	return number;
}

void trc__keeping_look(struct trc_store *store)
{
	struct trc__keeping *keeping = store->keeping;

	if (!keeping)
		return;
	/* relaxed: figures, that nothing else is told by */
	atomic_store_explicit(&keeping->used,
			      (number_of(keeping->page_count) - number_of(keeping->free_count)) *
				      keeping->page,
			      memory_order_relaxed);
	atomic_store_explicit(&keeping->log, (uint64_t)store->log.pages * keeping->page,
			      memory_order_relaxed);
}

bool trc_store_empty_log(struct trc_store *store)
{
	bool empty;

	trc__writer_lock(store->writer);
	trc__empty_log(store);
	trc__keeping_look(store);
	empty = store->log.pages == 0;
	trc__writer_unlock(store->writer);
	return empty;
}

static int page_bytes(struct trc_store *store, uint32_t *ret_bytes, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = NULL;
	int result = trc__prepare(store, "PRAGMA page_size", &statement, ret_error);

	if (result == 0)
		*ret_bytes = (uint32_t)number_of(statement);
	sqlite3_finalize(statement);
	return result == 0 && *ret_bytes == 0 ? trc__fail_sql(store, ret_error, "read") : result;
}

static int prepare(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error)
{
	struct trc__keeping *keeping = store->keeping;
	uint64_t log = bytes / LOG_SHARE;
	char limits[128];
	int result = trc__prepare(store, "PRAGMA page_count", &keeping->page_count, ret_error);

	if (result == 0)
		result = trc__prepare(store, "PRAGMA freelist_count", &keeping->free_count,
				      ret_error);
	if (result < 0)
		return result;
	result = page_bytes(store, &keeping->page, ret_error);
	if (result < 0)
		return result;
	if (log > LOG_MAX_BYTES)
		log = LOG_MAX_BYTES;
	keeping->log_page_max = (uint32_t)(log / keeping->page);
	keeping->bytes = bytes;
	keeping->limit = bytes - LOG_ROOM * log;
	/* Pages that are used again need not be wiped first. */
	snprintf(limits, sizeof(limits),
		 "PRAGMA secure_delete=0; PRAGMA journal_size_limit=%llu; "
		 "PRAGMA max_page_count=%llu;",
		 (unsigned long long)log, (unsigned long long)(keeping->limit / keeping->page));
	return trc__execute(store, limits, ret_error);
}

int trc__keep_to(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error)
{
	struct trc__keeping *old = store->keeping;
	int result;

	if (bytes < TRC_STORE_KEEP_MIN)
		return trc__fail(ret_error, -EINVAL, "cannot keep %s to less than %d bytes",
				 store->path, TRC_STORE_KEEP_MIN);
	store->keeping = calloc(1, sizeof(*store->keeping));
	if (!store->keeping)
		return trc__fail_memory(store, ret_error);
	trc__writer_lock(store->writer);
	trc__keeping_free(old);
	result = prepare(store, bytes, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "keep_to", bytes, ret_error);
	if (result == 0) {
		trc__limit_log(store, (int)store->keeping->log_page_max);
		trc__keeping_look(store);
	}
	trc__writer_unlock(store->writer);
	return result;
}

/* A file does not become smaller, and what follows from events that are let go would stay. */
static int check_begun(const struct trc_store *store, uint64_t bytes, struct trc_error *ret_error)
{
	const struct trc__keeping *old = store->keeping;
	struct trc_store_written written;

	trc_store_written(store, &written);
	if (written.batch == 0 || (old && old->bytes <= bytes))
		return 0;
	if (old)
		return trc__fail(ret_error, -EINVAL,
				 "cannot keep %s to %llu bytes: it began with a size of %llu, and "
				 "can only be gone on with at that or more",
				 store->path, (unsigned long long)bytes,
				 (unsigned long long)old->bytes);
	return trc__fail(ret_error, -EINVAL,
			 "cannot keep %s to a size: it began without one; go on with it without "
			 "--flight-recorder",
			 store->path);
}

int trc_store_keep_to(struct trc_store *store, uint64_t bytes, struct trc_error *ret_error)
{
	int result = check_begun(store, bytes, ret_error);

	return result < 0 ? result : trc__keep_to(store, bytes, ret_error);
}

void trc_store_room(const struct trc_store *store, struct trc_store_room *ret_room)
{
	const struct trc__keeping *keeping = store->keeping;

	*ret_room = (struct trc_store_room){0};
	if (!keeping)
		return;
	ret_room->used = atomic_load_explicit(&keeping->used, memory_order_relaxed);
	ret_room->limit = keeping->limit;
	ret_room->log = atomic_load_explicit(&keeping->log, memory_order_relaxed);
	ret_room->log_limit = (uint64_t)LOG_PATIENCE * keeping->log_page_max * keeping->page;
}

/* SQLite has one word for both. */
bool trc_store_is_too_small(const struct trc_store *store)
{
	struct statvfs disk;

	return store->keeping && statvfs(store->path, &disk) == 0 &&
	       (uint64_t)disk.f_bavail * disk.f_frsize > store->keeping->limit;
}

/* --- letting go ---------------------------------------------------------------------------------
 */

struct list {
	struct trc_store_old *items;
	size_t count, room;
	uint64_t bytes;
};

static struct trc_store_old *list_place(struct list *list)
{
	if (list->count == list->room) {
		size_t room = list->room ? 2 * list->room : 256;
		struct trc_store_old *items = realloc(list->items, room * sizeof(*items));

		if (!items)
			return NULL;
		list->items = items;
		list->room = room;
	}
	return &list->items[list->count++];
}

/* Whether the list, which is longer by one of the next batch, would be long enough without it. */
static bool is_enough(const struct list *list, uint64_t bytes, uint64_t batch)
{
	const struct trc_store_old *last = &list->items[list->count - 1];

	return list->count > 1 && last->batch != last[-1].batch && last[-1].batch >= batch &&
	       list->bytes - last->bytes >= bytes;
}

static int take_all(struct trc_store *store, sqlite3_stmt *statement, uint64_t bytes,
		    uint64_t batch, struct list *list, struct trc_error *ret_error)
{
	int code;

	while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct trc_store_old *item = list_place(list);

		if (!item)
			return trc__fail_memory(store, ret_error);
		*item = (struct trc_store_old){
			.id = (uint64_t)sqlite3_column_int64(statement, 0),
			.batch = (uint64_t)sqlite3_column_int64(statement, 1),
			.ring = (uint32_t)sqlite3_column_int64(statement, 2),
			.events = (uint32_t)sqlite3_column_int64(statement, 3),
			.bytes = (uint64_t)sqlite3_column_int64(statement, 4),
		};
		list->bytes += item->bytes;
		if (is_enough(list, bytes, batch)) {
			list->count--;
			return 0;
		}
	}
	return code == SQLITE_DONE ? 0 : trc__fail_sql(store, ret_error, "read");
}

int trc_store_list_oldest(struct trc_store *store, uint64_t bytes, uint64_t batch,
			  struct trc_store_old **ret_list, size_t *ret_count,
			  struct trc_error *ret_error)
{
	/* The length of a BLOB is known without reading it. */
	static const char sql[] =
		"SELECT id, batch, ring, count, length(data) FROM segment ORDER BY id";
	sqlite3_stmt *statement = NULL;
	struct list list = {0};
	int result = trc__prepare(store, sql, &statement, ret_error);

	if (result == 0)
		result = take_all(store, statement, bytes, batch, &list, ret_error);
	sqlite3_finalize(statement);
	if (result < 0) {
		free(list.items);
		return result;
	}
	*ret_list = list.items;
	*ret_count = list.count;
	return 0;
}

int trc_store_let_go(struct trc_store *store, uint64_t segment, uint64_t keyframe,
		     struct trc_error *ret_error)
{
	char *sql = sqlite3_mprintf(
		"INSERT INTO let_go SELECT ring, sum(count) FROM segment WHERE id < %lld GROUP BY "
		"ring ON CONFLICT DO UPDATE SET events = events + excluded.events;"
		"DELETE FROM segment WHERE id < %lld;"
		"DELETE FROM keyframe WHERE id < %lld;"
		"DELETE FROM summary WHERE first + events <= %lld;"
		"PRAGMA user_version=%d;",
		(long long)segment, (long long)segment, (long long)keyframe, (long long)keyframe,
		TRC__SCHEMA_LET_GO);
	int result = sql ? trc__execute(store, sql, ret_error) : trc__fail_memory(store, ret_error);

	sqlite3_free(sql);
	return result;
}

int trc_store_let_go_summaries(struct trc_store *store, uint64_t event, struct trc_error *ret_error)
{
	char sql[96];

	snprintf(sql, sizeof(sql), "DELETE FROM summary WHERE first + events > %llu",
		 (unsigned long long)event);
	return trc__execute(store, sql, ret_error);
}

int trc_store_look(const struct trc_store *store, struct trc_store **ret_reader,
		   struct trc_error *ret_error)
{
	return trc_store_open(store->path, ret_reader, ret_error);
}
