/* A ring as a program that damages its own memory may leave it, and change it while it is read. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum { HEADER = 4096, DATA = 64 << 10 };

static struct trc__ring_map map;

static void make_map(void)
{
	struct trc_session session = {.fixed = {.header_bytes = HEADER}};
	int fd = memfd_create("ring", MFD_CLOEXEC);

	fuzz_assert(fd >= 0 && ftruncate(fd, HEADER + DATA) == 0 &&
		    trc__ring_map(&session, fd, DATA, &map) == 0);
	close(fd);
}

static uint64_t read_all(struct trc_ring_reader *reader)
{
	struct trc_event event;
	uint64_t words = 0, sum = 0;

	trc_ring_reader_sync(reader);
	while (trc_ring_next(reader, &event)) {
		words += trc_record_words(&event);
		for (uint32_t i = 0; i < event.payload_size; i++)
			sum += event.payload[i];
	}
	return words + (sum & 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct trc_ring_reader *reader;
	struct trc_ring_counts counts;
	uint64_t words, tail;

	if (!map.base)
		make_map();
	memset(map.base, 0, HEADER + DATA);
	tail = fuzz_number(&input, 2);
	map.header->tail = tail;
	reader = trc__ring_reader_new(&map);
	fuzz_assert(reader != NULL);
	map.header->head = tail + (int16_t)fuzz_number(&input, 2);
	map.header->written = fuzz_number(&input, 1);
	for (size_t i = 0; i < input.size && i < DATA; i++)
		((uint8_t *)map.data)[(tail * 8 + i) % DATA] = input.data[i];
	words = read_all(reader);
	/* All that was published is read or counted. */
	trc_ring_reader_counts(reader, &counts);
	if (map.header->head - tail <= map.words)
		fuzz_assert(words + counts.corrupt == map.header->head - tail);
	fuzz_assert(counts.written >= counts.read);
	trc_ring_reader_release(reader);
	map.header->head += 16;
	map.header->state = TRC__RING_CLOSED;
	read_all(reader);
	trc_ring_reader_close(reader);
	return 0;
}
