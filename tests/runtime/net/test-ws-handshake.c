#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/net/ws-handshake.h"

/* The example of RFC 6455, section 1.3. */
#define KEY    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
#define ACCEPT "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"

#define GET        "GET /chat HTTP/1.1\r\n"
#define HOST       "Host: server.example.com\r\n"
#define UPGRADE    "Upgrade: websocket\r\n"
#define CONNECTION "Connection: Upgrade\r\n"
#define VERSION    "Sec-WebSocket-Version: 13\r\n"
#define END        "\r\n"

/* Runs the handshake on an exact copy, so that a read past the end is seen. */
static int shake(const char *data, size_t size, struct act__ws_handshake *answer)
{
	char *copy = malloc(size ? size : 1);
	assert_non_null(copy);
	memcpy(copy, data, size);
	memset(answer, 0, sizeof(*answer));
	int status = act__ws_handshake(copy, size, answer);
	free(copy);
	return status;
}

static void assert_status(const char *request, int status)
{
	struct act__ws_handshake answer;
	int got = shake(request, strlen(request), &answer);
	if (got != status)
		print_error("%s\n", request);
	assert_int_equal(got, status);
	if (status == 0)
		return;
	assert_int_equal(answer.status, status);
	assert_in_range(answer.size, 1, sizeof(answer.response) - 1);
	char first[32];
	snprintf(first, sizeof(first), "HTTP/1.1 %d ", status);
	assert_memory_equal(answer.response, first, strlen(first));
	/* A refusal's length is right. */
	char *body = memmem(answer.response, answer.size, "\r\n\r\n", 4);
	assert_non_null(body);
	if (status != 101) {
		char *length = memmem(answer.response, answer.size, "Content-Length: ", 16);
		assert_non_null(length);
		assert_int_equal(atoi(length + 16), answer.response + answer.size - (body + 4));
	}
}

static void test_accepts_the_example_of_the_rfc(void **state)
{
	static const char request[] = GET HOST UPGRADE CONNECTION KEY VERSION END;
	struct act__ws_handshake answer;
	assert_int_equal(shake(request, strlen(request), &answer), 101);
	assert_int_equal(answer.consumed, strlen(request));
	assert_non_null(memmem(answer.response, answer.size, ACCEPT, strlen(ACCEPT)));
}

static void test_leaves_the_bytes_behind_the_head(void **state)
{
	static const char request[] = GET HOST UPGRADE CONNECTION KEY VERSION END "\x81\x85....";
	struct act__ws_handshake answer;
	assert_int_equal(shake(request, strlen(request), &answer), 101);
	assert_int_equal(answer.consumed, strlen(request) - 6);
}

static void test_takes_what_browsers_send(void **state)
{
	assert_status(GET "HOST:x\r\nuPGRADE: h2c , WebSocket\r\n"
			  "Connection: keep-alive, Upgrade\r\n"
			  "Origin: http://example.com\r\n"
			  "Sec-WebSocket-Extensions: permessage-deflate\r\n"
			  "Cookie: a=b; c=d\r\nContent-Length: 0\r\n" KEY VERSION END,
		      101);
}

static void test_wants_more_until_the_head_is_whole(void **state)
{
	static const char request[] = GET HOST UPGRADE CONNECTION KEY VERSION END;
	for (size_t size = 0; size < strlen(request); size++) {
		struct act__ws_handshake answer;
		assert_int_equal(shake(request, size, &answer), 0);
	}
}

static void test_refuses_other_protocols_at_once(void **state)
{
	assert_status("POST / HTTP/1.1\r\n", 400);
	assert_status("\x16\x03\x01\x02", 400); /* TLS */
	assert_status("GET http://", 400);
	assert_status("get /", 400);
	assert_status("\n", 400);
}

