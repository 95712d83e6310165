#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/person.h"
#include "examples/chat/script.h"
#include "examples/chat/session.h"

enum { STEP_MS = 10000 };

/* Everybody who is in `room` shall hear `line`. */
static void expect(struct person *people, const char *room, const char *line)
{
	for (int i = 0; i < SCRIPT_PEOPLE; i++) {
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
		for (int i = 0; i < SCRIPT_PEOPLE; i++) {
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
		people_poll(people, SCRIPT_PEOPLE, 100);
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

static bool play(struct person *people, uint16_t port, const struct script_step *step,
		 char line[SCRIPT_LINE])
{
	struct person *who = &people[step->who];
	script_line(step, line);
	if (step->what == SCRIPT_COMES && !person_enter(who, port, NULL))
		return false;
	if (step->what == SCRIPT_SAYS)
		person_say(who, step->text);
	if (step->what == SCRIPT_GOES && !leave(who))
		return false;
	expect(people, who->room, line);
	if (!settle(people, line))
		return false;
	printf("[%s] %s\n", who->room, line);
	return true;
}

enum session_outcome session_friendly(uint16_t port)
{
	struct person people[SCRIPT_PEOPLE] = {0};
	static char lines[SCRIPT_STEPS][SCRIPT_LINE];

	for (int i = 0; i < SCRIPT_PEOPLE; i++) {
		people[i].name = script_people[i].name;
		people[i].room = script_people[i].room;
	}
	bool fine = true;
	for (int i = 0; i < SCRIPT_STEPS && fine; i++)
		fine = play(people, port, &script[i], lines[i]);
	for (int i = 0; i < SCRIPT_PEOPLE; i++)
		person_free(&people[i]);
	if (!fine)
		return SESSION_FAILED;
	printf("chat-session: all of it was heard by everybody who should\n");
	return SESSION_ALIVE;
}
