#include "tracer/analysis/edges.h"
#include "tracer/analysis/evidence.h"

#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <stdlib.h>
#include <string.h>

struct trc_finding *trc__finding_new(struct trc_findings *findings, enum trc_code code)
{
	size_t room = findings->count;
	struct trc_finding *finding;

	findings->items = trc_grow(findings->items, &room, room + 1, sizeof *findings->items);
	finding = &findings->items[findings->count++];
	*finding = (struct trc_finding){.code = code, .instances = 1};
	return finding;
}

/* --- arrows -------------------------------------------------------------------------------------
 */

static void add_edge(struct trc_finding *finding, const struct trc_model *model,
		     const struct trc_actor *actor, const struct trc_target *target)
{
	size_t room = finding->edge_count;

	finding->edges = trc_grow(finding->edges, &room, room + 1, sizeof *finding->edges);
	trc__edge_of_wait(model, actor, target, &finding->edges[finding->edge_count++]);
}

static void add_idle_edge(struct trc_finding *finding, const struct trc_model *model,
			  const struct trc_actor *actor, uint64_t holder)
{
	size_t room = finding->edge_count;

	finding->edges = trc_grow(finding->edges, &room, room + 1, sizeof *finding->edges);
	trc__edge_of_idle(model, actor, holder, &finding->edges[finding->edge_count++]);
}

/* When this target became what it is now: a token may have moved after the wait began. */
static uint64_t formed(const struct trc_model *model, const struct trc_wait *wait,
		       const struct trc_target *target)
{
	const struct trc_token *token;
	const struct trc_actor *owner;

	if (target->what == TRC_WHAT_SPACE) {
		/* Others may have filled it after that. */
		owner = trc_model_actor(model, target->object);
		return owner && owner->youngest && owner->youngest->sent > wait->since
			       ? owner->youngest->sent
			       : wait->since;
	}
	if (target->what != TRC_WHAT_REPLY)
		return wait->since;
	token = trc_model_token(model, target->object);
	return token && token->held_since > wait->since ? token->held_since : wait->since;
}

/* --- victims ------------------------------------------------------------------------------------
 */

struct arrows {
	const struct trc_stuck *stuck;
	struct trc_table claimed; /* actors that stand in a finding */
};

