/*
 * differences.c - of what sort each difference is, and which of them are first
 */
#include "tracer/compare/compare-private.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
	MUCH_LONGER = 4, /* times */
	WAITS_MAX = 20,  /* differences of waits that are told */
};

#define LONG_WAIT UINT64_C(1000000) /* ns: shorter waits are noise */

static struct trc__difference *add(struct trc_comparison *comparison, size_t seat)
{
	struct trc__difference *difference;

	comparison->items = trc_grow(comparison->items, &comparison->room, comparison->count + 1,
				     sizeof *comparison->items);
	difference = &comparison->items[comparison->count++];
	*difference = (struct trc__difference){.seat = seat};
	memcpy(difference->public.actors, comparison->seats.actors[seat],
	       sizeof difference->public.actors);
	return difference;
}

/* --- who differs --------------------------------------------------------------------------------
 */

/* One difference for all of a kind that only one run has. */
static void list_stranger(struct trc_comparison *comparison, size_t number,
			  const struct trc_model *const models[TRC_RUNS], struct trc_table *kinds)
{
	enum trc_run run = comparison->seats.actors[number][TRC_RUN_A] ? TRC_RUN_A : TRC_RUN_B;
	const struct trc_actor *actor =
		trc_model_actor(models[run], comparison->seats.actors[number][run]);
	const char *kind = trc_model_kind_name(models[run], actor->kind);
	uint64_t key = trc_mix(trc__digest(kind, strlen(kind)), run) | 1;
	size_t known = (size_t)(uintptr_t)trc_table_find(kinds, key);
	struct trc__difference *difference;

	if (!known) {
		difference = add(comparison, number);
		difference->public.kind = TRC_DIFFERENT_ACTORS;
		difference->public.run = run;
		difference->public.times[run] = actor->spawned;
		known = comparison->count;
		trc_table_put(kinds, key, (void *)(uintptr_t)known);
	}
	comparison->items[known - 1].public.count++;
	comparison->seated[number].difference = known - 1;
}

void trc__list_differences(struct trc_comparison *comparison,
			   const struct trc_model *const models[TRC_RUNS])
{
	struct trc_table kinds = {0};

	for (size_t i = 0; i < comparison->seats.count; i++) {
		if (!comparison->seats.paired[i]) {
			list_stranger(comparison, i, models, &kinds);
		} else if (comparison->seated[i].equal != UINT64_MAX) {
			add(comparison, i)->public.equal = comparison->seated[i].equal;
			comparison->seated[i].difference = comparison->count - 1;
		}
	}
	trc_table_clear(&kinds);
}

/* --- of what sort -------------------------------------------------------------------------------
 */

/* Where a step is in a window; `count`: nowhere. */
static unsigned find(const struct trc__part *part, uint64_t digest)
{
	unsigned i = 0;

	while (i < part->window_count && part->window[i] != digest)
		i++;
	return i;
}

/* Whether a run stopped so early that it may only not have come to a step yet. */
static bool is_stuck(const struct trc__part *part, const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	return part->window_count < TRC__WINDOW && actor && actor->state == TRC_WAITING;
}

static void compare_steps(const struct trc__seat *seat, const struct trc_model *const models[],
			  struct trc__difference *difference)
{
	const struct trc__part *a = &seat->parts[0], *b = &seat->parts[1];
	unsigned in_a = find(a, difference->steps[1].digest);
	unsigned in_b = find(b, difference->steps[0].digest);
	struct trc_difference *public = &difference->public;

	if (in_a < a->window_count && in_b < b->window_count) {
		public->kind = TRC_DIFFERENT_ORDER;
	} else if (in_a < a->window_count || in_b < b->window_count) {
		public->kind = TRC_DIFFERENT_MORE;
		public->run = in_a < a->window_count ? TRC_RUN_A : TRC_RUN_B;
		public->count = public->run == TRC_RUN_A ? in_a : in_b;
		if (is_stuck(&seat->parts[!public->run], models[!public->run],
			     public->actors[!public->run])) {
			public->kind = TRC_DIFFERENT_ORDER;
			public->run = (enum trc_run) !public->run;
			public->stuck = true;
		}
	} else if (difference->steps[0].shape == difference->steps[1].shape) {
		public->kind = TRC_DIFFERENT_PAYLOAD;
	} else {
		public->kind = TRC_DIFFERENT_STEP;
	}
}

