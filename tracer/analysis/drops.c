#include "tracer/analysis/drops.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

struct drop {
	uint64_t time;
};

void trc__drops_note(struct trc__drops *drops, uint64_t actor, uint64_t time)
{
	struct drop *drop = trc_table_find(&drops->last, actor);

	if (actor == 0)
		return;
	if (!drop) {
		drop = trc_zalloc(1, sizeof *drop);
		trc_table_put(&drops->last, actor, drop);
	}
	drop->time = time;
}

uint64_t trc__drops_last(const struct trc__drops *drops, uint64_t actor)
{
	const struct drop *drop = trc_table_find(&drops->last, actor);

	return drop ? drop->time : 0;
}

void trc__drops_clear(struct trc__drops *drops)
{
	struct drop *drop;
	size_t place = 0;

	while ((drop = trc_table_next(&drops->last, &place)))
		free(drop);
	trc_table_clear(&drops->last);
}
