#include "examples/chat/script.h"

#include <stdio.h>

enum { ANN, BOB, CAROL, DAVE, ERIN };

const struct script_person script_people[SCRIPT_PEOPLE] = {
	[ANN] = {"ann", "lobby"},     [BOB] = {"bob", "lobby"},     [CAROL] = {"carol", "lobby"},
	[DAVE] = {"dave", "kitchen"}, [ERIN] = {"erin", "kitchen"},
};

const struct script_step script[SCRIPT_STEPS] = {
	{ANN, SCRIPT_COMES, NULL},
	{BOB, SCRIPT_COMES, NULL},
	{ANN, SCRIPT_SAYS, "Good morning, Bob. Did the build get through last night?"},
	{DAVE, SCRIPT_COMES, NULL},
	{BOB, SCRIPT_SAYS,
	 "It did, after I took the second cache out. Coffee first, details later."},
	{CAROL, SCRIPT_COMES, NULL},
	{CAROL, SCRIPT_SAYS, "Hello everybody! Am I too late for the plan?"},
	{ERIN, SCRIPT_COMES, NULL},
	{ERIN, SCRIPT_SAYS, "Is there any of the lemon cake left?"},
	{DAVE, SCRIPT_SAYS, "Half of it. Be quick, the others are still busy in the lobby."},
	{ANN, SCRIPT_SAYS, "Just in time, Carol. We meet at ten, all of us."},
	{BOB, SCRIPT_SAYS, "Caf\xc3\xa9 \"Zum L\xc3\xb6wen\", same table as always \xe2\x98\x95"},
	{ERIN, SCRIPT_SAYS, "Thank you, it was delicious."},
	{ERIN, SCRIPT_GOES, NULL},
	{CAROL, SCRIPT_SAYS, "See you there!"},
	{CAROL, SCRIPT_GOES, NULL},
	{DAVE, SCRIPT_SAYS, "Nobody left in the kitchen but me. Back to work."},
	{DAVE, SCRIPT_GOES, NULL},
	{BOB, SCRIPT_GOES, NULL},
	{ANN, SCRIPT_SAYS, "And the last one turns off the light."},
	{ANN, SCRIPT_GOES, NULL},
};

void script_line(const struct script_step *step, char line[SCRIPT_LINE])
{
	const char *name = script_people[step->who].name;

	switch (step->what) {
	case SCRIPT_COMES:
		snprintf(line, SCRIPT_LINE, "%s joined", name);
		break;
	case SCRIPT_SAYS:
		snprintf(line, SCRIPT_LINE, "%s: %s", name, step->text);
		break;
	case SCRIPT_GOES:
		snprintf(line, SCRIPT_LINE, "%s left", name);
		break;
	}
}
