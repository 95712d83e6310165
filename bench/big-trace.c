/*
 * big-trace FILE EVENTS [ACTORS] - writes a large trace of an invented program
 *
 * Clients ask servers and wait for the reply; servers tell other clients of it; timers wake the
 * clients. Every few million events the program rests for a second, and now and then it is flooded,
 * so that mailboxes fill. At the end two servers ask each other and wait for ever. The events go
 * through the recorder's own store and deriver, in batches, from four rings; only the program is
 * missing.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tracer/derive/derive.h"
#include "tracer/model/memory.h"

enum {
	RINGS = 4,
	BATCH = 50000,
	ROOM = 64, /* of a mailbox */
	KIND_SERVER = 1,
	KIND_CLIENT = 2,
	TYPE_TICK = 1,
	TYPE_QUESTION = 2,
	TYPE_NOTE = 3,
	REST = 3000000,  /* events between rests */
	FLOOD = 700000,  /* events between floods */
	PER_SERVER = 12, /* clients */
};

struct mail {
	uint64_t id, token, asker;
	uint16_t type;
};

struct actor {
	uint16_t aseq;
	bool server;
	unsigned phase;  /* 0: between messages; of the handler */
	uint64_t awaits; /* token */
	bool answered;
	struct mail now, box[ROOM];
	unsigned first, count;
};

static struct actor *actors; /* number 1 is at 0 */
static uint64_t actor_count, server_count;
static uint64_t now, events, wanted, unique[RINGS];
static struct trc_store *store;
static struct trc_deriver *deriver;
static struct trc_error error;
static uint64_t lot = 88172645463325252u;

static uint64_t draw(uint64_t below)
{
	lot ^= lot << 13;
	lot ^= lot >> 7;
	lot ^= lot << 17;
	return lot % below;
}

static void check(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "big-trace: %s\n", error.text);
	exit(1);
}

static void derive_batch(bool put)
{
	struct trc_batch *batch = trc_store_take_batch(store);

	for (size_t i = 0; batch && i < batch->count; i++) {
		struct trc_segment segment;
		unsigned ring;

		check(trc_batch_load(batch, i, &ring, &segment, &error));
		trc_deriver_add(deriver, ring, &segment);
		trc_segment_clear(&segment);
	}
	if (batch)
		trc_deriver_end_batch(deriver, batch->number);
	trc_batch_free(batch);
	if (put && trc_deriver_left(deriver) > 0)
		check(trc_deriver_put(deriver, store, SIZE_MAX >> 1, &error));
}

static void commit(void)
{
	check(trc_store_begin(store, &error));
	check(trc_store_commit(store, &error));
	derive_batch(events / BATCH % 16 == 0);
	if (events % (BATCH * 100) < BATCH)
		fprintf(stderr, "\r%" PRIu64 " M events", events / 1000000);
}

static unsigned ring_of(uint64_t actor)
{
	return (unsigned)(actor % RINGS);
}

static uint64_t new_id(uint64_t actor)
{
	unsigned ring = ring_of(actor);

	return (uint64_t)(ring + 1) << 48 | ++unique[ring];
}

static void add(struct trc_event event)
{
	if (event.actor > 0 && event.kind >= TRC_SPAWN) {
		struct actor *actor = &actors[event.actor - 1];

		event.aseq = actor->aseq = trc_aseq_next(actor->aseq);
	}
	now += 20 + draw(160);
	event.time = now;
	check(trc_store_add(store, ring_of(event.actor), &event, &error));
	if (++events % BATCH == 0)
		commit();
	if (events % REST == 0)
		now += 1000000000;
}

static void define(unsigned kind, uint64_t id, const char *text, size_t size, uint64_t arg)
{
	add((struct trc_event){.kind = (uint8_t)kind,
			       .id = id,
			       .arg = arg,
			       .payload = (const uint8_t *)text,
			       .payload_size = (uint32_t)size});
}

static void begin(void)
{
	define(TRC_DEF_KIND, KIND_SERVER, "server", 7, ROOM);
	define(TRC_DEF_KIND, KIND_CLIENT, "client", 7, ROOM);
	define(TRC_DEF_TYPE, TYPE_TICK, "Tick", 5, 0);
	define(TRC_DEF_TYPE, TYPE_QUESTION, "Question\0un", 12, 0);
	define(TRC_DEF_TYPE, TYPE_NOTE, "Note\0un", 8, 0);
	define(TRC_DEF_SITE, 1, "program.c\0tick", 15, 10);
	define(TRC_DEF_SITE, 2, "program.c\0ask_server", 21, 42);
	define(TRC_DEF_SITE, 3, "program.c\0answer", 17, 77);
	for (uint64_t i = 1; i <= actor_count; i++) {
		actors[i - 1].server = i <= server_count;
		add((struct trc_event){.kind = TRC_SPAWN,
				       .id = i,
				       .peer = actors[i - 1].server ? KIND_SERVER : KIND_CLIENT,
				       .arg = ROOM,
				       .site = 1});
		add((struct trc_event){.kind = TRC_START, .actor = i});
		add((struct trc_event){.kind = TRC_DONE, .actor = i});
	}
}

