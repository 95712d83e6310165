/*
 * record.h - runs a program and records it: what `actorscope record` does
 */
#ifndef TRACER_RECORD_RECORD_H
#define TRACER_RECORD_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "tracer/event/session.h"

enum trc_on_deadlock {
	TRC_ON_DEADLOCK_REPORT, /* say it, and nothing else */
	TRC_ON_DEADLOCK_STOP,   /* the first one stops the program with SIGSTOP */
	TRC_ON_DEADLOCK_EXEC,   /* each one starts a command */
};

struct trc_record_options {
	char **argv;        /* the program and its arguments, NULL-terminated */
	const char *attach; /* instead of `argv`: a process or a trace file (attach.h) */
	const char *output; /* the trace file; NULL: TRC_RECORD_DEFAULT_OUTPUT, or as it was */
	bool force;         /* replace an existing trace */
	bool quiet;         /* nothing on stderr but errors and deadlocks */
	bool follow;        /* record the processes that it starts, too (children.h) */
	bool no_rows;       /* nothing for the tables that people ask with SQL */
	uint32_t payload_limit;
	enum trc_on_full on_full;
	enum trc_on_deadlock on_deadlock;
	const char *command; /* TRC_ON_DEADLOCK_EXEC: for /bin/sh (react.h) */
	uint64_t max_size; /* bytes of the file, about; then nothing more is stored. 0: no limit */
	const char *filters; /* rules by which messages are left out (tracer/event/filter.h); NULL:
				all are recorded, or as it was */
	uint64_t sync; /* seconds after which what was committed is to be on the disk; 0: when it is
			  moved out of the log, and at the end */
	uint64_t keep_to; /* bytes of the file, which lets go of its oldest events. 0: no limit */
	const char *tool_version;
};

#define TRC_RECORD_DEFAULT_OUTPUT "actorscope.db"

enum {
	TRC_RECORD_USE = 2,     /* the output cannot be written; the program was not started */
	TRC_RECORD_NOTHING = 3, /* it ran, but nothing, or not all, could be recorded */
	TRC_RECORD_NOT_EXECUTABLE = 126, /* the program cannot be executed */
	TRC_RECORD_NOT_FOUND = 127,
};

/* Waits until the program has ended, or, when attached, until a signal comes: the program then goes
 * on unrecorded, and 0 is returned. Returns its exit status (128 + signal when one ended it), or
 * one of the above; the reason is then on stderr. Installs signal handlers. */
int trc_record(const struct trc_record_options *options);

/* Adds to a trace what follows from its segments and is not there yet: its recorder was
 * interrupted, killed, or told not to. A signal ends it early. Returns 0, TRC_RECORD_USE or
 * TRC_RECORD_NOTHING; the reason is then on stderr. */
int trc_record_finish(const char *path, bool quiet);

#endif
