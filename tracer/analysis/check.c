#include "tracer/analysis/check.h"

#include "tracer/analysis/arrows.h"
#include "tracer/analysis/ask-rings.h"
#include "tracer/analysis/causes.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/notify-back.h"
#include "tracer/analysis/predict.h"
#include "tracer/analysis/stuck.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct trc_check {
	const struct trc_model *model;
	struct trc__arrows arrows;
	struct trc__causes causes;
	struct trc_findings certain; /* deadlocks and orphans met on the way */
	struct trc_table keys;       /* 1 + place in `certain` */
	struct trc_table stuck;      /* actors that stand in one of them */
	struct trc_findings hazards;
	struct trc_table dropped; /* struct drop, by target: when a handle was last given up */
	struct trc__gap gap;
	uint64_t credit; /* actors that may be looked at, see look() */
};

struct drop {
	uint64_t time;
};

enum {
	CREDIT_MAX = 4000000,
	STOPPING_NS = 100000000 /* orphans younger than this belong to the stop itself */
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
	free(findings->items);
	*findings = (struct trc_findings){0};
}

void trc_check_free(struct trc_check *check)
{
	struct drop *drop;
	size_t place = 0;

	if (!check)
		return;
	trc__arrows_clear(&check->arrows);
	trc__causes_clear(&check->causes);
	trc_findings_clear(&check->certain);
	trc_findings_clear(&check->hazards);
	trc_table_clear(&check->keys);
	trc_table_clear(&check->stuck);
	while ((drop = trc_table_next(&check->dropped, &place)))
		free(drop);
	trc_table_clear(&check->dropped);
	free(check);
}

/* --- looking ------------------------------------------------------------------------------------
 *
 * A deadlock stays until the program is stopped; at the end of the trace its actors may all have
 * been cancelled and ended. So we look when a wait may have closed a ring, when somebody else gets
 * stuck behind a known one, and before somebody is cancelled. A look costs time in proportion to
 * the actors; each event earns credit for it, so that all looks together stay linear.
 */

static bool is_young(const struct trc_check *check, const struct trc_finding *finding)
{
	uint64_t formed = finding->time;

	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct drop *drop = trc_table_find(&check->dropped, finding->edges[i].to);

		if (drop && drop->time > formed)
			formed = drop->time;
	}
	return trc_model_time(check->model) - formed < STOPPING_NS;
}

