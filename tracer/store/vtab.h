/*
 * vtab.h - what our virtual tables have in common; for tracer/store only
 */
#ifndef TRACER_STORE_VTAB_H
#define TRACER_STORE_VTAB_H

#include "tracer/store/sql-source.h"

/* A table that shows something of a source, which is looked at when a statement runs. */
struct trc__vtab {
	sqlite3_vtab base;
	struct trc__sql_source *const *source; /* NULL in it: no trace is open */
};

/* For xConnect, with a pointer to the source as its context, and for xDisconnect. */
int trc__vtab_connect(sqlite3 *db, void *context, const char *declaration,
		      sqlite3_vtab **ret_table);
int trc__vtab_disconnect(sqlite3_vtab *base);

/* The source of a cursor's table; NULL, having said so, when there is none. */
struct trc__sql_source *trc__vtab_source(const sqlite3_vtab_cursor *cursor);

/* Says why a cursor's call fails, and returns SQLITE_ERROR. */
int trc__vtab_say(const sqlite3_vtab_cursor *cursor, const char *text);

#endif
