/* A seeded run that nobody can bring on any more ends, and says who waits where. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

ACT_SIGNAL(Question)
ACT_MESSAGE(Peer, (handle, peer))

static const struct act_options seeded = {.seed = 4};

/* Runs a system with stderr in a file; what was said is in `said`. */
static char said[4096];

static int run_and_listen(struct act_system *system)
{
	FILE *file = tmpfile();
	int before = dup(STDERR_FILENO), error;
	size_t length;

	assert_non_null(file);
	assert_true(before >= 0 && dup2(fileno(file), STDERR_FILENO) >= 0);
	error = act_system_run(system);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	close(before);
	rewind(file);
	length = fread(said, 1, sizeof(said) - 1, file);
	said[length] = '\0';
	fclose(file);
	return error;
}

/* --- a deadlock ------------------------------------------------------------------------------- */

static unsigned ask_line;
static int asked_with;

static void ask_back(struct act_self *self, void *state, struct act_message *message)
{
	struct Peer *peer = act_as(message, Peer);
	struct act_message *reply;

	ask_line = __LINE__ + 1;
	asked_with = act_ask(self, peer->peer, &reply, Question);
	act_release(self, reply);
}

static const struct act_kind back_kind = {.name = "back", .handle = ask_back};

static int ask_forth(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle back = act_spawn(self, &back_kind, "ann");
	struct act_message *reply;

	/* Time passes before: that alone is no standstill. */
	expect(act_sleep(self, 5 * ACT_SECOND) == 0);
	expect(act_ask(self, back, &reply, Peer, .peer = act_me(self)) == ACT_ECANCELLED);
	act_drop(self, &back);
	return 0;
}

static const struct act_kind forth_kind = {
	.name = "forth", .start = ask_forth, .handle = ignore_message};

static void test_a_deadlock_ends_the_run(void **state)
{
	struct act_system *system = act_system_new(&seeded);
	struct act_handle forth = act_system_spawn(system, &forth_kind, "bob");
	char place[100];

	act_system_drop(system, &forth);
	assert_int_equal(run_and_listen(system), -EDEADLK);
	snprintf(place, sizeof(place), "  back \"ann\" waits at %s:%u in ask_back()\n", __FILE__,
		 ask_line);
	assert_non_null(strstr(said, "nothing can happen any more"));
	assert_non_null(strstr(said, place));
	assert_non_null(strstr(said, "  forth \"bob\" waits at "));
	assert_null(strstr(said, "idle"));
	asked_with = 0;
	act_system_free(system);
	/* What waits is cancelled when the system is freed. */
	assert_int_equal(asked_with, ACT_ECANCELLED);
}

/* --- idle actors ------------------------------------------------------------------------------ */

static int handled;

static void count(struct act_self *self, void *state, struct act_message *message)
{
	handled++;
}

static const struct act_kind counter_kind = {.name = "counter", .handle = count};

static void test_main_goes_on_with_an_idle_actor(void **state)
{
	struct act_system *system = act_system_new(&seeded);
	struct act_handle counter = act_system_spawn(system, &counter_kind, NULL);

	handled = 0;
	assert_int_equal(run_and_listen(system), -EDEADLK);
	assert_non_null(strstr(said, "  1 is idle, and somebody still has handles to it"));
	assert_int_equal(act_system_send(system, counter, Question), 0);
	assert_int_equal(run_and_listen(system), -EDEADLK);
	assert_int_equal(handled, 1);
	act_system_drop(system, &counter);
	assert_int_equal(run_and_listen(system), 0);
	assert_string_equal(said, "");
	act_system_free(system);
}

struct hermit {
	struct act_handle me;
};

static int hold_oneself(struct act_self *self, void *state, struct act_message *init)
{
	((struct hermit *)state)->me = act_me(self);
	return 0;
}

static void let_go(struct act_self *self, void *state)
{
	act_drop(self, &((struct hermit *)state)->me);
}

static const struct act_kind hermit_kind = {.name = "hermit",
					    .state_size = sizeof(struct hermit),
					    .start = hold_oneself,
					    .handle = ignore_message,
					    .stop = let_go};

static void test_a_crowd_is_counted(void **state)
{
	struct act_system *system = act_system_new(&seeded);

	for (int i = 0; i < 3; i++) {
		struct act_handle hermit = act_system_spawn(system, &hermit_kind, NULL);

		act_system_drop(system, &hermit);
	}
	assert_int_equal(run_and_listen(system), -EDEADLK);
	assert_non_null(strstr(said, "  3 are idle, and somebody still has handles to them"));
	act_system_free(system);
}

/* When what is left is idle a drain is over, and ends it. */
static void test_a_drain_is_no_standstill(void **state)
{
	struct act_system *system = act_system_new(&seeded);
	struct act_handle hermit = act_system_spawn(system, &hermit_kind, NULL);

	act_system_drop(system, &hermit);
	act_system_drain(system);
	assert_int_equal(run_and_listen(system), 0);
	assert_string_equal(said, "");
	act_system_free(system);
}

/* --- the trace -------------------------------------------------------------------------------- */

/* And is the last that is in it. */
static void test_it_is_in_the_trace(void **state)
{
	static const char text[] =
		"nothing can happen any more: 0 actors wait, 1 are idle for ever";
	struct recording recording;
	struct act_system *system = act_system_new(&seeded);
	struct act_handle hermit = act_system_spawn(system, &hermit_kind, NULL);
	const struct trc_event *last;

	recording_forget();
	act_system_drop(system, &hermit);
	assert_int_equal(run_and_listen(system), -EDEADLK);
	act_system_free(system);
	recording = recording_take();
	assert_true(recording.count > 0);
	last = &recording.events[recording.count - 1].event;
	assert_int_equal(last->kind, TRC_LOG);
	assert_int_equal(last->payload_size, strlen(text));
	assert_memory_equal(last->payload, text, strlen(text));
	recording_free(&recording);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_deadlock_ends_the_run),
		cmocka_unit_test(test_main_goes_on_with_an_idle_actor),
		cmocka_unit_test(test_a_crowd_is_counted),
		cmocka_unit_test(test_a_drain_is_no_standstill),
		cmocka_unit_test(test_it_is_in_the_trace),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
