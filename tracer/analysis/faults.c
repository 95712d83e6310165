#include "tracer/analysis/faults.h"

#include "tracer/analysis/arithmetic.h"
#include "tracer/analysis/await-edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/proofs.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NAMES_MAX = 6 };

/* --- what has been told -------------------------------------------------------------------------
 */

static uint64_t told_key(const struct trc__told *told, const struct trc_edge *edge)
{
	const struct trc_actor *from = trc_model_actor(told->model, edge->from);
	const struct trc_actor *to = trc_model_actor(told->model, edge->to);

	if (!from || !to)
		return 0;
	return trc_mix(trc_mix(from->kind, to->kind) | 1, edge->what == TRC_WHAT_SPACE) | 1;
}

/* A handle, a sleep or the outside says nothing of asks between the same kinds. */
static bool is_wait_for_actor(const struct trc_edge *edge)
{
	return edge->what == TRC_WHAT_REPLY || edge->what == TRC_WHAT_SPACE ||
	       edge->what == TRC_WHAT_END;
}

void trc__told_add(struct trc__told *told, const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		uint64_t key = told_key(told, &finding->edges[i]);

		if (key && is_wait_for_actor(&finding->edges[i]))
			trc_table_put(&told->pairs, key, told);
	}
}

void trc__told_clear(struct trc__told *told)
{
	trc_table_clear(&told->pairs);
}

static bool is_told(const struct trc__told *told, const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->edge_count; i++)
		if (trc_table_find(&told->pairs, told_key(told, &finding->edges[i])))
			return true;
	return false;
}

/* --- words --------------------------------------------------------------------------------------
 */

/* Whether the actor waits; else it is a lock. */
static bool waits(const struct trc_finding *finding, uint64_t actor)
{
	for (unsigned i = 0; i < finding->edge_count; i++)
		if (finding->edges[i].from == actor && finding->edges[i].what != TRC_WHAT_MESSAGE)
			return true;
	return false;
}

static const char *can_text(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_REFUTED:
		return "cannot wait for each other";
	case TRC_CODE_DEADLINE_CYCLE:
		return "can wait for each other until a deadline passes";
	default:
		return "can wait for each other";
	}
}

static char *fault_title(const struct trc_model *model, const struct trc_finding *finding)
{
	struct trc_text text = {0};
	unsigned count = 0, told = 0;

	for (unsigned i = 0; i < finding->actor_count; i++)
		count += waits(finding, finding->actors[i]);
	for (unsigned i = 0; i < finding->actor_count && told < NAMES_MAX; i++) {
		char *name;

		if (!waits(finding, finding->actors[i]))
			continue;
		name = trc_model_actor_title(model, finding->actors[i]);
		trc_text_add(&text, "%s%s",
			     told == 0           ? ""
			     : told + 1 == count ? " and "
						 : ", ",
			     name);
		free(name);
		told++;
	}
	trc_text_add(&text, "%s %s", count > NAMES_MAX ? ", ..." : "", can_text(finding->code));
	return text.data;
}

static bool has_lock(const struct trc__fault *fault, const struct trc__causes *causes)
{
	for (unsigned i = 0; i < fault->count; i++)
		if (trc__is_lock(causes->awaits[fault->awaits[i]].party))
			return true;
	return false;
}

static bool has_join(const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->edge_count; i++)
		if (finding->edges[i].what == TRC_WHAT_END)
			return true;
	return false;
}

static char *possible_reason(const struct trc__fault *fault, const struct trc__causes *causes,
			     const struct trc_finding *finding)
{
	if (fault->order == TRC__ORDER_FREE && has_join(finding) && !fault->space)
		return trc_strdup(
			"it happens when each of them begins to wait before what it waits "
			"for can come; nothing orders them");
	if (fault->order == TRC__ORDER_FREE && has_lock(fault, causes))
		return trc_strdup("it happens when each of them has been given what another asks "
				  "for next; nothing orders them");
	return trc_strdup(
		fault->space ? "it may happen when enough of the messages of this run come "
			       "early, so that the mailbox is full, and each of them has "
			       "begun to handle its message"
		: fault->order == TRC__ORDER_FREE
			? fault->count > 2
				  ? "it happens when each of them has begun to handle its message "
				    "before the question of another arrives; nothing orders them"
				  : "it happens when each of them has begun to handle its message "
				    "before the other's question arrives; nothing orders them"
			: "it may happen when one of them handles its messages in another "
			  "order than in this run, if it still does the same then");
}

static char *escape_reason(const struct trc__causes *causes, uint32_t escape)
{
	const struct trc__way *way = causes->ways[causes->awaits[escape].way];
	char *from = trc_model_actor_title(causes->model, way->from);
	char *to = trc_model_actor_title(causes->model, way->to);
	char *text = trc_format("%s waits for any one of several answers, and %s, which it asked, "
				"too, waits for nobody here",
				from, to);

	free(from);
	free(to);
	return text;
}

static char *full_reason(const struct trc_model *model, const struct trc__way *way,
			 const struct trc__obstacle *obstacle)
{
	char *name = trc_model_actor_title(model, way->to), *text;

	if (obstacle->found >= obstacle->needed)
		text = trc_format("the messages of this run cannot fill the mailbox of %s while "
				  "the others wait",
				  name);
	else
		text = trc_format("of the messages of this run at most %" PRIu32
				  " can be in the mailbox of %s while the others wait, and it has "
				  "space for %" PRIu32,
				  obstacle->found, name, obstacle->needed);
	free(name);
	return text;
}

