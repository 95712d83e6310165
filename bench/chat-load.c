/*
 * chat-load.c - people who keep a chat server busy
 *
 *     chat-load PORT MESSAGES
 *
 * Four rooms of eight. Each has a few messages under way at any time and says the next one when it
 * hears its own, until it has said its part of MESSAGES. Ends when everybody has heard everything.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "examples/chat/person.h"

enum {
	ROOMS = 4,
	ROOM = 8,
	PEOPLE = ROOMS * ROOM,
	WINDOW = 4,
	JOIN_MS = 10000,
	STILL_MS = 10000,
};

static const char text[] = "The quick brown fox jumps over the lazy dog, again and again.";

_Noreturn static void fail(const char *what)
{
	fprintf(stderr, "chat-load: %s\n", what);
	exit(1);
}

static void enter(struct person *people, uint16_t port)
{
	static char names[PEOPLE][16], rooms[ROOMS][16];

	for (int i = 0; i < PEOPLE; i++) {
		snprintf(names[i], sizeof(names[i]), "person-%d", i);
		snprintf(rooms[i % ROOMS], sizeof(rooms[0]), "room-%d", i % ROOMS);
		people[i] = (struct person){.name = names[i], .room = rooms[i % ROOMS]};
		if (!person_enter(&people[i], port, NULL))
			fail("cannot connect");
		while (!people[i].has_joined)
			if (!people_poll(people, PEOPLE, JOIN_MS))
				fail("cannot join");
	}
}

static void talk(struct person *people, unsigned each)
{
	bool more = true;

	while (more) {
		more = false;
		for (int i = 0; i < PEOPLE; i++) {
			while (people[i].said < each && people[i].said - people[i].echoed < WINDOW)
				person_say(&people[i], text);
			more |= people[i].echoed < each;
		}
		if (more && !people_poll(people, PEOPLE, STILL_MS))
			fail("the server stands still");
	}
}

int main(int argc, char **argv)
{
	static struct person people[PEOPLE];
	unsigned long port = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
	unsigned long messages = argc == 3 ? strtoul(argv[2], NULL, 10) : 0;

	if (port == 0 || port > UINT16_MAX || messages < PEOPLE) {
		fprintf(stderr, "usage: chat-load PORT MESSAGES\n");
		return 2;
	}
	signal(SIGPIPE, SIG_IGN);
	enter(people, (uint16_t)port);
	talk(people, (unsigned)(messages / PEOPLE));
	for (int i = 0; i < PEOPLE; i++)
		person_free(&people[i]);
	return 0;
}
