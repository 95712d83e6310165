/*
 * Real programs, recorded: which are alarmed about, and what check says afterwards.
 *
 *     test-shapes ACTORSCOPE SHAPES
 */
#include "tracer/model/memory.h"

#include <errno.h>
#include <jansson.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

static char *actorscope, *shapes;
static char directory[] = "/tmp/test-shapes-XXXXXX";
static char trace[64];

struct recording {
	pid_t recorder;
	int output;
	struct trc_text text; /* what it said so far */
};

static void start(struct recording *recording, const char *shape)
{
	int ends[2];

	*recording = (struct recording){0};
	assert_int_equal(pipe(ends), 0);
	recording->recorder = fork();
	assert_true(recording->recorder >= 0);
	if (recording->recorder == 0) {
		dup2(ends[1], STDOUT_FILENO);
		dup2(ends[1], STDERR_FILENO);
		close(ends[0]);
		execl(actorscope, actorscope, "record", "--force", "-o", trace, "--", shapes, shape,
		      (char *)NULL);
		_exit(127);
	}
	close(ends[1]);
	recording->output = ends[0];
	trc_text_add(&recording->text, "%s", "");
}

/* Reads until it said `text`, or (NULL) until it ended. Half a minute at most. */
static void await(struct recording *recording, const char *text)
{
	for (;;) {
		struct pollfd ready = {.fd = recording->output, .events = POLLIN};
		char bytes[4096];
		ssize_t size;

		if (text && strstr(recording->text.data, text))
			return;
		if (poll(&ready, 1, 30000) != 1)
			fail_msg("waited in vain for '%s' in: %s", text ? text : "its end",
				 recording->text.data);
		size = read(recording->output, bytes, sizeof bytes);
		if (size <= 0) {
			if (text)
				fail_msg("'%s' is not in: %s", text, recording->text.data);
			return;
		}
		trc_text_add(&recording->text, "%.*s", (int)size, bytes);
	}
}

static void finish(struct recording *recording)
{
	int status;

	await(recording, NULL);
	assert_int_equal(waitpid(recording->recorder, &status, 0), recording->recorder);
	close(recording->output);
}

/* The findings of `actorscope check --json`, refuted ones left out. */
static json_t *check(void)
{
	char *command = trc_format("%s check --json %s", actorscope, trace);
	FILE *pipe = popen(command, "r");
	json_t *result = json_loadf(pipe, 0, NULL), *run, *findings;

	pclose(pipe);
	free(command);
	assert_non_null(result);
	/* What the runtime writes is what the model expects, to the letter. */
	run = json_array_get(json_object_get(result, "runs"), 0);
	assert_int_equal(json_integer_value(json_object_get(run, "anomalies")), 0);
	findings = json_incref(json_object_get(result, "findings"));
	json_decref(result);
	return findings;
}

/* The shape must be alarmed about as `code`, and check must find that and no more. */
static void assert_found(const char *shape, const char *code, size_t actors)
{
	struct recording recording;
	json_t *findings, *finding;

	start(&recording, shape);
	await(&recording, code);
	kill(recording.recorder, SIGINT);
	finish(&recording);
	findings = check();
	assert_int_equal(json_array_size(findings), 1);
	finding = json_array_get(findings, 0);
	assert_string_equal(json_string_value(json_object_get(finding, "code")), code);
	assert_int_equal(json_array_size(json_object_get(finding, "actors")), actors);
	assert_true(json_is_false(json_object_get(finding, "lowered")));
	json_decref(findings);
	free(recording.text.data);
}

/* The shape must end by itself, without an alarm and without a finding. */
static void assert_quiet(const char *shape, const char *says)
{
	struct recording recording;
	json_t *findings;

	start(&recording, shape);
	finish(&recording);
	assert_non_null(strstr(recording.text.data, says));
	assert_null(strstr(recording.text.data, "certain"));
	findings = check();
	assert_int_equal(json_array_size(findings), 0);
	json_decref(findings);
	free(recording.text.data);
}

static void who_asks_itself(void **state)
{
	assert_found("itself", "deadlock", 1);
}

static void who_is_asked_back(void **state)
{
	assert_found("back", "deadlock", 2);
}

static void whose_token_was_passed_on(void **state)
{
	assert_found("passed", "deadlock", 2);
}

static void who_fill_each_others_mailboxes(void **state)
{
	assert_found("full", "deadlock", 2);
}

static void who_needs_all_answers(void **state)
{
	assert_found("all", "deadlock", 2);
}

static void who_needs_any_answer(void **state)
{
	assert_quiet("any", "answered");
}

static void whose_token_is_kept(void **state)
{
	assert_found("kept", "orphan-wait", 1);
}

static void who_is_answered_by_a_timer(void **state)
{
	assert_quiet("later", "answered");
}

static void whose_token_is_dropped(void **state)
{
	assert_quiet("dropped", "drop");
}

static int set_up(void **state)
{
	if (!mkdtemp(directory))
		return -1;
	snprintf(trace, sizeof trace, "%s/t.db", directory);
	return 0;
}

static int tear_down(void **state)
{
	char *command = trc_format("rm -rf %s", directory);
	int status = system(command);

	free(command);
	return status;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_itself),
		cmocka_unit_test(who_is_asked_back),
		cmocka_unit_test(whose_token_was_passed_on),
		cmocka_unit_test(who_fill_each_others_mailboxes),
		cmocka_unit_test(who_needs_all_answers),
		cmocka_unit_test(who_needs_any_answer),
		cmocka_unit_test(whose_token_is_kept),
		cmocka_unit_test(who_is_answered_by_a_timer),
		cmocka_unit_test(whose_token_is_dropped),
	};

	if (argc != 3)
		return 2;
	actorscope = argv[1];
	shapes = argv[2];
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
