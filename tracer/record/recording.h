/*
 * recording.h - one recording, from its beginning to its end; private to tracer/record
 *
 * record.c has the loop and what is done while the program runs; begin.c what comes before that,
 * and end.c what comes after it.
 */
#ifndef TRACER_RECORD_RECORDING_H
#define TRACER_RECORD_RECORDING_H

#include <uv.h>

#include "tracer/record/children.h"
#include "tracer/record/launch.h"
#include "tracer/record/names.h"
#include "tracer/record/react.h"
#include "tracer/record/record.h"
#include "tracer/record/recorder.h"
#include "tracer/record/say.h"

enum {
	TRC__POLL_MIN_MS = 1,
	TRC__RETRY_MS = 200, /* while the file cannot be written */
};

struct trc__recording {
	const struct trc_record_options *options;
	uv_loop_t loop;
	uv_timer_t timer;
	struct trc_program program;
	struct trc_session *session;
	struct trc_store *store;
	struct trc_store_info info;
	struct trc_recorder *recorder;
	uint64_t delay;     /* ms to the next poll */
	uint64_t synced_at; /* ms, the loop's */
	uint64_t clock_at;  /* likewise: when the wall clock was looked at */
	int64_t clock_step; /* ns that it was set by since the session began, as was told */
	struct trc_say say;
	struct trc_reaction reaction;  /* to deadlocks */
	const char *full;              /* nothing more is stored, and why (trc_store_info.cut) */
	struct trc_children *children; /* NULL: they are not followed */
	bool keeps;                    /* the newest events only */
	bool leaves;                   /* the program goes on without a recorder */
	char *output;                  /* the trace file */
	struct trc_filters *filters;   /* NULL: none */
	struct trc_names *names;       /* of what the filters could have meant */
};

/* Makes or takes up session and trace file, and starts the program or finds it. `on_end` is called
 * when that has ended. Returns an exit status when it cannot, and has said why; 0 otherwise. */
int trc__recording_begin(struct trc__recording *recording,
			 void (*on_end)(struct trc_program *program));

/* Says when the follower has trouble with the file, or the store with its log. False when the
 * follower has given up. */
bool trc__recording_watch(struct trc__recording *recording);

/* There was no room for a batch. The follower will let go of something, or cannot: then nothing
 * more is stored. */
void trc__recording_wait_for_room(struct trc__recording *recording);

/* Closes the store and removes the file. */
void trc__recording_discard(struct trc__recording *recording);

/* After the program has ended, or was left: takes the last events, lets the rest be derived, and
 * closes the file; may wait for a disk for some seconds. Returns the exit status. */
int trc__recording_end(struct trc__recording *recording);

#endif
