/*
 * react.h - what the recorder does when its alarm finds a deadlock: say it, stop the program for a
 * debugger, run a command
 */
#ifndef TRACER_RECORD_REACT_H
#define TRACER_RECORD_REACT_H

#include <stdatomic.h>
#include <stddef.h>
#include <sys/types.h>

#include "tracer/event/session.h"
#include "tracer/record/record.h"
#include "tracer/record/say.h"

struct trc_reaction {
	enum trc_on_deadlock on_deadlock;
	const char *command; /* EXEC: for /bin/sh */
	struct trc_say *say;
	const struct trc_session *session; /* knows the program */
	_Atomic pid_t stopped; /* the program, while this has stopped it; 0: it has not */
	int stop_signals;      /* signals that had come by then */
	size_t child_count;
	size_t child_room;
	pid_t *children; /* commands that were started */
};

/* A trc_deriver_alarm. The command finds the finding in its environment: ACTORSCOPE_CODE,
 * ACTORSCOPE_TITLE, ACTORSCOPE_FINGERPRINT, ACTORSCOPE_STORY (as on the terminal), the program in
 * ACTORSCOPE_PID and the trace in ACTORSCOPE_FILE. It is not waited for. */
void trc_react_alarm(const struct trc_finding *finding, void *reaction);

/* A program that stands still does not hear the signals that are passed on to it: once one has
 * come, `signals` being how many so far, it may go on. */
void trc_react_signals(struct trc_reaction *reaction, int signals);

/* Lets a stopped program go on, waits for the commands, gives memory back. */
void trc_react_end(struct trc_reaction *reaction);

#endif
