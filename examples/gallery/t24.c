/*
 * For x, A asks B or B asks A, and so for y, as two coins fall: sometimes locks up. A run in which
 * both ask the same way shows nothing; two such runs that differ do, together.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static const struct act_kind a_kind = {.name = "a", .handle = relay};
static const struct act_kind b_kind = {.name = "b", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	uint64_t coins = act_random(self);

	gallery_client(self, "x", coins & 1 ? b : a, coins & 1 ? a : b, ACT_NOBODY);
	gallery_client(self, "y", coins & 2 ? b : a, coins & 2 ? a : b, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
