/*
 * For x, A asks B and C and goes on with the first answer; for y, B asks A, and for z, C does:
 * sometimes locks up, when all three have begun. While one of B and C has not, A gets an answer.
 */
#include "examples/gallery/any.h"

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	gallery_ask_any(self, true);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
