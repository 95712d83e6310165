/*
 * sql-attach.h - the tables of a whole trace in somebody else's SQLite connection
 *
 * They are temporary tables and views of that connection, named as in a trace file, and so they
 * stand before those of the file that it has open. The trace itself is read on a connection of our
 * own, as untrusted input.
 */
#ifndef TRACER_STORE_SQL_ATTACH_H
#define TRACER_STORE_SQL_ATTACH_H

#include "tracer/store/sql.h"

struct sqlite3;
struct trc_sql_attached;

/* To be freed when the connection is closed and all its tables are gone: by a destructor of its.
 * NULL: out of memory. */
struct trc_sql_attached *trc_sql_attach(struct sqlite3 *db, trc_sql_fill *fill);
void trc_sql_attached_free(struct trc_sql_attached *attached); /* NULL is fine */

/* Shows the trace `path`, in place of the one before. 0 or -errno; -EBUSY while another statement
 * of the connection runs. */
int trc_sql_attached_open(struct trc_sql_attached *attached, const char *path, uint64_t *ret_events,
			  struct trc_error *ret_error);

/* The file that the connection has open, when that is a trace by its first page; NULL otherwise. */
const char *trc_sql_main_trace(struct sqlite3 *db);

#endif
