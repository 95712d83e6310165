#include "tracer/store/turns.h"

#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

enum { ROUNDS = 1000 };

struct other {
	struct trc__turns turns;
	unsigned had; /* turns; belongs to who has one */
};

static void *take_one(void *context)
{
	struct other *other = context;

	trc__turns_take(&other->turns);
	other->had++;
	trc__turns_give(&other->turns);
	return NULL;
}

/* However soon this thread wants it again. */
static void who_waits_is_seen_and_comes_next(void **state)
{
	struct other other = {.had = 0};

	trc__turns_init(&other.turns);
	trc__turns_take(&other.turns);
	for (unsigned i = 0; i < ROUNDS; i++) {
		pthread_t thread;

		assert_false(trc__turns_wanted(&other.turns));
		assert_int_equal(pthread_create(&thread, NULL, take_one, &other), 0);
		while (!trc__turns_wanted(&other.turns))
			sched_yield();
		assert_int_equal(other.had, i);
		trc__turns_give(&other.turns);
		trc__turns_take(&other.turns);
		assert_int_equal(other.had, i + 1);
		pthread_join(thread, NULL);
	}
	trc__turns_give(&other.turns);
	trc__turns_end(&other.turns);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_waits_is_seen_and_comes_next),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
