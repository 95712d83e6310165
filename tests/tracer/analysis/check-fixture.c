#include "tests/tracer/analysis/check-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <cmocka.h>

struct check_fixture cf;

static void before(const struct trc_event *event, void *context)
{
	trc_check_before(cf.check, event);
}

static void after(const struct trc_event *event, void *context)
{
	trc_check_event(cf.check, event);
}

int cf_begin(void **state)
{
	tb_init(&cf.tb);
	cf.check = trc_check_new(cf.tb.model);
	cf.tb.before = before;
	cf.tb.after = after;
	return 0;
}

int cf_end(void **state)
{
	trc_findings_clear(&cf.findings);
	trc_check_free(cf.check);
	tb_fini(&cf.tb);
	return 0;
}

void cf_finish(void)
{
	trc_findings_clear(&cf.findings);
	trc_check_finish(cf.check, true, &cf.findings);
}

unsigned cf_count_of(enum trc_code code)
{
	unsigned count = 0;

	for (size_t i = 0; i < cf.findings.count; i++)
		count += cf.findings.items[i].code == code;
	return count;
}

const struct trc_finding *cf_first_of(enum trc_code code)
{
	for (size_t i = 0; i < cf.findings.count; i++)
		if (cf.findings.items[i].code == code)
			return &cf.findings.items[i];
	fail_msg("there is no %s", trc_code_name(code));
	return NULL;
}
