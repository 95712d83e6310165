/*
 * ring.h - the way of events from one thread to the recorder, through shared memory
 *
 * One ring has one writing thread and one reader. The writer puts a record beyond `head` with plain
 * stores and then publishes it by one release store of `head`: a thread killed at any moment leaves
 * nothing torn. The reader copies records out, and moves `tail` only when they are safe in the
 * file. The protocol, with its memory orders, is described at the top of ring.c.
 */
#ifndef TRACER_EVENT_RING_H
#define TRACER_EVENT_RING_H

#include "tracer/event/event.h"
#include "tracer/event/filter.h"
#include "tracer/event/session.h"

#ifdef __cplusplus
extern "C" {
#endif

/* --- writing -----------------------------------------------------------------------------------
 */

struct trc_ring;

/* The calling thread's ring in this session, got with its first call and given back when the thread
 * ends; a later thread may get it then. NULL when none can be had (no shared memory left, after
 * fork); that is counted in the session. Not for signal handlers. */
struct trc_ring *trc_ring_of_thread(struct trc_session *session);

/* The same, but NULL when the thread has none yet. Safe in signal handlers. */
struct trc_ring *trc_ring_if_any(struct trc_session *session);

/* Nanoseconds since the session began, by CLOCK_MONOTONIC, for the events of this ring: the same as
 * trc_session_now(), in less than half the time, and never less than before. `ring` may be NULL
 * (returns 0). Safe in signal handlers. */
uint64_t trc_ring_now(struct trc_ring *ring);

/*
 * Writes one event and publishes it. Does not allocate, lock or call the system unless the ring is
 * full. When it is full: waits or counts, as the session says. The last eighth of a ring is kept
 * for events other than messages, logs and handles, the last 32nd for definitions and the lives of
 * actors, so that what a verdict needs survives a flood.
 *
 * Safe in a signal handler, also in one that interrupts another write of the same thread: some 4
 * KiB of such events are kept and follow the one that was interrupted; what goes beyond that is
 * counted as lost. A handler that leaves by longjmp() ends the recording of its thread: what
 * follows is counted as lost. Returns false when the event was counted as lost.
 */
bool trc_ring_write(struct trc_ring *ring, const struct trc_event *event);

/* Counts a message about which filters have decided. */
void trc_ring_count_choice(struct trc_ring *ring, struct trc_choice choice);

/* A number for a message or token, unique in the session. `ring` may be NULL (returns 0). Safe in
 * signal handlers. */
uint64_t trc_unique(struct trc_ring *ring);

/* --- reading (the recorder) --------------------------------------------------------------------
 */

struct trc_ring_reader;

struct trc_ring_counts {
	uint64_t written;  /* events published by the writer */
	uint64_t lost;     /* events the writer counted as lost */
	uint64_t read;     /* events handed out by trc_ring_next() since the ring began */
	uint64_t corrupt;  /* words skipped because they held no record */
	uint64_t position; /* words handed out or skipped since the ring began */
	uint32_t pid;
	uint32_t tid;      /* of the thread that has it, or had it last */
	bool closed;       /* the writer has closed it, and all was handed out */
	uint64_t left_out; /* messages, by filters */
	uint64_t bare;     /* messages written without their fields, by filters */
};

/* Opens ring `number`. Returns 0, -EAGAIN while there is none yet, or -errno. */
int trc_ring_reader_open(struct trc_session *session, unsigned number,
			 struct trc_ring_reader **ret_reader);

/* Goes on where another reader stopped: `position` words are done with, in which there were `read`
 * events and `corrupt` words of rubbish. Before the first sync. */
void trc_ring_reader_resume(struct trc_ring_reader *reader, uint64_t position, uint64_t read,
			    uint64_t corrupt);

/* Takes notice of everything published by now: trc_ring_next() goes up to here. */
void trc_ring_reader_sync(struct trc_ring_reader *reader);

/* Bytes that were synced and not handed out yet, and those of the whole ring. */
uint64_t trc_ring_reader_waiting(const struct trc_ring_reader *reader, uint64_t *ret_room);

/* The time of the event that lies about `bytes` further; UINT64_MAX when that cannot be told, as
 * when there is less. */
uint64_t trc_ring_reader_time_after(const struct trc_ring_reader *reader, uint64_t bytes);

/* From now to the next sync, trc_ring_next() stops after about `bytes`, and before an event that is
 * later than `time`. */
void trc_ring_reader_limit(struct trc_ring_reader *reader, uint64_t bytes, uint64_t time);

/* Hands out the next event. Its payload lives until the next call. Returns false at the end of what
 * was synced, or at the limit. */
bool trc_ring_next(struct trc_ring_reader *reader, struct trc_event *ret_event);

/* Gives the room of all events handed out so far back to the writer. Call after they are committed.
 */
void trc_ring_reader_release(struct trc_ring_reader *reader);

void trc_ring_reader_counts(const struct trc_ring_reader *reader,
			    struct trc_ring_counts *ret_counts);

/* Adds how many messages each rule of the filters has chosen, the last place for those that no
 * `only` rule did. */
void trc_ring_reader_add_chosen(const struct trc_ring_reader *reader,
				uint64_t chosen[TRC_RULES_MAX + 1]);

void trc_ring_reader_close(struct trc_ring_reader *reader);

#ifdef __cplusplus
}
#endif

#endif
