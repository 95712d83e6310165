/* Rings of threads that come and go, of signal handlers, and where there is little room. */
#include "tests/tracer/event/ring-fixture.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>

#include <cmocka.h>

#include "tracer/event/layout.h"

/* --- threads ---------------------------------------------------------------------------------- */

static void run(void *(*body)(void *), void *context)
{
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, body, context), 0);
	pthread_join(thread, &wrong);
	assert_null(wrong);
}

static void *write_some(void *context)
{
	struct rf *fixture = context;
	struct trc_ring *ring = trc_ring_of_thread(fixture->session);

	if (ring != trc_ring_of_thread(fixture->session) ||
	    ring != trc_ring_if_any(fixture->session))
		return (void *)1;
	for (uint64_t number = 0; number < 10; number++)
		rf_write(ring, TRC_RECEIVE, number);
	return trc_unique(ring) >> 48 == 2 ? NULL : (void *)2;
}

static void a_thread_leaves_its_ring_to_the_next(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_ring_reader *reader;
	struct trc_ring_counts counts;
	struct trc_event event;

	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), -EAGAIN);
	run(write_some, &fixture);
	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), 0);
	run(write_some, &fixture);
	assert_int_equal(trc_session_ring_count(fixture.session), 2);
	trc_ring_reader_sync(reader);
	for (uint64_t number = 0; number < 20; number++)
		assert_true(trc_ring_next(reader, &event) && event.id == number % 10);
	assert_false(trc_ring_next(reader, &event));
	trc_ring_reader_counts(reader, &counts);
	assert_false(counts.closed);
	assert_int_equal(counts.written, 20);
	trc_ring_reader_close(reader);
	rf_close(&fixture);
}

static void a_closed_ring_goes_away_when_it_was_read(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_ring_counts counts;
	struct trc_event event;

	rf_write(fixture.ring, TRC_RECEIVE, 1);
	trc__ring_forget(fixture.session);
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_false(trc_ring_next(fixture.reader, &event));
	trc_ring_reader_counts(fixture.reader, &counts);
	assert_true(counts.closed);
	trc_ring_reader_release(fixture.reader);
	trc_ring_reader_close(fixture.reader); /* and with it goes the file */
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &fixture.reader), -EAGAIN);
	trc_session_close(fixture.session);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
enum { MANY_THREADS = 10000 };
#else
enum { MANY_THREADS = 100000 };
#endif

static void *write_one(void *context)
{
	struct rf *fixture = context;

	rf_write(trc_ring_of_thread(fixture->session), TRC_RECEIVE, 1);
	return NULL;
}

/* More threads than there are numbers for rings: one ring serves them all. */
static void many_threads_in_turn_need_one_ring(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_DROP);
	struct trc_ring_reader *reader = NULL;
	struct trc_ring_counts counts;
	struct trc_event event;

	for (int i = 0; i < MANY_THREADS; i++) {
		pthread_t thread;

		assert_int_equal(pthread_create(&thread, NULL, write_one, &fixture), 0);
		pthread_join(thread, NULL);
		if (!reader)
			assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), 0);
		if (i % 1000 != 0)
			continue;
		trc_ring_reader_sync(reader);
		while (trc_ring_next(reader, &event))
			;
		trc_ring_reader_release(reader);
	}
	trc_ring_reader_counts(reader, &counts);
	assert_int_equal(counts.written, MANY_THREADS);
	assert_int_equal(counts.lost, 0);
	assert_int_equal(trc_session_ring_count(fixture.session), 2);
	assert_int_equal(trc_session_ringless_count(fixture.session), 0);
	trc_ring_reader_close(reader);
	rf_close(&fixture);
}

static pthread_key_t late_key;

static void write_late(void *context)
{
	struct rf *fixture = context;

	rf_write(trc_ring_of_thread(fixture->session), TRC_RECEIVE, 2);
}

static void *leave_a_destructor(void *context)
{
	pthread_setspecific(late_key, context);
	return write_one(context);
}

/* Events of destructors that run after ours are not lost, nor is the ring. */
static void a_thread_may_write_while_it_ends(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_ring_reader *reader;
	struct trc_event event;

	assert_int_equal(pthread_key_create(&late_key, write_late), 0);
	for (int i = 0; i < 3; i++)
		run(leave_a_destructor, &fixture);
	pthread_key_delete(late_key);
	assert_int_equal(trc_session_ring_count(fixture.session), 2);
	assert_int_equal(trc_session_ringless_count(fixture.session), 0);
	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), 0);
	trc_ring_reader_sync(reader);
	for (int i = 0; i < 6; i++)
		assert_true(trc_ring_next(reader, &event) && event.id == 1 + (uint64_t)i % 2);
	assert_false(trc_ring_next(reader, &event));
	trc_ring_reader_close(reader);
	rf_close(&fixture);
}

/* A function of its own: a frame that is cancelled stays marked in the address sanitizer's books,
 * so there must be no variables in it. */
__attribute__((noinline)) static void fill_until_done(struct rf *fixture)
{
	struct trc_ring *ring = trc_ring_of_thread(fixture->session);

	while (!atomic_load(&fixture->done))
		rf_write(ring, TRC_RECEIVE, 1);
}

