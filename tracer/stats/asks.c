/*
 * Two things are followed: asks, by their token, from mailbox to handler, to a shelf (the handler
 * is over, the token is kept), to another mailbox when the token is passed on, until the reply; and
 * handlings, what an actor does with one message, whose time is split as it goes. A token comes
 * with the message that the handling begins with, so that when it is answered, passed on or shelved
 * there, the handling's split so far is the ask's.
 *
 * When a handler waits for the reply to an ask of its own, the wait is split as that ask was, once
 * it is over. Only the part of it counts that lies within the wait: of an ask that was sent before,
 * what came first is left off, and that is the waiting for space, then the mailbox, then the rest.
 * Of several asks that are waited for at once, the last to be answered is the one that counts, or,
 * if any one is enough, the first.
 */
#include "tracer/stats/asks.h"

#include "tracer/model/memory.h"
#include "tracer/model/table.h"
#include "tracer/stats/ask-ranking.h"

#include <stdlib.h>
#include <string.h>

enum {
	NESTED_KEPT = 8, /* nested asks of one ask that are told singly */
	EARLY_KEPT = 8,
};

/* An ask that is under way. */
struct open_ask {
	struct trc_ask ask;     /* what is known so far */
	uint64_t since;         /* it has been where it is */
	uint64_t handler;       /* the actor that handles the message it came in, or 0 */
	uint64_t in_message;    /* the message it waits in, or 0: with neither, it is kept */
	struct open_ask *other; /* in the same message or handling */
};

struct handling {
	uint64_t since; /* up to here it is split */
	bool waits;
	struct trc_split split;
	struct trc_ask *nested, **nested_end;
	unsigned nested_count;
	struct open_ask *asks;    /* that came with its message */
	struct trc_ask *answered; /* that it waits for */
	struct trc_ask *early; /* its asks that were answered before it waits, the newest first */
};

struct trc_asks {
	const struct trc_model *model;
	struct trc_asks_options options;
	struct trc_table open;       /* struct open_ask, by token */
	struct trc_table in_message; /* the same, by message: a list */
	struct trc_table handlings;  /* struct handling, by actor */
	struct trc__ask_ranking ranking;
};

const char *trc_place_name(enum trc_place place)
{
	static const char *const names[TRC_PLACE_COUNT] = {
		"space", "mailbox", "handler", "asleep", "kept", "waking", "unanswered",
	};

	return names[place];
}

struct trc_asks *trc_asks_new(const struct trc_model *model, const struct trc_asks_options *options)
{
	struct trc_asks *asks = trc_zalloc(1, sizeof *asks);

	asks->model = model;
	asks->options = *options;
	trc__ask_ranking_init(&asks->ranking, options->slowest);
	return asks;
}

static void free_handling(struct handling *handling)
{
	trc__asks_free_list(handling->nested);
	trc__asks_free_list(handling->answered);
	trc__asks_free_list(handling->early);
	free(handling);
}

void trc_asks_free(struct trc_asks *asks)
{
	struct handling *handling;
	struct open_ask *open;
	size_t place;

	if (!asks)
		return;
	for (place = 0; (open = trc_table_next(&asks->open, &place));) {
		trc__asks_free_list(open->ask.nested);
		free(open);
	}
	for (place = 0; (handling = trc_table_next(&asks->handlings, &place));)
		free_handling(handling);
	trc__ask_ranking_clear(&asks->ranking);
	trc_table_clear(&asks->open);
	trc_table_clear(&asks->in_message);
	trc_table_clear(&asks->handlings);
	free(asks);
}

/* --- splits -------------------------------------------------------------------------------------
 */

static uint64_t whole_of(const struct trc_split *split)
{
	uint64_t sum = 0;

	for (int i = 0; i < TRC_PLACE_COUNT; i++)
		sum += split->places[i];
	return sum;
}

