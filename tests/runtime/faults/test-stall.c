/* A handler that does not return is told of, once, and no other is. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/event/event.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

ACT_SIGNAL(Work)

enum { QUIET_MILLISECONDS = 1300 };

static int said[2]; /* a pipe in the place of stderr */
static char line[512];
static bool said_more;

/* Blocks its thread until the warning of this very handler has come. */
static void hang(struct act_self *self, void *state, struct act_message *message)
{
	struct pollfd more = {.fd = said[0], .events = POLLIN};
	size_t length = 0;

	while (length < sizeof(line) - 1 && read(said[0], &line[length], 1) == 1 &&
	       line[length] != '\n')
		length++;
	said_more = poll(&more, 1, QUIET_MILLISECONDS) != 0;
}

static int be_patient(struct act_self *self, void *state, struct act_message *init)
{
	expect(act_sleep(self, 2 * ACT_SECOND) == 0);
	return -1;
}

static const struct act_kind hanger_kind = {.name = "worker", .handle = hang};
static const struct act_kind patient_kind = {.name = "patient", .start = be_patient};

static void let_hang(struct act_self *self)
{
	struct act_handle hanger = act_spawn(self, &hanger_kind, "tom");
	struct act_handle patient = act_spawn(self, &patient_kind, NULL);

	expect(act_send(self, hanger, Work) == 0);
	act_drop(self, &hanger);
	act_drop(self, &patient);
}

static unsigned count_logs(const char *text)
{
	struct recording recording = recording_take();
	unsigned count = 0;

	for (size_t i = 0; i < recording.count; i++) {
		const struct trc_event *event = &recording.events[i].event;

		if (event->kind != TRC_LOG)
			continue;
		assert_int_equal(event->payload_size, strlen(text));
		assert_memory_equal(event->payload, text, strlen(text));
		count++;
	}
	recording_free(&recording);
	return count;
}

static void run_with_said(const struct act_options *options)
{
	int before = dup(STDERR_FILENO);

	assert_int_equal(pipe(said), 0);
	assert_true(before >= 0 && dup2(said[1], STDERR_FILENO) >= 0);
	run_body(options, let_hang);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	close(said[0]);
	close(said[1]);
}

static void test_a_handler_that_hangs_is_told_of_once(void **state)
{
	struct act_options options = {.workers = 2};

	run_with_said(&options);
	assert_string_equal(line, "worker \"tom\" has not waited for a second and keeps all others "
				  "from its thread; see act_blocking()\n");
	assert_false(said_more);
	assert_int_equal(count_logs("worker \"tom\" has kept its thread for more than a second"),
			 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_handler_that_hangs_is_told_of_once),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