/* The actor that alone can end an open wait; 0: there is none. */
static uint64_t awaited_party(const struct trc_model *model, const struct trc_actor *actor)
{
	for (unsigned i = 0; actor && i < actor->wait.target_count; i++)
		if (!trc_model_target_met(model, &actor->wait.targets[i]))
			return trc_model_target_party(model, &actor->wait.targets[i]);
	return 0;
}

/* The run that has no step there: what it stops for is an effect of what stops it. */
static void look_at_end(const struct trc_comparison *comparison,
			const struct trc_model *const models[TRC_RUNS],
			struct trc__difference *difference, enum trc_run run)
{
	const struct trc__part *part = &comparison->seated[difference->seat].parts[run];
	const struct trc_actor *actor =
		trc_model_actor(models[run], difference->public.actors[run]);
	size_t party = trc__seat_of(&comparison->seats, run, awaited_party(models[run], actor));

	difference->public.kind = TRC_DIFFERENT_END;
	difference->public.run = run;
	difference->because[run] = part->label;
	if (part->label == 0 && party > 0 && party - 1 != difference->seat)
		difference->because[run] = comparison->seated[party - 1].difference + 1;
	if (actor)
		difference->public.times[run] =
			actor->wait.target_count ? actor->wait.since : actor->state_since;
}

static void judge(struct trc_comparison *comparison, const struct trc_model *const models[TRC_RUNS],
		  struct trc__difference *difference)
{
	struct trc_difference *public = &difference->public;

	for (int run = 0; run < TRC_RUNS; run++) {
		const struct trc_actor *actor = trc_model_actor(models[run], public->actors[run]);

		public->gap |= actor && actor->gap;
		if (public->has[run])
		public->times[run] = difference->steps[run].step.time;
	}
	if (public->kind == TRC_DIFFERENT_ACTORS)
	public->times[!public->run] =
		trc_comparison_time(comparison, public->run, public->times[public->run], 0);
	else if (public->has[0] && public->has[1])
		compare_steps(&comparison->seated[difference->seat], models, difference);
	else look_at_end(comparison, models, difference, public->has[0] ? TRC_RUN_B : TRC_RUN_A);
}

/* --- longer waits -------------------------------------------------------------------------------
 */

static uint64_t longer_by(const struct trc__difference *difference)
{
	const uint64_t *waited = difference->public.waited;

	return waited[0] > waited[1] ? waited[0] - waited[1] : waited[1] - waited[0];
}

static int compare_waits(const void *a, const void *b)
{
	uint64_t x = longer_by(a), y = longer_by(b);

	return x < y ? 1 : x > y ? -1 : 0;
}

/* Of actors that did the same. */
static void add_waits(struct trc_comparison *comparison)
{
	size_t first = comparison->count;

	for (size_t i = 0; i < comparison->seats.count; i++) {
		const struct trc__part *parts = comparison->seated[i].parts;
		enum trc_run run =
			parts[1].waits.total > parts[0].waits.total ? TRC_RUN_B : TRC_RUN_A;
		uint64_t more = parts[run].waits.total, less = parts[!run].waits.total;
		struct trc__difference *difference;

		if (!comparison->seats.paired[i] ||
		    comparison->seated[i].difference != TRC__NOBODY || more - less < LONG_WAIT ||
		    more / MUCH_LONGER < less)
			continue;
		difference = add(comparison, i);
		difference->public.kind = TRC_DIFFERENT_WAITS;
		difference->public.run = run;
		for (int k = 0; k < TRC_RUNS; k++)
			difference->public.waited[k] = parts[k].waits.total;
		difference->public.times[run] = parts[run].waits.begin;
		difference->public.times[!run] = trc_comparison_time(
			comparison, run, parts[run].waits.begin, difference->public.actors[run]);
	}
	if (comparison->count > first)
		qsort(comparison->items + first, comparison->count - first,
		      sizeof *comparison->items, compare_waits);
	if (comparison->count - first > WAITS_MAX)
		comparison->count = first + WAITS_MAX;
}

/* --- which come first ---------------------------------------------------------------------------
 */

/* Of an order of differences while it is made. */
struct place {
	size_t item;
	size_t parent; /* what it follows from; TRC__NOBODY: nothing */
	size_t root;
	size_t seen;       /* 1 + the walk that came by */
	uint64_t position; /* in the run that has it */
	bool at_end;       /* nothing more came, or the recording ended */
	size_t root_rank;
};

static bool ends_quietly(const struct trc__difference *difference,
			 const struct trc_model *const models[TRC_RUNS])
{
	const struct trc_difference *public = &difference->public;
	const struct trc_actor *actor =
		trc_model_actor(models[public->run], public->actors[public->run]);

	return public->kind == TRC_DIFFERENT_END && actor && actor->state != TRC_WAITING;
}

