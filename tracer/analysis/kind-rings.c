/*
 * kind-rings.c - rings in the graph whose nodes are kinds and whose arrows are waits
 *
 * Found by walking from each kind along waits, kinds that come later only, until it comes around.
 * There are few kinds, so that this is soon done; a limit keeps it short all the same.
 *
 * A ring of kinds says little as long as nobody asks which actors could form it. Where actors did,
 * it was judged by them (ask-rings.h). Where older ones always wait for younger ones, or the other
 * way round, none can: that is how trees and lists of one kind are made. And where no actors know
 * each other all around, none can either.
 */
#include "tracer/analysis/components.h"
#include "tracer/analysis/edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/kind-rings-private.h"
#include "tracer/analysis/proofs.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { STEPS_MAX = 200000, RINGS_MAX = 100 };

struct ring {
	unsigned length;
	uint32_t waits[TRC_KIND_RING_MAX];
};

struct search {
	const struct trc_kind_waits *waits;
	uint64_t steps;
	struct ring ring;
	struct ring *found;
	size_t count, room;
};

static int compare_kinds(const struct search *search, uint32_t a, uint32_t b)
{
	return strcmp(search->waits->items[a].edge.from_kind,
		      search->waits->items[b].edge.from_kind);
}

static bool follows(const struct search *search, uint32_t a, uint32_t b)
{
	return strcmp(search->waits->items[a].edge.to_kind,
		      search->waits->items[b].edge.from_kind) == 0;
}

static bool passes_twice(const struct search *search, uint32_t next)
{
	for (unsigned i = 0; i < search->ring.length; i++)
		if (compare_kinds(search, search->ring.waits[i], next) == 0)
			return true;
	return false;
}

/* From the last wait of the ring on; kinds before its first one were begun from already. */
static void walk(struct search *search)
{
	struct ring *ring = &search->ring;
	uint32_t last = ring->waits[ring->length - 1];

	if (follows(search, last, ring->waits[0]) && search->count < RINGS_MAX) {
		search->found = trc_grow(search->found, &search->room, search->count + 1,
					 sizeof *search->found);
		search->found[search->count++] = *ring;
		return;
	}
	for (uint32_t next = 0; next < search->waits->count && search->steps; next++) {
		search->steps--;
		if (!follows(search, last, next) || ring->length == TRC_KIND_RING_MAX ||
		    compare_kinds(search, next, ring->waits[0]) < 0 || passes_twice(search, next))
			continue;
		ring->waits[ring->length++] = next;
		walk(search);
		ring->length--;
	}
}

static void find_rings(struct search *search)
{
	for (uint32_t first = 0; first < search->waits->count; first++) {
		search->ring = (struct ring){.length = 1, .waits = {first}};
		walk(search);
	}
}

static const struct trc_kind_wait *wait_of(const struct search *search, const struct ring *ring,
					   unsigned place)
{
	return &search->waits->items[ring->waits[place]];
}

static struct trc_finding *add_finding(const struct search *search, const struct ring *ring,
				       enum trc_code code, struct trc_findings *findings)
{
	struct trc_finding *finding = trc__finding_new(findings, code);
	struct trc_text title = {0};

	finding->actor_count = finding->edge_count = finding->core_edge_count = ring->length;
	finding->actors = trc_alloc(ring->length * sizeof *finding->actors);
	finding->edges = trc_alloc(ring->length * sizeof *finding->edges);
	for (unsigned i = 0; i < ring->length; i++) {
		const struct trc_edge *edge = &wait_of(search, ring, i)->edge;

		trc__edge_copy(edge, &finding->edges[i]);
		finding->actors[i] = edge->from;
		if (edge->since > finding->time)
			finding->time = edge->since;
		trc_text_add(&title, "%s%s",
			     i == 0                  ? ""
			     : i + 1 == ring->length ? " and "
						     : ", ",
			     edge->from_kind);
	}
	trc_text_add(&title, "%s",
		     ring->length == 1
			     ? code == TRC_CODE_REFUTED
				       ? " and another of its kind cannot wait for each other"
				       : " waits for its own kind"
		     : code == TRC_CODE_REFUTED ? " cannot wait for each other"
						: " wait for each other's kind");
	finding->title = title.data;
	trc__fingerprint(finding);
	return finding;
}

