/*
 * Traces with gaps, and such as no runtime writes, as users give them: test-bad-input ACTORSCOPE
 */
#include "tests/support/command.h"

#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *program;

static int set_up(void **state)
{
	cmd_open(program);
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

/* --- gaps ---------------------------------------------------------------------------------------
 */

/* Where the LOST event stands. */
enum place {
	NOWHERE,
	BEFORE_WAITS, /* before the first wait of the ring */
	AMID_WAITS,   /* between the two waits */
	AFTER_WAITS,  /* when the ring has been closed for long */
};

static void lose(struct tb *tb, enum place place, enum place here)
{
	if (place == here)
		tb_add(tb, (struct trc_event){.kind = TRC_LOST, .id = 7, .arg = tb->now});
}

/* `a` and `b` ask each other: the one event that `own` says is missing is not counted in it. */
static void write_ring(const char *name, enum place place, bool own)
{
	struct tb tb;
	uint64_t a, b;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 5);
	b = tb_spawn(&tb, 0, "room", "hall", 5);
	tb_send(&tb, 0, a, "Say");
	tb_send(&tb, 0, b, "Say");
	tb_receive_next(&tb, a);
	tb_receive_next(&tb, b);
	lose(&tb, place, BEFORE_WAITS);
	tb_ask_and_wait(&tb, a, b, "Ask");
	lose(&tb, place, AMID_WAITS);
	if (own)
		tb_add(&tb, (struct trc_event){.kind = TRC_LOG, .actor = b, .aseq = 1000});
	tb_ask_and_wait(&tb, b, a, "Ask");
	for (int i = 0; i < 5; i++)
		tb_spawn(&tb, 0, "guest", "", 1);
	lose(&tb, place, AFTER_WAITS);
	cmd_write_trace(name, &tb, 50);
	tb_fini(&tb);
}

static void a_deadlock_is_lowered_by_a_gap_that_it_touches(void **state)
{
	static const struct {
		enum place place;
		bool lowered;
	} cases[] = {
		{NOWHERE, false}, {BEFORE_WAITS, false}, {AMID_WAITS, true}, {AFTER_WAITS, false}};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		write_ring("ring.db", cases[i].place, false);
		assert_int_equal(cmd_run("check ring.db"), 1);
		cmd_says("room \"lobby\" and room \"hall\" wait for each other");
		if (cases[i].lowered)
			cmd_says("certain but for missing events");
		else
			cmd_does_not_say("certain but for");
		if (cases[i].place == NOWHERE)
			cmd_does_not_say("are missing");
		else
			cmd_says("7 events are missing in this trace");
	}
}

static void an_event_of_its_own_that_an_actor_lacks_lowers(void **state)
{
	write_ring("ring.db", NOWHERE, true);
	assert_int_equal(cmd_run("check ring.db"), 1);
	cmd_says("certain but for missing events");
}

/* C's question was answered in the gap, perhaps; that A and B wait for each other is certain. */
static void victims_may_have_been_let_go_in_a_gap(void **state)
{
	struct tb tb;
	uint64_t a, b, c;

	tb_init(&tb);
	a = tb_spawn(&tb, 0, "room", "lobby", 5);
	b = tb_spawn_starting(&tb, 0, "room", "hall", 5);
	c = tb_spawn_starting(&tb, 0, "guest", "ann", 5);
	tb_ask_and_wait(&tb, c, a, "Join");
	lose(&tb, BEFORE_WAITS, BEFORE_WAITS);
	tb_receive_next(&tb, a);
	tb_ask_and_wait(&tb, a, b, "Ask");
	tb_ask_and_wait(&tb, b, a, "Ask");
	cmd_write_trace("victim.db", &tb, 50);
	tb_fini(&tb);
	assert_int_equal(cmd_run("check victim.db"), 1);
	cmd_says("deadlock  certain  room \"lobby\" and room \"hall\" wait for each other");
	cmd_says("also stuck because of it, but for missing events: 1 actor (guest \"ann\")");
}

/* A handle that was cloned in the gap, to the actor that keeps the token: who has it could wake it.
 */
static void what_nobody_is_left_to_wake_is_lowered_by_every_gap_before(void **state)
{
	struct tb tb;
	uint64_t keeper, asker, clock;

	tb_init(&tb);
	keeper = tb_spawn(&tb, 0, "keeper", "", 5);
	clock = tb_spawn_starting(&tb, 0, "clock", "", 5);
	asker = tb_spawn_starting(&tb, 0, "asker", "", 5);
	tb_clone(&tb, asker, keeper);
	tb_drop(&tb, 0, keeper);
	tb_add(&tb, (struct trc_event){.kind = TRC_LOST, .id = 7, .arg = tb.now});
	tb_receive(&tb, keeper, tb_ask_and_wait(&tb, asker, keeper, "Ask"));
	tb_done(&tb, keeper);
	tb_wait_timer(&tb, clock);
	cmd_write_trace("kept.db", &tb, 50);
	tb_fini(&tb);
	assert_int_equal(cmd_run("check kept.db"), 1);
	cmd_says("orphan-wait");
	cmd_says("certain but for missing events");
}

