#include "tracer/query/trace-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

static struct trc__ring *ring_of(struct trc_trace *trace, uint32_t number)
{
	struct trc__ring *ring = trc_table_find(&trace->rings, (uint64_t)number + 1);

	if (!ring) {
		ring = trc_zalloc(1, sizeof *ring);
		trc_table_put(&trace->rings, (uint64_t)number + 1, ring);
	}
	return ring;
}

static bool begins_batch(const struct trc_trace *trace, size_t segment)
{
	return segment == 0 || trc_store_segment_info(trace->store, segment - 1).batch !=
				       trc_store_segment_info(trace->store, segment).batch;
}

void trc__segments_update(struct trc_trace *trace)
{
	size_t count = trc_store_segment_count(trace->store);
	struct trc_store_info info;

	trc_store_info(trace->store, &info);
	trace->first_chapter = info.let_go > 0;
	if (count > 0 && info.let_go > 0)
		trace->first_batch = trc_store_segment_info(trace->store, 0).batch - 1;
	trace->batch_of =
		trc_grow(trace->batch_of, &trace->segment_room, count, sizeof *trace->batch_of);
	for (size_t i = trace->segment_count; i < count; i++) {
		struct trc__ring *ring =
			ring_of(trace, trc_store_segment_info(trace->store, i).ring);

		if (begins_batch(trace, i)) {
			trace->batch_begin =
				trc_grow(trace->batch_begin, &trace->batch_room,
					 trace->batch_count + 1, sizeof *trace->batch_begin);
			trace->batch_begin[trace->batch_count++] = (uint32_t)i;
		}
		trace->batch_of[i] = trace->first_batch + trace->batch_count - 1;
		ring->segments = trc_grow(ring->segments, &ring->room, ring->count + 1,
					  sizeof *ring->segments);
		ring->segments[ring->count++] = (uint32_t)i;
	}
	trace->segment_count = count;
}

void trc__segments_free(struct trc_trace *trace)
{
	struct trc__ring *ring;
	size_t place = 0;

	while ((ring = trc_table_next(&trace->rings, &place))) {
		free(ring->segments);
		free(ring);
	}
	trc_table_clear(&trace->rings);
	free(trace->batch_of);
	free(trace->batch_begin);
}

uint64_t trc__batch_count(const struct trc_trace *trace)
{
	return trace->first_batch + trace->batch_count;
}
