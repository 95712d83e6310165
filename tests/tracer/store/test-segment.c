#include "tracer/store/segment.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <zstd.h>

static uint64_t random_state = 88172645463325252u;

static uint64_t next_random(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state;
}

static uint8_t payload[300];

/* Events as a program writes them: two actors, growing numbers, some of every kind. */
static struct trc_event ordinary(uint64_t number)
{
	static const uint8_t kinds[] = {TRC_SEND, TRC_RECEIVE, TRC_DONE,  TRC_WAIT,
					TRC_WAKE, TRC_REPLY,   TRC_SPAWN, 200};
	struct trc_event event = {
		.kind = kinds[number % sizeof(kinds)],
		.flags = (uint8_t)(number % 3),
		.aseq = (uint16_t)(number / 2),
		.type = (uint16_t)(number % 5),
		.time = 1000 + number * 40,
		.actor = number % 2,
		.id = (UINT64_C(3) << 48) + number,
	};

	if (!trc_kind_is_short(event.kind)) {
		event.peer = number % 7;
		event.arg = number % 11 ? 0 : number;
		event.site = (uint32_t)(number % 13);
		event.payload_size = (uint32_t)(number % sizeof(payload));
		event.payload = payload;
	}
	return event;
}

/* Events whose every number is as odd as can be. */
static struct trc_event wild(uint64_t number)
{
	struct trc_event event = {
		.kind = (uint8_t)(1 + next_random() % 255),
		.flags = (uint8_t)next_random(),
		.aseq = (uint16_t)next_random(),
		.type = (uint16_t)next_random(),
		.time = next_random() >> (next_random() % 64),
		.actor = next_random() >> (next_random() % 64),
		.id = next_random() >> (next_random() % 64),
	};

	if (!trc_kind_is_short(event.kind)) {
		event.peer = number % 2 ? UINT64_MAX : 0;
		event.arg = next_random();
		event.site = (uint32_t)next_random();
		event.payload_size = (uint32_t)(next_random() % sizeof(payload));
		event.payload = payload;
	}
	return event;
}

static void assert_same(const struct trc_event *a, const struct trc_event *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->aseq, b->aseq);
	assert_int_equal(a->type, b->type);
	assert_true(a->time == b->time);
	assert_true(a->actor == b->actor);
	assert_true(a->id == b->id);
	assert_true(a->peer == b->peer);
	assert_true(a->arg == b->arg);
	assert_int_equal(a->site, b->site);
	assert_int_equal(a->payload_size, b->payload_size);
	if (a->payload_size > 0)
		assert_memory_equal(a->payload, b->payload, a->payload_size);
}

static uint8_t *pack(struct trc_event (*event)(uint64_t), size_t count, size_t *ret_size)
{
	struct trc_segment_builder *builder = trc_segment_builder_new();
	struct trc_segment_packer *packer = trc_segment_packer_new();
	uint8_t *bytes;

	for (size_t i = 0; i < count; i++) {
		struct trc_event one = event(i);

		assert_int_equal(trc_segment_builder_add(builder, &one), 0);
	}
	assert_int_equal(trc_segment_builder_count(builder), count);
	assert_int_equal(trc_segment_builder_pack(builder, packer, &bytes, ret_size), 0);
	assert_int_equal(trc_segment_builder_count(builder), 0);
	trc_segment_packer_free(packer);
	trc_segment_builder_free(builder);
	return bytes;
}

static void assert_round_trip(struct trc_event (*event)(uint64_t), size_t count)
{
	uint64_t seed = random_state;
	struct trc_segment segment;
	size_t size;
	uint8_t *bytes;

	for (size_t i = 0; i < sizeof(payload); i++)
		payload[i] = (uint8_t)(i * 7);
	bytes = pack(event, count, &size);
	assert_int_equal(trc_segment_unpack(bytes, size, count, &segment), 0);
	assert_int_equal(segment.count, count);
	random_state = seed;
	for (size_t i = 0; i < count; i++) {
		struct trc_event one = event(i);

		assert_same(&one, &segment.events[i]);
	}
	trc_segment_clear(&segment);
	free(bytes);
}

