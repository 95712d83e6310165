/*
 * The write-ahead log of a trace that is written, and how it gets into the file.
 *
 * Every so many pages the log is synced, its pages are written into the file, and the file is
 * synced. Before that many have come the log alone is synced, every few seconds, so that a failure
 * of power takes no more than was committed since. SQLite would do the first by itself, but would
 * tell nobody when a sync fails, and try again as if nothing had happened. A sync that failed is no
 * sync that is late: the system has dropped what it could not write and calls those pages clean, so
 * the next sync succeeds and means nothing. The pages of the file are then written again by SQLite,
 * from the log; those of the log are nobody's business. So here they are read back, each checked by
 * its sum, and written once more, before anything is believed that a later sync says. Should one
 * not be what was written, then neither can be what follows, and nothing more is written into this
 * file.
 *
 * The format of the log is described in "WAL-mode File Format" of SQLite's documentation.
 */
#include "tracer/store/store-private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	LOG_PAGES = 4000, /* are moved into the file together */
	LOG_MORE = 4,     /* that part of it more until the next time, if it is not begun anew */
	LOG_HELD = 16,    /* so many times that: somebody must be told */
	READERS_MS = 20,  /* that they are waited for */
	LOG_HEADER = 32,
	FRAME_HEADER = 24,
	MAGIC = 0x377f0682, /* the lowest bit: sums are of big-endian words */
};

/* --- writing it again ------------------------------------------------------------------------- */

struct sums {
	bool big_endian;
	uint32_t first, second;
};

static uint32_t big_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 |
	       bytes[3];
}

static uint32_t little_endian(const uint8_t *bytes)
{
	return (uint32_t)bytes[3] << 24 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[1] << 8 |
	       bytes[0];
}

static void add_to_sums(struct sums *sums, const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i += 8) {
		uint32_t one = sums->big_endian ? big_endian(bytes + i) : little_endian(bytes + i);
		uint32_t two =
			sums->big_endian ? big_endian(bytes + i + 4) : little_endian(bytes + i + 4);

		sums->first += one + sums->second;
		sums->second += two + sums->first;
	}
}

static bool sums_are(const struct sums *sums, const uint8_t *bytes)
{
	return sums->first == big_endian(bytes) && sums->second == big_endian(bytes + 4);
}

static int read_at(int fd, uint8_t *bytes, size_t size, off_t offset)
{
	ssize_t done = pread(fd, bytes, size, offset);

	return done < 0 ? -errno : (size_t)done == size ? 0 : -EIO;
}

static int write_at(int fd, const uint8_t *bytes, size_t size, off_t offset)
{
	ssize_t done = pwrite(fd, bytes, size, offset);

	return done < 0 ? -errno : (size_t)done == size ? 0 : -ENOSPC;
}

/* Reads and writes one frame after the other. -EBADMSG: one is not what was written. */
static int renew_frames(int fd, const uint8_t *header, struct sums *sums, uint8_t *frame,
			size_t size, int count)
{
	off_t offset = LOG_HEADER;

	for (int i = 0; i < count; i++, offset += (off_t)size) {
		int result = read_at(fd, frame, size, offset);

		if (result < 0)
			return result;
		add_to_sums(sums, frame, 8);
		add_to_sums(sums, frame + FRAME_HEADER, size - FRAME_HEADER);
		if (memcmp(frame + 8, header + 16, 8) != 0 || !sums_are(sums, frame + 16))
			return -EBADMSG;
		result = write_at(fd, frame, size, offset);
		if (result < 0)
			return result;
	}
	return 0;
}

static int renew_file(int fd, int count)
{
	uint8_t header[LOG_HEADER], *frame;
	int result = read_at(fd, header, LOG_HEADER, 0);
	uint32_t magic = big_endian(header), page = big_endian(header + 8);
	struct sums sums = {.big_endian = magic & 1};

	if (result < 0)
		return result;
	add_to_sums(&sums, header, 24);
	if ((magic & ~1U) != MAGIC || page < 512 || page > 65536 || page % 8 != 0 ||
	    !sums_are(&sums, header + 24))
		return -EBADMSG;
	result = write_at(fd, header, LOG_HEADER, 0);
	if (result < 0)
		return result;
	frame = malloc(FRAME_HEADER + page);
	if (!frame)
		return -ENOMEM;
	result = renew_frames(fd, header, &sums, frame, FRAME_HEADER + page, count);
	free(frame);
	return result;
}

