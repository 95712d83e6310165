/*
 * As t02, but A asks with a deadline: never locks up, but may stall until it passes.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static void ask_a_while(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);
	struct act_message *reply = NULL;

	if (go)
		act_ask_within(self, go->other, &reply, ACT_SECOND, Ping);
	act_release(self, reply);
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = ask_a_while};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	gallery_client(self, "y", b, a, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
