/*
 * As t02, but both clients go through G, which waits for the answer: never locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

/* The gate. */
static void pass_on(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	gallery_ask(self, go->other, Go, .other = act_take(&go->third));
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};
static const struct act_kind g_kind = {.name = "g", .handle = pass_on};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle g = act_spawn(self, &g_kind, "G");

	gallery_client(self, "x", g, a, b);
	gallery_client(self, "y", g, b, a);
	act_drop(self, &a);
	act_drop(self, &b);
	act_drop(self, &g);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
