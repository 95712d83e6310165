/* Payloads as text and as JSON, with any definition. */
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <string.h>

#include "tracer/event/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	size_t definition = fuzz_byte(&input), length, room;
	bool cut = fuzz_byte(&input) & 1;
	char text[512], again[8];

	if (definition > input.size)
		definition = input.size;
	room = sizeof(text);
	for (int json = 0; json < 2; json++) {
		size_t (*render)(const uint8_t *, size_t, const uint8_t *, size_t, bool, char *,
				 size_t) = json ? trc_payload_json : trc_payload_text;

		length = render(definition ? input.data : NULL, definition, input.data + definition,
				input.size - definition, cut, text, room);
		/* What did not fit ends before a character that it would cut in two. */
		if (length < room)
			fuzz_assert(strlen(text) == length);
		else
			fuzz_assert(strlen(text) < room && strlen(text) + 4 >= room);
		/* The same length, whatever room there is. */
		fuzz_assert(length == render(definition ? input.data : NULL, definition,
					     input.data + definition, input.size - definition, cut,
					     again, sizeof(again)));
		for (size_t i = 0; text[i]; i++)
			fuzz_assert((unsigned char)text[i] >= ' ' && text[i] != 0x7f);
	}
	return 0;
}
