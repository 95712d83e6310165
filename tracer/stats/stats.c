#include "tracer/stats/stats.h"

#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

enum { AWAITED_MAX = 64 }; /* told apart for one actor or kind */

struct trc_stats {
	const struct trc_model *model;
	struct trc_stats_options options;
	struct trc_table actors; /* struct trc_figures, by actor */
	struct trc_table kinds;  /* the same, by kind + 1 */
	struct trc_figures all;
	uint64_t first, last; /* times that were looked at */
	bool begun, ended;
};

struct trc_stats *trc_stats_new(const struct trc_model *model,
				const struct trc_stats_options *options)
{
	struct trc_stats *stats = trc_zalloc(1, sizeof *stats);

	stats->model = model;
	stats->options = *options;
	return stats;
}

static void clear_figures(struct trc_figures *figures)
{
	trc_histogram_clear(&figures->in_mailbox);
	trc_histogram_clear(&figures->handled);
	free(figures->awaited);
}

static void free_table(struct trc_table *table)
{
	struct trc_figures *figures;
	size_t place = 0;

	while ((figures = trc_table_next(table, &place))) {
		clear_figures(figures);
		free(figures);
	}
	trc_table_clear(table);
}

void trc_stats_free(struct trc_stats *stats)
{
	if (!stats)
		return;
	free_table(&stats->actors);
	free_table(&stats->kinds);
	clear_figures(&stats->all);
	free(stats);
}

bool trc_stats_wants(const struct trc_stats *stats, uint64_t actor)
{
	return !stats->options.actor ||
	       fnmatch(stats->options.actor, trc_model_actor_name(stats->model, actor), 0) == 0;
}

/* --- whose figures ------------------------------------------------------------------------------
 */

/* The figures in which something of an actor is counted; all NULL when it is not wanted. */
struct counted {
	struct trc_figures *of[3]; /* its own, its kind's, everybody's */
};

static struct trc_figures *figures_of(struct trc_table *table, uint64_t key)
{
	struct trc_figures *figures = trc_table_find(table, key);

	if (!figures) {
		figures = trc_zalloc(1, sizeof *figures);
		trc_table_put(table, key, figures);
	}
	return figures;
}

static struct counted counted_of(struct trc_stats *stats, uint64_t id)
{
	struct counted counted = {{NULL, NULL, NULL}};
	const struct trc_actor *actor = trc_model_actor(stats->model, id);
	struct trc_figures *own = trc_table_find(&stats->actors, id), *kind;

	if (!own) {
		if (!trc_stats_wants(stats, id))
			return counted;
		if (!actor) { /* the outside, or nobody knows: for the sum alone */
			counted.of[2] = &stats->all;
			return counted;
		}
		own = figures_of(&stats->actors, id);
		own->id = id;
		own->actors = 1;
		own->kind = actor->kind;
		own->capacity = actor->capacity;
		kind = figures_of(&stats->kinds, (uint64_t)actor->kind + 1);
		kind->kind = actor->kind;
		kind->actors++;
		kind->capacity = actor->capacity;
		stats->all.actors++;
	}
	counted.of[0] = own;
	counted.of[1] = figures_of(&stats->kinds, (uint64_t)own->kind + 1);
	counted.of[2] = &stats->all;
	return counted;
}

/* --- counting -----------------------------------------------------------------------------------
 */

static bool is_within(const struct trc_stats *stats, uint64_t time)
{
	return time >= stats->options.from && time <= stats->options.to;
}

/* The part of [since, now] that is looked at. */
static uint64_t part_within(const struct trc_stats *stats, uint64_t since, uint64_t now)
{
	uint64_t begin = since > stats->options.from ? since : stats->options.from;
	uint64_t end = now < stats->options.to ? now : stats->options.to;

	return end > begin ? end - begin : 0;
}

static void add_awaited(struct trc_figures *figures, uint64_t id, uint64_t time)
{
	struct trc_awaited *one = NULL;

	for (size_t i = 0; i < figures->awaited_count && !one; i++)
		if (figures->awaited[i].id == id)
			one = &figures->awaited[i];
	if (!one && figures->awaited_count == AWAITED_MAX && id != 0) {
		add_awaited(figures, 0, time);
		return;
	}
	if (!one) {
		figures->awaited = trc_grow(figures->awaited, &figures->awaited_room,
					    figures->awaited_count + 1, sizeof *figures->awaited);
		one = &figures->awaited[figures->awaited_count++];
		*one = (struct trc_awaited){.id = id};
	}
	one->time += time;
	one->count++;
}

static uint32_t kind_of(const struct trc_stats *stats, uint64_t actor)
{
	const struct trc_actor *one = trc_model_actor(stats->model, actor);

	return one ? one->kind : 0;
}

/* Counts a wait that ends, or is cut off, now. */
static void count_wait(struct trc_stats *stats, const struct trc_actor *actor, uint64_t time)
{
	struct counted counted = counted_of(stats, actor->id);
	const struct trc_target *target = actor->wait.targets;

	for (int i = 0; i < 3; i++) {
		struct trc_figures *figures = counted.of[i];

		if (!figures)
			continue;
		figures->waiting += time;
		if (actor->wait.target_count == 0)
			continue;
		if (target->what < TRC_WHAT_COUNT)
			figures->waiting_for[target->what] += time;
		add_awaited(figures, i == 0 ? target->peer : kind_of(stats, target->peer), time);
	}
}

