/*
 * Which thread has which ring.
 *
 * A thread gets a ring with its first event and gives it back when it ends. The ring then waits in
 * the session for the next thread, which goes on where the last one stopped: same file, same
 * number, no gap in the count of messages. So there are as many rings as there were ever threads at
 * once, however many come and go, and handing over under a lock keeps the ring's one writer.
 *
 * A ring's file is made under another name, allocated whole, and renamed when its header is
 * complete: the recorder never sees half a ring, and a number is only used up by a ring that is
 * there. When the memory has no room for a ring of the session's size, a smaller one is tried.
 *
 * fork() copies the mapping: parent and child would be two writers. The child is marked in
 * pthread_atfork's handler, and its writes go nowhere.
 */
#include "tracer/event/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "tracer/event/layout.h"

enum { WHOLE_RINGS = 16 }; /* of a session; later ones are smaller */

static _Thread_local struct trc_ring *thread_rings;
static _Thread_local const struct trc_session *thread_refused; /* no ring to be had from this one */
static _Thread_local int thread_endings; /* how often its destructors have run */
static pthread_key_t thread_key;

bool trc__forked_child;

/* --- the process ------------------------------------------------------------------------------ */

/* A thread ends. Other destructors may still write events: they get a ring again, and this one is
 * then called again, as often as the system does that. */
static void give_thread_rings(void *unused)
{
	struct trc_ring *ring;

	thread_endings++;
	while ((ring = thread_rings)) {
		thread_rings = ring->next;
		if (!trc__forked_child) {
			trc__ring_tell_losses(ring);
			pthread_mutex_lock(&ring->session->idle_lock);
			ring->next = ring->session->idle;
			ring->session->idle = ring;
			pthread_mutex_unlock(&ring->session->idle_lock);
		}
	}
}

static void mark_forked_child(void)
{
	trc__forked_child = true;
}

static void prepare_process(void)
{
	pthread_key_create(&thread_key, give_thread_rings);
	pthread_atfork(NULL, NULL, mark_forked_child);
}

void trc__prepare_process(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, prepare_process);
}

/* --- files ------------------------------------------------------------------------------------ */

void trc__ring_path(const struct trc_session *session, unsigned number, char *ret_path)
{
	snprintf(ret_path, PATH_MAX, "%s/ring-%u", session->path, number);
}

int trc__ring_map(const struct trc_session *session, int fd, size_t data,
		  struct trc__ring_map *ret_map)
{
	size_t header = session->fixed.header_bytes;
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

/* Whether a file may be so long. To try would cost a program with such a limit its life (SIGXFSZ).
 */
static bool is_allowed(size_t size)
{
	struct rlimit limit;

	return getrlimit(RLIMIT_FSIZE, &limit) < 0 || limit.rlim_cur == RLIM_INFINITY ||
	       size <= limit.rlim_cur;
}

/* Where threads are many each has less to write: 16 rings have the whole size, 32 more half of it,
 * 64 a quarter, and so on, as long as the longest record fits into an eighth of one. `before`: how
 * many rings were there, or were being made. */
static size_t fair_size(const struct trc_session *session, uint32_t before)
{
	size_t data = session->fixed.ring_bytes;

	for (uint32_t group = WHOLE_RINGS;
	     before >= group && data / 2 >= TRC__RING_MIN_BYTES &&
	     session->fixed.payload_limit + TRC_RECORD_LONG_WORDS * 8 <= data / 2 / 8;
	     group *= 2) {
		before -= group;
		data /= 2;
	}
	return data;
}

/* Gives the file room for its header and for data, and says how much for that. 0 or -errno. */
static int allocate(const struct trc_session *session, uint32_t before, int fd, size_t *ret_data)
{
	size_t header = session->fixed.header_bytes;
	int result = -EFBIG;

	for (size_t data = fair_size(session, before); data >= TRC__RING_MIN_BYTES; data /= 4) {
		if (!is_allowed(header + data))
			continue;
		result = -posix_fallocate(fd, 0, (off_t)(header + data));
		/* What did not fit may have left the file longer. */
		if (result == 0)
			result = ftruncate(fd, (off_t)(header + data)) < 0 ? -errno : 0;
		*ret_data = data;
		if (result != -ENOSPC)
			break;
	}
	return result;
}

/* Makes the file `path` and maps it. */
static int make_file(struct trc_session *session, const char *path, struct trc__ring_map *ret_map)
{
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
	uint32_t before;
	size_t data;
	int result;

	if (fd < 0)
		return -errno;
	/* relaxed: it only counts. To allocate takes time; other threads begin meanwhile. */
	before = atomic_fetch_add_explicit(&session->rings, 1, memory_order_relaxed);
	result = allocate(session, before, fd, &data);
	if (result == 0)
		result = trc__ring_map(session, fd, data, ret_map);
	if (result < 0) {
		atomic_fetch_sub_explicit(&session->rings, 1, memory_order_relaxed);
		unlink(path);
	}
	close(fd);
	return result;
}

static void fill_header(struct trc__ring_map *map)
{
	struct trc__ring_header *header = map->header;

	header->magic = TRC__RING_MAGIC;
	header->version = TRC__LAYOUT_VERSION;
	header->byte_order = TRC__BYTE_ORDER;
	header->pid = (uint32_t)getpid();
	header->size = map->words * 8;
	atomic_init(&header->state, TRC__RING_LIVE);
}

/* Gives the ring in the file `made` a number and the name that goes with it. */
static int number_file(struct trc_session *session, const char *made, uint32_t *ret_number)
{
	char path[PATH_MAX];
	/* relaxed: it only hands out numbers. */
	uint32_t number =
		atomic_fetch_add_explicit(&session->control->ring_count, 1, memory_order_relaxed);

	if (number >= TRC__RING_LIMIT)
		return -EMFILE;
	trc__ring_path(session, number, path);
	if (rename(made, path) < 0)
		return -errno;
	*ret_number = number;
	return 0;
}

/* --- rings ------------------------------------------------------------------------------------ */

static struct trc_ring *ring_new(struct trc_session *session)
{
	struct trc_ring *ring = calloc(1, sizeof(*ring));
	char made[PATH_MAX];
	uint32_t number = 0;

