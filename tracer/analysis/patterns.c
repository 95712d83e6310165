#include "tracer/analysis/patterns.h"

#include "tracer/analysis/components.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

/* The locks that the last of those held has. */
static unsigned add_locks(const struct trc__causes *causes, struct trc__held *held, unsigned count)
{
	const struct trc__held last = held[count - 1];
	uint32_t holds[TRC__HELD_MAX];
	unsigned locks = causes->locks.count ? trc__locks_held(&causes->locks, last.actor,
							       causes->awaits[last.await].request,
							       holds, TRC__HELD_MAX - count)
					     : 0;

	for (unsigned i = 0; i < locks; i++)
		held[count++] = (struct trc__held){
			.actor = causes->locks.holds[holds[i]].lock,
			.await = last.await,
			.hold = 1 + holds[i],
			.deadline = last.deadline,
		};
	return count;
}

unsigned trc__held(const struct trc__causes *causes, uint32_t await, struct trc__held *ret_held)
{
	uint32_t request = causes->awaits[await].request, at = await;
	bool deadline = false;
	unsigned count = 0;

	while (count < TRC__HELD_MAX) {
		const struct trc__await *one = &causes->awaits[at];
		const struct trc__stretch *stretch = &causes->stretches[one->stretch];

		/* Who does not wait, or was answered before, is not held. */
		if ((!one->waited && at != await) || !one->stretch ||
		    (at != await && one->closed && one->closed <= request))
			break;
		deadline |= one->deadline;
		ret_held[count++] = (struct trc__held){
			.actor = stretch->actor, .await = at, .deadline = deadline};
		count = add_locks(causes, ret_held, count);
		if (!stretch->by || (stretch->passed && stretch->passed <= one->request))
			break;
		at = stretch->by;
	}
	return count;
}

/* --- shapes -------------------------------------------------------------------------------------
 */

static void add_instance(struct trc__wait_shape *shape, uint32_t await)
{
	enum { EARLY = TRC__INSTANCES_MAX / 2 };

	if (shape->instance_count < TRC__INSTANCES_MAX) {
		shape->instances[shape->instance_count++] = await;
		return;
	}
	/* The first and the last. */
	for (unsigned i = EARLY; i + 1 < TRC__INSTANCES_MAX; i++)
		shape->instances[i] = shape->instances[i + 1];
	shape->instances[TRC__INSTANCES_MAX - 1] = await;
}

static void add_await(const struct trc__causes *causes, struct trc__shapes *shapes,
		      struct trc_table *known, uint32_t number)
{
	const struct trc__await *await = &causes->awaits[number];
	struct trc__held held[TRC__HELD_MAX];
	unsigned count = trc__held(causes, number, held);
	uint64_t key = await->way + 1;
	uintptr_t place;

	/* Nobody knows what else it waits for before it is granted; certain findings say more. */
	if (count == 0 || (!await->waited && !await->any) || !await->grant)
		return;
	for (unsigned i = 0; i < count; i++) {
		if (held[i].actor == await->party)
			return;
		key = trc_mix(key, trc_mix(held[i].actor, causes->awaits[held[i].await].way));
	}
	key |= 1;
	place = (uintptr_t)trc_table_find(known, key);
	if (!place && shapes->count >= TRC__WAITS_MAX) {
		shapes->more = true;
		return;
	}
	if (!place) {
		shapes->shapes = trc_grow(shapes->shapes, &shapes->room, shapes->count + 1,
					  sizeof *shapes->shapes);
		shapes->shapes[shapes->count++] = (struct trc__wait_shape){
			.way = await->way,
			.held_count = count,
			.held = trc_copy(held, count * sizeof *held),
		};
		place = shapes->count;
		trc_table_put(known, key, (void *)place);
	}
	add_instance(&shapes->shapes[place - 1], number);
}

static uint32_t number_of(struct trc__shapes *shapes, uint64_t actor)
{
	uintptr_t number = (uintptr_t)trc_table_find(&shapes->numbers, actor);

	if (!number) {
		number = ++shapes->node_count;
		trc_table_put(&shapes->numbers, actor, (void *)number);
	}
	return (uint32_t)number - 1;
}

static void number_actors(const struct trc__causes *causes, struct trc__shapes *shapes)
{
	for (size_t i = 0; i < shapes->count; i++) {
		struct trc__wait_shape *shape = &shapes->shapes[i];

		shape->target = number_of(shapes, causes->ways[shape->way]->to);
		for (unsigned h = 0; h < shape->held_count; h++)
			shape->held[h].node = number_of(shapes, shape->held[h].actor);
	}
}

/* Sorts shapes, or with `arrows` their targets, under the actors that they hold. */
static uint32_t *sort_by_holder(const struct trc__shapes *shapes, bool arrows, uint32_t **ret_first)
{
	uint32_t *first = trc_zalloc((size_t)shapes->node_count + 2, sizeof *first), *sorted;

	for (size_t i = 0; i < shapes->count; i++)
		for (unsigned h = 0; h < shapes->shapes[i].held_count; h++)
			first[shapes->shapes[i].held[h].node + 2]++;
	for (uint32_t n = 0; n < shapes->node_count; n++)
		first[n + 2] += first[n + 1];
	sorted = trc_zalloc((size_t)first[shapes->node_count + 1] + 1, sizeof *sorted);
	for (size_t i = 0; i < shapes->count; i++)
		for (unsigned h = 0; h < shapes->shapes[i].held_count; h++)
			sorted[first[shapes->shapes[i].held[h].node + 1]++] =
				arrows ? shapes->shapes[i].target : (uint32_t)i;
	*ret_first = first;
	return sorted;
}

