/*
 * check-fixture.h - a run that is made up event by event, and what `check` says about it
 */
#ifndef TESTS_TRACER_ANALYSIS_CHECK_FIXTURE_H
#define TESTS_TRACER_ANALYSIS_CHECK_FIXTURE_H

#include "tests/support/trace-builder.h"

#include "tracer/analysis/check.h"

/* Of the test that runs. */
struct check_fixture {
	struct tb tb;
	struct trc_check *check;
	struct trc_findings findings;
};

extern struct check_fixture cf;

int cf_begin(void **state);
int cf_end(void **state);

#define CF_TEST(name) cmocka_unit_test_setup_teardown(name, cf_begin, cf_end)

/* Fills in the findings of all events so far. */
void cf_finish(void);

unsigned cf_count_of(enum trc_code code);
const struct trc_finding *cf_first_of(enum trc_code code); /* fails when there is none */

#endif
