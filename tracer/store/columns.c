/*
 * The reading half of the format that segment.c describes. What each value is predicted from is
 * known for a whole column at once, so a column is one loop over its bytes that needs at most two
 * other columns: the kinds, which say which slot predicts and whether there is a value at all, and
 * the actors. The bytes may be anybody's: every length is checked, and a column must be used up
 * exactly.
 */
#include "tracer/store/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
	KINDS = 256,
	STAGGER = 40, /* numbers between columns, lest the same places of all share a cache set */
};

struct input {
	const uint8_t *next;
	const uint8_t *end;
};

struct trc__columns {
	ZSTD_DCtx *context;
	uint8_t *body; /* unpacked */
	size_t body_room;
	uint64_t *numbers; /* `room` for each column */
	size_t room;
	size_t count;
	unsigned decoded;
	struct input columns[TRC__COLUMN_COUNT];
	bool is_short[KINDS];
};

struct trc__columns *trc__columns_new(void)
{
	struct trc__columns *columns = calloc(1, sizeof *columns);

	if (!columns)
		return NULL;
	columns->context = ZSTD_createDCtx();
	if (!columns->context) {
		free(columns);
		return NULL;
	}
	for (unsigned kind = 0; kind < KINDS; kind++)
		columns->is_short[kind] = trc_kind_is_short(kind);
	return columns;
}

void trc__columns_free(struct trc__columns *columns)
{
	if (!columns)
		return;
	ZSTD_freeDCtx(columns->context);
	free(columns->body);
	free(columns->numbers);
	free(columns);
}

/* --- opening ------------------------------------------------------------------------------------
 */

static __attribute__((noinline)) uint64_t take_long_varint(struct input *input, bool *damaged)
{
	uint64_t value = 0;

	for (unsigned shift = 0; shift < 64; shift += 7) {
		uint8_t byte;

		if (input->next == input->end)
			break;
		byte = *input->next++;
		if (shift == 63 && byte > 1)
			break;
		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte < 0x80)
			return value;
	}
	*damaged = true;
	return 0;
}

/* Most are one byte or two. The rare case has copies of its own, so that the caller's input can
 * stay in registers. */
static inline uint64_t take_varint(struct input *input, bool *damaged)
{
	const uint8_t *next = input->next;
	struct input rest = *input;
	bool bad = false;
	uint64_t value;

	if (__builtin_expect(input->end - next >= 2, 1)) {
		if (next[0] < 0x80) {
			input->next = next + 1;
			return next[0];
		}
		if (next[1] < 0x80) {
			input->next = next + 2;
			return (uint64_t)next[1] << 7 | (next[0] & 0x7f);
		}
	}
	value = take_long_varint(&rest, &bad);
	*input = rest;
	*damaged |= bad;
	return value;
}

static int unpack_frame(struct trc__columns *columns, const uint8_t *bytes, size_t size,
			size_t *ret_size)
{
	unsigned long long length;

	if (size < 2 || size > TRC_SEGMENT_MAX_BYTES || bytes[0] != TRC_SEGMENT_VERSION)
		return -EIO;
	length = ZSTD_getFrameContentSize(bytes + 1, size - 1);
	if (length == ZSTD_CONTENTSIZE_UNKNOWN || length == ZSTD_CONTENTSIZE_ERROR || length == 0 ||
	    length > TRC_SEGMENT_MAX_BYTES)
		return -EIO;
	if (length > columns->body_room) {
		free(columns->body);
		columns->body_room = 0;
		columns->body = malloc(length);
		if (!columns->body)
			return -ENOMEM;
		columns->body_room = length;
	}
	if (ZSTD_decompressDCtx(columns->context, columns->body, length, bytes + 1, size - 1) !=
	    length)
		return -EIO;
	*ret_size = length;
	return 0;
}

/* Finds the columns in an unpacked frame. */
static bool split(struct trc__columns *columns, size_t size, size_t count)
{
	struct input input = {columns->body, columns->body + size};
	bool damaged = false;

	if (take_varint(&input, &damaged) != count || damaged)
		return false;
	for (size_t column = 0; column < TRC__COLUMN_COUNT; column++) {
		uint64_t length = take_varint(&input, &damaged);

		if (damaged || length > (size_t)(input.end - input.next))
			return false;
		columns->columns[column].next = input.next;
		columns->columns[column].end = input.next + length;
		input.next += length;
	}
	return input.next == input.end;
}

static size_t length_of(const struct trc__columns *columns, enum trc__column column)
{
	return (size_t)(columns->columns[column].end - columns->columns[column].next);
}

