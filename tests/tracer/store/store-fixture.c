#include "tests/tracer/store/store-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

char sf_directory[] = "/tmp/test-store-XXXXXX";
char sf_path[64];

int sf_set_up(void **state)
{
	strcpy(sf_directory + sizeof(sf_directory) - 7, "XXXXXX");
	if (!mkdtemp(sf_directory))
		return -1;
	snprintf(sf_path, sizeof(sf_path), "%s/t.db", sf_directory);
	return 0;
}

int sf_tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", sf_directory,
		 sf_directory);
	return system(command);
}

static char program[] = "./program 'a b'", version[] = "test";
struct trc_store_info sf_info = {.program = program,
				 .tool_version = version,
				 .wall_start = 12345,
				 .payload_limit = 100,
				 .exit_status = -1};

struct trc_store *sf_create(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_create(sf_path, false, &sf_info, &store, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

struct trc_store *sf_open(void)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_open(sf_path, &store, &error) < 0)
		fail_msg("%s", error.text);
	return store;
}

/* Opening must fail with `result` and say `text`. */
void sf_refused(int result, const char *text)
{
	struct trc_store *store;
	struct trc_error error = {""};

	assert_int_equal(trc_store_open(sf_path, &store, &error), result);
	if (!strstr(error.text, text) || !strstr(error.text, sf_path))
		fail_msg("'%s' does not say '%s' of %s", error.text, text, sf_path);
}

void sf_add(struct trc_store *store, unsigned ring, struct trc_event event)
{
	struct trc_error error;

	assert_int_equal(trc_store_add(store, ring, &event, &error), 0);
}

void sf_add_numbers(struct trc_store *store, unsigned ring, uint64_t from, uint64_t count)
{
	for (uint64_t number = from; number < from + count; number++)
		sf_add(store, ring,
		       (struct trc_event){.kind = TRC_RECEIVE, .id = number, .time = number});
}

void sf_commit(struct trc_store *store)
{
	struct trc_error error = {""};

	if (trc_store_begin(store, &error) < 0 || trc_store_commit(store, &error) < 0)
		fail_msg("%s", error.text);
}

void sf_finish(struct trc_store *store)
{
	struct trc_error error = {""};
	struct trc_store_info closed = sf_info;

	closed.complete = true;
	closed.exit_status = 256;
	if (trc_store_finish(store, &closed, &error) < 0)
		fail_msg("%s", error.text);
}

/* A closed trace with `count` events. */
void sf_make_trace(uint64_t count)
{
	struct trc_store *store = sf_create();

	sf_add_numbers(store, 0, 1, count);
	sf_commit(store);
	sf_finish(store);
	trc_store_close(store);
}

/* Runs SQL on the file as its owner could. */
void sf_execute(const char *sql)
{
	sqlite3 *db;
	char *message = NULL;

	assert_int_equal(sqlite3_open(sf_path, &db), SQLITE_OK);
	if (sqlite3_exec(db, sql, NULL, NULL, &message) != SQLITE_OK)
		fail_msg("%s", message);
	sqlite3_close(db);
}

/* The result of a query as text, columns separated by '|', rows by newlines. */
const char *sf_query(const char *sql)
{
	static char text[4096];
	sqlite3_stmt *statement;
	sqlite3 *db;

	text[0] = '\0';
	assert_int_equal(sqlite3_open_v2(sf_path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
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

void sf_write_file(const void *bytes, size_t size)
{
	FILE *file = fopen(sf_path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, size, file), size);
	fclose(file);
}

uint8_t *sf_read_file(size_t *ret_size)
{
	struct stat status;
	FILE *file = fopen(sf_path, "rb");
	uint8_t *bytes;

	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &status), 0);
	bytes = malloc((size_t)status.st_size);
	assert_int_equal(fread(bytes, 1, (size_t)status.st_size, file), status.st_size);
	fclose(file);
	*ret_size = (size_t)status.st_size;
	return bytes;
}
