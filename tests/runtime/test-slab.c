/* Blocks come back, keep their content, and are all seen by a walk. */
#include "runtime/slab.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { COUNT = 1000 };

struct thing {
	struct act__block block;
	uint64_t value;
	char rest[100];
};

static void add_value(void *block, void *context)
{
	*(uint64_t *)context += ((struct thing *)block)->value;
}

static void test_blocks_are_distinct_and_reused(void **state)
{
	static struct thing *things[COUNT];
	struct act__slab slab;
	uint64_t sum = 0;

	act__slab_init(&slab, sizeof(struct thing));
	for (int i = 0; i < COUNT; i++) {
		things[i] = act__slab_take(&slab, NULL);
		assert_non_null(things[i]);
		assert_int_equal((uintptr_t)things[i] % 64, 0);
		assert_int_equal(things[i]->value, 0);
		things[i]->value = (uint64_t)i + 1;
		memset(things[i]->rest, 'x', sizeof(things[i]->rest));
	}
	act__slab_each(&slab, add_value, &sum);
	assert_int_equal(sum, COUNT * (COUNT + 1) / 2);

	act__slab_give(&slab, NULL, things[500]);
	assert_ptr_equal(act__slab_take(&slab, NULL), things[500]);
	assert_int_equal(things[500]->value, 501);
	act__slab_fini(&slab);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_blocks_are_distinct_and_reused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
