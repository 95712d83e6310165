#include "tracer/analysis/components.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { NODES = 12 };

/* Which node reaches which, over one arrow or more. */
static void close_over(bool reach[NODES][NODES])
{
	for (int k = 0; k < NODES; k++)
		for (int i = 0; i < NODES; i++)
			for (int j = 0; j < NODES; j++)
				reach[i][j] |= reach[i][k] && reach[k][j];
}

static void agrees_with_reachability(void **state)
{
	srand(3);
	for (int round = 0; round < 3000; round++) {
		uint32_t first[NODES + 1] = {0}, to[NODES * NODES], component[NODES], count = 0;
		bool reach[NODES][NODES] = {0};
		uint32_t sets;

		for (uint32_t i = 0; i < NODES; i++) {
			for (uint32_t j = 0; j < NODES; j++) {
				if (rand() % 10 != 0)
					continue;
				to[count++] = j;
				reach[i][j] = true;
			}
			first[i + 1] = count;
		}
		sets = trc__components(NODES, first, to, component);
		close_over(reach);
		for (int i = 0; i < NODES; i++) {
			assert_int_equal(component[i] != TRC__NO_COMPONENT, reach[i][i]);
			assert_true(component[i] == TRC__NO_COMPONENT || component[i] < sets);
			for (int j = 0; j < NODES; j++)
				if (reach[i][i] && reach[j][j])
					assert_int_equal(component[i] == component[j],
							 i == j || (reach[i][j] && reach[j][i]));
		}
	}
}

static void a_long_ring_needs_no_deep_stack(void **state)
{
	enum { LONG = 300000 };
	uint32_t *first = calloc(LONG + 1, sizeof *first);
	uint32_t *to = calloc(LONG, sizeof *to);
	uint32_t *component = calloc(LONG, sizeof *component);

	for (uint32_t i = 0; i < LONG; i++) {
		to[i] = (i + 1) % LONG;
		first[i + 1] = i + 1;
	}
	assert_int_equal(trc__components(LONG, first, to, component), 1);
	assert_int_equal(component[LONG / 2], 0);
	free(first);
	free(to);
	free(component);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(agrees_with_reachability),
		cmocka_unit_test(a_long_ring_needs_no_deep_stack),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
