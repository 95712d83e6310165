/*
 * store-private.h - what the writing and the reading half of tracer/store share
 */
#ifndef TRACER_STORE_STORE_PRIVATE_H
#define TRACER_STORE_STORE_PRIVATE_H

#include <sqlite3.h>

#include "tracer/store/segment.h"
#include "tracer/store/store.h"

struct trc__writer; /* writer.c */
struct trc__reader; /* reader.c */

struct trc_store {
	sqlite3 *db;
	char *path;
	struct trc__writer *writer; /* one of the two is NULL */
	struct trc__reader *reader;
};

/* Fills `ret_error` (NULL is fine) and returns `result`. */
__attribute__((format(printf, 3, 4))) int trc__fail(struct trc_error *ret_error, int result,
						    const char *format, ...);

/* What failed in SQLite, as a sentence about the store's file; returns -errno. */
int trc__fail_sql(const struct trc_store *store, struct trc_error *ret_error, const char *doing);

/* An SQLite result code as -errno. */
int trc__sql_errno(int code);

int trc__prepare(struct trc_store *store, const char *sql, sqlite3_stmt **ret_statement,
		 struct trc_error *ret_error);

void trc__writer_free(struct trc__writer *writer);
void trc__reader_free(struct trc__reader *reader);

#endif
