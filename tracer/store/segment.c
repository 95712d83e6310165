/*
 * A segment is one BLOB: a byte 1 (the version of this format), then one zstd frame with its
 * content size and checksum. Unpacked, the frame is
 *
 *   varint   number of events
 *   column   twelve of them, each a varint with its length in bytes and then the bytes
 *
 * in the order of enum column. Events are spread over the columns, each value put at its column's
 * end; to read, walk the events in order and take the next value from each column in turn. Kinds
 * without peer, arg, site and payload (trc_kind_is_short) have no values in those columns.
 *
 * Numbers are unsigned LEB128 varints. Most are differences to a prediction that the reader can
 * make too, zigzag coded (0, -1, 1, -2, ... become 0, 1, 2, 3, ...) modulo 2^64:
 *
 *   kind, flags     one byte each, as they are
 *   aseq            to 1 + the aseq of the last event in the actor's slot, in 16 bits: 0 when none
 *                   is missing; 0 for actor 0
 *   type            to the type of the last event of the same kind
 *   time            to the time of the last event
 *   actor           to the actor of the last event
 *   id              of DONE: to the id of the last RECEIVE in the actor's slot;
 *                   otherwise to the id of the last event of the same kind
 *   peer, arg, site to the last event of the same kind
 *   payload sizes   as they are
 *   payloads        the bytes, one after the other
 *
 * "Last" values are 0 at the start of a segment. The actor's slot is actor % 256, the kind's is
 * kind % 64; two that share a slot cost some bytes, nothing else.
 *
 * The order of the columns in `put` and `take` is the same, and a value must be predicted from what
 * the reader knows at that point: kind before all, actor before aseq and id.
 */
#include "tracer/store/segment.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum column {
	COLUMN_KIND,
	COLUMN_FLAGS,
	COLUMN_ASEQ,
	COLUMN_TYPE,
	COLUMN_TIME,
	COLUMN_ACTOR,
	COLUMN_ID,
	COLUMN_PEER,
	COLUMN_ARG,
	COLUMN_SITE,
	COLUMN_SIZE,
	COLUMN_PAYLOAD,
	COLUMN_COUNT,
};

enum {
	ACTOR_SLOTS = 256,
	KIND_SLOTS = 64,
	VARINT_MAX = 10,
	ZSTD_LEVEL = 1,
};

/* --- predictions, the same for both directions ------------------------------------------------ */

struct past {
	uint64_t time;
	uint64_t actor;
	struct {
		uint16_t aseq;
		uint64_t received;
	} actors[ACTOR_SLOTS];
	struct {
		uint64_t type, id, peer, arg, site;
	} kinds[KIND_SLOTS];
};

static uint64_t predicted_id(const struct past *past, const struct trc_event *event)
{
	if (event->kind == TRC_DONE)
		return past->actors[event->actor % ACTOR_SLOTS].received;
	return past->kinds[event->kind % KIND_SLOTS].id;
}

static uint16_t predicted_aseq(const struct past *past, const struct trc_event *event)
{
	if (event->actor == 0)
		return 0;
	return (uint16_t)(past->actors[event->actor % ACTOR_SLOTS].aseq + 1);
}

static void remember(struct past *past, const struct trc_event *event)
{
	size_t actor = event->actor % ACTOR_SLOTS;
	size_t kind = event->kind % KIND_SLOTS;

	past->time = event->time;
	past->actor = event->actor;
	if (event->actor != 0)
		past->actors[actor].aseq = event->aseq;
	if (event->kind == TRC_RECEIVE)
		past->actors[actor].received = event->id;
	past->kinds[kind].type = event->type;
	past->kinds[kind].id = event->id;
	if (!trc_kind_is_short(event->kind)) {
		past->kinds[kind].peer = event->peer;
		past->kinds[kind].arg = event->arg;
		past->kinds[kind].site = event->site;
	}
}

static uint64_t zigzag(uint64_t difference)
{
	return difference << 1 ^ (uint64_t) - (int64_t)(difference >> 63);
}

static uint64_t unzigzag(uint64_t code)
{
	return code >> 1 ^ (uint64_t) - (int64_t)(code & 1);
}

/* --- building --------------------------------------------------------------------------------- */

struct bytes {
	uint8_t *data;
	size_t size;
	size_t room;
};

