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

void act__pool_init(struct act__slab pools[ACT__POOL_SIZES])
{
	for (size_t i = 0; i < ACT__POOL_SIZES; i++)
		act__slab_init(&pools[i], (i + 1) * ACT__POOL_STEP);
}

void act__pool_fini(struct act__slab pools[ACT__POOL_SIZES])
{
	for (size_t i = 0; i < ACT__POOL_SIZES; i++)
		act__slab_fini(&pools[i]);
}

static struct act__slab_cache *cache_of(const struct act_self *self, size_t kind)
{
	return self->worker ? &self->worker->messages[kind - 1] : NULL;
}

void *act__pool_take(struct act_self *self, size_t size, unsigned *ret_kind)
{
	size_t kind = (size + ACT__POOL_STEP - 1) / ACT__POOL_STEP;
	struct act__block *block;

	if (kind == 0 || kind > ACT__POOL_SIZES) {
		*ret_kind = 0;
		return malloc(size);
	}
	*ret_kind = (unsigned)kind;
	block = act__slab_take(&self->system->messages[kind - 1], cache_of(self, kind));
	if (block)
		ASAN_UNPOISON_MEMORY_REGION(block, kind * ACT__POOL_STEP);
	return block;
}

void act__pool_give(struct act_self *self, void *memory, unsigned kind)
{
	struct act__block *block = memory;

	if (kind == 0) {
		free(memory);
		return;
	}
	ASAN_POISON_MEMORY_REGION(block + 1, kind * ACT__POOL_STEP - sizeof(*block));
	act__slab_give(&self->system->messages[kind - 1], cache_of(self, kind), block);
}
