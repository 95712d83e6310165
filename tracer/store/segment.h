/*
 * segment.h - the bytes of a segment: some thousand events of one ring, column by column
 *
 * The format is described at the top of segment.c and in docs/trace-format.md.
 */
#ifndef TRACER_STORE_SEGMENT_H
#define TRACER_STORE_SEGMENT_H

#include "tracer/store/store.h"

enum {
	TRC_SEGMENT_VERSION = 1,
	TRC_SEGMENT_EVENTS = 8192,         /* a builder is full at so many events */
	TRC_SEGMENT_PAYLOAD = 4 << 20,     /* or at so many bytes of payload */
	TRC_SEGMENT_MAX_EVENTS = 64 << 10, /* a reader takes no more than this */
	TRC_SEGMENT_MAX_BYTES = 32 << 20,  /* nor more than this, packed or unpacked */
	TRC_SEGMENT_ACTOR_SLOTS = 256,     /* of predictions */
	TRC_SEGMENT_KIND_SLOTS = 64,
};

/* A segment that is being built. */
struct trc_segment_builder;

struct trc_segment_builder *trc_segment_builder_new(void); /* NULL: out of memory */
void trc_segment_builder_free(struct trc_segment_builder *builder);

/* Adds an event. 0 or -ENOMEM; the builder is then unchanged. */
int trc_segment_builder_add(struct trc_segment_builder *builder, const struct trc_event *event);

size_t trc_segment_builder_count(const struct trc_segment_builder *builder);
bool trc_segment_builder_full(const struct trc_segment_builder *builder);

/* Times of the earliest and latest event. */
uint64_t trc_segment_builder_first(const struct trc_segment_builder *builder);
uint64_t trc_segment_builder_last(const struct trc_segment_builder *builder);

/* Packs what was added, and empties the builder. The bytes are to be freed by the caller. 0 or
 * -ENOMEM; the builder then keeps its events. `packer` is memory that is used again and again. */
struct trc_segment_packer;
struct trc_segment_packer *trc_segment_packer_new(void); /* NULL: out of memory */
void trc_segment_packer_free(struct trc_segment_packer *packer);
int trc_segment_builder_pack(struct trc_segment_builder *builder, struct trc_segment_packer *packer,
			     uint8_t **ret_bytes, size_t *ret_size);

/* Unpacks a segment that should have `count` events. 0, -EIO when the bytes are damaged or need
 * more than the limits above, -ENOMEM. */
int trc_segment_unpack(const uint8_t *bytes, size_t size, size_t count,
		       struct trc_segment *ret_segment);

#endif
