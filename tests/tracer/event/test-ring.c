#include "tracer/event/ring.h"

#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/event/layout.h"

enum { RING_BYTES = 64 << 10 };

struct fixture {
	struct trc_session *session;
	struct trc_ring *ring;
	struct trc_ring_reader *reader;
	atomic_bool done;
};

static struct fixture open_ring(enum trc_on_full on_full)
{
	const struct trc_session_options options = {
		.ring_bytes = RING_BYTES, .payload_limit = 256, .on_full = on_full};
	struct fixture fixture = {0};

	assert_int_equal(trc_session_create(&options, &fixture.session), 0);
	fixture.ring = trc_ring_of_thread(fixture.session);
	assert_non_null(fixture.ring);
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &fixture.reader), 0);
	return fixture;
}

static void close_ring(struct fixture *fixture)
{
	trc_ring_reader_close(fixture->reader);
	trc_session_close(fixture->session);
}

static struct trc_ring_counts counts_of(const struct fixture *fixture)
{
	struct trc_ring_counts counts;

	trc_ring_reader_counts(fixture->reader, &counts);
	return counts;
}

static bool write_number(struct trc_ring *ring, unsigned kind, uint64_t number)
{
	return trc_ring_write(ring, &(struct trc_event){.kind = (uint8_t)kind,
							.actor = 1,
							.aseq = 1,
							.id = number,
							.time = number});
}

static void events_come_out_as_they_went_in(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_event in = {.kind = TRC_SEND,
			       .flags = 3,
			       .aseq = 9,
			       .type = 4,
			       .site = 5,
			       .time = 6,
			       .actor = 7,
			       .id = 8,
			       .peer = 9,
			       .arg = 10,
			       .payload_size = 5,
			       .payload = (const uint8_t *)"hello"};
	struct trc_event out;

	assert_true(trc_ring_write(fixture.ring, &in));
	assert_false(trc_ring_next(fixture.reader, &out)); /* not synced yet */
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &out));
	assert_int_equal(out.kind, TRC_SEND);
	assert_true(out.id == 8 && out.arg == 10 && out.site == 5 && out.type == 4);
	assert_int_equal(out.payload_size, 5);
	assert_memory_equal(out.payload, "hello", 5);
	assert_false(trc_ring_next(fixture.reader, &out));
	close_ring(&fixture);
}

/* Records of all lengths, many times round the ring: each must be whole, over the end too. */
static void records_never_wrap(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	uint8_t payload[251];
	uint64_t read = 0;

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)i;
	for (uint64_t number = 0; number < 20000; number++) {
		struct trc_event event = {.kind = TRC_LOG,
					  .id = number,
					  .payload = payload,
					  .payload_size = (uint32_t)(number % sizeof(payload))};

		assert_true(trc_ring_write(fixture.ring, &event));
		if (number % 64 != 0)
			continue;
		trc_ring_reader_sync(fixture.reader);
		while (trc_ring_next(fixture.reader, &event)) {
			assert_true(event.id == read++);
			assert_int_equal(event.payload_size, event.id % sizeof(payload));
			assert_memory_equal(event.payload, payload, event.payload_size);
		}
		trc_ring_reader_release(fixture.reader);
	}
	assert_int_equal(counts_of(&fixture).corrupt, 0);
	assert_int_equal(counts_of(&fixture).lost, 0);
	close_ring(&fixture);
}

static void room_comes_back_only_on_release(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
	struct trc_event event;
	uint64_t written = 0;

	while (write_number(fixture.ring, TRC_WAIT, written))
		written++;
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		;
	assert_false(write_number(fixture.ring, TRC_WAIT, 0));
	trc_ring_reader_release(fixture.reader);
	assert_true(write_number(fixture.ring, TRC_WAIT, 0));
	close_ring(&fixture);
}

