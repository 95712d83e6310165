#include "examples/chat/person.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/protocol.h"

enum { PEOPLE_LIMIT = 32, LINE_SIZE = 256 };

static void check_expected(struct person *person, const char *line)
{
	if (person->expected_next == person->expected_count) {
		/* The hanging session has no script. */
		if (person->expected_count == 0)
			return;
		fprintf(stderr, "chat-session: %s heard \"%s\" too much\n", person->name, line);
		person->surprised = true;
		return;
	}
	const char *expected = person->expected[person->expected_next++];
	if (strcmp(line, expected) != 0) {
		fprintf(stderr, "chat-session: %s heard \"%s\" instead of \"%s\"\n", person->name,
			line, expected);
		person->surprised = true;
	}
}

static void hear(struct ws_client *client, const char *json, size_t size, void *user)
{
	struct person *person = user;
	struct chat_frame frame;
	char error[CHAT_ERROR];
	if (!chat_decode(json, size, &frame, error)) {
		fprintf(stderr, "chat-session: %s cannot read \"%.80s\": %s\n", person->name, json,
			error);
		person->surprised = true;
		return;
	}
	char line[LINE_SIZE] = "";
	switch (frame.type) {
	case CHAT_JOINED:
		snprintf(line, sizeof(line), "%s joined", frame.user);
		person->has_joined |= strcmp(frame.user, person->name) == 0;
		break;
	case CHAT_LEFT:
		snprintf(line, sizeof(line), "%s left", frame.user);
		person->misses_slow |= strcmp(frame.user, "slow") == 0;
		break;
	case CHAT_MESSAGE:
		snprintf(line, sizeof(line), "%s: %s", frame.user, frame.text);
		person->echoed += strcmp(frame.user, person->name) == 0;
		break;
	case CHAT_CONNECT:
	case CHAT_SEND_MESSAGE:
		snprintf(line, sizeof(line), "a frame that only clients send");
		break;
	}
	person->heard++;
	check_expected(person, line);
	chat_frame_free(&frame);
}

static void send_frame(struct person *person, const struct chat_frame *frame)
{
	char *json = chat_encode(frame);
	if (!json)
		abort();
	ws_client_send(person->client, json, strlen(json));
	free(json);
}

bool person_enter(struct person *person, uint16_t port, const struct ws_client_options *options)
{
	char error[WS_CLIENT_ERROR];
	person->client = ws_client_open("127.0.0.1", port, options, hear, person, error);
	if (!person->client) {
		fprintf(stderr, "chat-session: %s: %s\n", person->name, error);
		return false;
	}
	send_frame(person, &(struct chat_frame){
				   .type = CHAT_CONNECT,
				   .room = person->room,
				   .user = person->name,
			   });
	return true;
}

void person_say(struct person *person, const char *text)
{
	person->said++;
	send_frame(person, &(struct chat_frame){.type = CHAT_SEND_MESSAGE, .text = text});
}

void person_free(struct person *person)
{
	ws_client_free(person->client);
	person->client = NULL;
}

bool people_poll(struct person *people, size_t count, int timeout_ms)
{
	struct ws_client *clients[PEOPLE_LIMIT];
	if (count > PEOPLE_LIMIT)
		abort();
	for (size_t i = 0; i < count; i++)
		clients[i] = people[i].client;
	return ws_clients_poll(clients, count, timeout_ms);
}
