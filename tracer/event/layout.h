/*
 * layout.h - what lies in a session's shared memory; private to tracer/event
 *
 *   DIRECTORY/control    one struct trc__control
 *   DIRECTORY/output     the path of the trace file
 *   DIRECTORY/filters    the rules that leave messages out (filter.h), when there are any
 *   DIRECTORY/dead       made when program and recorder were first seen to be dead
 *   DIRECTORY/ring-N     one header of trc__control.header_bytes, struct trc__ring_header, and
 *                        data: trc__control.ring_bytes, or a smaller power of two when there
 *                        are many rings, or no room in memory for that
 *   DIRECTORY/new-*      on its way to one of them, by a rename: whoever sees a file sees it whole
 *
 * Both sides run on one machine, so numbers are in its byte order and the structs are the format.
 * Each side trusts the other's numbers only after checking them.
 */
#ifndef TRACER_EVENT_LAYOUT_H
#define TRACER_EVENT_LAYOUT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "tracer/event/filter.h"
#include "tracer/event/ring.h"
#include "tracer/event/stopwatch.h"

#define TRC__CONTROL_MAGIC UINT64_C(0x6c74632d65706373) /* "scpe-ctl" */
#define TRC__RING_MAGIC    UINT64_C(0x676e722d65706373) /* "scpe-rng" */
#define TRC__BYTE_ORDER    UINT32_C(0x01020304)

enum {
	TRC__LAYOUT_VERSION = 4,
	TRC__LINE = 128,         /* two cache lines: neighbours are fetched in pairs */
	TRC__RING_LIMIT = 65535, /* ring numbers, + 1, are the high 16 bits of message numbers */
	TRC__RING_MIN_BYTES = 64 << 10,
	TRC__RING_MAX_BYTES = 1 << 30,
	TRC__RING_DEFAULT_BYTES = 4 << 20,
	TRC__STASH_WORDS = 512,
	TRC__RULES_BYTES = 64 << 10,
};

struct trc__control {
	uint64_t magic;
	uint32_t version;
	uint32_t byte_order;
	uint64_t header_bytes;
	uint64_t ring_bytes;
	uint32_t payload_limit;
	uint32_t on_full;    /* enum trc_on_full */
	uint64_t start;      /* CLOCK_MONOTONIC nanoseconds at time 0 */
	uint64_t wall_start; /* CLOCK_REALTIME, the same instant */

	/* Written by the recorder, seldom. */
	_Atomic uint32_t paused;  /* events are counted, and no more than that */
	_Atomic uint32_t resting; /* nobody records: nobody need write */
	_Atomic uint32_t visits;  /* how often that ended; changes before `resting` does */

	/* Written by the recorder, watched by writers that wait for room. */
	_Alignas(TRC__LINE) _Atomic uint64_t heartbeat;
	_Atomic uint32_t recorder_pid; /* for people */
	_Atomic uint32_t program_pid;  /* that it has started, until that attaches; 0: none */
	_Atomic uint32_t follows;      /* other processes may have sessions beside this one */

	/* Written by the program. */
	_Alignas(TRC__LINE) _Atomic uint32_t ring_count;
	_Atomic uint32_t attached_pid;   /* 0: none yet */
	_Atomic uint32_t ringless;       /* threads that got no ring */
	_Atomic uint64_t attached_start; /* of that process, as /proc tells it; 0: unknown */
	_Atomic uint32_t parent_pid; /* of that process, in a session beside another; 0: in none */

	/* Written by the processes with sessions beside this one. */
	_Atomic uint32_t child_count; /* numbers given to them */
};

enum trc__ring_state {
	TRC__RING_LIVE = 1,
	TRC__RING_CLOSED = 2,
};

/* head and tail count words since the ring began and never wrap; a word's place is its number
 * modulo the size. */
struct trc__ring_header {
	uint64_t magic;
	uint32_t version;
	uint32_t byte_order;
	uint32_t pid;
	_Atomic uint32_t tid; /* of the thread that has the ring, or had it last */
	uint64_t size;        /* data bytes */
	_Atomic uint32_t state;

	/* The producer's line. */
	_Alignas(TRC__LINE) _Atomic uint64_t head;
	_Atomic uint64_t written;  /* records, LOST ones included */
	_Atomic uint64_t lost;     /* events */
	_Atomic uint64_t left_out; /* messages, by filters */
	_Atomic uint64_t bare;
	_Atomic uint64_t chosen[TRC_RULES_MAX + 1]; /* by each rule; last: by none of `only` */

	/* The consumer's line. */
	_Alignas(TRC__LINE) _Atomic uint64_t tail;
};

_Static_assert(sizeof(struct trc__control) <= 4096, "the control block fits a page");
_Static_assert(sizeof(struct trc__ring_header) <= 4096, "the ring's header fits a page");
_Static_assert(sizeof(_Atomic uint64_t) == 8, "atomics have no hidden lock");