static void a_reader_stops_at_its_limit(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	const uint64_t record = TRC_RECORD_SHORT_WORDS * 8;
	struct trc_event event;
	uint64_t room, next = 1;

	for (uint64_t number = 1; number <= 100; number++)
		assert_true(write_number(fixture.ring, TRC_RECEIVE, number));
	trc_ring_reader_sync(fixture.reader);
	assert_int_equal(trc_ring_reader_waiting(fixture.reader, &room), 100 * record);
	assert_int_equal(room, RING_BYTES);
	assert_int_equal(trc_ring_reader_time_after(fixture.reader, 10 * record), 11);
	assert_true(trc_ring_reader_time_after(fixture.reader, 100 * record) == UINT64_MAX);

	trc_ring_reader_limit(fixture.reader, 10 * record, UINT64_MAX);
	while (trc_ring_next(fixture.reader, &event))
		assert_int_equal(event.id, next++);
	assert_int_equal(next, 11);
	trc_ring_reader_sync(fixture.reader);
	trc_ring_reader_limit(fixture.reader, UINT64_MAX, 50);
	while (trc_ring_next(fixture.reader, &event))
		assert_int_equal(event.id, next++);
	assert_int_equal(next, 51);
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		assert_int_equal(event.id, next++);
	assert_int_equal(next, 101);
	assert_int_equal(trc_ring_reader_waiting(fixture.reader, &room), 0);
	close_ring(&fixture);
}

static uint64_t write_until_full(struct trc_ring *ring, unsigned kind)
{
	uint64_t count = 0;

	while (write_number(ring, kind, count))
		count++;
	return count;
}

static void a_flood_leaves_an_eighth_to_the_rest(void **state)
{
	enum { WORDS = RING_BYTES / 8, LOST = TRC_RECORD_LONG_WORDS };
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
	uint64_t used = write_until_full(fixture.ring, TRC_RECEIVE) * 4;

	assert_int_equal(used, WORDS / 8 * 7);
	assert_false(write_number(fixture.ring, TRC_SEND, 0));
	assert_false(write_number(fixture.ring, TRC_REFUSED, 0));
	assert_false(write_number(fixture.ring, TRC_LOG, 0));
	assert_false(write_number(fixture.ring, TRC_HANDLE_DROP, 0));
	/* an ask, a wait and its end: up to the last 32nd, with a LOST event first */
	assert_true(trc_ring_write(fixture.ring,
				   &(struct trc_event){.kind = TRC_SEND, .id = 1, .arg = 2}));
	assert_true(write_number(fixture.ring, TRC_WAIT, 2));
	used += LOST + 7 + 7 + write_until_full(fixture.ring, TRC_WAKE) * 4;
	assert_true(used <= WORDS / 32 * 31 && used > WORDS / 32 * 31 - 4);
	assert_false(write_number(fixture.ring, TRC_REPLY, 0));
	/* names and ends: all of it, with another LOST event */
	assert_true(write_number(fixture.ring, TRC_DEF_TYPE, 1));
	used += LOST + 7 + write_until_full(fixture.ring, TRC_END) * 4;
	assert_true(used <= WORDS && used > WORDS - 4);
	close_ring(&fixture);
}

static void losses_are_counted_and_told_where_they_were(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
	struct trc_event event;
	uint64_t written = 0, lost = 0;

	while (write_number(fixture.ring, TRC_RECEIVE, written + 1))
		written++;
	for (lost = 1; lost < 5; lost++)
		assert_false(write_number(fixture.ring, TRC_RECEIVE, 1000000 + lost));
	assert_int_equal(counts_of(&fixture).lost, lost);
	trc_ring_reader_sync(fixture.reader);
	for (uint64_t number = 1; number <= written; number++) {
		assert_true(trc_ring_next(fixture.reader, &event));
		assert_true(event.id == number);
	}
	assert_false(trc_ring_next(fixture.reader, &event));
	trc_ring_reader_release(fixture.reader);

	assert_true(write_number(fixture.ring, TRC_RECEIVE, 77));
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_int_equal(event.kind, TRC_LOST);
	assert_true(event.id == lost);
	assert_true(event.arg == written + 1); /* time of the first */
	assert_true(event.actor == 0 && event.aseq == 0);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_true(event.id == 77);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_int_equal(counts_of(&fixture).written, written + 2);
	assert_int_equal(counts_of(&fixture).read, written + 2);
	close_ring(&fixture);
}

