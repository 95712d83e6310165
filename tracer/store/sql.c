/*
 * Questions are asked of the database that has the rows, so that SQLite can plan with its own
 * tables. Which rows a question needs is known from SQLite's authorizer, that hears of every table
 * when a statement is prepared; they are collected before it runs. The authorizer also refuses all
 * that is not reading.
 */
#include "tracer/store/sql.h"

#include "tracer/store/count-table.h"
#include "tracer/store/event-table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct trc_sql {
	struct trc__sql_source *source;
	struct trc_store *rows; /* the source's */
	unsigned needs;         /* of the statement being prepared */
	bool trusted;           /* what runs now is our own */
};

/* --- what may be read ---------------------------------------------------------------------------
 */

static int on_read(struct trc_sql *sql, const char *table, const char *column, const char *database)
{
	if (database && strcmp(database, "trace") == 0 && trc__sql_needs_of(table) == 0)
		return SQLITE_DENY; /* nobody has looked at it */
	if (strcmp(table, "segment") == 0 || strcmp(table, "ring") == 0 ||
	    strcmp(table, "derived") == 0)
		return SQLITE_DENY; /* empty here, which would mislead */
	if (strcmp(table, "event_row") != 0)
		sql->needs |= trc__sql_needs_of(table);
	else if (column && strcmp(column, "payload") == 0)
		sql->needs |= TRC__SQL_NAMES;
	return SQLITE_OK;
}

