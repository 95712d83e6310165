/*
 * causes.c - builds the order of causes from the events as they come
 *
 * Some 30 bytes a node, and a node for each event that can order others. That is linear in the
 * events, so it is bounded: a run's first TRC__NODES_MAX events of this sort are kept, and `full`
 * says that there were more. Programs repeat themselves; what they never did in millions of events
 * they may still do, and that is said with the findings.
 */
#include "tracer/analysis/causes.h"

#include "tracer/analysis/limits.h"
#include "tracer/analysis/ways.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

/* Where an actor is. */
struct place {
	uint32_t stretch; /* 0: between stretches */
	uint32_t node;    /* its last */
	uint32_t started; /* the end of its start handler, before which it receives nothing */
	uint32_t join;    /* its open wait, when it is for an end */
	uint32_t timer;   /* what it was at when it last set a timer */
	unsigned target_count;
	size_t target_room;
	struct trc_target *targets; /* of its open wait */
};

static struct place *place_of(struct trc__causes *causes, uint64_t actor)
{
	struct place *place = trc_table_find(&causes->actors, actor);

	if (!place && actor) {
		place = trc_zalloc(1, sizeof *place);
		trc_table_put(&causes->actors, actor, place);
	}
	return place;
}

static uint32_t add_node(struct trc__causes *causes, struct place *place, uint32_t other)
{
	uint32_t number = (uint32_t)causes->node_count;

	causes->nodes = trc_grow(causes->nodes, &causes->node_room, causes->node_count + 1,
				 sizeof *causes->nodes);
	causes->nodes[causes->node_count++] = (struct trc__cause){
		.stretch = place ? place->stretch : 0,
		.before = place ? place->node : 0,
		.other = other,
	};
	if (place)
		place->node = number;
	return number;
}

static void put_number(struct trc_table *table, uint64_t key, uint32_t number)
{
	if (key && number)
		trc_table_put(table, key, (void *)(uintptr_t)number);
}

static uint32_t take_number(struct trc_table *table, uint64_t key)
{
	return (uint32_t)(uintptr_t)trc_table_take(table, key);
}

static struct trc__await *await_of(const struct trc__causes *causes, uint64_t token)
{
	uint32_t number = (uint32_t)(uintptr_t)trc_table_find(&causes->tokens, token);

	return number ? &causes->awaits[number] : NULL;
}

/* --- stretches ----------------------------------------------------------------------------------
 */

/* `actor` is not 0. */
static void begin_stretch(struct trc__causes *causes, uint64_t actor, uint32_t cause, uint32_t by)
{
	struct place *place = place_of(causes, actor);

	causes->stretches = trc_grow(causes->stretches, &causes->stretch_room,
				     causes->stretch_count + 1, sizeof *causes->stretches);
	place->stretch = (uint32_t)causes->stretch_count++;
	place->node = place->started;
	causes->stretches[place->stretch] = (struct trc__stretch){
		.actor = actor, .first = (uint32_t)causes->node_count, .by = by};
	add_node(causes, place, cause);
}

static void end_stretch(struct trc__causes *causes, uint64_t actor)
{
	struct place *place = place_of(causes, actor);

	if (place->stretch)
		causes->stretches[place->stretch].last = add_node(causes, place, 0);
	place->stretch = 0;
}

static void note_receive(struct trc__causes *causes, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(causes->model, event->id);
	uint32_t sent = take_number(&causes->sent, event->id);
	uint32_t by = take_number(&causes->parcels, event->id);
	struct trc__await *await = message ? await_of(causes, message->token) : NULL;

	if (sent)
		causes->nodes[sent].receive = (uint32_t)causes->node_count;
	if (await) {
		await->grant = (uint32_t)causes->node_count;
		by = (uint32_t)(await - causes->awaits);
	}
	begin_stretch(causes, event->actor, sent, by);
	trc__acquaint_now(&causes->acquaintance, event->id, event->actor,
			  place_of(causes, event->actor)->node);
}

/* --- waits --------------------------------------------------------------------------------------
 */

