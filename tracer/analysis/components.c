#include "tracer/analysis/components.h"

#include "tracer/model/memory.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>

struct node {
	uint32_t index; /* from 1; 0: not visited */
	uint32_t low;
	uint32_t next_arrow;
	bool on_stack;
};

struct walk {
	const uint32_t *first, *to;
	struct node *nodes;
	uint32_t *path;  /* from where the walk began to where it is */
	uint32_t *stack; /* visited nodes whose set is not complete yet */
	size_t path_length, depth;
	uint32_t last_index;
	uint32_t count;
	uint32_t *component;
};

static void enter(struct walk *walk, uint32_t place)
{
	struct node *node = &walk->nodes[place];

	node->index = node->low = ++walk->last_index;
	node->next_arrow = walk->first[place];
	node->on_stack = true;
	walk->stack[walk->depth++] = place;
	walk->path[walk->path_length++] = place;
}

static bool has_arrow_to_itself(const struct walk *walk, uint32_t place)
{
	for (uint32_t i = walk->first[place]; i < walk->first[place + 1]; i++)
		if (walk->to[i] == place)
			return true;
	return false;
}

static void complete(struct walk *walk, uint32_t root)
{
	bool cycle = walk->stack[walk->depth - 1] != root || has_arrow_to_itself(walk, root);
	uint32_t place;

	do {
		place = walk->stack[--walk->depth];
		walk->nodes[place].on_stack = false;
		walk->component[place] = cycle ? walk->count : TRC__NO_COMPONENT;
	} while (place != root);
	walk->count += cycle;
}

static void leave(struct walk *walk, uint32_t place)
{
	struct node *node = &walk->nodes[place];

	walk->path_length--;
	if (walk->path_length > 0) {
		struct node *before = &walk->nodes[walk->path[walk->path_length - 1]];

		if (node->low < before->low)
			before->low = node->low;
	}
	if (node->low == node->index)
		complete(walk, place);
}

static void step(struct walk *walk)
{
	uint32_t place = walk->path[walk->path_length - 1];
	struct node *node = &walk->nodes[place];
	uint32_t next;

	if (node->next_arrow == walk->first[place + 1]) {
		leave(walk, place);
		return;
	}
	next = walk->to[node->next_arrow++];
	if (walk->nodes[next].index == 0)
		enter(walk, next);
	else if (walk->nodes[next].on_stack && walk->nodes[next].index < node->low)
		node->low = walk->nodes[next].index;
}

uint32_t trc__components(uint32_t node_count, const uint32_t *first, const uint32_t *to,
			 uint32_t *component)
{
	struct walk walk = {.first = first, .to = to, .component = component};

	walk.nodes = trc_zalloc(node_count, sizeof *walk.nodes);
	walk.path = trc_zalloc(node_count, sizeof *walk.path);
	walk.stack = trc_zalloc(node_count, sizeof *walk.stack);
	for (uint32_t i = 0; i < node_count; i++) {
		if (walk.nodes[i].index == 0)
			enter(&walk, i);
		while (walk.path_length > 0)
			step(&walk);
	}
	free(walk.nodes);
	free(walk.path);
	free(walk.stack);
	return walk.count;
}