static void *fill_and_be_cancelled(void *context)
{
	fill_until_done(context);
	pthread_testcancel();
	return (void *)1;
}

/* A thread that is cancelled while it waits for room ends after the write, not in it. */
static void a_cancelled_thread_leaves_a_whole_ring(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_ring_reader *reader;
	struct trc_event event;
	struct trc_ring_counts counts;
	pthread_t thread;
	void *result;

	assert_int_equal(pthread_create(&thread, NULL, fill_and_be_cancelled, &fixture), 0);
	while (trc_ring_reader_open(fixture.session, 1, &reader) < 0)
		sched_yield();
	do
		trc_ring_reader_counts(reader, &counts);
	while (counts.written < RING_BYTES / 8 * 7 / 8 / 4);
	pthread_cancel(thread);
	atomic_store(&fixture.done, true);
	pthread_join(thread, &result);
	assert_ptr_equal(result, PTHREAD_CANCELED);
	trc_ring_reader_sync(reader);
	while (trc_ring_next(reader, &event))
		;
	trc_ring_reader_release(reader);
	run(write_one, &fixture);
	trc_ring_reader_sync(reader);
	assert_true(trc_ring_next(reader, &event) && event.kind == TRC_RECEIVE);
	assert_false(trc_ring_next(reader, &event));
	trc_ring_reader_counts(reader, &counts);
	assert_int_equal(counts.corrupt, 0);
	assert_int_equal(counts.written, counts.read);
	trc_ring_reader_close(reader);
	rf_close(&fixture);
}

/* --- numbers and signals ---------------------------------------------------------------------- */

static void numbers_are_unique_to_the_ring(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);

	assert_int_equal(trc_unique(NULL), 0);
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 1));
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 2));
	rf_close(&fixture);
}

static struct trc_session *interrupted;
static volatile sig_atomic_t nested_writes;

/* Numbers of one ring in both halves; each counts up. */
static bool is_next(uint64_t number, uint64_t last[2])
{
	uint64_t half = number >> 47 & 1;
	bool next = number > last[half];

	last[half] = number;
	return next;
}

static void write_in_handler(int number)
{
	struct trc_ring *ring = trc_ring_if_any(interrupted);

	nested_writes++;
	trc_ring_write(ring, &(struct trc_event){.kind = TRC_LOG, .arg = trc_unique(ring)});
}

static void read_interleaved(struct rf *fixture, uint64_t *outer, uint64_t *nested,
			     uint64_t last[2])
{
	struct trc_event event;

	trc_ring_reader_sync(fixture->reader);
	while (trc_ring_next(fixture->reader, &event)) {
		if (event.kind == TRC_RECEIVE)
			assert_true(event.id == ++*outer);
		else
			assert_true(event.kind == TRC_LOG && is_next(event.arg, last));
		*nested += event.kind == TRC_LOG;
	}
	trc_ring_reader_release(fixture->reader);
	trc_session_heartbeat(fixture->session);
}

/* A timer's signals fall into writes and between them; no event is lost, none is torn, and no
 * number is given twice. There is one a write at most: where handlers take longer than the timer
 * does, a write would never end. */
static void a_signal_handler_may_write(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct sigaction action = {.sa_handler = write_in_handler, .sa_flags = SA_RESTART}, old;
	const struct itimerval soon = {.it_value = {0, 100}}, never = {0};
	uint64_t written = 0, outer = 0, nested = 0, last[2] = {0};
	sig_atomic_t answered = -1;

	interrupted = fixture.session;
	nested_writes = 0;
	sigaction(SIGALRM, &action, &old);
	while (nested_writes < 500 || written < 100000) {
		if (nested_writes != answered) {
			answered = nested_writes;
			setitimer(ITIMER_REAL, &soon, NULL);
		}
		written++;
		trc_unique(fixture.ring);
		assert_true(rf_write(fixture.ring, TRC_RECEIVE, written));
		if (written % 64 == 0)
			read_interleaved(&fixture, &outer, &nested, last);
	}
	setitimer(ITIMER_REAL, &never, NULL);
	sigaction(SIGALRM, &old, NULL);
	read_interleaved(&fixture, &outer, &nested, last);
	assert_int_equal(rf_counts(&fixture).corrupt, 0);
	assert_int_equal(rf_counts(&fixture).lost, 0);
	assert_int_equal(outer, written);
	assert_int_equal(nested, nested_writes);
	rf_close(&fixture);
}

