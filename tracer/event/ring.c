/*
 * A ring: one writing thread, one reader in another process, no lock.
 *
 * The memory is a file in the session's directory: a header (layout.h), then `size` bytes of data,
 * which both sides map twice in a row, so that a record that runs over the end is still one piece
 * of memory. The file is allocated whole when it is made: a full tmpfs fails there, and not with a
 * SIGBUS in the middle of somebody's program.
 *
 * head and tail count words since the ring began. head - tail words are in use, from place
 * tail % size on. The protocol has two pairs:
 *
 *   writer                                    reader
 *   record's words, plain stores
 *   head = head + words, release     ------>  head, acquire        (P1)
 *                                             record's words, plain loads
 *                                             ... until they are committed to the file ...
 *   tail, acquire                    <------  tail = tail + words, release   (P2)
 *   may store over these words
 *
 * P1: who sees the new head sees the whole record. A writer that is killed between its stores and
 * the store of head leaves words that nobody ever looks at. P2: who sees the new tail knows that
 * the reader has finished with the words before it. The writer keeps the tail that it saw last and
 * loads it again only when the ring looks full by that, so an event costs no shared cache line.
 *
 * The last eighth of a ring is closed to the kinds that come in floods: messages, logs and handles.
 * Waits, tokens, definitions and ends go on when a flood has filled the rest, and they are what a
 * verdict on a deadlock needs.
 *
 * A full ring makes its writer wait, in short sleeps, as long as the session's heartbeat moves; the
 * recorder moves it when it has committed something, or had nothing to do. After a second without
 * the writer gives up: this event and all that follow are counted in `lost`, without waiting, until
 * the heartbeat moves again. So a recorder that hangs costs the program one second, once. Before
 * the next event that finds room, a LOST event says how many are missing here.
 *
 * A signal handler may interrupt a write and write itself. The ring's `busy` flag tells, and the
 * nested event is counted as lost. `busy` and the counts are atomics for that handler only; with
 * one thread, relaxed order and signal fences are enough.
 *
 * fork() copies the mapping: parent and child would be two writers. The child is marked in
 * pthread_atfork's handler, and its writes go nowhere.
 */
#include "tracer/event/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum {
	WAIT_STEP_NS = 100 * 1000,
	GIVE_UP_NS = 1000 * 1000 * 1000,
};

struct trc_ring {
	struct trc_session *session;
	struct trc__ring_map map;
	uint64_t unique_base; /* ring number + 1, in the high 16 bits */
	uint64_t unique;
	uint64_t head; /* ours; the shared one is for the reader */
	uint64_t tail; /* as seen last */
	uint64_t written;
	uint64_t lost_told;   /* lost events that LOST events have told of */
	uint64_t given_up_at; /* heartbeat at which waiting was given up */
	bool given_up;
	_Atomic bool busy;          /* a write is going on */
	_Atomic uint64_t lost_time; /* of the first lost event not yet told; 0: none */
	struct trc_ring *next;      /* the thread's rings in other sessions */
};

/* --- making and closing ----------------------------------------------------------------------- */

static _Thread_local struct trc_ring *thread_rings;
static _Thread_local const struct trc_session *thread_refused; /* no ring to be had from this one */
static _Thread_local bool thread_ended;
static pthread_key_t thread_key;
static bool forked_child;

static void count_lost(struct trc_ring *ring, uint64_t time)
{
	uint64_t none = 0;

	/* relaxed: written by this thread and its signal handlers, read by the recorder for its
	 * accounts only. */
	atomic_fetch_add_explicit(&ring->map.header->lost, 1, memory_order_relaxed);
	atomic_compare_exchange_strong_explicit(&ring->lost_time, &none, time ? time : 1,
						memory_order_relaxed, memory_order_relaxed);
}

static bool write_lost(struct trc_ring *ring);

static void ring_close(struct trc_ring *ring)
{
	if (!forked_child) {
		write_lost(ring);
		/* release: pairs with the acquire in reader_sync(); who sees CLOSED sees the last
		 * head. */
		atomic_store_explicit(&ring->map.header->state, TRC__RING_CLOSED,
				      memory_order_release);
	}
	trc__ring_unmap(&ring->map);
	free(ring);
}

static void close_thread_rings(void *unused)
{
	struct trc_ring *ring;

	thread_ended = true;
	while ((ring = thread_rings)) {
		thread_rings = ring->next;
		ring_close(ring);
	}
}

static void mark_forked_child(void)
{
	forked_child = true;
}

static void prepare_process(void)
{
	pthread_key_create(&thread_key, close_thread_rings);
	pthread_atfork(NULL, NULL, mark_forked_child);
}

void trc__prepare_process(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, prepare_process);
}

bool trc__is_forked_child(void)
{
	return forked_child;
}

