#include "runtime/group.h"

#include "runtime/mailbox.h"
#include "runtime/probe.h"
#include "runtime/system.h"
#include "runtime/wait.h"
#include "runtime/worker.h"

#include <act/group.h>

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

/* --- answers -------------------------------------------------------------------------------- */

/* The ask is no longer the asker's. */
static void abandon_locked(struct act__group *group, const struct act__ask *ask)
{
	for (size_t i = 0; i < group->count; i++)
		if (group->places[i].ask == ask)
			group->places[i].ask = NULL;
}

bool act__group_claim(struct act__ask *ask, bool succeeds)
{
	struct act__group *group = ask->group;
	bool cares;

	act__lock(&group->lock);
	cares = !group->left && !group->won;
	if (cares) {
		ask->progress = ACT__ASK_CLAIMED;
		group->unsettled++;
		if (group->any && succeeds)
			group->won = ask;
	} else if (!group->left) {
		abandon_locked(group, ask);
	}
	act__unlock(&group->lock);
	return cares;
}

void act__group_forget(struct act__group *group)
{
	bool last;

	act__lock(&group->lock);
	last = --group->references == 0;
	act__unlock(&group->lock);
	if (last)
		free(group);
}

/* Whether the asker, if it waits, has nothing to wait for any more. */
static bool goes_on_locked(const struct act__group *group)
{
	if (group->left)
		return group->unsettled == 0;
	return group->any || group->open == 0;
}

void act__group_settle(struct act_self *self, struct act__ask *ask)
{
	struct act__group *group = ask->group;
	struct act__actor *asker = group->asker;
	bool wakes = false, last;

	act__lock(&group->lock);
	group->open--;
	group->unsettled--;
	group->last = ask;
	ask->progress = ACT__ASK_SETTLED;
	if (group->ticket && goes_on_locked(group)) {
		wakes = act__wait_claim(asker, group->ticket, ACT__MET);
		group->ticket = 0;
	}
	last = --group->references == 0;
	act__unlock(&group->lock);
	if (wakes)
		act__wait_publish(self, asker, true);
	if (last)
		free(group);
}

/* --- questions ------------------------------------------------------------------------------ */

struct act_question act__question(struct act_self *self, struct act_handle to,
				  const struct act_type *type, void *fields)
{
	struct act_question question = {.to = to, .message = act__message_new(self, type, fields)};

	if (!question.message) {
		act__fields_drop(self, type, fields);
		question.error = -ENOMEM;
	}
	return question;
}

static void refuse(struct act_self *self, struct act_question *question, int error, unsigned flags,
		   struct act_site *site)
{
	struct act__actor *to = act__handle_good(question->to) ? question->to.actor : NULL;

	if (!question->message)
		return;
	act__probe_refused(self, to, question->message->type, error, flags, site);
	act__message_free(self, question->message, ACT_EDROPPED);
	question->message = NULL;
	question->error = error;
}

/* Puts a question into the place that is reserved for it. */
static int put(struct act_self *self, struct act__group *group, size_t index,
	       struct act_question *question, unsigned flags, struct act_site *site)
{
	struct act__ask *ask = act__ask_new(self);
	struct act_message *message = question->message;

	if (!ask) {
		act__mailbox_return_place(self, question->to.actor);
		return -ENOMEM;
	}
	ask->group = group;
	ask->ticket = ACT__TICKET_OF_GROUP;
	ask->number = act__probe_number(self);
	message->token = act__ask_token(ask);
	question->message = NULL;

	act__lock(&group->lock);
	group->places[index] = (struct act__group_place){ask, question->to.actor};
	group->open++;
	group->references++;
	act__unlock(&group->lock);
	act__probe_send(self, question->to.actor, message, ask, flags, site);
	act__mailbox_put(self, question->to.actor, message);
	return 0;
}

static bool is_won(struct act__group *group)
{
	bool won;

	act__lock(&group->lock);
	won = group->won != NULL;
	act__unlock(&group->lock);
	return won;
}

static int put_one(struct act_self *self, struct act__group *group, size_t index,
		   struct act_question *question, uint64_t deadline, struct act_site *site)
{
	unsigned flags = deadline == ACT__NEVER ? 0 : TRC_F_DEADLINE;
	int r = group->over;

	if (r == 0)
		r = act__mailbox_enter(self, question->to,
				       &(struct act__draft){question->message->type,
							    question->message->fields, true},
				       deadline, site);
	if (r == 0)
		r = put(self, group, index, question, flags, site);
	if (r < 0)
		refuse(self, question, r, flags, site);
	return r;
}

/* Asks one after the other, until time is up or, with `any`, one has been answered. */
static void put_all(struct act_self *self, struct act__group *group, struct act_question *questions,
		    uint64_t deadline, struct act_site *site)
{
	int r;

	if (atomic_load(&self->actor->stopping))
		group->over = ACT_ECANCELLED;
	for (size_t i = 0; i < group->count; i++) {
		if (!questions[i].message)
			continue;
		if (is_won(group)) {
			act__message_free(self, questions[i].message, ACT_EDROPPED);
			questions[i].message = NULL;
			continue;
		}
		r = put_one(self, group, i, &questions[i], deadline, site);
		if (r == ACT_EDEADLINE || r == ACT_ECANCELLED)
			group->over = r;
	}
}

