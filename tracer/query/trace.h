/*
 * trace.h - a trace file for reading: what happened, and how things stood at any time
 *
 * Opening reads the file's keyframes and summaries (tracer/model/digest.h), not its events, so that
 * it takes no longer for a long trace than for a short one; memory is bounded, too. Only where the
 * file has none, because it was recorded by an earlier version or its recorder was killed, are the
 * events behind the last of them read, once, and the rest kept in a temporary file.
 *
 * Opened read-only. Results belong to the trace unless said otherwise and stay until it is
 * refreshed or closed. One thread at a time. Times are nanoseconds since the recording began.
 */
#ifndef TRACER_QUERY_TRACE_H
#define TRACER_QUERY_TRACE_H

#include "tracer/model/model.h"

struct trc_trace;

struct trc_trace_error {
	char text[512]; /* a whole sentence for a person */
};

/* Opens and indexes. Returns 0 or -errno (see trc_store_open), with `ret_error` filled in.
 * `progress` may be NULL; it is called now and then with the share done (0..1) and cancels by
 * returning false (then -ECANCELED). */
int trc_trace_open(const char *path, bool (*progress)(double share, void *context), void *context,
		   struct trc_trace **ret_trace, struct trc_trace_error *ret_error);
void trc_trace_close(struct trc_trace *trace);

/* Takes in what has been recorded since, and forgets what has been let go. Returns 1 when there was
 * something new, 0 when not, -errno. */
int trc_trace_refresh(struct trc_trace *trace, struct trc_trace_error *ret_error);

struct trc_trace_info {
	const char *path;
	const char *program;
	uint64_t wall_start;
	uint64_t first_time, last_time;
	uint64_t events, messages, lost;
	uint64_t let_go; /* of the events, the oldest: before first_time, nothing is known */
	bool live;       /* not closed yet: still recording, or the recorder was killed */
	bool complete;   /* closed, and nothing lost */
	int exit_status;
	const char *filters; /* the rules by which messages were left out, a line each; "": none */
	uint64_t left_out;   /* messages, by them */
};
void trc_trace_info(const struct trc_trace *trace, struct trc_trace_info *ret_info);

/* The model at the trace's end, for names and definitions of everything in the trace. */
const struct trc_model *trc_trace_model(const struct trc_trace *trace);

/* The model as it was just after the last event at or before `time`. Valid until the next call of
 * this function, refresh or close. */
const struct trc_model *trc_trace_state_at(struct trc_trace *trace, uint64_t time);

/* --- all events, in causal order ----------------------------------------------------------------
 */

/* Calls `visit` for every event in [from, to], in order; it stops by returning false. `model` is
 * the state right after the event; names of anything already defined come from it. `before`, which
 * may be NULL, is called with the state just before the event. The model is the same in all calls
 * and gone afterwards. Returns 0 or -errno. */
typedef bool trc_trace_visit(const struct trc_model *model, const struct trc_event *event,
			     void *context);
typedef void trc_trace_before(const struct trc_model *model, const struct trc_event *event,
			      void *context);
int trc_trace_each_event(struct trc_trace *trace, uint64_t from, uint64_t to,
			 trc_trace_before *before, trc_trace_visit *visit, void *context,
			 struct trc_trace_error *ret_error);

/* --- what a lane shows ---------------------------------------------------------------------------
 */

enum trc_span_kind { TRC_SPAN_HANDLER, TRC_SPAN_WAIT };

struct trc_span {
	enum trc_span_kind kind;
	uint64_t begin;
	uint64_t end;      /* UINT64_MAX while open at the trace's end */
	uint64_t message;  /* handled, or asked (reply waits); 0: start handler or none */
	uint32_t site;     /* waits */
	uint16_t type;     /* handlers: message type (0: start); waits: enum trc_what of target 0 */
	uint16_t wake;     /* waits: enum trc_wake, 0 while open */
	uint64_t object;   /* waits: target 0 */
	uint64_t peer;     /* waits: who was expected to act */
	uint64_t deadline; /* waits */
};

