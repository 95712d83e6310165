/*
 * say.h - what people read while something is recorded, on standard error
 *
 * On a terminal there is one line of progress, which other messages push aside. Each call prints in
 * one piece; trc_say_alarm() may be called by any thread.
 */
#ifndef TRACER_RECORD_SAY_H
#define TRACER_RECORD_SAY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "tracer/record/recorder.h"

struct trc_say {
	const char *output;      /* the trace file */
	bool quiet;              /* nothing but what must be known */
	bool terminal;           /* standard error is one */
	atomic_bool shows;       /* a line of progress while the program runs */
	bool failing;            /* the last thing said of the file is that it cannot be written */
	bool held;               /* that its log is long has been said */
	_Atomic unsigned alarms; /* deadlocks told so far */
	uint64_t shown_at;       /* ms */
	uint64_t shown_events;
	uint64_t shown_done; /* events derived, then */
};

void trc_say_init(struct trc_say *say, const char *output, bool quiet);

/* Shows the line when it is time to. `now` in milliseconds, of any clock; `session_now` as
 * trc_session_now(). */
void trc_say_progress(struct trc_say *say, const struct trc_recorder *recorder, uint64_t now,
		      uint64_t session_now);

/* The same when the program has ended and rows are written. */
void trc_say_catching_up(struct trc_say *say, const struct trc_follower_state *state, uint64_t now);

/* Takes the line away. */
void trc_say_clear(const struct trc_say *say);

void trc_say_alarm(const struct trc_finding *finding, void *say);

/* That the file cannot be written, and that it can again; each once. */
void trc_say_failing(struct trc_say *say, const struct trc_error *error);
void trc_say_working(struct trc_say *say);

/* That the wall clock was set by so many ns. */
void trc_say_clock(const struct trc_say *say, int64_t step);

/* That somebody's reading makes the log long; once, until it no longer does. */
void trc_say_held(struct trc_say *say, bool held);

/* That rows are missing, and how to get them; nothing when none are, or nobody is to know. */
void trc_say_rows_behind(const struct trc_say *say, uint64_t events);

/* That nothing more is stored, and why: "max-size", or "flight-recorder" when not even the present
 * fits. */
void trc_say_full(const struct trc_say *say, const char *why);

/* At the end, of a file that is closed: since when it tells what happened, if not from the
 * beginning. */
void trc_say_let_go(const struct trc_say *say);

/* At the end: what filters have left out, and which have chosen no message, with what they may have
 * meant. NULL are fine. */
struct trc_filters;
struct trc_names;
void trc_say_filters(const struct trc_say *say, const struct trc_recorder *recorder,
		     const struct trc_filters *filters, const struct trc_names *names);

/* At the end; whether the file is complete. */
void trc_say_summary(const struct trc_say *say, const struct trc_recorder *recorder, bool complete);

#endif
