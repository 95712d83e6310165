/*
 * derive.h - what follows from the segments of a trace
 *
 * Segments hold every event and are written first. All else in a trace file follows from them and
 * can be made at any time: it is *derived*. A deriver takes the batches of a trace in their order,
 * as they are recorded or later from the file, merges their events into causal order, applies them
 * to its model, and shows each to the alarm and to everything that is derived. What these have to
 * say is put into the file a few thousand rows at a time, so that whoever adds events never waits
 * for long. How far each has come stands in the table `derived`, in the same transaction: a deriver
 * that is killed is carried on by the next one, and nothing is there twice.
 *
 * To derive something new:
 *
 *  1. add its table to tracer/store/schema.c and docs/trace-format.md, and to tracer/store a call
 *     that puts a row of it into the open transaction;
 *  2. write a file in this folder that defines a `const struct trc_derived`;
 *  3. add it to `all` in derive.c.
 *
 * One thread at a time uses a deriver; it may be another one than that which adds events to the
 * store (see trc_store_begin_rows).
 */
#ifndef TRACER_DERIVE_DERIVE_H
#define TRACER_DERIVE_DERIVE_H

#include "tracer/analysis/finding.h"
#include "tracer/model/order.h"
#include "tracer/store/store.h"

struct trc_deriver;

/* --- something that is derived -----------------------------------------------------------------
 *
 * `self` is what `open` returned. Memory that cannot be had ends the process (memory.h). What one
 * makes of a batch must depend on the events up to its end alone: after a kill all is applied
 * again, and what is in the file already is skipped.
 */
struct trc_derived {
	const char *name; /* of its cursor, in the table `derived` */

	/* The deriver is at the beginning of the trace, or, of one that has let go of that
	 * (begin.h), at a keyframe; it outlives what is opened here. */
	void *(*open)(const struct trc_deriver *deriver);
	void (*close)(void *self);

	/* After trc_model_apply(). */
	void (*event)(void *self, const struct trc_event *event);

	/* After the event, when the order can be saved (trc_order_settled). NULL: does not care. */
	void (*settled)(void *self);

	/* The trace may soon have to begin here, between two batches. NULL: does not care. */
	void (*divide)(void *self);

	/* No event will follow. NULL: does not care. */
	void (*finish)(void *self);

	/* The batch trc_deriver_batch() is complete. NULL: does not care. */
	void (*batch)(void *self);

	/* Rows that are not in the file yet; a row is some microsecond's work to put there. */
	size_t (*left)(const void *self);

	/* Puts at most `max` of them (but one at least, which may count as many), oldest first,
	 * into the open transaction, and soon stops when the other thread wants that to end.
	 * Returns how many, or -errno. A put that no `committed` follows has not happened. */
	int (*put)(void *self, struct trc_store *store, size_t max, struct trc_error *ret_error);

	/* What was put last is in the file. */
	void (*committed)(void *self);

	/* All that is left is in the file already, from an earlier run: forget it. */
	void (*skip)(void *self);
};

/* Good while something derived is called. */
const struct trc_model *trc_deriver_model(const struct trc_deriver *deriver);
const struct trc_order *trc_deriver_order(const struct trc_deriver *deriver);
uint64_t trc_deriver_batch(const struct trc_deriver *deriver);    /* number of the present one */
uint64_t trc_deriver_messages(const struct trc_deriver *deriver); /* sent before it began */

/* --- deriving ----------------------------------------------------------------------------------
 */

/* Called for each deadlock as it forms; the finding is good during the call only. */
typedef void trc_deriver_alarm(const struct trc_finding *finding, void *context);

struct trc_deriver_options {
	bool no_rows;             /* nothing for the tables of messages, waits, actors, names */
	trc_deriver_alarm *alarm; /* NULL: nobody wants to know */
	void *context;            /* of `alarm` */
};

struct trc_deriver *trc_deriver_new(const struct trc_deriver_options *options);
void trc_deriver_free(struct trc_deriver *deriver);

/*
 * Before the first batch: what an earlier deriver has put into the file will not be put again. When
 * the trace has let go of its beginning, the deriver goes on from its last keyframe, and the batch
 * of that is done. `ret_segments`: how many segments are done. 0 or -errno.
 */
int trc_deriver_resume(struct trc_deriver *deriver, struct trc_store *store, uint64_t *ret_segments,
		       struct trc_error *ret_error);

/* Adds a segment of the next batch: its events go into the order. */
void trc_deriver_add(struct trc_deriver *deriver, unsigned ring, const struct trc_segment *segment);

/* The batch `number` is complete: what is ready is applied. */
void trc_deriver_end_batch(struct trc_deriver *deriver, uint64_t number);

/* A keyframe is wanted now, with which the trace may begin one day, though none is due. */
void trc_deriver_divide(struct trc_deriver *deriver);

/* What follows from the batches to come is of interest to the alarm alone: they are not in the
 * file. Between two batches. */
void trc_deriver_only_watch(struct trc_deriver *deriver);

/* There is no room in the file for what is left, and never will be: the alarm alone goes on. */
void trc_deriver_give_up(struct trc_deriver *deriver);

/* No batch will follow: the events that waited for lost ones are applied, too. Counts as one more
 * batch. */
void trc_deriver_end(struct trc_deriver *deriver);

/* Looks for deadlocks. After each batch, and now and then when there is none (alarm.h). */
void trc_deriver_look(struct trc_deriver *deriver);

/* The last complete batch, and the events up to its end. */
struct trc_store_cursor trc_deriver_done(const struct trc_deriver *deriver);

/* Rows that are not in the file yet, of all that is derived. */
size_t trc_deriver_left(const struct trc_deriver *deriver);

/* Up to where the file has all that follows. */
struct trc_store_cursor trc_deriver_written(const struct trc_deriver *deriver);

/* Whether that is the last complete batch. */
bool trc_deriver_is_whole(const struct trc_deriver *deriver);

/* Puts at most `max` rows, in a transaction of its own; only some while the other thread waits for
 * the store. 0 or -errno; then they are still there. */
int trc_deriver_put(struct trc_deriver *deriver, struct trc_store *store, size_t max,
		    struct trc_error *ret_error);

#endif
