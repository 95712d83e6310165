#include "tests/tracer/event/ring-fixture.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

#include "tracer/event/layout.h"

static void events_come_out_as_they_went_in(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
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
	rf_close(&fixture);
}

/* Records of all lengths, many times round the ring: each must be whole, over the end too. */
static void records_never_wrap(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
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
	assert_int_equal(rf_counts(&fixture).corrupt, 0);
	assert_int_equal(rf_counts(&fixture).lost, 0);
	rf_close(&fixture);
}

static void room_comes_back_only_on_release(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_DROP);
	struct trc_event event;
	uint64_t written = 0;

	while (rf_write(fixture.ring, TRC_WAIT, written))
		written++;
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		;
	assert_false(rf_write(fixture.ring, TRC_WAIT, 0));
	trc_ring_reader_release(fixture.reader);
	assert_true(rf_write(fixture.ring, TRC_WAIT, 0));
	rf_close(&fixture);
}

static void a_reader_stops_at_its_limit(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	const uint64_t record = TRC_RECORD_SHORT_WORDS * 8;
	struct trc_event event;
	uint64_t room, next = 1;

	for (uint64_t number = 1; number <= 100; number++)
		assert_true(rf_write(fixture.ring, TRC_RECEIVE, number));
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
	rf_close(&fixture);
}

static uint64_t write_until_full(struct trc_ring *ring, unsigned kind)
{
	uint64_t count = 0;

	while (rf_write(ring, kind, count))
		count++;
	return count;
}

static void a_flood_leaves_an_eighth_to_the_rest(void **state)
{
	enum { WORDS = RING_BYTES / 8, LOST = TRC_RECORD_LONG_WORDS };
	struct rf fixture = rf_open(TRC_ON_FULL_DROP);
	uint64_t used = write_until_full(fixture.ring, TRC_RECEIVE) * 4;

	assert_int_equal(used, WORDS / 8 * 7);
	assert_false(rf_write(fixture.ring, TRC_SEND, 0));
	assert_false(rf_write(fixture.ring, TRC_REFUSED, 0));
	assert_false(rf_write(fixture.ring, TRC_LOG, 0));
	assert_false(rf_write(fixture.ring, TRC_HANDLE_DROP, 0));
	/* an ask, a wait and its end: up to the last 32nd, with a LOST event first */
	assert_true(trc_ring_write(fixture.ring,
				   &(struct trc_event){.kind = TRC_SEND, .id = 1, .arg = 2}));
	assert_true(rf_write(fixture.ring, TRC_WAIT, 2));
	used += LOST + 7 + 7 + write_until_full(fixture.ring, TRC_WAKE) * 4;
	assert_true(used <= WORDS / 32 * 31 && used > WORDS / 32 * 31 - 4);
	assert_false(rf_write(fixture.ring, TRC_REPLY, 0));
	/* names and ends: all of it, with another LOST event */
	assert_true(rf_write(fixture.ring, TRC_DEF_TYPE, 1));
	used += LOST + 7 + write_until_full(fixture.ring, TRC_END) * 4;
	assert_true(used <= WORDS && used > WORDS - 4);
	rf_close(&fixture);
}

static void losses_are_counted_and_told_where_they_were(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_DROP);
	struct trc_event event;
	uint64_t written = 0, lost = 0;

	while (rf_write(fixture.ring, TRC_RECEIVE, written + 1))
		written++;
	for (lost = 1; lost < 5; lost++)
		assert_false(rf_write(fixture.ring, TRC_RECEIVE, 1000000 + lost));
	assert_int_equal(rf_counts(&fixture).lost, lost);
	trc_ring_reader_sync(fixture.reader);
	for (uint64_t number = 1; number <= written; number++) {
		assert_true(trc_ring_next(fixture.reader, &event));
		assert_true(event.id == number);
	}
	assert_false(trc_ring_next(fixture.reader, &event));
	trc_ring_reader_release(fixture.reader);

	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 77));
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_int_equal(event.kind, TRC_LOST);
	assert_true(event.id == lost);
	assert_true(event.arg == written + 1); /* time of the first */
	assert_true(event.actor == 0 && event.aseq == 0);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_true(event.id == 77);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_int_equal(rf_counts(&fixture).written, written + 2);
	assert_int_equal(rf_counts(&fixture).read, written + 2);
	rf_close(&fixture);
}

