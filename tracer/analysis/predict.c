/*
 * predict.c - rings of sends that can wait for each other's full mailboxes
 *
 * If every actor of a ring may wait for space in the next one's mailbox, then the ring blocks for
 * ever as soon as all those mailboxes are full at once and each of the actors sends on. With
 * capacities n1 .. nk that takes n1 + 1 + ... + nk + 1 messages, in the mailboxes and on their way;
 * that number and the most this run had say how far away it was.
 *
 * A ring is refuted when one of its arrows never waits (act_try_send, a socket, a deadline), or
 * when one of its mailboxes can never be full. The latter holds for messages that only go around:
 * when each message that arrives over the ring makes its receiver send at most one on, no more are
 * ever under way than have entered the ring. What sockets and timers send in can be repeated
 * without end; what start handlers and the main program sent is counted.
 *
 * Many rings are one fault: forty connections that wait for their room are one finding with forty
 * instances. Rings are alike when they lead through the same kinds. Of rings that share an arrow
 * only the shortest sort is reported: without that arrow, the others are gone, too.
 */
#include "tracer/analysis/predict.h"

#include "tracer/analysis/arithmetic.h"
#include "tracer/analysis/evidence.h"
#include "tracer/analysis/fill.h"
#include "tracer/analysis/proofs.h"
#include "tracer/analysis/rings.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { PROOFS_MAX = 3 };

/* Rings through the same kinds. */
struct pattern {
	uint64_t key;
	unsigned length;
	unsigned instances;
	unsigned faint;          /* arrows of the ring below that are */
	uint64_t peak;           /* of the ring below */
	bool bounded;            /* a mailbox of each such ring can never be full */
	struct trc__bound bound; /* of the ring below */
	const struct trc__ring *ring;
};

struct prediction {
	const struct trc_model *model;
	struct trc__arrows *arrows;
	struct trc__rings rings;
	struct trc__fill fill;
	struct trc_findings *findings;
	struct trc_table told; /* arrows between kinds that stand in a finding, by hash */
	struct trc__limits *limits;
	bool counted, missing;
};

static uint64_t kinds_key(uint32_t from_kind, uint32_t to_kind)
{
	return trc_mix(from_kind, to_kind) | 1;
}

static const struct trc__arrow *face(const struct trc__pair *pair)
{
	return pair->arrows[0];
}

static uint32_t peak(const struct prediction *prediction, uint32_t node)
{
	const struct trc_actor *actor =
		trc_model_actor(prediction->model, prediction->rings.actors[node]);

	return !actor ? 0 : actor->peak < actor->capacity ? actor->peak : actor->capacity;
}

/* --- rings of the same shape --------------------------------------------------------------------
 */

/* The same for rings through the same kinds, however many actors of a kind stand in a row. */
static uint64_t pattern_key(const struct trc__ring *ring)
{
	uint64_t *keys = trc_alloc(ring->length * sizeof *keys);
	uint64_t key;

	for (unsigned i = 0; i < ring->length; i++)
		keys[i] = kinds_key(face(ring->pairs[i])->from_kind, face(ring->pairs[i])->to_kind);
	key = trc__limits_key(keys, ring->length);
	free(keys);
	return key;
}

/* A question, or what a start handler sent, can close a ring, but can fill no mailbox: its sender
 * sends no more until it is answered, or never again. Which actors of a kind sent something else as
 * well is often a matter of when the program was stopped. */
static bool is_faint(const struct trc__arrow *arrow)
{
	return arrow->ask || arrow->cause == TRC__CAUSE_START;
}

/* Whether the ring stands for the pattern rather than the present one: one that can block first,
 * then the one whose lines explain most, then the one that came closest. */
static bool tells_more(const struct pattern *pattern, bool bounded, unsigned faint, uint64_t peak)
{
	if (!pattern->ring || pattern->bounded != bounded)
		return !pattern->ring || pattern->bounded;
	if (pattern->faint != faint)
		return faint < pattern->faint;
	return peak > pattern->peak;
}

