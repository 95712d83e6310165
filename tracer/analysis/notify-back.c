/*
 * notify-back.c - an actor asks, and whoever works for it sends it a message before it answers
 *
 * As long as there is space that is fine. When the mailbox is full, the sender waits for the asker
 * to receive, and the asker waits for the sender. Which messages could be in the mailbox by then?
 * Those that were not received by cause before the send, and that were not sent because of it. As
 * many as the mailbox takes of them, and it is possible.
 */
#include "tracer/analysis/notify-back.h"

#include "tracer/analysis/await-edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/patterns.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 40000000 };

struct search {
	const struct trc__causes *causes;
	uint8_t *order; /* of each node: PAST or FUTURE of the send, or 0 */
	uint64_t steps;
};

enum { PAST = 1, FUTURE = 2 };

/* Nodes are numbered in an order that agrees with cause. */
static void mark(struct search *search, uint32_t send)
{
	const struct trc__cause *nodes = search->causes->nodes;
	uint8_t *order = search->order;

	memset(order, 0, search->causes->node_count);
	order[send] = PAST;
	for (uint32_t n = send; n > 0; n--)
		if (order[n] == PAST)
			order[nodes[n].before] = order[nodes[n].other] = PAST;
	order[0] = 0;
	order[send] = FUTURE;
	for (uint32_t n = send + 1; n < search->causes->node_count; n++)
		if (order[nodes[n].before] == FUTURE || order[nodes[n].other] == FUTURE)
			order[n] = FUTURE;
}

/* How many messages can be in the mailbox when `send` needs space there; stops at `enough`. */
static uint32_t count_before(struct search *search, uint32_t send, uint64_t mailbox,
			     uint32_t enough)
{
	const struct trc__causes *causes = search->causes;
	uint32_t count = 0;

	mark(search, send);
	for (uint32_t n = 1; n < causes->node_count && count < enough; n++) {
		uint32_t receive = causes->nodes[n].receive;

		if (n != send && receive && search->order[receive] != PAST &&
		    search->order[n] != FUTURE &&
		    causes->stretches[causes->nodes[receive].stretch].actor == mailbox)
			count++;
	}
	return count;
}

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

static bool can_block(struct search *search, const struct trc__way *way, uint32_t *ret_send)
{
	const struct trc_actor *receiver = trc_model_actor(search->causes->model, way->to);

	for (unsigned i = 0; receiver && i < way->kept; i++) {
		uint32_t send = way->awaits[i];

		if (!is_held(search->causes, send, way->to))
			continue;
		if (search->steps < search->causes->node_count) {
			search->steps = 0;
			return false;
		}
		search->steps -= search->causes->node_count;
		*ret_send = send;
		if (count_before(search, search->causes->awaits[send].request, way->to,
				 receiver->capacity) >= receiver->capacity)
			return true;
	}
	return false;
}

void trc__notify_back(const struct trc__causes *causes, struct trc_findings *findings)
{
	struct search search = {.causes = causes, .steps = STEPS_MAX};
	uint32_t send;

	for (size_t w = 0; w < causes->way_count; w++) {
		if (causes->ways[w]->what != TRC_WHAT_SPACE)
			continue;
		if (!search.order)
			search.order = trc_alloc(causes->node_count);
		if (can_block(&search, causes->ways[w], &send))
			tell(causes, send, findings);
	}
	findings->limited |= search.order && search.steps == 0;
	free(search.order);
}
