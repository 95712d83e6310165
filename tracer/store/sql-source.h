/*
 * sql-source.h - a whole trace as tables: what `actorscope sql` and the loadable extension share;
 * for tracer/store only
 *
 * Events are read from the segments (event-table.h). The rows of everything else lie in a database
 * of their own, `rows`, a temporary file with the tables and views of a trace file and the view
 * `event`; they are collected when they are first needed.
 */
#ifndef TRACER_STORE_SQL_SOURCE_H
#define TRACER_STORE_SQL_SOURCE_H

#include "tracer/store/reader.h"
#include "tracer/store/sql.h"

/* What can be collected. */
enum trc__sql_need {
	TRC__SQL_NAMES = 1, /* kinds, types, sites, actors */
	TRC__SQL_ROWS = 2,  /* messages and waits */
};

/* The fields of each message type, for payloads. */
struct trc__type_definition {
	uint8_t *bytes;
	size_t size;
};

struct trc__sql_source {
	struct trc_store *trace; /* borrowed */
	struct trc_store *rows;
	trc_sql_fill *fill;
	unsigned has;                       /* enum trc__sql_need */
	struct trc__type_definition *types; /* UINT16_MAX + 1; with the names */
	uint64_t *first_seq;                /* number in its ring of each segment's first event */
};

/* `use_rows`: those in the file, where they are whole. They cannot have indexes then. */
int trc__sql_source_open(struct trc_store *trace, trc_sql_fill *fill, bool use_rows,
			 struct trc__sql_source **ret_source, struct trc_error *ret_error);
void trc__sql_source_close(struct trc__sql_source *source); /* NULL is fine */

/* Collects what is not there yet. 0 or -errno. */
int trc__sql_source_need(struct trc__sql_source *source, unsigned needs,
			 struct trc_error *ret_error);

/* Keeps what a DEF_TYPE says; -ENOMEM. */
int trc__sql_keep_type(struct trc__sql_source *source, const struct trc_event *event);

/* --- sql-rows.c: the rows that the trace's own file has ----------------------------------------
 */

bool trc__sql_rows_are_usable(const struct trc__sql_source *source);

/* Uses them: under the name `trace` in the database of the rows. 0 or -errno. */
int trc__sql_use_rows(struct trc__sql_source *source, struct trc_error *ret_error);

/* Keeps the types that the table of this name's database has. SQLITE_OK or not. */
int trc__sql_take_types(struct trc__sql_source *source, const char *database);

/* --- */

/* What a table's rows need to be there. */
unsigned trc__sql_needs_of(const char *table);

#endif
