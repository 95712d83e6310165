/*
 * A closed trace whose rows are whole need not have them made again: its file is attached, and the
 * views stand on its tables. They are somebody else's, so each must have been made by the text that
 * we would make it with, and nothing else of the file is ever named. What they say can still be
 * false; whoever does not trust them has the events.
 */
#include "tracer/store/sql-source.h"

#include <stdlib.h>
#include <string.h>

static const char *const row_tables[] = {"kind",      "type",        "site",
					 "actor_row", "message_row", "wait_row"};

enum { ROW_TABLES = sizeof row_tables / sizeof row_tables[0] };

/* Whether the trace has the table just as the scratch database has it. */
static bool is_ours(const struct trc__sql_source *source, const char *name)
{
	char *there = trc__table_text(source->trace->db, name);
	char *ours = trc__table_text(source->rows->db, name);
	bool same = there && ours && strcmp(there, ours) == 0;

	free(there);
	free(ours);
	return same;
}

static bool rows_are_whole(const struct trc__sql_source *source)
{
	static const char sql[] = "SELECT events FROM derived WHERE name = '" TRC_STORE_ROWS "'";
	struct trc_store_info info;
	sqlite3_stmt *statement = NULL;
	bool whole;

	trc_store_info(source->trace, &info);
	whole = sqlite3_prepare_v2(source->trace->db, sql, -1, &statement, NULL) == SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW &&
		(uint64_t)sqlite3_column_int64(statement, 0) >= info.events;
	sqlite3_finalize(statement);
	return whole && info.events > 0;
}

bool trc__sql_rows_are_usable(const struct trc__sql_source *source)
{
	struct trc_store_info info;

	trc_store_info(source->trace, &info);
	if (!info.closed || trc__has_log(source->trace->path) || !is_ours(source, "derived"))
		return false;
	for (size_t i = 0; i < ROW_TABLES; i++)
		if (!is_ours(source, row_tables[i]))
			return false;
	return rows_are_whole(source);
}

/* --- using them ---------------------------------------------------------------------------------
 */

static int execute(struct trc__sql_source *source, char *sql)
{
	int code = sql ? sqlite3_exec(source->rows->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return code;
}

/* Only a temporary view may stand on tables of another file. */
static int move_views(struct trc__sql_source *source)
{
	static const char prefix[] = "CREATE VIEW ";
	sqlite3_str *all = sqlite3_str_new(source->rows->db);
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(source->rows->db,
				      "SELECT name, sql FROM sqlite_schema WHERE type = 'view'", -1,
				      &statement, NULL);

	while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		sqlite3_str_appendf(all, "DROP VIEW main.\"%w\"; CREATE TEMP VIEW %s;",
				    (const char *)sqlite3_column_text(statement, 0),
				    (const char *)sqlite3_column_text(statement, 1) +
					    strlen(prefix));
	sqlite3_finalize(statement);
	if (code != SQLITE_OK) {
		sqlite3_free(sqlite3_str_finish(all));
		return code;
	}
	return execute(source, sqlite3_str_finish(all));
}

int trc__sql_take_types(struct trc__sql_source *source, const char *database)
{
	char *sql = sqlite3_mprintf("SELECT id, definition FROM %s.type WHERE id BETWEEN 1 AND "
				    "65535",
				    database);
	sqlite3_stmt *statement = NULL;
	int code = sql ? sqlite3_prepare_v2(source->rows->db, sql, -1, &statement, NULL)
		       : SQLITE_NOMEM;

	sqlite3_free(sql);

	while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		struct trc_event event = {
			.kind = TRC_DEF_TYPE,
			.id = (uint64_t)sqlite3_column_int64(statement, 0),
			.payload = sqlite3_column_blob(statement, 1),
			.payload_size = (uint32_t)sqlite3_column_bytes(statement, 1),
		};

		code = trc__sql_keep_type(source, &event) < 0 ? SQLITE_NOMEM : SQLITE_OK;
	}
	sqlite3_finalize(statement);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

int trc__sql_use_rows(struct trc__sql_source *source, struct trc_error *ret_error)
{
	char *uri = trc__read_only_uri(source->trace->path);
	int code;

	sqlite3_db_config(source->rows->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	code = execute(source, sqlite3_mprintf("PRAGMA cell_size_check = 1; ATTACH %Q AS trace; "
					       "PRAGMA trace.mmap_size = 0;",
					       uri));
	sqlite3_free(uri);
	if (code == SQLITE_OK)
		code = move_views(source);
	for (size_t i = 0; i < ROW_TABLES && code == SQLITE_OK; i++)
		code = execute(source, sqlite3_mprintf("DROP TABLE main.%s", row_tables[i]));
	if (code == SQLITE_OK)
		code = trc__sql_take_types(source, "trace");
	if (code != SQLITE_OK)
		return trc__fail(ret_error, trc__sql_errno(code), "cannot read the rows of %s: %s",
				 source->trace->path, sqlite3_errmsg(source->rows->db));
	source->has = TRC__SQL_NAMES | TRC__SQL_ROWS;
	return 0;
}
