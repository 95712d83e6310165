/*
 * sql-output.h - rows that SQL found, as a table, JSON or CSV on stdout
 */
#ifndef TRACER_CLI_SQL_OUTPUT_H
#define TRACER_CLI_SQL_OUTPUT_H

#include "tracer/store/sql.h"

enum trc_sql_form { TRC_SQL_TABLE, TRC_SQL_JSON, TRC_SQL_CSV };

struct trc_sql_output;

struct trc_sql_output *trc_sql_output_new(enum trc_sql_form form);

/* For trc_sql_run(), with the output as context. */
bool trc_sql_output_row(bool names, const struct trc_sql_value *values, unsigned count,
			void *context);

/* Prints what was kept back, and frees. */
void trc_sql_output_end(struct trc_sql_output *output);

#endif