/* A send that can wait for space. A question waits for space first, and then for the answer. */
static void note_space(struct trc__causes *causes, const struct trc_event *event, uint32_t before,
		       uint32_t node)
{
	const struct trc_actor *sender = trc_model_actor(causes->model, event->actor);
	unsigned never = TRC_F_TRY | TRC_F_TIMER | TRC_F_DEADLINE;
	uint32_t number;

	if (!before || !causes->nodes[node].stretch || (event->flags & never) || !sender ||
	    (sender->flags & TRC_F_SOURCE) || !event->peer)
		return;
	number = trc__await_add(causes, event, event->peer, TRC_WHAT_SPACE, before);
	causes->awaits[number].grant = causes->awaits[number].closed = node;
	causes->awaits[number].waited = true;
	causes->awaits[number].group = node;
}

static void note_send(struct trc__causes *causes, const struct trc_event *event)
{
	struct place *place = place_of(causes, event->actor);
	struct place *to = place_of(causes, event->peer);
	bool timer = event->flags & TRC_F_TIMER;
	uint32_t known = trc__acquainted_since(&causes->acquaintance, event->actor, event->peer);
	uint32_t before, node;

	/* In this stretch, or before it anyway. */
	if (!place || known <= place->started || causes->nodes[known].stretch == place->stretch)
		known = 0;
	before = known ? add_node(causes, place, known) : place ? place->node : 0;
	node = add_node(causes, place, timer && to ? to->timer : 0);
	put_number(&causes->sent, event->id, node);
	note_space(causes, event, before, node);
	if (event->arg && event->actor && event->peer)
		put_number(&causes->tokens, event->arg,
			   trc__await_add(causes, event, event->peer, TRC_WHAT_REPLY, node));
}

static void note_target(struct trc__causes *causes, const struct trc_event *event,
			struct trc_target target, bool alone)
{
	struct place *place = place_of(causes, event->actor);
	struct trc__await *await = await_of(causes, target.object);

	if (target.what == TRC_WHAT_REPLY && await) {
		await->waited = !(event->flags & TRC_F_ANY) || alone;
		await->any = !await->waited;
		await->sibling = 0;
		await->deadline = event->arg != 0;
		await->group = place->node;
	}
	place->targets = trc_grow(place->targets, &place->target_room, place->target_count + 1,
				  sizeof *place->targets);
	place->targets[place->target_count++] = target;
}

/* When all it waits for are replies, any one of which is enough. */
static void note_siblings(struct trc__causes *causes, const struct place *place)
{
	struct trc__await *before = NULL, *first = NULL;

	for (unsigned i = 0; i < place->target_count; i++) {
		struct trc__await *await = place->targets[i].what == TRC_WHAT_REPLY
						   ? await_of(causes, place->targets[i].object)
						   : NULL;

		if (!await)
			return;
		if (before)
			before->sibling = (uint32_t)(await - causes->awaits);
		else
			first = await;
		before = await;
	}
	before->sibling = (uint32_t)(first - causes->awaits);
}

static void note_wait(struct trc__causes *causes, const struct trc_event *event)
{
	struct place *place = place_of(causes, event->actor);
	struct trc_target target = {event->type, event->id, event->peer};
	unsigned further = event->payload_size / sizeof target;
	uint32_t node = add_node(causes, place, 0);

	place->target_count = 0;
	if (event->type == TRC_WHAT_END && further == 0 && event->id) {
		uint32_t number = trc__await_add(causes, event, event->id, TRC_WHAT_END, node);

		causes->awaits[number].waited = true;
		causes->awaits[number].deadline = event->arg != 0;
		causes->awaits[number].group = node;
		place->join = number;
	}
	note_target(causes, event, target, further == 0);
	for (unsigned i = 0; i < further; i++) {
		memcpy(&target, event->payload + i * sizeof target, sizeof target);
		note_target(causes, event, target, false);
	}
	if (further && (event->flags & TRC_F_ANY))
		note_siblings(causes, place);
}

