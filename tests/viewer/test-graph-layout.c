#include "viewer/graph-layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static double distance(const struct trv_place *a, const struct trv_place *b)
{
	return hypot(a->x - b->x, a->y - b->y);
}

/* No two nodes, at most 150 by 36, may lie upon each other. */
static void assert_apart(const struct trv_graph_layout *layout)
{
	for (size_t i = 0; i < layout->count; i++) {
		for (size_t k = i + 1; k < layout->count; k++) {
			const struct trv_place *a = &layout->places[i], *b = &layout->places[k];

			assert_true(fabs(a->y - b->y) >= 40 || fabs(a->x - b->x) >= 150);
		}
	}
}

static void test_nothing(void **state)
{
	struct trv_graph_layout layout;

	trv_graph_layout_build(NULL, 0, NULL, 0, &layout);
	assert_int_equal(layout.count, 0);
	assert_int_equal(layout.component_count, 0);
	assert_null(trv_graph_place(&layout, 1));
	trv_graph_layout_clear(&layout);
}

static void test_two_in_a_ring_lie_side_by_side(void **state)
{
	const uint64_t actors[] = {7, 3};
	const struct trv_ring ring = {actors, 2};
	struct trv_graph_layout layout;

	trv_graph_layout_build(&ring, 1, NULL, 0, &layout);
	assert_int_equal(layout.count, 2);
	assert_true(fabs(trv_graph_place(&layout, 7)->y - trv_graph_place(&layout, 3)->y) < 0.01);
	assert_true(trv_graph_place(&layout, 7)->x < trv_graph_place(&layout, 3)->x - 150);
	trv_graph_layout_clear(&layout);
}

