/*
 * Balls go around from C to A to B to C; C keeps at most two under way: never locks up.
 */
#include "examples/gallery/gallery.h"

enum { CREDITS = 2, BALLS = 8 };

ACT_MESSAGE(Ball, (handle, next), (handle, then))

struct c {
	struct act_handle a, b;
	int sent;
};

static void throw(struct act_self * self, struct c *c)
{
	if (c->sent++ < BALLS)
		act_send(self, c->a, Ball, .next = act_clone(self, c->b), .then = act_me(self));
}

static int begin(struct act_self *self, void *state, struct act_message *init);

static void pass_on(struct act_self *self, void *state, struct act_message *message)
{
	struct Ball *ball = act_as(message, Ball);

	act_send(self, ball->next, Ball, .next = act_take(&ball->then));
}

static void acknowledged(struct act_self *self, void *state, struct act_message *message)
{
	throw(self, state);
}

static void stop(struct act_self *self, void *state)
{
	act_drop(self, &((struct c *)state)->a);
	act_drop(self, &((struct c *)state)->b);
}

static const struct act_kind passer = {.name = "passer", .mailbox = 2, .handle = pass_on};
static const struct act_kind c_kind = {.name = "c",
				       .state_size = sizeof(struct c),
				       .mailbox = 2,
				       .start = begin,
				       .handle = acknowledged,
				       .stop = stop};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct c *c = state;

	c->a = act_spawn(self, &passer, "A");
	c->b = act_spawn(self, &passer, "B");
	for (int i = 0; i < CREDITS; i++)
		throw(self, c);
	return 0;
}

int main(int argc, char **argv)
{
	return example_run(argc, argv, &c_kind);
}
