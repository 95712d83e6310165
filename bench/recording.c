/*
 * What recording costs: the traced thread, the way to the file, the file.
 *
 *   bench-recording [EVENTS]     events of each run, default 10 million
 *
 * The traced program is a forked child with one thread that writes the events of asks as fast as it
 * can: SEND, WAIT, RECEIVE, REPLY, DONE, WAKE, each with its own clock read. Nothing is lost in the
 * runs that say "sustained": the writer waits whenever the ring is full.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tracer/event/ring.h"
#include "tracer/record/recorder.h"
#include "tracer/store/store.h"

enum { BATCH = 65536, PAYLOAD = 16 };

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "bench-recording: %s failed\n", what);
	exit(1);
}

/* --- the traced program ------------------------------------------------------------------------
 */

static void write_one(struct trc_session *session, struct trc_ring *ring, uint64_t number,
		      uint32_t payload_size)
{
	static const uint8_t kinds[] = {TRC_SEND,  TRC_WAIT, TRC_RECEIVE,
					TRC_REPLY, TRC_DONE, TRC_WAKE};
	static uint8_t payload[PAYLOAD];
	static uint16_t aseqs[128]; /* by actor */
	uint64_t ask = number / 6, place = number % 6;
	/* who asks whom looks random, as in a program with many users */
	uint64_t caller = 1 + (ask * UINT64_C(0x9e3779b97f4a7c15) >> 58);
	uint64_t callee = 65 + (ask * UINT64_C(0xc2b2ae3d27d4eb4f) >> 61);
	bool is_message = place == 0 || place == 2 || place == 4;
	bool by_caller = place == 0 || place == 1 || place == 5;
	struct trc_event event = {
		.kind = kinds[place],
		.type = (uint16_t)(1 + ask % 3),
		.time = trc_session_now(session),
		.actor = by_caller ? caller : callee,
		.id = (UINT64_C(1) << 48) + 2 * ask + (is_message ? 0 : 1),
	};

	event.aseq = aseqs[event.actor] = trc_aseq_next(aseqs[event.actor]);
	if (!trc_kind_is_short(event.kind)) {
		event.peer = by_caller ? callee : caller;
		event.arg = place == 0 ? event.id + 1 : 0;
		event.site = (uint32_t)(1 + place);
		if (place == 0 || place == 3) {
			event.payload = payload;
			event.payload_size = payload_size;
		}
	}
	trc_ring_write(ring, &event);
}

_Noreturn static void run_program(const char *path, uint64_t events, uint32_t payload_size)
{
	struct trc_session *session;
	struct trc_ring *ring;

	alarm(300); /* should the reader be gone */
	setenv(TRC_SESSION_ENV, path, 1);
	session = trc_session_attach();
	ring = session ? trc_ring_of_thread(session) : NULL;
	if (!ring)
		fail("attaching");
	for (uint64_t number = 0; number < events; number++)
		write_one(session, ring, number, payload_size);
	_exit(0);
}

static pid_t start_program(struct trc_session *session, uint64_t events, uint32_t payload_size)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child == 0)
		run_program(trc_session_path(session), events, payload_size);
	return child;
}

static struct trc_session *open_session(size_t ring_bytes)
{
	const struct trc_session_options options = {.ring_bytes = ring_bytes, .payload_limit = 256};
	struct trc_session *session;

	if (trc_session_create(&options, &session) < 0)
		fail("making a session");
	return session;
}

/* --- the traced thread alone --------------------------------------------------------------------
 */

static void measure_clock(void)
{
	struct trc_session *session = open_session(0);
	uint64_t sum = 0;
	double begin = seconds();

	for (int i = 0; i < 2000000; i++)
		sum += trc_session_now(session);
	printf("clock read                          %7.1f ns%s\n", (seconds() - begin) / 2e6 * 1e9,
	       sum == 0 ? "!" : "");
	trc_session_close(session);
}

/* Fills a ring that has room for all, again and again. */
static void measure_writer(uint32_t payload_size)
{
	double best = 1e9;

	for (int round = 0; round < 5; round++) {
		struct trc_session *session = open_session(64 << 20);
		struct trc_ring *ring = trc_ring_of_thread(session);
		double begin;

		if (!ring)
			fail("making a ring");
		/* once untimed, so that the memory is mapped */
		for (uint64_t number = 0; number < 400000; number++)
			write_one(session, ring, number, payload_size);
		begin = seconds();
		for (uint64_t number = 0; number < 400000; number++)
			write_one(session, ring, number, payload_size);
		begin = seconds() - begin;
		best = begin < best ? begin : best;
		trc_session_close(session);
	}
	printf("event, clock read included          %7.1f ns   (payload %" PRIu32
	       " bytes in every third)\n",
	       best / 400000 * 1e9, payload_size);
}

