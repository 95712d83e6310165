/*
 * The rows as a deriver wants them.
 */
#include "tracer/derive/rows.h"

static void *open_rows(const struct trc_deriver *deriver)
{
	return trc_rows_new(trc_deriver_model(deriver));
}

static void close_rows(void *self)
{
	trc_rows_free(self);
}

static void apply_event(void *self, const struct trc_event *event)
{
	trc_rows_event(self, event);
}

static size_t count_left(const void *self)
{
	return trc_rows_changed(self);
}

static int put_rows(void *self, struct trc_store *store, size_t max, struct trc_error *ret_error)
{
	return trc_rows_put(self, store, max, ret_error);
}

static void rows_are_committed(void *self)
{
	trc_rows_committed(self);
}

static void skip_rows(void *self)
{
	trc_rows_skip(self);
}

const struct trc_derived trc_derived_rows = {
	.name = TRC_STORE_ROWS,
	.open = open_rows,
	.close = close_rows,
	.event = apply_event,
	.left = count_left,
	.put = put_rows,
	.committed = rows_are_committed,
	.skip = skip_rows,
};
