#include "viewer/timeline-layout.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct trc_span handler(uint64_t begin, uint64_t end)
{
	return (struct trc_span){.kind = TRC_SPAN_HANDLER, .begin = begin, .end = end};
}

static void test_narrow_spans_fold_and_are_counted(void **state)
{
	const struct trv_axis axis = {{0, 1000000}, 1000}; /* 1 µs a pixel */
	struct trc_span spans[1010];
	struct trv_box boxes[1010];
	size_t count, seen = 0;

	for (size_t i = 0; i < 1000; i++) /* crowded: ten a pixel */
		spans[i] = handler(100 * i, 100 * i + 50);
	spans[1000] = handler(500000, 600000); /* and one wide */
	spans[1001] = handler(700000, 700010); /* and one narrow, alone */
	count = trv_boxes_fold(&axis, spans, 1002, TRC_SPAN_HANDLER, 1000000, boxes);
	assert_int_equal(count, 3);
	assert_int_equal(boxes[0].folded, 1000);
	assert_true(boxes[0].x0 == 0 && boxes[0].x1 >= 99 && boxes[0].x1 <= 102);
	assert_int_equal(boxes[1].span, 1000);
	assert_true(boxes[1].x0 == 500 && boxes[1].x1 == 600);
	assert_int_equal(boxes[2].folded, 1);
	assert_true(boxes[2].x1 - boxes[2].x0 >= 1);
	for (size_t i = 0; i < count; i++)
		seen += boxes[i].folded;
	assert_int_equal(seen, 1002);
}

static void test_open_and_foreign_spans(void **state)
{
	const struct trv_axis axis = {{1000, 2000}, 100};
	struct trc_span spans[] = {
		handler(0, 500),          /* before */
		handler(900, UINT64_MAX), /* open */
		{.kind = TRC_SPAN_WAIT, .begin = 1100, .end = 1200},
		handler(5000, 6000), /* after */
	};
	struct trv_box boxes[4];

	assert_int_equal(trv_boxes_fold(&axis, spans, 4, TRC_SPAN_HANDLER, 1500, boxes), 1);
	assert_int_equal(boxes[0].span, 1);
	assert_true(boxes[0].x0 == 0 && boxes[0].x1 == 50);
	assert_int_equal(trv_boxes_fold(&axis, spans, 4, TRC_SPAN_WAIT, 1500, boxes), 1);
	assert_int_equal(boxes[0].span, 2);
}

static void test_pointing_at_boxes(void **state)
{
	const struct trv_box boxes[] = {{10, 20, 0, 1}, {22, 23, 1, 1}};

	assert_ptr_equal(trv_boxes_at(boxes, 2, 15, 0), &boxes[0]);
	assert_ptr_equal(trv_boxes_at(boxes, 2, 21.8, 3), &boxes[1]);
	assert_null(trv_boxes_at(boxes, 2, 21, 0));
	assert_null(trv_boxes_at(boxes, 2, 40, 3));
	assert_null(trv_boxes_at(boxes, 0, 15, 3));
}

static void test_lines_are_cut_to_the_screen(void **state)
{
	struct trv_line far_away = {-1e12, 50, 1e12, 50};
	struct trv_line outside = {10, -50, 90, -10};
	struct trv_line inside = {10, 10, 20, 20};
	struct trv_line corner = {-10, 50, 50, -10};
	struct trv_line point = {5, 5, 5, 5};

	assert_true(trv_line_clip(&far_away, 0, 0, 100, 100));
	assert_true(fabs(far_away.x0) < 1e-3 && fabs(far_away.x1 - 100) < 1e-3);
	assert_true(far_away.y0 == 50 && far_away.y1 == 50);
	assert_false(trv_line_clip(&outside, 0, 0, 100, 100));
	assert_true(trv_line_clip(&inside, 0, 0, 100, 100));
	assert_true(inside.x0 == 10 && inside.y1 == 20);
	assert_true(trv_line_clip(&corner, 0, 0, 100, 100));
	assert_true(fabs(corner.x0) < 1e-9 && fabs(corner.y0 - 40) < 1e-9);
	assert_true(trv_line_clip(&point, 0, 0, 100, 100));
}

static void test_distance(void **state)
{
	const struct trv_line line = {0, 0, 10, 0}, point = {3, 4, 3, 4};

	assert_true(trv_line_distance(&line, 5, 3) == 3);
	assert_true(trv_line_distance(&line, 13, 4) == 5);
	assert_true(trv_line_distance(&point, 0, 0) == 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_narrow_spans_fold_and_are_counted),
		cmocka_unit_test(test_open_and_foreign_spans),
		cmocka_unit_test(test_pointing_at_boxes),
		cmocka_unit_test(test_lines_are_cut_to_the_screen),
		cmocka_unit_test(test_distance),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
