/*
 * What two trails have in common.
 */
#include "tracer/compare/trail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct trc__trail a, b;
static char pairs[512];
static size_t pair_count;
static uint64_t last_a, last_b;

static void found(uint64_t time_a, uint64_t time_b, void *context)
{
	/* letters come at times 10, 20, ...; in B at 11, 21, ... */
	if (context)
		pairs[pair_count] = ((const char *)context)[time_a / 10 - 1];
	pair_count++;
	assert_true(time_a > last_a && time_b > last_b);
	last_a = time_a;
	last_b = time_b;
}

static const char *match(const char *in_a, const char *in_b)
{
	trc__trail_init(&a, 1, 1000);
	trc__trail_init(&b, 1, 1000);
	for (size_t i = 0; in_a[i]; i++)
		trc__trail_add(&a, 0, (uint64_t)in_a[i], (i + 1) * 10);
	for (size_t i = 0; in_b[i]; i++)
		trc__trail_add(&b, 0, (uint64_t)in_b[i], (i + 1) * 10 + 1);
	memset(pairs, 0, sizeof pairs);
	pair_count = last_a = last_b = 0;
	trc__trail_match(&a, &b, 0, found, (void *)in_a);
	trc__trail_clear(&a);
	trc__trail_clear(&b);
	return pairs;
}

static void what_occurs_once_in_both_is_paired_in_order(void **state)
{
	assert_string_equal(match("abcdef", "abcdef"), "abcdef");
	assert_string_equal(match("abcdef", "xbcyef"), "bcef");
	assert_string_equal(match("bacdef", "abcdef"), "acdef");
	assert_string_equal(match("abcxyz", "xyzabc"), "xyz");
	assert_string_equal(match("abca", "abca"), "bc"); /* which a would it be? */
	assert_string_equal(match("abc", "def"), "");
	assert_string_equal(match("", "def"), "");
	assert_string_equal(match("abc", ""), "");
}

/* However few are remembered, they are the same in both. */
static void long_trails_choose_the_same_steps(void **state)
{
	static const size_t limits[] = {100, 7, 1, 0};

	for (size_t k = 0; k < sizeof limits / sizeof limits[0]; k++) {
		uint64_t lot = 88172645463325252u;

		trc__trail_init(&a, 2, limits[k]);
		trc__trail_init(&b, 2, 3 * limits[k]);
		for (uint64_t i = 1; i < 5000; i++) {
			lot ^= lot << 13;
			lot ^= lot >> 7;
			lot ^= lot << 17;
			trc__trail_add(&a, i % 2, lot, i * 10);
			trc__trail_add(&b, i % 2, lot, i * 10 + 1);
			assert_true(a.total <= limits[k]);
		}
		pair_count = last_a = last_b = 0;
		trc__trail_match(&a, &b, 1, found, NULL);
		assert_int_equal(pair_count, a.rows[1].count);
		assert_true(limits[k] < 100 || pair_count > 10);
		trc__trail_clear(&a);
		trc__trail_clear(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_occurs_once_in_both_is_paired_in_order),
		cmocka_unit_test(long_trails_choose_the_same_steps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
