/*
 * A and B send each other two balls for each, up to three times: sometimes locks up, with both
 * mailboxes full.
 */
#include "examples/gallery/gallery.h"

ACT_MESSAGE(Ball, (u64, left), (handle, to))

static void throw(struct act_self * self, void *state, struct act_message *message)
{
	struct Ball *ball = act_as(message, Ball);

	for (int i = 0; i < 2 && ball->left > 0; i++)
		act_send(self, ball->to, Ball, .left = ball->left - 1, .to = act_me(self));
}

static int serve(struct act_self *self, void *state, struct act_message *init)
{
	struct Go *go = act_as(init, Go);

	return act_send(self, go->other, Ball, .left = 1 + act_random(self) % 3,
			.to = act_take(&go->third));
}

static const struct act_kind server = {.name = "server", .start = serve};
static const struct act_kind a_kind = {.name = "a", .mailbox = 1, .handle = throw};
static const struct act_kind b_kind = {.name = "b", .mailbox = 1, .handle = throw};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	struct act_handle x = act_spawn_with(self, &server, "x", Go, .other = act_clone(self, a),
					     .third = act_clone(self, b));
	struct act_handle y = act_spawn_with(self, &server, "y", Go, .other = b, .third = a);

	act_drop(self, &x);
	act_drop(self, &y);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
