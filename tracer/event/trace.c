/*
 * Tracing by hand.
 *
 * An event names its type, its kind and its place in the source by small numbers, each defined once
 * by an event of its own. The texts are found again in a table that only grows: a reader follows
 * its chains without a lock. Who has a new text takes the lock, writes the definition, and only
 * then puts the entry where others see it, so that nobody uses a number that is not defined yet.
 */
#include "tracer/event/trace.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/event/filter.h"
#include "tracer/event/payload.h"
#include "tracer/event/ring.h"

enum { TABLE_SIZE = 1024, TEXT_MAX = 512 };

_Static_assert((int)TRC__WAIT_REPLY == TRC_WHAT_REPLY && (int)TRC__WAIT_SPACE == TRC_WHAT_SPACE &&
		       (int)TRC__WAIT_END == TRC_WHAT_END &&
		       (int)TRC__WAIT_OUTSIDE == TRC_WHAT_OUTSIDE,
	       "trace.h can be read without event.h");

struct place {
	const char *file;
	unsigned line;
	const char *function;
};

static const uint32_t is_off = 1, is_unknown = 0;

const uint32_t *trc__trace_off = &is_unknown;

static struct trc_session *session;
static _Atomic uint32_t visits;               /* of recorders, as far as they have been noticed */
static _Thread_local struct trc_tracee *self; /* NULL: outside */

static void attach(void)
{
	session = trc_session_attach();
	__atomic_store_n(&trc__trace_off, session ? trc_session_resting(session) : &is_off,
			 __ATOMIC_RELEASE);
}

/* Whether this program may be recorded, now or later. */
static bool is_traced(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, attach);
	return session != NULL;
}

bool trc__trace_on(void)
{
	uint32_t now;

	if (!is_traced() || __atomic_load_n(trc_session_resting(session), __ATOMIC_RELAXED))
		return false;
	now = trc_session_visited(session);
	if (now != atomic_load_explicit(&visits, memory_order_relaxed))
		atomic_store_explicit(&visits, now, memory_order_relaxed);
	return true;
}

static bool write_event(struct trc_event *event)
{
	struct trc_ring *ring = trc_ring_of_thread(session);

	event->time = trc_ring_now(ring);
	if (self && event->kind >= TRC_SPAWN) {
		uint8_t visit = (uint8_t)atomic_load_explicit(&visits, memory_order_relaxed);

		/* What it did while nobody recorded is missing. */
		if (self->visit != visit)
			self->aseq = trc_aseq_next(self->aseq);
		self->visit = visit;
		event->actor = self->number;
		event->aseq = self->aseq = trc_aseq_next(self->aseq);
	}
	return trc_ring_write(ring, event);
}

/* Of an actor that deals with a message which was left out, no more is told than is needed. */
static bool emit(struct trc_event *event)
{
	if (self && self->in_unseen && !self->unseen_told && event->kind > TRC_SPAWN) {
		self->unseen_told = true;
		write_event(&(struct trc_event){.kind = TRC_RECEIVE});
	}
	return write_event(event);
}

/* --- definitions ------------------------------------------------------------------------------ */

struct definition {
	struct definition *next;
	unsigned kind;
	uint32_t number;
	uint64_t arg;
	size_t size;
	char payload[];
};

static _Atomic(struct definition *) table[TABLE_SIZE];
static pthread_mutex_t defining = PTHREAD_MUTEX_INITIALIZER;

static size_t hash_of(unsigned kind, uint64_t arg, const char *payload, size_t size)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325) ^ kind ^ arg << 8;

	for (size_t i = 0; i < size; i++)
		hash = (hash ^ (unsigned char)payload[i]) * UINT64_C(0x100000001b3);
	return (size_t)(hash >> 32) % TABLE_SIZE;
}

static struct definition *find(struct definition *chain, unsigned kind, uint64_t arg,
			       const char *payload, size_t size)
{
	while (chain && (chain->kind != kind || chain->arg != arg || chain->size != size ||
			 memcmp(chain->payload, payload, size) != 0))
		chain = chain->next;
	return chain;
}

