#include "examples/chat/reader.h"

#include <act/ws.h>

#include <stdio.h>
#include <string.h>

#include "examples/chat/connection.h"
#include "examples/chat/protocol.h"
#include "examples/chat/room.h"

/* Codes of RFC 6455, section 7.4.1. */
enum { CANNOT_ACCEPT = 1003, POLICY_VIOLATION = 1008, SERVER_ERROR = 1011 };

ACT_SIGNAL(TimeToConnect)

static const uint64_t connect_limit = 10 * ACT_SECOND;

ACT_MESSAGE(ReaderInit, (handle, socket), (handle, rooms))

struct reader {
	struct act_handle socket;
	struct act_handle rooms;
	struct act_handle connection; /* nobody: has not said Connect yet */
	struct act_handle room;
	uint64_t id; /* in the room */
	uint64_t timer;
	bool refused; /* what still comes does not count */
};

static void refuse(struct act_self *self, struct reader *reader, uint16_t code, const char *why)
{
	act_log(self, "refused with %u: %s", code, why);
	act_ws_close(self, reader->socket, code, why);
	reader->refused = true;
}

static void connect_user(struct act_self *self, struct reader *reader,
			 const struct chat_frame *frame)
{
	act_cancel_timer(self, reader->timer);
	reader->connection =
		act_spawn_with(self, &connection_kind, frame->user, ConnectionInit,
			       .socket = act_clone(self, reader->socket),
			       .rooms = act_clone(self, reader->rooms), .room = frame->room);
	struct act_message *reply;
	if (act_ask(self, reader->connection, &reply, Enter) != 0) {
		refuse(self, reader, SERVER_ERROR, "the room cannot be joined");
		return;
	}
	struct Entered *entered = act_as(reply, Entered);
	reader->room = act_take(&entered->room);
	reader->id = entered->id;
	act_release(self, reply);
}

static void take_frame(struct act_self *self, struct reader *reader, const struct chat_frame *frame)
{
	bool connected = reader->connection.actor != NULL;
	if (!connected && frame->type == CHAT_CONNECT)
		connect_user(self, reader, frame);
	else if (!connected)
		refuse(self, reader, POLICY_VIOLATION, "the first frame must be Connect");
	else if (frame->type == CHAT_SEND_MESSAGE)
		act_send(self, reader->room, Say, .id = reader->id, .text = frame->text);
	else if (frame->type == CHAT_CONNECT)
		refuse(self, reader, POLICY_VIOLATION, "connected already");
	else
		refuse(self, reader, POLICY_VIOLATION, "only servers send this type");
}

static void take_text(struct act_self *self, struct reader *reader, const char *text)
{
	struct chat_frame frame;
	char error[CHAT_ERROR];
	if (!chat_decode(text, strlen(text), &frame, error)) {
		refuse(self, reader, POLICY_VIOLATION, error);
		return;
	}
	take_frame(self, reader, &frame);
	chat_frame_free(&frame);
}

static int reader_start(struct act_self *self, void *state, struct act_message *message)
{
	struct reader *reader = state;
	struct ReaderInit *init = act_as(message, ReaderInit);
	reader->socket = act_take(&init->socket);
	reader->rooms = act_take(&init->rooms);
	reader->timer = act_after(self, connect_limit, TimeToConnect);
	return act_ws_own(self, reader->socket);
}

static void drop_all(struct act_self *self, struct reader *reader)
{
	act_drop(self, &reader->socket);
	act_drop(self, &reader->rooms);
	act_drop(self, &reader->connection);
	act_drop(self, &reader->room);
}

static void reader_handle(struct act_self *self, void *state, struct act_message *message)
{
	struct reader *reader = state;
	struct WsText *text = act_as(message, WsText);
	struct WsClosed *closed = act_as(message, WsClosed);
	if (closed) {
		act_log(self, "closed with %lld %s", (long long)closed->code, closed->reason);
		act_cancel_timer(self, reader->timer);
		if (reader->connection.actor)
			act_send(self, reader->connection, HungUp);
		drop_all(self, reader);
	} else if (reader->refused) {
		return;
	} else if (text) {
		take_text(self, reader, text->text);
	} else if (act_as(message, WsBinary)) {
		refuse(self, reader, CANNOT_ACCEPT, "frames are text");
	} else if (act_as(message, TimeToConnect)) {
		refuse(self, reader, POLICY_VIOLATION, "no Connect within 10 seconds");
	}
}

static void reader_stop(struct act_self *self, void *state)
{
	drop_all(self, state);
}

static const struct act_kind reader_kind = {
	.name = "reader",
	.state_size = sizeof(struct reader),
	.start = reader_start,
	.handle = reader_handle,
	.stop = reader_stop,
};

void reader_welcome(struct act_self *self, struct act_handle socket, const char *peer,
		    struct act_handle rooms)
{
	char name[80];
	snprintf(name, sizeof(name), "from %s", peer);
	struct act_handle reader =
		act_spawn_with(self, &reader_kind, name, ReaderInit, .socket = socket,
			       .rooms = act_clone(self, rooms));
	act_drop(self, &reader);
}
