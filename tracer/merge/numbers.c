/*
 * One table says what each number of an event means; learning and renumbering both go by it.
 * Numbers stand in payloads, too: further targets of a wait, and fields of messages that are
 * handles or tokens.
 *
 * The object that ended a wait for any of several may be a token or an actor. What it is, its wait
 * says, so the targets of such waits are remembered while they are open.
 */
#include "tracer/merge/numbers.h"

#include "tracer/model/memory.h"
#include "tracer/model/table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum space {
	NOTHING,
	ACTOR,
	ITEM, /* a message or token */
	KIND,
	TYPE,
	SITE,
	TIME,
	OBJECT, /* of a wait: what it is says its target */
	WOKEN,  /* the object that ended a wait */
};

/* `actor` is always an actor, `site` a source line. */
static const struct roles {
	bool known;
	bool type; /* `type` is a message type, `payload` its fields */
	enum space id, peer, arg;
} roles[] = {
	[TRC_DEF_KIND] = {.known = true, .id = KIND},
	[TRC_DEF_TYPE] = {.known = true, .id = TYPE},
	[TRC_DEF_SITE] = {.known = true, .id = SITE},
	[TRC_SPAWN] = {.known = true, .id = ACTOR, .peer = KIND},
	[TRC_START] = {.known = true},
	[TRC_END] = {.known = true},
	[TRC_SEND] = {.known = true, .type = true, .id = ITEM, .peer = ACTOR, .arg = ITEM},
	[TRC_REFUSED] = {.known = true, .type = true, .peer = ACTOR},
	[TRC_RECEIVE] = {.known = true, .id = ITEM},
	[TRC_DONE] = {.known = true, .id = ITEM},
	[TRC_DISCARD] = {.known = true, .id = ITEM},
	[TRC_UNSEEN] = {.known = true, .id = ACTOR},
	[TRC_GRANT] = {.known = true, .id = ACTOR, .peer = ACTOR},
	[TRC_TOLD] = {.known = true, .id = ITEM, .peer = ACTOR},
	[TRC_REPLY] = {.known = true, .type = true, .id = ITEM, .peer = ACTOR},
	[TRC_TOKEN_MOVE] = {.known = true, .id = ITEM, .peer = ACTOR, .arg = ITEM},
	[TRC_TOKEN_DROP] = {.known = true, .id = ITEM, .peer = ACTOR},
	[TRC_TOKEN_KEEP] = {.known = true, .id = ITEM},
	[TRC_WAIT] = {.known = true, .id = OBJECT, .peer = ACTOR, .arg = TIME},
	[TRC_WAKE] = {.known = true, .id = WOKEN},
	[TRC_SENDING] = {.known = true, .type = true, .peer = ACTOR},
	[TRC_HANDLE_CLONE] = {.known = true, .id = ACTOR},
	[TRC_HANDLE_DROP] = {.known = true, .id = ACTOR},
	[TRC_HANDLE_MOVE] = {.known = true, .id = ACTOR, .peer = ACTOR, .arg = ITEM},
	[TRC_LOG] = {.known = true, .id = ITEM},
	[TRC_STATE] = {.known = true, .type = true},
	[TRC_LOST] = {.known = true, .arg = TIME},
};

static const struct roles *roles_of(unsigned kind)
{
	static const struct roles unknown;

	return kind < sizeof roles / sizeof roles[0] ? &roles[kind] : &unknown;
}

/* --- definitions --------------------------------------------------------------------------------
 */

struct definition {
	enum space space;
	uint64_t arg;
	uint64_t number; /* merged */
	size_t size;
	uint8_t bytes[];
};

struct trc_definitions {
	struct trc_table all; /* struct definition, by hash of their content */
	uint64_t last[SITE + 1];
	bool full;
};

struct trc_definitions *trc_definitions_new(void)
{
	return trc_zalloc(1, sizeof(struct trc_definitions));
}

static void free_values(struct trc_table *table)
{
	size_t place = 0;
	void *value;

	while ((value = trc_table_next(table, &place)))
		free(value);
	trc_table_clear(table);
}