static void a_record_longer_than_an_eighth_is_lost(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	static uint8_t payload[RING_BYTES];
	struct trc_event event = {.kind = TRC_LOG, .payload = payload, .payload_size = RING_BYTES};

	assert_false(trc_ring_write(fixture.ring, &event));
	event.payload_size = UINT32_MAX;
	assert_false(trc_ring_write(fixture.ring, &event));
	event.payload_size = RING_BYTES / 8 - 7 * 8;
	assert_true(trc_ring_write(fixture.ring, &event));
	assert_int_equal(counts_of(&fixture).lost, 2);
	close_ring(&fixture);
}

/* Nobody reads and no heartbeat comes: the writer gives up once, and does not wait again. */
static void a_stuck_recorder_does_not_stop_the_program(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	uint64_t before, after;

	while (write_number(fixture.ring, TRC_RECEIVE, 1))
		;
	before = trc_session_now(fixture.session);
	for (int i = 0; i < 100000; i++)
		assert_false(write_number(fixture.ring, TRC_RECEIVE, 1));
	after = trc_session_now(fixture.session);
	assert_int_equal(counts_of(&fixture).lost, 100001);
	assert_true(after - before < UINT64_C(100000) * 1000000000);
	close_ring(&fixture);
}

static struct trc_event next_event(struct fixture *fixture)
{
	struct trc_event event;

	trc_ring_reader_sync(fixture->reader);
	assert_true(trc_ring_next(fixture->reader, &event));
	return event;
}

/* Actors are told while nobody records; what else is not is told as one event more than was tried.
 */
static void while_a_session_rests_only_lives_are_written(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_event event;

	assert_true(write_number(fixture.ring, TRC_RECEIVE, 7));
	trc_session_rest(fixture.session, true);
	assert_true(write_number(fixture.ring, TRC_SPAWN, 8));
	trc_session_rest(fixture.session, false);
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 9));
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 10));
	assert_int_equal(next_event(&fixture).id, 7);
	assert_int_equal(next_event(&fixture).id, 8);
	event = next_event(&fixture);
	assert_true(event.kind == TRC_LOST && event.id == 1 && event.arg == 8);
	assert_int_equal(next_event(&fixture).id, 9);
	assert_int_equal(next_event(&fixture).id, 10);
	trc_session_rest(fixture.session, true);
	assert_false(write_number(fixture.ring, TRC_RECEIVE, 11));
	trc_session_rest(fixture.session, false);
	/* Another recorder, while nothing rests: it has missed nothing. */
	trc_session_rest(fixture.session, false);
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 12));
	event = next_event(&fixture);
	assert_true(event.kind == TRC_LOST && event.id == 1 && event.arg == 11);
	assert_int_equal(next_event(&fixture).id, 12);
	assert_int_equal(counts_of(&fixture).lost, 2);
	close_ring(&fixture);
}

static void what_filters_choose_is_counted(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	uint64_t chosen[TRC_RULES_MAX + 1] = {[1] = 10};

	trc_ring_count_choice(fixture.ring, (struct trc_choice){TRC_FATE_LEFT_OUT, 1});
	trc_ring_count_choice(fixture.ring, (struct trc_choice){TRC_FATE_BARE, TRC_RULES_MAX});
	trc_ring_count_choice(fixture.ring, (struct trc_choice){TRC_FATE_RECORDED, 2});
	trc_ring_count_choice(fixture.ring, (struct trc_choice){TRC_FATE_RECORDED, TRC_NO_RULE});
	trc_ring_reader_add_chosen(fixture.reader, chosen);
	assert_int_equal(chosen[0], 0);
	assert_int_equal(chosen[1], 11);
	assert_int_equal(chosen[2], 1);
	assert_int_equal(chosen[TRC_RULES_MAX], 1);
	assert_int_equal(counts_of(&fixture).left_out, 1);
	assert_int_equal(counts_of(&fixture).bare, 1);
	close_ring(&fixture);
}