static void ordinary_events_round_trip(void **state)
{
	assert_round_trip(ordinary, 1);
	assert_round_trip(ordinary, 2);
	assert_round_trip(ordinary, TRC_SEGMENT_EVENTS);
}

static void wild_events_round_trip(void **state)
{
	for (int round = 0; round < 20; round++)
		assert_round_trip(wild, 1000);
}

static void a_builder_is_empty_after_packing(void **state)
{
	struct trc_segment_builder *builder = trc_segment_builder_new();
	struct trc_segment_packer *packer = trc_segment_packer_new();
	uint8_t *first, *second;
	size_t first_size, second_size;
	struct trc_event event = ordinary(3);

	assert_int_equal(trc_segment_builder_add(builder, &event), 0);
	assert_int_equal(trc_segment_builder_pack(builder, packer, &first, &first_size), 0);
	assert_int_equal(trc_segment_builder_add(builder, &event), 0);
	assert_int_equal(trc_segment_builder_pack(builder, packer, &second, &second_size), 0);
	assert_int_equal(first_size, second_size);
	assert_memory_equal(first, second, first_size);
	free(first);
	free(second);
	trc_segment_packer_free(packer);
	trc_segment_builder_free(builder);
}

static void a_builder_knows_its_times_and_when_it_is_full(void **state)
{
	struct trc_segment_builder *builder = trc_segment_builder_new();
	static uint8_t large[TRC_PAYLOAD_MAX];
	struct trc_event event = {.kind = TRC_LOG, .time = 50};

	trc_segment_builder_add(builder, &event);
	event.time = 10;
	trc_segment_builder_add(builder, &event);
	event.time = 20;
	trc_segment_builder_add(builder, &event);
	assert_int_equal(trc_segment_builder_first(builder), 10);
	assert_int_equal(trc_segment_builder_last(builder), 50);
	assert_false(trc_segment_builder_full(builder));
	event.payload = large;
	event.payload_size = sizeof(large);
	for (size_t i = 0; i <= TRC_SEGMENT_PAYLOAD / sizeof(large); i++)
		trc_segment_builder_add(builder, &event);
	assert_true(trc_segment_builder_full(builder));
	trc_segment_builder_free(builder);
}

/* What comes back for damaged bytes does not matter, if only nothing is read or written astray (the
 * sanitizers look) and success means the number of events that was asked for. */
static void unpack_copy(const uint8_t *bytes, size_t size, size_t count)
{
	uint8_t *copy = malloc(size + 1);
	struct trc_segment segment;

	memcpy(copy, bytes, size);
	if (trc_segment_unpack(copy, size, count, &segment) == 0) {
		assert_int_equal(segment.count, count);
		trc_segment_clear(&segment);
	}
	free(copy);
}

static void every_truncation_is_refused(void **state)
{
	struct trc_segment segment;
	size_t size;
	uint8_t *bytes = pack(ordinary, 200, &size);

	for (size_t end = 0; end < size; end++) {
		uint8_t *part = malloc(end + 1);

		memcpy(part, bytes, end);
		assert_int_equal(trc_segment_unpack(part, end, 200, &segment), -EIO);
		free(part);
	}
	free(bytes);
}

/* A few bits of a zstd frame have no meaning; every other one is noticed. */
static void a_flipped_bit_never_changes_an_event(void **state)
{
	struct trc_segment segment;
	size_t size, noticed = 0;
	uint8_t *bytes = pack(ordinary, 50, &size);

	for (size_t bit = 0; bit < size * 8; bit++) {
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (trc_segment_unpack(bytes, size, 50, &segment) == 0) {
			for (size_t i = 0; i < 50; i++) {
				struct trc_event one = ordinary(i);

				assert_same(&one, &segment.events[i]);
			}
			trc_segment_clear(&segment);
		} else {
			noticed++;
		}
		bytes[bit / 8] ^= (uint8_t)(1 << bit % 8);
	}
	assert_true(noticed * 100 > size * 8 * 98);
	free(bytes);
}

