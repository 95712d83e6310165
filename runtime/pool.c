#include "runtime/pool.h"

#include "runtime/system.h"
#include "runtime/worker.h"

#include <stdlib.h>

/* The checker of addresses is told which blocks are free, as it would know without the pool. */
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(address, size)   ((void)0)
#define ASAN_UNPOISON_MEMORY_REGION(address, size) ((void)0)
#endif

enum { BATCH = 64 };

struct act__pool_block {
	struct act__pool_block *next;
	struct act__pool_block *next_batch; /* in the first of a batch */
};

struct act__pool_chunk {
	struct act__pool_chunk *next;
	_Alignas(ACT__POOL_STEP) unsigned char blocks[];
};

void act__pool_init(struct act__pool pools[ACT__POOL_SIZES])
{
	for (size_t i = 0; i < ACT__POOL_SIZES; i++)
		pools[i] = (struct act__pool){.block_size = (i + 1) * ACT__POOL_STEP};
}

void act__pool_fini(struct act__pool pools[ACT__POOL_SIZES])
{
	for (size_t i = 0; i < ACT__POOL_SIZES; i++) {
		struct act__pool_chunk *next;

		for (struct act__pool_chunk *chunk = pools[i].chunks; chunk; chunk = next) {
			next = chunk->next;
			free(chunk);
		}
		pools[i].chunks = NULL;
	}
}

/* --- what is shared ------------------------------------------------------------------------- */

/* A new batch. NULL: no memory. */
static struct act__pool_block *grow(struct act__pool *pool)
{
	size_t size = sizeof(struct act__pool_chunk) + BATCH * pool->block_size;
	struct act__pool_chunk *chunk = aligned_alloc(ACT__POOL_STEP, size);
	struct act__pool_block *batch = NULL;

	if (!chunk)
		return NULL;
	for (size_t i = BATCH; i-- > 0;) {
		struct act__pool_block *block = (void *)(chunk->blocks + i * pool->block_size);

		block->next = batch;
		batch = block;
		ASAN_POISON_MEMORY_REGION(block + 1, pool->block_size - sizeof(*block));
	}
	act__lock(&pool->lock);
	chunk->next = pool->chunks;
	pool->chunks = chunk;
	act__unlock(&pool->lock);
	return batch;
}

static struct act__pool_block *take_batch(struct act__pool *pool)
{
	struct act__pool_block *batch;

	act__lock(&pool->lock);
	batch = pool->batches;
	if (batch)
		pool->batches = batch->next_batch;
	act__unlock(&pool->lock);
	return batch ? batch : grow(pool);
}

static void give_batch(struct act__pool *pool, struct act__pool_block *batch)
{
	act__lock(&pool->lock);
	batch->next_batch = pool->batches;
	pool->batches = batch;
	act__unlock(&pool->lock);
}

/* Foreign threads keep nothing. */
static struct act__pool_block *take_single(struct act__pool *pool)
{
	struct act__pool_block *block, *last;

	act__lock(&pool->lock);
	block = pool->singles;
	if (block)
		pool->singles = block->next;
	act__unlock(&pool->lock);
	if (block)
		return block;
	block = take_batch(pool);
	if (!block)
		return NULL;
	for (last = block; last->next;)
		last = last->next;
	act__lock(&pool->lock);
	last->next = pool->singles;
	pool->singles = block->next;
	act__unlock(&pool->lock);
	return block;
}

static void give_single(struct act__pool *pool, struct act__pool_block *block)
{
	act__lock(&pool->lock);
	block->next = pool->singles;
	pool->singles = block;
	act__unlock(&pool->lock);
}

/* --- what a worker keeps -------------------------------------------------------------------- */

static struct act__pool_block *take_own(struct act__pool_cache *cache, struct act__pool *pool)
{
	struct act__pool_block *block = cache->free;

	if (!block) {
		block = cache->batch ? cache->batch : take_batch(pool);
		cache->batch = NULL;
		cache->count = block ? BATCH : 0;
	}
	if (block) {
		cache->free = block->next;
		cache->count--;
	}
	return block;
}

static void give_own(struct act__pool_cache *cache, struct act__pool *pool,
		     struct act__pool_block *block)
{
	if (cache->count == BATCH) {
		if (cache->batch)
			give_batch(pool, cache->batch);
		cache->batch = cache->free;
		cache->free = NULL;
		cache->count = 0;
	}
	block->next = cache->free;
	cache->free = block;
	cache->count++;
}

/* --- both ways ------------------------------------------------------------------------------ */

void *act__pool_take(struct act_self *self, size_t size, unsigned *ret_kind)
{
	size_t kind = (size + ACT__POOL_STEP - 1) / ACT__POOL_STEP;
	struct act__pool_block *block;
	struct act__pool *pool;

	if (kind == 0 || kind > ACT__POOL_SIZES) {
		*ret_kind = 0;
		return malloc(size);
	}
	*ret_kind = (unsigned)kind;
	pool = &self->system->messages[kind - 1];
	block = self->worker ? take_own(&self->worker->messages[kind - 1], pool)
			     : take_single(pool);
	if (block)
		ASAN_UNPOISON_MEMORY_REGION(block, pool->block_size);
	return block;
}

void act__pool_give(struct act_self *self, void *memory, unsigned kind)
{
	struct act__pool_block *block = memory;
	struct act__pool *pool;

	if (kind == 0) {
		free(memory);
		return;
	}
	pool = &self->system->messages[kind - 1];
	ASAN_POISON_MEMORY_REGION(block + 1, pool->block_size - sizeof(*block));
	if (self->worker)
		give_own(&self->worker->messages[kind - 1], pool, block);
	else
		give_single(pool, block);
}
