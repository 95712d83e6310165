#include "tracer/analysis/proofs.h"

#include "tracer/analysis/evidence.h"
#include "tracer/model/memory.h"

#include <inttypes.h>
#include <stdlib.h>

/* How much of a way is told at its beginning, and at its end. */
enum { TOLD_FIRST = 4, TOLD_LAST = 4 };

void trc__proof_add(struct trc_finding *finding, const struct trc_model *model,
		    const struct trc__fact *fact, char *says)
{
	struct trc_site site = trc_model_site(model, fact->site);
	size_t room = finding->proof_count;

	finding->proofs = trc_grow(finding->proofs, &room, room + 1, sizeof *finding->proofs);
	finding->proofs[finding->proof_count++] = (struct trc_proof){
		.time = fact->time,
		.kind = fact->kind,
		.actor = fact->actor,
		.object = fact->object,
		.says = says,
		.file = trc_strdup(site.file),
		.function = trc_strdup(site.function),
		.line = site.line,
	};
}

/* --- words --------------------------------------------------------------------------------------
 */

static char *title(const struct trc__causes *causes, uint64_t actor)
{
	return actor ? trc_model_actor_title(causes->model, actor) : trc_strdup("the outside");
}

static char *receive_text(const struct trc__causes *causes, uint32_t node, const char *actor)
{
	struct trc__fact send = trc__facts_at(&causes->facts, causes->nodes[node].other);
	char *sender, *text;

	if (send.kind != TRC_SEND)
		return trc_format("%s received a message", actor);
	sender = title(causes, send.actor);
	text = trc_format("%s received %s of %s", actor,
			  trc_model_type_name(causes->model, send.type), sender);
	free(sender);
	return text;
}

/* What `peer` has to do with it stands at the end. */
static char *deed_text(const struct trc__causes *causes, const struct trc__fact *fact,
		       const char *actor)
{
	const char *type = trc_model_type_name(causes->model, fact->type);
	char *peer = title(causes, fact->peer), *text;

	switch (fact->kind) {
	case TRC_SEND:
		text = trc_format("%s sent %s to %s", actor, type, peer);
		break;
	case TRC_REPLY:
		text = trc_format("%s answered %s", actor, peer);
		break;
	case TRC_TOKEN_DROP:
		text = trc_format("%s dropped the reply token of %s", actor, peer);
		break;
	case TRC_TOKEN_MOVE:
		text = trc_format("%s handed its reply token on to %s", actor, peer);
		break;
	case TRC_HANDLE_MOVE:
		text = trc_format("%s gave a handle away", actor);
		break;
	case TRC_HANDLE_CLONE:
		text = trc_format("%s set a timer", actor);
		break;
	case TRC_START:
		text = trc_format("%s began its start handler", actor);
		break;
	case TRC_DONE:
		text = trc_format("%s was done with its %s", actor,
				  fact->object ? "message" : "start handler");
		break;
	case TRC_END:
		text = trc_format("%s ended", actor);
		break;
	case TRC_WAIT:
		text = trc_format("%s began to wait", actor);
		break;
	default: /* TRC_WAKE */
		text = trc_format("%s went on", actor);
	}
	free(peer);
	return text;
}

void trc__proof_add_node(struct trc_finding *finding, const struct trc__causes *causes,
			 uint32_t node)
{
	struct trc__fact fact = trc__facts_at(&causes->facts, node);
	char *actor = title(causes, fact.actor), *says, *spawned;

	if (fact.kind == TRC_RECEIVE) {
		says = receive_text(causes, node, actor);
	} else if (fact.kind == TRC_SPAWN) {
		spawned = title(causes, fact.object);
		says = trc_format("%s spawned %s", actor, spawned);
		free(spawned);
	} else {
		says = deed_text(causes, &fact, actor);
	}
	trc__proof_add(finding, causes->model, &fact, says);
	finding->proofs[finding->proof_count - 1].order = node;
	free(actor);
}

/* --- ways ---------------------------------------------------------------------------------------
 */

/* Whether something else happens in the same handler before and after it. */
static bool is_between(const struct trc__causes *causes, const uint32_t *nodes, size_t count,
		       size_t place)
{
	uint32_t stretch = causes->nodes[nodes[place]].stretch;

	return place > 0 && place + 1 < count && stretch &&
	       causes->nodes[nodes[place - 1]].stretch == stretch &&
	       causes->nodes[nodes[place + 1]].stretch == stretch;
}