static size_t first_arrow_to(const struct trc_stuck *stuck, uint64_t actor)
{
	size_t low = 0, high = stuck->arrow_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (stuck->arrows[middle].to < actor)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static bool claim(struct arrows *arrows, uint64_t actor)
{
	if (trc_table_find(&arrows->claimed, actor))
		return false;
	trc_table_put(&arrows->claimed, actor, arrows);
	return true;
}

/* Everybody who waits for the finding's actors, directly or not, and stands nowhere else yet. Ways
 * lead through idle ones, too, which are no victims themselves. */
static void find_victims(struct arrows *arrows, const struct trc_model *model,
			 struct trc_finding *finding)
{
	const struct trc_stuck *stuck = arrows->stuck;
	uint64_t *queue =
		trc_alloc((stuck->arrow_count + finding->actor_count + 1) * sizeof *queue);
	size_t first = 0, end = 0, kept = 0;

	for (unsigned i = 0; i < finding->actor_count; i++)
		queue[end++] = finding->actors[i];
	while (first < end) {
		uint64_t actor = queue[first++];

		for (size_t i = first_arrow_to(stuck, actor);
		     i < stuck->arrow_count && stuck->arrows[i].to == actor; i++)
			if (claim(arrows, stuck->arrows[i].from))
				queue[end++] = stuck->arrows[i].from;
	}
	for (size_t i = finding->actor_count; i < end; i++)
		if (trc_model_actor(model, queue[i])->state == TRC_WAITING)
			queue[kept++] = queue[i];
	finding->victim_count = (unsigned)kept;
	finding->victims = trc_copy(queue, kept * sizeof *queue);
	free(queue);
}

static void add_victims(struct trc_finding *finding, struct arrows *arrows,
			const struct trc_model *model)
{
	find_victims(arrows, model, finding);
	for (unsigned i = 0; i < finding->victim_count; i++) {
		const struct trc_actor *actor = trc_model_actor(model, finding->victims[i]);
		unsigned t = 0;

		while (t + 1 < actor->wait.target_count &&
		       trc_model_target_met(model, &actor->wait.targets[t]))
			t++;
		add_edge(finding, model, actor, &actor->wait.targets[t]);
	}
}

void trc__gap_note(struct trc__gap *gap, const struct trc_event *lost)
{
	uint64_t begin = lost->arg < lost->time ? lost->arg : lost->time;

	if (gap->end == 0 || begin < gap->begin)
		gap->begin = begin;
	if (lost->time >= gap->end)
		gap->end = lost->time ? lost->time : 1;
}

/* --- findings -----------------------------------------------------------------------------------
 */

enum { NAMES_MAX = 6 };

/* What was missed before the wait began is made good by the wait itself; what was missed after the
 * ring had closed could not open it. But the questions of a wait for several were sent one by one,
 * while the handler ran; and of who could wake an idle actor nothing is made good: a handle that
 * was cloned in any gap before is not known of. */
static bool touches_gap(const struct trc_edge *edge, const struct trc_model *model,
			const struct trc__gap *gap, uint64_t until)
{
	const struct trc_actor *from = trc_model_actor(model, edge->from);
	const struct trc_actor *to = trc_model_actor(model, edge->to);
	uint64_t since = edge->since;

	if (gap->end == 0)
		return from->gap;
	if (edge->what == TRC_WHAT_MESSAGE || (to && to->state == TRC_IDLE))
		since = 0;
	else if (from->wait.target_count > 1 && from->handler_since < since)
		since = from->handler_since;
	return gap->end >= since && gap->begin <= until;
}

/* Victims may have been let go in any later gap: they wait for somebody who waits, ... */
static void finish(struct trc_finding *finding, const struct trc_model *model,
		   const struct trc__gap *gap)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++)
		finding->lowered |= touches_gap(&finding->edges[i], model, gap, finding->time);
	for (unsigned i = finding->core_edge_count; i < finding->edge_count; i++)
		finding->victims_lowered |= touches_gap(&finding->edges[i], model, gap, UINT64_MAX);
	finding->reason = trc_strdup("");
	trc__fingerprint(finding);
}

static char *deadlock_title(const struct trc_model *model, const struct trc_finding *finding)
{
	struct trc_text text = {0};
	unsigned waiting = 0, told = 0;

	for (unsigned i = 0; i < finding->actor_count; i++)
		waiting += trc_model_actor(model, finding->actors[i])->state == TRC_WAITING;
	if (waiting > 2)
		trc_text_add(&text, "%u actors wait for each other: ", waiting);
	for (unsigned i = 0; i < finding->actor_count && told < NAMES_MAX; i++) {
		char *name;

		if (trc_model_actor(model, finding->actors[i])->state != TRC_WAITING)
			continue;
		name = trc_model_actor_title(model, finding->actors[i]);
		trc_text_add(&text, "%s%s", told == 0 ? "" : waiting == 2 ? " and " : ", ", name);
		free(name);
		told++;
	}
	if (waiting == 1)
		trc_text_add(&text, finding->actor_count == 1
					    ? " waits for itself"
					    : " waits for what only it could bring about");
	else if (waiting == 2)
		trc_text_add(&text, " wait for each other");
	else if (waiting > told)
		trc_text_add(&text, ", ...");
	return text.data;
}

static bool is_member(const struct trc_table *members, uint64_t actor)
{
	return trc_table_find(members, actor) != NULL;
}

struct core {
	struct trc_table members;
	struct trc_stuck_arrow *waking; /* from idle members to those who could wake them */
	size_t waking_count, room;
};

