/*
 * A BLOB here is a byte 1 (the version of this format), then one zstd frame with its content size
 * and checksum, as a segment is. Whoever reads a file lists its keyframes and summaries once,
 * without their large BLOBs; these are last in their rows, so that they stay on pages of their own
 * which the listing does not touch.
 */
#include "tracer/store/index.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

#include "tracer/store/reader.h"
#include "tracer/store/schema.h"
#include "tracer/store/segment.h"

enum {
	VERSION = 1,
	LEVELS = 16,
	ZSTD_LEVEL = 1,
	UNPACKED_MAX = 256 << 20,
};

enum statement {
	PUT_KEYFRAME,
	PUT_SUMMARY,
	PUT_NEWS,
	LIST_KEYFRAMES,
	LIST_SUMMARIES,
	LOAD_STATE,
	LOAD_NEWS,
	LOAD_SUMMARY,
	STATEMENT_COUNT,
};

static const char *const statements[STATEMENT_COUNT] = {
	[PUT_KEYFRAME] = "INSERT OR REPLACE INTO keyframe VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[PUT_SUMMARY] = "INSERT OR REPLACE INTO summary VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[PUT_NEWS] = "UPDATE keyframe SET news = ?2 WHERE id = ?1",
	[LIST_KEYFRAMES] = "SELECT id, messages, time_ns, batch, sent FROM keyframe "
			   "WHERE id > ?1 ORDER BY id",
	[LIST_SUMMARIES] = "SELECT id, level, first, events, first_ns, last_ns FROM summary "
			   "WHERE id >= ?1 AND id < ?2 ORDER BY id",
	[LOAD_STATE] = "SELECT state FROM keyframe WHERE id = ?1",
	[LOAD_NEWS] = "SELECT news FROM keyframe WHERE id = ?1",
	[LOAD_SUMMARY] = "SELECT data FROM summary WHERE id = ?1",
};

/* Summaries of a level lie together, in order of their events. */
enum { LEVEL_SHIFT = 48 };

struct summaries {
	struct trc_index_summary *items;
	size_t count, room;
};

struct trc_index {
	struct trc_store *store;
	bool scratch;
	bool absent; /* the file has no such tables */
	sqlite3_stmt *statements[STATEMENT_COUNT];
	struct trc_index_keyframe *keyframes;
	size_t keyframe_count, keyframe_room;
	struct summaries summaries[LEVELS];
};

static int no_memory(const struct trc_index *index, struct trc_error *ret_error)
{
	return trc__fail_memory(index->store, ret_error);
}

static int damaged(const struct trc_index *index, struct trc_error *ret_error, const char *what)
{
	return trc__fail(ret_error, -EIO, "%s is damaged: %s", index->store->path, what);
}

/* --- life ---------------------------------------------------------------------------------------
 */

static int index_new(struct trc_store *store, bool scratch, struct trc_index **ret_index,
		     struct trc_error *ret_error)
{
	struct trc_index *index = calloc(1, sizeof(*index));

	if (!index)
		return trc__fail_memory(store, ret_error);
	index->store = store;
	index->scratch = scratch;
	index->absent = store->reader && !store->has_index;
	for (size_t i = 0; i < STATEMENT_COUNT && !index->absent; i++) {
		int result;

		if (store->reader && i <= PUT_NEWS)
			continue;
		result = trc__prepare(store, statements[i], &index->statements[i], ret_error);
		if (result < 0) {
			trc_index_close(index);
			return result;
		}
	}
	*ret_index = index;
	return 0;
}

int trc_index_open(struct trc_store *store, struct trc_index **ret_index,
		   struct trc_error *ret_error)
{
	return index_new(store, false, ret_index, ret_error);
}

int trc_index_scratch(struct trc_index **ret_index, struct trc_error *ret_error)
{
	const struct trc_store_info info = {0};
	struct trc_store *store;
	int result = trc__store_scratch(&info, &store, ret_error);

	if (result < 0)
		return result;
	/* It stays one open transaction: nobody else sees it, and nobody needs it afterwards. */
	result = trc__execute(store, "PRAGMA cache_size=-16000; BEGIN", ret_error);
	if (result == 0)
		result = index_new(store, true, ret_index, ret_error);
	if (result < 0)
		trc_store_close(store);
	return result;
}

