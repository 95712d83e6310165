#include "tracer/cli/print.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static void colours_are_for_terminals(void **state)
{
	FILE *file = tmpfile();

	assert_non_null(file);
	assert_false(trc_has_color(file));
	fclose(file);
	assert_string_equal(trc_color(false, TRC_COLOR_RED), "");
	assert_string_equal(trc_color(true, TRC_COLOR_RED), "\033[31m");
	assert_string_equal(trc_color(true, TRC_COLOR_NONE), "\033[0m");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(colours_are_for_terminals),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
