/*
 * Marks of steps, and the times that belong together by them.
 */
#include "tracer/compare/milestones.h"
#include "tracer/compare/moments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <cmocka.h>

static void few_marks_are_all_kept(void **state)
{
	struct trc__milestones marks;

	trc__milestones_init(&marks, 2, 100);
	for (uint64_t i = 0; i < 40; i++)
		trc__milestones_add(&marks, i % 2, i / 2, 1000 + i);
	assert_int_equal(marks.distance, 1);
	assert_int_equal(marks.rows[1].count, 20);
	assert_int_equal(marks.rows[1].items[3], 1007);
	trc__milestones_clear(&marks);
}

/* A mark is its step's number here, so that it can be seen where it stands. */
static void many_marks_stand_at_multiples_of_their_distance(void **state)
{
	struct trc__milestones marks;
	uint64_t numbers[3] = {0};

	trc__milestones_init(&marks, 3, 50);
	srand(3);
	for (int i = 0; i < 5000; i++) {
		size_t row = (size_t)(rand() % 6 > 4 ? rand() % 2 : 2);

		trc__milestones_add(&marks, row, numbers[row], numbers[row]);
		numbers[row]++;
		assert_true(marks.total <= 50);
	}
	assert_true(marks.distance >= 64);
	for (size_t row = 0; row < 3; row++) {
		assert_int_equal(marks.rows[row].count, numbers[row] / marks.distance);
		for (size_t i = 0; i < marks.rows[row].count; i++)
			assert_int_equal(marks.rows[row].items[i], (i + 1) * marks.distance - 1);
	}
	trc__milestones_clear(&marks);
}

static void distances_become_the_same(void **state)
{
	struct trc__milestones a, b;

	trc__milestones_init(&a, 1, 8);
	trc__milestones_init(&b, 1, 100);
	for (uint64_t i = 0; i < 64; i++) {
		trc__milestones_add(&a, 0, i, i);
		trc__milestones_add(&b, 0, i, i);
	}
	assert_int_equal(a.distance, 8);
	trc__milestones_align(&a, &b);
	assert_int_equal(b.distance, 8);
	assert_int_equal(a.rows[0].count, b.rows[0].count);
	assert_memory_equal(a.rows[0].items, b.rows[0].items, 8 * a.rows[0].count);
	trc__milestones_clear(&a);
	trc__milestones_clear(&b);
}

/* Two actors; in B the second one is quick and comes before the first. */
static void times_follow_the_steps(void **state)
{
	static const uint64_t steps[2][2][3] = {{{10, 20, 30}, {110, 200, 310}},
						{{15, 25, 35}, {101, 102, 103}}};
	struct trc__milestones times[TRC_RUNS];
	struct trc__moments moments;
	uint64_t other, before = 0;

	for (int run = 0; run < TRC_RUNS; run++) {
		trc__milestones_init(&times[run], 2, 100);
		for (size_t row = 0; row < 2; row++)
			for (uint64_t i = 0; i < 3; i++)
				trc__milestones_add(&times[run], row, i, steps[row][run][i]);
	}
	trc__moments_init(&moments, times);
	assert_int_equal(moments.count, 6);
	/* as the last step of anybody, and as much later, but never up to the next one */
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 5), 5);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 10), 110);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 12), 112);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 15), 101);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 40), 108);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_B, 102), 25);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_B, 199), 20 - 1);
	/* of one actor */
	assert_false(trc__moments_time_of(times, 0, TRC_RUN_A, 9, &other));
	assert_true(trc__moments_time_of(times, 0, TRC_RUN_A, 25, &other));
	assert_int_equal(other, 205);
	assert_true(trc__moments_time_of(times, 1, TRC_RUN_A, 26, &other));
	assert_int_equal(other, 102);
	/* what was reached never goes back */
	for (uint64_t time = 0; time < 60; time++) {
		uint64_t reached = trc__moments_reach(&moments, TRC_RUN_A, time);

		assert_true(reached >= before);
		before = reached;
	}
	assert_int_equal(trc__moments_reach(&moments, TRC_RUN_A, 5), 55);
	assert_int_equal(trc__moments_reach(&moments, TRC_RUN_A, 30), 310);
	assert_int_equal(trc__moments_reach(&moments, TRC_RUN_A, 40), 315);
	trc__moments_clear(&moments);
	trc__milestones_clear(&times[0]);
	trc__milestones_clear(&times[1]);
}

static void without_moments_times_are_the_same(void **state)
{
	struct trc__milestones times[TRC_RUNS];
	struct trc__moments moments;

	trc__milestones_init(&times[0], 0, 100);
	trc__milestones_init(&times[1], 0, 100);
	trc__moments_init(&moments, times);
	assert_int_equal(trc__moments_time(&moments, TRC_RUN_A, 77), 77);
	assert_int_equal(trc__moments_reach(&moments, TRC_RUN_B, 77), 77);
	trc__moments_clear(&moments);
	trc__milestones_clear(&times[0]);
	trc__milestones_clear(&times[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_marks_are_all_kept),
		cmocka_unit_test(many_marks_stand_at_multiples_of_their_distance),
		cmocka_unit_test(distances_become_the_same),
		cmocka_unit_test(times_follow_the_steps),
		cmocka_unit_test(without_moments_times_are_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
