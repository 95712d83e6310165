/*
 * As t02, but B asks A only when it was asked something before: never locks up, though only
 * the value of a variable says so.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static void ask_second(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);
	int *seen = state;

	if (++*seen == 2 && go)
		gallery_ask(self, go->other, Ping);
	act_reply(self, message, Done);
}

static const struct act_kind b_kind = {
	.name = "b", .state_size = sizeof(int), .handle = ask_second};
static const struct act_kind a_kind = {.name = "a", .handle = relay};

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
