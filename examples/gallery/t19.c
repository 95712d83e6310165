/*
 * B keeps the token of A until it is told to flush, which only A would do: always locks up.
 */
#include "examples/gallery/gallery.h"

ACT_SIGNAL(Flush)

struct b {
	struct act_token token;
};

static void park(struct act_self *self, void *state, struct act_message *message)
{
	struct b *b = state;

	if (act_as(message, Ping))
		b->token = act_token_of(message);
	else
		act_answer(self, &b->token, Done);
}

static void give_up(struct act_self *self, void *state)
{
	act_drop_token(self, &((struct b *)state)->token);
}

static void ask_and_flush(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	gallery_ask(self, go->other, Ping);
	act_send(self, go->other, Flush);
	act_reply(self, message, Done);
}

static const struct act_kind b_kind = {
	.name = "b", .state_size = sizeof(struct b), .handle = park, .stop = give_up};
static const struct act_kind a_kind = {.name = "a", .handle = ask_and_flush};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	act_drop(self, &a);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
