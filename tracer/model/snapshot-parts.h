/*
 * snapshot-parts.h - what writing and reading a snapshot share; for tracer/model only
 */
#ifndef TRACER_MODEL_SNAPSHOT_PARTS_H
#define TRACER_MODEL_SNAPSHOT_PARTS_H

#include <stdint.h>

/* Which parts of an actor are there. */
enum {
	HAS_GAP = 1 << 0,
	IS_SOURCE = 1 << 1,
	HAS_WAIT = 1 << 2,
	IS_HANDLING = 1 << 3, /* a message */
	HAS_MAIL = 1 << 4,
	HAS_HOLDINGS = 1 << 5,
	HAS_STATE = 1 << 6,
	IS_SENDING = 1 << 7, /* waited for space, or packs a parcel */
	ALL_FLAGS = (1 << 8) - 1,
};

/* The identities that were put or taken last. */
struct past {
	uint64_t actor, message, token;
};

#endif
