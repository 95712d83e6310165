#include "runtime/slab.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK_BLOCKS = 64, CACHE_LINE = 64 };

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
	slab->free = NULL;
}

static struct act__block *block_at(const struct act__slab *slab, struct act__chunk *chunk,
				   unsigned index)
{
	return (struct act__block *)(void *)(chunk->blocks + index * slab->block_size);
}

/* Adds a chunk and keeps its first block for the caller. */
static struct act__block *grow(struct act__slab *slab)
{
	size_t size = sizeof(struct act__chunk) + CHUNK_BLOCKS * slab->block_size;
	struct act__chunk *chunk = aligned_alloc(CACHE_LINE, size);

	if (!chunk)
		return NULL;
	memset(chunk, 0, size);
	for (unsigned i = 1; i + 1 < CHUNK_BLOCKS; i++)
		block_at(slab, chunk, i)->next_free = block_at(slab, chunk, i + 1);

	act__lock(&slab->lock);
	chunk->next = slab->chunks;
	slab->chunks = chunk;
	block_at(slab, chunk, CHUNK_BLOCKS - 1)->next_free = slab->free;
	slab->free = block_at(slab, chunk, 1);
	act__unlock(&slab->lock);
	return block_at(slab, chunk, 0);
}

void *act__slab_take(struct act__slab *slab)
{
	struct act__block *block;

	act__lock(&slab->lock);
	block = slab->free;
	if (block)
		slab->free = block->next_free;
	act__unlock(&slab->lock);
	return block ? block : grow(slab);
}

void act__slab_give(struct act__slab *slab, void *block)
{
	struct act__block *free_block = block;

	act__lock(&slab->lock);
	free_block->next_free = slab->free;
	slab->free = free_block;
	act__unlock(&slab->lock);
}

void act__slab_each(struct act__slab *slab, void (*visit)(void *block, void *context),
		    void *context)
{
	struct act__chunk *chunk;

	act__lock(&slab->lock);
	chunk = slab->chunks;
	act__unlock(&slab->lock);
	/* Chunks are only ever added in front: the rest of the list does not change. */
	for (; chunk; chunk = chunk->next)
		for (unsigned i = 0; i < CHUNK_BLOCKS; i++)
			visit(block_at(slab, chunk, i), context);
}
