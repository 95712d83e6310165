/*
 * N0 asks N1, N1 asks N2, all of one kind: never locks up, the order is always the same.
 */
#include "examples/gallery/gallery.h"

static void ask_next(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	if (go && act_alive(go->other))
		gallery_ask(self, go->other, Go, .other = act_take(&go->third));
	act_reply(self, message, Done);
}

static const struct act_kind node = {.name = "node", .handle = ask_next};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle n0 = act_spawn(self, &node, "N0");
	struct act_handle n1 = act_spawn(self, &node, "N1");
	struct act_handle n2 = act_spawn(self, &node, "N2");

	gallery_client(self, "x", n0, n1, n2);
	gallery_client(self, "y", n1, n2, ACT_NOBODY);
	act_drop(self, &n0);
	act_drop(self, &n1);
	act_drop(self, &n2);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
