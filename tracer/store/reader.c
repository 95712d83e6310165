/*
 * A trace file for reading, as input that somebody else may have made.
 *
 * Before any of our SQL runs, the file's first page is looked at through SQLite's own file handle
 * (a second descriptor would drop SQLite's locks when it is closed), the connection is locked down
 * as SQLite advises for hostile files, and the tables that will be read must have been made by
 * exactly the text that we would make them with: a view, a virtual table or a generated column in
 * their place is refused. All else in the file is never touched. Each call has a time limit.
 */
#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

enum {
	BUSY_TIMEOUT_MS = 2000,
	CALL_LIMIT_SECONDS = 60,
	PROGRESS_STEPS = 100000,
	HEADER_BYTES = 100,
	TEXT_LIMIT = 64 << 10,
};

struct entry {
	sqlite3_int64 row;
	struct trc_segment_info info;
};

struct trc__reader {
	sqlite3_stmt *meta;
	sqlite3_stmt *lost;
	sqlite3_stmt *segments;
	sqlite3_stmt *data;
	struct trc_store_info info;
	struct entry *entries;
	size_t entry_count;
	size_t entry_room;
	time_t call_end;
};

static time_t seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return now.tv_sec;
}

static int on_progress(void *context)
{
	const struct trc__reader *reader = context;

	return seconds() > reader->call_end;
}

static void start_call(struct trc_store *store)
{
	store->reader->call_end = seconds() + CALL_LIMIT_SECONDS;
}

void trc__reader_free(struct trc__reader *reader)
{
	if (!reader)
		return;
	sqlite3_finalize(reader->meta);
	sqlite3_finalize(reader->lost);
	sqlite3_finalize(reader->segments);
	sqlite3_finalize(reader->data);
	free(reader->info.program);
	free(reader->info.tool_version);
	free(reader->entries);
	free(reader);
}

/* --- what kind of file is it ------------------------------------------------------------------ */

/* What a file that is not SQLite's seems to be. */
static const char *seems(const uint8_t *header, size_t size)
{
	size_t text = 0;

	if (size >= 4 && memcmp(header, "\177ELF", 4) == 0)
		return "it is a program; record it with: actorscope record -o FILE -- PROGRAM";
	if (size >= 2 && header[0] == 0x1f && header[1] == 0x8b)
		return "it is compressed with gzip; unpack it first";
	if (size >= 4 && memcmp(header, "\x28\xb5\x2f\xfd", 4) == 0)
		return "it is compressed with zstd; unpack it first";
	if (size >= 6 && memcmp(header,
				"\xfd"
				"7zXZ",
				5) == 0)
		return "it is compressed with xz; unpack it first";
	while (text < size && (header[text] == '\t' || header[text] == '\n' ||
			       header[text] == '\r' || header[text] >= 0x20))
		text++;
	return text == size ? "it is text" : "it is no SQLite database";
}

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static int check_version(const char *path, uint32_t version, struct trc_error *ret_error)
{
	if (version == TRC__SCHEMA_VERSION)
		return 0;
	return trc__fail(ret_error, -EPROTO,
			 "cannot read %s: its format is version %lu, this actorscope reads version "
			 "%d; %s",
			 path, (unsigned long)version, TRC__SCHEMA_VERSION,
			 version > TRC__SCHEMA_VERSION ? "use a newer actorscope"
						       : "record it again");
}

/* Checks the first page by its bytes. `size` is the file's, `logged` whether a log goes with it. */
static int check_header(const char *path, const uint8_t *header, uint64_t size, bool logged,
			struct trc_error *ret_error)
{
	uint32_t page = (uint32_t)header[16] << 8 | header[17];
	uint64_t pages;

	if (size == 0)
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: it is empty", path);
	if (size < 16 || memcmp(header, "SQLite format 3", 16) != 0)
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: %s", path,
				 seems(header, size < HEADER_BYTES ? size : HEADER_BYTES));
	if (size < HEADER_BYTES)
		return trc__fail(ret_error, -EIO, "%s is truncated: it ends after %llu bytes", path,
				 (unsigned long long)size);
	if (big_endian(header + 68) != TRC__APPLICATION_ID)
		return trc__fail(ret_error, -EINVAL,
				 "%s is not a trace: it is an SQLite database of another program",
				 path);
	pages = (uint64_t)big_endian(header + 28) * (page == 1 ? 65536 : page);
	if (size < pages && !logged)
		return trc__fail(ret_error, -EIO,
				 "%s is truncated: %llu of its %llu bytes are there; copy it again "
				 "from where it came from",
				 path, (unsigned long long)size, (unsigned long long)pages);
	return check_version(path, big_endian(header + 60), ret_error);
}

