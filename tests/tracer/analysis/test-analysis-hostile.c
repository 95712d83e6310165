/*
 * The analyses over events as nobody would write them. Run under the sanitizers.
 */
#include "tests/support/random-events.h"

#include "tracer/analysis/alarm.h"
#include "tracer/analysis/check.h"
#include "tracer/model/order.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct run {
	struct trc_check *check;
	struct trc_alarm *alarm;
};

static unsigned told; /* findings whose text was made */

static void before(const struct trc_event *event, void *context)
{
	struct run *run = context;

	trc_check_before(run->check, event);
}

static void after(const struct trc_event *event, void *context)
{
	struct run *run = context;

	trc_check_event(run->check, event);
	trc_alarm_event(run->alarm, event);
}

static void tell(const struct trc_finding *finding, void *context)
{
	char *text = trc_finding_text(finding);

	assert_non_null(strchr(text, '\n'));
	assert_int_equal(strlen(finding->fingerprint), 16);
	free(text);
	told++;
}

static void survive(unsigned seed)
{
	struct trc_model *model = trc_model_new();
	struct run run = {trc_check_new(model), trc_alarm_new(model)};
	struct trc_order *order = trc_order_new(model, after, &run);
	struct trc_findings findings;
	uint8_t payload[100];

	srand(seed);
	trc_order_before(order, before);
	for (int i = 0; i < 2000; i++) {
		struct trc_event event = random_event(payload, sizeof payload);

		/* Spawns and waits more often than by lot, so that rings form. */
		if (seed % 2 && rand() % 3 == 0) {
			event.kind = rand() % 2 ? TRC_WAIT : TRC_SPAWN;
			event.type = (uint16_t)(1 + rand() % 3);
			event.arg = (uint64_t)rand() % 2;
		}
		trc_order_push(order, (unsigned)rand() % 3, &event);
		if (rand() % 20 == 0) {
			trc_order_drain(order, false);
			trc_alarm_poll(run.alarm, tell, NULL);
		}
		if (i == 1000) {
			trc_check_finish(run.check, false, &findings);
			trc_findings_clear(&findings);
		}
	}
	trc_order_drain(order, true);
	trc_check_finish(run.check, true, &findings);
	for (size_t i = 0; i < findings.count; i++)
		tell(&findings.items[i], NULL);
	trc_findings_clear(&findings);
	trc_order_free(order);
	trc_check_free(run.check);
	trc_alarm_free(run.alarm);
	trc_model_free(model);
}

static void analyses_survive_any_events(void **state)
{
	for (unsigned seed = 1; seed <= 60; seed++)
		survive(seed);
	assert_true(told > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(analyses_survive_any_events),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
