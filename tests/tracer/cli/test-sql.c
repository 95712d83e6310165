/*
 * sql and export as their users run them: test-sql ACTORSCOPE SQL.MD
 *
 * Every example of the page is run against a trace.
 */
#include "tests/support/command.h"

#include "tracer/model/memory.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static const char *program, *page;

/* `actorscope sql ARGUMENTS` with such an input. */
static int run_input(const char *arguments, const char *input)
{
	char *command = trc_format("sql %s < input", arguments);
	int status;

	cmd_write_text("input", input);
	status = cmd_run(command);
	free(command);
	return status;
}

/* --- traces -------------------------------------------------------------------------------------
 */

static void tell(struct tb *tb)
{
	uint64_t room, ann, ask;

	tb_at(tb, "main.c", "main", 10);
	room = tb_spawn(tb, 0, "room", "lobby", 1);
	tb->ring = 1;
	ann = tb_spawn(tb, 0, "member", "ann \x1b[31m\"x\"", 1);
	for (int i = 0; i < 20; i++) {
		tb->ring = (unsigned)i % 2;
		tb_send(tb, 0, ann, "Go");
		tb_receive_next(tb, ann);
		tb_at(tb, "member.c", "on_go", 20);
		ask = tb_ask_and_wait(tb, ann, room, "Enter");
		tb_receive_next(tb, room);
		tb_add(tb, (struct trc_event){.kind = TRC_LOG,
					      .actor = room,
					      .payload = (const uint8_t *)"hello",
					      .payload_size = 5});
		tb_reply(tb, room, tb_token(ask));
		tb_done(tb, room);
		tb_wake(tb, ann, TRC_WAKE_MET);
		tb_done(tb, ann);
	}
	tb_refused(tb, ann, room, "Late", TRC_REFUSED_FULL);
	tb_send(tb, 0, ann, "Go");
	tb_receive_next(tb, ann);
	tb_at(tb, "member.c", "on_go", 20);
	tb_ask_and_wait(tb, ann, room, "Enter");
}

static int set_up(void **state)
{
	struct tb tb;

	cmd_open(program);
	tb_init(&tb);
	tell(&tb);
	cmd_write_trace("trace.db", &tb, 30);
	cmd_write_live("live.db", &tb, 30);
	tb_fini(&tb);
	/* trace.db has no rows of messages and waits. */
	return cmd_shell("cp trace.db rows.db && $ACTORSCOPE record --quiet --finish=rows.db");
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

/* --- sql ----------------------------------------------------------------------------------------
 */

/* The whole number that a query gives. */
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

/* The file has no rows of messages: they come from the segments. */
static void tables_cover_the_whole_trace(void **state)
{
	static const char *const files[] = {"trace.db", "live.db"};

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(number(files[i], "SELECT count(*) FROM message"), 42);
		assert_int_equal(number(files[i], "SELECT count(*) FROM ask"), 21);
		assert_int_equal(number(files[i], "SELECT count(*) FROM wait"), 21);
		assert_int_equal(number(files[i], "SELECT count(*) FROM wait WHERE outcome='open'"),
				 1);
		assert_int_equal(number(files[i], "SELECT count(*) FROM actor WHERE id > 0"), 2);
		assert_int_equal(number(files[i], "SELECT count(*) FROM event WHERE kind='send'"),
				 42);
	}
}

static void events_are_joined_with_their_names(void **state)
{
	assert_int_equal(
		cmd_run("sql --json trace.db \"SELECT * FROM event WHERE kind='refused'\""), 0);
	json_t *rows = cmd_json(), *row = json_array_get(rows, 0);

	assert_int_equal(json_array_size(rows), 1);
	assert_string_equal(json_string_value(json_object_get(row, "peer")), "lobby");
	assert_string_equal(json_string_value(json_object_get(row, "type")), "Late");
	assert_string_equal(json_string_value(json_object_get(row, "text")), "full");
	assert_string_equal(json_string_value(json_object_get(row, "file")), "member.c");
	json_decref(rows);
}

static void actors_have_the_names_of_the_actor_table(void **state)
{
	assert_int_equal(number("trace.db", "SELECT count(*) FROM event e JOIN actor a "
					    "ON a.id = e.actor_id WHERE a.name = e.actor"),
			 number("trace.db", "SELECT count(*) FROM event_row"));
}

static void payloads_are_json(void **state)
{
	assert_int_equal(
		number("trace.db",
		       "SELECT count(*) FROM event WHERE kind='send' AND payload->>'n' = object"),
		42);
}

/* What is skipped by time or ring must not be missing: the same count with and without the help of
 * the conditions (a plus sign hides a column from them). */
