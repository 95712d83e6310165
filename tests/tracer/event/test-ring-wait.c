/* How long a writer waits for room, whatever happens to it meanwhile. */
#include "tests/tracer/event/ring-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include <cmocka.h>

enum { HOUR = 3600 };

static struct rf fixture;
static unsigned sleeps;
static time_t stopped_for;
static void (*sleeping)(void);

int __real_clock_gettime(clockid_t clock, struct timespec *ret_now);
int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_now);
int __wrap_nanosleep(const struct timespec *wanted, struct timespec *ret_left);

int __wrap_clock_gettime(clockid_t clock, struct timespec *ret_now)
{
	int result = __real_clock_gettime(clock, ret_now);

	ret_now->tv_sec += stopped_for;
	return result;
}

int __wrap_nanosleep(const struct timespec *wanted, struct timespec *ret_left)
{
	sleeps++;
	sleeping();
	return 0;
}

static int set_up(void **state)
{
	sleeps = 0;
	stopped_for = 0;
	fixture = rf_open(TRC_ON_FULL_WAIT);
	return 0;
}

static int tear_down(void **state)
{
	rf_close(&fixture);
	return 0;
}

/* All stands still in the first sleep, and goes on. */
static void be_stopped_with_the_recorder(void)
{
	struct trc_event event;

	if (sleeps == 1) {
		stopped_for += HOUR;
		return;
	}
	trc_ring_reader_sync(fixture.reader);
	while (trc_ring_next(fixture.reader, &event))
		;
	trc_ring_reader_release(fixture.reader);
}

static void who_was_stopped_has_not_waited(void **state)
{
	sleeping = be_stopped_with_the_recorder;
	while (sleeps == 0)
		assert_true(rf_write(fixture.ring, TRC_RECEIVE, 1));
	assert_int_equal(sleeps, 2);
	assert_int_equal(rf_counts(&fixture).lost, 0);
}

/* Nobody reads, however often it is stopped. */
static void be_stopped(void)
{
	stopped_for += HOUR;
}

static void it_does_not_wait_for_ever(void **state)
{
	sleeping = be_stopped;
	while (rf_write(fixture.ring, TRC_RECEIVE, 1))
		;
	assert_in_range(sleeps, 10, 1000);
	assert_int_equal(rf_counts(&fixture).lost, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(who_was_stopped_has_not_waited),
		TEST(it_does_not_wait_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
