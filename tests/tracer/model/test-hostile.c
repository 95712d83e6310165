/*
 * Events as nobody would write them: the model, the order and the analyses must survive whatever a
 * file says. Run under the sanitizers.
 */
#include "tests/support/random-events.h"

#include "tracer/model/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static void survives_any_events(void **state)
{
	uint8_t payload[100];

	for (unsigned seed = 1; seed <= 60; seed++) {
		struct trc_model *model = trc_model_new();

		srand(seed);
		for (int i = 0; i < 3000; i++) {
			struct trc_event event = random_event(payload, sizeof payload);

			trc_model_ready_for(model, &event);
			trc_model_apply(model, &event);
			if (i % 1000 == 500) {
				struct trc_model *copy = trc_model_clone(model);

				assert_int_equal(trc_model_actor_count(copy),
						 trc_model_actor_count(model));
				trc_model_free(model);
				model = copy;
			}
		}
		assert_true(trc_model_anomalies(model) > 0);
		assert_int_equal(trc_model_events(model), 3000);
		trc_model_free(model);
	}
}

static void survives_any_events_in_any_order(void **state)
{
	uint8_t payload[100];

	for (unsigned seed = 1; seed <= 40; seed++) {
		struct trc_model *model = trc_model_new();
		struct trc_order *order = trc_order_new(model, NULL, NULL);

		srand(seed);
		for (int i = 0; i < 3000; i++) {
			struct trc_event event = random_event(payload, sizeof payload);

			trc_order_push(order,
				       (unsigned)rand() % 5 ? (unsigned)rand() % 4 : UINT32_MAX,
				       &event);
			if (rand() % 50 == 0)
				trc_order_drain(order, false);
		}
		trc_order_drain(order, true);
		assert_int_equal(trc_order_pending(order), 0);
		assert_int_equal(trc_model_events(model), 3000);
		trc_order_free(order);
		trc_model_free(model);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(survives_any_events),
		cmocka_unit_test(survives_any_events_in_any_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