static void conditions_only_skip_what_they_may(void **state)
{
	static const char *const conditions[][2] = {
		{"time_ns >= 50000", "+time_ns >= 50000"},
		{"time_ns > 50000.5", "+time_ns > 50000.5"},
		{"time_ns < 120000", "+time_ns < 120000"},
		{"time_ns <= 120000.5", "+time_ns <= 120000.5"},
		{"time_ns BETWEEN 30000 AND 90000", "+time_ns BETWEEN 30000 AND 90000"},
		{"time_ns = 50000", "+time_ns = 50000"},
		{"time_ns > 'x'", "+time_ns > 'x'"},
		{"time_ns > NULL", "+time_ns > NULL"},
		{"ring = 1", "+ring = 1"},
		{"ring = 1 AND time_ns > 70000", "+ring = 1 AND +time_ns > 70000"},
		{"ring = 7", "+ring = 7"},
		{"kind = 'send'", "+kind = 'send'"},
		{"kind = 'SEND'", "+kind = 'SEND'"},
		{"kind = 'SEND' COLLATE NOCASE", "+kind = 'SEND' COLLATE NOCASE"},
		{"kind IN ('send', 'done', 'none')", "+kind IN ('send', 'done', 'none')"},
		{"kind IN ('send', NULL)", "+kind IN ('send', NULL)"},
		{"kind IN ('send', 'log') AND kind = 'log'", "+kind = 'log'"},
		{"kind = 16", "+kind = 16"},
		{"kind IS NULL", "+kind IS NULL"},
		{"kind <> 'send'", "+kind <> 'send'"},
		{"actor_id = 2", "+actor_id = 2"},
		{"actor_id = 2.5", "+actor_id = 2.5"},
		{"actor_id IN (0, 2)", "+actor_id IN (0, 2)"},
		{"peer_id = 1", "+peer_id = 1"},
		{"peer_id IS NULL", "+peer_id IS NULL"},
		{"object = 3 AND kind = 'receive'", "+object = 3 AND +kind = 'receive'"},
		{"object IS NULL", "+object IS NULL"},
		{"type = 'Go' AND kind = 'send'", "+type = 'Go' AND +kind = 'send'"},
	};

	for (size_t i = 0; i < sizeof conditions / sizeof conditions[0]; i++) {
		char *with = trc_format("SELECT count(*) FROM event WHERE %s", conditions[i][0]);
		char *without = trc_format("SELECT count(*) FROM event WHERE %s", conditions[i][1]);

		assert_int_equal(number("trace.db", with), number("trace.db", without));
		free(with);
		free(without);
	}
	assert_int_equal(number("trace.db", "SELECT count(*) FROM event a JOIN event b ON "
					    "a.ring = b.ring AND a.seq = b.seq"),
			 number("trace.db", "SELECT count(*) FROM event"));
}

static void counts_come_without_the_events(void **state)
{
	assert_int_equal(number("trace.db", "SELECT sum(events) FROM event_count"),
			 number("trace.db", "SELECT count(*) FROM event_row"));
	assert_int_equal(
		number("trace.db", "SELECT sum(events) FROM event_count WHERE kind = 'send'"), 42);
	assert_int_equal(number("trace.db",
				"SELECT count(*) FROM (SELECT kind, sum(events) AS n FROM "
				"event_count GROUP BY kind) c WHERE n <> (SELECT count(*) FROM "
				"event_row e WHERE e.kind = c.kind)"),
			 0);
	assert_int_equal(number("trace.db", "SELECT max(last_ns) FROM event_count"),
			 number("trace.db", "SELECT max(time_ns) FROM event_row"));
}

static void nothing_can_be_changed(void **state)
{
	static const char *const queries[] = {
		"DELETE FROM message_row",    "DROP VIEW event",
		"CREATE TABLE x(y)",          "CREATE TEMP TABLE x(y)",
		"ATTACH 'other.db' AS other", "PRAGMA user_version = 7",
		"VACUUM INTO 'other.db'",     "BEGIN",
		"SELECT load_extension('x')", "SELECT count(*) FROM segment",
	};

	for (size_t i = 0; i < sizeof queries / sizeof queries[0]; i++) {
		char *arguments = trc_format("sql trace.db \"%s\"", queries[i]);

		assert_int_equal(cmd_run(arguments), 2);
		cmd_says("actorscope sql: ");
		free(arguments);
	}
	assert_int_equal(cmd_shell("test ! -e other.db"), 0);
}