void trc_definitions_free(struct trc_definitions *definitions)
{
	if (!definitions)
		return;
	free_values(&definitions->all);
	free(definitions);
}

bool trc_definitions_full(const struct trc_definitions *definitions)
{
	return definitions->full;
}

static uint64_t next_number(struct trc_definitions *definitions, enum space space)
{
	if (space == TYPE && definitions->last[TYPE] == UINT16_MAX) {
		definitions->full = true;
		return 0;
	}
	return ++definitions->last[space];
}

/* The merged number of a definition with this content. */
static uint64_t number_of(struct trc_definitions *definitions, enum space space,
			  const struct trc_event *event)
{
	uint64_t key = trc_mix(space, event->arg);
	struct definition *one;

	for (uint32_t i = 0; i < event->payload_size; i++)
		key = (key ^ event->payload[i]) * UINT64_C(0x100000001b3);
	for (key += key == 0; (one = trc_table_find(&definitions->all, key));
	     key += 1 + (key + 1 == 0))
		if (one->space == space && one->arg == event->arg &&
		    one->size == event->payload_size &&
		    memcmp(one->bytes, event->payload, one->size) == 0)
			return one->number;
	one = trc_zalloc(1, sizeof *one + event->payload_size);
	one->space = space;
	one->arg = event->arg;
	one->number = next_number(definitions, space);
	one->size = event->payload_size;
	if (one->size > 0)
		memcpy(one->bytes, event->payload, one->size);
	trc_table_put(&definitions->all, key, one);
	return one->number;
}

/* --- the numbers of a trace ---------------------------------------------------------------------
 */

/* What a number of a kind, type or source line becomes. */
struct meaning {
	uint64_t number;
	size_t size; /* types: of the definition */
	uint8_t bytes[];
};

struct any_wait {
	unsigned count;
	struct trc_target targets[];
};

struct trc_numbers {
	struct trc_definitions *definitions;
	struct trc_table meanings[SITE + 1]; /* by number */
	struct trc_table any_waits;          /* by actor */
	uint64_t last_actor, actors;         /* the greatest number, and how far they move */
	uint64_t last_item, items;
	uint8_t *payload;
	size_t payload_room;
};

struct trc_numbers *trc_numbers_new(struct trc_definitions *definitions)
{
	struct trc_numbers *numbers = trc_zalloc(1, sizeof *numbers);

	numbers->definitions = definitions;
	return numbers;
}

void trc_numbers_free(struct trc_numbers *numbers)
{
	if (!numbers)
		return;
	for (int space = KIND; space <= SITE; space++)
		free_values(&numbers->meanings[space]);
	free_values(&numbers->any_waits);
	free(numbers->payload);
	free(numbers);
}

static struct meaning *add_meaning(struct trc_numbers *numbers, enum space space, uint64_t old,
				   uint64_t merged, const struct trc_event *event)
{
	size_t size = event ? event->payload_size : 0;
	struct meaning *meaning = trc_zalloc(1, sizeof *meaning + size);

	meaning->number = merged;
	meaning->size = size;
	if (size > 0)
		memcpy(meaning->bytes, event->payload, size);
	trc_table_put(&numbers->meanings[space], old, meaning);
	return meaning;
}

/* --- going through the numbers of an event ------------------------------------------------------
 */

typedef void on_number(struct trc_numbers *numbers, const struct trc_event *event, enum space space,
		       uint64_t *number);

static void visit_bytes(struct trc_numbers *numbers, const struct trc_event *event,
			enum space space, uint8_t *bytes, on_number *visit)
{
	uint64_t number;

	memcpy(&number, bytes, sizeof number);
	visit(numbers, event, space, &number);
	memcpy(bytes, &number, sizeof number);
}

static enum space space_of_target(uint64_t what)
{
	return what == TRC_WHAT_REPLY                           ? ITEM
	       : what == TRC_WHAT_SPACE || what == TRC_WHAT_END ? ACTOR
								: NOTHING;
}

