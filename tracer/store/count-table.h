/*
 * count-table.h - the virtual table `event_count`: how many events of each kind a trace has,
 * segment by segment; for tracer/store only
 */
#ifndef TRACER_STORE_COUNT_TABLE_H
#define TRACER_STORE_COUNT_TABLE_H

#include "tracer/store/sql-source.h"

/* As trc__event_table_register(). */
int trc__count_table_register(sqlite3 *db, struct trc__sql_source *const *source);

#endif
