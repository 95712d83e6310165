/*
 * stuck-trace FILE ACTORS WAITERS - writes the trace of a program that has locked up as a whole
 *
 * ACTORS actors stand in one ring: each has asked the next and waits for its reply. WAITERS more
 * have asked one of these, and wait behind it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "tracer/store/store.h"

enum { BATCH = 50000, ROOM = 100, TOKENS = 1 << 30 };

static struct trc_store *store;
static struct trc_error error;
static uint64_t events;

static void check(int result)
{
	if (result >= 0)
		return;
	fprintf(stderr, "stuck-trace: %s\n", error.text);
	exit(1);
}

/* `aseq`: which of its actor's events it is, 0 for those of nobody. */
static void add(struct trc_event event, unsigned aseq)
{
	event.aseq = (uint16_t)aseq;
	event.time = ++events * 1000;
	check(trc_store_add(store, 0, &event, &error));
	if (events % BATCH == 0) {
		check(trc_store_commit(store, &error));
		check(trc_store_begin(store, &error));
	}
}

static void define(unsigned kind, const char *text, unsigned size, uint64_t line)
{
	add((struct trc_event){.kind = (uint8_t)kind,
			       .id = 1,
			       .arg = line,
			       .payload = (const uint8_t *)text,
			       .payload_size = size},
	    0);
}

static void spawn(uint64_t actor)
{
	add((struct trc_event){.kind = TRC_SPAWN, .id = actor, .peer = 1, .arg = ROOM}, 0);
	add((struct trc_event){.kind = TRC_START, .actor = actor}, 1);
}

/* In its start handler. */
static void ask(uint64_t actor, uint64_t other)
{
	add((struct trc_event){.kind = TRC_SEND,
			       .actor = actor,
			       .id = TOKENS + 2 * actor,
			       .peer = other,
			       .type = 1,
			       .arg = TOKENS + 2 * actor + 1,
			       .site = 1},
	    2);
	add((struct trc_event){.kind = TRC_WAIT,
			       .actor = actor,
			       .type = TRC_WHAT_REPLY,
			       .id = TOKENS + 2 * actor + 1,
			       .peer = other,
			       .site = 1},
	    3);
}

int main(int argc, char **argv)
{
	static char program[] = "./program", version[] = "bench";
	struct trc_store_info info = {.program = program, .tool_version = version};
	uint64_t ring, waiters;

	if (argc != 4) {
		fprintf(stderr, "usage: stuck-trace FILE ACTORS WAITERS\n");
		return 2;
	}
	ring = strtoull(argv[2], NULL, 10);
	waiters = strtoull(argv[3], NULL, 10);
	check(trc_store_create(argv[1], true, &info, &store, &error));
	check(trc_store_begin(store, &error));
	define(TRC_DEF_KIND, "member", 7, ROOM);
	define(TRC_DEF_TYPE, "Question", 9, 0);
	define(TRC_DEF_SITE, "program.c\0ask", 14, 42);
	for (uint64_t actor = 1; actor <= ring + waiters; actor++)
		spawn(actor);
	for (uint64_t actor = 1; actor <= ring; actor++)
		ask(actor, actor % ring + 1);
	for (uint64_t actor = ring + 1; actor <= ring + waiters; actor++)
		ask(actor, actor % ring + 1);
	check(trc_store_commit(store, &error));
	info.events = events;
	info.complete = true;
	check(trc_store_finish(store, &info, &error));
	trc_store_close(store);
	return 0;
}
