/*
 * A asks B, and B sends A a note before it answers; A has place for two: never locks up.
 */
#include "examples/gallery/gallery.h"

ACT_SIGNAL(Note)

static void ask_other(struct act_self *self, void *state, struct act_message *message)
{
	struct Go *go = act_as(message, Go);

	if (go)
		gallery_ask(self, go->other, Go, .other = act_me(self));
	act_reply(self, message, Done);
}

static void note_back(struct act_self *self, void *state, struct act_message *message)
{
	act_send(self, act_as(message, Go)->other, Note);
	act_reply(self, message, Done);
}

static const struct act_kind a_kind = {.name = "a", .mailbox = 2, .handle = ask_other};
static const struct act_kind b_kind = {.name = "b", .handle = note_back};

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
