#include "tests/viewer/system-builder.h"

#include "tracer/event/payload.h"

#include <assert.h>
#include <string.h>

static void emit(struct builder *builder, struct trc_event event)
{
	event.time = builder->time;
	builder->time += 1000;
	if (event.actor != 0) {
		assert(event.actor < sizeof builder->aseq / sizeof builder->aseq[0]);
		event.aseq = ++builder->aseq[event.actor];
	}
	builder->sink(&event, builder->context);
}

static void define(struct builder *builder, unsigned kind, uint64_t id, uint64_t arg,
		   const char *payload, size_t size)
{
	emit(builder, (struct trc_event){.kind = (uint8_t)kind,
					 .id = id,
					 .arg = arg,
					 .payload = (const uint8_t *)payload,
					 .payload_size = (uint32_t)size});
}

#define DEFINE(builder, kind, id, arg, text) define(builder, kind, id, arg, text, sizeof(text))

void build_definitions(struct builder *builder)
{
	DEFINE(builder, TRC_DEF_KIND, KIND_ROOM, 2, "room");
	DEFINE(builder, TRC_DEF_KIND, KIND_CONNECTION, 2, "connection");
	DEFINE(builder, TRC_DEF_KIND, KIND_WS, 10, "ws");
	DEFINE(builder, TRC_DEF_TYPE, TYPE_SAY, 0, "Say\0ttext");
	DEFINE(builder, TRC_DEF_TYPE, TYPE_JOIN, 0, "Join");
	DEFINE(builder, TRC_DEF_TYPE, TYPE_LEAVE, 0, "Leave");
	DEFINE(builder, TRC_DEF_SITE, 1, 88, "chat/room.c\0broadcast");
	DEFINE(builder, TRC_DEF_SITE, 2, 41, "chat/connection.c\0leave");
}

void build_spawn(struct builder *builder, uint64_t parent, uint64_t actor, unsigned kind,
		 const char *name, unsigned capacity)
{
	emit(builder, (struct trc_event){.kind = TRC_SPAWN,
					 .flags = kind == KIND_WS ? TRC_F_SOURCE : 0,
					 .actor = parent,
					 .id = actor,
					 .peer = kind,
					 .arg = capacity,
					 .site = 1,
					 .payload = (const uint8_t *)name,
					 .payload_size = (uint32_t)strlen(name)});
	emit(builder, (struct trc_event){.kind = TRC_START, .actor = actor});
	emit(builder, (struct trc_event){.kind = TRC_DONE, .actor = actor});
}

/* The fields of a message of `type`. */
static uint32_t pack(unsigned type, const char *text, uint8_t *data, size_t size)
{
	struct trc_packer packer = {.data = data, .limit = size};

	if (type == TYPE_SAY)
		trc_pack_bytes(&packer, text, strlen(text));
	return (uint32_t)packer.size;
}

void build_send(struct builder *builder, uint64_t sender, uint64_t receiver, uint64_t message,
		unsigned type, uint64_t token, const char *text)
{
	uint8_t data[128];

	emit(builder, (struct trc_event){.kind = TRC_SEND,
					 .actor = sender,
					 .id = message,
					 .peer = receiver,
					 .type = (uint16_t)type,
					 .arg = token,
					 .site = sender == 1 ? 1 : 2,
					 .payload_size = pack(type, text, data, sizeof data),
					 .payload = data});
}

void build_receive(struct builder *builder, uint64_t receiver, uint64_t message)
{
	emit(builder, (struct trc_event){.kind = TRC_RECEIVE, .actor = receiver, .id = message});
}

void build_done(struct builder *builder, uint64_t receiver, uint64_t message)
{
	emit(builder, (struct trc_event){.kind = TRC_DONE, .actor = receiver, .id = message});
}

void build_wait(struct builder *builder, uint64_t actor, unsigned what, uint64_t object,
		uint64_t peer, uint32_t site)
{
	emit(builder, (struct trc_event){.kind = TRC_WAIT,
					 .actor = actor,
					 .type = (uint16_t)what,
					 .id = object,
					 .peer = peer,
					 .site = site});
}

void build_wake(struct builder *builder, uint64_t actor, unsigned wake)
{
	emit(builder, (struct trc_event){.kind = TRC_WAKE, .actor = actor, .type = (uint16_t)wake});
}

