#include "tracer/analysis/acquaintance.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

struct gift {
	uint64_t target;
	struct gift *next;
};

static uint64_t pair_key(uint64_t holder, uint64_t target)
{
	return trc_mix(holder, target) | 1;
}

void trc__acquaint(struct trc__acquaintance *all, uint64_t holder, uint64_t target, uint32_t node)
{
	uint64_t key = pair_key(holder, target);
	struct trc__acquainted *pair;

	if (!holder || !target || !node || trc_table_find(&all->known, key))
		return;
	pair = trc_alloc(sizeof *pair);
	*pair = (struct trc__acquainted){holder, target, node};
	trc_table_put(&all->known, key, pair);
}

void trc__acquaint_later(struct trc__acquaintance *all, uint64_t message, uint64_t target)
{
	struct gift *gift = trc_alloc(sizeof *gift);

	*gift = (struct gift){target, trc_table_find(&all->gifts, message)};
	trc_table_put(&all->gifts, message, gift);
}

void trc__acquaint_now(struct trc__acquaintance *all, uint64_t message, uint64_t receiver,
		       uint32_t node)
{
	struct gift *gift = trc_table_take(&all->gifts, message);

	while (gift) {
		struct gift *next = gift->next;

		trc__acquaint(all, receiver, gift->target, node);
		free(gift);
		gift = next;
	}
}

uint32_t trc__acquainted_since(const struct trc__acquaintance *all, uint64_t holder,
			       uint64_t target)
{
	const struct trc__acquainted *pair = trc_table_find(&all->known, pair_key(holder, target));

	return pair ? pair->node : 0;
}

void trc__acquaintance_clear(struct trc__acquaintance *all)
{
	struct trc__acquainted *pair;
	struct gift *gift;
	size_t at = 0;

	while ((pair = trc_table_next(&all->known, &at)))
		free(pair);
	at = 0;
	while ((gift = trc_table_next(&all->gifts, &at)))
		while (gift) {
			struct gift *next = gift->next;

			free(gift);
			gift = next;
		}
	trc_table_clear(&all->known);
	trc_table_clear(&all->gifts);
}
