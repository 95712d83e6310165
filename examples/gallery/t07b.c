/*
 * As t07, but A has place for one, and y sends A a note, too: sometimes locks up, when that one
 * is in the mailbox.
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

ACT_MESSAGE(NoteTo, (handle, to))

static int send_note(struct act_self *self, void *state, struct act_message *init)
{
	return act_send(self, act_as(init, NoteTo)->to, Note);
}

static const struct act_kind noter = {.name = "noter", .start = send_note};
static const struct act_kind a_kind = {.name = "a", .mailbox = 1, .handle = ask_other};
static const struct act_kind b_kind = {.name = "b", .handle = note_back};

static int begin(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle a = act_spawn(self, &a_kind, "A");
	struct act_handle b = act_spawn(self, &b_kind, "B");

	gallery_client(self, "x", a, b, ACT_NOBODY);
	struct act_handle y = act_spawn_with(self, &noter, "y", NoteTo, .to = a);

	act_drop(self, &y);
	act_drop(self, &b);
	return 0;
}

static const struct act_kind beginner = {.name = "beginner", .start = begin};

int main(int argc, char **argv)
{
	return example_run(argc, argv, &beginner);
}
