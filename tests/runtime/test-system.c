/* The system as main, foreign threads and signal handlers see it. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Number, (u64, value))
ACT_MESSAGE(Init, (handle, other))

static _Atomic uint64_t sum;
static _Atomic int stopped, ran;

static void add(struct act_self *self, void *state, struct act_message *message)
{
	sum += act_as(message, Number)->value;
}

static void count_stop(struct act_self *self, void *state)
{
	stopped++;
}

static const struct act_kind adder_kind = {.name = "adder", .handle = add, .stop = count_stop};

/* --- without running ------------------------------------------------------------------------ */

static void test_a_system_need_not_run(void **state)
{
	struct act_system *system = act_system_new(NULL);
	struct act_handle a, b;

	assert_non_null(system);
	act_system_free(system);
	act_system_free(NULL);

	system = act_system_new(NULL);
	assert_int_equal(act_system_run(system), 0);
	a = act_system_spawn(system, &adder_kind, "a");
	assert_true(act_alive(a));
	assert_int_equal(act_system_send(system, a, Number, .value = 1), 0);
	b = act_system_spawn_with(system, &adder_kind, "b", Init, .other = a);
	act_system_drop(system, &b);
	act_system_free(system);
}

static void test_a_stopped_system_makes_no_actors(void **state)
{
	struct act_system *system = act_system_new(NULL);
	struct act_handle a = act_system_spawn(system, &adder_kind, "a");

	act_system_stop(system);
	assert_false(act_alive(act_system_spawn(system, &adder_kind, "b")));
	assert_int_equal(act_system_run(system), 0);
	assert_false(act_alive(a));
	assert_int_equal(act_system_send(system, a, Number, .value = 1), ACT_EGONE);
	act_system_drop(system, &a);
	act_system_free(system);
}

static void test_main_sends_without_waiting(void **state)
{
	struct act_system *system = act_system_new(NULL);
	struct act_handle a = act_system_spawn(system, &adder_kind, "a");
	struct act_handle b = act_system_clone(system, a);

	sum = 0;
	for (int i = 0; i < 100; i++)
		assert_int_equal(act_system_send(system, a, Number, .value = 1), 0);
	assert_int_equal(act_system_send(system, a, Number, .value = 1), ACT_EFULL);
	act_system_drop(system, &a);
	act_system_drop(system, &b);
	assert_int_equal(act_system_run(system), 0);
	assert_int_equal(sum, 100);
	act_system_free(system);
}

/* --- from other threads --------------------------------------------------------------------- */

struct foreign {
	struct act_system *system;
	struct act_handle to;
	pthread_t thread;
};

static void *send_and_drop(void *argument)
{
	struct foreign *foreign = argument;

	for (int i = 0; i < 1000; i++) {
		struct act_handle other = act_system_spawn(foreign->system, &adder_kind, NULL);

		while (act_system_send(foreign->system, foreign->to, Number, .value = 1) ==
		       ACT_EFULL)
			sched_yield();
		act_system_send(foreign->system, other, Number, .value = 1);
		act_system_drop(foreign->system, &other);
	}
	act_system_drop(foreign->system, &foreign->to);
	return NULL;
}

static void test_foreign_threads_send_while_it_runs(void **state)
{
	struct act_options options = {.workers = 2};
	struct act_system *system = act_system_new(&options);
	struct foreign foreign[3];
	struct act_handle a = act_system_spawn(system, &adder_kind, "a");

	sum = 0;
	for (int i = 0; i < 3; i++) {
		foreign[i] = (struct foreign){.system = system, .to = act_system_clone(system, a)};
		assert_int_equal(
			pthread_create(&foreign[i].thread, NULL, send_and_drop, &foreign[i]), 0);
	}
	act_system_drop(system, &a);
	assert_int_equal(act_system_run(system), 0);
	for (int i = 0; i < 3; i++)
		pthread_join(foreign[i].thread, NULL);
	assert_int_equal(sum, 6000);
	act_system_free(system);
}

static struct act_system *to_stop;

static void stop_it(int signal)
{
	act_system_stop(to_stop);
}

static void *raise_signal(void *argument)
{
	pthread_kill(*(pthread_t *)argument, SIGUSR1);
	return NULL;
}

static int start_thread(struct act_self *self, void *state, struct act_message *init)
{
	static pthread_t worker;
	pthread_t *thread = state;

	worker = pthread_self();
	expect(pthread_create(thread, NULL, raise_signal, &worker) == 0);
	expect(act_sleep(self, ACT_FOREVER) == ACT_ECANCELLED);
	return 0;
}

static void join_thread(struct act_self *self, void *state)
{
	pthread_join(*(pthread_t *)state, NULL);
	stopped++;
}

static const struct act_kind raiser_kind = {.name = "raiser",
					    .state_size = sizeof(pthread_t),
					    .start = start_thread,
					    .handle = ignore_message,
					    .stop = join_thread};

/* The thread sanitizer puts signals off until its next system call, and now and then for good where
 * fibers change meanwhile: the handler is then never called. */
#ifdef __SANITIZE_THREAD__
enum { SIGNALS_COME = false };
#else
enum { SIGNALS_COME = true };
#endif

static void test_a_signal_handler_stops_it(void **state)
{
	struct act_options options = {.workers = 2};
	struct sigaction action = {.sa_handler = stop_it};
	struct act_handle a;

	if (!SIGNALS_COME)
		skip();
	stopped = 0;
	to_stop = act_system_new(&options);
	sigaction(SIGUSR1, &action, NULL);
	a = act_system_spawn(to_stop, &raiser_kind, NULL);
	assert_int_equal(act_system_run(to_stop), 0);
	assert_int_equal(stopped, 1);
	act_system_drop(to_stop, &a);
	act_system_free(to_stop);
}

/* --- errors --------------------------------------------------------------------------------- */

static void test_errors_have_names_and_sentences(void **state)
{
	assert_string_equal(act_error_name(ACT_EFULL), "ACT_EFULL");
	assert_string_equal(act_strerror(ACT_EFULL), "the mailbox is full");
	assert_string_equal(act_error_name(-ENOENT), "ENOENT");
	assert_string_equal(act_strerror(-ENOENT), "No such file or directory");
	assert_string_equal(act_strerror(0), "no error");
	assert_string_equal(act_strerror(-12345), "unknown error");
	assert_string_equal(act_error_name(17), "?");
}

/* --- in one go ------------------------------------------------------------------------------ */

static int end_at_once(struct act_self *self, void *state, struct act_message *init)
{
	expect(strcmp(act_my_name(self), "only") == 0);
	expect(!init);
	ran++;
	return 0;
}

static void test_a_system_in_one_go(void **state)
{
	static const struct act_kind kind = {.name = "kind", .start = end_at_once};

	ran = 0;
	assert_int_equal(act_run(NULL, &kind, "only"), 0);
	assert_int_equal(act_run(&(struct act_options){.seed = 1}, &kind, "only"), 0);
	assert_int_equal(ran, 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_system_need_not_run),
		cmocka_unit_test(test_a_stopped_system_makes_no_actors),
		cmocka_unit_test(test_main_sends_without_waiting),
		cmocka_unit_test(test_foreign_threads_send_while_it_runs),
		cmocka_unit_test(test_a_signal_handler_stops_it),
		cmocka_unit_test(test_a_system_in_one_go),
		cmocka_unit_test(test_errors_have_names_and_sentences),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
