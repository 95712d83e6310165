#include "viewer/rows.h"

#include "tests/viewer/system-builder.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void apply(const struct trc_event *event, void *context)
{
	trc_model_apply(context, event);
}

/* Room 1, connections 2 (ann), 3 (bob), 5 (cleo), socket 4. */
static int set_up(void **state)
{
	struct trc_model *model = trc_model_new();
	struct builder builder = {.sink = apply, .context = model};

	build_chat(&builder, 1, false);
	*state = model;
	return 0;
}

static int tear_down(void **state)
{
	trc_model_free(*state);
	return 0;
}

/* Actors of the rows from the top; a group is 1000 and its key, folded ones 2000. */
static void assert_rows(const struct trc_model *model, const struct trv_arrangement *arrangement,
			const uint64_t *expected, size_t count)
{
	struct trv_rows rows;
	double y = 0;

	trv_rows_arrange(model, arrangement, &rows);
	assert_int_equal(rows.count, count);
	for (size_t i = 0; i < count; i++) {
		const struct trv_row *row = &rows.items[i];
		uint64_t what = row->actor ? row->actor : row->group + (row->folded ? 2000 : 1000);

		assert_int_equal(what, expected[i]);
		assert_true(row->y == y);
		assert_int_equal(trv_rows_at(&rows, y), i);
		y += trv_row_height(row);
		assert_int_equal(trv_rows_at(&rows, y - 0.5), i);
	}
	assert_true(rows.height == y);
	assert_int_equal(trv_rows_at(&rows, y), -1);
	assert_int_equal(trv_rows_at(&rows, -1), -1);
	trv_rows_clear(&rows);
}

