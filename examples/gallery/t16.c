/*
 * As t15, but C asks A back, too: always locks up.
 */
#include "examples/gallery/gallery.h"

GALLERY_RELAY(relay)

static void ask_any(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);
	size_t first;

	if (go) {
		struct act_question questions[2] = {
			ACT_QUESTION(self, go->other, Go, .other = act_me(self)),
			ACT_QUESTION(self, go->third, Go, .other = act_me(self)),
		};

		if (act_ask_any(self, questions, 2, &first) == 0)
			act_release(self, questions[first].reply);
	}
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = ask_any};
static const struct act_kind b_kind = {.name = "b", .handle = relay};
static const struct act_kind c_kind = {.name = "c", .handle = relay};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle c = act_spawn(self, &c_kind, "C");

	gallery_client(self, "x", a, b, c);
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
