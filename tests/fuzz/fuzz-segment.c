/* The columns of a segment, and now and then what they are packed in. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <zstd.h>

#include "tracer/store/segment.h"

static void unpack(const uint8_t *bytes, size_t size, size_t count)
{
	struct trc_segment segment;
	uint64_t sum = 0;

	if (trc_segment_unpack(bytes, size, count, &segment) < 0)
		return;
	fuzz_assert(segment.count == count);
	for (size_t i = 0; i < segment.count; i++)
		for (uint32_t j = 0; j < segment.events[i].payload_size; j++)
			sum += segment.events[i].payload[j];
	fuzz_assert(sum < UINT64_MAX);
	trc_segment_clear(&segment);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	bool raw = fuzz_byte(&input) == 255;
	size_t count = fuzz_number(&input, 2), packed;
	uint8_t *bytes;

	if (raw) {
		unpack(input.data, input.size, count);
		return 0;
	}
	bytes = malloc(1 + ZSTD_compressBound(input.size));
	fuzz_assert(bytes != NULL);
	bytes[0] = TRC_SEGMENT_VERSION;
	packed =
		ZSTD_compress(bytes + 1, ZSTD_compressBound(input.size), input.data, input.size, 1);
	fuzz_assert(!ZSTD_isError(packed));
	unpack(bytes, 1 + packed, count);
	free(bytes);
	return 0;
}
