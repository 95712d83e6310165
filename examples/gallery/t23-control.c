/*
 * As t23, but room A does not know member 1: no actors could close the ring.
 */
#include "examples/gallery/rooms.h"

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	gallery_cross(self, false);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
