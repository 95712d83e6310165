#include "tracer/stats/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void an_empty_one_knows_nothing(void **state)
{
	struct trc_histogram histogram = {0};

	assert_int_equal(trc_histogram_share(&histogram, 50), 0);
	trc_histogram_clear(&histogram);
}

static void small_durations_are_exact(void **state)
{
	struct trc_histogram histogram = {0};

	for (uint64_t i = 0; i < 8; i++)
		trc_histogram_add(&histogram, i);
	assert_int_equal(trc_histogram_share(&histogram, 50), 3);
	assert_int_equal(trc_histogram_share(&histogram, 99), 7);
	assert_int_equal(histogram.sum, 28);
	trc_histogram_clear(&histogram);
}

static void shares_are_exact_to_an_eighth(void **state)
{
	struct trc_histogram histogram = {0};

	for (uint64_t i = 1; i <= 100000; i++)
		trc_histogram_add(&histogram, i * 7919 % 100000);
	for (unsigned share = 1; share <= 100; share++) {
		uint64_t exact = share * 1000 - 1, there = trc_histogram_share(&histogram, share);

		assert_in_range(there, exact, exact + exact / 8 + 1);
	}
	assert_int_equal(trc_histogram_share(&histogram, 100), 99999);
	assert_true(histogram.count < 8 * 17);
	trc_histogram_clear(&histogram);
}

static void any_duration_has_a_step(void **state)
{
	struct trc_histogram histogram = {0};

	for (unsigned power = 0; power < 64; power++)
		trc_histogram_add(&histogram, UINT64_C(1) << power);
	trc_histogram_add(&histogram, UINT64_MAX);
	assert_int_equal(trc_histogram_share(&histogram, 100), UINT64_MAX);
	assert_int_equal(trc_histogram_share(&histogram, 1), 1);
	trc_histogram_clear(&histogram);
}

static void two_make_one(void **state)
{
	struct trc_histogram a = {0}, b = {0}, both = {0};

	for (uint64_t i = 0; i < 1000; i++) {
		trc_histogram_add(i % 3 ? &a : &b, i * i);
		trc_histogram_add(&both, i * i);
	}
	trc_histogram_merge(&a, &b);
	assert_int_equal(a.total, 1000);
	assert_int_equal(a.sum, both.sum);
	assert_int_equal(a.longest, 999 * 999);
	for (unsigned share = 1; share <= 100; share++)
		assert_int_equal(trc_histogram_share(&a, share), trc_histogram_share(&both, share));
	trc_histogram_clear(&a);
	trc_histogram_clear(&b);
	trc_histogram_clear(&both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_one_knows_nothing),
		cmocka_unit_test(small_durations_are_exact),
		cmocka_unit_test(shares_are_exact_to_an_eighth),
		cmocka_unit_test(any_duration_has_a_step),
		cmocka_unit_test(two_make_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
