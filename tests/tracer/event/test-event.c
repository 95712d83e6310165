#include "tracer/event/event.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint8_t payload[] = "seventeen bytes..";

static struct trc_event sample(unsigned kind, uint32_t payload_size)
{
	struct trc_event event = {
		.kind = (uint8_t)kind,
		.flags = 0xa5,
		.aseq = 0xfedc,
		.type = 0x8001,
		.time = UINT64_MAX - 3,
		.actor = 7,
		.id = UINT64_C(0x8000000000000001),
	};

	if (!trc_kind_is_short(kind)) {
		event.peer = UINT64_MAX;
		event.arg = 99;
		event.site = UINT32_MAX;
		event.payload_size = payload_size;
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
	assert_true(a->time == b->time && a->actor == b->actor && a->id == b->id);
	assert_true(a->peer == b->peer && a->arg == b->arg);
	assert_int_equal(a->site, b->site);
	assert_int_equal(a->payload_size, b->payload_size);
	assert_memory_equal(a->payload_size ? a->payload : payload,
			    b->payload_size ? b->payload : payload, a->payload_size);
}

static void every_kind_round_trips(void **state)
{
	for (unsigned kind = 1; kind < 256; kind++)
		for (uint32_t size = 0; size <= sizeof(payload); size++) {
			struct trc_event event = sample(kind, size), back;
			uint64_t words[16];
			size_t count = trc_record_words(&event);

			memset(words, 0xee, sizeof(words));
			trc_record_encode(&event, words);
			assert_true(words[count] == UINT64_C(0xeeeeeeeeeeeeeeee));
			assert_int_equal(trc_record_decode(words, 16, &back), count);
			assert_same(&event, &back);
		}
}

static void short_kinds_take_32_bytes(void **state)
{
	struct trc_event event = sample(TRC_RECEIVE, 0);

	assert_int_equal(trc_record_words(&event), 4);
	event = sample(TRC_SEND, 1);
	assert_int_equal(trc_record_words(&event), 8);
}

static void a_record_cut_short_is_refused(void **state)
{
	struct trc_event event = sample(TRC_SEND, 17), back;
	uint64_t words[16];
	size_t count = trc_record_words(&event);

	trc_record_encode(&event, words);
	for (size_t available = 0; available < count; available++) {
		/* memory of its own, so that the sanitizer sees a read beyond it */
		uint64_t *part = malloc(available * 8 + 1);

		memcpy(part, words, available * 8);
		assert_int_equal(trc_record_decode(part, available, &back), 0);
		free(part);
	}
}

static void lengths_that_contradict_are_refused(void **state)
{
	struct trc_event event = sample(TRC_SEND, 17), back;
	uint64_t words[32] = {0};

	trc_record_encode(&event, words);
	for (uint64_t length = 0; length < 32; length++) {
		words[0] = (words[0] & ~UINT64_C(0xffff)) | length;
		assert_int_equal(trc_record_decode(words, 32, &back),
				 length == trc_record_words(&event) ? length : 0);
	}
	trc_record_encode(&event, words);
	words[6] |= UINT64_C(0xffffffff) << 32; /* payload_size */
	assert_int_equal(trc_record_decode(words, 32, &back), 0);
	words[0] &= ~UINT64_C(0xff0000); /* kind 0 */
	assert_int_equal(trc_record_decode(words, 32, &back), 0);
}

static void names_and_numbers_agree(void **state)
{
	assert_string_equal(trc_kind_name(TRC_SEND), "send");
	assert_null(trc_kind_name(0));
	assert_null(trc_kind_name(255));
	assert_null(trc_kind_name(UINT32_MAX));
	assert_int_equal(trc_kind_from_name("nothing"), 0);
	for (unsigned kind = 1; kind < 256; kind++)
		if (trc_kind_name(kind))
			assert_int_equal(trc_kind_from_name(trc_kind_name(kind)), kind);
	assert_string_equal(trc_what_name(TRC_WHAT_SPACE), "space");
	assert_null(trc_what_name(0));
	assert_null(trc_what_name(TRC_WHAT_MESSAGE + 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_round_trips),
		cmocka_unit_test(short_kinds_take_32_bytes),
		cmocka_unit_test(a_record_cut_short_is_refused),
		cmocka_unit_test(lengths_that_contradict_are_refused),
		cmocka_unit_test(names_and_numbers_agree),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
