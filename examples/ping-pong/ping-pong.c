/*
 * Two players throw a ball to each other.
 *
 * Shows a handle inside a message: whoever catches the ball learns from it where to throw it next.
 * Nobody has to end the game: the one who keeps the ball drops with it the last handle to the
 * other, and an actor that nobody can reach any more ends by itself.
 */
#include "examples/common.h"

#include <inttypes.h>
#include <stdio.h>

ACT_MESSAGE(Ball, (handle, thrower), (u64, throws))

enum { THROWS = 1000 };

static void play(struct act_self *self, void *state, struct act_message *message)
{
	struct Ball *ball = act_as(message, Ball);

	if (ball->throws == THROWS)
		printf("%s keeps the ball after %" PRIu64 " throws\n", act_my_name(self),
		       ball->throws);
	else
		act_send(self, ball->thrower, Ball, .thrower = act_me(self),
			 .throws = ball->throws + 1);
}

static const struct act_kind player_kind = {.name = "player", .handle = play};

/* --- the referee ---------------------------------------------------------------------------- */

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle ann = act_spawn(self, &player_kind, "ann");
	struct act_handle bob = act_spawn(self, &player_kind, "bob");

	act_send(self, ann, Ball, .thrower = bob);
	act_drop(self, &ann);
	return 0;
}

static const struct act_kind referee_kind = {.name = "referee", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &referee_kind);
}
