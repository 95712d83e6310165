#include "tracer/event/payload.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

struct packed {
	uint8_t bytes[256];
	struct trc_packer packer;
};

static void start(struct packed *packed, size_t limit)
{
	packed->packer = (struct trc_packer){.data = packed->bytes, .limit = limit};
}

#define ASSERT_RENDERS(definition, packed, text, json) \
	assert_renders(definition, sizeof(definition), packed, text, json)

static void assert_renders(const char *definition, size_t definition_size,
			   const struct packed *packed, const char *text, const char *json)
{
	const struct trc_packer *packer = &packed->packer;
	char out[512];

	assert_int_equal(trc_payload_text((const uint8_t *)definition, definition_size,
					  packer->data, packer->size, packer->cut, out,
					  sizeof(out)),
			 strlen(text));
	assert_string_equal(out, text);
	assert_int_equal(trc_payload_json((const uint8_t *)definition, definition_size,
					  packer->data, packer->size, packer->cut, out,
					  sizeof(out)),
			 strlen(json));
	assert_string_equal(out, json);
}

static void fields_render_by_their_type(void **state)
{
	static const char definition[] = "All\0ii\0uu\0ff\0bb\0tt\0yy\0hh\0kk\0hno";
	struct packed packed;

	start(&packed, 256);
	trc_pack_u64(&packed.packer, (uint64_t)-5);
	trc_pack_u64(&packed.packer, UINT64_MAX);
	trc_pack_f64(&packed.packer, 0.1);
	trc_pack_bool(&packed.packer, true);
	trc_pack_bytes(&packed.packer, "hi", 2);
	trc_pack_bytes(&packed.packer, "\0\xff", 2);
	trc_pack_u64(&packed.packer, 7);
	trc_pack_u64(&packed.packer, 8);
	trc_pack_u64(&packed.packer, 0);
	ASSERT_RENDERS(definition, &packed,
		       "All{i:-5, u:18446744073709551615, f:0.1, b:true, t:\"hi\", y:\"00ff\", "
		       "h:#7, k:#8, no:none}",
		       "{\"i\":-5,\"u\":18446744073709551615,\"f\":0.1,\"b\":true,\"t\":\"hi\","
		       "\"y\":\"00ff\",\"h\":7,\"k\":8,\"no\":null}");
}

static void a_signal_is_its_name(void **state)
{
	struct packed packed;

	start(&packed, 0);
	ASSERT_RENDERS("Tick", &packed, "Tick", "{}");
}

static void odd_numbers_stay_readable(void **state)
{
	struct packed packed;

	start(&packed, 256);
	trc_pack_f64(&packed.packer, NAN);
	trc_pack_f64(&packed.packer, -INFINITY);
	trc_pack_f64(&packed.packer, 1.0 / 3);
	ASSERT_RENDERS("N\0fa\0fb\0fc", &packed, "N{a:nan, b:-inf, c:0.33333333333333331}",
		       "{\"a\":null,\"b\":null,\"c\":0.33333333333333331}");
}

static void characters_that_could_harm_are_escaped(void **state)
{
	static const char text[] = "a\"\\\n\x1b[0m\x7f\xc2\x9b\xe2\x80\xae\xff\xc3\xa9\xed\xa0\x80";
	struct packed packed;

	start(&packed, 256);
	trc_pack_bytes(&packed.packer, text, sizeof(text) - 1);
	ASSERT_RENDERS("T\0tx", &packed,
		       "T{x:\"a\\\"\\\\\\n\\x1b[0m\\x7f\\x9b\\u202e\\xff\xc3\xa9\\xed\\xa0\\x80\"}",
		       "{\"x\":\"a\\\"\\\\\\n\\u001b[0m\\u007f\\u009b\\u202e\\ufffd\xc3\xa9\\ufffd"
		       "\\ufffd\\ufffd\"}");
}

static void names_are_escaped_too(void **state)
{
	struct packed packed;

	start(&packed, 256);
	trc_pack_bool(&packed.packer, false);
	ASSERT_RENDERS("\x1b[31m\0b\n", &packed, "\"\\x1b[31m\"{\"\\n\":false}", "{\"\\n\":false}");
}

static void what_was_cut_says_so(void **state)
{
	struct packed packed;

	start(&packed, 11); /* eight bytes of sizes and three of text */
	trc_pack_bytes(&packed.packer, "hello", 5);
	trc_pack_u64(&packed.packer, 1);
	assert_true(packed.packer.cut);
	ASSERT_RENDERS("S\0tt", &packed, "S{t:\"hel\"...}", "{\"t\":\"hel\",\"$cut\":true}");
	ASSERT_RENDERS("S\0tt\0un", &packed, "S{t:\"hel\"..., ...}",
		       "{\"t\":\"hel\",\"$cut\":true}");

	start(&packed, 7);
	trc_pack_u64(&packed.packer, 1);
	assert_true(packed.packer.cut);
	assert_int_equal(packed.packer.size, 0);
	ASSERT_RENDERS("S\0un", &packed, "S{...}", "{\"$cut\":true}");
}

