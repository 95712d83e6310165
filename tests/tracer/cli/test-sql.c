/*
 * sql and export as their users run them: test-sql ACTORSCOPE SQL.MD
 *
 * Every example of the page is run against a trace.
 */
#include "tests/support/trace-file.h"

#include "tracer/model/memory.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char *actorscope;
static char *page;
static char directory[] = "/tmp/test-sql-XXXXXX";
static char *output; /* of the last command, errors included */

static int run_shell(const char *command)
{
	char *whole = trc_format("cd %s && exec 2>&1; %s", directory, command);
	FILE *pipe = popen(whole, "r");
	struct trc_text text = {0};
	char part[4096];
	int status;

	assert_non_null(pipe);
	trc_text_add(&text, "%s", "");
	while (fgets(part, sizeof part, pipe))
		trc_text_add(&text, "%s", part);
	status = pclose(pipe);
	free(whole);
	free(output);
	output = text.data;
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* `actorscope ARGUMENTS` */
static int run(const char *arguments)
{
	char *command = trc_format("%s %s", actorscope, arguments);
	int status = run_shell(command);

	free(command);
	return status;
}

/* `actorscope sql ARGUMENTS` with such an input. */
static int run_input(const char *arguments, const char *input)
{
	char *path = trc_format("%s/input", directory);
	char *command = trc_format("%s sql %s < input", actorscope, arguments);
	FILE *file = fopen(path, "w");
	int status;

	assert_non_null(file);
	fputs(input, file);
	fclose(file);
	status = run_shell(command);
	free(command);
	free(path);
	return status;
}

static void assert_says(const char *text)
{
	if (!strstr(output, text))
		fail_msg("'%s' is not in: %s", text, output);
}

static json_t *parse_output(void)
{
	json_error_t error;
	json_t *value = json_loads(output, 0, &error);

	if (!value)
		fail_msg("%s in: %s", error.text, output);
	return value;
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
	struct trc_store *store;
	struct tb tb;
	char *path;

	if (!mkdtemp(directory))
		return -1;
	tb_init(&tb);
	tell(&tb);
	path = trc_format("%s/trace.db", directory);
	tf_write(path, &tb, 30);
	free(path);
	path = trc_format("%s/live.db", directory);
	store = tf_create(path);
	tf_add(store, &tb, 0, tb.count, 30);
	tf_close(store, &tb, false, false);
	free(path);
	tb_fini(&tb);
	return 0;
}

static int tear_down(void **state)
{
	char *command = trc_format("rm -rf %s", directory);
	int status = system(command);

	free(command);
	free(output);
	return status;
}

/* --- sql ----------------------------------------------------------------------------------------
 */

/* The whole number that a query gives. */
static long long number(const char *file, const char *query)
{
	char *arguments = trc_format("sql --csv %s \"%s\"", file, query);
	const char *end;

	if (run(arguments) != 0)
		fail_msg("%s: %s", query, output);
	free(arguments);
	end = strchr(output, '\n');
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
	assert_int_equal(run("sql --json trace.db \"SELECT * FROM event WHERE kind='refused'\""),
			 0);
	json_t *rows = parse_output(), *row = json_array_get(rows, 0);

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

		assert_int_equal(run(arguments), 2);
		assert_says("actorscope sql: ");
		free(arguments);
	}
	assert_int_equal(run_shell("test ! -e other.db"), 0);
}

static void mistakes_are_told(void **state)
{
	assert_int_equal(run("sql trace.db 'SELEC 1'"), 2);
	assert_says("syntax error");
	assert_int_equal(run("sql trace.db 'SELECT nothing FROM message'"), 2);
	assert_says("nothing");
	assert_int_equal(run("sql"), 2);
	assert_says("a trace file is missing");
	assert_int_equal(run("sql trace.db 1 2"), 2);
	assert_says("one too many");
	assert_int_equal(run("sql none.db 'SELECT 1'"), 2);
	assert_says("none.db");
	assert_int_equal(run("sql --xml trace.db"), 2);
	assert_int_equal(run("sql --help"), 0);
	assert_says("Example");
}

