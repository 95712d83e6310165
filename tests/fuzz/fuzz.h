/*
 * fuzz.h - what all fuzz targets share
 *
 * A target is one function that must survive any bytes. Built with clang it is a libFuzzer program;
 * with another compiler replay.c runs the files it is given. Either way it replays its corpus as a
 * test; `./run fuzz` looks for new inputs.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Bytes that are taken one after the other; 0 when there are no more. */
struct fuzz_input {
	const uint8_t *data;
	size_t size;
};

static inline uint8_t fuzz_byte(struct fuzz_input *input)
{
	if (input->size == 0)
		return 0;
	input->size--;
	return *input->data++;
}

static inline uint64_t fuzz_number(struct fuzz_input *input, unsigned bytes)
{
	uint64_t number = 0;

	while (bytes-- > 0)
		number = number << 8 | fuzz_byte(input);
	return number;
}

/* Fails when something that must hold does not. */
static inline void fuzz_assert(int holds)
{
	if (!holds)
		abort();
}

#endif