void trc_index_close(struct trc_index *index)
{
	if (!index)
		return;
	for (size_t i = 0; i < STATEMENT_COUNT; i++)
		sqlite3_finalize(index->statements[i]);
	for (size_t i = 0; i < index->keyframe_count; i++)
		free((void *)(uintptr_t)index->keyframes[i].sent);
	for (size_t i = 0; i < LEVELS; i++)
		free(index->summaries[i].items);
	free(index->keyframes);
	if (index->scratch)
		trc_store_close(index->store);
	free(index);
}

/* --- writing ------------------------------------------------------------------------------------
 */

static uint8_t *pack(const uint8_t *bytes, size_t size, size_t *ret_size)
{
	size_t bound = ZSTD_compressBound(size);
	uint8_t *packed = malloc(1 + bound);

	if (!packed)
		return NULL;
	packed[0] = VERSION;
	*ret_size = 1 + ZSTD_compress(packed + 1, bound, size ? bytes : packed, size, ZSTD_LEVEL);
	return packed;
}

/* Binds the packed bytes; false: out of memory. */
static bool bind_packed(sqlite3_stmt *statement, int place, const uint8_t *bytes, size_t size)
{
	size_t packed_size;
	uint8_t *packed = pack(bytes, size, &packed_size);

	if (!packed)
		return false;
	return sqlite3_bind_blob64(statement, place, packed, packed_size, free) == SQLITE_OK;
}

static void bind_number(sqlite3_stmt *statement, int place, uint64_t number)
{
	sqlite3_bind_int64(statement, place, (sqlite3_int64)number);
}

static int step(const struct trc_index *index, sqlite3_stmt *statement, bool bound,
		struct trc_error *ret_error)
{
	int result = 0;

	if (!bound)
		result = no_memory(index, ret_error);
	else if (sqlite3_step(statement) != SQLITE_DONE)
		result = trc__fail_sql(index->store, ret_error, "write");
	sqlite3_reset(statement);
	sqlite3_clear_bindings(statement);
	return result;
}

int trc_index_put_keyframe(struct trc_index *index, const struct trc_index_keyframe *keyframe,
			   struct trc_error *ret_error)
{
	sqlite3_stmt *statement = index->statements[PUT_KEYFRAME];
	bool bound;

	bind_number(statement, 1, keyframe->events);
	bind_number(statement, 2, keyframe->messages);
	bind_number(statement, 3, keyframe->time);
	bind_number(statement, 4, keyframe->batch);
	bound = bind_packed(statement, 5, keyframe->sent, keyframe->sent_size) &&
		bind_packed(statement, 6, keyframe->news, keyframe->news_size) &&
		bind_packed(statement, 7, keyframe->state, keyframe->state_size);
	return step(index, statement, bound, ret_error);
}

int trc_index_put_news(struct trc_index *index, uint64_t keyframe, const uint8_t *news, size_t size,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = index->statements[PUT_NEWS];

	bind_number(statement, 1, keyframe);
	return step(index, statement, bind_packed(statement, 2, news, size), ret_error);
}

static sqlite3_int64 summary_id(unsigned level, uint64_t first)
{
	return (sqlite3_int64)((uint64_t)level << LEVEL_SHIFT | first);
}

int trc_index_put_summary(struct trc_index *index, const struct trc_index_summary *summary,
			  struct trc_error *ret_error)
{
	sqlite3_stmt *statement = index->statements[PUT_SUMMARY];