static void *beat_without_reading(void *context)
{
	struct fixture *fixture = context;

	while (!atomic_load(&fixture->done)) {
		trc_session_heartbeat(fixture->session);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return NULL;
}

/* The recorder lives, but this ring it never empties: still not for ever, and only once. */
static void a_ring_that_nobody_empties_does_not_stop_the_program(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_event event;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, beat_without_reading, &fixture), 0);
	write_until_full(fixture.ring, TRC_RECEIVE);
	for (int i = 0; i < 1000; i++)
		assert_false(write_number(fixture.ring, TRC_RECEIVE, 1));
	atomic_store(&fixture.done, true);
	pthread_join(thread, NULL);
	assert_int_equal(counts_of(&fixture).lost, 1001);
	/* It trusts the reader again when there is room. */
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		;
	trc_ring_reader_release(fixture.reader);
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 1));
	close_ring(&fixture);
}

static void *read_late(void *context)
{
	struct fixture *fixture = context;
	struct trc_event event;
	uint64_t read = 0;

	while (read < 50000) {
		trc_session_heartbeat(fixture->session);
		trc_ring_reader_sync(fixture->reader);
		while (trc_ring_next(fixture->reader, &event))
			if (event.id != ++read)
				return (void *)1;
		trc_ring_reader_release(fixture->reader);
	}
	return NULL;
}

static void a_full_ring_waits_for_its_reader(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, read_late, &fixture), 0);
	for (uint64_t number = 1; number <= 50000; number++)
		assert_true(write_number(fixture.ring, TRC_RECEIVE, number));
	pthread_join(thread, &wrong);
	assert_null(wrong);
	assert_int_equal(counts_of(&fixture).lost, 0);
	close_ring(&fixture);
}

/* Writer and reader on one mapping: the thread sanitizer sees both sides. */
static void *read_in_place(void *context)
{
	struct fixture *fixture = context;
	struct trc_ring_reader *reader = trc__ring_reader_new(trc__ring_map_of(fixture->ring));
	struct trc_event event;
	uint64_t read = 0;

	while (read < 50000) {
		trc_session_heartbeat(fixture->session);
		trc_ring_reader_sync(reader);
		while (trc_ring_next(reader, &event))
			if (event.id != ++read || event.time != read)
				return (void *)1;
		trc_ring_reader_release(reader);
	}
	trc_ring_reader_close(reader);
	return NULL;
}

static void both_ends_agree_on_one_memory(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, read_in_place, &fixture), 0);
	for (uint64_t number = 1; number <= 50000; number++)
		assert_true(write_number(fixture.ring, TRC_RECEIVE, number));
	pthread_join(thread, &wrong);
	assert_null(wrong);
	close_ring(&fixture);
}

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
	struct fixture *fixture = context;
	struct trc_ring *ring = trc_ring_of_thread(fixture->session);

	if (ring != trc_ring_of_thread(fixture->session) ||
	    ring != trc_ring_if_any(fixture->session))
		return (void *)1;
	for (uint64_t number = 0; number < 10; number++)
		write_number(ring, TRC_RECEIVE, number);
	return trc_unique(ring) >> 48 == 2 ? NULL : (void *)2;
}

static void a_thread_leaves_its_ring_to_the_next(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
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
	close_ring(&fixture);
}

static void a_closed_ring_goes_away_when_it_was_read(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_ring_counts counts;
	struct trc_event event;

	write_number(fixture.ring, TRC_RECEIVE, 1);
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
	struct fixture *fixture = context;

	write_number(trc_ring_of_thread(fixture->session), TRC_RECEIVE, 1);
	return NULL;
}

/* More threads than there are numbers for rings: one ring serves them all. */
static void many_threads_in_turn_need_one_ring(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
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
	close_ring(&fixture);
}

static pthread_key_t late_key;

static void write_late(void *context)
{
	struct fixture *fixture = context;

	write_number(trc_ring_of_thread(fixture->session), TRC_RECEIVE, 2);
}

