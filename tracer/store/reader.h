/*
 * reader.h - the reading half of tracer/store, shared by open.c and reader.c
 */
#ifndef TRACER_STORE_READER_H
#define TRACER_STORE_READER_H

#include <time.h>

#include "tracer/store/columns.h"
#include "tracer/store/store-private.h"

struct trc__segment_entry {
	sqlite3_int64 row;
	struct trc_segment_info info;
};

struct trc__reader {
	sqlite3_stmt *meta;
	sqlite3_stmt *lost;
	sqlite3_stmt *let_go; /* NULL: the file has no such table */
	sqlite3_stmt *segments;
	sqlite3_stmt *data;
	struct trc_store_info info;
	struct trc__segment_entry *entries;
	size_t entry_count;
	size_t entry_room;
	struct trc__columns *columns; /* of the segment being loaded */
	time_t call_end;              /* the present call is interrupted then */
	bool held;                    /* a transaction is open */
};

/* Opens segment `index` column by column. 0 or -errno. */
int trc__store_columns_open(struct trc_store *store, size_t index, struct trc__columns *columns,
			    struct trc_error *ret_error);

/* What is said of a segment that does not decode; returns `result`. */
int trc__fail_segment(const struct trc_store *store, int result, struct trc_error *ret_error);

/* Starts the time limit of a call. */
void trc__start_call(struct trc_store *store);

#endif
