#include "tracer/analysis/arrows.h"

#include "tracer/analysis/edges.h"
#include "tracer/analysis/limits.h"
#include "tracer/model/memory.h"

#include <stdlib.h>

/* What an actor sent in its present turn, to notice that it sends more than it gets. */
struct turn {
	uint64_t message;
	unsigned count;
	size_t room;
	struct sent {
		uint32_t to_kind;
		uint16_t type;
		uint32_t count;
	} * sent;
};

static uint64_t arrow_key(const struct trc__arrow *arrow)
{
	uint64_t form = (uint64_t)arrow->type << 8 | (uint64_t)arrow->form << 1 | arrow->ask;

	return trc_mix(trc_mix(trc_mix(arrow->from, arrow->to), arrow->by_type),
		       trc_mix(trc_mix(arrow->site, form), (uint64_t)arrow->cause)) |
	       1;
}

static bool same_arrow(const struct trc__arrow *a, const struct trc__arrow *b)
{
	return a->from == b->from && a->to == b->to && a->site == b->site && a->type == b->type &&
	       a->form == b->form && a->ask == b->ask && a->cause == b->cause &&
	       a->by_type == b->by_type;
}

static uint64_t flow_key(uint32_t from_kind, uint32_t to_kind, int64_t cause)
{
	return trc_mix((uint64_t)from_kind << 32 | to_kind, (uint64_t)cause) | 1;
}

const struct trc__flow *trc__arrows_flow(const struct trc__arrows *arrows, uint32_t from_kind,
					 uint32_t to_kind, int64_t cause)
{
	return trc_table_find(&arrows->flows, flow_key(from_kind, to_kind, cause));
}

static uint32_t kind_of(const struct trc_model *model, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(model, id);

	return actor ? actor->kind : 0;
}

/* --- what one send says -------------------------------------------------------------------------
 */

static enum trc__form form_of(const struct trc_actor *sender, unsigned flags)
{
	if (!sender || (flags & TRC_F_TIMER))
		return TRC__FORM_OUTSIDE;
	if (sender->flags & TRC_F_SOURCE)
		return TRC__FORM_SOURCE;
	if (flags & TRC_F_TRY)
		return TRC__FORM_TRY;
	return flags & TRC_F_DEADLINE ? TRC__FORM_DEADLINE : TRC__FORM_WAITS;
}

static int64_t cause_of(const struct trc_model *model, const struct trc_actor *sender,
			unsigned flags)
{
	const struct trc_message *cause = sender ? sender->current : NULL;
	const struct trc_actor *before;

	if ((flags & TRC_F_TIMER) || (sender && (sender->flags & TRC_F_SOURCE)))
		return TRC__CAUSE_DRIVEN;
	if (!sender)
		return TRC__CAUSE_OUTSIDE;
	if (!cause)
		return TRC__CAUSE_START;
	before = trc_model_actor(model, cause->sender);
	if ((cause->flags & TRC_F_TIMER) || (before && (before->flags & TRC_F_SOURCE)))
		return TRC__CAUSE_DRIVEN;
	return before ? (int64_t)before->kind : TRC__CAUSE_OUTSIDE;
}

static struct trc__flow *make_flow(struct trc__arrows *arrows, const struct trc__arrow *arrow)
{
	uint64_t key = flow_key(arrow->from_kind, arrow->to_kind, arrow->cause);
	struct trc__flow *flow = trc_table_find(&arrows->flows, key);

	if (flow)
		return flow;
	flow = trc_zalloc(1, sizeof *flow);
	flow->from_kind = arrow->from_kind;
	flow->to_kind = arrow->to_kind;
	flow->cause = arrow->cause;
	trc_table_put(&arrows->flows, key, flow);
	return flow;
}

/* How many there were of that, and because of what, nobody will know. */
static void note_uncounted(struct trc__arrows *arrows, const struct trc__arrow *arrow)
{
	uint64_t key = trc_mix(trc_mix(arrow->to, arrow->type), arrow->ask) | 1;
	struct trc__uncounted *uncounted;

	if (!arrows->full_since)
		arrows->full_since = trc_model_time(arrows->model);
	if (trc_table_find(&arrows->uncounted, key))
		return;
	uncounted = trc_alloc(sizeof *uncounted);
	*uncounted = (struct trc__uncounted){arrow->to, arrow->type, arrow->ask};
	trc_table_put(&arrows->uncounted, key, uncounted);
}

/* It is `beyond`, good until the next, when there are too many. */
static struct trc__arrow *new_arrow(struct trc__arrows *arrows, const struct trc__arrow *wanted,
				    const struct trc_actor *sender)
{
	struct trc__arrow *arrow = &arrows->beyond;
	struct trc__flow *flow;

	*arrow = *wanted;
	arrow->from_kind = kind_of(arrows->model, wanted->from);
	arrow->to_kind = kind_of(arrows->model, wanted->to);
	flow = make_flow(arrows, arrow);
	if (arrows->count == TRC__ARROWS_MAX || flow->arrows == TRC__ARROWS_OF_FLOW_MAX) {
		note_uncounted(arrows, arrow);
		return arrow;
	}
	arrows->count++;
	flow->arrows++;
	arrow = trc_copy(arrow, sizeof *arrow);
	arrow->doing = sender ? trc__doing(arrows->model, sender) : trc_strdup("");
	arrow->message = sender && sender->current ? sender->current->id : 0;
	return arrow;
}

