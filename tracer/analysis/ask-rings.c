/*
 * ask-rings.c - patterns of waits, judged and told
 *
 * Patterns through the same kinds at the same source lines are one fault. Its instances are tried
 * one after the other until one proves that it can happen, but not for ever: work is limited for
 * each fault and for all.
 */
#include "tracer/analysis/ask-rings.h"

#include "tracer/analysis/await-edges.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/patterns.h"
#include "tracer/analysis/schedule.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

/* Patterns through the same kinds. */
struct fault {
	uint64_t key;
	unsigned tries;
	unsigned patterns;
	bool judged;
	bool cut;              /* not all was tried */
	enum trc__order order; /* the best so far */
	uint32_t why;          /* fixed: a wait that always ends first */
	bool space;            /* a full mailbox is part of it */
	struct trc__pattern pattern;
	uint32_t awaits[TRC__PATTERN_MAX];
};

struct judge {
	const struct trc__causes *causes;
	struct fault *faults;
	size_t count, room;
	struct trc_table known; /* 1 + place in `faults` */
	struct trc__scheduler scheduler;
	const struct trc_table *endless; /* mailboxes */
	struct trc_findings *findings;
	struct trc_table told; /* pairs of kinds that stand in a finding */
	bool missing;
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

static uint64_t told_key(uint32_t from_kind, uint32_t to_kind, unsigned what)
{
	return trc_mix(pair_key(from_kind, to_kind), what == TRC_WHAT_SPACE) | 1;
}

static uint64_t pattern_key(const struct trc__causes *causes, const struct trc__pattern *pattern)
{
	uint64_t keys[TRC__PATTERN_MAX], key = pattern->gate != 0;

	for (unsigned i = 0; i < pattern->length; i++) {
		const struct trc__way *way = causes->ways[pattern->shapes[i]->way];

		keys[i] = trc_mix(pair_key(way->from_kind, way->to_kind),
				  (uint64_t)way->site << 8 | way->what);
	}
	qsort(keys, pattern->length, sizeof *keys, compare_numbers);
	for (unsigned i = 0; i < pattern->length; i++)
		key = trc_mix(key, keys[i]);
	return key | 1;
}

/* --- judging ------------------------------------------------------------------------------------
 */

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

static bool has_space(const struct trc__causes *causes, const struct trc__pattern *pattern)
{
	for (unsigned i = 0; i < pattern->length; i++)
		if (causes->ways[pattern->shapes[i]->way]->what == TRC_WHAT_SPACE)
			return true;
	return false;
}

static void try_instance(struct judge *judge, struct fault *fault,
			 const struct trc__pattern *pattern, const uint32_t *awaits)
{
	enum trc__order order;
	uint32_t why;

	for (unsigned i = 0; i < pattern->length; i++)
		for (unsigned k = i + 1; k < pattern->length; k++)
			if (!compatible(judge->causes, awaits[i], awaits[k]))
				return;
	if (judge->scheduler.steps == 0) {
		fault->cut = true;
		return;
	}
	order = has_space(judge->causes, pattern)
			? trc__schedule_full(&judge->scheduler, awaits, pattern->length, &why)
			: trc__schedule(&judge->scheduler, awaits, pattern->length, &why);
	if (order == TRC__ORDER_OPEN) {
		fault->cut = true;
		return;
	}
	if (fault->judged && order >= fault->order)
		return;
	fault->judged = true;
	fault->order = order;
	fault->why = why;
	fault->pattern = *pattern;
	for (unsigned i = 0; i < pattern->length; i++)
		fault->awaits[i] = awaits[i];
}

/* All combinations of instances, as long as there is hope. */
static void try_instances(struct judge *judge, struct fault *fault,
			  const struct trc__pattern *pattern)
{
	unsigned chosen[TRC__PATTERN_MAX] = {0}, place = 0;
	uint32_t awaits[TRC__PATTERN_MAX];

	while (place < pattern->length && fault->tries < TRC__ORDERS_MAX) {
		if (fault->judged && fault->order == TRC__ORDER_FREE)
			return;
		for (unsigned i = 0; i < pattern->length; i++)
			awaits[i] = pattern->shapes[i]->instances[chosen[i]];
		fault->tries++;
		try_instance(judge, fault, pattern, awaits);
		for (place = 0; place < pattern->length; place++) {
			if (++chosen[place] < pattern->shapes[place]->instance_count)
				break;
			chosen[place] = 0;
		}
	}
	fault->cut |= place < pattern->length;
}

static void judge_pattern(struct judge *judge, const struct trc__pattern *pattern)
{
	uint64_t key = pattern_key(judge->causes, pattern);
	uintptr_t place = (uintptr_t)trc_table_find(&judge->known, key);
	struct fault *fault;

	if (!place) {
		judge->faults = trc_grow(judge->faults, &judge->room, judge->count + 1,
					 sizeof *judge->faults);
		judge->faults[judge->count++] = (struct fault){.key = key, .pattern = *pattern};
		place = judge->count;
		trc_table_put(&judge->known, key, (void *)place);
	}
	fault = &judge->faults[place - 1];
	fault->patterns++;
	fault->space |= has_space(judge->causes, pattern);
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

/* --- telling ------------------------------------------------------------------------------------
 */

static char *fault_title(const struct trc_model *model, const struct trc_finding *finding)
{
	const char *can = finding->code == TRC_CODE_REFUTED ? "cannot wait for each other"
			  : finding->code == TRC_CODE_DEADLINE_CYCLE
				  ? "can wait for each other until "
				    "a deadline passes"
				  : "can wait for each other";
	struct trc_text text = {0};

	for (unsigned i = 0; i < finding->edge_count && i < 6; i++) {
		char *name = trc_model_actor_title(model, finding->edges[i].from);

		trc_text_add(&text, "%s%s",
			     i == 0                         ? ""
			     : i + 1 == finding->edge_count ? " and "
							    : ", ",
			     name);
		free(name);
	}
	trc_text_add(&text, "%s %s", finding->edge_count > 6 ? ", ..." : "", can);
	return text.data;
}

static char *fault_reason(const struct judge *judge, const struct fault *fault)
{
	const struct trc_model *model = judge->causes->model;
	const struct trc__way *way;
	char *name, *text;

	if (fault->pattern.gate) {
		name = trc_model_actor_title(model, fault->pattern.gate);
		text = trc_format(
			"both waits hold up %s, which does one thing at a time: while one "
			"of them is open, the other cannot begin",
			name);
	} else if (fault->order == TRC__ORDER_FIXED && !fault->why) {
		return trc_strdup(
			"one of them would have to handle two messages at once: the waits "
			"are for different ones of an actor's messages");
	} else if (fault->order == TRC__ORDER_FIXED) {
		way = judge->causes->ways[judge->causes->awaits[fault->why].way];
		if (way->what == TRC_WHAT_SPACE) {
			name = trc_model_actor_title(model, way->to);
			text = trc_format("the messages of this run cannot fill the mailbox of %s "
					  "while the others wait",
					  name);
			free(name);
			return text;
		}
		name = trc_model_actor_title(model, way->from);
		text = trc_format("ordered by cause: what %s waits for has always come before the "
				  "others can wait",
				  name);
	} else {
		return trc_strdup(
			fault->space ? "it may happen when enough of the messages of this run come "
				       "early, so that the mailbox is full, and each of them has "
				       "begun to handle its message"
			: fault->order == TRC__ORDER_FREE
				? "it happens when each of them has begun to handle its message "
				  "before the other's question arrives; nothing orders them"
				: "it may happen when one of them handles its messages in another "
				  "order than in this run, if it still does the same then");
	}
	free(name);
	return text;
}

static bool is_told(const struct judge *judge, const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->edge_count; i++) {
		const struct trc_actor *from =
			trc_model_actor(judge->causes->model, finding->edges[i].from);
		const struct trc_actor *to =
			trc_model_actor(judge->causes->model, finding->edges[i].to);

		if (from && to &&
		    trc_table_find(&judge->told,
				   told_key(from->kind, to->kind, finding->edges[i].what)))
			return true;
	}
	return false;
}

/* A handle, a sleep or the outside says nothing of asks between the same kinds. */
static bool is_wait_for_actor(const struct trc_edge *edge)
{
	return edge->what == TRC_WHAT_REPLY || edge->what == TRC_WHAT_SPACE ||
	       edge->what == TRC_WHAT_END;
}

static void tell(struct judge *judge, const struct trc_finding *finding)
{
	for (unsigned i = 0; i < finding->core_edge_count; i++) {
		const struct trc_actor *from =
			trc_model_actor(judge->causes->model, finding->edges[i].from);
		const struct trc_actor *to =
			trc_model_actor(judge->causes->model, finding->edges[i].to);

		if (from && to && is_wait_for_actor(&finding->edges[i]))
			trc_table_put(&judge->told,
				      told_key(from->kind, to->kind, finding->edges[i].what),
				      judge);
	}
}

/* Full mailboxes take so many messages, and those on their way. */
static void add_arithmetic(const struct judge *judge, const struct fault *fault,
			   struct trc_finding *finding)
{
	for (unsigned i = 0; i < fault->pattern.length; i++) {
		const struct trc__way *way = judge->causes->ways[fault->pattern.shapes[i]->way];
		const struct trc_actor *owner = trc_model_actor(judge->causes->model, way->to);

		if (way->what != TRC_WHAT_SPACE || !owner)
			continue;
		finding->needed += owner->capacity + 1ull;
		finding->peak += owner->peak < owner->capacity ? owner->peak : owner->capacity;
	}
}

static void tell_fault(struct judge *judge, const struct fault *fault)
{
	struct trc_findings *findings = judge->findings;
	struct trc_finding *finding = trc__finding_new(findings, TRC_CODE_REFUTED);
	const struct trc__pattern *pattern = &fault->pattern;
	bool deadline = false;

	for (unsigned i = 0; i < pattern->length; i++) {
		const struct trc__wait_shape *before =
			pattern->shapes[(i + pattern->length - 1) % pattern->length];
		uint32_t await =
			fault->judged ? fault->awaits[i] : pattern->shapes[i]->instances[0];

		trc__add_await(finding, judge->causes, await, judge->causes->ways[before->way]->to,
			       &deadline);
	}
	finding->core_edge_count = finding->edge_count;
	finding->instances = fault->patterns;
	if (fault->judged && fault->order != TRC__ORDER_FIXED) {
		finding->code = deadline ? TRC_CODE_DEADLINE_CYCLE : TRC_CODE_POTENTIAL_DEADLOCK;
		finding->likely = !deadline && fault->order == TRC__ORDER_FREE;
		if (fault->space)
			add_arithmetic(judge, fault, finding);
	}
	finding->lowered = judge->missing && finding->code == TRC_CODE_REFUTED;
	finding->title = fault_title(judge->causes->model, finding);
	finding->reason = fault_reason(judge, fault);
	trc__fingerprint(finding);
	if (is_told(judge, finding)) {
		trc_finding_clear(finding);
		findings->count--;
		return;
	}
	tell(judge, finding);
}

static bool is_all_space(const struct judge *judge, const struct trc__pattern *pattern)
{
	for (unsigned i = 0; i < pattern->length; i++)
		if (judge->causes->ways[pattern->shapes[i]->way]->what != TRC_WHAT_SPACE)
			return false;
	return true;
}

static bool is_possible(const struct fault *fault)
{
	return fault->judged && fault->order != TRC__ORDER_FIXED;
}

/* Rings of full mailboxes only that cannot be are refuted by their arithmetic (predict.c). */
static bool is_worth_telling(const struct judge *judge, const struct fault *fault)
{
	if (is_possible(fault))
		return true;
	return !is_all_space(judge, &fault->pattern) && (fault->judged || fault->pattern.gate);
}

/* What can happen before what cannot, what is short before what is long. */
static int compare_faults(const void *a, const void *b)
{
	const struct fault *x = a, *y = b;
	unsigned x_order = x->judged ? x->order : TRC__ORDER_OPEN;
	unsigned y_order = y->judged ? y->order : TRC__ORDER_OPEN;

	if (x_order != y_order)
		return x_order < y_order ? -1 : 1;
	if (x->pattern.length != y->pattern.length)
		return x->pattern.length < y->pattern.length ? -1 : 1;
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

static void leave_undecided(const struct judge *judge, const struct fault *fault,
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

void trc__ask_rings(const struct trc__causes *causes, const struct trc_table *endless, bool missing,
		    struct trc__limits *limits, struct trc_findings *findings)
{
	struct judge judge = {
		.causes = causes, .endless = endless, .findings = findings, .missing = missing};
	struct trc__shapes shapes;

	if (causes->node_count == 0)
		return;
	for (size_t i = 0; i < findings->count; i++)
		tell(&judge, &findings->items[i]);
	trc__scheduler_init(&judge.scheduler, causes, endless, TRC__ALL_STEPS_MAX);
	trc__shapes_make(causes, &shapes);
	trc__shapes_search(causes, &shapes, take_pattern, &judge);
	if (judge.count)
		qsort(judge.faults, judge.count, sizeof *judge.faults, compare_faults);
	for (size_t i = 0; i < judge.count; i++) {
		const struct fault *fault = &judge.faults[i];

		if (fault->cut && !is_possible(fault))
			leave_undecided(&judge, fault, limits);
		else if (is_worth_telling(&judge, fault))
			tell_fault(&judge, fault);
	}
	limits->waits |= shapes.more;
	limits->rings |= shapes.cut;
	limits->length |= shapes.longer;
	trc__scheduler_clear(&judge.scheduler);
	trc__shapes_clear(&shapes);
	trc_table_clear(&judge.known);
	trc_table_clear(&judge.told);
	free(judge.faults);
}
