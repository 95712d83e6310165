/*
 * Going on with a trace that another recorder began.
 *
 * The file is looked at first as any file from a stranger, read-only. What is in the transaction of
 * the last batch says where to go on: the rings' accounts with their positions, and how far what
 * follows from the segments has come.
 */
#include "tracer/store/let-go.h"
#include "tracer/store/schema.h"
#include "tracer/store/store-private.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* What the file is, and where it ends. */
static int look_at_it(const char *path, struct trc_store_info *ret_info, uint64_t *ret_last,
		      struct trc_error *ret_error)
{
	struct trc_store *reader;
	size_t segments;
	int result = trc_store_open(path, &reader, ret_error);

	if (result < 0)
		return result;
	trc_store_info(reader, ret_info);
	segments = trc_store_segment_count(reader);
	*ret_last = segments ? trc_store_segment_info(reader, segments - 1).batch : 0;
	if (reader->version < TRC__SCHEMA_VERSION)
		result = trc__fail(ret_error, -EPROTO,
				   "cannot go on with %s: another version of actorscope made it",
				   path);
	/* the reader's */
	ret_info->program = ret_info->tool_version = ret_info->cut = NULL;
	ret_info->filters = ret_info->chosen = ret_info->clock_steps = NULL;
	trc_store_close(reader);
	return result;
}

static void lock_down(sqlite3 *db)
{
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
}

/* It is neither closed nor complete any more, nor is its end, after batch `last`, the end. */
static int reopen(struct trc_store *store, uint64_t last, struct trc_error *ret_error)
{
	char end[96];
	int result = trc_store_begin(store, ret_error);

	if (result < 0)
		return result;
	snprintf(end, sizeof(end), "UPDATE derived SET batch = min(batch, %" PRIu64 ")", last);
	result = trc__execute(store, end, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "closed", 0, ret_error);
	if (result == 0)
		result = trc__put_meta_number(store, "complete", 0, ret_error);
	if (result < 0) {
		trc_store_undo(store);
		return result;
	}
	return trc_store_commit(store, ret_error);
}

static int prepare(struct trc_store *store, const struct trc_store_info *info, uint64_t last,
		   struct trc_error *ret_error)
{
	struct trc_store_cursor rows;
	int result = trc__open_writer(store, ret_error);

	if (result < 0)
		return result;
	lock_down(store->db);
	result = trc__start_log(store, ret_error);
	if (result == 0)
		result = trc__execute(store, trc__let_go_table, ret_error);
	if (result == 0)
		result = trc__rows_prepare(store, ret_error);
	if (result == 0)
		result = trc_store_get_cursor(store, TRC_STORE_ROWS, &rows, ret_error);
	if (result == 0)
		trc__writer_resume(store->writer, info, last, &rows);
	return result;
}

static int open_again(const char *path, const struct trc_store_info *info, uint64_t last,
		      struct trc_store **ret_store, struct trc_error *ret_error)
{
	struct trc_store *store = trc__store_new(path);
	int result;

	if (!store)
		return trc__fail(ret_error, -ENOMEM, "cannot write %s: out of memory", path);
	result = prepare(store, info, last, ret_error);
	if (result < 0)
		trc_store_close(store);
	else
		*ret_store = store;
	return result;
}

int trc_store_resume(const char *path, uint64_t wall_start, struct trc_store **ret_store,
		     struct trc_error *ret_error)
{
	struct trc_store_info info;
	struct trc_store *store;
	uint64_t last;
	int result = look_at_it(path, &info, &last, ret_error);

	if (result == 0 && info.wall_start != wall_start)
		result = trc__fail(ret_error, -EINVAL,
				   "cannot go on with %s: it is the trace of another run", path);
	if (result == 0)
		result = open_again(path, &info, last, &store, ret_error);
	if (result < 0)
		return result;
	result = reopen(store, last, ret_error);
	if (result == 0 && info.keep_to >= TRC_STORE_KEEP_MIN)
		result = trc__keep_to(store, info.keep_to, ret_error);
	if (result < 0)
		trc_store_close(store);
	else
		*ret_store = store;
	return result;
}

