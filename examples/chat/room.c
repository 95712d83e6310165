#include "examples/chat/room.h"

#include <act/ws.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "examples/chat/connection.h"
#include "examples/chat/protocol.h"
#include "examples/chat/rooms.h"

struct member {
	uint64_t id;
	char *user;
	struct act_handle connection;
	struct act_handle socket; /* to hang up on the slow */
	bool is_slow;
};

struct room {
	struct act_handle rooms;
	bool drops_slow;
	struct member *members;
	size_t count, capacity;
	uint64_t visits; /* how many have joined so far; also the last one's id */
};

/* False when the member's mailbox is full, and this room does not wait. */
static bool deliver(struct act_self *self, struct room *room, struct member *member,
		    const char *json)
{
	if (room->drops_slow)
		return act_try_send(self, member->connection, Frame, .json = json) != ACT_EFULL;

	/*
	 * The classic fault, on purpose: the room waits for the slowest of its members. As long as
	 * it does, nobody empties the room's own mailbox, and the member that it waits for may come
	 * to wait for space there (see leave() in connection.c). Then neither ever goes on.
	 */
	act_send(self, member->connection, Frame, .json = json);
	return true;
}

static void broadcast(struct act_self *self, struct room *room, struct chat_frame frame)
{
	char *json = chat_encode(&frame);
	if (!json)
		return;
	for (size_t i = 0; i < room->count; i++) {
		struct member *member = &room->members[i];
		if (!member->is_slow)
			member->is_slow = !deliver(self, room, member, json);
	}
	free(json);
}

static struct member *find(struct room *room, uint64_t id)
{
	for (size_t i = 0; i < room->count; i++) {
		if (room->members[i].id == id)
			return &room->members[i];
	}
	return NULL;
}

static struct member *find_slow(struct room *room)
{
	for (size_t i = 0; i < room->count; i++) {
		if (room->members[i].is_slow)
			return &room->members[i];
	}
	return NULL;
}

static void forget(struct act_self *self, struct member *member)
{
	act_drop(self, &member->connection);
	act_drop(self, &member->socket);
	free(member->user);
}

static void remove_member(struct act_self *self, struct room *room, struct member *member)
{
	char *user = member->user;
	member->user = NULL;
	forget(self, member);
	*member = room->members[--room->count];
	broadcast(self, room, (struct chat_frame){.type = CHAT_LEFT, .user = user});
	free(user);
}

static bool add_member(struct act_self *self, struct room *room, struct Join *join)
{
	if (room->count == room->capacity) {
		size_t capacity = room->capacity ? 2 * room->capacity : 8;
		struct member *members = realloc(room->members, capacity * sizeof(*members));
		if (!members)
			return false;
		room->members = members;
		room->capacity = capacity;
	}
	char *user = strdup(join->user);
	if (!user)
		return false;
	room->members[room->count++] = (struct member){
		.id = room->visits,
		.user = user,
		.connection = act_take(&join->member),
		.socket = act_take(&join->socket),
	};
	return true;
}

static void let_in(struct act_self *self, struct room *room, struct Join *join,
		   struct act_message *question)
{
	room->visits++;
	if (!add_member(self, room, join)) {
		act_reply_error(self, question, -ENOMEM);
		return;
	}
	act_reply(self, question, Welcome, .id = room->visits);
	broadcast(self, room, (struct chat_frame){.type = CHAT_JOINED, .user = join->user});
}

static void pass_on(struct act_self *self, struct room *room, const struct Say *say)
{
	struct member *member = find(room, say->id);
	if (!member)
		return;
	broadcast(
		self, room,
		(struct chat_frame){.type = CHAT_MESSAGE, .user = member->user, .text = say->text});
}

static void hang_up_on_slow(struct act_self *self, struct room *room)
{
	struct member *member;
	while ((member = find_slow(room))) {
		act_log(self, "%s is too slow", member->user);
		act_ws_close(self, member->socket, 1008, "you read too slowly");
		remove_member(self, room, member);
	}
}

static int room_start(struct act_self *self, void *state, struct act_message *message)
{
	struct room *room = state;
	struct RoomInit *init = act_as(message, RoomInit);
	room->rooms = act_take(&init->rooms);
	room->drops_slow = init->drops_slow;
	return 0;
}

static void room_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct room *room = state;
	struct Join *join = act_as(message, Join);
	struct Say *say = act_as(message, Say);
	struct Leave *leave = act_as(message, Leave);
	if (join) {
		let_in(self, room, join, message);
	} else if (say) {
		pass_on(self, room, say);
	} else if (leave) {
		struct member *member = find(room, leave->id);
		if (member)
			remove_member(self, room, member);
	}
	hang_up_on_slow(self, room);
	if (room->count == 0)
		act_send(self, room->rooms, Vacant, .name = act_my_name(self),
			 .visits = room->visits);
}

static void room_stop(struct act_self *self, void *state)
{
	struct room *room = state;
	for (size_t i = 0; i < room->count; i++)
		forget(self, &room->members[i]);
	free(room->members);
	act_drop(self, &room->rooms);
}

const struct act_kind room_kind = {
	.name = "room",
	.state_size = sizeof(struct room),
	.start = room_start,
	.handle = room_handle,
	.stop = room_stop,
};
