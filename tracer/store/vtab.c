#include "tracer/store/vtab.h"

int trc__vtab_connect(sqlite3 *db, void *context, const char *declaration, sqlite3_vtab **ret_table)
{
	struct trc__vtab *table;
	int code = sqlite3_declare_vtab(db, declaration);

	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = sqlite3_malloc(sizeof *table);
	if (!table)
		return SQLITE_NOMEM;
	*table = (struct trc__vtab){.source = context};
	*ret_table = &table->base;
	return SQLITE_OK;
}

int trc__vtab_disconnect(sqlite3_vtab *base)
{
	sqlite3_free(base);
	return SQLITE_OK;
}

struct trc__sql_source *trc__vtab_source(const sqlite3_vtab_cursor *cursor)
{
	struct trc__sql_source *source = *((struct trc__vtab *)cursor->pVtab)->source;

	if (!source)
		trc__vtab_say(cursor, "no trace is open");
	return source;
}

int trc__vtab_say(const sqlite3_vtab_cursor *cursor, const char *text)
{
	sqlite3_free(cursor->pVtab->zErrMsg);
	cursor->pVtab->zErrMsg = sqlite3_mprintf("%s", text);
	return SQLITE_ERROR;
}
