#include "examples/gallery/gallery.h"

ACT_MESSAGE(ClientInit, (handle, first), (handle, other), (handle, third))

static int ask_first(struct act_self *self, void *state, struct act_message *init)
{
	struct ClientInit *to = act_as(init, ClientInit);

	gallery_ask(self, to->first, Go, .other = act_take(&to->other),
		    .third = act_take(&to->third));
	return 0;
}

static const struct act_kind client = {.name = "client", .start = ask_first};

void gallery_client(struct act_self *self, const char *name, struct act_handle first,
		    struct act_handle other, struct act_handle third)
{
	struct act_handle actor =
		act_spawn_with(self, &client, name, ClientInit, .first = act_clone(self, first),
			       .other = act_clone(self, other), .third = act_clone(self, third));

	act_drop(self, &actor);
}