static int authorize(void *context, int action, const char *first, const char *second,
		     const char *database, const char *view)
{
	struct trc_sql *sql = context;

	if (sql->trusted)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_READ:
		return first ? on_read(sql, first, second, database) : SQLITE_OK;
	case SQLITE_FUNCTION:
		return strcmp(second, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

/* --- opening ------------------------------------------------------------------------------------
 */

static int prepare_connection(struct trc_sql *sql, struct trc_error *ret_error)
{
	sqlite3 *db = sql->rows->db;
	int result = 0;

	if (trc__event_table_register(db, &sql->source) != SQLITE_OK ||
	    trc__count_table_register(db, &sql->source) != SQLITE_OK)
		return trc__fail_sql(sql->rows, ret_error, "read");
	/* Before tables of these names that an attached file may have. */
	result = trc__execute(sql->rows,
			      "CREATE VIRTUAL TABLE temp.event_row USING event_row;"
			      "CREATE VIRTUAL TABLE temp.event_count USING event_count;",
			      ret_error);
	if (result < 0)
		return result;
	sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_set_authorizer(db, authorize, sql);
	return 0;
}

int trc_sql_open(struct trc_store *trace, trc_sql_fill *fill, struct trc_sql **ret_sql,
		 struct trc_error *ret_error)
{
	struct trc_sql *sql = calloc(1, sizeof *sql);
	int result;

	if (!sql)
		return trc__fail_memory(trace, ret_error);
	result = trc__sql_source_open(trace, fill, true, &sql->source, ret_error);
	if (result == 0) {
		sql->rows = sql->source->rows;
		result = prepare_connection(sql, ret_error);
	}
	if (result < 0) {
		trc_sql_close(sql);
		return result;
	}
	*ret_sql = sql;
	return 0;
}

void trc_sql_close(struct trc_sql *sql)
{
	if (!sql)
		return;
	trc__sql_source_close(sql->source);
	free(sql);
}

static int collect(struct trc_sql *sql, struct trc_error *ret_error)
{
	bool trusted = sql->trusted;
	int result;

	sql->trusted = true;
	result = trc__sql_source_need(sql->source, sql->needs, ret_error);
	sql->trusted = trusted;
	return result;
}

/* --- running ------------------------------------------------------------------------------------
 */

static void take_value(sqlite3_stmt *statement, int place, struct trc_sql_value *ret_value)
{
	static const enum trc_sql_type types[] = {
		[SQLITE_INTEGER] = TRC_SQL_INTEGER, [SQLITE_FLOAT] = TRC_SQL_REAL,
		[SQLITE_TEXT] = TRC_SQL_TEXT,       [SQLITE_BLOB] = TRC_SQL_BLOB,
		[SQLITE_NULL] = TRC_SQL_NULL,
	};
	const char *text;

	ret_value->type = types[sqlite3_column_type(statement, place)];
	ret_value->integer = sqlite3_column_int64(statement, place);
	ret_value->real = sqlite3_column_double(statement, place);
	text = ret_value->type == TRC_SQL_BLOB
		       ? sqlite3_column_blob(statement, place)
		       : (const char *)sqlite3_column_text(statement, place);
	ret_value->size = (size_t)sqlite3_column_bytes(statement, place);
	ret_value->text = text ? text : "";
}

static int say_mistake(struct trc_sql *sql, struct trc_error *ret_error)
{
	if ((sqlite3_errcode(sql->rows->db) & 0xff) == SQLITE_AUTH)
		return trc__fail(ret_error, -EINVAL, "not allowed: a trace can only be read (%s)",
				 sqlite3_errmsg(sql->rows->db));
	return trc__fail(ret_error, -EINVAL, "%s", sqlite3_errmsg(sql->rows->db));
}

static int run_statement(struct trc_sql *sql, sqlite3_stmt *statement, trc_sql_visit *visit,
			 void *context, struct trc_error *ret_error)
{
	int count = sqlite3_column_count(statement), code = SQLITE_DONE;
	struct trc_sql_value *values = calloc((size_t)count + 1, sizeof *values);
	bool wanted;

	if (!values)
		return trc__fail_memory(sql->rows, ret_error);
	for (int i = 0; i < count; i++) {
		const char *name = sqlite3_column_name(statement, i);

		values[i] = (struct trc_sql_value){.type = TRC_SQL_TEXT, .text = name ? name : ""};
		values[i].size = strlen(values[i].text);
	}
	wanted = visit(true, values, (unsigned)count, context);
	while (wanted && (code = sqlite3_step(statement)) == SQLITE_ROW) {
		for (int i = 0; i < count; i++)
			take_value(statement, i, &values[i]);
		wanted = visit(false, values, (unsigned)count, context);
	}
	free(values);
	return code == SQLITE_DONE || code == SQLITE_ROW ? 0 : say_mistake(sql, ret_error);
}

int trc_sql_run(struct trc_sql *sql, const char *text, trc_sql_visit *visit, void *context,
		struct trc_error *ret_error)
{
	int result = 0;

	while (*text && result == 0) {
		sqlite3_stmt *statement = NULL;

		sql->needs = 0;
		if (sqlite3_prepare_v2(sql->rows->db, text, -1, &statement, &text) != SQLITE_OK)
			return say_mistake(sql, ret_error);
		if (!statement)
			continue; /* a comment, or white space */
		result = collect(sql, ret_error);
		if (result == 0)
			result = run_statement(sql, statement, visit, context, ret_error);
		sqlite3_finalize(statement);
	}
	return result;
}

int trc_sql_list_tables(struct trc_sql *sql, trc_sql_visit *visit, void *context,
			struct trc_error *ret_error)
{
	static const char list[] =
		"SELECT m.name AS \"table\", group_concat(c.name, ', ') AS columns\n"
		"FROM (SELECT name FROM sqlite_schema WHERE type = 'view' OR name = 'meta'\n"
		"  UNION SELECT name FROM sqlite_temp_schema\n"
		"  WHERE type = 'view' OR name = 'event_count') m, pragma_table_info(m.name) c\n"
		"GROUP BY m.name ORDER BY m.name";
	int result;

	sql->trusted = true;
	result = trc_sql_run(sql, list, visit, context, ret_error);
	sql->trusted = false;
	return result;
}

bool trc_sql_is_complete(const char *text)
{
	return sqlite3_complete(text);
}
