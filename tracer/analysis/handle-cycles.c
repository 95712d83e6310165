/*
 * handle-cycles.c - idle actors that keep each other from ending
 *
 * An actor ends by itself when nobody has a handle to it. A strongly connected set of idle actors,
 * each with a handle to others of it, is never without; the holder of each is idle, and will not
 * give its handles up. Unless it is woken: within such a set life spreads along the handles
 * (life.h), so all of it is live, or all of it is dead. The dead ones are the findings; the live
 * ones are refuted, by the one who can wake a member.
 *
 * Idle actors behind a deadlock or an orphan are left alone: who is stuck there may have been about
 * to let them go, and that finding is the one to mend.
 *
 * A set was dead as soon as the last one who could have woken it was idle or had given up its
 * handle: the latest such time among it and all the dead from which handles lead to it.
 */
#include "tracer/analysis/handle-cycles.h"

#include "tracer/analysis/edges.h"
#include "tracer/analysis/life.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

struct waker {           /* of a live cycle */
	uint32_t holder; /* TRC__NOBODY: the outside */
	uint32_t member; /* TRC__NOBODY: none was found */
};

struct cycles {
	const struct trc_model *model;
	struct trc__life life;
	uint32_t *number; /* of its cycle, by place; or TRC__NO_COMPONENT */
	uint32_t count;
	uint32_t *members; /* places, by cycle */
	uint32_t *ends;    /* where in `members` cycle c begins (c), and ends (c + 1) */
	uint64_t *times;   /* since when it is dead, by place */
	bool *behind;      /* kept by somebody who is stuck, by place */
	struct waker *wakers;
};

static bool is_idle(const struct cycles *cycles, uint32_t place)
{
	return cycles->life.nodes[place].actor->state == TRC_IDLE;
}

/* --- the cycles ---------------------------------------------------------------------------------
 *
 * Who depends on an idle actor and is idle itself does so for its handle.
 */

static void find_cycles(struct cycles *cycles)
{
	const struct trc__life *life = &cycles->life;
	uint32_t *first = trc_alloc((life->count + 1) * sizeof *first), arrows = 0;
	uint32_t *to = trc_alloc((life->link_count + 1) * sizeof *to);

	for (uint32_t n = 0; n < life->count; n++) {
		first[n] = arrows;
		for (uint32_t i = life->nodes[n].dependents; i != TRC__NOBODY && is_idle(cycles, n);
		     i = life->links[i].next)
			if (is_idle(cycles, life->links[i].dependent))
				to[arrows++] = life->links[i].dependent;
	}
	first[life->count] = arrows;
	cycles->number = trc_alloc((life->count + 1) * sizeof *cycles->number);
	cycles->count = trc__components((uint32_t)life->count, first, to, cycles->number);
	free(first);
	free(to);
}

/* By counting, so that members stand in order of spawn. */
static void sort_members(struct cycles *cycles)
{
	cycles->ends = trc_zalloc(cycles->count + 2ul, sizeof *cycles->ends);
	cycles->members = trc_alloc((cycles->life.count + 1) * sizeof *cycles->members);
	for (uint32_t n = 0; n < cycles->life.count; n++)
		if (cycles->number[n] != TRC__NO_COMPONENT)
			cycles->ends[cycles->number[n] + 2]++;
	for (uint32_t c = 0; c < cycles->count; c++)
		cycles->ends[c + 2] += cycles->ends[c + 1];
	for (uint32_t n = 0; n < cycles->life.count; n++)
		if (cycles->number[n] != TRC__NO_COMPONENT)
			cycles->members[cycles->ends[cycles->number[n] + 1]++] = n;
}

/* --- since when ---------------------------------------------------------------------------------
 */

struct start {
	uint64_t time;
	uint32_t place;
};

static int compare_starts(const void *a, const void *b)
{
	const struct start *x = a, *y = b;

	if (x->time != y->time)
		return x->time > y->time ? -1 : 1;
	return (x->place > y->place) - (x->place < y->place);
}

/* Visits the dead that can be reached along handles and waits and were not visited yet. */
static void flood(struct trc__life *life, uint32_t from, bool *visited, uint64_t *times)
{
	uint64_t time = times ? times[from] : 0;

	if (visited[from])
		return;
	visited[from] = true;
	life->stack[life->depth++] = from;
	while (life->depth > 0) {
		uint32_t place = life->stack[--life->depth];

		if (times)
			times[place] = time;
		for (uint32_t i = life->nodes[place].dependents; i != TRC__NOBODY;
		     i = life->links[i].next) {
			uint32_t next = life->links[i].dependent;

			if (!trc__is_dead(life, next) || visited[next])
				continue;
			visited[next] = true;
			life->stack[life->depth++] = next;
		}
	}
}

