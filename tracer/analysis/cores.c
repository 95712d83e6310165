/*
 * cores.c - strongly connected sets, and who of them could be freed from outside
 *
 * A core lies within one strongly connected set. Members of that set which others could free are no
 * part of it; without them the rest may fall apart into several sets, so the two steps are done by
 * turns until nothing changes. Almost always that is the first time.
 */
#include "tracer/analysis/cores.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* A hostile file could make each round take one node away. */
enum { ROUNDS_MAX = 32 };

struct work {
	const struct trc__needs *needs;
	uint32_t *first, *to; /* arrows within sets */
	uint32_t *back_first, *back;
	uint32_t *core;
	uint32_t *todo;
};

/* The arrows within the sets of the last round; all of them in the first. */
static void keep_arrows(struct work *work)
{
	const struct trc__needs *needs = work->needs;
	uint32_t count = 0;

	for (uint32_t n = 0; n < needs->count; n++) {
		work->first[n] = count;
		for (uint32_t i = needs->first[n]; i < needs->first[n + 1]; i++)
			if (work->core[n] != TRC__NO_COMPONENT &&
			    work->core[n] == work->core[needs->to[i]])
				work->to[count++] = needs->to[i];
	}
	work->first[needs->count] = count;
}

static void turn_arrows(struct work *work)
{
	uint32_t count = work->needs->count;

	memset(work->back_first, 0, (count + 2ul) * sizeof *work->back_first);
	for (uint32_t i = 0; i < work->first[count]; i++)
		work->back_first[work->to[i] + 2]++;
	for (uint32_t n = 0; n < count; n++)
		work->back_first[n + 2] += work->back_first[n + 1];
	for (uint32_t n = 0; n < count; n++)
		for (uint32_t i = work->first[n]; i < work->first[n + 1]; i++)
			work->back[work->back_first[work->to[i] + 1]++] = n;
}

/* Whether the node would not go on if all who are not in its set were free. */
static bool is_kept(const struct work *work, uint32_t node)
{
	const struct trc__needs *needs = work->needs;
	bool inside = false;

	for (uint32_t i = needs->first[node]; i < needs->first[node + 1]; i++) {
		bool in = work->core[needs->to[i]] == work->core[node];

		if (needs->any[node] && !in)
			return false;
		inside |= in;
	}
	return inside;
}

/* Takes those out who could be freed, and then those who could be freed by them. */
static bool take_out(struct work *work)
{
	uint32_t count = work->needs->count, depth = 0;
	bool changed = false;

	for (uint32_t n = 0; n < count; n++)
		if (work->core[n] != TRC__NO_COMPONENT && !is_kept(work, n))
			work->todo[depth++] = n;
	while (depth > 0) {
		uint32_t node = work->todo[--depth];

		if (work->core[node] == TRC__NO_COMPONENT)
			continue;
		work->core[node] = TRC__NO_COMPONENT;
		changed = true;
		for (uint32_t i = work->back_first[node]; i < work->back_first[node + 1]; i++)
			if (work->core[work->back[i]] != TRC__NO_COMPONENT &&
			    !is_kept(work, work->back[i]))
				work->todo[depth++] = work->back[i];
	}
	return changed;
}

uint32_t trc__cores(const struct trc__needs *needs, uint32_t *core)
{
	size_t arrows = needs->first[needs->count];
	struct work work = {
		.needs = needs,
		.first = trc_alloc((needs->count + 1ul) * sizeof(uint32_t)),
		.to = trc_alloc((arrows + 1) * sizeof(uint32_t)),
		.back_first = trc_alloc((needs->count + 2ul) * sizeof(uint32_t)),
		.back = trc_alloc((arrows + 1) * sizeof(uint32_t)),
		.core = core,
		/* each node once at the beginning, then at most once for each arrow */
		.todo = trc_alloc((needs->count + arrows + 1) * sizeof(uint32_t)),
	};
	uint32_t count = 0;
	bool changed = true;

	memset(core, 0, needs->count * sizeof *core);
	for (int round = 0; changed && round < ROUNDS_MAX; round++) {
		keep_arrows(&work);
		count = trc__components(needs->count, work.first, work.to, core);
		turn_arrows(&work);
		changed = take_out(&work);
	}
	free(work.first);
	free(work.to);
	free(work.back_first);
	free(work.back);
	free(work.todo);
	return count;
}
