#include "tracer/store/sql-attach.h"

#include "tracer/store/count-table.h"
#include "tracer/store/event-table.h"
#include "tracer/store/row-table.h"
#include "tracer/store/schema.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct trc_sql_attached {
	sqlite3 *db;
	trc_sql_fill *fill;
	struct trc_store *trace; /* NULL: none yet */
	struct trc__sql_source *source;
	bool shown; /* the tables are there */
};

struct trc_sql_attached *trc_sql_attach(sqlite3 *db, trc_sql_fill *fill)
{
	struct trc_sql_attached *attached = calloc(1, sizeof *attached);

	if (!attached)
		return NULL;
	attached->db = db;
	attached->fill = fill;
	return attached;
}

void trc_sql_attached_free(struct trc_sql_attached *attached)
{
	if (!attached)
		return;
	trc__sql_source_close(attached->source);
	trc_store_close(attached->trace);
	free(attached);
}

/* --- showing ------------------------------------------------------------------------------------
 */

static int execute(struct trc_sql_attached *attached, char *sql)
{
	int code = sql ? sqlite3_exec(attached->db, sql, NULL, NULL, NULL) : SQLITE_NOMEM;

	sqlite3_free(sql);
	return code;
}

static int show_tables(struct trc_sql_attached *attached)
{
	static const char *const rows[] = {"meta",      "kind",        "type",    "site",
					   "actor_row", "message_row", "wait_row"};
	int code = trc__event_table_register(attached->db, &attached->source);

	if (code == SQLITE_OK)
		code = trc__count_table_register(attached->db, &attached->source);
	if (code == SQLITE_OK)
		code = trc__row_table_register(attached->db, &attached->source);
	if (code == SQLITE_OK)
		code = execute(attached,
			       sqlite3_mprintf("CREATE VIRTUAL TABLE temp.event_row USING "
					       "event_row; CREATE VIRTUAL TABLE "
					       "temp.event_count USING event_count"));
	for (size_t i = 0; i < sizeof rows / sizeof rows[0] && code == SQLITE_OK; i++)
		code = execute(attached, sqlite3_mprintf("CREATE VIRTUAL TABLE temp.%s USING "
							 "actorscope_row(%s)",
							 rows[i], rows[i]));
	return code;
}

/* The views are those of the source's own schema. Names in a temporary view are looked for among
 * temporary tables first. */
static int show_views(struct trc_sql_attached *attached)
{
	static const char prefix[] = "CREATE VIEW ";
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(attached->source->rows->db,
				      "SELECT sql FROM sqlite_schema WHERE type = 'view'", -1,
				      &statement, NULL);

	while (code == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
		code = execute(attached,
			       sqlite3_mprintf("CREATE TEMP VIEW %s",
					       (const char *)sqlite3_column_text(statement, 0) +
						       strlen(prefix)));
	sqlite3_finalize(statement);
	return code;
}

static int show(struct trc_sql_attached *attached, struct trc_error *ret_error)
{
	int code;

	if (attached->shown)
		return 0;
	code = sqlite3_exec(attached->db, "SAVEPOINT actorscope", NULL, NULL, NULL);
	if (code == SQLITE_OK)
		code = show_tables(attached);
	if (code == SQLITE_OK)
		code = show_views(attached);
	if (code != SQLITE_OK) {
		trc__fail(ret_error, trc__sql_errno(code),
			  "cannot show the tables of %s in this connection: %s",
			  attached->trace->path, sqlite3_errmsg(attached->db));
		sqlite3_exec(attached->db, "ROLLBACK TO actorscope", NULL, NULL, NULL);
	}
	sqlite3_exec(attached->db, "RELEASE actorscope", NULL, NULL, NULL);
	attached->shown = code == SQLITE_OK;
	return code == SQLITE_OK ? 0 : trc__sql_errno(code);
}

/* --- opening ------------------------------------------------------------------------------------
 */

static unsigned running_statements(sqlite3 *db)
{
	unsigned count = 0;

	for (sqlite3_stmt *one = sqlite3_next_stmt(db, NULL); one; one = sqlite3_next_stmt(db, one))
		count += sqlite3_stmt_busy(one) != 0;
	return count;
}

int trc_sql_attached_open(struct trc_sql_attached *attached, const char *path, uint64_t *ret_events,
			  struct trc_error *ret_error)
{
	struct trc__sql_source *source = NULL, *old_source = attached->source;
	struct trc_store *trace = NULL, *old_trace = attached->trace;
	struct trc_store_info info;
	int result;

	if (running_statements(attached->db) > 1) /* the one that calls us */
		return trc__fail(ret_error, -EBUSY,
				 "cannot open %s while another statement still runs", path);
	result = trc_store_open(path, &trace, ret_error);
	if (result == 0)
		result = trc__sql_source_open(trace, attached->fill, false, &source, ret_error);
	if (result == 0) {
		attached->trace = trace;
		attached->source = source;
		result = show(attached, ret_error);
	}
	if (result < 0) {
		attached->trace = old_trace;
		attached->source = old_source;
		trc__sql_source_close(source);
		trc_store_close(trace);
		return result;
	}
	trc__sql_source_close(old_source);
	trc_store_close(old_trace);
	trc_store_info(trace, &info);
	*ret_events = info.events;
	return 0;
}

const char *trc_sql_main_trace(sqlite3 *db)
{
	const char *path = sqlite3_db_filename(db, "main");
	sqlite3_stmt *statement = NULL;
	bool is_trace;

	if (!path || !*path)
		return NULL;
	is_trace = sqlite3_prepare_v2(db, "PRAGMA main.application_id", -1, &statement, NULL) ==
			   SQLITE_OK &&
		   sqlite3_step(statement) == SQLITE_ROW &&
		   sqlite3_column_int(statement, 0) == TRC__APPLICATION_ID;
	sqlite3_finalize(statement);
	return is_trace ? path : NULL;
}
