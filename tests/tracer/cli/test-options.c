#include "tracer/cli/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void numbers_are_whole_and_bounded(void **state)
{
	static const char *const wrong[] = {
		"", "-1", "+1", " 1", "1 ", "1k", "0x10", "101", "99999999999999999999"};
	uint64_t number = 7;

	assert_true(trc_parse_number("0", 100, &number));
	assert_int_equal(number, 0);
	assert_true(trc_parse_number("100", 100, &number));
	assert_int_equal(number, 100);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(trc_parse_number(wrong[i], 100, &number));
	assert_int_equal(number, 100); /* untouched */
	assert_true(trc_parse_number("18446744073709551615", UINT64_MAX, &number));
	assert_true(number == UINT64_MAX);
}

static void sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} right[] = {{"0", 0},
		     {"123", 123},
		     {"4K", 4096},
		     {"10m", 10 << 20},
		     {"3G", UINT64_C(3) << 30},
		     {"1T", UINT64_C(1) << 40},
		     {"9223372036854775807", INT64_MAX}};
	static const char *const wrong[] = {
		"", "K", "1.5M", "-1K", "10MB", "1 G", "1P", "9223372036854775808", "8388608T"};
	uint64_t bytes = 7;

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_true(trc_parse_size(right[i].text, &bytes));
		assert_true(bytes == right[i].bytes);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(trc_parse_size(wrong[i], &bytes));
}

static void durations_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t nanoseconds;
	} right[] = {
		{"0", 0},       {"2", 2000000000}, {"1.5s", 1500000000},   {"300ms", 300000000},
		{"0.1us", 100}, {"7ns", 7},        {"2min", 120000000000},
	};
	static const char *const wrong[] = {"", "s", "-1s", "1h", "1 s", "1e300", "nan", "inf"};
	uint64_t duration;

	for (size_t i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
		assert_true(trc_parse_duration(right[i].text, &duration));
		assert_true(duration == right[i].nanoseconds);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(trc_parse_duration(wrong[i], &duration));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_whole_and_bounded),
		cmocka_unit_test(sizes_have_units),
		cmocka_unit_test(durations_have_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
