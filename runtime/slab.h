/*
 * slab.h - blocks of one size, kept by those who use them
 *
 * A block that was given back may be looked at for ever: it is never returned to the system before
 * the slab ends, and never becomes anything else. That is what makes stale handles and tokens safe:
 * their generation no longer matches, and reading it is no error.
 *
 * A block is mostly taken by one worker and given back by another. So each worker keeps free blocks
 * of its own, up to two batches, and only whole batches go through what all share: to it from
 * workers that rather give, from it to workers that rather take. Foreign threads take and give
 * single blocks.
 */
#ifndef RUNTIME_SLAB_H
#define RUNTIME_SLAB_H

#include "runtime/lock.h"

#include <stddef.h>

/* The first member of whatever lives in a slab. */
struct act__block {
	struct act__block *next_free;
	struct act__block *next_batch; /* in the first of a batch */
};

/* What a worker keeps. */
struct act__slab_cache {
	struct act__block *free;
	unsigned count;
	struct act__block *batch; /* a whole one, or NULL */
};

struct act__slab {
	struct act__lock lock;
	size_t block_size; /* a multiple of 64 */
	struct act__block *batches;
	struct act__block *singles;
	struct act__chunk *chunks;
};

void act__slab_init(struct act__slab *slab, size_t block_size);

/* Frees all blocks, also those that workers keep. */
void act__slab_fini(struct act__slab *slab);

/* A block that is all zeros behind its first member when it is new, and as it was left when it is
 * not. NULL: no memory. `cache`: the worker's, or NULL. */
void *act__slab_take(struct act__slab *slab, struct act__slab_cache *cache);
void act__slab_give(struct act__slab *slab, struct act__slab_cache *cache, void *block);

/* Calls `visit` for each block, taken or not. Blocks made meanwhile may be missed. */
void act__slab_each(struct act__slab *slab, void (*visit)(void *block, void *context),
		    void *context);

#endif
