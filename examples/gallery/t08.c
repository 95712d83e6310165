/*
 * A asks B, B asks C, C asks A, for three clients: sometimes locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static const struct act_kind a_kind = {.name = "a", .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};
static const struct act_kind c_kind = {.name = "c", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle c = act_spawn(self, &c_kind, "C");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	gallery_client(self, "y", b, c, ACT_NOBODY);
	gallery_client(self, "z", c, a, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	act_drop(self, &c);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
