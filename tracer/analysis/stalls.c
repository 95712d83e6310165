/*
 * stalls.c - long stretches in which an actor held others up
 *
 * A stretch is the time in which an actor, within one handler, waited for a timer or for the
 * outside world, or ran without a wait. A long one is no fault by itself; it is when somebody
 * waited meanwhile for this actor's reply, or for space in its mailbox; but not whoever asked for
 * what the actor was handling then, since that answer takes its time. It is known when a wait ends:
 * who answered, or whose mailbox it was, and how much of the wait lies within the last long stretch
 * of that actor. So each event costs the same, however many actors there are.
 */
#include "tracer/analysis/stalls.h"

#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct stretch {
	uint64_t begin, end;
	struct trc_edge edge;
};

static void clear_stretch(struct stretch *stretch)
{
	trc__edge_clear(&stretch->edge);
	free(stretch);
}

void trc__stalls_clear(struct trc__stalls *stalls)
{
	struct stretch *stretch;
	size_t place = 0;

	while ((stretch = trc_table_next(&stalls->last, &place)))
		clear_stretch(stretch);
	trc_table_clear(&stalls->last);
}

static bool is_long(uint64_t begin, uint64_t end)
{
	return end > begin && end - begin >= TRC__STALL_NS;
}

/* --- stretches ----------------------------------------------------------------------------------
 */

static struct stretch *new_stretch(struct trc__stalls *stalls, uint64_t actor)
{
	struct stretch *stretch = trc_table_find(&stalls->last, actor);

	if (stretch) {
		trc__edge_clear(&stretch->edge);
	} else {
		stretch = trc_zalloc(1, sizeof *stretch);
		trc_table_put(&stalls->last, actor, stretch);
	}
	return stretch;
}

static void note_wait(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *actor, uint64_t end)
{
	struct stretch *stretch = new_stretch(stalls, actor->id);

	stretch->begin = actor->wait.since;
	stretch->end = end;
	trc__edge_of_wait(model, actor, &actor->wait.targets[0], &stretch->edge);
}

static void note_run(struct trc__stalls *stalls, const struct trc_model *model,
		     const struct trc_actor *actor, uint64_t end)
{
	static const struct trc_target outside = {TRC_WHAT_OUTSIDE, 0, 0};
	struct stretch *stretch = new_stretch(stalls, actor->id);

	stretch->begin = actor->state_since;
	stretch->end = end;
	trc__edge_of_wait(model, actor, &outside, &stretch->edge);
	stretch->edge.since = actor->state_since;
	stretch->edge.waits = false;
}

/* --- who was held up ----------------------------------------------------------------------------
 */

static uint64_t party_of(const struct trc_model *model, const struct trc_target *target)
{
	const struct trc_token *token =
		target->what == TRC_WHAT_REPLY ? trc_model_token(model, target->object) : NULL;

	if (token && token->state != TRC_TOKEN_OPEN)
		return token->closer;
	return trc_model_target_party(model, target);
}

/* Whether the stretch was part of the answer that is waited for. */
static bool is_served(const struct trc_model *model, const struct trc_target *target,
		      const struct stretch *stretch)
{
	const struct trc_token *token =
		target->what == TRC_WHAT_REPLY ? trc_model_token(model, target->object) : NULL;

	return token && token->message == stretch->edge.message;
}

static void fill_in(const struct trc_model *model, const struct trc_actor *waiter,
		    const struct trc_target *target, const struct stretch *stretch,
		    struct trc_finding *finding)
{
	struct trc_edge *held;
	char *name = trc_model_actor_title(model, stretch->edge.from);

