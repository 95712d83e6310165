#include "tracer/analysis/facts.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

/* Of the first number: an event stands behind several nodes, and this is the last one again. */
enum { AGAIN = 1 };

static bool is_same(const struct trc__fact *a, const struct trc__fact *b)
{
	return a->time == b->time && a->actor == b->actor && a->object == b->object &&
	       a->peer == b->peer && a->site == b->site && a->type == b->type && a->kind == b->kind;
}

void trc__facts_add(struct trc__facts *facts, const struct trc__fact *fact)
{
	struct trc_bytes *bytes = &facts->bytes;
	bool first = facts->count % TRC__FACTS_BLOCK == 0;
	size_t block = facts->count++ / TRC__FACTS_BLOCK;

	if (first) {
		facts->blocks = trc_grow(facts->blocks, &facts->block_room, block + 1,
					 sizeof *facts->blocks);
		facts->blocks[block] = bytes->size;
		facts->last = (struct trc__fact){0};
	} else if (is_same(fact, &facts->last)) {
		trc_bytes_put(bytes, AGAIN);
		return;
	}
	trc_bytes_put(bytes, (uint64_t)fact->kind << 1);
	trc_bytes_put_difference(bytes, fact->time, facts->last.time);
	trc_bytes_put(bytes, fact->actor);
	trc_bytes_put_difference(bytes, fact->object, facts->last.object);
	trc_bytes_put(bytes, fact->peer);
	trc_bytes_put(bytes, fact->site);
	trc_bytes_put(bytes, fact->type);
	facts->last = *fact;
}

void trc__facts_clear(struct trc__facts *facts)
{
	free(facts->bytes.data);
	free(facts->blocks);
	*facts = (struct trc__facts){0};
}

static void begin_block(struct trc__facts_reader *reader)
{
	const struct trc_bytes *bytes = &reader->facts->bytes;

	reader->input = (struct trc_input){
		.next = bytes->data + reader->facts->blocks[reader->next / TRC__FACTS_BLOCK],
		.end = bytes->data + bytes->size,
	};
	reader->fact = (struct trc__fact){0};
}

bool trc__facts_next(struct trc__facts_reader *reader)
{
	struct trc__fact *fact = &reader->fact;
	struct trc_input *input = &reader->input;
	uint64_t head;

	if (reader->next == reader->facts->count)
		return false;
	if (reader->next % TRC__FACTS_BLOCK == 0)
		begin_block(reader);
	reader->next++;
	head = trc_input_take(input);
	if (head == AGAIN)
		return true;
	fact->kind = (uint8_t)(head >> 1);
	fact->time = trc_input_take_difference(input, fact->time);
	fact->actor = trc_input_take(input);
	fact->object = trc_input_take_difference(input, fact->object);
	fact->peer = trc_input_take(input);
	fact->site = (uint32_t)trc_input_take(input);
	fact->type = (uint16_t)trc_input_take(input);
	return true;
}

struct trc__fact trc__facts_at(const struct trc__facts *facts, uint32_t number)
{
	struct trc__facts_reader reader = {.facts = facts,
					   .next = number - number % TRC__FACTS_BLOCK};

	while (reader.next <= number)
		trc__facts_next(&reader);
	return reader.fact;
}
