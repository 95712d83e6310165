/*
 * slab.h - blocks of one size whose memory keeps its type
 *
 * A block that was given back may be looked at for ever: it is never returned to the system before
 * the slab ends, and never becomes anything else. That is what makes stale handles and tokens safe:
 * their generation no longer matches, and reading it is no error.
 */
#ifndef RUNTIME_SLAB_H
#define RUNTIME_SLAB_H

#include "runtime/lock.h"

#include <stddef.h>

/* The first member of whatever lives in a slab. */
struct act__block {
	struct act__block *next_free;
};

struct act__slab {
	struct act__lock lock;
	size_t block_size; /* a multiple of 64 */
	struct act__block *free;
	struct act__chunk *chunks;
};

void act__slab_init(struct act__slab *slab, size_t block_size);
void act__slab_fini(struct act__slab *slab);

/* A block that is all zeros when it is new, and as it was left when it is not. NULL: no memory. */
void *act__slab_take(struct act__slab *slab);
void act__slab_give(struct act__slab *slab, void *block);

/* Calls `visit` for each block, taken or not. Blocks made meanwhile may be missed. */
void act__slab_each(struct act__slab *slab, void (*visit)(void *block, void *context),
		    void *context);

#endif