	sqlite3_bind_int64(statement, 1, summary_id(summary->level, summary->first));
	bind_number(statement, 2, summary->level);
	bind_number(statement, 3, summary->first);
	bind_number(statement, 4, summary->events);
	bind_number(statement, 5, summary->begin);
	bind_number(statement, 6, summary->end);
	return step(index, statement, bind_packed(statement, 7, summary->bytes, summary->size),
		    ret_error);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static int unpack(const struct trc_index *index, sqlite3_stmt *statement, int column,
		  uint8_t **ret_bytes, size_t *ret_size, struct trc_error *ret_error)
{
	const uint8_t *packed = sqlite3_column_blob(statement, column);
	size_t size = (size_t)sqlite3_column_bytes(statement, column), unpacked;
	unsigned long long length;
	uint8_t *bytes;

	if (size < 2 || packed[0] != VERSION)
		return damaged(index, ret_error, "a keyframe or summary is not one");
	length = ZSTD_getFrameContentSize(packed + 1, size - 1);
	if (length == ZSTD_CONTENTSIZE_UNKNOWN || length == ZSTD_CONTENTSIZE_ERROR ||
	    length > UNPACKED_MAX)
		return damaged(index, ret_error, "a keyframe or summary does not unpack");
	bytes = malloc(length + 1);
	if (!bytes)
		return no_memory(index, ret_error);
	unpacked = ZSTD_decompress(bytes, length, packed + 1, size - 1);
	if (ZSTD_isError(unpacked) || unpacked != length) {
		free(bytes);
		return damaged(index, ret_error, "a keyframe or summary does not unpack");
	}
	*ret_bytes = bytes;
	*ret_size = length;
	return 0;
}

static void start_call(struct trc_index *index)
{
	if (index->store->reader)
		trc__start_call(index->store);
}

static void *room_for_one(void *items, size_t count, size_t *room, size_t size)
{
	size_t wanted = *room ? 2 * *room : 64;
	void *larger;

	if (count < *room)
		return items;
	larger = realloc(items, wanted * size);
	if (larger)
		*room = wanted;
	return larger;
}

static int add_keyframe(struct trc_index *index, sqlite3_stmt *row, struct trc_error *ret_error)
{
	const struct trc_index_keyframe *last =
		index->keyframe_count ? &index->keyframes[index->keyframe_count - 1] : NULL;
	struct trc_index_keyframe keyframe = {
		.events = (uint64_t)sqlite3_column_int64(row, 0),
		.messages = (uint64_t)sqlite3_column_int64(row, 1),
		.time = (uint64_t)sqlite3_column_int64(row, 2),
		.batch = (uint64_t)sqlite3_column_int64(row, 3),
	};
	struct trc_index_keyframe *larger;
	uint8_t *sent;
	int result;

	if (last && (keyframe.time < last->time || keyframe.batch < last->batch ||
		     keyframe.messages < last->messages))
		return damaged(index, ret_error, "its keyframes are not in order");
	result = unpack(index, row, 4, &sent, &keyframe.sent_size, ret_error);
	if (result < 0)
		return result;
	keyframe.sent = sent;
	larger = room_for_one(index->keyframes, index->keyframe_count, &index->keyframe_room,
			      sizeof(keyframe));
	if (!larger) {
		free(sent);
		return no_memory(index, ret_error);
	}
	index->keyframes = larger;
	index->keyframes[index->keyframe_count++] = keyframe;
	return 0;
}

static int add_summary(struct trc_index *index, sqlite3_stmt *row, struct trc_error *ret_error)
{
	struct trc_index_summary summary = {
		.level = (unsigned)sqlite3_column_int(row, 1),
		.first = (uint64_t)sqlite3_column_int64(row, 2),
		.events = (uint64_t)sqlite3_column_int64(row, 3),
		.begin = (uint64_t)sqlite3_column_int64(row, 4),
		.end = (uint64_t)sqlite3_column_int64(row, 5),
	};
	struct summaries *level;
	struct trc_index_summary *larger, *last;

	if (summary.level >= LEVELS ||
	    sqlite3_column_int64(row, 0) != summary_id(summary.level, summary.first) ||
	    summary.events == 0 || summary.events > (UINT64_C(1) << LEVEL_SHIFT) ||
	    summary.end < summary.begin)
		return damaged(index, ret_error, "a summary's numbers cannot be");
	level = &index->summaries[summary.level];
	last = level->count ? &level->items[level->count - 1] : NULL;
	if (last && (last->first + last->events > summary.first || last->end > summary.begin))
		return damaged(index, ret_error, "its summaries are not in order");
	larger = room_for_one(level->items, level->count, &level->room, sizeof(summary));
	if (!larger)
		return no_memory(index, ret_error);
	level->items = larger;
	level->items[level->count++] = summary;
	return 0;
}

/* Adds all rows of a list. */
static int list(struct trc_index *index, sqlite3_stmt *statement,
		int (*add)(struct trc_index *index, sqlite3_stmt *row, struct trc_error *ret_error),
		struct trc_error *ret_error)
{
	int code = SQLITE_DONE, result = 0, count = 0;