static char *fixed_reason(const struct trc__causes *causes, const struct trc__obstacle *obstacle)
{
	const struct trc__way *way;
	char *name, *text;

	if (!obstacle->await)
		return trc_strdup(
			"one of them would have to handle two messages at once: the waits "
			"are for different ones of an actor's messages");
	way = causes->ways[causes->awaits[obstacle->await].way];
	if (way->what == TRC_WHAT_SPACE)
		return full_reason(causes->model, way, obstacle);
	name = trc_model_actor_title(causes->model, way->from);
	text = trc_format("ordered by cause: what %s waits for has always come before the others "
			  "can wait",
			  name);
	free(name);
	return text;
}

static char *gate_reason(const struct trc_model *model, uint64_t gate)
{
	char *name = trc_model_actor_title(model, trc__lock_actor(gate));
	char *text =
		trc_format("both waits hold up %s, which %s at a time: while one of them is "
			   "open, the other cannot begin",
			   name, trc__is_lock(gate) ? "gives itself to one" : "does one thing");

	free(name);
	return text;
}

/* --- why not ------------------------------------------------------------------------------------
 */

/* What the gate did for the one wait, and what for the other. */
static void prove_gate(const struct trc__fault *fault, const struct trc__causes *causes,
		       struct trc_finding *finding)
{
	for (unsigned i = 0; i < fault->pattern.length; i++) {
		struct trc__held held[TRC__HELD_MAX];
		unsigned count = trc__held(causes, fault->awaits[i], held);

		for (unsigned h = 0; h < count; h++) {
			const struct trc__await *await = &causes->awaits[held[h].await];

			if (held[h].actor != fault->pattern.gate)
				continue;
			trc__proof_add_node(finding, causes, await->request);
			if (await->closed)
				trc__proof_add_node(finding, causes, await->closed);
		}
	}
}

static void prove_order(const struct trc__causes *causes, const struct trc__obstacle *obstacle,
			struct trc_finding *finding)
{
	const struct trc__await *await = &causes->awaits[obstacle->await];

	if (obstacle->clash[0])
		for (unsigned i = 0; i < 2; i++)
			trc__proof_add_node(finding, causes,
					    trc__closure_first(causes, obstacle->clash[i]));
	if (obstacle->await && causes->ways[await->way]->what == TRC_WHAT_REPLY)
		trc__proof_add_node(finding, causes, await->request);
	trc__proof_add_path(finding, causes, obstacle->nodes, obstacle->count);
}

static void refute(const struct trc__fault *fault, struct trc__scheduler *scheduler,
		   struct trc_finding *finding)
{
	const struct trc__causes *causes = scheduler->causes;
	struct trc__obstacle obstacle;

	if (fault->pattern.gate) {
		finding->reason = gate_reason(causes->model, fault->pattern.gate);
		prove_gate(fault, causes, finding);
		return;
	}
	if (fault->escape) {
		finding->reason = escape_reason(causes, fault->escape);
		trc__proof_add_node(finding, causes, causes->awaits[fault->escape].request);
		if (causes->awaits[fault->escape].closed)
			trc__proof_add_node(finding, causes, causes->awaits[fault->escape].closed);
		return;
	}
	trc__obstacle_find(scheduler, fault->awaits, fault->count, fault->space, &obstacle);
	finding->reason = fixed_reason(causes, &obstacle);
	prove_order(causes, &obstacle, finding);
	if (obstacle.found < obstacle.needed) {
		finding->needed = obstacle.needed;
		finding->peak = finding->fitting = obstacle.found;
	}
	trc__obstacle_clear(&obstacle);
}

/* --- telling ------------------------------------------------------------------------------------
 */

static void add_edges(const struct trc__fault *fault, const struct trc__causes *causes,
		      struct trc_finding *finding, bool *ret_deadline)
{
	*ret_deadline = false;
	for (unsigned i = 0; i < fault->count; i++)
		trc__add_await(finding, causes, fault->awaits[i], fault->enters[i], ret_deadline);
	finding->core_edge_count = finding->edge_count;
}

void trc__fault_tell(const struct trc__fault *fault, struct trc__scheduler *scheduler, bool missing,
		     struct trc__told *told, struct trc_findings *findings)
{
	const struct trc__causes *causes = scheduler->causes;
	struct trc_finding *finding = trc__finding_new(findings, TRC_CODE_REFUTED);
	bool deadline;

	add_edges(fault, causes, finding, &deadline);
	finding->instances = fault->patterns;
	if (fault->judged && fault->order != TRC__ORDER_FIXED) {
		finding->code = deadline ? TRC_CODE_DEADLINE_CYCLE : TRC_CODE_POTENTIAL_DEADLOCK;
		finding->likely = !deadline && fault->order == TRC__ORDER_FREE;
	}
	if (is_told(told, finding)) {
		trc_finding_clear(finding);
		findings->count--;
		return;
	}
	if (finding->code == TRC_CODE_REFUTED) {
		refute(fault, scheduler, finding);
		finding->lowered = missing;
	} else {
		finding->reason = possible_reason(fault, causes, finding);
		if (fault->space)
			trc__arithmetic(finding);
	}
	finding->title = fault_title(causes->model, finding);
	trc__fingerprint(finding);
	trc__told_add(told, finding);
}
