/* A session's control page and the header of a ring in it, as anybody may have left them. */
#include "tests/fuzz/fuzz.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tracer/event/layout.h"

static char folder[] = "/tmp/fuzz-control-XXXXXX";

static void remove_folder(void)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/control", folder);
	unlink(path);
	snprintf(path, sizeof(path), "%s/ring-0", folder);
	unlink(path);
	rmdir(folder);
}

/* A file of `size` bytes that begins with a good header, with some bytes of the input in it. */
static void make_file(const char *name, const void *good, size_t good_size, size_t size,
		      struct fuzz_input *input)
{
	uint8_t bytes[4096] = {0};
	char path[64];
	int fd;

	memcpy(bytes, good, good_size);
	for (uint8_t changes = fuzz_byte(input) & 15; changes > 0; changes--) {
		size_t place = fuzz_number(input, 1);

		bytes[place % good_size] ^= fuzz_byte(input);
	}
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC, 0600);
	fuzz_assert(fd >= 0);
	fuzz_assert(write(fd, bytes, size < sizeof(bytes) ? size : sizeof(bytes)) >= 0);
	fuzz_assert(ftruncate(fd, (off_t)size) == 0);
	close(fd);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct trc__control control = {
		.magic = TRC__CONTROL_MAGIC,
		.version = TRC__LAYOUT_VERSION,
		.byte_order = TRC__BYTE_ORDER,
		.header_bytes = 4096,
		.ring_bytes = 64 << 10,
		.ring_count = 1,
	};
	static const struct trc__ring_header header = {
		.magic = TRC__RING_MAGIC,
		.version = TRC__LAYOUT_VERSION,
		.byte_order = TRC__BYTE_ORDER,
		.size = 64 << 10,
		.state = TRC__RING_LIVE,
	};
	struct fuzz_input input = {data, size};
	struct trc_ring_reader *reader;
	struct trc_session *session;
	const char *why;

	if (strstr(folder, "XXXXXX")) {
		fuzz_assert(mkdtemp(folder) != NULL);
		atexit(remove_folder);
	}
	make_file("control", &control, sizeof(control), sizeof(control) - (fuzz_byte(&input) & 1),
		  &input);
	make_file("ring-0", &header, sizeof(header),
		  4096 + (64 << 10) + ((fuzz_byte(&input) & 3) == 3 ? fuzz_number(&input, 3) : 0),
		  &input);
	session = trc__session_open(folder, NULL, &why);
	if (!session)
		return 0;
	trc_session_ring_count(session);
	trc_session_program_lives(session);
	if (trc_ring_reader_open(session, 0, &reader) == 0) {
		struct trc_event event;

		trc_ring_reader_sync(reader);
		while (trc_ring_next(reader, &event))
			;
		trc_ring_reader_release(reader);
		trc_ring_reader_close(reader);
	}
	trc_session_close(session);
	return 0;
}