static void add_to_pattern(const struct prediction *prediction, struct pattern *pattern,
			   const struct trc__ring *ring)
{
	uint64_t sum = 0;
	struct trc__bound bound;
	unsigned faint = 0;
	bool bounded;

	for (unsigned i = 0; i < ring->length; i++) {
		faint += is_faint(face(ring->pairs[i]));
		sum += peak(prediction, ring->pairs[i]->to);
	}
	trc__fill_bound(&prediction->fill, ring, &bound);
	bounded = bound.pair != NULL;
	if (tells_more(pattern, bounded, faint, sum)) {
		pattern->ring = ring;
		pattern->length = ring->length;
		pattern->faint = faint;
		pattern->peak = sum;
		pattern->bound = bound;
	}
	if (pattern->instances == 0 || (pattern->bounded && !bounded)) {
		pattern->bounded = bounded;
		pattern->instances = 1;
	} else if (pattern->bounded == bounded) {
		pattern->instances++;
	}
}

static int compare_patterns(const void *a, const void *b)
{
	const struct pattern *x = a, *y = b;

	if (x->bounded != y->bounded)
		return x->bounded - y->bounded;
	if (x->length != y->length)
		return x->length < y->length ? -1 : 1;
	if (x->instances != y->instances)
		return x->instances > y->instances ? -1 : 1;
	return (x->key > y->key) - (x->key < y->key);
}

static struct pattern *sort_out(const struct prediction *prediction, const struct trc__ring *rings,
				size_t ring_count, size_t *ret_count)
{
	struct pattern *patterns = NULL;
	struct trc_table known = {0};
	size_t count = 0, room = 0;

	for (size_t i = 0; i < ring_count; i++) {
		uint64_t key = pattern_key(&rings[i]);
		uintptr_t place = (uintptr_t)trc_table_find(&known, key);

		if (!place) {
			patterns = trc_grow(patterns, &room, count + 1, sizeof *patterns);
			patterns[count++] = (struct pattern){.key = key};
			place = count;
			trc_table_put(&known, key, (void *)place);
		}
		add_to_pattern(prediction, &patterns[place - 1], &rings[i]);
	}
	trc_table_clear(&known);
	if (count)
		qsort(patterns, count, sizeof *patterns, compare_patterns);
	*ret_count = count;
	return patterns;
}

/* --- findings -----------------------------------------------------------------------------------
 */

static struct trc_edge make_edge(const struct prediction *prediction, const struct trc__pair *pair)
{
	const struct trc_model *model = prediction->model;
	const struct trc__arrow *arrow = face(pair);
	struct trc_site site = trc_model_site(model, arrow->site);

	return (struct trc_edge){
		.from = arrow->from,
		.to = arrow->to,
		.from_name = trc_strdup(trc_model_actor_name(model, arrow->from)),
		.to_name = trc_strdup(trc_model_actor_name(model, arrow->to)),
		.from_kind = trc_strdup(trc_model_kind_name(model, arrow->from_kind)),
		.to_kind = trc_strdup(trc_model_kind_name(model, arrow->to_kind)),
		.what = TRC_WHAT_SPACE,
		.waits = pair->waits,
		.since = arrow->last,
		.message = arrow->message,
		.doing = trc_strdup(arrow->doing),
		.sending = trc_strdup(arrow->type ? trc_model_type_name(model, arrow->type) : ""),
		.depth = peak(prediction, pair->to),
		.capacity = trc__fill_capacity(&prediction->fill, pair->to),
		.file = trc_strdup(site.file),
		.function = trc_strdup(site.function),
		.line = site.line,
	};
}

/* Whether an actor of the same kind stands before it. */
static bool is_told_before(const struct trc__ring *ring, unsigned place)
{
	for (unsigned i = 0; i < place; i++)
		if (face(ring->pairs[i])->from_kind == face(ring->pairs[place])->from_kind)
			return true;
	return false;
}

static char *ring_title(const struct prediction *prediction, const struct trc__ring *ring,
			bool refuted)
{
	const struct trc_model *model = prediction->model;
	const char *can = refuted ? "cannot get stuck at each other's full mailboxes"
				  : "can fill each other's mailboxes "
				    "and then wait for each other";
	struct trc_text text = {0};

	if (ring->length == 1) {
		char *name = trc_model_actor_title(model, face(ring->pairs[0])->from);

		trc_text_add(&text, "%s %s", name,
			     refuted ? "cannot get stuck at its own full mailbox"
				     : "can fill its own mailbox and then wait for itself");
		free(name);
		return text.data;
	}
	for (unsigned i = 0; i < ring->length && i < 6; i++)
		trc_text_add(&text, "%s%s%s",
			     i == 0                  ? ""
			     : i + 1 == ring->length ? " and "
						     : ", ",
			     is_told_before(ring, i) ? "another " : "",
			     trc_model_kind_name(model, face(ring->pairs[i])->from_kind));
	trc_text_add(&text, "%s %s", ring->length > 6 ? ", ..." : "", can);
	return text.data;
}

