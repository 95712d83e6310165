#include "viewer/wait-graph.h"

#include "tracer/analysis/stuck.h"

#include <stdlib.h>

static bool contains(const uint64_t *actors, size_t count, uint64_t actor)
{
	for (size_t i = 0; i < count; i++) {
		if (actors[i] == actor)
			return true;
	}
	return false;
}

static int compare_actors(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return a < b ? -1 : a > b;
}

static bool is_stuck(const struct trc_stuck *stuck, uint64_t actor)
{
	return stuck->stuck_count > 0 && bsearch(&actor, stuck->stuck, stuck->stuck_count,
						 sizeof actor, compare_actors) != NULL;
}

static bool in_one_core(const struct trc_stuck *stuck, uint64_t a, uint64_t b)
{
	for (unsigned i = 0; i < stuck->core_count; i++) {
		const struct trc_stuck_core *core = &stuck->cores[i];

		if (contains(core->actors, core->count, a) &&
		    contains(core->actors, core->count, b))
			return true;
	}
	return false;
}

uint16_t trv_ask_type(const struct trc_model *model, uint64_t asker, uint64_t message)
{
	const struct trc_message *known = trc_model_message(model, message);
	const struct trc_actor *actor = trc_model_actor(model, asker);

	if (known)
		return known->type;
	/* It is done with, but its asker still waits where it was sent. */
	if (actor && actor->wait.target_count > 0 && actor->wait.message == message)
		return trc_model_site_type(model, actor->wait.site);
	return 0;
}

static void add_edge(struct trv_wait_graph *graph, size_t *room, struct trv_wait_edge edge)
{
	if (graph->count == *room) {
		*room = *room ? *room * 2 : 32;
		graph->edges = realloc(graph->edges, *room * sizeof *graph->edges);
		if (!graph->edges)
			abort();
	}
	graph->edges[graph->count++] = edge;
}

/* Adds an edge for each target that is still to be met by an actor, and counts the wait. One that
 * has been met, though its actor has not run again yet, is none. */
static void add_wait(const struct trc_model *model, const struct trc_actor *actor,
		     const struct trc_stuck *stuck, struct trv_wait_graph *graph, size_t *room)
{
	const struct trc_wait *wait = &actor->wait;
	bool lost = is_stuck(stuck, actor->id);
	unsigned unmet = 0, added = 0;

	for (unsigned i = 0; i < wait->target_count; i++) {
		const struct trc_target *target = &wait->targets[i];
		uint64_t party = trc_model_target_party(model, target);

		if (trc_model_target_met(model, target))
			continue;
		unmet++;
		if (party == 0)
			continue;
		add_edge(graph, room,
			 (struct trv_wait_edge){
				 .from = actor->id,
				 .to = party,
				 .what = (unsigned)target->what,
				 .any = wait->any && wait->target_count > 1,
				 .stuck = lost,
				 .core = lost && in_one_core(stuck, actor->id, party),
				 .since = wait->since,
				 .deadline = wait->deadline,
				 .message = wait->message,
				 .type = trc_model_target_type(model, actor, target),
			 });
		added++;
	}
	graph->waiting += unmet > 0;
	graph->elsewhere += unmet > 0 && added == 0;
}

void trv_wait_graph_build(const struct trc_model *model, struct trv_wait_graph *ret_graph)
{
	struct trv_wait_graph graph = {0};
	struct trc_stuck stuck;
	size_t room = 0;

	trc_stuck_find(model, &stuck);
	if (stuck.stuck_count > 0)
		qsort(stuck.stuck, stuck.stuck_count, sizeof stuck.stuck[0], compare_actors);
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		if (actor->wait.target_count > 0)
			add_wait(model, actor, &stuck, &graph, &room);
	}
	trc_stuck_clear(&stuck);
	*ret_graph = graph;
}

void trv_wait_graph_clear(struct trv_wait_graph *graph)
{
	free(graph->edges);
	*graph = (struct trv_wait_graph){0};
}
