/* Coming to an end in order: what was sent is handled, what could go on for ever is not. */
#include "runtime/native.h"
#include "tests/runtime/recording.h"
#include "tests/runtime/support.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>

#include <cmocka.h>

ACT_MESSAGE(Hop, (u64, left))
ACT_MESSAGE(Next, (handle, next))
ACT_SIGNAL(Tick)
ACT_SIGNAL(Question)

static const struct act_options seeded = {.seed = 9}, parallel = {.workers = 3};
static atomic_int handled, ended;
static struct act_system *the_system;

static void count_end(struct act_self *self, void *state)
{
	ended++;
}

/* Runs a first actor of this kind. */
static void run(const struct act_options *options, const struct act_kind *kind)
{
	struct recording recording;
	struct act_handle first;

	recording_forget();
	handled = ended = 0;
	the_system = act_system_new(options);
	assert_non_null(the_system);
	first = act_system_spawn(the_system, kind, "first");
	act_system_drop(the_system, &first);
	assert_int_equal(act_system_run(the_system), 0);
	act_system_free(the_system);
	recording = recording_take();
	recording_check(&recording);
	recording_free(&recording);
}

/* --- a ring of actors that would live for ever ---------------------------------------------- */

struct member {
	struct act_handle next;
};

static void hop(struct act_self *self, void *state, struct act_message *message)
{
	struct member *member = state;
	struct Next *next = act_as(message, Next);
	struct Hop *hop = act_as(message, Hop);

	if (next)
		member->next = act_take(&next->next);
	if (!hop)
		return;
	handled++;
	if (hop->left % 8 == 0)
		expect(act_sleep(self, ACT_MILLISECOND / 10) == 0);
	if (hop->left > 0)
		expect(act_send(self, member->next, Hop, .left = hop->left - 1) == 0);
}

static void leave_ring(struct act_self *self, void *state)
{
	act_drop(self, &((struct member *)state)->next);
	ended++;
}

static const struct act_kind member_kind = {
	.name = "member", .state_size = sizeof(struct member), .handle = hop, .stop = leave_ring};

enum { MEMBERS = 20, HOPS = 100 };

static int make_ring(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle ring[MEMBERS];

	for (int i = 0; i < MEMBERS; i++)
		ring[i] = act_spawn(self, &member_kind, NULL);
	for (int i = 0; i < MEMBERS; i++)
		expect(act_send(self, ring[i], Next,
				.next = act_clone(self, ring[(i + 1) % MEMBERS])) == 0);
	for (int i = 0; i < MEMBERS; i++)
		expect(act_send(self, ring[i], Hop, .left = HOPS) == 0);
	act_system_drain(the_system);
	for (int i = 0; i < MEMBERS; i++)
		act_drop(self, &ring[i]);
	return 0;
}

static const struct act_kind ring_maker_kind = {.name = "maker", .start = make_ring};

static void test_all_that_was_sent_is_handled(void **state)
{
	run(&seeded, &ring_maker_kind);
	assert_int_equal(handled, MEMBERS * (HOPS + 1));
	assert_int_equal(ended, MEMBERS);
	for (int i = 0; i < 10; i++) {
		run(&parallel, &ring_maker_kind);
		assert_int_equal(handled, MEMBERS * (HOPS + 1));
		assert_int_equal(ended, MEMBERS);
	}
}

/* --- timers --------------------------------------------------------------------------------- */

static int begin_ticking(struct act_self *self, void *state, struct act_message *init)
{
	expect(act_after(self, 0, Tick) != 0);
	expect(act_after(self, 3600 * ACT_SECOND, Tick) != 0);
	return 0;
}

static void tick(struct act_self *self, void *state, struct act_message *message)
{
	if (++handled == 10) {
		act_system_drain(the_system);
		expect(act_after(self, 0, Tick) == 0);
	} else {
		act_after(self, ACT_MILLISECOND, Tick);
	}
}

static const struct act_kind clock_kind = {
	.name = "clock", .start = begin_ticking, .handle = tick, .stop = count_end};

static void test_timers_go_off_no_more(void **state)
{
	run(&seeded, &clock_kind);
	assert_int_equal(handled, 10);
	run(&parallel, &clock_kind);
	assert_int_equal(handled, 10);
	assert_int_equal(ended, 1);
}

/* --- sources -------------------------------------------------------------------------------- */

struct source {
	uv_timer_t timer;
	struct act_self *self;
	struct act_handle sink; /* until it starts, that of who made it */
};

static void told(struct act_self *self, void *data, int error)
{
}

static void flow(uv_timer_t *timer)
{
	struct source *source = timer->data;

	expect(act_native_send(source->self, source->sink, told, Tick) == 0);
}

static void open_source(struct act_self *self, void *data)
{
	struct source *source = data;

	source->self = self;
	source->sink = act_clone(self, source->sink);
	source->timer.data = source;
	uv_timer_init(act_native_loop(self), &source->timer);
	uv_timer_start(&source->timer, flow, 1, 1);
}

static void source_closed(uv_handle_t *handle)
{
	struct source *source = handle->data;

	act_drop(source->self, &source->sink);
	act_native_end(source->self);
}

