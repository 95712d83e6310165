/*
 * test-metrics.c - whether text of any size has room where it is drawn, and things do not overlap
 */
#include "viewer/graph-layout.h"
#include "viewer/metrics.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

enum { LINE = 18, SMALL = 15, LARGEST = 90 };

static int restore(void **state)
{
	trv_metrics_set(LINE, SMALL);
	return 0;
}

static void check_lane(int line, int small)
{
	const struct trv_metrics *m = trv_metrics();

	/* the two lines of text beside the bars */
	assert_true(m->first - line / 2 >= 0);
	assert_true(m->first + line / 2 <= m->second - small / 2 + 1);
	assert_true(m->second + small / 2 < m->lane);
	/* from the top: logs, bars with their words, the mailbox */
	assert_true(m->log_top < m->bar_top);
	assert_true(m->bar >= small);
	assert_true(m->depth_top > m->bar_top + m->bar);
	assert_true(m->depth_top + m->depth < m->lane);
	/* other rows */
	assert_true(m->group > line);
	assert_true(m->band > small);
	assert_true(m->header >= 12 * small);
}

/* Also of fonts whose lines are high or low for their letters: both are told, neither is guessed.
 */
static void test_text_has_room(void **state)
{
	for (int line = 6; line <= LARGEST; line++) {
		for (int small = line / 2; small <= line; small++) {
			trv_metrics_set(line, small);
			check_lane(line, small);
		}
	}
}

static void test_all_grows_with_text(void **state)
{
	int lane = 0, header = 0;

	for (int percent = 100; percent <= 400; percent += 25) {
		trv_metrics_set(LINE * percent / 100, SMALL * percent / 100);
		assert_true(trv_metrics()->lane > lane);
		assert_true(trv_metrics()->header > header);
		lane = trv_metrics()->lane;
		header = trv_metrics()->header;
	}
}

static void test_usual_text_has_usual_sizes(void **state)
{
	assert_int_equal(trv_metrics()->lane, 50);
	assert_int_equal(trv_metrics()->header, 204);
	assert_int_equal(trv_px(26), 26);
	trv_metrics_set(2 * LINE, 2 * SMALL);
	assert_int_equal(trv_metrics()->lane, 100);
	assert_int_equal(trv_px(26), 52);
	trv_metrics_set(LINE / 2, SMALL / 2);
	assert_int_equal(trv_metrics()->lane, 50);
}

static void build(struct trv_graph_layout *layout)
{
	const uint64_t ring[] = {1, 2, 3};
	const struct trv_link links[] = {{4, 1, 10}, {5, 1, 9}, {6, 4, 8}};

	trv_graph_layout_build(&(struct trv_ring){ring, 3}, 1, links, 3, layout);
}

/* Nodes and labels are as much larger as text is; so they are as far from each other as before. */
static void test_graphs_grow_with_text(void **state)
{
	struct trv_graph_layout usual, large;

	build(&usual);
	trv_metrics_set(2 * LINE, 2 * SMALL);
	build(&large);
	assert_int_equal(usual.count, large.count);
	for (size_t i = 0; i < usual.count; i++) {
		assert_true(fabs(large.places[i].x - 2 * usual.places[i].x) < 1e-6);
		assert_true(fabs(large.places[i].y - 2 * usual.places[i].y) < 1e-6);
	}
	assert_true(fabs(large.components[0].x1 - 2 * usual.components[0].x1) < 1e-6);
	trv_graph_layout_clear(&usual);
	trv_graph_layout_clear(&large);
}

#define METRICS_TEST(function) cmocka_unit_test_setup_teardown(function, restore, restore)

int main(void)
{
	const struct CMUnitTest tests[] = {
		METRICS_TEST(test_text_has_room),
		METRICS_TEST(test_all_grows_with_text),
		METRICS_TEST(test_usual_text_has_usual_sizes),
		METRICS_TEST(test_graphs_grow_with_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
