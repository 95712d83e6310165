/*
 * schema.h - the tables and views of a trace file; private to tracer/store
 */
#ifndef TRACER_STORE_SCHEMA_H
#define TRACER_STORE_SCHEMA_H

enum {
	TRC__APPLICATION_ID = 0x61637473, /* "acts" */
	TRC__SCHEMA_VERSION = 1,
};

/* Makes everything in an empty database. docs/trace-format.md explains the columns. */
extern const char trc__schema[];

#endif