static void note_joined(struct trc__causes *causes, struct place *place, uint64_t actor)
{
	const struct place *other = trc_table_find(&causes->actors, actor);
	uint32_t end = other ? other->node : 0;

	if (place->join) {
		causes->awaits[place->join].grant = end;
		causes->awaits[place->join].closed = end;
	}
	add_node(causes, place, end);
}

/* It knows the answers now. */
static void note_wake(struct trc__causes *causes, const struct trc_event *event)
{
	struct place *place = place_of(causes, event->actor);
	bool met = event->type == TRC_WAKE_MET;

	add_node(causes, place, 0);
	for (unsigned i = 0; i < place->target_count; i++) {
		const struct trc_target *target = &place->targets[i];
		const struct trc__await *await = NULL;

		if (target->what == TRC_WHAT_REPLY) {
			/* Those that are not answered may be waited for again. */
			await = await_of(causes, target->object);
			if (await && await->closed)
				take_number(&causes->tokens, target->object);
		}
		if (await && await->closed && met && (!event->id || event->id == target->object))
			add_node(causes, place, await->closed);
		if (target->what == TRC_WHAT_END && met)
			note_joined(causes, place, target->object);
	}
	place->target_count = 0;
	place->join = 0;
}

static void note_close(struct trc__causes *causes, const struct trc_event *event)
{
	uint32_t node = add_node(causes, place_of(causes, event->actor), 0);
	struct trc__await *await = await_of(causes, event->id);

	if (await && !await->closed)
		await->closed = node;
	if (event->flags & TRC_F_LATE)
		take_number(&causes->tokens, event->id);
}

static void note_handle_move(struct trc__causes *causes, const struct trc_event *event)
{
	const struct place *place = trc_table_find(&causes->actors, event->actor);

	if (event->arg)
		trc__acquaint_later(&causes->acquaintance, event->arg, event->id);
	else /* with a reply, or to a new actor: at once */
		trc__acquaint(&causes->acquaintance, event->peer, event->id,
			      place ? place->node : 0);
}

/* From here on the asker waits for somebody else. */
static void note_move(struct trc__causes *causes, const struct trc_event *event)
{
	uint32_t await = (uint32_t)(uintptr_t)trc_table_find(&causes->tokens, event->id);
	const struct place *place = trc_table_find(&causes->actors, event->actor);

	put_number(&causes->parcels, event->arg, await);
	if (await && place && causes->stretches[place->stretch].by == await)
		causes->stretches[place->stretch].passed = place->node;
}

/* The end is a stretch of its own, after the one that led to it. */
static void note_end(struct trc__causes *causes, const struct trc_event *event)
{
	struct place *place = place_of(causes, event->actor);

	end_stretch(causes, event->actor);
	begin_stretch(causes, event->actor, place->node, 0);
	causes->stretches[place->stretch].last = place->node;
	place->stretch = 0;
}

/* A monitor sends its message because of that end. */
static void note_told(struct trc__causes *causes, const struct trc_event *event)
{
	uint32_t sent = (uint32_t)(uintptr_t)trc_table_find(&causes->sent, event->id);
	const struct trc_actor *ended = trc_model_actor(causes->model, event->peer);
	const struct place *place = trc_table_find(&causes->actors, event->peer);

	if (sent && place && ended && ended->state == TRC_ENDED && !causes->nodes[sent].before)
		causes->nodes[sent].before = place->node;
}

/* --- the stream ---------------------------------------------------------------------------------
 */

