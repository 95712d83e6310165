/*
 * A asks B, B hands the token on to C, C asks A: always locks up, and B has no part in it.
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

static void ask_other(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	if (go)
		gallery_ask(self, go->other, Go, .other = act_me(self),
			    .third = act_take(&go->third));
	act_reply(self, message, Done);
}

static void hand_on(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	act_send(self, go->third, Passed, .other = act_take(&go->other),
		 .token = act_token_of(message));
}

static const struct act_kind a_kind = {.name = "a", .handle = ask_other};
static const struct act_kind b_kind = {.name = "b", .handle = hand_on};
static const struct act_kind c_kind = {.name = "c", .handle = work};

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
