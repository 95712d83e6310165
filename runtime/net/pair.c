#include "runtime/net/pair.h"

#include "runtime/net/stream.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	ROOM = 65536,      /* bytes on their way to an end */
	REASON_SIZE = 124, /* as much as fits into a WebSocket's close frame */
};

struct parcel {
	struct parcel *next;
	struct act_token token; /* held by the end that sent it; zeros: answered, or has none */
	size_t size;
	char data[]; /* and a NUL */
};

struct act__pair_end {
	struct pair *pair;
	struct act_self *self; /* NULL: not begun, or ended */
	struct act_handle owner;
	struct parcel *first, **last; /* on their way to this end, oldest first */
	bool delivering;              /* a message to the owner is under way */
	bool closed;                  /* nothing is sent from here any more */
	bool told;                    /* that it is closed; or there is nobody to be told */
	unsigned code;
	char reason[REASON_SIZE];
};

struct pair {
	const struct act__pair_kind *kind;
	unsigned living; /* ends */
	struct act__pair_end ends[2];
};

static struct act__pair_end *other_of(struct act__pair_end *end)
{
	return &end->pair->ends[end == &end->pair->ends[0]];
}

/* --- parcels ---------------------------------------------------------------------------------- */

/* Tells the senders of all for which there is room. */
static void take_in(struct act__pair_end *end)
{
	struct act_self *sender = other_of(end)->self;
	size_t bytes = 0;

	for (struct parcel *parcel = end->first; parcel; parcel = parcel->next) {
		bytes += parcel->size;
		if (bytes > ROOM && parcel != end->first)
			return;
		if (parcel->token.ask)
			act_answer(sender, &parcel->token, Written);
	}
}

/* Tells all who still wait for room here that there will be none. */
static void fail_senders(struct act__pair_end *end)
{
	struct act_self *sender = other_of(end)->self;

	for (struct parcel *parcel = end->first; parcel; parcel = parcel->next)
		if (parcel->token.ask)
			act_fail(sender, &parcel->token, ACT_ECLOSED);
}

static struct parcel *pop(struct act__pair_end *end)
{
	struct parcel *parcel = end->first;

	if (parcel) {
		end->first = parcel->next;
		if (!end->first)
			end->last = &end->first;
	}
	return parcel;
}

static void discard_parcels(struct act__pair_end *end)
{
	struct parcel *parcel;

	while ((parcel = pop(end)))
		free(parcel);
}

/* --- what an owner is told -------------------------------------------------------------------- */

static void go_on(struct act__pair_end *end);

static void delivered(struct act_self *self, void *data, int error)
{
	struct act__pair_end *end = data;

	end->delivering = false;
	end->told |= error != 0;
	go_on(end);
}

/* Takes the result of an act_native_send(). */
static void note_delivery(struct act__pair_end *end, int result)
{
	if (result == ACT_NATIVE_LATER)
		end->delivering = true;
	else if (result != 0)
		end->told = true;
}

static void deliver(struct act__pair_end *end)
{
	const struct act__pair_kind *kind = end->pair->kind;
	struct parcel *parcel;

	while (!end->delivering && !end->told && (parcel = pop(end))) {
		note_delivery(end, kind->tell(end->self, end->owner, delivered, parcel->data,
					      parcel->size));
		if (parcel->token.ask)
			act_answer(other_of(end)->self, &parcel->token, Written);
		free(parcel);
		take_in(end);
	}
	if (end->closed && !end->delivering && !end->told) {
		end->told = true;
		note_delivery(end, kind->tell_closed(end->self, end->owner, delivered, end->code,
						     end->reason));
	}
}

static void finish(struct act__pair_end *end)
{
	struct act_self *self = end->self;

	/* From here on the other end finds nobody here. */
	end->self = NULL;
	act_drop(self, &end->owner);
	act_native_end(self);
}

/* Looks what is to be done next; called after each change. */
static void go_on(struct act__pair_end *end)
{
	if (!end->self)
		return;
	if (end->owner.actor)
		deliver(end);
	if (end->told && !end->closed)
		act__pair_close(end, end->pair->kind->going_away, "", true);
	else if (end->told && !end->delivering)
		finish(end);
}

/* --- what an end is asked to do --------------------------------------------------------------- */

void act__pair_own(struct act__pair_end *end, struct act_handle owner)
{
	act_drop(end->self, &end->owner);
	end->owner = owner;
	go_on(end);
}

void act__pair_write(struct act__pair_end *end, const char *data, size_t size,
		     struct act_token token)
{
	struct act__pair_end *other = other_of(end);
	struct parcel *parcel = end->closed ? NULL : malloc(sizeof(*parcel) + size + 1);

	if (!parcel) {
		act_fail(end->self, &token, end->closed ? ACT_ECLOSED : -ENOMEM);
		return;
	}
	*parcel = (struct parcel){.token = token, .size = size};
	if (size)
		memcpy(parcel->data, data, size);
	parcel->data[size] = '\0';
	*other->last = parcel;
	other->last = &parcel->next;
	take_in(other);
	go_on(other);
}

static void set_closed(struct act__pair_end *end, unsigned code, const char *reason)
{
	end->closed = true;
	end->code = code;
	snprintf(end->reason, sizeof(end->reason), "%s", reason);
}

void act__pair_close(struct act__pair_end *end, unsigned code, const char *reason, bool quietly)
{
	struct act__pair_end *other = other_of(end);

	if (end->closed)
		return;
	set_closed(end, code, reason);
	set_closed(other, code, reason);
	end->told |= quietly;
	fail_senders(end);
	discard_parcels(end);
	fail_senders(other);
	go_on(end);
	go_on(other);
}

/* --- life ------------------------------------------------------------------------------------- */

void act__pair_start(struct act_self *self, void *data)
{
	struct act__pair_end *end = data;

	end->self = self;
}

void act__pair_stop(struct act_self *self, void *data)
{
	struct act__pair_end *end = data;

	act__pair_close(end, end->pair->kind->going_away, "", true);
	/* Whatever is under way to the owner is no longer wanted. */
	if (end->self)
		finish(end);
}

void act__pair_free(void *data)
{
	struct act__pair_end *end = data;

	/* It may never have begun. */
	act__pair_close(end, end->pair->kind->going_away, "", true);
	discard_parcels(end);
	if (--end->pair->living == 0)
		free(end->pair);
}

int act__pair_spawn(struct act_self *self, const struct act__pair_kind *kind, const char *name,
		    struct act_handle ret_ends[2])
{
	struct pair *pair = calloc(1, sizeof(*pair));
	struct act_handle ends[2];

	if (!pair)
		return -ENOMEM;
	pair->kind = kind;
	pair->living = 2;
	for (int i = 0; i < 2; i++) {
		pair->ends[i].pair = pair;
		pair->ends[i].last = &pair->ends[i].first;
	}
	/* Each takes its part of the pair with it, also when it cannot be made. */
	for (int i = 0; i < 2; i++)
		ends[i] = act_native_spawn(self, &kind->native, name, &pair->ends[i],
					   ACT_NATIVE_HERE, ACT_HERE);
	if (!ends[0].actor || !ends[1].actor) {
		act_drop(self, &ends[0]);
		act_drop(self, &ends[1]);
		return -ENOMEM;
	}
	ret_ends[0] = ends[0];
	ret_ends[1] = ends[1];
	return 0;
}
