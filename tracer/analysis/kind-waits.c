#include "tracer/analysis/await-edges.h"
#include "tracer/analysis/edges.h"
#include "tracer/analysis/kind-rings-private.h"
#include "tracer/analysis/patterns.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct gathering {
	const struct trc__causes *causes;
	struct trc_kind_waits *waits;
	unsigned run;
	struct trc_table counts; /* actors, by kind */
	struct trc_table places; /* 1 + place in `waits`, by both kinds and what is waited for */
};

static uint64_t hash_name(const char *name)
{
	uint64_t hash = 1;

	for (; *name; name++)
		hash = trc_mix(hash, (uint8_t)*name);
	return hash;
}

static bool is_single(const struct gathering *gathering, uint32_t kind)
{
	return (uintptr_t)trc_table_find(&gathering->counts, kind) == 1;
}

static void count_kinds(struct gathering *gathering)
{
	const struct trc_model *model = gathering->causes->model;

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		uint32_t kind = trc_model_actor_at(model, i)->kind;
		uintptr_t count = (uintptr_t)trc_table_find(&gathering->counts, kind);

		if (kind)
			trc_table_put(&gathering->counts, kind, (void *)(count + 1));
	}
}

/* The gates that a wait holds up. */
static unsigned list_gates(const struct gathering *gathering, uint32_t await, uint64_t *ret_gates)
{
	const struct trc_model *model = gathering->causes->model;
	struct trc__held held[TRC__HELD_MAX];
	unsigned held_count = trc__held(gathering->causes, await, held), count = 0;

	for (unsigned h = 1; h < held_count && count < TRC_GATES_MAX; h++) {
		const struct trc_actor *actor = trc_model_actor(model, held[h].actor);

		if (actor && is_single(gathering, actor->kind))
			ret_gates[count++] = hash_name(trc_model_kind_name(model, actor->kind));
	}
	return count;
}

/* What is a gate for this wait, too, stays one. */
static void keep_gates(struct trc_kind_wait *wait, const uint64_t *gates, unsigned count)
{
	unsigned kept = 0;

	for (unsigned i = 0; i < wait->gate_count; i++)
		for (unsigned k = 0; k < count; k++)
			if (wait->gates[i] == gates[k]) {
				wait->gates[kept++] = gates[k];
				break;
			}
	wait->gate_count = kept;
}

/* The first wait of the way that goes on until it is met, or 0. */
static uint32_t endless_wait(const struct trc__causes *causes, const struct trc__way *way)
{
	for (unsigned i = 0; i < way->kept; i++) {
		const struct trc__await *await = &causes->awaits[way->awaits[i]];

		if (await->waited && !await->deadline && await->stretch)
			return way->awaits[i];
	}
	return 0;
}

static void add_wait(struct gathering *gathering, const struct trc__way *way, uint32_t await)
{
	struct trc_kind_waits *waits = gathering->waits;
	uint64_t key = trc_mix(trc_mix(way->from_kind, way->to_kind), way->what) | 1;
	uintptr_t place = (uintptr_t)trc_table_find(&gathering->places, key);
	uint64_t gates[TRC_GATES_MAX];
	unsigned count = list_gates(gathering, await, gates);
	struct trc_finding one = {0};
	struct trc_kind_wait *wait;
	bool deadline = false;

	if (place) {
		keep_gates(&waits->items[place - 1], gates, count);
		return;
	}
	waits->items = trc_grow(waits->items, &waits->room, waits->count + 1, sizeof *waits->items);
	wait = &waits->items[waits->count++];
	trc_table_put(&gathering->places, key, (void *)(uintptr_t)waits->count);
	trc__add_await(&one, gathering->causes, await, way->from, &deadline);
	*wait = (struct trc_kind_wait){
		.edge = one.edges[0],
		.run = gathering->run,
		.single =
			is_single(gathering, way->from_kind) && is_single(gathering, way->to_kind),
		.gate_count = count,
	};
	memcpy(wait->gates, gates, count * sizeof *gates);
	free(one.edges);
	free(one.actors);
}

void trc__kind_waits_of(struct trc_kind_waits *waits, const struct trc__causes *causes,
			unsigned run)
{
	struct gathering gathering = {.causes = causes, .waits = waits, .run = run};

	count_kinds(&gathering);
	for (size_t w = 0; w < causes->way_count; w++) {
		const struct trc__way *way = causes->ways[w];
		uint32_t await = way->what != TRC_WHAT_SPACE ? endless_wait(causes, way) : 0;

		if (await && way->from_kind && way->to_kind)
			add_wait(&gathering, way, await);
	}
	trc_table_clear(&gathering.counts);
	trc_table_clear(&gathering.places);
}

void trc_kind_waits_clear(struct trc_kind_waits *waits)
{
	for (size_t i = 0; i < waits->count; i++)
		trc__edge_clear(&waits->items[i].edge);
	free(waits->items);
	*waits = (struct trc_kind_waits){0};
}
