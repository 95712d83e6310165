#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "examples/chat/protocol.h"

/* Decodes an exact copy, so that a read past the end is seen. */
static bool decode(const char *json, size_t size, struct chat_frame *frame, char error[CHAT_ERROR])
{
	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, json, size);
	bool fine = chat_decode(copy, size, frame, error);
	free(copy);
	return fine;
}

static void assert_refused(const char *json, const char *why)
{
	struct chat_frame frame;
	char error[CHAT_ERROR] = "";
	if (decode(json, strlen(json), &frame, error)) {
		print_error("accepted: %.80s\n", json);
		fail();
	}
	if (!strstr(error, why))
		print_error("%.80s\n", json);
	assert_non_null(strstr(error, why));
}

static void test_reads_what_clients_send(void **state)
{
	static const char connect[] = "{\"type\":\"Connect\",\"room\":\"lobby\",\"user\":\"ann\"}";
	static const char say[] = " { \"text\" : \"h\\u00e9\\n\", \"more\": [1], "
				  "\"type\":\"SendMessage\" } ";
	struct chat_frame frame;
	char error[CHAT_ERROR];
	assert_true(decode(connect, strlen(connect), &frame, error));
	assert_int_equal(frame.type, CHAT_CONNECT);
	assert_string_equal(frame.room, "lobby");
	assert_string_equal(frame.user, "ann");
	assert_null(frame.text);
	chat_frame_free(&frame);

	assert_true(decode(say, strlen(say), &frame, error));
	assert_int_equal(frame.type, CHAT_SEND_MESSAGE);
	assert_string_equal(frame.text, "h\xc3\xa9\n");
	assert_null(frame.user);
	chat_frame_free(&frame);
}

static void test_writes_what_clients_expect(void **state)
{
	static const struct {
		struct chat_frame frame;
		const char *json;
	} frames[] = {
		{{.type = CHAT_JOINED, .user = "ann"}, "{\"type\":\"Joined\",\"user\":\"ann\"}"},
		{{.type = CHAT_MESSAGE, .user = "ann", .text = "a \"b\""},
		 "{\"type\":\"Message\",\"text\":\"a \\\"b\\\"\",\"user\":\"ann\"}"},
		{{.type = CHAT_LEFT, .user = "ann"}, "{\"type\":\"Left\",\"user\":\"ann\"}"},
		{{.type = CHAT_CONNECT, .room = "r", .user = "u"},
		 "{\"type\":\"Connect\",\"room\":\"r\",\"user\":\"u\"}"},
		{{.type = CHAT_SEND_MESSAGE, .text = ""},
		 "{\"type\":\"SendMessage\",\"text\":\"\"}"},
	};
	for (size_t i = 0; i < sizeof(frames) / sizeof(*frames); i++) {
		char *json = chat_encode(&frames[i].frame);
		assert_string_equal(json, frames[i].json);
		free(json);
	}
}

static void test_encodes_no_broken_text(void **state)
{
	struct chat_frame frame = {.type = CHAT_SEND_MESSAGE, .text = "\xff"};
	assert_null(chat_encode(&frame));
}

static void test_refuses_what_is_not_json(void **state)
{
	assert_refused("", "not JSON");
	assert_refused("hello", "not JSON");
	assert_refused("{\"type\":\"Connect\"", "not JSON");
	assert_refused("{\"type\":\"SendMessage\",\"text\":\"\xff\"}", "not JSON");
	assert_refused("{\"type\":\"SendMessage\",\"text\":\"\\u0000\"}", "a text holds a NUL");
	assert_refused("{\"type\":\"SendMessage\",\"text\":\"\\ud800\"}", "not JSON");
	assert_refused("{\"type\":\"Connect\",\"type\":\"Connect\"}", "not JSON");
	assert_refused("{\"type\":\"SendMessage\",\"text\":\"a\"} x", "not JSON");
}

static void test_refuses_other_json(void **state)
{
	assert_refused("null", "not JSON");
	assert_refused("[]", "\"type\"");
	assert_refused("{}", "\"type\"");
	assert_refused("{\"type\":1}", "\"type\"");
	assert_refused("{\"type\":\"connect\"}", "unknown type");
	assert_refused("{\"type\":\"\"}", "unknown type");
	assert_refused("{\"type\":\"Connect\",\"user\":\"ann\"}", "\"room\" is missing");
	assert_refused("{\"type\":\"Connect\",\"room\":\"lobby\"}", "\"user\" is missing");
	assert_refused("{\"type\":\"Connect\",\"room\":1,\"user\":\"ann\"}",
		       "\"room\" is not a string");
	assert_refused("{\"type\":\"SendMessage\"}", "\"text\" is missing");
	assert_refused("{\"type\":\"SendMessage\",\"text\":null}", "\"text\" is not a string");
}

static void test_names_have_limits(void **state)
{
	char json[CHAT_NAME_LIMIT + 100];
	char name[CHAT_NAME_LIMIT + 2];
	struct chat_frame frame;
	char error[CHAT_ERROR];
	assert_refused("{\"type\":\"Left\",\"user\":\"\"}", "\"user\" is empty");
	assert_refused("{\"type\":\"Left\",\"user\":\"a\\nb\"}", "not printable");
	assert_refused("{\"type\":\"Left\",\"user\":\"\\u007f\"}", "not printable");

	memset(name, 'n', sizeof(name));
	name[CHAT_NAME_LIMIT + 1] = '\0';
	snprintf(json, sizeof(json), "{\"type\":\"Left\",\"user\":\"%s\"}", name);
	assert_refused(json, "too long");
	name[CHAT_NAME_LIMIT] = '\0';
	snprintf(json, sizeof(json), "{\"type\":\"Left\",\"user\":\"%s\"}", name);
	assert_true(decode(json, strlen(json), &frame, error));
	chat_frame_free(&frame);
}

static void test_texts_have_a_limit(void **state)
{
	static char text[CHAT_TEXT_LIMIT + 2];
	struct chat_frame frame = {.type = CHAT_SEND_MESSAGE, .text = text};
	memset(text, 'x', CHAT_TEXT_LIMIT + 1);
	char *json = chat_encode(&frame);
	assert_non_null(json);
	assert_refused(json, "too long");
	free(json);
}

static void test_deep_nesting_is_harmless(void **state)
{
	static char json[65536];
	memset(json, '[', sizeof(json) - 1);
	assert_refused(json, "nested too deeply");
	for (size_t i = 0; i + 6 < sizeof(json); i += 5)
		memcpy(json + i, "{\"a\":", 5);
	assert_refused(json, "nested too deeply");
	/* Brackets in a string nest nothing. */
	assert_refused("{\"type\":\"[[[[[[[[[[[[\\\"[[[[[[[[[\"}", "unknown type");
	/* A backslash at the very end. */
	assert_refused("\"\\", "not JSON");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reads_what_clients_send),
		cmocka_unit_test(test_writes_what_clients_expect),
		cmocka_unit_test(test_encodes_no_broken_text),
		cmocka_unit_test(test_refuses_what_is_not_json),
		cmocka_unit_test(test_refuses_other_json),
		cmocka_unit_test(test_names_have_limits),
		cmocka_unit_test(test_texts_have_a_limit),
		cmocka_unit_test(test_deep_nesting_is_harmless),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
