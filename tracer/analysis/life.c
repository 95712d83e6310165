/*
 * life.c - a least fixed point over the wait table
 *
 * `need` of a node says how many of its parties have to come alive before it does (1 for "any", and
 * for idle actors). Live nodes go onto a stack; taking one off lowers the need of all that depend
 * on it. Each node and target is touched once.
 */
#include "tracer/analysis/life.h"

#include "tracer/model/memory.h"

#include <stdlib.h>

static void come_alive(struct trc__life *life, uint32_t place)
{
	if (life->nodes[place].live)
		return;
	life->nodes[place].live = true;
	life->stack[life->depth++] = place;
}

static void depend(struct trc__life *life, uint32_t dependent, uint32_t party)
{
	life->links =
		trc_grow(life->links, &life->link_room, life->link_count + 1, sizeof *life->links);
	life->links[life->link_count] =
		(struct trc__life_link){dependent, life->nodes[party].dependents};
	life->nodes[party].dependents = (uint32_t)life->link_count++;
}

/* What the world outside of the actors brings about, or what has been. */
bool trc__outside_meets(const struct trc_model *model, const struct trc_target *target)
{
	if (target->what == TRC_WHAT_REPLY || target->what == TRC_WHAT_SPACE ||
	    target->what == TRC_WHAT_END)
		return trc_model_target_met(model, target) ||
		       trc_model_target_party(model, target) == 0;
	return true;
}

static void add_waiting(struct trc__life *life, uint32_t place)
{
	struct trc__life_node *node = &life->nodes[place];
	const struct trc_wait *wait = &node->actor->wait;
	uint32_t need = 0;

	if (wait->deadline) {
		come_alive(life, place);
		return;
	}
	for (unsigned i = 0; i < wait->target_count; i++) {
		uint32_t party;

		if (trc__outside_meets(life->model, &wait->targets[i])) {
			if (!wait->any)
				continue;
			come_alive(life, place);
			return;
		}
		need++;
		party = trc__life_place(life,
					trc_model_target_party(life->model, &wait->targets[i]));
		if (party != TRC__NOBODY)
			depend(life, place, party);
	}
	node->need = wait->any ? 1 : need;
	if (need == 0)
		come_alive(life, place);
}

static void account(struct trc__life *life, const struct trc_holding *holdings, unsigned count,
		    uint32_t holder)
{
	for (unsigned i = 0; i < count; i++) {
		uint32_t place = trc__life_place(life, holdings[i].target);

		if (place == TRC__NOBODY || life->nodes[place].actor->state != TRC_IDLE)
			continue;
		life->nodes[place].accounted += holdings[i].count;
		depend(life, place, holder);
	}
}

static void add_holders(struct trc__life *life)
{
	for (uint32_t i = 0; i < life->count; i++) {
		const struct trc_actor *actor = life->nodes[i].actor;

		account(life, actor->holdings, actor->holding_count, i);
		for (const struct trc_message *m = actor->oldest; m; m = m->next)
			account(life, m->holdings, m->holding_count, i);
	}
}

static void add_idle(struct trc__life *life, uint32_t place)
{
	struct trc__life_node *node = &life->nodes[place];
	const struct trc_actor *actor = node->actor;

	node->need = 1;
	/* Handles not accounted for are the outside's, or on their way into a message. There may be
	 * messages that filters leave out. */
	if ((actor->flags & TRC_F_SOURCE) || actor->unseen || actor->handle_count == 0 ||
	    actor->handle_count > node->accounted)
		come_alive(life, place);
}

static void spread_life(struct trc__life *life)
{
	while (life->depth > 0) {
		uint32_t place = life->stack[--life->depth];

		for (uint32_t i = life->nodes[place].dependents; i != TRC__NOBODY;
		     i = life->links[i].next) {
			struct trc__life_node *dependent = &life->nodes[life->links[i].dependent];

			if (!dependent->live && --dependent->need == 0)
				come_alive(life, life->links[i].dependent);
		}
	}
}

void trc__life_find(const struct trc_model *model, struct trc__life *life)
{
	size_t count = trc_model_actor_count(model);

	*life = (struct trc__life){.model = model};
	life->nodes = trc_zalloc(count, sizeof *life->nodes);
	life->stack = trc_zalloc(count, sizeof *life->stack);
	for (size_t i = 0; i < count && life->count < TRC__NOBODY; i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		if (actor->state == TRC_ENDED)
			continue;
		life->nodes[life->count] =
			(struct trc__life_node){.actor = actor, .dependents = TRC__NOBODY};
		life->count++;
		trc_table_put(&life->places, actor->id, (void *)(uintptr_t)life->count);
	}
	add_holders(life);
	for (uint32_t i = 0; i < life->count; i++) {
		switch (life->nodes[i].actor->state) {
		case TRC_WAITING:
			add_waiting(life, i);
			break;
		case TRC_IDLE:
			add_idle(life, i);
			break;
		default:
			come_alive(life, i);
			break;
		}
	}
	spread_life(life);
}

void trc__life_clear(struct trc__life *life)
{
	trc_table_clear(&life->places);
	free(life->nodes);
	free(life->links);
	free(life->stack);
	*life = (struct trc__life){0};
}

uint32_t trc__life_place(const struct trc__life *life, uint64_t actor)
{
	uintptr_t place = (uintptr_t)trc_table_find(&life->places, actor);

	return place ? (uint32_t)(place - 1) : TRC__NOBODY;
}

bool trc__is_dead(const struct trc__life *life, uint32_t place)
{
	return place != TRC__NOBODY && !life->nodes[place].live;
}

bool trc__is_waiting(const struct trc__life *life, uint32_t place)
{
	return life->nodes[place].actor->state == TRC_WAITING;
}
