/*
 * Rows cannot be put into a database in the middle of its own query, and that is when it turns out
 * that they are needed. So they lie in the source's database, and a table here asks that one: for
 * the columns that are used, and for the rows with a certain value of one column, which is what
 * joins want. A column by which rows are looked up again and again gets an index there.
 */
#include "tracer/store/row-table.h"

#include "tracer/store/vtab.h"

#include <string.h>

enum { COLUMNS_MAX = 32 };

struct table {
	struct trc__vtab vtab;
	int column_count;
	bool looked_up[COLUMNS_MAX]; /* at least once */
	char *columns[COLUMNS_MAX];
	char name[]; /* in the source's database */
};

struct cursor {
	sqlite3_vtab_cursor base;
	char *sql; /* of the statement */
	sqlite3_stmt *statement;
	int code; /* SQLITE_ROW while there is a row */
};

/* --- tables -------------------------------------------------------------------------------------
 */

static int disconnect(sqlite3_vtab *base)
{
	struct table *table = (struct table *)base;

	for (int i = 0; i < table->column_count; i++)
		sqlite3_free(table->columns[i]);
	sqlite3_free(table);
	return SQLITE_OK;
}

/* Reads the names of the columns, and writes the declaration: they and the primary key. */
static int describe(struct table *table, sqlite3 *rows, sqlite3_str *text)
{
	sqlite3_str *key = sqlite3_str_new(NULL);
	sqlite3_stmt *statement = NULL;
	char *keys;
	int code = sqlite3_prepare_v2(rows, "SELECT name, type, pk FROM pragma_table_info(?1)", -1,
				      &statement, NULL);

	sqlite3_bind_text(statement, 1, table->name, -1, SQLITE_STATIC);
	sqlite3_str_appendall(text, "CREATE TABLE x(");
	while (code == SQLITE_OK && table->column_count < COLUMNS_MAX &&
	       sqlite3_step(statement) == SQLITE_ROW) {
		const char *name = (const char *)sqlite3_column_text(statement, 0);
		const char *type = (const char *)sqlite3_column_text(statement, 1);

		sqlite3_str_appendf(text, "\"%w\" %s, ", name,
				    strcmp(type, "ANY") == 0 ? "" : type);
		if (sqlite3_column_int(statement, 2) > 0)
			sqlite3_str_appendf(key, "%s\"%w\"", sqlite3_str_length(key) ? "," : "",
					    name);
		table->columns[table->column_count++] = sqlite3_mprintf("%s", name);
	}
	sqlite3_finalize(statement);
	keys = sqlite3_str_finish(key);
	sqlite3_str_appendf(text, "PRIMARY KEY(%s)) WITHOUT ROWID", keys);
	sqlite3_free(keys);
	return code;
}

static int connect(sqlite3 *db, void *context, int argc, const char *const *argv,
		   sqlite3_vtab **ret_table, char **ret_error)
{
	struct trc__sql_source *const *source = context;
	const char *name = argc > 3 ? argv[3] : "";
	sqlite3_str *text;
	struct table *table;
	char *declaration;
	int code;

	if (!*source) {
		*ret_error = sqlite3_mprintf("no trace is open");
		return SQLITE_ERROR;
	}
	table = sqlite3_malloc((int)(sizeof *table + strlen(name) + 1));
	if (!table)
		return SQLITE_NOMEM;
	memset(table, 0, sizeof *table);
	table->vtab.source = source;
	strcpy(table->name, name);
	text = sqlite3_str_new(db);
	code = describe(table, (*source)->rows->db, text);
	declaration = sqlite3_str_finish(text);
	if (code == SQLITE_OK && table->column_count == 0) {
		*ret_error = sqlite3_mprintf("a trace has no table '%s'", name);
		code = SQLITE_ERROR;
	}
	if (code == SQLITE_OK)
		code = declaration ? sqlite3_declare_vtab(db, declaration) : SQLITE_NOMEM;
	sqlite3_free(declaration);
	if (code != SQLITE_OK) {
		disconnect(&table->vtab.base);
		return code;
	}
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	*ret_table = &table->vtab.base;
	return SQLITE_OK;
}

/* Not the same as connect(), lest the module be a table by itself. */
static int create(sqlite3 *db, void *context, int argc, const char *const *argv,
		  sqlite3_vtab **ret_table, char **ret_error)
{
	return connect(db, context, argc, argv, ret_table, ret_error);
}

/* --- planning -----------------------------------------------------------------------------------
 */

/* The condition that finds the fewest rows: on the first column, which is the key, or on any. -1:
 * there is none. */
static int best_condition(sqlite3_index_info *info)
{
	int best = -1;

	for (int i = 0; i < info->nConstraint; i++) {
		const struct sqlite3_index_constraint *constraint = &info->aConstraint[i];

		if (!constraint->usable || constraint->op != SQLITE_INDEX_CONSTRAINT_EQ ||
		    constraint->iColumn < 0 ||
		    strcmp(sqlite3_vtab_collation(info, i), "BINARY") != 0)
			continue;
		if (best < 0 || constraint->iColumn == 0)
			best = i;
	}
	return best;
}

