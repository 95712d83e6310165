/*
 * drive.c - messages that make messages
 *
 * That an actor handles a message of some type is a node; an arrow leads to what it sends then. A
 * message of a node in a ring brings about another of the same sort, which is only that one again,
 * going around. But when more than one is sent on, there are more each time; and when one of them
 * is a timer's, time brings it back for ever. Such rings are endless, and so is what sockets send,
 * and all that comes of them. What the main program and start handlers sent is not: in another
 * order of the run there are just as many of them.
 */
#include "tracer/analysis/drive.h"

#include "tracer/analysis/components.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

struct step {
	uint32_t from, to; /* nodes */
	bool more;         /* several are sent, or a timer sends it */
	bool later;        /* not the first that is sent */
};

struct graph {
	struct trc_table numbers; /* 1 + node */
	uint32_t node_count;
	struct step *steps; /* from each to each at most once */
	size_t step_count, room;
	uint32_t *first, *to;
	bool *endless;
};

static uint64_t node_key(uint64_t actor, uint16_t type)
{
	return trc_mix(actor, type) | 1;
}

static uint32_t number_of(struct graph *graph, uint64_t actor, uint16_t type)
{
	uint64_t key = node_key(actor, type);
	uintptr_t number = (uintptr_t)trc_table_find(&graph->numbers, key);

	if (!number) {
		number = ++graph->node_count;
		trc_table_put(&graph->numbers, key, (void *)number);
	}
	return (uint32_t)number - 1;
}

static int compare_steps(const void *a, const void *b)
{
	const struct step *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void list_steps(struct graph *graph, const struct trc__arrows *arrows)
{
	const struct trc__arrow *arrow;
	size_t place = 0, kept = 0;

	while ((arrow = trc_table_next(&arrows->arrows, &place)))
		for (; arrow; arrow = arrow->next) {
			uint32_t to = number_of(graph, arrow->to, arrow->type);

			if (!arrow->by_type)
				continue;
			graph->steps = trc_grow(graph->steps, &graph->room, graph->step_count + 1,
						sizeof *graph->steps);
			graph->steps[graph->step_count++] =
				(struct step){number_of(graph, arrow->by, arrow->by_type), to,
					      arrow->timer || arrow->most > 1, arrow->later};
		}
	if (graph->step_count)
		qsort(graph->steps, graph->step_count, sizeof *graph->steps, compare_steps);
	for (size_t i = 0; i < graph->step_count; i++) {
		struct step *last = kept ? &graph->steps[kept - 1] : NULL;

		if (!last || compare_steps(last, &graph->steps[i]) != 0) {
			graph->steps[kept++] = graph->steps[i];
			continue;
		}
		last->more |= graph->steps[i].more;
		last->later |= graph->steps[i].later;
	}
	graph->step_count = kept;
}

static void sort_out(struct graph *graph)
{
	graph->first = trc_zalloc(graph->node_count + 1ul, sizeof *graph->first);
	graph->to = trc_alloc((graph->step_count + 1) * sizeof *graph->to);
	for (size_t i = 0; i < graph->step_count; i++) {
		graph->first[graph->steps[i].from + 1]++;
		graph->to[i] = graph->steps[i].to;
	}
	for (uint32_t n = 0; n < graph->node_count; n++)
		graph->first[n + 1] += graph->first[n];
}

/* Rings in which messages become more, or that time turns. */
static void find_endless(struct graph *graph)
{
	uint32_t *ring = trc_alloc((graph->node_count + 1ul) * sizeof *ring);
	uint32_t count = trc__components(graph->node_count, graph->first, graph->to, ring);
	bool *grows = trc_zalloc(count, sizeof *grows);

	for (uint32_t n = 0; n < graph->node_count; n++) {
		uint32_t inside = 0;
		bool later = false;

		for (uint32_t i = graph->first[n]; i < graph->first[n + 1]; i++) {
			if (ring[n] == TRC__NO_COMPONENT || ring[graph->to[i]] != ring[n])
				continue;
			inside++;
			later |= graph->steps[i].later;
			if ((inside > 1 && later) || graph->steps[i].more)
				grows[ring[n]] = true;
		}
	}
	for (uint32_t n = 0; n < graph->node_count; n++)
		if (ring[n] != TRC__NO_COMPONENT && grows[ring[n]])
			graph->endless[n] = true;
	free(grows);
	free(ring);
}

static void spread(struct graph *graph)
{
	uint32_t *todo = trc_alloc((graph->node_count + 1ul) * sizeof *todo), count = 0;

	for (uint32_t n = 0; n < graph->node_count; n++)
		if (graph->endless[n])
			todo[count++] = n;
	while (count > 0) {
		uint32_t node = todo[--count];

		for (uint32_t i = graph->first[node]; i < graph->first[node + 1]; i++) {
			if (graph->endless[graph->to[i]])
				continue;
			graph->endless[graph->to[i]] = true;
			todo[count++] = graph->to[i];
		}
	}
	free(todo);
}

/* Sockets; and timers of which we do not know who set them. */
static bool is_root(const struct trc__arrow *arrow)
{
	return arrow->form == TRC__FORM_SOURCE || (arrow->timer && !arrow->by);
}

static void begin_with_uncounted(struct graph *graph, struct trc__arrows *arrows)
{
	const struct trc__uncounted *uncounted;
	size_t place = 0;

	while ((uncounted = trc_table_next(&arrows->uncounted, &place))) {
		uint64_t key = node_key(uncounted->to, uncounted->type);
		uintptr_t number = (uintptr_t)trc_table_find(&graph->numbers, key);

		if (number)
			graph->endless[number - 1] = true;
		if (!uncounted->ask && uncounted->to)
			trc_table_put(&arrows->endless, uncounted->to, arrows);
	}
}

void trc__drive(struct trc__arrows *arrows)
{
	struct graph graph = {0};
	struct trc__arrow *arrow;
	size_t place = 0;

	list_steps(&graph, arrows);
	sort_out(&graph);
	graph.endless = trc_zalloc(graph.node_count, sizeof *graph.endless);
	while ((arrow = trc_table_next(&arrows->arrows, &place)))
		for (; arrow; arrow = arrow->next)
			if (is_root(arrow))
				graph.endless[number_of(&graph, arrow->to, arrow->type)] = true;
	begin_with_uncounted(&graph, arrows);
	find_endless(&graph);
	spread(&graph);
	place = 0;
	while ((arrow = trc_table_next(&arrows->arrows, &place)))
		for (; arrow; arrow = arrow->next) {
			arrow->driven =
				is_root(arrow) ||
				(arrow->by_type &&
				 graph.endless[number_of(&graph, arrow->by, arrow->by_type)]);
			if (arrow->driven && !arrow->ask && arrow->to)
				trc_table_put(&arrows->endless, arrow->to, arrows);
		}
	trc_table_clear(&graph.numbers);
	free(graph.steps);
	free(graph.first);
	free(graph.to);
	free(graph.endless);
}