void trc__shapes_make(const struct trc__causes *causes, struct trc__shapes *ret_shapes)
{
	struct trc_table known = {0};

	*ret_shapes = (struct trc__shapes){0};
	for (size_t w = 0; w < causes->way_count; w++)
		for (unsigned i = 0; i < causes->ways[w]->kept; i++)
			add_await(causes, ret_shapes, &known, causes->ways[w]->awaits[i]);
	trc_table_clear(&known);
	number_actors(causes, ret_shapes);
	ret_shapes->holders = sort_by_holder(ret_shapes, false, &ret_shapes->first);
}

size_t trc__shapes_holding(const struct trc__shapes *shapes, uint64_t actor,
			   const uint32_t **ret_numbers)
{
	uintptr_t number = (uintptr_t)trc_table_find(&shapes->numbers, actor);

	if (!number)
		return 0;
	*ret_numbers = &shapes->holders[shapes->first[number - 1]];
	return shapes->first[number] - shapes->first[number - 1];
}

void trc__shapes_clear(struct trc__shapes *shapes)
{
	for (size_t i = 0; i < shapes->count; i++)
		free(shapes->shapes[i].held);
	free(shapes->shapes);
	free(shapes->first);
	free(shapes->holders);
	trc_table_clear(&shapes->numbers);
	*shapes = (struct trc__shapes){0};
}

/* --- the search ---------------------------------------------------------------------------------
 */

struct search {
	const struct trc__causes *causes;
	struct trc__shapes *shapes;
	uint32_t *component;
	bool *useful; /* shapes that a ring can lead through */
	uint64_t steps;
	struct trc__pattern pattern;
	void (*visit)(const struct trc__pattern *pattern, void *context);
	void *context;
};

static void find_useful(struct search *search)
{
	const struct trc__shapes *shapes = search->shapes;
	uint32_t *first, *to = sort_by_holder(shapes, true, &first);

	search->component = trc_zalloc((size_t)shapes->node_count + 1, sizeof(uint32_t));
	trc__components(shapes->node_count, first, to, search->component);
	search->useful = trc_zalloc(shapes->count + 1, sizeof(bool));
	for (size_t i = 0; i < shapes->count; i++) {
		const struct trc__wait_shape *shape = &shapes->shapes[i];

		for (unsigned h = 0; h < shape->held_count; h++)
			search->useful[i] |=
				search->component[shape->target] != TRC__NO_COMPONENT &&
				search->component[shape->target] ==
					search->component[shape->held[h].node];
	}
	free(first);
	free(to);
}

static bool holds(const struct trc__wait_shape *shape, uint32_t node)
{
	for (unsigned h = 0; h < shape->held_count; h++)
		if (shape->held[h].node == node)
			return true;
	return false;
}

/* Whether the actor can have made both waits at once: at one line, for two actors. */
static bool perhaps_parallel(const struct trc__causes *causes, const struct trc__held *a,
			     const struct trc__held *b)
{
	const struct trc__way *x = causes->ways[causes->awaits[a->await].way];
	const struct trc__way *y = causes->ways[causes->awaits[b->await].way];

	return x->to != y->to && causes->awaits[a->await].group == causes->awaits[b->await].group;
}

/* The actor that both hold and that lets only one of them through, or 0. */
static uint64_t gate_between(const struct trc__causes *causes, const struct trc__wait_shape *a,
			     const struct trc__wait_shape *b)
{
	for (unsigned i = 0; i < a->held_count; i++)
		for (unsigned k = 0; k < b->held_count; k++)
			if (a->held[i].node == b->held[k].node &&
			    !perhaps_parallel(causes, &a->held[i], &b->held[k]))
				return a->held[i].actor;
	return 0;
}

static void extend(struct search *search, uint32_t start)
{
	const struct trc__shapes *shapes = search->shapes;
	struct trc__pattern *pattern = &search->pattern;
	uint32_t target = pattern->shapes[pattern->length - 1]->target;

	for (uint32_t p = shapes->first[target]; p < shapes->first[target + 1]; p++) {
		uint32_t next = shapes->holders[p];
		const struct trc__wait_shape *shape = &shapes->shapes[next];
		bool closes = holds(pattern->shapes[0], shape->target);
		uint64_t gate = 0;

		if (next <= start || !search->useful[next])
			continue;
		if (search->steps == 0) {
			search->shapes->cut = true;
			return;
		}
		search->steps--;
		for (unsigned i = 0; i < pattern->length && !gate; i++)
			gate = gate_between(search->causes, pattern->shapes[i], shape);
		if (gate && (!closes || pattern->length > 1))
			continue;
		pattern->shapes[pattern->length++] = shape;
		pattern->gate = gate;
		if (closes)
			search->visit(pattern, search->context);
		else if (pattern->length < TRC__PATTERN_MAX)
			extend(search, start);
		else
			search->shapes->longer = true;
		pattern->length--;
	}
}

void trc__shapes_search(const struct trc__causes *causes, struct trc__shapes *shapes,
			void (*visit)(const struct trc__pattern *pattern, void *context),
			void *context)
{
	struct search search = {.causes = causes,
				.shapes = shapes,
				.steps = TRC__RING_STEPS_MAX,
				.visit = visit,
				.context = context};

	find_useful(&search);
	for (size_t i = 0; i < shapes->count; i++) {
		if (!search.useful[i])
			continue;
		search.pattern = (struct trc__pattern){.length = 1, .shapes = {&shapes->shapes[i]}};
		extend(&search, (uint32_t)i);
	}
	free(search.component);
	free(search.useful);
}