/* The spans of one actor that touch [from, to], by begin; handlers before the waits inside them. At
 * most `max` are written, the longest kept first when there are more; returns how many there are.
 */
size_t trc_trace_spans(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_span *ret_spans, size_t max);

/* Mailbox depth of an actor over time: steps (time, depth) in [from, to], the one in force at
 * `from` first. At most `max`; returns how many there are; when more, each written step is the
 * deepest of its share of the range. */
struct trc_depth {
	uint64_t time;
	uint32_t depth;
};
size_t trc_trace_depths(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
			struct trc_depth *ret_depths, size_t max);

/* --- from afar ----------------------------------------------------------------------------------
 *
 * The calls above, and those about the messages in a time, read all events of that time: some ten
 * milliseconds for each 32 768 that are not at hand. That is for times that are near; any others
 * are to be seen by cells and densities, which cost the same however long the time is.
 */

/* Whether [from, to] holds so few events that it can be asked about in detail. */
bool trc_trace_near(const struct trc_trace *trace, uint64_t from, uint64_t to);

/* Whether they have been read already, so that asking costs next to nothing. */
bool trc_trace_here(const struct trc_trace *trace, uint64_t from, uint64_t to);

/* Reads the next part of them. False: nothing was left to do, or it cannot be read. */
bool trc_trace_fetch(struct trc_trace *trace, uint64_t from, uint64_t to);

/* What an actor did between two times. Times are rounded to 1/16383 of the cell. */
struct trc_cell {
	uint64_t begin, end;
	uint32_t events, handlers, waits, sends, receives; /* handlers, waits: begun */
	uint32_t deepest;                                  /* of its mailbox */
	uint64_t handling;                                 /* time, without waits */
	uint64_t waiting[TRC_WHAT_OUTSIDE + 1];            /* time, by enum trc_what */
};

/* The cells of an actor that touch [from, to], by time, about as fine as `max` allows; at most
 * `max` are written; returns how many there are. Where there is none, the actor did nothing and had
 * no mail. */
size_t trc_trace_cells(const struct trc_trace *trace, uint64_t actor, uint64_t from, uint64_t to,
		       struct trc_cell *ret_cells, size_t max);

/* How many events, and messages sent, there are in each of `count` equal slices of [from, to).
 * True: exactly; false: where a bucket of events lies across slices, it is spread evenly. */
struct trc_density {
	double events, sends;
};
bool trc_trace_density(const struct trc_trace *trace, uint64_t from, uint64_t to,
		       struct trc_density *ret_slices, size_t count);

/* --- messages ------------------------------------------------------------------------------------
 */

struct trc_message_info {
	uint64_t id, sender, receiver, cause, token;
	uint64_t space_since, sent, received, done; /* 0: not reached */
	uint64_t replied, replier;                  /* 0: no reply, or not an ask */
	uint32_t site, reply_site;
	uint16_t type, reply_type;
	uint8_t flags;
	bool discarded, dropped;
};

/* Messages whose arrow (sent to received) touches [from, to], by time sent; at most `max` are
 * written; returns how many there are. */
size_t trc_trace_messages(const struct trc_trace *trace, uint64_t from, uint64_t to,
			  struct trc_message_info *ret_messages, size_t max);

/* By id. False when there is none. */
bool trc_trace_message(const struct trc_trace *trace, uint64_t id,
		       struct trc_message_info *ret_message);

/* Its payload as text, `Say{user:"ann", text:"hi"}`; to be freed by the caller; never NULL.
 * `reply`: of its reply. */
char *trc_trace_message_text(struct trc_trace *trace, uint64_t id, bool reply);

/* Messages sent while `id` was handled: at most `max` ids are written; returns how many there are.
 */
size_t trc_trace_effects(const struct trc_trace *trace, uint64_t id, uint64_t *ret_ids, size_t max);

/* The time of the event just after (`forward`) or before `time`, of this actor or (0) of any;
 * `time` itself when there is none. */
uint64_t trc_trace_step(const struct trc_trace *trace, uint64_t time, uint64_t actor, bool forward);

#endif