void trc__ring_path(const struct trc_session *session, unsigned number, char *ret_path)
{
	snprintf(ret_path, PATH_MAX, "%s/ring-%u", session->path, number);
}

int trc__ring_map(const struct trc_session *session, int fd, struct trc__ring_map *ret_map)
{
	size_t header = session->fixed.header_bytes;
	size_t data = session->fixed.ring_bytes;
	struct trc__ring_map map = {.words = data / 8, .length = header + 2 * data};

	map.base = mmap(NULL, map.length, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (map.base == MAP_FAILED)
		return -errno;
	if (mmap(map.base, header + data, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0) ==
		    MAP_FAILED ||
	    mmap((char *)map.base + header + data, data, PROT_READ | PROT_WRITE,
		 MAP_SHARED | MAP_FIXED, fd, (off_t)header) == MAP_FAILED) {
		int error = errno;

		munmap(map.base, map.length);
		return -error;
	}
	map.header = map.base;
	map.data = (uint64_t *)((char *)map.base + header);
	*ret_map = map;
	return 0;
}

void trc__ring_unmap(struct trc__ring_map *map)
{
	munmap(map->base, map->length);
}

/* Makes the file of ring `number` and maps it. */
static int make_file(const struct trc_session *session, unsigned number,
		     struct trc__ring_map *ret_map)
{
	char path[PATH_MAX];
	int fd, result;

	trc__ring_path(session, number, path);
	fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return -errno;
	result = -posix_fallocate(fd, 0,
				  (off_t)(session->fixed.header_bytes + session->fixed.ring_bytes));
	if (result == 0)
		result = trc__ring_map(session, fd, ret_map);
	if (result < 0)
		unlink(path);
	close(fd);
	return result;
}

static struct trc_ring *ring_new(struct trc_session *session)
{
	struct trc_ring *ring = calloc(1, sizeof(*ring));
	struct trc__ring_header *header;
	uint32_t number;

	if (!ring)
		return NULL;
	/* relaxed: it only hands out numbers. */
	number = atomic_fetch_add_explicit(&session->control->ring_count, 1, memory_order_relaxed);
	if (number >= TRC__RING_LIMIT || make_file(session, number, &ring->map) < 0) {
		free(ring);
		return NULL;
	}
	ring->session = session;
	ring->unique_base = ((uint64_t)number + 1) << 48;
	header = ring->map.header;
	header->magic = TRC__RING_MAGIC;
	header->version = TRC__LAYOUT_VERSION;
	header->byte_order = TRC__BYTE_ORDER;
	header->pid = (uint32_t)getpid();
	header->tid = (uint32_t)gettid();
	header->size = session->fixed.ring_bytes;
	/* release: pairs with the acquire in trc_ring_reader_open(); who sees LIVE sees the header.
	 */
	atomic_store_explicit(&header->state, TRC__RING_LIVE, memory_order_release);
	return ring;
}

static struct trc_ring *add_thread_ring(struct trc_session *session)
{
	struct trc_ring *ring;

	if (thread_ended || thread_refused == session || forked_child)
		return NULL;
	trc__prepare_process();
	ring = ring_new(session);
	if (!ring) {
		thread_refused = session;
		atomic_fetch_add_explicit(&session->control->ringless, 1, memory_order_relaxed);
		return NULL;
	}
	ring->next = thread_rings;
	thread_rings = ring;
	pthread_setspecific(thread_key, ring);
	return ring;
}

struct trc_ring *trc_ring_of_thread(struct trc_session *session)
{
	for (struct trc_ring *ring = thread_rings; ring; ring = ring->next)
		if (ring->session == session)
			return forked_child ? NULL : ring;
	return add_thread_ring(session);
}

void trc__ring_forget(const struct trc_session *session)
{
	for (struct trc_ring **place = &thread_rings; *place; place = &(*place)->next) {
		struct trc_ring *ring = *place;

		if (ring->session == session) {
			*place = ring->next;
			ring_close(ring);
			break;
		}
	}
	if (thread_refused == session)
		thread_refused = NULL;
}

const struct trc__ring_map *trc__ring_map_of(const struct trc_ring *ring)
{
	return &ring->map;
}

/* --- writing ---------------------------------------------------------------------------------- */

static bool is_flood(unsigned kind)
{
	switch (kind) {
	case TRC_SEND:
	case TRC_RECEIVE:
	case TRC_DONE:
	case TRC_HANDLE_CLONE:
	case TRC_HANDLE_DROP:
	case TRC_HANDLE_MOVE:
	case TRC_LOG:
	case TRC_STATE:
		return true;
	default:
		return false;
	}
}

/* Whether `words` fit, leaving `reserve` free, by the tail as it is now. */
static bool fits(struct trc_ring *ring, uint64_t words, uint64_t reserve)
{
	uint64_t tail;

	if (ring->map.words - (ring->head - ring->tail) >= words + reserve)
		return true;
	/* acquire: P2. A tail that cannot be is not believed. */
	tail = atomic_load_explicit(&ring->map.header->tail, memory_order_acquire);
	if (tail - ring->tail > ring->head - ring->tail)
		return false;
	ring->tail = tail;
	return ring->map.words - (ring->head - ring->tail) >= words + reserve;
}

/* Waits until the words fit, or the recorder has made no progress for too long. */
static bool wait_until_fits(struct trc_ring *ring, uint64_t words, uint64_t reserve)
{
	const struct timespec step = {.tv_nsec = WAIT_STEP_NS};
	struct trc__control *control = ring->session->control;
	/* relaxed: only its change matters. */
	uint64_t beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);
	uint64_t since = trc_session_now(ring->session);

	if (ring->given_up && beat == ring->given_up_at)
		return false;
	ring->given_up = false;
	while (!fits(ring, words, reserve)) {
		uint64_t now = trc_session_now(ring->session);
		uint64_t last = beat;

		beat = atomic_load_explicit(&control->heartbeat, memory_order_relaxed);
		if (beat != last) {
			since = now;
		} else if (now - since >= GIVE_UP_NS) {
			ring->given_up = true;
			ring->given_up_at = beat;
			return false;
		}
		nanosleep(&step, NULL);
	}
	return true;
}

