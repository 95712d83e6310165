#include "tracer/analysis/check.h"

#include "tracer/analysis/arrows.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/predict.h"
#include "tracer/analysis/stuck.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct trc_check {
	const struct trc_model *model;
	struct trc__arrows arrows;
	struct trc_findings hazards; /* found on the way */
	uint64_t gap;                /* time of the latest LOST */
};

struct trc_check *trc_check_new(const struct trc_model *model)
{
	struct trc_check *check = trc_zalloc(1, sizeof *check);

	check->model = model;
	check->arrows.model = model;
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
	if (!check)
		return;
	trc__arrows_clear(&check->arrows);
	trc_findings_clear(&check->hazards);
	free(check);
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

void trc_check_event(struct trc_check *check, const struct trc_event *event)
{
	const struct trc_actor *ring[RING_MAX];
	unsigned length;

	switch (event->kind) {
	case TRC_SEND:
	case TRC_REFUSED:
		trc__arrows_event(&check->arrows, event);
		break;
	case TRC_WAIT:
		length = deadline_ring(check->model, event->actor, ring);
		if (length)
			add_deadline_ring(check, ring, length);
		break;
	case TRC_LOST:
		check->gap = event->time ? event->time : 1;
		break;
	}
}

/* --- the end ------------------------------------------------------------------------------------
 */

static void move_hazards(struct trc_check *check, struct trc_findings *findings)
{
	for (size_t i = 0; i < check->hazards.count; i++) {
		enum trc_code code = check->hazards.items[i].code;

		*trc__finding_new(findings, code) = check->hazards.items[i];
	}
	free(check->hazards.items);
	check->hazards = (struct trc_findings){0};
}

static int compare_findings(const void *a, const void *b)
{
	const struct trc_finding *x = a, *y = b;

	if (x->code != y->code)
		return x->code < y->code ? -1 : 1;
	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return strcmp(x->fingerprint, y->fingerprint);
}

void trc_check_finish(struct trc_check *check, bool complete, struct trc_findings *ret_findings)
{
	struct trc_findings findings = {0};
	struct trc_stuck stuck;

	trc_stuck_find(check->model, &stuck);
	trc__evidence(check->model, &stuck, check->gap, &findings);
	trc_stuck_clear(&stuck);
	move_hazards(check, &findings);
	trc__predict(check->model, &check->arrows, !complete || check->gap, &findings);
	if (findings.count)
		qsort(findings.items, findings.count, sizeof *findings.items, compare_findings);
	*ret_findings = findings;
}
