/*
 * pool.h - the memory of messages: blocks of a few sizes, each from a slab; large ones from
 * malloc()
 *
 * The memory of blocks stays with the system until it ends; it is as much as the most messages that
 * were there at once, and a few batches.
 */
#ifndef RUNTIME_POOL_H
#define RUNTIME_POOL_H

#include "runtime/slab.h"

#include <stddef.h>

struct act_self;

enum { ACT__POOL_STEP = 64, ACT__POOL_SIZES = 4 /* so many multiples of it */ };

void act__pool_init(struct act__slab pools[ACT__POOL_SIZES]);

/* Frees all blocks, also those that workers keep. */
void act__pool_fini(struct act__slab pools[ACT__POOL_SIZES]);

/* A piece of memory of at least `size` bytes; it is not cleared. NULL: no memory. The kind is to be
 * given back with it. */
void *act__pool_take(struct act_self *self, size_t size, unsigned *ret_kind);
void act__pool_give(struct act_self *self, void *memory, unsigned kind);

#endif
