/*
 * schema.h - the tables and views of a trace file; private to tracer/store
 */
#ifndef TRACER_STORE_SCHEMA_H
#define TRACER_STORE_SCHEMA_H

#include "tracer/store/store.h"

enum {
	TRC__APPLICATION_ID = 0x61637473, /* "acts" */
	TRC__SCHEMA_VERSION = TRC_STORE_FORMAT,
	TRC__SCHEMA_LET_GO = 3, /* of a trace that has let go of its beginning */
	TRC__SCHEMA_OLDEST = 1, /* that can be read */
	TRC__SCHEMA_NEWEST = TRC__SCHEMA_LET_GO,
};

/* Makes everything in an empty database. docs/trace-format.md explains the columns. */
extern const char trc__schema[];

/* How version 1 made its table `ring`. It had no table `derived`; all else is the same. */
extern const char trc__ring_table_1[];

/* Makes the table that the first files of version 2 lack, where there is none. */
extern const char trc__let_go_table[];

#endif
