#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/person.h"
#include "examples/chat/session.h"

enum { STEP_MS = 10000, LINE_SIZE = 256 };

enum { ANN, BOB, CAROL, DAVE, ERIN, PEOPLE };

struct step {
	int who;
	enum { COMES, SAYS, GOES } what;
	const char *text;
};

static const struct step script[] = {
	{ANN, COMES, NULL},
	{BOB, COMES, NULL},
	{ANN, SAYS, "Good morning, Bob. Did the build get through last night?"},
	{DAVE, COMES, NULL},
	{BOB, SAYS, "It did, after I took the second cache out. Coffee first, details later."},
	{CAROL, COMES, NULL},
	{CAROL, SAYS, "Hello everybody! Am I too late for the plan?"},
	{ERIN, COMES, NULL},
	{ERIN, SAYS, "Is there any of the lemon cake left?"},
	{DAVE, SAYS, "Half of it. Be quick, the others are still busy in the lobby."},
	{ANN, SAYS, "Just in time, Carol. We meet at ten, all of us."},
	{BOB, SAYS, "Caf\xc3\xa9 \"Zum L\xc3\xb6wen\", same table as always \xe2\x98\x95"},
	{ERIN, SAYS, "Thank you, it was delicious."},
	{ERIN, GOES, NULL},
	{CAROL, SAYS, "See you there!"},
	{CAROL, GOES, NULL},
	{DAVE, SAYS, "Nobody left in the kitchen but me. Back to work."},
	{DAVE, GOES, NULL},
	{BOB, GOES, NULL},
	{ANN, SAYS, "And the last one turns off the light."},
	{ANN, GOES, NULL},
};

/* Everybody who is in `room` shall hear `line`. */
static void expect(struct person *people, const char *room, const char *line)
{
	for (int i = 0; i < PEOPLE; i++) {
		struct person *person = &people[i];
		if (!person->client || strcmp(person->room, room) != 0)
			continue;
		if (person->expected_count == PERSON_EXPECTED_LIMIT)
			abort();
		person->expected[person->expected_count++] = line;
	}
}

/* Polls until everybody heard what was expected so far. */
static bool settle(struct person *people, const char *line)
{
	int64_t deadline = dial_clock_ms() + STEP_MS;
	for (;;) {
		struct person *behind = NULL;
		for (int i = 0; i < PEOPLE; i++) {
			if (people[i].surprised)
				return false;
			if (people[i].client && people[i].expected_next < people[i].expected_count)
				behind = &people[i];
		}
		if (!behind)
			return true;
		if (!ws_client_is_open(behind->client)) {
			fprintf(stderr, "chat-session: the server closed %s's connection (%u) %s\n",
				behind->name, ws_client_close_code(behind->client),
				ws_client_close_reason(behind->client));
			return false;
		}
		if (dial_clock_ms() > deadline) {
			fprintf(stderr, "chat-session: %s did not hear \"%s\" within %d s\n",
				behind->name, line, STEP_MS / 1000);
			return false;
		}
		people_poll(people, PEOPLE, 100);
	}
}

/* Closes with all courtesy, and waits for the server's answer. */
static bool leave(struct person *person)
{
	int64_t deadline = dial_clock_ms() + STEP_MS;
	ws_client_close(person->client, 1000);
	while (ws_client_is_open(person->client) && dial_clock_ms() < deadline)
		people_poll(person, 1, 100);
	bool answered = ws_client_close_code(person->client) == 1000;
	if (!answered)
		fprintf(stderr, "chat-session: the server did not answer %s's farewell\n",
			person->name);
	person_free(person);
	return answered;
}

static bool play(struct person *people, uint16_t port, const struct step *step, char *line)
{
	struct person *who = &people[step->who];
	switch (step->what) {
	case COMES:
		snprintf(line, LINE_SIZE, "%s joined", who->name);
		if (!person_enter(who, port, NULL))
			return false;
		break;
	case SAYS:
		snprintf(line, LINE_SIZE, "%s: %s", who->name, step->text);
		person_say(who, step->text);
		break;
	case GOES:
		snprintf(line, LINE_SIZE, "%s left", who->name);
		if (!leave(who))
			return false;
		break;
	}
	expect(people, who->room, line);
	if (!settle(people, line))
		return false;
	printf("[%s] %s\n", who->room, line);
	return true;
}

enum session_outcome session_friendly(uint16_t port)
{
	struct person people[PEOPLE] = {
		[ANN] = {.name = "ann", .room = "lobby"},
		[BOB] = {.name = "bob", .room = "lobby"},
		[CAROL] = {.name = "carol", .room = "lobby"},
		[DAVE] = {.name = "dave", .room = "kitchen"},
		[ERIN] = {.name = "erin", .room = "kitchen"},
	};
	enum { STEPS = sizeof(script) / sizeof(*script) };
	static char lines[STEPS][LINE_SIZE];

	bool fine = true;
	for (int i = 0; i < STEPS && fine; i++)
		fine = play(people, port, &script[i], lines[i]);
	for (int i = 0; i < PEOPLE; i++)
		person_free(&people[i]);
	if (!fine)
		return SESSION_FAILED;
	printf("chat-session: all of it was heard by everybody who should\n");
	return SESSION_ALIVE;
}