static size_t parent_of(const struct trc__difference *difference, size_t number)
{
	for (int run = 0; run < TRC_RUNS; run++)
		if (difference->because[run] && difference->because[run] - 1 != number)
			return difference->because[run] - 1;
	return TRC__NOBODY;
}

/* What follows from each other in a ring, one in one run and one in the other, or because all of
 * them wait for each other: the earliest one counts as the first. */
static void break_ring(struct place *places, size_t start)
{
	size_t earliest = start;

	for (size_t i = places[start].parent; i != start; i = places[i].parent)
		if (places[i].position < places[earliest].position)
			earliest = i;
	places[earliest].parent = TRC__NOBODY;
}

static void find_roots(struct place *places, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		size_t at = i, root;

		while (!places[at].seen && places[at].parent != TRC__NOBODY) {
			places[at].seen = i + 1;
			at = places[at].parent;
		}
		if (places[at].seen == i + 1)
			break_ring(places, at);
		for (root = i;
		     places[root].parent != TRC__NOBODY && places[root].root == TRC__NOBODY;)
			root = places[root].parent;
		root = places[root].root == TRC__NOBODY ? root : places[root].root;
		for (at = i; places[at].root == TRC__NOBODY; at = places[at].parent) {
			places[at].root = root;
			if (places[at].parent == TRC__NOBODY)
				break;
		}
	}
}

static int compare_firsts(const void *a, const void *b)
{
	const struct place *x = a, *y = b;
	bool x_first = x->root == x->item, y_first = y->root == y->item;

	if (x_first != y_first)
		return x_first ? -1 : 1;
	if (x_first && x->at_end != y->at_end)
		return y->at_end ? -1 : 1;
	if (x->root_rank != y->root_rank)
		return x->root_rank < y->root_rank ? -1 : 1;
	if (x->position != y->position)
		return x->position < y->position ? -1 : 1;
	return (x->item > y->item) - (x->item < y->item);
}

static struct place *make_places(const struct trc_comparison *comparison,
				 const struct trc_model *const models[TRC_RUNS])
{
	struct place *places = trc_zalloc(comparison->count + 1, sizeof *places);

	for (size_t i = 0; i < comparison->count; i++) {
		const struct trc__difference *difference = &comparison->items[i];
		uint64_t in_a = difference->steps[0].step.event;

		places[i] =
			(struct place){.item = i,
				       .parent = parent_of(difference, i),
				       .root = TRC__NOBODY,
				       .position = in_a ? in_a : difference->steps[1].step.event,
				       .at_end = ends_quietly(difference, models)};
	}
	return places;
}

/* Sorts places; `rank` gets the place of each item. */
static void sort_places(struct place *places, size_t count, size_t *rank)
{
	qsort(places, count, sizeof *places, compare_firsts);
	for (size_t i = 0; i < count; i++)
		rank[places[i].item] = i;
	for (size_t i = 0; i < count; i++)
		places[i].root_rank =
			places[i].root == places[i].item ? 0 : 1 + rank[places[i].root];
	qsort(places, count, sizeof *places, compare_firsts);
	for (size_t i = 0; i < count; i++)
		rank[places[i].item] = i;
}

void trc__judge_differences(struct trc_comparison *comparison,
			    const struct trc_model *const models[TRC_RUNS])
{
	size_t count = comparison->count;
	size_t *rank = trc_zalloc(count + 1, sizeof *rank);
	struct place *places;

	for (size_t i = 0; i < count; i++)
		judge(comparison, models, &comparison->items[i]);
	places = make_places(comparison, models);
	find_roots(places, count);
	sort_places(places, count, rank);
	add_waits(comparison);
	comparison->serious_count = count;
	comparison->differences =
		trc_zalloc(comparison->count + 1, sizeof *comparison->differences);
	for (size_t i = 0; i < comparison->count; i++) {
		size_t item = i < count ? places[i].item : i;
		struct trc__difference *difference = &comparison->items[item];

		difference->public.first = i < count && places[i].root == item;
		difference->public.after = i < count ? rank[places[i].root] : i;
		comparison->first_count += difference->public.first;
		trc__put_in_words(difference, &comparison->seated[difference->seat], models,
				  &comparison->differences[i]);
	}
	for (size_t i = 0; i < comparison->seats.count; i++)
		if (comparison->seated[i].difference != TRC__NOBODY)
			comparison->seated[i].difference = rank[comparison->seated[i].difference];
	free(places);
	free(rank);
}