/* Leaves off what lies before the last `left` nanoseconds. */
static void cut_split(struct trc_split *split, uint64_t left)
{
	uint64_t whole = whole_of(split), excess = whole > left ? whole - left : 0;

	for (int i = 0; i < TRC_PLACE_COUNT && excess > 0; i++) {
		uint64_t part = split->places[i] < excess ? split->places[i] : excess;

		split->places[i] -= part;
		excess -= part;
	}
}

static uint64_t since(uint64_t then, uint64_t now)
{
	return now > then ? now - then : 0;
}

/* --- answered asks ------------------------------------------------------------------------------
 */

/* Its asker waits for this one, perhaps among others. */
static bool is_waited_for(const struct trc_asks *asks, uint64_t asker, uint64_t token,
			  bool *ret_any)
{
	const struct trc_actor *actor = trc_model_actor(asks->model, asker);

	for (unsigned i = 0; actor && i < actor->wait.target_count; i++)
		if (actor->wait.targets[i].what == TRC_WHAT_REPLY &&
		    actor->wait.targets[i].object == token) {
			*ret_any = actor->wait.any;
			return true;
		}
	return false;
}

/* Forgets all but the first so many. */
static void shorten(struct trc_ask **list, unsigned count)
{
	while (*list && count-- > 0)
		list = &(*list)->next;
	trc__asks_free_list(*list);
	*list = NULL;
}

static void take_answer(struct handling *handling, struct trc_ask *ask, bool any)
{
	ask->next = NULL;
	if (any && handling->answered) {
		trc__asks_free_list(ask);
		return;
	}
	trc__asks_free_list(handling->answered);
	handling->answered = ask;
}

/* Gives an answered ask to its asker's handling; without one it is forgotten. */
static void hand_over(struct trc_asks *asks, const struct trc_ask *answered)
{
	struct handling *handling = trc_table_find(&asks->handlings, answered->asker);
	struct trc_ask *ask = trc_copy(answered, sizeof *answered);
	bool any = false;

	if (!handling) {
		trc__asks_free_list(ask);
	} else if (handling->waits) {
		if (is_waited_for(asks, ask->asker, ask->token, &any))
			take_answer(handling, ask, any);
		else
			trc__asks_free_list(ask);
	} else {
		ask->next = handling->early;
		handling->early = ask;
		shorten(&handling->early, EARLY_KEPT);
	}
}

/* A wait has begun: what was answered already may be what it waits for. */
static void look_for_early(struct trc_asks *asks, struct handling *handling)
{
	struct trc_ask *ask, *next;
	bool any = false;

	for (ask = handling->early; ask; ask = next) {
		next = ask->next;
		if (is_waited_for(asks, ask->asker, ask->token, &any)) {
			/* From the newest to the oldest: of all the first counts, of any the last.
			 */
			take_answer(handling, ask, !any);
		} else {
			ask->next = NULL;
			trc__asks_free_list(ask);
		}
	}
	handling->early = NULL;
}

/* --- handlings ----------------------------------------------------------------------------------
 */

static void begin_handling(struct trc_asks *asks, uint64_t actor, uint64_t now)
{
	struct handling *handling;

	if (actor == 0 || trc_table_find(&asks->handlings, actor))
		return;
	handling = trc_zalloc(1, sizeof *handling);
	handling->since = now;
	handling->nested_end = &handling->nested;
	trc_table_put(&asks->handlings, actor, handling);
}

static void add_nested(struct handling *handling, struct trc_ask *ask)
{
	if (++handling->nested_count > NESTED_KEPT) {
		trc__asks_free_list(ask);
		return;
	}
	*handling->nested_end = ask;
	handling->nested_end = &ask->next;
}

