#include "viewer/graph-moment.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static void test_rings_among_links(void **state)
{
	/* 1 -> 2 -> 3 -> 1, 4 leans on it, 5 waits for itself, 6 -> 7 leads nowhere. */
	const struct trv_link links[] = {{4, 2, 9}, {3, 1, 1}, {1, 2, 1},
					 {5, 5, 1}, {6, 7, 1}, {2, 3, 1}};
	struct trv_rings rings;

	trv_rings_find(links, 6, &rings);
	assert_int_equal(rings.count, 2);
	assert_int_equal(rings.items[0].count, 3);
	assert_int_equal(rings.items[0].actors[0], 1);
	assert_int_equal(rings.items[0].actors[1], 2);
	assert_int_equal(rings.items[0].actors[2], 3);
	assert_int_equal(rings.items[1].count, 1);
	assert_int_equal(rings.items[1].actors[0], 5);
	trv_rings_clear(&rings);
	trv_rings_find(NULL, 0, &rings);
	assert_int_equal(rings.count, 0);
	trv_rings_clear(&rings);
}

static void test_what_the_whole_trace_has_places_for_stays_there(void **state)
{
	const struct trv_link links[] = {{1, 2, 30}, {3, 2, 20}, {4, 5, 10}};
	struct trv_graph_layout whole, moment = {0};

	trv_graph_layout_build(NULL, 0, links, 3, &whole);
	assert_ptr_equal(trv_graph_choose(&whole, &moment, links + 1, 1, NULL, 0), &whole);
	assert_int_equal(moment.count, 0);
	trv_graph_layout_clear(&whole);
}

/* Before a trace has been searched there are no places for the whole of it. */
static void test_waits_of_the_moment_get_places(void **state)
{
	struct trv_graph_layout whole = {0}, moment = {0};
	struct trv_link links[200];
	const struct trv_graph_layout *shown;

	for (size_t i = 0; i < 200; i++)
		links[i] = (struct trv_link){1000 + i, 1 + i % 40, i};
	links[0] = (struct trv_link){1, 2, 1};
	links[1] = (struct trv_link){2, 1, 1};
	shown = trv_graph_choose(&whole, &moment, links, 200, links, 2);
	assert_ptr_equal(shown, &moment);
	assert_int_equal(shown->count, TRV_GRAPH_MAX);
	/* The ring, though it is young, and the longest wait. */
	assert_non_null(trv_graph_place(shown, 1));
	assert_non_null(trv_graph_place(shown, 2));
	assert_non_null(trv_graph_place(shown, 1199));
	assert_null(trv_graph_place(shown, 1002));
	trv_graph_layout_clear(&moment);
}

/* While the same ones wait, their places stay, though others wait for longer by then. */
static void test_places_stay_from_moment_to_moment(void **state)
{
	struct trv_link links[] = {{1, 2, 30}, {3, 2, 20}, {4, 5, 10}};
	struct trv_graph_layout whole = {0}, moment = {0};
	double x, y;

	trv_graph_choose(&whole, &moment, links, 3, NULL, 0);
	x = trv_graph_place(&moment, 4)->x;
	y = trv_graph_place(&moment, 4)->y;
	links[2].weight = 100;
	assert_ptr_equal(trv_graph_choose(&whole, &moment, links + 1, 2, NULL, 0), &moment);
	assert_true(trv_graph_place(&moment, 4)->x == x && trv_graph_place(&moment, 4)->y == y);
	links[0] = (struct trv_link){6, 7, 1};
	trv_graph_choose(&whole, &moment, links, 3, NULL, 0);
	assert_non_null(trv_graph_place(&moment, 6));
	assert_null(trv_graph_place(&moment, 1));
	trv_graph_layout_clear(&moment);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rings_among_links),
		cmocka_unit_test(test_what_the_whole_trace_has_places_for_stays_there),
		cmocka_unit_test(test_waits_of_the_moment_get_places),
		cmocka_unit_test(test_places_stay_from_moment_to_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