/* B asks A in another handler than A asks B. */
static void write_passing(const char *name, bool gap)
{
	struct tb tb;
	uint64_t rooms[2];

	tb_init(&tb);
	rooms[0] = tb_spawn(&tb, 0, "left", "", 5);
	rooms[1] = tb_spawn(&tb, 0, "right", "", 5);
	for (int i = 0; i < 2; i++) {
		uint64_t a = rooms[i], b = rooms[1 - i];

		tb_send(&tb, 0, a, "Say");
		tb_receive_next(&tb, a);
		tb_at(&tb, i ? "right.c" : "left.c", "say", 7);
		uint64_t question = tb_ask_and_wait(&tb, a, b, "Ask");

		tb_receive(&tb, b, question);
		tb_reply(&tb, b, tb_token(question));
		tb_done(&tb, b);
		tb_wake(&tb, a, TRC_WAKE_MET);
		tb_done(&tb, a);
	}
	lose(&tb, gap ? AFTER_WAITS : NOWHERE, AFTER_WAITS);
	cmd_write_trace(name, &tb, 50);
	tb_fini(&tb);
}

static void what_is_foretold_of_a_trace_with_a_gap_is_lowered(void **state)
{
	write_passing("whole.db", false);
	write_passing("gap.db", true);
	assert_int_equal(cmd_run("check whole.db"), 1);
	cmd_says("potential-deadlock  predicted, likely  ");
	assert_int_equal(cmd_run("check gap.db"), 1);
	cmd_says("potential-deadlock  predicted, likely but for missing events  ");
}

static void a_gap_says_where_it_is_and_what_to_do(void **state)
{
	write_ring("ring.db", AMID_WAITS, false);
	cmd_run("check ring.db");
	cmd_says("7 events are missing in this trace; `actorscope show --event lost` says where");
	cmd_says("told with \"but for missing events\", and there may be more than was found");
	cmd_says("to lose nothing, record without --on-full=drop");
	cmd_run("check --json ring.db");
	json_t *result = cmd_json(), *run = json_array_get(cmd_member(result, "runs"), 0);

	assert_int_equal(cmd_number(run, "lost"), 7);
	assert_true(json_is_true(
		cmd_member(json_array_get(cmd_member(result, "findings"), 0), "lowered")));
	json_decref(result);
	assert_int_equal(cmd_run("show --event lost ring.db"), 0);
	assert_int_equal((int)cmd_lines(), 1);
	cmd_run("stats ring.db");
	cmd_says("7 events are missing");
}

/* --- what no runtime writes ---------------------------------------------------------------------
 */

/* Each of these reads it: none crashes, and what it says is not nothing. */
static void read_by_all(const char *what)
{
	static const char *const readers[] = {
		"check odd.db",
		"check --json --refuted odd.db",
		"check odd.db good.db",
		"stats odd.db",
		"stats --json odd.db",
		"show --limit 100 odd.db",
		"export --format chrome odd.db",
		"export --format csv odd.db",
		"export --format dot odd.db",
		"export --format mermaid odd.db",
		"export --format otlp odd.db",
		"export --format shiviz odd.db",
		"merge --force -o merged.db odd.db good.db",
		"sql odd.db 'SELECT count(*) FROM wait'",
	};

	for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
		int status = cmd_run(readers[i]);

		if (status < 0 || status > 2 || strstr(cmd_output(), "Sanitizer") ||
		    strstr(cmd_output(), "runtime error") || !cmd_output()[0])
			fail_msg("%s, %s: exit %d: %s", what, readers[i], status, cmd_output());
	}
}

static void parents_in_a_ring(struct tb *tb)
{
	tb_spawn(tb, 0, "room", "lobby", 5);
	for (uint64_t id = 10; id < 14; id++)
		tb_add(tb, (struct trc_event){.kind = TRC_SPAWN,
					      .actor = id == 13 ? 10 : id + 1,
					      .id = id,
					      .peer = 1,
					      .arg = 5});
	/* ... and one that has spawned itself. */
	tb_add(tb,
	       (struct trc_event){.kind = TRC_SPAWN, .actor = 20, .id = 20, .peer = 1, .arg = 5});
}

