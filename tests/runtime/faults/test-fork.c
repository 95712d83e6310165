/* A handler that forks: the child's acts are not recorded, and the parent goes on undisturbed. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"
#include "tracer/event/event.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

ACT_SIGNAL(Work)

static bool finished;

static const struct act_kind other_kind = {.name = "other"};

static void fork_child(struct act_self *self, void *state, struct act_message *message)
{
	int status;
	pid_t child;

	act_log(self, "before");
	child = fork();
	expect(child >= 0);
	if (child == 0) {
		struct act_handle other = act_spawn(self, &other_kind, "other"), me = act_me(self);

		for (int i = 0; i < 1000; i++)
			act_log(self, "in the child");
		if (act_try_send(self, me, Work) < 0)
			_exit(1);
		act_drop(self, &me);
		act_drop(self, &other);
		_exit(0);
	}
	expect(waitpid(child, &status, 0) == child);
	expect(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	act_log(self, "after");
	finished = true;
}

static const struct act_kind forker_kind = {.name = "forker", .handle = fork_child};

static void send_to_forker(struct act_self *self)
{
	struct act_handle forker = act_spawn(self, &forker_kind, NULL);

	expect(act_send(self, forker, Work) == 0);
	act_drop(self, &forker);
}

static unsigned count_logs(const struct recording *recording, const char *text)
{
	unsigned count = 0;

	for (size_t i = 0; i < recording->count; i++) {
		const struct trc_event *event = &recording->events[i].event;

		count += event->kind == TRC_LOG && event->payload_size == strlen(text) &&
			 memcmp(event->payload, text, strlen(text)) == 0;
	}
	return count;
}

static unsigned count_kind(const struct recording *recording, unsigned kind)
{
	unsigned count = 0;

	for (size_t i = 0; i < recording->count; i++)
		count += recording->events[i].event.kind == kind;
	return count;
}

static void test_a_forked_child_leaves_the_recording_alone(void **state)
{
	const struct act_options one = {.workers = 1};
	struct recording recording;

	run_body(&one, send_to_forker);
	recording = recording_take();
	assert_int_equal(count_logs(&recording, "before"), 1);
	assert_int_equal(count_logs(&recording, "after"), 1);
	assert_int_equal(count_logs(&recording, "in the child"), 0);
	/* The body and the forker. */
	assert_int_equal(count_kind(&recording, TRC_SPAWN), 2);
	assert_int_equal(count_kind(&recording, TRC_END), 2);
	assert_int_equal(count_kind(&recording, TRC_LOST), 0);
	assert_true(finished);
	recording_free(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_forked_child_leaves_the_recording_alone),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