static void visit_targets(struct trc_numbers *numbers, const struct trc_event *event,
			  uint8_t *payload, on_number *visit)
{
	for (size_t at = 0; at + sizeof(struct trc_target) <= event->payload_size;
	     at += sizeof(struct trc_target)) {
		struct trc_target target;

		memcpy(&target, payload + at, sizeof target);
		visit(numbers, event, space_of_target(target.what), &target.object);
		visit(numbers, event, ACTOR, &target.peer);
		memcpy(payload + at, &target, sizeof target);
	}
}

/* Bytes that a field's value takes at the start of a payload, 0 when it is not there whole. */
static size_t field_size(uint8_t code, const uint8_t *payload, size_t size)
{
	uint32_t kept;

	switch (code) {
	case TRC_FIELD_BOOL:
		return size >= 1 ? 1 : 0;
	case TRC_FIELD_TEXT:
	case TRC_FIELD_BYTES:
		if (size < 8)
			return 0;
		memcpy(&kept, payload, sizeof kept);
		return kept <= size - 8 ? 8 + (size_t)kept : 0;
	case TRC_FIELD_I64:
	case TRC_FIELD_U64:
	case TRC_FIELD_F64:
	case TRC_FIELD_HANDLE:
	case TRC_FIELD_TOKEN:
		return size >= 8 ? 8 : 0;
	default:
		return 0;
	}
}

/* The fields of a message, as its type says. */
static void visit_fields(struct trc_numbers *numbers, const struct trc_event *event,
			 uint8_t *payload, on_number *visit)
{
	const struct meaning *type = trc_table_find(&numbers->meanings[TYPE], event->type);
	const uint8_t *end, *field, *next;
	size_t left = event->payload_size, length;

	if (!type || type->size == 0)
		return;
	end = type->bytes + type->size;
	for (field = memchr(type->bytes, 0, type->size); field && ++field < end; field = next) {
		length = field_size(*field, payload, left);
		if (length == 0)
			return;
		if (*field == TRC_FIELD_HANDLE)
			visit_bytes(numbers, event, ACTOR, payload, visit);
		else if (*field == TRC_FIELD_TOKEN)
			visit_bytes(numbers, event, ITEM, payload, visit);
		payload += length;
		left -= length;
		next = memchr(field, 0, (size_t)(end - field));
	}
}

/* Hands out all numbers of an event. `payload` is a copy; NULL: leave out those in there. */
static void visit_all(struct trc_numbers *numbers, struct trc_event *event, uint8_t *payload,
		      on_number *visit)
{
	const struct roles *role = roles_of(event->kind);
	const struct trc_event old = *event;
	uint64_t site = event->site, type = event->type;

	visit(numbers, &old, ACTOR, &event->actor);
	visit(numbers, &old, role->id, &event->id);
	visit(numbers, &old, role->peer, &event->peer);
	visit(numbers, &old, role->arg, &event->arg);
	visit(numbers, &old, SITE, &site);
	event->site = (uint32_t)site;
	if (role->type && payload)
		visit_fields(numbers, &old, payload, visit);
	if (role->type)
		visit(numbers, &old, TYPE, &type);
	if (event->kind == TRC_WAIT && payload)
		visit_targets(numbers, &old, payload, visit);
	if (role->type)
		event->type = (uint16_t)type;
}

static uint8_t *copy_payload(struct trc_numbers *numbers, const struct trc_event *event)
{
	numbers->payload =
		trc_grow(numbers->payload, &numbers->payload_room, event->payload_size + 1, 1);
	if (event->payload_size > 0)
		memcpy(numbers->payload, event->payload, event->payload_size);
	return numbers->payload;
}

/* --- learning -----------------------------------------------------------------------------------
 */

static void learn_number(struct trc_numbers *numbers, const struct trc_event *event,
			 enum space space, uint64_t *number)
{
	if (space == OBJECT)
		space = space_of_target(event->type);
	if (space == ACTOR && *number > numbers->last_actor)
		numbers->last_actor = *number;
	if (space == ITEM && *number > numbers->last_item)
		numbers->last_item = *number;
}

