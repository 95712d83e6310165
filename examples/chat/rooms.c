#include "examples/chat/rooms.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/room.h"

struct entry {
	struct entry *next;
	struct act_handle room;
	uint64_t visits; /* how often it was given to somebody who will join */
	char name[];
};

struct rooms {
	struct entry *first;
	bool drops_slow;
};

static struct entry **find(struct rooms *rooms, const char *name)
{
	struct entry **link = &rooms->first;
	while (*link && strcmp((*link)->name, name) != 0)
		link = &(*link)->next;
	return link;
}

static struct entry *open_room(struct act_self *self, struct rooms *rooms, const char *name)
{
	struct entry *entry = calloc(1, sizeof(*entry) + strlen(name) + 1);
	if (!entry)
		return NULL;
	strcpy(entry->name, name);
	entry->room = act_spawn_with(self, &room_kind, name, RoomInit, .rooms = act_me(self),
				     .drops_slow = rooms->drops_slow);
	if (!act_alive(entry->room)) {
		free(entry);
		return NULL;
	}
	entry->next = rooms->first;
	rooms->first = entry;
	act_log(self, "opened room %s", name);
	return entry;
}

static void close_room(struct act_self *self, struct entry **link)
{
	struct entry *entry = *link;
	*link = entry->next;
	act_log(self, "closed room %s after %llu visit%s", entry->name,
		(unsigned long long)entry->visits, entry->visits == 1 ? "" : "s");
	act_drop(self, &entry->room);
	free(entry);
}

static void give_room(struct act_self *self, struct rooms *rooms, const char *name,
		      struct act_message *question)
{
	struct entry *entry = *find(rooms, name);
	if (!entry)
		entry = open_room(self, rooms, name);
	if (!entry) {
		act_reply_error(self, question, -ENOMEM);
		return;
	}
	entry->visits++;
	act_reply(self, question, FoundRoom, .room = act_clone(self, entry->room));
}

static int rooms_start(struct act_self *self, void *state, struct act_message *init)
{
	struct rooms *rooms = state;
	rooms->drops_slow = act_as(init, RoomsInit)->drops_slow;
	return 0;
}

static void rooms_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct rooms *rooms = state;
	struct FindRoom *wanted = act_as(message, FindRoom);
	struct Vacant *vacant = act_as(message, Vacant);
	if (wanted) {
		give_room(self, rooms, wanted->name, message);
	} else if (vacant) {
		/* Somebody may be on his way to the room: then it will be vacant once more. */
		struct entry **link = find(rooms, vacant->name);
		if (*link && (*link)->visits == vacant->visits)
			close_room(self, link);
	}
}

static void rooms_stop(struct act_self *self, void *state)
{
	struct rooms *rooms = state;
	while (rooms->first)
		close_room(self, &rooms->first);
}

const struct act_kind rooms_kind = {
	.name = "rooms",
	.state_size = sizeof(struct rooms),
	.start = rooms_start,
	.handle = rooms_handle,
	.stop = rooms_stop,
};
