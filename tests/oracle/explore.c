#include "tests/oracle/explore.h"

#include "tests/oracle/plain.h"
#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>
#include <string.h>

enum { STATES_MAX = 30000 };

struct search {
	const struct or_program *program;
	struct trc_table seen; /* by hash; two worlds of one hash would be taken for one */
	struct or_world *todo;
	size_t count, room;
};

static uint64_t hash(const struct or_world *world)
{
	const uint8_t *bytes = (const uint8_t *)world;
	uint64_t key = sizeof *world;

	for (size_t i = 0; i < sizeof *world; i += 8) {
		uint64_t word = 0;

		memcpy(&word, bytes + i, sizeof *world - i < 8 ? sizeof *world - i : 8);
		key = trc_mix(key, word);
	}
	return key | 1;
}

static void add(struct search *search, const struct or_world *world)
{
	uint64_t key = hash(world);

	if (trc_table_find(&search->seen, key))
		return;
	trc_table_put(&search->seen, key, search);
	search->todo = trc_grow(search->todo, &search->room, search->count + 1, sizeof *world);
	search->todo[search->count++] = *world;
}

static void note_dead(const struct or_program *program, const struct or_world *world, uint8_t dead,
		      struct or_truth *truth)
{
	struct or_cores cores;

	or_cores_find(program, world, dead, &cores);
	for (unsigned i = 0; i < cores.count; i++)
		if (cores.cores[i].kept)
			truth->orphans = true;
		else
			truth->deadlocks |= 1ull << cores.cores[i].waiting;
	truth->orphans |= cores.count == 0 && or_waiting(program, world, dead);
}

void or_explore(const struct or_program *program, struct or_truth *ret_truth)
{
	struct search search = {.program = program};
	struct or_truth truth = {.complete = true};
	struct or_step steps[OR_STEPS];
	struct or_world world;

	or_world_begin(program, &world, NULL);
	add(&search, &world);
	while (search.count && truth.complete) {
		struct or_world from = search.todo[--search.count];
		unsigned count = or_world_steps(program, &from, steps);
		uint8_t dead = or_dead(program, &from, 0), told = or_dead_told(program, &from);

		if (or_waiting(program, &from, dead))
			note_dead(program, &from, dead, &truth);
		truth.ends |= count == 0 && !or_waiting(program, &from, UINT8_MAX);
		truth.states++;
		for (unsigned i = 0; i < count; i++) {
			world = from;
			or_world_step(program, &world, steps[i], NULL);
			truth.unstable |= (dead & ~or_dead(program, &world, 0)) ||
					  (told & ~or_dead_told(program, &world));
			if (world.overflow)
				truth.complete = false;
			add(&search, &world);
		}
		truth.complete &= truth.states < STATES_MAX;
	}
	trc_table_clear(&search.seen);
	free(search.todo);
	*ret_truth = truth;
}