static struct trc__arrow *find_arrow(struct trc__arrows *arrows, const struct trc__arrow *wanted,
				     const struct trc_actor *sender)
{
	uint64_t key = arrow_key(wanted);
	struct trc__arrow *chain = trc_table_find(&arrows->arrows, key);
	struct trc__arrow *arrow = chain;

	while (arrow && !same_arrow(arrow, wanted))
		arrow = arrow->next;
	if (arrow)
		return arrow;
	arrow = new_arrow(arrows, wanted, sender);
	if (arrow != &arrows->beyond) {
		arrow->next = chain;
		trc_table_put(&arrows->arrows, key, arrow);
	}
	return arrow;
}

/* Counts the send in its sender's turn; returns how many went to that kind in it, and how many of
 * them were of that type. */
static uint32_t count_in_turn(struct trc__arrows *arrows, const struct trc_actor *sender,
			      struct trc__arrow *arrow, uint32_t *ret_of_type)
{
	struct turn *turn = trc_table_find(&arrows->turns, sender->id);
	uint64_t message = sender->current ? sender->current->id : 0;
	uint32_t count = 1;
	unsigned known;

	if (!turn) {
		turn = trc_zalloc(1, sizeof *turn);
		trc_table_put(&arrows->turns, sender->id, turn);
	}
	if (turn->message != message) {
		turn->message = message;
		turn->count = 0;
	}
	known = turn->count;
	arrow->later |= turn->count > 0;
	for (unsigned i = 0; i < turn->count; i++) {
		if (turn->sent[i].to_kind != arrow->to_kind)
			continue;
		count += turn->sent[i].count;
		if (turn->sent[i].type == arrow->type)
			known = i;
	}
	if (known == turn->count) {
		turn->sent = trc_grow(turn->sent, &turn->room, turn->count + 1, sizeof *turn->sent);
		turn->sent[turn->count++] = (struct sent){arrow->to_kind, arrow->type, 0};
	}
	*ret_of_type = ++turn->sent[known].count;
	return count;
}

/* Takes notice that so many messages went along the arrow in one turn. */
static void count_flow(struct trc__arrows *arrows, const struct trc__arrow *arrow, uint32_t count)
{
	struct trc__flow *flow = make_flow(arrows, arrow);

	if (count > flow->most)
		flow->most = count;
}

static void note_peak(struct trc__arrows *arrows, const struct trc_event *event)
{
	const struct trc_actor *owner = trc_model_actor(arrows->model, event->peer);
	struct trc__peak *peak;

	/* A new peak is rare; `peak` of the actor is this one's when it is. */
	if (!owner || event->kind != TRC_SEND || owner->depth != owner->peak)
		return;
	peak = trc_table_find(&arrows->peaks, event->peer);
	if (peak && peak->depth >= owner->depth)
		return;
	if (!peak) {
		peak = trc_alloc(sizeof *peak);
		trc_table_put(&arrows->peaks, event->peer, peak);
	}
	*peak = (struct trc__peak){event->time, event->actor, event->id,
				   event->site, event->type,  owner->depth};
}

static void note_timer(struct trc__arrows *arrows, uint64_t id)
{
	const struct trc_actor *actor = trc_model_actor(arrows->model, id);
	uint16_t type = actor && actor->current ? actor->current->type : 0;

	if (id)
		trc_table_put(&arrows->timers, id, (void *)(uintptr_t)(1u + type));
}

void trc__arrows_event(struct trc__arrows *arrows, const struct trc_event *event)
{
	const struct trc_actor *sender;
	const struct trc_message *message;
	struct trc__arrow wanted, *arrow;
	uint32_t count = 1, of_type = 1;

	if (event->kind == TRC_HANDLE_CLONE && event->actor == 0)
		note_timer(arrows, event->id);
	if (event->kind != TRC_SEND && event->kind != TRC_REFUSED)
		return;
	/* A refused send was one that could not wait, or waited until a deadline. */
	if (event->kind == TRC_REFUSED && event->arg != TRC_REFUSED_FULL &&
	    event->arg != TRC_REFUSED_DEADLINE)
		return;
	sender = trc_model_actor(arrows->model, event->actor);
	wanted = (struct trc__arrow){
		.from = event->actor,
		.to = event->peer,
		.site = event->site,
		.type = event->type,
		.form = form_of(sender, event->flags),
		.ask = event->kind == TRC_SEND && event->arg != 0,
		.cause = cause_of(arrows->model, sender, event->flags),
		.by = event->actor,
		.by_type = sender && sender->current ? sender->current->type : 0,
		.timer = event->flags & TRC_F_TIMER,
	};
	if (wanted.timer) {
		uintptr_t set = (uintptr_t)trc_table_find(&arrows->timers, event->peer);

		wanted.by = set ? event->peer : 0;
		wanted.by_type = set ? (uint16_t)(set - 1) : 0;
	}
	if (event->kind == TRC_REFUSED && wanted.form == TRC__FORM_WAITS)
		wanted.form = TRC__FORM_DEADLINE;
	arrow = find_arrow(arrows, &wanted, sender);
	arrow->count++;
	arrow->last = event->time;
	arrow->sent = event->id;
	note_peak(arrows, event);
	if (sender && sender->current && sender->current->sender == event->peer)
		arrow->back++;
	message = trc_model_message(arrows->model, event->id);
	if (message && message->space_since < message->sent)
		arrow->waits++;
	if (!wanted.ask && !trc_table_find(&arrows->filled, event->peer) && event->peer)
		trc_table_put(&arrows->filled, event->peer, arrows);
	if (sender)
		count = count_in_turn(arrows, sender, arrow, &of_type);
	if (of_type > arrow->most)
		arrow->most = of_type;
	count_flow(arrows, arrow, count);
}

