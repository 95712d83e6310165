/*
 * check-text.c - what `check` found, for a terminal
 */
#include "tracer/cli/check-report.h"

#include "tracer/cli/print.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum trc_color color_of(enum trc_code code)
{
	switch (code) {
	case TRC_CODE_DEADLOCK:
	case TRC_CODE_ORPHAN_WAIT:
		return TRC_COLOR_RED;
	case TRC_CODE_REFUTED:
		return TRC_COLOR_GREEN;
	default:
		return TRC_COLOR_YELLOW;
	}
}

/* Where else it was: "; foretold in a.db, b.db". */
static void print_others(const struct trc_report *report, const struct trc_report_finding *item,
			 bool alike, const char *says)
{
	unsigned count = 0;

	for (unsigned i = 1; i < item->seen_count; i++)
		if ((item->seen[i].code == item->finding.code) == alike)
			printf("%s%s", count++ ? ", " : says, report->runs[item->seen[i].run].path);
}

static void print_seen(const struct trc_report *report, const struct trc_report_finding *item)
{
	if (report->run_count < 2)
		return;
	printf("  this is from %s", report->runs[item->seen[0].run].path);
	print_others(report, item, true, "; also in ");
	print_others(report, item, false, "; less certain in ");
	putchar('\n');
}

static void print_finding(const struct trc_finding *finding, bool color)
{
	char *text = trc_finding_text(finding);
	size_t code = strlen(trc_code_name(finding->code));
	char *end = strchr(text, '\n');

	printf("%s%.*s%s", trc_color(color, color_of(finding->code)), (int)code, text,
	       trc_color(color, TRC_COLOR_NONE));
	printf("%s%.*s%s%s", trc_color(color, TRC_COLOR_BOLD), (int)(end - text - (long)code),
	       text + code, trc_color(color, TRC_COLOR_NONE), end);
	free(text);
}

void trc_report_text(const struct trc_report *report, bool color)
{
	char *summary = trc_report_summary(report);

	for (size_t i = 0; i < report->count; i++) {
		if (report->items[i].known)
			continue;
		print_finding(&report->items[i].finding, color);
		print_seen(report, &report->items[i]);
		putchar('\n');
	}
	fputs(summary, stdout);
	free(summary);
}
