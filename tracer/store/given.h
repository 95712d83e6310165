/*
 * given.h - rows that are at hand, as a table for INSERT ... SELECT; for tracer/store only
 *
 * A row by a statement of its own costs SQLite more for the statement than for the row: it opens
 * the table, gets memory and gives it back, and sees whether anything is to be undone. So one
 * statement takes many rows, from a table that is nowhere but in the calls of its cursor.
 */
#ifndef TRACER_STORE_GIVEN_H
#define TRACER_STORE_GIVEN_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/store/sqlite.h"

enum { TRC__GIVEN_COLUMNS = 19 };

struct trc__given_value {
	enum { TRC__GIVEN_NOTHING, TRC__GIVEN_NUMBER, TRC__GIVEN_TEXT } what; /* the first: NULL */
	uint64_t number; /* SQLite's are signed: the highest bit becomes the sign */
	const char *text;
};

/* What the statement that runs is given. */
struct trc__given {
	/* Sets the values of the next row; false: there is none. Texts live until the next call. */
	bool (*next)(void *context, struct trc__given_value values[TRC__GIVEN_COLUMNS]);
	void *context;
	struct trc__given_value values[TRC__GIVEN_COLUMNS];
};

/* Makes `given` (borrowed; it outlives the connection's statements) the table `given`, with columns
 * v1, v2, ... An SQLite result code. */
int trc__given_register(sqlite3 *db, struct trc__given *given);

#endif
