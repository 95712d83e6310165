#include "tracer/stats/ask-ranking.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

void trc__ask_ranking_init(struct trc__ask_ranking *ranking, unsigned slowest)
{
	*ranking = (struct trc__ask_ranking){.slowest_max = slowest};
	ranking->slowest = trc_zalloc(slowest + 1, sizeof(struct trc_ask *));
}

void trc__ask_ranking_clear(struct trc__ask_ranking *ranking)
{
	struct trc_ask_group *group;
	size_t place = 0;

	while ((group = trc_table_next(&ranking->groups, &place))) {
		trc_histogram_clear(&group->durations);
		free(group);
	}
	for (size_t i = 0; i < ranking->slowest_count; i++)
		trc__asks_free_list(ranking->slowest[i]);
	free(ranking->slowest);
	trc_table_clear(&ranking->groups);
}

void trc__asks_free_list(struct trc_ask *ask)
{
	struct trc_ask *next;

	for (; ask; ask = next) {
		next = ask->next;
		trc__asks_free_list(ask->nested);
		free(ask);
	}
}

void trc__split_add(struct trc_split *to, const struct trc_split *from)
{
	for (int i = 0; i < TRC_PLACE_COUNT; i++)
		to->places[i] += from->places[i];
	to->nested += from->nested;
}

static void count_ask(struct trc__ask_ranking *ranking, const struct trc_model *model,
		      const struct trc_ask *ask)
{
	const struct trc_actor *receiver = trc_model_actor(model, ask->receiver);
	uint32_t kind = receiver ? receiver->kind : 0;
	uint64_t key = (uint64_t)kind << 16 | ask->type;
	struct trc_ask_group *group = trc_table_find(&ranking->groups, key + 1);

	if (!group) {
		group = trc_zalloc(1, sizeof *group);
		group->type = ask->type;
		group->kind = kind;
		trc_table_put(&ranking->groups, key + 1, group);
	}
	group->dropped += ask->dropped;
	trc_histogram_add(&group->durations, ask->duration);
	trc__split_add(&group->split, &ask->split);
}

static struct trc_ask *copy_of(const struct trc_ask *ask)
{
	struct trc_ask *copy = trc_copy(ask, sizeof *ask), **end = &copy->nested;

	copy->next = NULL;
	copy->nested = NULL;
	for (const struct trc_ask *one = ask->nested; one; one = one->next) {
		*end = copy_of(one);
		end = &(*end)->next;
	}
	return copy;
}

/* Of equally slow ones the first is kept. */
static void keep_slowest(struct trc__ask_ranking *ranking, const struct trc_ask *ask)
{
	size_t place = ranking->slowest_count;

	while (place > 0 && ranking->slowest[place - 1]->duration < ask->duration)
		place--;
	if (place == ranking->slowest_max)
		return;
	if (ranking->slowest_count == ranking->slowest_max)
		trc__asks_free_list(ranking->slowest[--ranking->slowest_count]);
	memmove(&ranking->slowest[place + 1], &ranking->slowest[place],
		(ranking->slowest_count - place) * sizeof ranking->slowest[0]);
	ranking->slowest[place] = copy_of(ask);
	ranking->slowest_count++;
}

void trc__ask_ranking_add(struct trc__ask_ranking *ranking, const struct trc_model *model,
			  const struct trc_ask *ask)
{
	count_ask(ranking, model, ask);
	keep_slowest(ranking, ask);
}

static int compare_groups(const void *a, const void *b)
{
	const struct trc_ask_group *x = *(struct trc_ask_group *const *)a;
	const struct trc_ask_group *y = *(struct trc_ask_group *const *)b;

	if (x->durations.sum != y->durations.sum)
		return x->durations.sum > y->durations.sum ? -1 : 1;
	if (x->type != y->type)
		return x->type < y->type ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

struct trc_ask_group **trc__ask_ranking_groups(const struct trc__ask_ranking *ranking,
					       size_t *ret_count)
{
	struct trc_ask_group **groups = trc_alloc((ranking->groups.count + 1) * sizeof *groups);
	struct trc_ask_group *group;
	size_t place = 0, count = 0;

	while ((group = trc_table_next(&ranking->groups, &place)))
		groups[count++] = group;
	qsort(groups, count, sizeof *groups, compare_groups);
	*ret_count = count;
	return groups;
}
