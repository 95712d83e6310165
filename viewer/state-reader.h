/*
 * state-reader.h - the program's state at the playhead, read by a thread of its own
 *
 * To read a state takes some ten milliseconds, a hundred where thousands of actors are busy: longer
 * than a frame may take. So the main thread asks, goes on showing what it has, and takes the answer
 * when there is one. Only the latest question counts; one that is being answered is answered to its
 * end, so that whoever drags the playhead about sees the states he passes.
 *
 * Who touches what: the thread opens the trace anew, twice, and a trace is used by one thread at a
 * time. The model that was taken last belongs to one of the two, which the main thread has until it
 * takes the next; meanwhile the thread reads in the other. So nothing is copied, and while the
 * playhead goes on by little, as in a replay, both go on from where they are. What both threads
 * touch is under the reader's lock, which is never held while something is read. All calls are the
 * main thread's; none waits for a state, but to free ends what is being read first.
 */
#ifndef VIEWER_STATE_READER_H
#define VIEWER_STATE_READER_H

#include "tracer/query/trace.h"

struct trv_state_reader;

/* For the trace at `path`, as long as that is the recording that began at `wall_start`. NULL: the
 * system has no thread to give. */
struct trv_state_reader *trv_state_reader_new(const char *path, uint64_t wall_start);
void trv_state_reader_free(struct trv_state_reader *reader); /* NULL is fine */

/* Readable when there is an answer. */
int trv_state_reader_fd(const struct trv_state_reader *reader);

/* Asks for the state at `time`. `version` goes up when a live trace has grown: then what was
 * recorded since is taken in first. */
void trv_state_reader_ask(struct trv_state_reader *reader, uint64_t time, uint64_t version);

enum trv_state_answer {
	TRV_STATE_NONE, /* not yet */
	TRV_STATE_READ,
	TRV_STATE_FAILED, /* the file cannot be opened again, or is another one now: there will be
			     no answers any more */
};

/* The model stays as it is until another has been taken or the reader is freed. */
enum trv_state_answer trv_state_reader_take(struct trv_state_reader *reader,
					    const struct trc_model **ret_model, uint64_t *ret_time);

#endif
