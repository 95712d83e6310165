#include "tests/tracer/store/store-fixture.h"

#include <errno.h>
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

/* --- writing and reading ---------------------------------------------------------------------- */

static void events_come_back_in_their_batches(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_error error;
	struct trc_segment segment;

	sf_add_numbers(store, 0, 1, 9000); /* more than a segment */
	sf_add_numbers(store, 3, 1, 2);
	sf_commit(store);
	sf_add_numbers(store, 3, 3, 1);
	sf_commit(store);
	sf_finish(store);
	trc_store_close(store);

	reader = sf_open();
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
	struct trc_store *store = sf_create(), *reader;
	struct trc_store_info found;

	sf_add_numbers(store, 0, 10, 5);
	sf_add(store, 0, (struct trc_event){.kind = TRC_SEND, .time = 99});
	sf_commit(store);
	reader = sf_open();
	trc_store_info(reader, &found);
	assert_false(found.closed);
	assert_false(found.complete);
	assert_int_equal(found.exit_status, -1);
	sf_finish(store);
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
	struct trc_store *store = sf_create(), *reader = sf_open();

	assert_int_equal(trc_store_segment_count(reader), 0);
	sf_add_numbers(store, 0, 1, 3);
	assert_int_equal(trc_store_refresh(reader, NULL), 0); /* not committed */
	sf_commit(store);
	assert_int_equal(trc_store_refresh(reader, NULL), 1);
	sf_add_numbers(store, 0, 4, 3);
	sf_add_numbers(store, 1, 4, 3);
	sf_commit(store);
	assert_int_equal(trc_store_refresh(reader, NULL), 2);
	assert_int_equal(trc_store_segment_count(reader), 3);
	trc_store_close(store);
	trc_store_close(reader);
}

/* --- readers and the log ----------------------------------------------------------------------
 */

/* Commits so many batches of a MiB that cannot be packed. */
static void write_batches(struct trc_store *store, unsigned count)
{
	static uint8_t noise[32 << 10];
	uint64_t random = 1;

	for (unsigned i = 0; i < count * 32; i++) {
		for (size_t j = 0; j < sizeof(noise); j++) {
			random = random * 6364136223846793005 + 1442695040888963407;
			noise[j] = (uint8_t)(random >> 56);
		}
		sf_add(store, 0,
		       (struct trc_event){.kind = TRC_LOG,
					  .time = i,
					  .payload = noise,
					  .payload_size = sizeof(noise)});
		if (i % 32 == 31)
			sf_commit(store);
	}
}

static uint64_t mebibytes_of_log(void)
{
	char log[sizeof(sf_path) + 4];
	struct stat status;

	snprintf(log, sizeof(log), "%s-wal", sf_path);
	assert_int_equal(stat(log, &status), 0);
	return (uint64_t)status.st_size >> 20;
}

static void a_log_is_begun_anew_under_a_reader(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_segment segment;
	struct trc_error error;

	write_batches(store, 1);
	reader = sf_open();
	assert_int_equal(trc_store_hold(reader, &error), 0);
	trc_store_loosen(reader);
	for (int i = 0; i < 4; i++) {
		write_batches(store, 15);
		assert_int_equal(trc_store_segment_load(reader, 0, &segment, &error), 0);
		trc_segment_clear(&segment);
	}
	assert_in_range(mebibytes_of_log(), 1, 20);
	assert_false(trc_store_is_held(store));
	trc_store_close(reader);
	trc_store_close(store);
}

static void a_reader_that_holds_a_log_for_long_is_noticed(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_error error;

	write_batches(store, 1);
	reader = sf_open();
	assert_int_equal(trc_store_hold(reader, &error), 0);
	write_batches(store, 200);
	assert_false(trc_store_is_held(store));
	write_batches(store, 60);
	assert_true(trc_store_is_held(store));
	assert_in_range(mebibytes_of_log(), 250, 300);
	trc_store_release(reader);
	write_batches(store, 15);
	assert_false(trc_store_is_held(store));
	assert_in_range(mebibytes_of_log(), 1, 40); /* it was cut off, too */
	trc_store_close(reader);
	trc_store_close(store);
}

static void an_unclosed_trace_opens(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_store_info found;

	sf_add_numbers(store, 0, 1, 3);
	sf_commit(store);
	sf_add_numbers(store, 0, 4, 3);
	trc_store_close(store); /* with events that were never committed */
	reader = sf_open();
	trc_store_info(reader, &found);
	assert_false(found.closed);
	assert_int_equal(found.events, 3);
	assert_int_equal(trc_store_segment_count(reader), 1);
	trc_store_close(reader);
}

