/*
 * x asks A, A asks B, B asks A back: always locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static void bring_back(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	if (go)
		gallery_ask(self, go->other, Go, .other = act_me(self));
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = bring_back};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