/* --- one run ------------------------------------------------------------------------------------
 */

/* Actors and the arrows between them that belong to a ring of kinds. */
struct crowd {
	struct trc_table numbers; /* 1 + node, by actor */
	uint64_t *actors;
	size_t room;
	uint32_t node_count;
	struct link {
		uint32_t from, to, arrow; /* arrow: which of the ring */
	} * links;
	size_t link_count, link_room;
};

static uint32_t node_of(struct crowd *crowd, uint64_t actor)
{
	uintptr_t number = (uintptr_t)trc_table_find(&crowd->numbers, actor);

	if (!number) {
		number = ++crowd->node_count;
		trc_table_put(&crowd->numbers, actor, (void *)number);
	}
	return (uint32_t)number - 1;
}

static void add_link(struct crowd *crowd, uint64_t from, uint64_t to, uint32_t arrow)
{
	crowd->links = trc_grow(crowd->links, &crowd->link_room, crowd->link_count + 1,
				sizeof *crowd->links);
	crowd->links[crowd->link_count] =
		(struct link){node_of(crowd, from), node_of(crowd, to), arrow};
	crowd->link_count++;
}

static int compare_links(const void *a, const void *b)
{
	const struct link *x = a, *y = b;

	return (x->from > y->from) - (x->from < y->from);
}

/* Whether some of them hang together by every arrow of the ring. */
static bool closes(struct crowd *crowd, unsigned length)
{
	uint32_t *first = trc_zalloc(crowd->node_count + 1ul, sizeof *first);
	uint32_t *to = trc_zalloc(crowd->link_count + 1, sizeof *to);
	uint32_t *number = trc_zalloc(crowd->node_count + 1ul, sizeof *number), count;
	uint8_t *arrows;
	bool found = false;

	if (crowd->link_count)
		qsort(crowd->links, crowd->link_count, sizeof *crowd->links, compare_links);
	for (size_t i = 0; i < crowd->link_count; i++) {
		first[crowd->links[i].from + 1]++;
		to[i] = crowd->links[i].to;
	}
	for (uint32_t n = 0; n < crowd->node_count; n++)
		first[n + 1] += first[n];
	count = trc__components(crowd->node_count, first, to, number);
	arrows = trc_zalloc(count + 1ul, sizeof *arrows);
	for (size_t i = 0; i < crowd->link_count; i++) {
		uint32_t own = number[crowd->links[i].from];

		if (own == TRC__NO_COMPONENT || number[crowd->links[i].to] != own)
			continue;
		arrows[own] |= (uint8_t)(1u << crowd->links[i].arrow);
		found |= arrows[own] == (1u << length) - 1;
	}
	free(first);
	free(to);
	free(number);
	free(arrows);
	return found;
}

static void clear_crowd(struct crowd *crowd)
{
	trc_table_clear(&crowd->numbers);
	free(crowd->links);
	*crowd = (struct crowd){0};
}

static uint32_t kind_of(const struct trc__causes *causes, uint64_t actor)
{
	const struct trc_actor *found = trc_model_actor(causes->model, actor);

	return found ? found->kind : 0;
}

static bool is_arrow(const struct trc__causes *causes, const struct trc_edge *edge, uint32_t from,
		     uint32_t to)
{
	return from == kind_of(causes, edge->from) && to == kind_of(causes, edge->to);
}