static void remember(struct trc_check *check, struct trc_finding *finding)
{
	uint64_t key = trc__evidence_key(check->model, finding);
	uintptr_t place = (uintptr_t)trc_table_find(&check->keys, key);

	for (unsigned i = 0; i < finding->edge_count; i++)
		trc_table_put(&check->stuck, finding->edges[i].from, check);
	if (place) {
		/* While a program stops, its victims leave one by one. */
		struct trc_finding *known = &check->certain.items[place - 1];
		bool more = finding->edge_count > known->edge_count;
		struct trc_finding less = more ? *known : *finding;

		if (more)
			*known = *finding;
		known->lowered |= less.lowered;
		trc_finding_clear(&less);
		return;
	}
	*trc__finding_new(&check->certain, finding->code) = *finding;
	trc_table_put(&check->keys, key, (void *)(uintptr_t)check->certain.count);
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

		if (stopping && finding->code == TRC_CODE_ORPHAN_WAIT && is_young(check, finding))
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

void trc_check_before(struct trc_check *check, const struct trc_event *event)
{
	bool stopping = false;

	switch (event->kind) {
	case TRC_WAKE:
		stopping = event->type == TRC_WAKE_CANCELLED;
		break;
	case TRC_TOKEN_DROP:
		stopping = is_between_messages(check->model, event->actor);
		break;
	case TRC_END:
		stopping = event->type == TRC_END_STOPPED || event->type == TRC_END_SHUTDOWN;
		break;
	}
	if (stopping && afford(check, 0))
		look(check, true);
}

/* --- rings that only a deadline can break -------------------------------------------------------
 */

enum { RING_MAX = 64 };

/* The ring that the actor's new wait has just closed, and that has a deadline in it. Waits with
 * several targets have other ways out and are left alone. Returns its length, or 0. */
static unsigned deadline_ring(const struct trc_model *model, uint64_t actor,
			      const struct trc_actor **ring)
{
	const struct trc_actor *at = trc_model_actor(model, actor);
	bool deadline = false;
	unsigned length = 0;

	while (length < RING_MAX) {
		uint64_t party;

		if (!at || at->state != TRC_WAITING || at->wait.target_count != 1 ||
		    trc_model_target_met(model, &at->wait.targets[0]))
			return 0;
		deadline |= at->wait.deadline != 0;
		ring[length++] = at;
		party = trc_model_target_party(model, &at->wait.targets[0]);
		if (party == actor)
			return deadline ? length : 0;
		at = trc_model_actor(model, party);
	}
	return 0;
}

static void add_deadline_ring(struct trc_check *check, const struct trc_actor **ring,
			      unsigned length)
{
	struct trc_findings *hazards = &check->hazards;
	struct trc_finding *finding = trc__finding_new(hazards, TRC_CODE_DEADLINE_CYCLE);

	finding->title = trc_format("%u actor%s waited for each other until a deadline passed",
				    length, length == 1 ? "" : "s");
	finding->reason = trc_strdup("");
	finding->time = trc_model_time(check->model);
	finding->actor_count = finding->edge_count = finding->core_edge_count = length;
	finding->actors = trc_alloc(length * sizeof *finding->actors);
	finding->edges = trc_alloc(length * sizeof *finding->edges);
	for (unsigned i = 0; i < length; i++) {
		finding->actors[i] = ring[i]->id;
		trc__edge_of_wait(check->model, ring[i], &ring[i]->wait.targets[0],
				  &finding->edges[i]);
	}
	trc__fingerprint(finding);
	for (size_t i = 0; i + 1 < hazards->count; i++)
		if (strcmp(hazards->items[i].fingerprint, finding->fingerprint) == 0) {
			hazards->items[i].instances++;
			trc_finding_clear(finding);
			hazards->count--;
			return;
		}
}

static void note_drop(struct trc_check *check, const struct trc_event *event)
{
	struct drop *drop = trc_table_find(&check->dropped, event->id);

	if (event->id == 0)
		return;
	if (!drop) {
		drop = trc_zalloc(1, sizeof *drop);
		trc_table_put(&check->dropped, event->id, drop);
	}
	drop->time = event->time;
}

static void note_wait(struct trc_check *check, const struct trc_event *event)
{
	const struct trc_actor *ring[RING_MAX];
	unsigned length = deadline_ring(check->model, event->actor, ring);

	if (length)
		add_deadline_ring(check, ring, length);
	if ((waits_for_stuck(check, event->actor) ||
	     trc_stuck_suspected(check->model, event->actor)) &&
	    afford(check, CREDIT_MAX / 2))
		look(check, false);
}

void trc_check_event(struct trc_check *check, const struct trc_event *event)
{
	if (check->credit < CREDIT_MAX)
		check->credit++;
	trc__causes_event(&check->causes, event);
	switch (event->kind) {
	case TRC_SEND:
	case TRC_REFUSED:
		trc__arrows_event(&check->arrows, event);
		break;
	case TRC_WAIT:
		note_wait(check, event);
		break;
	case TRC_HANDLE_DROP:
		note_drop(check, event);
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
		trc_finding_copy(&from->items[i], trc__finding_new(to, from->items[i].code));
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

void trc_check_finish(struct trc_check *check, bool complete, struct trc_findings *ret_findings)
{
	struct trc_findings findings = {0};

	look(check, false);
	copy_findings(&check->certain, &findings);
	copy_findings(&check->hazards, &findings);
	trc__ask_rings(&check->causes, !complete || check->gap.end, &findings);
	trc__predict(check->model, &check->arrows, !complete || check->gap.end, &findings);
	trc__notify_back(&check->causes, &findings);
	if (findings.count)
		qsort(findings.items, findings.count, sizeof *findings.items, compare_findings);
	*ret_findings = findings;
}