static int compare_waking(const void *a, const void *b)
{
	const struct trc_stuck_arrow *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void list_waking(struct core *sets, const struct trc_stuck *stuck,
			const struct trc_stuck_core *core, const struct trc_model *model)
{
	for (unsigned i = 0; i < core->count; i++)
		for (size_t k = first_arrow_to(stuck, core->actors[i]);
		     k < stuck->arrow_count && stuck->arrows[k].to == core->actors[i]; k++) {
			uint64_t from = stuck->arrows[k].from;

			if (!is_member(&sets->members, from) ||
			    trc_model_actor(model, from)->state != TRC_IDLE)
				continue;
			sets->waking = trc_grow(sets->waking, &sets->room, sets->waking_count + 1,
						sizeof *sets->waking);
			sets->waking[sets->waking_count++] = stuck->arrows[k];
		}
	if (sets->waking_count)
		qsort(sets->waking, sets->waking_count, sizeof *sets->waking, compare_waking);
}

static void add_core_edges(struct trc_finding *finding, const struct trc_model *model,
			   const struct trc_actor *actor, const struct core *sets)
{
	struct trc_stuck_arrow key = {0, actor->id};
	size_t low = 0, high = sets->waking_count;

	for (unsigned t = 0; t < actor->wait.target_count; t++) {
		const struct trc_target *target = &actor->wait.targets[t];
		uint64_t time = formed(model, &actor->wait, target);

		if (trc_model_target_met(model, target) ||
		    !is_member(&sets->members, trc_model_target_party(model, target)))
			continue;
		add_edge(finding, model, actor, target);
		if (time > finding->time)
			finding->time = time;
	}
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare_waking(&sets->waking[middle], &key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < sets->waking_count && sets->waking[low].from == actor->id; low++) {
		add_idle_edge(finding, model, actor, sets->waking[low].to);
		if (actor->state_since > finding->time)
			finding->time = actor->state_since;
	}
}

static void add_deadlock(struct trc_findings *findings, const struct trc_model *model,
			 const struct trc_stuck_core *core, struct arrows *arrows,
			 const struct trc__gap *gap)
{
	struct trc_finding *finding = trc__finding_new(findings, TRC_CODE_DEADLOCK);
	struct core sets = {0};

	finding->actor_count = core->count;
	finding->actors = trc_copy(core->actors, core->count * sizeof *core->actors);
	for (unsigned i = 0; i < core->count; i++) {
		trc_table_put(&sets.members, core->actors[i], finding);
		claim(arrows, core->actors[i]);
	}
	list_waking(&sets, arrows->stuck, core, model);
	for (unsigned i = 0; i < core->count; i++)
		add_core_edges(finding, model, trc_model_actor(model, core->actors[i]), &sets);
	trc_table_clear(&sets.members);
	free(sets.waking);
	finding->core_edge_count = finding->edge_count;
	finding->title = deadlock_title(model, finding);
	add_victims(finding, arrows, model);
	finish(finding, model, gap);
}

/* The unmet target that no one is left to meet. */
static const struct trc_target *orphan_target(const struct trc_model *model,
					      const struct trc_actor *actor,
					      const struct trc_stuck *stuck)
{
	const struct trc_target *found = &actor->wait.targets[0];

	for (unsigned t = 0; t < actor->wait.target_count; t++) {
		const struct trc_target *target = &actor->wait.targets[t];
		uint64_t party = trc_model_target_party(model, target);
		const struct trc_actor *owner = trc_model_actor(model, party);

		if (trc_model_target_met(model, target) || party == 0)
			continue;
		found = target;
		if (!owner || owner->state == TRC_ENDED || owner->state == TRC_IDLE)
			break;
	}
	return found;
}

static char *orphan_title(const struct trc_model *model, const struct trc_actor *actor,
			  const struct trc_target *target, unsigned waiting)
{
	const struct trc_actor *party =
		trc_model_actor(model, trc_model_target_party(model, target));
	char *waiter = waiting > 1 ? trc_format("%u actors wait", waiting) : NULL;
	char *first = trc_model_actor_title(model, actor->id);
	char *other = trc_model_actor_title(model, trc_model_target_party(model, target));
	char *title;

	if (!waiter)
		waiter = trc_format("%s waits", first);
	if (target->what != TRC_WHAT_REPLY)
		title = trc_format("%s for the end of %s, which is idle and which nobody will wake",
				   waiter, other);
	else if (!party || party->state == TRC_ENDED)
		title = trc_format("%s for a reply that %s owed when it ended", waiter, other);
	else
		title = trc_format("%s for a reply that %s keeps, and nobody will wake it", waiter,
				   other);
	free(waiter);
	free(first);
	free(other);
	return title;
}

/* Orphans that wait for the same actor at the same line are one finding. */
static void add_orphans(struct trc_findings *findings, const struct trc_model *model,
			const struct trc_stuck *stuck, struct arrows *arrows,
			const struct trc__gap *gap)
{
	struct trc_table groups = {0}; /* 1 + number of the finding */
	size_t first = findings->count;

	for (unsigned i = 0; i < stuck->orphan_count; i++) {
		const struct trc_actor *actor = trc_model_actor(model, stuck->orphans[i]);
		const struct trc_target *target = orphan_target(model, actor, stuck);
		uint64_t party = trc_model_target_party(model, target);
		uint64_t key = trc_mix(party, actor->wait.site) | 1;
		uintptr_t known = (uintptr_t)trc_table_find(&groups, key);
		const struct trc_actor *holder = trc_model_actor(model, party);
		struct trc_finding *finding;
		uint64_t time = formed(model, &actor->wait, target);
		size_t room;

		if (!claim(arrows, actor->id))
			continue;
		if (known) {
			finding = &findings->items[known - 1];
			finding->instances++;
		} else {
			finding = trc__finding_new(findings, TRC_CODE_ORPHAN_WAIT);
			trc_table_put(&groups, key, (void *)(uintptr_t)findings->count);
		}
		room = finding->actor_count;
		finding->actors = trc_grow(finding->actors, &room, room + 1, sizeof(uint64_t));
		finding->actors[finding->actor_count++] = actor->id;
		add_edge(finding, model, actor, target);
		if (holder && holder->state_since > time)
			time = holder->state_since;
		if (time > finding->time)
			finding->time = time;
	}
	trc_table_clear(&groups);
	for (size_t i = first; i < findings->count; i++) {
		struct trc_finding *finding = &findings->items[i];
		const struct trc_actor *actor = trc_model_actor(model, finding->actors[0]);

		finding->core_edge_count = finding->edge_count;
		finding->title = orphan_title(model, actor, orphan_target(model, actor, stuck),
					      finding->actor_count);
		add_victims(finding, arrows, model);
		finish(finding, model, gap);
	}
}

void trc__evidence(const struct trc_model *model, const struct trc_stuck *stuck,
		   const struct trc__gap *gap, struct trc_findings *findings)
{
	struct arrows arrows = {.stuck = stuck};

	for (unsigned i = 0; i < stuck->core_count; i++)
		for (unsigned k = 0; k < stuck->cores[i].count; k++)
			claim(&arrows, stuck->cores[i].actors[k]);
	for (unsigned i = 0; i < stuck->core_count; i++)
		add_deadlock(findings, model, &stuck->cores[i], &arrows, gap);
	add_orphans(findings, model, stuck, &arrows, gap);
	trc_table_clear(&arrows.claimed);
}

uint64_t trc__evidence_key(const struct trc_model *model, const struct trc_finding *finding)
{
	uint64_t key = finding->code;

	/* More orphans at the same place are no news. */
	if (finding->code == TRC_CODE_ORPHAN_WAIT)
		return trc_mix(trc_mix(key, finding->edges[0].to), finding->edges[0].line) | 1;
	for (unsigned i = 0; i < finding->actor_count; i++) {
		const struct trc_actor *actor = trc_model_actor(model, finding->actors[i]);

		key += trc_mix(actor->id, actor->state == TRC_WAITING ? actor->wait.since
								      : actor->state_since);
	}
	return key | 1;
}
