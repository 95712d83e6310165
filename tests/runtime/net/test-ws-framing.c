#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/net/ws-framing.h"

enum { LIMIT = 1000, FIN = 0x80, TEXT = 1, BINARY = 2, CLOSE = 8, PING = 9, PONG = 10 };

/* Makes a masked frame as a client sends it; returns its size. */
static size_t frame(uint8_t *out, uint8_t first, const void *payload, size_t size)
{
	static const uint8_t mask[4] = {0x12, 0x34, 0x56, 0x78};
	size_t at = 0;
	out[at++] = first;
	if (size < 126) {
		out[at++] = (uint8_t)(0x80 | size);
	} else {
		out[at++] = 0x80 | 126;
		out[at++] = (uint8_t)(size >> 8);
		out[at++] = (uint8_t)size;
	}
	memcpy(out + at, mask, sizeof(mask));
	at += sizeof(mask);
	for (size_t i = 0; i < size; i++)
		out[at++] = ((const uint8_t *)payload)[i] ^ mask[i % 4];
	return at;
}

static void feed(struct act__ws_framing *framing, const void *data, size_t size)
{
	assert_true(act__ws_framing_feed(framing, data, size));
}

static void feed_frame(struct act__ws_framing *framing, uint8_t first, const void *payload,
		       size_t size)
{
	uint8_t bytes[LIMIT + 200];
	feed(framing, bytes, frame(bytes, first, payload, size));
}

static void assert_message(struct act__ws_framing *framing, enum act__ws_type type,
			   const char *data, size_t size)
{
	struct act__ws_message *message = act__ws_framing_next(framing);
	assert_non_null(message);
	assert_int_equal(message->type, type);
	assert_int_equal(message->size, size);
	assert_memory_equal(message->data, data, size);
	assert_int_equal(message->data[size], '\0');
	free(message);
}

static void assert_output(struct act__ws_framing *framing, const void *bytes, size_t size)
{
	char *data;
	size_t got;
	assert_true(act__ws_framing_take_output(framing, &data, &got));
	assert_int_equal(got, size);
	if (size == 0)
		assert_null(data);
	else
		assert_memory_equal(data, bytes, size);
	free(data);
}

/* The peer broke the rules: the last frame for it is a close with this code and a reason. */
static void assert_closed(struct act__ws_framing *framing, unsigned code)
{
	char *data;
	size_t size;
	assert_true(act__ws_framing_take_output(framing, &data, &size));
	assert_in_range(size, 5, 127);
	assert_int_equal((uint8_t)data[0], FIN | CLOSE);
	assert_int_equal((uint8_t)data[1], size - 2);
	assert_int_equal((uint8_t)data[2] << 8 | (uint8_t)data[3], code);
	assert_memory_equal(data + 4, act__ws_framing_close_reason(framing), size - 4);
	free(data);
	assert_int_equal(act__ws_framing_close_code(framing), code);
	assert_true(act__ws_framing_close_sent(framing));
	assert_false(act__ws_framing_wants_input(framing));
	assert_false(act__ws_framing_send_text(framing, "late", 4));
}

static int make(void **state)
{
	*state = act__ws_framing_new(LIMIT);
	return *state ? 0 : -1;
}

static int unmake(void **state)
{
	act__ws_framing_free(*state);
	return 0;
}

static void test_messages_come_in_order(void **state)
{
	struct act__ws_framing *framing = *state;
	feed_frame(framing, FIN | TEXT, "one", 3);
	feed_frame(framing, FIN | BINARY, "t\0wo", 4);
	feed_frame(framing, FIN | TEXT, "", 0);
	assert_message(framing, ACT__WS_TEXT, "one", 3);
	assert_message(framing, ACT__WS_BINARY, "t\0wo", 4);
	assert_message(framing, ACT__WS_TEXT, "", 0);
	assert_null(act__ws_framing_next(framing));
	assert_output(framing, NULL, 0);
}

static void test_any_cut_of_the_bytes_will_do(void **state)
{
	uint8_t bytes[64];
	size_t size = frame(bytes, FIN | TEXT, "h\xc3\xa9llo", 6);
	for (size_t cut = 0; cut <= size; cut++) {
		feed(*state, bytes, cut);
		feed(*state, bytes + cut, size - cut);
		assert_message(*state, ACT__WS_TEXT, "h\xc3\xa9llo", 6);
	}
}