/* Whether actors waited for each other all around, and were judged by that. */
static bool closed_by_waits(const struct trc__causes *causes, const struct search *search,
			    const struct ring *ring)
{
	struct crowd crowd = {0};
	bool closed;

	for (size_t w = 0; w < causes->way_count; w++)
		for (unsigned i = 0; i < ring->length; i++)
			if (causes->ways[w]->what != TRC_WHAT_SPACE &&
			    is_arrow(causes, &wait_of(search, ring, i)->edge,
				     causes->ways[w]->from_kind, causes->ways[w]->to_kind))
				add_link(&crowd, causes->ways[w]->from, causes->ways[w]->to, i);
	closed = closes(&crowd, ring->length);
	clear_crowd(&crowd);
	return closed;
}

/* Whether actors have handles to each other all around. */
static bool closed_by_handles(const struct trc__causes *causes, const struct search *search,
			      const struct ring *ring)
{
	const struct trc__acquainted *pair;
	struct crowd crowd = {0};
	size_t at = 0;
	bool closed;

	while ((pair = trc_table_next(&causes->acquaintance.known, &at)))
		for (unsigned i = 0; i < ring->length; i++)
			if (pair->holder != pair->target &&
			    is_arrow(causes, &wait_of(search, ring, i)->edge,
				     kind_of(causes, pair->holder), kind_of(causes, pair->target)))
				add_link(&crowd, pair->holder, pair->target, i);
	closed = closes(&crowd, ring->length);
	clear_crowd(&crowd);
	return closed;
}

/* 1: always older ones for younger ones, -1: younger for older, 0: neither. */
static int order_of(const struct trc__causes *causes, const struct search *search,
		    const struct ring *ring)
{
	bool older = true, younger = true;

	for (size_t w = 0; w < causes->way_count; w++) {
		const struct trc__way *way = causes->ways[w];

		for (unsigned i = 0; i < ring->length; i++) {
			if (way->what == TRC_WHAT_SPACE ||
			    !is_arrow(causes, &wait_of(search, ring, i)->edge, way->from_kind,
				      way->to_kind))
				continue;
			older &= way->from < way->to;
			younger &= way->from > way->to;
		}
	}
	return older ? 1 : younger ? -1 : 0;
}

static void prove_order(const struct search *search, const struct ring *ring,
			const struct trc__causes *causes, struct trc_finding *finding)
{
	for (unsigned i = 0; i < ring->length; i++) {
		const struct trc_edge *edge = &wait_of(search, ring, i)->edge;
		uint64_t both[2] = {edge->from, edge->to};

		for (unsigned k = 0; k < 2; k++) {
			const struct trc_actor *actor = trc_model_actor(causes->model, both[k]);
			struct trc__fact fact = {.kind = TRC_SPAWN, .object = both[k]};
			char *name;

			if (!actor)
				continue;
			fact.time = actor->spawned;
			fact.actor = actor->parent;
			fact.site = actor->site;
			name = trc_model_actor_title(causes->model, both[k]);
			trc__proof_add(finding, causes->model, &fact,
				       trc_format("%s was spawned", name));
			free(name);
		}
	}
}

static void judge(const struct search *search, const struct ring *ring,
		  const struct trc__causes *causes, bool missing, struct trc_findings *findings)
{
	struct trc_finding *finding;
	int order;

	if (closed_by_waits(causes, search, ring))
		return;
	order = order_of(causes, search, ring);
	if (order == 0 && closed_by_handles(causes, search, ring)) {
		finding = add_finding(search, ring, TRC_CODE_KIND_CYCLE, findings);
		finding->reason = trc_strdup(
			"no actors of this run form the ring, but some of these kinds have handles "
			"to each other all around: if they did what others of their kind did, they "
			"could wait for each other");
		return;
	}
	finding = add_finding(search, ring, TRC_CODE_REFUTED, findings);
	finding->lowered = missing;
	if (order == 0) {
		finding->reason = trc_strdup("only their kinds form a ring: no actors of them have "
					     "handles to each other "
					     "all around");
		return;
	}
	finding->reason = trc_format("only their kinds form a ring: %s always wait for %s ones",
				     order > 0 ? "older ones" : "younger ones",
				     order > 0 ? "younger" : "older");
	prove_order(search, ring, causes, finding);
}

