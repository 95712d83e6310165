/*
 * recorder.h - from a session's rings to a trace file, batch by batch
 *
 * Reads what the rings hold, stores it, commits, gives the room in the rings back, and lets what
 * follows from it be derived. Owns no clock and no loop: whoever does calls
 * trc_recorder_poll() every 1 to 20 ms. One thread; another, of its own,
 * derives and calls the alarm.
 */
#ifndef TRACER_RECORD_RECORDER_H
#define TRACER_RECORD_RECORDER_H

#include "tracer/derive/follower.h"
#include "tracer/event/session.h"
#include "tracer/store/store.h"

struct trc_recorder;

/* Session and store are borrowed. NULL, and why, when it cannot begin. */
struct trc_recorder *trc_recorder_new(struct trc_session *session, struct trc_store *store,
				      const struct trc_deriver_options *options,
				      struct trc_error *ret_error);
void trc_recorder_free(struct trc_recorder *recorder);

/*
 * Takes one batch: everything in the rings by now. Returns how many events it had; -EAGAIN when the
 * file keeps to a size and has no room until something has been let go, which will be soon; or
 * -errno when it could not be committed. It is kept then, the rings stay as they are, writers are
 * no longer told to wait, and the next call tries again before it reads more.
 */
int trc_recorder_poll(struct trc_recorder *recorder, struct trc_error *ret_error);

/* From now on nothing more is stored: batches are read for the alarm alone, as fast as it can take
 * them, and are counted as lost. When the follower is far behind, the program is not made to wait
 * for it: what happens until it has come up is only counted, and a gap for the alarm. */
void trc_recorder_only_watch(struct trc_recorder *recorder);

/* After the program has ended and poll returned 0: no more will come, and what follows from the
 * events is derived to its end. */
void trc_recorder_last(struct trc_recorder *recorder);

/* Waits until all that follows from what was stored is in the file, at most so long. False when it
 * is not yet. */
bool trc_recorder_wait(struct trc_recorder *recorder, unsigned milliseconds);

/* Derives no further. The store is then the caller's alone. */
void trc_recorder_stop(struct trc_recorder *recorder);

struct trc_recorder_totals {
	uint64_t events;      /* read from the rings */
	uint64_t stored;      /* of these, committed */
	uint64_t messages;    /* sent */
	uint64_t lost;        /* counted by the writers */
	uint64_t corrupt;     /* words of rings that held no record */
	unsigned ringless;    /* threads that had no ring */
	uint64_t left_out;    /* messages, by filters */
	uint64_t bare;        /* messages without their fields, by filters */
	uint64_t times_back;  /* events before one that came before them in their ring */
	bool complete;        /* every event that was written is stored, none is lost */
	uint64_t rows_behind; /* events whose rows are not in the file */
	struct trc_follower_state follower;
};
void trc_recorder_totals(const struct trc_recorder *recorder,
			 struct trc_recorder_totals *ret_totals);

/* How many messages each of the `rules` rules of the filters has chosen; to be freed. */
uint64_t *trc_recorder_chosen(const struct trc_recorder *recorder, unsigned rules);

/* From about `time` (trc_session_now()) on the wall clock is the session's wall_start + time +
 * `step` ns: kept with the next batch. */
void trc_recorder_tell_clock(struct trc_recorder *recorder, uint64_t time, int64_t step);

/* There are so many rules: their counts are kept in the file. `names` (borrowed) gets to know all
 * that is read. */
struct trc_names;
void trc_recorder_filter(struct trc_recorder *recorder, unsigned rules, struct trc_names *names);

#endif
