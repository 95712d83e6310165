#include "tracer/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

/* Each test works in a directory of its own. */
static char directory[] = "/tmp/test-store-XXXXXX";
static char path[64];

static int set_up(void **state)
{
	strcpy(directory + sizeof(directory) - 7, "XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(path, sizeof(path), "%s/t.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", directory, directory);
	return system(command);
}

static char program[] = "./program 'a b'", version[] = "test";
static struct trc_store_info info = {.program = program,
				     .tool_version = version,
				     .wall_start = 12345,
				     .payload_limit = 100,
				     .exit_status = -1};

static struct trc_store *create(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_create(path, false, &info, &store, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

static struct trc_store *open_store(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_open(path, &store, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

/* Opening must fail with `result` and say `text`. */
static void assert_refused(int result, const char *text)
{
	struct trc_store *store;
	struct trc_error error = {""};

	assert_int_equal(trc_store_open(path, &store, &error), result);
	if (!strstr(error.text, text) || !strstr(error.text, path))
		fail_msg("'%s' does not say '%s' of %s", error.text, text, path);
}

static void add(struct trc_store *store, unsigned ring, struct trc_event event)
{
	struct trc_error error;

	assert_int_equal(trc_store_add(store, ring, &event, &error), 0);
}

static void add_numbers(struct trc_store *store, unsigned ring, uint64_t from, uint64_t count)
{
	for (uint64_t number = from; number < from + count; number++)
		add(store, ring,
		    (struct trc_event){.kind = TRC_RECEIVE, .id = number, .time = number});
}

static void commit(struct trc_store *store)
{
	struct trc_error error = {""};

	if (trc_store_begin(store, &error) < 0 || trc_store_commit(store, &error) < 0)
		fail_msg("%s", error.text);
}

static void finish(struct trc_store *store)
{
	struct trc_error error = {""};
	struct trc_store_info closed = info;

	closed.complete = true;
	closed.exit_status = 256;
	if (trc_store_finish(store, &closed, &error) < 0)
		fail_msg("%s", error.text);
}

/* A closed trace with `count` events. */
static void make_trace(uint64_t count)
{
	struct trc_store *store = create();

	add_numbers(store, 0, 1, count);
	commit(store);
	finish(store);
	trc_store_close(store);
}

/* Runs SQL on the file as its owner could. */
static void execute(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	sqlite3_close(db);
}

/* The result of a query as text, columns separated by '|', rows by newlines. */
static const char *query(const char *sql)
{
	static char text[4096];
	sqlite3_stmt *statement;
	sqlite3 *db;

	text[0] = '\0';
	assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) != SQLITE_OK)
		fail_msg("%s", sqlite3_errmsg(db));
	while (sqlite3_step(statement) == SQLITE_ROW)
		for (int i = 0; i < sqlite3_column_count(statement); i++) {
			const char *column = (const char *)sqlite3_column_text(statement, i);

			snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s",
				 column ? column : "",
				 i + 1 < sqlite3_column_count(statement) ? "|" : "\n");
		}
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return text;
}

static void write_file(const void *bytes, size_t size)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

static uint8_t *read_file(size_t *ret_size)
{
	struct stat status;
	FILE *file = fopen(path, "rb");
	uint8_t *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = malloc((size_t)status.st_size);
	assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
	fclose(file);
	*ret_size = (size_t)status.st_size;
	return bytes;
}

/* --- writing and reading ---------------------------------------------------------------------- */

static void events_come_back_in_their_batches(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_error error;
	struct trc_segment segment;

	add_numbers(store, 0, 1, 9000); /* more than a segment */
	add_numbers(store, 3, 1, 2);
	commit(store);
	add_numbers(store, 3, 3, 1);
	commit(store);
	finish(store);
	trc_store_close(store);

	reader = open_store();
	assert_int_equal(trc_store_segment_count(reader), 4);
	assert_int_equal(trc_store_segment_info(reader, 0).count, 8192);
	assert_int_equal(trc_store_segment_info(reader, 1).count, 808);
	assert_int_equal(trc_store_segment_info(reader, 1).batch, 1);
	assert_int_equal(trc_store_segment_info(reader, 2).ring, 3);
	assert_int_equal(trc_store_segment_info(reader, 2).batch, 1);
	assert_int_equal(trc_store_segment_info(reader, 3).batch, 2);
	assert_int_equal(trc_store_segment_info(reader, 3).first_time, 3);
	assert_int_equal(trc_store_segment_load(reader, 1, &segment, &error), 0);
	assert_int_equal(segment.events[0].id, 8193);
	assert_int_equal(segment.events[807].id, 9000);
	trc_segment_clear(&segment);
	trc_store_close(reader);
}

static void info_says_how_it_ended(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_store_info found;

	add_numbers(store, 0, 10, 5);
	add(store, 0, (struct trc_event){.kind = TRC_SEND, .time = 99});
	commit(store);
	reader = open_store();
	trc_store_info(reader, &found);
	assert_false(found.closed);
	assert_false(found.complete);
	assert_int_equal(found.exit_status, -1);
	finish(store);
	trc_store_close(store);
	assert_true(trc_store_refresh(reader, NULL) == 0);
	trc_store_info(reader, &found);
	assert_true(found.closed);
	assert_true(found.complete);
	assert_int_equal(found.exit_status, 256);
	assert_string_equal(found.program, "./program 'a b'");
	assert_string_equal(found.tool_version, "test");
	assert_int_equal(found.wall_start, 12345);
	assert_int_equal(found.payload_limit, 100);
	assert_int_equal(found.events, 6);
	assert_int_equal(found.messages, 1);
	assert_int_equal(found.first_time, 10);
	assert_int_equal(found.last_time, 99);
	trc_store_close(reader);
}

static void a_reader_follows_a_writer(void **state)
{
	struct trc_store *store = create(), *reader = open_store();

	assert_int_equal(trc_store_segment_count(reader), 0);
	add_numbers(store, 0, 1, 3);
	assert_int_equal(trc_store_refresh(reader, NULL), 0); /* not committed */
	commit(store);
	assert_int_equal(trc_store_refresh(reader, NULL), 1);
	add_numbers(store, 0, 4, 3);
	add_numbers(store, 1, 4, 3);
	commit(store);
	assert_int_equal(trc_store_refresh(reader, NULL), 2);
	assert_int_equal(trc_store_segment_count(reader), 3);
	trc_store_close(store);
	trc_store_close(reader);
}

static void an_unclosed_trace_opens(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_store_info found;

	add_numbers(store, 0, 1, 3);
	commit(store);
	add_numbers(store, 0, 4, 3);
	trc_store_close(store); /* with events that were never committed */
	reader = open_store();
	trc_store_info(reader, &found);
	assert_false(found.closed);
	assert_int_equal(found.events, 3);
	assert_int_equal(trc_store_segment_count(reader), 1);
	trc_store_close(reader);
}

static void a_closed_trace_is_one_file(void **state)
{
	char log[sizeof(path) + 4];

	make_trace(10);
	snprintf(log, sizeof(log), "%s-wal", path);
	assert_int_equal(access(log, F_OK), -1);
}

static void a_trace_closed_under_a_reader_is_all_in_its_file(void **state)
{
	struct trc_store *store = create(), *reader;
	char log[sizeof(path) + 4];
	struct stat status;

	add_numbers(store, 0, 1, 10);
	commit(store);
	reader = open_store();
	finish(store);
	trc_store_close(store);
	snprintf(log, sizeof(log), "%s-wal", path);
	assert_true(stat(log, &status) < 0 || status.st_size == 0);
	assert_int_equal(trc_store_refresh(reader, NULL), 0);
	trc_store_close(reader);
}

static void put_cursor(struct trc_store *store, const char *name, uint64_t batch, uint64_t events)
{
	const struct trc_store_cursor cursor = {.batch = batch, .events = events};
	struct trc_error error;

	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	assert_int_equal(trc_store_put_cursor(store, name, &cursor, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
}

static void rows_that_are_behind_are_told(void **state)
{
	struct trc_store *store = create();

	add_numbers(store, 0, 1, 1);
	commit(store);
	assert_string_equal(query("SELECT value FROM meta WHERE key = 'rows_behind'"), "1\n");
	put_cursor(store, TRC_STORE_ROWS, 1, 1);
	assert_string_equal(query("SELECT value FROM meta WHERE key = 'rows_behind'"), "0\n");
	add_numbers(store, 0, 1, 5);
	commit(store);
	put_cursor(store, "others", 2, 6);
	assert_string_equal(query("SELECT value FROM meta WHERE key = 'rows_behind'"), "5\n");
	assert_string_equal(query("SELECT name, batch, events FROM derived"),
			    "others|2|6\nrows|1|1\n");
	trc_store_close(store);
}

/* --- rows and views --------------------------------------------------------------------------- */

static void put_event(struct trc_store *store, struct trc_event event, const char *text,
		      size_t size)
{
	struct trc_error error;

	event.payload = (const uint8_t *)text;
	event.payload_size = (uint32_t)size;
	assert_int_equal(trc_store_put_event(store, &event, &error), 0);
}

static void put_definitions(struct trc_store *store)
{
	/* the end comes first: it may, from another ring */
	put_event(
		store,
		(struct trc_event){.kind = TRC_END, .actor = 2, .time = 50, .type = TRC_END_FAILED},
		NULL, 0);
	put_event(store, (struct trc_event){.kind = TRC_DEF_KIND, .id = 1, .arg = 100}, "room", 5);
	put_event(store, (struct trc_event){.kind = TRC_DEF_TYPE, .id = 1}, "Say\0ttext", 10);
	put_event(store, (struct trc_event){.kind = TRC_DEF_SITE, .id = 1, .arg = 88},
		  "room.c\0broadcast", 17);
	put_event(store,
		  (struct trc_event){.kind = TRC_SPAWN, .id = 1, .peer = 1, .arg = 100, .time = 1},
		  NULL, 0);
	put_event(store,
		  (struct trc_event){
			  .kind = TRC_SPAWN, .actor = 1, .id = 2, .peer = 1, .arg = 5, .time = 2},
		  "ben", 3);
}

static void people_see_names(void **state)
{
	struct trc_store *store = create();
	struct trc_error error;
	struct trc_store_message message = {.id = 1,
					    .sender = 1,
					    .receiver = 2,
					    .type = 1,
					    .sent = 10,
					    .space_since = 4,
					    .site = 1,
					    .token = 9,
					    .payload = "{\"text\":\"hi\"}"};
	struct trc_store_wait wait = {.id = 1,
				      .actor = 1,
				      .begin = 10,
				      .what = TRC_WHAT_REPLY,
				      .object = 9,
				      .peer = 2,
				      .site = 1,
				      .message = 1};

	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	put_definitions(store);
	assert_int_equal(trc_store_put_message(store, &message, &error), 0);
	assert_int_equal(trc_store_put_wait(store, &wait, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(query("SELECT sender, receiver, type, payload->>'text', sent_ns, "
				  "space_wait_ns, file, line, function FROM message"),
			    "room-1|ben|Say|hi|10|6|room.c|88|broadcast\n");
	assert_string_equal(query("SELECT outcome, replied_ns FROM ask"), "open|\n");
	assert_string_equal(query("SELECT actor, what, for_actor, outcome, end_ns, mode, file, "
				  "line FROM wait"),
			    "room-1|reply|ben|open||all|room.c|88\n");

	message.payload = NULL; /* stays */
	message.received = 11;
	message.done = 13;
	message.replied = 12;
	message.replier = 2;
	message.reply_payload = "{}";
	wait.end = 14;
	wait.wake = TRC_WAKE_MET;
	assert_int_equal(trc_store_begin(store, &error), 0);
	assert_int_equal(trc_store_put_message(store, &message, &error), 0);
	assert_int_equal(trc_store_put_wait(store, &wait, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(query("SELECT receiver, payload, queued_ns, handled_ns FROM receive"),
			    "ben|{\"text\":\"hi\"}|1|2\n");
	assert_string_equal(query("SELECT asker, outcome, reply, replier, duration_ns FROM ask"),
			    "room-1|replied|{}|ben|2\n");
	assert_string_equal(query("SELECT replier, asker, ask_type FROM reply"),
			    "ben|room-1|Say\n");
	assert_string_equal(query("SELECT duration_ns, outcome FROM wait"), "4|met\n");
	assert_string_equal(query("SELECT count(*) FROM send"), "1\n");
	assert_string_equal(query("SELECT name, kind, parent, capacity, end_reason FROM actor"),
			    "outside||||\nroom-1|room|0|100|\nben|room|1|5|failed\n");
	trc_store_close(store);
}

static void outcomes_of_asks_are_told_apart(void **state)
{
	struct trc_store *store = create();
	struct trc_error error;
	struct trc_store_message message = {.id = 1, .token = 1, .sent = 1, .replied = 2};

	assert_int_equal(trc_store_begin(store, &error), 0);
	message.dropped = true;
	assert_int_equal(trc_store_put_message(store, &message, &error), 0);
	message.id = 2;
	message.dropped = false;
	message.failed = true;
	assert_int_equal(trc_store_put_message(store, &message, &error), 0);
	message.id = 3;
	message.failed = false;
	message.discarded = true;
	message.replied = 0;
	assert_int_equal(trc_store_put_message(store, &message, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(query("SELECT outcome FROM ask ORDER BY id"), "dropped\nerror\nopen\n");
	assert_string_equal(query("SELECT discarded FROM message ORDER BY id"), "0\n0\n1\n");
	trc_store_close(store);
}

static void losses_of_rings_add_up(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_store_ring ring = {.number = 0, .written = 10, .stored = 7, .lost = 3};
	struct trc_store_info found;
	struct trc_error error;

	assert_int_equal(trc_store_begin(store, &error), 0);
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	ring.number = 1;
	ring.lost = 4;
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	reader = open_store();
	trc_store_info(reader, &found);
	assert_int_equal(found.lost, 7);
	trc_store_close(reader);
	trc_store_close(store);
}

/* --- making a file ---------------------------------------------------------------------------- */

static void an_existing_file_is_kept(void **state)
{
	struct trc_store *store;
	struct trc_error error;

	make_trace(3);
	assert_int_equal(trc_store_create(path, false, &info, &store, &error), -EEXIST);
	assert_non_null(strstr(error.text, "--force"));
	assert_int_equal(trc_store_create(path, true, &info, &store, &error), 0);
	trc_store_close(store);
	store = open_store();
	assert_int_equal(trc_store_segment_count(store), 0);
	trc_store_close(store);
}

static void only_traces_are_replaced(void **state)
{
	struct trc_store *store;
	struct trc_error error;
	size_t size;
	uint8_t *bytes;

	write_file("int main", 8);
	assert_int_equal(trc_store_create(path, true, &info, &store, &error), -EEXIST);
	bytes = read_file(&size);
	assert_int_equal(size, 8);
	free(bytes);
	write_file("", 0);
	assert_int_equal(trc_store_create(path, true, &info, &store, &error), 0);
	trc_store_close(store);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
	struct trc_store *store;
	struct trc_error error;

	snprintf(path, sizeof(path), "%s/none/t.db", directory);
	assert_int_equal(trc_store_create(path, false, &info, &store, &error), -ENOENT);
	assert_non_null(strstr(error.text, path));
	assert_int_equal(trc_store_create(directory, true, &info, &store, &error), -EEXIST);
}

/* A file that cannot grow: what was added stays, and is written when it can. */
static void a_failed_commit_is_made_up_for(void **state)
{
	struct trc_store *store = create(), *reader;
	struct trc_error error;
	sqlite3 *other;

	commit(store);
	add_numbers(store, 0, 1, 100);
	assert_int_equal(sqlite3_open(path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(trc_store_begin(store, &error), -EBUSY);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	commit(store);
	reader = open_store();
	assert_int_equal(trc_store_segment_count(reader), 1);
	assert_int_equal(trc_store_segment_info(reader, 0).count, 100);
	trc_store_close(reader);
	trc_store_close(store);
}

/* --- files that are not what they should be --------------------------------------------------- */

static void what_is_no_trace_is_said(void **state)
{
	uint8_t bytes[200] = {0};

	assert_refused(-ENOENT, "No such file");
	write_file("", 0);
	assert_refused(-EINVAL, "it is empty");
	write_file("hello, world\n", 13);
	assert_refused(-EINVAL, "it is text");
	write_file("\177ELF\2\1\1", 7);
	assert_refused(-EINVAL, "it is a program");
	write_file("\x1f\x8b\x08", 3);
	assert_refused(-EINVAL, "gzip");
	write_file(bytes, sizeof(bytes));
	assert_refused(-EINVAL, "no SQLite database");
	write_file("SQLite format 3", 16);
	assert_refused(-EIO, "truncated");
	strcpy(path, directory);
	assert_refused(-EISDIR, "directory");
	strcpy(path, "/dev/null");
	assert_refused(-EINVAL, "not a regular file");
}

static void another_programs_database_is_refused(void **state)
{
	execute("CREATE TABLE segment(x)");
	assert_refused(-EINVAL, "another program");
}

static void a_file_without_permission_is_refused(void **state)
{
	int status;
	pid_t child;

	make_trace(3);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(directory, 0755), 0);
	child = fork(); /* root may read everything */
	if (child == 0) {
		struct trc_store *store;
		struct trc_error error = {""};

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(trc_store_open(path, &store, &error) == -EACCES &&
				      strstr(error.text, "Permission denied")
			      ? 0
			      : 1);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* As somebody else, in a directory that cannot be written; returns what opening gave. */
static int open_as_stranger(void)
{
	int status;
	pid_t child;

	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(chmod(directory, 0555), 0);
	child = fork();
	if (child == 0) {
		struct trc_store *store;
		struct trc_error error = {""};
		int result;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(99);
		result = trc_store_open(path, &store, &error);
		if (result == 0)
			_exit(trc_store_segment_count(store) == 1 ? 0 : 98);
		_exit(strstr(error.text, "copy it") ? -result : 97);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(directory, 0755), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_read_only_directory_is_no_hindrance(void **state)
{
	make_trace(3);
	assert_int_equal(open_as_stranger(), 0);
}

static void a_log_in_a_read_only_directory_is_explained(void **state)
{
	char command[4 * sizeof(path) + 32];
	struct trc_store *store = create();

	add_numbers(store, 0, 1, 3);
	commit(store);
	/* as a killed recorder leaves it */
	snprintf(command, sizeof(command), "cp %s %s.2 && cp %s-wal %s.2-wal", path, path, path,
		 path);
	assert_int_equal(system(command), 0);
	trc_store_close(store);
	strcat(path, ".2");
	assert_int_equal(open_as_stranger(), EACCES);
	store = open_store(); /* where it can be written, it opens */
	assert_int_equal(trc_store_segment_count(store), 1);
	trc_store_close(store);
}

static void other_versions_are_refused(void **state)
{
	make_trace(3);
	execute("PRAGMA user_version=3");
	assert_refused(-EPROTO, "use a newer actorscope");
	execute("PRAGMA user_version=0");
	assert_refused(-EPROTO, "version 0");
}

/* It had neither the positions of rings nor the table `derived`. */
static void a_trace_of_version_1_opens(void **state)
{
	struct trc_store *store;

	make_trace(3);
	execute("DROP TABLE derived; DROP TABLE ring;"
		"CREATE TABLE ring(\n"
		"  number INTEGER PRIMARY KEY,\n"
		"  pid INTEGER NOT NULL,\n"
		"  tid INTEGER NOT NULL,\n"
		"  written INTEGER NOT NULL,\n"
		"  stored INTEGER NOT NULL,\n"
		"  lost INTEGER NOT NULL,\n"
		"  corrupt INTEGER NOT NULL,\n"
		"  closed INTEGER NOT NULL\n"
		") STRICT;"
		"PRAGMA user_version=1");
	store = open_store();
	assert_int_equal(trc_store_segment_count(store), 1);
	trc_store_close(store);
	execute("PRAGMA user_version=2");
	assert_refused(-EIO, "its table ring is not that of a trace");
}

static void tables_of_another_make_are_refused(void **state)
{
	static const char *const changes[] = {
		"DROP TABLE segment",
		"DROP TABLE segment; CREATE VIEW segment AS SELECT 1 AS id, 1 AS batch, 0 AS ring, "
		"1 AS count, 1 AS first_ns, 1 AS last_ns, x'' AS data",
		"DROP TABLE segment; CREATE VIRTUAL TABLE segment USING fts5(data)",
		"DROP TABLE segment; CREATE TABLE segment(id INTEGER PRIMARY KEY, batch, ring, "
		"count, first_ns, last_ns, data)",
		"DROP TABLE meta; CREATE TABLE meta(key TEXT PRIMARY KEY, "
		"value AS (hex(zeroblob(99999999))))",
		"ALTER TABLE ring ADD COLUMN more INTEGER",
		"DROP TABLE ring; CREATE TABLE other(x); "
		"CREATE VIEW ring AS WITH RECURSIVE c(lost) AS (SELECT 1 UNION ALL SELECT lost "
		"FROM c) SELECT lost FROM c",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make_trace(3);
		execute(changes[i]);
		assert_refused(-EIO, "is damaged");
		assert_int_equal(unlink(path), 0);
	}
}

static void numbers_that_cannot_be_are_refused(void **state)
{
	static const char *const changes[] = {
		"UPDATE segment SET count = 0",          "UPDATE segment SET count = -1",
		"UPDATE segment SET count = 4294967297", "UPDATE segment SET ring = -1",
		"UPDATE segment SET ring = 65536",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		make_trace(3);
		execute(changes[i]);
		assert_refused(-EIO, "is damaged");
		assert_int_equal(unlink(path), 0);
	}
}

static void missing_segments_are_noticed(void **state)
{
	struct trc_store *store = create();

	add_numbers(store, 0, 1, 3);
	commit(store);
	add_numbers(store, 0, 4, 2);
	commit(store);
	finish(store);
	trc_store_close(store);
	execute("DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)");
	assert_refused(-EIO, "is damaged: 2 of its 5 events are there");
	execute("DELETE FROM segment");
	assert_refused(-EIO, "is damaged: 0 of its 5 events are there");
}

static void a_damaged_segment_is_reported(void **state)
{
	static const char *const changes[] = {
		"UPDATE segment SET data = x''",
		"UPDATE segment SET data = zeroblob(1000000)",
		"UPDATE segment SET data = substr(data, 1, length(data) - 1)",
		"UPDATE segment SET count = 4",
	};

	for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		struct trc_store *store;
		struct trc_segment segment;
		struct trc_error error;

		make_trace(3);
		execute(changes[i]);
		store = open_store();
		assert_int_equal(trc_store_segment_load(store, 0, &segment, &error), -EIO);
		assert_non_null(strstr(error.text, "is damaged"));
		trc_store_close(store);
		assert_int_equal(unlink(path), 0);
	}
}

/* Opens whatever is at `path` and reads all of it. */
static void read_everything(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_open(path, &store, &error) < 0) {
		assert_true(strlen(error.text) > 0);
		return;
	}
	for (size_t i = 0; i < trc_store_segment_count(store); i++) {
		struct trc_segment segment;

		if (trc_store_segment_load(store, i, &segment, &error) == 0)
			trc_segment_clear(&segment);
	}
	trc_store_close(store);
}

static void a_truncated_file_says_so(void **state)
{
	size_t size;
	uint8_t *bytes;

	make_trace(20000);
	bytes = read_file(&size);
	for (size_t end = 0; end < size; end += 4096) {
		write_file(bytes, end);
		if (end >= 4096)
			assert_refused(-EIO, "is truncated");
		write_file(bytes, end + 1);
		read_everything();
	}
	free(bytes);
}

static void damage_anywhere_is_survived(void **state)
{
	uint64_t random = 88172645463325252u;
	size_t size;
	uint8_t *bytes;

	make_trace(20000);
	bytes = read_file(&size);
	for (int round = 0; round < 300; round++) {
		uint8_t *hurt = malloc(size);

		memcpy(hurt, bytes, size);
		for (int i = 0; i < 1 << (round % 8); i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			hurt[random % size] ^= (uint8_t)(1 << (random >> 32) % 8);
		}
		write_file(hurt, size);
		free(hurt);
		read_everything();
	}
	free(bytes);
}

static void reading_changes_nothing(void **state)
{
	size_t before_size, after_size;
	uint8_t *before, *after;

	make_trace(100);
	before = read_file(&before_size);
	read_everything();
	after = read_file(&after_size);
	assert_int_equal(before_size, after_size);
	assert_memory_equal(before, after, before_size);
	free(before);
	free(after);
}

static void names_of_files_may_be_odd(void **state)
{
	snprintf(path, sizeof(path), "%s/a b%%41?#\xc3\xa9.db", directory);
	make_trace(3);
	assert_int_equal(open_as_stranger(), 0);
	read_everything();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_come_back_in_their_batches),
		TEST(info_says_how_it_ended),
		TEST(a_reader_follows_a_writer),
		TEST(an_unclosed_trace_opens),
		TEST(a_closed_trace_is_one_file),
		TEST(a_trace_closed_under_a_reader_is_all_in_its_file),
		TEST(rows_that_are_behind_are_told),
		TEST(people_see_names),
		TEST(outcomes_of_asks_are_told_apart),
		TEST(losses_of_rings_add_up),
		TEST(an_existing_file_is_kept),
		TEST(only_traces_are_replaced),
		TEST(a_place_that_cannot_be_written_is_named),
		TEST(a_failed_commit_is_made_up_for),
		TEST(what_is_no_trace_is_said),
		TEST(another_programs_database_is_refused),
		TEST(a_file_without_permission_is_refused),
		TEST(a_read_only_directory_is_no_hindrance),
		TEST(a_log_in_a_read_only_directory_is_explained),
		TEST(other_versions_are_refused),
		TEST(a_trace_of_version_1_opens),
		TEST(tables_of_another_make_are_refused),
		TEST(numbers_that_cannot_be_are_refused),
		TEST(missing_segments_are_noticed),
		TEST(a_damaged_segment_is_reported),
		TEST(a_truncated_file_says_so),
		TEST(damage_anywhere_is_survived),
		TEST(reading_changes_nothing),
		TEST(names_of_files_may_be_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