static void *leave_a_destructor(void *context)
{
	pthread_setspecific(late_key, context);
	return write_one(context);
}

/* Events of destructors that run after ours are not lost, nor is the ring. */
static void a_thread_may_write_while_it_ends(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
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
	close_ring(&fixture);
}

/* A function of its own: a frame that is cancelled stays marked in the address sanitizer's books,
 * so there must be no variables in it. */
__attribute__((noinline)) static void fill_until_done(struct fixture *fixture)
{
	struct trc_ring *ring = trc_ring_of_thread(fixture->session);

	while (!atomic_load(&fixture->done))
		write_number(ring, TRC_RECEIVE, 1);
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
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
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
	close_ring(&fixture);
}

/* --- numbers and signals ---------------------------------------------------------------------- */

static void numbers_are_unique_to_the_ring(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);

	assert_int_equal(trc_unique(NULL), 0);
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 1));
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 2));
	close_ring(&fixture);
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

static void read_interleaved(struct fixture *fixture, uint64_t *outer, uint64_t *nested,
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
 * number is given twice. */
static void a_signal_handler_may_write(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct sigaction action = {.sa_handler = write_in_handler, .sa_flags = SA_RESTART}, old;
	const struct itimerval storm = {{0, 100}, {0, 100}}, calm = {{0, 0}, {0, 0}};
	uint64_t written = 0, outer = 0, nested = 0, last[2] = {0};

	interrupted = fixture.session;
	nested_writes = 0;
	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &storm, NULL);
	while (nested_writes < 500 || written < 100000) {
		written++;
		trc_unique(fixture.ring);
		assert_true(write_number(fixture.ring, TRC_RECEIVE, written));
		if (written % 64 == 0)
			read_interleaved(&fixture, &outer, &nested, last);
	}
	setitimer(ITIMER_REAL, &calm, NULL);
	sigaction(SIGALRM, &old, NULL);
	read_interleaved(&fixture, &outer, &nested, last);
	assert_int_equal(counts_of(&fixture).corrupt, 0);
	assert_int_equal(counts_of(&fixture).lost, 0);
	assert_int_equal(outer, written);
	assert_int_equal(nested, nested_writes);
	close_ring(&fixture);
}

/* As a handler finds it that interrupts a write at any place. */
static void what_a_handler_writes_follows_what_it_interrupted(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_event event;
	uint64_t kept = 0, lost = 0;

	atomic_store(&fixture.ring->busy, true);
	while (write_number(fixture.ring, TRC_LOG, kept + 2))
		kept++;
	assert_int_equal(kept, TRC__STASH_WORDS / TRC_RECORD_LONG_WORDS);
	for (lost = 1; lost < 3; lost++)
		assert_false(write_number(fixture.ring, TRC_LOG, 1000));
	atomic_store(&fixture.ring->busy, false);
	trc_ring_reader_sync(fixture.reader);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 1));
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
	close_ring(&fixture);
}

static void *look_for_a_ring(void *context)
{
	struct fixture *fixture = context;

	return trc_ring_if_any(fixture->session);
}

static void a_handler_in_a_thread_without_events_gets_no_ring(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);

	run(look_for_a_ring, &fixture);
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	close_ring(&fixture);
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

		assert_true(write_number(ring, TRC_RECEIVE, 1));
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

/* Threads that make theirs in the same moment may see one another or not. */
static void many_rings_share_the_memory(void **state)
{
	assert_int_equal(megabytes_of_crowd(16, 1024), 64);
	assert_in_range(megabytes_of_crowd(64, 1024), 64 + 32 * 2 + 16, 64 + 32 * 2 + 16 + 64);
	assert_int_equal(megabytes_of_crowd(20, TRC_PAYLOAD_MAX), 80);
}

/* --- processes -------------------------------------------------------------------------------- */

