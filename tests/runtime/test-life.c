/* How actors begin and why they end. */
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <string.h>

#include <cmocka.h>

ACT_MESSAGE(Init, (handle, other), (i64, result))
ACT_SIGNAL(Tick)

static const struct act_options seeded = {.seed = 11};
static int started, handled, stopped;

static void run_seeded(void (*body)(struct act_self *self))
{
	started = handled = stopped = 0;
	run_body(&seeded, body);
}

static int count_start(struct act_self *self, void *state, struct act_message *init)
{
	started++;
	return init ? (int)act_as(init, Init)->result : 0;
}

static void count_message(struct act_self *self, void *state, struct act_message *message)
{
	handled++;
}

static void count_stop(struct act_self *self, void *state)
{
	expect(act_sleep(self, 1) == ACT_ECANCELLED);
	stopped++;
}

static const struct act_kind counted_kind = {
	.name = "counted", .start = count_start, .handle = count_message, .stop = count_stop};
static const struct act_kind still_kind = {.name = "still", .handle = ignore_message};

/* --- ends ----------------------------------------------------------------------------------- */

static void drop_last_handle(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &counted_kind, NULL);

	for (int i = 0; i < 50; i++)
		expect(act_try_send(self, actor, Tick) == 0);
	act_drop(self, &actor);
	act_drop(self, &actor);
}

static void test_an_unreachable_actor_ends_when_its_mailbox_is_empty(void **state)
{
	run_seeded(drop_last_handle);
	assert_int_equal(started, 1);
	assert_int_equal(handled, 50);
	assert_int_equal(stopped, 1);
}

static void stop_with_messages(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &counted_kind, NULL);

	expect(act_sleep(self, 1) == 0);
	for (int i = 0; i < 50; i++)
		expect(act_try_send(self, actor, Tick) == 0);
	act_stop(self, actor);
	expect(act_alive(actor));
	expect(act_join(self, actor) == 0);
	expect(!act_alive(actor));
	expect(act_send(self, actor, Tick) == ACT_EGONE);
	act_stop(self, actor);
	expect(act_join(self, actor) == 0);
	act_drop(self, &actor);
}

static void test_a_stopped_actor_leaves_its_messages(void **state)
{
	run_seeded(stop_with_messages);
	assert_int_equal(handled, 0);
	assert_int_equal(stopped, 1);
}

static void stop_before_start(struct act_self *self)
{
	struct act_handle other = act_spawn(self, &still_kind, NULL);
	struct act_handle actor =
		act_spawn_with(self, &counted_kind, NULL, Init, .other = act_take(&other));

	act_stop(self, actor);
	act_drop(self, &actor);
}

static void test_what_is_stopped_before_it_started_never_runs(void **state)
{
	run_seeded(stop_before_start);
	assert_int_equal(started, 0);
	assert_int_equal(stopped, 0);
}

static void fail_to_start(struct act_self *self)
{
	struct act_handle actor = act_spawn_with(self, &counted_kind, NULL, Init,
						 .other = act_me(self), .result = -1);

	expect(act_try_send(self, actor, Tick) == 0);
	expect(act_join(self, actor) == 0);
	act_drop(self, &actor);
}

static void test_an_actor_that_fails_to_start_ends(void **state)
{
	run_seeded(fail_to_start);
	assert_int_equal(started, 1);
	assert_int_equal(handled, 0);
	assert_int_equal(stopped, 1);
}

static void stop_itself(struct act_self *self, void *state, struct act_message *message)
{
	handled++;
	act_stop_self(self);
	expect(act_sleep(self, ACT_SECOND) == ACT_ECANCELLED);
}

static const struct act_kind weary_kind = {
	.name = "weary", .handle = stop_itself, .stop = count_stop};

static void let_stop_itself(struct act_self *self)
{
	struct act_handle actor = act_spawn(self, &weary_kind, NULL);

	expect(act_send(self, actor, Tick) == 0 && act_send(self, actor, Tick) == 0);
	expect(act_join(self, actor) == 0);
	act_drop(self, &actor);
}

static void test_an_actor_stops_itself(void **state)
{
	run_seeded(let_stop_itself);
	assert_int_equal(handled, 1);
	assert_int_equal(stopped, 1);
}

/* --- joins ---------------------------------------------------------------------------------- */

static int sleep_a_second(struct act_self *self, void *state, struct act_message *init)
{
	act_sleep(self, ACT_SECOND);
	return -1;
}

static const struct act_kind sleeper_kind = {
	.name = "sleeper", .start = sleep_a_second, .handle = ignore_message};

static int join_other(struct act_self *self, void *state, struct act_message *init)
{
	expect(act_join(self, act_as(init, Init)->other) == 0);
	handled++;
	return -1;
}

static const struct act_kind joiner_kind = {
	.name = "joiner", .start = join_other, .handle = ignore_message};

