/*
 * stats as its users run it: test-stats ACTORSCOPE
 *
 * What is counted is tested in tests/tracer/stats; here, what is printed.
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

/* Ann asks the lobby, which asks the base; the second time it takes long. */
static void tell(struct tb *tb)
{
	uint64_t ann = tb_spawn(tb, 0, "user", "ann \x1b[31m", 5);
	uint64_t lobby = tb_spawn(tb, 0, "room", "lobby", 2), base = tb_spawn(tb, 0, "base", "", 3);

	for (int i = 0; i < 2; i++) {
		uint64_t outer, inner;

		tb->now = (uint64_t)(i + 1) * 1000000;
		tb_send(tb, 0, ann, "Go");
		tb_receive_next(tb, ann);
		tb_at(tb, "user.c", "on_go", 20);
		outer = tb_ask_and_wait(tb, ann, lobby, "Enter");
		tb_receive_next(tb, lobby);
		tb_at(tb, "room.c", "on_enter", 33);
		inner = tb_ask_and_wait(tb, lobby, base, "Look\x1b[7m");
		tb_receive_next(tb, base);
		tb->now += (uint64_t)i * 100000;
		tb_reply(tb, base, tb_token(inner));
		tb_wake(tb, lobby, TRC_WAKE_MET);
		tb_done(tb, base);
		tb_reply(tb, lobby, tb_token(outer));
		tb_wake(tb, ann, TRC_WAKE_MET);
		tb_done(tb, lobby);
		tb_done(tb, ann);
	}
	tb_ask(tb, 0, lobby, "Enter");
	tb_send(tb, 0, base, "Rest");
	tb_receive_next(tb, base);
	tb_wait_timer(tb, base);
	tb->now += 5000;
	tb_wake(tb, base, TRC_WAKE_MET);
	tb_done(tb, base);
}

static int set_up(void **state)
{
	struct tb tb;

	cmd_open(program);
	tb_init(&tb);
	tell(&tb);
	cmd_write_trace("trace.db", &tb, 50);
	cmd_write_live("live.db", &tb, 50);
	tb_fini(&tb);
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

static json_t *by_text(json_t *array, const char *key, const char *text)
{
	for (size_t i = 0; i < json_array_size(array); i++)
		if (strcmp(cmd_text(json_array_get(array, i), key), text) == 0)
			return json_array_get(array, i);
	fail_msg("there is no %s '%s' in %s", key, text, cmd_output());
	return NULL;
}

static long long whole(json_t *path)
{
	static const char *const places[] = {"space_ns", "mailbox_ns", "handler_ns",   "asleep_ns",
					     "kept_ns",  "waking_ns",  "unanswered_ns"};
	long long sum = 0;

	for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
		sum += cmd_number(path, places[i]);
	return sum;
}

static void people_get_tables(void **state)
{
	assert_int_equal(cmd_run("stats trace.db"), 0);
	cmd_says("kind ");
	cmd_says("room \"lobby\"");
	cmd_says("base, 100%");
	cmd_says("timer, 100%");
	cmd_says("Enter to room");
	cmd_says("slowest asks:");
	cmd_says("Enter by user \"ann ?[31m\" to room \"lobby\", user.c:20, at 0.002");
	cmd_says("to base-3, room.c:33");
	cmd_says("in nested asks");
	cmd_says("; 1 asks without an answer");
	assert_null(strchr(cmd_output(), '\x1b'));
	assert_int_equal(cmd_run("stats live.db"), 0);
	cmd_says("still recording, or cut off");
}

static void programs_get_json(void **state)
{
	json_t *result, *one, *slowest;

	assert_int_equal(cmd_run("stats --json trace.db"), 0);
	result = cmd_json();
	assert_int_equal(cmd_number(cmd_member(result, "all"), "in"), 7);
	assert_int_equal(cmd_number(cmd_member(result, "all"), "out"), 8);
	one = by_text(cmd_member(result, "actors"), "name", "lobby");
	assert_int_equal(cmd_number(one, "in"), 2);
	assert_int_equal(cmd_number(one, "asks"), 2);
	assert_int_equal(cmd_number(one, "capacity"), 2);
	assert_int_equal(cmd_number(one, "waiting_ns"),
			 cmd_number(cmd_member(one, "waiting_for_ns"), "reply"));
	one = json_array_get(cmd_member(one, "waits_for"), 0);
	assert_string_equal(cmd_text(one, "name"), "base-3");
	assert_int_equal(cmd_number(one, "waits"), 2);
	one = by_text(cmd_member(result, "kinds"), "kind", "room");
	assert_int_equal(cmd_number(one, "actors"), 1);
	one = by_text(cmd_member(result, "asks"), "type", "Enter");
	assert_int_equal(cmd_number(one, "count"), 2);
	assert_int_equal(whole(cmd_member(one, "path")), cmd_number(one, "total_ns"));
	slowest = json_array_get(cmd_member(result, "slowest_asks"), 0);
	assert_string_equal(cmd_text(slowest, "type"), "Enter");
	assert_int_equal(whole(cmd_member(slowest, "path")), cmd_number(slowest, "duration_ns"));
	assert_true(cmd_number(cmd_member(slowest, "path"), "nested_ns") > 100000);
	one = json_array_get(cmd_member(slowest, "nested"), 0);
	assert_int_equal(cmd_number(cmd_member(one, "path"), "handler_ns"), 101000);
	assert_int_equal(cmd_number(result, "open_asks"), 1);
	json_decref(result);
}

static void a_range_and_actors_can_be_chosen(void **state)
{
	json_t *result;

	assert_int_equal(cmd_run("stats --json --to 1.5ms trace.db"), 0);
	result = cmd_json();
	assert_int_equal(cmd_number(cmd_member(result, "all"), "in"), 3);
	json_decref(result);
	assert_int_equal(cmd_run("stats --json --from 1.5ms --actor lob* trace.db"), 0);
	result = cmd_json();
	assert_int_equal(json_array_size(cmd_member(result, "actors")), 1);
	assert_int_equal(cmd_number(json_array_get(cmd_member(result, "actors"), 0), "in"), 1);
	assert_int_equal(json_array_size(cmd_member(result, "slowest_asks")), 2);
	json_decref(result);
	assert_int_equal(cmd_run("stats --limit 1 --slowest 0 trace.db"), 0);
	cmd_says("and 2 more (--limit)");
	cmd_does_not_say("slowest");
}

static void bad_use_is_explained(void **state)
{
	assert_int_equal(cmd_run("stats"), 2);
	assert_int_equal(cmd_run("stats --limit x trace.db"), 2);
	cmd_says("'x' is not a number of actors");
	assert_int_equal(cmd_run("stats --slowest 9999999 trace.db"), 2);
	cmd_says("at most 1000");
	assert_int_equal(cmd_run("stats --from soon trace.db"), 2);
	cmd_says("'soon' is not a time");
	assert_int_equal(cmd_run("stats none.db"), 2);
	cmd_says("none.db");
	assert_int_equal(cmd_run("stats --help"), 0);
	cmd_says("Example:");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(people_get_tables),
		cmocka_unit_test(programs_get_json),
		cmocka_unit_test(a_range_and_actors_can_be_chosen),
		cmocka_unit_test(bad_use_is_explained),
	};

	assert_int_equal(argc, 2);
	program = argv[1];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