static void take_event(struct trc__causes *causes, const struct trc_event *event)
{
	struct place *place;

	switch (event->kind) {
	case TRC_SPAWN:
		put_number(&causes->spawned, event->id,
			   add_node(causes, place_of(causes, event->actor), 0));
		trc__acquaint(&causes->acquaintance, event->actor, event->id,
			      (uint32_t)causes->node_count - 1);
		break;
	case TRC_START:
		begin_stretch(causes, event->actor, take_number(&causes->spawned, event->actor), 0);
		break;
	case TRC_END:
		note_end(causes, event);
		break;
	case TRC_SEND:
		note_send(causes, event);
		break;
	case TRC_RECEIVE:
		note_receive(causes, event);
		break;
	case TRC_DONE:
		end_stretch(causes, event->actor);
		place = place_of(causes, event->actor);
		if (event->id == 0 && place->started == 0)
			place->started = place->node;
		break;
	case TRC_HANDLE_CLONE:
		/* A timer is a handle in the hands of the outside. */
		if (event->actor == 0 && event->id)
			place_of(causes, event->id)->timer = place_of(causes, event->id)->node;
		break;
	case TRC_DISCARD:
		take_number(&causes->sent, event->id);
		take_number(&causes->parcels, event->id);
		trc__acquaint_now(&causes->acquaintance, event->id, 0, 0);
		break;
	case TRC_TOLD:
		note_told(causes, event);
		break;
	case TRC_HANDLE_MOVE:
		note_handle_move(causes, event);
		break;
	case TRC_TOKEN_MOVE:
		note_move(causes, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		note_close(causes, event);
		break;
	case TRC_WAIT:
		note_wait(causes, event);
		break;
	case TRC_WAKE:
		note_wake(causes, event);
		break;
	}
}

/* What is not the deed of an actor; a hostile file may claim it of anything. */
static bool is_from_outside(unsigned kind)
{
	return kind == TRC_SPAWN || kind == TRC_SEND || kind == TRC_REPLY ||
	       kind == TRC_TOKEN_DROP || kind == TRC_TOKEN_MOVE || kind == TRC_HANDLE_CLONE ||
	       kind == TRC_HANDLE_MOVE || kind == TRC_TOLD;
}

/* What the nodes from `first` on stand for. */
static void note_facts(struct trc__causes *causes, size_t first, const struct trc_event *event)
{
	const struct trc__fact fact = {
		.time = event->time,
		.actor = event->actor,
		.object = event->id,
		.peer = event->peer,
		.site = event->site,
		.type = event->type,
		.kind = event->kind,
	};

	for (size_t n = first; n < causes->node_count; n++)
		trc__facts_add(&causes->facts, &fact);
}

void trc__causes_event(struct trc__causes *causes, const struct trc_event *event)
{
	size_t first;

	if (causes->node_count == 0) { /* number 0 is none */
		add_node(causes, NULL, 0);
		note_facts(causes, 0, &(struct trc_event){0});
		causes->stretches =
			trc_grow(NULL, &causes->stretch_room, 1, sizeof *causes->stretches);
		causes->awaits = trc_grow(NULL, &causes->await_room, 1, sizeof *causes->awaits);
		memset(causes->stretches, 0, sizeof *causes->stretches);
		memset(causes->awaits, 0, sizeof *causes->awaits);
		causes->stretch_count = causes->await_count = 1;
	}
	if (!event->actor && !is_from_outside(event->kind))
		return;
	if (causes->node_count >= TRC__NODES_MAX) {
		if (!causes->full)
			causes->full_since = event->time;
		causes->full = true;
		return;
	}
	first = causes->node_count;
	take_event(causes, event);
	note_facts(causes, first, event);
}

void trc__causes_clear(struct trc__causes *causes)
{
	struct place *place;
	size_t at = 0;

	while ((place = trc_table_next(&causes->actors, &at))) {
		free(place->targets);
		free(place);
	}
	for (size_t i = 0; i < causes->way_count; i++) {
		free(causes->ways[i]->doing);
		free(causes->ways[i]->awaits);
		free(causes->ways[i]);
	}
	free(causes->nodes);
	trc__facts_clear(&causes->facts);
	free(causes->stretches);
	free(causes->awaits);
	free(causes->ways);
	trc_table_clear(&causes->actors);
	trc_table_clear(&causes->sent);
	trc_table_clear(&causes->spawned);
	trc_table_clear(&causes->tokens);
	trc_table_clear(&causes->parcels);
	trc__acquaintance_clear(&causes->acquaintance);
	trc_table_clear(&causes->way_keys);
	*causes = (struct trc__causes){0};
}