static uint64_t *place(struct trc_ring *ring)
{
	return ring->map.data + (ring->head & (ring->map.words - 1));
}

static void publish(struct trc_ring *ring)
{
	struct trc__ring_header *header = ring->map.header;

	atomic_store_explicit(&header->head, ring->head, memory_order_release); /* P1 */
	/* relaxed, and after head: a writer killed in between has told of one record less, and the
	 * reader, who counts too, takes the larger number. */
	atomic_store_explicit(&header->written, ring->written, memory_order_relaxed);
}

/* Lost events of which no LOST event has told. */
static uint64_t untold(const struct trc_ring *ring)
{
	return atomic_load_explicit(&ring->map.header->lost, memory_order_relaxed) -
	       ring->lost_told;
}

/* Puts a LOST event beyond head; there is room. */
static void put_lost(struct trc_ring *ring, uint64_t count)
{
	struct trc_event lost = {.kind = TRC_LOST, .id = count};

	lost.arg = atomic_exchange_explicit(&ring->lost_time, 0, memory_order_relaxed);
	lost.time = trc_session_now(ring->session);
	if (lost.arg == 0)
		lost.arg = lost.time;
	trc_record_encode(&lost, place(ring));
	ring->head += TRC_RECORD_LONG_WORDS;
	ring->written++;
	ring->lost_told += count;
}

static bool write_event(struct trc_ring *ring, const struct trc_event *event)
{
	uint64_t reserve = is_flood(event->kind) ? ring->map.words / 8 : 0;
	uint64_t words = trc_record_words(event);
	uint64_t lost = untold(ring);
	uint64_t need = words + (lost > 0 ? TRC_RECORD_LONG_WORDS : 0);

	if (words > TRC_RECORD_MAX_WORDS || words > ring->map.words / 8)
		return false;
	if (!fits(ring, need, reserve) && (ring->session->fixed.on_full == TRC_ON_FULL_DROP ||
					   !wait_until_fits(ring, need, reserve)))
		return false;
	if (lost > 0)
		put_lost(ring, lost);
	trc_record_encode(event, place(ring));
	ring->head += words;
	ring->written++;
	publish(ring);
	return true;
}

/* At the end of a thread: tells of losses after the last event. False when there is no room. */
static bool write_lost(struct trc_ring *ring)
{
	uint64_t lost = untold(ring);

	if (lost == 0)
		return true;
	if (!fits(ring, TRC_RECORD_LONG_WORDS, 0))
		return false;
	put_lost(ring, lost);
	publish(ring);
	return true;
}

bool trc_ring_write(struct trc_ring *ring, const struct trc_event *event)
{
	bool written;

	if (!ring || forked_child)
		return false;
	if (atomic_load_explicit(&ring->busy, memory_order_relaxed)) {
		count_lost(ring, event->time);
		return false;
	}
	atomic_store_explicit(&ring->busy, true, memory_order_relaxed);
	atomic_signal_fence(memory_order_seq_cst);
	written = write_event(ring, event);
	atomic_signal_fence(memory_order_seq_cst);
	atomic_store_explicit(&ring->busy, false, memory_order_relaxed);
	if (!written)
		count_lost(ring, event->time);
	return written;
}

uint64_t trc_unique(struct trc_ring *ring)
{
	if (!ring)
		return 0;
	return ring->unique_base | ++ring->unique;
}