/* Kinds, types and sites are numbered each from 1; messages have 16 bits for their type. */
static uint32_t next_number(unsigned kind)
{
	static uint32_t last[TRC_DEF_SITE + 1];

	return kind == TRC_DEF_TYPE && last[kind] == UINT16_MAX ? 0 : ++last[kind];
}

static uint32_t define(unsigned kind, uint64_t arg, const char *payload, size_t size,
		       _Atomic(struct definition *) *head)
{
	struct definition *made = malloc(sizeof(*made) + size);
	uint32_t number = made ? next_number(kind) : 0;
	struct trc_event event = {.kind = (uint8_t)kind,
				  .id = number,
				  .arg = arg,
				  .payload = (const uint8_t *)payload,
				  .payload_size = (uint32_t)size};

	if (number == 0) {
		free(made);
		return 0;
	}
	emit(&event);
	*made = (struct definition){atomic_load_explicit(head, memory_order_relaxed), kind, number,
				    arg, size};
	memcpy(made->payload, payload, size);
	/* release: pairs with the acquire in number_of(). */
	atomic_store_explicit(head, made, memory_order_release);
	return number;
}

static uint32_t number_of(unsigned kind, uint64_t arg, const char *payload, size_t size)
{
	_Atomic(struct definition *) *head = &table[hash_of(kind, arg, payload, size)];
	struct definition *known =
		find(atomic_load_explicit(head, memory_order_acquire), kind, arg, payload, size);
	uint32_t number;

	if (known)
		return known->number;
	pthread_mutex_lock(&defining);
	known = find(atomic_load_explicit(head, memory_order_relaxed), kind, arg, payload, size);
	number = known ? known->number : define(kind, arg, payload, size, head);
	pthread_mutex_unlock(&defining);
	return number;
}

/* Two texts one behind the other, each with its NUL, as far as they fit. */
static size_t join(char *text, const char *first, const char *second)
{
	int size = snprintf(text, TEXT_MAX / 2, "%s", first) + 1;

	if (size > TEXT_MAX / 2)
		size = TEXT_MAX / 2;
	snprintf(text + size, TEXT_MAX / 2, "%s", second);
	return (size_t)size + strlen(text + size) + 1;
}

static uint16_t type_number(const char *name, bool has_text)
{
	char text[TEXT_MAX];
	size_t size = join(text, name, "ttext");

	return (uint16_t)number_of(TRC_DEF_TYPE, 0, text, has_text ? size : size - sizeof("ttext"));
}

static uint32_t site_number(const struct place *place)
{
	char text[TEXT_MAX];
	size_t size = join(text, place->file, place->function);

	return number_of(TRC_DEF_SITE, place->line, text, size);
}

/* --- actors ----------------------------------------------------------------------------------- */

/* Names of actors that were there before a recorder came, which may bring filters. */
struct known {
	struct known *next;
	uint64_t number;
	char *kind;
	char name[];
};

static struct known *known_actors;

static void keep_name(uint64_t number, const char *kind, const char *name)
{
	size_t size = strlen(name) + 1;
	struct known *known = malloc(sizeof(*known) + size);

	if (!known)
		return;
	*known = (struct known){.number = number, .kind = strdup(kind)};
	memcpy(known->name, name, size);
	pthread_mutex_lock(&defining);
	known->next = known_actors;
	known_actors = known;
	pthread_mutex_unlock(&defining);
}

/* Its sort as filters see it, found out once. */
static uint16_t sort_of(struct trc_filters *filters, const struct trc_tracee *tracee)
{
	/* Whoever sends to it notes the same. */
	uint16_t *place = (uint16_t *)&tracee->sort;
	uint16_t sort = __atomic_load_n(place, __ATOMIC_RELAXED);
	const char *kind = "", *name = "";

	if (sort != 0)
		return sort;
	pthread_mutex_lock(&defining);
	for (const struct known *known = known_actors; known; known = known->next)
		if (known->number == tracee->number) {
			kind = known->kind ? known->kind : "";
			name = known->name;
		}
	pthread_mutex_unlock(&defining);
	sort = trc_filters_sort(filters, kind, name);
	__atomic_store_n(place, sort, __ATOMIC_RELAXED);
	return sort;
}