void trc__kind_rings(const struct trc__causes *causes, bool missing, struct trc_findings *findings)
{
	struct trc_kind_waits waits = {0};
	struct search search = {.waits = &waits, .steps = STEPS_MAX};

	trc__kind_waits_of(&waits, causes, 0);
	find_rings(&search);
	for (size_t i = 0; i < search.count; i++)
		judge(&search, &search.found[i], causes, missing, findings);
	free(search.found);
	trc_kind_waits_clear(&waits);
}

/* --- several runs -------------------------------------------------------------------------------
 */

static bool has_wait(const struct trc_kind_waits *waits, const struct trc_kind_wait *like,
		     unsigned run)
{
	for (size_t i = 0; i < waits->count; i++) {
		const struct trc_edge *edge = &waits->items[i].edge;

		if (waits->items[i].run == run && edge->what == like->edge.what &&
		    strcmp(edge->from_kind, like->edge.from_kind) == 0 &&
		    strcmp(edge->to_kind, like->edge.to_kind) == 0)
			return true;
	}
	return false;
}

/* Then that run was judged by itself. */
static bool is_in_one_run(const struct search *search, const struct ring *ring)
{
	for (unsigned r = 0; r < ring->length; r++) {
		unsigned run = wait_of(search, ring, r)->run, count = 0;

		for (unsigned i = 0; i < ring->length; i++)
			count += has_wait(search->waits, wait_of(search, ring, i), run);
		if (count == ring->length)
			return true;
	}
	return false;
}

static bool share_gate(const struct trc_kind_wait *a, const struct trc_kind_wait *b)
{
	for (unsigned i = 0; i < a->gate_count; i++)
		for (unsigned k = 0; k < b->gate_count; k++)
			if (a->gates[i] == b->gates[k])
				return true;
	return false;
}

static bool is_possible(const struct search *search, const struct ring *ring)
{
	for (unsigned i = 0; i < ring->length; i++) {
		if (!wait_of(search, ring, i)->single)
			return false;
		for (unsigned k = i + 1; k < ring->length; k++)
			if (share_gate(wait_of(search, ring, i), wait_of(search, ring, k)))
				return false;
	}
	return ring->length > 1;
}

static bool is_told(const struct trc_findings *findings, const struct trc_finding *finding)
{
	for (size_t i = 0; i < findings->count; i++)
		if (&findings->items[i] != finding &&
		    strcmp(findings->items[i].shape, finding->shape) == 0)
			return true;
	return false;
}

void trc_kind_rings_of_runs(const struct trc_kind_waits *waits, struct trc_findings *findings,
			    unsigned **ret_runs)
{
	struct search search = {.waits = waits, .steps = STEPS_MAX};
	size_t before = findings->count;

	find_rings(&search);
	*ret_runs = trc_zalloc(search.count * TRC_KIND_RING_MAX + 1, sizeof **ret_runs);
	for (size_t i = 0; i < search.count; i++) {
		const struct ring *ring = &search.found[i];
		struct trc_finding *finding;

		if (is_in_one_run(&search, ring) || !is_possible(&search, ring))
			continue;
		finding = add_finding(&search, ring, TRC_CODE_POTENTIAL_DEADLOCK, findings);
		if (is_told(findings, finding)) {
			trc_finding_clear(finding);
			findings->count--;
			continue;
		}
		finding->reason = trc_strdup("no run has all of these waits, but each was seen in "
					     "one of them: it may happen when they come together");
		for (unsigned k = 0; k < ring->length; k++)
			(*ret_runs)[(findings->count - 1 - before) * TRC_KIND_RING_MAX + k] =
				wait_of(&search, ring, k)->run;
	}
	free(search.found);
}