static int renew(const struct trc_store *store, int pages)
{
	char *path = sqlite3_mprintf("%s-wal", store->path);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	int result = !path ? -ENOMEM : fd < 0 ? -errno : renew_file(fd, pages);

	/* It is the log's only other descriptor; SQLite locks the file and the index, not this. */
	if (fd >= 0)
		close(fd);
	sqlite3_free(path);
	return result;
}

/* --- moving it into the file ------------------------------------------------------------------ */

static int on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	struct trc__log *log = context;

	if (pages < log->pages) /* it has begun anew */
		log->move_at = log->most;
	log->pages = pages;
	log->unsynced++;
	return SQLITE_OK;
}

int trc__start_log(struct trc_store *store, struct trc_error *ret_error)
{
	/* A log that readers have made long is cut off when it is begun anew. */
	int result = trc__execute(store,
				  "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; "
				  "PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-32768; "
				  "PRAGMA journal_size_limit=33554432;",
				  ret_error);

	store->log.move_at = store->log.most = LOG_PAGES;
	sqlite3_wal_hook(store->db, on_commit, &store->log);
	return result;
}

int trc__check_log(const struct trc_store *store, struct trc_error *ret_error)
{
	if (!store->log.damaged)
		return 0;
	return trc__fail(ret_error, -EIO,
			 "cannot write %s any more: its disk has lost a part of %s-wal that it had "
			 "taken; look after the disk, and record into another place",
			 store->path, store->path);
}

/* A part of the log may be missing on the disk, although it can be read. */
static int believe_again(struct trc_store *store, struct trc_error *ret_error)
{
	int result = renew(store, store->log.pages);

	if (result == -EBADMSG) {
		store->log.damaged = true;
		return trc__check_log(store, ret_error);
	}
	if (result < 0)
		return trc__fail(ret_error, result, "cannot write %s-wal again: %s", store->path,
				 strerror(-result));
	store->log.doubtful = false;
	return 0;
}

/* For the directory of a file: what is new in it is on the disk. */
static int sync_directory_of(const char *path)
{
	char *directory = sqlite3_mprintf("%s", path);
	char *slash = directory ? strrchr(directory, '/') : NULL;
	int fd, result;

	if (slash)
		slash[slash == directory] = '\0';
	fd = directory ? open(slash ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	result = !directory ? -ENOMEM : fd < 0 || fsync(fd) < 0 ? -errno : 0;
	if (fd >= 0)
		close(fd);
	sqlite3_free(directory);
	return result;
}

static int sync_file(struct trc_store *store)
{
	char *path = sqlite3_mprintf("%s-wal", store->path);
	int fd = path ? open(path, O_RDWR | O_CLOEXEC | O_NOFOLLOW) : -1;
	int result = !path ? -ENOMEM : fd < 0 ? -errno : 0;

	if (result == 0 && fdatasync(fd) < 0) {
		result = -errno;
		store->log.doubtful = true;
	}
	if (result == 0 && !store->log.listed) {
		result = sync_directory_of(path);
		store->log.listed = result == 0;
	}
	if (fd >= 0)
		close(fd);
	sqlite3_free(path);
	return result;
}

static int sync_log(struct trc_store *store, struct trc_error *ret_error)
{
	int result = store->log.unsynced > 0 ? sync_file(store) : 0;

	if (result < 0)
		return trc__fail(ret_error, result, "cannot sync %s-wal: %s", store->path,
				 strerror(-result));
	store->log.unsynced = 0;
	return 0;
}

static int move(struct trc_store *store, int mode, struct trc_error *ret_error)
{
	int all = 0, moved = 0;
	int code = sqlite3_wal_checkpoint_v2(store->db, NULL, mode, &all, &moved);

	if (code == SQLITE_OK && mode >= SQLITE_CHECKPOINT_RESTART)
		store->log.pages = 0;
	if (code == SQLITE_OK && moved == all)
		store->log.unsynced = 0;
	/* A reader is in the way; next time, then. Nothing may have been synced. */
	if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY)
		return sync_log(store, ret_error);
	if (sqlite3_extended_errcode(store->db) == SQLITE_IOERR_FSYNC)
		store->log.doubtful = true;
	return trc__fail_sql(store, ret_error, "move what was recorded from its log into");
}