struct trc_segment_builder {
	size_t count;
	uint64_t first;
	uint64_t last;
	struct past past;
	struct bytes columns[COLUMN_COUNT];
};

struct trc_segment_packer {
	ZSTD_CCtx *context;
	struct bytes body;
};

static bool reserve(struct bytes *bytes, size_t more)
{
	size_t room = bytes->room ? bytes->room : 512;
	uint8_t *data;

	if (more <= bytes->room - bytes->size)
		return true;
	while (room - bytes->size < more)
		room *= 2;
	data = realloc(bytes->data, room);
	if (!data)
		return false;
	bytes->data = data;
	bytes->room = room;
	return true;
}

/* There is room. */
static void put_byte(struct bytes *bytes, uint8_t byte)
{
	bytes->data[bytes->size++] = byte;
}

static void put_varint(struct bytes *bytes, uint64_t value)
{
	while (value >= 0x80) {
		put_byte(bytes, (uint8_t)(value | 0x80));
		value >>= 7;
	}
	put_byte(bytes, (uint8_t)value);
}

static void put_difference(struct bytes *bytes, uint64_t value, uint64_t predicted)
{
	put_varint(bytes, zigzag(value - predicted));
}

struct trc_segment_builder *trc_segment_builder_new(void)
{
	return calloc(1, sizeof(struct trc_segment_builder));
}

void trc_segment_builder_free(struct trc_segment_builder *builder)
{
	if (!builder)
		return;
	for (size_t column = 0; column < COLUMN_COUNT; column++)
		free(builder->columns[column].data);
	free(builder);
}

static void builder_empty(struct trc_segment_builder *builder)
{
	for (size_t column = 0; column < COLUMN_COUNT; column++)
		builder->columns[column].size = 0;
	memset(&builder->past, 0, sizeof(builder->past));
	builder->count = 0;
}

static void put_long(struct trc_segment_builder *builder, const struct trc_event *event)
{
	struct bytes *columns = builder->columns;
	const struct past *past = &builder->past;
	size_t kind = event->kind % KIND_SLOTS;

	put_difference(&columns[COLUMN_PEER], event->peer, past->kinds[kind].peer);
	put_difference(&columns[COLUMN_ARG], event->arg, past->kinds[kind].arg);
	put_difference(&columns[COLUMN_SITE], event->site, past->kinds[kind].site);
	put_varint(&columns[COLUMN_SIZE], event->payload_size);
	if (event->payload_size > 0) {
		memcpy(columns[COLUMN_PAYLOAD].data + columns[COLUMN_PAYLOAD].size, event->payload,
		       event->payload_size);
		columns[COLUMN_PAYLOAD].size += event->payload_size;
	}
}

int trc_segment_builder_add(struct trc_segment_builder *builder, const struct trc_event *event)
{
	struct bytes *columns = builder->columns;
	const struct past *past = &builder->past;
	int16_t step = (int16_t)(event->aseq - predicted_aseq(past, event));

	for (size_t column = 0; column < COLUMN_PAYLOAD; column++)
		if (!reserve(&columns[column], VARINT_MAX))
			return -ENOMEM;
	if (!reserve(&columns[COLUMN_PAYLOAD], event->payload_size))
		return -ENOMEM;
	put_byte(&columns[COLUMN_KIND], event->kind);
	put_byte(&columns[COLUMN_FLAGS], event->flags);
	put_varint(&columns[COLUMN_ASEQ], zigzag((uint64_t)(int64_t)step));
	put_difference(&columns[COLUMN_TYPE], event->type,
		       past->kinds[event->kind % KIND_SLOTS].type);
	put_difference(&columns[COLUMN_TIME], event->time, past->time);
	put_difference(&columns[COLUMN_ACTOR], event->actor, past->actor);
	put_difference(&columns[COLUMN_ID], event->id, predicted_id(past, event));
	if (!trc_kind_is_short(event->kind))
		put_long(builder, event);
	remember(&builder->past, event);
	if (builder->count == 0 || event->time < builder->first)
		builder->first = event->time;
	if (builder->count == 0 || event->time > builder->last)
		builder->last = event->time;
	builder->count++;
	return 0;
}

size_t trc_segment_builder_count(const struct trc_segment_builder *builder)
{
	return builder->count;
}