static void a_record_longer_than_an_eighth_is_lost(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	static uint8_t payload[RING_BYTES];
	struct trc_event event = {.kind = TRC_LOG, .payload = payload, .payload_size = RING_BYTES};

	assert_false(trc_ring_write(fixture.ring, &event));
	event.payload_size = UINT32_MAX;
	assert_false(trc_ring_write(fixture.ring, &event));
	event.payload_size = RING_BYTES / 8 - 7 * 8;
	assert_true(trc_ring_write(fixture.ring, &event));
	assert_int_equal(rf_counts(&fixture).lost, 2);
	rf_close(&fixture);
}

/* Nobody reads and no heartbeat comes: the writer gives up once, and does not wait again. */
static void a_stuck_recorder_does_not_stop_the_program(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	uint64_t before, after;

	while (rf_write(fixture.ring, TRC_RECEIVE, 1))
		;
	before = trc_session_now(fixture.session);
	for (int i = 0; i < 100000; i++)
		assert_false(rf_write(fixture.ring, TRC_RECEIVE, 1));
	after = trc_session_now(fixture.session);
	assert_int_equal(rf_counts(&fixture).lost, 100001);
	assert_true(after - before < UINT64_C(100000) * 1000000000);
	rf_close(&fixture);
}

static struct trc_event next_event(struct rf *fixture)
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
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_event event;

	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 7));
	trc_session_rest(fixture.session, true);
	assert_true(rf_write(fixture.ring, TRC_SPAWN, 8));
	trc_session_rest(fixture.session, false);
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 9));
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 10));
	assert_int_equal(next_event(&fixture).id, 7);
	assert_int_equal(next_event(&fixture).id, 8);
	event = next_event(&fixture);
	assert_true(event.kind == TRC_LOST && event.id == 1 && event.arg == 8);
	assert_int_equal(next_event(&fixture).id, 9);
	assert_int_equal(next_event(&fixture).id, 10);
	trc_session_rest(fixture.session, true);
	assert_false(rf_write(fixture.ring, TRC_RECEIVE, 11));
	trc_session_rest(fixture.session, false);
	/* Another recorder, while nothing rests: it has missed nothing. */
	trc_session_rest(fixture.session, false);
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 12));
	event = next_event(&fixture);
	assert_true(event.kind == TRC_LOST && event.id == 1 && event.arg == 11);
	assert_int_equal(next_event(&fixture).id, 12);
	assert_int_equal(rf_counts(&fixture).lost, 2);
	rf_close(&fixture);
}

static void what_filters_choose_is_counted(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
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
	assert_int_equal(rf_counts(&fixture).left_out, 1);
	assert_int_equal(rf_counts(&fixture).bare, 1);
	rf_close(&fixture);
}

static void *beat_without_reading(void *context)
{
	struct rf *fixture = context;

	while (!atomic_load(&fixture->done)) {
		trc_session_heartbeat(fixture->session);
		nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
	}
	return NULL;
}

/* The recorder lives, but this ring it never empties: still not for ever, and only once. */
static void a_ring_that_nobody_empties_does_not_stop_the_program(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_event event;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, beat_without_reading, &fixture), 0);
	write_until_full(fixture.ring, TRC_RECEIVE);
	for (int i = 0; i < 1000; i++)
		assert_false(rf_write(fixture.ring, TRC_RECEIVE, 1));
	atomic_store(&fixture.done, true);
	pthread_join(thread, NULL);
	assert_int_equal(rf_counts(&fixture).lost, 1001);
	/* It trusts the reader again when there is room. */
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		;
	trc_ring_reader_release(fixture.reader);
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 1));
	rf_close(&fixture);
}

static void *read_late(void *context)
{
	struct rf *fixture = context;
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
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, read_late, &fixture), 0);
	for (uint64_t number = 1; number <= 50000; number++)
		assert_true(rf_write(fixture.ring, TRC_RECEIVE, number));
	pthread_join(thread, &wrong);
	assert_null(wrong);
	assert_int_equal(rf_counts(&fixture).lost, 0);
	rf_close(&fixture);
}

/* Writer and reader on one mapping: the thread sanitizer sees both sides. */
static void *read_in_place(void *context)
{
	struct rf *fixture = context;
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
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	pthread_t thread;
	void *wrong;

	assert_int_equal(pthread_create(&thread, NULL, read_in_place, &fixture), 0);
	for (uint64_t number = 1; number <= 50000; number++)
		assert_true(rf_write(fixture.ring, TRC_RECEIVE, number));
	pthread_join(thread, &wrong);
	assert_null(wrong);
	rf_close(&fixture);
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
		cmocka_unit_test(without_a_ring_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
