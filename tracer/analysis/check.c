#include "tracer/analysis/check.h"

#include "tracer/analysis/arrows.h"
#include "tracer/analysis/ask-rings.h"
#include "tracer/analysis/causes.h"
#include "tracer/analysis/deadline-rings.h"
#include "tracer/analysis/drive.h"
#include "tracer/analysis/drops.h"
#include "tracer/analysis/edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/handle-cycles.h"
#include "tracer/analysis/keeps.h"
#include "tracer/analysis/kind-rings-private.h"
#include "tracer/analysis/limits.h"
#include "tracer/analysis/notify-back.h"
#include "tracer/analysis/predict.h"
#include "tracer/analysis/proofs.h"
#include "tracer/analysis/stalls.h"
#include "tracer/analysis/stuck.h"
#include "tracer/analysis/unknowns.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct trc_check {
	const struct trc_model *model;
	struct trc__arrows arrows;
	struct trc__causes causes;
	struct trc_findings certain; /* deadlocks and orphans met on the way */
	struct trc_table cores;      /* 1 + place in `certain`, by actor */
	struct trc_table stuck;      /* actors that stand in one of them */
	struct trc_findings hazards;
	struct trc__drops drops;
	struct trc__keeps keeps;
	struct trc__stalls stalls;
	struct trc__unknowns unknowns;
	bool stopped; /* the system has begun to stop */
	struct trc__gap gap;
	uint64_t moved_in, moved_of; /* message in which a token travels, and its asker */
	uint64_t credit;             /* actors that may be looked at, see look() */
};

enum {
	CREDIT_MAX = 4000000,
	STOPPING_NS = 100000000 /* what is younger than this belongs to the stop itself */
};

struct trc_check *trc_check_new(const struct trc_model *model)
{
	struct trc_check *check = trc_zalloc(1, sizeof *check);

	check->model = model;
	check->arrows.model = model;
	check->causes.model = model;
	check->credit = CREDIT_MAX;
	return check;
}

void trc_findings_clear(struct trc_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++)
		trc_finding_clear(&findings->items[i]);
	for (unsigned i = 0; i < findings->cut_count; i++)
		free(findings->cuts[i].text);
	for (unsigned i = 0; i < findings->unknown_count; i++)
		free(findings->unknowns[i].text);
	free(findings->items);
	*findings = (struct trc_findings){0};
}

void trc_check_free(struct trc_check *check)
{
	if (!check)
		return;
	trc__arrows_clear(&check->arrows);
	trc__causes_clear(&check->causes);
	trc_findings_clear(&check->certain);
	trc_findings_clear(&check->hazards);
	trc_table_clear(&check->cores);
	trc_table_clear(&check->stuck);
	trc__drops_clear(&check->drops);
	trc__keeps_clear(&check->keeps);
	trc__stalls_clear(&check->stalls);
	trc__unknowns_clear(&check->unknowns);
	free(check);
}

/* --- looking ------------------------------------------------------------------------------------
 *
 * A deadlock stays until the program is stopped; at the end of the trace its actors may all have
 * been cancelled and ended. So we look when a wait, a token sent on, or a message that fills a
 * mailbox may have closed a ring, when somebody else gets stuck behind a known one, and before
 * somebody is cancelled. A look costs time in proportion to the actors; each event earns credit for
 * it, so that all looks together stay linear.
 */

/* An idle actor could be woken by whoever had a handle to it, until that was given up. */
static void note_drops(const struct trc_check *check, struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct trc_edge *edge = &finding->edges[i];
		bool orphan = finding->code == TRC_CODE_ORPHAN_WAIT;
		uint64_t time;

		if (!orphan && edge->what != TRC_WHAT_MESSAGE)
			continue;
		time = trc__drops_last(&check->drops, orphan ? edge->to : edge->from);
		if (time > finding->time)
			finding->time = time;
	}
}

/* The finding in whose core the actor has stood since then, or NULL. */
static struct trc_finding *known_core(struct trc_check *check, const struct trc_edge *edge)
{
	uintptr_t place = (uintptr_t)trc_table_find(&check->cores, edge->from);
	struct trc_finding *known = place ? &check->certain.items[place - 1] : NULL;

