/*
 * order-save.c - where the merging stands, as keyframes keep it (docs/trace-format.md)
 */
#include "tracer/model/memory.h"
#include "tracer/model/order-private.h"

#include <stdlib.h>

static uint64_t waiting_in(const struct trc__stream *stream)
{
	return stream->end - stream->first + stream->promised;
}

static int compare_rings(const void *a, const void *b)
{
	unsigned x = (*(struct trc__stream *const *)a)->ring,
		 y = (*(struct trc__stream *const *)b)->ring;

	return (x > y) - (x < y);
}

void trc_order_save(const struct trc_order *order, struct trc_bytes *bytes)
{
	struct trc__stream **streams =
		trc_alloc((order->rings.count + 1) * sizeof(struct trc__stream *));
	struct trc__stream *stream;
	size_t place = 0, count = 0;

	while ((stream = trc_table_next(&order->rings, &place)))
		if (waiting_in(stream) > 0)
			streams[count++] = stream;
	qsort(streams, count, sizeof(struct trc__stream *), compare_rings);
	trc_bytes_put(bytes, order->batch);
	trc_bytes_put(bytes, order->pushed);
	trc_bytes_put(bytes, order->time);
	trc_bytes_put(bytes, count);
	for (size_t i = 0; i < count; i++) {
		trc_bytes_put(bytes, streams[i]->ring);
		trc_bytes_put(bytes, waiting_in(streams[i]));
		trc_bytes_put(bytes, streams[i]->waits_for);
	}
	free(streams);
}

/* Those that wait for something go from the heap to the others. */
static void sort_out(struct trc_order *order)
{
	size_t kept = 0;

	for (size_t i = 0; i < order->ready_count; i++) {
		struct trc__stream *stream = order->ready[i];

		if (stream->waits_for == 0) {
			order->ready[kept++] = stream;
			continue;
		}
		order->aside = trc_grow(order->aside, &order->aside_room, order->aside_count + 1,
					sizeof(struct trc__stream *));
		order->aside[order->aside_count++] = stream;
	}
	order->ready_count = kept;
	for (size_t i = kept / 2; i-- > 0;)
		trc__order_sift_down(order, i);
}

bool trc_order_restore(struct trc_order *order, struct trc_input *input, trc_order_placer *place,
		       void *context)
{
	bool pushed;
	size_t count;

	order->batch = trc_input_take(input);
	pushed = trc_input_take_limited(input, 1);
	order->pushed = pushed;
	order->time = trc_input_take(input);
	count = trc_input_take_count(input);
	for (size_t i = 0; i < count && !input->damaged; i++) {
		unsigned ring = (unsigned)trc_input_take_limited(input, UINT16_MAX);
		uint64_t waiting = trc_input_take(input);
		uint64_t waits_for = trc_input_take(input);

		if (input->damaged)
			break;
		place(ring, waiting, context);
		trc__order_stream(order, ring)->waits_for = waits_for;
	}
	order->pushed = pushed;
	sort_out(order);
	return !input->damaged;
}
