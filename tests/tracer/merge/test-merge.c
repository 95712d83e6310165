/*
 * merge as its users run it: test-merge ACTORSCOPE
 */
#include "tests/support/command.h"
#include "tests/support/random-events.h"

#include "tracer/event/payload.h"
#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *program;

static const uint64_t START = 1000000000, SECOND = 1000000000;

/* --- traces -------------------------------------------------------------------------------------
 */

static void write_started(const char *name, const struct tb *tb, uint64_t wall_start)
{
	tf_wall_start = wall_start;
	cmd_write_trace(name, tb, 20);
	tf_wall_start = START;
}

/* Two actors that wait for space in each other's mailbox for ever. */
static void hang(struct tb *tb, const char *first, const char *second)
{
	uint64_t a = tb_spawn(tb, 0, "room", first, 1), b = tb_spawn(tb, 0, "room", second, 1);

	tb_send(tb, 0, a, "Say");
	tb_send(tb, 0, b, "Say");
	tb_receive_next(tb, a);
	tb_receive_next(tb, b);
	tb_fill(tb, 0, a, 1);
	tb_fill(tb, 0, b, 1);
	tb_at(tb, first, "broadcast", 41);
	tb_wait_space(tb, a, b);
	tb_at(tb, second, "broadcast", 41);
	tb_wait_space(tb, b, a);
}

/* An actor whose handle and whose token travel in a message, and waits for any of two things. */
static void travel(struct tb *tb)
{
	uint64_t post = tb_spawn(tb, 0, "post", "office", 5),
		 ann = tb_spawn(tb, 0, "user", "ann", 5);
	uint64_t ask = tb_ask(tb, ann, post, "Ask");
	struct trc_target targets[2] = {{TRC_WHAT_REPLY, tb_token(ask), post},
					{TRC_WHAT_END, post, post}};
	uint8_t bytes[40];
	struct trc_packer packer = {.data = bytes, .limit = sizeof bytes};

	tb_wait_many(tb, ann, true, targets, 2);
	tb_add(tb, (struct trc_event){.kind = TRC_DEF_TYPE,
				      .id = 50,
				      .payload = (const uint8_t *)"Letter\0ttext\0hto\0kreply",
				      .payload_size = 24});
	trc_pack_bytes(&packer, "hello", 5);
	trc_pack_u64(&packer, ann);
	trc_pack_u64(&packer, tb_token(ask));
	tb_add(tb, (struct trc_event){.kind = TRC_SEND,
				      .actor = ann,
				      .id = 9000,
				      .peer = post,
				      .type = 50,
				      .payload = bytes,
				      .payload_size = (uint32_t)packer.size});
	tb_end(tb, post, TRC_END_STOPPED);
	tb_add(tb, (struct trc_event){
			   .kind = TRC_WAKE, .actor = ann, .type = TRC_WAKE_MET, .id = post});
}

static int set_up(void **state)
{
	struct tb tb;

	cmd_open(program);
	tb_init(&tb);
	hang(&tb, "lobby", "hall");
	write_started("a.db", &tb, START + SECOND);
	cmd_write_live("live.db", &tb, 20);
	tb_fini(&tb);
	tb_init(&tb);
	tb_spawn(&tb, 0, "clock", "first", 3); /* so that types and kinds have other numbers */
	tb_send(&tb, 0, 1, "Tick");
	hang(&tb, "cellar", "attic");
	travel(&tb);
	write_started("b.db", &tb, START);
	tb_fini(&tb);
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

static long long number(const char *file, const char *query)
{
	char *arguments = trc_format("sql --csv %s \"%s\"", file, query);
	const char *end;

	if (cmd_run(arguments) != 0)
		fail_msg("%s: %s", query, cmd_output());
	free(arguments);
	end = strchr(cmd_output(), '\n');
	assert_non_null(end);
	return atoll(end + 1);
}

/* --- tests --------------------------------------------------------------------------------------
 */

static void what_was_in_the_traces_is_in_the_merged_one(void **state)
{
	static const char *const counts[] = {
		"SELECT count(*) FROM event_row",
		"SELECT count(*) FROM message",
		"SELECT count(*) FROM wait",
		"SELECT count(*) - 1 FROM actor",
		"SELECT count(*) FROM message WHERE received_ns IS NULL",
	};
	long long rows;

	assert_int_equal(cmd_run("merge --force -o ab.db a.db b.db"), 0);
	cmd_says("a.db: ");
	cmd_says("begins at 1");
	cmd_says("ordered by their clocks alone");
	for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++)
		assert_int_equal(number("ab.db", counts[i]),
				 number("a.db", counts[i]) + number("b.db", counts[i]));
	/* The same kinds, types and lines are one. */
	assert_int_equal(number("ab.db", "SELECT count(*) FROM kind WHERE name = 'room'"), 1);
	assert_int_equal(number("ab.db", "SELECT count(*) FROM type WHERE name = 'Say'"), 1);
	/* An ordinary sqlite3 finds rows, too. */
	assert_int_equal(cmd_shell("sqlite3 ab.db 'SELECT count(*) FROM message'"), 0);
	rows = atoll(cmd_output());
	assert_int_equal(rows, number("ab.db", "SELECT count(*) FROM message"));
}

