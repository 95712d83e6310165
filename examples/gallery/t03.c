/*
 * As t02, but one client asks A and, after the reply, B: never locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static const struct act_kind a_kind = {.name = "a", .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

ACT_MESSAGE(ClientInit, (handle, a), (handle, b))

static int ask_both(struct act_self *self, void *state, struct act_message *init)
{
	struct ClientInit *to = act_as(init, ClientInit);

	gallery_ask(self, to->a, Go, .other = act_clone(self, to->b));
	gallery_ask(self, to->b, Go, .other = act_clone(self, to->a));
	return 0;
}

static const struct act_kind client = {.name = "client", .start = ask_both};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle x = act_spawn_with(self, &client, "x", ClientInit, .a = a, .b = b);

	act_drop(self, &x);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
