/*
 * store.h - the SQLite trace file; nobody else includes sqlite3.h
 *
 * The schema, the segment format and the guarantees are in docs/trace-format.md; segment.h owns the
 * bytes of a segment.
 */
#ifndef TRACER_STORE_STORE_H
#define TRACER_STORE_STORE_H

#include "tracer/event/event.h"

/* A trace file, open for reading, by one thread at a time, or for writing. */
/* The version of the format that is written, `user_version` in the file. */
enum { TRC_STORE_FORMAT = 2 };

struct trc_store;

/* Filled in when a call fails: a whole sentence for a person: what was tried, on what, why it
 * failed, what to do. */
struct trc_error {
	char text[512];
};

/* --- writing (the recorder) --------------------------------------------------------------------
 */

struct trc_store_info {
	char *program;       /* command line as one line; NULL: as it is in the file */
	char *tool_version;  /* actorscope version that recorded */
	uint64_t wall_start; /* CLOCK_REALTIME nanoseconds at time 0 */
	/* "TIME STEP\n" for each time that the wall clock was set, or the machine slept: from about
	 * TIME on it is `wall_start` + time + STEP ns. NULL: never. */
	char *clock_steps;
	uint64_t times_back; /* events whose time is before that of one before them in their ring */
	uint32_t payload_limit;
	bool closed;      /* the recording was ended properly */
	bool complete;    /* for every ring: written = stored, nothing lost or corrupt */
	int exit_status;  /* of the program, as wait() gave it; -1: unknown */
	uint32_t parent;  /* the recorded process that started this one; 0: none */
	uint64_t keep_to; /* bytes that the file keeps to (let-go.h); 0: to none */
	char *cut; /* why not all was stored: "max-size"; NULL: for no reason of the recorder's */
	/* The rules by which messages were left out, a line each (tracer/event/filter.h), and a
	 * line of digits for each: how many messages it chose. NULL: all were recorded. */
	char *filters, *chosen;
	uint64_t left_out;   /* messages of which there is nothing */
	uint64_t bare;       /* messages without their fields */
	uint64_t events;     /* stored in segments */
	uint64_t let_go;     /* of these, the oldest, which are there no more (let-go.h) */
	uint64_t begin_time; /* of the last of those, when there are any: the trace begins here */
	uint64_t lost;
	uint64_t messages;   /* message rows written */
	uint64_t first_time; /* of the earliest and latest event */
	uint64_t last_time;
};

/* Makes a new trace file. An existing file is refused unless `replace`. Returns 0, -EEXIST, or
 * another -errno, with `ret_error` filled in. */
int trc_store_create(const char *path, bool replace, const struct trc_store_info *info,
		     struct trc_store **ret_store, struct trc_error *ret_error);

/* Closes a new trace and removes its file. */
void trc_store_discard(struct trc_store *store);

/* Goes on writing a trace whose recorder was killed, or has left it: that of the recording that
 * began at `wall_start`, and no other. It is then open again as trc_store_create() leaves one. */
int trc_store_resume(const char *path, uint64_t wall_start, struct trc_store **ret_store,
		     struct trc_error *ret_error);

/* Opens a trace that nobody records any more, to put what follows from its segments. `ret_info` is
 * what trc_store_finish() wants to leave it as it was; texts are NULL. */
int trc_store_open_rows(const char *path, struct trc_store_info *ret_info,
			struct trc_store **ret_store, struct trc_error *ret_error);

/* What is in a store for writing. */
struct trc_store_written {
	uint64_t batch; /* the last; 0: none */
	uint64_t events;
	uint64_t messages;
};
void trc_store_written(const struct trc_store *store, struct trc_store_written *ret_written);

/*
 * Two threads may write: one that adds events and commits them in batches, and one that puts the
 * rows that follow from them. A transaction is one's alone from begin to commit or undo; begin
 * waits until the other's is over.
 */

/* A transaction of the thread that adds events: its commit makes a batch of those added so far.
 * -errno on failure; the transaction is then to be undone, which a failed begin or commit does
 * itself, and the store can go on. Events that were added stay with the store and are written by
 * the next commit; rows are to be put again. */
int trc_store_begin(struct trc_store *store, struct trc_error *ret_error);
int trc_store_commit(struct trc_store *store, struct trc_error *ret_error);
void trc_store_undo(struct trc_store *store);

/* What was committed is in a log beside the file, and is moved into it now and then. 0, or -errno
 * and why while that fails: it is then all in the log, which grows. Of any thread. */
int trc_store_trouble(struct trc_store *store, struct trc_error *ret_error);

/* What was committed before it, by either thread, outlives a failure of power. Waits for the disk,
 * if there is something to sync. What fails is told by trc_store_trouble(), and is made up for by
 * the next call. No transaction of the caller's may be open. */