static void a_forked_child_is_not_recorded(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_event event;
	int status;
	pid_t child = fork();

	if (child == 0) {
		bool wrote = write_number(fixture.ring, TRC_RECEIVE, 13);

		_exit(wrote || trc_ring_of_thread(fixture.session) ? 1 : 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(write_number(fixture.ring, TRC_RECEIVE, 14));
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_true(event.id == 14);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	close_ring(&fixture);
}

/* One word of rubbish: all records but the one it lies in are still found. */
static void a_damaged_word_costs_one_record(void **state)
{
	for (uint64_t place = 0; place < 100 * 4; place += 4) {
		struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
		struct trc_event event;
		uint64_t read = 0;

		for (uint64_t number = 0; number < 100; number++)
			write_number(fixture.ring, TRC_RECEIVE, number + 1);
		trc__ring_map_of(fixture.ring)->data[place] = 0;
		trc_ring_reader_sync(fixture.reader);
		while (trc_ring_next(fixture.reader, &event)) {
			if (read == place / 4)
				read++;
			assert_true(event.id == ++read);
		}
		assert_int_equal(counts_of(&fixture).read, 99);
		assert_int_equal(counts_of(&fixture).corrupt, 4);
		close_ring(&fixture);
	}
}

/* Records of all sizes, of which each can be told from the others. */
static uint64_t write_mixture(struct trc_ring *ring, uint64_t bytes)
{
	uint64_t count = 0, words = 0;
	uint8_t payload[64];

	while (words * 8 < bytes) {
		const struct trc_event event = {.kind = count % 3 ? TRC_SEND : TRC_RECEIVE,
						.actor = 1,
						.aseq = 1,
						.id = count,
						.time = count,
						.payload = payload,
						.payload_size = count % 3 * 7};

		memset(payload, (int)count, sizeof(payload));
		assert_true(trc_ring_write(ring, &event));
		words += trc_record_words(&event);
		count++;
	}
	return count;
}

static bool is_of_mixture(const struct trc_event *event, uint64_t number)
{
	return event->id == number && event->time == number &&
	       event->kind == (number % 3 ? TRC_SEND : TRC_RECEIVE) &&
	       event->payload_size == number % 3 * 7 &&
	       (event->payload_size == 0 || event->payload[0] == (uint8_t)number);
}

/* Reads anew from the beginning. Returns how many of `count` records are neither found before the
 * damage nor after it. */
static uint64_t missing_of_mixture(const struct trc__ring_map *map, uint64_t count)
{
	struct trc_ring_reader *reader = trc__ring_reader_new(map);
	uint64_t before = 0, after = 0, next = 0;
	struct trc_event event;

	assert_non_null(reader);
	trc_ring_reader_sync(reader);
	while (trc_ring_next(reader, &event)) {
		if (after == 0 && before < count && is_of_mixture(&event, before)) {
			before++;
			continue;
		}
		/* What is damaged may be some record; from the next good one on, all are. */
		if (after > 0)
			assert_true(is_of_mixture(&event, next));
		else if (event.id <= before || event.id > before + 3 ||
			 !is_of_mixture(&event, event.id))
			continue;
		after++;
		next = event.id + 1;
	}
	assert_true(after == 0 || next == count);
	trc_ring_reader_close(reader);
	return count - before - after;
}

/* Each byte of a page, all its bits or one: the record that it is in is lost, and at most the one
 * behind it. */
static void a_damaged_byte_costs_two_records_at_most(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	const struct trc__ring_map *map = trc__ring_map_of(fixture.ring);
	uint64_t count = write_mixture(fixture.ring, 3 * 4096);
	uint8_t *page = (uint8_t *)map->data + 4096;

	assert_int_equal(missing_of_mixture(map, count), 0);
	for (size_t i = 0; i < 4096; i++) {
		const uint8_t masks[] = {0xff, (uint8_t)(1 << i % 8)};

		for (size_t j = 0; j < sizeof(masks); j++) {
			page[i] ^= masks[j];
			assert_in_range(missing_of_mixture(map, count), 0, 2);
			page[i] ^= masks[j];
		}
	}
	close_ring(&fixture);
}

static void random_damage_is_survived(void **state)
{
	uint64_t random = 88172645463325252u;

	for (int round = 0; round < 100; round++) {
		struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
		const struct trc__ring_map *map = trc__ring_map_of(fixture.ring);
		struct trc_event event;
		uint64_t words = 0;

		while (write_number(fixture.ring, TRC_SEND, 1))
			;
		for (int damage = 0; damage < 1 << (round % 12); damage++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			map->data[random % map->words] ^= random;
		}
		trc_ring_reader_sync(fixture.reader);
		while (trc_ring_next(fixture.reader, &event))
			words += trc_record_words(&event);
		assert_int_equal(words + counts_of(&fixture).corrupt,
				 RING_BYTES / 8 * 7 / 8 / 7 * 7);
		close_ring(&fixture);
	}
}

static void an_impossible_head_is_not_believed(void **state)
{
	static const uint64_t heads[] = {UINT64_MAX, 0, RING_BYTES, RING_BYTES / 8 + 5};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
		struct trc_event event;

		write_number(fixture.ring, TRC_RECEIVE, 1);
		trc_ring_reader_sync(fixture.reader);
		trc__ring_map_of(fixture.ring)->header->head = heads[i];
		trc_ring_reader_sync(fixture.reader);
		trc_ring_reader_sync(fixture.reader);
		assert_true(trc_ring_next(fixture.reader, &event));
		assert_false(trc_ring_next(fixture.reader, &event));
		assert_int_equal(counts_of(&fixture).corrupt, 1);
		close_ring(&fixture);
	}
}

static void an_impossible_tail_is_not_believed(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
	uint64_t written = 0;

	trc__ring_map_of(fixture.ring)->header->tail = UINT64_MAX / 2;
	while (write_number(fixture.ring, TRC_DEF_TYPE, 1))
		written++;
	assert_int_equal(written, RING_BYTES / 8 / 7);
	close_ring(&fixture);
}

static void a_foreign_header_is_refused(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc__ring_header *header = trc__ring_map_of(fixture.ring)->header;
	const off_t sizes[] = {4096 + RING_BYTES * 2, 4096 + RING_BYTES + 8, 4096 + RING_BYTES / 2,
			       4096, 1};
	struct trc_ring_reader *reader;
	char path[PATH_MAX];

	header->byte_order = 0x04030201;
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EINVAL);
	header->byte_order = TRC__BYTE_ORDER;
	header->size *= 2;
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EINVAL);
	header->size /= 2;
	trc__ring_path(fixture.session, 0, path);
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_int_equal(truncate(path, sizes[i]), 0);
		assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EINVAL);
	}
	close_ring(&fixture);
}

