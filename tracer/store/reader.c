/*
 * What is read from an open trace: info, the list of segments, segments. A file may be damaged or
 * hostile; every number is checked before it is used.
 */
#include "tracer/store/reader.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

enum {
	TEXT_LIMIT = 64 << 10,
	RINGS_LIMIT = 64 << 10,
};

void trc__reader_free(struct trc__reader *reader)
{
	if (!reader)
		return;
	sqlite3_finalize(reader->meta);
	sqlite3_finalize(reader->lost);
	sqlite3_finalize(reader->let_go);
	sqlite3_finalize(reader->segments);
	sqlite3_finalize(reader->data);
	free(reader->info.program);
	free(reader->info.tool_version);
	free(reader->info.cut);
	free(reader->info.filters);
	free(reader->info.chosen);
	free(reader->info.clock_steps);
	free(reader->entries);
	trc__columns_free(reader->columns);
	free(reader);
}

/* --- info and the list of segments ------------------------------------------------------------ */

static int damaged(const struct trc_store *store, struct trc_error *ret_error, const char *what)
{
	return trc__fail(ret_error, -EIO, "%s is damaged: %s", store->path, what);
}

static char *copy_text(sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);
	size_t size = (size_t)sqlite3_column_bytes(statement, column);

	return strndup(text ? text : "", size < TEXT_LIMIT ? size : TEXT_LIMIT);
}

static int set_info(struct trc_store_info *info, const char *key, sqlite3_stmt *statement)
{
	const struct {
		const char *key;
		char **text;
	} texts[] = {
		{"program", &info->program}, {"tool_version", &info->tool_version},
		{"cut", &info->cut},         {"filters", &info->filters},
		{"chosen", &info->chosen},   {"clock_steps", &info->clock_steps},
	};
	uint64_t number = (uint64_t)sqlite3_column_int64(statement, 1);

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (strcmp(key, texts[i].key) != 0)
			continue;
		free(*texts[i].text);
		*texts[i].text = copy_text(statement, 1);
		return *texts[i].text ? 0 : -ENOMEM;
	}
	if (strcmp(key, "wall_start") == 0)
		info->wall_start = number;
	else if (strcmp(key, "payload_limit") == 0)
		info->payload_limit = (uint32_t)number;
	else if (strcmp(key, "closed") == 0)
		info->closed = number != 0;
	else if (strcmp(key, "complete") == 0)
		info->complete = number != 0;
	else if (strcmp(key, "exit_status") == 0)
		info->exit_status = (int)(int64_t)number;
	else if (strcmp(key, "events") == 0)
		info->events = number;
	else if (strcmp(key, "parent_pid") == 0)
		info->parent = (uint32_t)number;
	else if (strcmp(key, "keep_to") == 0)
		info->keep_to = number;
	else if (strcmp(key, "messages") == 0)
		info->messages = number;
	else if (strcmp(key, "lost") == 0)
		info->lost = number;
	else if (strcmp(key, "times_back") == 0)
		info->times_back = number;
	else if (strcmp(key, "left_out") == 0)
		info->left_out = number;
	else if (strcmp(key, "bare") == 0)
		info->bare = number;
	else if (strcmp(key, "first_ns") == 0)
		info->first_time = number;
	else if (strcmp(key, "last_ns") == 0)
		info->last_time = number;
	return 0;
}

/* Where a damaged file has none. */
static int set_if_missing(char **text)
{
	if (!*text)
		*text = strdup("");
	return *text ? 0 : -ENOMEM;
}

static int read_meta(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	int code, result = 0;

	while (result == 0 && (code = sqlite3_step(reader->meta)) == SQLITE_ROW) {
		const char *key = (const char *)sqlite3_column_text(reader->meta, 0);

		if (key)
			result = set_info(&reader->info, key, reader->meta);
	}
	if (result == 0)
		result = set_if_missing(&reader->info.program);
	if (result == 0)
		result = set_if_missing(&reader->info.tool_version);
	if (result < 0)
		result = trc__fail(ret_error, result, "cannot read %s: out of memory", store->path);
	else if (code != SQLITE_DONE)
		result = trc__fail_sql(store, ret_error, "read");
	sqlite3_reset(reader->meta);
	if (result < 0 || reader->info.closed)
		return result;
	if (sqlite3_step(reader->lost) == SQLITE_ROW)
		reader->info.lost = (uint64_t)sqlite3_column_int64(reader->lost, 0);
	else
		result = trc__fail_sql(store, ret_error, "read");
	sqlite3_reset(reader->lost);
	return result;
}