bool trc_segment_builder_full(const struct trc_segment_builder *builder)
{
	return builder->count >= TRC_SEGMENT_EVENTS ||
	       builder->columns[COLUMN_PAYLOAD].size >= TRC_SEGMENT_PAYLOAD;
}

uint64_t trc_segment_builder_first(const struct trc_segment_builder *builder)
{
	return builder->first;
}

uint64_t trc_segment_builder_last(const struct trc_segment_builder *builder)
{
	return builder->last;
}

struct trc_segment_packer *trc_segment_packer_new(void)
{
	struct trc_segment_packer *packer = calloc(1, sizeof(*packer));

	if (!packer)
		return NULL;
	packer->context = ZSTD_createCCtx();
	if (!packer->context) {
		free(packer);
		return NULL;
	}
	ZSTD_CCtx_setParameter(packer->context, ZSTD_c_compressionLevel, ZSTD_LEVEL);
	ZSTD_CCtx_setParameter(packer->context, ZSTD_c_checksumFlag, 1);
	return packer;
}

void trc_segment_packer_free(struct trc_segment_packer *packer)
{
	if (!packer)
		return;
	ZSTD_freeCCtx(packer->context);
	free(packer->body.data);
	free(packer);
}

int trc_segment_builder_pack(struct trc_segment_builder *builder, struct trc_segment_packer *packer,
			     uint8_t **ret_bytes, size_t *ret_size)
{
	struct bytes *body = &packer->body;
	size_t size = VARINT_MAX, bound;
	uint8_t *bytes;

	for (size_t column = 0; column < COLUMN_COUNT; column++)
		size += VARINT_MAX + builder->columns[column].size;
	body->size = 0;
	if (!reserve(body, size))
		return -ENOMEM;
	put_varint(body, builder->count);
	for (size_t column = 0; column < COLUMN_COUNT; column++) {
		const struct bytes *from = &builder->columns[column];

		put_varint(body, from->size);
		if (from->size > 0)
			memcpy(body->data + body->size, from->data, from->size);
		body->size += from->size;
	}
	bound = ZSTD_compressBound(body->size);
	bytes = malloc(1 + bound);
	if (!bytes)
		return -ENOMEM;
	bytes[0] = TRC_SEGMENT_VERSION;
	size = ZSTD_compress2(packer->context, bytes + 1, bound, body->data, body->size);
	if (ZSTD_isError(size)) { /* with enough room only memory can be missing */
		free(bytes);
		return -ENOMEM;
	}
	builder_empty(builder);
	*ret_bytes = bytes;
	*ret_size = 1 + size;
	return 0;
}

/* --- reading ---------------------------------------------------------------------------------- */

struct input {
	const uint8_t *next;
	const uint8_t *end;
};

struct unpacker {
	struct input columns[COLUMN_COUNT];
	struct past past;
	bool damaged;
};

static uint64_t take_varint(struct input *input, bool *damaged)
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

static uint8_t take_byte(struct unpacker *unpacker, enum column column)
{
	struct input *input = &unpacker->columns[column];

	if (input->next == input->end) {
		unpacker->damaged = true;
		return 0;
	}
	return *input->next++;
}

static uint64_t take(struct unpacker *unpacker, enum column column, uint64_t predicted)
{
	return predicted + unzigzag(take_varint(&unpacker->columns[column], &unpacker->damaged));
}

static void take_long(struct unpacker *unpacker, struct trc_event *event)
{
	const struct past *past = &unpacker->past;
	struct input *payload = &unpacker->columns[COLUMN_PAYLOAD];
	size_t kind = event->kind % KIND_SLOTS;
	uint64_t size;

	event->peer = take(unpacker, COLUMN_PEER, past->kinds[kind].peer);
	event->arg = take(unpacker, COLUMN_ARG, past->kinds[kind].arg);
	event->site = (uint32_t)take(unpacker, COLUMN_SITE, past->kinds[kind].site);
	size = take_varint(&unpacker->columns[COLUMN_SIZE], &unpacker->damaged);
	if (size > TRC_PAYLOAD_MAX || size > (size_t)(payload->end - payload->next)) {
		unpacker->damaged = true;
		return;
	}
	event->payload_size = (uint32_t)size;
	event->payload = payload->next;
	payload->next += size;
}

