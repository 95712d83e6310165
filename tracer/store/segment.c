/*
 * A segment is one BLOB: a byte 1 (the version of this format), then one zstd frame with its
 * content size and checksum. Unpacked, the frame is
 *
 *   varint   number of events
 *   column   twelve of them, each a varint with its length in bytes and then the bytes
 *
 * in the order of enum trc__column. Events are spread over the columns, each value put at its
 * column's end; to read, walk the events in order and take the next value from each column in turn.
 * Kinds without peer, arg, site and payload (trc_kind_is_short) have no values in those columns.
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
 * The reader (columns.c) decodes a column at a time: kind before all, actor before aseq and id. A
 * value must be predicted from what it knows at that point.
 */
#include "tracer/store/columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum {
	VARINT_MAX = 10,
	RESERVED_EVENTS = 64,
	ZSTD_LEVEL = 1,
};

/* --- predictions ------------------------------------------------ */

struct past {
	uint64_t time;
	uint64_t actor;
	struct {
		uint16_t aseq;
		uint64_t received;
	} actors[TRC_SEGMENT_ACTOR_SLOTS];
	struct {
		uint64_t type, id, peer, arg, site;
	} kinds[TRC_SEGMENT_KIND_SLOTS];
};

static uint64_t predicted_id(const struct past *past, const struct trc_event *event)
{
	if (event->kind == TRC_DONE)
		return past->actors[event->actor % TRC_SEGMENT_ACTOR_SLOTS].received;
	return past->kinds[event->kind % TRC_SEGMENT_KIND_SLOTS].id;
}

static uint16_t predicted_aseq(const struct past *past, const struct trc_event *event)
{
	if (event->actor == 0)
		return 0;
	return (uint16_t)(past->actors[event->actor % TRC_SEGMENT_ACTOR_SLOTS].aseq + 1);
}

