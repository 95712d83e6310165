/*
 * ws-handshake.h - the opening handshake of RFC 6455, the server's side: bytes in, answer out
 */
#ifndef RUNTIME_NET_WS_HANDSHAKE_H
#define RUNTIME_NET_WS_HANDSHAKE_H

#include <stddef.h>

enum {
	ACT__WS_HEAD_LIMIT = 8192, /* bytes of a request's head, with its blank line */
	ACT__WS_FIELD_LIMIT = 100, /* header fields */
	ACT__WS_RESPONSE_SIZE = 512,
};

struct act__ws_handshake {
	int status;      /* 101: welcome; else the HTTP status of the refusal */
	size_t consumed; /* bytes of the head; what follows are frames already */
	size_t size;     /* of the response */
	char response[ACT__WS_RESPONSE_SIZE]; /* to be sent; close after it, unless 101 */
};

/*
 * Looks at the first `size` bytes that a client sent. Returns 0 when the head is not complete yet
 * (nothing is set), else the status, with *ret filled in. A head that can not become a proper one
 * is refused as soon as that is certain. Never trusts a byte; allocates nothing.
 */
int act__ws_handshake(const char *data, size_t size, struct act__ws_handshake *ret);

/* What a server that is out of resources says before it closes. */
extern const char act__ws_busy[];

#endif