int trc__columns_open(struct trc__columns *columns, const uint8_t *bytes, size_t size, size_t count)
{
	size_t body_size;
	int result;

	columns->decoded = 0;
	columns->count = 0;
	if (count == 0 || count > TRC_SEGMENT_MAX_EVENTS)
		return -EIO;
	result = unpack_frame(columns, bytes, size, &body_size);
	if (result < 0)
		return result;
	if (!split(columns, body_size, count) || length_of(columns, TRC__COLUMN_KIND) != count ||
	    length_of(columns, TRC__COLUMN_FLAGS) != count ||
	    memchr(columns->columns[TRC__COLUMN_KIND].next, 0, count))
		return -EIO;
	if (count > columns->room) {
		free(columns->numbers);
		columns->room = 0;
		columns->numbers =
			malloc(TRC__COLUMN_COUNT * (count + STAGGER) * sizeof *columns->numbers);
		if (!columns->numbers)
			return -ENOMEM;
		columns->room = count + STAGGER;
	}
	columns->count = count;
	columns->decoded = TRC__COLUMN_BIT(KIND) | TRC__COLUMN_BIT(FLAGS);
	return 0;
}

/* --- decoding -----------------------------------------------------------------------------------
 */

static uint64_t *numbers_of(const struct trc__columns *columns, enum trc__column column)
{
	return columns->numbers + (size_t)column * columns->room;
}

static inline uint64_t take(struct input *input, uint64_t predicted, bool *damaged)
{
	uint64_t code = take_varint(input, damaged);

	return predicted + (code >> 1 ^ (uint64_t) - (int64_t)(code & 1));
}

/* Time and actor: each from the one before. */
static bool decode_running(struct trc__columns *columns, enum trc__column column)
{
	struct input input = columns->columns[column];
	uint64_t *numbers = numbers_of(columns, column), last = 0;
	bool damaged = false;

	for (size_t i = 0; i < columns->count; i++)
		numbers[i] = last = take(&input, last, &damaged);
	return !damaged && input.next == input.end;
}

/* Each from the last of its kind, cut to its width. Short kinds have no value unless `all` have. */
static bool decode_by_kind(struct trc__columns *columns, enum trc__column column, uint64_t width,
			   bool all)
{
	struct input input = columns->columns[column];
	const uint8_t *kinds = trc__columns_kinds(columns);
	uint64_t *numbers = numbers_of(columns, column), last[TRC_SEGMENT_KIND_SLOTS] = {0};
	bool damaged = false;

	for (size_t i = 0; i < columns->count; i++) {
		uint64_t *slot = &last[kinds[i] % TRC_SEGMENT_KIND_SLOTS];

		numbers[i] = 0;
		if (all || !columns->is_short[kinds[i]])
			numbers[i] = *slot = take(&input, *slot, &damaged) & width;
	}
	return !damaged && input.next == input.end;
}

static bool decode_ids(struct trc__columns *columns)
{
	struct input input = columns->columns[TRC__COLUMN_ID];
	const uint8_t *kinds = trc__columns_kinds(columns);
	const uint64_t *actors = numbers_of(columns, TRC__COLUMN_ACTOR);
	uint64_t *numbers = numbers_of(columns, TRC__COLUMN_ID);
	uint64_t last[TRC_SEGMENT_KIND_SLOTS] = {0}, received[TRC_SEGMENT_ACTOR_SLOTS] = {0};
	bool damaged = false;

	for (size_t i = 0; i < columns->count; i++) {
		uint64_t *slot = &last[kinds[i] % TRC_SEGMENT_KIND_SLOTS];
		uint64_t *by_actor = &received[actors[i] % TRC_SEGMENT_ACTOR_SLOTS];

		*slot = take(&input, kinds[i] == TRC_DONE ? *by_actor : *slot, &damaged);
		if (kinds[i] == TRC_RECEIVE)
			*by_actor = *slot;
		numbers[i] = *slot;
	}
	return !damaged && input.next == input.end;
}

static bool decode_aseqs(struct trc__columns *columns)
{
	struct input input = columns->columns[TRC__COLUMN_ASEQ];
	const uint64_t *actors = numbers_of(columns, TRC__COLUMN_ACTOR);
	uint64_t *numbers = numbers_of(columns, TRC__COLUMN_ASEQ);
	uint16_t last[TRC_SEGMENT_ACTOR_SLOTS] = {0};
	bool damaged = false;

	for (size_t i = 0; i < columns->count; i++) {
		uint16_t *slot = &last[actors[i] % TRC_SEGMENT_ACTOR_SLOTS];
		uint16_t predicted = actors[i] ? (uint16_t)(*slot + 1) : 0;

		numbers[i] = (uint16_t)take(&input, predicted, &damaged);
		if (actors[i])
			*slot = (uint16_t)numbers[i];
	}
	return !damaged && input.next == input.end;
}

static bool decode_sizes(struct trc__columns *columns)
{
	struct input input = columns->columns[TRC__COLUMN_SIZE];
	const uint8_t *kinds = trc__columns_kinds(columns);
	uint64_t *sizes = numbers_of(columns, TRC__COLUMN_SIZE);
	uint64_t *starts = numbers_of(columns, TRC__COLUMN_PAYLOAD);
	uint64_t start = 0, length = length_of(columns, TRC__COLUMN_PAYLOAD);
	bool damaged = false;

	for (size_t i = 0; i < columns->count && !damaged; i++) {
		sizes[i] = columns->is_short[kinds[i]] ? 0 : take_varint(&input, &damaged);
		starts[i] = start;
		damaged |= sizes[i] > TRC_PAYLOAD_MAX || sizes[i] > length - start;
		start += sizes[i];
	}
	return !damaged && input.next == input.end && start == length;
}