/* Whether a write-ahead log with something in it stands beside the file. */
static bool has_log(const char *path)
{
	struct stat status;
	char log[PATH_MAX];

	return snprintf(log, sizeof(log), "%s-wal", path) < PATH_MAX && stat(log, &status) == 0 &&
	       status.st_size > 0;
}

static int check_file(struct trc_store *store, struct trc_error *ret_error)
{
	uint8_t header[HEADER_BYTES] = {0};
	sqlite3_file *file = NULL;
	sqlite3_int64 size = 0;
	int code = sqlite3_file_control(store->db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (code == SQLITE_OK && file && file->pMethods) {
		code = file->pMethods->xFileSize(file, &size);
		if (code == SQLITE_OK)
			code = file->pMethods->xRead(file, header, sizeof(header), 0);
	}
	if (code != SQLITE_OK && code != SQLITE_IOERR_SHORT_READ)
		return trc__fail(ret_error, -EIO, "cannot read %s: %s", store->path,
				 sqlite3_errstr(code));
	return check_header(store->path, header, (uint64_t)size, has_log(store->path), ret_error);
}

/* Refuses what is not a plain file that may be read, in words. */
static int check_path(const char *path, struct trc_error *ret_error)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return trc__fail(ret_error, -errno, "cannot read %s: %s", path, strerror(errno));
	if (S_ISDIR(status.st_mode))
		return trc__fail(ret_error, -EISDIR, "cannot read %s: it is a directory", path);
	if (!S_ISREG(status.st_mode))
		return trc__fail(ret_error, -EINVAL, "%s is not a trace: it is not a regular file",
				 path);
	return 0;
}

/* --- opening ---------------------------------------------------------------------------------- */

static void lock_down(struct trc_store *store)
{
	static const struct {
		int option, value;
	} options[] = {
		{SQLITE_DBCONFIG_DEFENSIVE, 1},
		{SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0},
		{SQLITE_DBCONFIG_ENABLE_TRIGGER, 0},
		{SQLITE_DBCONFIG_ENABLE_VIEW, 0},
		{SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 0},
		{SQLITE_DBCONFIG_ENABLE_FTS3_TOKENIZER, 0},
	};
	static const struct {
		int limit, value;
	} limits[] = {
		{SQLITE_LIMIT_LENGTH, TRC_SEGMENT_MAX_BYTES + (1 << 20)},
		{SQLITE_LIMIT_SQL_LENGTH, 100000},
		{SQLITE_LIMIT_COLUMN, 100},
		{SQLITE_LIMIT_EXPR_DEPTH, 50},
		{SQLITE_LIMIT_COMPOUND_SELECT, 3},
		{SQLITE_LIMIT_VDBE_OP, 25000},
		{SQLITE_LIMIT_FUNCTION_ARG, 8},
		{SQLITE_LIMIT_ATTACHED, 0},
		{SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 50},
		{SQLITE_LIMIT_VARIABLE_NUMBER, 32},
		{SQLITE_LIMIT_TRIGGER_DEPTH, 10},
		{SQLITE_LIMIT_WORKER_THREADS, 0},
	};

	for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
		sqlite3_db_config(store->db, options[i].option, options[i].value, NULL);
	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		sqlite3_limit(store->db, limits[i].limit, limits[i].value);
	sqlite3_busy_timeout(store->db, BUSY_TIMEOUT_MS);
	sqlite3_progress_handler(store->db, PROGRESS_STEPS, on_progress, store->reader);
	sqlite3_exec(store->db,
		     "PRAGMA query_only=1; PRAGMA cell_size_check=1; PRAGMA mmap_size=0;", NULL,
		     NULL, NULL);
}

/* The text that makes table `name`, as `db` has it; NULL when there is none or on failure. */
static char *table_text(sqlite3 *db, const char *name)
{
	sqlite3_stmt *statement = NULL;
	char *text = NULL;

	if (sqlite3_prepare_v2(db,
			       "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1 "
			       "AND tbl_name = ?1",
			       -1, &statement, NULL) == SQLITE_OK) {
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
		if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
			text = strdup((const char *)sqlite3_column_text(statement, 0));
	}
	sqlite3_finalize(statement);
	return text;
}