enum { SYNC_ONLY = -1 }; /* beside SQLite's modes of moving */

static int work(struct trc_store *store, int mode, struct trc_error *ret_error)
{
	return mode == SYNC_ONLY ? sync_log(store, ret_error) : move(store, mode, ret_error);
}

/* As work(), which may be told once that a sync has failed. */
static int work_safely(struct trc_store *store, int mode, struct trc_error *ret_error)
{
	bool doubted = store->log.doubtful;
	int result = doubted ? believe_again(store, ret_error) : 0;

	if (result == 0)
		result = work(store, mode, ret_error);
	if (result < 0 && store->log.doubtful && !doubted) {
		result = believe_again(store, ret_error);
		if (result == 0)
			result = work(store, mode, ret_error);
	}
	return result;
}

int trc__move_log(struct trc_store *store, int mode, struct trc_error *ret_error)
{
	struct trc__log *log = &store->log;
	int result = trc__check_log(store, ret_error);

	if (result == 0)
		result = work_safely(store, mode, ret_error);
	if (mode != SYNC_ONLY)
		log->move_at = log->pages > 0 ? log->pages + log->most / LOG_MORE : log->most;
	/* What closing would do with it is what must not be done. */
	sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, result < 0, NULL);
	return result;
}

static void keep_short(struct trc_store *store, int mode)
{
	struct trc__log *log = &store->log;
	int result = trc__move_log(store, mode, &log->error);

	/* relaxed: whoever sees it takes the lock before it reads more. */
	atomic_store_explicit(&log->result, result, memory_order_relaxed);
}

void trc_store_sync(struct trc_store *store)
{
	trc__writer_lock(store->writer);
	if (store->log.unsynced > 0)
		keep_short(store, SYNC_ONLY);
	trc__writer_unlock(store->writer);
}

void trc__empty_log(struct trc_store *store)
{
	sqlite3_busy_timeout(store->db, READERS_MS);
	keep_short(store, SQLITE_CHECKPOINT_RESTART);
	sqlite3_busy_timeout(store->db, TRC__BUSY_TIMEOUT_MS);
}

void trc__limit_log(struct trc_store *store, int pages)
{
	store->log.most = store->log.move_at = pages < LOG_PAGES ? pages : LOG_PAGES;
}

void trc__keep_log_short(struct trc_store *store)
{
	struct trc__log *log = &store->log;

	if (log->move_at == 0 || log->pages < log->move_at)
		return;
	/* Readers come and go, and there may always be one. Each reads for some milliseconds. */
	if (log->pages >= 2 * log->most)
		trc__empty_log(store);
	else
		keep_short(store, SQLITE_CHECKPOINT_PASSIVE);
	/* relaxed: nothing else is told by it */
	atomic_store_explicit(&log->held, log->pages >= LOG_HELD * log->most, memory_order_relaxed);
}

bool trc_store_is_held(const struct trc_store *store)
{
	return atomic_load_explicit(&store->log.held, memory_order_relaxed);
}

int trc_store_trouble(struct trc_store *store, struct trc_error *ret_error)
{
	int result = atomic_load_explicit(&store->log.result, memory_order_relaxed);

	if (result == 0)
		return 0;
	trc__writer_lock(store->writer);
	result = atomic_load_explicit(&store->log.result, memory_order_relaxed);
	if (result < 0)
		*ret_error = store->log.error;
	trc__writer_unlock(store->writer);
	return result;
}