static void test_fragments_are_joined(void **state)
{
	feed_frame(*state, TEXT, "\xe2\x82", 2); /* a character may be cut, too */
	feed_frame(*state, FIN | PING, "", 0);
	feed_frame(*state, 0, "\xac", 1);
	assert_null(act__ws_framing_next(*state));
	feed_frame(*state, FIN, "!", 1);
	assert_message(*state, ACT__WS_TEXT, "\xe2\x82\xac!", 4);
}

static void test_pings_are_answered(void **state)
{
	feed_frame(*state, FIN | PING, "abc", 3);
	assert_output(*state,
		      "\x8a\x03"
		      "abc",
		      5);
	feed_frame(*state, FIN | PONG, "unasked", 7);
	assert_output(*state, NULL, 0);
	assert_null(act__ws_framing_next(*state));
}

static void test_texts_go_out(void **state)
{
	assert_true(act__ws_framing_send_text(*state, "hello", 5));
	assert_output(*state, "\x81\x05hello", 7);
	assert_true(act__ws_framing_send_ping(*state));
	assert_output(*state, "\x89\x00", 2);
}

static void test_peer_closes(void **state)
{
	feed_frame(*state, FIN | CLOSE,
		   "\x03\xe8"
		   "bye",
		   5);
	assert_output(*state,
		      "\x88\x05\x03\xe8"
		      "bye",
		      7);
	assert_true(act__ws_framing_close_received(*state));
	assert_int_equal(act__ws_framing_close_code(*state), 1000);
	assert_string_equal(act__ws_framing_close_reason(*state), "bye");
	assert_false(act__ws_framing_wants_input(*state));
}

static void test_peer_closes_without_a_code(void **state)
{
	feed_frame(*state, FIN | CLOSE, "", 0);
	assert_output(*state, "\x88\x00", 2);
	assert_int_equal(act__ws_framing_close_code(*state), 1005);
}

static void test_this_side_closes(void **state)
{
	assert_int_equal(act__ws_framing_close_code(*state), 1006);
	assert_true(act__ws_framing_send_close(*state, 1008, "no"));
	assert_output(*state, "\x88\x04\x03\xf0no", 6);
	assert_false(act__ws_framing_close_received(*state));
	/* The peer may have said something before it saw our frame; it counts no more. */
	feed_frame(*state, FIN | TEXT, "hello", 5);
	assert_null(act__ws_framing_next(*state));
	feed_frame(*state, FIN | CLOSE, "\x03\xf0", 2);
	assert_true(act__ws_framing_close_received(*state));
	assert_int_equal(act__ws_framing_close_code(*state), 1008);
	assert_output(*state, NULL, 0);
	assert_false(act__ws_framing_send_close(*state, 1000, NULL));
}

static void test_long_reasons_are_cut_between_characters(void **state)
{
	char reason[201];
	for (int i = 0; i < 200; i += 2)
		memcpy(reason + i, "\xc3\xa9", 3);
	assert_true(act__ws_framing_send_close(*state, 1008, reason));
	const char *kept = act__ws_framing_close_reason(*state);
	assert_in_range(strlen(kept), 100, 123);
	assert_int_equal(strlen(kept) % 2, 0);
}

static void test_long_messages_are_refused(void **state)
{
	char text[LIMIT + 1];
	memset(text, 'x', sizeof(text));
	feed_frame(*state, FIN | TEXT, text, LIMIT);
	assert_message(*state, ACT__WS_TEXT, text, LIMIT);
	feed_frame(*state, FIN | TEXT, text, LIMIT + 1);
	assert_null(act__ws_framing_next(*state));
	assert_closed(*state, 1009);
}

static void test_long_messages_in_fragments_are_refused(void **state)
{
	char text[LIMIT];
	memset(text, 'x', sizeof(text));
	feed_frame(*state, TEXT, text, LIMIT);
	feed_frame(*state, FIN, "x", 1);
	assert_closed(*state, 1009);
}

static void test_absurd_lengths_are_refused(void **state)
{
	feed(*state, "\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00x", 15);
	assert_closed(*state, 1009);
}

static void test_text_must_be_utf8(void **state)
{
	feed_frame(*state, FIN | TEXT, "a\xff", 2);
	assert_closed(*state, 1007);
}