	finding->title = trc_format("%s held others up while it %s", name,
				    !stretch->edge.waits                   ? "ran"
				    : stretch->edge.what == TRC_WHAT_TIMER ? "waited for a timer"
									   : "waited for the "
									     "outside");
	free(name);
	finding->reason = trc_strdup("");
	finding->time = stretch->begin;
	finding->lowered = waiter->gap || trc_model_actor(model, stretch->edge.from)->gap;
	finding->actor_count = finding->victim_count = 1;
	finding->actors = trc_copy(&stretch->edge.from, sizeof *finding->actors);
	finding->victims = trc_copy(&waiter->id, sizeof *finding->victims);
	finding->edges = trc_zalloc(2, sizeof *finding->edges);
	finding->edge_count = 2;
	finding->core_edge_count = 1;
	trc__edge_copy(&stretch->edge, &finding->edges[0]);
	held = &finding->edges[1];
	trc__edge_of_wait(model, waiter, target, held);
	/* A token that was used is nobody's any more. */
	free(held->to_name);
	free(held->to_kind);
	held->to = stretch->edge.from;
	held->to_name = trc_strdup(stretch->edge.from_name);
	held->to_kind = trc_strdup(stretch->edge.from_kind);
	trc__fingerprint(finding);
}

/* Of alike ones, the longest stands for all. */
static void merge(struct trc_findings *findings)
{
	struct trc_finding *last = &findings->items[findings->count - 1];

	for (size_t i = 0; i + 1 < findings->count; i++) {
		struct trc_finding *known = &findings->items[i];
		unsigned instances = known->instances + 1;

		if (known->code != TRC_CODE_STALL ||
		    strcmp(known->fingerprint, last->fingerprint) != 0)
			continue;
		if (last->held > known->held) {
			struct trc_finding less = *known;

			*known = *last;
			*last = less;
		}
		known->instances = instances;
		trc_finding_clear(last);
		findings->count--;
		return;
	}
}

static void note_held(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *waiter, const struct trc_target *target, uint64_t now,
		      struct trc_findings *findings)
{
	uint64_t party = party_of(model, target), begin, end;
	const struct trc_actor *holder = trc_model_actor(model, party);
	const struct stretch *stretch;
	struct trc_finding *finding;

	if (!holder || party == waiter->id)
		return;
	if (holder->state == TRC_RUNNING && is_long(holder->state_since, now))
		note_run(stalls, model, holder, now);
	stretch = trc_table_find(&stalls->last, party);
	if (!stretch)
		return;
	if (is_served(model, target, stretch))
		return;
	begin = stretch->begin > waiter->wait.since ? stretch->begin : waiter->wait.since;
	end = stretch->end < now ? stretch->end : now;
	if (!is_long(begin, end))
		return;
	finding = trc__finding_new(findings, TRC_CODE_STALL);
	finding->held = end - begin;
	fill_in(model, waiter, target, stretch, finding);
	merge(findings);
}

static void wait_ends(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *actor, uint64_t now, struct trc_findings *findings)
{
	const struct trc_wait *wait = &actor->wait;

	if (!is_long(wait->since, now) || wait->target_count == 0)
		return;
	if (wait->targets[0].what == TRC_WHAT_TIMER || wait->targets[0].what == TRC_WHAT_OUTSIDE) {
		note_wait(stalls, model, actor, now);
		return;
	}
	for (unsigned i = 0; i < wait->target_count; i++)
		if (wait->targets[i].what == TRC_WHAT_REPLY ||
		    wait->targets[i].what == TRC_WHAT_SPACE)
			note_held(stalls, model, actor, &wait->targets[i], now, findings);
}

void trc__stalls_before(struct trc__stalls *stalls, const struct trc_model *model,
			const struct trc_event *event, struct trc_findings *findings)
{
	const struct trc_actor *actor;

	if (event->kind != TRC_WAKE && event->kind != TRC_WAIT && event->kind != TRC_DONE)
		return;
	actor = trc_model_actor(model, event->actor);
	if (!actor)
		return;
	if (actor->state == TRC_RUNNING && event->kind != TRC_WAKE) {
		if (is_long(actor->state_since, event->time))
			note_run(stalls, model, actor, event->time);
	} else if (actor->state == TRC_WAITING && event->kind == TRC_WAKE &&
		   event->type != TRC_WAKE_CANCELLED) {
		wait_ends(stalls, model, actor, event->time, findings);
	}
}
