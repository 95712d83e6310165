#include "tracer/merge/streams.h"

#include "tracer/model/memory.h"

#include <limits.h>
#include <stdlib.h>

struct stream {
	struct trc_store *trace;
	unsigned trace_number;
	uint32_t old_ring;
	unsigned ring;
	uint64_t shift;
	size_t *segments; /* of this ring, in their order */
	size_t segment_count, segment_room;
	size_t segment;            /* the present one */
	struct trc_segment events; /* of it; count 0: not loaded yet */
	size_t place;
};

struct trc_streams {
	struct stream **all;
	size_t count, room;
	struct stream **heap; /* those that have events left, the earliest at the top */
	size_t heap_count;
	bool started;
	struct stream *shown; /* its event was handed out last */
};

struct trc_streams *trc_streams_new(void)
{
	return trc_zalloc(1, sizeof(struct trc_streams));
}

void trc_streams_free(struct trc_streams *streams)
{
	if (!streams)
		return;
	for (size_t i = 0; i < streams->count; i++) {
		trc_segment_clear(&streams->all[i]->events);
		free(streams->all[i]->segments);
		free(streams->all[i]);
	}
	free(streams->all);
	free(streams->heap);
	free(streams);
}

static struct stream *find(const struct trc_streams *streams, unsigned trace, uint32_t ring)
{
	for (size_t i = streams->count; i-- > 0;)
		if (streams->all[i]->trace_number == trace && streams->all[i]->old_ring == ring)
			return streams->all[i];
	return NULL;
}

unsigned trc_streams_ring(const struct trc_streams *streams, unsigned trace, uint32_t ring)
{
	const struct stream *stream = find(streams, trace, ring);

	return stream ? stream->ring : UINT_MAX;
}

unsigned trc_streams_add(struct trc_streams *streams, struct trc_store *trace, unsigned number,
			 uint64_t shift, unsigned first_ring)
{
	unsigned rings = 0;

	for (size_t i = 0; i < trc_store_segment_count(trace); i++) {
		uint32_t ring = trc_store_segment_info(trace, i).ring;
		struct stream *stream = find(streams, number, ring);

		if (!stream) {
			stream = trc_zalloc(1, sizeof *stream);
			stream->trace = trace;
			stream->trace_number = number;
			stream->old_ring = ring;
			stream->ring = first_ring + rings++;
			stream->shift = shift;
			streams->all = trc_grow(streams->all, &streams->room, streams->count + 1,
						sizeof *streams->all);
			streams->all[streams->count++] = stream;
		}
		stream->segments = trc_grow(stream->segments, &stream->segment_room,
					    stream->segment_count + 1, sizeof *stream->segments);
		stream->segments[stream->segment_count++] = i;
	}
	return rings;
}

/* --- the heap -----------------------------------------------------------------------------------
 */

/* The time of the next event; of a segment that is not loaded, as the file says. */
static uint64_t next_time(const struct stream *stream)
{
	uint64_t time =
		stream->events.count > 0
			? stream->events.events[stream->place].time
			: trc_store_segment_info(stream->trace, stream->segments[stream->segment])
				  .first_time;

	return time + stream->shift;
}

static bool is_before(const struct stream *a, const struct stream *b)
{
	uint64_t x = next_time(a), y = next_time(b);

	return x < y || (x == y && a->ring < b->ring);
}

static void sift_down(struct trc_streams *streams, size_t place)
{
	struct stream **heap = streams->heap, *stream = heap[place];
	size_t child;

	while ((child = 2 * place + 1) < streams->heap_count) {
		if (child + 1 < streams->heap_count && is_before(heap[child + 1], heap[child]))
			child++;
		if (!is_before(heap[child], stream))
			break;
		heap[place] = heap[child];
		place = child;
	}
	heap[place] = stream;
}

static void start(struct trc_streams *streams)
{
	streams->heap = trc_alloc((streams->count + 1) * sizeof *streams->heap);
	for (size_t i = 0; i < streams->count; i++)
		streams->heap[streams->heap_count++] = streams->all[i];
	for (size_t i = streams->heap_count / 2; i-- > 0;)
		sift_down(streams, i);
	streams->started = true;
}

/* Goes on to the event after the one that was shown. */
static void step(struct trc_streams *streams)
{
	struct stream *stream = streams->shown;

	streams->shown = NULL;
	if (++stream->place == stream->events.count) {
		trc_segment_clear(&stream->events);
		stream->place = 0;
		stream->segment++;
	}
	if (stream->segment == stream->segment_count) {
		streams->heap[0] = streams->heap[--streams->heap_count];
		if (streams->heap_count == 0)
			return;
	}
	sift_down(streams, 0);
}

int trc_streams_next(struct trc_streams *streams, struct trc_streamed *ret_next,
		     struct trc_error *ret_error)
{
	struct stream *stream;

	if (!streams->started)
		start(streams);
	if (streams->shown)
		step(streams);
	for (;;) {
		if (streams->heap_count == 0)
			return 0;
		stream = streams->heap[0];
		if (stream->events.count > 0)
			break;
		int result =
			trc_store_segment_load(stream->trace, stream->segments[stream->segment],
					       &stream->events, ret_error);

		if (result < 0)
			return result;
		sift_down(streams, 0); /* its times may not be what the file says of them */
	}
	streams->shown = stream;
	*ret_next = (struct trc_streamed){
		.event = stream->events.events[stream->place],
		.trace = stream->trace_number,
		.ring = stream->ring,
	};
	return 1;
}