/* Compares the tables that are read with those that we make. */
static int check_schema(struct trc_store *store, struct trc_error *ret_error)
{
	static const char *const tables[] = {"meta", "ring", "segment"};
	sqlite3 *model = NULL;
	int result = 0;

	if (sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_exec(model, trc__schema, NULL, NULL, NULL) != SQLITE_OK)
		result =
			trc__fail(ret_error, -ENOMEM, "cannot read %s: out of memory", store->path);
	for (size_t i = 0; result == 0 && i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *there = table_text(store->db, tables[i]);
		char *ours = table_text(model, tables[i]);
		int code = sqlite3_errcode(store->db) & 0xff;

		if (!there && code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
			result = trc__fail_sql(store, ret_error, "read");
		else if (!there || !ours || strcmp(there, ours) != 0)
			result = trc__fail(ret_error, -EIO,
					   "%s is damaged: its table %s is not that of a trace",
					   store->path, tables[i]);
		free(there);
		free(ours);
	}
	sqlite3_close(model);
	return result;
}

/* "file:PATH?immutable=1", with PATH's special bytes escaped; to be freed with sqlite3_free(). */
static char *immutable_uri(const char *path)
{
	sqlite3_str *uri = sqlite3_str_new(NULL);

	sqlite3_str_appendall(uri, "file:");
	for (; *path; path++) {
		unsigned char byte = (unsigned char)*path;

		if (byte <= ' ' || byte >= 0x7f || strchr("%?#", byte))
			sqlite3_str_appendf(uri, "%%%02X", byte);
		else
			sqlite3_str_appendchar(uri, 1, (char)byte);
	}
	sqlite3_str_appendall(uri, "?immutable=1");
	return sqlite3_str_finish(uri);
}

static int open_database(struct trc_store *store, bool immutable)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	char *uri = NULL;
	int code;

	if (immutable) {
		uri = immutable_uri(store->path);
		if (!uri)
			return SQLITE_NOMEM;
		flags |= SQLITE_OPEN_URI;
	}
	sqlite3_close_v2(store->db);
	store->db = NULL;
	code = sqlite3_open_v2(uri ? uri : store->path, &store->db, flags, NULL);
	sqlite3_free(uri);
	if (code == SQLITE_OK)
		lock_down(store);
	return code;
}

static int prepare_all(struct trc_store *store, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	const struct {
		const char *sql;
		sqlite3_stmt **statement;
	} all[] = {
		{"SELECT key, value FROM meta", &reader->meta},
		{"SELECT coalesce(sum(lost), 0) FROM ring", &reader->lost},
		{"SELECT id, batch, ring, count, first_ns, last_ns FROM segment WHERE id > ?1 "
		 "ORDER BY id",
		 &reader->segments},
		{"SELECT data FROM segment WHERE id = ?1", &reader->data},
	};

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		int result = trc__prepare(store, all[i].sql, all[i].statement, ret_error);

		if (result < 0)
			return result;
	}
	return 0;
}

/* Opens the connection. A log beside the file needs a place for its index; where the directory
 * cannot be written, a file without a log can still be read as one that nobody changes. */
static int connect(struct trc_store *store, struct trc_error *ret_error)
{
	int code = open_database(store, false);

	if (code == SQLITE_OK) {
		int result = check_file(store, ret_error);

		if (result < 0)
			return result;
		code = sqlite3_exec(store->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
	}
	if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) {
		if (access(store->path, R_OK) < 0)
			return trc__fail(ret_error, -EACCES, "cannot read %s: %s", store->path,
					 strerror(errno));
		if (has_log(store->path))
			return trc__fail(
				ret_error, -EACCES,
				"cannot read %s: its recording was not closed, and its "
				"directory cannot be written; copy it together with %s-wal "
				"to another directory and open it there",
				store->path, store->path);
		code = open_database(store, true);
	}
	if (code != SQLITE_OK && (code & 0xff) != SQLITE_INTERRUPT)
		return trc__fail_sql(store, ret_error, "read");
	return 0;
}

static struct trc_store *store_new(char *path)
{
	struct trc_store *store = calloc(1, sizeof(*store));

	if (!store || !(store->reader = calloc(1, sizeof(*store->reader)))) {
		free(store);
		return NULL;
	}
	store->path = path;
	return store;
}

