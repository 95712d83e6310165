/*
 * A writing process is killed with signal 9 at random moments, and its ring is read afterwards:
 * nothing is torn, nothing is missing in the middle, and the counts agree.
 */
#include "tracer/event/ring.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { KILLS = 100, PAYLOAD = 40 };

_Noreturn static void write_for_ever(struct trc_session *session)
{
	struct trc_ring *ring;
	uint8_t payload[PAYLOAD];

	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	session = trc_session_attach();
	ring = session ? trc_ring_of_thread(session) : NULL;
	if (!ring)
		_exit(1);
	for (uint64_t number = 1;; number++) {
		memset(payload, (int)number, sizeof(payload));
		trc_ring_write(ring,
			       &(struct trc_event){.kind = TRC_LOG,
						   .id = number,
						   .time = trc_session_now(session),
						   .payload = payload,
						   .payload_size = (uint32_t)number % PAYLOAD});
	}
}

/* Reads what there is; `*number` counts the events. */
static void read_all(struct trc_ring_reader *reader, uint64_t *number)
{
	struct trc_event event;

	trc_ring_reader_sync(reader);
	while (trc_ring_next(reader, &event)) {
		uint8_t payload[PAYLOAD];

		++*number;
		assert_int_equal(event.kind, TRC_LOG);
		assert_true(event.id == *number);
		assert_int_equal(event.payload_size, *number % PAYLOAD);
		memset(payload, (int)*number, sizeof(payload));
		assert_memory_equal(event.payload, payload, event.payload_size);
	}
	trc_ring_reader_release(reader);
}

static void kill_one(unsigned round)
{
	const struct trc_session_options options = {.ring_bytes = 64 << 10, .payload_limit = 64};
	struct timespec pause = {.tv_nsec = (long)(round * 7919 % 2000) * 1000};
	struct trc_ring_reader *reader;
	struct trc_ring_counts counts;
	struct trc_session *session;
	uint64_t number = 0;
	pid_t child;

	assert_int_equal(trc_session_create(&options, &session), 0);
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		write_for_ever(session);
	while (trc_ring_reader_open(session, 0, &reader) < 0)
		nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
	/* In every other round the reader keeps the writer going, else it runs full. */
	for (unsigned i = 0; i < round % 2 * 20; i++) {
		trc_session_heartbeat(session);
		read_all(reader, &number);
	}
	nanosleep(&pause, NULL);
	kill(child, SIGKILL);
	assert_int_equal(waitpid(child, NULL, 0), child);
	read_all(reader, &number);
	trc_ring_reader_counts(reader, &counts);
	assert_int_equal(counts.corrupt, 0);
	assert_int_equal(counts.lost, 0);
	assert_true(counts.read == number);
	assert_true(counts.written == number);
	assert_false(counts.closed);
	trc_ring_reader_close(reader);
	trc_session_close(session);
}

static void nothing_is_torn(void **state)
{
	for (unsigned round = 0; round < KILLS; round++)
		kill_one(round);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_torn)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
