/*
 * Syncs that fail, on a disk that behaves as Linux does: what a failed sync was to write is not on
 * the disk, the page counts as written all the same, and the next sync has nothing to say about it.
 *
 * This program's own pwrite(), ftruncate() and fdatasync() stand before those of the library.
 */
/* Both names of a call, of which one would stand for the other. */
#undef _FILE_OFFSET_BITS

#include "tests/tracer/store/store-fixture.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cmocka.h>

/* --- the disk --------------------------------------------------------------------------------- */

enum { PAGE = 4096, PAGES = 32768 };

enum page { ON_DISK, DIRTY, LOST };

static uint8_t file[PAGES], log_file[PAGES]; /* states of pages */
static unsigned syncs, fail_at;              /* 0: never */
static bool for_ever, forgets;               /* what it could not write, when it is read again */
static unsigned believed; /* syncs of the file while pages of the log were lost */

static void reset_disk(void)
{
	memset(file, ON_DISK, sizeof(file));
	memset(log_file, ON_DISK, sizeof(log_file));
	syncs = fail_at = believed = 0;
	for_ever = forgets = false;
}

/* NULL for journals and directories. */
static uint8_t *pages_of(int fd)
{
	char link[32], path[128];
	ssize_t size;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path) - 1);
	path[size < 0 ? 0 : size] = '\0';
	if (strcmp(path, sf_path) == 0)
		return file;
	return strcmp(path + strlen(path) - strlen("t.db-wal"), "t.db-wal") == 0 ? log_file : NULL;
}

static size_t count_pages(const uint8_t *pages, enum page state)
{
	size_t count = 0;

	for (size_t i = 0; i < PAGES; i++)
		count += pages[i] == state;
	return count;
}

static int sync_file(int fd)
{
	uint8_t *pages = pages_of(fd);
	bool fails = ++syncs == fail_at || (for_ever && fail_at > 0 && syncs > fail_at);
	static const uint8_t zeros[PAGE];

	for (size_t i = 0; pages && i < PAGES; i++) {
		if (pages[i] != DIRTY)
			continue;
		pages[i] = fails ? LOST : ON_DISK;
		if (fails && forgets && pages == log_file && i % 7 == 3)
			syscall(SYS_pwrite64, fd, zeros, sizeof(zeros), (off64_t)i * PAGE);
	}
	if (fails) {
		errno = EIO;
		return -1;
	}
	if (pages == file && count_pages(log_file, LOST) > 0)
		believed++;
	return 0;
}

static ssize_t write_file(int fd, const void *bytes, size_t size, off64_t offset)
{
	ssize_t done = syscall(SYS_pwrite64, fd, bytes, size, offset);
	uint8_t *pages = done > 0 ? pages_of(fd) : NULL;

	for (off64_t i = offset / PAGE; pages && i <= (offset + done - 1) / PAGE; i++) {
		assert_true(i < PAGES);
		pages[i] = DIRTY;
	}
	return done;
}

