/*
 * The recorder's end of a ring; the protocol is described at the top of ring.c.
 *
 * The other side is a program with bugs, perhaps the very ones that are being looked for: it may
 * have scribbled over its rings, and may do so while they are read. So a record is first copied to
 * memory of the reader's and then checked there, and no number from shared memory is used before
 * it was checked. Where no record is, the reader goes on word by word until one fits again, and
 * counts what it skipped.
 */
#include "tracer/event/ring.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/event/layout.h"

struct trc_ring_reader {
	struct trc__ring_map map;
	char *path; /* of the ring's file; NULL: the map is not the reader's */
	uint32_t pid;
	uint64_t position; /* words handed out or skipped */
	uint64_t synced;   /* head, as noticed last */
	uint64_t end;      /* where to stop: `synced`, or before it */
	uint64_t end_time; /* stop before what is later */
	uint64_t tail;     /* as given back last */
	uint64_t read;
	uint64_t corrupt;
	bool closed;
	bool head_damaged;
	uint64_t copy[TRC_RECORD_MAX_WORDS];
};

struct trc_ring_reader *trc__ring_reader_new(const struct trc__ring_map *map)
{
	struct trc_ring_reader *reader = malloc(sizeof(*reader));

	if (!reader)
		return NULL;
	memset(reader, 0, offsetof(struct trc_ring_reader, copy));
	reader->map = *map;
	reader->pid = map->header->pid;
	/* relaxed: the tail is the reader's own. */
	reader->tail = atomic_load_explicit(&map->header->tail, memory_order_relaxed);
	reader->position = reader->synced = reader->end = reader->tail;
	reader->end_time = UINT64_MAX;
	return reader;
}

/* The sizes that a writer gives its ring. */
static bool is_possible(const struct trc_session *session, uint64_t data)
{
	return data >= TRC__RING_MIN_BYTES && data <= session->fixed.ring_bytes &&
	       (data & (data - 1)) == 0;
}

static int map_file(const struct trc_session *session, const char *path,
		    struct trc__ring_map *ret_map)
{
	uint64_t header = session->fixed.header_bytes;
	int fd = open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;
	int result;

	if (fd < 0)
		return errno == ENOENT ? -EAGAIN : -errno;
	if (fstat(fd, &status) < 0)
		result = -errno;
	else if (!S_ISREG(status.st_mode) || (uint64_t)status.st_size < header ||
		 !is_possible(session, (uint64_t)status.st_size - header))
		result = -EINVAL;
	else
		result = trc__ring_map(session, fd, (size_t)status.st_size - header, ret_map);
	close(fd);
	return result;
}

static int check_header(const struct trc__ring_map *map)
{
	const struct trc__ring_header *header = map->header;

	return header->magic == TRC__RING_MAGIC && header->version == TRC__LAYOUT_VERSION &&
			       header->byte_order == TRC__BYTE_ORDER &&
			       header->size == map->words * 8
		       ? 0
		       : -EINVAL;
}

int trc_ring_reader_open(struct trc_session *session, unsigned number,
			 struct trc_ring_reader **ret_reader)
{
	struct trc_ring_reader *reader;
	struct trc__ring_map map;
	char path[PATH_MAX];
	int result;

	trc__ring_path(session, number, path);
	result = map_file(session, path, &map);
	if (result < 0)
		return result;
	result = check_header(&map);
	if (result == 0) {
		reader = trc__ring_reader_new(&map);
		if (reader && (reader->path = strdup(path))) {
			*ret_reader = reader;
			return 0;
		}
		free(reader);
		result = -ENOMEM;
	}
	trc__ring_unmap(&map);
	return result;
}

void trc_ring_reader_resume(struct trc_ring_reader *reader, uint64_t position, uint64_t read,
			    uint64_t corrupt)
{
	uint64_t head = atomic_load_explicit(&reader->map.header->head, memory_order_relaxed);

	/* The other one may have been killed after it stored what it read, and before it gave the
	 * room back. A position that is not in the ring is not believed. */
	if (position - reader->tail <= head - reader->tail)
		reader->position = reader->synced = reader->end = position;
	reader->read = read;
	reader->corrupt = corrupt;
}

