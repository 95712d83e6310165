/*
 * chat-fixture.h - a chat server of its own for each test, and guests who remember what they heard
 */
#ifndef TESTS_CHAT_FIXTURE_H
#define TESTS_CHAT_FIXTURE_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "examples/chat/ws-client.h"

/* Long enough for a loaded machine with sanitizers; nothing waits this long when all is well. */
enum { PATIENCE_MS = 30000 };

struct server {
	pid_t process;
	int output; /* its standard output */
	uint16_t port;
};

/* Starts `program` (path of chat-server) on a free port; `option` may be NULL. With a limit of
 * descriptors when `descriptors` is not 0. Fails the test when it does not start. */
void server_start(struct server *server, const char *program, const char *option,
		  unsigned descriptors);

/* The same under `actorscope record -o trace`. */
void server_start_recorded(struct server *server, const char *actorscope, const char *trace,
			   const char *program, const char *option);

/* Interrupts it; returns its exit status (or 128 + signal). */
int server_stop(struct server *server);

enum { GUEST_MEMORY = 256 };

struct guest {
	struct ws_client *client;
	char *heard[GUEST_MEMORY]; /* frames, as they came */
	size_t count, next;
};

/* Connects, says nothing. Tries again while the server is too busy. */
void guest_connect(struct guest *guest, const struct server *server);

/* Connects, and is in the room when it returns. */
void guest_join(struct guest *guest, const struct server *server, const char *room,
		const char *user);

void guest_send(struct guest *guest, const char *text);

/* Sends bytes as they are, unframed. */
void guest_send_raw(struct guest *guest, const void *bytes, size_t size);

/* The next frame that it hears is this. */
void guest_hears(struct guest *guest, const char *frame);

/* The server closes the connection with this code; its reason has `reason` in it. */
void guest_is_closed(struct guest *guest, unsigned code, const char *reason);

void guest_free(struct guest *guest);

#endif