void trc_store_sync(struct trc_store *store);

/* Somebody has been reading for so long that the log has become many times as long (256 MiB) as it
 * is otherwise: what they read cannot be overwritten. Of any thread. */
bool trc_store_is_held(const struct trc_store *store);

/* A transaction of the other thread, for rows alone. */
int trc_store_begin_rows(struct trc_store *store, struct trc_error *ret_error);

/* In an open transaction: whether the other thread waits for its end. It comes next then. */
bool trc_store_is_wanted(const struct trc_store *store);

/* Adds an event to the segment that is being built for its ring. Needs no transaction. */
int trc_store_add(struct trc_store *store, unsigned ring, const struct trc_event *event,
		  struct trc_error *ret_error);

/* Packs what was added, which the commit would do otherwise, with everybody waiting. */
int trc_store_pack(struct trc_store *store, struct trc_error *ret_error);

/* What one commit has written: segments as they are in the file. */
struct trc_batch {
	struct trc_batch *next; /* whoever has it may make lists */
	bool aside;             /* it is not in the file */
	uint64_t number;
	uint64_t events;
	uint64_t last_time; /* of its latest event */
	size_t bytes;
	size_t count;
	struct trc_batch_segment *segments;
};

/* From now on what is added is not to be stored: instead of a commit, trc_store_set_aside() makes a
 * batch of it. All that was added before is committed. */
void trc_store_stop(struct trc_store *store);

/* What was added since, for the caller to free; NULL: nothing. 0 or -ENOMEM. */
int trc_store_set_aside(struct trc_store *store, struct trc_batch **ret_batch,
			struct trc_error *ret_error);

/* The batch that the last commit made, for the caller to keep and to free; NULL when it had no
 * event, or was taken already. Of the thread that commits it. */
struct trc_batch *trc_store_take_batch(struct trc_store *store);
void trc_batch_free(struct trc_batch *batch); /* NULL is fine */

/* The same from the file: the batch that begins with segment `first`, where the first of a trace is
 * number 1. -ENOENT when there is no such segment.
 * Of the thread that puts rows; waits as begin does. */
int trc_store_read_batch(struct trc_store *store, uint64_t first, struct trc_batch **ret_batch,
			 struct trc_error *ret_error);

/* Unpacks its segment `index`, as trc_store_segment_load() does. The ring is told, too. */
struct trc_segment;
int trc_batch_load(const struct trc_batch *batch, size_t index, unsigned *ret_ring,
		   struct trc_segment *ret_segment, struct trc_error *ret_error);

/* The rows of a definition, or what a SPAWN or END says of an actor. */
int trc_store_put_event(struct trc_store *store, const struct trc_event *event,
			struct trc_error *ret_error);

/* One row of `message`. Times are 0 while not reached. Put again for the same id when more is
 * known. */
struct trc_store_message {
	uint64_t id, sender, receiver, cause, token;
	uint64_t space_since, sent, received, done, replied;
	uint64_t replier;
	uint32_t site, reply_site;
	uint16_t type, reply_type;
	uint8_t flags;
	bool discarded, dropped; /* never received; token dropped */
	bool failed;             /* the reply reports a failure */
	const char *payload;     /* as JSON; NULL: leave as is */
	const char *reply_payload;
};

/* Puts rows until `next`, which is called for each, returns false. Texts live until its next call.
 */
typedef bool trc_store_next_message(void *context, struct trc_store_message *ret_message);
int trc_store_put_messages(struct trc_store *store, trc_store_next_message *next, void *context,
			   struct trc_error *ret_error);

/* One row of `wait`, keyed by id and target. */
struct trc_store_wait {
	uint64_t id; /* number of this wait in the recording, from 1 */
	uint64_t actor, begin, end, deadline, message;
	uint32_t site;
	unsigned target; /* number of this target in its wait, from 0 */
	unsigned what;
	uint64_t object, peer;
	bool any;
	unsigned wake; /* enum trc_wake; 0: still waiting */
};

/* As for messages. */
typedef bool trc_store_next_wait(void *context, struct trc_store_wait *ret_wait);
int trc_store_put_waits(struct trc_store *store, trc_store_next_wait *next, void *context,
			struct trc_error *ret_error);

/* How far something that follows from the segments has come: all that follows from batches up to
 * `batch`, and these are `events` events. Put it into the transaction that has the last of them.
 * From that of TRC_STORE_ROWS meta's rows_behind is made. */
#define TRC_STORE_ROWS "rows"
struct trc_store_cursor {
	uint64_t batch; /* 0: nothing yet */
	uint64_t events;
};
int trc_store_put_cursor(struct trc_store *store, const char *name,
			 const struct trc_store_cursor *cursor, struct trc_error *ret_error);

