#include "runtime/net/ws-handshake.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <nettle/base64.h>
#include <nettle/sha1.h>

enum { KEY_SIZE = 16, KEY_TEXT_SIZE = BASE64_ENCODE_RAW_LENGTH(KEY_SIZE) };

const char act__ws_busy[] = "HTTP/1.1 503 Service Unavailable\r\n"
			    "Connection: close\r\n"
			    "Content-Length: 0\r\n"
			    "Retry-After: 5\r\n"
			    "\r\n";

struct span {
	const char *data;
	size_t size;
};

/* What matters of a request's header fields. */
struct request {
	unsigned hosts, keys, versions;
	bool upgrades_to_websocket;
	bool connection_upgrade;
	bool has_body;
	struct span key, version;
};

static bool span_is(struct span span, const char *text)
{
	return span.size == strlen(text) && strncasecmp(span.data, text, span.size) == 0;
}

static struct span trimmed(struct span span)
{
	while (span.size && (*span.data == ' ' || *span.data == '\t')) {
		span.data++;
		span.size--;
	}
	while (span.size && (span.data[span.size - 1] == ' ' || span.data[span.size - 1] == '\t'))
		span.size--;
	return span;
}

/* Whether a comma-separated list has `word` in it, in whatever case. */
static bool list_has(struct span list, const char *word)
{
	for (;;) {
		const char *comma = memchr(list.data, ',', list.size);
		size_t size = comma ? (size_t)(comma - list.data) : list.size;
		if (span_is(trimmed((struct span){list.data, size}), word))
			return true;
		if (!comma)
			return false;
		list.size -= size + 1;
		list.data = comma + 1;
	}
}

static bool is_token_char(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("!#$%&'*+-.^_`|~", c));
}

static bool is_token(struct span span)
{
	for (size_t i = 0; i < span.size; i++) {
		if (!is_token_char(span.data[i]))
			return false;
	}
	return span.size > 0;
}

/* Takes a line off `head`; its end is \r\n. */
static bool next_line(struct span *head, struct span *ret_line)
{
	const char *end = memmem(head->data, head->size, "\r\n", 2);
	if (!end)
		return false;
	*ret_line = (struct span){head->data, (size_t)(end - head->data)};
	head->size -= ret_line->size + 2;
	head->data = end + 2;
	return true;
}

