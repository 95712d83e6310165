/*
 * B never answers x and lets the token go: x gets an error, nothing locks up.
 */
#include "examples/gallery/gallery.h"

static void forget(struct act_self *self, void *state, struct act_message *message)
{
}

static const struct act_kind b_kind = {.name = "b", .handle = forget};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", b, ACT_NOBODY, ACT_NOBODY);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
