/*
 * ws-client.h - a WebSocket client (RFC 6455) for programs that poll
 *
 *     struct ws_client *client = ws_client_open("127.0.0.1", 6789, NULL, on_text, user, error);
 *     ws_client_send(client, text, strlen(text));
 *     while (ws_client_is_open(client))
 *             ws_clients_poll(&client, 1, 1000);
 *     ws_client_free(client);
 *
 * Besides what a client needs, it can misbehave as real ones do: read slowly, not at all, or
 * vanish. Use each client from one thread. Programs using it should ignore SIGPIPE.
 */
#ifndef CHAT_WS_CLIENT_H
#define CHAT_WS_CLIENT_H

#include "examples/chat/dial.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ws_client;

/* A text message arrived; `text` is UTF-8, has a NUL behind it, and lives as long as the call. */
typedef void (*ws_client_text)(struct ws_client *client, const char *text, size_t size, void *user);

struct ws_client_options {
	struct dial_options dial;
	unsigned connect_ms; /* how long to try to reach a server that does not listen yet, and to
				wait for its handshake; 0: 10 s */
};

enum { WS_CLIENT_ERROR = 256 };

/*
 * Connects and shakes hands; waits until it is done. NULL when it failed: `error` then has a
 * sentence. `options` may be NULL.
 */
struct ws_client *ws_client_open(const char *host, uint16_t port,
				 const struct ws_client_options *options, ws_client_text on_text,
				 void *user, char error[WS_CLIENT_ERROR]);

/* Closes the socket without further ado. NULL is fine. */
void ws_client_free(struct ws_client *client);

/* Queue a message; ws_clients_poll() sends it. False when the connection is closed or closing. */
bool ws_client_send(struct ws_client *client, const char *text, size_t size);
bool ws_client_send_binary(struct ws_client *client, const void *data, size_t size);

/* Starts the closing handshake: ws_client_is_open() becomes false once the server answered. */
void ws_client_close(struct ws_client *client, uint16_t code);

/* Stops reading from the socket: soon the server cannot write to it any more. */
void ws_client_stop_reading(struct ws_client *client);

/* Is gone without a farewell: the server's next read or write fails with "connection reset". */
void ws_client_vanish(struct ws_client *client);

/* Waits at most `timeout_ms` (-1: for ever) until something can be read or written on one of the
 * clients, and does so. NULL and closed clients are skipped. True when a byte moved. */
bool ws_clients_poll(struct ws_client *const *clients, size_t count, int timeout_ms);

bool ws_client_is_open(const struct ws_client *client);

/* Messages that were queued and are not yet wholly with the kernel. */
size_t ws_client_queued(const struct ws_client *client);

/* Why the server closed: its code (1006 when it vanished, 1005 when it gave none), its reason. */
uint16_t ws_client_close_code(const struct ws_client *client);
const char *ws_client_close_reason(const struct ws_client *client);

/* The socket, for tests which write what no client would. */
int ws_client_socket(const struct ws_client *client);

#endif