static void mistakes_are_told(void **state)
{
	assert_int_equal(cmd_run("sql trace.db 'SELEC 1'"), 2);
	cmd_says("syntax error");
	assert_int_equal(cmd_run("sql trace.db 'SELECT nothing FROM message'"), 2);
	cmd_says("nothing");
	assert_int_equal(cmd_run("sql"), 2);
	cmd_says("a trace file is missing");
	assert_int_equal(cmd_run("sql trace.db 1 2"), 2);
	cmd_says("one too many");
	assert_int_equal(cmd_run("sql none.db 'SELECT 1'"), 2);
	cmd_says("none.db");
	assert_int_equal(cmd_run("sql --xml trace.db"), 2);
	assert_int_equal(cmd_run("sql --help"), 0);
	cmd_says("Example");
}

static void the_prompt_reads_its_input(void **state)
{
	assert_int_equal(run_input("--csv trace.db", "\nSELECT 1\n  + 1;\n.tables\nSELECT 'x'"), 0);
	cmd_says("2\r\n");
	cmd_says("\"event\",\"time_ns, kind");
	cmd_says("\"x\"\r\n");
	assert_int_equal(run_input("trace.db", ".quit\nSELEC;\n"), 0);
	assert_int_equal(run_input("trace.db", "SELEC;\nSELECT 7;\n"), 2);
	assert_null(strchr(cmd_output(), '7'));
	assert_int_equal(run_input("trace.db", ".bogus\n"), 2);
	cmd_says("there is no '.bogus'");
	assert_int_equal(run_input("trace.db", ""), 0);
	assert_int_equal(run_input("trace.db", "-- nothing\n"), 0);
}

static void a_table_is_aligned_and_safe_for_terminals(void **state)
{
	assert_int_equal(cmd_run("sql trace.db \"SELECT name, id FROM actor WHERE id > 0\""), 0);
	assert_null(strchr(cmd_output(), '\x1b'));
	cmd_says("ann .[31m\"x\"");
	cmd_says("------------  --\n");
}

/* More rows than a table keeps back for its widths. */
static void long_answers_are_whole(void **state)
{
	assert_int_equal(
		cmd_run("sql trace.db 'SELECT a.seq FROM event a, event b LIMIT 1234' | wc -l"), 0);
	assert_int_equal(atoi(cmd_output()), 1236);
	assert_int_equal(cmd_run("sql --csv trace.db 'SELECT a.seq FROM event a, event b LIMIT "
				 "1234' | wc -l"),
			 0);
	assert_int_equal(atoi(cmd_output()), 1235);
}

/* Calls `visit` with each example of the page. */
static void each_example(void (*visit)(const char *query))
{
	FILE *file = fopen(page, "r");
	struct trc_text query = {0};
	bool inside = false;
	char line[1024];
	unsigned count = 0;

	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		if (strcmp(line, "```sql\n") == 0) {
			inside = true;
			query.length = 0;
		} else if (inside && strcmp(line, "```\n") == 0) {
			inside = false;
			count++;
			visit(query.data);
		} else if (inside) {
			trc_text_add(&query, "%s", line);
		}
	}
	assert_true(count >= 10);
	free(query.data);
	fclose(file);
}

static json_t *answer(const char *file, const char *query)
{
	char *arguments = trc_format("--json %s", file);

	if (run_input(arguments, query) != 0)
		fail_msg("%s: %s", query, cmd_output());
	free(arguments);
	return cmd_json();
}

/* From the events, and from the rows of the file. */
static void both_answer_alike(const char *query)
{
	json_t *events = answer("trace.db", query), *rows = answer("rows.db", query);

	if (!json_equal(events, rows))
		fail_msg("%s: the rows say %s", query, cmd_output());
	json_decref(events);
	json_decref(rows);
}

static void the_page_is_true(void **state)
{
	each_example(both_answer_alike);
}

static void whole_rows_of_the_file_are_used(void **state)
{
	assert_int_equal(cmd_shell("cp rows.db changed.db && sqlite3 changed.db 'UPDATE "
				   "message_row SET payload = 7; CREATE TABLE secret(x)'"),
			 0);
	assert_int_equal(number("changed.db", "SELECT sum(payload) FROM message"), 7 * 42);
	/* Nothing else of the file is. */
	assert_int_equal(cmd_run("sql changed.db 'SELECT * FROM trace.secret'"), 2);
	assert_int_equal(cmd_run("sql changed.db 'SELECT count(*) FROM trace.segment'"), 2);
	cmd_says("not allowed");
	assert_int_equal(cmd_run("sql changed.db 'DELETE FROM trace.message_row'"), 2);
	/* Events are those of the segments. */
	assert_int_equal(cmd_shell("sqlite3 changed.db 'CREATE TABLE event_row(kind); CREATE TABLE "
				   "event_count(kind); CREATE VIEW event AS SELECT 1 AS kind'"),
			 0);
	assert_int_equal(number("changed.db", "SELECT count(*) FROM event WHERE kind = 'send'"),
			 42);
	assert_int_equal(number("changed.db", "SELECT count(*) FROM event_row WHERE kind = 'send'"),
			 42);
}

