#include "tracer/model/table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

static void finds_what_was_put_and_not_what_was_taken(void **state)
{
	enum { KEYS = 5000, ROUNDS = 200000 };
	static uintptr_t expected[KEYS];
	struct trc_table table = {0};
	size_t count = 0, place = 0, seen = 0;

	srand(1);
	for (int i = 0; i < ROUNDS; i++) {
		size_t key = 1 + (size_t)rand() % (KEYS - 1);

		if (rand() % 2) {
			count += expected[key] == 0;
			expected[key] = (uintptr_t)i + 1;
			trc_table_put(&table, key, (void *)expected[key]);
		} else {
			uintptr_t taken = (uintptr_t)trc_table_take(&table, key);

			assert_int_equal(taken, expected[key]);
			count -= expected[key] != 0;
			expected[key] = 0;
		}
		assert_int_equal(table.count, count);
	}
	for (size_t key = 1; key < KEYS; key++)
		assert_int_equal((uintptr_t)trc_table_find(&table, key), expected[key]);
	while (trc_table_next(&table, &place))
		seen++;
	assert_int_equal(seen, count);
	trc_table_clear(&table);
}

static void is_empty_at_first(void **state)
{
	struct trc_table table = {0};
	size_t place = 0;

	assert_null(trc_table_find(&table, 7));
	assert_null(trc_table_take(&table, 7));
	assert_null(trc_table_next(&table, &place));
	trc_table_clear(&table);
}

static void key_zero_is_never_there(void **state)
{
	struct trc_table table = {0};

	trc_table_put(&table, 1, &table);
	assert_null(trc_table_find(&table, 0));
	assert_null(trc_table_take(&table, 0));
	assert_ptr_equal(trc_table_find(&table, 1), &table);
	trc_table_clear(&table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_what_was_put_and_not_what_was_taken),
		cmocka_unit_test(is_empty_at_first),
		cmocka_unit_test(key_zero_is_never_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