static void a_wrong_count_is_refused(void **state)
{
	static const size_t counts[] = {0, 1, 49, 51, TRC_SEGMENT_MAX_EVENTS, SIZE_MAX};
	struct trc_segment segment;
	size_t size;
	uint8_t *bytes = pack(ordinary, 50, &size);

	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++)
		assert_int_equal(trc_segment_unpack(bytes, size, counts[i], &segment), -EIO);
	free(bytes);
}

/* A frame that is good zstd around a body of the test's making. */
static int unpack_body(const uint8_t *body, size_t body_size, size_t count)
{
	size_t bound = ZSTD_compressBound(body_size);
	uint8_t *bytes = malloc(1 + bound);
	struct trc_segment segment;
	int result;

	bytes[0] = TRC_SEGMENT_VERSION;
	bound = ZSTD_compress(bytes + 1, bound, body, body_size, 1);
	result = trc_segment_unpack(bytes, 1 + bound, count, &segment);
	if (result == 0) {
		assert_int_equal(segment.count, count);
		for (size_t i = 0; i < count; i++)
			assert_true(segment.events[i].payload_size <= body_size);
		trc_segment_clear(&segment);
	}
	free(bytes);
	return result;
}

static void hostile_bodies_are_survived(void **state)
{
	size_t size, body_size, refused = 0;
	uint8_t *bytes = pack(ordinary, 50, &size);
	uint8_t *body = malloc(1 << 16);

	body_size = ZSTD_decompress(body, 1 << 16, bytes + 1, size - 1);
	assert_false(ZSTD_isError(body_size));
	assert_int_equal(unpack_body(body, body_size, 50), 0);
	for (int round = 0; round < 20000; round++) {
		uint8_t *hurt = malloc(body_size);

		memcpy(hurt, body, body_size);
		for (uint64_t i = 0; i <= next_random() % 4; i++)
			hurt[next_random() % body_size] = (uint8_t)next_random();
		refused += unpack_body(hurt, body_size, 50) < 0;
		free(hurt);
	}
	assert_true(refused > 1000);
	for (size_t end = 1; end < body_size; end++)
		assert_int_equal(unpack_body(body, end, 50), -EIO);
	free(body);
	free(bytes);
}

static void a_bomb_is_refused(void **state)
{
	size_t body_size = (size_t)TRC_SEGMENT_MAX_BYTES + 1;
	uint8_t *body = calloc(body_size, 1);

	body[0] = 1;
	assert_int_equal(unpack_body(body, body_size, 1), -EIO);
	free(body);
}

static void random_bytes_are_survived(void **state)
{
	for (int round = 0; round < 2000; round++) {
		uint8_t bytes[128];

		for (size_t i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)next_random();
		bytes[0] = TRC_SEGMENT_VERSION;
		if (round % 2)
			memcpy(bytes + 1, "\x28\xb5\x2f\xfd", 4);
		unpack_copy(bytes, 1 + next_random() % 127, 1 + next_random() % 100);
	}
}

static void another_version_is_refused(void **state)
{
	struct trc_segment segment;
	size_t size;
	uint8_t *bytes = pack(ordinary, 5, &size);

	bytes[0]++;
	assert_int_equal(trc_segment_unpack(bytes, size, 5, &segment), -EIO);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ordinary_events_round_trip),
		cmocka_unit_test(wild_events_round_trip),
		cmocka_unit_test(a_builder_is_empty_after_packing),
		cmocka_unit_test(a_builder_knows_its_times_and_when_it_is_full),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_flipped_bit_never_changes_an_event),
		cmocka_unit_test(a_wrong_count_is_refused),
		cmocka_unit_test(hostile_bodies_are_survived),
		cmocka_unit_test(a_bomb_is_refused),
		cmocka_unit_test(random_bytes_are_survived),
		cmocka_unit_test(another_version_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
