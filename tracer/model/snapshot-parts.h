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
	IS_SENDING = 1 << 7,  /* waited for space, or packs a parcel */
	IS_UNSEEN = 1 << 8,   /* mail to it may have been left out */
	HAS_GRANTS = 1 << 9,  /* who gets space with it is told */
	IN_UNSEEN = 1 << 10,  /* handles what was left out */
	IS_GRANTED = 1 << 11, /* a place before its wait for it */
	HAS_DRAFT = 1 << 12,  /* what it waits for space to send is known */
	ALL_FLAGS = (1 << 13) - 1,
};

/* The identities that were put or taken last. */
struct past {
	uint64_t actor, message, token;
};

#endif