	for (unsigned i = 0; known && i < known->core_edge_count; i++)
		if (known->edges[i].from == edge->from && known->edges[i].since == edge->since)
			return known;
	return NULL;
}

/* Who waits in `more` but not in `known` has got stuck behind it. While a program stops, its
 * victims leave one by one, so none is forgotten. */
static void add_victims(struct trc_finding *known, const struct trc_finding *more)
{
	size_t edge_room = known->edge_count, victim_room = known->victim_count;
	struct trc_table standing = {0};

	for (unsigned i = 0; i < known->edge_count; i++)
		trc_table_put(&standing, known->edges[i].from, known);
	for (unsigned i = 0; i < more->edge_count; i++) {
		const struct trc_edge *edge = &more->edges[i];

		if (edge->what == TRC_WHAT_MESSAGE || trc_table_find(&standing, edge->from))
			continue;
		trc_table_put(&standing, edge->from, known);
		known->edges =
			trc_grow(known->edges, &edge_room, known->edge_count + 1, sizeof *edge);
		trc__edge_copy(edge, &known->edges[known->edge_count++]);
		known->victims = trc_grow(known->victims, &victim_room, known->victim_count + 1,
					  sizeof *known->victims);
		known->victims[known->victim_count++] = edge->from;
	}
	trc_table_clear(&standing);
}

/* Of orphans at one place, the look that saw most of them counts. */
static void merge(struct trc_check *check, struct trc_finding *known, struct trc_finding *finding)
{
	struct trc_finding less = *finding;

	if (known->code == TRC_CODE_ORPHAN_WAIT && finding->code == TRC_CODE_ORPHAN_WAIT &&
	    finding->core_edge_count > known->core_edge_count) {
		less = *known;
		*known = *finding;
		for (unsigned i = 0; i < known->core_edge_count; i++)
			trc_table_put(&check->cores, known->edges[i].from,
				      (void *)(known - check->certain.items + 1));
	}
	known->lowered |= less.lowered;
	known->victims_lowered |= less.victims_lowered;
	add_victims(known, &less);
	trc_finding_clear(&less);
}

/* A deadlock stays what it was when it began; whoever joins it later is its victim, even when one
 * of its members, which waits for several, waits for that one, too. */
static void remember(struct trc_check *check, struct trc_finding *finding)
{
	struct trc_finding *known = NULL;

	for (unsigned i = 0; i < finding->edge_count; i++)
		trc_table_put(&check->stuck, finding->edges[i].from, check);
	for (unsigned i = 0; i < finding->core_edge_count && !known; i++)
		known = known_core(check, &finding->edges[i]);
	if (known) {
		merge(check, known, finding);
		return;
	}
	*trc__finding_new(&check->certain, finding->code) = *finding;
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		trc_table_put(&check->cores, finding->edges[i].from,
			      (void *)(uintptr_t)check->certain.count);
}

static void look(struct trc_check *check, bool stopping)
{
	struct trc_findings findings = {0};
	struct trc_stuck stuck;

	trc_stuck_find(check->model, &stuck);
	trc__evidence(check->model, &stuck, &check->gap, &findings);
	trc_stuck_clear(&stuck);
	for (size_t i = 0; i < findings.count; i++) {
		struct trc_finding *finding = &findings.items[i];

		note_drops(check, finding);
		if (finding->code == TRC_CODE_ORPHAN_WAIT)
			trc__keeps_tell(&check->keeps, &check->drops, check->model, finding);
		if (stopping && finding->code == TRC_CODE_ORPHAN_WAIT &&
		    trc_model_time(check->model) - finding->time < STOPPING_NS)
			trc_finding_clear(finding);
		else
			remember(check, finding);
	}
	free(findings.items);
}

/* What is kept in reserve is for the end of the program. */
static bool afford(struct trc_check *check, uint64_t reserve)
{
	size_t cost = trc_model_actor_count(check->model);

	if (cost > CREDIT_MAX / 4)
		cost = CREDIT_MAX / 4;
	if (check->credit < cost + reserve)
		return false;
	check->credit -= cost;
	return true;
}

/* Whether the actor's new wait is for somebody known to be stuck. */
static bool waits_for_stuck(const struct trc_check *check, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(check->model, id);

	if (check->stuck.count == 0 || !actor || actor->wait.target_count == 0)
		return false;
	return trc_table_find(&check->stuck,
			      trc_model_target_party(check->model, &actor->wait.targets[0])) !=
	       NULL;
}