void trc__trace_spawn(struct trc_tracee *ret_tracee, const char *kind, const char *name,
		      size_t capacity, const char *file, unsigned line, const char *function)
{
	static _Atomic uint64_t last;
	const struct place place = {file, line, function};
	char text[TEXT_MAX];
	size_t size = join(text, kind, "") - 1;
	struct trc_event event = {.kind = TRC_SPAWN, .arg = capacity};

	if (!is_traced())
		return;
	if (capacity == 0)
		event.arg = capacity = UINT32_MAX;
	*ret_tracee = (struct trc_tracee){.number = atomic_fetch_add(&last, 1) + 1};
	ret_tracee->visit = (uint8_t)trc_session_visited(session);
	if (trc_session_filters(session))
		ret_tracee->sort = trc_filters_sort(trc_session_filters(session), kind, name);
	else if (!trc__trace_on())
		keep_name(ret_tracee->number, kind, name);
	event.id = ret_tracee->number;
	event.peer = number_of(TRC_DEF_KIND, capacity, text, size);
	event.site = site_number(&place);
	event.payload = (const uint8_t *)name;
	event.payload_size = (uint32_t)strnlen(name, TEXT_MAX);
	emit(&event);
}

struct trc_tracee *trc_trace_act_as(struct trc_tracee *tracee)
{
	struct trc_tracee *before = self;

	self = tracee && tracee->number != 0 ? tracee : NULL;
	return before;
}

void trc_trace_begin(struct trc_tracee *tracee)
{
	if (!is_traced())
		return;
	trc_trace_act_as(tracee);
	if (!self || !trc__trace_on())
		return;
	emit(&(struct trc_event){.kind = TRC_START});
	emit(&(struct trc_event){.kind = TRC_DONE});
}

void trc_trace_end(void)
{
	if (!self)
		return;
	emit(&(struct trc_event){.kind = TRC_END, .type = TRC_END_STOPPED});
	self = NULL;
}

/* --- messages --------------------------------------------------------------------------------- */

/* What becomes of a message of this thread's actor. */
static struct trc_choice choose(const struct trc_tracee *to, uint16_t number, const char *type,
				bool is_ask)
{
	struct trc_filters *filters = trc_session_filters(session);
	struct trc_choice choice = {TRC_FATE_RECORDED, TRC_NO_RULE};

	if (!filters)
		return choice;
	if (!trc_filters_knows_type(filters, number))
		trc_filters_note_type(filters, number, type, false);
	choice = trc_filters_choose(filters, self ? sort_of(filters, self) : TRC_SORT_OUTSIDE,
				    to ? sort_of(filters, to) : TRC_SORT_OUTSIDE, number, is_ask);
	trc_ring_count_choice(trc_ring_of_thread(session), choice);
	return choice;
}

/* From now on not all that gets to it is in the trace. */
static void tell_unseen(const struct trc_tracee *to)
{
	bool *place = (bool *)&to->unseen;

	/* Where it is lost it is said again: verdicts stand on it. */
	if (!__atomic_exchange_n(place, true, __ATOMIC_RELAXED) &&
	    !emit(&(struct trc_event){.kind = TRC_UNSEEN, .id = to->number}))
		__atomic_store_n(place, false, __ATOMIC_RELAXED);
}

