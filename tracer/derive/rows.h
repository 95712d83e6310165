/*
 * rows.h - the rows of messages, waits, actors and names, as they follow from the events
 *
 * Fed with every event after it was applied to the model, it keeps the rows that are not written
 * yet or not final, and writes them when somebody has time for it. One thread.
 */
#ifndef TRACER_DERIVE_ROWS_H
#define TRACER_DERIVE_ROWS_H

#include "tracer/derive/derive.h"

/* With the cursor TRC_STORE_ROWS. */
extern const struct trc_derived trc_derived_rows;

struct trc_rows;

struct trc_rows *trc_rows_new(const struct trc_model *model); /* borrowed */
void trc_rows_free(struct trc_rows *rows);

/* A trace that does not begin with nothing (begin.h): the events that tell the names of then, and,
 * when the model stands as it was then, all that is under way. */
void trc_rows_name(struct trc_rows *rows, const struct trc_event *event);
void trc_rows_begin(struct trc_rows *rows);

/* After trc_model_apply(model, event). */
void trc_rows_event(struct trc_rows *rows, const struct trc_event *event);

/* Rows that are new or have changed since they were written. */
size_t trc_rows_changed(const struct trc_rows *rows);

/* Puts at most `max` changed rows, those that changed first, into the store's open transaction, and
 * returns how many: some, when the other thread waits for the store. Then trc_rows_committed() when
 * that was committed; else they stay changed. */
int trc_rows_put(struct trc_rows *rows, struct trc_store *store, size_t max,
		 struct trc_error *ret_error);
void trc_rows_committed(struct trc_rows *rows);

/* All changed rows are in the file already, from an earlier run. */
void trc_rows_skip(struct trc_rows *rows);

#endif
