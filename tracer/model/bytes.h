/*
 * bytes.h - numbers written one after the other into memory, and read back with every length
 * checked
 *
 * Numbers are unsigned LEB128 varints; differences are zigzag coded, modulo 2^64.
 */
#ifndef TRACER_MODEL_BYTES_H
#define TRACER_MODEL_BYTES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Start with zeros; free `data`. */
struct trc_bytes {
	uint8_t *data;
	size_t size;
	size_t room;
};

void trc_bytes_put(struct trc_bytes *bytes, uint64_t number);
void trc_bytes_put_difference(struct trc_bytes *bytes, uint64_t number, uint64_t predicted);
void trc_bytes_put_raw(struct trc_bytes *bytes, const void *data, size_t size);

/* What is left to be read. Once `damaged`, every further number is 0. */
struct trc_input {
	const uint8_t *next;
	const uint8_t *end;
	bool damaged;
};

uint64_t trc_input_take(struct trc_input *input);

/* A number that must not be greater than `most`. */
uint64_t trc_input_take_limited(struct trc_input *input, uint64_t most);
uint64_t trc_input_take_difference(struct trc_input *input, uint64_t predicted);

/* A number of things of which each takes at least one byte of what is left: safe to allocate. */
size_t trc_input_take_count(struct trc_input *input);

/* NULL when there are not so many bytes (then damaged). */
const uint8_t *trc_input_take_raw(struct trc_input *input, size_t size);

#endif
