/*
 * recorder-private.h - a recorder, for recorder.c and for accounts.c
 */
#ifndef TRACER_RECORD_RECORDER_PRIVATE_H
#define TRACER_RECORD_RECORDER_PRIVATE_H

#include "tracer/event/filter.h"
#include "tracer/event/ring.h"
#include "tracer/model/memory.h"
#include "tracer/record/recorder.h"

struct trc__recorded_ring {
	struct trc_ring_reader *reader; /* NULL: not open yet, or drained and closed */
	struct trc_ring_counts counts;
	uint64_t unstored; /* of the events that were read */
	uint64_t time;     /* the latest of them */
	bool asked;        /* the file, what another recorder has left in it */
	bool told;         /* the table has these counts */
	bool ended;
	bool broken; /* cannot be read */
};

struct trc_recorder {
	struct trc_session *session;
	struct trc_store *store;
	struct trc_follower *follower;
	struct trc__recorded_ring *rings;
	size_t ring_count;
	size_t ring_room;
	size_t first_open; /* rings before this one have ended */
	uint64_t events;
	uint64_t stored;
	uint64_t messages;
	uint64_t batch_bytes;        /* of all rings together, about */
	uint64_t progress;           /* of the follower, when it was waited for last */
	bool uncommitted;            /* the last batch */
	bool only_watches;           /* nothing more is stored */
	bool waits_behind;           /* and the follower has to come up first */
	struct trc_text clock_steps; /* not in the file yet */
	uint64_t times_back;         /* events before one that came before them in their ring */
	uint64_t times_back_stored;  /* of these, in the file */
	unsigned rules;              /* of the filters */
	struct trc_names *names;
	uint64_t chosen[TRC_RULES_MAX + 1]; /* in rings that have ended */
};

/* --- accounts.c: what the file says of rings, filters and clocks, in the open transaction
 * ---------
 */

/* All of them, with a batch; and after that was committed. */
int trc__recorder_put_accounts(struct trc_recorder *recorder, struct trc_error *ret_error);
void trc__recorder_accounts_are_put(struct trc_recorder *recorder);

/* Those of rings alone. */
int trc__recorder_put_rings(struct trc_recorder *recorder, struct trc_error *ret_error);

bool trc__recorder_has_untold_clock(const struct trc_recorder *recorder);

/* What filters have left out, over all rings. */
void trc__recorder_count_left_out(const struct trc_recorder *recorder, uint64_t *ret_left_out,
				  uint64_t *ret_bare);

#endif
