/*
 * trace.h - a program of threads and queues, traced by hand
 *
 * For programs that do not use actorscope's runtime. Whatever takes messages one at a time is an
 * actor: a worker thread with a queue, an object with a lock and a list. Say where it begins, where
 * it sends and receives, and where it waits; `actorscope record` does the rest.
 *
 *     static struct trc_tracee worker;
 *
 *     trc_trace_spawn(&worker, "worker", "worker 1", QUEUE_CAPACITY);   // who makes the thread
 *     trc_trace_begin(&worker);                                        // the thread, first thing
 *
 *     while (queue is full) { trc_trace_wait_space(&worker); pthread_cond_wait(...);
 * trc_trace_wake(); } item.ticket = trc_trace_send(&worker, "Job");                    // with the
 * queue's lock held
 *
 *     trc_trace_receive(&item.ticket);                                 // taken out of the queue
 *     ...
 *     trc_trace_done(&item.ticket);                                    // has been dealt with
 *
 *     trc_trace_end();                                                 // the thread, last thing
 *
 * A thread acts as one actor at a time; one that has never begun is "outside", as main and foreign
 * threads are. Of an actor one thread may act at a time. Each call is one predicted branch when
 * nobody records, and some 50 to 100 ns when somebody does. Texts are made only then. Calls wait
 * only for a recorder that is slow (session.h). They are not for signal handlers. Valid C11 and
 * C++17. Names of types, kinds and actors are copied.
 *
 * examples/threads is such a program, docs/any-program.md tells how to go about it.
 */
#ifndef TRACER_EVENT_TRACE_H
#define TRACER_EVENT_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* An actor, as long as it lives; the caller's memory. All 0: the outside. */
struct trc_tracee {
	uint64_t number;
	uint16_t aseq;
	/* private */
	uint16_t sort;    /* as filters see it, see filter.h; 0: not looked at yet */
	uint8_t visit;    /* of a recorder, see session.h */
	bool unseen;      /* messages to it have been left out */
	bool in_unseen;   /* deals with such a message */
	bool unseen_told; /* and has said so */
};

/* What goes with a message through the queue, and with an ask from hand to hand until it is
 * answered. All 0 when nobody records, or when filters leave the message out. */
struct trc_ticket {
	uint64_t message;
	uint64_t token; /* 0: not an ask */
	uint64_t asker;
};

/* Whether this program is being recorded. */
static inline bool trc_trace_on(void);

/* --- actors ------------------------------------------------------------------------------------
 */

/* A new actor: `kind` is what actors of its sort share, `capacity` how many messages its queue
 * holds (0: any number). */
#define trc_trace_spawn(ret_tracee, kind, name, capacity) \
	trc__trace_spawn(ret_tracee, kind, name, capacity, TRC__HERE)

/* From now on this thread acts as `tracee`, which has begun to live. */
void trc_trace_begin(struct trc_tracee *tracee);

/* It has ended, and with it what this thread acts as. */
void trc_trace_end(void);

/* For actors that move from thread to thread: this one acts as `tracee` (NULL: outside) from now
 * on. Returns what it acted as before. */
struct trc_tracee *trc_trace_act_as(struct trc_tracee *tracee);

/* --- messages ----------------------------------------------------------------------------------
 *
 * A message of type `type` to `to`. Say it when the message has its place in the queue, before the
 * receiver can see it. The forms with `_text` add a text, as printf() makes it, that tools show.
 * The forms with `try` are for senders that never wait for space: they cannot be part of a
 * deadlock. An ask obliges whoever has its ticket to reply; the asker goes on to
 * trc_trace_wait_reply().
 */
#define trc_trace_send(to, type)               trc__trace_if_on(to, type, 0, TRC__HERE)
#define trc_trace_ask(to, type)                trc__trace_if_on(to, type, TRC__ASKS, TRC__HERE)
#define trc_trace_try_send(to, type)           trc__trace_if_on(to, type, TRC__TRIES, TRC__HERE)
#define trc_trace_send_text(to, type, ...)     TRC__TRACE_TEXT(to, type, 0, __VA_ARGS__)
#define trc_trace_ask_text(to, type, ...)      TRC__TRACE_TEXT(to, type, TRC__ASKS, __VA_ARGS__)
#define trc_trace_try_send_text(to, type, ...) TRC__TRACE_TEXT(to, type, TRC__TRIES, __VA_ARGS__)

/* The queue was full, and the sender does not wait. */
#define trc_trace_refused(to, type) \
	(trc_trace_on() ? trc__trace_refused(to, type, TRC__HERE) : (void)0)

/* The actor of this thread begins to deal with the message, and has dealt with it. */
static inline void trc_trace_receive(const struct trc_ticket *ticket);
static inline void trc_trace_done(const struct trc_ticket *ticket);

