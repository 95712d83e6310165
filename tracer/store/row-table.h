/*
 * row-table.h - the tables of rows (messages, waits, actors, names) seen from another connection;
 * for tracer/store only
 */
#ifndef TRACER_STORE_ROW_TABLE_H
#define TRACER_STORE_ROW_TABLE_H

#include "tracer/store/sql-source.h"

/* Registers the module `actorscope_row`: CREATE VIRTUAL TABLE x USING actorscope_row(TABLE) shows
 * TABLE of the source's rows. As trc__event_table_register(). */
int trc__row_table_register(sqlite3 *db, struct trc__sql_source *const *source);

#endif
