#include "tests/tracer/export/stories.h"

#include "tests/support/random-events.h"
#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct run {
	struct trc_export *export;
	bool stopped;
};

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (!run->stopped)
		run->stopped = !trc_export_before(run->export, event);
}

static void after(const struct trc_event *event, void *context)
{
	struct run *run = context;

	if (!run->stopped)
		trc_export_after(run->export, event);
}

struct trc_export_options story_whole(void)
{
	return (struct trc_export_options){
		.to = UINT64_MAX,
		.at = UINT64_MAX,
		.program = "./program \"x\"",
		.wall_start = UINT64_C(1700000000000000000),
	};
}

char *story_exported(const char *format, story *tell, const struct trc_export_options *options,
		     char **ret_note)
{
	struct run run = {0};
	struct tb tb;
	char *text = NULL;
	size_t size = 0;
	FILE *file = open_memstream(&text, &size);

	assert_non_null(file);
	assert_non_null(trc_export_format_find(format));
	tb_init(&tb);
	run.export = trc_export_new(trc_export_format_find(format), options, tb.model, file);
	tb.before = before;
	tb.after = after;
	tb.context = &run;
	tell(&tb);
	trc_export_end(run.export);
	if (ret_note)
		*ret_note = trc_export_note(run.export) ? trc_strdup(trc_export_note(run.export))
							: NULL;
	trc_export_free(run.export);
	tb_fini(&tb);
	assert_int_equal(fclose(file), 0);
	return text;
}

/* --- stories ------------------------------------------------------------------------------------
 */

static void log_text(struct tb *tb, uint64_t actor, const char *text)
{
	tb_add(tb, (struct trc_event){.kind = TRC_LOG,
				      .actor = actor,
				      .payload = (const uint8_t *)text,
				      .payload_size = (uint32_t)strlen(text)});
}

void story_small(struct tb *tb)
{
	uint64_t room, ann, store, outer, inner;

	tb_at(tb, "main.c", "main", 10);
	room = tb_spawn(tb, 0, "room", "lobby", 1);
	ann = tb_spawn(tb, room, "member", "ann", 1);
	store = tb_spawn(tb, 0, "store", "disk", 1);
	tb_send(tb, 0, ann, "Join");
	tb_receive_next(tb, ann);
	tb_at(tb, "member.c", "on_join", 20);
	outer = tb_ask_and_wait(tb, ann, room, "Enter");
	tb_receive_next(tb, room);
	tb_at(tb, "room.c", "on_enter", 30);
	inner = tb_ask_and_wait(tb, room, store, "Load");
	tb_receive_next(tb, store);
	log_text(tb, store, "reads");
	tb_reply(tb, store, tb_token(inner));
	tb_done(tb, store);
	tb_wake(tb, room, TRC_WAKE_MET);
	tb_reply(tb, room, tb_token(outer));
	tb_done(tb, room);
	tb_wake(tb, ann, TRC_WAKE_MET);
	tb_done(tb, ann);

	tb_send(tb, 0, ann, "Go");
	tb_receive_next(tb, ann);
	tb_send(tb, 0, room, "Go");
	tb_receive_next(tb, room);
	tb_at(tb, "member.c", "on_go", 40);
	tb_ask_and_wait(tb, ann, room, "Enter");
	tb_at(tb, "room.c", "on_go", 50);
	tb_ask_and_wait(tb, room, ann, "Who");
	log_text(tb, store, "later");
}

void story_hostile(struct tb *tb)
{
	uint64_t a, b, ask;

	tb_at(tb, "x\"\\\n.c", "f\"", 1);
	a = tb_spawn(tb, 0, "k\"\n\\", HOSTILE, 1);
	b = tb_spawn(tb, 0, "end", "-" HOSTILE, 1);
	tb_send(tb, 0, a, "T\"\n\\;#");
	tb_receive_next(tb, a);
	log_text(tb, a, HOSTILE);
	ask = tb_ask_and_wait(tb, a, b, "end");
	tb_receive_next(tb, b);
	tb_drop_token(tb, b, tb_token(ask));
	tb_wake(tb, a, TRC_WAKE_MET);
	tb_wait_space(tb, a, b);
	tb_wait_space(tb, b, a);
}

void story_long(struct tb *tb)
{
	uint64_t a = tb_spawn(tb, 0, "a", "one", 10);

	for (int i = 0; i < 300; i++) {
		tb_send(tb, 0, a, "Tick");
		tb_receive_next(tb, a);
		tb_done(tb, a);
	}
}

void story_crowd(struct tb *tb)
{
	for (int i = 0; i < 300; i++) {
		uint64_t a = tb_spawn(tb, 0, "a", "", 10);

		tb_send(tb, 0, a, "Tick");
	}
}

unsigned story_seed;

void story_nonsense(struct tb *tb)
{
	uint8_t payload[64];

	srand(story_seed);
	for (int i = 0; i < 400; i++)
		tb_add(tb, random_event(payload, sizeof payload));
}