	while (result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		result = add(index, statement, ret_error);
		count += count < INT_MAX / (LEVELS + 1);
	}
	if (result == 0 && code != SQLITE_DONE)
		result = trc__fail_sql(index->store, ret_error, "read");
	sqlite3_reset(statement);
	return result < 0 ? result : count;
}

int trc_index_refresh(struct trc_index *index, struct trc_error *ret_error)
{
	int total, count;

	if (index->absent)
		return 0;
	start_call(index);
	bind_number(index->statements[LIST_KEYFRAMES], 1,
		    index->keyframe_count ? index->keyframes[index->keyframe_count - 1].events : 0);
	total = list(index, index->statements[LIST_KEYFRAMES], add_keyframe, ret_error);
	for (unsigned i = 0; total >= 0 && i < LEVELS; i++) {
		const struct summaries *level = &index->summaries[i];
		uint64_t next = level->count ? level->items[level->count - 1].first + 1 : 0;

		sqlite3_bind_int64(index->statements[LIST_SUMMARIES], 1, summary_id(i, next));
		sqlite3_bind_int64(index->statements[LIST_SUMMARIES], 2, summary_id(i + 1, 0));
		count = list(index, index->statements[LIST_SUMMARIES], add_summary, ret_error);
		total = count < 0 ? count : total + count;
	}
	return total;
}

size_t trc_index_keyframe_count(const struct trc_index *index)
{
	return index->keyframe_count;
}

const struct trc_index_keyframe *trc_index_keyframe(const struct trc_index *index, size_t number)
{
	return &index->keyframes[number];
}

size_t trc_index_summary_count(const struct trc_index *index, unsigned level)
{
	return level < LEVELS ? index->summaries[level].count : 0;
}

const struct trc_index_summary *trc_index_summary(const struct trc_index *index, unsigned level,
						  size_t number)
{
	return &index->summaries[level].items[number];
}

static int load(struct trc_index *index, enum statement which, sqlite3_int64 id,
		uint8_t **ret_bytes, size_t *ret_size, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = index->statements[which];
	int result;

	start_call(index);
	sqlite3_bind_int64(statement, 1, id);
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		result = unpack(index, statement, 0, ret_bytes, ret_size, ret_error);
		break;
	case SQLITE_DONE:
		result = damaged(index, ret_error, "a keyframe or summary has gone");
		break;
	default:
		result = trc__fail_sql(index->store, ret_error, "read");
	}
	sqlite3_reset(statement);
	return result;
}

int trc_index_load_state(struct trc_index *index, size_t number, uint8_t **ret_bytes,
			 size_t *ret_size, struct trc_error *ret_error)
{
	return load(index, LOAD_STATE, (sqlite3_int64)index->keyframes[number].events, ret_bytes,
		    ret_size, ret_error);
}

int trc_index_load_news(struct trc_index *index, size_t number, uint8_t **ret_bytes,
			size_t *ret_size, struct trc_error *ret_error)
{
	return load(index, LOAD_NEWS, (sqlite3_int64)index->keyframes[number].events, ret_bytes,
		    ret_size, ret_error);
}

int trc_index_load_summary(struct trc_index *index, unsigned level, size_t number,
			   uint8_t **ret_bytes, size_t *ret_size, struct trc_error *ret_error)
{
	return load(index, LOAD_SUMMARY,
		    summary_id(level, index->summaries[level].items[number].first), ret_bytes,
		    ret_size, ret_error);
}
