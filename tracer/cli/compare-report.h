/*
 * compare-report.h - how two runs differ, for people and for programs
 */
#ifndef TRACER_CLI_COMPARE_REPORT_H
#define TRACER_CLI_COMPARE_REPORT_H

#include "tracer/compare/compare.h"

struct trc_compare_report {
	const struct trc_comparison *comparison;
	struct trc_trace *traces[TRC_RUNS];
	uint64_t limit; /* differences that are told */
	bool ignore_payload;
};

void trc_compare_print_text(const struct trc_compare_report *report);
void trc_compare_print_json(const struct trc_compare_report *report);

#endif
