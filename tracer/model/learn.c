/*
 * learn.c - knowing of things by name, without any state
 */
#include "tracer/model/snapshot.h"

#include "tracer/model/memory.h"
#include "tracer/model/state.h"

struct trc_model *trc_model_new_like(const struct trc_model *from)
{
	struct trc_model *model = trc_zalloc(1, sizeof *model);

	model->definitions = trc__definitions_share(from->definitions);
	return model;
}

static void learn_actor(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor = trc__actor(model, event->id);
	uint32_t kind = event->peer <= UINT32_MAX ? (uint32_t)event->peer : 0;

	if (event->id == 0 || actor)
		return;
	actor = trc__actor_or_new(model, event->id);
	actor->learned = true;
	actor->public.state = TRC_ENDED;
	actor->public.parent = event->actor;
	actor->public.kind = kind;
	actor->public.capacity = event->arg <= UINT32_MAX ? (uint32_t)event->arg : UINT32_MAX;
	actor->public.site = event->site;
	actor->public.flags = event->flags & TRC_F_SOURCE;
	actor->public.spawned = event->time;
	actor->public.state_since = event->time;
	actor->public.name = trc__define_actor(model->definitions, event->id, kind, event->payload,
					       event->payload_size);
}

void trc_model_learn(struct trc_model *model, const struct trc_event *event)
{
	struct trc__actor *actor;
	struct trc__site *site;

	switch (event->kind) {
	case TRC_SPAWN:
		learn_actor(model, event);
		break;
	case TRC_END:
		actor = trc__actor(model, event->actor);
		if (!actor || !actor->learned)
			break;
		actor->public.ended = event->time ? event->time : 1;
		actor->public.state_since = event->time;
		actor->public.end_reason = event->type;
		break;
	case TRC_SEND:
		if ((site = trc__site(model->definitions, event->site)))
			site->sent_type = event->type;
		break;
	default:
		trc__define(model->definitions, event);
		break;
	}
}
