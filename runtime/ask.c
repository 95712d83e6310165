#include "runtime/ask.h"

#include "runtime/group.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

#include <assert.h>
#include <errno.h>

struct act__ask *act__ask_new(struct act_self *self)
{
	struct act__ask *ask = act__slab_take(&self->system->asks, &self->worker->asks);

	if (!ask)
		return NULL;
	ask->asker = self->actor;
	ask->progress = ACT__ASK_OPEN;
	ask->bare = false;
	ask->asker_number = self->actor->number;
	ask->reply = NULL;
	ask->error = 0;
	return ask;
}

void act__ask_free(struct act_self *self, struct act__ask *ask)
{
	act__slab_give(&self->system->asks, self->worker ? &self->worker->asks : NULL, ask);
}

struct act_token act__ask_token(struct act__ask *ask)
{
	return (struct act_token){ask,
				  atomic_load_explicit(&ask->generation, memory_order_relaxed)};
}

uint64_t act__token_number(struct act_token token)
{
	return token.ask ? token.ask->number : 0;
}

/* Takes the right to answer out of a token and all its copies. NULL: it was used before. */
static struct act__ask *use_token(struct act_token *token)
{
	struct act__ask *ask = token->ask;
	uint32_t generation = token->generation;

	*token = (struct act_token){0};
	if (!ask || !atomic_compare_exchange_strong(&ask->generation, &generation, generation + 1))
		return NULL;
	return ask;
}

/* Whether the asker still waits for this answer; it then goes on after settle(). */
static bool claim(struct act__ask *ask, bool succeeds)
{
	if (ask->ticket == ACT__TICKET_OF_GROUP)
		return act__group_claim(ask, succeeds);
	return act__wait_claim(ask->asker, ask->ticket, ACT__MET);
}

/* Hands the answer to the asker whose wait has been claimed, or clears up after one who left. */
static void settle(struct act_self *self, struct act__ask *ask, bool claimed,
		   struct act_message *reply, int error)
{
	bool grouped = ask->ticket == ACT__TICKET_OF_GROUP;

	if (!claimed) {
		if (grouped)
			act__group_forget(ask->group);
		act__ask_free(self, ask);
		act__message_free(self, reply, ACT_EDROPPED);
		return;
	}
	ask->reply = reply;
	ask->error = error;
	if (grouped)
		act__group_settle(self, ask);
	else
		act__wait_publish(self, ask->asker, true);
}

int act__token_drop(struct act_self *self, struct act_token *token, int error,
		    struct act_site *site)
{
	struct act__ask *ask = use_token(token);
	bool claimed;

	if (!ask)
		return ACT_ESTALE;
	claimed = claim(ask, false);
	act__probe_token_drop(self, ask, !claimed, site);
	settle(self, ask, claimed, NULL, error);
	return 0;
}

int act__answer(struct act_self *self, struct act_token *token, const struct act_type *type,
		void *fields, struct act_site *site)
{
	struct act_message *reply;
	struct act__ask *ask;
	bool claimed;

	if (!token->ask) {
		act__fields_drop(self, type, fields);
		return ACT_ESTALE;
	}
	reply = act__message_new(self, type, fields);
	if (!reply) {
		act__fields_drop(self, type, fields);
		act__token_drop(self, token, -ENOMEM, site);
		return -ENOMEM;
	}
	ask = use_token(token);
	if (!ask) {
		act__message_free(self, reply, ACT_EDROPPED);
		return ACT_ESTALE;
	}
	claimed = claim(ask, true);
	act__probe_reply(self, ask, reply, !claimed, site);
	settle(self, ask, claimed, reply, 0);
	return claimed ? 0 : ACT_EGONE;
}

int act__reply_to(struct act_self *self, struct act_message *message, const struct act_type *type,
		  void *fields, struct act_site *site)
{
	return act__answer(self, &message->token, type, fields, site);
}

int act__fail(struct act_self *self, struct act_token *token, int error, struct act_site *site)
{
	struct act__ask *ask = use_token(token);
	bool claimed;

	assert(error < 0);
	if (!ask)
		return ACT_ESTALE;
	claimed = claim(ask, false);
	act__probe_fail(self, ask, !claimed, site);
	settle(self, ask, claimed, NULL, error);
	return claimed ? 0 : ACT_EGONE;
}

int act__reply_error(struct act_self *self, struct act_message *message, int error,
		     struct act_site *site)
{
	return act__fail(self, &message->token, error, site);
}

void act__drop_token(struct act_self *self, struct act_token *token, struct act_site *site)
{
	act__token_drop(self, token, ACT_EDROPPED, site);
}