static struct trc_ticket send(const struct trc_tracee *to, const char *type, unsigned how,
			      const struct place *place, const char *text)
{
	struct trc_ring *ring = trc_ring_of_thread(session);
	uint16_t number = type_number(type, text);
	struct trc_choice choice = choose(to, number, type, how & TRC__ASKS);
	struct trc_ticket ticket = {0, 0, 0};
	uint8_t bytes[TEXT_MAX + 8];
	struct trc_packer packer = {.data = bytes, .limit = sizeof(bytes)};

	if (choice.fate == TRC_FATE_LEFT_OUT) {
		if (to)
			tell_unseen(to);
		return ticket;
	}
	ticket.message = trc_unique(ring);
	if (how & TRC__ASKS) {
		ticket.token = trc_unique(ring);
		ticket.asker = self ? self->number : 0;
	}
	if (packer.limit > trc_session_payload_limit(session))
		packer.limit = trc_session_payload_limit(session);
	if (choice.fate == TRC_FATE_BARE)
		packer.limit = 0;
	if (text)
		trc_pack_bytes(&packer, text, strlen(text));
	emit(&(struct trc_event){.kind = TRC_SEND,
				 .flags = (uint8_t)((packer.cut ? TRC_F_CUT : 0) |
						    (how & TRC__TRIES ? TRC_F_TRY : 0)),
				 .id = ticket.message,
				 .peer = to ? to->number : 0,
				 .type = number,
				 .arg = ticket.token,
				 .site = site_number(place),
				 .payload = bytes,
				 .payload_size = (uint32_t)packer.size});
	return ticket;
}

struct trc_ticket trc__trace_send(const struct trc_tracee *to, const char *type, unsigned how,
				  const char *file, unsigned line, const char *function)
{
	return send(to, type, how, &(struct place){file, line, function}, NULL);
}

struct trc_ticket trc__trace_text(const struct trc_tracee *to, const char *type, unsigned how,
				  const char *file, unsigned line, const char *function,
				  const char *format, ...)
{
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	return send(to, type, how, &(struct place){file, line, function}, text);
}

void trc__trace_refused(const struct trc_tracee *to, const char *type, const char *file,
			unsigned line, const char *function)
{
	const struct place place = {file, line, function};
	uint16_t number = type_number(type, false);

	if (choose(to, number, type, false).fate == TRC_FATE_LEFT_OUT)
		return;
	emit(&(struct trc_event){.kind = TRC_REFUSED,
				 .flags = TRC_F_TRY,
				 .peer = to ? to->number : 0,
				 .type = number,
				 .arg = TRC_REFUSED_FULL,
				 .site = site_number(&place)});
}

static void begin_unseen(void)
{
	self->in_unseen = true;
	self->unseen_told = false;
}

static void end_unseen(void)
{
	bool told = self->in_unseen && self->unseen_told;

	self->in_unseen = false;
	if (told)
		emit(&(struct trc_event){.kind = TRC_DONE});
}

void trc__trace_message(const struct trc_ticket *ticket, bool done)
{
	if (!self)
		return;
	if (ticket->message != 0)
		emit(&(struct trc_event){.kind = done ? TRC_DONE : TRC_RECEIVE,
					 .id = ticket->message});
	else if (done)
		end_unseen();
	else
		begin_unseen();
}

void trc__trace_reply(const struct trc_ticket *ticket, const char *type, const char *file,
		      unsigned line, const char *function)
{
	const struct place place = {file, line, function};

	if (ticket->token != 0)
		emit(&(struct trc_event){.kind = TRC_REPLY,
					 .id = ticket->token,
					 .peer = ticket->asker,
					 .type = type_number(type, false),
					 .site = site_number(&place)});
}

/* --- waits and notes -------------------------------------------------------------------------- */

void trc__trace_wait(const struct trc_tracee *peer, unsigned what, uint64_t token, const char *file,
		     unsigned line, const char *function)
{
	const struct place place = {file, line, function};
	uint64_t number = peer ? peer->number : 0;

	if (self)
		emit(&(struct trc_event){.kind = TRC_WAIT,
					 .type = (uint16_t)what,
					 .id = what == TRC_WHAT_REPLY ? token : number,
					 .peer = number,
					 .site = site_number(&place)});
}

void trc__trace_wake(void)
{
	if (self)
		emit(&(struct trc_event){.kind = TRC_WAKE, .type = TRC_WAKE_MET});
}

void trc__trace_log(const char *file, unsigned line, const char *function, const char *format, ...)
{
	const struct place place = {file, line, function};
	char text[TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	emit(&(struct trc_event){.kind = TRC_LOG,
				 .site = site_number(&place),
				 .payload = (const uint8_t *)text,
				 .payload_size = (uint32_t)strlen(text)});
}