/* A wait for a reply is over. */
static void split_nested(struct handling *handling, uint64_t now)
{
	struct trc_ask *ask = handling->answered;
	uint64_t wait = since(handling->since, now);
	struct trc_split split = {0};
	uint64_t late;

	if (!ask) {
		handling->split.places[TRC_PLACE_UNANSWERED] += wait;
		handling->split.nested += wait;
		return;
	}
	late = since(ask->began + ask->duration, now);
	split = ask->split;
	split.nested = 0; /* all of it is nested here */
	cut_split(&split, since(late, wait));
	split.places[TRC_PLACE_WAKING] += wait - whole_of(&split);
	trc__split_add(&handling->split, &split);
	handling->split.nested += wait;
	add_nested(handling, ask);
	handling->answered = NULL;
}

/* Splits the time up to now. `wait`: of the actor, as it was until now. */
static void split_until(struct handling *handling, const struct trc_wait *wait, uint64_t now)
{
	uint64_t time = since(handling->since, now);
	bool reply = false, space = false;

	for (unsigned i = 0; handling->waits && wait && i < wait->target_count; i++) {
		reply |= wait->targets[i].what == TRC_WHAT_REPLY;
		space |= wait->targets[i].what == TRC_WHAT_SPACE;
	}
	if (reply)
		split_nested(handling, now);
	else
		handling->split.places[!handling->waits ? TRC_PLACE_HANDLER
				       : space          ? TRC_PLACE_SPACE
							: TRC_PLACE_ASLEEP] += time;
	handling->since = now;
}

static const struct trc_wait *wait_of(const struct trc_asks *asks, uint64_t actor)
{
	const struct trc_actor *one = trc_model_actor(asks->model, actor);

	return one ? &one->wait : NULL;
}

/* --- asks under way -----------------------------------------------------------------------------
 */

static void put_into(struct trc_asks *asks, struct open_ask *open, uint64_t message, uint64_t now)
{
	open->in_message = message;
	open->handler = 0;
	open->since = now;
	open->other = trc_table_find(&asks->in_message, message);
	trc_table_put(&asks->in_message, message, open);
}

/* Takes an ask out of a list. */
static struct open_ask *without(struct open_ask *list, const struct open_ask *one)
{
	struct open_ask **at = &list;

	while (*at && *at != one)
		at = &(*at)->other;
	if (*at)
		*at = one->other;
	return list;
}

/* Ends its stay where it is, at `now`. */
static void leave(struct trc_asks *asks, struct open_ask *open, uint64_t now)
{
	struct handling *handling =
		open->handler ? trc_table_find(&asks->handlings, open->handler) : NULL;
	uint64_t time = since(open->since, now);

	if (handling) {
		split_until(handling, wait_of(asks, open->handler), now);
		trc__split_add(&open->ask.split, &handling->split);
		open->ask.nested_count += handling->nested_count;
		if (!open->ask.nested) {
			open->ask.nested = handling->nested;
			handling->nested = NULL;
			handling->nested_end = &handling->nested;
			handling->nested_count = 0;
		}
		handling->asks = without(handling->asks, open);
	} else if (open->in_message) {
		struct open_ask *list =
			without(trc_table_take(&asks->in_message, open->in_message), open);

		open->ask.split.places[TRC_PLACE_MAILBOX] += time;
		if (list)
			trc_table_put(&asks->in_message, open->in_message, list);
	} else {
		open->ask.split.places[TRC_PLACE_KEPT] += time;
	}
	open->handler = 0;
	open->in_message = 0;
	open->other = NULL;
	open->since = now;
}

static void on_sent(struct trc_asks *asks, const struct trc_event *event)
{
	const struct trc_message *message = trc_model_message(asks->model, event->id);
	struct open_ask *open;

	if (event->arg == 0 || event->id == 0 || trc_table_find(&asks->open, event->arg))
		return;
	open = trc_zalloc(1, sizeof *open);
	open->ask = (struct trc_ask){
		.message = event->id,
		.token = event->arg,
		.asker = event->actor,
		.receiver = event->peer,
		.began = message && message->space_since ? message->space_since : event->time,
		.site = event->site,
		.type = event->type,
	};
	open->ask.split.places[TRC_PLACE_SPACE] = since(open->ask.began, event->time);
	trc_table_put(&asks->open, open->ask.token, open);
	put_into(asks, open, event->id, event->time);
}