static void other_rows_are_made_again(void **state)
{
	static const char *const changes[] = {
		"DELETE FROM message_row; UPDATE derived SET events = events - 1",
		"DELETE FROM message_row; DELETE FROM derived",
		"DELETE FROM message_row; DROP TABLE derived",
		"DELETE FROM message_row; UPDATE meta SET value = 0 WHERE key = 'closed'",
		"DROP TABLE message_row; CREATE VIEW message_row AS SELECT 1 AS id",
		"DROP TABLE message_row; CREATE TABLE message_row(id INTEGER PRIMARY KEY)",
	};

	for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
		char *line = trc_format("cp rows.db changed.db && sqlite3 changed.db \"%s\"",
					changes[i]);

		if (cmd_shell(line) != 0)
			fail_msg("%s: %s", line, cmd_output());
		assert_int_equal(number("changed.db", "SELECT count(*) FROM message"), 42);
		free(line);
	}
}

static void the_page_finds_what_is_there(void **state)
{
	assert_int_equal(number("trace.db", "SELECT count(*) FROM ask WHERE outcome = 'open'"), 1);
	assert_int_equal(number("trace.db", "SELECT sum(handled_ns) > 0 FROM receive"), 1);
	assert_int_equal(
		number("trace.db", "SELECT count(*) FROM message WHERE received_ns IS NULL"), 1);
}

/* --- export -------------------------------------------------------------------------------------
 */

static void export_writes_files_and_streams(void **state)
{
	assert_int_equal(cmd_run("export --format chrome -o out.json trace.db"), 0);
	assert_int_equal(cmd_shell("cat out.json"), 0);
	json_decref(cmd_json());
	assert_int_equal(cmd_run("export --format otlp trace.db"), 0);
	json_decref(cmd_json());
	assert_int_equal(cmd_run("export --format csv -o - live.db"), 0);
	cmd_says("id,type,sender");
	assert_int_equal(cmd_run("export --format mermaid --from 10us --to 30us trace.db"), 0);
	cmd_says("sequenceDiagram");
	assert_int_equal(cmd_run("export --format dot --at 0 trace.db"), 0);
	cmd_says("digraph");
}

static void export_tells_mistakes(void **state)
{
	assert_int_equal(cmd_run("export trace.db"), 2);
	cmd_says("--format is missing");
	assert_int_equal(cmd_run("export --format png trace.db"), 2);
	cmd_says("there is no format 'png'");
	assert_int_equal(cmd_run("export --format csv"), 2);
	assert_int_equal(cmd_run("export --format csv none.db"), 2);
	cmd_says("none.db");
	assert_int_equal(cmd_run("export --format csv --from soon trace.db"), 2);
	cmd_says("'soon' is not a time");
	assert_int_equal(cmd_run("export --format csv -o trace.db trace.db"), 2);
	cmd_says("is the trace itself");
	assert_int_equal(cmd_run("export --format csv -o no/where trace.db"), 2);
	cmd_says("cannot write no/where");
	assert_int_equal(cmd_run("export --format csv -o /dev/full trace.db"), 2);
	cmd_says("cannot write /dev/full");
	assert_int_equal(cmd_run("export --help"), 0);
	cmd_says("chrome");
	cmd_says("Example");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_cover_the_whole_trace),
		cmocka_unit_test(events_are_joined_with_their_names),
		cmocka_unit_test(actors_have_the_names_of_the_actor_table),
		cmocka_unit_test(payloads_are_json),
		cmocka_unit_test(conditions_only_skip_what_they_may),
		cmocka_unit_test(counts_come_without_the_events),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(the_prompt_reads_its_input),
		cmocka_unit_test(a_table_is_aligned_and_safe_for_terminals),
		cmocka_unit_test(long_answers_are_whole),
		cmocka_unit_test(the_page_is_true),
		cmocka_unit_test(whole_rows_of_the_file_are_used),
		cmocka_unit_test(other_rows_are_made_again),
		cmocka_unit_test(the_page_finds_what_is_there),
		cmocka_unit_test(export_writes_files_and_streams),
		cmocka_unit_test(export_tells_mistakes),
	};

	assert_int_equal(argc, 3);
	program = argv[1];
	page = argv[2];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