void build_reply(struct builder *builder, uint64_t replier, uint64_t token, uint64_t asker,
		 unsigned type, const char *text)
{
	uint8_t data[128];

	emit(builder, (struct trc_event){.kind = TRC_REPLY,
					 .actor = replier,
					 .id = token,
					 .peer = asker,
					 .type = (uint16_t)type,
					 .site = 1,
					 .payload_size = pack(type, text, data, sizeof data),
					 .payload = data});
}

void build_clone(struct builder *builder, uint64_t holder, uint64_t target)
{
	emit(builder, (struct trc_event){.kind = TRC_HANDLE_CLONE, .actor = holder, .id = target});
}

void build_log(struct builder *builder, uint64_t actor, const char *text)
{
	emit(builder, (struct trc_event){.kind = TRC_LOG,
					 .actor = actor,
					 .payload_size = (uint32_t)strlen(text),
					 .payload = (const uint8_t *)text});
}

enum { LOUNGE = 1, ANN, BOB, SOCKET, CLEO };

/* A user asks to join and gets its answer. */
static void join(struct builder *builder, uint64_t user, uint64_t message)
{
	uint64_t token = message + 500;

	build_send(builder, 0, user, message, TYPE_SAY, 0, "connect");
	build_receive(builder, user, message);
	build_send(builder, user, LOUNGE, message + 1, TYPE_JOIN, token, "");
	build_wait(builder, user, TRC_WHAT_REPLY, token, LOUNGE, 2);
	build_receive(builder, LOUNGE, message + 1);
	build_reply(builder, LOUNGE, token, user, TYPE_SAY, "welcome");
	build_wake(builder, user, TRC_WAKE_MET);
	build_done(builder, LOUNGE, message + 1);
	build_done(builder, user, message);
}

/* Ann says something, the room tells bob. */
static void say(struct builder *builder, uint64_t message)
{
	build_send(builder, ANN, LOUNGE, message, TYPE_SAY, 0, "hi");
	build_receive(builder, LOUNGE, message);
	build_send(builder, LOUNGE, BOB, message + 1, TYPE_SAY, 0, "hi");
	build_done(builder, LOUNGE, message);
	build_receive(builder, BOB, message + 1);
	build_done(builder, BOB, message + 1);
}

void build_hang(struct builder *builder)
{
	/* Bob is busy; his mailbox fills, then the room's. */
	build_send(builder, 0, BOB, 9000, TYPE_LEAVE, 0, "");
	build_receive(builder, BOB, 9000);
	build_send(builder, ANN, LOUNGE, 9001, TYPE_SAY, 0, "one");
	build_receive(builder, LOUNGE, 9001);
	build_send(builder, LOUNGE, BOB, 9002, TYPE_SAY, 0, "one");
	build_send(builder, LOUNGE, BOB, 9003, TYPE_SAY, 0, "two");
	build_wait(builder, LOUNGE, TRC_WHAT_SPACE, BOB, BOB, 1);
	build_send(builder, ANN, LOUNGE, 9004, TYPE_SAY, 0, "three");
	build_send(builder, 0, CLEO, 9005, TYPE_SAY, 0, "connect");
	build_receive(builder, CLEO, 9005);
	build_send(builder, CLEO, LOUNGE, 9006, TYPE_JOIN, 9506, "");
	build_wait(builder, CLEO, TRC_WHAT_REPLY, 9506, LOUNGE, 2);
	build_wait(builder, BOB, TRC_WHAT_SPACE, LOUNGE, LOUNGE, 2);
}

void build_chat(struct builder *builder, unsigned rounds, bool hang)
{
	build_definitions(builder);
	build_spawn(builder, 0, LOUNGE, KIND_ROOM, "lounge", 2);
	build_spawn(builder, 0, SOCKET, KIND_WS, "", 10);
	build_spawn(builder, SOCKET, ANN, KIND_CONNECTION, "ann", 2);
	build_spawn(builder, SOCKET, BOB, KIND_CONNECTION, "bob", 2);
	build_spawn(builder, SOCKET, CLEO, KIND_CONNECTION, "cleo", 2);
	join(builder, ANN, 100);
	join(builder, BOB, 200);
	for (unsigned i = 0; i < rounds; i++)
		say(builder, 1000 + 10 * i);
	if (hang)
		build_hang(builder);
}