/* From the latest on, so that each place gets the latest time that reaches it. */
static void find_times(struct cycles *cycles, const struct trc__drops *drops)
{
	struct trc__life *life = &cycles->life;
	struct start *starts = trc_alloc((life->count + 1) * sizeof *starts);
	bool *visited = trc_zalloc(life->count + 1, sizeof *visited);
	size_t count = 0;

	cycles->times = trc_zalloc(life->count + 1, sizeof *cycles->times);
	cycles->behind = trc_zalloc(life->count + 1, sizeof *cycles->behind);
	for (uint32_t n = 0; n < life->count; n++) {
		const struct trc_actor *actor = life->nodes[n].actor;
		uint64_t dropped = trc__drops_last(drops, actor->id);

		if (!trc__is_dead(life, n))
			continue;
		if (trc__is_waiting(life, n))
			flood(life, n, cycles->behind, NULL);
		cycles->times[n] = actor->state_since > dropped ? actor->state_since : dropped;
		starts[count++] = (struct start){cycles->times[n], n};
	}
	if (count)
		qsort(starts, count, sizeof *starts, compare_starts);
	for (size_t i = 0; i < count; i++)
		flood(life, starts[i].place, visited, cycles->times);
	free(starts);
	free(visited);
}

/* --- who can wake a live cycle ------------------------------------------------------------------
 */

static void find_wakers(struct cycles *cycles)
{
	const struct trc__life *life = &cycles->life;

	cycles->wakers = trc_alloc((cycles->count + 1ul) * sizeof *cycles->wakers);
	for (uint32_t c = 0; c < cycles->count; c++)
		cycles->wakers[c] = (struct waker){TRC__NOBODY, TRC__NOBODY};
	for (uint32_t n = 0; n < life->count; n++) {
		const struct trc__life_node *node = &life->nodes[n];
		uint32_t own = cycles->number[n];

		if (own != TRC__NO_COMPONENT &&
		    ((node->actor->flags & TRC_F_SOURCE) || node->actor->unseen ||
		     node->actor->handle_count > node->accounted))
			cycles->wakers[own] = (struct waker){TRC__NOBODY, n};
		for (uint32_t i = node->dependents; i != TRC__NOBODY && node->live;
		     i = life->links[i].next) {
			uint32_t member = life->links[i].dependent, c = cycles->number[member];

			if (c != TRC__NO_COMPONENT && c != own &&
			    cycles->wakers[c].member == TRC__NOBODY)
				cycles->wakers[c] = (struct waker){n, member};
		}
	}
}

/* --- findings -----------------------------------------------------------------------------------
 */

enum { NAMES_MAX = 3 };

static char *title(const struct cycles *cycles, const struct trc_finding *finding)
{
	struct trc_text text = {0};
	unsigned count = finding->actor_count;

	for (unsigned i = 0; i < count && i < NAMES_MAX; i++) {
		char *name = trc_model_actor_title(cycles->model, finding->actors[i]);
		bool last = i + 1 == count;

		trc_text_add(&text, "%s%s", i == 0 ? "" : last ? " and " : ", ", name);
		free(name);
	}
	if (count > NAMES_MAX)
		trc_text_add(&text, " and %u more", count - NAMES_MAX);
	trc_text_add(&text, "%s%s",
		     count == 1 ? " holds a handle to itself" : " hold each other's handles",
		     finding->code == TRC_CODE_REFUTED ? ", but can still be woken"
		     : count == 1                      ? " and so does not end"
						       : " and so do not end");
	return text.data;
}

static char *reason(const struct cycles *cycles, const struct waker *waker)
{
	const struct trc_actor *actor;
	char *member, *holder, *text;

	if (waker->member == TRC__NOBODY)
		return trc_strdup("");
	actor = cycles->life.nodes[waker->member].actor;
	member = trc_model_actor_title(cycles->model, actor->id);
	if (waker->holder != TRC__NOBODY) {
		holder = trc_model_actor_title(cycles->model,
					       cycles->life.nodes[waker->holder].actor->id);
		text = trc_format("%s has a handle to %s, too, and may go on", holder, member);
		free(holder);
	} else if (actor->flags & TRC_F_SOURCE) {
		text = trc_format("%s hears from the outside", member);
	} else if (actor->unseen) {
		text = trc_format("messages to %s were left out by the recording's filters, and "
				  "one may still be there",
				  member);
	} else {
		text = trc_format("the outside has a handle to %s, too: the main program, another "
				  "thread, a timer, a monitor or a registered name",
				  member);
	}
	free(member);
	return text;
}