static double rows_of(const struct table *table)
{
	struct trc_store_info info;

	if (!*table->vtab.source)
		return 1;
	trc_store_info((*table->vtab.source)->trace, &info);
	return trc__sql_needs_of(table->name) & TRC__SQL_ROWS ? (double)info.messages + 1 : 1000;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	const struct table *table = (const struct table *)base;
	int condition = best_condition(info), column = -1;
	sqlite3_str *sql = sqlite3_str_new(NULL);

	sqlite3_str_appendall(sql, "SELECT ");
	for (int i = 0; i < table->column_count; i++) {
		const char *comma = i + 1 < table->column_count ? ", " : "";

		if (info->colUsed & (sqlite3_uint64)1 << i)
			sqlite3_str_appendf(sql, "\"%w\"%s", table->columns[i], comma);
		else
			sqlite3_str_appendf(sql, "NULL%s", comma);
	}
	sqlite3_str_appendf(sql, " FROM \"%w\"", table->name);
	info->estimatedCost = rows_of(table);
	if (condition >= 0) {
		column = info->aConstraint[condition].iColumn;
		info->aConstraintUsage[condition].argvIndex = 1;
		sqlite3_str_appendf(sql, " WHERE \"%w\" = ?1", table->columns[column]);
		info->estimatedCost = column == 0 ? 2 : 20;
	}
	info->estimatedRows = (sqlite3_int64)info->estimatedCost;
	info->idxNum = column;
	info->idxStr = sqlite3_str_finish(sql);
	info->needToFreeIdxStr = 1;
	return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

/* --- cursors ------------------------------------------------------------------------------------
 */

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *cursor = sqlite3_malloc(sizeof *cursor);

	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct cursor){0};
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	sqlite3_finalize(cursor->statement);
	sqlite3_free(cursor->sql);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

/* The second look-up by a column that is not the key will not be the last. */
static void index_column(struct table *table, int column)
{
	char *sql;

	if (column <= 0 || column >= COLUMNS_MAX)
		return;
	if (table->looked_up[column]) {
		sql = sqlite3_mprintf("CREATE INDEX IF NOT EXISTS \"%w_%w\" ON \"%w\"(\"%w\")",
				      table->name, table->columns[column], table->name,
				      table->columns[column]);
		/* Without it the answer is the same, only later. */
		if (sql)
			sqlite3_exec((*table->vtab.source)->rows->db, sql, NULL, NULL, NULL);
		sqlite3_free(sql);
	}
	table->looked_up[column] = true;
}

static int prepare(struct cursor *cursor, sqlite3 *rows, const char *sql)
{
	if (cursor->sql && strcmp(cursor->sql, sql) == 0)
		return SQLITE_OK;
	sqlite3_finalize(cursor->statement);
	sqlite3_free(cursor->sql);
	cursor->statement = NULL;
	cursor->sql = sqlite3_mprintf("%s", sql);
	if (!cursor->sql)
		return SQLITE_NOMEM;
	return sqlite3_prepare_v3(rows, sql, -1, SQLITE_PREPARE_PERSISTENT, &cursor->statement,
				  NULL);
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->code = sqlite3_step(cursor->statement);
	if (cursor->code == SQLITE_ROW || cursor->code == SQLITE_DONE)
		return SQLITE_OK;
	return trc__vtab_say(&cursor->base, sqlite3_errmsg(sqlite3_db_handle(cursor->statement)));
}

static int filter(sqlite3_vtab_cursor *base, int column, const char *sql, int argc,
		  sqlite3_value **argv)
{
	struct table *table = (struct table *)base->pVtab;
	struct cursor *cursor = (struct cursor *)base;
	struct trc__sql_source *source = trc__vtab_source(base);
	struct trc_error error;

	cursor->code = SQLITE_DONE;
	sqlite3_reset(cursor->statement);
	if (!source)
		return SQLITE_ERROR;
	if (trc__sql_source_need(source, trc__sql_needs_of(table->name), &error) < 0)
		return trc__vtab_say(&cursor->base, error.text);
	if (argc > 0)
		index_column(table, column);
	if (prepare(cursor, source->rows->db, sql) != SQLITE_OK)
		return trc__vtab_say(&cursor->base, sqlite3_errmsg(source->rows->db));
	if (argc > 0)
		sqlite3_bind_value(cursor->statement, 1, argv[0]);
	return next(base);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	return ((const struct cursor *)base)->code != SQLITE_ROW;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct cursor *cursor = (const struct cursor *)base;

	sqlite3_result_value(context, sqlite3_column_value(cursor->statement, number));
	return SQLITE_OK;
}

int trc__row_table_register(sqlite3 *db, struct trc__sql_source *const *source)
{
	static const sqlite3_module module = {
		.xCreate = create,
		.xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = disconnect,
		.xDestroy = disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = at_end,
		.xColumn = column,
	};

	return sqlite3_create_module_v2(db, "actorscope_row", &module, (void *)source, NULL);
}
