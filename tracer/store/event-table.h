/*
 * event-table.h - the virtual table `event_row`: all events of a trace, read from its segments; for
 * tracer/store only
 */
#ifndef TRACER_STORE_EVENT_TABLE_H
#define TRACER_STORE_EVENT_TABLE_H

#include "tracer/store/sql-source.h"

/* Registers the module, which is also there as a table of that name. `source` is looked at when a
 * statement runs; NULL in it means that no trace is open. Returns an SQLite result code. */
int trc__event_table_register(sqlite3 *db, struct trc__sql_source *const *source);

#endif
