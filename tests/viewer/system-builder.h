/*
 * system-builder.h - small actor systems for the viewer's tests, as the events they would write
 *
 * Events go to a sink of the test's: into a model, or into a trace file.
 */
#ifndef TESTS_VIEWER_SYSTEM_BUILDER_H
#define TESTS_VIEWER_SYSTEM_BUILDER_H

#include "tracer/event/event.h"

struct builder {
	void (*sink)(const struct trc_event *event, void *context);
	void *context;
	uint64_t time;       /* of the next event; every event adds a microsecond */
	uint16_t aseq[2048]; /* by actor */
};

enum { KIND_ROOM = 1, KIND_CONNECTION, KIND_WS };
enum { TYPE_SAY = 1, TYPE_JOIN, TYPE_LEAVE };

/* Writes the definitions: kinds room, connection, ws; types Say{text}, Join, Leave; site 1
 * (room.c:88 in broadcast), 2 (connection.c:41 in leave). */
void build_definitions(struct builder *builder);

void build_spawn(struct builder *builder, uint64_t parent, uint64_t actor, unsigned kind,
		 const char *name, unsigned capacity);
void build_send(struct builder *builder, uint64_t sender, uint64_t receiver, uint64_t message,
		unsigned type, uint64_t token, const char *text);
void build_receive(struct builder *builder, uint64_t receiver, uint64_t message);
void build_done(struct builder *builder, uint64_t receiver, uint64_t message);
void build_wait(struct builder *builder, uint64_t actor, unsigned what, uint64_t object,
		uint64_t peer, uint32_t site);
void build_wake(struct builder *builder, uint64_t actor, unsigned wake);
void build_reply(struct builder *builder, uint64_t replier, uint64_t token, uint64_t asker,
		 unsigned type, const char *text);

void build_log(struct builder *builder, uint64_t actor, const char *text);

/* `holder` gets one more handle to `target`. */
void build_clone(struct builder *builder, uint64_t holder, uint64_t target);

/* A room (actor 1, "lounge", mailbox 2) and two connections (2 "ann", 3 "bob", mailbox 2), a socket
 * (4, kind ws) and one more user (5, "cleo"). Ann talks, bob reads; `rounds` messages pass. Then,
 * with `hang`, the room waits for space in bob's full mailbox while bob waits for space in the
 * room's, and cleo's Join is never answered. */
void build_chat(struct builder *builder, unsigned rounds, bool hang);

/* The last part alone, for a chat that went on until now. */
void build_hang(struct builder *builder);

#endif