/* The accounting of one ring, kept in table `ring`. */
struct trc_store_ring {
	uint32_t number, pid, tid;
	uint64_t written, stored, lost, corrupt;
	uint64_t position; /* words of the ring that are done with */
	uint64_t let_go;   /* of those that are stored; of a store for reading */
	bool closed;
};
int trc_store_put_ring(struct trc_store *store, const struct trc_store_ring *ring,
		       struct trc_error *ret_error);

/* How many messages filters have left out so far, as in trc_store_info. */
int trc_store_put_left_out(struct trc_store *store, const char *chosen, uint64_t left_out,
			   uint64_t bare, struct trc_error *ret_error);

/* Adds to what the file says of clocks, in the open transaction: a line for each time that the wall
 * clock was seen to be set (trc_store_info.clock_steps; NULL: none), and how many more events of a
 * ring have an earlier time than one before them. */
int trc_store_add_clocks(struct trc_store *store, const char *steps, uint64_t times_back,
			 struct trc_error *ret_error);

/* What a store for writing has of ring `number`: 1, 0 when it has none, or -errno. No transaction
 * of the caller's may be open. */
int trc_store_get_ring(struct trc_store *store, uint32_t number, struct trc_store_ring *ret_ring,
		       struct trc_error *ret_error);

/* Likewise of the cursor `name`, which is 0, 0 when there is none. 0 or -errno. */
int trc_store_get_cursor(struct trc_store *store, const char *name,
			 struct trc_store_cursor *ret_cursor, struct trc_error *ret_error);

/* Reads the accounts in the file again: 1 when, for every ring, all that was written is stored, in
 * segments that are there, and nothing is lost or corrupt; 0 when not; -errno. */
int trc_store_agrees(struct trc_store *store, struct trc_error *ret_error);

/* The recording is over: final accounting, closed = true, and one plain file that is on the disk.
 * Its own transaction. When that fails it is not closed, and the call may be repeated. */
int trc_store_finish(struct trc_store *store, const struct trc_store_info *info,
		     struct trc_error *ret_error);

/* --- reading -----------------------------------------------------------------------------------
 */

/* Opens a trace read-only, as untrusted input: hardened, schema compared, never written. Returns 0,
 * -ENOENT, -EACCES, -EINVAL (not a trace), -EPROTO (newer or older schema), -EIO (damaged), ... */
int trc_store_open(const char *path, struct trc_store **ret_store, struct trc_error *ret_error);

/* Strings in `ret_info` belong to the store. */
void trc_store_info(const struct trc_store *store, struct trc_store_info *ret_info);

/* Reads again what may have grown since opening: info and number of segments. Returns the number of
 * new segments, or -errno. */
int trc_store_refresh(struct trc_store *store, struct trc_error *ret_error);

/*
 * From now on the store is read as it is now, whatever is recorded into it, until it is loosened,
 * refreshed or closed. Meanwhile its log grows: not for stores that are open for long. Without it,
 * what a recording under way lets go of (let-go.h) may be gone when it is asked for. 0 or -errno.
 */
int trc_store_hold(struct trc_store *store, struct trc_error *ret_error);

/* What has to be of one moment was read, and a pass over the segments follows, for long perhaps. A
 * trace that lets go of nothing is then held no longer, for its segments stay where they are: each
 * is read by itself, and the log can be begun anew meanwhile. One that keeps to a size is held on.
 */
void trc_store_loosen(struct trc_store *store);

/* Holds it no longer; what was listed stays. */
void trc_store_release(struct trc_store *store);

/* The accounts of all rings, by number; to be freed. The position, which means something while a
 * program runs, is left out. 0 or -errno. */
int trc_store_rings(struct trc_store *store, struct trc_store_ring **ret_rings, size_t *ret_count,
		    struct trc_error *ret_error);

/* Segments in the order in which they were committed, 0 .. count-1. Those of one `batch` were
 * committed together. */
struct trc_segment_info {
	uint64_t number; /* in the whole trace, from 1; of a store for reading */
	uint32_t ring;
	uint32_t count; /* events */
	uint64_t batch;
	uint64_t first_time;
	uint64_t last_time;
};
size_t trc_store_segment_count(const struct trc_store *store);
struct trc_segment_info trc_store_segment_info(const struct trc_store *store, size_t index);

/* Decodes segment `index` into events[0 .. count-1]. Free with trc_segment_clear(). -EIO when the
 * bytes are damaged. */
struct trc_segment {
	size_t count;
	struct trc_event *events;
	uint8_t *arena; /* payloads */
};
int trc_store_segment_load(struct trc_store *store, size_t index, struct trc_segment *ret_segment,
			   struct trc_error *ret_error);
void trc_segment_clear(struct trc_segment *segment);

/* Closes a store of either kind, of which one thread is left; an open transaction is undone. */
void trc_store_close(struct trc_store *store);

#endif
