#include "examples/gallery/any.h"

GALLERY_RELAY(relay)

static void ask_any(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);
	size_t first;

	if (go) {
		struct act_question questions[2] = {
			ACT_QUESTION(self, go->other, Ping),
			ACT_QUESTION(self, go->third, Ping),
		};

		if (act_ask_any(self, questions, 2, &first) == 0)
			act_release(self, questions[first].reply);
	}
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .handle = ask_any};
static const struct act_kind b_kind = {.name = "b", .handle = relay};
static const struct act_kind c_kind = {.name = "c", .handle = relay};

void gallery_ask_any(struct act_self *self, bool both)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle c = act_spawn(self, &c_kind, "C");

	gallery_client(self, "x", a, b, c);
	gallery_client(self, "y", b, a, ACT_NOBODY);
	if (both)
		gallery_client(self, "z", c, a, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	act_drop(self, &c);
}
