/*
 * A asks B when it starts, and only then tells B that it is there; B asks A: never locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

ACT_MESSAGE(Hello, (handle, b))

static int greet(struct act_self *self, void *state, struct act_message *init)
{
	struct Hello *hello = act_as(init, Hello);

	gallery_ask(self, hello->b, Ping);
	act_send(self, hello->b, Go, .other = act_me(self));
	return 0;
}

static const struct act_kind a_kind = {.name = "a", .start = greet, .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle a = act_spawn_with(self, &a_kind, "A", Hello, .b = b);

	act_drop(self, &a);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
