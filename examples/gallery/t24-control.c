/*
 * As t24, but only one client asks, and once: never locks up, nor do two runs together say so.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static const struct act_kind a_kind = {.name = "a", .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	uint64_t coin = act_random(self) & 1;

	gallery_client(self, "x", coin ? b : a, coin ? a : b, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
