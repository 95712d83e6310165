#include "examples/chat/connection.h"

#include <act/ws.h>

#include "examples/chat/room.h"
#include "examples/chat/rooms.h"

struct connection {
	struct act_handle socket;
	struct act_handle room; /* nobody: not in it any more */
	uint64_t id;
};

static int find_room(struct act_self *self, struct connection *connection,
		     const struct ConnectionInit *init)
{
	struct act_message *reply;
	int error = act_ask(self, init->rooms, &reply, FindRoom, .name = init->room);
	if (error)
		return error;
	connection->room = act_take(&act_as(reply, FoundRoom)->room);
	act_release(self, reply);
	return 0;
}

static int join(struct act_self *self, struct connection *connection)
{
	struct act_message *reply;
	int error = act_ask(self, connection->room, &reply, Join, .user = act_my_name(self),
			    .member = act_me(self), .socket = act_clone(self, connection->socket));
	if (error)
		return error;
	connection->id = act_as(reply, Welcome)->id;
	act_release(self, reply);
	return 0;
}

static void leave(struct act_self *self, struct connection *connection)
{
	if (!connection->room.actor)
		return;
	/* The other half of the fault (see deliver() in room.c): the room's mailbox may be full,
	 * and the room may be waiting for space in this actor's. */
	act_send(self, connection->room, Leave, .id = connection->id);
	act_drop(self, &connection->room);
}

static int connection_start(struct act_self *self, void *state, struct act_message *message)
{
	struct connection *connection = state;
	struct ConnectionInit *init = act_as(message, ConnectionInit);
	connection->socket = act_take(&init->socket);
	int error = find_room(self, connection, init);
	return error ? error : join(self, connection);
}

static void connection_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct connection *connection = state;
	struct Frame *frame = act_as(message, Frame);
	if (frame && connection->room.actor) {
		if (act_ws_send(self, connection->socket, frame->json) != 0)
			leave(self, connection);
	} else if (act_as(message, HungUp)) {
		leave(self, connection);
	} else if (act_as(message, Enter)) {
		act_reply(self, message, Entered, .room = act_clone(self, connection->room),
			  .id = connection->id);
	}
}

static void connection_stop(struct act_self *self, void *state)
{
	struct connection *connection = state;
	act_drop(self, &connection->room);
	act_drop(self, &connection->socket);
}

const struct act_kind connection_kind = {
	.name = "connection",
	.state_size = sizeof(struct connection),
	.start = connection_start,
	.handle = connection_handle,
	.stop = connection_stop,
};
