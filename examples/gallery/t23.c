/*
 * Member 1 asks room A, and room B asks member 2: never locks up, but the kinds wait for each
 * other, and room A knows member 1: it could ask it back, as B asks 2.
 */
#include "examples/gallery/rooms.h"

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	gallery_cross(self, true);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
