/*
 * As t04, but G hands the question on with its token and is free: sometimes locks up.
 */
#include "examples/gallery/gallery.h"

static void work(struct act_self *self, void *state, struct act_message *message)
{
	struct Passed *passed = act_as(message, Passed);

	if (passed) {
		gallery_ask(self, passed->other, Ping);
		act_answer(self, &passed->token, Done);
	}
	act_reply(self, message, Done);
}

static void hand_on(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	act_send(self, go->other, Passed, .other = act_take(&go->third),
		 .token = act_token_of(message));
}

static const struct act_kind a_kind = {.name = "a", .handle = work};
static const struct act_kind b_kind = {.name = "b", .handle = work};
static const struct act_kind g_kind = {.name = "g", .handle = hand_on};

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
