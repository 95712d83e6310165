/*
 * The loadable extension in a connection of our own, and in the sqlite3 shell:
 *
 *     test-extension EXTENSION ACTORSCOPE SQL.MD [SHELL]
 */
#include "tests/support/command.h"

#include "tracer/model/memory.h"

#include <setjmp.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

static char *extension;
static const char *program, *page, *shell;

/* --- traces -------------------------------------------------------------------------------------
 */

static void tell(struct tb *tb)
{
	uint64_t room, ann, ask;

	tb_at(tb, "main.c", "main", 10);
	room = tb_spawn(tb, 0, "room", "lobby", 1);
	ann = tb_spawn(tb, 0, "member", "ann", 1);
	for (int i = 0; i < 30; i++) {
		tb->ring = (unsigned)i % 2;
		tb_at(tb, "main.c", "main", 12);
		tb_send(tb, 0, ann, "Go");
		tb_receive_next(tb, ann);
		tb_at(tb, "member.c", "on_go", 20);
		ask = tb_ask_and_wait(tb, ann, room, "Enter");
		tb_receive_next(tb, room);
		tb_reply(tb, room, tb_token(ask));
		tb_done(tb, room);
		tb_wake(tb, ann, TRC_WAKE_MET);
		tb_done(tb, ann);
	}
	tb_refused(tb, ann, room, "Late", TRC_REFUSED_FULL);
	tb_ask(tb, ann, room, "Enter");
}

static int set_up(void **state)
{
	struct tb tb;

	cmd_open(program);
	tb_init(&tb);
	tell(&tb);
	cmd_write_trace("trace.db", &tb, 40);
	cmd_write_live("live.db", &tb, 40);
	tb_fini(&tb);
	return 0;
}

static int tear_down(void **state)
{
	cmd_close();
	return 0;
}

/* --- connections --------------------------------------------------------------------------------
 */

/* A connection to a file of the directory, or to nothing. */
static sqlite3 *open_file(const char *name)
{
	char *path = name ? cmd_path(name) : NULL;
	sqlite3 *db;

	assert_int_equal(sqlite3_open(path ? path : ":memory:", &db), SQLITE_OK);
	sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_LOAD_EXTENSION, 1, NULL);
	free(path);
	return db;
}

static sqlite3 *open_loaded(const char *name)
{
	sqlite3 *db = open_file(name);
	char *error = NULL;

	if (sqlite3_load_extension(db, extension, NULL, &error) != SQLITE_OK)
		fail_msg("%s", error);
	return db;
}

/* The first value of the answer as text, or what is wrong; good until the next call. */
static const char *answer(sqlite3 *db, const char *sql)
{
	static char text[1000];
	sqlite3_stmt *statement = NULL;
	const char *value = NULL;

	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		value = (const char *)sqlite3_column_text(statement, 0);
	snprintf(text, sizeof text, "%s", value ? value : sqlite3_errmsg(db));
	sqlite3_finalize(statement);
	return text;
}

static void assert_answer(sqlite3 *db, const char *sql, const char *text)
{
	const char *there = answer(db, sql);

	if (strcmp(there, text) != 0)
		fail_msg("%s: '%s', not '%s'", sql, there, text);
}

static void open_trace(sqlite3 *db, const char *name, const char *said)
{
	char *path = cmd_path(name), *sql = trc_format("SELECT actorscope_open('%s')", path);
	const char *there;

	assert_non_null(sql);
	there = answer(db, sql);
	if (!strstr(there, said))
		fail_msg("%s: '%s', not '%s'", sql, there, said);
	free(path);
	free(sql);
}

/* --- tests --------------------------------------------------------------------------------------
 */