static struct trc_finding *add_finding(struct prediction *prediction, const struct pattern *pattern,
				       enum trc_code code)
{
	struct trc_finding *finding = trc__finding_new(prediction->findings, code);
	const struct trc__ring *ring = pattern->ring;

	finding->title = ring_title(prediction, ring, code == TRC_CODE_REFUTED);
	finding->actor_count = finding->edge_count = finding->core_edge_count = ring->length;
	finding->actors = trc_alloc(ring->length * sizeof *finding->actors);
	finding->edges = trc_alloc(ring->length * sizeof *finding->edges);
	finding->instances = pattern->instances;
	for (unsigned i = 0; i < ring->length; i++) {
		finding->actors[i] = face(ring->pairs[i])->from;
		finding->edges[i] = make_edge(prediction, ring->pairs[i]);
		if (finding->edges[i].since > finding->time)
			finding->time = finding->edges[i].since;
	}
	trc__arithmetic(finding);
	trc__fingerprint(finding);
	return finding;
}

static void add_potential(struct prediction *prediction, const struct pattern *pattern)
{
	struct trc_finding *finding = add_finding(prediction, pattern, TRC_CODE_POTENTIAL_DEADLOCK);

	finding->reason = trc_strdup(
		pattern->length == 1
			? "it happens when so many messages arrive while one is handled that the "
			  "mailbox is full when the actor sends to itself"
			: "it happens when messages arrive faster than they are handled until all "
			  "of these mailboxes are full, and each of these actors then sends on: "
			  "none of them receives any more");
}

static char *why_not(const struct prediction *prediction, const struct trc__pair *pair)
{
	const struct trc__arrow *arrow = face(pair);
	struct trc_site site = trc_model_site(prediction->model, arrow->site);
	char *place = site.line
			      ? trc_format(" at %s:%" PRIu32, trc__base_name(site.file), site.line)
			      : trc_strdup("");
	const char *from = trc_model_kind_name(prediction->model, arrow->from_kind);
	const char *to = trc_model_kind_name(prediction->model, arrow->to_kind);
	char *text;

	switch (arrow->form) {
	case TRC__FORM_TRY:
		text = trc_format("%s never waits for %s: act_try_send()%s", from, to, place);
		break;
	case TRC__FORM_SOURCE:
		text = trc_format(
			"%s never waits for %s: it is a socket or the like and handles on "
			"while its messages queue for space%s",
			from, to, place);
		break;
	case TRC__FORM_DEADLINE:
		text = trc_format("%s does not wait for %s for ever: its sends have a deadline%s",
				  from, to, place);
		break;
	default:
		text = trc_format(
			"%s only asks %s%s, and %s gets nothing but questions: what could "
			"block is the wait for the reply, not the one for space",
			from, to, place, to);
		break;
	}
	free(place);
	return text;
}

static char *bound_text(const struct prediction *prediction, const struct trc__bound *bound,
			uint64_t needed)
{
	char *name =
		trc_model_actor_title(prediction->model, prediction->rings.actors[bound->pair->to]);
	char *text;

	if (bound->few)
		text = trc_format("%s got %" PRIu64 " message%s in all, and has space for %" PRIu32
				  ": nobody waits for it",
				  name, bound->most, bound->most == 1 ? "" : "s",
				  trc__fill_capacity(&prediction->fill, bound->pair->to));
	else
		text = trc_format("the most messages under way at once can be %" PRIu64
				  ", blocking takes %" PRIu64 ": each message that comes around "
				  "makes its receiver send at most one on",
				  bound->most, needed);
	free(name);
	return text;
}

/* The reason, and what proves it. */
static void refute(const struct prediction *prediction, const struct pattern *pattern,
		   struct trc_finding *finding)
{
	const struct trc__ring *ring = pattern->ring;

