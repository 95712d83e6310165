/*
 * A writing process is killed with signal 9 at random moments, or before each single instruction of
 * its writes, and its ring is read afterwards: nothing is torn, nothing is missing in the middle,
 * and the counts agree. The same with a signal whose handler writes, before each single
 * instruction.
 */
#include "tracer/event/ring.h"

#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
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
static void read_without_release(struct trc_ring_reader *reader, uint64_t *number)
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
}

static void read_all(struct trc_ring_reader *reader, uint64_t *number)
{
	read_without_release(reader, number);
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

/* --- at every instruction ----------------------------------------------------------------------
 *
 * The parent steps through a child's writes, instruction by instruction. What a child that is
 * killed there leaves is what its ring holds there. For a signal it takes a new child each time, so
 * only every STRIDE-th instruction is tried, unless an argument says otherwise.
 */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
/* A sanitizer makes a thousand instructions of one, most of them its own. */
static unsigned stride = 10007, look_stride = 101;
#else
static unsigned stride = 23, look_stride = 1;
#endif

enum { STEPPED_WRITES = 2, HANDLED = 1000 };

static struct trc_session *stepped_session;
static struct trc_ring *stepped_ring;

static void write_stepped(uint64_t number)
{
	uint8_t payload[PAYLOAD];

	memset(payload, (int)number, sizeof(payload));
	trc_ring_write(stepped_ring,
		       &(struct trc_event){.kind = TRC_LOG,
					   .id = number,
					   .arg = trc_unique(stepped_ring),
					   .payload = payload,
					   .payload_size = (uint32_t)number % PAYLOAD});
}

static void write_handled(int number)
{
	write_stepped(HANDLED);
}

/* Writes between two stops. */
_Noreturn static void be_stepped(const char *path)
{
	setenv(TRC_SESSION_ENV, path, 1);
	stepped_session = trc_session_attach();
	stepped_ring = stepped_session ? trc_ring_of_thread(stepped_session) : NULL;
	if (!stepped_ring || ptrace(PTRACE_TRACEME, 0, NULL, NULL) < 0)
		_exit(77);
	signal(SIGUSR1, write_handled);
	raise(SIGSTOP);
	for (uint64_t number = 1; number <= STEPPED_WRITES; number++)
		write_stepped(number);
	raise(SIGSTOP);
	_exit(0);
}

struct stepped {
	struct trc_session *session;
	struct trc_ring_reader *reader;
	pid_t child;
};

/* False when this place allows no stepping. */
static bool start_stepped(struct stepped *stepped)
{
	const struct trc_session_options options = {.ring_bytes = 64 << 10, .payload_limit = 64};
	int status;

	assert_int_equal(trc_session_create(&options, &stepped->session), 0);
	stepped->child = fork();
	assert_true(stepped->child >= 0);
	if (stepped->child == 0)
		be_stepped(trc_session_path(stepped->session));
	assert_int_equal(waitpid(stepped->child, &status, WUNTRACED), stepped->child);
	if (!WIFSTOPPED(status)) {
		trc_session_close(stepped->session);
		return false;
	}
	assert_int_equal(trc_ring_reader_open(stepped->session, 0, &stepped->reader), 0);
	return true;
}

/* One instruction. False when it was the last of the writes. */
static bool step(const struct stepped *stepped)
{
	int status;

	assert_int_equal(ptrace(PTRACE_SINGLESTEP, stepped->child, NULL, NULL), 0);
	assert_int_equal(waitpid(stepped->child, &status, 0), stepped->child);
	assert_true(WIFSTOPPED(status));
	return WSTOPSIG(status) == SIGTRAP;
}

static void end_stepped(struct stepped *stepped)
{
	kill(stepped->child, SIGKILL);
	waitpid(stepped->child, NULL, 0);
	trc_ring_reader_close(stepped->reader);
	trc_session_close(stepped->session);
}

/* The ring as the recorder of a program that was killed just now would find it. */
static void look(const struct stepped *stepped, uint64_t *number)
{
	struct trc_ring_counts counts;
	struct trc_ring_reader *reader;

	*number = 0;
	assert_int_equal(trc_ring_reader_open(stepped->session, 0, &reader), 0);
	trc_ring_reader_sync(reader);
	trc_ring_reader_counts(reader, &counts);
	read_without_release(reader, number);
	assert_true(counts.written <= *number && *number <= STEPPED_WRITES);
	trc_ring_reader_counts(reader, &counts);
	assert_true(counts.corrupt == 0 && counts.lost == 0 && counts.written == *number);
	trc_ring_reader_close(reader);
}

static void nothing_is_torn_at_any_instruction(void **state)
{
	struct stepped stepped;
	uint64_t number = 0, last = 0;
	unsigned steps = 0;

	if (!start_stepped(&stepped))
		skip();
	while (step(&stepped)) {
		if (steps++ % look_stride != 0)
			continue;
		look(&stepped, &number);
		assert_true(number >= last);
		last = number;
	}
	look(&stepped, &number);
	assert_int_equal(number, STEPPED_WRITES);
	assert_true(steps > 100);
	end_stepped(&stepped);
}

/* What the handler wrote is there, once and whole, and its number is nobody else's. */
static void read_with_handled(struct stepped *stepped)
{
	uint64_t numbers[STEPPED_WRITES + 1], count = 0, next = 1;
	struct trc_event event;

	trc_ring_reader_sync(stepped->reader);
	while (trc_ring_next(stepped->reader, &event)) {
		assert_true(count <= STEPPED_WRITES);
		assert_true(event.id == HANDLED || event.id == next);
		next += event.id != HANDLED;
		assert_int_equal(event.payload_size, event.id % PAYLOAD);
		for (uint64_t i = 0; i < count; i++)
			assert_true(event.arg != numbers[i]);
		numbers[count++] = event.arg;
	}
	assert_int_equal(count, STEPPED_WRITES + 1);
}

static void a_handler_may_write_at_any_instruction(void **state)
{
	bool more = true;

	for (unsigned steps = 0; more; steps += stride) {
		struct stepped stepped;
		struct trc_ring_counts counts;
		int status;

		if (!start_stepped(&stepped))
			skip();
		for (unsigned i = 0; i < steps && more; i++)
			more = step(&stepped);
		if (more) {
			assert_int_equal(ptrace(PTRACE_CONT, stepped.child, NULL, SIGUSR1), 0);
			assert_int_equal(waitpid(stepped.child, &status, 0), stepped.child);
			assert_true(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
			/* It may have come when raise() had blocked it for a moment. */
			assert_int_equal(ptrace(PTRACE_CONT, stepped.child, NULL, 0), 0);
			assert_int_equal(waitpid(stepped.child, &status, 0), stepped.child);
			assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
			read_with_handled(&stepped);
			trc_ring_reader_counts(stepped.reader, &counts);
			assert_true(counts.corrupt == 0 && counts.lost == 0);
		}
		end_stepped(&stepped);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_torn),
		cmocka_unit_test(nothing_is_torn_at_any_instruction),
		cmocka_unit_test(a_handler_may_write_at_any_instruction),
	};

	if (argc > 1)
		stride = (unsigned)atoi(argv[1]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
