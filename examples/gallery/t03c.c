/*
 * As t03, but the client asks both at once: sometimes locks up. A postman takes one of the
 * questions along, so that it may come later than the other.
 */
#include "examples/gallery/gallery.h"

static void work(struct act_self *self, void *state, struct act_message *message)
{
	struct Passed *passed = act_as(message, Passed);
	struct Go *go = act_as(message, Go);

	if (go)
		gallery_ask(self, go->other, Ping);
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
static const struct act_kind postman_kind = {.name = "postman", .handle = hand_on};

ACT_MESSAGE(ClientInit, (handle, a), (handle, b), (handle, postman))

static int ask_both(struct act_self *self, void *state, struct act_message *init)
{
	struct ClientInit *to = act_as(init, ClientInit);
	struct act_question questions[2] = {
		ACT_QUESTION(self, to->a, Go, .other = act_clone(self, to->b)),
		ACT_QUESTION(self, to->postman, Go, .other = act_clone(self, to->b),
			     .third = act_clone(self, to->a)),
	};

	act_ask_all(self, questions, 2);
	for (int i = 0; i < 2; i++)
		act_release(self, questions[i].reply);
	return 0;
}

static const struct act_kind client = {.name = "client", .start = ask_both};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");
	struct act_handle postman = act_spawn(self, &postman_kind, "P");
	struct act_handle x =
		act_spawn_with(self, &client, "x", ClientInit, .a = a, .b = b, .postman = postman);

	act_drop(self, &x);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