void trc_numbers_learn(struct trc_numbers *numbers, const struct trc_event *event)
{
	const struct roles *role = roles_of(event->kind);
	struct trc_event copy = *event;

	if (!role->known)
		return;
	if ((role->id == KIND || role->id == TYPE || role->id == SITE) && event->id != 0 &&
	    !trc_table_find(&numbers->meanings[role->id], event->id))
		add_meaning(numbers, role->id, event->id,
			    number_of(numbers->definitions, role->id, event), event);
	/* What stands in payloads only is of no actor and no message. */
	visit_all(numbers, &copy, NULL, learn_number);
}

int trc_numbers_place(struct trc_numbers *numbers, const struct trc_numbers *before)
{
	/* The writing ring is in the high 16 bits of a message's number, and stays there. */
	const uint64_t low = (UINT64_C(1) << 48) - 1;
	uint64_t actors, items;

	if (!before)
		return 0;
	actors = before->actors + before->last_actor;
	items = (before->items + before->last_item) | low;
	if (items == UINT64_MAX || numbers->last_item > UINT64_MAX - (items + 1) ||
	    numbers->last_actor > UINT64_MAX - actors)
		return -EOVERFLOW;
	numbers->actors = actors;
	numbers->items = items + 1;
	return 0;
}

/* --- renumbering --------------------------------------------------------------------------------
 */

static uint64_t renumber_definition(struct trc_numbers *numbers, enum space space, uint64_t number)
{
	struct meaning *meaning = trc_table_find(&numbers->meanings[space], number);

	/* One that was never defined stays so, under a number that nobody else has. */
	if (!meaning)
		meaning = add_meaning(numbers, space, number,
				      next_number(numbers->definitions, space), NULL);
	return meaning->number;
}

static enum space space_of_woken(const struct trc_numbers *numbers, const struct trc_event *event)
{
	const struct any_wait *wait = trc_table_find(&numbers->any_waits, event->actor);

	for (unsigned i = 0; wait && i < wait->count; i++)
		if (wait->targets[i].object == event->id)
			return space_of_target(wait->targets[i].what);
	return ITEM;
}

static void renumber(struct trc_numbers *numbers, const struct trc_event *event, enum space space,
		     uint64_t *number)
{
	if (space == OBJECT)
		space = space_of_target(event->type);
	else if (space == WOKEN)
		space = space_of_woken(numbers, event);
	if (*number == 0)
		return;
	if (space == ACTOR)
		*number += numbers->actors;
	else if (space == ITEM)
		*number += numbers->items;
	else if (space == KIND || space == TYPE || space == SITE)
		*number = renumber_definition(numbers, space, *number);
}

static void remember_wait(struct trc_numbers *numbers, const struct trc_event *event)
{
	size_t further = event->payload_size / sizeof(struct trc_target);
	struct any_wait *wait;

	free(trc_table_take(&numbers->any_waits, event->actor));
	if (event->kind != TRC_WAIT || !(event->flags & TRC_F_ANY) || event->actor == 0)
		return;
	wait = trc_zalloc(1, sizeof *wait + (further + 1) * sizeof wait->targets[0]);
	wait->count = (unsigned)further + 1;
	wait->targets[0] = (struct trc_target){event->type, event->id, event->peer};
	if (further > 0)
		memcpy(&wait->targets[1], event->payload, further * sizeof wait->targets[0]);
	trc_table_put(&numbers->any_waits, event->actor, wait);
}

bool trc_numbers_apply(struct trc_numbers *numbers, uint64_t shift, struct trc_event *event)
{
	const struct roles *role = roles_of(event->kind);
	const struct trc_event old = *event;
	uint8_t *payload;

	if (!role->known)
		return false;
	payload = copy_payload(numbers, event);
	visit_all(numbers, event, payload, renumber);
	if (event->kind == TRC_WAIT || event->kind == TRC_WAKE)
		remember_wait(numbers, &old);
	event->payload = payload;
	event->time += shift;
	if (role->arg == TIME && event->arg != 0)
		event->arg += shift;
	return true;
}
