/*
 * What recording costs: the traced thread, the way to the file, the file.
 *
 *   bench-recording clock                                  ns of a clock read
 *   bench-recording cost EVENTS THREADS                    processor ns of an event to its thread
 *   bench-recording segments FILE EVENTS THREADS           rings to segments and nothing else
 *   bench-recording record FILE EVENTS THREADS [PAYLOAD]   all that `actorscope record` does
 *   bench-recording read FILE                              events a second, each looked at
 *
 * The traced program is a forked child whose threads write the events of ask-stream.h as fast as
 * they can, each with its own clock read; every third with PAYLOAD bytes. Writers wait whenever
 * their ring is full; an event that is lost all the same makes the run fail.
 *
 * `segments` prints the seconds until the file was closed and its bytes. `record` prints the
 * seconds until every event was in the file, those until all that follows from them was, too, the
 * file's bytes, and the recorder's memory at its peak in bytes, the rings it shares with the
 * program included.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "bench/ask-stream.h"
#include "tracer/event/ring.h"
#include "tracer/record/recorder.h"
#include "tracer/store/store.h"

enum {
	THREADS_MAX = 64,
	PAYLOAD_MAX = 256,
	BATCH_EVENTS = 4000,
	COST_LAP = 50000, /* events that fit in a ring */
	PATIENCE_S = 600, /* of a traced program whose reader is gone */
};

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "bench-recording: %s failed\n", what);
	exit(1);
}

