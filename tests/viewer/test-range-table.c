#include "viewer/range-table.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

enum { NOW = 1000000 };

static void test_rows_by_pair_and_type(void **state)
{
	struct trv_range_table *table = trv_range_table_new();
	const struct trc_message_info messages[] = {
		{.sender = 1, .receiver = 2, .type = 1, .sent = 10, .received = 20},
		{.sender = 1, .receiver = 2, .type = 2, .sent = 10, .received = 20},
		{.sender = 2, .receiver = 1, .type = 1, .sent = 10},
		{.sender = 1, .receiver = 2, .type = 1, .sent = 100, .received = 400},
	};

	for (size_t i = 0; i < 4; i++)
		trv_range_table_add(table, &messages[i], NOW);
	assert_int_equal(trv_range_table_count(table), 3);
	assert_int_equal(trv_range_table_row(table, 0)->count, 2);
	assert_int_equal(trv_range_table_row(table, 0)->timed, 2);
	assert_int_equal(trv_range_table_row(table, 1)->type, 2);
	assert_int_equal(trv_range_percentile(trv_range_table_row(table, 2), 0.5), -1);
	trv_range_table_free(table);
}

static void test_asks_are_timed_to_their_reply(void **state)
{
	struct trv_range_table *table = trv_range_table_new();
	const struct trc_message_info messages[] = {
		{.token = 7, .space_since = 500, .sent = 1000, .received = 1100, .replied = 3000},
		{.token = 8, .sent = 2000, .received = 2100}, /* no reply so far */
	};
	const struct trv_range_row *row;

	trv_range_table_add(table, &messages[0], NOW);
	row = trv_range_table_row(table, 0);
	assert_true(row->asks);
	assert_int_equal(row->longest_wait, 2500); /* with the wait for space */
	assert_in_range(trv_range_percentile(row, 0.5), 2000 * 7 / 8, 2000 * 9 / 8);
	trv_range_table_add(table, &messages[1], NOW);
	assert_int_equal(row->unanswered, 1);
	assert_int_equal(row->timed, 1);
	assert_int_equal(row->longest_wait, NOW - 2000);
	trv_range_table_free(table);
}

/* At every scale, from nanoseconds to centuries. */
static void test_percentiles_are_right_to_an_eighth(void **state)
{
	for (uint64_t scale = 1; scale < UINT64_C(1) << 55; scale *= 3) {
		struct trv_range_table *table = trv_range_table_new();
		const struct trv_range_row *row;

		for (uint64_t i = 1; i <= 100; i++)
			trv_range_table_add(
				table,
				&(struct trc_message_info){.sent = 1, .received = 1 + i * scale},
				NOW);
		row = trv_range_table_row(table, 0);
		assert_in_range(trv_range_percentile(row, 0.5), 50 * scale - 50 * scale / 8,
				50 * scale + 50 * scale / 8);
		assert_in_range(trv_range_percentile(row, 0.99), 99 * scale - 99 * scale / 8,
				99 * scale + 99 * scale / 8);
		assert_true(trv_range_percentile(row, 0.5) <= trv_range_percentile(row, 0.99));
		trv_range_table_free(table);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows_by_pair_and_type),
		cmocka_unit_test(test_asks_are_timed_to_their_reply),
		cmocka_unit_test(test_percentiles_are_right_to_an_eighth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