/* The files have no rows of messages. */
static void an_open_trace_is_shown_whole(void **state)
{
	static const char *const files[] = {"trace.db", "live.db"};

	for (size_t i = 0; i < 2; i++) {
		sqlite3 *db = open_loaded(files[i]);

		assert_answer(db, "SELECT count(*) FROM main.message", "0");
		assert_answer(db, "SELECT count(*) FROM message", "61");
		assert_answer(db, "SELECT count(*) FROM ask WHERE outcome = 'replied'", "30");
		assert_answer(db, "SELECT count(*) FROM ask WHERE outcome = 'open'", "1");
		assert_answer(db, "SELECT count(*) FROM wait WHERE for_actor = 'lobby'", "30");
		assert_answer(db, "SELECT count(*) FROM event WHERE kind = 'send'", "61");
		assert_answer(db, "SELECT sum(events) FROM event_count WHERE kind = 'send'", "61");
		assert_answer(db, "SELECT text FROM event WHERE kind = 'refused'", "full");
		assert_answer(db, "SELECT payload->>'n' > 0 FROM message LIMIT 1", "1");
		assert_answer(db, "SELECT value FROM meta WHERE key = 'program'", "./program");
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
}

static void a_trace_is_opened_by_name(void **state)
{
	sqlite3 *db = open_loaded(NULL);
	sqlite3_stmt *running;

	assert_answer(db, "SELECT * FROM event", "no such table: event");
	open_trace(db, "none.db", "cannot read");
	cmd_write_text("text.db", "No trace.");
	open_trace(db, "text.db", "is not a trace: it is text");
	assert_answer(db, "SELECT actorscope_open(NULL)",
		      "actorscope_open() wants the name of a file");
	open_trace(db, "trace.db", "");
	assert_answer(db, "SELECT count(*) FROM message", "61");
	/* What cannot be opened leaves what is open. */
	open_trace(db, "text.db", "is not a trace");
	assert_answer(db, "SELECT count(*) FROM message", "61");
	open_trace(db, "live.db", "");
	assert_answer(db, "SELECT value FROM meta WHERE key = 'closed'", "0");

	assert_int_equal(sqlite3_prepare_v2(db, "SELECT * FROM event", -1, &running, NULL),
			 SQLITE_OK);
	assert_int_equal(sqlite3_step(running), SQLITE_ROW);
	open_trace(db, "trace.db", "while another statement still runs");
	assert_int_equal(sqlite3_step(running), SQLITE_ROW);
	sqlite3_finalize(running);
	open_trace(db, "trace.db", "");
	assert_answer(db, "SELECT value FROM meta WHERE key = 'closed'", "1");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Rows are looked up by all kinds of columns, in both orders of a join. */
static void joins_find_what_is_there(void **state)
{
	sqlite3 *db = open_loaded("trace.db");

	assert_answer(db, "SELECT count(*) FROM message m JOIN ask a ON a.id = m.id", "31");
	assert_answer(db, "SELECT count(*) FROM message m JOIN message c ON c.cause = m.id", "30");
	assert_answer(db,
		      "SELECT count(*) FROM message m JOIN actor a ON a.name = m.receiver "
		      "WHERE a.name = 'lobby'",
		      "31");
	assert_answer(db,
		      "SELECT count(*) FROM wait w JOIN event e ON e.object = w.object "
		      "AND e.kind = 'reply'",
		      "30");
	assert_answer(db, "SELECT count(*) FROM message_row WHERE id = 1 OR sender = 0", "30");
	assert_answer(db,
		      "SELECT count(*) FROM message_row WHERE id IN (SELECT object FROM event_row "
		      "WHERE kind = 'receive')",
		      "60");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void rows_can_be_kept(void **state)
{
	sqlite3 *db = open_loaded(NULL);

	open_trace(db, "trace.db", "");
	assert_answer(db, "CREATE TABLE kept AS SELECT * FROM message", "no more rows available");
	assert_answer(db, "SELECT count(*) FROM kept", "61");
	assert_answer(db, "DELETE FROM message_row", "table message_row may not be modified");
	assert_answer(db, "CREATE VIRTUAL TABLE temp.x USING actorscope_row(x)",
		      "a trace has no table 'x'");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* The file that is open may have tables of the same names. */
static void tables_of_the_file_are_not_taken_for_ours(void **state)
{
	sqlite3 *db = open_file("trace.db");

	sqlite3_exec(db,
		     "CREATE TABLE event_row(kind); CREATE TABLE event_count(x);"
		     "INSERT INTO kind VALUES(99, 'false', 1);"
		     "CREATE VIEW event AS SELECT actorscope_open('none.db');",
		     NULL, NULL, NULL);
	sqlite3_close(db);
	db = open_loaded("trace.db");
	assert_answer(db, "SELECT count(*) FROM event_row WHERE kind = 'send'", "61");
	assert_answer(db, "SELECT count(*) FROM event WHERE kind = 'send'", "61");
	assert_answer(db, "SELECT count(*) FROM kind", "2");
	assert_answer(db, "SELECT * FROM main.event", "unsafe use of actorscope_open()");
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* Copies live.db with a byte changed; true: SQLite and we may refuse it, but not crash. */
static void damage(const char *name, off_t place, int byte)
{
	char *from = cmd_path("live.db"), *to = cmd_path(name);
	char *line = trc_format("cp %s %s", from, to);
	FILE *file;

	assert_int_equal(system(line), 0);
	file = fopen(to, "r+");
	assert_non_null(file);
	fseek(file, place, SEEK_SET);
	fputc(byte, file);
	fclose(file);
	free(line);
	free(from);
	free(to);
}

static void damaged_files_are_refused_or_answered(void **state)
{
	static const char *const questions[] = {
		"SELECT count(*) FROM event", "SELECT count(payload) FROM message",
		"SELECT count(*) FROM wait", "SELECT max(kind) FROM event_count"};
	char *path = cmd_path("live.db");
	struct stat status;
	unsigned opened = 0;

	assert_int_equal(stat(path, &status), 0);
	free(path);
	for (off_t place = 100; place < status.st_size; place += status.st_size / 150 + 1) {
		sqlite3 *db = open_file(NULL);

		damage("damaged.db", place, (int)(place * 7 + 1) & 0xff);
		assert_int_equal(sqlite3_load_extension(db, extension, NULL, NULL), SQLITE_OK);
		open_trace(db, "damaged.db", "");
		for (size_t i = 0; i < sizeof questions / sizeof questions[0]; i++)
			opened += strcmp(answer(db, questions[i]), "") != 0;
		assert_int_equal(sqlite3_close(db), SQLITE_OK);
	}
	assert_true(opened > 0);
}

/* --- the shell ----------------------------------------------------------------------------------
 */

/* The examples of the page, in the shell and in actorscope sql. */
static void the_shell_answers_as_the_command(void **state)
{
	FILE *file = fopen(page, "r");
	struct trc_text query = {0};
	bool inside = false;
	char line[1024];
	unsigned count = 0;

	if (!shell)
		skip();
	assert_non_null(file);
	while (fgets(line, sizeof line, file)) {
		json_t *ours, *theirs;

		if (strcmp(line, "```sql\n") == 0) {
			inside = true;
			query.length = 0;
			trc_text_add(&query, ".load %s\n", extension);
			continue;
		}
		if (inside && strcmp(line, "```\n") != 0)
			trc_text_add(&query, "%s", line);
		if (!inside || strcmp(line, "```\n") != 0)
			continue;
		inside = false;
		count++;
		cmd_write_text("query", query.data);
		assert_int_equal(cmd_shell("sed 1d query | $ACTORSCOPE sql --json live.db"), 0);
		ours = cmd_json();
		if (cmd_shell("sqlite3 -json live.db < query > answer; test -s answer || "
			      "echo [] > answer; cat answer") != 0)
			fail_msg("%s: %s", query.data, cmd_output());
		theirs = cmd_json();
		if (!json_equal(ours, theirs))
			fail_msg("%s: the shell says %s", query.data, cmd_output());
		json_decref(ours);
		json_decref(theirs);
	}
	assert_true(count >= 10);
	free(query.data);
	fclose(file);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_open_trace_is_shown_whole),
		cmocka_unit_test(a_trace_is_opened_by_name),
		cmocka_unit_test(joins_find_what_is_there),
		cmocka_unit_test(rows_can_be_kept),
		cmocka_unit_test(damaged_files_are_refused_or_answered),
		cmocka_unit_test(the_shell_answers_as_the_command),
		cmocka_unit_test(tables_of_the_file_are_not_taken_for_ours),
	};

	int failed;

	assert_true(argc >= 4);
	extension = realpath(argv[1], NULL);
	assert_non_null(extension);
	program = argv[2];
	page = argv[3];
	shell = argc > 4 ? argv[4] : NULL;
	failed = cmocka_run_group_tests(tests, set_up, tear_down);
	free(extension);
	return failed;
}