static void remember(struct past *past, const struct trc_event *event)
{
	size_t actor = event->actor % TRC_SEGMENT_ACTOR_SLOTS;
	size_t kind = event->kind % TRC_SEGMENT_KIND_SLOTS;

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

/* --- building --------------------------------------------------------------------------------- */

struct bytes {
	uint8_t *data;
	size_t size;
	size_t room;
};

struct trc_segment_builder {
	size_t count;
	size_t room; /* events that all columns but the payload's have room for */
	uint64_t first;
	uint64_t last;
	struct past past;
	struct bytes columns[TRC__COLUMN_COUNT];
};

struct trc_segment_packer {
	ZSTD_CCtx *context;
	struct bytes body;
	struct bytes packed;
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
	for (size_t column = 0; column < TRC__COLUMN_COUNT; column++)
		free(builder->columns[column].data);
	free(builder);
}

static void builder_empty(struct trc_segment_builder *builder)
{
	for (size_t column = 0; column < TRC__COLUMN_COUNT; column++)
		builder->columns[column].size = 0;
	memset(&builder->past, 0, sizeof(builder->past));
	builder->count = 0;
	builder->room = 0;
}

static void put_long(struct trc_segment_builder *builder, const struct trc_event *event)
{
	struct bytes *columns = builder->columns;
	const struct past *past = &builder->past;
	size_t kind = event->kind % TRC_SEGMENT_KIND_SLOTS;

	put_difference(&columns[TRC__COLUMN_PEER], event->peer, past->kinds[kind].peer);
	put_difference(&columns[TRC__COLUMN_ARG], event->arg, past->kinds[kind].arg);
	put_difference(&columns[TRC__COLUMN_SITE], event->site, past->kinds[kind].site);
	put_varint(&columns[TRC__COLUMN_SIZE], event->payload_size);
	if (event->payload_size > 0) {
		memcpy(columns[TRC__COLUMN_PAYLOAD].data + columns[TRC__COLUMN_PAYLOAD].size,
		       event->payload, event->payload_size);
		columns[TRC__COLUMN_PAYLOAD].size += event->payload_size;
	}
}

/* Room for some more events in each column, so that they need not ask for themselves. */
static bool reserve_events(struct trc_segment_builder *builder)
{
	for (size_t column = 0; column < TRC__COLUMN_PAYLOAD; column++)
		if (!reserve(&builder->columns[column], RESERVED_EVENTS * VARINT_MAX))
			return false;
	builder->room = builder->count + RESERVED_EVENTS;
	return true;
}

int trc_segment_builder_add(struct trc_segment_builder *builder, const struct trc_event *event)
{
	struct bytes *columns = builder->columns;
	const struct past *past = &builder->past;
	int16_t step = (int16_t)(event->aseq - predicted_aseq(past, event));

	if (builder->count == builder->room && !reserve_events(builder))
		return -ENOMEM;
	if (!reserve(&columns[TRC__COLUMN_PAYLOAD], event->payload_size))
		return -ENOMEM;
	put_byte(&columns[TRC__COLUMN_KIND], event->kind);
	put_byte(&columns[TRC__COLUMN_FLAGS], event->flags);
	put_varint(&columns[TRC__COLUMN_ASEQ], zigzag((uint64_t)(int64_t)step));
	put_difference(&columns[TRC__COLUMN_TYPE], event->type,
		       past->kinds[event->kind % TRC_SEGMENT_KIND_SLOTS].type);
	put_difference(&columns[TRC__COLUMN_TIME], event->time, past->time);
	put_difference(&columns[TRC__COLUMN_ACTOR], event->actor, past->actor);
	put_difference(&columns[TRC__COLUMN_ID], event->id, predicted_id(past, event));
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
	       builder->columns[TRC__COLUMN_PAYLOAD].size >= TRC_SEGMENT_PAYLOAD;
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
	free(packer->packed.data);
	free(packer);
}

int trc_segment_builder_pack(struct trc_segment_builder *builder, struct trc_segment_packer *packer,
			     uint8_t **ret_bytes, size_t *ret_size)
{
	struct bytes *body = &packer->body, *packed = &packer->packed;
	size_t size = VARINT_MAX;
	uint8_t *bytes;

	for (size_t column = 0; column < TRC__COLUMN_COUNT; column++)
		size += VARINT_MAX + builder->columns[column].size;
	body->size = 0;
	if (!reserve(body, size))
		return -ENOMEM;
	put_varint(body, builder->count);
	for (size_t column = 0; column < TRC__COLUMN_COUNT; column++) {
		const struct bytes *from = &builder->columns[column];

		put_varint(body, from->size);
		if (from->size > 0)
			memcpy(body->data + body->size, from->data, from->size);
		body->size += from->size;
	}
	if (!reserve(packed, ZSTD_compressBound(body->size)))
		return -ENOMEM;
	size = ZSTD_compress2(packer->context, packed->data, packed->room, body->data, body->size);
	if (ZSTD_isError(size)) /* with enough room only memory can be missing */
		return -ENOMEM;
	/* A copy that is no larger than it must be: segments may be kept for a while. */
	bytes = malloc(1 + size);
	if (!bytes)
		return -ENOMEM;
	bytes[0] = TRC_SEGMENT_VERSION;
	memcpy(bytes + 1, packed->data, size);
	builder_empty(builder);
	*ret_bytes = bytes;
	*ret_size = 1 + size;
	return 0;
}

/* --- reading: columns.c ------------------------------------------------------------------------
 */

int trc_segment_unpack(const uint8_t *bytes, size_t size, size_t count,
		       struct trc_segment *ret_segment)
{
	struct trc__columns *columns = trc__columns_new();
	int result = columns ? trc__columns_open(columns, bytes, size, count) : -ENOMEM;

	if (result == 0)
		result = trc__columns_take(columns, ret_segment);
	trc__columns_free(columns);
	return result;
}

void trc_segment_clear(struct trc_segment *segment)
{
	free(segment->events);
	free(segment->arena);
	memset(segment, 0, sizeof(*segment));
}