/* --- sustained, to the file ---------------------------------------------------------------------
 */

static char path[] = "/tmp/bench-recording-XXXXXX/trace.db";

static struct trc_store *open_trace(void)
{
	struct trc_store_info info = {.exit_status = -1};
	struct trc_store *store;
	struct trc_error error;

	if (trc_store_create(path, true, &info, &store, &error) < 0)
		fail(error.text);
	return store;
}

static double file_size(void)
{
	struct stat status;

	return stat(path, &status) == 0 ? (double)status.st_size : 0;
}

static void report(const char *what, uint64_t events, double time, uint64_t lost)
{
	printf("%-35s %7.2f M events/s, %.2f bytes/event%s\n", what, (double)events / time / 1e6,
	       file_size() / (double)events, lost ? ", LOST SOME" : "");
}

/* Rings to segments, and nothing else: what the store can take. */
static void measure_segments(uint64_t events, uint32_t payload_size, const char *what)
{
	struct trc_session *session = open_session(0);
	struct trc_store *store = open_trace();
	struct trc_ring_reader *reader;
	struct trc_ring_counts counts = {0};
	struct trc_error error;
	struct trc_event event;
	struct trc_store_info info = {.exit_status = -1};
	double begin = seconds();
	pid_t child = start_program(session, events, payload_size);

	while (trc_ring_reader_open(session, 0, &reader) < 0)
		if (waitpid(child, NULL, WNOHANG) != 0)
			fail("the traced program");
	while (counts.read < events) {
		trc_ring_reader_sync(reader);
		if (trc_store_begin(store, &error) < 0)
			fail(error.text);
		while (trc_ring_next(reader, &event))
			if (trc_store_add(store, 0, &event, &error) < 0)
				fail(error.text);
		if (trc_store_commit(store, &error) < 0)
			fail(error.text);
		trc_ring_reader_release(reader);
		trc_session_heartbeat(session);
		trc_ring_reader_counts(reader, &counts);
	}
	waitpid(child, NULL, 0);
	if (trc_store_finish(store, &info, &error) < 0)
		fail(error.text);
	begin = seconds() - begin;
	trc_store_close(store);
	report(what, events, begin, counts.lost);
	trc_ring_reader_close(reader);
	trc_session_close(session);
}

static void ignore_finding(const struct trc_finding *finding, void *context)
{
}

/* All that `actorscope record` does, rows for SQL included. */
static void measure_recorder(uint64_t events, uint32_t payload_size, const char *what)
{
	struct trc_session *session = open_session(0);
	struct trc_store *store = open_trace();
	struct trc_recorder *recorder = trc_recorder_new(session, store, ignore_finding, NULL);
	struct trc_store_info info = {.exit_status = -1};
	struct trc_recorder_totals totals = {0};
	struct trc_error error;
	double begin = seconds(), drained;
	pid_t child = start_program(session, events, payload_size);

	while (totals.events < events) {
		if (trc_recorder_poll(recorder, &error) < 0)
			fail(error.text);
		trc_recorder_totals(recorder, &totals);
	}
	waitpid(child, NULL, 0);
	drained = seconds() - begin;
	trc_recorder_last(recorder);
	while (trc_recorder_rows_left(recorder) > 0)
		if (trc_recorder_write_rows(recorder, &error) < 0)
			fail(error.text);
	if (trc_store_finish(store, &info, &error) < 0)
		fail(error.text);
	begin = seconds() - begin;
	trc_recorder_totals(recorder, &totals);
	trc_recorder_free(recorder);
	trc_store_close(store);
	report(what, events, begin, totals.lost);
	printf("  until the program could end       %7.2f M events/s\n",
	       (double)events / drained / 1e6);
	trc_session_close(session);
}

int main(int argc, char **argv)
{
	uint64_t events = argc > 1 ? strtoull(argv[1], NULL, 10) : 10000000;
	char *end = strrchr(path, '/');

	*end = '\0';
	if (!mkdtemp(path))
		fail("making a directory in /tmp");
	*end = '/';
	printf("%" PRIu64 " events a run, one traced thread, %ld processors\n", events,
	       sysconf(_SC_NPROCESSORS_ONLN));
	measure_clock();
	measure_segments(events, 0, "sustained, segments, no payload");
	measure_segments(events, PAYLOAD, "sustained, segments, with payload");
	measure_recorder(events / 5, PAYLOAD, "sustained, with rows and alarm");
	/* Last: the children of a process that has a ring are not recorded. */
	measure_writer(0);
	measure_writer(PAYLOAD);
	unlink(path);
	*end = '\0';
	rmdir(path);
	return 0;
}