static void take_event(struct unpacker *unpacker, struct trc_event *event)
{
	const struct past *past = &unpacker->past;

	memset(event, 0, sizeof(*event));
	event->kind = take_byte(unpacker, COLUMN_KIND);
	event->flags = take_byte(unpacker, COLUMN_FLAGS);
	event->actor = take(unpacker, COLUMN_ACTOR, past->actor);
	event->aseq = (uint16_t)take(unpacker, COLUMN_ASEQ, predicted_aseq(past, event));
	event->type =
		(uint16_t)take(unpacker, COLUMN_TYPE, past->kinds[event->kind % KIND_SLOTS].type);
	event->time = take(unpacker, COLUMN_TIME, past->time);
	event->id = take(unpacker, COLUMN_ID, predicted_id(past, event));
	if (event->kind == 0)
		unpacker->damaged = true;
	else if (!trc_kind_is_short(event->kind))
		take_long(unpacker, event);
	remember(&unpacker->past, event);
}

static bool is_used_up(const struct unpacker *unpacker)
{
	for (size_t column = 0; column < COLUMN_COUNT; column++)
		if (unpacker->columns[column].next != unpacker->columns[column].end)
			return false;
	return true;
}

/* Finds the columns in an unpacked frame. */
static bool split(const uint8_t *body, size_t size, size_t count, struct unpacker *unpacker)
{
	struct input input = {body, body + size};
	bool damaged = false;

	if (take_varint(&input, &damaged) != count || damaged)
		return false;
	for (size_t column = 0; column < COLUMN_COUNT; column++) {
		uint64_t length = take_varint(&input, &damaged);

		if (damaged || length > (size_t)(input.end - input.next))
			return false;
		unpacker->columns[column].next = input.next;
		unpacker->columns[column].end = input.next + length;
		input.next += length;
	}
	return input.next == input.end;
}

/* Unpacks the frame into memory of its own. */
static int unpack_frame(const uint8_t *bytes, size_t size, uint8_t **ret_body, size_t *ret_size)
{
	unsigned long long length;
	uint8_t *body;
	size_t unpacked;

	if (size < 2 || size > TRC_SEGMENT_MAX_BYTES || bytes[0] != TRC_SEGMENT_VERSION)
		return -EIO;
	length = ZSTD_getFrameContentSize(bytes + 1, size - 1);
	if (length == ZSTD_CONTENTSIZE_UNKNOWN || length == ZSTD_CONTENTSIZE_ERROR || length == 0 ||
	    length > TRC_SEGMENT_MAX_BYTES)
		return -EIO;
	body = malloc(length);
	if (!body)
		return -ENOMEM;
	unpacked = ZSTD_decompress(body, length, bytes + 1, size - 1);
	if (ZSTD_isError(unpacked) || unpacked != length) {
		free(body);
		return -EIO;
	}
	*ret_body = body;
	*ret_size = length;
	return 0;
}

int trc_segment_unpack(const uint8_t *bytes, size_t size, size_t count,
		       struct trc_segment *ret_segment)
{
	struct unpacker *unpacker;
	struct trc_segment segment = {.count = count};
	size_t body_size;
	int result;

	if (count == 0 || count > TRC_SEGMENT_MAX_EVENTS)
		return -EIO;
	result = unpack_frame(bytes, size, &segment.arena, &body_size);
	if (result < 0)
		return result;
	unpacker = calloc(1, sizeof(*unpacker));
	segment.events = calloc(count, sizeof(*segment.events));
	if (!unpacker || !segment.events) {
		result = -ENOMEM;
	} else if (!split(segment.arena, body_size, count, unpacker)) {
		result = -EIO;
	} else {
		for (size_t i = 0; i < count && !unpacker->damaged; i++)
			take_event(unpacker, &segment.events[i]);
		result = unpacker->damaged || !is_used_up(unpacker) ? -EIO : 0;
	}
	free(unpacker);
	if (result < 0)
		trc_segment_clear(&segment);
	else
		*ret_segment = segment;
	return result;
}

void trc_segment_clear(struct trc_segment *segment)
{
	free(segment->events);
	free(segment->arena);
	memset(segment, 0, sizeof(*segment));
}