static void join_several(struct act_self *self)
{
	struct act_handle sleeper = act_spawn(self, &sleeper_kind, NULL);
	uint64_t begin = act_now(self);

	for (int i = 0; i < 3; i++) {
		struct act_handle joiner = act_spawn_with(self, &joiner_kind, NULL, Init,
							  .other = act_clone(self, sleeper));
		act_drop(self, &joiner);
	}
	expect(act_join_within(self, sleeper, ACT_SECOND / 2) == ACT_EDEADLINE);
	expect(act_alive(sleeper));
	expect(act_join_within(self, sleeper, ACT_SECOND) == 0);
	expect(act_now(self) - begin == ACT_SECOND);
	expect(act_join(self, ACT_NOBODY) == 0);
	act_drop(self, &sleeper);
}

static void test_many_wait_for_one_end(void **state)
{
	run_seeded(join_several);
	assert_int_equal(handled, 3);
}

/* --- handles, names, state ------------------------------------------------------------------ */

static void look_at_handles(struct act_self *self)
{
	const char *long_name = "a name that is much longer than what fits into an actor's block";
	struct act_handle a = act_spawn(self, &still_kind, "a"), b, none = ACT_NOBODY, old;

	b = act_spawn(self, &still_kind, long_name);
	expect(act_same(a, a) && !act_same(a, b) && !act_same(a, none));
	expect(act_alive(a) && !act_alive(none));
	expect(strcmp(act_name(a), "a") == 0 && strcmp(act_name(b), long_name) == 0);
	expect(strcmp(act_my_name(self), "body") == 0);
	expect(!act_clone(self, none).actor);
	old = a;
	act_stop(self, a);
	expect(act_join(self, a) == 0);
	expect(strcmp(act_name(a), "a") == 0);
	act_drop(self, &a);
	/* A copy of a handle that was given up is no handle any more, whoever lives there now. */
	a = act_spawn(self, &still_kind, NULL);
	expect(strncmp(act_name(a), "still-", 6) == 0);
	expect(!act_alive(old) && !act_same(a, old));
	expect(act_send(self, old, Tick) == ACT_ESTALE);
	act_stop(self, old);
	act_drop(self, &old);
	expect(act_alive(a));
	act_drop(self, &a);
	act_drop(self, &b);
	handled++;
}

static void test_handles_stay_safe(void **state)
{
	run_seeded(look_at_handles);
	assert_int_equal(handled, 1);
}

static int check_zeros(struct act_self *self, void *state, struct act_message *init)
{
	const unsigned char *bytes = state;

	for (int i = 0; i < 4000; i++)
		expect(bytes[i] == 0);
	memset(state, 1, 4000);
	started++;
	return 0;
}

static int check_small_zeros(struct act_self *self, void *state, struct act_message *init)
{
	const unsigned char *bytes = state;

	for (int i = 0; i < 100; i++)
		expect(bytes[i] == 0);
	memset(state, 1, 100);
	started++;
	return -1;
}

static const struct act_kind large_kind = {
	.name = "large", .state_size = 4000, .start = check_zeros, .handle = ignore_message};
static const struct act_kind small_kind = {
	.name = "small", .state_size = 100, .start = check_small_zeros, .handle = ignore_message};

static void spawn_states(struct act_self *self)
{
	for (int i = 0; i < 10; i++) {
		struct act_handle large = act_spawn(self, &large_kind, NULL);
		struct act_handle small = act_spawn(self, &small_kind, NULL);

		expect(act_join(self, small) == 0);
		act_drop(self, &small);
		act_drop(self, &large);
	}
}

static void test_state_begins_with_zeros(void **state)
{
	run_seeded(spawn_states);
	assert_int_equal(started, 20);
}

/* Sanitizers, too, are to say that there is no memory, and not to end the program. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
const char *__tsan_default_options(void);
const char *__tsan_default_options(void)
{
	return "allocator_may_return_null=1";
}

static const struct act_kind huge_kind = {
	.name = "huge", .state_size = PTRDIFF_MAX, .handle = ignore_message};

static void spawn_huge(struct act_self *self)
{
	struct act_handle huge =
		act_spawn_with(self, &huge_kind, NULL, Init, .other = act_me(self));

	expect(!huge.actor);
	handled++;
}

static void test_no_memory_means_no_actor(void **state)
{
	run_seeded(spawn_huge);
	assert_int_equal(handled, 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_unreachable_actor_ends_when_its_mailbox_is_empty),
		cmocka_unit_test(test_a_stopped_actor_leaves_its_messages),
		cmocka_unit_test(test_what_is_stopped_before_it_started_never_runs),
		cmocka_unit_test(test_an_actor_that_fails_to_start_ends),
		cmocka_unit_test(test_an_actor_stops_itself),
		cmocka_unit_test(test_many_wait_for_one_end),
		cmocka_unit_test(test_handles_stay_safe),
		cmocka_unit_test(test_state_begins_with_zeros),
		cmocka_unit_test(test_no_memory_means_no_actor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