int trc_store_open(const char *path, struct trc_store **ret_store, struct trc_error *ret_error)
{
	struct trc_store *store;
	char *real;
	int result = check_path(path, ret_error);

	if (result < 0)
		return result;
	real = realpath(path, NULL);
	if (!real)
		return trc__fail(ret_error, -errno, "cannot read %s: %s", path, strerror(errno));
	store = store_new(real);
	if (!store) {
		free(real);
		return trc__fail(ret_error, -ENOMEM, "cannot read %s: out of memory", path);
	}
	start_call(store);
	result = connect(store, ret_error);
	if (result == 0)
		result = check_schema(store, ret_error);
	if (result == 0)
		result = prepare_all(store, ret_error);
	if (result == 0)
		result = trc_store_refresh(store, ret_error);
	if (result < 0) {
		trc_store_close(store);
		return result;
	}
	*ret_store = store;
	return 0;
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
	uint64_t number = (uint64_t)sqlite3_column_int64(statement, 1);

	if (strcmp(key, "program") == 0) {
		free(info->program);
		info->program = copy_text(statement, 1);
		return info->program ? 0 : -ENOMEM;
	}
	if (strcmp(key, "tool_version") == 0) {
		free(info->tool_version);
		info->tool_version = copy_text(statement, 1);
		return info->tool_version ? 0 : -ENOMEM;
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
	else if (strcmp(key, "messages") == 0)
		info->messages = number;
	else if (strcmp(key, "lost") == 0)
		info->lost = number;
	else if (strcmp(key, "first_ns") == 0)
		info->first_time = number;
	else if (strcmp(key, "last_ns") == 0)
		info->last_time = number;
	return 0;
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

/* Adds one row of `segment` to the list. */
static int add_entry(struct trc_store *store, sqlite3_stmt *row, struct trc_error *ret_error)
{
	struct trc__reader *reader = store->reader;
	sqlite3_int64 ring = sqlite3_column_int64(row, 2);
	sqlite3_int64 count = sqlite3_column_int64(row, 3);
	struct entry entry = {
		.row = sqlite3_column_int64(row, 0),
		.info = {.ring = (uint32_t)ring,
			 .count = (uint32_t)count,
			 .batch = (uint64_t)sqlite3_column_int64(row, 1),
			 .first_time = (uint64_t)sqlite3_column_int64(row, 4),
			 .last_time = (uint64_t)sqlite3_column_int64(row, 5)},
	};

	if (ring < 0 || ring > UINT16_MAX || count < 1 || count > TRC_SEGMENT_MAX_EVENTS)
		return damaged(store, ret_error, "a segment's numbers cannot be");
	if (reader->entry_count == reader->entry_room) {
		size_t room = reader->entry_room ? 2 * reader->entry_room : 64;
		struct entry *entries = realloc(reader->entries, room * sizeof(*entries));

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

int trc_store_refresh(struct trc_store *store, struct trc_error *ret_error)
{
	size_t before = store->reader->entry_count;
	int result;

	start_call(store);
	/* One transaction, so that info and segments are of the same moment. */
	if (sqlite3_exec(store->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK)
		return trc__fail_sql(store, ret_error, "read");
	result = read_meta(store, ret_error);
	if (result == 0)
		result = read_segments(store, ret_error);
	sqlite3_exec(store->db, "COMMIT", NULL, NULL, NULL);
	if (result < 0) {
		store->reader->entry_count = before;
		return result;
	}
	before = store->reader->entry_count - before;
	return before < INT_MAX ? (int)before : INT_MAX;
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

int trc_store_segment_load(struct trc_store *store, size_t index, struct trc_segment *ret_segment,
			   struct trc_error *ret_error)
{
	sqlite3_stmt *statement = store->reader->data;
	const struct entry *entry = &store->reader->entries[index];
	int result;

	assert(index < store->reader->entry_count);
	start_call(store);
	sqlite3_bind_int64(statement, 1, entry->row);
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		result = trc_segment_unpack(sqlite3_column_blob(statement, 0),
					    (size_t)sqlite3_column_bytes(statement, 0),
					    entry->info.count, ret_segment);
		if (result == -ENOMEM)
			trc__fail(ret_error, result, "cannot read %s: out of memory", store->path);
		else if (result < 0)
			damaged(store, ret_error, "a segment does not unpack");
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