static void on_done(struct trc_asks *asks, const struct trc_event *event)
{
	struct handling *handling = trc_table_find(&asks->handlings, event->actor);

	if (!handling)
		return;
	while (handling->asks)
		leave(asks, handling->asks, event->time);
	trc_table_take(&asks->handlings, event->actor);
	free_handling(handling);
}

static void on_received(struct trc_asks *asks, const struct trc_event *event)
{
	struct handling *handling;
	struct open_ask *open;

	on_done(asks, event); /* of the message before, if that is missing */
	begin_handling(asks, event->actor, event->time);
	handling = trc_table_find(&asks->handlings, event->actor);
	while (handling && (open = trc_table_find(&asks->in_message, event->id))) {
		leave(asks, open, event->time);
		open->handler = event->actor;
		open->other = handling->asks;
		handling->asks = open;
	}
}

static void on_closed(struct trc_asks *asks, const struct trc_event *event)
{
	struct open_ask *open = trc_table_take(&asks->open, event->id);
	struct trc_ask *ask;

	if (!open)
		return;
	leave(asks, open, event->time);
	ask = &open->ask;
	ask->replier = event->actor;
	ask->dropped = event->kind == TRC_TOKEN_DROP;
	ask->duration = since(ask->began, event->time);
	if (event->time >= asks->options.from && event->time <= asks->options.to &&
	    (!asks->options.wanted || asks->options.wanted(ask, asks->options.context))) {
		trc__ask_ranking_add(&asks->ranking, asks->model, ask);
	}
	hand_over(asks, ask);
	free(open);
}

static void on_moved(struct trc_asks *asks, const struct trc_event *event)
{
	struct open_ask *open = trc_table_find(&asks->open, event->id);

	if (!open)
		return;
	leave(asks, open, event->time);
	if (event->arg != 0)
		put_into(asks, open, event->arg, event->time);
}

/* --- events -------------------------------------------------------------------------------------
 */

void trc_asks_before(struct trc_asks *asks, const struct trc_event *event)
{
	struct handling *handling = trc_table_find(&asks->handlings, event->actor);

	switch (event->kind) {
	case TRC_WAIT:
	case TRC_WAKE:
		if (!handling)
			return;
		split_until(handling, wait_of(asks, event->actor), event->time);
		handling->waits = event->kind == TRC_WAIT;
		break;
	case TRC_DONE:
	case TRC_END:
		on_done(asks, event);
		break;
	case TRC_REPLY:
	case TRC_TOKEN_DROP:
		on_closed(asks, event);
		break;
	case TRC_TOKEN_MOVE:
		on_moved(asks, event);
		break;
	}
}

void trc_asks_after(struct trc_asks *asks, const struct trc_event *event)
{
	struct handling *handling;

	switch (event->kind) {
	case TRC_START:
		begin_handling(asks, event->actor, event->time);
		break;
	case TRC_WAIT:
		handling = trc_table_find(&asks->handlings, event->actor);
		if (handling)
			look_for_early(asks, handling);
		break;
	case TRC_SEND:
		on_sent(asks, event);
		break;
	case TRC_RECEIVE:
		on_received(asks, event);
		break;
	}
}

/* --- results ------------------------------------------------------------------------------------
 */

struct trc_ask_group **trc_asks_groups(const struct trc_asks *asks, size_t *ret_count)
{
	return trc__ask_ranking_groups(&asks->ranking, ret_count);
}

size_t trc_asks_slowest_count(const struct trc_asks *asks)
{
	return asks->ranking.slowest_count;
}

const struct trc_ask *trc_asks_slowest(const struct trc_asks *asks, size_t index)
{
	return asks->ranking.slowest[index];
}

uint64_t trc_asks_open(const struct trc_asks *asks)
{
	return asks->open.count;
}
