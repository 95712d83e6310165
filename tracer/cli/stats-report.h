/*
 * stats-report.h - what `stats` found out, for people and for programs
 */
#ifndef TRACER_CLI_STATS_REPORT_H
#define TRACER_CLI_STATS_REPORT_H

#include "tracer/cli/stream.h"
#include "tracer/stats/asks.h"
#include "tracer/stats/stats.h"

struct trc_stats_report {
	const struct trc_stream *stream;
	const struct trc_stats *stats;
	const struct trc_asks *asks;
	uint64_t limit; /* actors that are shown */
	uint64_t events;
};

void trc_stats_print_text(const struct trc_stats_report *report);
void trc_stats_print_json(const struct trc_stats_report *report);

#endif
