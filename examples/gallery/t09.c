/*
 * A waits for the end of B, and B asks A before it ends: sometimes locks up.
 */
#include "examples/gallery/gallery.h"

ACT_MESSAGE(WorkFor, (handle, b), (handle, a))

static void wait_for_end(struct act_self *self, void *state, struct act_message *message)
{
	if (act_as(message, Go))
		act_join(self, act_as(message, Go)->other);
	act_reply(self, message, Done);
}

static void ask_and_end(struct act_self *self, void *state, struct act_message *message)
{
	gallery_ask(self, act_as(message, Go)->other, Ping);
	act_stop_self(self);
}

static int send_work(struct act_self *self, void *state, struct act_message *init)
{
	struct WorkFor *work = act_as(init, WorkFor);

	return act_send(self, work->b, Go, .other = act_take(&work->a));
}

static const struct act_kind sender = {.name = "sender", .start = send_work};
static const struct act_kind a_kind = {.name = "a", .handle = wait_for_end};
static const struct act_kind b_kind = {.name = "b", .handle = ask_and_end};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	struct act_handle y = act_spawn_with(self, &sender, "y", WorkFor, .b = b, .a = a);

	act_drop(self, &y);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
