/*
 * layout.h - what lies in a session's shared memory; private to tracer/event
 *
 *   DIRECTORY/control    one struct trc__control
 *   DIRECTORY/ring-N     one header of trc__control.header_bytes, struct trc__ring_header, and
 *                        trc__control.ring_bytes of data
 *
 * Both sides run on one machine, so numbers are in its byte order and the structs are the format.
 * Each side trusts the other's numbers only after checking them.
 */
#ifndef TRACER_EVENT_LAYOUT_H
#define TRACER_EVENT_LAYOUT_H

#include <stdatomic.h>
#include <stdint.h>
#include <sys/types.h>

#include "tracer/event/ring.h"

#define TRC__CONTROL_MAGIC UINT64_C(0x6c74632d65706373) /* "scpe-ctl" */
#define TRC__RING_MAGIC    UINT64_C(0x676e722d65706373) /* "scpe-rng" */
#define TRC__BYTE_ORDER    UINT32_C(0x01020304)

enum {
	TRC__LAYOUT_VERSION = 1,
	TRC__LINE = 128,         /* two cache lines: neighbours are fetched in pairs */
	TRC__RING_LIMIT = 65535, /* ring numbers, + 1, are the high 16 bits of message numbers */
	TRC__RING_MIN_BYTES = 64 << 10,
	TRC__RING_MAX_BYTES = 1 << 30,
	TRC__RING_DEFAULT_BYTES = 4 << 20,
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

	/* Written by the recorder, watched by writers that wait for room. */
	_Alignas(TRC__LINE) _Atomic uint64_t heartbeat;

	/* Written by the program. */
	_Alignas(TRC__LINE) _Atomic uint32_t ring_count;
	_Atomic uint32_t attached_pid; /* 0: none yet */
	_Atomic uint32_t ringless;     /* threads that got no ring */
};

enum trc__ring_state {
	TRC__RING_MAKING = 0,
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
	uint32_t tid;
	uint64_t size; /* data bytes */
	_Atomic uint32_t state;

	/* The producer's line. */
	_Alignas(TRC__LINE) _Atomic uint64_t head;
	_Atomic uint64_t written; /* records, LOST ones included */
	_Atomic uint64_t lost;    /* events */

	/* The consumer's line. */
	_Alignas(TRC__LINE) _Atomic uint64_t tail;
};

_Static_assert(sizeof(struct trc__control) <= 4096, "the control block fits a page");
_Static_assert(sizeof(struct trc__ring_header) <= 4096, "the ring's header fits a page");
_Static_assert(sizeof(_Atomic uint64_t) == 8, "atomics have no hidden lock");

struct trc_session {
	struct trc__control *control;
	bool created;              /* by this process: the recorder's side */
	int lock_fd;               /* the recorder's: held while it lives */
	struct trc__control fixed; /* the constant part, checked once: later changes are ignored */
	char path[];
};

/* A ring file in memory: the header, and the data twice, one behind the other. */
struct trc__ring_map {
	struct trc__ring_header *header;
	uint64_t *data;
	uint64_t words; /* of data, a power of two */
	void *base;
	size_t length;
};

/* Maps a ring file of the session. Returns 0 or -errno. */
int trc__ring_map(const struct trc_session *session, int fd, struct trc__ring_map *ret_map);
void trc__ring_unmap(struct trc__ring_map *map);

/* The path of ring `number` in its session: at most PATH_MAX with the NUL. */
void trc__ring_path(const struct trc_session *session, unsigned number, char *ret_path);

/* A reader on a ring that is mapped already, by the caller, who keeps the map. Returns NULL when
 * out of memory. */
struct trc_ring_reader *trc__ring_reader_new(const struct trc__ring_map *map);

/* The map of a writing ring, for tests that read it in place. */
const struct trc__ring_map *trc__ring_map_of(const struct trc_ring *ring);

/* Takes the calling thread's ring, if any, out of a session that goes away. */
void trc__ring_forget(const struct trc_session *session);

/* From now on threads close their rings when they end, and children are told from this process. */
void trc__prepare_process(void);

/* True in a child of a process that had attached. */
bool trc__is_forked_child(void);

#endif
