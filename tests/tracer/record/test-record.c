/*
 * `actorscope record` from the outside: real processes, real kills, real full disks.
 *
 *   test-record ACTORSCOPE PROGRAM
 */
#include "tracer/event/session.h"
#include "tracer/store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>
#include <sqlite3.h>

static const char *actorscope, *program;

/* Each test works in a directory of its own. */
static char directory[32];
static char trace[80];  /* directory/t.db */
static char marker[80]; /* directory/marker */
static char enough[80]; /* directory/enough */
static char said[80];   /* directory/stderr: of the recorder and its program */

static int set_up(void **state)
{
	strcpy(directory, "/tmp/test-record-XXXXXX");
	if (!mkdtemp(directory))
		return -1;
	snprintf(trace, sizeof(trace), "%s/t.db", directory);
	snprintf(marker, sizeof(marker), "%s/marker", directory);
	snprintf(enough, sizeof(enough), "%s/enough", directory);
	snprintf(said, sizeof(said), "%s/stderr", directory);
	return 0;
}

static int tear_down(void **state)
{
	char command[128];

	snprintf(command, sizeof(command), "chmod -R u+w %s && rm -rf %s", directory, directory);
	return system(command);
}

/* Starts a process whose standard error goes to `said` and whose standard input is `input`. */
static pid_t start(const char *const *argv, int input)
{
	pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0) {
		int output = open(said, O_WRONLY | O_CREAT | O_APPEND, 0600);

		if (output < 0 || dup2(output, STDERR_FILENO) < 0 || dup2(input, STDIN_FILENO) < 0)
			_exit(99);
		execv(argv[0], (char *const *)argv);
		_exit(99);
	}
	return child;
}