void trc__arrows_open_waits(struct trc__arrows *arrows)
{
	for (size_t i = 0; i < trc_model_actor_count(arrows->model); i++) {
		const struct trc_actor *actor = trc_model_actor_at(arrows->model, i);
		const struct trc_wait *wait = &actor->wait;
		struct trc__arrow wanted, *arrow;

		if (wait->target_count != 1 || wait->targets[0].what != TRC_WHAT_SPACE)
			continue;
		wanted = (struct trc__arrow){
			.from = actor->id,
			.to = wait->targets[0].object,
			.site = wait->site,
			.type = trc_model_target_type(arrows->model, actor, &wait->targets[0]),
			.form = wait->deadline ? TRC__FORM_DEADLINE : TRC__FORM_WAITS,
			.cause = cause_of(arrows->model, actor, 0),
			.by = actor->id,
			.by_type = actor->current ? actor->current->type : 0,
		};
		arrow = find_arrow(arrows, &wanted, actor);
		if (arrow->waits == 0)
			arrow->waits = 1;
		if (wait->since > arrow->last)
			arrow->last = wait->since;
		count_flow(arrows, arrow, 1);
	}
}

/* --- at the end ---------------------------------------------------------------------------------
 */

static int compare(uint64_t a, uint64_t b)
{
	return (a > b) - (a < b);
}

static int compare_arrows(const void *a, const void *b)
{
	const struct trc__arrow *x = *(struct trc__arrow *const *)a;
	const struct trc__arrow *y = *(struct trc__arrow *const *)b;
	int order = compare(x->from, y->from);

	if (!order)
		order = compare(x->to, y->to);
	if (!order)
		order = compare(x->form, y->form);
	if (!order)
		order = compare(x->ask, y->ask);
	if (!order) /* the most telling first */
		order = compare(y->waits, x->waits);
	if (!order)
		order = compare(y->count, x->count);
	if (!order)
		order = compare(x->site, y->site);
	if (!order)
		order = compare(x->type, y->type);
	return order ? order : (x->cause > y->cause) - (x->cause < y->cause);
}

struct trc__arrow **trc__arrows_list(const struct trc__arrows *arrows, size_t *ret_count)
{
	struct trc__arrow **list = NULL, *arrow;
	size_t count = 0, room = 0, place = 0;

	while ((arrow = trc_table_next(&arrows->arrows, &place)))
		for (; arrow; arrow = arrow->next) {
			list = trc_grow(list, &room, count + 1, sizeof *list);
			list[count++] = arrow;
		}
	if (count)
		qsort(list, count, sizeof *list, compare_arrows);
	*ret_count = count;
	return list;
}

void trc__arrows_clear(struct trc__arrows *arrows)
{
	struct trc__arrow *arrow;
	struct turn *turn;
	size_t place = 0;
	void *flow, *peak, *uncounted;

	while ((arrow = trc_table_next(&arrows->arrows, &place)))
		while (arrow) {
			struct trc__arrow *next = arrow->next;

			free(arrow->doing);
			free(arrow);
			arrow = next;
		}
	place = 0;
	while ((turn = trc_table_next(&arrows->turns, &place))) {
		free(turn->sent);
		free(turn);
	}
	place = 0;
	while ((peak = trc_table_next(&arrows->peaks, &place)))
		free(peak);
	place = 0;
	while ((flow = trc_table_next(&arrows->flows, &place)))
		free(flow);
	place = 0;
	while ((uncounted = trc_table_next(&arrows->uncounted, &place)))
		free(uncounted);
	trc_table_clear(&arrows->uncounted);
	trc_table_clear(&arrows->arrows);
	trc_table_clear(&arrows->flows);
	trc_table_clear(&arrows->turns);
	trc_table_clear(&arrows->peaks);
	trc_table_clear(&arrows->timers);
	trc_table_clear(&arrows->endless);
	trc_table_clear(&arrows->filled);
}
