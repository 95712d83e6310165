/*
 * ask-rings.c - patterns of waits, judged
 *
 * The instances of a fault are tried one after the other until one proves that it can happen, but
 * not for ever: work is limited for each fault and for all. Where a wait of the ring is for any one
 * of several answers, all the others must be out of reach, too: asked of somebody whom the ring
 * holds, or who waits himself for somebody whom it holds.
 */
#include "tracer/analysis/ask-rings.h"

#include "tracer/analysis/faults.h"
#include "tracer/model/memory.h"

#include <stdlib.h>
#include <string.h>

enum { BLOCKERS_MAX = 64, SIBLINGS_MAX = 64 };

struct judge {
	const struct trc__causes *causes;
	struct trc__shapes shapes;
	struct trc__fault *faults;
	size_t count, room;
	struct trc_table known; /* 1 + place in `faults` */
	struct trc__scheduler scheduler;
	const struct trc_table *endless; /* mailboxes */
};

static int compare_numbers(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

static uint64_t pair_key(uint32_t from_kind, uint32_t to_kind)
{
	return trc_mix(from_kind, to_kind) | 1;
}

static uint64_t pattern_key(const struct trc__causes *causes, const struct trc__pattern *pattern)
{
	uint64_t keys[TRC__PATTERN_MAX], key = pattern->gate != 0;

	for (unsigned i = 0; i < pattern->length; i++) {
		const struct trc__way *way = causes->ways[pattern->shapes[i]->way];

		keys[i] =
			trc_mix(pair_key(way->from_kind, way->to_kind),
				(uint64_t)way->site << 8 | trc__is_lock(way->to) << 7 | way->what);
	}
	qsort(keys, pattern->length, sizeof *keys, compare_numbers);
	for (unsigned i = 0; i < pattern->length; i++)
		key = trc_mix(key, keys[i]);
	return key | 1;
}

/* --- judging ------------------------------------------------------------------------------------
 */

/* Waits that are to be open at once. */
struct attempt {
	unsigned count;
	uint32_t awaits[TRC__FAULT_AWAITS];
	uint64_t enters[TRC__FAULT_AWAITS]; /* where each is entered, see struct trc__fault */
};

static bool is_in(const struct attempt *attempt, uint32_t await)
{
	for (unsigned i = 0; i < attempt->count; i++)
		if (attempt->awaits[i] == await)
			return true;
	return false;
}

/* Whether these two could hold what they hold at the same time. */
static bool compatible(const struct trc__causes *causes, uint32_t a, uint32_t b)
{
	struct trc__held x[TRC__HELD_MAX], y[TRC__HELD_MAX];
	unsigned x_count = trc__held(causes, a, x), y_count = trc__held(causes, b, y);

	for (unsigned i = 0; i < x_count; i++)
		for (unsigned k = 0; k < y_count; k++)
			if (x[i].actor == y[k].actor &&
			    (x[i].await == y[k].await ||
			     causes->awaits[x[i].await].group != causes->awaits[y[k].await].group))
				return false;
	return true;
}

static bool all_compatible(const struct trc__causes *causes, const struct attempt *attempt,
			   uint32_t await)
{
	for (unsigned i = 0; i < attempt->count; i++)
		if (!compatible(causes, attempt->awaits[i], await))
			return false;
	return true;
}

static bool holds(const struct trc__causes *causes, const struct attempt *attempt, uint64_t actor)
{
	for (unsigned i = 0; i < attempt->count; i++) {
		struct trc__held held[TRC__HELD_MAX];
		unsigned count = trc__held(causes, attempt->awaits[i], held);

		for (unsigned h = 0; h < count; h++)
			if (held[h].actor == actor)
				return true;
	}
	return false;
}

static bool add(struct attempt *attempt, uint32_t await, uint64_t enters)
{
	if (attempt->count == TRC__FAULT_AWAITS)
		return false;
	attempt->enters[attempt->count] = enters;
	attempt->awaits[attempt->count++] = await;
	return true;
}

/* A wait that holds the actor, and is for somebody who is held; for space or not. */
static bool add_blocker_of(const struct judge *judge, struct attempt *attempt, uint64_t actor,
			   bool space)
{
	const struct trc__causes *causes = judge->causes;
	const uint32_t *numbers;
	size_t count = trc__shapes_holding(&judge->shapes, actor, &numbers);

	for (size_t i = 0; i < count && i < BLOCKERS_MAX; i++) {
		const struct trc__wait_shape *shape = &judge->shapes.shapes[numbers[i]];

		if ((causes->ways[shape->way]->what == TRC_WHAT_SPACE) != space ||
		    !holds(causes, attempt, causes->ways[shape->way]->to))
			continue;
		for (unsigned k = 0; k < shape->instance_count; k++)
			if (!causes->awaits[shape->instances[k]].any &&
			    all_compatible(causes, attempt, shape->instances[k]))
				return add(attempt, shape->instances[k], actor);
	}
	return false;
}

/* Rather one that needs no full mailbox. */
static bool add_blocker(const struct judge *judge, struct attempt *attempt, uint64_t actor)
{
	return add_blocker_of(judge, attempt, actor, false) ||
	       add_blocker_of(judge, attempt, actor, true);
}

/* Adds the other answers that would end this wait, and what keeps them from coming. False when
 * there is one that nothing keeps: *ret_escape is that, or 0 when it is not known. */
static bool close_siblings(const struct judge *judge, struct attempt *attempt, uint32_t await,
			   uint32_t *ret_escape)
{
	const struct trc__await *awaits = judge->causes->awaits;
	uint64_t actor = judge->causes->stretches[awaits[await].stretch].actor;
	uint32_t at = awaits[await].sibling;

	for (unsigned i = 0; at && at != await && i < SIBLINGS_MAX; i++) {
		*ret_escape = at;
		if (awaits[at].group != awaits[await].group)
			break;
		if (!is_in(attempt, at) && (!add(attempt, at, actor) ||
					    (!holds(judge->causes, attempt, awaits[at].party) &&
					     !add_blocker(judge, attempt, awaits[at].party))))
			return false;
		at = awaits[at].sibling;
	}
	*ret_escape = 0;
	return at == await;
}

/* False when one of the waits has another way out. */
static bool close_all(const struct judge *judge, struct attempt *attempt, uint32_t *ret_escape)
{
	for (unsigned i = 0; i < attempt->count; i++)
		if (judge->causes->awaits[attempt->awaits[i]].any &&
		    !close_siblings(judge, attempt, attempt->awaits[i], ret_escape))
			return false;
	return true;
}

static bool has_space(const struct trc__causes *causes, const struct attempt *attempt)
{
	for (unsigned i = 0; i < attempt->count; i++)
		if (causes->ways[causes->awaits[attempt->awaits[i]].way]->what == TRC_WHAT_SPACE)
			return true;
	return false;
}

/* The fault is told by this pattern and attempt. */
static void take(const struct judge *judge, struct trc__fault *fault,
		 const struct trc__pattern *pattern, const struct attempt *attempt)
{
	fault->pattern = *pattern;
	fault->space = has_space(judge->causes, attempt);
	fault->count = attempt->count;
	for (unsigned i = 0; i < attempt->count; i++) {
		fault->awaits[i] = attempt->awaits[i];
		fault->enters[i] = attempt->enters[i];
	}
}

static void note_order(const struct judge *judge, struct trc__fault *fault,
		       const struct trc__pattern *pattern, const struct attempt *attempt,
		       enum trc__order order, uint32_t escape)
{
	if (fault->judged && order >= fault->order)
		return;
	fault->judged = true;
	fault->order = order;
	fault->escape = escape;
	take(judge, fault, pattern, attempt);
}

static void try_attempt(struct judge *judge, struct trc__fault *fault,
			const struct trc__pattern *pattern, struct attempt *attempt)
{
	enum trc__order order;
	uint32_t escape = 0;

	for (unsigned i = 0; i < attempt->count; i++)
		for (unsigned k = i + 1; k < attempt->count; k++)
			if (!compatible(judge->causes, attempt->awaits[i], attempt->awaits[k]))
				return;
	if (!close_all(judge, attempt, &escape)) {
		if (escape) {
			attempt->count = pattern->length;
			note_order(judge, fault, pattern, attempt, TRC__ORDER_FIXED, escape);
		}
		return;
	}
	if (judge->scheduler.steps == 0) {
		fault->cut = true;
		return;
	}
	order = has_space(judge->causes, attempt)
			? trc__schedule_full(&judge->scheduler, attempt->awaits, attempt->count)
			: trc__schedule(&judge->scheduler, attempt->awaits, attempt->count);
	if (order == TRC__ORDER_OPEN)
		fault->cut = true;
	else
		note_order(judge, fault, pattern, attempt, order, 0);
}

/* One instance of each of the pattern's waits. */
static void choose(const struct judge *judge, const struct trc__pattern *pattern,
		   const unsigned *chosen, struct attempt *ret_attempt)
{
	ret_attempt->count = 0;
	for (unsigned i = 0; i < pattern->length; i++) {
		unsigned before = (i + pattern->length - 1) % pattern->length;

		add(ret_attempt, pattern->shapes[i]->instances[chosen[i]],
		    judge->causes->ways[pattern->shapes[before]->way]->to);
	}
}

/* All combinations of instances, as long as there is hope. */
static void try_instances(struct judge *judge, struct trc__fault *fault,
			  const struct trc__pattern *pattern)
{
	unsigned chosen[TRC__PATTERN_MAX] = {0}, place = 0;
	struct attempt attempt;

	while (place < pattern->length && fault->tries < TRC__ORDERS_MAX) {
		if (fault->judged && fault->order == TRC__ORDER_FREE)
			return;
		choose(judge, pattern, chosen, &attempt);
		fault->tries++;
		try_attempt(judge, fault, pattern, &attempt);
		for (place = 0; place < pattern->length; place++) {
			if (++chosen[place] < pattern->shapes[place]->instance_count)
				break;
			chosen[place] = 0;
		}
	}
	fault->cut |= place < pattern->length;
}

static struct trc__fault new_fault(const struct judge *judge, uint64_t key,
				   const struct trc__pattern *pattern)
{
	struct trc__fault fault = {.key = key};
	const unsigned first[TRC__PATTERN_MAX] = {0};
	struct attempt attempt = {0};

	choose(judge, pattern, first, &attempt);
	take(judge, &fault, pattern, &attempt);
	return fault;
}

static void judge_pattern(struct judge *judge, const struct trc__pattern *pattern)
{
	uint64_t key = pattern_key(judge->causes, pattern);
	uintptr_t place = (uintptr_t)trc_table_find(&judge->known, key);
	struct trc__fault *fault;

	if (!place) {
		judge->faults = trc_grow(judge->faults, &judge->room, judge->count + 1,
					 sizeof *judge->faults);
		judge->faults[judge->count++] = new_fault(judge, key, pattern);
		place = judge->count;
		trc_table_put(&judge->known, key, (void *)place);
	}
	fault = &judge->faults[place - 1];
	fault->patterns++;
	if (!pattern->gate)
		try_instances(judge, fault, pattern);
}

/* Rings of mailboxes that fill without end are told elsewhere (predict.c). */
static bool is_endless(const struct judge *judge, const struct trc__pattern *pattern)
{
	for (unsigned i = 0; i < pattern->length; i++) {
		const struct trc__way *way = judge->causes->ways[pattern->shapes[i]->way];

		if (way->what != TRC_WHAT_SPACE || !trc_table_find(judge->endless, way->to))
			return false;
	}
	return true;
}

static void take_pattern(const struct trc__pattern *pattern, void *context)
{
	struct judge *judge = context;

	if (!is_endless(judge, pattern))
		judge_pattern(judge, pattern);
}

/* --- the whole --------------------------------------------------------------------------------
 */

static bool is_all_space(const struct judge *judge, const struct trc__pattern *pattern)
{
	for (unsigned i = 0; i < pattern->length; i++)
		if (judge->causes->ways[pattern->shapes[i]->way]->what != TRC_WHAT_SPACE)
			return false;
	return true;
}

static bool is_possible(const struct trc__fault *fault)
{
	return fault->judged && fault->order != TRC__ORDER_FIXED;
}

/* Rings of full mailboxes only that cannot be are refuted by their arithmetic (predict.c). */
static bool is_worth_telling(const struct judge *judge, const struct trc__fault *fault)
{
	if (is_possible(fault))
		return true;
	return !is_all_space(judge, &fault->pattern) && (fault->judged || fault->pattern.gate);
}

/* What can happen before what cannot, what is short before what is long, and rings of nothing but
 * asks and joins before those with a mailbox. */
static int compare_faults(const void *a, const void *b)
{
	const struct trc__fault *x = a, *y = b;
	unsigned x_order = x->judged ? x->order : TRC__ORDER_OPEN;
	unsigned y_order = y->judged ? y->order : TRC__ORDER_OPEN;

	if (x_order != y_order)
		return x_order < y_order ? -1 : 1;
	if (x->pattern.length != y->pattern.length)
		return x->pattern.length < y->pattern.length ? -1 : 1;
	if (x->space != y->space)
		return x->space - y->space;
	if (x->patterns != y->patterns)
		return x->patterns > y->patterns ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

/* Rings of full mailboxes are known to predict.c by this key, too. */
static uint64_t limits_key(const struct judge *judge, const struct trc__pattern *pattern)
{
	uint64_t arrows[TRC__PATTERN_MAX], key;

	for (unsigned i = 0; i < pattern->length; i++) {
		const struct trc__way *way = judge->causes->ways[pattern->shapes[i]->way];

		arrows[i] = pair_key(way->from_kind, way->to_kind);
	}
	key = trc__limits_key(arrows, pattern->length);
	return is_all_space(judge, pattern) ? key : trc_mix(key, 1) | 1;
}

static void leave_undecided(const struct judge *judge, const struct trc__fault *fault,
			    struct trc__limits *limits)
{
	const struct trc_model *model = judge->causes->model;
	struct trc_text text = {0};

	for (unsigned i = 0; i < fault->pattern.length; i++) {
		const struct trc__way *way = judge->causes->ways[fault->pattern.shapes[i]->way];
		char *name = trc_model_actor_title(model, way->from);

		trc_text_add(&text, "%s%s",
			     i == 0                           ? ""
			     : i + 1 == fault->pattern.length ? " and "
							      : ", ",
			     name);
		free(name);
	}
	trc_text_add(&text, " can %s",
		     is_all_space(judge, &fault->pattern) ? "fill each other's mailboxes"
							  : "wait for each other");
	trc__limits_leave(limits, limits_key(judge, &fault->pattern), text.data);
}

static void tell(struct judge *judge, bool missing, struct trc__told *told,
		 struct trc__limits *limits, struct trc_findings *findings)
{
	if (judge->count)
		qsort(judge->faults, judge->count, sizeof *judge->faults, compare_faults);
	for (size_t i = 0; i < judge->count; i++) {
		const struct trc__fault *fault = &judge->faults[i];

		if (fault->cut && !is_possible(fault))
			leave_undecided(judge, fault, limits);
		else if (is_worth_telling(judge, fault))
			trc__fault_tell(fault, &judge->scheduler, missing, told, findings);
	}
}

void trc__ask_rings(struct trc__causes *causes, const struct trc_table *endless, bool missing,
		    struct trc__limits *limits, struct trc_findings *findings)
{
	struct judge judge = {.causes = causes, .endless = endless};
	struct trc__told told = {.model = causes->model};

	if (causes->node_count == 0)
		return;
	for (size_t i = 0; i < findings->count; i++)
		trc__told_add(&told, &findings->items[i]);
	trc__locks_learn(causes);
	trc__scheduler_init(&judge.scheduler, causes, endless, TRC__ALL_STEPS_MAX);
	trc__shapes_make(causes, &judge.shapes);
	trc__shapes_search(causes, &judge.shapes, take_pattern, &judge);
	tell(&judge, missing, &told, limits, findings);
	limits->waits |= judge.shapes.more;
	limits->rings |= judge.shapes.cut;
	limits->length |= judge.shapes.longer;
	trc__scheduler_clear(&judge.scheduler);
	trc__shapes_clear(&judge.shapes);
	trc__told_clear(&told);
	trc__locks_forget(causes);
	trc_table_clear(&judge.known);
	free(judge.faults);
}