static void findings_stay_what_they_were(void **state)
{
	json_t *result, *seen, *findings;
	long long anomalies;

	cmd_run("check --json b.db");
	result = cmd_json();
	anomalies = cmd_number(json_array_get(cmd_member(result, "runs"), 0), "anomalies");
	json_decref(result);
	assert_int_equal(cmd_run("merge --force -o ab.db a.db b.db"), 0);
	assert_int_equal(cmd_run("check --json ab.db"), 1);
	result = cmd_json();
	seen = json_array_get(cmd_member(result, "runs"), 0);
	assert_true(json_is_true(cmd_member(seen, "complete")));
	/* travel() leaves a message that nobody receives. */
	assert_int_equal(cmd_number(seen, "anomalies"), anomalies);
	findings = cmd_member(result, "findings");
	assert_true(json_array_size(findings) >= 1);
	json_decref(result);
	cmd_run("check ab.db");
	cmd_says("lobby");
	cmd_says("hall");
	cmd_says("cellar");
	cmd_says("attic");
}

static void times_are_laid_side_by_side(void **state)
{
	assert_int_equal(cmd_run("merge --force -o ab.db a.db b.db"), 0);
	assert_int_equal(number("ab.db", "SELECT min(time_ns) FROM event WHERE peer = 'lobby'") -
				 SECOND,
			 number("a.db", "SELECT min(time_ns) FROM event WHERE peer = 'lobby'"));
	assert_int_equal(number("ab.db", "SELECT min(time_ns) FROM event WHERE peer = 'attic'"),
			 number("b.db", "SELECT min(time_ns) FROM event WHERE peer = 'attic'"));
	assert_int_equal(number("ab.db", "SELECT value FROM meta WHERE key = 'wall_start'"), START);
	assert_int_equal(cmd_run("show --limit 1 ab.db"), 0);
	cmd_says("first");
}

/* The order of the inputs decides about numbers only. */
static void numbers_in_payloads_move_too(void **state)
{
	assert_int_equal(cmd_run("merge --force -o ab.db a.db b.db"), 0);
	assert_int_equal(number("ab.db",
				"SELECT count(*) FROM message m JOIN actor a ON a.id = "
				"m.payload->>'to' JOIN ask q ON q.token = m.payload->>'reply' "
				"WHERE m.type = 'Letter' AND a.name = 'ann' AND m.payload->>'text' "
				"= 'hello' AND q.asker = 'ann'"),
			 1);
	assert_int_equal(number("ab.db", "SELECT count(*) FROM wait WHERE actor = 'ann' AND "
					 "for_actor = 'office' AND outcome = 'met'"),
			 2);
	assert_int_equal(number("ab.db", "SELECT count(*) FROM event e JOIN actor a ON a.id = "
					 "e.object WHERE e.kind = 'wake' AND a.name = 'office'"),
			 1);
}