static void nothing_is_added_after_a_cut(void **state)
{
	struct packed packed;

	start(&packed, 9);
	trc_pack_u64(&packed.packer, 1);
	trc_pack_u64(&packed.packer, 2);
	trc_pack_bool(&packed.packer, true);
	assert_true(packed.packer.cut);
	assert_int_equal(packed.packer.size, 8);
}

static void damage_renders_as_far_as_it_goes(void **state)
{
	struct packed packed;

	start(&packed, 256);
	trc_pack_u64(&packed.packer, 1);
	trc_pack_bool(&packed.packer, true);
	ASSERT_RENDERS("D\0un", &packed, "D{n:1, ...}", "{\"n\":1,\"$damaged\":true}");
	ASSERT_RENDERS("D\0un\0um", &packed, "D{n:1, ...}", "{\"n\":1,\"$damaged\":true}");
	ASSERT_RENDERS("D\0un\0?m", &packed, "D{n:1, ...}", "{\"n\":1,\"$damaged\":true}");
	ASSERT_RENDERS("D\0\0un", &packed, "D{...}", "{\"$damaged\":true}");

	start(&packed, 256); /* a text that is longer than its payload */
	trc_pack_u64(&packed.packer, UINT64_MAX);
	trc_pack_bool(&packed.packer, true);
	ASSERT_RENDERS("D\0tt", &packed, "D{t:\"\\x01\"..., ...}",
		       "{\"t\":\"\\u0001\",\"$damaged\":true}");
}

static void an_unknown_type_shows_its_bytes(void **state)
{
	static const uint8_t bytes[100] = {0xab, 0xcd};
	char out[512];

	trc_payload_text(NULL, 0, bytes, 2, false, out, sizeof(out));
	assert_string_equal(out, "?{\"abcd\"}");
	trc_payload_json(NULL, 0, bytes, 2, false, out, sizeof(out));
	assert_string_equal(out, "{\"$payload\":\"abcd\"}");
	trc_payload_text(NULL, 0, bytes, 100, false, out, sizeof(out));
	assert_string_equal(out + strlen(out) - 5, "\"...}");
	trc_payload_text(NULL, 0, NULL, 0, false, out, sizeof(out));
	assert_string_equal(out, "?{}");
}

static void a_small_buffer_gets_the_beginning(void **state)
{
	static const char definition[] = "S\0tt";
	const char *whole = "S{t:\"h\xc3\xa9llo\"}";
	struct packed packed;

	start(&packed, 256);
	trc_pack_bytes(&packed.packer, "h\xc3\xa9llo", 6);
	for (size_t size = 0; size < 20; size++) {
		char *out = malloc(size + 1);
		size_t kept;

		out[size] = 'x';
		assert_int_equal(trc_payload_text((const uint8_t *)definition, sizeof(definition),
						  packed.bytes, packed.packer.size, false, out,
						  size),
				 strlen(whole));
		assert_int_equal(out[size], 'x');
		if (size > 0) {
			kept = strlen(out);
			assert_true(kept < size);
			assert_memory_equal(out, whole, kept);
			assert_true(kept == 0 || (unsigned char)out[kept - 1] != 0xc3);
		}
		free(out);
	}
}

/* Any bytes as definition and payload: no crash, and the promised length. */
static void random_bytes_are_survived(void **state)
{
	static const char codes[] = "iufbtyhk?\0x";
	uint64_t random = 88172645463325252u;

	for (int round = 0; round < 20000; round++) {
		uint8_t bytes[64];
		char out[1024];
		size_t definition, length;

		for (size_t i = 0; i < sizeof(bytes); i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			bytes[i] = random % 3 ? (uint8_t)codes[random % sizeof(codes)]
					      : (uint8_t)(random >> 32);
		}
		definition = random % 33;
		length = trc_payload_json(bytes, definition, bytes + 32, random >> 8 & 31,
					  random & 1, out, sizeof(out));
		assert_true(length < sizeof(out));
		assert_int_equal(strlen(out), length);
		assert_int_equal(out[0], '{');
		assert_int_equal(out[length - 1], '}');
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(fields_render_by_their_type),
		cmocka_unit_test(a_signal_is_its_name),
		cmocka_unit_test(odd_numbers_stay_readable),
		cmocka_unit_test(characters_that_could_harm_are_escaped),
		cmocka_unit_test(names_are_escaped_too),
		cmocka_unit_test(what_was_cut_says_so),
		cmocka_unit_test(nothing_is_added_after_a_cut),
		cmocka_unit_test(damage_renders_as_far_as_it_goes),
		cmocka_unit_test(an_unknown_type_shows_its_bytes),
		cmocka_unit_test(a_small_buffer_gets_the_beginning),
		cmocka_unit_test(random_bytes_are_survived),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
