#include "examples/gallery/rooms.h"

ACT_MESSAGE(Meet, (handle, whom)) /* of no use but to be acquainted */

GALLERY_RELAY(relay)

static const struct act_kind room = {.name = "room", .handle = relay};
static const struct act_kind member = {.name = "member", .handle = relay};

void gallery_cross(struct act_self *self, bool acquainted)
{
	struct act_handle a = act_spawn(self, &room, "A"), b = act_spawn(self, &room, "B");
	struct act_handle one = act_spawn(self, &member, "1"), two = act_spawn(self, &member, "2");

	gallery_client(self, "x", one, a, ACT_NOBODY);
	gallery_client(self, "y", b, two, ACT_NOBODY);
	if (acquainted)
		act_send(self, a, Meet, .whom = act_clone(self, one));
	act_drop(self, &a);
	act_drop(self, &b);
	act_drop(self, &one);
	act_drop(self, &two);
}
