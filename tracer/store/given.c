#include "tracer/store/given.h"

#include <stddef.h>

struct table {
	sqlite3_vtab base;
	struct trc__given *given;
};

struct cursor {
	sqlite3_vtab_cursor base;
	sqlite3_int64 row;
	bool at_end;
};

static struct trc__given *given_of(const sqlite3_vtab_cursor *cursor)
{
	return ((const struct table *)cursor->pVtab)->given;
}

static int connect(sqlite3 *db, void *context, int argc, const char *const *argv,
		   sqlite3_vtab **ret_table, char **ret_error)
{
	struct table *table;
	int code = sqlite3_declare_vtab(db, "CREATE TABLE x(v1, v2, v3, v4, v5, v6, v7, v8, v9, "
					    "v10, v11, v12, v13, v14, v15, v16, v17, v18, v19)");

	(void)argc;
	(void)argv;
	(void)ret_error;
	if (code != SQLITE_OK)
		return code;
	table = sqlite3_malloc(sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	*table = (struct table){.given = context};
	*ret_table = &table->base;
	return SQLITE_OK;
}

static int disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

static int best_index(sqlite3_vtab *base, sqlite3_index_info *info)
{
	(void)base;
	info->estimatedCost = 1000;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *base, sqlite3_vtab_cursor **ret_cursor)
{
	struct cursor *cursor = sqlite3_malloc(sizeof *cursor);

	(void)base;
	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct cursor){0};
	*ret_cursor = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

static int next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;
	struct trc__given *given = given_of(base);

	cursor->row++;
	cursor->at_end = !given->next(given->context, given->values);
	return SQLITE_OK;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *name, int argc,
		  sqlite3_value **argv)
{
	(void)plan;
	(void)name;
	(void)argc;
	(void)argv;
	return next(base);
}

static int at_end(sqlite3_vtab_cursor *base)
{
	return ((const struct cursor *)base)->at_end;
}

static int column(sqlite3_vtab_cursor *base, sqlite3_context *context, int number)
{
	const struct trc__given_value *value = &given_of(base)->values[number];

	switch (value->what) {
	case TRC__GIVEN_NOTHING:
		break;
	case TRC__GIVEN_NUMBER:
		sqlite3_result_int64(context, (sqlite3_int64)value->number);
		break;
	case TRC__GIVEN_TEXT:
		sqlite3_result_text(context, value->text, -1, SQLITE_STATIC);
		break;
	}
	return SQLITE_OK;
}

static int row_id(sqlite3_vtab_cursor *base, sqlite3_int64 *ret_id)
{
	*ret_id = ((const struct cursor *)base)->row;
	return SQLITE_OK;
}

int trc__given_register(sqlite3 *db, struct trc__given *given)
{
	/* Without xCreate it is there by its name, and in no schema. */
	static const sqlite3_module module = {
		.xConnect = connect,
		.xBestIndex = best_index,
		.xDisconnect = disconnect,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next,
		.xEof = at_end,
		.xColumn = column,
		.xRowid = row_id,
	};

	return sqlite3_create_module_v2(db, "given", &module, given, NULL);
}
