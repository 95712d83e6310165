/*
 * person.h - one scripted chat user: a WebSocket client that knows what it should hear next
 */
#ifndef CHAT_PERSON_H
#define CHAT_PERSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "examples/chat/ws-client.h"

enum { PERSON_EXPECTED_LIMIT = 64 };

struct person {
	const char *name;
	const char *room;
	struct ws_client *client; /* NULL: not connected */

	unsigned heard;   /* frames of any sort */
	unsigned said;    /* messages */
	unsigned echoed;  /* its own messages, heard */
	bool has_joined;  /* heard its own Joined */
	bool misses_slow; /* heard that "slow" left */

	/* What a scripted session expects it to hear, in order, as lines of text. */
	const char *expected[PERSON_EXPECTED_LIMIT];
	size_t expected_count, expected_next;
	bool surprised; /* heard something else; it was printed */
};

/* Connects and asks to join the room. False and a printed sentence when that failed. */
bool person_enter(struct person *person, uint16_t port, const struct ws_client_options *options);

/* Sends a text to the room, when the connection is open. */
void person_say(struct person *person, const char *text);

void person_free(struct person *person);

/* Polls all that are connected; true when a byte moved. */
bool people_poll(struct person *people, size_t count, int timeout_ms);

#endif
