/*
 * sql.h - questions in SQL about a whole trace
 *
 * The tables and views of a trace file, complete up to the last segment, and `event`, which reads
 * the segments themselves. Rows lie in a temporary database on disk that nobody else sees; they are
 * made at the first question that needs them. Nothing can be changed. One thread at a time.
 */
#ifndef TRACER_STORE_SQL_H
#define TRACER_STORE_SQL_H

#include "tracer/store/store.h"

struct trc_sql;

/* Puts all messages and waits of `trace` into `rows`, in transactions of its own
 * (trc_rows_fill()). Returns 0 or -errno with `ret_error` filled in. */
typedef int trc_sql_fill(struct trc_store *trace, struct trc_store *rows,
			 struct trc_error *ret_error);

/* `trace` is borrowed. `fill` is called at most once, when it is needed. Returns 0 or -errno. */
int trc_sql_open(struct trc_store *trace, trc_sql_fill *fill, struct trc_sql **ret_sql,
		 struct trc_error *ret_error);
void trc_sql_close(struct trc_sql *sql); /* NULL is fine */

enum trc_sql_type { TRC_SQL_NULL, TRC_SQL_INTEGER, TRC_SQL_REAL, TRC_SQL_TEXT, TRC_SQL_BLOB };

struct trc_sql_value {
	enum trc_sql_type type;
	int64_t integer;
	double real;
	const char *text; /* TEXT and BLOB: `size` bytes; of numbers: as text. Never NULL */
	size_t size;
};

/* Gets the names of the columns (as texts, `names`) before the rows of each statement, then each
 * row. Values live until it returns; false: no more rows of this statement. */
typedef bool trc_sql_visit(bool names, const struct trc_sql_value *values, unsigned count,
			   void *context);

/* Runs all statements of `text`. Returns 0, -EINVAL for a mistake in them, or another -errno. */
int trc_sql_run(struct trc_sql *sql, const char *text, trc_sql_visit *visit, void *context,
		struct trc_error *ret_error);

/* The tables that may be asked, and their columns. */
int trc_sql_list_tables(struct trc_sql *sql, trc_sql_visit *visit, void *context,
			struct trc_error *ret_error);

/* Whether `text` ends with the end of a statement. */
bool trc_sql_is_complete(const char *text);

#endif
