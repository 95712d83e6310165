#include "tracer/record/recorder.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "tracer/event/layout.h"
#include "tracer/event/ring.h"

enum { PATIENCE_MS = 60000 };

/* A recorder and the program it records, in one process. */
static char directory[32];
static char trace[48];
static struct trc_session *session;
static struct trc_ring *ring;
static struct trc_store *store;
static struct trc_recorder *recorder;
static _Atomic unsigned alarms;
static uint16_t aseqs[4];

static void on_alarm(const struct trc_finding *finding, void *context)
{
	assert_int_equal(finding->code, TRC_CODE_DEADLOCK);
	alarms++;
}

static int open_all(size_t ring_bytes)
{
	const struct trc_session_options options = {
		.ring_bytes = ring_bytes, .payload_limit = 256, .on_full = TRC_ON_FULL_DROP};
	struct trc_store_info info = {.exit_status = -1};
	struct trc_error error;

	strcpy(directory, "/tmp/test-recorder-XXXXXX");
	if (!mkdtemp(directory) || trc_session_create(&options, &session) < 0)
		return -1;
	snprintf(trace, sizeof(trace), "%s/t.db", directory);
	if (trc_store_create(trace, false, &info, &store, &error) < 0)
		return -1;
	ring = trc_ring_of_thread(session);
	recorder = trc_recorder_new(session, store,
				    &(struct trc_deriver_options){.alarm = on_alarm}, &error);
	alarms = 0;
	memset(aseqs, 0, sizeof(aseqs));
	return 0;
}

static int set_up(void **state)
{
	return open_all(64 << 10);
}

/* Rings that hold more than a batch takes. */
static int set_up_large(void **state)
{
	return open_all(16 << 20);
}

static int tear_down(void **state)
{
	char command[64];

	trc_recorder_free(recorder);
	trc_store_close(store);
	trc_session_close(session);
	snprintf(command, sizeof(command), "rm -rf %s", directory);
	return system(command);
}

static bool put(struct trc_event event)
{
	event.time = trc_session_now(session);
	if (event.actor)
		event.aseq = aseqs[event.actor] = trc_aseq_next(aseqs[event.actor]);
	return trc_ring_write(ring, &event);
}

#define PUT(...) put((struct trc_event){__VA_ARGS__})

static void put_actors(void)
{
	for (uint64_t actor = 1; actor < 4; actor++)
		PUT(.kind = TRC_SPAWN, .id = actor, .arg = 100, .payload_size = 1,
		    .payload = (const uint8_t *)" abc" + actor);
}

static int poll_once(void)
{
	struct trc_error error = {""};
	int result = trc_recorder_poll(recorder, &error);

	if (result < 0)
		fail_msg("%s", error.text);
	return result;
}

/* The same, and waits until what follows is in the file, too. */
static int poll_and_derive(void)
{
	int result = poll_once();

	assert_true(trc_recorder_wait(recorder, PATIENCE_MS));
	return result;
}

static struct trc_recorder_totals totals(void)
{
	struct trc_recorder_totals now;

	trc_recorder_totals(recorder, &now);
	return now;
}

