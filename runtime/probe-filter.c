#include "runtime/probe-filter.h"

#include "runtime/probe-define.h"
#include "tracer/event/ring.h"

static uint16_t sort_of(struct trc_filters *filters, struct act__actor *actor)
{
	uint16_t sort;

	if (!actor)
		return TRC_SORT_OUTSIDE;
	sort = atomic_load_explicit(&actor->sort, memory_order_acquire);
	if (sort == 0) {
		sort = trc_filters_sort(filters, actor->kind->name, act__actor_name(actor));
		atomic_store_explicit(&actor->sort, sort, memory_order_release);
	}
	return sort;
}

static struct trc_choice choose(struct act_self *self, struct act__actor *to,
				const struct act_type *type, bool is_ask)
{
	struct trc_filters *filters = act__filters(self);
	uint16_t number = act__type_number(self, type);

	if (!trc_filters_knows_type(filters, number))
		trc_filters_note_type(filters, number, type->name, type->care & ACT__DROPPED);
	return trc_filters_choose(filters, sort_of(filters, self->actor), sort_of(filters, to),
				  number, is_ask);
}

/* From now on not all that is in its mailbox is in the trace. Where that is lost it is said again:
 * verdicts stand on it. */
static void tell_unseen(struct act_self *self, struct act__actor *to)
{
	struct trc_event event = {.kind = TRC_UNSEEN, .id = to->number, .arg = 1};

	if (!atomic_load_explicit(&to->unseen_sent, memory_order_relaxed) &&
	    !atomic_exchange(&to->unseen_sent, true) && !act__emit(self, &event))
		atomic_store(&to->unseen_sent, false);
}

void act__decide(struct act_self *self, struct act__actor *to, struct act_message *message,
		 const struct act__ask *ask)
{
	struct trc_choice choice;

	if (message->fate != TRC_FATE_OPEN)
		return;
	choice = choose(self, to, message->type, ask != NULL);
	trc_ring_count_choice(self->ring, choice);
	message->fate = (uint8_t)choice.fate;
	if (choice.fate == TRC_FATE_LEFT_OUT)
		tell_unseen(self, to);
}

enum trc_fate act__fate_of(struct act_self *self, struct act__actor *to,
			   const struct act__draft *draft)
{
	return choose(self, to, draft->type, draft->asks).fate;
}

bool act__message_left_out(struct act_self *self, struct act__actor *to,
			   struct act_message *message)
{
	act__decide(self, to, message, NULL);
	return message->fate == TRC_FATE_LEFT_OUT;
}

bool act__refusal_left_out(struct act_self *self, struct act__actor *to,
			   const struct act_type *type)
{
	return choose(self, to, type, false).fate == TRC_FATE_LEFT_OUT;
}
