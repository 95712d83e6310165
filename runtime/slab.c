#include "runtime/slab.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 64, CACHE_LINE = 64 };

struct act__chunk {
	struct act__chunk *next;
	_Alignas(CACHE_LINE) unsigned char blocks[];
};

void act__slab_init(struct act__slab *slab, size_t block_size)
{
	*slab = (struct act__slab){.block_size =
					   (block_size + CACHE_LINE - 1) / CACHE_LINE * CACHE_LINE};
}

void act__slab_fini(struct act__slab *slab)
{
	struct act__chunk *next;

	for (struct act__chunk *chunk = slab->chunks; chunk; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	slab->chunks = NULL;
}

static struct act__block *block_at(const struct act__slab *slab, struct act__chunk *chunk,
				   unsigned index)
{
	return (struct act__block *)(void *)(chunk->blocks + index * slab->block_size);
}

/* --- what is shared ------------------------------------------------------------------------- */

/* A new batch. NULL: no memory. */
static struct act__block *grow(struct act__slab *slab)
{
	size_t size = sizeof(struct act__chunk) + BATCH * slab->block_size;
	struct act__chunk *chunk = aligned_alloc(CACHE_LINE, size);

	if (!chunk)
		return NULL;
	memset(chunk, 0, size);
	for (unsigned i = 0; i + 1 < BATCH; i++)
		block_at(slab, chunk, i)->next_free = block_at(slab, chunk, i + 1);
	act__lock(&slab->lock);
	chunk->next = slab->chunks;
	slab->chunks = chunk;
	act__unlock(&slab->lock);
	return block_at(slab, chunk, 0);
}

static struct act__block *take_batch(struct act__slab *slab)
{
	struct act__block *batch;

	act__lock(&slab->lock);
	batch = slab->batches;
	if (batch)
		slab->batches = batch->next_batch;
	act__unlock(&slab->lock);
	return batch ? batch : grow(slab);
}

static void give_batch(struct act__slab *slab, struct act__block *batch)
{
	act__lock(&slab->lock);
	batch->next_batch = slab->batches;
	slab->batches = batch;
	act__unlock(&slab->lock);
}

/* Foreign threads keep nothing. */
static struct act__block *take_single(struct act__slab *slab)
{
	struct act__block *block, *last;

	act__lock(&slab->lock);
	block = slab->singles;
	if (block)
		slab->singles = block->next_free;
	act__unlock(&slab->lock);
	if (block)
		return block;
	block = take_batch(slab);
	if (!block)
		return NULL;
	for (last = block; last->next_free;)
		last = last->next_free;
	act__lock(&slab->lock);
	last->next_free = slab->singles;
	slab->singles = block->next_free;
	act__unlock(&slab->lock);
	return block;
}

static void give_single(struct act__slab *slab, struct act__block *block)
{
	act__lock(&slab->lock);
	block->next_free = slab->singles;
	slab->singles = block;
	act__unlock(&slab->lock);
}

/* --- what a worker keeps -------------------------------------------------------------------- */

void *act__slab_take(struct act__slab *slab, struct act__slab_cache *cache)
{
	struct act__block *block;

	if (!cache)
		return take_single(slab);
	block = cache->free;
	if (!block) {
		block = cache->batch ? cache->batch : take_batch(slab);
		cache->batch = NULL;
		cache->count = block ? BATCH : 0;
	}
	if (block) {
		cache->free = block->next_free;
		cache->count--;
	}
	return block;
}

void act__slab_give(struct act__slab *slab, struct act__slab_cache *cache, void *given)
{
	struct act__block *block = given;

	if (!cache) {
		give_single(slab, block);
		return;
	}
	if (cache->count == BATCH) {
		if (cache->batch)
			give_batch(slab, cache->batch);
		cache->batch = cache->free;
		cache->free = NULL;
		cache->count = 0;
	}
	block->next_free = cache->free;
	cache->free = block;
	cache->count++;
}

/* --- all of them ---------------------------------------------------------------------------- */

void act__slab_each(struct act__slab *slab, void (*visit)(void *block, void *context),
		    void *context)
{
	struct act__chunk *chunk;

	act__lock(&slab->lock);
	chunk = slab->chunks;
	act__unlock(&slab->lock);
	/* Chunks are only ever added in front: the rest of the list does not change. */
	for (; chunk; chunk = chunk->next)
		for (unsigned i = 0; i < BATCH; i++)
			visit(block_at(slab, chunk, i), context);
}