static bool is_between_messages(const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	return actor && (actor->state == TRC_IDLE || actor->state == TRC_READY);
}

/* The stop ends all actors, and with them what they held. */
static void note_stop(struct trc_check *check)
{
	uint64_t now = trc_model_time(check->model);

	if (!check->stopped && now >= STOPPING_NS)
		trc__handle_cycles(check->model, &check->drops, &check->gap, now - STOPPING_NS,
				   &check->hazards);
	check->stopped = true;
}

/* The handles in it go with it. */
static void note_discard(struct trc_check *check, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(check->model, event->id);

	for (unsigned i = 0; message && i < message->holding_count; i++)
		trc__drops_note(&check->drops, message->holdings[i].target, event->time);
}

/* Takes out victims that had waited for the actor a short time only. */
static void take_back_victims(struct trc_finding *finding, const struct trc_event *end)
{
	unsigned kept = finding->core_edge_count;

	for (unsigned i = kept; i < finding->edge_count; i++) {
		struct trc_edge *edge = &finding->edges[i];

		if (edge->to == end->actor && end->time - edge->since < STOPPING_NS) {
			trc__edge_clear(edge);
			continue;
		}
		finding->victims[kept - finding->core_edge_count] = edge->from;
		finding->edges[kept++] = *edge;
	}
	finding->victim_count -= finding->edge_count - kept;
	finding->edge_count = kept;
}

/* An actor that stops itself looks idle between its last message and its end, and whoever waits for
 * what it keeps an orphan or a victim; but its end lets go of them. Orphans that are taken back
 * have no instances. */
static void take_back(struct trc_check *check, const struct trc_event *end)
{
	for (size_t i = 0; i < check->certain.count; i++) {
		struct trc_finding *finding = &check->certain.items[i];

		if (finding->code == TRC_CODE_DEADLOCK)
			take_back_victims(finding, end);
		else if (finding->edges[0].to == end->actor &&
			 end->time - finding->time < STOPPING_NS)
			finding->instances = 0;
	}
}

void trc_check_before(struct trc_check *check, const struct trc_event *event)
{
	bool stopping = false;

	trc__stalls_before(&check->stalls, check->model, event, &check->hazards);
	switch (event->kind) {
	case TRC_WAKE:
		stopping = event->type == TRC_WAKE_CANCELLED;
		break;
	case TRC_TOKEN_DROP:
		stopping = is_between_messages(check->model, event->actor);
		break;
	case TRC_DISCARD:
		note_discard(check, event);
		break;
	case TRC_END:
		stopping = event->type == TRC_END_STOPPED || event->type == TRC_END_SHUTDOWN;
		if (event->type == TRC_END_SHUTDOWN)
			note_stop(check);
		break;
	}
	if (!stopping || !afford(check, 0))
		return;
	look(check, true);
	if (event->kind == TRC_END && event->type == TRC_END_STOPPED)
		take_back(check, event);
}

/* The actor's wait is new, or is for somebody else now. */
static void suspect(struct trc_check *check, uint64_t actor)
{
	if ((waits_for_stuck(check, actor) || trc_stuck_suspected(check->model, actor)) &&
	    afford(check, CREDIT_MAX / 2))
		look(check, false);
}

static void note_wait(struct trc_check *check, const struct trc_event *event)
{
	trc__deadline_ring(check->model, event->actor, &check->hazards);
	suspect(check, event->actor);
}

/* The message took the last place of a mailbox. Whoever waited for one behind its sender waits for
 * the owner from now on. Such a ring goes through the owner, so we need not know who that is. */
static void note_filled(struct trc_check *check, uint64_t id)
{
	const struct trc_actor *owner = trc_model_actor(check->model, id);

	if (owner && owner->state == TRC_WAITING && owner->depth == owner->capacity)
		suspect(check, id);
}

/* A token that was sent on may have come to somebody who waits. */
static void note_send(struct trc_check *check, const struct trc_event *event)
{
	trc__arrows_event(&check->arrows, event);
	if (event->kind == TRC_SEND)
		note_filled(check, event->peer);
	if (check->moved_in && check->moved_in == event->id)
		suspect(check, check->moved_of);
	check->moved_in = 0;
}

