/*
 * The stopwatch of events, by clocks that this test sets: the file itself is included, with other
 * names for what it asks.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

static uint64_t fake_ticks(void);
static uint64_t fake_system(clockid_t clock);

#define __builtin_ia32_rdtsc fake_ticks
#define trc__clock           fake_system
#include "tracer/event/stopwatch.c"
#undef trc__clock
#undef __builtin_ia32_rdtsc

enum { MILLISECOND = 1000 * 1000, TICKS_PER_NS = 3 };

static struct {
	uint64_t ticks, time;
	unsigned asked;
	uint64_t interrupted; /* ticks that pass while the system is asked, each time */
	struct trc__stopwatch *handled;
	uint64_t handler_time;
} fake;

static uint64_t fake_ticks(void)
{
	return fake.ticks;
}

static uint64_t fake_system(clockid_t clock)
{
	assert_int_equal(clock, CLOCK_MONOTONIC);
	fake.asked++;
	fake.ticks += fake.interrupted;
	fake.time += fake.interrupted / TICKS_PER_NS;
	if (fake.handled) {
		struct trc__stopwatch *watch = fake.handled;

		fake.handled = NULL;
		fake.handler_time = trc__stopwatch_read(watch);
	}
	return fake.time;
}

/* Lets time pass at the right rate. */
static void pass(uint64_t nanoseconds)
{
	fake.time += nanoseconds;
	fake.ticks += nanoseconds * TICKS_PER_NS;
}

static unsigned asked_for(struct trc__stopwatch *watch, uint64_t *ret_time)
{
	unsigned before = fake.asked;

	*ret_time = trc__stopwatch_read(watch);
	return fake.asked - before;
}

static void test_without_ticks_it_is_the_systems_clock(void **state)
{
	struct trc__stopwatch watch = {.has_ticks = false};
	uint64_t time;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	for (int i = 0; i < 100; i++) {
		pass(MILLISECOND);
		assert_int_equal(asked_for(&watch, &time), 1);
		assert_int_equal(time, fake.time);
	}
}

#if defined(__x86_64__) /* others have no ticks yet */

/* A watch that knows its rate. */
static struct trc__stopwatch running(void)
{
	struct trc__stopwatch watch = {.has_ticks = true};

	memset(&fake, 0, sizeof(fake));
	fake.ticks = 123456789;
	fake.time = 5000000;
	for (int i = 0; i < 100; i++) {
		assert_int_equal(trc__stopwatch_read(&watch), fake.time);
		pass(MILLISECOND);
	}
	assert_true(watch.reach > 0);
	trc__stopwatch_read(&watch); /* a new anchor */
	return watch;
}

static void test_it_counts_ticks_for_a_millisecond(void **state)
{
	struct trc__stopwatch watch = running();
	uint64_t time;

	(void)state;
	for (int i = 0; i < 9; i++) {
		pass(100 * 1000);
		assert_int_equal(asked_for(&watch, &time), 0);
		assert_in_range(time, fake.time - 1, fake.time);
	}
	pass(200 * 1000);
	assert_int_equal(asked_for(&watch, &time), 1);
	assert_int_equal(time, fake.time);
}

static void test_it_asks_the_system_until_two_rates_agree(void **state)
{
	struct trc__stopwatch watch = {.has_ticks = true};
	uint64_t time;

	(void)state;
	memset(&fake, 0, sizeof(fake));
	fake.time = 1;
	for (int i = 0; i < 41; i++) {
		assert_int_equal(asked_for(&watch, &time), 1);
		assert_int_equal(time, fake.time);
		pass(MILLISECOND);
	}
	pass(-(MILLISECOND / 2));
	assert_int_equal(asked_for(&watch, &time), 0);
}

static void test_a_sleep_of_the_computer_does_not_spoil_the_rate(void **state)
{
	struct trc__stopwatch watch = running();
	uint64_t time;

	(void)state;
	/* The ticks went on for an hour, the system's clock did not. */
	fake.ticks += UINT64_C(3600) * 1000 * MILLISECOND * TICKS_PER_NS;
	for (int i = 0; i < 200; i++) {
		time = trc__stopwatch_read(&watch);
		assert_in_range(time, fake.time - 1, fake.time);
		pass(MILLISECOND / 2);
	}
	assert_true(watch.reach > 0);
}

static void test_ticks_that_go_back_are_not_believed(void **state)
{
	struct trc__stopwatch watch = running();
	uint64_t time;

	(void)state;
	fake.ticks -= 10000;
	fake.time += 50;
	assert_int_equal(asked_for(&watch, &time), 1);
	assert_int_equal(time, fake.time);
}

static void test_time_never_goes_back(void **state)
{
	struct trc__stopwatch watch = running();
	uint64_t before, time;

	(void)state;
	pass(MILLISECOND * 9 / 10);
	fake.ticks += 3000; /* a microsecond too many */
	before = trc__stopwatch_read(&watch);
	assert_true(before > fake.time);
	fake.ticks += MILLISECOND;
	assert_int_equal(asked_for(&watch, &time), 1);
	assert_int_equal(time, before);
	pass(2000);
	assert_in_range(trc__stopwatch_read(&watch), fake.time - 1, fake.time);
}

static void test_an_interrupted_anchor_is_not_used(void **state)
{
	struct trc__stopwatch watch = running();
	uint64_t anchor, time;

	(void)state;
	pass(2 * MILLISECOND);
	anchor = watch.time;
	fake.interrupted = 30000;
	assert_int_equal(asked_for(&watch, &time), ANCHOR_TRIES);
	assert_int_equal(time, fake.time);
	assert_int_equal(watch.time, anchor);
	fake.interrupted = 0;
	assert_int_equal(asked_for(&watch, &time), 1);
	assert_int_equal(watch.time, fake.time);
}

static void test_a_handler_within_a_reading_asks_the_system(void **state)
{
	struct trc__stopwatch watch = running();

	(void)state;
	pass(2 * MILLISECOND);
	fake.handled = &watch;
	assert_int_equal(trc__stopwatch_read(&watch), fake.time);
	assert_int_equal(fake.handler_time, fake.time);
	assert_false(atomic_load(&watch.busy));
}

#endif

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_without_ticks_it_is_the_systems_clock),
#if defined(__x86_64__)
		cmocka_unit_test(test_it_counts_ticks_for_a_millisecond),
		cmocka_unit_test(test_it_asks_the_system_until_two_rates_agree),
		cmocka_unit_test(test_a_sleep_of_the_computer_does_not_spoil_the_rate),
		cmocka_unit_test(test_ticks_that_go_back_are_not_believed),
		cmocka_unit_test(test_time_never_goes_back),
		cmocka_unit_test(test_an_interrupted_anchor_is_not_used),
		cmocka_unit_test(test_a_handler_within_a_reading_asks_the_system),
#endif
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
