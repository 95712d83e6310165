#include "tracer/derive/pool.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/model/memory.h"

enum { CHUNK_THINGS = 256 };

struct trc__pool_free {
	struct trc__pool_free *next;
};

struct trc__pool_chunk {
	struct trc__pool_chunk *next;
	_Alignas(max_align_t) uint8_t things[];
};

static void extend(struct trc__pool *pool)
{
	struct trc__pool_chunk *chunk = trc_alloc(sizeof(*chunk) + CHUNK_THINGS * pool->size);

	chunk->next = pool->chunks;
	pool->chunks = chunk;
	/* From the end, so that the first is taken first. */
	for (size_t i = CHUNK_THINGS; i-- > 0;)
		trc__pool_give(pool, chunk->things + i * pool->size);
}

void *trc__pool_take(struct trc__pool *pool)
{
	struct trc__pool_free *thing;

	if (!pool->free)
		extend(pool);
	thing = pool->free;
	pool->free = thing->next;
	return memset(thing, 0, pool->size);
}

void trc__pool_give(struct trc__pool *pool, void *thing)
{
	struct trc__pool_free *given = thing;

	given->next = pool->free;
	pool->free = given;
}

void trc__pool_clear(struct trc__pool *pool)
{
	struct trc__pool_chunk *chunk;

	while ((chunk = pool->chunks)) {
		pool->chunks = chunk->next;
		free(chunk);
	}
}