/* Which segments are listed does not matter any more when some of them have been let go. */
static int read_let_go(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	uint64_t before = reader->info.let_go;
	int result = 0;

	if (!reader->let_go)
		return 0;
	if (sqlite3_step(reader->let_go) == SQLITE_ROW) {
		reader->info.let_go = (uint64_t)sqlite3_column_int64(reader->let_go, 0);
		reader->info.begin_time = (uint64_t)sqlite3_column_int64(reader->let_go, 1);
	} else {
		result = trc__fail_sql(store, ret_error, "read");
	}
	sqlite3_reset(reader->let_go);
	if (reader->info.let_go == 0)
		reader->info.begin_time = 0;
	if (reader->info.let_go != before)
		reader->entry_count = 0;
	return result;
}

/* Adds one row of `segment` to the list. */
static int add_entry(struct trc_store *store, sqlite3_stmt *row, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	sqlite3_int64 ring = sqlite3_column_int64(row, 2);
	sqlite3_int64 count = sqlite3_column_int64(row, 3);
	struct trc__segment_entry entry = {
		.row = sqlite3_column_int64(row, 0),
		.info = {.number = (uint64_t)sqlite3_column_int64(row, 0),
			 .ring = (uint32_t)ring,
			 .count = (uint32_t)count,
			 .batch = (uint64_t)sqlite3_column_int64(row, 1),
			 .first_time = (uint64_t)sqlite3_column_int64(row, 4),
			 .last_time = (uint64_t)sqlite3_column_int64(row, 5)},
	};

	if (ring < 0 || ring > UINT16_MAX || count < 1 || count > TRC_SEGMENT_MAX_EVENTS)
		return damaged(store, ret_error, "a segment's numbers cannot be");
	if (reader->entry_count == reader->entry_room) {
		size_t room = reader->entry_room ? 2 * reader->entry_room : 64;
		struct trc__segment_entry *entries =
			realloc(reader->entries, room * sizeof(*entries));

		if (!entries)
			return trc__fail(ret_error, -ENOMEM, "cannot read %s: out of memory",
					 store->path);
		reader->entries = entries;
		reader->entry_room = room;
	}
	reader->entries[reader->entry_count++] = entry;
	return 0;
}

static int read_segments(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	int code, result = 0;

	if (reader->entry_count > 0)
		sqlite3_bind_int64(reader->segments, 1,
				   reader->entries[reader->entry_count - 1].row);
	else
		sqlite3_bind_int64(reader->segments, 1, 0);
	while (result == 0 && (code = sqlite3_step(reader->segments)) == SQLITE_ROW)
		result = add_entry(store, reader->segments, ret_error);
	if (result == 0 && code != SQLITE_DONE)
		result = trc__fail_sql(store, ret_error, "read");
	sqlite3_reset(reader->segments);
	return result;
}

/* Segments may be missing without a trace of their own; the count of events tells. */
static int check_count(const struct trc_store *store, struct trc_error *ret_error)
{
	const struct trc__reader *reader = store->reader;
	uint64_t count = reader->info.let_go;

	for (size_t i = 0; i < reader->entry_count; i++)
		count += reader->entries[i].info.count;
	if (count >= reader->info.events)
		return 0;
	return trc__fail(ret_error, -EIO, "%s is damaged: %llu of its %llu events are there",
			 store->path, (unsigned long long)count,
			 (unsigned long long)reader->info.events);
}

int trc_store_refresh(struct trc_store *store, struct trc_error *ret_error)
{
	uint64_t let_go = store->reader->info.let_go;
	size_t before = store->reader->entry_count;
	int result;

	trc_store_release(store);
	result = trc_store_hold(store, ret_error);
	trc_store_release(store);
	if (result < 0)
		return result;
	if (store->reader->info.let_go != let_go)
		return INT_MAX; /* all are new */
	before = store->reader->entry_count - before;
	return before < INT_MAX ? (int)before : INT_MAX;
}

void trc_store_release(struct trc_store *store)
{
	if (store->reader->held)
		sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	store->reader->held = false;
}

void trc_store_loosen(struct trc_store *store)
{
	if (store->reader->info.keep_to == 0)
		trc_store_release(store);
}

