#include "tracer/compare/seats.h"

#include "tracer/compare/step.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* An actor that is to be seated. */
struct guest {
	uint64_t key; /* of the round */
	uint64_t actor, parent;
	uint64_t kind, name; /* digests; name 0: it has none of its own */
	uint32_t depth;      /* 0: its parent is outside, or unknown */
	uint32_t place;      /* in order of spawning */
	bool seated;
};

struct list {
	struct guest *guests; /* by depth, then by place */
	size_t count;
};

size_t trc__seat_of(const struct trc__seats *seats, enum trc_run run, uint64_t actor)
{
	return (size_t)(uintptr_t)trc_table_find(&seats->of[run], actor);
}

static void seat(struct trc__seats *seats, struct guest *a, struct guest *b)
{
	size_t number = seats->count++;
	struct guest *both[TRC_RUNS] = {a, b};

	seats->paired[number] = a && b;
	for (int run = 0; run < TRC_RUNS; run++) {
		seats->actors[number][run] = both[run] ? both[run]->actor : 0;
		if (!both[run])
			continue;
		both[run]->seated = true;
		trc_table_put(&seats->of[run], both[run]->actor, (void *)(uintptr_t)(number + 1));
	}
}

/* --- who comes ----------------------------------------------------------------------------------
 */

static uint64_t text_digest(const char *text)
{
	return trc__digest(text, strlen(text)) | 1;
}

/* A name that the tracer made up says nothing. */
static uint64_t name_digest(const struct trc_model *model, const struct trc_actor *actor)
{
	char *made_up = trc_format("%s-%llu", trc_model_kind_name(model, actor->kind),
				   (unsigned long long)actor->id);
	uint64_t digest = strcmp(made_up, actor->name) == 0 ? 0 : text_digest(actor->name);

	free(made_up);
	return digest;
}

static int compare_depths(const void *a, const void *b)
{
	const struct guest *x = a, *y = b;

	if (x->depth != y->depth)
		return x->depth < y->depth ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

static struct list list_guests(const struct trc_model *model)
{
	size_t count = trc_model_actor_count(model);
	struct list list = {trc_zalloc(count + 1, sizeof(struct guest)), count};
	struct trc_table depths = {0}; /* 2 + depth, by actor */

	for (size_t i = 0; i < count; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);
		uintptr_t parent = (uintptr_t)trc_table_find(&depths, actor->parent);
		struct guest *guest = &list.guests[i];

		guest->actor = actor->id;
		guest->parent = actor->parent;
		guest->kind = text_digest(trc_model_kind_name(model, actor->kind));
		guest->name = name_digest(model, actor);
		guest->depth = parent ? (uint32_t)parent - 1 : 0;
		guest->place = (uint32_t)i;
		trc_table_put(&depths, actor->id, (void *)(uintptr_t)(guest->depth + 2));
	}
	trc_table_clear(&depths);
	qsort(list.guests, count, sizeof *list.guests, compare_depths);
	return list;
}

/* --- rounds -------------------------------------------------------------------------------------
 */

enum round { BY_PARENT_AND_NAME, BY_NAME, BY_PARENT };

/* 0: takes no part. */
static uint64_t key_of(const struct trc__seats *seats, enum trc_run run, const struct guest *guest,
		       enum round round)
{
	size_t parent = trc__seat_of(seats, run, guest->parent);
	/* Whose spawning was lost may well be the same one in both. */
	bool known = parent == 0 || seats->paired[parent - 1];

	if (guest->seated || (round == BY_NAME ? guest->name == 0 : !known))
		return 0;
	return trc_mix(guest->kind, trc_mix(round == BY_NAME ? 0 : parent,
					    round == BY_PARENT ? 0 : guest->name)) |
	       1;
}

static int compare_keys(const void *a, const void *b)
{
	const struct guest *const *x = a, *const *y = b;

	if ((*x)->key != (*y)->key)
		return (*x)->key < (*y)->key ? -1 : 1;
	return ((*x)->place > (*y)->place) - ((*x)->place < (*y)->place);
}

