/*
 * script.h - a friendly conversation: two rooms, five people, who comes, says what, and goes
 */
#ifndef CHAT_SCRIPT_H
#define CHAT_SCRIPT_H

#include <stddef.h>

enum { SCRIPT_PEOPLE = 5, SCRIPT_STEPS = 21, SCRIPT_LINE = 256 };

struct script_person {
	const char *name;
	const char *room;
};

struct script_step {
	int who; /* of script_people */
	enum { SCRIPT_COMES, SCRIPT_SAYS, SCRIPT_GOES } what;
	const char *text; /* what is said */
};

extern const struct script_person script_people[SCRIPT_PEOPLE];
extern const struct script_step script[SCRIPT_STEPS];

/* What everybody in the room hears of a step, as a line of text. Once GOES, only the others do. */
void script_line(const struct script_step *step, char line[SCRIPT_LINE]);

#endif
