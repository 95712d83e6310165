/*
 * The loadable extension of SQLite. It calls SQLite through the table of functions that whoever
 * loads it hands over, for the program may have an SQLite of its own; that is why the sources of
 * the tracer that it needs are compiled for it once more (meson.build).
 */
#include <sqlite3ext.h>

#include "tracer/derive/fill.h"
#include "tracer/store/sql-attach.h"

SQLITE_EXTENSION_INIT1

enum { OLDEST_SQLITE = 3038000 }; /* conditions with IN are asked for all at once since then */

/* actorscope_open(FILE): shows that trace, and returns the number of its events. */
static void on_open(sqlite3_context *context, int argc, sqlite3_value **argv)
{
	const char *path = (const char *)sqlite3_value_text(argv[0]);
	struct trc_error error;
	uint64_t events;

	if (!path)
		sqlite3_result_error(context, "actorscope_open() wants the name of a file", -1);
	else if (trc_sql_attached_open(sqlite3_user_data(context), path, &events, &error) < 0)
		sqlite3_result_error(context, error.text, -1);
	else
		sqlite3_result_int64(context, (sqlite3_int64)events);
}

static void on_close(void *attached)
{
	trc_sql_attached_free(attached);
}

__attribute__((visibility("default"))) int sqlite3_actorscope_init(sqlite3 *db, char **ret_error,
								   const sqlite3_api_routines *api);

int sqlite3_actorscope_init(sqlite3 *db, char **ret_error, const sqlite3_api_routines *api)
{
	struct trc_sql_attached *attached;
	struct trc_error error;
	const char *path;
	uint64_t events;

	SQLITE_EXTENSION_INIT2(api)
	if (sqlite3_libversion_number() < OLDEST_SQLITE) {
		*ret_error = sqlite3_mprintf("actorscope needs SQLite 3.38 or newer, this is %s",
					     sqlite3_libversion());
		return SQLITE_ERROR;
	}
	attached = trc_sql_attach(db, trc_rows_fill);
	if (!attached)
		return SQLITE_NOMEM;
	/* Not from within a schema: the file that has it may be anybody's. */
	if (sqlite3_create_function_v2(db, "actorscope_open", 1, SQLITE_UTF8 | SQLITE_DIRECTONLY,
				       attached, on_open, NULL, NULL, on_close) != SQLITE_OK)
		return SQLITE_NOMEM; /* and it is freed */
	path = trc_sql_main_trace(db);
	if (path && trc_sql_attached_open(attached, path, &events, &error) < 0) {
		*ret_error = sqlite3_mprintf("%s", error.text);
		return SQLITE_ERROR;
	}
	return SQLITE_OK;
}