/* As a handler finds it that interrupts a write at any place. */
static void what_a_handler_writes_follows_what_it_interrupted(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_event event;
	uint64_t kept = 0, lost = 0;

	atomic_store(&fixture.ring->busy, true);
	while (rf_write(fixture.ring, TRC_LOG, kept + 2))
		kept++;
	assert_int_equal(kept, TRC__STASH_WORDS / TRC_RECORD_LONG_WORDS);
	for (lost = 1; lost < 3; lost++)
		assert_false(rf_write(fixture.ring, TRC_LOG, 1000));
	atomic_store(&fixture.ring->busy, false);
	trc_ring_reader_sync(fixture.reader);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 1));
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_true(event.kind == TRC_LOST && event.id == lost);
	for (uint64_t number = 1; number < kept + 2; number++)
		assert_true(trc_ring_next(fixture.reader, &event) && event.id == number);
	assert_false(trc_ring_next(fixture.reader, &event));
	/* and its numbers are not those of what it interrupted */
	atomic_store(&fixture.ring->numbering, true);
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | UINT64_C(1) << 47 | 1));
	atomic_store(&fixture.ring->numbering, false);
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 1));
	rf_close(&fixture);
}

static void *look_for_a_ring(void *context)
{
	struct rf *fixture = context;

	return trc_ring_if_any(fixture->session);
}

static void a_handler_in_a_thread_without_events_gets_no_ring(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);

	run(look_for_a_ring, &fixture);
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	rf_close(&fixture);
}

/* --- little room ------------------------------------------------------------------------------ */

static uint64_t ring_bytes_within(rlim_t limit)
{
	const struct trc_session_options options = {.payload_limit = 256};
	struct rlimit before, narrow;
	struct trc_session *session;
	struct trc_ring *ring;
	uint64_t bytes;

	assert_int_equal(trc_session_create(&options, &session), 0);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	narrow = (struct rlimit){.rlim_cur = limit, .rlim_max = before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &narrow), 0);
	ring = trc_ring_of_thread(session);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	bytes = ring ? trc__ring_map_of(ring)->words * 8 : 0;
	if (ring) {
		struct trc_ring_reader *reader;

		assert_true(rf_write(ring, TRC_RECEIVE, 1));
		assert_int_equal(trc_ring_reader_open(session, 0, &reader), 0);
		trc_ring_reader_close(reader);
	} else {
		assert_int_equal(trc_session_ringless_count(session), 1);
		assert_int_equal(trc_session_ring_count(session), 0);
	}
	trc_session_close(session);
	return bytes;
}

/* A limit on files kills who exceeds it: not the program that is recorded. */
static void a_ring_is_as_large_as_it_may_be(void **state)
{
	assert_int_equal(ring_bytes_within(RLIM_INFINITY), 4 << 20);
	assert_int_equal(ring_bytes_within((4 << 20) + 4096), 4 << 20);
	assert_int_equal(ring_bytes_within(4 << 20), 1 << 20);
	assert_int_equal(ring_bytes_within(100 << 10), 64 << 10);
	assert_int_equal(ring_bytes_within(32 << 10), 0);
}

/* Makes a ring, tells its size, and waits for all others. */
struct crowd {
	struct trc_session *session;
	pthread_barrier_t together;
	atomic_size_t bytes;
};

static void *one_of_many(void *context)
{
	struct crowd *crowd = context;
	struct trc_ring *ring = trc_ring_of_thread(crowd->session);

	if (ring)
		atomic_fetch_add(&crowd->bytes, trc__ring_map_of(ring)->header->size);
	pthread_barrier_wait(&crowd->together);
	return NULL;
}

/* Data bytes of the rings of that many threads at once, in MiB. */
static size_t megabytes_of_crowd(unsigned threads, uint32_t payload_limit)
{
	const struct trc_session_options options = {.payload_limit = payload_limit};
	pthread_t ids[64];
	struct crowd crowd = {0};

	assert_true(threads <= 64);
	assert_int_equal(trc_session_create(&options, &crowd.session), 0);
	pthread_barrier_init(&crowd.together, NULL, threads);
	for (unsigned i = 0; i < threads; i++)
		assert_int_equal(pthread_create(&ids[i], NULL, one_of_many, &crowd), 0);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(ids[i], NULL);
	pthread_barrier_destroy(&crowd.together);
	trc_session_close(crowd.session);
	return crowd.bytes >> 20;
}

/* Threads that make theirs in the same moment, too. */
static void many_rings_share_the_memory(void **state)
{
	assert_int_equal(megabytes_of_crowd(16, 1024), 64);
	assert_int_equal(megabytes_of_crowd(64, 1024), 16 * 4 + 32 * 2 + 16 * 1);
	assert_int_equal(megabytes_of_crowd(20, TRC_PAYLOAD_MAX), 80);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_thread_leaves_its_ring_to_the_next),
		cmocka_unit_test(a_closed_ring_goes_away_when_it_was_read),
		cmocka_unit_test(many_threads_in_turn_need_one_ring),
		cmocka_unit_test(a_thread_may_write_while_it_ends),
		cmocka_unit_test(a_cancelled_thread_leaves_a_whole_ring),
		cmocka_unit_test(numbers_are_unique_to_the_ring),
		cmocka_unit_test(a_signal_handler_may_write),
		cmocka_unit_test(what_a_handler_writes_follows_what_it_interrupted),
		cmocka_unit_test(a_handler_in_a_thread_without_events_gets_no_ring),
		cmocka_unit_test(a_ring_is_as_large_as_it_may_be),
		cmocka_unit_test(many_rings_share_the_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
