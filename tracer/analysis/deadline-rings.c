#include "tracer/analysis/deadline-rings.h"

#include "tracer/analysis/edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/model/memory.h"

#include <string.h>

enum { RING_MAX = 64 };

/* The ring that the actor's new wait has just closed, and that has a deadline in it. Waits with
 * several targets have other ways out and are left alone. Returns its length, or 0. */
static unsigned find_ring(const struct trc_model *model, uint64_t actor,
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

static void add_finding(const struct trc_model *model, const struct trc_actor **ring,
			unsigned length, struct trc_findings *hazards)
{
	struct trc_finding *finding = trc__finding_new(hazards, TRC_CODE_DEADLINE_CYCLE);

	finding->title = trc_format("%u actor%s waited for each other until a deadline passed",
				    length, length == 1 ? "" : "s");
	finding->reason = trc_strdup("");
	finding->time = trc_model_time(model);
	finding->actor_count = finding->edge_count = finding->core_edge_count = length;
	finding->actors = trc_alloc(length * sizeof *finding->actors);
	finding->edges = trc_alloc(length * sizeof *finding->edges);
	for (unsigned i = 0; i < length; i++) {
		finding->actors[i] = ring[i]->id;
		trc__edge_of_wait(model, ring[i], &ring[i]->wait.targets[0], &finding->edges[i]);
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

void trc__deadline_ring(const struct trc_model *model, uint64_t actor, struct trc_findings *hazards)
{
	const struct trc_actor *ring[RING_MAX];
	unsigned length = find_ring(model, actor, ring);

	if (length)
		add_finding(model, ring, length, hazards);
}