/* A ring file in memory: the header, and the data twice, one behind the other. */
struct trc__ring_map {
	struct trc__ring_header *header;
	uint64_t *data;
	uint64_t words; /* of data, a power of two */
	void *base;
	size_t length;
};

/* A ring as its writing thread has it. Numbers of its own are plain; what its signal handlers touch
 * is atomic for them, with one thread: relaxed order and signal fences are enough. */
struct trc_ring {
	struct trc_session *session;
	struct trc__ring_map map;
	struct trc_ring *next; /* the thread's in other sessions, or the session's idle ones */

	uint64_t head; /* ours; the shared one is for the reader */
	uint64_t tail; /* as seen last */
	uint64_t written;
	uint64_t lost_told;   /* lost events that LOST events have told of */
	uint64_t given_up_at; /* tail at which waiting was given up */
	uint64_t last_time;   /* of the last event written */
	uint32_t visit;       /* control->visits as it was then */
	bool given_up;
	_Atomic bool busy;          /* a write is going on */
	_Atomic uint64_t lost_time; /* of the first lost event not yet told; 0: none */

	struct trc__stopwatch stopwatch;

	uint64_t unique_base; /* ring number + 1, in the high 16 bits */
	uint64_t unique;
	_Atomic bool numbering;         /* a number is being made */
	_Atomic uint64_t nested_unique; /* numbers made while one was being made */

	/* Records that signal handlers wrote while a write was going on. */
	_Atomic uint32_t stash_used; /* words */
	uint64_t stash[TRC__STASH_WORDS];
};

struct trc_session {
	struct trc__control *control;
	bool owned;                /* by this process, the recorder: removed when it is closed */
	int lock_fd;               /* the recorder's: held while it lives; -1: none */
	struct trc__control fixed; /* the constant part, checked once: later changes are ignored */
	_Atomic(struct trc_filters *) filters; /* the program's; NULL: none. Never freed before */
	pthread_mutex_t idle_lock;             /* also of reading filters */
	struct trc_ring *idle;                 /* rings of threads that have ended */
	atomic_uint_least32_t rings;           /* that there are, or are being made, here */
	char path[];
};

uint64_t trc__clock(clockid_t clock); /* nanoseconds */

/* NULL: out of memory. */
struct trc_session *trc__session_alloc(const char *path);

/* Maps the session in directory `path` and, unless `ret_fd` is NULL, hands out its control page's
 * descriptor. Returns NULL and says why when it is none that this user may use. */
struct trc_session *trc__session_open(const char *path, int *ret_fd, const char **ret_why);

/* Makes a directory for a session, and removes those that nobody needs any more. `ret_path` has
 * PATH_MAX bytes. 0 or -errno. */
int trc__make_directory(char *ret_path);

/* With all that is in it. */
void trc__remove_directory(const char *path);

/* Reads the session's filters, for the program. */
void trc__session_load_filters(struct trc_session *session);

/* What is wrong with a control page; NULL: nothing. */
const char *trc__check_control(const struct trc__control *control);

/* Lets go of the lock, if any: a recorder may adopt the session. */
void trc__session_unlock(struct trc_session *session);

/* Removes the session unless a recorder has it. */
void trc__session_remove(const struct trc_session *session);

/* The recorder's half of trc_session_close(). */
void trc__session_release(struct trc_session *session);

/* Makes the file `name` in the session's directory, whole or not at all. 0 or -errno. */
int trc__session_put_text(const struct trc_session *session, const char *name, const char *text);

/* When a process was started, in the system's own unit; 0: there is none, or it is not told. */
uint64_t trc__process_start(pid_t pid);

/* Maps a ring file with `data` bytes of data. Returns 0 or -errno. */
int trc__ring_map(const struct trc_session *session, int fd, size_t data,
		  struct trc__ring_map *ret_map);
void trc__ring_unmap(struct trc__ring_map *map);

/* The path of ring `number` in its session: at most PATH_MAX with the NUL. */
void trc__ring_path(const struct trc_session *session, unsigned number, char *ret_path);

/* A reader on a ring that is mapped already, by the caller, who keeps the map. Returns NULL when
 * out of memory. */
struct trc_ring_reader *trc__ring_reader_new(const struct trc__ring_map *map);

/* The map of a writing ring, for tests that read it in place. */
const struct trc__ring_map *trc__ring_map_of(const struct trc_ring *ring);

/* Tells of losses after the last event. False when there is no room. */
bool trc__ring_tell_losses(struct trc_ring *ring);

/* Closes the calling thread's ring, if any, and the idle ones of a session that goes away. */
void trc__ring_forget(struct trc_session *session);

/* From now on threads give their rings back when they end, and children are told from this
 * process. */
void trc__prepare_process(void);

/* In a child of a process that had attached. */
extern bool trc__forked_child;

#endif