/* Those of guests first .. end-1 that take part, by key. */
static struct guest **choose(const struct trc__seats *seats, enum trc_run run,
			     const struct list *list, size_t first, size_t end, enum round round,
			     size_t *ret_count)
{
	struct guest **chosen = trc_zalloc(end - first + 1, sizeof *chosen);
	size_t count = 0;

	for (size_t i = first; i < end; i++) {
		struct guest *guest = &list->guests[i];

		guest->key = key_of(seats, run, guest, round);
		if (guest->key)
			chosen[count++] = guest;
	}
	qsort(chosen, count, sizeof *chosen, compare_keys);
	*ret_count = count;
	return chosen;
}

/* Pairs equal keys, the k-th with the k-th. */
static void play_round(struct trc__seats *seats, const struct list lists[TRC_RUNS],
		       const size_t first[TRC_RUNS], const size_t end[TRC_RUNS], enum round round)
{
	size_t counts[TRC_RUNS], a = 0, b = 0;
	struct guest **chosen[TRC_RUNS];

	for (int run = 0; run < TRC_RUNS; run++)
		chosen[run] = choose(seats, (enum trc_run)run, &lists[run], first[run], end[run],
				     round, &counts[run]);
	while (a < counts[0] && b < counts[1]) {
		struct guest *x = chosen[0][a], *y = chosen[1][b];

		if (x->key == y->key)
			seat(seats, x, y);
		a += x->key <= y->key;
		b += y->key <= x->key;
	}
	free(chosen[0]);
	free(chosen[1]);
}

static void seat_generation(struct trc__seats *seats, const struct list lists[TRC_RUNS],
			    const size_t first[TRC_RUNS], const size_t end[TRC_RUNS])
{
	for (int round = BY_PARENT_AND_NAME; round <= BY_PARENT; round++)
		play_round(seats, lists, first, end, (enum round)round);
	for (size_t i = first[0]; i < end[0]; i++)
		if (!lists[0].guests[i].seated)
			seat(seats, &lists[0].guests[i], NULL);
	for (size_t i = first[1]; i < end[1]; i++)
		if (!lists[1].guests[i].seated)
			seat(seats, NULL, &lists[1].guests[i]);
}

/* --- names --------------------------------------------------------------------------------------
 */

static void note_names(struct trc__seats *seats, const struct trc_model *const models[TRC_RUNS])
{
	for (size_t i = 0; i < seats->count; i++) {
		const char *names[TRC_RUNS];

		if (!seats->paired[i])
			continue;
		for (int run = 0; run < TRC_RUNS; run++)
			names[run] = trc_model_actor_name(models[run], seats->actors[i][run]);
		for (int run = 0; run < TRC_RUNS && strcmp(names[0], names[1]) != 0; run++) {
			uint64_t key = trc__name_digest(names[run], strlen(names[run]));

			if (!trc_table_find(&seats->renamed[run], key))
				trc_table_put(&seats->renamed[run], key,
					      (void *)(uintptr_t)(i + 1));
		}
	}
}

void trc__seats_init(struct trc__seats *seats, const struct trc_model *const models[TRC_RUNS])
{
	const struct list lists[TRC_RUNS] = {list_guests(models[0]), list_guests(models[1])};
	size_t first[TRC_RUNS] = {0}, end[TRC_RUNS] = {0};

	*seats = (struct trc__seats){0};
	seats->actors = trc_zalloc(lists[0].count + lists[1].count + 1, sizeof *seats->actors);
	seats->paired = trc_zalloc(lists[0].count + lists[1].count + 1, sizeof *seats->paired);
	for (uint32_t depth = 0; first[0] < lists[0].count || first[1] < lists[1].count; depth++) {
		for (int run = 0; run < TRC_RUNS; run++)
			while (end[run] < lists[run].count &&
			       lists[run].guests[end[run]].depth == depth)
				end[run]++;
		seat_generation(seats, lists, first, end);
		memcpy(first, end, sizeof first);
	}
	free(lists[0].guests);
	free(lists[1].guests);
	note_names(seats, models);
}

void trc__seats_clear(struct trc__seats *seats)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		trc_table_clear(&seats->of[run]);
		trc_table_clear(&seats->renamed[run]);
	}
	free(seats->actors);
	free(seats->paired);
}