static void the_prompt_reads_its_input(void **state)
{
	assert_int_equal(run_input("--csv trace.db", "\nSELECT 1\n  + 1;\n.tables\nSELECT 'x'"), 0);
	assert_says("2\r\n");
	assert_says("\"event\",\"time_ns, kind");
	assert_says("\"x\"\r\n");
	assert_int_equal(run_input("trace.db", ".quit\nSELEC;\n"), 0);
	assert_int_equal(run_input("trace.db", "SELEC;\nSELECT 7;\n"), 2);
	assert_null(strchr(output, '7'));
	assert_int_equal(run_input("trace.db", ".bogus\n"), 2);
	assert_says("there is no '.bogus'");
	assert_int_equal(run_input("trace.db", ""), 0);
	assert_int_equal(run_input("trace.db", "-- nothing\n"), 0);
}

static void a_table_is_aligned_and_safe_for_terminals(void **state)
{
	assert_int_equal(run("sql trace.db \"SELECT name, id FROM actor WHERE id > 0\""), 0);
	assert_null(strchr(output, '\x1b'));
	assert_says("ann .[31m\"x\"");
	assert_says("------------  --\n");
}

/* More rows than a table keeps back for its widths. */
static void long_answers_are_whole(void **state)
{
	assert_int_equal(
		run("sql trace.db 'SELECT a.seq FROM event a, event b LIMIT 1234' | wc -l"), 0);
	assert_int_equal(atoi(output), 1236);
	assert_int_equal(
		run("sql --csv trace.db 'SELECT a.seq FROM event a, event b LIMIT 1234' | wc -l"),
		0);
	assert_int_equal(atoi(output), 1235);
}

static void the_page_is_true(void **state)
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
			if (run_input("--json trace.db", query.data) != 0)
				fail_msg("%s: %s", query.data, output);
			json_decref(parse_output());
		} else if (inside) {
			trc_text_add(&query, "%s", line);
		}
	}
	assert_true(count >= 10);
	free(query.data);
	fclose(file);
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
	assert_int_equal(run("export --format chrome -o out.json trace.db"), 0);
	assert_int_equal(run_shell("cat out.json"), 0);
	json_decref(parse_output());
	assert_int_equal(run("export --format otlp trace.db"), 0);
	json_decref(parse_output());
	assert_int_equal(run("export --format csv -o - live.db"), 0);
	assert_says("id,type,sender");
	assert_int_equal(run("export --format mermaid --from 10us --to 30us trace.db"), 0);
	assert_says("sequenceDiagram");
	assert_int_equal(run("export --format dot --at 0 trace.db"), 0);
	assert_says("digraph");
}

static void export_tells_mistakes(void **state)
{
	assert_int_equal(run("export trace.db"), 2);
	assert_says("--format is missing");
	assert_int_equal(run("export --format png trace.db"), 2);
	assert_says("there is no format 'png'");
	assert_int_equal(run("export --format csv"), 2);
	assert_int_equal(run("export --format csv none.db"), 2);
	assert_says("none.db");
	assert_int_equal(run("export --format csv --from soon trace.db"), 2);
	assert_says("'soon' is not a time");
	assert_int_equal(run("export --format csv -o trace.db trace.db"), 2);
	assert_says("is the trace itself");
	assert_int_equal(run("export --format csv -o no/where trace.db"), 2);
	assert_says("cannot write no/where");
	assert_int_equal(run("export --format csv -o /dev/full trace.db"), 2);
	assert_says("cannot write /dev/full");
	assert_int_equal(run("export --help"), 0);
	assert_says("chrome");
	assert_says("Example");
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_cover_the_whole_trace),
		cmocka_unit_test(events_are_joined_with_their_names),
		cmocka_unit_test(actors_have_the_names_of_the_actor_table),
		cmocka_unit_test(payloads_are_json),
		cmocka_unit_test(conditions_only_skip_what_they_may),
		cmocka_unit_test(nothing_can_be_changed),
		cmocka_unit_test(mistakes_are_told),
		cmocka_unit_test(the_prompt_reads_its_input),
		cmocka_unit_test(a_table_is_aligned_and_safe_for_terminals),
		cmocka_unit_test(long_answers_are_whole),
		cmocka_unit_test(the_page_is_true),
		cmocka_unit_test(the_page_finds_what_is_there),
		cmocka_unit_test(export_writes_files_and_streams),
		cmocka_unit_test(export_tells_mistakes),
	};

	int failed;

	assert_int_equal(argc, 3);
	actorscope = realpath(argv[1], NULL);
	page = argv[2];
	assert_non_null(actorscope);
	failed = cmocka_run_group_tests(tests, set_up, tear_down);

	free(actorscope);
	return failed;
}