static void mailboxes_of_less_than_nothing(struct tb *tb)
{
	uint64_t a = tb_spawn(tb, 0, "room", "lobby", (uint64_t)-1);
	uint64_t b = tb_spawn(tb, 0, "room", "hall", 0);
	uint64_t c = tb_spawn(tb, 0, "room", "attic", (uint64_t)INT64_MIN);
	uint64_t rooms[3] = {a, b, c};

	for (int i = 0; i < 3; i++) {
		tb_send(tb, rooms[i], rooms[(i + 1) % 3], "Say");
		tb_receive_next(tb, rooms[(i + 1) % 3]);
		tb_wait_space(tb, rooms[(i + 1) % 3], rooms[(i + 2) % 3]);
	}
}

static void numbers_at_the_end_of_all_numbers(struct tb *tb)
{
	static const uint64_t ids[] = {UINT64_MAX, UINT64_MAX - 1, INT64_MAX,
				       (uint64_t)INT64_MAX + 1, UINT32_MAX};

	for (size_t i = 0; i < 5; i++) {
		tb_add(tb, (struct trc_event){.kind = TRC_SPAWN,
					      .id = ids[i],
					      .peer = UINT64_MAX,
					      .arg = UINT64_MAX,
					      .site = UINT32_MAX});
		tb_add(tb, (struct trc_event){.kind = TRC_SEND,
					      .actor = ids[i],
					      .id = ids[(i + 1) % 5],
					      .peer = ids[(i + 2) % 5],
					      .type = UINT16_MAX,
					      .arg = ids[(i + 3) % 5],
					      .site = UINT32_MAX});
		tb_add(tb, (struct trc_event){.kind = TRC_WAIT,
					      .actor = ids[i],
					      .type = TRC_WHAT_REPLY,
					      .id = ids[(i + 3) % 5],
					      .peer = ids[(i + 2) % 5],
					      .arg = UINT64_MAX});
	}
	tb->now = UINT64_MAX / 2;
	tb_add(tb, (struct trc_event){.kind = TRC_LOST, .id = UINT64_MAX, .arg = UINT64_MAX});
}

static void waits_for_what_never_was(struct tb *tb)
{
	uint64_t a = tb_spawn(tb, 0, "room", "lobby", 5);
	struct trc_target targets[2000];

	for (unsigned i = 0; i < 2000; i++)
		targets[i] = (struct trc_target){1 + i % 6, 5000 + i, 9000 + i};
	tb_wait_many(tb, a, true, targets, 2000);
	tb_wake(tb, 77, TRC_WAKE_MET);
	tb_reply(tb, 78, 79);
	tb_receive(tb, 80, 81);
	tb_end(tb, 82, TRC_END_STOPPED);
	tb_wait_many(tb, 83, false, targets, 2000);
	tb_end(tb, a, TRC_END_STOPPED);
	tb_wait_end(tb, a, a);
}

/* Ten thousand numbers far apart, named nowhere else: as many actors as events, and no more. */
static void actors_without_number(struct tb *tb)
{
	for (uint64_t i = 1; i <= 10000; i++)
		tb_add(tb, (struct trc_event){.kind = TRC_SEND,
					      .actor = i * 0x9e3779b97f4a7c15,
					      .id = i,
					      .peer = ~(i * 0x9e3779b97f4a7c15)});
}

static void what_no_runtime_writes_harms_nobody(void **state)
{
	static const struct {
		const char *name;
		void (*write)(struct tb *tb);
	} cases[] = {
		{"parents in a ring", parents_in_a_ring},
		{"mailboxes of less than nothing", mailboxes_of_less_than_nothing},
		{"numbers at the end of all numbers", numbers_at_the_end_of_all_numbers},
		{"waits for what never was", waits_for_what_never_was},
		{"actors without number", actors_without_number},
	};

	write_passing("good.db", false);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct tb tb;

		tb_init(&tb);
		cases[i].write(&tb);
		cmd_write_trace("odd.db", &tb, 50);
		tb_fini(&tb);
		read_by_all(cases[i].name);
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_deadlock_is_lowered_by_a_gap_that_it_touches),
		cmocka_unit_test(an_event_of_its_own_that_an_actor_lacks_lowers),
		cmocka_unit_test(victims_may_have_been_let_go_in_a_gap),
		cmocka_unit_test(what_nobody_is_left_to_wake_is_lowered_by_every_gap_before),
		cmocka_unit_test(what_is_foretold_of_a_trace_with_a_gap_is_lowered),
		cmocka_unit_test(a_gap_says_where_it_is_and_what_to_do),
		cmocka_unit_test(what_no_runtime_writes_harms_nobody),
	};

	assert_int_equal(argc, 2);
	program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
