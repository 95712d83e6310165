#include "tracer/derive/fill.h"

#include "tracer/derive/begin.h"
#include "tracer/derive/rows.h"
#include "tracer/model/order.h"

enum { ROWS_AT_ONCE = 20000 };

struct fill {
	struct trc_store *trace;
	struct trc_store *store;
	struct trc_model *model;
	struct trc_order *order;
	struct trc_rows *rows;
	struct trc_error *error;
	int result;
};

static void put_rows(struct fill *fill)
{
	fill->result = trc_store_begin_rows(fill->store, fill->error);
	if (fill->result < 0)
		return;
	fill->result = trc_rows_put(fill->rows, fill->store, SIZE_MAX, fill->error);
	if (fill->result < 0)
		trc_store_undo(fill->store);
	else
		fill->result = trc_store_commit(fill->store, fill->error);
	if (fill->result == 0)
		trc_rows_committed(fill->rows);
}

static void on_event(const struct trc_event *event, void *context)
{
	struct fill *fill = context;

	if (fill->result < 0)
		return;
	trc_rows_event(fill->rows, event);
	if (trc_rows_changed(fill->rows) >= ROWS_AT_ONCE)
		put_rows(fill);
}

static void on_name(const struct trc_event *event, void *context)
{
	const struct fill *fill = context;

	trc_rows_name(fill->rows, event);
}

static void push(struct fill *fill, size_t number)
{
	unsigned ring = trc_store_segment_info(fill->trace, number).ring;
	struct trc_segment segment;

	fill->result = trc_store_segment_load(fill->trace, number, &segment, fill->error);
	if (fill->result < 0)
		return;
	for (size_t i = 0; i < segment.count; i++)
		trc_order_push(fill->order, ring, &segment.events[i]);
	trc_segment_clear(&segment);
}

static void run(struct fill *fill)
{
	size_t count = trc_store_segment_count(fill->trace);
	struct trc_beginning beginning;

	fill->result = trc_begin(fill->trace, fill->model, fill->order, on_name, fill, &beginning,
				 fill->error);
	if (fill->result < 0)
		return;
	trc_rows_begin(fill->rows);
	trc_order_drain(fill->order, beginning.segment == count);
	for (size_t i = beginning.segment; i < count && fill->result == 0; i++) {
		push(fill, i);
		if (fill->result == 0 &&
		    (i + 1 == count || trc_store_segment_info(fill->trace, i + 1).batch !=
					       trc_store_segment_info(fill->trace, i).batch))
			trc_order_drain(fill->order, i + 1 == count);
	}
	if (fill->result == 0)
		put_rows(fill);
}

int trc_rows_fill(struct trc_store *trace, struct trc_store *rows, struct trc_error *ret_error)
{
	struct trc_error unwanted;
	struct fill fill = {
		.trace = trace,
		.store = rows,
		.model = trc_model_new(),
		.error = ret_error ? ret_error : &unwanted,
	};

	fill.rows = trc_rows_new(fill.model);
	fill.order = trc_order_new(fill.model, on_event, &fill);
	run(&fill);
	trc_order_free(fill.order);
	trc_rows_free(fill.rows);
	trc_model_free(fill.model);
	return fill.result;
}
