/*
 * stalls.c - long stretches in which an actor held others up
 *
 * A stretch is the time in which an actor, within one handler, waited for a timer or for the
 * outside world, or ran without a wait. A long one is no fault by itself; it is when somebody
 * waited meanwhile for this actor's reply, or for space in its mailbox; but not whoever asked for
 * what the actor was handling then, since that answer takes its time. Who is held up holds up
 * others in turn: that is a stretch of its own, with the same cause.
 *
 * It is known when a wait ends, or the trace: who answered, or whose mailbox it was, and how much
 * of the wait lies within the present or the last long stretch of that actor. So each event costs
 * the same, however many actors there are.
 *
 * A program that is stopped from outside (SIGSTOP, a suspended machine) does nothing for a while,
 * and that is nobody's fault. A silence of all counts as that when somebody could have gone on in
 * it: had a message to handle, or ran beside another, or its timer had expired. When only one runs,
 * it computes; when all wait, they wait. On a single worker a message has to wait until the others
 * are done, so there it counts for nothing.
 */
#include "tracer/analysis/stalls.h"

#include "tracer/analysis/edges.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum {
	CHAIN_MAX = 64,         /* waits that are followed from one to the next */
	SLACK_NS = 100000000,   /* a timer that is later than this was kept from expiring */
	CREDIT_FIRST = 4000000, /* actors that may be looked at in silences; each event adds one */
};

struct stretch {
	uint64_t begin, end;
	uint64_t serves; /* the message whose asker asked for this; 0: nobody did */
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
	free(stalls->frozen);
}

/* --- the program as a whole ---------------------------------------------------------------------
 */

/* Time that passed for the program. */
static uint64_t active_time(const struct trc__stalls *stalls, uint64_t begin, uint64_t end)
{
	uint64_t time = end > begin ? end - begin : 0;

	for (size_t i = stalls->frozen_count; i > 0 && stalls->frozen[i - 1].end > begin; i--) {
		const struct trc__frozen *frozen = &stalls->frozen[i - 1];
		uint64_t from = frozen->begin > begin ? frozen->begin : begin;
		uint64_t to = frozen->end < end ? frozen->end : end;

		time -= to > from ? to - from : 0;
	}
	return time;
}

static bool is_long(const struct trc__stalls *stalls, uint64_t begin, uint64_t end)
{
	return end > begin && end - begin >= TRC__STALL_NS &&
	       active_time(stalls, begin, end) >= TRC__STALL_NS;
}

/* Whether two actors have run at once, so that there is more than one worker. */
static void note_parallel(struct trc__stalls *stalls, const struct trc_model *model,
			  const struct trc_event *event)
{
	const struct trc_actor *other;

	if (stalls->parallel || (event->kind != TRC_RECEIVE && event->kind != TRC_WAKE))
		return;
	other = trc_model_actor(model, stalls->runner);
	stalls->parallel = other && other->id != event->actor && other->state == TRC_RUNNING;
	stalls->runner = event->actor;
}

/* The time in [begin, end] from which on somebody could have gone on and did not; `end` when there
 * was none. */
static uint64_t frozen_since(const struct trc__stalls *stalls, const struct trc_model *model,
			     uint64_t begin, uint64_t end)
{
	size_t running = 0, ready = 0;
	uint64_t due = end;

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		running += actor->state == TRC_RUNNING;
		ready += actor->state == TRC_READY;
		if (actor->state == TRC_WAITING && actor->wait.deadline &&
		    actor->wait.deadline < due)
			due = actor->wait.deadline;
	}
	if (running == 1 && !stalls->parallel)
		return end;
	if (running > 1 || ready > 0)
		return begin;
	if (end - due <= SLACK_NS)
		return end;
	return due > begin ? due : begin;
}

/* Nobody did anything between the last event and this one. */
static void note_silence(struct trc__stalls *stalls, const struct trc_model *model, uint64_t end)
{
	uint64_t since, cost = trc_model_actor_count(model);

	if (stalls->seen + cost > CREDIT_FIRST + stalls->events) {
		since = stalls->now; /* it would take too long to find out */
	} else {
		since = frozen_since(stalls, model, stalls->now, end);
		stalls->seen += cost;
	}
	if (since == end)
		return;
	stalls->frozen = trc_grow(stalls->frozen, &stalls->frozen_room, stalls->frozen_count + 1,
				  sizeof *stalls->frozen);
	stalls->frozen[stalls->frozen_count++] = (struct trc__frozen){since, end};
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
	stretch->serves = stretch->edge.message;
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
	stretch->serves = stretch->edge.message;
}

/* `actor` was held up by `cause`, and so held others up itself. With `served` it asked for what
 * took long, and so did who asked it. */
static void note_chain(struct trc__stalls *stalls, const struct trc_actor *actor, uint64_t begin,
		       uint64_t end, const struct stretch *cause, bool served)
{
	struct stretch *stretch = new_stretch(stalls, actor->id);

	stretch->begin = begin;
	stretch->end = end;
	stretch->serves = served && actor->current ? actor->current->id : 0;
	trc__edge_copy(&cause->edge, &stretch->edge);
}

/* Whether time or the outside world ends it. */
static bool is_of_world(const struct trc_target *target)
{
	return target->what == TRC_WHAT_TIMER || target->what == TRC_WHAT_OUTSIDE;
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

	return token && stretch->serves && token->message == stretch->serves;
}

