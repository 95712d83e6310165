/* Files that are not what they should be. */
#include "tests/tracer/store/store-fixture.h"

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

static void what_is_no_trace_is_said(void **state)
{
	uint8_t bytes[200] = {0};

	sf_refused(-ENOENT, "No such file");
	sf_write_file("", 0);
	sf_refused(-EINVAL, "it is empty");
	sf_write_file("hello, world\n", 13);
	sf_refused(-EINVAL, "it is text");
	sf_write_file("\177ELF\2\1\1", 7);
	sf_refused(-EINVAL, "it is a program");
	sf_write_file("\x1f\x8b\x08", 3);
	sf_refused(-EINVAL, "gzip");
	sf_write_file(bytes, sizeof(bytes));
	sf_refused(-EINVAL, "no SQLite database");
	sf_write_file("SQLite format 3", 16);
	sf_refused(-EIO, "truncated");
	strcpy(sf_path, sf_directory);
	sf_refused(-EISDIR, "directory");
	strcpy(sf_path, "/dev/null");
	sf_refused(-EINVAL, "not a regular file");
}

static void another_programs_database_is_refused(void **state)
{
	sf_execute("CREATE TABLE segment(x)");
	sf_refused(-EINVAL, "another program");
}

static void a_file_without_permission_is_refused(void **state)
{
	int status;
	pid_t child;

	sf_make_trace(3);
	assert_int_equal(chmod(sf_path, 0), 0);
	assert_int_equal(chmod(sf_directory, 0755), 0);
	child = fork(); /* root may read everything */
	if (child == 0) {
		struct trc_store *store;
		struct trc_error error = {""};

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(2);
		_exit(trc_store_open(sf_path, &store, &error) == -EACCES &&
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

	assert_int_equal(chmod(sf_path, 0644), 0);
	assert_int_equal(chmod(sf_directory, 0555), 0);
	child = fork();
	if (child == 0) {
		struct trc_store *store;
		struct trc_error error = {""};
		int result;

		if (geteuid() == 0 && setuid(65534) < 0)
			_exit(99);
		result = trc_store_open(sf_path, &store, &error);
		if (result == 0)
			_exit(trc_store_segment_count(store) == 1 ? 0 : 98);
		_exit(strstr(error.text, "copy it") ? -result : 97);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(chmod(sf_directory, 0755), 0);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void a_read_only_directory_is_no_hindrance(void **state)
{
	sf_make_trace(3);
	assert_int_equal(open_as_stranger(), 0);
}

static void a_log_in_a_read_only_directory_is_explained(void **state)
{
	char command[4 * sizeof(sf_path) + 32];
	struct trc_store *store = sf_create();

	sf_add_numbers(store, 0, 1, 3);
	sf_commit(store);
	/* as a killed recorder leaves it */
	snprintf(command, sizeof(command), "cp %s %s.2 && cp %s-wal %s.2-wal", sf_path, sf_path,
		 sf_path, sf_path);
	assert_int_equal(system(command), 0);
	trc_store_close(store);
	strcat(sf_path, ".2");
	assert_int_equal(open_as_stranger(), EACCES);
	store = sf_open(); /* where it can be written, it opens */
	assert_int_equal(trc_store_segment_count(store), 1);
	trc_store_close(store);
}

static void other_versions_are_refused(void **state)
{
	sf_make_trace(3);
	sf_execute("PRAGMA user_version=4");
	sf_refused(-EPROTO, "use a newer actorscope");
	sf_execute("PRAGMA user_version=0");
	sf_refused(-EPROTO, "version 0");
}

/* It had neither the positions of rings nor the table `derived`. */
static void a_trace_of_version_1_opens(void **state)
{
	struct trc_store *store;

	sf_make_trace(3);
	sf_execute("DROP TABLE derived; DROP TABLE ring;"
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
	store = sf_open();
	assert_int_equal(trc_store_segment_count(store), 1);
	trc_store_close(store);
	sf_execute("PRAGMA user_version=2");
	sf_refused(-EIO, "its table ring is not that of a trace");
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
		sf_make_trace(3);
		sf_execute(changes[i]);
		sf_refused(-EIO, "is damaged");
		assert_int_equal(unlink(sf_path), 0);
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
		sf_make_trace(3);
		sf_execute(changes[i]);
		sf_refused(-EIO, "is damaged");
		assert_int_equal(unlink(sf_path), 0);
	}
}

/* Readers print it. */
static void a_missing_name_is_empty(void **state)
{
	struct trc_store_info info;
	struct trc_store *store;

	sf_make_trace(10);
	sf_execute("DELETE FROM meta WHERE key IN ('program', 'tool_version')");
	store = sf_open();
	trc_store_info(store, &info);
	assert_string_equal(info.program, "");
	assert_string_equal(info.tool_version, "");
	trc_store_close(store);
}

static void missing_segments_are_noticed(void **state)
{
	struct trc_store *store = sf_create();

	sf_add_numbers(store, 0, 1, 3);
	sf_commit(store);
	sf_add_numbers(store, 0, 4, 2);
	sf_commit(store);
	sf_finish(store);
	trc_store_close(store);
	sf_execute("DELETE FROM segment WHERE id = (SELECT min(id) FROM segment)");
	sf_refused(-EIO, "is damaged: 2 of its 5 events are there");
	sf_execute("DELETE FROM segment");
	sf_refused(-EIO, "is damaged: 0 of its 5 events are there");
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

		sf_make_trace(3);
		sf_execute(changes[i]);
		store = sf_open();
		assert_int_equal(trc_store_segment_load(store, 0, &segment, &error), -EIO);
		assert_non_null(strstr(error.text, "is damaged"));
		trc_store_close(store);
		assert_int_equal(unlink(sf_path), 0);
	}
}

/* Opens whatever is at `path` and reads all of it. */
static void read_everything(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_open(sf_path, &store, &error) < 0) {
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

	sf_make_trace(20000);
	bytes = sf_read_file(&size);
	for (size_t end = 0; end < size; end += 4096) {
		sf_write_file(bytes, end);
		if (end >= 4096)
			sf_refused(-EIO, "is truncated");
		sf_write_file(bytes, end + 1);
		read_everything();
	}
	free(bytes);
}

static void damage_anywhere_is_survived(void **state)
{
	uint64_t random = 88172645463325252u;
	size_t size;
	uint8_t *bytes;

	sf_make_trace(20000);
	bytes = sf_read_file(&size);
	for (int round = 0; round < 300; round++) {
		uint8_t *hurt = malloc(size);

		memcpy(hurt, bytes, size);
		for (int i = 0; i < 1 << (round % 8); i++) {
			random ^= random << 13;
			random ^= random >> 7;
			random ^= random << 17;
			hurt[random % size] ^= (uint8_t)(1 << (random >> 32) % 8);
		}
		sf_write_file(hurt, size);
		free(hurt);
		read_everything();
	}
	free(bytes);
}

static void reading_changes_nothing(void **state)
{
	size_t before_size, after_size;
	uint8_t *before, *after;

	sf_make_trace(100);
	before = sf_read_file(&before_size);
	read_everything();
	after = sf_read_file(&after_size);
	assert_int_equal(before_size, after_size);
	assert_memory_equal(before, after, before_size);
	free(before);
	free(after);
}

static void names_of_files_may_be_odd(void **state)
{
	snprintf(sf_path, sizeof(sf_path), "%s/a b%%41?#\xc3\xa9.db", sf_directory);
	sf_make_trace(3);
	assert_int_equal(open_as_stranger(), 0);
	read_everything();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sf_set_up, sf_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_is_no_trace_is_said),
		TEST(another_programs_database_is_refused),
		TEST(a_file_without_permission_is_refused),
		TEST(a_read_only_directory_is_no_hindrance),
		TEST(a_log_in_a_read_only_directory_is_explained),
		TEST(other_versions_are_refused),
		TEST(a_trace_of_version_1_opens),
		TEST(tables_of_another_make_are_refused),
		TEST(numbers_that_cannot_be_are_refused),
		TEST(a_missing_name_is_empty),
		TEST(missing_segments_are_noticed),
		TEST(a_damaged_segment_is_reported),
		TEST(a_truncated_file_says_so),
		TEST(damage_anywhere_is_survived),
		TEST(reading_changes_nothing),
		TEST(names_of_files_may_be_odd),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