/* Waits for its end; returns its exit status, or -signal. */
static int end_of(pid_t child)
{
	int status;

	assert_int_equal(waitpid(child, &status, 0), child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

#define START(...) \
	start((const char *[]){actorscope, "record", "-o", trace, __VA_ARGS__, NULL}, STDIN_FILENO)
#define RECORD(...) end_of(START(__VA_ARGS__))

static void a_moment(void)
{
	nanosleep(&(struct timespec){.tv_nsec = 2000000}, NULL);
}

static bool has_said(const char *text)
{
	char buffer[16384];
	FILE *file = fopen(said, "r");
	size_t size;

	if (!file)
		return false;
	size = fread(buffer, 1, sizeof(buffer) - 1, file);
	buffer[size] = '\0';
	fclose(file);
	return strstr(buffer, text) != NULL;
}

static void assert_said(const char *text)
{
	if (!has_said(text))
		fail_msg("it did not say '%s'", text);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void make_file(const char *path)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	fclose(file);
}

/* The number that a query gives; -1 while the trace cannot be asked yet. */
static int64_t number(const char *sql)
{
	sqlite3_stmt *statement = NULL;
	int64_t result = -1;
	sqlite3 *db;

	if (sqlite3_open_v2(trace, &db, SQLITE_OPEN_READONLY, NULL) == SQLITE_OK &&
	    sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW)
		result = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return result;
}

static struct trc_store *open_trace(struct trc_store_info *ret_info)
{
	struct trc_store *store;
	struct trc_error error = {""};

	if (trc_store_open(trace, &store, &error) < 0)
		fail_msg("%s", error.text);
	trc_store_info(store, ret_info);
	return store;
}

/* Reads all segments of a flood: SEND, RECEIVE, DONE of growing numbers, none missing. */
static uint64_t assert_flood_is_whole(void)
{
	static const unsigned kinds[] = {TRC_SEND, TRC_RECEIVE, TRC_DONE};
	struct trc_store_info info;
	struct trc_store *store = open_trace(&info);
	uint64_t count = 0, first = 0;

	for (size_t i = 0; i < trc_store_segment_count(store); i++) {
		struct trc_segment segment;
		struct trc_error error;

		assert_int_equal(trc_store_segment_load(store, i, &segment, &error), 0);
		for (size_t j = 0; j < segment.count; j++) {
			const struct trc_event *event = &segment.events[j];

			if (event->kind < TRC_SEND)
				continue;
			if (first == 0)
				first = event->id;
			assert_int_equal(event->kind, kinds[count % 3]);
			assert_true(event->id == first + count / 3);
			count++;
		}
		trc_segment_clear(&segment);
	}
	trc_store_close(store);
	return count;
}

/* --- programs that end by themselves ---------------------------------------------------------- */

static void a_conversation_is_recorded_whole(void **state)
{
	struct trc_store_info info;

	assert_int_equal(RECORD("--", program, "talk", "1000"), 7);
	assert_said("nothing lost");
	trc_store_close(open_trace(&info));
	assert_true(info.closed);
	assert_true(info.complete);
	assert_int_equal(WEXITSTATUS(info.exit_status), 7);
	assert_int_equal(info.events, 7 + 6 * 1000 + 4);
	assert_int_equal(info.messages, 1000);
	assert_int_equal(number("SELECT count(*) FROM message WHERE done_ns IS NOT NULL"), 1000);
	assert_int_equal(number("SELECT count(*) FROM ask WHERE outcome = 'replied' AND asker = "
				"'ann' AND receiver = 'ben' AND reply->>'right' = 1"),
			 1000);
	assert_int_equal(number("SELECT sum(payload->>'number') FROM message"), 999 * 1000 / 2);
	assert_int_equal(
		number("SELECT count(*) FROM wait WHERE outcome = 'met' AND what = 'reply' "
		       "AND actor = 'ann' AND for_actor = 'ben'"),
		1000);
	assert_int_equal(number("SELECT count(*) FROM reply WHERE line = 22"), 1000);
	assert_int_equal(number("SELECT count(*) FROM actor WHERE end_reason = 'stopped'"), 2);
	assert_int_equal(number("SELECT written = stored AND lost = 0 FROM ring"), 1);
}

static void threads_use_rings_again(void **state)
{
	assert_int_equal(RECORD("--", program, "threads", "100"), 7);
	assert_int_equal(number("SELECT count(*) FROM ring"), 2);
	assert_int_equal(number("SELECT sum(stored) FROM ring"), 100);
}

static void a_signal_becomes_its_status(void **state)
{
	struct trc_store_info info;

	assert_int_equal(RECORD("--", program, "abort", "10"), 128 + SIGABRT);
	trc_store_close(open_trace(&info));
	assert_int_equal(WTERMSIG(info.exit_status), SIGABRT);
	assert_true(info.closed && info.complete);
}

static void payloads_are_kept_up_to_the_limit(void **state)
{
	assert_int_equal(RECORD("--payload=4", "--", program, "talk", "1"), 7);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'payload_limit'"), 4);
}

static void quiet_is_quiet(void **state)
{
	assert_int_equal(RECORD("--quiet", "--", program, "talk", "1"), 7);
	assert_false(has_said("actorscope"));
}

static void a_program_that_goes_to_the_background_is_told(void **state)
{
	char command[256];
	pid_t recorder;

	snprintf(command, sizeof(command), "%s deadlock & until [ -e %s ]; do sleep 0.01; done",
		 program, marker);
	recorder = START("--", "sh", "-c", command);
	while (number("SELECT pid FROM ring") <= 0)
		a_moment();
	make_file(marker);
	assert_int_equal(end_of(recorder), 0);
	assert_said("goes on");
	assert_int_equal(kill((pid_t)number("SELECT pid FROM ring"), SIGTERM), 0);
}

static void closed_streams_do_no_harm(void **state)
{
	char command[512];

	snprintf(command, sizeof(command), "%s record -o %s -- %s talk 3 <&- >&- 2>&-", actorscope,
		 trace, program);
	assert_int_equal(WEXITSTATUS(system(command)), 7);
	assert_int_equal(number("SELECT count(*) FROM message"), 3);
}

/* --- rows that come later --------------------------------------------------------------------- */

#define FINISH() \
	end_of(start((const char *[]){actorscope, "record", "--finish", trace, NULL}, STDIN_FILENO))

static void rows_can_be_left_out_and_added(void **state)
{
	struct trc_store_info info;

	assert_int_equal(RECORD("--rows=off", "--", program, "talk", "1000"), 7);
	assert_int_equal(number("SELECT count(*) FROM message"), 0);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'rows_behind'"), 7 + 6004);
	assert_int_equal(FINISH(), 0);
	assert_int_equal(number("SELECT count(*) FROM ask WHERE outcome = 'replied' AND asker = "
				"'ann' AND receiver = 'ben'"),
			 1000);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'rows_behind'"), 0);
	/* It is what it was. */
	trc_store_close(open_trace(&info));
	assert_true(info.closed && info.complete);
	assert_int_equal(WEXITSTATUS(info.exit_status), 7);
	assert_int_equal(FINISH(), 0);
	assert_int_equal(number("SELECT count(*) FROM message"), 1000);
}

static void the_trace_of_a_killed_recorder_is_finished(void **state)
{
	struct trc_store_info info;
	pid_t recorder = START("--", program, "flood-until", enough, marker);
	char command[80];

	while (number("SELECT count(*) FROM segment") < 5)
		a_moment();
	assert_int_equal(FINISH(), 2);
	assert_said("--attach=");
	assert_int_equal(kill(recorder, SIGKILL), 0);
	assert_int_equal(end_of(recorder), -SIGKILL);
	make_file(enough);
	while (!exists(marker))
		a_moment();
	/* What the program has left in memory is wanted, until it is gone, as after a restart. */
	assert_int_equal(FINISH(), 2);
	snprintf(command, sizeof(command), "rm -r /dev/shm/actorscope-%u-%d-*", geteuid(),
		 (int)recorder);
	assert_int_equal(system(command), 0);
	assert_int_equal(FINISH(), 0);
	trc_store_close(open_trace(&info));
	assert_true(info.closed);
	assert_false(info.complete);
	assert_int_equal(assert_flood_is_whole() + 7, info.events);
	assert_int_equal(number("SELECT count(*) FROM message"), info.messages);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'rows_behind'"), 0);
}

static void only_a_trace_can_be_finished(void **state)
{
	assert_int_equal(FINISH(), 2);
	assert_said("No such file");
	assert_int_equal(end_of(start((const char *[]){actorscope, "record", "--finish", trace,
						       "--", program, NULL},
				      STDIN_FILENO)),
			 2);
	assert_said("--finish records nothing");
}

/* --- what cannot be recorded ------------------------------------------------------------------ */

static void a_program_without_the_runtime_is_told(void **state)
{
	assert_int_equal(RECORD("--", program, "none"), 3);
	assert_said("is not built with actorscope's runtime");
	assert_said("exit status 5");
	assert_false(exists(trace));
}

static void a_program_that_is_not_there_is_told(void **state)
{
	assert_int_equal(RECORD("--", "/nonexistent/program"), 127);
	assert_said("cannot start /nonexistent/program");
	assert_false(exists(trace));
	assert_int_equal(RECORD("--", "no-such-program-anywhere"), 127);
	assert_said("in PATH");
}

static void a_file_that_is_no_program_is_told(void **state)
{
	assert_int_equal(RECORD("--", said), 126);
	assert_said("Permission denied");
	assert_false(exists(trace));
}

static void an_existing_trace_is_kept(void **state)
{
	assert_int_equal(RECORD("--", program, "talk", "1"), 7);
	assert_int_equal(RECORD("--", "/bin/touch", marker), 2);
	assert_said("--force");
	assert_false(exists(marker)); /* not even started */
	assert_int_equal(number("SELECT count(*) FROM message"), 1);
	assert_int_equal(RECORD("--force", "--", program, "talk", "2"), 7);
	assert_int_equal(number("SELECT count(*) FROM message"), 2);
}

static void an_output_that_cannot_be_written_is_told_first(void **state)
{
	snprintf(trace, sizeof(trace), "%s/none/t.db", directory);
	assert_int_equal(RECORD("--", "/bin/touch", marker), 2);
	assert_said("cannot write");
	assert_false(exists(marker));
}

static void bad_use_is_told(void **state)
{
	assert_int_equal(RECORD("--payload=x", "--", program), 2);
	assert_said("--payload is 'all' or a number");
	assert_int_equal(RECORD("--on-full=x", "--", program), 2);
	assert_said("--on-full is 'wait' or 'drop'");
	assert_int_equal(RECORD("--rows=x", "--", program), 2);
	assert_said("--rows is 'auto' or 'off'");
	assert_int_equal(RECORD("--seed=0", "--", program), 2);
	assert_said("--seed is a number from 1 on");
	assert_int_equal(RECORD("--unknown", "--", program), 2);
	assert_int_equal(RECORD("--"), 2);
	assert_said("the program to run is missing");
}

/* --- kills ------------------------------------------------------------------------------------ */

static void a_killed_program_leaves_every_event(void **state)
{
	struct trc_store_info info;
	pid_t recorder = START("--", program, "flood");
	int64_t victim;
	uint64_t count;

	while (number("SELECT count(*) FROM segment") < 5)
		a_moment();
	victim = number("SELECT pid FROM ring");
	assert_true(victim > 1);
	assert_int_equal(kill((pid_t)victim, SIGKILL), 0);
	assert_int_equal(end_of(recorder), 128 + SIGKILL);
	count = assert_flood_is_whole();
	trc_store_close(open_trace(&info));
	assert_true(info.closed && info.complete);
	assert_int_equal(info.lost, 0);
	assert_int_equal(info.events, count + 7);
	assert_int_equal(number("SELECT written FROM ring"), count + 7);
	assert_int_equal(number("SELECT count(*) FROM message"), (count + 2) / 3);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'rows_behind'"), 0);
}

static void a_killed_recorder_leaves_a_trace_and_the_program(void **state)
{
	struct trc_store_info info;
	pid_t recorder = START("--", program, "flood-until", enough, marker);

	while (number("SELECT count(*) FROM segment") < 5)
		a_moment();
	assert_int_equal(kill(recorder, SIGKILL), 0);
	assert_int_equal(end_of(recorder), -SIGKILL);
	trc_store_close(open_trace(&info));
	assert_false(info.closed);
	assert_false(info.complete);
	assert_int_equal(assert_flood_is_whole() + 7, info.events);
	/* The program is neither stopped nor held up for ever. */
	make_file(enough);
	while (!exists(marker))
		a_moment();
}

/* It had the file and the session, and was killed before there was a program. */
static void a_recorder_that_died_before_the_start_is_told(void **state)
{
	const char *argv[] = {actorscope, "record", "--attach", trace, NULL};
	const struct trc_session_options options = {.payload_limit = 100};
	struct trc_store_info info = {.program = (char *)program, .exit_status = -1};
	struct trc_session *session;
	struct trc_store *store;
	struct trc_error error;

	assert_int_equal(trc_session_create(&options, &session), 0);
	info.wall_start = trc_session_wall_start(session);
	assert_int_equal(trc_store_create(trace, false, &info, &store, &error), 0);
	trc_store_close(store);
	assert_int_equal(trc_session_set_output(session, trace), 0);
	trc_session_leave(session);
	assert_int_equal(end_of(start(argv, STDIN_FILENO)), 3);
	assert_said("nothing to go on with");
	trc_store_close(open_trace(&info));
	assert_false(info.closed || info.complete);
}

/* --- while it runs ---------------------------------------------------------------------------- */

static void a_deadlock_is_told_while_the_program_runs(void **state)
{
	pid_t recorder = START("--", program, "deadlock");

	while (!has_said("deadlock"))
		a_moment();
	assert_int_equal(kill((pid_t)number("SELECT pid FROM ring"), 0), 0);
	while (number("SELECT count(*) FROM wait WHERE outcome = 'open'") != 2)
		a_moment();
	/* A signal to the recorder is for the program. */
	assert_int_equal(kill(recorder, SIGTERM), 0);
	assert_int_equal(end_of(recorder), 128 + SIGTERM);
	assert_int_equal(number("SELECT value FROM meta WHERE key = 'complete'"), 1);
}

/* Nothing is stored beyond that size, all is counted, and the file says so. */
static void a_file_is_as_large_as_it_may_be(void **state)
{
	struct trc_store_info info;
	struct trc_store *store;

	assert_int_equal(RECORD("--max-size=1M", "--", program, "count", "3000000", marker), 7);
	assert_said("is as large as it may be");
	assert_said("gaps");
	store = open_trace(&info);
	assert_string_equal(info.cut, "max-size");
	assert_true(info.closed && !info.complete);
	assert_true(info.lost > 0 && info.events < 3 * 3000000);
	/* all but the LOST events themselves */
	assert_in_range(info.events + info.lost, 3 * 3000000 + 7, 3 * 3000000 + 7 + 10);
	trc_store_close(store);
	assert_int_equal(RECORD("--max-size=big", "--", program), 2);
	assert_said("--max-size is a size");
}

/* Two get stuck in the middle of what is not stored any more. */
static void a_full_file_does_not_end_the_alarm(void **state)
{
	struct trc_store_info info;

	assert_int_equal(RECORD("--max-size=300K", "--", program, "drown", "500000"), 7);
	assert_said("is as large as it may be");
	assert_said("deadlock");
	assert_said("\"ann\" and person \"ben\" wait for each other");
	trc_store_close(open_trace(&info));
	assert_true(info.closed && !info.complete && info.events > 0);
	/* definitions, two more actors, two starts and questions, and the messages */
	assert_true(info.events + info.lost == 3 * 500000 + 15);
	assert_int_equal(number("SELECT sum(stored) FROM ring"), info.events);
	assert_int_equal(number("SELECT sum(lost) FROM ring"), info.lost);
}

/* The file cannot grow for a while: nothing is lost, and people are told once. */
static void a_full_disk_is_waited_for(void **state)
{
	const char *argv[] = {actorscope, "record",    "-o",   trace, "--",
			      program,    "wait-talk", "5000", NULL};
	const struct rlimit narrow = {.rlim_cur = 150 << 10, .rlim_max = RLIM_INFINITY};
	const struct rlimit wide = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
	struct trc_store_info info;
	int ends[2];
	pid_t recorder;

	assert_int_equal(pipe(ends), 0);
	recorder = start(argv, ends[0]);
	while (number("SELECT count(*) FROM segment") < 1)
		a_moment();
	assert_int_equal(prlimit(recorder, RLIMIT_FSIZE, &narrow, NULL), 0);
	assert_int_equal(write(ends[1], "x", 1), 1);
	while (!has_said("cannot write"))
		a_moment();
	assert_int_equal(prlimit(recorder, RLIMIT_FSIZE, &wide, NULL), 0);
	assert_int_equal(end_of(recorder), 7);
	assert_said("can be written again");
	close(ends[0]);
	close(ends[1]);
	trc_store_close(open_trace(&info));
	assert_true(info.closed && info.complete);
	assert_int_equal(info.messages, 5000);
	assert_int_equal(number("SELECT count(*) FROM ask WHERE outcome = 'replied'"), 5000);
	assert_int_equal(number("SELECT sum(count) FROM segment"), info.events);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_conversation_is_recorded_whole),
		TEST(threads_use_rings_again),
		TEST(a_signal_becomes_its_status),
		TEST(payloads_are_kept_up_to_the_limit),
		TEST(quiet_is_quiet),
		TEST(a_program_that_goes_to_the_background_is_told),
		TEST(closed_streams_do_no_harm),
		TEST(rows_can_be_left_out_and_added),
		TEST(the_trace_of_a_killed_recorder_is_finished),
		TEST(only_a_trace_can_be_finished),
		TEST(a_program_without_the_runtime_is_told),
		TEST(a_program_that_is_not_there_is_told),
		TEST(a_file_that_is_no_program_is_told),
		TEST(an_existing_trace_is_kept),
		TEST(an_output_that_cannot_be_written_is_told_first),
		TEST(bad_use_is_told),
		TEST(a_killed_program_leaves_every_event),
		TEST(a_killed_recorder_leaves_a_trace_and_the_program),
		TEST(a_recorder_that_died_before_the_start_is_told),
		TEST(a_deadlock_is_told_while_the_program_runs),
		TEST(a_file_is_as_large_as_it_may_be),
		TEST(a_full_file_does_not_end_the_alarm),
		TEST(a_full_disk_is_waited_for),
	};

	if (argc != 3)
		return 2;
	actorscope = argv[1];
	program = argv[2];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