static void three_and_merged_ones_can_be_merged(void **state)
{
	struct tb tb;

	tb_init(&tb);
	tb_spawn(&tb, 0, "room", "yard", 1);
	write_started("c.db", &tb, START + 5);
	tb_fini(&tb);
	assert_int_equal(cmd_run("merge --force -o ab.db a.db b.db"), 0);
	assert_int_equal(cmd_run("merge --force --json -o abc.db ab.db c.db"), 0);
	json_t *result = cmd_json();

	assert_int_equal(cmd_number(result, "events"), number("abc.db", "SELECT count(*) FROM "
									"event_row"));
	json_decref(result);
	assert_int_equal(number("abc.db", "SELECT count(*) FROM actor WHERE kind = 'room'"), 5);
	cmd_run("check ab.db");
	assert_int_equal(cmd_run("check abc.db"), 1);
}

static void a_recording_that_never_ended_is_said(void **state)
{
	assert_int_equal(cmd_run("merge --force -o lb.db live.db b.db"), 0);
	cmd_says("still being recorded, or cut off");
	assert_int_equal(cmd_shell("$ACTORSCOPE check --json lb.db"), 1);
	json_t *result = cmd_json(), *seen = json_array_get(cmd_member(result, "runs"), 0);

	assert_true(json_is_false(cmd_member(seen, "complete")));
	json_decref(result);
}

/* --- one numbering ------------------------------------------------------------------------------
 */

/* A clock that is so much late, and falls behind further by so many millionths. */
struct clock {
	uint64_t late;
	uint64_t slow;
};

/* The events of one ring as a trace with that clock. */
static void write_part(const char *name, const struct tb *tb, unsigned ring, struct clock clock)
{
	char *path = cmd_path(name);
	struct trc_store *store = tf_create(path);
	struct tb part = *tb;

	part.events = trc_alloc(tb->count * sizeof *part.events);
	part.count = 0;
	for (size_t i = 0; i < tb->count; i++)
		if (tb->events[i].ring == ring || tb->events[i].event.kind <= TRC_DEF_SITE) {
			part.events[part.count] = tb->events[i];
			part.events[part.count].event.time -=
				clock.late + tb->events[i].event.time / 1000000 * clock.slow;
			part.events[part.count++].ring = ring;
		}
	tf_add(store, &part, 0, part.count, 10);
	tf_close(store, &part, true, true);
	free(part.events);
	free(path);
}

/* Ann asks Bob, who is in another process: each message is sent in one trace and received in the
 * other. A message takes a microsecond. */
static void ask_between_traces(int64_t late)
{
	struct tb tb;
	uint64_t ann, bob;

	tb_init(&tb);
	tb.now = 10 * SECOND;
	ann = tb_spawn(&tb, 0, "user", "ann", 5);
	tb.ring = 1;
	bob = tb_spawn(&tb, 0, "user", "bob", 5);
	for (int i = 0; i < 10; i++) {
		tb.ring = 0;
		tb_send(&tb, ann, bob, "Ping");
		tb.ring = 1;
		tb_receive_next(&tb, bob);
		tb_send(&tb, bob, ann, "Pong");
		tb.ring = 0;
		tb_receive_next(&tb, ann);
		tb_done(&tb, ann);
		tb.ring = 1;
		tb_done(&tb, bob);
	}
	write_part("ann.db", &tb, 0, (struct clock){0});
	write_part("bob.db", &tb, 1, (struct clock){.late = (uint64_t)late});
	assert_int_equal(cmd_run("merge --force --same-numbers --json -o both.db ann.db bob.db"),
			 0);
	json_t *result = cmd_json();
	json_t *second = json_array_get(cmd_member(result, "inputs"), 1);

	assert_int_equal(cmd_number(result, "matched_messages"), 20);
	assert_int_equal(cmd_number(second, "clock_correction_ns"), late);
	assert_int_equal(cmd_number(result, "early_ns"), 0);
	json_decref(result);
	assert_int_equal(
		number("both.db", "SELECT count(*) FROM message WHERE done_ns IS NOT NULL"), 20);
	assert_int_equal(number("both.db", "SELECT max(received_ns - sent_ns) FROM message"), 1000);
	cmd_run("check --json both.db");
	result = cmd_json();
	assert_int_equal(cmd_number(json_array_get(cmd_member(result, "runs"), 0), "anomalies"), 0);
	json_decref(result);
	tb_fini(&tb);
}

