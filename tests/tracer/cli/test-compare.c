/*
 * compare as its users run it: test-compare ACTORSCOPE
 *
 * What differs is tested in tests/tracer/compare; here, what is printed.
 */
#include "tests/support/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <cmocka.h>

static const char *program;

/* Two users say hello to a room, which then rests. */
static void tell(struct tb *tb, bool other_first, uint64_t rest)
{
	uint64_t room = tb_spawn(tb, 0, "room", "lob\x1b[31mby", 10);
	uint64_t users[2] = {tb_spawn(tb, 0, "user", "ann", 10),
			     tb_spawn(tb, 0, "user", "bob", 10)};

	for (int i = 0; i < 2; i++) {
		tb_at(tb, "user.c", "hello", 11);
		tb_send(tb, users[other_first ? 1 - i : i], room, "Hello");
		tb_receive_next(tb, room);
		tb_wait_timer(tb, room);
		tb->now += rest;
		tb_wake(tb, room, TRC_WAKE_MET);
		tb_done(tb, room);
	}
}

static void write_trace(const char *name, bool other_first, uint64_t rest)
{
	struct tb tb;

	tb_init(&tb);
	tell(&tb, other_first, rest);
	cmd_write_trace(name, &tb, 50);
	tb_fini(&tb);
}

static int set_up(void **state)
{
	struct tb tb;

	cmd_open(program);
	write_trace("a.db", false, 1000);
	write_trace("a2.db", false, 1000);
	write_trace("b.db", true, 1000);
	write_trace("slow.db", false, 9000000);
	tb_init(&tb);
	tell(&tb, false, 1000);
	cmd_write_live("live.db", &tb, 50);
	tb_fini(&tb);
	cmd_write_text("note.txt", "not a trace");
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

static void equal_runs_are_equal(void **state)
{
	assert_int_equal(cmd_run("compare a.db a2.db"), 0);
	cmd_says("no difference: every actor takes the same steps in both");
	cmd_says("3 actors are in both; of 4 steps in A and 4 in B, 4 are equal");
	cmd_says("outside of actors was not compared");
	assert_int_equal(cmd_run("compare a.db live.db"), 0);
	cmd_says("B is still being recorded, or was cut off");
}

static void people_are_told_the_first_difference(void **state)
{
	assert_int_equal(cmd_run("compare --no-payload a.db b.db"), 1);
	cmd_says("they first differ here:");
	cmd_says("   1  room \"lob?[31mby\" first receives Hello");
	cmd_says("from user \"ann\" in A, but receives Hello");
	cmd_says("after 0 equal steps");
	cmd_says("sent in A: user.c:11");
	cmd_says("what is in messages was not compared (--no-payload)");
	assert_null(strchr(cmd_output(), '\x1b'));
	assert_int_equal(cmd_run("compare --no-payload --limit 0 a.db b.db"), 1);
	cmd_does_not_say("first differ");
	cmd_says("and 1 more (--limit)");
}

static void longer_waits_are_no_difference(void **state)
{
	assert_int_equal(cmd_run("compare a.db slow.db"), 0);
	cmd_says("no difference");
	cmd_says("the same steps, but longer waits:");
	cmd_says("waits longer in B: 18 ms");
}

static void programs_get_json(void **state)
{
	json_t *result, *one, *a;

	assert_int_equal(cmd_run("compare --json --no-payload a.db b.db"), 1);
	result = cmd_json();
	assert_true(json_is_false(cmd_member(result, "same")));
	assert_int_equal(cmd_number(result, "actors_in_both"), 3);
	assert_int_equal(cmd_number(result, "first_differences"), 1);
	assert_string_equal(cmd_text(cmd_member(result, "b"), "file"), "b.db");
	assert_int_equal(json_array_size(cmd_member(result, "differences")), 1);
	one = json_array_get(cmd_member(result, "differences"), 0);
	assert_string_equal(cmd_text(one, "kind"), "order");
	assert_true(json_is_true(cmd_member(one, "first")));
	assert_int_equal(cmd_number(one, "equal_steps"), 0);
	a = cmd_member(one, "a");
	assert_string_equal(cmd_text(cmd_member(a, "step"), "peer"), "ann");
	assert_string_equal(cmd_text(cmd_member(a, "step"), "event"), "receive");
	assert_string_equal(cmd_text(cmd_member(a, "step"), "type"), "Hello");
	assert_int_equal(cmd_number(cmd_member(a, "step"), "line"), 11);
	assert_true(cmd_number(a, "time_ns") > 0);
	json_decref(result);
	assert_int_equal(cmd_run("compare --json a.db a2.db"), 0);
	result = cmd_json();
	assert_true(json_is_true(cmd_member(result, "same")));
	assert_int_equal(json_array_size(cmd_member(result, "differences")), 0);
	json_decref(result);
}

static void bad_use_is_explained(void **state)
{
	assert_int_equal(cmd_run("compare"), 2);
	cmd_says("two trace files are needed, not 0");
	assert_int_equal(cmd_run("compare a.db"), 2);
	assert_int_equal(cmd_run("compare a.db b.db a2.db"), 2);
	assert_int_equal(cmd_run("compare --limit x a.db b.db"), 2);
	cmd_says("'x' is not a number of differences");
	assert_int_equal(cmd_run("compare a.db none.db"), 2);
	cmd_says("none.db");
	assert_int_equal(cmd_run("compare note.txt a.db"), 2);
	cmd_says("note.txt");
	assert_int_equal(cmd_run("compare --help"), 0);
	cmd_says("Example:");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_runs_are_equal),
		cmocka_unit_test(people_are_told_the_first_difference),
		cmocka_unit_test(longer_waits_are_no_difference),
		cmocka_unit_test(programs_get_json),
		cmocka_unit_test(bad_use_is_explained),
	};

	assert_int_equal(argc, 2);
	program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