/* Those of one actor stand together. */
static int compare_edges(const void *a, const void *b)
{
	const struct trc_edge *x = a, *y = b;

	if (x->from != y->from)
		return x->from < y->from ? -1 : 1;
	return (x->to > y->to) - (x->to < y->to);
}

static void add_edges(const struct cycles *cycles, uint32_t cycle, struct trc_finding *finding)
{
	const struct trc__life *life = &cycles->life;
	size_t room = 0;

	for (uint32_t m = cycles->ends[cycle]; m < cycles->ends[cycle + 1]; m++) {
		uint32_t holder = cycles->members[m];

		for (uint32_t i = life->nodes[holder].dependents; i != TRC__NOBODY;
		     i = life->links[i].next) {
			uint32_t kept = life->links[i].dependent;

			if (cycles->number[kept] != cycle)
				continue;
			finding->edges = trc_grow(finding->edges, &room, finding->edge_count + 1,
						  sizeof *finding->edges);
			trc__edge_of_idle(cycles->model, life->nodes[kept].actor,
					  life->nodes[holder].actor->id,
					  &finding->edges[finding->edge_count++]);
		}
	}
	if (finding->edge_count)
		qsort(finding->edges, finding->edge_count, sizeof *finding->edges, compare_edges);
	finding->core_edge_count = finding->edge_count;
}

static void fill_in(const struct cycles *cycles, uint32_t cycle, const struct trc__gap *gap,
		    struct trc_finding *finding)
{
	uint32_t first = cycles->ends[cycle], count = cycles->ends[cycle + 1] - first;

	finding->actors = trc_alloc(count * sizeof *finding->actors);
	finding->lowered = gap->end != 0;
	for (uint32_t i = 0; i < count; i++) {
		const struct trc_actor *actor =
			cycles->life.nodes[cycles->members[first + i]].actor;

		finding->actors[finding->actor_count++] = actor->id;
		finding->lowered |= actor->gap;
		if (actor->state_since > finding->time)
			finding->time = actor->state_since;
	}
	if (finding->code == TRC_CODE_HANDLE_CYCLE)
		finding->time = cycles->times[cycles->members[first]];
	add_edges(cycles, cycle, finding);
	finding->title = title(cycles, finding);
	finding->reason = finding->code == TRC_CODE_REFUTED ? reason(cycles, &cycles->wakers[cycle])
							    : trc_strdup("");
	trc__fingerprint(finding);
}

/* Of cycles that lead through the same kinds, the first stands for all. A dead cycle takes the
 * place of live ones. */
static void merge(struct trc_findings *findings, size_t first)
{
	struct trc_finding *last = &findings->items[findings->count - 1];

	for (size_t i = first; i + 1 < findings->count; i++) {
		struct trc_finding *known = &findings->items[i];

		if (strcmp(known->shape, last->shape) != 0)
			continue;
		if (known->code == last->code)
			known->instances++;
		if (known->code > last->code) {
			struct trc_finding refuted = *known;

			*known = *last;
			*last = refuted;
		}
		trc_finding_clear(last);
		findings->count--;
		return;
	}
}

static void add_cycle(const struct cycles *cycles, uint32_t cycle, const struct trc__gap *gap,
		      uint64_t latest, struct trc_findings *findings, size_t first)
{
	uint32_t member = cycles->members[cycles->ends[cycle]];
	bool dead = trc__is_dead(&cycles->life, member);

	if (dead && (cycles->behind[member] || cycles->times[member] > latest))
		return;
	fill_in(cycles, cycle, gap,
		trc__finding_new(findings, dead ? TRC_CODE_HANDLE_CYCLE : TRC_CODE_REFUTED));
	merge(findings, first);
}

void trc__handle_cycles(const struct trc_model *model, const struct trc__drops *drops,
			const struct trc__gap *gap, uint64_t latest, struct trc_findings *findings)
{
	struct cycles cycles = {.model = model};
	size_t first = findings->count;

	trc__life_find(model, &cycles.life);
	find_cycles(&cycles);
	sort_members(&cycles);
	find_times(&cycles, drops);
	find_wakers(&cycles);
	for (uint32_t c = 0; c < cycles.count; c++)
		add_cycle(&cycles, c, gap, latest, findings, first);
	trc__life_clear(&cycles.life);
	free(cycles.number);
	free(cycles.members);
	free(cycles.ends);
	free(cycles.times);
	free(cycles.behind);
	free(cycles.wakers);
}