int trc_store_open_rows(const char *path, struct trc_store_info *ret_info,
			struct trc_store **ret_store, struct trc_error *ret_error)
{
	uint64_t last;
	int result = look_at_it(path, ret_info, &last, ret_error);

	return result < 0 ? result : open_again(path, ret_info, last, ret_store, ret_error);
}

/* --- what the file says ----------------------------------------------------------------------- */

/* Steps a query of at most one row, of numbers. Returns 1, 0 when there is none, -errno. */
static int get_row(struct trc_store *store, sqlite3_stmt *statement, uint64_t *ret_numbers,
		   struct trc_error *ret_error)
{
	int code = sqlite3_step(statement), result = code == SQLITE_ROW;

	for (int i = 0; result && i < sqlite3_column_count(statement); i++)
		ret_numbers[i] = (uint64_t)sqlite3_column_int64(statement, i);
	if (code != SQLITE_ROW && code != SQLITE_DONE)
		result = trc__fail_sql(store, ret_error, "read");
	return result;
}

int trc_store_get_ring(struct trc_store *store, uint32_t number, struct trc_store_ring *ret_ring,
		       struct trc_error *ret_error)
{
	sqlite3_stmt *statement = NULL;
	uint64_t row[8];
	int result;

	trc__writer_lock(store->writer);
	result = trc__prepare(store,
			      "SELECT pid, tid, written, stored, lost, corrupt, closed, position "
			      "FROM ring WHERE number = ?1",
			      &statement, ret_error);
	if (result == 0) {
		sqlite3_bind_int64(statement, 1, number);
		result = get_row(store, statement, row, ret_error);
	}
	sqlite3_finalize(statement);
	trc__writer_unlock(store->writer);
	if (result == 1)
		*ret_ring = (struct trc_store_ring){.number = number,
						    .pid = (uint32_t)row[0],
						    .tid = (uint32_t)row[1],
						    .written = row[2],
						    .stored = row[3],
						    .lost = row[4],
						    .corrupt = row[5],
						    .closed = row[6] != 0,
						    .position = row[7]};
	return result;
}

int trc_store_get_cursor(struct trc_store *store, const char *name,
			 struct trc_store_cursor *ret_cursor, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = NULL;
	uint64_t row[2] = {0, 0};
	int result;

	trc__writer_lock(store->writer);
	result = trc__prepare(store, "SELECT batch, events FROM derived WHERE name = ?1",
			      &statement, ret_error);
	if (result == 0) {
		sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
		result = get_row(store, statement, row, ret_error);
	}
	sqlite3_finalize(statement);
	trc__writer_unlock(store->writer);
	if (result < 0)
		return result;
	*ret_cursor = (struct trc_store_cursor){.batch = row[0], .events = row[1]};
	return 0;
}

int trc_store_agrees(struct trc_store *store, struct trc_error *ret_error)
{
	sqlite3_stmt *statement = NULL;
	uint64_t agrees = 0;
	int result;

	trc__writer_lock(store->writer);
	result = trc__prepare(store,
			      "SELECT NOT EXISTS(SELECT 1 FROM ring r LEFT JOIN "
			      "(SELECT ring, sum(count) AS stored FROM (SELECT ring, count FROM "
			      "segment UNION ALL SELECT ring, events FROM let_go) GROUP BY ring) s "
			      "ON s.ring = r.number WHERE r.written <> r.stored "
			      "OR r.stored <> coalesce(s.stored, 0) OR r.lost OR r.corrupt)",
			      &statement, ret_error);
	if (result == 0)
		result = get_row(store, statement, &agrees, ret_error);
	sqlite3_finalize(statement);
	trc__writer_unlock(store->writer);
	return result < 0 ? result : agrees != 0;
}
