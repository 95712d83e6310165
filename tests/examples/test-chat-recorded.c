/*
 * The whole path: a recorded session of the chat, and what `actorscope check` says of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <jansson.h>

#include "tests/examples/chat-fixture.h"

static const char *actorscope, *server_program, *session_program;

struct trace {
	char folder[32];
	char file[64];
	json_t *report;
};

/* Runs a program; returns its exit status and, in *ret_output unless NULL, what it printed. */
static int run(const char *const *arguments, char **ret_output)
{
	int ends[2], status;
	assert_int_equal(pipe(ends), 0);
	pid_t process = fork();
	assert_true(process >= 0);
	if (process == 0) {
		if (ret_output)
			dup2(ends[1], STDOUT_FILENO);
		close(ends[0]);
		close(ends[1]);
		execv(arguments[0], (char *const *)arguments);
		_exit(127);
	}
	close(ends[1]);
	if (ret_output) {
		FILE *stream = fdopen(ends[0], "r");
		size_t room = 0;
		*ret_output = NULL;
		assert_true(getdelim(ret_output, &room, '\0', stream) >= 0);
		fclose(stream);
	} else {
		close(ends[0]);
	}
	assert_int_equal(waitpid(process, &status, 0), process);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Plays a session against a recorded server; then `report` is what check says of it. */
static void record(struct trace *trace, const char *backpressure, const char *session,
		   const char *expect, int exit_status)
{
	struct server server;
	char port[8], *output;
	server_start_recorded(&server, actorscope, trace->file, server_program, backpressure);
	snprintf(port, sizeof(port), "%u", server.port);
	const char *play[] = {session_program, session, "--port", port, expect, NULL};
	assert_int_equal(run(play, NULL), 0);
	assert_int_equal(server_stop(&server), 0);

	const char *check[] = {actorscope, "check", "--json", trace->file, NULL};
	assert_int_equal(run(check, &output), exit_status);
	trace->report = json_loads(output, 0, NULL);
	assert_non_null(trace->report);
	free(output);
	assert_int_equal(json_integer_value(json_object_get(trace->report, "lost")), 0);
}

static json_t *findings(const struct trace *trace)
{
	return json_object_get(trace->report, "findings");
}

/* Stalls are left out: on a machine that is slow enough somebody is held up for a second. */
static size_t count_findings(const struct trace *trace)
{
	size_t i, count = 0;
	json_t *finding;
	json_array_foreach(findings(trace), i, finding) count +=
		strcmp(json_string_value(json_object_get(finding, "code")), "stall") != 0;
	return count;
}

static void assert_text(json_t *object, const char *key, const char *expected)
{
	assert_string_equal(json_string_value(json_object_get(object, key)), expected);
}

/* One edge of a finding: who waits for whom, in which line's function. */
static void assert_edge(json_t *finding, const char *from_kind, const char *to_kind,
			const char *function)
{
	size_t i;
	json_t *edge;
	json_array_foreach(json_object_get(finding, "edges"), i, edge)
	{
		const char *kind = json_string_value(json_object_get(edge, "from_kind"));
		if (strcmp(kind, from_kind) != 0)
			continue;
		assert_text(edge, "to_kind", to_kind);
		assert_text(edge, "waits_for", "space");
		assert_text(edge, "function", function);
		assert_true(json_integer_value(json_object_get(edge, "line")) > 0);
		return;
	}
	fail_msg("no edge from a %s", from_kind);
}

static int make_folder(void **state)
{
	struct trace *trace = calloc(1, sizeof(*trace));
	strcpy(trace->folder, "/tmp/chat-XXXXXX");
	if (!mkdtemp(trace->folder))
		return -1;
	snprintf(trace->file, sizeof(trace->file), "%s/chat.db", trace->folder);
	*state = trace;
	return 0;
}

static int remove_folder(void **state)
{
	struct trace *trace = *state;
	unlink(trace->file);
	int left_over = rmdir(trace->folder);
	json_decref(trace->report);
	free(trace);
	return left_over;
}

static void test_the_hung_room_is_a_deadlock(void **state)
{
	struct trace *trace = *state;
	record(trace, "--backpressure=wait", "hang", "--expect=hang", 1);
	json_t *finding = json_array_get(findings(trace), 0);
	assert_text(finding, "code", "deadlock");
	assert_text(finding, "verdict", "certain");
	assert_int_equal(json_array_size(json_object_get(finding, "actors")), 2);
	assert_edge(finding, "room", "connection", "deliver");
	assert_edge(finding, "connection", "room", "leave");
}

static void test_the_friendly_session_could_have_hung(void **state)
{
	struct trace *trace = *state;
	record(trace, "--backpressure=wait", "friendly", "--expect=alive", 1);
	assert_int_equal(count_findings(trace), 1);
	json_t *finding = json_array_get(findings(trace), 0);
	assert_text(finding, "code", "potential-deadlock");
	assert_text(finding, "verdict", "predicted");
	assert_edge(finding, "room", "connection", "deliver");
	assert_edge(finding, "connection", "room", "leave");
}

static void test_the_cured_server_is_clean(void **state)
{
	struct trace *trace = *state;
	record(trace, "--backpressure=drop-slow", "friendly", "--expect=alive", 0);
	assert_int_equal(count_findings(trace), 0);
}

static void test_the_cured_server_is_clean_under_flood(void **state)
{
	struct trace *trace = *state;
	record(trace, "--backpressure=drop-slow", "hang", "--expect=alive", 0);
	assert_int_equal(count_findings(trace), 0);
}

int main(int argc, char **argv)
{
	actorscope = argv[1];
	server_program = argv[2];
	session_program = argv[3];
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)
	const struct CMUnitTest tests[] = {
		TEST(test_the_hung_room_is_a_deadlock),
		TEST(test_the_friendly_session_could_have_hung),
		TEST(test_the_cured_server_is_clean),
		TEST(test_the_cured_server_is_clean_under_flood),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