/* The answer to an ask, with the type of the answer. */
#define trc_trace_reply(ticket, type) \
	(trc_trace_on() ? trc__trace_reply(ticket, type, TRC__HERE) : (void)0)

/* --- waits -------------------------------------------------------------------------------------
 *
 * The actor of this thread cannot go on until something happens; trc_trace_wake() when it does. Say
 * the first before the thread blocks, and the second when it runs again. Outside does not wait.
 */
#define trc_trace_wait_space(to) trc__trace_wait_if_on(to, TRC__WAIT_SPACE, 0, TRC__HERE)
#define trc_trace_wait_end(of)   trc__trace_wait_if_on(of, TRC__WAIT_END, 0, TRC__HERE)
#define trc_trace_wait_reply(ticket, from) \
	trc__trace_wait_if_on(from, TRC__WAIT_REPLY, (ticket)->token, TRC__HERE)
/* For a socket, a file, a lock that no actor holds. */
#define trc_trace_wait_outside() trc__trace_wait_if_on(NULL, TRC__WAIT_OUTSIDE, 0, TRC__HERE)
static inline void trc_trace_wake(void);

/* A line of text on the actor's timeline, as printf() makes it. */
#define trc_trace_log(...) (trc_trace_on() ? trc__trace_log(TRC__HERE, __VA_ARGS__) : (void)0)

/* private */

#define TRC__HERE __FILE__, __LINE__, __func__

#define TRC__TRACE_TEXT(to, type, how, ...) \
	(trc_trace_on() ? trc__trace_text(to, type, how, TRC__HERE, __VA_ARGS__) : trc__no_ticket())

enum { TRC__ASKS = 1, TRC__TRIES = 2 };

/* The values of enum trc_what. */
enum { TRC__WAIT_REPLY = 1, TRC__WAIT_SPACE = 2, TRC__WAIT_END = 3, TRC__WAIT_OUTSIDE = 5 };

void trc__trace_spawn(struct trc_tracee *ret_tracee, const char *kind, const char *name,
		      size_t capacity, const char *file, unsigned line, const char *function);
struct trc_ticket trc__trace_send(const struct trc_tracee *to, const char *type, unsigned how,
				  const char *file, unsigned line, const char *function);
__attribute__((format(printf, 7, 8))) struct trc_ticket
trc__trace_text(const struct trc_tracee *to, const char *type, unsigned how, const char *file,
		unsigned line, const char *function, const char *format, ...);
void trc__trace_refused(const struct trc_tracee *to, const char *type, const char *file,
			unsigned line, const char *function);
void trc__trace_message(const struct trc_ticket *ticket, bool done);
void trc__trace_reply(const struct trc_ticket *ticket, const char *type, const char *file,
		      unsigned line, const char *function);
void trc__trace_wait(const struct trc_tracee *peer, unsigned what, uint64_t token, const char *file,
		     unsigned line, const char *function);
void trc__trace_wake(void);
__attribute__((format(printf, 4, 5))) void
trc__trace_log(const char *file, unsigned line, const char *function, const char *format, ...);

/* Points to what is not 0 while nobody records. */
extern const uint32_t *trc__trace_off;
bool trc__trace_on(void);

static inline bool trc_trace_on(void)
{
	const uint32_t *off = __atomic_load_n(&trc__trace_off, __ATOMIC_RELAXED);

	return __builtin_expect(!__atomic_load_n(off, __ATOMIC_RELAXED), 0) && trc__trace_on();
}

static inline struct trc_ticket trc__no_ticket(void)
{
	struct trc_ticket none = {0, 0, 0};

	return none;
}

static inline struct trc_ticket trc__trace_if_on(const struct trc_tracee *to, const char *type,
						 unsigned how, const char *file, unsigned line,
						 const char *function)
{
	return trc_trace_on() ? trc__trace_send(to, type, how, file, line, function)
			      : trc__no_ticket();
}

static inline void trc__trace_wait_if_on(const struct trc_tracee *peer, unsigned what,
					 uint64_t token, const char *file, unsigned line,
					 const char *function)
{
	if (trc_trace_on())
		trc__trace_wait(peer, what, token, file, line, function);
}

static inline void trc_trace_receive(const struct trc_ticket *ticket)
{
	if (trc_trace_on())
		trc__trace_message(ticket, false);
}

static inline void trc_trace_done(const struct trc_ticket *ticket)
{
	if (trc_trace_on())
		trc__trace_message(ticket, true);
}

static inline void trc_trace_wake(void)
{
	if (trc_trace_on())
		trc__trace_wake();
}

#ifdef __cplusplus
}
#endif

#endif
