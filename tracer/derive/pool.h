/*
 * pool.h - memory for very many things of one size that come and go; for tracer/derive only
 *
 * Cheaper than malloc() by its book-keeping, and those taken one after the other lie side by side.
 * What is given back is for the next of this pool; the system has it when all is cleared.
 */
#ifndef TRACER_DERIVE_POOL_H
#define TRACER_DERIVE_POOL_H

#include <stddef.h>

struct trc__pool {
	size_t size; /* of each; at least a pointer's, and a multiple of its alignment */
	struct trc__pool_free *free;
	struct trc__pool_chunk *chunks;
};

void *trc__pool_take(struct trc__pool *pool); /* all 0 */
void trc__pool_give(struct trc__pool *pool, void *thing);

/* With all that was taken. */
void trc__pool_clear(struct trc__pool *pool);

#endif
