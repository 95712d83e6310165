/*
 * notify-back.c - an actor asks, and whoever works for it sends it a message before it answers
 *
 * As long as there is space that is fine. When the mailbox is full, the sender waits for the asker
 * to receive, and the asker waits for the sender. It is possible when the messages of this run can
 * fill the mailbox by then (schedule.h).
 */
#include "tracer/analysis/notify-back.h"

#include "tracer/analysis/await-edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/patterns.h"
#include "tracer/analysis/schedule.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Whether the receiver really waits for the sender then, for ever. */
static bool is_held(const struct trc__causes *causes, uint32_t send, uint64_t receiver)
{
	struct trc__held held[TRC__HELD_MAX];
	unsigned count = trc__held(causes, send, held);

	for (unsigned i = 0; i < count; i++)
		if (held[i].actor == receiver)
			return !held[i].deadline;
	return false;
}

static bool is_told(const struct trc_findings *findings, const struct trc_finding *finding)
{
	for (size_t i = 0; i < findings->count; i++) {
		const struct trc_finding *other = &findings->items[i];

		for (unsigned e = 0; e < other->core_edge_count; e++)
			for (unsigned k = 0; k < finding->edge_count; k++)
				if (other != finding && other->code != TRC_CODE_REFUTED &&
				    other->edges[e].what == finding->edges[k].what &&
				    strcmp(other->edges[e].from_kind,
					   finding->edges[k].from_kind) == 0 &&
				    strcmp(other->edges[e].to_kind, finding->edges[k].to_kind) == 0)
					return true;
	}
	return false;
}

static void tell(const struct trc__causes *causes, uint32_t send, struct trc_findings *findings)
{
	uint64_t receiver = causes->awaits[send].party;
	struct trc_finding *finding = trc__finding_new(findings, TRC_CODE_POTENTIAL_DEADLOCK);
	bool deadline = false;
	char *from, *to;

	trc__add_await(finding, causes, send, receiver, &deadline);
	finding->core_edge_count = finding->edge_count;
	from = trc_model_actor_title(causes->model, causes->ways[causes->awaits[send].way]->from);
	to = trc_model_actor_title(causes->model, receiver);
	finding->title = trc_format("%s sends to %s, which waits for it", from, to);
	finding->reason =
		trc_format("it may happen when %s's mailbox is full by then; enough other "
			   "messages to it can come before",
			   to);
	free(from);
	free(to);
	trc__fingerprint(finding);
	if (is_told(findings, finding)) {
		trc_finding_clear(finding);
		findings->count--;
	}
}

static enum trc__order judge(struct trc__scheduler *scheduler, const struct trc__way *way,
			     uint32_t *ret_send)
{
	enum trc__order best = TRC__ORDER_FIXED;

	for (unsigned i = 0; i < way->kept; i++) {
		uint32_t send = way->awaits[i];
		enum trc__order order;

		if (!is_held(scheduler->causes, send, way->to))
			continue;
		order = trc__schedule_full(scheduler, &send, 1);
		*ret_send = send;
		if (order == TRC__ORDER_REVERSED)
			return order;
		if (order == TRC__ORDER_OPEN)
			best = order;
	}
	return best;
}

static void leave_undecided(const struct trc__causes *causes, const struct trc__way *way,
			    struct trc__limits *limits)
{
	uint64_t arrow = trc_mix(trc_mix(way->from_kind, way->to_kind), way->site);
	char *from = trc_model_actor_title(causes->model, way->from);
	char *to = trc_model_actor_title(causes->model, way->to);

	trc__limits_leave(
		limits, trc__limits_key(&arrow, 1),
		trc_format("%s can fill the mailbox of %s while that waits for it", from, to));
	free(from);
	free(to);
}

void trc__notify_back(const struct trc__causes *causes, const struct trc_table *endless,
		      struct trc__limits *limits, struct trc_findings *findings)
{
	struct trc__scheduler scheduler;
	uint32_t send = 0;

	if (causes->node_count == 0)
		return;
	trc__scheduler_init(&scheduler, causes, endless, TRC__ALL_STEPS_MAX / 2);
	for (size_t w = 0; w < causes->way_count; w++) {
		const struct trc__way *way = causes->ways[w];
		enum trc__order order = way->what == TRC_WHAT_SPACE ? judge(&scheduler, way, &send)
								    : TRC__ORDER_FIXED;

		if (order == TRC__ORDER_REVERSED)
			tell(causes, send, findings);
		else if (order == TRC__ORDER_OPEN)
			leave_undecided(causes, way, limits);
	}
	trc__scheduler_clear(&scheduler);
}
