#include "tracer/cli/compare-report.h"
#include "tracer/cli/print.h"

#include <inttypes.h>
#include <stdio.h>

static const struct trc_model *model_of(const struct trc_compare_report *report, int run)
{
	return trc_trace_model(report->traces[run]);
}

/* --- one difference -----------------------------------------------------------------------------
 */

/* After how many steps, and when; each in the run where there is such a time. */
static void print_where(const struct trc_difference *difference)
{
	char number[TRC_NUMBER_SIZE];

	fputs("      ", stdout);
	if (difference->kind != TRC_DIFFERENT_ACTORS && difference->kind != TRC_DIFFERENT_WAITS)
		printf("after %s equal %s, ", trc_format_count(difference->equal, number),
		       difference->equal == 1 ? "step" : "steps");
	for (int run = 0; run < TRC_RUNS; run++)
		printf("%s%s %s s in %s", run ? ", " : "",
		       difference->kind == TRC_DIFFERENT_ACTORS && run != (int)difference->run
			       ? "as if at"
			       : "at",
		       trc_format_time(difference->times[run], number),
		       trc_run_name((enum trc_run)run));
	putchar('\n');
}

static void print_site(const struct trc_compare_report *report,
		       const struct trc_difference *difference)
{
	for (int run = 0; run < TRC_RUNS; run++) {
		const struct trc_step *step = &difference->steps[run];
		struct trc_site site = trc_model_site(model_of(report, run), step->site);

		if (difference->has[run] && site.line > 0)
			printf("      %s in %s: %s:%" PRIu32 "\n",
			       step->kind == TRC_RECEIVE ? "sent" : "done",
			       trc_run_name((enum trc_run)run), site.file, site.line);
	}
}

static void print_difference(const struct trc_compare_report *report, size_t index)
{
	const struct trc_difference *difference =
		trc_comparison_difference(report->comparison, index);

	printf("%4zu  %s\n", index + 1, difference->title);
	if (difference->reason)
		printf("      in %s: %s\n", trc_run_name(difference->run), difference->reason);
	print_where(difference);
	if (difference->first)
		print_site(report, difference);
	else if (difference->after != index)
		printf("      follows from %zu\n", difference->after + 1);
	if (difference->steps[0].cut || difference->steps[1].cut)
		puts("      its payload was cut short when it was recorded (--payload)");
	if (difference->gap)
		puts("      events of this actor were lost: it may be no difference");
}

/* --- all of it ----------------------------------------------------------------------------------
 */

static void print_totals(const struct trc_compare_report *report)
{
	struct trc_comparison_totals totals = trc_comparison_totals(report->comparison);
	char number[TRC_NUMBER_SIZE];

	for (int run = 0; run < TRC_RUNS; run++) {
		struct trc_trace_info info;

		trc_trace_info(report->traces[run], &info);
		printf("%s  %s, %s events\n", trc_run_name((enum trc_run)run), info.path,
		       trc_format_count(totals.events[run], number));
	}
	printf("%s actors are in both", trc_format_count(totals.paired, number));
	for (int run = 0; run < TRC_RUNS; run++)
		if (totals.only[run] > 0)
			printf(", %s in %s only", trc_format_count(totals.only[run], number),
			       trc_run_name((enum trc_run)run));
	printf("; of %s steps in A", trc_format_count(totals.steps[0], number));
	printf(" and %s in B", trc_format_count(totals.steps[1], number));
	printf(", %s are equal before anything differs\n", trc_format_count(totals.equal, number));
}

/* What the result does not say. */
static void print_limits(const struct trc_compare_report *report)
{
	struct trc_comparison_totals totals = trc_comparison_totals(report->comparison);
	char number[TRC_NUMBER_SIZE];

	for (int run = 0; run < TRC_RUNS; run++) {
		const char *name = trc_run_name((enum trc_run)run);

		if (totals.live[run])
			printf("%s is still being recorded, or was cut off: compared up to there\n",
			       name);
		if (totals.lost[run] > 0)
			printf("%s lost %s events: around them, steps may seem to differ\n", name,
			       trc_format_count(totals.lost[run], number));
		if (totals.cut[run] > 0 && !report->ignore_payload)
			printf("of %s payloads in %s only the beginning was recorded and compared "
			       "(record --payload=all keeps all)\n",
			       trc_format_count(totals.cut[run], number), name);
	}
	if (report->ignore_payload)
		puts("what is in messages was not compared (--no-payload)");
	puts("the order of what happens outside of actors was not compared");
}

static const char *heading(const struct trc_compare_report *report, size_t index)
{
	size_t firsts = trc_comparison_first_count(report->comparison);

	if (index == 0 && firsts > 0)
		return firsts == 1 ? "\nthey first differ here:"
				   : "\nthey first differ here, each time by itself:";
	if (index == firsts && index < trc_comparison_serious_count(report->comparison))
		return "\nwhat follows:";
	if (index == trc_comparison_serious_count(report->comparison))
		return "\nthe same steps, but longer waits:";
	return NULL;
}

void trc_compare_print_text(const struct trc_compare_report *report)
{
	size_t count = trc_comparison_count(report->comparison);

	print_totals(report);
	if (trc_comparison_serious_count(report->comparison) == 0)
		puts("\nno difference: every actor takes the same steps in both");
	for (size_t i = 0; i < count && i < report->limit; i++) {
		const char *words = heading(report, i);

		if (words)
			puts(words);
		print_difference(report, i);
	}
	if (count > report->limit)
		printf("      and %zu more (--limit)\n", count - (size_t)report->limit);
	putchar('\n');
	print_limits(report);
}