static void messages_between_traces_set_the_clocks(void **state)
{
	ask_between_traces(30000);
	ask_between_traces((int64_t)(5 * SECOND));
	assert_int_equal(cmd_run("merge --force --same-numbers -o both.db ann.db bob.db"), 0);
	cmd_says("its clock set forward by 5.00 s");
	cmd_says("20 messages went from one trace to another");
	ask_between_traces(-(int64_t)(5 * SECOND));
	assert_int_equal(cmd_run("merge --force --same-numbers -o both.db ann.db bob.db"), 0);
	cmd_says("its clock set back by 5.00 s");
}

/* Ann and Bob are busy with each other for some seconds, and in the end each asks the other. Bob's
 * clock loses so many microseconds a second: no correction is right all the time, and in the merged
 * trace messages seem to arrive before they were sent. Nothing that goes by cause may mind. */
static void talk_with_a_slow_clock(uint64_t slow)
{
	enum { ROUNDS = 20 };
	struct tb tb;
	uint64_t ann, bob;

	tb_init(&tb);
	tb.now = SECOND;
	ann = tb_spawn(&tb, 0, "user", "ann", 5);
	tb.ring = 1;
	bob = tb_spawn(&tb, 0, "user", "bob", 5);
	for (int i = 0; i < ROUNDS; i++) {
		tb.now += SECOND;
		tb.ring = 0;
		tb_send(&tb, ann, bob, "Ping");
		tb.ring = 1;
		tb_receive_next(&tb, bob);
		tb_send(&tb, bob, ann, "Pong");
		tb_done(&tb, bob);
		tb.ring = 0;
		tb_receive_next(&tb, ann);
		tb_done(&tb, ann);
	}
	tb_send(&tb, 0, ann, "Go");
	tb_receive_next(&tb, ann);
	tb_ask_and_wait(&tb, ann, bob, "Ask");
	tb.ring = 1;
	tb_receive_next(&tb, bob);
	tb_ask_and_wait(&tb, bob, ann, "Ask");
	write_part("ann.db", &tb, 0, (struct clock){0});
	write_part("bob.db", &tb, 1, (struct clock){.late = 7 * SECOND, .slow = slow});
	tb_fini(&tb);
}

static void clocks_that_drift_apart_do_not_change_causes(void **state)
{
	json_t *result, *seen;

	talk_with_a_slow_clock(200);
	assert_int_equal(cmd_run("merge --force --same-numbers -o both.db ann.db bob.db"), 0);
	cmd_says("the clocks do not run alike");
	assert_int_equal(cmd_run("merge --force --same-numbers --json -o both.db ann.db bob.db"),
			 0);
	result = cmd_json();
	/* 4 ms in 20 s, half of it before and half of it after the middle. */
	assert_true(cmd_number(result, "early_ns") > 1000000);
	assert_true(cmd_number(result, "early_ns") < 3000000);
	json_decref(result);
	assert_int_equal(cmd_run("check --json both.db"), 1);
	result = cmd_json();
	seen = json_array_get(cmd_member(result, "runs"), 0);
	assert_int_equal(cmd_number(seen, "anomalies"), 0);
	json_decref(result);
	cmd_run("check both.db");
	cmd_says("user \"ann\" and user \"bob\" wait for each other");
	assert_int_equal(number("both.db", "SELECT count(*) FROM message WHERE type = 'Ping' AND "
					   "done_ns IS NOT NULL"),
			 20);
	/* Alone, neither is stuck with the other. */
	cmd_run("check ann.db");
	assert_null(strstr(cmd_output(), "wait for each other"));
}

static void numbers_that_are_not_the_same_are_noticed(void **state)
{
	assert_int_equal(cmd_run("merge --force --same-numbers -o ab.db a.db b.db"), 2);
	cmd_says("actor 1 is spawned in a.db and in b.db");
	cmd_says("without --same-numbers");
}