static bool send(uint64_t from, uint64_t to, unsigned type, bool ask, uint32_t site)
{
	struct actor *receiver = &actors[to - 1];
	uint8_t payload[] = {(uint8_t)(events & 0x7f)};
	struct mail mail = {.id = new_id(from), .asker = from, .type = (uint16_t)type};

	if (receiver->count == ROOM)
		return false;
	mail.token = ask ? new_id(from) : 0;
	receiver->box[(receiver->first + receiver->count++) % ROOM] = mail;
	add((struct trc_event){.kind = TRC_SEND,
			       .actor = from,
			       .id = mail.id,
			       .peer = to,
			       .type = (uint16_t)type,
			       .arg = mail.token,
			       .site = site,
			       .payload = payload,
			       .payload_size = type == TYPE_TICK ? 0 : sizeof payload});
	if (ask)
		actors[from - 1].awaits = mail.token;
	return true;
}

static void wait_reply(uint64_t id, uint64_t server)
{
	add((struct trc_event){.kind = TRC_WAIT,
			       .actor = id,
			       .type = TRC_WHAT_REPLY,
			       .id = actors[id - 1].awaits,
			       .peer = server,
			       .site = 2});
}

static void receive(uint64_t id)
{
	struct actor *actor = &actors[id - 1];

	actor->now = actor->box[actor->first];
	actor->first = (actor->first + 1) % ROOM;
	actor->count--;
	actor->phase = 1;
	add((struct trc_event){.kind = TRC_RECEIVE, .actor = id, .id = actor->now.id});
}

static void done(uint64_t id)
{
	actors[id - 1].phase = 0;
	add((struct trc_event){.kind = TRC_DONE, .actor = id, .id = actors[id - 1].now.id});
}

static void step_client(uint64_t id)
{
	struct actor *client = &actors[id - 1];
	uint64_t server = 1 + draw(server_count);

	if (client->now.type == TYPE_TICK && client->phase == 1) {
		if (!send(id, server, TYPE_QUESTION, true, 2)) {
			done(id);
			return;
		}
		wait_reply(id, server);
		client->phase = 2;
		return;
	}
	if (client->awaits && !client->answered)
		return;
	if (client->awaits)
		add((struct trc_event){.kind = TRC_WAKE, .actor = id, .type = TRC_WAKE_MET});
	client->awaits = 0;
	client->answered = false;
	done(id);
}

static void step_server(uint64_t id)
{
	struct actor *server = &actors[id - 1];

	if (server->phase == 1) {
		send(id, server_count + 1 + draw(actor_count - server_count), TYPE_NOTE, false, 3);
		server->phase = 2;
		return;
	}
	if (server->awaits)
		return;
	if (server->now.token) {
		add((struct trc_event){.kind = TRC_REPLY,
				       .actor = id,
				       .id = server->now.token,
				       .peer = server->now.asker,
				       .type = TYPE_QUESTION,
				       .site = 3});
		actors[server->now.asker - 1].answered = true;
	}
	done(id);
}

static void step(void)
{
	uint64_t id = 1 + draw(actor_count);
	bool flood = events / FLOOD % 5 == 4;
	struct actor *actor;

	/* In a flood the servers come to their turn less often. */
	if (draw(3) == 0 && !(flood && draw(4)))
		id = 1 + draw(server_count);
	actor = &actors[id - 1];
	if (actor->phase > 0)
		actor->server ? step_server(id) : step_client(id);
	else if (actor->count > 0)
		receive(id);
	else if (!actor->server)
		send(0, id, TYPE_TICK, false, 1);
}

/* Each of the first two servers asks the other while it handles something. */
static void lock_up(void)
{
	for (uint64_t id = 1; id <= 2; id++)
		while (actors[id - 1].phase != 1) {
			if (actors[id - 1].phase > 0)
				step_server(id);
			else if (actors[id - 1].count > 0)
				receive(id);
			else
				send(0, id, TYPE_TICK, false, 1);
		}
	for (uint64_t id = 1; id <= 2; id++)
		while (!send(id, 3 - id, TYPE_QUESTION, true, 2))
			exit(1);
	for (uint64_t id = 1; id <= 2; id++)
		wait_reply(id, 3 - id);
}

int main(int argc, char **argv)
{
	static char program[] = "./program", version[] = "bench";
	struct trc_store_info info = {
		.program = program, .tool_version = version, .exit_status = 0};
	const struct trc_deriver_options options = {.no_rows = true};

	if (argc < 3) {
		fprintf(stderr, "usage: big-trace FILE EVENTS [ACTORS]\n");
		return 2;
	}
	wanted = strtoull(argv[2], NULL, 10);
	actor_count = argc > 3 ? strtoull(argv[3], NULL, 10) : 200;
	server_count = actor_count / PER_SERVER + 2;
	actors = trc_zalloc(actor_count, sizeof *actors);
	check(trc_store_create(argv[1], true, &info, &store, &error));
	deriver = trc_deriver_new(&options);
	begin();
	while (events + 200 < wanted)
		step();
	lock_up();
	commit();
	trc_deriver_end(deriver);
	derive_batch(true);
	trc_deriver_free(deriver);
	info.events = events;
	info.complete = true;
	check(trc_store_finish(store, &info, &error));
	trc_store_close(store);
	free(actors);
	fprintf(stderr, "\r%" PRIu64 " events\n", events);
	return 0;
}