static void a_closed_trace_is_one_file(void **state)
{
	char log[sizeof(sf_path) + 4];

	sf_make_trace(10);
	snprintf(log, sizeof(log), "%s-wal", sf_path);
	assert_int_equal(access(log, F_OK), -1);
}

static void a_trace_closed_under_a_reader_is_all_in_its_file(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	char log[sizeof(sf_path) + 4];
	struct stat status;

	sf_add_numbers(store, 0, 1, 10);
	sf_commit(store);
	reader = sf_open();
	sf_finish(store);
	trc_store_close(store);
	snprintf(log, sizeof(log), "%s-wal", sf_path);
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
	struct trc_store *store = sf_create();

	sf_add_numbers(store, 0, 1, 1);
	sf_commit(store);
	assert_string_equal(sf_query("SELECT value FROM meta WHERE key = 'rows_behind'"), "1\n");
	put_cursor(store, TRC_STORE_ROWS, 1, 1);
	assert_string_equal(sf_query("SELECT value FROM meta WHERE key = 'rows_behind'"), "0\n");
	sf_add_numbers(store, 0, 1, 5);
	sf_commit(store);
	put_cursor(store, "others", 2, 6);
	assert_string_equal(sf_query("SELECT value FROM meta WHERE key = 'rows_behind'"), "5\n");
	assert_string_equal(sf_query("SELECT name, batch, events FROM derived"),
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

/* Rows that a statement is given. */
struct given {
	const struct trc_store_message *messages;
	const struct trc_store_wait *waits;
	size_t count;
	size_t next;
};

static bool next_message(void *context, struct trc_store_message *ret_message)
{
	struct given *given = context;

	if (given->next == given->count)
		return false;
	*ret_message = given->messages[given->next++];
	return true;
}

static bool next_wait(void *context, struct trc_store_wait *ret_wait)
{
	struct given *given = context;

	if (given->next == given->count)
		return false;
	*ret_wait = given->waits[given->next++];
	return true;
}

static int put_messages(struct trc_store *store, const struct trc_store_message *messages,
			size_t count)
{
	struct given given = {.messages = messages, .count = count};
	struct trc_error error;

	return trc_store_put_messages(store, next_message, &given, &error);
}

static int put_message(struct trc_store *store, const struct trc_store_message *message)
{
	return put_messages(store, message, 1);
}

static int put_wait(struct trc_store *store, const struct trc_store_wait *wait)
{
	struct given given = {.waits = wait, .count = 1};
	struct trc_error error;

	return trc_store_put_waits(store, next_wait, &given, &error);
}

static void people_see_names(void **state)
{
	struct trc_store *store = sf_create();
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
	assert_int_equal(put_message(store, &message), 0);
	assert_int_equal(put_wait(store, &wait), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(sf_query("SELECT sender, receiver, type, payload->>'text', sent_ns, "
				     "space_wait_ns, file, line, function FROM message"),
			    "room-1|ben|Say|hi|10|6|room.c|88|broadcast\n");
	assert_string_equal(sf_query("SELECT outcome, replied_ns FROM ask"), "open|\n");
	assert_string_equal(sf_query("SELECT actor, what, for_actor, outcome, end_ns, mode, file, "
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
	assert_int_equal(put_message(store, &message), 0);
	assert_int_equal(put_wait(store, &wait), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(
		sf_query("SELECT receiver, payload, queued_ns, handled_ns FROM receive"),
		"ben|{\"text\":\"hi\"}|1|2\n");
	assert_string_equal(sf_query("SELECT asker, outcome, reply, replier, duration_ns FROM ask"),
			    "room-1|replied|{}|ben|2\n");
	assert_string_equal(sf_query("SELECT replier, asker, ask_type FROM reply"),
			    "ben|room-1|Say\n");
	assert_string_equal(sf_query("SELECT duration_ns, outcome FROM wait"), "4|met\n");
	assert_string_equal(sf_query("SELECT count(*) FROM send"), "1\n");
	assert_string_equal(sf_query("SELECT name, kind, parent, capacity, end_reason FROM actor"),
			    "outside||||\nroom-1|room|0|100|\nben|room|1|5|failed\n");
	trc_store_close(store);
}

static void many_rows_are_put_at_once(void **state)
{
	struct trc_store *store = sf_create();
	struct trc_error error;
	struct trc_store_message messages[] = {
		{.id = 1, .sent = 5, .payload = "[1]", .site = 7},
		{.id = UINT64_MAX, .sent = 6},
		{.id = 1, .sent = 5, .received = 9, .reply_payload = "[2]"},
	};

	assert_int_equal(trc_store_begin_rows(store, &error), 0);
	assert_int_equal(put_messages(store, messages, 0), 0);
	assert_int_equal(put_messages(store, messages, 3), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(
		sf_query("SELECT id, sent_ns, received_ns, payload, reply_payload, site "
			 "FROM message_row ORDER BY id"),
		"-1|6||||\n1|5|9|[1]|[2]|7\n");
	trc_store_close(store);
}

static void outcomes_of_asks_are_told_apart(void **state)
{
	struct trc_store *store = sf_create();
	struct trc_error error;
	struct trc_store_message message = {.id = 1, .token = 1, .sent = 1, .replied = 2};

	assert_int_equal(trc_store_begin(store, &error), 0);
	message.dropped = true;
	assert_int_equal(put_message(store, &message), 0);
	message.id = 2;
	message.dropped = false;
	message.failed = true;
	assert_int_equal(put_message(store, &message), 0);
	message.id = 3;
	message.failed = false;
	message.discarded = true;
	message.replied = 0;
	assert_int_equal(put_message(store, &message), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	assert_string_equal(sf_query("SELECT outcome FROM ask ORDER BY id"),
			    "dropped\nerror\nopen\n");
	assert_string_equal(sf_query("SELECT discarded FROM message ORDER BY id"), "0\n0\n1\n");
	trc_store_close(store);
}

static void losses_of_rings_add_up(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_store_ring ring = {.number = 0, .written = 10, .stored = 7, .lost = 3};
	struct trc_store_info found;
	struct trc_error error;

	assert_int_equal(trc_store_begin(store, &error), 0);
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	ring.number = 1;
	ring.lost = 4;
	assert_int_equal(trc_store_put_ring(store, &ring, &error), 0);
	assert_int_equal(trc_store_commit(store, &error), 0);
	reader = sf_open();
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

	sf_make_trace(3);
	assert_int_equal(trc_store_create(sf_path, false, &sf_info, &store, &error), -EEXIST);
	assert_non_null(strstr(error.text, "--force"));
	assert_int_equal(trc_store_create(sf_path, true, &sf_info, &store, &error), 0);
	trc_store_close(store);
	store = sf_open();
	assert_int_equal(trc_store_segment_count(store), 0);
	trc_store_close(store);
}

static void only_traces_are_replaced(void **state)
{
	struct trc_store *store;
	struct trc_error error;
	size_t size;
	uint8_t *bytes;

	sf_write_file("int main", 8);
	assert_int_equal(trc_store_create(sf_path, true, &sf_info, &store, &error), -EEXIST);
	bytes = sf_read_file(&size);
	assert_int_equal(size, 8);
	free(bytes);
	sf_write_file("", 0);
	assert_int_equal(trc_store_create(sf_path, true, &sf_info, &store, &error), 0);
	trc_store_close(store);
}

static void a_place_that_cannot_be_written_is_named(void **state)
{
	struct trc_store *store;
	struct trc_error error;

	snprintf(sf_path, sizeof(sf_path), "%s/none/t.db", sf_directory);
	assert_int_equal(trc_store_create(sf_path, false, &sf_info, &store, &error), -ENOENT);
	assert_non_null(strstr(error.text, sf_path));
	assert_int_equal(trc_store_create(sf_directory, true, &sf_info, &store, &error), -EEXIST);
}

/* A file that cannot grow: what was added stays, and is written when it can. */
static void a_failed_commit_is_made_up_for(void **state)
{
	struct trc_store *store = sf_create(), *reader;
	struct trc_error error;
	sqlite3 *other;

	sf_commit(store);
	sf_add_numbers(store, 0, 1, 100);
	assert_int_equal(sqlite3_open(sf_path, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(trc_store_begin(store, &error), -EBUSY);
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	sf_commit(store);
	reader = sf_open();
	assert_int_equal(trc_store_segment_count(reader), 1);
	assert_int_equal(trc_store_segment_info(reader, 0).count, 100);
	trc_store_close(reader);
	trc_store_close(store);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, sf_set_up, sf_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(events_come_back_in_their_batches),
		TEST(info_says_how_it_ended),
		TEST(a_reader_follows_a_writer),
		TEST(a_log_is_begun_anew_under_a_reader),
		TEST(a_reader_that_holds_a_log_for_long_is_noticed),
		TEST(an_unclosed_trace_opens),
		TEST(a_closed_trace_is_one_file),
		TEST(a_trace_closed_under_a_reader_is_all_in_its_file),
		TEST(rows_that_are_behind_are_told),
		TEST(people_see_names),
		TEST(many_rows_are_put_at_once),
		TEST(outcomes_of_asks_are_told_apart),
		TEST(losses_of_rings_add_up),
		TEST(an_existing_file_is_kept),
		TEST(only_traces_are_replaced),
		TEST(a_place_that_cannot_be_written_is_named),
		TEST(a_failed_commit_is_made_up_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
