/*
 * A trace file for reading, as input that somebody else may have made.
 *
 * Before any of our SQL runs, the file's first page is looked at through SQLite's own file handle
 * (a second descriptor would drop SQLite's locks when it is closed), the connection is locked down
 * as SQLite advises for hostile files, and the tables that will be read must have been made by
 * exactly the text that we would make them with: a view, a virtual table or a generated column in
 * their place is refused. All else in the file is never touched. Each call has a time limit.
 */
#include "tracer/store/reader.h"
#include "tracer/store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
	CALL_LIMIT_SECONDS = 60,
	PROGRESS_STEPS = 100000,
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

void trc__start_call(struct trc_store *store)
{
	store->reader->call_end = seconds() + CALL_LIMIT_SECONDS;
}

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
	sqlite3_busy_timeout(store->db, TRC__BUSY_TIMEOUT_MS);
	sqlite3_progress_handler(store->db, PROGRESS_STEPS, on_progress, store->reader);
	sqlite3_exec(store->db,
		     "PRAGMA query_only=1; PRAGMA cell_size_check=1; PRAGMA mmap_size=0;", NULL,
		     NULL, NULL);
}

char *trc__table_text(sqlite3 *db, const char *name)
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

/* The text that makes table `name` in a file of this version; to be freed. */
static char *expected_text(sqlite3 *model, unsigned version, const char *name)
{
	if (version == 1 && strcmp(name, "ring") == 0)
		return strdup(trc__ring_table_1);
	return trc__table_text(model, name);
}

/* Compares the tables that are read with those that we make. */
static int check_schema(struct trc_store *store, struct trc_error *ret_error)
{
	/* Files of before there were keyframes and summaries lack the tables that are not `needed`.
	 */
	static const struct {
		const char *name;
		bool needed;
	} tables[] = {
		{"meta", true},      {"ring", true},     {"segment", true},
		{"keyframe", false}, {"summary", false}, {"let_go", false},
	};
	sqlite3 *model = NULL;
	int result = 0;

	store->has_index = true;
	if (sqlite3_open_v2(":memory:", &model, SQLITE_OPEN_READWRITE, NULL) != SQLITE_OK ||
	    sqlite3_exec(model, trc__schema, NULL, NULL, NULL) != SQLITE_OK)
		result =
			trc__fail(ret_error, -ENOMEM, "cannot read %s: out of memory", store->path);
	for (size_t i = 0; result == 0 && i < sizeof(tables) / sizeof(tables[0]); i++) {
		char *there = trc__table_text(store->db, tables[i].name);
		char *ours = expected_text(model, store->version, tables[i].name);
		int code = sqlite3_errcode(store->db) & 0xff;

		if (!there && code != SQLITE_OK && code != SQLITE_DONE && code != SQLITE_ROW)
			result = trc__fail_sql(store, ret_error, "read");
		else if (there ? !ours || strcmp(there, ours) != 0 : tables[i].needed)
			result = trc__fail(ret_error, -EIO,
					   "%s is damaged: its table %s is not that of a trace",
					   store->path, tables[i].name);
		if (strcmp(tables[i].name, "let_go") == 0)
			store->has_let_go = there != NULL;
		else if (!tables[i].needed)
			store->has_index &= there != NULL;
		free(there);
		free(ours);
	}
	sqlite3_close(model);
	return result;
}

/* "file:PATH?OPTION", with PATH's special bytes escaped; to be freed with sqlite3_free(). */
static char *uri_of(const char *path, const char *option)
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
	sqlite3_str_appendf(uri, "?%s", option);
	return sqlite3_str_finish(uri);
}

char *trc__read_only_uri(const char *path)
{
	return uri_of(path, "mode=ro");
}

static int open_database(struct trc_store *store, bool immutable)
{
	int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOFOLLOW | SQLITE_OPEN_NOMUTEX;
	char *uri = NULL;
	int code;

	if (immutable) {
		uri = uri_of(store->path, "immutable=1");
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
	if (!store->has_let_go || !store->has_index)
		return 0;
	return trc__prepare(store,
			    "SELECT coalesce(sum(events), 0), (SELECT time_ns FROM keyframe ORDER "
			    "BY id LIMIT 1) FROM let_go",
			    &reader->let_go, ret_error);
}

/* Opens the connection. A log beside the file needs a place for its index; where the directory
 * cannot be written, a file without a log can still be read as one that nobody changes. */
static int connect(struct trc_store *store, struct trc_error *ret_error)
{
	int code = open_database(store, false);

	if (code == SQLITE_OK) {
		int result = trc__check_file(store, ret_error);

		if (result < 0)
			return result;
		code = sqlite3_exec(store->db, "SELECT 1 FROM sqlite_schema", NULL, NULL, NULL);
	}
	if ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY) {
		if (access(store->path, R_OK) < 0)
			return trc__fail(ret_error, -EACCES, "cannot read %s: %s", store->path,
					 strerror(errno));
		if (trc__has_log(store->path))
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

	if (!store || !(store->reader = calloc(1, sizeof(*store->reader))) ||
	    !(store->reader->columns = trc__columns_new())) {
		if (store)
			trc__reader_free(store->reader);
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
	int result = trc__check_path(path, ret_error);

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
	trc__start_call(store);
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