static void fill_in(const struct trc_model *model, const struct trc_actor *waiter,
		    const struct trc_target *target, const struct trc_actor *party,
		    const struct stretch *stretch, struct trc_finding *finding)
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
	held->to = party->id;
	held->to_name = trc_strdup(party->name);
	held->to_kind = trc_strdup(trc_model_kind_name(model, party->kind));
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

struct hold {
	const struct trc_actor *party;
	const struct stretch *stretch;
	uint64_t begin, end;
	bool served;
};

static bool find_hold(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *waiter, const struct trc_target *target, uint64_t now,
		      unsigned chain, struct hold *ret_hold);

/* Who waits for several may go on by another one. */
static bool is_simple(const struct trc_wait *wait)
{
	return wait->target_count == 1 || !wait->any;
}

/* The actor's present long stretch, or else its last. */
static const struct stretch *stretch_of(struct trc__stalls *stalls, const struct trc_model *model,
					const struct trc_actor *actor, uint64_t now, unsigned chain)
{
	const struct trc_wait *wait = &actor->wait;
	bool running = actor->state == TRC_RUNNING, waiting = actor->state == TRC_WAITING;
	struct hold hold;

	if (running && is_long(stalls, actor->state_since, now))
		note_run(stalls, model, actor, now);
	if (waiting && wait->target_count > 0 && is_long(stalls, wait->since, now)) {
		if (is_of_world(&wait->targets[0]))
			note_wait(stalls, model, actor, now);
		else if (wait->target_count == 1 && chain < CHAIN_MAX &&
			 find_hold(stalls, model, actor, &wait->targets[0], now, chain + 1, &hold))
			note_chain(stalls, actor, hold.begin, hold.end, hold.stretch, hold.served);
	}
	return trc_table_find(&stalls->last, actor->id);
}

/* Whether the actor whom `waiter` waits for was in a long stretch meanwhile. */
static bool find_hold(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *waiter, const struct trc_target *target, uint64_t now,
		      unsigned chain, struct hold *ret_hold)
{
	uint64_t since = waiter->wait.since;
	struct hold hold;

	if (target->what != TRC_WHAT_REPLY && target->what != TRC_WHAT_SPACE)
		return false;
	hold.party = trc_model_actor(model, party_of(model, target));
	if (!hold.party || hold.party == waiter)
		return false;
	hold.stretch = stretch_of(stalls, model, hold.party, now, chain);
	if (!hold.stretch || hold.stretch->edge.from == waiter->id)
		return false;
	hold.begin = hold.stretch->begin > since ? hold.stretch->begin : since;
	hold.end = hold.stretch->end < now ? hold.stretch->end : now;
	hold.served = is_served(model, target, hold.stretch);
	if (!is_long(stalls, hold.begin, hold.end))
		return false;
	*ret_hold = hold;
	return true;
}

static void add_finding(struct trc__stalls *stalls, const struct trc_model *model,
			const struct trc_actor *waiter, const struct trc_target *target,
			const struct hold *hold, struct trc_findings *findings)
{
	struct trc_finding *finding = trc__finding_new(findings, TRC_CODE_STALL);

	finding->held = active_time(stalls, hold->begin, hold->end);
	fill_in(model, waiter, target, hold->party, hold->stretch, finding);
	merge(findings);
}

/* `now` is the end of the wait, or of the trace. */
static void wait_ends(struct trc__stalls *stalls, const struct trc_model *model,
		      const struct trc_actor *actor, uint64_t now, struct trc_findings *findings)
{
	const struct trc_wait *wait = &actor->wait;
	struct hold hold;

	if (wait->target_count == 0 || !is_long(stalls, wait->since, now))
		return;
	if (is_of_world(&wait->targets[0])) {
		note_wait(stalls, model, actor, now);
		return;
	}
	for (unsigned i = 0; i < wait->target_count; i++) {
		if (!find_hold(stalls, model, actor, &wait->targets[i], now, 0, &hold))
			continue;
		if (!hold.served)
			add_finding(stalls, model, actor, &wait->targets[i], &hold, findings);
		if (is_simple(wait))
			note_chain(stalls, actor, hold.begin, hold.end, hold.stretch, hold.served);
	}
}

void trc__stalls_before(struct trc__stalls *stalls, const struct trc_model *model,
			const struct trc_event *event, struct trc_findings *findings)
{
	const struct trc_actor *actor;

	stalls->events++;
	if (event->time > stalls->now) {
		if (event->time - stalls->now >= TRC__STALL_NS && stalls->events > 1)
			note_silence(stalls, model, event->time);
		stalls->now = event->time;
	}
	note_parallel(stalls, model, event);
	if (event->kind != TRC_WAKE && event->kind != TRC_WAIT && event->kind != TRC_DONE)
		return;
	actor = trc_model_actor(model, event->actor);
	if (!actor)
		return;
	if (actor->state == TRC_RUNNING && event->kind != TRC_WAKE) {
		if (is_long(stalls, actor->state_since, event->time))
			note_run(stalls, model, actor, event->time);
	} else if (actor->state == TRC_WAITING && event->kind == TRC_WAKE) {
		wait_ends(stalls, model, actor, event->time, findings);
	}
}

void trc__stalls_at_end(struct trc__stalls *stalls, const struct trc_model *model,
			struct trc_findings *findings)
{
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		if (actor->state == TRC_WAITING)
			wait_ends(stalls, model, actor, stalls->now, findings);
	}
}
