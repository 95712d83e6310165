/*
 * reader.h - the reading half of tracer/store, shared by open.c and reader.c
 */
#ifndef TRACER_STORE_READER_H
#define TRACER_STORE_READER_H

#include <time.h>

#include "tracer/store/store-private.h"

struct trc__segment_entry {
	sqlite3_int64 row;
	struct trc_segment_info info;
};

struct trc__reader {
	sqlite3_stmt *meta;
	sqlite3_stmt *lost;
	sqlite3_stmt *segments;
	sqlite3_stmt *data;
	struct trc_store_info info;
	struct trc__segment_entry *entries;
	size_t entry_count;
	size_t entry_room;
	time_t call_end; /* the present call is interrupted then */
};

/* Starts the time limit of a call. */
void trc__start_call(struct trc_store *store);

#endif