static bool decode(struct trc__columns *columns, enum trc__column column)
{
	switch (column) {
	case TRC__COLUMN_ASEQ:
		return decode_aseqs(columns);
	case TRC__COLUMN_TIME:
	case TRC__COLUMN_ACTOR:
		return decode_running(columns, column);
	case TRC__COLUMN_ID:
		return decode_ids(columns);
	case TRC__COLUMN_TYPE:
		return decode_by_kind(columns, column, UINT16_MAX, true);
	case TRC__COLUMN_SITE:
		return decode_by_kind(columns, column, UINT32_MAX, false);
	case TRC__COLUMN_PEER:
	case TRC__COLUMN_ARG:
		return decode_by_kind(columns, column, UINT64_MAX, false);
	case TRC__COLUMN_SIZE:
		return decode_sizes(columns);
	case TRC__COLUMN_KIND:
	case TRC__COLUMN_FLAGS:
	case TRC__COLUMN_PAYLOAD:
	case TRC__COLUMN_COUNT:
		break;
	}
	return true;
}

int trc__columns_decode(struct trc__columns *columns, unsigned wanted)
{
	static const enum trc__column order[] = {
		TRC__COLUMN_ACTOR, /* before those that need it */
		TRC__COLUMN_ASEQ,  TRC__COLUMN_TYPE, TRC__COLUMN_TIME, TRC__COLUMN_ID,
		TRC__COLUMN_PEER,  TRC__COLUMN_ARG,  TRC__COLUMN_SITE, TRC__COLUMN_SIZE,
	};

	if (wanted & (TRC__COLUMN_BIT(ASEQ) | TRC__COLUMN_BIT(ID)))
		wanted |= TRC__COLUMN_BIT(ACTOR);
	if (wanted & TRC__COLUMN_BIT(PAYLOAD))
		wanted |= TRC__COLUMN_BIT(SIZE);
	wanted &= ~columns->decoded;
	for (size_t i = 0; wanted && i < sizeof order / sizeof order[0]; i++) {
		if (wanted & 1u << order[i] && !decode(columns, order[i]))
			return -EIO;
	}
	columns->decoded |= wanted;
	return 0;
}

/* --- reading ------------------------------------------------------------------------------------
 */

const uint8_t *trc__columns_kinds(const struct trc__columns *columns)
{
	return columns->columns[TRC__COLUMN_KIND].next;
}

const uint8_t *trc__columns_flags(const struct trc__columns *columns)
{
	return columns->columns[TRC__COLUMN_FLAGS].next;
}

const uint64_t *trc__columns_numbers(const struct trc__columns *columns, enum trc__column column)
{
	return numbers_of(columns, column);
}

static inline struct trc_event event_at(const struct trc__columns *columns, size_t place)
{
	const uint64_t *numbers = columns->numbers + place;
	const size_t room = columns->room;

	return (struct trc_event){
		.kind = trc__columns_kinds(columns)[place],
		.flags = trc__columns_flags(columns)[place],
		.aseq = (uint16_t)numbers[TRC__COLUMN_ASEQ * room],
		.type = (uint16_t)numbers[TRC__COLUMN_TYPE * room],
		.site = (uint32_t)numbers[TRC__COLUMN_SITE * room],
		.time = numbers[TRC__COLUMN_TIME * room],
		.actor = numbers[TRC__COLUMN_ACTOR * room],
		.id = numbers[TRC__COLUMN_ID * room],
		.peer = numbers[TRC__COLUMN_PEER * room],
		.arg = numbers[TRC__COLUMN_ARG * room],
		.payload_size = (uint32_t)numbers[TRC__COLUMN_SIZE * room],
		.payload = columns->columns[TRC__COLUMN_PAYLOAD].next +
			   numbers[TRC__COLUMN_PAYLOAD * room],
	};
}

struct trc_event trc__columns_event(const struct trc__columns *columns, size_t place)
{
	return event_at(columns, place);
}

int trc__columns_take(struct trc__columns *columns, struct trc_segment *ret_segment)
{
	struct trc_segment segment = {.count = columns->count};
	int result = trc__columns_decode(columns, TRC__COLUMNS_ALL);

	if (result < 0)
		return result;
	segment.events = malloc(segment.count * sizeof *segment.events);
	if (!segment.events)
		return -ENOMEM;
	for (size_t i = 0; i < segment.count; i++)
		segment.events[i] = event_at(columns, i);
	segment.arena = columns->body;
	columns->body = NULL;
	columns->body_room = 0;
	columns->count = 0;
	columns->decoded = 0;
	*ret_segment = segment;
	return 0;
}
