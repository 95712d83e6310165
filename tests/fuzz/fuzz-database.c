/*
 * A trace file with some of its bytes changed, its end cut off, or with a damaged log beside it.
 *
 * The input says what is done to a small good trace: libFuzzer would need long to make one.
 */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tracer/store/store.h"

enum { LARGEST = 1 << 20 };

struct copy {
	uint8_t bytes[LARGEST];
	size_t size;
};

static char folder[] = "/tmp/fuzz-database-XXXXXX";
static char trace[64], log_file[64];
static struct copy closed, open_file, open_log;

static void remove_folder(void)
{
	char command[96];

	snprintf(command, sizeof(command), "rm -rf %s", folder);
	if (system(command) != 0)
		perror(command);
}

static void load(struct copy *copy, const char *path)
{
	int fd = open(path, O_RDONLY);
	ssize_t size = fd < 0 ? -1 : read(fd, copy->bytes, LARGEST);

	fuzz_assert(size > 0);
	copy->size = (size_t)size;
	close(fd);
}

/* Puts a copy in place, with the changes that the input tells. */
static void place(const struct copy *good, const char *path, struct fuzz_input *input)
{
	static uint8_t bytes[LARGEST];
	size_t size = good->size;
	uint8_t how = fuzz_byte(input);
	int fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);

	memcpy(bytes, good->bytes, size);
	for (uint8_t changes = how & 31; changes > 0; changes--) {
		size_t at = fuzz_number(input, 3) % size;

		bytes[at] ^= fuzz_byte(input);
	}
	if (how & 32)
		size = fuzz_number(input, 3) % (size + 1);
	fuzz_assert(fd >= 0 && write(fd, bytes, size) == (ssize_t)size);
	close(fd);
}

static void make_traces(void)
{
	static const uint8_t type[] = "Say\0ttext";
	struct trc_store_info info = {.program = (char *)"fuzz", .exit_status = -1};
	struct trc_store *store;
	struct trc_error error;

	fuzz_assert(mkdtemp(folder) != NULL);
	atexit(remove_folder);
	snprintf(trace, sizeof(trace), "%s/t.db", folder);
	snprintf(log_file, sizeof(log_file), "%s/t.db-wal", folder);
	fuzz_assert(trc_store_create(trace, false, &info, &store, &error) == 0);
	for (uint64_t i = 0; i < 500; i++) {
		const struct trc_event event = {.kind = i % 9 == 0 ? TRC_DEF_TYPE : TRC_SEND,
						.time = i,
						.actor = i % 5,
						.aseq = (uint16_t)(i + 1),
						.id = i,
						.payload = type,
						.payload_size = sizeof(type)};

		fuzz_assert(trc_store_add(store, (unsigned)i % 2, &event, &error) == 0);
		if (i % 100 == 99)
			fuzz_assert(trc_store_begin(store, &error) == 0 &&
				    trc_store_commit(store, &error) == 0);
	}
	load(&open_file, trace);
	load(&open_log, log_file);
	fuzz_assert(trc_store_finish(store, &info, &error) == 0);
	trc_store_close(store);
	load(&closed, trace);
}

static void read_all(struct trc_store *store)
{
	struct trc_error error;

	for (size_t i = 0; i < trc_store_segment_count(store); i++) {
		struct trc_segment segment;

		if (trc_store_segment_load(store, i, &segment, &error) == 0)
			trc_segment_clear(&segment);
	}
	trc_store_refresh(store, &error);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input input = {data, size};
	struct trc_store *store;
	struct trc_error error;
	char index[80];

	if (closed.size == 0)
		make_traces();
	snprintf(index, sizeof(index), "%s-shm", trace);
	unlink(log_file);
	unlink(index);
	if (fuzz_byte(&input) & 1) {
		place(&open_file, trace, &input);
		place(&open_log, log_file, &input);
	} else {
		place(&closed, trace, &input);
	}
	if (trc_store_open(trace, &store, &error) == 0) {
		read_all(store);
		trc_store_close(store);
	} else {
		fuzz_assert(strlen(error.text) > 0 && strlen(error.text) < sizeof(error.text));
	}
	return 0;
}