static const char *query(const char *sql)
{
	static char text[1024];
	sqlite3_stmt *statement;
	sqlite3 *db;

	text[0] = '\0';
	assert_int_equal(sqlite3_open_v2(trace, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
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

/* --- batches -----------------------------------------------------------------------------------
 */

static void a_batch_is_what_the_rings_held(void **state)
{
	assert_int_equal(poll_once(), 0);
	put_actors();
	assert_int_equal(poll_once(), 3);
	assert_int_equal(poll_once(), 0);
	assert_string_equal(query("SELECT batch, ring, count FROM segment"), "1|0|3\n");
	PUT(.kind = TRC_START, .actor = 1);
	assert_int_equal(poll_once(), 1);
	assert_string_equal(query("SELECT batch, ring, count FROM segment"), "1|0|3\n2|0|1\n");
	assert_int_equal(totals().events, 4);
	assert_int_equal(totals().stored, 4);
	assert_true(trc_recorder_wait(recorder, PATIENCE_MS));
	assert_int_equal(totals().follower.actors, 3);
	assert_int_equal(totals().rows_behind, 0);
	assert_true(totals().complete);
}

static void *fill_a_ring(void *context)
{
	struct trc_ring *mine = trc_ring_of_thread(session);
	struct trc_event event = {.kind = TRC_LOG, .time = (uintptr_t)context};

	/* Times of both threads lie between each other's. */
	while (trc_ring_write(mine, &event))
		event.time += 2;
	return NULL;
}

/* Full rings are more than a batch. No batch has anything that is later than what the next has. */
static void batches_of_full_rings_end_at_one_time(void **state)
{
	pthread_t threads[2];
	int count = 0;

	for (uintptr_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, fill_a_ring, (void *)(i + 1)),
				 0);
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	while (poll_once() > 0)
		count++;
	assert_true(count > 1);
	assert_true(totals().lost > 0);
	assert_string_equal(query("SELECT count(DISTINCT batch) > 1 FROM segment"), "1\n");
	assert_string_equal(query("SELECT count(*) FROM segment a, segment b "
				  "WHERE a.batch < b.batch AND a.last_ns > b.first_ns"),
			    "0\n");
}

/* Somebody else holds the file: the ring keeps its events, and each is stored once in the end. */
static void a_failed_commit_loses_and_doubles_nothing(void **state)
{
	struct trc_error error;
	struct trc_event event = {.kind = TRC_LOG};
	uint64_t tail;
	sqlite3 *other;

	put_actors();
	assert_int_equal(poll_once(), 3);
	assert_int_equal(sqlite3_open(trace, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	tail = trc__ring_map_of(ring)->header->tail;
	PUT(.kind = TRC_SEND, .actor = 1, .id = 77, .peer = 2);
	assert_true(trc_recorder_poll(recorder, &error) < 0);
	assert_true(strstr(error.text, trace) != NULL);
	assert_true(trc__ring_map_of(ring)->header->tail == tail);
	assert_false(totals().complete);
	assert_int_equal(totals().stored, 3);
	assert_true(trc_ring_write(ring, &event));
	assert_int_equal(sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(other);
	assert_int_equal(poll_once(), 1);
	assert_int_equal(totals().stored, 5);
	assert_true(totals().complete);
	assert_string_equal(query("SELECT sum(count), count(*) FROM segment"), "5|3\n");
	assert_true(trc_recorder_wait(recorder, PATIENCE_MS));
	assert_string_equal(query("SELECT id FROM message"), "77\n");
}

static void losses_are_in_the_accounts(void **state)
{
	uint64_t written = 0;

	while (PUT(.kind = TRC_RECEIVE, .actor = 1))
		written++;
	poll_once();
	PUT(.kind = TRC_RECEIVE, .actor = 1);
	poll_once();
	assert_int_equal(totals().lost, 1);
	assert_int_equal(totals().events, written + 2); /* with the LOST event */
	assert_false(totals().complete);
	assert_string_equal(query("SELECT lost, written = stored FROM ring"), "1|1\n");
}

static void damage_is_in_the_accounts(void **state)
{
	put_actors();
	trc__ring_map_of(ring)->data[0] = 0;
	assert_int_equal(poll_once(), 2);
	assert_int_equal(totals().corrupt, 8);
	assert_false(totals().complete);
	assert_string_equal(query("SELECT written, stored, corrupt FROM ring"), "3|2|8\n");
}

/* --- rows --------------------------------------------------------------------------------------
 */

static const uint8_t type[] = "Say\0ttext";
static const uint8_t hi[] = {2, 0, 0, 0, 2, 0, 0, 0, 'h', 'i'};

static void rows_follow_a_message_through_its_life(void **state)
{
	put_actors();
	PUT(.kind = TRC_DEF_TYPE, .id = 1, .payload = type, .payload_size = sizeof(type));
	PUT(.kind = TRC_SEND, .actor = 1, .id = 70, .peer = 2, .type = 1, .arg = 71, .payload = hi,
	    .payload_size = sizeof(hi));
	PUT(.kind = TRC_WAIT, .actor = 1, .type = TRC_WHAT_REPLY, .id = 71, .peer = 2);
	poll_and_derive();
	assert_string_equal(query("SELECT sender, receiver, payload, received_ns, done_ns "
				  "FROM message"),
			    "a|b|{\"text\":\"hi\"}||\n");
	assert_string_equal(query("SELECT outcome FROM ask"), "open\n");
	assert_string_equal(query("SELECT actor, what, for_actor, outcome, message FROM wait"),
			    "a|reply|b|open|70\n");

	PUT(.kind = TRC_RECEIVE, .actor = 2, .id = 70);
	PUT(.kind = TRC_SEND, .actor = 2, .id = 72, .peer = 3, .type = 1);
	poll_and_derive();
	assert_string_equal(query("SELECT received_ns > sent_ns, payload FROM message "
				  "WHERE id = 70"),
			    "1|{\"text\":\"hi\"}\n");
	assert_string_equal(query("SELECT cause FROM message WHERE id = 72"), "70\n");

	/* handled before it is answered, by somebody else */
	PUT(.kind = TRC_DONE, .actor = 2, .id = 70);
	poll_and_derive();
	PUT(.kind = TRC_REPLY, .actor = 3, .id = 71, .peer = 1, .type = 1, .payload = hi,
	    .payload_size = sizeof(hi));
	PUT(.kind = TRC_WAKE, .actor = 1, .type = TRC_WAKE_MET);
	poll_and_derive();
	assert_string_equal(query("SELECT done_ns IS NOT NULL FROM message WHERE id = 70"), "1\n");
	assert_string_equal(query("SELECT outcome, replier, payload, reply FROM ask"),
			    "replied|c|{\"text\":\"hi\"}|{\"text\":\"hi\"}\n");
	assert_string_equal(query("SELECT outcome, duration_ns > 0 FROM wait"), "met|1\n");
	assert_int_equal(totals().rows_behind, 0);
}

static void what_is_never_received_is_discarded(void **state)
{
	put_actors();
	PUT(.kind = TRC_SEND, .actor = 1, .id = 70, .peer = 2, .arg = 71);
	PUT(.kind = TRC_DISCARD, .actor = 2, .id = 70);
	PUT(.kind = TRC_TOKEN_DROP, .actor = 2, .id = 71, .peer = 1);
	poll_and_derive();
	assert_string_equal(query("SELECT discarded, received_ns FROM message"), "1|\n");
	assert_string_equal(query("SELECT outcome, replier FROM ask"), "dropped|b\n");
}

static void a_wait_for_several_has_a_row_for_each(void **state)
{
	const struct trc_target more = {.what = TRC_WHAT_END, .object = 3, .peer = 3};

	put_actors();
	PUT(.kind = TRC_WAIT, .actor = 1, .flags = TRC_F_ANY, .type = TRC_WHAT_TIMER,
	    .payload = (const uint8_t *)&more, .payload_size = sizeof(more));
	poll_and_derive();
	assert_string_equal(query("SELECT what, for_actor, mode, outcome FROM wait "
				  "ORDER BY target"),
			    "timer||any|open\nend|c|any|open\n");
	PUT(.kind = TRC_WAKE, .actor = 1, .type = TRC_WAKE_DEADLINE);
	poll_and_derive();
	assert_string_equal(query("SELECT outcome FROM wait"), "deadline\ndeadline\n");
}

/* A program that damages its own memory can write any event. */
static void nonsense_is_survived(void **state)
{
	uint64_t random = 88172645463325252u;

	put_actors();
	for (int round = 0; round < 20000; round++) {
		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		PUT(.kind = (uint8_t)(1 + (random >> 40) % 60), .flags = (uint8_t)(random >> 24),
		    .actor = random % 4, .id = (random >> 8) % 8, .peer = (random >> 16) % 5,
		    .arg = (random >> 32) % 4, .type = (uint16_t)((random >> 50) % 6),
		    .payload = type, .payload_size = (random >> 60) % sizeof(type));
		if (round % 100 == 0)
			poll_once();
	}
	poll_once();
	trc_recorder_last(recorder);
	assert_true(trc_recorder_wait(recorder, PATIENCE_MS));
	assert_true(totals().complete);
}

/* --- the alarm ---------------------------------------------------------------------------------
 */

static void a_deadlock_is_reported_once(void **state)
{
	put_actors();
	PUT(.kind = TRC_START, .actor = 1);
	PUT(.kind = TRC_START, .actor = 2);
	for (uint64_t actor = 1; actor < 3; actor++) {
		PUT(.kind = TRC_SEND, .actor = actor, .id = 70 + actor, .peer = 3 - actor,
		    .arg = 80 + actor);
		PUT(.kind = TRC_WAIT, .actor = actor, .type = TRC_WHAT_REPLY, .id = 80 + actor,
		    .peer = 3 - actor);
	}
	poll_once();
	while (alarms == 0)
		trc_recorder_wait(recorder, 1);
	trc_recorder_last(recorder); /* looks again */
	assert_true(trc_recorder_wait(recorder, PATIENCE_MS));
	assert_int_equal(alarms, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_batch_is_what_the_rings_held),
		cmocka_unit_test_setup_teardown(batches_of_full_rings_end_at_one_time, set_up_large,
						tear_down),
		TEST(a_failed_commit_loses_and_doubles_nothing),
		TEST(losses_are_in_the_accounts),
		TEST(damage_is_in_the_accounts),
		TEST(rows_follow_a_message_through_its_life),
		TEST(what_is_never_received_is_discarded),
		TEST(a_wait_for_several_has_a_row_for_each),
		TEST(nonsense_is_survived),
		TEST(a_deadlock_is_reported_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