static double seconds_by(clockid_t clock)
{
	struct timespec now;

	clock_gettime(clock, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static double seconds(void)
{
	return seconds_by(CLOCK_MONOTONIC);
}

/* --- the traced program ------------------------------------------------------------------------
 */

struct writer {
	pthread_t thread;
	struct trc_session *session;
	uint64_t events;
	uint32_t payload_size;
	double cost; /* seconds */
	struct ask_stream stream;
};

static struct writer writers[THREADS_MAX];

static void write_events(struct writer *writer, struct trc_ring *ring, uint64_t count)
{
	static const uint8_t payload[PAYLOAD_MAX];
	struct trc_event event;

	for (uint64_t i = 0; i < count; i++) {
		bool is_short = ask_stream_next(&writer->stream, &event);

		if (!is_short && event.kind != TRC_WAIT) {
			event.payload = payload;
			event.payload_size = writer->payload_size;
		}
		event.time = trc_ring_now(ring);
		trc_ring_write(ring, &event);
	}
}

static void run_threads(struct trc_session *session, uint64_t events, unsigned threads,
			uint32_t payload_size, void *(*run)(void *))
{
	for (unsigned i = 0; i < threads; i++) {
		writers[i] = (struct writer){
			.session = session,
			.events = events / threads,
			.payload_size = payload_size,
			.stream.thread = i,
		};
		if (pthread_create(&writers[i].thread, NULL, run, &writers[i]) != 0)
			fail("making a thread");
	}
	for (unsigned i = 0; i < threads; i++)
		pthread_join(writers[i].thread, NULL);
}

static void *run_writer(void *context)
{
	struct writer *writer = context;
	struct trc_ring *ring = trc_ring_of_thread(writer->session);

	if (!ring)
		fail("making a ring");
	write_events(writer, ring, writer->events);
	return NULL;
}

static pid_t start_program(struct trc_session *session, uint64_t events, unsigned threads,
			   uint32_t payload_size)
{
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (child > 0)
		return child;
	alarm(PATIENCE_S);
	setenv(TRC_SESSION_ENV, trc_session_path(session), 1);
	session = trc_session_attach();
	if (!session)
		fail("attaching");
	run_threads(session, events, threads, payload_size, run_writer);
	_exit(0);
}

static struct trc_session *open_session(void)
{
	const struct trc_session_options options = {.payload_limit = PAYLOAD_MAX};
	struct trc_session *session;

	if (trc_session_create(&options, &session) < 0)
		fail("making a session");
	return session;
}

/* --- the traced thread alone --------------------------------------------------------------------
 */

/* The clock of events, and the system's. */
static void measure_clocks(void)
{
	struct trc_session *session = open_session();
	struct trc_ring *ring = trc_ring_of_thread(session);
	uint64_t sum = 0;
	double begin, between;

	for (begin = seconds(); seconds() - begin < 0.1;) /* until it knows its rate */
		sum += trc_ring_now(ring);
	begin = seconds();
	for (int i = 0; i < 4000000; i++)
		sum += trc_ring_now(ring);
	between = seconds();
	for (int i = 0; i < 4000000; i++)
		sum += trc_session_now(session);
	printf("%.1f %.1f\n", (between - begin) / 4e6 * 1e9,
	       sum ? (seconds() - between) / 4e6 * 1e9 : 0);
	trc_session_close(session);
}

/* Fills the thread's ring and empties it, again and again; the first round is not counted. */
static void *run_cost(void *context)
{
	struct writer *writer = context;
	struct trc_ring *ring = trc_ring_of_thread(writer->session);
	struct trc_ring_reader *reader = NULL;
	struct trc_event event;

	for (unsigned i = 0; ring && !reader && i < trc_session_ring_count(writer->session); i++)
		if (trc_ring_reader_open(writer->session, i, &reader) == 0) {
			struct trc_ring_counts counts;

			trc_ring_reader_counts(reader, &counts);
			if (counts.tid != (uint32_t)gettid()) {
				trc_ring_reader_close(reader);
				reader = NULL;
			}
		}
	if (!reader)
		fail("making a ring");
	for (uint64_t written = 0; written <= writer->events; written += COST_LAP) {
		double begin = seconds_by(CLOCK_THREAD_CPUTIME_ID);

		write_events(writer, ring, COST_LAP);
		if (written > 0)
			writer->cost += seconds_by(CLOCK_THREAD_CPUTIME_ID) - begin;
		trc_ring_reader_sync(reader);
		while (trc_ring_next(reader, &event))
			;
		trc_ring_reader_release(reader);
	}
	trc_ring_reader_close(reader);
	return NULL;
}

static void measure_cost(uint64_t events, unsigned threads)
{
	struct trc_session *session = open_session();
	double cost = 0;

	events -= events % ((uint64_t)COST_LAP * threads);
	if (events == 0)
		fail("measuring so few events");
	run_threads(session, events, threads, 0, run_cost);
	for (unsigned i = 0; i < threads; i++)
		cost += writers[i].cost;
	printf("%.1f\n", cost / (double)events * 1e9);
	trc_session_close(session);
}

/* --- sustained, to the file ---------------------------------------------------------------------
 */

static struct trc_store *make_trace(const char *path)
{
	struct trc_store_info info = {.exit_status = -1};
	struct trc_store *store;
	struct trc_error error;

	if (trc_store_create(path, true, &info, &store, &error) < 0)
		fail(error.text);
	return store;
}

static void close_trace(struct trc_store *store)
{
	struct trc_store_info info = {.complete = true};
	struct trc_error error;

	if (trc_store_finish(store, &info, &error) < 0)
		fail(error.text);
	trc_store_close(store);
}

static void await_program(pid_t child)
{
	int status;

	if (waitpid(child, &status, 0) != child || status != 0)
		fail("the traced program");
}

static double file_size(const char *path)
{
	struct stat status;

	return stat(path, &status) == 0 ? (double)status.st_size : 0;
}

/* As the tool does: so many events are worth a batch, fewer may wait for others. */
static void pause_after(uint64_t events)
{
	const struct timespec pause = {.tv_nsec = 1000000};

	if (events < BATCH_EVENTS)
		nanosleep(&pause, NULL);
}

struct reading {
	struct trc_ring_reader *rings[THREADS_MAX];
	uint64_t events;
	uint64_t lost;
};

/* What all rings hold now becomes one batch of the store. */
static void store_batch(struct reading *reading, struct trc_session *session, unsigned threads,
			struct trc_store *store)
{
	struct trc_error error;
	struct trc_event event;

	for (unsigned i = 0; i < threads; i++)
		if (reading->rings[i] || trc_ring_reader_open(session, i, &reading->rings[i]) == 0)
			trc_ring_reader_sync(reading->rings[i]);
	if (trc_store_begin(store, &error) < 0)
		fail(error.text);
	for (unsigned i = 0; i < threads; i++)
		while (reading->rings[i] && trc_ring_next(reading->rings[i], &event)) {
			if (trc_store_add(store, i, &event, &error) < 0)
				fail(error.text);
			reading->events++;
		}
	if (trc_store_commit(store, &error) < 0)
		fail(error.text);
	reading->lost = 0;
	for (unsigned i = 0; i < threads; i++) {
		struct trc_ring_counts counts;

		if (!reading->rings[i])
			continue;
		trc_ring_reader_release(reading->rings[i]);
		trc_ring_reader_counts(reading->rings[i], &counts);
		reading->lost += counts.lost;
	}
	trc_session_heartbeat(session);
}

static void measure_segments(const char *path, uint64_t events, unsigned threads)
{
	struct trc_session *session = open_session();
	struct trc_store *store = make_trace(path);
	struct reading reading = {0};
	double begin = seconds();
	pid_t child = start_program(session, events, threads, 0);

	while (reading.events < events) {
		uint64_t before = reading.events;

		store_batch(&reading, session, threads, store);
		pause_after(reading.events - before);
		if (reading.lost > 0)
			fail("recording without a loss");
	}
	await_program(child);
	close_trace(store);
	printf("%.4f %.0f\n", seconds() - begin, file_size(path));
	for (unsigned i = 0; i < threads; i++)
		trc_ring_reader_close(reading.rings[i]);
	trc_session_close(session);
}

static double peak_memory(void)
{
	struct rusage usage;

	getrusage(RUSAGE_SELF, &usage);
	return (double)usage.ru_maxrss * 1024;
}

static void ignore_finding(const struct trc_finding *finding, void *context)
{
}

static void measure_recorder(const char *path, uint64_t events, unsigned threads,
			     uint32_t payload_size)
{
	struct trc_session *session = open_session();
	struct trc_store *store = make_trace(path);
	const struct trc_deriver_options options = {.alarm = ignore_finding};
	struct trc_error error;
	struct trc_recorder *recorder = trc_recorder_new(session, store, &options, &error);
	struct trc_recorder_totals totals = {0};
	double begin = seconds(), stored;
	pid_t child = start_program(session, events, threads, payload_size);

	while (totals.events < events) {
		int count = trc_recorder_poll(recorder, &error);

		if (count < 0)
			fail(error.text);
		pause_after((uint64_t)count);
		trc_recorder_totals(recorder, &totals);
		if (totals.lost > 0)
			fail("recording without a loss");
	}
	await_program(child);
	stored = seconds() - begin;
	trc_recorder_last(recorder);
	while (!trc_recorder_wait(recorder, 1000))
		;
	trc_recorder_stop(recorder);
	close_trace(store);
	printf("%.4f %.4f %.0f %.0f\n", stored, seconds() - begin, file_size(path), peak_memory());
	trc_recorder_free(recorder);
	trc_session_close(session);
}

/* --- reading ------------------------------------------------------------------------------------
 */

static void measure_read(const char *path)
{
	struct trc_store *store;
	struct trc_error error;
	uint64_t kinds[256] = {0}, events = 0;
	double begin = seconds();

	if (trc_store_open(path, &store, &error) < 0)
		fail(error.text);
	for (size_t i = 0; i < trc_store_segment_count(store); i++) {
		struct trc_segment segment;

		if (trc_store_segment_load(store, i, &segment, &error) < 0)
			fail(error.text);
		for (size_t k = 0; k < segment.count; k++)
			kinds[segment.events[k].kind]++;
		trc_segment_clear(&segment);
	}
	for (unsigned kind = 0; kind < 256; kind++)
		events += kinds[kind];
	printf("%.0f\n", (double)events / (seconds() - begin));
	trc_store_close(store);
}

_Noreturn static void usage(void)
{
	fprintf(stderr, "usage: bench-recording clock\n"
			"       bench-recording cost EVENTS THREADS\n"
			"       bench-recording segments FILE EVENTS THREADS\n"
			"       bench-recording record FILE EVENTS THREADS [PAYLOAD]\n"
			"       bench-recording read FILE\n");
	exit(2);
}

static uint64_t number(int argc, char **argv, int place, uint64_t least, uint64_t most)
{
	uint64_t value = argc > place ? strtoull(argv[place], NULL, 10) : UINT64_MAX;

	if (value < least || value > most)
		usage();
	return value;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int first = strcmp(what, "cost") == 0 ? 2 : 3;
	uint64_t events;
	unsigned threads;

	if (argc == 2 && strcmp(what, "clock") == 0) {
		measure_clocks();
		return 0;
	}
	if (argc == 3 && strcmp(what, "read") == 0) {
		measure_read(argv[2]);
		return 0;
	}
	events = number(argc, argv, first, 1, UINT64_MAX - 1);
	threads = (unsigned)number(argc, argv, first + 1, 1, THREADS_MAX);
	events -= events % threads;
	if (strcmp(what, "cost") == 0)
		measure_cost(events, threads);
	else if (strcmp(what, "segments") == 0)
		measure_segments(argv[2], events, threads);
	else if (strcmp(what, "record") == 0)
		measure_recorder(argv[2], events, threads,
				 argc > 5 ? (uint32_t)number(argc, argv, 5, 0, PAYLOAD_MAX) : 0);
	else
		usage();
	return 0;
}
