#include "viewer/time-axis.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

static void test_maps_there_and_back(void **state)
{
	/* A day into a trace, single nanoseconds still have their own places. */
	const int64_t day = INT64_C(86400) * 1000000000;
	struct trv_axis axis = {{day, day + 1000}, 1000};

	for (int64_t t = day; t <= day + 1000; t += 7) {
		double x = trv_axis_x(&axis, t);

		assert_true(x == (double)(t - day));
		assert_int_equal(trv_axis_time(&axis, x), t);
	}
	assert_true(trv_axis_x_clamped(&axis, 0, -5, 1005) == -5);
	assert_true(trv_axis_x_clamped(&axis, 2 * day, -5, 1005) == 1005);
}

static void test_an_axis_without_width_is_harmless(void **state)
{
	struct trv_axis axis = {{10, 20}, 0};

	assert_int_equal(trv_axis_time(&axis, 3), 10);
	assert_int_equal(trv_axis_tick_step(&axis, 100), 10);
}

static void test_zoom_keeps_the_anchor(void **state)
{
	struct trv_span span = {1000, 9000};
	struct trv_span closer = trv_span_zoom(span, 2, 3000);
	struct trv_axis before = {span, 800}, after = {closer, 800};

	assert_int_equal(closer.to - closer.from, 4000);
	assert_true(trv_axis_x(&before, 3000) == trv_axis_x(&after, 3000));
}

static void test_zoom_has_ends(void **state)
{
	struct trv_span span = {0, 100};

	for (int i = 0; i < 200; i++)
		span = trv_span_zoom(span, 3, 50);
	assert_int_equal(span.to - span.from, TRV_SPAN_MIN);
	for (int i = 0; i < 400; i++)
		span = trv_span_zoom(span, 0.3, 50);
	assert_true(span.to > span.from);
}

static void test_clamp_moves_then_shortens(void **state)
{
	const struct trv_span limits = {0, 1000};
	struct trv_span left = trv_span_clamp((struct trv_span){-50, 50}, limits);
	struct trv_span right = trv_span_clamp((struct trv_span){950, 1050}, limits);
	struct trv_span long_one = trv_span_clamp((struct trv_span){-500, 5000}, limits);

	assert_int_equal(left.from, 0);
	assert_int_equal(left.to, 100);
	assert_int_equal(right.from, 900);
	assert_int_equal(right.to, 1000);
	assert_int_equal(long_one.from, 0);
	assert_int_equal(long_one.to, 1000);
}

static void test_pad_reaches_the_least_length(void **state)
{
	struct trv_span span = trv_span_pad((struct trv_span){500, 500}, 0.5, 1000);

	assert_true(span.to - span.from >= 1000);
	assert_true(span.from < 500 && span.to > 500);
	span = trv_span_pad((struct trv_span){0, 1000}, 0.1, 10);
	assert_int_equal(span.from, -100);
	assert_int_equal(span.to, 1100);
}

static void test_ticks_are_round_and_far_enough_apart(void **state)
{
	const int64_t spans[] = {60, 999, 123456, 5000000, 3600000000000, 1};

	for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) {
		struct trv_axis axis = {{17, 17 + spans[i]}, 1234};
		int64_t step = trv_axis_tick_step(&axis, 100), digits = step;
		int64_t first = trv_axis_first_tick(axis.span.from, step);

		while (digits % 10 == 0)
			digits /= 10;
		assert_true(digits == 1 || digits == 2 || digits == 5);
		assert_true((double)step / (double)spans[i] * 1234 >= 100 || step == 1);
		assert_true(first >= 17 && first % step == 0 && first - step < 17);
	}
	assert_int_equal(trv_axis_first_tick(-25, 10), -20);
	assert_int_equal(trv_axis_first_tick(-30, 10), -30);
}

static void test_neighbouring_ticks_read_differently(void **state)
{
	char a[TRV_TIME_TEXT], b[TRV_TIME_TEXT];

	assert_string_equal(trv_time_text(1250300000, 100000, a), "1.2503 s");
	assert_string_equal(trv_time_text(0, 1000000, a), "0 ms");
	assert_string_equal(trv_time_text(4210, 10, a), "4.21 µs");
	assert_string_equal(trv_time_text(-2000000, 1000000, a), "-2 ms");
	for (int64_t t = 0; t < 2000000000; t += 500000) {
		trv_time_text(t, 500000, a);
		trv_time_text(t + 500000, 500000, b);
		assert_string_not_equal(a, b);
	}
}

static void test_durations(void **state)
{
	static const struct {
		int64_t length;
		const char *text;
	} cases[] = {
		{0, "0 s"},
		{7, "7 ns"},
		{999, "999 ns"},
		{4210, "4.21 µs"},
		{10500, "10.5 µs"},
		{108000000, "108 ms"},
		{1500000000, "1.50 s"},
		{INT64_C(90000000000), "90.0 s"},
	};
	char text[TRV_TIME_TEXT];

	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_string_equal(trv_duration_text(cases[i].length, text), cases[i].text);
}

static void test_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t time;
	} good[] = {
		{"1.25", 1250000000},
		{"1.25s", 1250000000},
		{"108 ms", 108000000},
		{"42us", 42000},
		{"42 µs", 42000},
		{"7ns", 7},
		{"0", 0},
	};
	static const char *const bad[] = {"", "x", "1 h", "1e300", "nan", "3 s later", "inf"};
	int64_t time;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		assert_true(trv_time_parse(good[i].text, &time));
		assert_int_equal(time, good[i].time);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		assert_false(trv_time_parse(bad[i], &time));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_maps_there_and_back),
		cmocka_unit_test(test_an_axis_without_width_is_harmless),
		cmocka_unit_test(test_zoom_keeps_the_anchor),
		cmocka_unit_test(test_zoom_has_ends),
		cmocka_unit_test(test_clamp_moves_then_shortens),
		cmocka_unit_test(test_pad_reaches_the_least_length),
		cmocka_unit_test(test_ticks_are_round_and_far_enough_apart),
		cmocka_unit_test(test_neighbouring_ticks_read_differently),
		cmocka_unit_test(test_durations),
		cmocka_unit_test(test_parse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
