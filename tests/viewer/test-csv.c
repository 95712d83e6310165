#include "viewer/csv.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const char *cell(const GPtrArray *lines, guint line, guint column)
{
	const GPtrArray *cells;

	assert_true(line < lines->len);
	cells = g_ptr_array_index(lines, line);
	assert_true(column < cells->len);
	return g_ptr_array_index(cells, column);
}

static void test_quotes_commas_and_line_ends(void **state)
{
	gboolean more;
	g_autoptr(GPtrArray) lines = trv_csv_parse("a,b\r\n1,\"x, \"\"y\"\"\nz\"\n,\n", 10, &more);

	assert_int_equal(lines->len, 3);
	assert_false(more);
	assert_string_equal(cell(lines, 0, 1), "b");
	assert_string_equal(cell(lines, 1, 1), "x, \"y\"\nz");
	assert_string_equal(cell(lines, 2, 0), "");
	assert_string_equal(cell(lines, 2, 1), "");
}

static void test_no_more_lines_than_wanted(void **state)
{
	gboolean more;
	g_autoptr(GPtrArray) lines = trv_csv_parse("a\nb\nc\n", 2, &more);

	assert_int_equal(lines->len, 2);
	assert_true(more);
}

static void test_what_is_broken_ends(void **state)
{
	gboolean more;
	g_autoptr(GPtrArray) open = trv_csv_parse("\"never closed", 9, &more);
	g_autoptr(GPtrArray) bytes = trv_csv_parse("\xff\xfe", 9, &more);
	g_autoptr(GPtrArray) nothing = trv_csv_parse("", 9, &more);

	assert_string_equal(cell(open, 0, 0), "never closed");
	assert_true(g_utf8_validate(cell(bytes, 0, 0), -1, NULL));
	assert_int_equal(nothing->len, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_quotes_commas_and_line_ends),
		cmocka_unit_test(test_no_more_lines_than_wanted),
		cmocka_unit_test(test_what_is_broken_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