void trc_ring_reader_sync(struct trc_ring_reader *reader)
{
	/* acquire: pairs with the release in ring_close(); when CLOSED is seen, the head below is
	 * the last. */
	uint32_t state = atomic_load_explicit(&reader->map.header->state, memory_order_acquire);
	/* acquire: P1. */
	uint64_t head = atomic_load_explicit(&reader->map.header->head, memory_order_acquire);

	/* A head that goes back, or further than a ring is long, has been scribbled over; it is
	 * not believed, and what the ring still holds cannot be told from rubbish. */
	if (head - reader->tail <= reader->map.words &&
	    head - reader->tail >= reader->synced - reader->tail) {
		reader->synced = head;
	} else if (!reader->head_damaged) {
		reader->head_damaged = true;
		reader->corrupt++;
	}
	reader->closed = state == TRC__RING_CLOSED;
	reader->end = reader->synced;
	reader->end_time = UINT64_MAX;
}

uint64_t trc_ring_reader_waiting(const struct trc_ring_reader *reader, uint64_t *ret_room)
{
	*ret_room = reader->map.words * 8;
	return (reader->synced - reader->position) * 8;
}

/* From record to record by their lengths; where one is damaged there is no telling. */
uint64_t trc_ring_reader_time_after(const struct trc_ring_reader *reader, uint64_t bytes)
{
	uint64_t position = reader->position;
	const volatile uint64_t *record;

	if (bytes / 8 >= reader->synced - reader->position)
		return UINT64_MAX;
	while (position - reader->position < bytes / 8) {
		uint64_t count;

		record = reader->map.data + (position & (reader->map.words - 1));
		count = record[0] & 0xffff;
		if (count < TRC_RECORD_SHORT_WORDS || count >= reader->synced - position)
			return UINT64_MAX;
		position += count;
	}
	record = reader->map.data + (position & (reader->map.words - 1));
	return record[1];
}

void trc_ring_reader_limit(struct trc_ring_reader *reader, uint64_t bytes, uint64_t time)
{
	if (bytes / 8 < reader->synced - reader->position)
		reader->end = reader->position + bytes / 8;
	reader->end_time = time;
}

bool trc_ring_next(struct trc_ring_reader *reader, struct trc_event *ret_event)
{
	while (reader->position < reader->end) {
		const uint64_t *words =
			reader->map.data + (reader->position & (reader->map.words - 1));
		uint64_t available = reader->synced - reader->position;
		uint64_t first = *(const volatile uint64_t *)words;
		uint64_t count = first & 0xffff;

		if (count >= TRC_RECORD_SHORT_WORDS && count <= available) {
			memcpy(reader->copy, words, count * 8);
			if (reader->copy[0] == first &&
			    trc_record_decode(reader->copy, count, ret_event) == count) {
				if (ret_event->time > reader->end_time)
					return false;
				reader->position += count;
				reader->read++;
				return true;
			}
		}
		reader->position++;
		reader->corrupt++;
	}
	return false;
}

void trc_ring_reader_release(struct trc_ring_reader *reader)
{
	if (reader->tail == reader->position)
		return;
	reader->tail = reader->position;
	atomic_store_explicit(&reader->map.header->tail, reader->tail,
			      memory_order_release); /* P2 */
}

void trc_ring_reader_counts(const struct trc_ring_reader *reader,
			    struct trc_ring_counts *ret_counts)
{
	const struct trc__ring_header *header = reader->map.header;
	struct trc_ring_counts counts = {
		/* relaxed: for the accounts, which are exact once the writer has stopped. */
		.written = atomic_load_explicit(&header->written, memory_order_relaxed),
		.lost = atomic_load_explicit(&header->lost, memory_order_relaxed),
		.read = reader->read,
		.corrupt = reader->corrupt,
		.position = reader->position,
		.pid = reader->pid,
		.tid = atomic_load_explicit(&header->tid, memory_order_relaxed),
		.closed = reader->closed && reader->position == reader->synced,
		.left_out = atomic_load_explicit(&header->left_out, memory_order_relaxed),
		.bare = atomic_load_explicit(&header->bare, memory_order_relaxed),
	};

	if (counts.written < counts.read)
		counts.written = counts.read;
	*ret_counts = counts;
}

void trc_ring_reader_add_chosen(const struct trc_ring_reader *reader,
				uint64_t chosen[TRC_RULES_MAX + 1])
{
	for (unsigned i = 0; i <= TRC_RULES_MAX; i++)
		chosen[i] +=
			atomic_load_explicit(&reader->map.header->chosen[i], memory_order_relaxed);
}

void trc_ring_reader_close(struct trc_ring_reader *reader)
{
	if (!reader)
		return;
	if (reader->path) {
		if (reader->closed && reader->tail == reader->synced)
			unlink(reader->path);
		trc__ring_unmap(&reader->map);
	}
	free(reader->path);
	free(reader);
}
