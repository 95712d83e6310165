/*
 * As t22, but nobody makes C ask A: never locks up, C always answers.
 */
#include "examples/gallery/any.h"

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	gallery_ask_any(self, false);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
