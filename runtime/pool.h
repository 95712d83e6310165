/*
 * pool.h - the memory of messages, kept by those who use it
 *
 * A message is mostly made by one worker and freed by another. So each worker keeps free blocks of
 * its own, up to two batches of each size, and only whole batches go through what all share: to it
 * from workers that rather free, from it to workers that rather make. Foreign threads take and give
 * single blocks. Large messages come from malloc().
 *
 * The memory of blocks stays with the system until it ends; it is as much as the most messages that
 * were there at once, and a few batches.
 */
#ifndef RUNTIME_POOL_H
#define RUNTIME_POOL_H

#include "runtime/lock.h"

#include <stddef.h>

struct act_self;

enum { ACT__POOL_STEP = 64, ACT__POOL_SIZES = 4 /* so many multiples of it */ };

struct act__pool_block;

/* What a worker keeps of one size. */
struct act__pool_cache {
	struct act__pool_block *free;
	unsigned count;
	struct act__pool_block *batch; /* a whole one, or NULL */
};

/* What all share of one size. */
struct act__pool {
	struct act__lock lock;
	size_t block_size;
	struct act__pool_block *batches;
	struct act__pool_block *singles;
	struct act__pool_chunk *chunks;
};

void act__pool_init(struct act__pool pools[ACT__POOL_SIZES]);

/* Frees all blocks, also those that workers keep. */
void act__pool_fini(struct act__pool pools[ACT__POOL_SIZES]);

/* A piece of memory of at least `size` bytes; it is not cleared. NULL: no memory. The kind is to be
 * given back with it. */
void *act__pool_take(struct act_self *self, size_t size, unsigned *ret_kind);
void act__pool_give(struct act_self *self, void *memory, unsigned kind);

#endif
