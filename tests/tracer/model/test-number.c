#include "tracer/model/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char text[TRC_NUMBER_SIZE];

static void counts_are_grouped(void **state)
{
	assert_string_equal(trc_format_count(0, text), "0");
	assert_string_equal(trc_format_count(999, text), "999");
	assert_string_equal(trc_format_count(1000, text), "1 000");
	assert_string_equal(trc_format_count(1234567, text), "1 234 567");
	assert_true(strlen(trc_format_count(UINT64_MAX, text)) < TRC_NUMBER_SIZE);
}

static void bytes_have_the_unit_that_fits(void **state)
{
	assert_string_equal(trc_format_bytes(0, text), "0.0 KiB");
	assert_string_equal(trc_format_bytes(1536, text), "1.5 KiB");
	assert_string_equal(trc_format_bytes((1 << 20) - 1, text), "1.0 MiB");
	assert_string_equal(trc_format_bytes(UINT64_C(5) << 30, text), "5.0 GiB");
	assert_true(strlen(trc_format_bytes(UINT64_MAX, text)) < TRC_NUMBER_SIZE);
}

static void times_are_exact(void **state)
{
	assert_string_equal(trc_format_time(0, text), "0.000000000");
	assert_string_equal(trc_format_time(12345678901, text), "12.345678901");
	assert_true(strlen(trc_format_time(UINT64_MAX, text)) < TRC_NUMBER_SIZE);
}

static void durations_have_the_unit_that_fits(void **state)
{
	assert_string_equal(trc_format_duration(999, text), "999 ns");
	assert_string_equal(trc_format_duration(1500, text), "1.5 us");
	assert_string_equal(trc_format_duration(12300000, text), "12.3 ms");
	assert_string_equal(trc_format_duration(2500000000, text), "2.50 s");
	assert_string_equal(trc_format_duration(999499, text), "999 us");
	assert_string_equal(trc_format_duration(999500, text), "1 ms");
	assert_string_equal(trc_format_duration(999999999, text), "1.00 s");
	assert_true(strlen(trc_format_duration(UINT64_MAX, text)) < TRC_NUMBER_SIZE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts_are_grouped),
		cmocka_unit_test(bytes_have_the_unit_that_fits),
		cmocka_unit_test(times_are_exact),
		cmocka_unit_test(durations_have_the_unit_that_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
