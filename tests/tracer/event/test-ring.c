#include "tracer/event/ring.h"

#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/event/layout.h"

enum { RING_BYTES = 64 << 10 };

struct fixture {
	struct trc_session *session;
	struct trc_ring *ring;
	struct trc_ring_reader *reader;
};

static struct fixture open_ring(enum trc_on_full on_full)
{
	const struct trc_session_options options = {
		.ring_bytes = RING_BYTES, .payload_limit = 256, .on_full = on_full};
	struct fixture fixture;

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

static void a_flood_leaves_an_eighth_to_the_rest(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_DROP);
	uint64_t sent = 0, waits = 0;

	while (write_number(fixture.ring, TRC_RECEIVE, sent))
		sent++;
	assert_int_equal(sent * 4, RING_BYTES / 8 * 7 / 8);
	assert_false(write_number(fixture.ring, TRC_SEND, 0));
	assert_false(write_number(fixture.ring, TRC_LOG, 0));
	assert_false(write_number(fixture.ring, TRC_HANDLE_DROP, 0));
	while (write_number(fixture.ring, TRC_WAKE, waits))
		waits++;
	/* all of the last eighth but a LOST event */
	assert_int_equal(waits, (RING_BYTES / 8 / 8 - 7) / 4);
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

static void *write_some(void *context)
{
	struct fixture *fixture = context;
	struct trc_ring *ring = trc_ring_of_thread(fixture->session);

	if (ring != trc_ring_of_thread(fixture->session))
		return (void *)1;
	for (uint64_t number = 0; number < 10; number++)
		write_number(ring, TRC_RECEIVE, number);
	return trc_unique(ring) >> 48 == 2 ? NULL : (void *)2;
}

static void a_thread_closes_its_ring(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc_ring_reader *reader;
	struct trc_ring_counts counts;
	struct trc_event event;
	pthread_t thread;
	void *wrong;

	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), -EAGAIN);
	assert_int_equal(pthread_create(&thread, NULL, write_some, &fixture), 0);
	pthread_join(thread, &wrong);
	assert_null(wrong);
	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), 0);
	trc_ring_reader_sync(reader);
	for (uint64_t number = 0; number < 10; number++)
		assert_true(trc_ring_next(reader, &event) && event.id == number);
	assert_false(trc_ring_next(reader, &event));
	trc_ring_reader_counts(reader, &counts);
	assert_true(counts.closed);
	assert_int_equal(counts.written, 10);
	trc_ring_reader_release(reader);
	trc_ring_reader_close(reader); /* and with it goes the file */
	assert_int_equal(trc_ring_reader_open(fixture.session, 1, &reader), -EAGAIN);
	close_ring(&fixture);
}

static void numbers_are_unique_to_the_ring(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);

	assert_int_equal(trc_unique(NULL), 0);
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 1));
	assert_true(trc_unique(fixture.ring) == (UINT64_C(1) << 48 | 2));
	close_ring(&fixture);
}

static struct trc_ring *interrupted;
static volatile sig_atomic_t nested_writes;

static void write_in_handler(int number)
{
	nested_writes++;
	write_number(interrupted, TRC_LOG, 1);
}

/* A timer's signals fall into writes now and then; whatever happens, the accounts are exact. */
static void a_signal_handler_may_write(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct sigaction action = {.sa_handler = write_in_handler, .sa_flags = SA_RESTART}, old;
	const struct itimerval storm = {{0, 100}, {0, 100}}, calm = {{0, 0}, {0, 0}};
	struct trc_event event;
	struct trc_ring_counts counts;
	uint64_t outer = 0, read = 0, told = 0;

	interrupted = fixture.ring;
	nested_writes = 0;
	sigaction(SIGALRM, &action, &old);
	setitimer(ITIMER_REAL, &storm, NULL);
	while (nested_writes < 500 || outer < 100000) {
		outer++;
		write_number(fixture.ring, TRC_RECEIVE, outer);
		if (outer % 512 != 0)
			continue;
		trc_ring_reader_sync(fixture.reader);
		while (trc_ring_next(fixture.reader, &event)) {
			told += event.kind == TRC_LOST ? event.id : 0;
			read += event.kind != TRC_LOST;
		}
		trc_ring_reader_release(fixture.reader);
		trc_session_heartbeat(fixture.session);
	}
	setitimer(ITIMER_REAL, &calm, NULL);
	sigaction(SIGALRM, &old, NULL);
	write_number(fixture.ring, TRC_RECEIVE, 0);
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event)) {
		told += event.kind == TRC_LOST ? event.id : 0;
		read += event.kind != TRC_LOST;
	}
	counts = counts_of(&fixture);
	assert_int_equal(counts.corrupt, 0);
	assert_int_equal(read + counts.lost, outer + 1 + (uint64_t)nested_writes);
	assert_int_equal(told, counts.lost);
	close_ring(&fixture);
}

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
	while (write_number(fixture.ring, TRC_WAIT, 1))
		written++;
	assert_int_equal(written, RING_BYTES / 8 / 7);
	close_ring(&fixture);
}

static void a_foreign_header_is_refused(void **state)
{
	struct fixture fixture = open_ring(TRC_ON_FULL_WAIT);
	struct trc__ring_header *header = trc__ring_map_of(fixture.ring)->header;
	struct trc_ring_reader *reader;

	header->byte_order = 0x04030201;
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EINVAL);
	header->byte_order = TRC__BYTE_ORDER;
	header->size *= 2;
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EINVAL);
	header->state = TRC__RING_MAKING;
	assert_int_equal(trc_ring_reader_open(fixture.session, 0, &reader), -EAGAIN);
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
		cmocka_unit_test(a_flood_leaves_an_eighth_to_the_rest),
		cmocka_unit_test(losses_are_counted_and_told_where_they_were),
		cmocka_unit_test(a_record_longer_than_an_eighth_is_lost),
		cmocka_unit_test(a_stuck_recorder_does_not_stop_the_program),
		cmocka_unit_test(a_full_ring_waits_for_its_reader),
		cmocka_unit_test(both_ends_agree_on_one_memory),
		cmocka_unit_test(a_thread_closes_its_ring),
		cmocka_unit_test(numbers_are_unique_to_the_ring),
		cmocka_unit_test(a_signal_handler_may_write),
		cmocka_unit_test(a_forked_child_is_not_recorded),
		cmocka_unit_test(a_damaged_word_costs_one_record),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(an_impossible_head_is_not_believed),
		cmocka_unit_test(an_impossible_tail_is_not_believed),
		cmocka_unit_test(a_foreign_header_is_refused),
		cmocka_unit_test(without_a_ring_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
