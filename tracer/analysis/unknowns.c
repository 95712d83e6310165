#include "tracer/analysis/unknowns.h"

#include "tracer/analysis/evidence.h"
#include "tracer/analysis/finding-story.h"
#include "tracer/model/memory.h"
#include "tracer/model/number.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum { NAMES_MAX = 3 };

/* --- on the way ---------------------------------------------------------------------------------
 */

/* Timers and monitors send on behalf of their receiver. */
static void note_send(struct trc__unknowns *unknowns, const struct trc_event *event)
{
	uint64_t ring = event->id >> 48;
	uint64_t *rings = event->actor ? unknowns->inside : unknowns->outside;

	if (!(event->flags & TRC_F_TIMER))
		rings[ring / 64] |= UINT64_C(1) << ring % 64;
}

static bool is_for_outside(const struct trc_event *wait)
{
	struct trc_target target;

	if (wait->type == TRC_WHAT_OUTSIDE)
		return true;
	for (size_t i = 0; i < wait->payload_size / sizeof target; i++) {
		memcpy(&target, wait->payload + i * sizeof target, sizeof target);
		if (target.what == TRC_WHAT_OUTSIDE)
			return true;
	}
	return false;
}

void trc__unknowns_event(struct trc__unknowns *unknowns, const struct trc_event *event)
{
	if (event->kind == TRC_SEND)
		note_send(unknowns, event);
	if (event->kind != TRC_WAIT || event->actor == 0 || !is_for_outside(event))
		return;
	unknowns->waits++;
	unknowns->site = event->site;
	if (!trc_table_find(&unknowns->waited, event->actor))
		trc_table_put(&unknowns->waited, event->actor, unknowns);
}

void trc__unknowns_clear(struct trc__unknowns *unknowns)
{
	trc_table_clear(&unknowns->waited);
}

/* --- at the end ---------------------------------------------------------------------------------
 */

struct waiters {
	uint64_t last; /* the one that was counted last */
	size_t count;
};

static void count_waiter(struct trc_table *waiters, uint64_t waiter, uint64_t party)
{
	struct waiters *known = trc_table_find(waiters, party);

	if (!known) {
		known = trc_zalloc(1, sizeof *known);
		trc_table_put(waiters, party, known);
	}
	known->count += known->last != waiter;
	known->last = waiter;
}

/* Who waits for whom: struct waiters, by actor. */
static void count_waiters(const struct trc_model *model, struct trc_table *waiters)
{
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		for (unsigned t = 0; t < actor->wait.target_count; t++) {
			const struct trc_target *target = &actor->wait.targets[t];
			uint64_t party = trc_model_target_party(model, target);

			if (party && !trc_model_target_met(model, target))
				count_waiter(waiters, actor->id, party);
		}
	}
}

static void waiters_clear(struct trc_table *waiters)
{
	size_t place = 0;
	void *known;

	while ((known = trc_table_next(waiters, &place)))
		free(known);
	trc_table_clear(waiters);
}

static bool waits_outside(const struct trc_actor *actor)
{
	for (unsigned t = 0; t < actor->wait.target_count; t++)
		if (actor->wait.targets[t].what == TRC_WHAT_OUTSIDE)
			return true;
	return false;
}

static void add(struct trc_findings *findings, enum trc_unknown_of of, uint64_t count, char *text)
{
	findings->unknowns[findings->unknown_count++] = (struct trc_unknown){of, count, text};
}

static void tell_threads(const struct trc__unknowns *unknowns, struct trc_findings *findings)
{
	unsigned count = 0;

	/* One thread may have had the ring of another that ended. */
	for (unsigned i = 0; i < TRC__RINGS / 64; i++)
		count +=
			(unsigned)__builtin_popcountll(unknowns->outside[i] & ~unknowns->inside[i]);
	if (count > 0)
		add(findings, TRC_UNKNOWN_THREADS, count,
		    trc_strdup("what threads that are no actors wait for; they send to actors"));
}

/* `writer "a" (since 1.203 s, and 2 actors waited for it)` */
static void add_name(struct trc_text *text, const struct trc_model *model,
		     const struct trc_actor *actor, const struct trc_table *waiters)
{
	const struct waiters *known = trc_table_find(waiters, actor->id);
	char *name = trc_model_actor_title(model, actor->id);
	char *time = trc__time_text(actor->state_since);

	trc_text_add(text, "%s (since %s", name, time);
	if (known)
		trc_text_add(text, ", and %zu actor%s waited for it", known->count,
			     known->count == 1 ? "" : "s");
	trc_text_add(text, ")");
	free(name);
	free(time);
}

static void add_place(struct trc_text *text, const struct trc_model *model, uint32_t number)
{
	struct trc_site site = trc_model_site(model, number);

	if (site.line)
		trc_text_add(text, ", last at %s:%" PRIu32 " in %s()", trc__base_name(site.file),
			     site.line, site.function);
}

static void tell_outside(const struct trc__unknowns *unknowns, const struct trc_model *model,
			 const struct trc_table *waiters, struct trc_findings *findings)
{
	struct trc_text text = {0};
	unsigned open = 0;

	if (unknowns->waits == 0)
		return;
	trc_text_add(&text, "what %zu actor%s waited for outside (a lock, a thread, a file?)",
		     unknowns->waited.count, unknowns->waited.count == 1 ? "" : "s");
	if (unknowns->waits > 1)
		trc_text_add(&text, ", %" PRIu64 " times", unknowns->waits);
	add_place(&text, model, unknowns->site);
	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		if (!waits_outside(actor))
			continue;
		if (open < NAMES_MAX)
			trc_text_add(&text, "%s", open ? ", " : "; at the end still: ");
		if (open++ < NAMES_MAX)
			add_name(&text, model, actor, waiters);
	}
	if (open > NAMES_MAX)
		trc_text_add(&text, " and %u more", open - NAMES_MAX);
	add(findings, TRC_UNKNOWN_OUTSIDE, unknowns->waited.count, text.data);
}

/* Handlers that had not ended, while somebody waited for them. */
static void tell_handlers(const struct trc_model *model, const struct trc_table *waiters,
			  struct trc_findings *findings)
{
	struct trc_text text = {0};
	unsigned count = 0;

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);

		if (actor->state != TRC_RUNNING || !trc_table_find(waiters, actor->id))
			continue;
		if (count < NAMES_MAX)
			trc_text_add(&text, "%s", count ? ", " : "");
		if (count++ < NAMES_MAX)
			add_name(&text, model, actor, waiters);
	}
	if (count == 0)
		return;
	if (count > NAMES_MAX)
		trc_text_add(&text, " and %u more", count - NAMES_MAX);
	add(findings, TRC_UNKNOWN_HANDLERS, count,
	    trc_format("whether %s computed at the end or waited for a lock or a thread",
		       text.data));
	free(text.data);
}

void trc__unknowns_tell(const struct trc__unknowns *unknowns, const struct trc_model *model,
			struct trc_findings *findings)
{
	struct trc_table waiters = {0};

	count_waiters(model, &waiters);
	tell_threads(unknowns, findings);
	tell_outside(unknowns, model, &waiters, findings);
	tell_handlers(model, &waiters, findings);
	waiters_clear(&waiters);
}

const char *trc_unknown_name(enum trc_unknown_of of)
{
	static const char *const names[TRC_UNKNOWN_COUNT] = {"threads", "outside", "handlers"};

	return of < TRC_UNKNOWN_COUNT ? names[of] : "?";
}