static void note_move(struct trc_check *check, const struct trc_event *event)
{
	const struct trc_token *token = trc_model_token(check->model, event->id);

	check->moved_in = token ? event->arg : 0;
	check->moved_of = token ? token->asker : 0;
}

void trc_check_event(struct trc_check *check, const struct trc_event *event)
{
	if (check->credit < CREDIT_MAX)
		check->credit++;
	trc__causes_event(&check->causes, event);
	trc__keeps_event(&check->keeps, check->model, event);
	trc__unknowns_event(&check->unknowns, event);
	switch (event->kind) {
	case TRC_SEND:
	case TRC_REFUSED:
		note_send(check, event);
		break;
	case TRC_TOKEN_MOVE:
		note_move(check, event);
		break;
	case TRC_WAIT:
		note_wait(check, event);
		break;
	case TRC_HANDLE_CLONE:
		trc__arrows_event(&check->arrows, event);
		break;
	case TRC_HANDLE_DROP:
	case TRC_HANDLE_MOVE:
		trc__drops_note(&check->drops, event->id, event->time);
		break;
	case TRC_LOST:
		trc__gap_note(&check->gap, event);
		break;
	}
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void copy_findings(const struct trc_findings *from, struct trc_findings *to)
{
	for (size_t i = 0; i < from->count; i++)
		if (from->items[i].instances)
			trc_finding_copy(&from->items[i],
					 trc__finding_new(to, from->items[i].code));
}

static int compare_findings(const void *a, const void *b)
{
	const struct trc_finding *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->code == TRC_CODE_REFUTED && x->core_edge_count != y->core_edge_count)
		return x->core_edge_count < y->core_edge_count ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->fingerprint, y->fingerprint);
}

/* What is not in the trace, lost or left out by filters, may order what seems free, and give a way
 * out of what seems closed. A ring that its deadline did end has no reason to tell. */
static void lower_predictions(struct trc_findings *findings)
{
	for (size_t i = 0; i < findings->count; i++) {
		struct trc_finding *finding = &findings->items[i];

		if (finding->code == TRC_CODE_POTENTIAL_DEADLOCK ||
		    (finding->code == TRC_CODE_DEADLINE_CYCLE && finding->reason[0]))
			finding->lowered = true;
	}
}

void trc_check_finish(struct trc_check *check, bool complete, struct trc_findings *ret_findings)
{
	struct trc_findings findings = {0};
	struct trc__limits limits = {.end = trc_model_time(check->model),
				     .kept_until = check->causes.full_since,
				     .sends_until = check->arrows.full_since};
	bool unseen = trc_model_unseen(check->model) > 0;
	bool missing = !complete || check->gap.end || unseen;

	look(check, false);
	copy_findings(&check->certain, &findings);
	copy_findings(&check->hazards, &findings);
	trc__stalls_at_end(&check->stalls, check->model, &findings);
	trc__handle_cycles(check->model, &check->drops, &check->gap, UINT64_MAX, &findings);
	trc__arrows_open_waits(&check->arrows);
	trc__drive(&check->arrows);
	trc__ask_rings(&check->causes, &check->arrows.endless, missing, &limits, &findings);
	trc__predict(check->model, &check->arrows, !check->causes.full && !check->arrows.full_since,
		     missing, &limits, &findings);
	trc__notify_back(&check->causes, &check->arrows.endless, &limits, &findings);
	if (missing)
		lower_predictions(&findings);
	trc__kind_rings(&check->causes, missing, &findings);
	for (size_t i = 0; i < findings.count; i++)
		trc__proofs_sort(&findings.items[i]);
	trc__limits_tell(&limits, &findings);
	trc__unknowns_tell(&check->unknowns, check->model, &findings);
	trc__limits_clear(&limits);
	if (findings.count)
		qsort(findings.items, findings.count, sizeof *findings.items, compare_findings);
	*ret_findings = findings;
}

void trc_kind_waits_add(struct trc_kind_waits *waits, const struct trc_check *check, unsigned run,
			const char *name)
{
	size_t before = waits->count;

	trc__kind_waits_of(waits, &check->causes, run);
	for (size_t i = before; i < waits->count; i++)
		waits->items[i].edge.origin = trc_format("seen in %s", name);
}
