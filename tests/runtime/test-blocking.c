/* Functions that block run aside: others go on, and nothing cuts them short. */
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <pthread.h>
#include <stdatomic.h>

#include <cmocka.h>

ACT_SIGNAL(Ping)
ACT_SIGNAL(Pong)

static const struct act_options seeded = {.seed = 2};
static atomic_int done;

/* A gate that a function waits at until somebody opens it. */
struct gate {
	pthread_mutex_t mutex;
	pthread_cond_t opened;
	bool reached;
	bool open;
	int result;
};

static struct gate gate;

static void close_gate(void)
{
	gate = (struct gate){.mutex = PTHREAD_MUTEX_INITIALIZER,
			     .opened = PTHREAD_COND_INITIALIZER,
			     .result = 42};
	done = 0;
}

static void open_gate(void)
{
	pthread_mutex_lock(&gate.mutex);
	gate.open = true;
	pthread_cond_broadcast(&gate.opened);
	pthread_mutex_unlock(&gate.mutex);
}

static bool is_reached(void)
{
	bool reached;

	pthread_mutex_lock(&gate.mutex);
	reached = gate.reached;
	pthread_mutex_unlock(&gate.mutex);
	return reached;
}

static int wait_at_gate(void *argument)
{
	struct gate **place = argument;
	int result;

	pthread_mutex_lock(&(*place)->mutex);
	(*place)->reached = true;
	while (!(*place)->open)
		pthread_cond_wait(&(*place)->opened, &(*place)->mutex);
	result = (*place)->result;
	pthread_mutex_unlock(&(*place)->mutex);
	return result;
}

/* The argument is on its stack. */
static int block(struct act_self *self, void *state, struct act_message *init)
{
	struct gate *place = &gate;

	expect(act_blocking(self, wait_at_gate, &place) == 42);
	done++;
	return 0;
}

static void answer(struct act_self *self, void *state, struct act_message *message)
{
	act_reply(self, message, Pong);
}

static const struct act_kind blocker_kind = {.name = "blocker", .start = block};
static const struct act_kind answer_kind = {.name = "answer", .handle = answer};

/* One worker: while the function blocks, others on it ask and are answered. */
static void go_on_meanwhile(struct act_self *self)
{
	struct act_handle blocker = act_spawn(self, &blocker_kind, NULL);
	struct act_handle other = act_spawn(self, &answer_kind, NULL);
	struct act_message *reply;

	while (!is_reached())
		expect(act_sleep(self, ACT_MILLISECOND) == 0);
	expect(act_ask(self, other, &reply, Ping) == 0);
	act_release(self, reply);
	expect(done == 0);
	open_gate();
	act_drop(self, &blocker); /* it ends for want of handles */
	act_drop(self, &other);
}

static void test_others_go_on(void **state)
{
	close_gate();
	run_checked(&(struct act_options){.workers = 1}, go_on_meanwhile);
	assert_int_equal(done, 1);
}

static void stop_meanwhile(struct act_self *self)
{
	struct act_handle blocker = act_spawn(self, &blocker_kind, NULL);

	while (!is_reached())
		expect(act_sleep(self, ACT_MILLISECOND) == 0);
	act_stop(self, blocker);
	expect(act_join_within(self, blocker, ACT_MILLISECOND) == ACT_EDEADLINE);
	expect(act_alive(blocker) && done == 0);
	open_gate();
	expect(act_join(self, blocker) == 0);
	expect(done == 1);
	act_drop(self, &blocker);
}

static void test_a_stopped_actor_waits_for_its_function(void **state)
{
	close_gate();
	run_alone(stop_meanwhile);
}

static int never_run(void *argument)
{
	abort();
}

static int shut_down(void *argument)
{
	act_system_stop(argument);
	return wait_at_gate(&(struct gate *){&gate});
}

static void stop_the_system(struct act_self *self)
{
	open_gate();
	expect(act_blocking(self, shut_down, act_system_of(self)) == 42);
	while (act_sleep(self, ACT_MILLISECOND) == 0)
		;
	expect(act_blocking(self, never_run, NULL) == ACT_ECANCELLED);
	done++;
}

static void test_a_system_that_stops_waits_for_it(void **state)
{
	close_gate();
	run_alone(stop_the_system);
	assert_int_equal(done, 1);
}

static int count_up(void *argument)
{
	return ++*(int *)argument;
}

static void run_inline(struct act_self *self)
{
	int number = 6;
	uint64_t before = act_now(self);

	expect(act_blocking(self, count_up, &number) == 7 && number == 7);
	expect(act_now(self) == before);
	done++;
}

static void test_seeded_it_runs_at_once(void **state)
{
	done = 0;
	run_body(&seeded, run_inline);
	assert_int_equal(done, 1);
}

static int call_often(struct act_self *self, void *state, struct act_message *init)
{
	for (int i = 0; i < 50; i++) {
		int number = i;

		expect(act_blocking(self, count_up, &number) == i + 1);
	}
	done++;
	return 0;
}

static const struct act_kind caller_kind = {.name = "caller", .start = call_often};

static void call_from_all_sides(struct act_self *self)
{
	for (int i = 0; i < 10; i++) {
		struct act_handle caller = act_spawn(self, &caller_kind, NULL);

		act_drop(self, &caller);
	}
}

static void test_from_all_cores(void **state)
{
	static const struct act_options options = {.workers = 3};

	done = 0;
	run_checked(&options, call_from_all_sides);
	assert_int_equal(done, 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_others_go_on),
		cmocka_unit_test(test_a_stopped_actor_waits_for_its_function),
		cmocka_unit_test(test_a_system_that_stops_waits_for_it),
		cmocka_unit_test(test_seeded_it_runs_at_once),
		cmocka_unit_test(test_from_all_cores),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