static void test_text_must_be_complete_utf8(void **state)
{
	feed_frame(*state, FIN | TEXT, "\xe2\x82", 2);
	assert_closed(*state, 1007);
}

static void test_text_has_no_nul(void **state)
{
	feed_frame(*state, FIN | TEXT, "a\0b", 3);
	assert_null(act__ws_framing_next(*state));
	assert_int_equal(act__ws_framing_close_code(*state), 1007);
}

static void test_unmasked_frames_are_refused(void **state)
{
	feed(*state, "\x81\x02hi", 4);
	assert_closed(*state, 1002);
}

static void test_broken_frames_are_refused(void **state)
{
	static const struct {
		uint8_t first;
		size_t size;
	} frames[] = {
		{FIN | 0x40 | TEXT, 1}, /* reserved bit */
		{FIN | 3, 1},           /* unknown opcode */
		{FIN | 11, 0},          /* unknown control opcode */
		{FIN, 1},               /* continues nothing */
		{PING, 1},              /* control frame in fragments */
		{FIN | PING, 126},      /* long control frame */
	};
	static const char payload[200] = "x";
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		struct act__ws_framing *framing = act__ws_framing_new(LIMIT);
		assert_non_null(framing);
		feed_frame(framing, frames[i].first, payload, frames[i].size);
		assert_closed(framing, 1002);
		act__ws_framing_free(framing);
	}
}

static void test_a_message_inside_a_message_is_refused(void **state)
{
	feed_frame(*state, TEXT, "one", 3);
	feed_frame(*state, FIN | TEXT, "two", 3);
	assert_closed(*state, 1002);
}

static void test_malformed_closes_are_refused(void **state)
{
	feed_frame(*state, FIN | CLOSE, "\x03\xed", 2); /* 1005 is never sent */
	assert_closed(*state, 1002);
}

/* A generator of our own, so that each run is the same everywhere. */
static uint32_t chance(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

static void feed_noise(uint32_t seed)
{
	struct act__ws_framing *framing = act__ws_framing_new(LIMIT);
	assert_non_null(framing);
	for (int i = 0; i < 50; i++) {
		uint8_t bytes[400];
		char payload[200];
		for (size_t j = 0; j < sizeof(payload); j++)
			payload[j] = (char)(chance(&seed) % 200);
		size_t size = frame(bytes, (uint8_t)(FIN | chance(&seed) % 11), payload,
				    chance(&seed) % sizeof(payload));
		if (chance(&seed) % 4 == 0)
			bytes[chance(&seed) % size] ^= (uint8_t)(1 << chance(&seed) % 8);
		feed(framing, bytes, size - (chance(&seed) % 8 == 0));

		char *data;
		assert_true(act__ws_framing_take_output(framing, &data, &size));
		free(data);
		free(act__ws_framing_next(framing));
	}
	/* Either it still listens, or it has said goodbye. */
	assert_int_not_equal(act__ws_framing_wants_input(framing),
			     act__ws_framing_close_sent(framing));
	act__ws_framing_free(framing);
}

static void test_noise_is_harmless(void **state)
{
	for (uint32_t seed = 1; seed <= 2000; seed++)
		feed_noise(seed);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, make, unmake)
	const struct CMUnitTest tests[] = {
		TEST(test_messages_come_in_order),
		TEST(test_any_cut_of_the_bytes_will_do),
		TEST(test_fragments_are_joined),
		TEST(test_pings_are_answered),
		TEST(test_texts_go_out),
		TEST(test_peer_closes),
		TEST(test_peer_closes_without_a_code),
		TEST(test_this_side_closes),
		TEST(test_long_reasons_are_cut_between_characters),
		TEST(test_long_messages_are_refused),
		TEST(test_long_messages_in_fragments_are_refused),
		TEST(test_absurd_lengths_are_refused),
		TEST(test_text_must_be_utf8),
		TEST(test_text_must_be_complete_utf8),
		TEST(test_text_has_no_nul),
		TEST(test_unmasked_frames_are_refused),
		TEST(test_broken_frames_are_refused),
		TEST(test_a_message_inside_a_message_is_refused),
		TEST(test_malformed_closes_are_refused),
		cmocka_unit_test(test_noise_is_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