static void test_refuses_malformed_heads(void **state)
{
	static const char *const requests[] = {
		"GET / HTTP/1.0\r\n" HOST UPGRADE CONNECTION KEY VERSION END,
		"GET / HTTP/2\r\n" HOST UPGRADE CONNECTION KEY VERSION END,
		"GET /\r\n" HOST UPGRADE CONNECTION KEY VERSION END,
		"GET / x HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION END,
		"GET /\x01 HTTP/1.1\r\n" HOST UPGRADE CONNECTION KEY VERSION END,
		GET "Host : x\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST " folded\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST "no colon\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST ": no name\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST "X: a\x01z\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST "X: a\nb\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET UPGRADE CONNECTION KEY VERSION END,           /* no host */
		GET HOST HOST UPGRADE CONNECTION KEY VERSION END, /* two */
		GET HOST "Content-Length: 3\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST "Transfer-Encoding: chunked\r\n" UPGRADE CONNECTION KEY VERSION END,
		GET HOST UPGRADE CONNECTION VERSION END,         /* no key */
		GET HOST UPGRADE CONNECTION KEY KEY VERSION END, /* two */
		GET HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key:\r\n" END,
		GET HOST UPGRADE CONNECTION VERSION "Sec-WebSocket-Key: c2hvcnQ=\r\n" END,
		GET HOST UPGRADE CONNECTION VERSION
		"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25j====\r\n" END,
		GET HOST UPGRADE CONNECTION VERSION
		"Sec-WebSocket-Key: !!!!IHNhbXBsZSBub25jZQ==\r\n" END,
	};
	for (size_t i = 0; i < sizeof(requests) / sizeof(*requests); i++)
		assert_status(requests[i], 400);
}

static void test_tells_how_to_upgrade(void **state)
{
	assert_status(GET HOST END, 426);
	assert_status(GET HOST UPGRADE KEY VERSION END, 426);
	assert_status(GET HOST CONNECTION KEY VERSION END, 426);
	assert_status(GET HOST "Upgrade: websockets\r\n" CONNECTION KEY VERSION END, 426);
	assert_status(GET HOST UPGRADE CONNECTION KEY END, 426);
	assert_status(GET HOST UPGRADE CONNECTION KEY VERSION VERSION END, 426);

	static const char old[] =
		GET HOST UPGRADE CONNECTION KEY "Sec-WebSocket-Version: 8\r\n" END;
	struct act__ws_handshake answer;
	assert_int_equal(shake(old, strlen(old), &answer), 426);
	assert_non_null(memmem(answer.response, answer.size, VERSION, strlen(VERSION)));
}

static void test_limits_the_head(void **state)
{
	char request[2 * ACT__WS_HEAD_LIMIT];
	struct act__ws_handshake answer;
	memset(request, 'x', sizeof(request));
	memcpy(request, GET HOST "X: ", strlen(GET HOST "X: "));
	assert_int_equal(shake(request, ACT__WS_HEAD_LIMIT - 1, &answer), 0);
	assert_int_equal(shake(request, ACT__WS_HEAD_LIMIT, &answer), 431);

	/* An end behind the limit does not count. */
	memcpy(request + ACT__WS_HEAD_LIMIT + 100, "\r\n\r\n", 4);
	assert_int_equal(shake(request, sizeof(request), &answer), 431);
}

static void test_limits_the_number_of_fields(void **state)
{
	char request[ACT__WS_HEAD_LIMIT];
	size_t size =
		(size_t)snprintf(request, sizeof(request), GET HOST UPGRADE CONNECTION KEY VERSION);
	for (int i = 5; i < ACT__WS_FIELD_LIMIT; i++)
		size += (size_t)snprintf(request + size, sizeof(request) - size, "x: %d\r\n", i);
	strcpy(request + size, "\r\n");
	assert_status(request, 101);
	strcpy(request + size, "one: more\r\n\r\n");
	assert_status(request, 431);
}

/* Every single byte replaced by every value: only some changes may still be welcome, and each
 * answer is whole. */
static void test_any_changed_byte_is_answered(void **state)
{
	static const char request[] = GET HOST UPGRADE CONNECTION KEY VERSION END;
	char changed[sizeof(request)];
	for (size_t i = 0; i < strlen(request); i++) {
		for (int value = 0; value < 256; value++) {
			struct act__ws_handshake answer;
			memcpy(changed, request, sizeof(request));
			changed[i] = (char)value;
			int status = shake(changed, strlen(request), &answer);
			assert_true(status == 0 || status == 101 || status == 400 || status == 426);
			if (status)
				assert_in_range(answer.size, 1, sizeof(answer.response) - 1);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_accepts_the_example_of_the_rfc),
		cmocka_unit_test(test_leaves_the_bytes_behind_the_head),
		cmocka_unit_test(test_takes_what_browsers_send),
		cmocka_unit_test(test_wants_more_until_the_head_is_whole),
		cmocka_unit_test(test_refuses_other_protocols_at_once),
		cmocka_unit_test(test_refuses_malformed_heads),
		cmocka_unit_test(test_tells_how_to_upgrade),
		cmocka_unit_test(test_limits_the_head),
		cmocka_unit_test(test_limits_the_number_of_fields),
		cmocka_unit_test(test_any_changed_byte_is_answered),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
