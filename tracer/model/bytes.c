#include "tracer/model/bytes.h"

#include "tracer/model/memory.h"

#include <string.h>

enum { VARINT_MAX = 10 };

void trc_bytes_put(struct trc_bytes *bytes, uint64_t number)
{
	bytes->data = trc_grow(bytes->data, &bytes->room, bytes->size + VARINT_MAX, 1);
	while (number >= 0x80) {
		bytes->data[bytes->size++] = (uint8_t)(number | 0x80);
		number >>= 7;
	}
	bytes->data[bytes->size++] = (uint8_t)number;
}

void trc_bytes_put_difference(struct trc_bytes *bytes, uint64_t number, uint64_t predicted)
{
	uint64_t difference = number - predicted;

	trc_bytes_put(bytes, difference << 1 ^ (uint64_t) - (int64_t)(difference >> 63));
}

void trc_bytes_put_raw(struct trc_bytes *bytes, const void *data, size_t size)
{
	bytes->data = trc_grow(bytes->data, &bytes->room, bytes->size + size, 1);
	if (size > 0)
		memcpy(bytes->data + bytes->size, data, size);
	bytes->size += size;
}

static uint64_t damage(struct trc_input *input)
{
	input->damaged = true;
	input->next = input->end;
	return 0;
}

uint64_t trc_input_take(struct trc_input *input)
{
	uint64_t number = 0;

	for (unsigned shift = 0; shift < 64 && input->next < input->end; shift += 7) {
		uint8_t byte = *input->next++;

		if (shift == 63 && byte > 1)
			break;
		number |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return number;
	}
	return damage(input);
}

uint64_t trc_input_take_limited(struct trc_input *input, uint64_t most)
{
	uint64_t number = trc_input_take(input);

	return number <= most ? number : damage(input);
}

uint64_t trc_input_take_difference(struct trc_input *input, uint64_t predicted)
{
	uint64_t code = trc_input_take(input);

	return predicted + (code >> 1 ^ (uint64_t) - (int64_t)(code & 1));
}

size_t trc_input_take_count(struct trc_input *input)
{
	uint64_t number = trc_input_take(input);

	return number <= (size_t)(input->end - input->next) ? (size_t)number : damage(input);
}

const uint8_t *trc_input_take_raw(struct trc_input *input, size_t size)
{
	const uint8_t *raw = input->next;

	if (size > (size_t)(input->end - input->next)) {
		damage(input);
		return NULL;
	}
	input->next += size;
	return raw;
}