static void close_source(struct act_self *self, void *data)
{
	uv_close((uv_handle_t *)&((struct source *)data)->timer, source_closed);
}

static void ignore_native(struct act_self *self, void *data, struct act_message *message)
{
}

static const struct act_native_kind source_kind = {.kind = {.name = "source"},
						   .start = open_source,
						   .handle = ignore_native,
						   .stop = close_source,
						   .free = free};

struct drinker {
	struct act_handle me;
	struct act_handle source;
};

static int open_the_source(struct act_self *self, void *state, struct act_message *init)
{
	struct source *source = calloc(1, sizeof(*source));
	struct drinker *drinker = state;

	expect(source);
	drinker->me = source->sink = act_me(self);
	drinker->source =
		act_native_spawn(self, &source_kind, NULL, source, ACT_NATIVE_SPREAD, ACT_HERE);
	return 0;
}

static void drink(struct act_self *self, void *state, struct act_message *message)
{
	if (++handled == 5)
		act_system_drain(the_system);
}

static void let_go(struct act_self *self, void *state)
{
	struct drinker *drinker = state;

	expect(!act_alive(drinker->source));
	act_drop(self, &drinker->source);
	act_drop(self, &drinker->me);
	ended++;
}

static const struct act_kind drinker_kind = {.name = "drinker",
					     .state_size = sizeof(struct drinker),
					     .start = open_the_source,
					     .handle = drink,
					     .stop = let_go};

static void test_sources_are_closed_first(void **state)
{
	run(&parallel, &drinker_kind);
	assert_true(handled >= 5);
	assert_int_equal(ended, 1);
}

/* --- from elsewhere ------------------------------------------------------------------------- */

static void drain_on_signal(int number)
{
	act_system_drain(the_system);
}

static int wait_for_signal(struct act_self *self, void *state, struct act_message *init)
{
	*(struct act_handle *)state = act_me(self); /* so that it would not end */
	raise(SIGUSR1);
	return 0;
}

static void drop_me(struct act_self *self, void *state)
{
	act_drop(self, state);
	ended++;
}

static const struct act_kind selfish_kind = {.name = "selfish",
					     .state_size = sizeof(struct act_handle),
					     .start = wait_for_signal,
					     .stop = drop_me};

static void test_from_a_signal_handler(void **state)
{
	signal(SIGUSR1, drain_on_signal);
	run(&parallel, &selfish_kind);
	assert_int_equal(ended, 1);
	signal(SIGUSR1, SIG_DFL);
}

static void *drain_in_thread(void *system)
{
	act_system_drain(system);
	return NULL;
}

static int wait_long(struct act_self *self, void *state, struct act_message *init)
{
	pthread_t thread;

	*(struct act_handle *)state = act_me(self);
	expect(pthread_create(&thread, NULL, drain_in_thread, the_system) == 0);
	/* What sleeps is not cut short. */
	expect(act_sleep(self, 20 * ACT_MILLISECOND) == 0);
	expect(pthread_join(thread, NULL) == 0);
	handled++;
	return 0;
}

static const struct act_kind sleeper_kind = {.name = "sleeper",
					     .state_size = sizeof(struct act_handle),
					     .start = wait_long,
					     .stop = drop_me};

static void test_from_a_foreign_thread(void **state)
{
	run(&parallel, &sleeper_kind);
	assert_int_equal(handled, 1);
	assert_int_equal(ended, 1);
}

/* --- what never ends ------------------------------------------------------------------------ */

static int ask_oneself(struct act_self *self, void *state, struct act_message *init)
{
	struct act_handle me = act_me(self);
	struct act_message *reply;

	act_system_drain(the_system);
	expect(act_ask_within(self, me, &reply, ACT_SECOND, Question) == ACT_EDEADLINE);
	act_system_stop(the_system);
	expect(act_ask(self, me, &reply, Question) == ACT_ECANCELLED);
	act_drop(self, &me);
	handled++;
	return 0;
}

static const struct act_kind stubborn_kind = {.name = "stubborn", .start = ask_oneself};

static void test_a_stop_cuts_a_drain_short(void **state)
{
	run(&seeded, &stubborn_kind);
	assert_int_equal(handled, 1);
}

static void test_a_drain_before_the_run(void **state)
{
	struct act_system *system = act_system_new(&parallel);
	struct act_handle sink = act_system_spawn(system, &member_kind, NULL);

	handled = ended = 0;
	assert_int_equal(act_system_send(system, sink, Hop, .left = 0), 0);
	act_system_drain(system);
	assert_int_equal(act_system_run(system), 0);
	assert_int_equal(handled, 1);
	assert_int_equal(ended, 1);
	act_system_drop(system, &sink);
	act_system_free(system);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_that_was_sent_is_handled),
		cmocka_unit_test(test_timers_go_off_no_more),
		cmocka_unit_test(test_sources_are_closed_first),
		cmocka_unit_test(test_from_a_signal_handler),
		cmocka_unit_test(test_from_a_foreign_thread),
		cmocka_unit_test(test_a_stop_cuts_a_drain_short),
		cmocka_unit_test(test_a_drain_before_the_run),
	};

	return cmocka_run_group_tests(tests, recording_begin, recording_end);
}
