#include "viewer/label-place.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static const struct trv_pill left = {0, 0, 40, 18}, right = {300, 0, 40, 18};

static double middle(const struct trv_box2 *box)
{
	return (box->x0 + box->x1) / 2;
}

static void test_in_the_middle_when_it_is_free(void **state)
{
	struct trv_curve curve = trv_curve_between(&left, &right, 0);
	struct trv_taken taken = {0};
	struct trv_box2 box;

	assert_true(trv_label_place(&taken, &curve, 60, 18, &box));
	assert_true(fabs(middle(&box) - 150) < 0.01);
	assert_true(fabs(box.x1 - box.x0 - 60) < 0.01 && fabs(box.y1 - box.y0 - 18) < 0.01);
	trv_taken_clear(&taken);
}

static void test_beside_what_stands_in_the_middle(void **state)
{
	struct trv_curve curve = trv_curve_between(&left, &right, 0);
	struct trv_taken taken = {0};
	struct trv_box2 first, second, third;

	assert_true(trv_label_place(&taken, &curve, 60, 18, &first));
	assert_true(trv_label_place(&taken, &curve, 60, 18, &second));
	assert_true(second.x1 <= first.x0 || second.x0 >= first.x1);
	assert_true(fabs(middle(&second) - middle(&first)) < 80); /* no further than it must */
	assert_true(trv_label_place(&taken, &curve, 60, 18, &third));
	assert_true(third.x1 <= first.x0 || third.x0 >= first.x1);
	assert_true(third.x1 <= second.x0 || third.x0 >= second.x1);
	trv_taken_clear(&taken);
}

static void test_nowhere_when_all_is_taken(void **state)
{
	struct trv_curve curve = trv_curve_between(&left, &right, 0);
	struct trv_taken taken = {0};
	struct trv_box2 box = {1, 2, 3, 4};

	trv_taken_add(&taken, (struct trv_box2){-1000, -5, 1000, 5});
	assert_false(trv_label_place(&taken, &curve, 60, 18, &box));
	assert_true(box.x0 == 1); /* untouched */
	assert_int_equal(taken.count, 1);
	trv_taken_clear(&taken);
}

static void test_fans_of_many_edges_keep_apart(void **state)
{
	struct trv_taken taken = {0};
	struct trv_box2 boxes[6];

	for (int i = 0; i < 6; i++) {
		struct trv_pill tail = {-224, -120 + 48 * i, 58, 18};
		struct trv_curve curve = trv_curve_between(&tail, &left, 0);

		assert_true(trv_label_place(&taken, &curve, 50, 18, &boxes[i]));
		for (int k = 0; k < i; k++)
			assert_true(boxes[i].y0 >= boxes[k].y1 || boxes[i].x0 >= boxes[k].x1 ||
				    boxes[i].x1 <= boxes[k].x0);
	}
	trv_taken_clear(&taken);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_the_middle_when_it_is_free),
		cmocka_unit_test(test_beside_what_stands_in_the_middle),
		cmocka_unit_test(test_nowhere_when_all_is_taken),
		cmocka_unit_test(test_fans_of_many_edges_keep_apart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
