#include "tracer/analysis/keeps.h"

#include "tracer/analysis/finding-story.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

enum { NAMED_MAX = 3 };

struct keep {
	uint64_t actor;
	uint64_t time;
	uint32_t site;
	uint16_t type; /* of the message that it came with */
};

static void forget(struct trc__keeps *keeps, uint64_t token)
{
	free(trc_table_take(&keeps->kept, token));
}

static void note_keep(struct trc__keeps *keeps, const struct trc_model *model,
		      const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(model, event->id);
	const struct trc_token *token = message ? trc_model_token(model, message->token) : NULL;
	struct keep *keep;

	/* It may have answered already, or have handed it on. */
	if (!token || token->state != TRC_TOKEN_OPEN || token->in_message ||
	    token->holder != event->actor)
		return;
	forget(keeps, token->id);
	keep = trc_alloc(sizeof *keep);
	*keep = (struct keep){event->actor, event->time, event->site, message->type};
	trc_table_put(&keeps->kept, token->id, keep);
}

void trc__keeps_event(struct trc__keeps *keeps, const struct trc_model *model,
		      const struct trc_event *event)
{
	if (event->kind == TRC_TOKEN_KEEP)
		note_keep(keeps, model, event);
	else if (event->kind == TRC_REPLY || event->kind == TRC_TOKEN_DROP)
		forget(keeps, event->id);
}

void trc__keeps_clear(struct trc__keeps *keeps)
{
	struct keep *keep;
	size_t place = 0;

	while ((keep = trc_table_next(&keeps->kept, &place)))
		free(keep);
	trc_table_clear(&keeps->kept);
}

/* --- how it came to be --------------------------------------------------------------------------
 */

/* The token that the wait is for and that `holder` has, or NULL. */
static const struct trc_token *owed(const struct trc_model *model, uint64_t asker, uint64_t holder)
{
	const struct trc_actor *actor = trc_model_actor(model, asker);

	for (unsigned i = 0; actor && i < actor->wait.target_count; i++) {
		const struct trc_target *target = &actor->wait.targets[i];

		if (target->what == TRC_WHAT_REPLY &&
		    trc_model_target_party(model, target) == holder)
			return trc_model_token(model, target->object);
	}
	return NULL;
}

static void add_keep(const struct trc__keeps *keeps, const struct trc_model *model,
		     const struct trc_token *token, struct trc_text *text)
{
	const struct keep *keep = trc_table_find(&keeps->kept, token->id);
	bool known = keep && keep->actor == token->holder;
	const struct trc_site site = trc_model_site(model, known ? keep->site : 0);
	char *time = trc__time_text(known ? keep->time : token->held_since);

	if (known)
		trc_text_add(text,
			     " kept the token of %s to answer later (%s:%" PRIu32 " in %s(), %s)",
			     trc_model_type_name(model, keep->type), trc__base_name(site.file),
			     site.line, site.function, time);
	else
		trc_text_add(text, " has had the token since %s and has not answered", time);
	free(time);
}

static bool holds(const struct trc_holding *holdings, unsigned count, uint64_t target)
{
	for (unsigned i = 0; i < count; i++)
		if (holdings[i].target == target)
			return true;
	return false;
}

static bool has_handle(const struct trc_actor *actor, uint64_t target)
{
	if (holds(actor->holdings, actor->holding_count, target))
		return true;
	for (const struct trc_message *m = actor->oldest; m; m = m->next)
		if (holds(m->holdings, m->holding_count, target))
			return true;
	return false;
}

/* Who could wake it, if they went on. */
static void add_wakers(const struct trc__drops *drops, const struct trc_model *model,
		       uint64_t sleeper, struct trc_text *text)
{
	uint64_t dropped = trc__drops_last(drops, sleeper);
	unsigned count = 0;

	for (size_t i = 0; i < trc_model_actor_count(model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(model, i);
		char *name;

		if (actor->id == sleeper || !has_handle(actor, sleeper) || count++ >= NAMED_MAX)
			continue;
		name = trc_model_actor_title(model, actor->id);
		trc_text_add(text, "%s%s", count == 1 ? " is idle, and only " : ", ", name);
		free(name);
	}
	if (count > NAMED_MAX)
		trc_text_add(text, " and %u more", count - NAMED_MAX);
	if (count > 0)
		trc_text_add(text, "%s",
			     count == 1 ? ", which is stuck itself, has a handle to it"
					: ", all of them stuck or idle, have handles "
					  "to it");
	if (count > 0 && dropped) {
		char *time = trc__time_text(dropped);

		trc_text_add(text, " (others gave up their last one at %s)", time);
		free(time);
	}
}

void trc__keeps_tell(const struct trc__keeps *keeps, const struct trc__drops *drops,
		     const struct trc_model *model, struct trc_finding *orphan)
{
	const struct trc_edge *edge = orphan->edges;
	const struct trc_actor *party = edge ? trc_model_actor(model, edge->to) : NULL;
	const struct trc_token *token = party ? owed(model, edge->from, edge->to) : NULL;
	struct trc_text how = {0}, why = {0};
	char *name;

	if (!party)
		return;
	if (token)
		add_keep(keeps, model, token, &how);
	if (party->state == TRC_IDLE)
		add_wakers(drops, model, party->id, &why);
	if (!how.data && !why.data)
		return;
	name = trc_model_actor_title(model, party->id);
	free(orphan->reason);
	orphan->reason = trc_format("%s%s%s%s", name, how.data ? how.data : "",
				    how.data && why.data ? "; it" : "", why.data ? why.data : "");
	free(name);
	free(how.data);
	free(why.data);
}
