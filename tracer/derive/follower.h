/*
 * follower.h - a thread that derives, behind the one that records
 *
 * The recording thread gives it each batch that it has committed. While it keeps up, it takes them
 * from memory, and a deadlock is known some milliseconds after it formed. When the program is
 * faster, only the newest batches are kept, and it reads those it has missed from the file again.
 *
 * It must not cost the recording thread its time: it holds the file for a few milliseconds at most,
 * lets go of it when that thread wants it, and rests while it is told to.
 */
#ifndef TRACER_DERIVE_FOLLOWER_H
#define TRACER_DERIVE_FOLLOWER_H

#include "tracer/derive/derive.h"

struct trc_follower;

/* Begins with the first batch of the store, which is borrowed, as long as the follower lives. The
 * alarm is called in the follower's thread. NULL, and why, when it cannot begin. */
struct trc_follower *trc_follower_new(struct trc_store *store,
				      const struct trc_deriver_options *options,
				      struct trc_error *ret_error);

/* Stops at once; what is not derived by then, is not. Its state can still be asked for. */
void trc_follower_stop(struct trc_follower *follower);

/* The same, and lets it go. NULL is fine. */
void trc_follower_free(struct trc_follower *follower);

/* --- of the recording thread ------------------------------------------------------------------ */

/* A batch that was committed, or set aside, which is the follower's from now on. NULL is fine.
 * Those that were set aside stay in memory: look at the state for how many they are. */
void trc_follower_give(struct trc_follower *follower, struct trc_batch *batch);

/* Rest, or go on: the recording thread needs all the time there is, or not. */
void trc_follower_rest(struct trc_follower *follower, bool rest);

/* No more batches will come. */
void trc_follower_end(struct trc_follower *follower);

struct trc_follower_state {
	struct trc_store_cursor given;   /* committed */
	struct trc_store_cursor done;    /* of these, looked at by the alarm */
	uint64_t done_time;              /* time of the last event of those */
	size_t actors;                   /* seen so far */
	size_t rows_left;                /* of what is done, not in the file yet */
	size_t aside;                    /* bytes of what was set aside and is not done */
	struct trc_store_cursor written; /* of these, all that follows is in the file */
	bool failing;           /* the file cannot be written or read now; it tries again */
	bool cramped;           /* the file is full, and nothing of it can be let go */
	bool broken;            /* a segment cannot be read again: it goes no further */
	struct trc_error error; /* why */
};
void trc_follower_state(struct trc_follower *follower, struct trc_follower_state *ret_state);

/* Waits until all that was given, and the end if it was told, is derived and in the file, at most
 * so long. False when it is not. */
bool trc_follower_wait(struct trc_follower *follower, unsigned milliseconds);

#endif