/* --- waiting -------------------------------------------------------------------------------- */

/* Collects what is still to be answered and lets `wait` end by it. 0: nothing is. */
static size_t watch(struct act__group *group, const struct act__wait *wait)
{
	size_t count = 0;

	act__lock(&group->lock);
	if (group->open > 0 && !group->won) {
		group->ticket = wait->ticket;
		for (size_t i = 0; i < group->count; i++) {
			const struct act__group_place *place = &group->places[i];

			if (place->ask && place->ask->progress != ACT__ASK_SETTLED)
				group->targets[count++] = (struct trc_target){
					TRC_WHAT_REPLY, place->ask->number, place->to->number};
		}
	}
	act__unlock(&group->lock);
	return count;
}

static uint64_t last_token(struct act__group *group)
{
	uint64_t number;

	act__lock(&group->lock);
	number = group->last ? group->last->number : 0;
	act__unlock(&group->lock);
	return number;
}

static void wait_for_answers(struct act_self *self, struct act__group *group, uint64_t deadline,
			     struct act_site *site)
{
	enum act__outcome outcome;
	struct act__wait wait;
	size_t count;

	while (!group->over) {
		if (!act__wait_begin(self, &wait, deadline, ACT__DEADLINE, site)) {
			group->over = ACT_ECANCELLED;
			return;
		}
		count = watch(group, &wait);
		if (count == 0) {
			act__wait_leave(self, &wait);
			return;
		}
		act__probe_group_wait(self, group->targets, count, group->any, deadline, site);
		outcome = act__wait_park(self, &wait);
		act__probe_wake_by(self, outcome,
				   group->any && outcome == ACT__MET ? last_token(group) : 0);
		group->over = act__outcome_error(outcome);
	}
}

/* Lets nobody claim any more; what is claimed is settled when this returns. */
static void leave(struct act_self *self, struct act__group *group)
{
	struct act__wait wait;
	bool settled;

	act__wait_begin_firm(self, &wait);
	act__lock(&group->lock);
	group->left = true;
	for (size_t i = 0; i < group->count; i++)
		if (group->places[i].ask && group->places[i].ask->progress == ACT__ASK_OPEN)
			group->places[i].ask = NULL;
	settled = group->unsettled == 0;
	group->ticket = settled ? 0 : wait.ticket;
	act__unlock(&group->lock);
	if (settled)
		act__wait_leave(self, &wait);
	else
		act__wait_park(self, &wait);
}

/* Hands out what came, and says of the rest why nothing did. */
static void collect(struct act_self *self, struct act__group *group, struct act_question *questions,
		    int error)
{
	for (size_t i = 0; i < group->count; i++) {
		struct act__ask *ask = group->places[i].ask;

		if (ask) {
			questions[i].reply = ask->reply;
			questions[i].error = ask->error;
			act__ask_free(self, ask);
		} else if (group->places[i].to) {
			questions[i].error = error;
		}
	}
}

/* --- both ways ------------------------------------------------------------------------------ */

static struct act__group *new_group(struct act_self *self, size_t count, bool any)
{
	size_t places = sizeof(struct act__group) + count * sizeof(struct act__group_place);
	struct act__group *group = calloc(1, places + count * sizeof(struct trc_target));

	if (!group)
		return NULL;
	group->any = any;
	group->asker = self->actor;
	group->references = 1;
	group->count = count;
	group->targets = (struct trc_target *)(void *)((unsigned char *)group + places);
	return group;
}

static int ask_group(struct act_self *self, struct act__group *group,
		     struct act_question *questions, uint64_t timeout, struct act_site *site)
{
	uint64_t deadline = act__deadline(self, timeout);
	int result;

	put_all(self, group, questions, deadline, site);
	wait_for_answers(self, group, deadline, site);
	leave(self, group);
	result = group->won ? 0 : group->over;
	collect(self, group, questions, result);
	return result;
}

static int refuse_all(struct act_self *self, struct act_question *questions, size_t count,
		      int error, struct act_site *site)
{
	for (size_t i = 0; i < count; i++)
		refuse(self, &questions[i], error, 0, site);
	return error;
}

int act__ask_all(struct act_self *self, struct act_question *questions, size_t count,
		 uint64_t timeout, struct act_site *site)
{
	struct act__group *group;
	int r;

	if (!self->fiber)
		return refuse_all(self, questions, count, ACT_ECANCELLED, site);
	group = new_group(self, count, false);
	if (!group) {
		refuse_all(self, questions, count, -ENOMEM, site);
		return 0;
	}
	r = ask_group(self, group, questions, timeout, site);
	act__group_forget(group);
	return r;
}

int act__ask_any(struct act_self *self, struct act_question *questions, size_t count,
		 size_t *ret_index, uint64_t timeout, struct act_site *site)
{
	struct act__group *group;
	int r;

	assert(count > 0);
	if (!self->fiber)
		return refuse_all(self, questions, count, ACT_ECANCELLED, site);
	group = new_group(self, count, true);
	if (!group)
		return refuse_all(self, questions, count, -ENOMEM, site);
	r = ask_group(self, group, questions, timeout, site);
	if (r == 0 && !group->won)
		r = questions[count - 1].error;
	for (size_t i = 0; r == 0 && i < count; i++)
		if (questions[i].reply)
			*ret_index = i;
	act__group_forget(group);
	return r;
}