static int truncate_file(int fd, off64_t size)
{
	uint8_t *pages = pages_of(fd);

	for (off64_t i = (size + PAGE - 1) / PAGE; pages && i < PAGES; i++)
		pages[i] = ON_DISK;
	return (int)syscall(SYS_ftruncate, fd, size);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off64_t offset)
{
	return write_file(fd, bytes, size, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
	return write_file(fd, bytes, size, offset);
}

int ftruncate64(int fd, off64_t size)
{
	return truncate_file(fd, size);
}

int ftruncate(int fd, off_t size)
{
	return truncate_file(fd, size);
}

int fdatasync(int fd)
{
	return sync_file(fd);
}

int fsync(int fd)
{
	return sync_file(fd);
}

/* --- a recording on it ------------------------------------------------------------------------ */

enum { COMMITS = 5, EVENTS = 72 }; /* of 60 000 bytes: the log is moved before the last */

static void add_noise(struct trc_store *store)
{
	static uint8_t noise[60000], bytes[60000];
	uint32_t random = 1;
	struct trc_error error;

	for (size_t j = 0; j < sizeof(noise); j++)
		noise[j] = (uint8_t)((random = random * 1664525 + 1013904223) >> 24);

	for (int i = 0; i < EVENTS; i++) {
		const struct trc_event event = {.kind = TRC_LOG,
						.actor = 1,
						.payload = bytes,
						.payload_size = sizeof(bytes)};

		for (size_t j = 0; j < sizeof(bytes); j++)
			bytes[j] = (uint8_t)(noise[j] ^ i);
		assert_int_equal(trc_store_add(store, 0, &event, &error), 0);
	}
}

static int commit(struct trc_store *store, struct trc_error *ret_error)
{
	int result = trc_store_begin(store, ret_error);

	return result < 0 ? result : trc_store_commit(store, ret_error);
}

/* What one recording came to. */
struct outcome {
	bool made, finished;
	unsigned troubles; /* times that the store told of */
};

/* Each call is tried twice, as a recorder does. */
static struct outcome record(void)
{
	struct outcome outcome = {0};
	struct trc_store *store;
	struct trc_error error = {""};
	int result;

	if (trc_store_create(sf_path, true, &sf_info, &store, &error) < 0) {
		assert_true(strstr(error.text, sf_path) != NULL);
		return outcome;
	}
	outcome.made = true;
	for (int i = 0; i < COMMITS; i++) {
		add_noise(store);
		result = commit(store, &error);
		if (result < 0) {
			outcome.troubles++;
			commit(store, &error);
		}
		if (trc_store_trouble(store, &error) < 0) {
			assert_true(strstr(error.text, sf_path) != NULL);
			outcome.troubles++;
		}
	}
	result = trc_store_finish(store, &sf_info, &error);
	outcome.troubles += result < 0;
	if (result < 0)
		result = trc_store_finish(store, &sf_info, &error);
	outcome.finished = result == 0;
	trc_store_close(store);
	return outcome;
}

/* As the disk has it after all is over. The first page may have been written once more, when the
 * log was done away with, and is good either way. */
static void assert_on_disk(void)
{
	file[0] = ON_DISK;
	assert_int_equal(count_pages(file, LOST), 0);
	assert_int_equal(count_pages(file, DIRTY), 0);
	assert_string_equal(sf_query("PRAGMA integrity_check"), "ok\n");
	assert_int_equal(atoi(sf_query("SELECT sum(count) FROM segment")), COMMITS * EVENTS);
}

static unsigned syncs_of_a_recording(void)
{
	struct outcome outcome;

	reset_disk();
	outcome = record();
	assert_true(outcome.finished);
	assert_int_equal(outcome.troubles, 0);
	assert_on_disk();
	/* to make it, to move its log, to begin that anew, and to close it */
	assert_true(syncs >= 16);
	return syncs;
}

/* --- */

static void a_sync_that_fails_once_is_made_up_for(void **state)
{
	unsigned count = syncs_of_a_recording();

	for (unsigned n = 1; n <= count; n++) {
		struct outcome outcome;

		reset_disk();
		fail_at = n;
		outcome = record();
		assert_int_equal(believed, 0);
		if (outcome.made) {
			assert_true(outcome.finished);
			assert_on_disk();
		} else {
			assert_int_equal(access(sf_path, F_OK), -1);
		}
	}
}

static void syncs_that_fail_for_ever_are_told(void **state)
{
	unsigned count = syncs_of_a_recording(), made = 0;
	struct trc_store *reader;
	struct trc_store_info info;

	for (unsigned n = 1; n <= count; n++) {
		struct outcome outcome;

		reset_disk();
		fail_at = n;
		for_ever = true;
		outcome = record();
		assert_int_equal(believed, 0);
		made += outcome.made;
		if (!outcome.made)
			continue;
		/* Also beside the journal of a header that could not be written any more. */
		reader = sf_open();
		trc_store_info(reader, &info);
		assert_true(info.closed == outcome.finished);
		trc_store_close(reader);
		if (outcome.finished)
			assert_int_equal(count_pages(file, LOST), file[0] == LOST);
		else
			assert_true(outcome.troubles > 0);
	}
	assert_true(made > 3);
}

/* What could not be written is gone from memory as well: then nothing may be built on it. */
static void a_log_that_is_not_what_was_written_ends_the_recording(void **state)
{
	unsigned count = syncs_of_a_recording(), ended = 0;

	for (unsigned n = 1; n <= count; n++) {
		struct trc_store *store;
		struct trc_error error = {""};
		int result = 0;

		reset_disk();
		fail_at = n;
		forgets = true;
		if (trc_store_create(sf_path, true, &sf_info, &store, &error) < 0)
			continue;
		for (int i = 0; result == 0 && i < COMMITS; i++) {
			add_noise(store);
			result = commit(store, &error);
		}
		if (result == 0)
			result = trc_store_finish(store, &sf_info, &error);
		if (result < 0 && strstr(error.text, "has lost a part of")) {
			ended++;
			assert_int_equal(result, -EIO);
			assert_int_equal(trc_store_begin(store, &error), -EIO);
			assert_int_equal(trc_store_finish(store, &sf_info, &error), -EIO);
		}
		trc_store_close(store);
		assert_int_equal(believed, 0);
	}
	assert_true(ended >= 2);
}

static struct trc_store *create(void)
{
	struct trc_store *store;
	struct trc_error error;

	reset_disk();
	assert_int_equal(trc_store_create(sf_path, true, &sf_info, &store, &error), 0);
	return store;
}

static void what_was_committed_can_be_synced(void **state)
{
	struct trc_store *store = create();
	unsigned before;

	sf_add_numbers(store, 0, 1, 10);
	sf_commit(store);
	assert_true(count_pages(log_file, DIRTY) > 0);
	trc_store_sync(store);
	assert_int_equal(count_pages(log_file, DIRTY), 0);
	before = syncs;
	trc_store_sync(store); /* there is nothing more */
	assert_int_equal(syncs, before);
	sf_finish(store);
	trc_store_close(store);
}

static void a_sync_in_between_that_fails_is_made_up_for(void **state)
{
	struct trc_store *store = create();
	struct trc_error error;

	sf_add_numbers(store, 0, 1, 10);
	sf_commit(store);
	fail_at = syncs + 1;
	trc_store_sync(store);
	assert_int_equal(trc_store_trouble(store, &error), 0); /* it was written once more */
	assert_int_equal(count_pages(log_file, DIRTY) + count_pages(log_file, LOST), 0);

	sf_add_numbers(store, 0, 11, 10);
	sf_commit(store);
	fail_at = syncs + 1;
	for_ever = true;
	trc_store_sync(store);
	assert_int_equal(trc_store_trouble(store, &error), -EIO);
	assert_non_null(strstr(error.text, sf_path));
	for_ever = false;
	trc_store_sync(store);
	assert_int_equal(trc_store_trouble(store, &error), 0);
	assert_int_equal(count_pages(log_file, DIRTY) + count_pages(log_file, LOST), 0);
	sf_finish(store);
	trc_store_close(store);
}

/* A log that somebody holds cannot be moved into the file, but it can be synced. */
static void a_log_that_is_held_is_synced(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_error error;
	size_t most = 0;

	add_noise(store);
	sf_commit(store);
	reader = sf_open();
	assert_int_equal(trc_store_hold(reader, &error), 0);
	for (int i = 0; i < 10; i++) {
		size_t dirty;

		add_noise(store);
		sf_commit(store);
		dirty = count_pages(log_file, DIRTY);
		most = dirty > most ? dirty : most;
	}
	assert_in_range(most, 1, 5200); /* 4000 at first, then 1000, and those of a commit */
	trc_store_close(reader);
	sf_finish(store);
	trc_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sf_set_up, sf_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_sync_that_fails_once_is_made_up_for),
		TEST(syncs_that_fail_for_ever_are_told),
		TEST(what_was_committed_can_be_synced),
		TEST(a_sync_in_between_that_fails_is_made_up_for),
		TEST(a_log_that_is_held_is_synced),
		TEST(a_log_that_is_not_what_was_written_ends_the_recording),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
