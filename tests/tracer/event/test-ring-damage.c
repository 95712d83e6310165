/* Rings of forked children, and rings whose memory is not as it was written. */
#include "tests/tracer/event/ring-fixture.h"

#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tracer/event/layout.h"

/* --- processes -------------------------------------------------------------------------------- */

static void a_forked_child_is_not_recorded(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
	struct trc_event event;
	int status;
	pid_t child = fork();

	if (child == 0) {
		bool wrote = rf_write(fixture.ring, TRC_RECEIVE, 13);

		_exit(wrote || trc_ring_of_thread(fixture.session) ? 1 : 0);
	}
	assert_true(child > 0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(rf_write(fixture.ring, TRC_RECEIVE, 14));
	trc_ring_reader_sync(fixture.reader);
	assert_true(trc_ring_next(fixture.reader, &event));
	assert_true(event.id == 14);
	assert_false(trc_ring_next(fixture.reader, &event));
	assert_int_equal(trc_session_ring_count(fixture.session), 1);
	rf_close(&fixture);
}

/* One word of rubbish: all records but the one it lies in are still found. */
static void a_damaged_word_costs_one_record(void **state)
{
	for (uint64_t place = 0; place < 100 * 4; place += 4) {
		struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
		struct trc_event event;
		uint64_t read = 0;

		for (uint64_t number = 0; number < 100; number++)
			rf_write(fixture.ring, TRC_RECEIVE, number + 1);
		trc__ring_map_of(fixture.ring)->data[place] = 0;
		trc_ring_reader_sync(fixture.reader);
		while (trc_ring_next(fixture.reader, &event)) {
			if (read == place / 4)
				read++;
			assert_true(event.id == ++read);
		}
		assert_int_equal(rf_counts(&fixture).read, 99);
		assert_int_equal(rf_counts(&fixture).corrupt, 4);
		rf_close(&fixture);
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
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
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
	rf_close(&fixture);
}

static void random_damage_is_survived(void **state)
{
	uint64_t random = 88172645463325252u;

	for (int round = 0; round < 100; round++) {
		struct rf fixture = rf_open(TRC_ON_FULL_DROP);
		const struct trc__ring_map *map = trc__ring_map_of(fixture.ring);
		struct trc_event event;
		uint64_t words = 0;

		while (rf_write(fixture.ring, TRC_SEND, 1))
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
		assert_int_equal(words + rf_counts(&fixture).corrupt,
				 RING_BYTES / 8 * 7 / 8 / 7 * 7);
		rf_close(&fixture);
	}
}

static void an_impossible_head_is_not_believed(void **state)
{
	static const uint64_t heads[] = {UINT64_MAX, 0, RING_BYTES, RING_BYTES / 8 + 5};

	for (size_t i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
		struct trc_event event;

		rf_write(fixture.ring, TRC_RECEIVE, 1);
		trc_ring_reader_sync(fixture.reader);
		trc__ring_map_of(fixture.ring)->header->head = heads[i];
		trc_ring_reader_sync(fixture.reader);
		trc_ring_reader_sync(fixture.reader);
		assert_true(trc_ring_next(fixture.reader, &event));
		assert_false(trc_ring_next(fixture.reader, &event));
		assert_int_equal(rf_counts(&fixture).corrupt, 1);
		rf_close(&fixture);
	}
}

static void an_impossible_tail_is_not_believed(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_DROP);
	uint64_t written = 0;

	trc__ring_map_of(fixture.ring)->header->tail = UINT64_MAX / 2;
	while (rf_write(fixture.ring, TRC_DEF_TYPE, 1))
		written++;
	assert_int_equal(written, RING_BYTES / 8 / 7);
	rf_close(&fixture);
}

static void a_foreign_header_is_refused(void **state)
{
	struct rf fixture = rf_open(TRC_ON_FULL_WAIT);
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
	rf_close(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forked_child_is_not_recorded),
		cmocka_unit_test(a_damaged_word_costs_one_record),
		cmocka_unit_test(a_damaged_byte_costs_two_records_at_most),
		cmocka_unit_test(random_damage_is_survived),
		cmocka_unit_test(an_impossible_head_is_not_believed),
		cmocka_unit_test(an_impossible_tail_is_not_believed),
		cmocka_unit_test(a_foreign_header_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
