/*
 * rows.h - the rows of `message` and `wait`, as the recorder learns of them
 *
 * Fed with every event after it was applied to the model, it keeps the rows that are not written
 * yet or not final, and writes them when the recorder has time. One thread.
 */
#ifndef TRACER_RECORD_ROWS_H
#define TRACER_RECORD_ROWS_H

#include "tracer/model/model.h"
#include "tracer/store/store.h"

struct trc_rows;

struct trc_rows *trc_rows_new(const struct trc_model *model); /* borrowed */
void trc_rows_free(struct trc_rows *rows);

/* After trc_model_apply(model, event). */
void trc_rows_event(struct trc_rows *rows, const struct trc_event *event);

/* Rows that are new or have changed since they were written. */
size_t trc_rows_changed(const struct trc_rows *rows);

/* Puts at most `max` changed rows, those that changed first, into the store's open transaction.
 * Then trc_rows_committed() when that was committed; else they stay changed. */
int trc_rows_put(struct trc_rows *rows, struct trc_store *store, size_t max,
		 struct trc_error *ret_error);
void trc_rows_committed(struct trc_rows *rows);

/* Changed rows that the last trc_rows_put() left out. */
size_t trc_rows_left(const struct trc_rows *rows);

#endif