static void test_ring_is_round(void **state)
{
	const uint64_t actors[] = {1, 2, 3, 4, 5, 6};
	const struct trv_ring ring = {actors, 6};
	struct trv_graph_layout layout;
	double first = 0;

	trv_graph_layout_build(&ring, 1, NULL, 0, &layout);
	assert_int_equal(layout.count, 6);
	for (size_t i = 0; i < 3; i++) { /* opposite members are as far apart, up to the stretch */
		double d = distance(trv_graph_place(&layout, actors[i]),
				    trv_graph_place(&layout, actors[i + 3]));

		first = first > 0 ? first : d;
		assert_true(d > first * 0.38 && d < first * 2.6);
	}
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

static void test_trees_lean_outside_the_ring(void **state)
{
	const uint64_t actors[] = {1, 2};
	const struct trv_ring ring = {actors, 2};
	struct trv_link links[] = {{1, 2, 90}, {2, 1, 80}, {3, 1, 50}, {4, 1, 40}, {5, 3, 30}};
	struct trv_graph_layout layout;
	const struct trv_place *one, *two, *three, *five;

	trv_graph_layout_build(&ring, 1, links, 5, &layout);
	assert_int_equal(layout.count, 5);
	assert_int_equal(layout.component_count, 1);
	one = trv_graph_place(&layout, 1);
	two = trv_graph_place(&layout, 2);
	three = trv_graph_place(&layout, 3);
	five = trv_graph_place(&layout, 5);
	assert_true(three->x < one->x && one->x < two->x);
	assert_true(distance(five, two) > distance(three, two));
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

/* Those who wait for one stand in a column, each on a line of its own, so that no two edges lie on
 * one another and every label has room. */
static void test_many_who_wait_for_one_stand_in_a_column(void **state)
{
	const uint64_t actors[] = {1, 2};
	const struct trv_ring ring = {actors, 2};
	struct trv_link links[] = {{3, 1, 50}, {4, 1, 40}, {5, 1, 30}, {6, 1, 20}, {7, 2, 10}};
	struct trv_graph_layout layout;
	double sum = 0;

	trv_graph_layout_build(&ring, 1, links, 5, &layout);
	for (uint64_t i = 3; i <= 6; i++) {
		assert_true(trv_graph_place(&layout, i)->x == trv_graph_place(&layout, 3)->x);
		sum += trv_graph_place(&layout, i)->y;
	}
	assert_true(fabs(sum / 4 - trv_graph_place(&layout, 1)->y) < 0.01);
	assert_true(trv_graph_place(&layout, 3)->x < trv_graph_place(&layout, 1)->x - 190);
	assert_true(trv_graph_place(&layout, 7)->x > trv_graph_place(&layout, 2)->x + 190);
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

/* Without a ring, both sides of the one they wait for are used. */
static void test_lonely_root_has_them_on_both_sides(void **state)
{
	struct trv_link links[] = {{2, 1, 50}, {3, 1, 40}, {4, 1, 30}, {5, 1, 20}};
	struct trv_graph_layout layout;
	unsigned left = 0, right = 0;

	trv_graph_layout_build(NULL, 0, links, 4, &layout);
	for (uint64_t i = 2; i <= 5; i++) {
		left += trv_graph_place(&layout, i)->x < trv_graph_place(&layout, 1)->x;
		right += trv_graph_place(&layout, i)->x > trv_graph_place(&layout, 1)->x;
	}
	assert_int_equal(left, 2);
	assert_int_equal(right, 2);
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

static void test_circles_of_links_need_no_ring(void **state)
{
	struct trv_link links[] = {{1, 2, 9}, {2, 3, 8}, {3, 1, 7}, {1, 1, 6}};
	struct trv_graph_layout layout;

	trv_graph_layout_build(NULL, 0, links, 4, &layout);
	assert_int_equal(layout.count, 3);
	assert_int_equal(layout.component_count, 1);
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

static void test_order_of_links_does_not_matter(void **state)
{
	struct trv_link links[] = {{1, 2, 9}, {3, 2, 9}, {4, 2, 2}, {5, 6, 1}};
	struct trv_link turned[] = {{5, 6, 1}, {4, 2, 2}, {3, 2, 9}, {1, 2, 9}};
	struct trv_graph_layout a, b;

	trv_graph_layout_build(NULL, 0, links, 4, &a);
	trv_graph_layout_build(NULL, 0, turned, 4, &b);
	assert_int_equal(a.count, 6);
	assert_int_equal(a.component_count, 2);
	assert_int_equal(a.count, b.count);
	assert_memory_equal(a.places, b.places, a.count * sizeof a.places[0]);
	assert_apart(&a);
	trv_graph_layout_clear(&a);
	trv_graph_layout_clear(&b);
}

static void test_crowds_are_limited(void **state)
{
	struct trv_link *links = calloc(1000, sizeof *links);
	struct trv_graph_layout layout;

	for (size_t i = 0; i < 1000; i++)
		links[i] = (struct trv_link){10 + i, 1 + i % 3, 1000 - i};
	trv_graph_layout_build(NULL, 0, links, 1000, &layout);
	assert_int_equal(layout.count, 3 + 3 * TRV_GRAPH_CHILDREN);
	assert_non_null(trv_graph_place(&layout, 10)); /* the longest wait is there */
	assert_null(trv_graph_place(&layout, 900));
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
	free(links);
}

static void test_chain_of_many(void **state)
{
	struct trv_link links[200];
	struct trv_graph_layout layout;

	for (size_t i = 0; i < 200; i++)
		links[i] = (struct trv_link){i + 1, i + 2, 1000 - i};
	trv_graph_layout_build(NULL, 0, links, 200, &layout);
	assert_int_equal(layout.count, TRV_GRAPH_MAX);
	assert_apart(&layout);
	trv_graph_layout_clear(&layout);
}

static void test_curves_start_and_end_at_the_borders(void **state)
{
	const struct trv_pill a = {0, 0, 40, 15}, b = {200, 0, 40, 15};
	struct trv_curve there = trv_curve_between(&a, &b, 20);
	struct trv_curve back = trv_curve_between(&b, &a, 20);
	struct trv_curve loop = trv_curve_between(&a, &a, 20);
	double x, y;

	assert_true(there.x0 > 0 && there.x0 <= 40 && there.x1 >= 160 && there.x1 < 200);
	trv_curve_point(&there, 0.5, &x, &y);
	assert_true(y < 0);
	assert_true(trv_curve_distance(&there, x, y) < 4);
	trv_curve_point(&back, 0.5, &x, &y);
	assert_true(y > 0); /* they bend to different sides */
	assert_true(trv_curve_distance(&there, x, y) > 15);
	trv_curve_point(&loop, 0.5, &x, &y);
	assert_true(y < -15 && loop.x0 < loop.x1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_two_in_a_ring_lie_side_by_side),
		cmocka_unit_test(test_ring_is_round),
		cmocka_unit_test(test_trees_lean_outside_the_ring),
		cmocka_unit_test(test_many_who_wait_for_one_stand_in_a_column),
		cmocka_unit_test(test_lonely_root_has_them_on_both_sides),
		cmocka_unit_test(test_circles_of_links_need_no_ring),
		cmocka_unit_test(test_order_of_links_does_not_matter),
		cmocka_unit_test(test_crowds_are_limited),
		cmocka_unit_test(test_chain_of_many),
		cmocka_unit_test(test_curves_start_and_end_at_the_borders),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