static void without_a_ring_nothing_is_written(void **state)
{
	assert_false(trc_ring_write(NULL, &(struct trc_event){.kind = TRC_START}));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(events_come_out_as_they_went_in),
		cmocka_unit_test(records_never_wrap),
		cmocka_unit_test(room_comes_back_only_on_release),
		cmocka_unit_test(a_reader_stops_at_its_limit),
		cmocka_unit_test(a_flood_leaves_an_eighth_to_the_rest),
		cmocka_unit_test(losses_are_counted_and_told_where_they_were),
		cmocka_unit_test(a_record_longer_than_an_eighth_is_lost),
		cmocka_unit_test(a_stuck_recorder_does_not_stop_the_program),
		cmocka_unit_test(while_a_session_rests_only_lives_are_written),
		cmocka_unit_test(what_filters_choose_is_counted),
		cmocka_unit_test(a_ring_that_nobody_empties_does_not_stop_the_program),
		cmocka_unit_test(a_full_ring_waits_for_its_reader),
		cmocka_unit_test(both_ends_agree_on_one_memory),
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
		cmocka_unit_test(a_forked_child_is_not_recorded),
		cmocka_unit_test(a_damaged_word_costs_one_record),
		cmocka_unit_test(a_damaged_byte_costs_two_records_at_most),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(an_impossible_head_is_not_believed),
		cmocka_unit_test(an_impossible_tail_is_not_believed),
		cmocka_unit_test(a_foreign_header_is_refused),
		cmocka_unit_test(without_a_ring_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