/* An event can stand behind several nodes. */
static bool is_same_event(const struct trc__causes *causes, uint32_t a, uint32_t b)
{
	struct trc__fact x = trc__facts_at(&causes->facts, a);
	struct trc__fact y = trc__facts_at(&causes->facts, b);

	return x.kind == y.kind && x.time == y.time && x.actor == y.actor && x.object == y.object;
}

void trc__proof_add_path(struct trc_finding *finding, const struct trc__causes *causes,
			 const uint32_t *nodes, size_t count)
{
	uint32_t *told = trc_alloc((count + 1) * sizeof *told);
	size_t told_count = 0;

	for (size_t i = 0; i < count; i++)
		if (!is_between(causes, nodes, count, i) &&
		    (told_count == 0 || !is_same_event(causes, told[told_count - 1], nodes[i])))
			told[told_count++] = nodes[i];
	for (size_t i = 0; i < told_count; i++)
		if (i < TOLD_FIRST || i + TOLD_LAST >= told_count)
			trc__proof_add_node(finding, causes, told[i]);
	free(told);
}

/* --- mailboxes ----------------------------------------------------------------------------------
 */

void trc__proof_add_arrow(struct trc_finding *finding, const struct trc_model *model,
			  const struct trc__arrow *arrow)
{
	static const char *const forms[] = {
		[TRC__FORM_DEADLINE] = ", until a deadline",
		[TRC__FORM_TRY] = ", if there is space",
		[TRC__FORM_SOURCE] = ", and handled on",
	};
	struct trc__fact fact = {.time = arrow->last,
				 .actor = arrow->from,
				 .object = arrow->sent,
				 .site = arrow->site,
				 .kind = arrow->sent ? TRC_SEND : TRC_REFUSED};
	const char *form = arrow->form < TRC__FORM_OUTSIDE ? forms[arrow->form] : NULL;
	char *from = trc_model_actor_title(model, arrow->from);
	char *to = trc_model_actor_title(model, arrow->to);

	trc__proof_add(finding, model, &fact,
		       trc_format("%s last %s %s %s %s%s", from, arrow->ask ? "asked" : "sent",
				  trc_model_type_name(model, arrow->type), arrow->ask ? "of" : "to",
				  to, form ? form : ""));
	free(from);
	free(to);
}

void trc__proof_add_peak(struct trc_finding *finding, const struct trc__arrows *arrows,
			 uint64_t mailbox)
{
	const struct trc_model *model = arrows->model;
	const struct trc__peak *peak = trc_table_find(&arrows->peaks, mailbox);
	struct trc__fact fact = {0};
	char *from, *to;

	if (!peak)
		return;
	fact = (struct trc__fact){.time = peak->time,
				  .actor = peak->sender,
				  .object = peak->message,
				  .site = peak->site,
				  .kind = TRC_SEND};
	from = peak->sender ? trc_model_actor_title(model, peak->sender)
			    : trc_strdup("the outside");
	to = trc_model_actor_title(model, mailbox);
	trc__proof_add(finding, model, &fact,
		       trc_format("%s sent %s, and then %" PRIu32
				  " message%s lay in the mailbox of %s, the most ever",
				  from, trc_model_type_name(model, peak->type), peak->depth,
				  peak->depth == 1 ? "" : "s", to));
	free(from);
	free(to);
}

/* --- order --------------------------------------------------------------------------------------
 */

static int compare(const void *a, const void *b)
{
	const struct trc_proof *x = a, *y = b;

	if (x->time != y->time)
		return x->time < y->time ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

static bool is_twice(const struct trc_proof *a, const struct trc_proof *b)
{
	return a->kind == b->kind && a->time == b->time && a->actor == b->actor &&
	       a->object == b->object;
}

void trc__proofs_sort(struct trc_finding *finding)
{
	struct trc_proof *proofs = finding->proofs;
	unsigned kept = 0;

	if (finding->proof_count > 1)
		qsort(proofs, finding->proof_count, sizeof *proofs, compare);
	for (unsigned i = 0; i < finding->proof_count; i++)
		if (kept > 0 && is_twice(&proofs[kept - 1], &proofs[i]))
			trc__proof_clear(&proofs[i]);
		else
			proofs[kept++] = proofs[i];
	finding->proof_count = kept;
}
