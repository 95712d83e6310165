/* Blocks go round between workers and foreign threads, and few are enough for that. */
#include "runtime/pool.h"

#include "runtime/system.h"
#include "runtime/worker.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { IN_HAND = 50, ROUNDS = 1000, MOST_KEPT = 8 * 64 /* blocks */ };

struct place {
	struct act_system system;
	struct act__worker workers[2];
	struct act_self selves[3]; /* the last one is a foreign thread's */
};

static int open_place(void **state)
{
	struct place *place = calloc(1, sizeof(*place));

	act__pool_init(place->system.messages);
	for (int i = 0; i < 2; i++)
		place->selves[i] =
			(struct act_self){.system = &place->system, .worker = &place->workers[i]};
	place->selves[2] = (struct act_self){.system = &place->system};
	*state = place;
	return 0;
}

static int close_place(void **state)
{
	struct place *place = *state;

	act__pool_fini(place->system.messages);
	free(place);
	return 0;
}

static int compare(const void *a, const void *b)
{
	const uintptr_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static size_t count_different(uintptr_t *addresses, size_t count)
{
	size_t different = 0;

	qsort(addresses, count, sizeof(*addresses), compare);
	for (size_t i = 0; i < count; i++)
		different += i == 0 || addresses[i] != addresses[i - 1];
	return different;
}

/* How many different blocks are used when one always makes and the other always frees. */
static size_t blocks_used(struct act_self *maker, struct act_self *freer)
{
	uintptr_t *addresses = calloc((size_t)ROUNDS * IN_HAND, sizeof(*addresses));
	size_t count = 0, different;
	void *blocks[IN_HAND];
	unsigned kind;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < IN_HAND; i++) {
			blocks[i] = act__pool_take(maker, 64, &kind);
			assert_non_null(blocks[i]);
			memset(blocks[i], i, 64);
			addresses[count++] = (uintptr_t)blocks[i];
		}
		for (int i = 0; i < IN_HAND; i++)
			act__pool_give(freer, blocks[i], kind);
	}
	different = count_different(addresses, count);
	free(addresses);
	return different;
}

static void test_what_one_worker_frees_another_gets(void **state)
{
	struct place *place = *state;

	assert_in_range(blocks_used(&place->selves[0], &place->selves[1]), IN_HAND, MOST_KEPT);
	assert_in_range(blocks_used(&place->selves[1], &place->selves[0]), IN_HAND, MOST_KEPT);
}

static void test_foreign_threads_share_with_workers(void **state)
{
	struct place *place = *state;

	assert_in_range(blocks_used(&place->selves[2], &place->selves[0]), IN_HAND, MOST_KEPT);
	assert_in_range(blocks_used(&place->selves[2], &place->selves[2]), IN_HAND, MOST_KEPT);
}

static void test_blocks_in_hand_are_different_and_large_enough(void **state)
{
	static const size_t sizes[] = {1, 64, 65, 128, 200, 256, 257, 5000};
	enum { SIZES = sizeof(sizes) / sizeof(*sizes), EACH = 200 };
	static unsigned char *blocks[SIZES][EACH];
	struct act_self *self = ((struct place *)*state)->selves;
	unsigned kinds[SIZES];

	for (size_t i = 0; i < SIZES; i++) {
		for (size_t j = 0; j < EACH; j++) {
			blocks[i][j] = act__pool_take(self, sizes[i], &kinds[i]);
			assert_non_null(blocks[i][j]);
			memset(blocks[i][j], (int)(i * 31 + j) & 0xff, sizes[i]);
		}
	}
	for (size_t i = 0; i < SIZES; i++) {
		for (size_t j = 0; j < EACH; j++) {
			for (size_t byte = 0; byte < sizes[i]; byte++)
				assert_int_equal(blocks[i][j][byte], (i * 31 + j) & 0xff);
			act__pool_give(self, blocks[i][j], kinds[i]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_what_one_worker_frees_another_gets, open_place,
						close_place),
		cmocka_unit_test_setup_teardown(test_foreign_threads_share_with_workers, open_place,
						close_place),
		cmocka_unit_test_setup_teardown(test_blocks_in_hand_are_different_and_large_enough,
						open_place, close_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
