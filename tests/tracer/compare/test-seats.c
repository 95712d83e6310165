/*
 * Which actor of one run is which of the other.
 */
#include "tests/support/trace-builder.h"
#include "tracer/compare/seats.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

static struct tb a, b;
static struct trc__seats seats;

static int begin(void **state)
{
	tb_init(&a);
	tb_init(&b);
	return 0;
}

static int end(void **state)
{
	trc__seats_clear(&seats);
	tb_fini(&a);
	tb_fini(&b);
	return 0;
}

static void sit(void)
{
	const struct trc_model *const models[TRC_RUNS] = {a.model, b.model};

	trc__seats_init(&seats, models);
}

/* The actor of B in the seat of an actor of A; 0: none. */
static uint64_t like(uint64_t actor)
{
	return seats.actors[trc__seat_of(&seats, TRC_RUN_A, actor) - 1][TRC_RUN_B];
}

static void children_are_paired_by_parent_kind_and_name(void **state)
{
	uint64_t north = tb_spawn(&a, 0, "room", "north", 1);
	uint64_t south = tb_spawn(&a, 0, "room", "south", 1);
	uint64_t ann = tb_spawn(&a, north, "user", "ann", 1);
	uint64_t other_ann = tb_spawn(&a, south, "user", "ann", 1);
	uint64_t south_b = tb_spawn(&b, 0, "room", "south", 1);
	uint64_t other_ann_b = tb_spawn(&b, south_b, "user", "ann", 1);
	uint64_t north_b = tb_spawn(&b, 0, "room", "north", 1);
	uint64_t ann_b = tb_spawn(&b, north_b, "user", "ann", 1);

	sit();
	assert_int_equal(seats.count, 4);
	assert_int_equal(like(north), north_b);
	assert_int_equal(like(south), south_b);
	assert_int_equal(like(ann), ann_b);
	assert_int_equal(like(other_ann), other_ann_b);
}

static void equal_names_are_paired_in_order(void **state)
{
	uint64_t of_a[3], of_b[3];

	for (int i = 0; i < 3; i++)
		of_a[i] = tb_spawn(&a, 0, "worker", i == 1 ? "" : "same", 1);
	tb_spawn(&b, 0, "logger", "", 1); /* moves the numbers */
	for (int i = 0; i < 3; i++)
		of_b[i] = tb_spawn(&b, 0, "worker", i == 1 ? "" : "same", 1);
	sit();
	for (int i = 0; i < 3; i++)
		assert_int_equal(like(of_a[i]), of_b[i]);
	assert_int_equal(seats.count, 4);
	assert_false(seats.paired[3]);
	assert_int_equal(seats.actors[3][TRC_RUN_A], 0);
}

/* By name under another parent; by kind under the same one; not at all. */
static void who_is_left_over_is_paired_by_less(void **state)
{
	uint64_t pool = tb_spawn(&a, 0, "pool", "", 1), spare = tb_spawn(&a, 0, "spare", "", 1);
	uint64_t moved = tb_spawn(&a, pool, "worker", "zoe", 1);
	uint64_t renamed = tb_spawn(&a, pool, "peer", "port-5501", 1);
	uint64_t pool_b = tb_spawn(&b, 0, "pool", "", 1);
	uint64_t renamed_b = tb_spawn(&b, pool_b, "peer", "port-7712", 1);
	uint64_t moved_b = tb_spawn(&b, tb_spawn(&b, 0, "annex", "", 1), "worker", "zoe", 1);

	sit();
	assert_int_equal(like(pool), pool_b);
	assert_int_equal(like(moved), moved_b);
	assert_int_equal(like(renamed), renamed_b);
	assert_int_equal(like(spare), 0);
}

static void children_of_the_unpaired_are_unpaired(void **state)
{
	uint64_t lone = tb_spawn(&a, 0, "lone", "", 1), child = tb_spawn(&a, lone, "worker", "", 1);

	tb_spawn(&b, 0, "other", "", 1);
	tb_spawn(&b, 0, "worker", "", 1);
	sit();
	assert_int_equal(like(lone), 0);
	assert_int_equal(like(child), 0);
	assert_int_equal(seats.count, 4);
}

/* As when the beginning of a recording is lost. */
static void children_of_unknown_parents_are_paired(void **state)
{
	uint64_t one = tb_spawn(&a, 77, "worker", "", 1), two = tb_spawn(&a, 77, "worker", "", 1);
	uint64_t one_b = tb_spawn(&b, 99, "worker", "", 1);
	uint64_t two_b = tb_spawn(&b, 99, "worker", "", 1);

	sit();
	assert_int_equal(like(one), one_b);
	assert_int_equal(like(two), two_b);
}

static void nobody_is_nobody(void **state)
{
	sit();
	assert_int_equal(seats.count, 0);
	assert_int_equal(trc__seat_of(&seats, TRC_RUN_B, 1), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(children_are_paired_by_parent_kind_and_name, begin,
						end),
		cmocka_unit_test_setup_teardown(equal_names_are_paired_in_order, begin, end),
		cmocka_unit_test_setup_teardown(who_is_left_over_is_paired_by_less, begin, end),
		cmocka_unit_test_setup_teardown(children_of_the_unpaired_are_unpaired, begin, end),
		cmocka_unit_test_setup_teardown(children_of_unknown_parents_are_paired, begin, end),
		cmocka_unit_test_setup_teardown(nobody_is_nobody, begin, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
