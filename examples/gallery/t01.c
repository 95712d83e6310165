/*
 * A asks itself: always locks up.
 */
#include "examples/gallery/gallery.h"

static void ask_itself(struct act_self *self, void *state, struct act_message *message)
{
	struct act_handle me = act_me(self);

	if (act_as(message, Go))
		gallery_ask(self, me, Ping);
	act_drop(self, &me);
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = ask_itself};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");

	gallery_client(self, "x", a, ACT_NOBODY, ACT_NOBODY);
	act_drop(self, &a);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