	if (!ring)
		return NULL;
	if ((size_t)snprintf(made, sizeof(made), "%s/new-%ld", session->path, (long)gettid()) >=
		    sizeof(made) ||
	    make_file(session, made, &ring->map) < 0) {
		free(ring);
		return NULL;
	}
	fill_header(&ring->map);
	if (number_file(session, made, &number) < 0) {
		unlink(made);
		trc__ring_unmap(&ring->map);
		free(ring);
		return NULL;
	}
	ring->session = session;
	trc__stopwatch_init(&ring->stopwatch);
	ring->unique_base = ((uint64_t)number + 1) << 48;
	return ring;
}

static void ring_close(struct trc_ring *ring)
{
	if (!trc__forked_child) {
		trc__ring_tell_losses(ring);
		/* release: pairs with the acquire in trc_ring_reader_sync(); who sees CLOSED sees
		 * the last head. */
		atomic_store_explicit(&ring->map.header->state, TRC__RING_CLOSED,
				      memory_order_release);
	}
	trc__ring_unmap(&ring->map);
	free(ring);
}

static struct trc_ring *take_idle(struct trc_session *session)
{
	struct trc_ring *ring;

	pthread_mutex_lock(&session->idle_lock);
	ring = session->idle;
	if (ring)
		session->idle = ring->next;
	pthread_mutex_unlock(&session->idle_lock);
	return ring;
}

static struct trc_ring *add_thread_ring(struct trc_session *session)
{
	struct trc_ring *ring = NULL;

	if (thread_refused == session || trc__forked_child)
		return NULL;
	trc__prepare_process();
	/* After the last round of destructors nobody would give the ring back. */
	if (thread_endings < PTHREAD_DESTRUCTOR_ITERATIONS) {
		ring = take_idle(session);
		if (!ring)
			ring = ring_new(session);
	}
	if (!ring) {
		thread_refused = session;
		atomic_fetch_add_explicit(&session->control->ringless, 1, memory_order_relaxed);
		return NULL;
	}
	/* relaxed: for people. */
	atomic_store_explicit(&ring->map.header->tid, (uint32_t)gettid(), memory_order_relaxed);
	ring->next = thread_rings;
	thread_rings = ring;
	pthread_setspecific(thread_key, ring);
	return ring;
}

struct trc_ring *trc_ring_if_any(struct trc_session *session)
{
	for (struct trc_ring *ring = thread_rings; ring; ring = ring->next)
		if (ring->session == session)
			return trc__forked_child ? NULL : ring;
	return NULL;
}

struct trc_ring *trc_ring_of_thread(struct trc_session *session)
{
	struct trc_ring *ring = trc_ring_if_any(session);

	return ring ? ring : add_thread_ring(session);
}

void trc__ring_forget(struct trc_session *session)
{
	struct trc_ring *ring;

	for (struct trc_ring **place = &thread_rings; (ring = *place); place = &ring->next)
		if (ring->session == session) {
			*place = ring->next;
			ring_close(ring);
			break;
		}
	while ((ring = take_idle(session)))
		ring_close(ring);
	if (thread_refused == session)
		thread_refused = NULL;
}

const struct trc__ring_map *trc__ring_map_of(const struct trc_ring *ring)
{
	return &ring->map;
}