	for (unsigned i = 0; i < ring->length; i++) {
		if (ring->pairs[i]->waits)
			continue;
		finding->reason = why_not(prediction, ring->pairs[i]);
		finding->needed = finding->peak = finding->fitting = 0;
		for (size_t k = 0; k < ring->pairs[i]->count && k < PROOFS_MAX; k++)
			trc__proof_add_arrow(finding, prediction->model, ring->pairs[i]->arrows[k]);
		return;
	}
	finding->fitting = pattern->bound.fitting;
	if (pattern->bounded) {
		finding->reason = bound_text(prediction, &pattern->bound, finding->needed);
		trc__proof_add_peak(finding, prediction->arrows,
				    prediction->rings.actors[pattern->bound.pair->to]);
		return;
	}
	finding->reason = trc_strdup("the messages of this run cannot fill these mailboxes "
				     "while all of these actors send: what would have to be "
				     "in them comes only after others were received");
	for (unsigned i = 0; i < ring->length; i++)
		trc__proof_add_peak(finding, prediction->arrows,
				    prediction->rings.actors[ring->pairs[i]->to]);
}

static void add_refuted(struct prediction *prediction, const struct pattern *pattern)
{
	struct trc_finding *finding = add_finding(prediction, pattern, TRC_CODE_REFUTED);

	finding->lowered = prediction->missing;
	refute(prediction, pattern, finding);
}

/* --- choosing -----------------------------------------------------------------------------------
 */

static bool is_told(const struct prediction *prediction, const struct trc__ring *ring)
{
	for (unsigned i = 0; i < ring->length; i++)
		if (trc_table_find(&prediction->told, kinds_key(face(ring->pairs[i])->from_kind,
								face(ring->pairs[i])->to_kind)))
			return true;
	return false;
}

static void tell(struct prediction *prediction, const struct trc__ring *ring)
{
	for (unsigned i = 0; i < ring->length; i++)
		trc_table_put(
			&prediction->told,
			kinds_key(face(ring->pairs[i])->from_kind, face(ring->pairs[i])->to_kind),
			prediction);
}

static void tell_certain(struct prediction *prediction)
{
	for (size_t i = 0; i < prediction->findings->count; i++) {
		const struct trc_finding *finding = &prediction->findings->items[i];

		/* That one ring through an arrow cannot be says nothing of others. */
		for (unsigned e = 0;
		     finding->code != TRC_CODE_REFUTED && e < finding->core_edge_count; e++) {
			const struct trc_actor *from =
				trc_model_actor(prediction->model, finding->edges[e].from);
			const struct trc_actor *to =
				trc_model_actor(prediction->model, finding->edges[e].to);

			if (from && to && finding->edges[e].what == TRC_WHAT_SPACE)
				trc_table_put(&prediction->told, kinds_key(from->kind, to->kind),
					      prediction);
		}
	}
}

/* When the messages of a mailbox in it are counted, it was judged by them (ask-rings.h), and would
 * have been told if it could be. */
static bool is_judged(const struct prediction *prediction, const struct trc__ring *ring)
{
	for (unsigned i = 0; i < ring->length && prediction->counted; i++)
		if (!trc_table_find(&prediction->arrows->endless,
				    prediction->rings.actors[ring->pairs[i]->to]))
			return true;
	return false;
}

static void choose(struct prediction *prediction, const struct trc__ring *rings, size_t ring_count,
		   bool broken)
{
	size_t count;
	struct pattern *patterns = sort_out(prediction, rings, ring_count, &count);

	for (size_t i = 0; i < count; i++) {
		bool judged = is_judged(prediction, patterns[i].ring);

		if (is_told(prediction, patterns[i].ring))
			continue;
		if (broken || patterns[i].bounded)
			trc__limits_settle(prediction->limits, patterns[i].key);
		else if (judged && trc__limits_left(prediction->limits, patterns[i].key))
			continue;
		if (broken || patterns[i].bounded || judged)
			add_refuted(prediction, &patterns[i]);
		else
			add_potential(prediction, &patterns[i]);
		tell(prediction, patterns[i].ring);
	}
	free(patterns);
}

void trc__predict(const struct trc_model *model, struct trc__arrows *arrows, bool counted,
		  bool missing, struct trc__limits *limits, struct trc_findings *findings)
{
	struct prediction prediction = {.model = model,
					.arrows = arrows,
					.findings = findings,
					.limits = limits,
					.counted = counted,
					.missing = missing};

	trc__rings_find(arrows, &prediction.rings);
	limits->mailboxes |= prediction.rings.cut;
	trc__fill_init(&prediction.fill, model, arrows, &prediction.rings);
	tell_certain(&prediction);
	choose(&prediction, prediction.rings.waiting, prediction.rings.waiting_count, false);
	choose(&prediction, prediction.rings.broken, prediction.rings.broken_count, true);
	trc__rings_clear(&prediction.rings);
	trc__fill_clear(&prediction.fill);
	trc_table_clear(&prediction.told);
}
