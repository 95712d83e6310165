/* The switch keeps what a function may expect to find again after a call. */
#include "runtime/context.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <fenv.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { STACK = 64 * 1024, ROUNDS = 1000 };

static struct act__context main_context, other_context;
static uint64_t other_sum;
static int other_rounding;

/* So many values that they fill the registers and spill. */
static uint64_t mix(uint64_t seed, struct act__context *from, struct act__context *to)
{
	uint64_t a = seed, b = seed * 3, c = seed * 5, d = seed * 7, e = seed * 11, f = seed * 13;
	double x = (double)seed, y = x * 2, z = x * 4;

	for (int i = 0; i < ROUNDS; i++) {
		a += b ^ c;
		b += c ^ d;
		c += d ^ e;
		d += e ^ f;
		e += f ^ a;
		f += a ^ (uint64_t)i;
		x = x * 0.5 + y;
		y = y * 0.25 + z;
		z = z * 0.125 + 1;
		if (to)
			act__context_switch(from, to);
	}
	return a ^ b ^ c ^ d ^ e ^ f ^ (uint64_t)(x * 1000) ^ (uint64_t)(y * 1000) ^
	       (uint64_t)(z * 1000);
}

static void other_main(void *argument)
{
	assert_ptr_equal(argument, &other_sum);
	assert_int_equal((uintptr_t)__builtin_frame_address(0) % 16, 0);
	other_rounding = fegetround();
	fesetround(FE_UPWARD);
	other_sum = mix(2, &other_context, &main_context);
	for (;;)
		act__context_switch(&other_context, &main_context);
}

static void test_registers_survive_the_switch(void **state)
{
	void *stack = malloc(STACK);
	uint64_t sum;

	assert_non_null(stack);
	act__context_make(&other_context, stack, STACK, other_main, &other_sum);
	act__context_switch(&main_context, &other_context);
	sum = mix(1, &main_context, &other_context);
	act__context_switch(&main_context, &other_context);
	assert_int_equal(sum, mix(1, NULL, NULL));
	assert_int_not_equal(other_sum, 0);
	/* Each has its own way of rounding. */
	assert_int_equal(other_rounding, FE_TONEAREST);
	assert_int_equal(fegetround(), FE_TONEAREST);
	fesetround(FE_UPWARD);
	assert_int_equal(other_sum, mix(2, NULL, NULL));
	fesetround(FE_TONEAREST);
	free(stack);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_registers_survive_the_switch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