/* Control characters have no place in a head, except in its line ends. */
static bool is_clean(struct span line)
{
	for (size_t i = 0; i < line.size; i++) {
		unsigned char c = (unsigned char)line.data[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

static bool is_get_request(struct span line)
{
	static const char method[] = "GET /";
	static const char version[] = " HTTP/1.1";
	size_t fixed = sizeof(method) - 1 + sizeof(version) - 1;
	if (!is_clean(line) || line.size < fixed ||
	    memcmp(line.data, method, sizeof(method) - 1) != 0 ||
	    memcmp(line.data + line.size - (sizeof(version) - 1), version, sizeof(version) - 1) !=
		    0)
		return false;
	return !memchr(line.data + 4, ' ', line.size - 4 - (sizeof(version) - 1));
}

static bool read_field(struct span line, struct request *request)
{
	const char *colon = memchr(line.data, ':', line.size);
	if (!colon || !is_clean(line))
		return false;
	struct span name = {line.data, (size_t)(colon - line.data)};
	struct span value = trimmed((struct span){colon + 1, line.size - name.size - 1});
	if (!is_token(name)) /* also refuses folded lines and blanks before the colon */
		return false;

	if (span_is(name, "Host")) {
		request->hosts++;
	} else if (span_is(name, "Upgrade")) {
		request->upgrades_to_websocket |= list_has(value, "websocket");
	} else if (span_is(name, "Connection")) {
		request->connection_upgrade |= list_has(value, "upgrade");
	} else if (span_is(name, "Sec-WebSocket-Key")) {
		request->keys++;
		request->key = value;
	} else if (span_is(name, "Sec-WebSocket-Version")) {
		request->versions++;
		request->version = value;
	} else if (span_is(name, "Transfer-Encoding") ||
		   (span_is(name, "Content-Length") && !span_is(value, "0"))) {
		request->has_body = true;
	}
	return true;
}

static bool is_key(struct span key)
{
	uint8_t bytes[BASE64_DECODE_LENGTH(KEY_TEXT_SIZE)];
	size_t size = sizeof(bytes);
	struct base64_decode_ctx base64;
	base64_decode_init(&base64);
	return key.size == KEY_TEXT_SIZE &&
	       base64_decode_update(&base64, &size, bytes, key.size, key.data) &&
	       base64_decode_final(&base64) && size == KEY_SIZE;
}

static int refuse(struct act__ws_handshake *ret, int status, const char *phrase,
		  const char *more_fields, const char *why)
{
	ret->status = status;
	ret->size = (size_t)snprintf(ret->response, sizeof(ret->response),
				     "HTTP/1.1 %d %s\r\n"
				     "%s"
				     "Connection: close\r\n"
				     "Content-Type: text/plain\r\n"
				     "Content-Length: %zu\r\n"
				     "\r\n"
				     "%s\n",
				     status, phrase, more_fields, strlen(why) + 1, why);
	return status;
}

static int refuse_bad(struct act__ws_handshake *ret, const char *why)
{
	return refuse(ret, 400, "Bad Request", "", why);
}

static int welcome(struct act__ws_handshake *ret, struct span key)
{
	static const char guid[] = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
	uint8_t digest[SHA1_DIGEST_SIZE];
	char accept[BASE64_ENCODE_RAW_LENGTH(SHA1_DIGEST_SIZE)];
	struct sha1_ctx sha1;
	sha1_init(&sha1);
	sha1_update(&sha1, key.size, (const uint8_t *)key.data);
	sha1_update(&sha1, sizeof(guid) - 1, (const uint8_t *)guid);
	sha1_digest(&sha1, sizeof(digest), digest);
	base64_encode_raw(accept, sizeof(digest), digest);
	ret->status = 101;
	ret->size = (size_t)snprintf(ret->response, sizeof(ret->response),
				     "HTTP/1.1 101 Switching Protocols\r\n"
				     "Upgrade: websocket\r\n"
				     "Connection: Upgrade\r\n"
				     "Sec-WebSocket-Accept: %.*s\r\n"
				     "\r\n",
				     (int)sizeof(accept), accept);
	return ret->status;
}

static int judge(const struct request *request, struct act__ws_handshake *ret)
{
	if (request->hosts != 1)
		return refuse_bad(ret, "There must be one Host field.");
	if (request->has_body)
		return refuse_bad(ret, "A handshake has no body.");
	if (!request->upgrades_to_websocket || !request->connection_upgrade)
		return refuse(ret, 426, "Upgrade Required", "Upgrade: websocket\r\n",
			      "This server speaks WebSocket only.");
	if (request->versions != 1 || !span_is(request->version, "13"))
		return refuse(ret, 426, "Upgrade Required",
			      "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n",
			      "Only version 13 of WebSocket is spoken here.");
	if (request->keys != 1 || !is_key(request->key))
		return refuse_bad(ret, "Sec-WebSocket-Key must be 16 bytes in base64.");
	return welcome(ret, request->key);
}

int act__ws_handshake(const char *data, size_t size, struct act__ws_handshake *ret)
{
	struct span head = {data, size < ACT__WS_HEAD_LIMIT ? size : ACT__WS_HEAD_LIMIT};
	/* Somebody who speaks something else shall know before he has said 8 KiB of it. */
	static const char start[] = "GET /";
	size_t known = size < sizeof(start) - 1 ? size : sizeof(start) - 1;
	if (memcmp(data, start, known) != 0) {
		ret->consumed = size;
		return refuse_bad(ret, "A WebSocket handshake begins with \"GET /\".");
	}

	const char *end = memmem(head.data, head.size, "\r\n\r\n", 4);
	if (!end && size < ACT__WS_HEAD_LIMIT)
		return 0;
	if (!end) {
		ret->consumed = size;
		return refuse(ret, 431, "Request Header Fields Too Large", "",
			      "The request is too long.");
	}
	head.size = (size_t)(end - data) + 2;
	ret->consumed = head.size + 2;

	struct span line;
	struct request request = {0};
	if (!next_line(&head, &line) || !is_get_request(line))
		return refuse_bad(ret, "The request line is not \"GET /... HTTP/1.1\".");
	for (unsigned fields = 0; next_line(&head, &line); fields++) {
		if (fields == ACT__WS_FIELD_LIMIT)
			return refuse(ret, 431, "Request Header Fields Too Large", "",
				      "There are too many header fields.");
		if (!read_field(line, &request))
			return refuse_bad(ret, "A header field is malformed.");
	}
	return judge(&request, ret);
}
