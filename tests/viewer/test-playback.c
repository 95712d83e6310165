#include "viewer/playback.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_time_passes_at_its_speed(void **state)
{
	struct trv_playback playback = {.speed = 0.001};

	trv_playback_start(&playback, 5000, 1000000);
	assert_true(playback.playing);
	assert_int_equal(trv_playback_time(&playback, 1000000), 5000);
	/* a second of wall time is a millisecond of trace time */
	assert_int_equal(trv_playback_time(&playback, 2000000), 1005000);
	trv_playback_stop(&playback);
	assert_false(playback.playing);
}

static void test_speed_changes_without_a_jump(void **state)
{
	struct trv_playback playback = {.speed = 1};
	int64_t before;

	trv_playback_start(&playback, 0, 0);
	before = trv_playback_time(&playback, 500000);
	trv_playback_set_speed(&playback, 10, 500000);
	assert_int_equal(trv_playback_time(&playback, 500000), before);
	assert_int_equal(trv_playback_time(&playback, 600000), before + 1000000000);
}

static void test_speed_of_a_stopped_clock(void **state)
{
	struct trv_playback playback = {.speed = 1};

	trv_playback_set_speed(&playback, 2, 77);
	assert_false(playback.playing);
	trv_playback_start(&playback, 10, 100);
	assert_int_equal(trv_playback_time(&playback, 101), 2010);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time_passes_at_its_speed),
		cmocka_unit_test(test_speed_changes_without_a_jump),
		cmocka_unit_test(test_speed_of_a_stopped_clock),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