/* Adds the time since the actor's state last changed to what it was doing. */
static void account(struct trc_stats *stats, const struct trc_actor *actor, uint64_t now)
{
	uint64_t time = part_within(stats, actor->state_since, now);
	struct counted counted;

	if (time == 0)
		return;
	if (actor->state == TRC_WAITING) {
		count_wait(stats, actor, time);
	} else if (actor->state == TRC_RUNNING) {
		counted = counted_of(stats, actor->id);
		for (int i = 0; i < 3; i++)
			if (counted.of[i])
				counted.of[i]->handling += time;
	}
}

static void count_depth(struct trc_stats *stats, const struct trc_actor *actor)
{
	struct counted counted = counted_of(stats, actor->id);

	for (int i = 0; i < 3; i++)
		if (counted.of[i] && actor->depth > counted.of[i]->deepest)
			counted.of[i]->deepest = actor->depth;
}

static void count_receive(struct trc_stats *stats, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(stats->model, event->id);
	struct counted counted = counted_of(stats, event->actor);

	for (int i = 0; i < 3; i++) {
		if (!counted.of[i])
			continue;
		counted.of[i]->in++;
		if (message && event->time >= message->sent)
			trc_histogram_add(&counted.of[i]->in_mailbox, event->time - message->sent);
	}
}

static void count_done(struct trc_stats *stats, const struct trc_actor *actor,
		       const struct trc_event *event)
{
	struct counted counted = counted_of(stats, event->actor);
	const struct trc_message *message = actor->current;

	for (int i = 0; message && i < 3; i++)
		if (counted.of[i] && event->time >= message->received)
			trc_histogram_add(&counted.of[i]->handled, event->time - message->received);
}

static void count_sent(struct trc_stats *stats, const struct trc_event *event)
{
	struct counted counted = counted_of(stats, event->actor);

	for (int i = 0; i < 3; i++) {
		if (!counted.of[i])
			continue;
		if (event->kind == TRC_REFUSED) {
			counted.of[i]->refused++;
			continue;
		}
		counted.of[i]->out++;
		counted.of[i]->asks += event->arg != 0;
	}
}

/* --- events -------------------------------------------------------------------------------------
 */

static void note_time(struct trc_stats *stats, uint64_t time)
{
	if (!stats->begun)
		stats->first = time > stats->options.from ? time : stats->options.from;
	stats->begun = true;
	stats->last = time < stats->options.to ? time : stats->options.to;
}

void trc_stats_before(struct trc_stats *stats, const struct trc_event *event)
{
	const struct trc_actor *actor = trc_model_actor(stats->model, event->actor);

	note_time(stats, event->time);
	if (actor && (event->kind == TRC_RECEIVE || event->kind == TRC_DONE ||
		      event->kind == TRC_WAIT || event->kind == TRC_WAKE || event->kind == TRC_END))
		account(stats, actor, event->time);
	if (!is_within(stats, event->time))
		return;
	if (event->kind == TRC_SEND || event->kind == TRC_REFUSED)
		count_sent(stats, event);
	if (event->kind == TRC_RECEIVE && event->id != 0) {
		count_receive(stats, event);
		if (actor)
			count_depth(stats, actor);
	}
	if (event->kind == TRC_DONE && actor)
		count_done(stats, actor, event);
}

void trc_stats_after(struct trc_stats *stats, const struct trc_event *event)
{
	const struct trc_actor *receiver;

	if (!is_within(stats, event->time))
		return;
	if (event->kind == TRC_SPAWN) {
		counted_of(stats, event->id);
	} else if (event->kind == TRC_SEND) {
		receiver = trc_model_actor(stats->model, event->peer);
		if (receiver)
			count_depth(stats, receiver);
	}
}

void trc_stats_end(struct trc_stats *stats, uint64_t time)
{
	if (stats->ended)
		return;
	for (size_t i = 0; i < trc_model_actor_count(stats->model); i++)
		account(stats, trc_model_actor_at(stats->model, i), time);
	stats->ended = true;
}

/* --- results ------------------------------------------------------------------------------------
 */

static int compare_figures(const void *a, const void *b)
{
	const struct trc_figures *x = *(struct trc_figures *const *)a;
	const struct trc_figures *y = *(struct trc_figures *const *)b;
	uint64_t of_x = x->in + x->out, of_y = y->in + y->out;

	if (of_x != of_y)
		return of_x > of_y ? -1 : 1;
	if (x->id != y->id)
		return x->id < y->id ? -1 : 1;
	return (x->kind > y->kind) - (x->kind < y->kind);
}

static struct trc_figures **sorted(const struct trc_table *table, size_t *ret_count)
{
	struct trc_figures **list = trc_alloc((table->count + 1) * sizeof *list), *one;
	size_t place = 0, count = 0;

	while ((one = trc_table_next(table, &place)))
		list[count++] = one;
	qsort(list, count, sizeof *list, compare_figures);
	*ret_count = count;
	return list;
}

struct trc_figures **trc_stats_actors(const struct trc_stats *stats, size_t *ret_count)
{
	return sorted(&stats->actors, ret_count);
}

struct trc_figures **trc_stats_kinds(const struct trc_stats *stats, size_t *ret_count)
{
	return sorted(&stats->kinds, ret_count);
}

const struct trc_figures *trc_stats_all(const struct trc_stats *stats)
{
	return &stats->all;
}

uint64_t trc_stats_span(const struct trc_stats *stats)
{
	return stats->last > stats->first ? stats->last - stats->first : 0;
}

const struct trc_awaited *trc_figures_most_awaited(const struct trc_figures *figures)
{
	const struct trc_awaited *most = NULL;

	for (size_t i = 0; i < figures->awaited_count; i++) {
		const struct trc_awaited *one = &figures->awaited[i];

		if (one->id != 0 && (!most || one->time > most->time ||
				     (one->time == most->time && one->id < most->id)))
			most = one;
	}
	return most;
}