/* --- bad use ------------------------------------------------------------------------------------
 */

static void bad_input_is_named(void **state)
{
	cmd_write_text("text.db", "This is no trace.");
	assert_int_equal(cmd_shell("cp a.db copy.db; ln -sf a.db link.db; cp a.db cut.db; "
				   "truncate -s 9000 cut.db; cp a.db new.db; "
				   "sqlite3 new.db 'PRAGMA user_version = 99'"),
			 0);
	static const struct {
		const char *arguments, *says;
	} cases[] = {
		{"-o x.db a.db", "at least two traces"},
		{"a.db b.db", "-o FILE is missing"},
		{"-o x.db a.db none.db", "none.db"},
		{"-o x.db a.db text.db", "text.db is not a trace: it is text"},
		{"-o x.db a.db a.db", "a.db and a.db are the same file"},
		{"-o x.db a.db link.db", "are the same file"},
		{"-o x.db a.db copy.db", "copy.db is a copy of a.db"},
		{"-o x.db a.db cut.db", "cut.db is truncated"},
		{"-o x.db a.db new.db", "its format is version 99"},
		{"--force -o b.db a.db b.db", "b.db is to be merged and cannot be the output"},
		{"-o text.db a.db b.db", "text.db exists already"},
		{"--force -o text.db a.db b.db", "is not a trace, so it is not replaced"},
		{"-o no/where.db a.db b.db", "no/where.db"},
		{"--nonsense -o x.db a.db b.db", "there is no option"},
	};

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *arguments = trc_format("merge %s", cases[i].arguments);

		if (cmd_run(arguments) != 2)
			fail_msg("%s: %s", arguments, cmd_output());
		cmd_says(cases[i].says);
		free(arguments);
	}
	assert_int_equal(cmd_shell("test ! -e x.db"), 0);
	assert_int_equal(cmd_run("merge --help"), 0);
	cmd_says("Example:");
}

static uint64_t small(uint64_t number)
{
	return number > 1000 ? 5 : number;
}

static void write_odd(const char *name, unsigned seed, bool huge)
{
	uint8_t payload[60];
	struct tb tb;

	srand(seed);
	tb_init(&tb);
	for (int i = 0; i < 300; i++) {
		struct trc_event event = random_event(payload, sizeof payload);

		if (!huge) {
			event.actor = small(event.actor);
			event.id = small(event.id);
			event.peer = small(event.peer);
			event.arg = small(event.arg);
		}
		tb_add(&tb, event);
	}
	cmd_write_trace(name, &tb, 50);
	tb_fini(&tb);
}

/* Numbers that contradict each other are merged as they are; such as cannot be moved are not. */
static void odd_traces_are_merged_or_refused(void **state)
{
	for (unsigned seed = 1; seed <= 5; seed++) {
		write_odd("odd.db", seed, false);
		if (cmd_run("merge --force -o odds.db odd.db b.db a.db") != 0)
			fail_msg("%u: %s", seed, cmd_output());
		assert_in_range(cmd_run("check odds.db"), 0, 1);
		write_odd("odd.db", seed, true);
		assert_int_equal(cmd_run("merge --force -o odds.db odd.db b.db"), 2);
		cmd_says("do not fit behind those of the other traces");
	}
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_in_the_traces_is_in_the_merged_one),
		cmocka_unit_test(findings_stay_what_they_were),
		cmocka_unit_test(times_are_laid_side_by_side),
		cmocka_unit_test(numbers_in_payloads_move_too),
		cmocka_unit_test(three_and_merged_ones_can_be_merged),
		cmocka_unit_test(a_recording_that_never_ended_is_said),
		cmocka_unit_test(messages_between_traces_set_the_clocks),
		cmocka_unit_test(clocks_that_drift_apart_do_not_change_causes),
		cmocka_unit_test(numbers_that_are_not_the_same_are_noticed),
		cmocka_unit_test(bad_input_is_named),
		cmocka_unit_test(odd_traces_are_merged_or_refused),
	};

	assert_int_equal(argc, 2);
	program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
