#include "tracer/model/news.h"

#include "tracer/model/snapshot.h"
#include "tracer/model/state.h"

bool trc_news_is(const struct trc_event *event)
{
	return event->kind <= TRC_SPAWN || event->kind == TRC_END;
}

void trc_news_put(struct trc_bytes *news, const struct trc_event *event)
{
	uint32_t payload_size = event->kind == TRC_SEND ? 0 : event->payload_size;

	trc_bytes_put(news, event->kind);
	trc_bytes_put(news, event->flags);
	trc_bytes_put(news, event->type);
	trc_bytes_put(news, event->time);
	trc_bytes_put(news, event->actor);
	trc_bytes_put(news, event->id);
	trc_bytes_put(news, event->peer);
	trc_bytes_put(news, event->arg);
	trc_bytes_put(news, event->site);
	trc_bytes_put(news, payload_size);
	trc_bytes_put_raw(news, event->payload, payload_size);
}

bool trc_news_each(const uint8_t *news, size_t size,
		   void (*visit)(const struct trc_event *event, void *context), void *context)
{
	struct trc_input input = {news, news + size, false};

	while (input.next < input.end && !input.damaged) {
		struct trc_event event = {0};

		event.kind = (uint8_t)trc_input_take_limited(&input, UINT8_MAX);
		event.flags = (uint8_t)trc_input_take_limited(&input, UINT8_MAX);
		event.type = (uint16_t)trc_input_take_limited(&input, UINT16_MAX);
		event.time = trc_input_take(&input);
		event.actor = trc_input_take(&input);
		event.id = trc_input_take(&input);
		event.peer = trc_input_take(&input);
		event.arg = trc_input_take(&input);
		event.site = (uint32_t)trc_input_take_limited(&input, UINT32_MAX);
		event.payload_size = (uint32_t)trc_input_take_limited(&input, TRC_PAYLOAD_MAX);
		event.payload = trc_input_take_raw(&input, event.payload_size);
		if (!input.damaged)
			visit(&event, context);
	}
	return !input.damaged;
}

static void learn(const struct trc_event *event, void *context)
{
	trc_model_learn(context, event);
}

bool trc_news_learn(const uint8_t *news, size_t size, struct trc_model *model)
{
	return trc_news_each(news, size, learn, model);
}

/* --- folding ------------------------------------------------------------------------------------
 */

struct fold {
	const struct trc_model *model;
	struct trc_table wanted; /* actors */
	struct trc_table told;   /* what has been told, as told_by() says */
	struct trc_bytes *news;
};

static void want(struct fold *fold, uint64_t actor)
{
	if (actor != 0)
		trc_table_put(&fold->wanted, actor, fold);
}

static void want_senders(struct fold *fold, const struct trc_message *message)
{
	for (; message; message = message->next)
		want(fold, message->sender);
}

static void want_actors(struct fold *fold)
{
	const struct trc_model *model = fold->model;
	const struct trc__token *token;
	size_t place = 0;

	for (size_t i = 0; i < model->spawned_count; i++) {
		const struct trc_actor *actor = &model->spawned[i]->public;

		if (model->spawned[i]->learned)
			continue;
		want(fold, actor->id);
		want(fold, actor->parent);
		want(fold, actor->current ? actor->current->sender : 0);
		want_senders(fold, actor->oldest);
		for (unsigned k = 0; k < actor->wait.target_count; k++)
			want(fold, actor->wait.targets[k].peer);
	}
	while ((token = trc_table_next(&model->tokens, &place))) {
		want(fold, token->public.asker);
		want(fold, token->public.holder);
		want(fold, token->public.closer);
	}
}

/* A number for what the event tells; 0: nobody wants to know. */
static uint64_t told_by(const struct fold *fold, const struct trc_event *event)
{
	uint64_t actor = event->kind == TRC_END ? event->actor : event->id;

	if (event->kind == TRC_SEND)
		return trc_mix((uint64_t)event->site << 16 | event->type, TRC_SEND) | 1;
	if (event->kind < TRC_SPAWN)
		return trc_mix(event->id, event->kind) | 1;
	return trc_table_find(&fold->wanted, actor) ? trc_mix(actor, event->kind) | 1 : 0;
}

static void tell_once(const struct trc_event *event, void *context)
{
	struct fold *fold = context;
	uint64_t what = told_by(fold, event);

	if (what == 0 || trc_table_find(&fold->told, what))
		return;
	trc_table_put(&fold->told, what, fold);
	trc_news_put(fold->news, event);
}

bool trc_news_fold(const uint8_t *news, size_t size, const struct trc_model *model,
		   struct trc_bytes *ret_news)
{
	struct fold fold = {.model = model, .news = ret_news};
	bool good;

	want_actors(&fold);
	good = trc_news_each(news, size, tell_once, &fold);
	trc_table_clear(&fold.wanted);
	trc_table_clear(&fold.told);
	return good;
}