int trc_store_hold(struct trc_store *store, struct trc_error *ret_error)
{
	size_t before = store->reader->entry_count;
	int result;

	trc_store_release(store);
	trc__start_call(store);
	/* One transaction, so that info and segments are of the same moment. */
	if (sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, "read");
	store->reader->held = true;
	result = read_meta(store, ret_error);
	if (result == 0)
		result = read_let_go(store, ret_error);
	if (result == 0)
		result = read_segments(store, ret_error);
	if (result == 0)
		result = check_count(store, ret_error);
	if (result < 0) {
		if (store->reader->entry_count > before)
			store->reader->entry_count = before;
		trc_store_release(store);
	}
	return result;
}

void trc_store_info(const struct trc_store *store, struct trc_store_info *ret_info)
{
	*ret_info = store->reader->info;
}

size_t trc_store_segment_count(const struct trc_store *store)
{
	return store->reader->entry_count;
}

struct trc_segment_info trc_store_segment_info(const struct trc_store *store, size_t index)
{
	assert(index < store->reader->entry_count);
	return store->reader->entries[index].info;
}

static struct trc_store_ring ring_of(sqlite3_stmt *row)
{
	return (struct trc_store_ring){
		.number = (uint32_t)sqlite3_column_int64(row, 0),
		.pid = (uint32_t)sqlite3_column_int64(row, 1),
		.tid = (uint32_t)sqlite3_column_int64(row, 2),
		.written = (uint64_t)sqlite3_column_int64(row, 3),
		.stored = (uint64_t)sqlite3_column_int64(row, 4),
		.lost = (uint64_t)sqlite3_column_int64(row, 5),
		.corrupt = (uint64_t)sqlite3_column_int64(row, 6),
		.closed = sqlite3_column_int(row, 7) != 0,
		.let_go = (uint64_t)sqlite3_column_int64(row, 8),
	};
}

int trc_store_rings(struct trc_store *store, struct trc_store_ring **ret_rings, size_t *ret_count,
		    struct trc_error *ret_error)
{
	static const char without[] =
		"SELECT number, pid, tid, written, stored, lost, corrupt, closed, 0 "
		"FROM ring ORDER BY number LIMIT 65536";
	static const char sql[] =
		"SELECT number, pid, tid, written, stored, lost, corrupt, closed, "
		"coalesce(l.events, 0) FROM ring LEFT JOIN let_go l ON l.ring = number "
		"ORDER BY number LIMIT 65536";
	struct trc_store_ring *rings = calloc(RINGS_LIMIT, sizeof *rings);
	sqlite3_stmt *statement = NULL;
	size_t count = 0;
	int code = SQLITE_DONE, result;

	if (!rings)
		return trc__fail_memory(store, ret_error);
	trc__start_call(store);
	result = trc__prepare(store, store->has_let_go ? sql : without, &statement, ret_error);
	while (result == 0 && (code = sqlite3_step(statement)) == SQLITE_ROW)
		rings[count++] = ring_of(statement);
	if (result == 0 && code != SQLITE_DONE)
		result = trc__fail_sql(store, ret_error, "read");
	sqlite3_finalize(statement);
	if (result < 0) {
		free(rings);
		return result;
	}
	*ret_rings = rings;
	*ret_count = count;
	return 0;
}

int trc__fail_segment(const struct trc_store *store, int result, struct trc_error *ret_error)
{
	if (result == -ENOMEM)
		return trc__fail(ret_error, result, "cannot read %s: out of memory", store->path);
	return damaged(store, ret_error, "a segment does not unpack");
}

int trc__store_columns_open(struct trc_store *store, size_t index, struct trc__columns *columns,
			    struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->reader->data;
	const struct trc__segment_entry *entry = &store->reader->entries[index];
	int result;

	assert(index < store->reader->entry_count);
	trc__start_call(store);
	sqlite3_bind_int64(statement, 1, entry->row);
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		result = trc__columns_open(columns, sqlite3_column_blob(statement, 0),
					   (size_t)sqlite3_column_bytes(statement, 0),
					   entry->info.count);
		if (result < 0)
			trc__fail_segment(store, result, ret_error);
		break;
	case SQLITE_DONE:
		result = damaged(store, ret_error, "a segment has gone");
		break;
	default:
		result = trc__fail_sql(store, ret_error, "read");
	}
	sqlite3_reset(statement);
	return result;
}

int trc_store_segment_load(struct trc_store *store, size_t index, struct trc_segment *ret_segment,
			   struct trc_error *ret_error)
{
	struct trc__columns *columns = store->reader->columns;
	int result = trc__store_columns_open(store, index, columns, ret_error);

	if (result < 0)
		return result;
	result = trc__columns_take(columns, ret_segment);
	return result < 0 ? trc__fail_segment(store, result, ret_error) : 0;
}