#define ROWS(...) (uint64_t[]){__VA_ARGS__}, sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t)
#define LIST(...)                                                                  \
	{                                                                          \
		sizeof((uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t), (uint64_t[]) \
		{                                                                  \
			__VA_ARGS__                                                \
		}                                                                  \
	}

static void test_focus_then_kind_by_kind_then_sockets(void **state)
{
	struct trv_arrangement plain = {0};
	/* repeated and unknown actors in the focus do no harm */
	struct trv_arrangement focused = {.focus = LIST(3, 77, 1, 3)};

	assert_rows(*state, &plain, ROWS(1, 2, 3, 5, 4));
	assert_rows(*state, &focused, ROWS(3, 1, 2, 5, 4));
}

static void test_no_actors_no_rows(void **state)
{
	struct trc_model *model = trc_model_new();
	struct trv_arrangement plain = {.grouping = TRV_GROUP_KIND};
	struct trv_rows rows;

	trv_rows_arrange(model, &plain, &rows);
	assert_int_equal(rows.count, 0);
	assert_int_equal(trv_rows_at(&rows, 0), -1);
	trv_rows_clear(&rows);
	trc_model_free(model);
}

static void test_groups_have_headings(void **state)
{
	const uint64_t connections = 1000 + KIND_CONNECTION + 1, sockets = 1000 + KIND_WS + 1;
	struct trv_arrangement kinds = {.grouping = TRV_GROUP_KIND};
	struct trv_arrangement focused = {.grouping = TRV_GROUP_KIND, .focus = LIST(3)};

	/* the room is the only one of its kind and needs no heading; the sockets get theirs */
	assert_rows(*state, &kinds, ROWS(1, connections, 2, 3, 5, sockets, 4));
	assert_rows(*state, &focused, ROWS(3, 1, connections, 2, 5, sockets, 4));
}

static void test_a_folded_group_is_one_row(void **state)
{
	struct trv_arrangement folded = {
		.grouping = TRV_GROUP_KIND,
		.folded = LIST(KIND_CONNECTION + 1),
	};
	struct trv_rows rows;

	trv_rows_arrange(*state, &folded, &rows);
	assert_int_equal(rows.count, 4);
	assert_true(rows.items[1].folded);
	assert_int_equal(rows.items[1].count, 3);
	assert_memory_equal(&rows.members[rows.items[1].first], ((uint64_t[]){2, 3, 5}),
			    3 * sizeof(uint64_t));
	assert_int_equal(rows.member_count, 5);
	assert_string_equal(trv_group_name(*state, TRV_GROUP_KIND, rows.items[1].group),
			    "connection");
	trv_rows_clear(&rows);
}

static void test_hidden_ones_are_counted_and_pins_and_focus_win(void **state)
{
	struct trv_arrangement hidden = {.hidden = LIST(2, 3, 5), .pinned = LIST(5)};
	struct trv_rows rows;

	trv_rows_arrange(*state, &hidden, &rows);
	assert_int_equal(rows.hidden, 2);
	assert_int_equal(rows.count, 3);
	assert_int_equal(rows.items[0].actor, 5);
	assert_true(rows.items[0].pinned);
	trv_rows_clear(&rows);
	hidden.focus = (struct trv_actors)LIST(3);
	assert_rows(*state, &hidden, ROWS(3, 5, 1, 4));
}

static void test_sorts_by_what_actors_did(void **state)
{
	const struct trv_total totals[] = {{1, 5, 100, 3}, {3, 90, 7, 9}, {5, 30, 70, 4}};
	struct trv_arrangement by = {.total_count = 3, .totals = totals};

	by.sorting = TRV_SORT_WAIT;
	assert_rows(*state, &by, ROWS(3, 5, 1, 4, 2));
	by.sorting = TRV_SORT_TRAFFIC;
	assert_rows(*state, &by, ROWS(1, 5, 3, 4, 2));
	by.sorting = TRV_SORT_DEPTH;
	assert_rows(*state, &by, ROWS(3, 5, 1, 4, 2));
	by.sorting = TRV_SORT_NAME;
	assert_rows(*state, &by, ROWS(2, 3, 5, 1, 4)); /* ann bob cleo lounge ws-4 */
}

static void test_groups_sort_by_their_best(void **state)
{
	const struct trv_total totals[] = {{1, 5, 0, 0}, {3, 90, 0, 0}, {4, 50, 0, 0}};
	struct trv_arrangement by = {.grouping = TRV_GROUP_PARENT,
				     .sorting = TRV_SORT_WAIT,
				     .total_count = 3,
				     .totals = totals};
	struct trv_rows rows;

	trv_rows_arrange(*state, &by, &rows);
	/* all that have one parent: its longest waiter first */
	for (size_t i = 0; i < rows.count; i++) {
		if (rows.items[i].actor == 0) {
			assert_true(i + 1 < rows.count);
			assert_int_equal(rows.items[i + 1].group, rows.items[i].group);
		}
	}
	assert_true(rows.count >= 5);
	trv_rows_clear(&rows);
}

static void test_by_hand(void **state)
{
	struct trv_arrangement by = {.sorting = TRV_SORT_HAND, .by_hand = LIST(5, 4, 1, 99)};

	/* those without a place come last, as they began */
	assert_rows(*state, &by, ROWS(5, 4, 1, 2, 3));
}

static void test_names_of_choices_come_back(void **state)
{
	for (int i = 0; i < TRV_GROUPINGS; i++)
		assert_int_equal(trv_grouping_parse(trv_grouping_name((enum trv_grouping)i)), i);
	for (int i = 0; i < TRV_SORTINGS; i++)
		assert_int_equal(trv_sorting_parse(trv_sorting_name((enum trv_sorting)i)), i);
	assert_int_equal(trv_sorting_parse("colour"), -1);
}

static void test_socket_kinds(void **state)
{
	assert_true(trv_kind_is_socket("ws"));
	assert_true(trv_kind_is_socket("tcp-listener"));
	assert_true(trv_kind_is_socket("tcp.connection"));
	assert_false(trv_kind_is_socket("wsop"));
	assert_false(trv_kind_is_socket("room"));
	assert_false(trv_kind_is_socket(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_focus_then_kind_by_kind_then_sockets, set_up,
						tear_down),
		cmocka_unit_test(test_no_actors_no_rows),
		cmocka_unit_test_setup_teardown(test_groups_have_headings, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_a_folded_group_is_one_row, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_hidden_ones_are_counted_and_pins_and_focus_win,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_sorts_by_what_actors_did, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_groups_sort_by_their_best, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_by_hand, set_up, tear_down),
		cmocka_unit_test(test_names_of_choices_come_back),
		cmocka_unit_test(test_socket_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
